"""What the REST API's own lists of cancellations and gestures show of a refund: pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from cdiscount_marketplace.channels.octopia.orders import is_sellers, order_status
from cdiscount_marketplace.channels.octopia.outcomes import rejected
from cdiscount_marketplace.channels.port import UNREADABLE
from cdiscount_marketplace.models import OrderStatus, Outcome
from cdiscount_marketplace.octopia.bodies import is_array, is_object, member
from cdiscount_marketplace.octopia.orders import models as octopia
from cdiscount_marketplace.octopia.orders.cancellations import CancellationRequest
from cdiscount_marketplace.octopia.orders.gestures import Gesture
from cdiscount_marketplace.refunds import FoundRefund, RefundKind, RefundReading, RefundRequest

IMPOSSIBLE = "RefundImpossible"
_SHIPPED = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_UNSHIPPED = (OrderStatus.WAITING_ACCEPTANCE, OrderStatus.ACCEPTED, OrderStatus.WAITING_SHIPMENT)
_GONE = (OrderStatus.CANCELLED, OrderStatus.REFUSED)
_NEEDS = {RefundKind.CANCELLATION: _UNSHIPPED, RefundKind.REFUND: _SHIPPED, RefundKind.GESTURE: _SHIPPED}
_INSTEAD = {
    RefundKind.CANCELLATION: "what was shipped is given back by a REFUND",
    RefundKind.REFUND: "what was not shipped is given back by a CANCELLATION",
    RefundKind.GESTURE: "gestures are for shipped orders",
}
# No source lists the words for requests that were turned down, or that wait.
_TURNED_DOWN = ("refus", "reject", "fail", "declin")
_UNDECIDED = ("pend", "wait", "progress", "processing")


def refusal_of(request: RefundRequest, order: octopia.Order) -> Outcome | None:
    """Return why a refund cannot be given as its order stands; None where it can."""
    status = order_status(order)
    if status not in _NEEDS[request.kind] and status != OrderStatus.OTHER:
        message = f"the order is {order.status}: {_INSTEAD[request.kind]}"
        return rejected(request.key, IMPOSSIBLE, message)
    unshown = set(request.lines or ()) - {line.order_line_id for line in order.lines}
    if unshown:
        message = f"the order does not show line {', '.join(sorted(unshown))}"
        return rejected(request.key, UNREADABLE, message, retryable=True)
    return None


def too_much(request: RefundRequest, allowed: Decimal | None) -> Outcome | None:
    """Reject a gesture of more than may be given back."""
    if request.amount is None or allowed is None or request.amount <= allowed:
        return None
    return rejected(request.key, IMPOSSIBLE, f"at most {allowed} may be given back on this order, not {request.amount}")


def found_cancellations(
    request: RefundRequest, code: str, order: octopia.Order, entries: Iterable[CancellationRequest], *, complete: bool
) -> RefundReading:
    """Return the entries that agree in lines and reason; where there are none, what the order itself shows.

    An entry whose reason is not shown may be any; one whose lines are not, too, so that the list is not complete.
    """
    whole = frozenset(line.order_line_id for line in order.lines if line.order_line_id and is_sellers(order, line))
    wanted = whole if request.lines is None else frozenset(request.lines)
    found: list[FoundRefund] = []
    for entry in entries:
        lines = _lines_of(entry)
        if (lines or whole) == wanted and _same(code, _code_in(entry.reason)):
            found.append(_found(entry.created_at, entry.status))
        elif not lines:
            complete = False
    return RefundReading(found=tuple(found) or _shown(request, order), complete=complete)


def found_gestures(request: RefundRequest, code: str, entries: Iterable[Gesture], *, complete: bool) -> RefundReading:
    """Return the entries that agree in amount and reason."""
    found = tuple(
        _found(entry.created_at, entry.status)
        for entry in entries
        if entry.amount in (None, request.amount) and _same(code, entry.reason)
    )
    return RefundReading(found=found, complete=complete)


def offer_ids(order: octopia.Order) -> dict[str | None, str | None]:
    """Return the offer of each line."""
    return {line.order_line_id: line.offer.id if line.offer else None for line in order.lines}


def _found(created_at: datetime | None, status: str | None) -> FoundRefund:
    word = (status or "").casefold()
    return FoundRefund(
        created_at=created_at,
        rejected=any(part in word for part in _TURNED_DOWN),
        pending=any(part in word for part in _UNDECIDED),
        message=f"the marketplace lists it as {status}" if status else "the marketplace lists it",
    )


def _shown(request: RefundRequest, order: octopia.Order) -> tuple[FoundRefund, ...]:
    """Take lines that are cancelled for a proof: whoever asked for it, their money went back."""
    if order_status(order) in _GONE and request.kind == RefundKind.CANCELLATION:
        return (FoundRefund(message=f"the order is {order.status}"),)
    wanted = [line for line in order.lines if request.lines is None or line.order_line_id in request.lines]
    if wanted and all(line.status == octopia.LineStatus.CANCELLED for line in wanted):
        return (FoundRefund(message="its lines are cancelled"),)
    return ()


def _same(code: str, shown: str | None) -> bool:
    return shown is None or shown.casefold() == code.casefold()


def _lines_of(entry: CancellationRequest) -> frozenset[str] | None:
    """Return the ids of an entry's lines; None where it shows none, or not readably."""
    if not is_array(entry.lines):
        return None
    ids = [_id_in(line) for line in entry.lines]
    return None if None in ids else frozenset(str(line_id) for line_id in ids)


def _id_in(line: object) -> object:
    if not is_object(line):
        return line if isinstance(line, str) else None
    return next((value for name in _LINE_IDS if (value := member(line, name)) is not None), None)


_LINE_IDS = ("lineId", "orderLineId", "id")


def _code_in(reason: object) -> str | None:
    if is_object(reason):
        reason = member(reason, "code") or member(reason, "reason")
    return reason if isinstance(reason, str) else None
