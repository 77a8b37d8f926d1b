"""CreateRefundVoucher: refunds of lines and commercial gestures, and what the service made of each."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cdiscount_marketplace.enums import Member
from cdiscount_marketplace.soap.codec.declare import WireEnum, element, model
from cdiscount_marketplace.soap.common import ServiceBaseMessage, ServiceMessage
from cdiscount_marketplace.soap.operations import Operation, Part


class RefundMotive(WireEnum, name="RefundMotive"):
    """Why a line is refunded."""

    VENDOR_REJECTION = Member("VendorRejection")
    CLIENT_CANCELLATION = Member("ClientCancellation")
    VENDOR_REJECTION_AND_CLIENT_CANCELLATION = Member("VendorRejectionAndClientCancellation")
    CLIENT_CLAIM = Member("ClientClaim")
    VENDOR_INITIATED_REFUND = Member("VendorInitiatedRefund")
    CLIENT_RETRACTION = Member("ClientRetraction")
    NO_CLIENT_WITHDRAWAL = Member("NoClientWithDrawal")
    PRODUCT_STOCK_UNAVAILABLE = Member("ProductStockUnavailable")


class RefundMode(WireEnum, name="SellerRefundRequestMode"):
    """What a refund follows from."""

    CLAIM = Member("Claim")
    RETRACTION = Member("Retraction")


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


@model()
class SellerRefundOrderLine:
    """The line to refund."""

    ean: str | None = None
    """Its EAN."""
    refund_shipping_charges: bool | None = element(default=None, nillable=True)
    """Whether shipping is refunded too."""
    seller_product_id: str | None = element(default=None, required=True)
    """The seller's reference, which names the line."""


@model()
class SellerRefundRequest:
    """A refund of one line."""

    mode: RefundMode | None = None
    """What it follows from."""
    motive: RefundMotive | None = None
    """Why."""
    refund_order_line: SellerRefundOrderLine | None = element(default=None, required=True)
    """Which line."""


@model()
class CreateRefundVoucherRequest:
    """Refunds and gestures for one order; gestures also before shipping, refunds only after."""

    commercial_gestures: Sequence[RefundInformation] = element(default=(), name="CommercialGestureList")
    """Gestures."""
    order_number: str | None = element(default=None, required=True)
    """The order."""
    seller_refunds: Sequence[SellerRefundRequest] = element(default=(), name="SellerRefundList")
    """Refunds of lines."""


@model()
class RefundInformationMessage(ServiceMessage):
    """What became of a gesture, with a message and a success flag of its own."""

    amount: Decimal | None = element(default=None, required=True)
    """Amount in euros."""
    motive_id: int | None = element(default=None, required=True)
    """Number of the motive."""


@model()
class SellerRefundResult(ServiceMessage):
    """What became of a refund, with a message and a success flag of its own."""

    ean: str | None = element(default=None, required=True)
    """EAN of the line."""
    motive: RefundMotive | None = element(default=None, required=True)
    """Why it was refunded."""
    seller_product_id: str | None = element(default=None, required=True)
    """The seller's reference."""
    value: Decimal | None = element(default=None, required=True)
    """What was refunded, in euros."""


@model()
class CreateRefundVoucherMessage(ServiceBaseMessage):
    """The answer of CreateRefundVoucher; each item has its own success."""

    commercial_gestures: tuple[RefundInformationMessage, ...] = element(
        default=(), name="CommercialGestureList", required=True
    )
    """One per gesture."""
    order_number: str | None = element(default=None, required=True)
    """The order; None when the request was refused as a whole."""
    seller_refunds: tuple[SellerRefundResult, ...] = element(default=(), name="SellerRefundList", required=True)
    """One per refund."""


CREATE_REFUND_VOUCHER = Operation(
    name="CreateRefundVoucher",
    parts=(Part("request", CreateRefundVoucherRequest),),
    result=CreateRefundVoucherMessage,
    kind="write",
)
