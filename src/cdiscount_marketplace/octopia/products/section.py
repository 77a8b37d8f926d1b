"""`client.products`: find products and categories, and submit new products."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.octopia.api import Api, Reply, count_of, segment
from cdiscount_marketplace.octopia.lists import cursor_pages, index_pages
from cdiscount_marketplace.octopia.products.models import (
    Brand,
    Category,
    CategoryProperty,
    Product,
    ProductReport,
    ProductRequest,
)
from cdiscount_marketplace.octopia.products.submission import ProductSubmission, read_reports, submit_products

_PATH: Final = "/products"
_CATEGORIES: Final = "/categories"
_BRANDS: Final = "/brands"
_PAGE_SIZE: Final = 1000
# Without `fields`, lists of categories and brands are bare references.
_CATEGORY_FIELDS: Final = (
    "label,categoryReference,level,isActive,isBrandMandatory,isVariant,parentReferences,childCount"
)


class Categories:
    """Categories of products; reached as `client.products.categories`. Thread-safe."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def iter(self) -> Iterator[Category]:
        """List all categories, some 8,000; pages are read as the iterator is used."""
        for reply in index_pages(self._api, _CATEGORIES, {"fields": _CATEGORY_FIELDS}):
            yield from reply.decoded_many(Category)

    def count(self) -> int:
        """Count the categories."""
        return count_of(self._api.read(f"GET {_CATEGORIES}/count", f"{_CATEGORIES}/count"))

    def get(self, reference: str) -> Category:
        """Read one category; raises `HttpError` with status 404 for an unknown one."""
        path = f"{_CATEGORIES}/{segment('reference', reference)}"
        return self._api.read(f"GET {_CATEGORIES}/{{reference}}", path).decoded(Category)

    def properties(self, reference: str) -> tuple[CategoryProperty, ...]:
        """List what can, or must, be said of a category's products."""
        path = f"{_CATEGORIES}/{segment('reference', reference)}/properties"
        return self._api.read(f"GET {_CATEGORIES}/{{reference}}/properties", path).decoded_many(CategoryProperty)


class Products:
    """Products; reached as `client.products`. Thread-safe."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.categories: Categories = Categories(api)

    def iter(self, *, gtin: str | None = None, category_reference: str | None = None) -> Iterator[Product]:
        """List products of the catalogue by GTIN or category; pages are read as the iterator is used.

        The service ignores a filter by the seller's own reference, and answers some product: look up by `gtin`.
        """
        query = {"gtin": gtin or "", "categoryReference": category_reference or ""}
        wanted = {name: value for name, value in query.items() if value}
        if not wanted:
            raise InvalidRequest([Problem("gtin", "give a GTIN, or a category")])
        for reply in cursor_pages(self._api, f"GET {_PATH}", _PATH, wanted, _PAGE_SIZE):
            yield from reply.decoded_many(Product)

    def find(self, gtin: str) -> Product | None:
        """Return the product with a GTIN; None where the catalogue has none."""
        return next((product for product in self.iter(gtin=gtin) if product.gtin in (None, gtin)), None)

    def count(self) -> int:
        """Count the products of the catalogue."""
        return count_of(self._api.read(f"GET {_PATH}/count", f"{_PATH}/count"))

    def brands(self) -> Iterator[str]:
        """List the brands that the marketplace knows; pages are read as the iterator is used."""
        for reply in index_pages(self._api, _BRANDS, {"fields": "name"}):
            for brand in reply.decoded_many(Brand, _as_objects(reply)):
                if brand.name:
                    yield brand.name

    def submit(self, products: Sequence[ProductRequest], *, language: str = "fr-FR") -> ProductSubmission:
        """Submit 1 to 25 new products, and return a handle; `language` is that of the texts (fr-FR, en-US, es-ES).

        A report shows no more rows than that. Accepted is not created: wait for the reports. Raises `InvalidRequest`
        before sending for what would be refused, and `OutcomeUnknown`: look at the reports of a GTIN before submitting
        again, for new products count against an hourly quota.
        """
        return submit_products(self._api, products, language)

    def reports(self, *, package_id: str | None = None, gtin: str | None = None) -> tuple[ProductReport, ...]:
        """Read what became of submitted products: of a package, or of one GTIN; at most 25, and some time later."""
        return read_reports(self._api, package_id=package_id, gtin=gtin)


def _as_objects(reply: Reply) -> list[object]:
    return [{"name": item} if isinstance(item, str) else item for item in reply.items()]
