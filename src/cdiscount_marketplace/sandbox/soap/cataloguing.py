"""The catalogue over SOAP: categories, models, brands, products, and packages of new ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cdiscount_marketplace.sandbox.products import BRANDS, CATEGORIES, Category, Submitted
from cdiscount_marketplace.sandbox.products import Product as CatalogueProduct
from cdiscount_marketplace.sandbox.soap.asked import Asked, Handler, Reply
from cdiscount_marketplace.sandbox.soap.product_file import read_product_file
from cdiscount_marketplace.sandbox.soap.zips import Unusable
from cdiscount_marketplace.soap.products.catalogue import (
    Brand,
    BrandListMessage,
    CategoryTree,
    CategoryTreeMessage,
    ModelDefinition,
    Product,
    ProductByIdentifier,
    ProductListByIdentifierMessage,
    ProductListMessage,
    ProductModel,
    ProductModelListMessage,
    ProductType,
    PropertyValues,
)
from cdiscount_marketplace.soap.products.submissions import (
    MatchingStatus,
    ProductMatching,
    ProductMatchingMessage,
    ProductPackageReport,
    ProductPropertyReport,
    ProductReport,
)

_MODEL: Final = "SOUMISSION CREATION PRODUITS_MK"
_BAD_URL: Final = "L'URL {url} n'est pas valide."
_NO_FILE: Final = "The ZIP file can't be downloaded."
_LEAF: Final = 3


def get_category_tree(_asked: Asked) -> Reply:
    """Show the categories."""
    roots = tuple(_tree(category) for category in CATEGORIES if category.level == 1)
    return Reply(CategoryTreeMessage(category_tree=_node("0", "Root", roots, leaf=False)))


def _tree(category: Category) -> CategoryTree:
    below = (one for one in CATEGORIES if one.parents[:1] == (category.reference,))
    return _node(category.reference, category.label, tuple(map(_tree, below)), leaf=category.level == _LEAF)


def _node(code: str, name: str, children: tuple[CategoryTree, ...], *, leaf: bool) -> CategoryTree:
    return CategoryTree(
        code=code,
        name=name,
        children=children,
        allow_offer_integration=leaf,
        allow_product_integration=leaf,
        is_ean_optional=False,
        is_standard_product_kind_eligible=leaf,
        is_variant_product_kind_eligible=leaf,
    )


def get_model_list(asked: Asked) -> Reply:
    """Show the models of some categories."""
    codes = asked.part("modelFilter").many("CategoryCodeList")
    return Reply(ProductModelListMessage(models=tuple(one for one in _models() if one.category_code in codes)))


def get_all_model_list(_asked: Asked) -> Reply:
    """Show all models."""
    return Reply(ProductModelListMessage(models=_models()))


def _models() -> tuple[ProductModel, ...]:
    leaves = [category for category in CATEGORIES if category.level == _LEAF]
    return tuple(_model(number, category) for number, category in enumerate(leaves, start=1))


def _model(number: int, category: Category) -> ProductModel:
    listed = [one for one in category.properties if one.choices]
    free = [one for one in category.properties if not one.choices]
    return ProductModel(
        model_id=number,
        name=_MODEL,
        category_code=category.reference,
        definition=ModelDefinition(
            mandatory_properties=tuple(one.label for one in category.properties if one.mandatory),
            list_properties=tuple(PropertyValues(key=one.label, values=one.choices) for one in listed),
            single_free_text_properties=tuple(PropertyValues(key=one.label) for one in free),
        ),
        product_xml_structure="<Product/>",
        version="1",
    )


def get_brand_list(_asked: Asked) -> Reply:
    """List the brands."""
    return Reply(BrandListMessage(brands=tuple(Brand(brand_name=name) for name in BRANDS)))


def get_product_list(asked: Asked) -> Reply:
    """List a category's products."""
    code = asked.part("productFilter").text("CategoryCode")
    products = (product for product in asked.market.products.products() if product.category == code)
    return Reply(ProductListMessage(products=tuple(map(_product, products))))


def _product(product: CatalogueProduct) -> Product:
    return Product(
        sku=f"AUC{product.gtin}",
        name=product.title,
        brand_name=product.brand,
        product_type=ProductType.STANDARD,
        eans=(product.gtin,),
        isbn="",
    )


def get_product_list_by_identifier(asked: Asked) -> Reply:
    """Look products up."""
    known = {product.gtin: product for product in asked.market.products.products()}
    eans = asked.part("identifierRequest").many("ValueList")
    return Reply(ProductListByIdentifierMessage(products=tuple(_found(ean, known.get(ean)) for ean in eans)))


def _found(ean: str, product: CatalogueProduct | None) -> ProductByIdentifier:
    if product is None:
        return ProductByIdentifier(ean=ean, has_error=True, error_message="Produit inconnu")
    return ProductByIdentifier(
        ean=ean,
        has_error=False,
        name=product.title,
        brand_name=product.brand,
        category_code=product.category,
        product_type=ProductType.STANDARD,
    )


# --- packages ---------------------------------------------------------------------------------------------------------


def submit_product_package(asked: Asked) -> Reply:
    """Fetch a package at once, and work on it later."""
    url = asked.part("productPackageRequest").text("ZipFileFullPath")
    if not url.startswith(("http://", "https://")):
        return _refusal(_BAD_URL.format(url=url), "InvalidFileFormat")
    content = asked.market.files.fetch(url)
    if content is None:
        return _refusal(_NO_FILE, "FileDownloadException")
    try:
        products = read_product_file(content)
    except Unusable as error:
        return _refusal(str(error), "InvalidFileFormat")
    duration = asked.book.settings.octopia.integration
    package = asked.market.products.submit(products, duration=duration, quota=None)
    return Reply(ProductPackageReport(package_id=int(package.removeprefix("PRD")), number_of_errors=0))


def _refusal(message: str, code: str) -> Reply:
    report = ProductPackageReport(package_id=0, number_of_errors=0)
    return Reply(report, message=message, code=code, success=False)


def get_product_package_submission_result(asked: Asked) -> Reply:
    """Report on a package; one that there is not is a failure without a word."""
    number, rows = _rows(asked)
    if not rows:
        return Reply(ProductPackageReport(package_id=0, number_of_errors=0), success=False)
    if not all(map(asked.market.products.is_decided, rows)):
        status = "IntegrationPending"
        return Reply(ProductPackageReport(package_id=number, number_of_errors=0, package_integration_status=status))
    report = ProductPackageReport(
        package_id=number,
        package_integration_status="Integrated",
        number_of_errors=sum(bool(row.errors) for row in rows),
        products=tuple(map(_report, rows)),
    )
    return Reply(report)


def _rows(asked: Asked) -> tuple[int, list[Submitted]]:
    number = asked.part("productPackageFilter").get("PackageID") or 0
    return number, asked.market.products.reports(package=f"PRD{number:05d}")


def _report(row: Submitted) -> ProductReport:
    return ProductReport(
        sku=str(row.values.get("sellerExternalReference") or ""),
        validated=not row.errors,
        product_integration_status="Rejected" if row.errors else "Integrated",
        properties=tuple(
            ProductPropertyReport(
                name=error.get("field"),
                error_code=error.get("code"),
                property_error=error.get("message"),
                log_message=error.get("message"),
            )
            for error in row.errors
        ),
        log_date=row.due,
    )


def get_product_package_product_matching_file_data(asked: Asked) -> Reply:
    """Show with which products those of a package were matched."""
    number, rows = _rows(asked)
    return Reply(ProductMatchingMessage(package_id=number, matchings=tuple(_matching(asked, row) for row in rows)))


def _matching(asked: Asked, row: Submitted) -> ProductMatching:
    status = MatchingStatus.KO if row.errors else MatchingStatus.OK
    gtin = str(row.values.get("gtin") or "")
    return ProductMatching(
        seller_product_id=str(row.values.get("sellerExternalReference") or ""),
        ean=gtin,
        sku="" if row.errors else f"AUC{gtin}",
        matching_status=status if asked.market.products.is_decided(row) else MatchingStatus.PENDING,
        name=str(row.values.get("title") or ""),
    )


HANDLERS: Mapping[str, Handler] = {
    "GetAllAllowedCategoryTree": get_category_tree,
    "GetAllModelList": get_all_model_list,
    "GetAllowedCategoryTree": get_category_tree,
    "GetBrandList": get_brand_list,
    "GetModelList": get_model_list,
    "GetProductList": get_product_list,
    "GetProductListByIdentifier": get_product_list_by_identifier,
    "GetProductPackageProductMatchingFileData": get_product_package_product_matching_file_data,
    "GetProductPackageSubmissionResult": get_product_package_submission_result,
    "SubmitProductPackage": submit_product_package,
}
