"""Reading orders of the REST API completely, and finding one by any of its numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from attrs import frozen
from cachetools import LRUCache

from cdiscount_marketplace import errors
from cdiscount_marketplace.channels.octopia.orders import (
    channel_id,
    channel_statuses,
    identities,
    sales_order,
    sold_on,
)
from cdiscount_marketplace.channels.port import DIGEST
from cdiscount_marketplace.models import Lookup, Notice, OrderQuery, OrderStatus, Reading, SalesOrder
from cdiscount_marketplace.octopia.client import OctopiaClient
from cdiscount_marketplace.octopia.orders.models import PAGE_SIZE, Order, OrderFilter
from cdiscount_marketplace.octopia.orders.section import OrderPage

_SECOND: Final = timedelta(seconds=1)
_PASSES: Final = 5
# As many orders as a seller has open; what is further back is found by its id.
_SEARCHED_PAGES: Final = 20
_REMEMBERED: Final = 10_000
_NOT_FOUND: Final = 404
# What one order can cause, while the account and the service are well.
_ONE_ORDERS: Final = (
    errors.InvalidRequest,
    errors.OrderForbidden,
    errors.OperationFailed,
    errors.HttpError,
    errors.UnreadableAnswer,
)
# What is always that order's doing.
_ITS_OWN: Final = (errors.InvalidRequest, errors.OrderForbidden, errors.OperationFailed)


@frozen
class _Listed:
    """What a list holds: its orders, when it was answered, and how many entries are no orders."""

    orders: Sequence[Order]
    answered_at: datetime | None
    unreadable: int

    def notices(self) -> Iterator[Notice]:
        """Report entries that nobody can read: whichever orders they stand for are read once the service shows them."""
        if self.unreadable:
            yield Notice("unreadable_entries", f"{self.unreadable} entries of the list of orders are no orders")


class OrderReader:
    """Reads one account's orders on its sales channels: all of them, or those that are named. Thread-safe."""

    def __init__(self, client: OctopiaClient, sales_channels: Collection[str] | None = None) -> None:
        self._client = client
        self._asked_for = sales_channels
        self._named = None if sales_channels is None else frozenset(map(channel_id, sales_channels))
        # Numbers that are orderIds: read directly, while a reference may mean another order by tomorrow.
        self._order_ids: LRUCache[str, bool] = LRUCache(_REMEMBERED)
        self._seen: set[str] = set()
        self._checked = False
        # The size of a page that others may follow: what is asked for, or less where the service gives less.
        self._page_size = PAGE_SIZE
        self._lock = threading.Lock()

    def fetch(self, query: OrderQuery, between_pages: Callable[[], None]) -> Reading:
        """Read all orders that match a query."""
        wanted = filter_of(query, self._filtered_channel())
        if wanted is None:
            return Reading(())
        listed = self._settled(wanted, between_pages)
        orders = self.translated(order for order in listed.orders if self._is_ours(order))
        # An unknown state may be any of those in the query.
        wanted_statuses = {*query.statuses, OrderStatus.OTHER}
        matching = tuple(order for order in orders if order.status in wanted_statuses)
        return Reading(matching, listed.answered_at, (*listed.notices(), *self._notices(listed.orders)))

    def translated(self, wire_orders: Iterable[Order]) -> tuple[SalesOrder, ...]:
        """Translate orders, and remember their ids."""
        orders = tuple(map(sales_order, wire_orders))
        with self._lock:
            self._order_ids.update((order.unique_id, True) for order in orders if order.unique_id is not None)
        return orders

    def look_up(self, keys: Sequence[str]) -> Lookup:
        """Read orders by number; an order that cannot be read is named with the reason, and holds up no other.

        Raises what concerns the account or the service.
        """
        orders: list[Order] = []
        failures: dict[str, errors.CdiscountError] = {}
        for key in keys:
            try:
                order = self.find(key, self._client)
            except _ONE_ORDERS as error:
                failures[key] = error
            else:
                orders += [] if order is None else [order]
        self._raise_outage(failures, len(keys))
        return Lookup(self.translated(orders), {key: error.message for key, error in failures.items()})

    def _raise_outage(self, failures: Mapping[str, errors.CdiscountError], count: int) -> None:
        """Raise what failed if all did, not by each order's own doing, and the service answers nothing else either."""
        broken = [error for error in failures.values() if not isinstance(error, _ITS_OWN)]
        if broken and len(failures) == count and not self._answers():
            raise broken[0]

    def _answers(self) -> bool:
        try:
            next(self._client.orders.pages(OrderFilter(), page_size=1))
        except errors.CdiscountError:
            return False
        return True

    def find(self, key: str, client: OctopiaClient) -> Order | None:
        """Read an order: by its id where that is known to be one, else by reference, else by the number as an id.

        Raises `OperationFailed` with the orderIds if several orders go by this reference, and `OrderForbidden` where
        the service refuses this order only.
        """
        if key.startswith(DIGEST) or not key.strip():
            return None
        if not key.isprintable():
            raise errors.InvalidRequest([errors.Problem("order_number", "no request can carry this number")])
        with self._lock:
            is_id = key in self._order_ids
        if is_id:
            return self._read(key, client)
        matching = self._bearing(key, client)
        if len(matching) > 1:
            ids = ", ".join(order.order_id or "?" for order in matching)
            message = f"several orders have this reference: {ids}"
            raise errors.OperationFailed(message, order_numbers=[key], hint="use the orderId of the one that is meant")
        return matching[0] if matching else self._read(key, client)

    def _bearing(self, key: str, client: OctopiaClient) -> list[Order]:
        """Read the orders that have a reference; if the service ignores that filter, from the whole list."""
        for page in islice(client.orders.pages(self._by_reference(key)), _SEARCHED_PAGES):
            matching = [order for order in page.orders if order.reference == key and self._is_ours(order)]
            if matching or all(order.reference == key for order in page.orders):
                return matching
        return []

    def _by_reference(self, key: str) -> OrderFilter:
        return OrderFilter(reference=key, sales_channel_id=self._filtered_channel())

    def _read(self, order_id: str, client: OctopiaClient) -> Order | None:
        try:
            order = client.orders.get(order_id)
        except errors.HttpError as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        return order if order_id in identities(order) else None

    def _settled(self, wanted: OrderFilter, between: Callable[[], None]) -> _Listed:
        """Read passes until one fits a page, or two agree.

        An order that leaves the list between two requests draws a later one onto a page that was read. So a full page
        and an empty one behind it prove nothing yet.
        """
        before: set[str] | None = None
        for number in range(_PASSES):
            if number:
                between()
            pages = list(self._client.orders.pages(wanted, between=between))
            orders = {order_key(order): order for page in pages for order in page.orders}
            if self._fits_one(pages) or orders.keys() == before:
                times = [page.answered_at for page in pages if page.answered_at]
                unreadable = sum(page.unreadable for page in pages)
                return _Listed(tuple(orders.values()), min(times, default=None), unreadable)
            before = set(orders)
        message = f"the list changed each of the {_PASSES} times that it was read"
        raise errors.CallTimeout(message, operation="GET /orders", hint="ask for a shorter period")

    def _fits_one(self, pages: Sequence[OrderPage]) -> bool:
        """Return whether the pages of a pass are one with room left; remember how many the service puts on a page."""
        sizes = [len(page.orders) + page.unreadable for page in pages]
        with self._lock:
            self._page_size = min([self._page_size, *sizes[:-1]])
            return len(pages) == 1 and sizes[0] < self._page_size

    # --- sales channels ---

    def _filtered_channel(self) -> str | None:
        """Return the sales channel to ask for: the service takes one, or none for all."""
        return next(iter(self._asked_for)) if self._asked_for is not None and len(self._asked_for) == 1 else None

    def _is_ours(self, order: Order) -> bool:
        """Return whether the order was sold where this channel sells; one that does not say is."""
        channel = sold_on(order)
        return self._named is None or channel is None or channel in self._named

    def _notices(self, orders: Iterable[Order]) -> Iterator[Notice]:
        """Report, once, names of sales channels that no order has although they have others: they may be misspelt."""
        with self._lock:
            self._seen.update(filter(None, map(sold_on, orders)))
            if self._checked or (self._named is None and not self._seen):
                return
            self._checked = True
        if not self._seen:
            self._look_elsewhere()
        named = {channel_id(self._client.sales_channel_id)} if self._named is None else self._named
        unknown = sorted(filter(None, named - self._seen)) if self._seen else []
        if unknown:
            seen = ", ".join(sorted(self._seen))
            message = f"no order was sold on {', '.join(unknown)}; this seller's orders have {seen}: check the spelling"
            yield Notice("unknown_sales_channel", message)

    def _look_elsewhere(self) -> None:
        """See where the seller's newest orders were sold; what cannot be read proves nothing."""
        try:
            page = next(self._client.orders.pages(OrderFilter()))
        except errors.CdiscountError:
            return
        with self._lock:
            self._seen.update(filter(None, map(sold_on, page.orders)))


def order_key(order: Order) -> str:
    """Return what identifies an order within one list."""
    return identities(order)[-1]


def filter_of(query: OrderQuery, sales_channel_id: str | None) -> OrderFilter | None:
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
        created_at_min=_moved(query.created_from, -_SECOND),
        created_at_max=_moved(query.created_to, _SECOND),
        updated_at_min=_moved(query.modified_from, -_SECOND),
        updated_at_max=_moved(query.modified_to, _SECOND),
    )


def _moved(bound: datetime | None, step: timedelta) -> datetime | None:
    """Move a bound out; at the ends of time it stays where it is."""
    try:
        return bound and bound + step
    except OverflowError:
        return bound
