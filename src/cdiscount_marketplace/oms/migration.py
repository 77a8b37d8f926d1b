"""Before an account changes its channel: what do both say of the same orders, and does the store know them again?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import field, frozen

from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.errors import InvalidRequest, Problem, ServiceError, TransportError
from cdiscount_marketplace.failures import is_too_slow
from cdiscount_marketplace.models import OrderQuery, OrderStatus, SalesOrder
from cdiscount_marketplace.oms.admission import unfit_for
from cdiscount_marketplace.oms.identity import is_numberless
from cdiscount_marketplace.oms.ports import CheckpointStore, OrderRepository
from cdiscount_marketplace.oms.windows import Window, ceil_second, days, floor_second, halve

# Statuses that the two APIs may give to the same state; OTHER agrees with all.
_SAME = (
    {OrderStatus.WAITING_SHIPMENT, OrderStatus.READY_FOR_PICKUP},
    {OrderStatus.SHIPPED, OrderStatus.DELIVERED},
    {OrderStatus.REFUSED, OrderStatus.SHIPMENT_REFUSED, OrderStatus.CANCELLED},
)


@frozen(kw_only=True)
class Difference:
    """Something that the two channels say differently of one order; `about` is "status", "total", "lines", …"""

    order_number: str
    about: str
    before: str
    after: str


@frozen(kw_only=True)
class Renumbered:
    """An order that seems to be one, and shares no number: the new channel would import it again."""

    before: str
    after: tuple[str, ...]


@frozen(kw_only=True)
class MigrationReport:
    """What `compare_channels` found of the orders created from `begin` to `end`.

    `compared` orders were seen by both channels, `only_before` and `only_after` by one of them even when asked by
    number. `stored` is how many of the new channel's orders the store knows by one of their numbers; `new_to_store`
    are those that it would import, being ready to ship and not from before its floor.
    """

    account: str
    begin: datetime
    end: datetime
    compared: int = 0
    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    renumbered: tuple[Renumbered, ...] = ()
    stored: int = 0
    new_to_store: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """Whether switching would lose nothing and import nothing again; differences are for a person to weigh."""
        return self.compared > 0 and not (self.only_before or self.renumbered)


def compare_channels(
    before: SalesChannel,
    after: SalesChannel,
    oms: OrderRepository[Any],
    *,
    account: str,
    begin: datetime,
    end: datetime,
) -> MigrationReport:
    """Compare what two channels say of the orders created in a period, both bounds included; nothing is written.

    Run it while both answer, on a store that imported through `before`. Orders move while they are read: what differs
    is read again by number before it is reported. Orders without a number, and the marketplace's dummies, are left out.
    Raises `InvalidRequest` for a period without offset or end, and what the channels raise.
    """
    if begin.tzinfo is None or end.tzinfo is None or begin >= end:
        raise InvalidRequest([Problem("begin", "give two aware datetimes, the earlier one first")])
    period = Window(floor_second(begin), ceil_second(end))
    pairing = _Pairing(_all_orders(before, period), _all_orders(after, period)).completed(before, after)
    known = [order for order in pairing.new.orders if oms.find(account, order.keys)]
    floor = _floor(oms, account)
    waiting = [order for order in pairing.new.orders if order.status == OrderStatus.WAITING_SHIPMENT]
    return MigrationReport(
        account=account,
        begin=begin,
        end=end,
        compared=len(pairing.pairs()),
        only_before=tuple(order.number for order in pairing.lone_old()),
        only_after=tuple(order.number for order in pairing.lone_new()),
        differences=tuple(_confirmed(pairing.pairs(), before, after)),
        renumbered=tuple(_renumbered(pairing.lone_old(), pairing.lone_new())),
        stored=len(known),
        new_to_store=tuple(order.number for order in waiting if order not in known and unfit_for(order, floor) is None),
    )


def _floor(oms: object, account: str) -> datetime | None:
    begun = oms.load_checkpoint(account) if isinstance(oms, CheckpointStore) else None
    return begun.floor if begun else None


class _Orders:
    """Orders of one channel, to be found by any of their numbers."""

    def __init__(self, orders: Iterable[SalesOrder]) -> None:
        self.orders: tuple[SalesOrder, ...] = tuple({order.number: order for order in orders}.values())
        self._by_identity: Mapping[str, SalesOrder] = {
            identity: order for order in self.orders for identity in order.identities
        }

    def like(self, order: SalesOrder) -> SalesOrder | None:
        """Return the order that shares a number with this one."""
        matches = (self._by_identity.get(identity) for identity in order.identities)
        return next((order for order in matches if order is not None), None)


@frozen
class _Pairing:
    old: _Orders = field(converter=_Orders)
    new: _Orders = field(converter=_Orders)

    def pairs(self) -> list[tuple[SalesOrder, SalesOrder]]:
        return [(order, other) for order in self.old.orders if (other := self.new.like(order)) is not None]

    def lone_old(self) -> list[SalesOrder]:
        return [order for order in self.old.orders if self.new.like(order) is None]

    def lone_new(self) -> list[SalesOrder]:
        return [order for order in self.new.orders if self.old.like(order) is None]

    def completed(self, before: SalesChannel, after: SalesChannel) -> _Pairing:
        """Ask each channel by number for what only the other one listed: bounds and clocks may differ."""
        more_old = before.get([number for order in self.lone_new() for number in order.identities])
        more_new = after.get([number for order in self.lone_old() for number in order.identities])
        return _Pairing((*self.old.orders, *more_old), (*self.new.orders, *more_new))


def _all_orders(channel: SalesChannel, period: Window) -> list[SalesOrder]:
    """Read every order created in a period, in pieces that the channel can answer."""
    orders: list[SalesOrder] = []
    waiting = [*days(period)][::-1]
    while waiting:
        window = waiting.pop()
        query = OrderQuery(statuses=OrderStatus.values(), created_from=window.begin, created_to=window.end)
        try:
            orders += [order for order in channel.fetch(query) if not (order.dummy or is_numberless(order.identities))]
        except (TransportError, ServiceError) as error:
            halves = halve(window)
            if halves is None or not is_too_slow(error):
                raise
            waiting += halves[::-1]
    return orders


def _confirmed(
    pairs: Sequence[tuple[SalesOrder, SalesOrder]], before: SalesChannel, after: SalesChannel
) -> Iterator[Difference]:
    """Tell the differences that are still there when the orders are read again."""
    doubtful = [pair for pair in pairs if list(_differences(*pair))]
    if not doubtful:
        return
    again = _Pairing(before.get([old.number for old, _ in doubtful]), after.get([new.number for _, new in doubtful]))
    for pair in again.pairs():
        yield from _differences(*pair)


def _differences(old: SalesOrder, new: SalesOrder) -> Iterator[Difference]:
    if not _same_status(old.status, new.status):
        yield _difference(old, "status", old.status, new.status)
    for about in ("currency", "total", "shipping_total"):
        before, after = getattr(old, about), getattr(new, about)
        if before is not None and after is not None and before != after:
            yield _difference(old, about, before, after)
    if _goods(old) != _goods(new):
        yield _difference(old, "lines", _goods(old), _goods(new))


def _difference(order: SalesOrder, about: str, before: object, after: object) -> Difference:
    return Difference(order_number=order.number, about=about, before=str(before), after=str(after))


def _same_status(one: OrderStatus, other: OrderStatus) -> bool:
    if one == other or OrderStatus.OTHER in (one, other):
        return True
    return any(one in same and other in same for same in _SAME)


def _goods(order: SalesOrder) -> list[tuple[str, str]]:
    return sorted((line.sku or line.product_id or "", str(line.quantity)) for line in order.lines)


def _renumbered(lone_old: Sequence[SalesOrder], lone_new: Sequence[SalesOrder]) -> Iterator[Renumbered]:
    """Find orders that differ in their numbers only."""
    by_content: dict[tuple[Any, ...], list[SalesOrder]] = {}
    for order in lone_new:
        by_content.setdefault(_content(order), []).append(order)
    for order in lone_old:
        alike = by_content.get(_content(order), [])
        if len(alike) == 1:
            yield Renumbered(before=order.number, after=alike[0].identities)


def _content(order: SalesOrder) -> tuple[Any, ...]:
    placed = order.created_at and floor_second(order.created_at)
    return placed, order.total and order.total.normalize(), tuple(_goods(order))
