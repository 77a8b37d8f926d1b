"""Packages of offers and what becomes of them, and the publication of single offers."""

from __future__ import annotations

from datetime import datetime

from cdiscount_marketplace.soap.codec.declare import element, model
from cdiscount_marketplace.soap.common import ServiceBaseMessage
from cdiscount_marketplace.soap.offers.enums import OfferAction
from cdiscount_marketplace.soap.operations import Operation, Part
from cdiscount_marketplace.soap.packages import PackageFilter, is_taken, is_turned_down


@model()
class OfferPackageRequest:
    """Where a package of offers lies."""

    url: str | None = element(default=None, name="ZipFileFullPath")
    """A URL that the marketplace can fetch without a login."""


@model(name="OfferReportPropertyLog")
class OfferPropertyReport:
    """What the report says of one property of an offer."""

    name: str | None = None
    """Name of the property."""
    property_code: str | None = None
    """Its code."""
    property_error: str | None = None
    """Code of what is wrong with it."""
    log_message: str | None = None
    """The service's words."""


@model(name="OfferReportLog")
class OfferReport:
    """What became of one offer of a package."""

    seller_product_id: str | None = None
    """The seller's own reference."""
    product_ean: str | None = None
    """The product's EAN."""
    sku: str | None = None
    """The marketplace's reference of the product."""
    validated: bool | None = None
    """Whether the offer was taken."""
    offer_integration_status: str | None = None
    """The service's own word for what became of it."""
    properties: tuple[OfferPropertyReport, ...] = element(default=(), name="PropertyList")
    """What it says of single properties, errors among them."""
    log_date: datetime | None = None
    """When it was worked on (UTC)."""

    @property
    def integrated(self) -> bool:
        """Whether the marketplace took the offer; a status of refusal counts more than `validated`."""
        return self.validated is True and not is_turned_down(self.offer_integration_status)

    @property
    def errors(self) -> tuple[OfferPropertyReport, ...]:
        """Why it did not take the offer; none for one that it took."""
        return () if self.integrated else self.properties


@model(name="OfferIntegrationReportMessage")
class OfferPackageReport(ServiceBaseMessage):
    """How far a package of offers is, and what became of each offer."""

    package_id: int | None = element(default=None, xsd="long")
    """Number of the package."""
    package_integration_status: str | None = None
    """The service's own word for where it stands; None while it has none."""
    number_of_errors: int | None = None
    """How many offers were refused."""
    offers: tuple[OfferReport, ...] = element(default=(), name="OfferLogList", empty="nil")
    """One row per offer that was worked on."""

    @property
    def rejected(self) -> tuple[OfferReport, ...]:
        """The rows of offers that the marketplace did not take."""
        return tuple(row for row in self.offers if not row.integrated)

    @property
    def ok(self) -> bool:
        """Whether the marketplace took the package and all its offers; False while it works on them, too.

        A package that is refused as a whole has no rows, so that `rejected` is empty.
        """
        return is_taken(self) and not self.number_of_errors and not self.rejected


@model()
class OfferStateActionRequest:
    """What to do with one offer."""

    seller_product_id: str | None = None
    """The seller's own reference."""
    action: OfferAction | None = element(default=None, required=True)
    """What to do."""


@model()
class OfferStateReportMessage(ServiceBaseMessage):
    """The answer of SubmitOfferStateAction, which is its head alone."""


SUBMIT_OFFER_PACKAGE = Operation(
    name="SubmitOfferPackage",
    parts=(Part("offerPackageRequest", OfferPackageRequest),),
    result=OfferPackageReport,
    kind="write",
)
GET_OFFER_PACKAGE_SUBMISSION_RESULT = Operation(
    name="GetOfferPackageSubmissionResult",
    parts=(Part("offerPackageFilter", PackageFilter),),
    result=OfferPackageReport,
    kind="read",
)
SUBMIT_OFFER_STATE_ACTION = Operation(
    name="SubmitOfferStateAction",
    parts=(Part("offerStateRequest", OfferStateActionRequest),),
    result=OfferStateReportMessage,
    kind="write",
)
