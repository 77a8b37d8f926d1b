"""What a job that sends needs of its outbox: rows in groups, what the marketplace shows of them, and where they go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from attrs import evolve, frozen

from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.models import Decision, Lookup, Outcome, SalesOrder, Shipment
from cdiscount_marketplace.oms.ports import DecisionTask, Lease, RefundTask, ShipmentTask, Task, TaskState
from cdiscount_marketplace.oms.tasks import Seen
from cdiscount_marketplace.refunds import RefundRequest

R = TypeVar("R", ShipmentTask, DecisionTask, RefundTask)
AnyTask: TypeAlias = ShipmentTask | DecisionTask | RefundTask


@frozen
class Group(Generic[R]):
    """Rows that go out as one request, `what`: one row, or the parcels of an order that leaves as a whole."""

    rows: Sequence[R]
    what: Decision | Shipment | RefundRequest


@frozen
class Judgement:
    """What the marketplace shows of a row: `what` describes it, `note` is what a person should know about it."""

    seen: Seen
    note: str | None = None
    what: str = ""


@frozen
class Move(Generic[R]):
    """A row and where its task goes; `note` is what a person should know of a write that happened."""

    row: R
    task: Task
    note: str | None = None


@frozen
class Selection(Generic[R]):
    """What is to be sent of the rows that are due, and what becomes of the others."""

    groups: Sequence[Group[R]]
    moves: Sequence[Move[R]] = ()


class TaskQueue(Protocol[R]):
    """What differs between the kinds of tasks."""

    @property
    def chunk(self) -> int:
        """How many groups one request carries."""
        ...

    def listed(self, states: Sequence[TaskState]) -> Sequence[R]:
        """List the account's rows in any of these states, oldest first."""
        ...

    def find(self, row: R) -> R | None:
        """Return the row as it is stored now."""
        ...

    def swap(self, before: R, after: R, lease: Lease | None) -> bool:
        """Replace a row, only if it is unchanged."""
        ...

    def select(self, rows: Sequence[R], now: datetime) -> Selection[R]:
        """Choose what to send of the rows that are due; may read their orders."""
        ...

    def begun(self, row: R) -> R:
        """Return the row as it is kept while its request is under way."""
        ...

    def send(self, groups: Sequence[Group[R]]) -> Sequence[Outcome]:
        """Hand groups to the channel, in one request."""
        ...

    def judge(self, rows: Sequence[R]) -> Sequence[Judgement]:
        """Read what the marketplace shows of rows: one judgement each, in the same order."""
        ...


def judge_by_orders(
    channel: SalesChannel, rows: Sequence[R], judge: Callable[[R, SalesOrder], Judgement]
) -> list[Judgement]:
    """Judge rows by what their orders show; where an order cannot be read, that proves nothing."""
    lookup = look_up(channel, [row.task.key for row in rows])
    return [_judged(row, lookup, judge) for row in rows]


def _judged(row: R, lookup: Lookup, judge: Callable[[R, SalesOrder], Judgement]) -> Judgement:
    order = order_of(row.task.key, lookup)
    if order is None:
        failure = lookup.failures.get(row.task.key)
        return Judgement(Seen.ABSENT, what=f"the order cannot be read: {failure}" if failure else "")
    judgement = judge(row, order)
    return Judgement(judgement.seen, judgement.note, f"the marketplace shows the order as {order.status}")


def look_up(channel: SalesChannel, keys: Sequence[str]) -> Lookup:
    """Read orders by number, once each."""
    orders = channel.get(list(dict.fromkeys(keys)))
    return orders if isinstance(orders, Lookup) else Lookup(tuple(orders))


def order_of(key: str, lookup: Lookup) -> SalesOrder | None:
    """Return the order that a number means."""
    return next((order for order in lookup.orders if key in order.identities), None)


def row_id(row: AnyTask) -> tuple[str, str | None]:
    """Return what identifies a row among those of its kind and account."""
    return row.task.key, parcel_of(row) or reference_of(row)


def parcel_of(row: AnyTask) -> str | None:
    """Return a shipment's parcel."""
    return row.shipment.parcel if isinstance(row, ShipmentTask) else None


def reference_of(row: AnyTask) -> str | None:
    """Return a refund's reference."""
    return row.refund.reference if isinstance(row, RefundTask) else None


def rows_of(groups: Sequence[Group[R]]) -> list[R]:
    """Return the rows of all groups."""
    return [row for group in groups for row in group.rows]


def joined(outcome: Outcome | None, group: Group[Any]) -> Outcome | None:
    """Return what the outcome of a group's one shipment means for its other rows."""
    if outcome is None or not isinstance(group.what, Shipment):
        return outcome
    number = group.what.tracking_number
    return evolve(outcome, note=f"the marketplace ships whole orders: shipped under tracking number {number}")
