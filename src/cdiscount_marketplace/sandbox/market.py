"""All books of the sandbox's shop, for the protocols that speak of them."""

from __future__ import annotations

from attrs import frozen

from cdiscount_marketplace.sandbox.book import OrderBook
from cdiscount_marketplace.sandbox.discussions import DiscussionBook
from cdiscount_marketplace.sandbox.files import FileShelf
from cdiscount_marketplace.sandbox.fulfilment import FulfilmentBook
from cdiscount_marketplace.sandbox.invoices import InvoiceBook
from cdiscount_marketplace.sandbox.offers import OfferBook
from cdiscount_marketplace.sandbox.products import ProductBook
from cdiscount_marketplace.sandbox.relays import RelayFiles


@frozen(kw_only=True)
class Market:
    """What one shop has at the marketplace."""

    orders: OrderBook
    offers: OfferBook
    discussions: DiscussionBook
    invoices: InvoiceBook
    products: ProductBook
    files: FileShelf
    fulfilment: FulfilmentBook
    relays: RelayFiles
