"""Commands on the catalogue, over either API: `products search`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from attrs import frozen
from cyclopts import App, Parameter

from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.listing import Paging, listed
from cdiscount_marketplace.cli.marketplace import channel_of, open_octopia, open_soap
from cdiscount_marketplace.cli.options import Marketplace, counted
from cdiscount_marketplace.cli.output import Output, tell
from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.octopia.client import OctopiaClient
from cdiscount_marketplace.soap.client import MarketplaceClient

app: App = App(name="products", help="Search the catalogue.")


@frozen(kw_only=True)
class FoundProduct:
    """What both APIs say of a product."""

    gtin: str | None
    reference: str | None
    name: str | None
    brand: str | None
    category: str | None


@app.command
def search(
    *gtins: Annotated[str, Parameter(help="GTINs (EANs) of products.")],
    category: Annotated[str | None, Parameter(help="All products of a category, by its code.")] = None,
    paging: Paging = Paging(),
    at: Marketplace = Marketplace(),
    out: Output = Output(),
) -> Exit:
    """Find products by GTIN (EAN), or list those of a category."""
    if bool(gtins) == bool(category):
        raise InvalidRequest([Problem("gtins", "give GTINs, or --category")])
    _ensure_gtins(gtins)
    if channel_of(at) == "octopia":
        with open_octopia(at) as octopia:
            products = list(_of_octopia(octopia, gtins, category))
    else:
        with open_soap(at) as soap:
            products = list(_of_soap(soap, gtins, category))
    listing = listed(products, title=counted(len(products), "product"), columns=_COLUMNS, row=_cells)
    out.show(listing.values(paging), lambda: listing.parts(paging))
    missing = set(gtins) - {product.gtin for product in products}
    if missing:
        tell(f"not in the catalogue: {', '.join(sorted(missing))}")
    return Exit.NEEDS_PERSON if missing else Exit.DONE


def _ensure_gtins(gtins: Sequence[str]) -> None:
    """Reject what no product has, before the marketplace is asked."""
    wrong = [gtin for gtin in gtins if not (gtin.isascii() and gtin.isdigit() and len(gtin) in _GTIN_LENGTHS)]
    if wrong:
        raise InvalidRequest([Problem("gtins", f"{', '.join(map(repr, wrong))}: a GTIN has 8, 12, 13 or 14 digits")])


_GTIN_LENGTHS = (8, 12, 13, 14)
_COLUMNS = ("GTIN", "Reference", "Name", "Brand", "Category")


def _cells(product: FoundProduct) -> Sequence[object]:
    return product.gtin, product.reference, product.name, product.brand, product.category


def _of_octopia(client: OctopiaClient, gtins: Sequence[str], category: str | None) -> Iterator[FoundProduct]:
    found = map(client.products.find, gtins) if gtins else client.products.iter(category_reference=category)
    for gtin, product in zip(gtins or iter(str, None), found, strict=False):
        if product is not None:
            yield FoundProduct(
                gtin=product.gtin or gtin or None,
                reference=product.product_reference,
                name=product.title,
                brand=product.brand,
                category=product.category_reference,
            )


def _of_soap(client: MarketplaceClient, gtins: Sequence[str], category: str | None) -> Iterator[FoundProduct]:
    for product in client.products.find(*gtins):
        if not product.has_error:
            yield FoundProduct(
                gtin=product.ean,
                reference=None,
                name=product.name,
                brand=product.brand_name,
                category=product.category_code,
            )
    for listed_product in client.products.list(category) if category else ():
        yield FoundProduct(
            gtin=next(iter(listed_product.eans), None),
            reference=listed_product.sku,
            name=listed_product.name,
            brand=listed_product.brand_name,
            category=category,
        )
