"""Which lines of an order a stored shipment is about, and what the order shows of them: pure functions.

A parcel is its lines under a tracking number. Proof is per line: no line is shipped because another one is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from attrs import evolve

from cdiscount_marketplace.models import Fulfiller, LineStatus, OrderStatus, SalesLine, SalesOrder, Shipment
from cdiscount_marketplace.oms import tasks
from cdiscount_marketplace.oms.ports import ShipmentTask, TaskState
from cdiscount_marketplace.oms.queues import Group, Judgement, Move, Selection
from cdiscount_marketplace.oms.tasks import UNSETTLED, Seen

# Rows whose lines are free for another parcel.
WITHDRAWN = (TaskState.REJECTED, TaskState.CANCELLED)

_OPEN_LINE = (LineStatus.WAITING, LineStatus.ACCEPTED)
_SHIPPED_LINE = (LineStatus.SHIPPED, LineStatus.DELIVERED)
_DEAD_LINE = (LineStatus.REFUSED, LineStatus.SHIPMENT_REFUSED, LineStatus.CANCELLED)
# A refund does not say whether the line was shipped: that takes the order's state, or a parcel.
_OVER = (*_SHIPPED_LINE, *_DEAD_LINE, LineStatus.REFUNDED)
_SHIPPED = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_OPEN = {
    OrderStatus.WAITING_SHIPMENT: Seen.OPEN,
    # In the seller's own shop, from where it is still to be shipped.
    OrderStatus.READY_FOR_PICKUP: Seen.OPEN,
    OrderStatus.PROCESSING: Seen.NOT_YET,
    OrderStatus.WAITING_ACCEPTANCE: Seen.NOT_YET,
    OrderStatus.ACCEPTED: Seen.NOT_YET,
    OrderStatus.SHIPPED: Seen.DONE,
    OrderStatus.DELIVERED: Seen.DONE,
    OrderStatus.REFUSED: Seen.CLOSED,
    OrderStatus.SHIPMENT_REFUSED: Seen.CLOSED,
    OrderStatus.CANCELLED: Seen.CLOSED,
}


def plan_parcels(
    due: Sequence[ShipmentTask], stored: Sequence[ShipmentTask], order: SalesOrder, now: datetime, *, whole: bool
) -> Selection[ShipmentTask]:
    """Choose what to send of the parcels of an order that are due; `stored` are all of them that were not withdrawn.

    Where the marketplace ships whole orders only, they wait until they cover every open line, and go out as one.
    """
    ready: list[ShipmentTask] = []
    moves: list[Move[ShipmentTask]] = []
    for row in due:
        moved = _without_sending(row, stored, order, now)
        if moved is None:
            ready.append(row)
        else:
            moves.append(moved)
    if not whole:
        return Selection([Group([row], remaining(row, order, _without(stored, row))) for row in ready], moves)
    missing = _missing(ready, stored, order)
    if missing:
        return Selection((), [*moves, *(Move(row, tasks.waiting(row.task, now, missing)) for row in ready)])
    return Selection([Group(ready, joined(ready, order))] if ready else (), moves)


def _without_sending(
    row: ShipmentTask, stored: Sequence[ShipmentTask], order: SalesOrder, now: datetime
) -> Move[ShipmentTask] | None:
    """Return what becomes of a parcel that need not, or cannot, be sent as the order stands; None for any other."""
    proof = proof_of(row, order, _without(stored, row))
    if proof.seen == Seen.DONE:
        what = proof.note or "the marketplace shows its lines as shipped"
        return Move(row, tasks.confirmed(row.task, now, what), proof.note)
    if proof.seen == Seen.CLOSED:
        why = f"the order is {order.status}: its lines cannot be shipped"
        return Move(row, tasks.rejected(row.task, now, "closed", why))
    named = row.shipment.lines
    if named is not None and translated(named, order) is None:
        return Move(row, tasks.unread(row.task, now, _foreign_lines(named, order), code="lines_unknown"))
    return None


def _foreign_lines(named: Collection[str], order: SalesOrder) -> str:
    ids = ", ".join(line.line_id or "?" for line in order.lines)
    return f"lines {', '.join(named)} are not those of the order, which are {ids}: cancel this and queue it again"


def _missing(ready: Sequence[ShipmentTask], stored: Sequence[ShipmentTask], order: SalesOrder) -> str | None:
    """Say what parcels of an order that leaves as a whole wait for; None if they can go."""
    if any(row.task.state in UNSETTLED for row in stored):
        return "waits until an earlier shipment of this order is settled"
    if any(row.shipment.complete for row in ready):
        return None
    lines = uncovered(ready, order)
    if not lines:
        return None
    return f"waits for parcels with line {', '.join(lines)}: this marketplace ships whole orders only"


def proof_of(row: ShipmentTask, order: SalesOrder, others: Sequence[ShipmentTask]) -> Judgement:
    """Judge a shipment by its own lines; `others` are the order's other shipments."""
    lines = lines_of(row.shipment, order, others)
    if not lines:
        return _proof_without_lines(row.shipment, order)
    shipped = [line for line in lines if is_shipped(line, order, row.shipment)]
    dead = [line for line in lines if line not in shipped and _is_dead(line, order)]
    if len(shipped) + len(dead) < len(lines):
        return Judgement(_seen_open(order))
    return Judgement(
        Seen.DONE if shipped else Seen.CLOSED, "; ".join(_notes(row.shipment, shipped, dead, others)) or None
    )


def lines_of(shipment: Shipment, order: SalesOrder, others: Sequence[ShipmentTask]) -> tuple[SalesLine, ...]:
    """Return the lines that a shipment is about: those it names, or the seller's own that no other parcel has.

    Empty where it names a line that the order does not show: the other lines prove nothing about that one.
    """
    if shipment.lines is not None:
        wanted = set(translated(shipment.lines, order) or ())
        return tuple(line for line in order.lines if line.line_id in wanted)
    taken = {line_id for other in others for line_id in _named(other, order)}
    return tuple(line for line in own_lines(order) if line.line_id not in taken)


def own_lines(order: SalesOrder) -> tuple[SalesLine, ...]:
    """Return the lines that the seller ships."""
    return tuple(line for line in order.lines if line.fulfilled_by == Fulfiller.SELLER)


def open_lines(order: SalesOrder) -> tuple[SalesLine, ...]:
    """Return the seller's lines that are still to be shipped."""
    return tuple(line for line in own_lines(order) if line.status not in _OVER)


def is_shipped(line: SalesLine, order: SalesOrder, shipment: Shipment) -> bool:
    """Return whether a line left: by its own state, its own parcel, or with an order that left as a whole."""
    if line.status in _SHIPPED_LINE or _same_number(shipment.tracking_number, _numbers(line)):
        return True
    return order.status in _SHIPPED and line.status not in _DEAD_LINE


def by_lines(order: SalesOrder) -> SalesOrder:
    """Return an order whose parcels leave one by one as its lines show it: while one did not leave, it is open."""
    left = [line for line in order.lines if line.status in _SHIPPED_LINE or line.parcels]
    behind = [line for line in own_lines(order) if line.status in _OPEN_LINE and not line.parcels]
    is_open = order.status in _SHIPPED and left and behind
    return evolve(order, status=OrderStatus.WAITING_SHIPMENT) if is_open else order


def translated(named: Collection[str], order: SalesOrder) -> tuple[str, ...] | None:
    """Return the order's own ids for lines named by another channel's: its references; None where that is in doubt.

    A reference that several lines have names each of them by `#2`, `#3` …, as the SOAP channel does.
    """
    ids = {line.line_id for line in order.lines}
    line_ids = [name if name in ids else _by_reference(name, order) for name in named]
    return None if None in line_ids else tuple(line_id for line_id in line_ids if line_id is not None)


def _by_reference(name: str, order: SalesOrder) -> str | None:
    reference, _, position = name.partition("#")
    alike = [line for line in order.lines if reference in (line.sku, line.product_id)]
    if position.isdecimal() and 0 < int(position) <= len(alike):
        return alike[int(position) - 1].line_id
    # The first of several is the bare reference, if the others are numbered.
    return alike[0].line_id if alike and not position else None


def remaining(row: ShipmentTask, order: SalesOrder, others: Sequence[ShipmentTask]) -> Shipment:
    """Return the shipment with exactly its lines that are still to be shipped."""
    lines = [line for line in lines_of(row.shipment, order, others) if not is_shipped(line, order, row.shipment)]
    ids = tuple(line.line_id for line in lines if line.line_id is not None and not _is_dead(line, order))
    return evolve(row.shipment, lines=ids)


def uncovered(rows: Sequence[ShipmentTask], order: SalesOrder) -> tuple[str, ...]:
    """Return the order's open lines that none of these shipments has."""
    covered = {line.line_id for row in rows for line in lines_of(row.shipment, order, _without(rows, row))}
    return tuple(line.line_id or "?" for line in open_lines(order) if line.line_id not in covered)


def joined(rows: Sequence[ShipmentTask], order: SalesOrder) -> Shipment:
    """Return the one shipment that stands for several: under the first one's carrier and number."""
    first = rows[0].shipment
    if not uncovered(rows, order):
        return evolve(first, lines=None)
    ids = (line.line_id for row in rows for line in lines_of(row.shipment, order, _without(rows, row)))
    still_open = {line.line_id for line in open_lines(order)}
    return evolve(first, lines=tuple(dict.fromkeys(one for one in ids if one is not None and one in still_open)))


def overlaps(one: Shipment, other: Shipment) -> bool:
    """Return whether two shipments claim the same lines; one that claims the rest claims no line of another."""
    if one.lines is None or other.lines is None:
        return one.lines is None and other.lines is None
    return not set(one.lines).isdisjoint(other.lines)


def _named(row: ShipmentTask, order: SalesOrder) -> Collection[str]:
    lines = row.shipment.lines
    if lines is None or row.task.state in WITHDRAWN:
        return ()
    return translated(lines, order) or lines


def _without(rows: Sequence[ShipmentTask], row: ShipmentTask) -> Sequence[ShipmentTask]:
    return [other for other in rows if other is not row]


def _is_dead(line: SalesLine, order: SalesOrder) -> bool:
    return line.status in _OVER or _OPEN.get(order.status) == Seen.CLOSED


def _seen_open(order: SalesOrder) -> Seen:
    """Judge whether unshipped lines can be shipped; an unknown order state proves nothing."""
    return _OPEN.get(order.status, Seen.ABSENT)


def _proof_without_lines(shipment: Shipment, order: SalesOrder) -> Judgement:
    """Judge by the order alone where it does not show the lines."""
    numbers = [parcel.tracking_number for parcel in order.parcels]
    if not order.lines and _same_number(shipment.tracking_number, numbers):
        return Judgement(Seen.DONE)
    note = f"the order does not show line {', '.join(shipment.lines)}" if shipment.lines and order.lines else None
    return Judgement(_OPEN.get(order.status, Seen.ABSENT), note)


def _notes(
    shipment: Shipment, shipped: Sequence[SalesLine], dead: Sequence[SalesLine], others: Sequence[ShipmentTask]
) -> Iterator[str]:
    known = {shipment.tracking_number, *(other.shipment.tracking_number for other in others)}
    foreign = {
        number
        for line in shipped
        if (numbers := _numbers(line)) and not _same_number(shipment.tracking_number, numbers)
        for number in numbers
        if number
    }
    if foreign:
        elsewhere = "" if foreign <= known else " by somebody else"
        yield f"shipped{elsewhere} under tracking number {', '.join(sorted(foreign))}"
    if shipped and dead:
        yield f"line {', '.join(line.line_id or '?' for line in dead)} was cancelled"


def _numbers(line: SalesLine) -> list[str | None]:
    return [parcel.tracking_number for parcel in line.parcels]


def _same_number(number: str, numbers: Sequence[str | None]) -> bool:
    folded = number.casefold()
    return any(other is not None and other.casefold() == folded for other in numbers)
