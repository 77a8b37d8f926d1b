"""Reading orders of the REST API completely, and finding one by any of its numbers."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve
from cachetools import LRUCache

from cdiscount_marketplace import errors
from cdiscount_marketplace.channels.octopia_orders import DIGEST, channel_statuses, identities, sales_order
from cdiscount_marketplace.models import OrderQuery, OrderStatus, Reading, SalesOrder
from cdiscount_marketplace.octopia.client import OctopiaClient
from cdiscount_marketplace.octopia.orders import Order, OrderFilter

_SECOND: Final = timedelta(seconds=1)
_PASSES: Final = 5
_REMEMBERED: Final = 10_000


class OrderReader:
    """Reads one account's orders on its sales channel, and remembers which number means which orderId. Thread-safe."""

    def __init__(self, client: OctopiaClient) -> None:
        self._client = client
        self._order_ids: LRUCache[str, str] = LRUCache(_REMEMBERED)
        self._lock = threading.Lock()

    def fetch(self, query: OrderQuery) -> Reading:
        """Read all orders that match a query."""
        wanted = filter_of(query, self._client.sales_channel_id)
        if wanted is None:
            return Reading(())
        orders, answered_at = self._settled(wanted)
        found = self.translated(order for order in orders if self._is_ours(order))
        return Reading(tuple(order for order in found if order.status in query.statuses), answered_at)

    def translated(self, found: Iterable[Order]) -> tuple[SalesOrder, ...]:
        """Translate orders and remember their numbers; a reference that means several of them identifies none."""
        orders = [sales_order(order) for order in found]
        owners = Counter(order.identities[0] for order in orders)
        unique = tuple(
            evolve(order, identities=order.identities[-1:]) if owners[order.identities[0]] > 1 else order
            for order in orders
        )
        with self._lock:
            self._order_ids.update((number, order.identities[-1]) for order in unique for number in order.identities)
        return unique

    def find(self, key: str, client: OctopiaClient) -> Order | None:
        """Read an order by the id remembered for the number, else by reference, else by the number itself as id.

        Raises `OperationFailed` if several orders go by this reference.
        """
        if key.startswith(DIGEST):
            return None
        with self._lock:
            order_id: str | None = self._order_ids.get(key)
        if order_id is not None:
            return self._read(order_id, key, client)
        page = next(iter(client.orders.pages(self._by_reference(key))))
        # A filter that the service does not know is ignored, and brings orders of any reference.
        matching = [order for order in page.orders if order.reference == key and self._is_ours(order)]
        if len(matching) > 1:
            hint = "use the orderId of the one that is meant"
            raise errors.OperationFailed("several orders have this reference", order_numbers=[key], hint=hint)
        return matching[0] if matching else self._read(key, key, client)

    def find_one(self, key: str, client: OctopiaClient) -> Order | None:
        """Find an order as `find` does; a number that means several orders means none, and holds up no other."""
        try:
            return self.find(key, client)
        except errors.OperationFailed:
            return None

    def _by_reference(self, key: str) -> OrderFilter:
        return OrderFilter(reference=key, sales_channel_id=self._client.sales_channel_id)

    def _read(self, order_id: str, key: str, client: OctopiaClient) -> Order | None:
        try:
            order = client.orders.get(order_id)
        except errors.HttpError as error:
            if error.status == 404:
                return None
            raise
        return order if key in identities(order) else None

    def _settled(self, wanted: OrderFilter) -> tuple[Sequence[Order], datetime | None]:
        """Read passes until one fits a page, or two agree."""
        before: set[str] | None = None
        for _ in range(_PASSES):
            pages = list(self._client.orders.pages(wanted))
            orders = {identities(order)[-1]: order for page in pages for order in page.orders}
            if len(pages) == 1 or orders.keys() == before:
                told = [page.answered_at for page in pages if page.answered_at]
                return tuple(orders.values()), min(told, default=None)
            before = set(orders)
        message = f"the list changed each of the {_PASSES} times that it was read"
        raise errors.CallTimeout(message, operation="GET /orders", hint="ask for a shorter period")

    def _is_ours(self, order: Order) -> bool:
        """Tell whether the order was sold where this client sells; one that does not say is."""
        sold = order.sales_channel.id if order.sales_channel else None
        return sold is None or sold == self._client.sales_channel_id


def filter_of(query: OrderQuery, sales_channel_id: str) -> OrderFilter | None:
    """Say a query in the service's words; None where none of its states exists there.

    States unknown to this SDK can only be asked for by naming none. Whether bounds are inclusive is unknown: each is
    moved out by a second.
    """
    statuses = channel_statuses(query.statuses)
    if OrderStatus.OTHER in query.statuses:
        statuses = ()
    elif not statuses:
        return None
    return OrderFilter(
        statuses=statuses,
        sales_channel_id=sales_channel_id,
        created_at_min=query.created_from and query.created_from - _SECOND,
        created_at_max=query.created_to and query.created_to + _SECOND,
        updated_at_min=query.modified_from and query.modified_from - _SECOND,
        updated_at_max=query.modified_to and query.modified_to + _SECOND,
    )
