"""The marketplace's catalogue: categories, models, brands and products."""

from __future__ import annotations

from collections.abc import Sequence

from cdiscount_marketplace.enums import Member
from cdiscount_marketplace.soap.codec.declare import ARRAYS, BY_IDENTIFIER, PRODUCT_DATA, WireEnum, element, model
from cdiscount_marketplace.soap.common import SOURCE_2020, ServiceBaseMessage
from cdiscount_marketplace.soap.operations import Operation, Part


class ProductType(WireEnum, name="ProductTypeEnum"):
    """Whether a product has variants, such as sizes."""

    STANDARD = Member("Standard")
    VARIANT = Member("Variant")


class IdentifierType(WireEnum, name="IdentifierTypeEnum"):
    """What products are looked up by."""

    EAN = Member("EAN")


# --- categories -------------------------------------------------------------------------------------------------------


@model()
class CategoryTree:
    """A category with those below it; what is below the last level is empty."""

    code: str | None = None
    """Code of the category."""
    name: str | None = None
    """Its name, in French."""
    children: tuple[CategoryTree, ...] = element(default=(), name="ChildrenCategoryList")
    """The categories directly below."""
    allow_offer_integration: bool | None = None
    """Whether the seller may offer products of it."""
    allow_product_integration: bool | None = None
    """Whether the seller may propose new products of it."""
    is_ean_optional: bool | None = element(default=None, name="IsEANOptional", nillable=True)
    """Whether its products may be without EAN."""
    is_standard_product_kind_eligible: bool | None = None
    """Whether it has products without variants."""
    is_variant_product_kind_eligible: bool | None = None
    """Whether it has products with variants."""


@model()
class CategoryTreeMessage(ServiceBaseMessage):
    """The answer of both operations on categories."""

    category_tree: CategoryTree | None = None
    """The root."""


# --- models -----------------------------------------------------------------------------------------------------------


@model(name="KeyValueOfstringArrayOfstringty7Ep6D1", namespace=ARRAYS, inline=True)
class PropertyValues:
    """A property, and the values or examples that go with it."""

    key: str | None = element(default=None, required=True)
    """Name of the property."""
    values: tuple[str, ...] = element(default=(), name="Value", required=True)
    """The values."""


@model()
class ModelDefinition:
    """Which properties a model has."""

    mandatory_properties: tuple[str, ...] = element(default=(), name="MandatoryModelProperties")
    """Names of those that must be given."""
    list_properties: tuple[PropertyValues, ...] = ()
    """Those with a fixed list of values."""
    single_free_text_properties: tuple[PropertyValues, ...] = ()
    """Those with one free text."""
    multiple_free_text_properties: tuple[PropertyValues, ...] = ()
    """Those with several free texts."""


@model(name="VariationDescription")
class Variation:
    """A value that variants of a product can have."""

    variant_value_id: int | None = None
    """Number of the value."""
    variant_value_description: str | None = None
    """What it is."""


@model()
class ProductModel:
    """What must and can be said of a category's products."""

    model_id: int | None = None
    """Number of the model."""
    name: str | None = None
    """Its name, to be written into a package of products."""
    category_code: str | None = None
    """The category."""
    definition: ModelDefinition | None = None
    """Its properties."""
    variations: tuple[Variation, ...] = element(default=(), name="VariationValueList")
    """The values of variants."""
    product_xml_structure: str | None = None
    """An example of a product in a package, as XML."""
    version: str | None = None
    """Version of the model."""
    is_default: bool | None = element(default=None, since=SOURCE_2020)
    """Whether it is the category's usual model."""


@model()
class ModelFilter:
    """Whose models to read."""

    category_codes: Sequence[str] = element(default=(), name="CategoryCodeList")
    """Codes of categories."""


@model()
class ProductModelListMessage(ServiceBaseMessage):
    """The answer of both operations on models."""

    models: tuple[ProductModel, ...] = element(default=(), name="ModelList", empty="nil")
    """The models; a list that is nil has been seen where nothing was asked for."""


# --- brands and products ----------------------------------------------------------------------------------------------


@model()
class Brand:
    """A brand."""

    brand_name: str | None = None
    """Its name, to be written into a package of products."""


@model(namespace=PRODUCT_DATA)
class BrandListMessage(ServiceBaseMessage):
    """The answer of GetBrandList."""

    brands: tuple[Brand, ...] = element(default=(), name="BrandList")
    """All brands."""


@model()
class Product:
    """A product of the catalogue."""

    sku: str | None = element(default=None, name="SKU")
    """The marketplace's reference."""
    name: str | None = None
    """Its name."""
    brand_name: str | None = None
    """Its brand."""
    product_type: ProductType | None = None
    """Whether it has variants."""
    eans: tuple[str, ...] = element(default=(), name="EANList")
    """Its EANs."""
    isbn: str | None = element(default=None, name="ISBN")
    """Its ISBN; empty where it is not a book."""


@model()
class ProductFilter:
    """Whose products to read."""

    category_code: str | None = None
    """Code of a category."""


@model()
class ProductListMessage(ServiceBaseMessage):
    """The answer of GetProductList."""

    products: tuple[Product, ...] = element(default=(), name="ProductList")
    """The products."""


@model(namespace=BY_IDENTIFIER)
class ProductByIdentifier:
    """What the catalogue knows of one EAN; `has_error` says that it knows nothing."""

    ean: str | None = None
    """The EAN."""
    has_error: bool | None = None
    """Whether it was not found."""
    error_message: str | None = None
    """Why."""
    name: str | None = None
    """Name of the product."""
    brand_name: str | None = None
    """Its brand."""
    category_code: str | None = None
    """Its category."""
    product_type: ProductType | None = element(default=None, nillable=True)
    """Whether it is one of several variants."""
    father_product_id: str | None = None
    """The product that it is a variant of."""
    color: str | None = None
    """Colour of the variant."""
    size: str | None = None
    """Size of the variant."""
    image_url: str | None = None
    """A picture."""


@model()
class IdentifierRequest:
    """Which products to look up."""

    identifier_type: IdentifierType | None = IdentifierType.EAN
    """By what."""
    values: Sequence[str] = element(default=(), name="ValueList")
    """The EANs."""


@model(namespace=BY_IDENTIFIER)
class ProductListByIdentifierMessage(ServiceBaseMessage):
    """The answer of GetProductListByIdentifier."""

    products: tuple[ProductByIdentifier, ...] = element(default=(), name="ProductListByIdentifier")
    """One per EAN."""


GET_ALLOWED_CATEGORY_TREE = Operation(name="GetAllowedCategoryTree", result=CategoryTreeMessage, kind="read")
GET_ALL_ALLOWED_CATEGORY_TREE = Operation(name="GetAllAllowedCategoryTree", result=CategoryTreeMessage, kind="read")
GET_MODEL_LIST = Operation(
    name="GetModelList", parts=(Part("modelFilter", ModelFilter),), result=ProductModelListMessage, kind="read"
)
GET_ALL_MODEL_LIST = Operation(name="GetAllModelList", result=ProductModelListMessage, kind="read")
GET_BRAND_LIST = Operation(name="GetBrandList", result=BrandListMessage, kind="read")
GET_PRODUCT_LIST = Operation(
    name="GetProductList", parts=(Part("productFilter", ProductFilter),), result=ProductListMessage, kind="read"
)
GET_PRODUCT_LIST_BY_IDENTIFIER = Operation(
    name="GetProductListByIdentifier",
    parts=(Part("identifierRequest", IdentifierRequest),),
    result=ProductListByIdentifierMessage,
    kind="read",
)
