"""Packages of products, what becomes of them, and the products that they were matched with."""

from __future__ import annotations

from datetime import datetime

from cdiscount_marketplace.enums import Member
from cdiscount_marketplace.soap.codec.declare import WireEnum, element, model
from cdiscount_marketplace.soap.common import ServiceBaseMessage
from cdiscount_marketplace.soap.operations import Operation, Part
from cdiscount_marketplace.soap.packages import PackageFilter, is_taken


class MatchingStatus(WireEnum, name="ProductMatchingStatusEnum"):
    """Whether a product of a package was matched with one of the catalogue."""

    NONE = Member("None")
    PENDING = Member("Pending")
    OK = Member("Ok")
    KO = Member("Ko")


@model()
class ProductPackageRequest:
    """Where a package of products lies."""

    url: str | None = element(default=None, name="ZipFileFullPath")
    """A URL that the marketplace can fetch without a login."""


@model(name="ProductReportPropertyLog")
class ProductPropertyReport:
    """What the report says of one property of a product."""

    name: str | None = None
    """Name of the property."""
    error_code: str | None = None
    """Code of what is wrong, such as CODE_1001."""
    property_error: str | None = None
    """What is wrong."""
    log_message: str | None = None
    """The service's words."""


@model(name="ProductReportLog")
class ProductReport:
    """What became of one product of a package."""

    sku: str | None = element(default=None, name="SKU")
    """The product's reference."""
    validated: bool | None = None
    """Whether it was taken."""
    product_integration_status: str | None = None
    """The service's own word for what became of it."""
    properties: tuple[ProductPropertyReport, ...] = element(default=(), name="PropertyList")
    """What it says of single properties, errors among them."""
    log_date: datetime | None = None
    """When it was worked on (UTC)."""

    @property
    def integrated(self) -> bool:
        """Whether the marketplace took the product."""
        return self.validated is True

    @property
    def errors(self) -> tuple[ProductPropertyReport, ...]:
        """Why it did not take the product; none for one that it took."""
        return () if self.integrated else self.properties


@model(name="ProductIntegrationReportMessage")
class ProductPackageReport(ServiceBaseMessage):
    """How far a package of products is, and what became of each product."""

    package_id: int | None = element(default=None, xsd="long")
    """Number of the package."""
    package_integration_status: str | None = None
    """The service's own word for where it stands; None while it has none."""
    number_of_errors: int | None = None
    """How many products were refused."""
    products: tuple[ProductReport, ...] = element(default=(), name="ProductLogList", empty="nil")
    """One row per product that was worked on."""

    @property
    def rejected(self) -> tuple[ProductReport, ...]:
        """The rows of products that the marketplace did not take."""
        return tuple(row for row in self.products if not row.integrated)

    @property
    def ok(self) -> bool:
        """Whether the marketplace took the package and all its products; False while it works on them, too.

        A package that is refused as a whole has no rows, so that `rejected` is empty.
        """
        return is_taken(self) and not self.number_of_errors and not self.rejected


@model()
class ProductMatching:
    """With which product of the catalogue one of a package was matched."""

    seller_product_id: str | None = element(default=None, required=True)
    """The seller's own reference."""
    ean: str | None = element(default=None, required=True)
    """The EAN."""
    sku: str | None = element(default=None, required=True)
    """The marketplace's reference of the product that it was matched with."""
    matching_status: MatchingStatus | None = element(default=None, required=True)
    """Whether it was matched."""
    name: str | None = element(default=None, required=True)
    """Name of the product."""
    color: str | None = None
    """Colour of the variant."""
    size: str | None = None
    """Size of the variant."""
    comment: str | None = None
    """The service's words."""


@model(name="ProductMatchingFileMessage")
class ProductMatchingMessage(ServiceBaseMessage):
    """The answer of GetProductPackageProductMatchingFileData."""

    package_id: int | None = element(default=None, xsd="long")
    """Number of the package."""
    matchings: tuple[ProductMatching, ...] = element(default=(), name="ProductMatchingList")
    """One per product."""


SUBMIT_PRODUCT_PACKAGE = Operation(
    name="SubmitProductPackage",
    parts=(Part("productPackageRequest", ProductPackageRequest),),
    result=ProductPackageReport,
    kind="write",
)
GET_PRODUCT_PACKAGE_SUBMISSION_RESULT = Operation(
    name="GetProductPackageSubmissionResult",
    parts=(Part("productPackageFilter", PackageFilter),),
    result=ProductPackageReport,
    kind="read",
)
GET_PRODUCT_PACKAGE_PRODUCT_MATCHING_FILE_DATA = Operation(
    name="GetProductPackageProductMatchingFileData",
    parts=(Part("productPackageFilter", PackageFilter),),
    result=ProductMatchingMessage,
    kind="read",
)
