"""GET /orders and its kin: what the query means, and which page of the answer is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from attrs import frozen

from cdiscount_marketplace.octopia.orders.models import OrderStatus, SupplyMode
from cdiscount_marketplace.sandbox.book import OrderBook, Selection
from cdiscount_marketplace.sandbox.index import Span
from cdiscount_marketplace.sandbox.octopia.errors import Problem
from cdiscount_marketplace.sandbox.octopia.responses import SALES_CHANNEL
from cdiscount_marketplace.sandbox.octopia.statuses import order_status, states_of
from cdiscount_marketplace.sandbox.orders import Order
from cdiscount_marketplace.sandbox.states import State

MAX_PAGE = 100
MAX_LIMIT = 1000
T = TypeVar("T")
Query = Mapping[str, str]
_TICK = timedelta(microseconds=1)


@frozen
class Page:
    """A part of a list, and the query of the next part."""

    items: Sequence[Any]
    next: Mapping[str, str] | None


def matching(book: OrderBook, query: Query) -> list[Order]:
    """Return the orders that a query asks for, oldest first; raises `Problem` for values that mean nothing."""
    tests = _tests(query)
    selection = Selection(
        states=_states(query), created=_span(query, "createdAt", book), updated=_span(query, "updatedAt", book)
    )
    return [order for order in book.select(selection) if all(test(order) for test in tests)]


def index_page(items: Sequence[T], query: Query, most: int | None = None) -> Page:
    """Cut a page out by pageIndex and pageSize, of at most this many items whatever was asked."""
    size = min(_number(query, "pageSize", default=MAX_PAGE, most=MAX_PAGE), most or MAX_PAGE)
    index = _number(query, "pageIndex", default=1, most=10**9)
    more = index * size < len(items)
    return Page(items[(index - 1) * size : index * size], {**query, "pageIndex": str(index + 1)} if more else None)


def cursor_page(items: Sequence[T], query: Query) -> Page:
    """Cut a page out by limit and cursor."""
    limit = _number(query, "limit", default=MAX_LIMIT, most=MAX_LIMIT)
    begin = int(query["cursor"]) if query.get("cursor", "").isdecimal() else 0
    more = begin + limit < len(items)
    return Page(items[begin : begin + limit], {**query, "cursor": str(begin + limit)} if more else None)


def moment(query: Query, name: str) -> datetime | None:
    """Read a date; without an offset it is UTC."""
    text = query.get(name)
    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise Problem.of_member(name, "The value is not a valid date.") from None
    try:
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except OverflowError:
        raise Problem.of_member(name, "The value is not a valid date.") from None


def _span(query: Query, name: str, book: OrderBook) -> Span:
    begin, end = moment(query, f"{name}Min"), moment(query, f"{name}Max")
    if not book.settings.octopia_bounds_inclusive:
        begin, end = begin and begin + _TICK, end and end - _TICK
    return Span(begin=begin, end=end)


def _states(query: Query) -> frozenset[State] | None:
    if not query.get("status"):
        return None
    words = query["status"].split(",")
    unknown = [word for word in words if not OrderStatus(word).known]
    if unknown:
        raise Problem.of_member("status", f"The value '{unknown[0]}' is not valid.")
    return states_of(words)


def _tests(query: Query) -> list[Callable[[Order], bool]]:
    wanted: dict[str, Callable[[Order, str], bool]] = {
        "reference": lambda order, value: order.number == value,
        "salesChannelId": lambda order, value: value == (order.sales_channel or SALES_CHANNEL),
        "supplyMode": lambda order, value: (value != SupplyMode.SELLER) == order.fulfilled_by_cdiscount,
        "businessOrder": lambda order, value: order.business == (value.lower() == "true"),
        "shippingCountry": lambda order, value: order.shipping.country == value,
    }
    tests = [_bound(test, query[name]) for name, test in wanted.items() if query.get(name)]
    shipped = Span(begin=moment(query, "shippedAtMin"), end=moment(query, "shippedAtMax"))
    return tests if shipped.open else [*tests, lambda order: _shipped_within(order, shipped)]


def _bound(test: Callable[[Order, str], bool], value: str) -> Callable[[Order], bool]:
    return lambda order: test(order, value)


def _shipped_within(order: Order, span: Span) -> bool:
    moves = (event.at for event in order.history if order_status(event.state) == OrderStatus.SHIPPED)
    at = next(moves, None)
    return at is not None and span.holds(at)


def _number(query: Query, name: str, *, default: int, most: int) -> int:
    text = query.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and 1 <= int(text) <= most):
        raise Problem.of_member(name, f"The value must be a number between 1 and {most}.")
    return int(text)
