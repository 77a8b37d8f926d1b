"""Offers as the marketplace shows them, over either API."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

import attrs
from attrs import frozen

from cdiscount_marketplace.cli.listing import Listing, listed
from cdiscount_marketplace.cli.marketplace import channel_of, open_octopia, open_soap
from cdiscount_marketplace.cli.options import Marketplace, counted
from cdiscount_marketplace.octopia.offers.models import OfferFilter, PublishedOffer
from cdiscount_marketplace.soap.offers.models import Offer, OfferFilterPaginated


@frozen(kw_only=True)
class ShownOffer:
    """What both APIs show of an offer, in the words of `offers.Offer`."""

    sku: str | None
    gtin: str | None
    product: str | None
    condition: str | None
    state: str | None
    price: Decimal | None
    original_price: Decimal | None
    quantity: int | None
    updated_at: datetime | None


@contextmanager
def published_offers(at: Marketplace, skus: Sequence[str]) -> Generator[Iterator[ShownOffer]]:
    """Read the offers with these skus (none given: all) from the marketplace, page by page."""
    if channel_of(at) == "octopia":
        with open_octopia(at) as octopia:
            yield map(_of_octopia, octopia.offers.iter(OfferFilter(seller_external_references=skus)))
    else:
        with open_soap(at) as soap:
            yield map(_of_soap, soap.offers.iter(OfferFilterPaginated(seller_references=skus)))


def published_listing(offers: Sequence[ShownOffer]) -> Listing[ShownOffer]:
    """List offers that the marketplace shows."""
    return listed(offers, title=counted(len(offers), "offer"), columns=_COLUMNS, row=_cells)


def csv_lines(offers: Iterable[ShownOffer]) -> Iterator[str]:
    """Write offers as CSV, a line each, below the names of their members."""
    yield ",".join(_NAMES)
    for offer in offers:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(_texts(offer))
        yield line.getvalue()


_NAMES = tuple(item.name for item in attrs.fields(ShownOffer))
_COLUMNS = ("SKU", "GTIN", "Product", "Condition", "State", "Price", "Original price", "Quantity", "Updated")


def _cells(offer: ShownOffer) -> Sequence[object]:
    return tuple(getattr(offer, name) for name in _NAMES)


def _texts(offer: ShownOffer) -> Iterator[object]:
    for value in _cells(offer):
        yield value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _of_octopia(offer: PublishedOffer) -> ShownOffer:
    product, price = offer.product, offer.integration_price
    return ShownOffer(
        sku=offer.seller_external_reference,
        gtin=product.gtin if product else None,
        product=product.reference if product else None,
        condition=offer.condition,
        state=offer.offer_state,
        price=price.price if price else None,
        original_price=price.original_price if price else None,
        quantity=offer.quantity,
        updated_at=offer.updated_at,
    )


def _of_soap(offer: Offer) -> ShownOffer:
    return ShownOffer(
        sku=offer.seller_product_id,
        gtin=offer.product_ean,
        product=offer.product_id,
        condition=offer.product_condition,
        state=offer.offer_state,
        price=offer.price,
        original_price=offer.striked_price,
        quantity=offer.stock,
        updated_at=offer.last_update_date,
    )
