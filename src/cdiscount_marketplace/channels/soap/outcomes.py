"""What may be asked of an order of the SOAP service, and what became of it: pure decisions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from attrs import evolve

from cdiscount_marketplace.channels.port import CANCELLATION_PENDING, UNREADABLE, OutcomeCode
from cdiscount_marketplace.channels.soap.orders import line_ids
from cdiscount_marketplace.channels.soap.states import order_status
from cdiscount_marketplace.errors import CdiscountError, InvalidRequest, Problem
from cdiscount_marketplace.models import LineOutcome, OrderStatus, Outcome, OutcomeStatus
from cdiscount_marketplace.soap.common import ErrorType, ResultStatus
from cdiscount_marketplace.soap.orders.lines import goods, is_closed, is_pending, is_readable, reference
from cdiscount_marketplace.soap.orders.models import Order, OrderLine
from cdiscount_marketplace.soap.orders.reports import OrderResult

NOT_FOUND = str(ErrorType.ORDER_NOT_FOUND)

ENDED = frozenset(
    {
        OrderStatus.SHIPPED,
        OrderStatus.DELIVERED,
        OrderStatus.REFUSED,
        OrderStatus.SHIPMENT_REFUSED,
        OrderStatus.CANCELLED,
    }
)
DECIDED = ENDED | {OrderStatus.ACCEPTED, OrderStatus.WAITING_SHIPMENT, OrderStatus.READY_FOR_PICKUP}
_STATUSES = {
    ResultStatus.CONFIRMED: OutcomeStatus.CONFIRMED,
    ResultStatus.REJECTED: OutcomeStatus.REJECTED,
    ResultStatus.UNKNOWN: OutcomeStatus.UNKNOWN,
    # Nothing happened, so the outcome is retryable.
    ResultStatus.NOT_RUN: OutcomeStatus.REJECTED,
}


def outcome(result: OrderResult) -> Outcome:
    """Put what became of an order in the OMS side's words."""
    code = next(iter(result.codes), None)
    return Outcome(
        key=result.order_number,
        status=_STATUSES[result.status],
        code=code,
        message=result.message,
        lines=tuple(
            LineOutcome(
                line_id=line.reference or "",
                updated=line.updated,
                code=next((str(error.error_type) for error in line.errors if error.error_type), None),
                message=next((error.message for error in line.errors if error.message), None),
            )
            for line in result.lines
        ),
        retryable=result.status == ResultStatus.NOT_RUN or code == ErrorType.QUOTA,
    )


def rejected(key: str, code: str, message: str, *, retryable: bool = False) -> Outcome:
    """Say that nothing was sent for an order, and why."""
    return Outcome(key=key, status=OutcomeStatus.REJECTED, code=code, message=message, retryable=retryable)


def not_run(key: str, error: CdiscountError) -> Outcome:
    """Say that an error came before anything was sent."""
    return rejected(key, type(error).__name__, error.message, retryable=True)


def not_found(key: str) -> Outcome:
    """Say that the marketplace does not show an order; it may be late, so that it is worth asking again."""
    return rejected(key, NOT_FOUND, "this account has no such order", retryable=True)


def unreadable(key: str, reason: str) -> Outcome:
    """Say that one order cannot be read while others can; nothing was sent for it."""
    return rejected(key, UNREADABLE, reason, retryable=True)


def refused(order: Order, error: InvalidRequest) -> Outcome:
    """Say why a decision cannot be sent as the order stands.

    A cancellation request may be withdrawn, and the next answer may say what this one does not.
    """
    passing = _passing_code(order)
    return rejected(
        str(order.order_number), passing or type(error).__name__, error.message, retryable=passing is not None
    )


def _passing_code(order: Order) -> str | None:
    lines = goods(order)
    if any(map(is_pending, lines)):
        return CANCELLATION_PENDING
    return None if lines and all(map(is_readable, lines)) else UNREADABLE


def with_open_lines(order: Order) -> Order:
    """Return an order whose lines in unknown states are open: the service refuses what it cannot ship."""
    changed: Order = evolve(cast("Any", order), order_lines=tuple(map(_as_open, order.order_lines)))
    return changed


def _as_open(line: OrderLine) -> OrderLine:
    state = line.acceptation_state
    known = state is None or state.known or not is_readable(line)
    return line if known else evolve(cast("Any", line), acceptation_state=None)


def too_late(order: Order, states: Collection[OrderStatus]) -> Outcome | None:
    """Reject a write if its order is already past it; a later reading shows whether the write was made before."""
    if order_status(order.order_state) not in states:
        return None
    return rejected(str(order.order_number), OutcomeCode.ORDER_STATE, f"the order is {order.order_state} already")


def references(order: Order, named: Collection[str], field: str) -> tuple[str, ...]:
    """Return the references of the named lines; a decision names references, so lines that share one go together.

    Raises `InvalidRequest` where only some of them are named. Names that are no line's are returned as they are.
    """
    by_id = {str(line_id): line for line_id, line in zip(line_ids(order), goods(order), strict=True)}
    chosen = tuple(dict.fromkeys(str(reference(by_id[name])) if name in by_id else name for name in named))
    torn = [
        f"{line_id} shares the reference {reference(line)}"
        for line_id, line in by_id.items()
        if line_id not in named and reference(line) in chosen and not is_closed(line)
    ]
    if torn:
        message = f"{', '.join(torn)} of another line that is named: they can only be decided about together"
        raise InvalidRequest([Problem(f"{order.order_number}.{field}", message)])
    return chosen
