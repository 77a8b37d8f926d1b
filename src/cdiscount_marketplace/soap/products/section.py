"""`client.products`: read the catalogue, propose new products in packages."""

from __future__ import annotations

from attrs import frozen

from cdiscount_marketplace.errors import OperationFailed, UnreadableAnswer
from cdiscount_marketplace.soap.operations import Operation
from cdiscount_marketplace.soap.package_files import Upload, ensure_package, upload_file
from cdiscount_marketplace.soap.packages import PackageFilter, SubmittedPackage, ensure_number, ensure_url, number_of
from cdiscount_marketplace.soap.products.catalogue import (
    GET_ALL_ALLOWED_CATEGORY_TREE,
    GET_ALL_MODEL_LIST,
    GET_ALLOWED_CATEGORY_TREE,
    GET_BRAND_LIST,
    GET_MODEL_LIST,
    GET_PRODUCT_LIST,
    GET_PRODUCT_LIST_BY_IDENTIFIER,
    Brand,
    CategoryTree,
    CategoryTreeMessage,
    IdentifierRequest,
    ModelFilter,
    Product,
    ProductByIdentifier,
    ProductFilter,
    ProductModel,
)
from cdiscount_marketplace.soap.products.requests import ProductPackage
from cdiscount_marketplace.soap.products.submissions import (
    GET_PRODUCT_PACKAGE_PRODUCT_MATCHING_FILE_DATA,
    GET_PRODUCT_PACKAGE_SUBMISSION_RESULT,
    SUBMIT_PRODUCT_PACKAGE,
    ProductMatching,
    ProductPackageReport,
    ProductPackageRequest,
)
from cdiscount_marketplace.soap.service import Service


@frozen
class Products:
    """Read the catalogue, and propose products in packages. Thread-safe.

    Categories, models and brands change seldom and are large: read them once a day at most.
    """

    _service: Service

    def categories(self) -> CategoryTree:
        """Read the categories that the seller may sell in (GetAllowedCategoryTree); may be repeated."""
        return self._tree(GET_ALLOWED_CATEGORY_TREE)

    def all_categories(self) -> CategoryTree:
        """Read all categories of the marketplace (GetAllAllowedCategoryTree); may be repeated."""
        return self._tree(GET_ALL_ALLOWED_CATEGORY_TREE)

    def models(self, *category_codes: str) -> tuple[ProductModel, ...]:
        """Read the models of categories (GetModelList); may be repeated."""
        return self._service.read(GET_MODEL_LIST, ModelFilter(category_codes=category_codes)).result.models

    def all_models(self) -> tuple[ProductModel, ...]:
        """Read the models of all categories (GetAllModelList); may be repeated.

        The service was reported to answer nothing any more in 2020: use `models`.
        """
        return self._service.read(GET_ALL_MODEL_LIST).result.models

    def brands(self) -> tuple[Brand, ...]:
        """Read all brands (GetBrandList); may be repeated."""
        return self._service.read(GET_BRAND_LIST).result.brands

    def list(self, category_code: str) -> tuple[Product, ...]:
        """Read all products of a category in one answer, which may be huge (GetProductList); may be repeated."""
        return self._service.read(GET_PRODUCT_LIST, ProductFilter(category_code=category_code)).result.products

    def find(self, *eans: str) -> tuple[ProductByIdentifier, ...]:
        """Look products up by their EANs (GetProductListByIdentifier); may be repeated.

        Look at each one's `has_error`. Raises `UnreadableAnswer` if the answer leaves an EAN out.
        """
        if not eans:
            return ()
        request = IdentifierRequest(values=tuple(dict.fromkeys(eans)))
        answered = self._service.read(GET_PRODUCT_LIST_BY_IDENTIFIER, request).result.products
        products = {product.ean: product for product in answered}
        missing = [ean for ean in dict.fromkeys(eans) if ean not in products]
        if missing:
            message = f"the answer leaves out {', '.join(missing)}"
            raise UnreadableAnswer(message, operation=GET_PRODUCT_LIST_BY_IDENTIFIER.name)
        return tuple(products[ean] for ean in eans)

    def submit(self, url: str) -> SubmittedPackage[ProductPackageReport]:
        """Submit the package that lies at a URL (SubmitProductPackage), and return what to wait with.

        The marketplace fetches the file at once: raises `OperationFailed` if it cannot. Raises `OutcomeUnknown` when
        no clear answer came; submitting the package again proposes the same products.
        """
        ensure_url(url, SUBMIT_PRODUCT_PACKAGE.name)
        report = self._service.submit(SUBMIT_PRODUCT_PACKAGE, ProductPackageRequest(url=url))
        return self.package(number_of(report.package_id, "package", SUBMIT_PRODUCT_PACKAGE.name))

    def submit_package(self, package: ProductPackage, *, upload: Upload) -> SubmittedPackage[ProductPackageReport]:
        """Write a package's file, give it to `upload`, and submit it from the URL that this returns.

        Raises `InvalidRequest`, before anything is uploaded or sent, for products that no file can carry, and what
        `upload` raises; see `submit` for the rest.
        """
        ensure_package(package, ProductPackage)
        return self.submit(upload_file(package.write, "products", upload))

    def package(self, package_id: int) -> SubmittedPackage[ProductPackageReport]:
        """Return a package that was submitted earlier, by its number; makes no request."""
        ensure_number(package_id, GET_PRODUCT_PACKAGE_SUBMISSION_RESULT.name)
        operation, clock = GET_PRODUCT_PACKAGE_SUBMISSION_RESULT.name, self._service.reads.clock
        return SubmittedPackage(package_id, operation, self._report, clock)

    def matchings(self, package_id: int) -> tuple[ProductMatching, ...]:
        """Read with which products a package's were matched (GetProductPackageProductMatchingFileData).

        May be repeated.
        """
        asked = PackageFilter(package_id=package_id)
        return self._service.read(GET_PRODUCT_PACKAGE_PRODUCT_MATCHING_FILE_DATA, asked).result.matchings

    def _report(self, package_id: int) -> ProductPackageReport:
        return self._service.read(GET_PRODUCT_PACKAGE_SUBMISSION_RESULT, PackageFilter(package_id=package_id)).result

    def _tree(self, operation: Operation[CategoryTreeMessage]) -> CategoryTree:
        tree = self._service.read(operation).result.category_tree
        if tree is None:
            raise OperationFailed("the answer contains no categories: nothing was read", operation=operation.name)
        return tree
