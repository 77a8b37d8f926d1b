"""Which writes an order of the REST API allows, and what reading it proves about one: pure decisions."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from attrs import frozen

from cdiscount_marketplace.channels.octopia.orders import is_sellers, order_status
from cdiscount_marketplace.channels.port import CANCELLATION_PENDING, UNREADABLE, OutcomeCode
from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.errors import CdiscountError, HttpError, OperationFailed
from cdiscount_marketplace.failures import write_outcome
from cdiscount_marketplace.models import (
    Decision,
    LineOutcome,
    OrderStatus,
    Outcome,
    OutcomeStatus,
    Shipment,
    Verdict,
)
from cdiscount_marketplace.octopia.orders import models as octopia

_LOST = "\ufffd"
BUSY = "Busy"
TAKEN = "Taken"

# Lines in any other state, known or not, are sent: the service itself refuses what it cannot ship.
_DEAD_LINES = (octopia.LineStatus.REFUSED, octopia.LineStatus.CANCELLED, octopia.LineStatus.REJECTED)
_OPEN_LINES = (octopia.LineStatus.ACCEPTED, octopia.LineStatus.IN_PREPARATION)
_SHIPPED_LINES = (octopia.LineStatus.SHIPPED, octopia.LineStatus.DELIVERED)
_FINAL_LINES = (*_DEAD_LINES, *_SHIPPED_LINES)
_SHIPPED = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_DEAD = (OrderStatus.REFUSED, OrderStatus.CANCELLED)
_ACCEPTED = (OrderStatus.ACCEPTED, OrderStatus.WAITING_SHIPMENT, *_SHIPPED)


class Progress(OpenEnum):
    """What an order shows about a write: done, impossible, possible now, not possible yet, or unclear."""

    DONE = Member("done")
    CLOSED = Member("closed")
    OPEN = Member("open")
    NOT_YET = Member("not_yet")
    UNCLEAR = Member("unclear")


def shipment_progress(order: octopia.Order, shipment: Shipment, *, split: bool) -> Progress:
    """Judge by the lines of the shipment: each by its state or its parcel, or all by an order that left as a whole.

    Of an order that may be `split`, a line that is open while others left is still to be shipped.
    """
    status = order_status(order)
    if status in _DEAD:
        return Progress.CLOSED
    lines = _lines_of(order, shipment)
    if lines and not _unshown(order, shipment.lines) and all(_is_shipped(line, shipment) for line in lines):
        return Progress.DONE
    if status in _SHIPPED:
        behind = split and any(_left_behind(line, order) for line in lines)
        return Progress.OPEN if behind else Progress.DONE
    if status == OrderStatus.WAITING_SHIPMENT:
        return Progress.OPEN
    return Progress.UNCLEAR if status == OrderStatus.OTHER else Progress.NOT_YET


def shipment_note(order: octopia.Order, shipment: Shipment) -> str | None:
    """Say under which other numbers lines of a shipment left, if any did."""
    numbers = {
        parcel.parcel_number
        for line in _lines_of(order, shipment)
        if line.parcels and not _has_parcel(line, shipment)
        for parcel in line.parcels
        if parcel.parcel_number
    }
    return f"shipped under tracking number {', '.join(sorted(numbers))}" if numbers else None


def _lines_of(order: octopia.Order, shipment: Shipment) -> list[octopia.OrderLine]:
    """Return the lines that a shipment is about: those it names, or the seller's own that are not cancelled."""
    if shipment.lines is not None:
        return [line for line in order.lines if line.order_line_id in shipment.lines]
    return [line for line in order.lines if is_sellers(order, line) and line.status not in _DEAD_LINES]


def _is_shipped(line: octopia.OrderLine, shipment: Shipment) -> bool:
    return line.status in _SHIPPED_LINES or _has_parcel(line, shipment)


def _left_behind(line: octopia.OrderLine, order: octopia.Order) -> bool:
    """Return whether a line is open while others of its order left: the order's state then proves nothing about it."""
    left = any(other.status in _SHIPPED_LINES or other.parcels for other in order.lines)
    return left and line.status in _OPEN_LINES and not line.parcels


def _has_parcel(line: octopia.OrderLine, shipment: Shipment) -> bool:
    number = shipment.tracking_number.casefold()
    return any((parcel.parcel_number or "").casefold() == number for parcel in line.parcels)


def decision_progress(order: octopia.Order, decision: Decision) -> Progress:
    """Judge by the state: an order that left the queue went one way or the other."""
    status = order_status(order)
    if status == OrderStatus.WAITING_ACCEPTANCE:
        return Progress.OPEN
    if status in (OrderStatus.PROCESSING, OrderStatus.OTHER):
        return Progress.NOT_YET if status == OrderStatus.PROCESSING else Progress.UNCLEAR
    wanted = _ACCEPTED if decision.verdict == Verdict.ACCEPT else (OrderStatus.REFUSED,)
    return Progress.DONE if status in wanted else Progress.CLOSED


@frozen(kw_only=True)
class Plan:
    """The lines that a write is about (none: the whole order), or why it cannot be sent as the order stands.

    `passing_code` is the code of a problem that may go away: a request to cancel a line, or a damaged answer.
    """

    line_ids: tuple[str, ...] = ()
    problem: str | None = None
    passing_code: str | None = None


def plan_shipment(order: octopia.Order, lines: Collection[str] | None, *, cancel_requested: bool) -> Plan:
    """Choose the lines to ship: the seller's own that are in no final state; all, or those that are named.

    `cancel_requested` ships lines, too, whose cancellation the customer asked for.
    """
    own = [line for line in order.lines if is_sellers(order, line)]
    if not own and order.lines:
        return Plan(problem="the marketplace supplies this order itself, and ships it")
    pending = [line for line in own if line.status == octopia.LineStatus.CANCEL_REQUEST]
    if pending and not cancel_requested:
        return Plan(
            problem=f"a cancellation is asked for of line {_ids(pending)}: settle that first",
            passing_code=CANCELLATION_PENDING,
        )
    damaged = [line.order_line_id for line in own if line.order_line_id and _LOST in line.order_line_id]
    unshown = [*_unshown(order, lines), *damaged]
    if unshown or not any(line.order_line_id for line in own):
        what = f"line {', '.join(unshown)}" if unshown else "the id of any line"
        return Plan(problem=f"the order does not show {what}", passing_code=UNREADABLE)
    ready = [line for line in own if line.status not in _FINAL_LINES and line.order_line_id]
    chosen = [line for line in ready if lines is None or line.order_line_id in lines]
    missing = sorted(set(lines or ()) - {line.order_line_id for line in ready if line.order_line_id})
    if missing:
        return Plan(problem=f"{', '.join(missing)}: no line of this order that can be shipped now")
    if not chosen:
        return Plan(problem="no line of this order can be shipped now")
    return Plan(line_ids=tuple(line.order_line_id for line in chosen if line.order_line_id))


def shown(
    key: str, progress: Progress, status: str | None, lines: Sequence[str] = (), note: str | None = None
) -> Outcome | None:
    """Return the outcome that an order shows before anything is sent; None where the write can be sent."""
    if progress == Progress.DONE:
        return confirmed(key, lines, note)
    if progress in (Progress.CLOSED, Progress.NOT_YET):
        return rejected(key, OutcomeCode.CONFLICT, f"the order is {status}")
    return None


def confirmed(key: str, lines: Sequence[str] = (), note: str | None = None) -> Outcome:
    """Say that it happened."""
    updated = tuple(LineOutcome(line_id=line, updated=True) for line in lines)
    return Outcome(key=key, status=OutcomeStatus.CONFIRMED, lines=updated, note=note)


def rejected(key: str, code: str, message: str, *, retryable: bool = False) -> Outcome:
    """Say that it did not happen."""
    return Outcome(key=key, status=OutcomeStatus.REJECTED, code=code, message=message, retryable=retryable)


def unknown(key: str, code: str, message: str) -> Outcome:
    """Return an unknown outcome, to be settled by reading later."""
    return Outcome(key=key, status=OutcomeStatus.UNKNOWN, code=code, message=message)


def not_run(key: str, error: CdiscountError) -> Outcome:
    """Say of an order that its turn did not come, or ended before anything was sent."""
    final = isinstance(error, OperationFailed)
    return rejected(key, type(error).__name__, error.message, retryable=not final)


def refused(key: str, plan: Plan) -> Outcome:
    """Say why a write cannot be sent as the order stands."""
    return rejected(
        key, plan.passing_code or "InvalidRequest", plan.problem or "", retryable=plan.passing_code is not None
    )


def after_refusal(key: str, error: HttpError, progress: Progress | None, lines: Sequence[str] = ()) -> Outcome:
    """Judge a refused write by what the order shows now; `progress` is None where it could not be read.

    A conflict may mean that the order is busy with an earlier, unanswered write: only time shows.
    """
    if progress == Progress.DONE:
        return confirmed(key, lines)
    if error.status == 409 and progress in (Progress.OPEN, Progress.UNCLEAR, None):
        return unknown(key, BUSY, error.message)
    return rejected(key, str(error.status), error.message, retryable=write_outcome(error) == "not_run")


def _unshown(order: octopia.Order, named: Collection[str] | None) -> list[str]:
    """Return the named lines that the order does not show at all."""
    return sorted(set(named or ()) - {line.order_line_id for line in order.lines if line.order_line_id})


def _ids(lines: Sequence[octopia.OrderLine]) -> str:
    return ", ".join(line.order_line_id or "?" for line in lines)
