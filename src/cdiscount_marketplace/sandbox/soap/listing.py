"""GetOrderList: what its filter means, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from cdiscount_marketplace.sandbox.book import OrderBook, Selection
from cdiscount_marketplace.sandbox.effects import DuplicateReference, NoOrderNumber, UnknownValues
from cdiscount_marketplace.sandbox.faults import Effects
from cdiscount_marketplace.sandbox.index import Span
from cdiscount_marketplace.sandbox.orders import Order
from cdiscount_marketplace.sandbox.quirks import Quirk
from cdiscount_marketplace.sandbox.settings import ResultOrder, Settings, Stamp
from cdiscount_marketplace.sandbox.soap.requests import Values
from cdiscount_marketplace.sandbox.soap.responses import Detail
from cdiscount_marketplace.sandbox.states import LineState, State

_MAX_REFERENCES = 10_000
_TIMEOUT = "Execution Timeout Expired. The server is not responding."


class Broken(Exception):
    """The service fails on a request, with `text` or its usual message."""

    def __init__(self, text: str | None = None) -> None:
        super().__init__(text)
        self.text = text


@frozen(kw_only=True)
class Bounds:
    """Two naive local times, both included, as the filter gives them: the server compares them as they are written."""

    begin: datetime | None
    end: datetime | None

    def hold(self, stamp: datetime, zone: ZoneInfo) -> bool:
        """Whether an instant, written in the server's zone, lies between them."""
        if self.begin is None and self.end is None:
            return True
        written = stamp.astimezone(zone).replace(tzinfo=None)
        return (self.begin is None or self.begin <= written) and (self.end is None or written <= self.end)

    def span(self, zone: ZoneInfo) -> Span:
        """Return every instant that may lie between them: in the repeated hour of autumn a time means two."""
        begins, ends = _instants(self.begin, zone), _instants(self.end, zone)
        return Span(begin=min(begins, default=None), end=max(ends, default=None))


def _instants(naive: datetime | None, zone: ZoneInfo) -> tuple[datetime, ...]:
    if naive is None:
        return ()
    try:
        return tuple(naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    # The first and the last year have no neighbours in other zones.
    except OverflowError:
        return (naive.replace(tzinfo=UTC),)


def select(values: Values, book: OrderBook, settings: Settings) -> list[Order]:
    """Return the orders that a filter means, in the order of the answer."""
    references = values.many("OrderReferenceList")
    orders = _by_number(references, book) if references else _by_criteria(values, book, settings)
    if settings.slow_beyond is not None and len(orders) > settings.slow_beyond:
        raise Broken(_TIMEOUT)
    return sorted(orders, key=_created, reverse=settings.result_order is ResultOrder.NEWEST_FIRST)


def _by_number(references: Sequence[str], book: OrderBook) -> list[Order]:
    orders = book.find(references[:_MAX_REFERENCES])
    if any(Quirk.FORBIDDEN in order.quirks for order in orders):
        raise Broken
    return [order for order in orders if Quirk.MISSING not in order.quirks]


def _created(order: Order) -> tuple[datetime, str]:
    return order.created_at, order.number


def _by_criteria(values: Values, book: OrderBook, settings: Settings) -> list[Order]:
    zone = ZoneInfo(settings.zone)
    states = values.many("States") or None
    dates_count = states is not None or not settings.dates_need_states
    created = _bounds(values, "Creation", zone) if dates_count else Bounds(begin=None, end=None)
    modified = _bounds(values, "Modification", zone) if dates_count else Bounds(begin=None, end=None)
    if created.begin is None and modified.begin is None:
        begin = (book.now() - settings.default_window).astimezone(zone).replace(tzinfo=None)
        created = evolve(created, begin=begin)
    orders = book.select(Selection(states=states, created=created.span(zone), updated=modified.span(zone)))
    stamp = _stamp(settings)
    others = _other_criteria(values)
    return [
        order
        for order in orders
        if created.hold(order.created_at, zone) and modified.hold(stamp(order), zone) and others(order)
    ]


def _stamp(settings: Settings) -> Callable[[Order], datetime]:
    if settings.modification_stamp is Stamp.MODIFIED:
        return lambda order: order.modified_at
    return lambda order: order.updated_at


def _bounds(values: Values, kind: str, zone: ZoneInfo) -> Bounds:
    begin, end = (_naive(values.get(f"{side}{kind}Date"), zone) for side in ("Begin", "End"))
    return Bounds(begin=begin, end=end)


def _naive(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    if moment is None or moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(zone).replace(tzinfo=None)
    # The first and the last day reach beyond the calendar in other zones; .NET stops at its end as well.
    except OverflowError:
        return moment.replace(tzinfo=None)


def _other_criteria(values: Values) -> Callable[[Order], bool]:
    corporation, country = values.text("CorporationCode"), values.text("Country")
    kind = values.text("OrderType")
    references = [reference.strip() for reference in values.text("PartnerOrderRef").split(";") if reference.strip()]

    def holds(order: Order) -> bool:
        return (
            corporation in ("", "CDSB2C")
            and country in ("", "All", "France")
            and _is_of_kind(order, kind)
            and (not references or order.partner_reference in references)
        )

    return holds


def _is_of_kind(order: Order, kind: str) -> bool:
    if kind in ("IsFulfillment", "MKPFBC"):
        return order.fulfilled_by_cdiscount
    return kind != "EXTFBC"


def detail(values: Values) -> Detail:
    """Return which parts of each order a filter asks for; by default the order alone."""
    return Detail(lines=values.truth("FetchOrderLines"), parcels=values.truth("FetchParcels"))


def distort(orders: list[Order], effects: Effects) -> list[Order]:
    """Return orders as the faults that strike make them look."""
    if effects.has(DuplicateReference):
        orders = [_with_one_reference(order) for order in orders]
    if effects.has(UnknownValues):
        orders = [_with_unknown_states(order) for order in orders]
    if effects.has(NoOrderNumber) and orders:
        orders = [evolve(orders[0], number="", state=State("Filled")), *orders[1:]]
    return orders


def _with_one_reference(order: Order) -> Order:
    reference = order.lines[0].reference
    return evolve(order, lines=tuple(line if line.fee else evolve(line, reference=reference) for line in order.lines))


def _with_unknown_states(order: Order) -> Order:
    lines = tuple(evolve(line, state=LineState("StateOfTomorrow")) for line in order.lines)
    return evolve(order, state=State("StateOfTomorrow"), lines=lines)
