"""What a package says of products to create, and the file that it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from datetime import UTC, tzinfo
from types import MappingProxyType
from typing import Final, cast

from attrs import field, frozen

from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.soap import xaml
from cdiscount_marketplace.soap.package_files import Layout, Target, checked, named, readable, unreadable, write_file
from cdiscount_marketplace.soap.products.catalogue import ProductType
from cdiscount_marketplace.soap.xaml import attribute, attribute_text, element, escape

# Both forms of the relationship's type circulate: with `www` in files of products, without in files of offers.
LAYOUT: Final = Layout(part="Content/Products.xml", relationship="http://www.cdiscount.com/uri/document")
LONG_LABEL: Final = 132
SHORT_LABEL: Final = 30

_PIVOT: Final = "clr-namespace:Cdiscount.Service.ProductIntegration.Pivot;assembly=Cdiscount.Service.ProductIntegration"
_KINDS: Final[Mapping[str, str]] = MappingProxyType({"Standard": "Standard", "Variant": "Variant"})
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@frozen(kw_only=True)
class ProductRequest:
    """A product to create. Its labels have 132 and 30 characters at most.

    `model` and the names in `model_properties` are those of the category's models (`client.products.models`). A variant
    has a `seller_product_family`, which is that of its siblings, and a colour or a size. `pictures` are URLs.
    `marketing_description` may be HTML.
    """

    seller_product_id: str | None = attribute(required=True)
    brand_name: str | None = attribute(required=True)
    category_code: str | None = attribute(required=True)
    long_label: str | None = attribute(required=True, longest=LONG_LABEL)
    short_label: str | None = attribute(required=True, longest=SHORT_LABEL)
    description: str | None = attribute(required=True)
    model: str | None = attribute()
    product_kind: ProductType = attribute(default=ProductType.STANDARD, required=True, codes=_KINDS)
    navigation: str | None = attribute()
    marketing_description: str | None = attribute(name="EncodedMarketingDescription", encoded=True)
    seller_product_family: str | None = attribute()
    seller_product_color_name: str | None = attribute()
    size: str | None = attribute()
    eans: Sequence[str] = field(default=())
    model_properties: Mapping[str, str] = field(default=_NOTHING)
    pictures: Sequence[str] = field(default=())

    def problems(self) -> Iterator[Problem]:
        """Name what the file cannot say, and what every product needs."""
        yield from xaml.problems(self)
        if not self.eans:
            yield Problem("eans", "give at least one")
        yield from xaml.text_problems("eans", self.eans)
        yield from xaml.text_problems("pictures", self.pictures)
        yield from self._property_problems()

    def _property_problems(self) -> Iterator[Problem]:
        if not isinstance(cast("object", self.model_properties), Mapping):
            yield Problem("model_properties", "must map names to values, such as {'Genre': 'Homme'}")
            return
        for key, value in self.model_properties.items():
            wrong = xaml.text_problem(key) or xaml.text_problem(value)
            if wrong is not None:
                yield Problem(f"model_properties[{str(key)[: xaml.LONGEST_SHOWN]!r}]", wrong)

    def xml(self, zone: tzinfo) -> str:
        """Write the product as it stands in the file."""
        eans = "".join(f'<ProductEan Ean="{attribute_text(ean)}"/>' for ean in self.eans)
        properties = "".join(
            f'<x:String x:Key="{attribute_text(key)}">{escape(value)}</x:String>'
            for key, value in self.model_properties.items()
        )
        pictures = "".join(f'<ProductImage Uri="{attribute_text(url)}"/>' for url in self.pictures)
        held = {"EanList": eans, "ModelProperties": properties, "Pictures": pictures}
        parts = "".join(f"<Product.{name}>{part}</Product.{name}>" for name, part in held.items() if part)
        return element("Product", self, zone, parts)


def _readable(products: Iterable[ProductRequest]) -> Iterable[ProductRequest]:
    return readable(products, "products")


@frozen(kw_only=True)
class ProductPackage:
    """Products to propose together; 10,000 are advised at most.

    `products` are read while the file is written, and may be an iterator over any number; a package of an iterator is
    written once.
    """

    products: Iterable[ProductRequest] = field(repr=False, converter=_readable)
    name: str = attribute(default="products", required=True)

    def write(self, target: Target) -> None:
        """Write the package's zip file to a path, or to a file that is open for writing bytes.

        All products are checked; raises `InvalidRequest`, which names each product and member that no file can carry,
        and leaves a file at the path as it was.
        """
        write_file(target, LAYOUT, self._texts())

    def _texts(self) -> Iterator[str]:
        problems = [*xaml.problems(self), *unreadable(self.products, "products", ProductRequest)]
        if problems:
            raise InvalidRequest(problems, operation="write")
        begin = xaml.start("ProductPackage", self, UTC)
        size = f' Capacity="{len(self.products)}"' if isinstance(self.products, Sized) else ""
        yield f'{xaml.DECLARATION}{begin} xmlns="{_PIVOT}" xmlns:x="{xaml.LANGUAGE}">'
        yield f"<ProductPackage.Products><ProductCollection{size}>"
        for product in checked(self.products, "products", _problems):
            yield product.xml(UTC)
        yield "</ProductCollection></ProductPackage.Products></ProductPackage>"


def _problems(product: ProductRequest) -> Iterator[Problem]:
    return named(product, ProductRequest, "seller_product_id", lambda: product.problems())
