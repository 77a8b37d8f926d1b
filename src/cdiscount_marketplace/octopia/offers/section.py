"""`client.offers`: what the marketplace shows of the seller's offers, and packages that change them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cdiscount_marketplace.octopia.api import Api
from cdiscount_marketplace.octopia.lists import cursor_pages
from cdiscount_marketplace.octopia.offers.models import OfferFilter, PublishedOffer
from cdiscount_marketplace.octopia.offers.packages import OfferPackages

_PATH: Final = "/offers"
_PAGE_SIZE: Final = 1000


class Offers:
    """The seller's offers; reached as `client.offers`. Thread-safe."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.packages: OfferPackages = OfferPackages(api)

    def iter(self, filter: OfferFilter | None = None) -> Iterator[PublishedOffer]:  # noqa: A002 (reads best at the call)
        """List offers on a sales channel (by default the client's); pages are read as the iterator is used.

        A list that leads back to where it was is an `UnreadableAnswer`, never a silent part.
        """
        wanted = filter or OfferFilter()
        channel = wanted.sales_channel_id or self._api.sales_channel_id
        query = {"salesChannelId": channel, **wanted.parameters()}
        for reply in cursor_pages(self._api, f"GET {_PATH}", _PATH, query, _PAGE_SIZE):
            yield from reply.decoded_many(PublishedOffer)

    def get(self, seller_external_reference: str) -> PublishedOffer | None:
        """Read one offer by the seller's own key; None where the marketplace has none."""
        wanted = OfferFilter(seller_external_references=[seller_external_reference])
        offers = self.iter(wanted)
        return next((one for one in offers if one.seller_external_reference == seller_external_reference), None)
