"""What several sections of the API share: the base of every answer, its errors, and postal addresses."""

from __future__ import annotations

from decimal import Decimal

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.soap.codec.declare import MESSAGES, WireEnum, element, model

# Members known only from later versions of the service than the recorded contract name their source with these.
SOURCE_2020 = "generated clients of September 2020 to November 2021"
SOURCE_2022 = "a commercial connector's field list, 2022 and later"
SOURCE_DOCS = "the official documentation and a connector of January 2021"


_LATER_CONDITIONS = frozenset({"RefurbishedLikeNew", "RefurbishedVeryGoodState", "RefurbishedCorrectState"})


class ErrorType(WireEnum, name="ErrorTypeEnum", later={"ProductNumberLimitExceededException"}):
    """What kind of error the service reports."""

    UNEXPECTED_EXCEPTION = Member("UnexpectedException")
    MISSING_FIELD = Member("MissingField")
    PACKAGE_NOT_FOUND = Member("PackageNotFound")
    PACKAGE_MATCHING_FILE_ERROR = Member("PackageMatchingFileError")
    ORDER_NOT_FOUND = Member("OrderNotFound")
    ORDER_STATE_INCOHERENT = Member("OrderStateIncoherent")
    ORDER_LINE_CANCELLED_ACCEPTED_CONFLICT = Member("OrderLineCancelledAcceptedConflict")
    SELLER_NOT_FOUND = Member("SellerNotFound")
    INVALID_FILE_FORMAT = Member("InvalidFileFormat")
    FILE_ALREADY_SUBMITTED = Member("FileAlreadySubmitted")
    INVALID_REQUEST = Member("InvalidRequest")
    FILE_DOWNLOAD_EXCEPTION = Member("FileDownloadException")
    SELLER_NOT_AUTHORIZED = Member("SellerNotAuthorized")
    ORDER_LINE_NOT_FOUND = Member("OrderLineNotFound")
    ORDER_LINE_INCOHERENT_STATE = Member("OrderLineIncoherentState")
    FUNCTION_NOT_ACTIVE = Member("FunctionNotActive")
    ORDER_PRICE_OR_QUANTITY_ERROR = Member("OrderPriceOrQuantityError")
    ORDER_TRACKING_INFORMATION_ERROR = Member("OrderTrackingInformationError")
    TOO_MANY_PRODUCTS_IN_PACKAGE_ERROR = Member("TooManyProductsInPackageError")
    QUOTA = Member("Quota")
    REFUND_ERROR = Member("RefundError")
    DISCUSSION_CREATION_ERROR = Member("DiscussionCreationError")
    CONFIGURATION_ERROR = Member("ConfigurationError")
    ORDER_PARTIALLY_CANCELED = Member("OrderPartiallyCanceled")
    ORDER_LINE_UPDATE_NOT_AUTHORIZED = Member("OrderLineUpdateNotAuthorized")
    ORDER_UPDATE_NOT_AUTHORIZED = Member("OrderUpdateNotAuthorized")
    ASKING_FOR_RETURN_AND_REMOVAL_NOT_AUTHORIZED = Member("AskingForReturnAndRemovalNotAuthorized")
    ORDER_LINE_ERROR = Member("OrderLineError")
    UNAUTHORIZED_VALUE_EXCEPTION = Member("UnauthorizedValueException")
    NOT_AUTHORIZED_EXCEPTION = Member("NotAuthorizedException")
    FULFILLMENT_API_EXCEPTION = Member("FulfillmentApiException")
    OFFER_NOT_FOUND_EXCEPTION = Member("OfferNotFoundException")
    OPERATION_MANAGER_SERVICE_EXCEPTION = Member("OperationManagerServiceException")
    INACTIVE_SELLER_ERROR = Member("InactiveSellerError")
    NO_DATA_ERROR = Member("NoDataError")
    PRODUCT_INTEGRATION_CLOSED = Member("ProductIntegrationClosed")
    PRODUCT_NOT_REFERENCED_EXCEPTION = Member("ProductNotReferencedException")
    PRODUCT_REFERENCED_WITHOUT_STOCK_EXCEPTION = Member("ProductReferencedWithoutStockException")
    PRODUCT_NUMBER_LIMIT_EXCEEDED_EXCEPTION = Member("ProductNumberLimitExceededException")


class ProductCondition(WireEnum, name="ProductConditionEnum", later=_LATER_CONDITIONS):
    """New, or how used."""

    NONE = Member("None")
    LIKE_NEW = Member("LikeNew")
    VERY_GOOD_STATE = Member("VeryGoodState")
    GOOD_STATE = Member("GoodState")
    AVERAGE_STATE = Member("AverageState")
    REFURBISHED = Member("Refurbished")
    NEW = Member("New")
    REFURBISHED_LIKE_NEW = Member("RefurbishedLikeNew")
    REFURBISHED_VERY_GOOD_STATE = Member("RefurbishedVeryGoodState")
    REFURBISHED_CORRECT_STATE = Member("RefurbishedCorrectState")


class Civility(WireEnum, name="Civility"):
    """How a person is addressed."""

    NONE = Member("None")
    MR = Member("MR")
    MISS = Member("MISS")
    MRS = Member("MRS")
    DR = Member("DR")
    PHD = Member("PHD")
    PR = Member("PR")


@model()
class Error:
    """An error or a warning, of the whole answer, of an order or of a line."""

    error_type: ErrorType | None = element(default=None, required=True)
    """What kind it is."""
    message: str | None = element(default=None, required=True)
    """What happened, in French for business rules."""


@model(namespace=MESSAGES)
class ServiceMessage:
    """The head of every answer. Neither flag nor message can be trusted alone: look at each order's own result."""

    error_message: str | None = None
    """What went wrong; empty or None when nothing did. Present on some successes of the operation."""
    operation_success: bool | None = None
    """Whether the operation ran; True beside refused orders, and False beside nothing else, have both been seen."""


@model(name="ServiceBaseAPIMessage", dropped=("TokenId",))
class ServiceBaseMessage(ServiceMessage):
    """The base of the answers of all operations. The token that the service echoes is dropped."""

    errors: tuple[Error, ...] = element(default=(), name="ErrorList")
    """Errors of the whole answer."""
    seller_login: str | None = None
    """The API account that asked; some operations leave it out."""


@model(private=True)
class Address:
    """A postal address; before payment and after a cancellation the service withholds most of it."""

    address1: str | None = None
    """Free address line, seldom filled."""
    address2: str | None = None
    """Free address line, seldom filled."""
    apartment_number: str | None = None
    """Apartment."""
    building: str | None = None
    """Building."""
    city: str | None = None
    """Town; given even where the rest is withheld."""
    civility: Civility | None = None
    """How the person is addressed."""
    company_name: str | None = None
    """Company."""
    country: str | None = None
    """Country code, such as FR."""
    county: str | None = None
    """Region; `N/A` where there is none."""
    first_name: str | None = None
    """First name; at a pick-up point, the name of that point."""
    instructions: str | None = None
    """Instructions for the delivery."""
    last_name: str | None = None
    """Last name."""
    latitude: Decimal | None = element(default=None, since=SOURCE_2022)
    """Latitude in degrees."""
    longitude: Decimal | None = element(default=None, since=SOURCE_2022)
    """Longitude in degrees."""
    place_name: str | None = None
    """Place or locality within the town."""
    relay_id: str | None = None
    """The pick-up point, where the order goes to one."""
    street: str | None = None
    """Number and street."""
    zip_code: str | None = None
    """Postal code; given even where the rest is withheld."""


@model()
class RefundInformation:
    """A commercial gesture. Motives: 131 missing stock, 132 damaged or missing, 133 wrong reference, colour or size,
    134 fees unduly charged, 135 late delivery, 136 return fees, 137 shipping fees, 138 warranty or withdrawal period
    passed, 139 other.
    """

    amount: Decimal | None = element(default=None, required=True)
    """Amount in euros."""
    motive_id: int | None = element(default=None, required=True)
    """Number of the motive."""


@model(name="DeliveryModeInformation")
class DeliveryMode:
    """A delivery mode that the seller offers."""

    code: str | None = None
    """Code, as in `Order.shipping_code`."""
    name: str | None = None
    """Name."""


@model()
class OfferPool:
    """A site that the seller sells on."""

    description: str | None = None
    """Name of the site."""
    id: int | None = None
    """Number of the site: 1 is cdiscount.com, 16 cdiscountpro.com."""


class ResultStatus(OpenEnum):
    """What became of a decision.

    `UNKNOWN` is settled by reading the order; `NOT_RUN` provably changed nothing and may be sent again.
    """

    CONFIRMED = Member("confirmed")
    REJECTED = Member("rejected")
    UNKNOWN = Member("unknown")
    NOT_RUN = Member("not_run")
