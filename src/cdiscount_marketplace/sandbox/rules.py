"""What may happen to an order and what it looks like afterwards: pure functions over frozen orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from attrs import evolve, frozen

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.sandbox.orders import ZERO, Amounts, Applied, Event, Line, Order, Refund, Tracking, sum_up
from cdiscount_marketplace.sandbox.settings import (
    PaidCancellation,
    Payment,
    PendingCancellation,
    Settings,
    UnlistedLine,
)
from cdiscount_marketplace.sandbox.states import (
    CANCELLED_LINES,
    PAID,
    UNPAID,
    LineState,
    Move,
    State,
    find_move,
)

TIME_TO_SHIP = timedelta(days=3)
WAREHOUSE_DELAY = timedelta(days=1)


class Reason(OpenEnum):
    """Why a move is refused, in no protocol's words."""

    UNKNOWN_ORDER = Member("unknown_order")
    HIDDEN_ORDER = Member("hidden_order")
    FORBIDDEN_STATE = Member("forbidden_state")
    NOT_SHIPPED_BY_SELLER = Member("not_shipped_by_seller")
    UNKNOWN_LINE = Member("unknown_line")
    LINE_STATE = Member("line_state")
    LINE_CANCELLED = Member("line_cancelled")
    LINE_MISSING = Member("line_missing")
    NOTHING_LEFT = Member("nothing_left")
    TRACKING = Member("tracking")


@frozen(kw_only=True)
class LineRefusal:
    """Why one line cannot be changed as asked."""

    reference: str
    reason: Reason
    row: int | None = None


class Refused(Exception):
    """A move was refused and nothing changed: why, and which lines are in the way."""

    def __init__(self, reason: Reason, message: str = "", *, lines: tuple[LineRefusal, ...] = ()) -> None:
        super().__init__(message or str(reason))
        self.reason = reason
        self.message = message
        self.lines = lines


@frozen(kw_only=True)
class Wish:
    """What a seller asks for one order: a state, the states of lines (by row), and how the parcel is tracked."""

    target: State
    lines: Mapping[int, LineState]
    tracking: Tracking | None = None


def check(order: Order, wish: Wish, settings: Settings) -> Move:
    """Return the move that a wish means, or raise `Refused`."""
    move = check_target(order, wish.target)
    refusals = line_refusals(order, move, wish, settings)
    if refusals:
        raise Refused(refusals[0].reason, lines=refusals)
    if all(_asked_state(line, move, wish, settings) != move.leading for line in order.goods):
        raise Refused(Reason.NOTHING_LEFT)
    return move


def check_target(order: Order, target: str) -> Move:
    """Return the move that leads to `target`, or raise `Refused` if the order as a whole cannot go there."""
    move = find_move(order.state, target)
    if move is None or (move.pickup_only and order.shipping_code != "MAG"):
        raise Refused(Reason.FORBIDDEN_STATE)
    if order.fulfilled_by_cdiscount:
        raise Refused(Reason.NOT_SHIPPED_BY_SELLER)
    return move


def line_refusals(order: Order, move: Move, wish: Wish, settings: Settings) -> tuple[LineRefusal, ...]:
    """Return which lines cannot be changed as asked, and why."""
    reasons = ((line, _line_reason(line, move, wish, settings)) for line in order.lines)
    return tuple(
        LineRefusal(row=line.row, reference=line.reference or line.product_id, reason=why)
        for line, why in reasons
        if why
    )


def _line_reason(line: Line, move: Move, wish: Wish, settings: Settings) -> Reason | None:
    wanted = wish.lines.get(line.row)
    if wanted is None:
        missing = line.state in move.open and not line.fee and settings.unlisted_line is UnlistedLine.REJECT
        return Reason.LINE_MISSING if missing else None
    if line.state not in move.open:
        return _closed_line_reason(line, wanted)
    if wanted not in move.lines:
        return Reason.LINE_STATE
    pending = line.state == LineState.CANCELLATION_REQUESTED and wanted == LineState.SHIPPED
    blocked = pending and settings.pending_cancellation is PendingCancellation.REJECT
    return Reason.LINE_CANCELLED if blocked else None


def _closed_line_reason(line: Line, wanted: LineState) -> Reason | None:
    if wanted == line.state or line.fee:
        return None
    return Reason.LINE_CANCELLED if line.state in CANCELLED_LINES else Reason.LINE_STATE


def apply(order: Order, move: Move, wish: Wish, at: datetime, settings: Settings) -> Order:
    """Return the order after a move that `check` allowed."""
    wanted = {line.row: _asked_state(line, move, wish, settings) for line in order.lines}
    chosen = {row: state for row, state in wanted.items() if state is not None}
    lines = tuple(_changed(line, chosen.get(line.row), at, settings) for line in order.lines)
    record = Applied(at=at, target=move.target, lines=tuple(chosen.items()), tracking=wish.tracking)
    after = evolve(order, lines=lines, applied=(*order.applied, record), tracking=wish.tracking or order.tracking)
    if move.target == State.REFUSED:
        refused = LineState(settings.refused_line_state)
        after = evolve(after, lines=tuple(evolve(line, state=refused) for line in after.lines))
    counted = _count(after, order, move.target, chosen)
    return step(counted, move.target, at, name=str(move.target), by="seller", settings=settings)


def _asked_state(line: Line, move: Move, wish: Wish, settings: Settings) -> LineState | None:
    if line.state not in move.open:
        return None
    follows = line.fee or settings.unlisted_line is UnlistedLine.FOLLOW
    return wish.lines.get(line.row, move.leading if follows else None)


def _changed(line: Line, wanted: LineState | None, at: datetime, settings: Settings) -> Line:
    if wanted is None:
        return line
    if wanted == LineState.ACCEPTED:
        return evolve(line, state=wanted, ship_from=at + TIME_TO_SHIP, ship_by=at + TIME_TO_SHIP)
    if wanted == LineState.SHIPPED:
        return evolve(line, state=LineState(settings.shipped_line_state))
    if wanted == LineState.SHIPMENT_REFUSED:
        cancelled = line.state == LineState.CANCELLATION_REQUESTED
        refunded = LineState.CANCELLED_REFUNDED if cancelled else LineState.SHIPMENT_REFUSED_REFUNDED
        return evolve(line, state=refunded, quantity=0)
    return evolve(line, state=wanted)


def _count(order: Order, before: Order, target: State, chosen: Mapping[int, LineState]) -> Order:
    if target == State.ACCEPTED:
        return evolve(order, validated=_sum(before, chosen, LineState.ACCEPTED))
    if target == State.SHIPPED:
        return evolve(order, shipped=_sum(before, chosen, LineState.SHIPPED))
    return order


def _sum(order: Order, chosen: Mapping[int, LineState], state: LineState) -> Amounts:
    return sum_up(line for line in order.lines if chosen.get(line.row) == state)


def step(order: Order, target: State, at: datetime, *, name: str, by: str, settings: Settings) -> Order:
    """Return the order at `target`, with its stamps moved (unless it enters that state quietly) and the event noted."""
    quiet = str(target) in settings.quiet_states
    return evolve(
        order,
        state=target,
        updated_at=order.updated_at if quiet else at,
        modified_at=order.modified_at if quiet or by == "marketplace" else at,
        history=(*order.history, Event(at=at, name=name, state=target, by=by)),
        version=order.version + 1,
    )


_LINES_AFTER: Mapping[State, LineState] = MappingProxyType(
    {
        State.AUTO_CANCELLED: LineState.NONE,
        State.PAYMENT_REFUSED: LineState.PAYMENT_REFUSED,
        State.NEVER_SHIPPED: LineState.SHIPMENT_REFUSED_REFUNDED,
    }
)


def move_by_marketplace(order: Order, target: State, at: datetime, settings: Settings) -> Order:
    """Return the order after something that the marketplace does by itself."""
    closing = _LINES_AFTER.get(target)
    lines = tuple(line if closing is None or line.closed else _close(line, closing) for line in order.lines)
    moved = evolve(order, lines=lines)
    return step(moved, target, at, name=str(target), by="marketplace", settings=settings)


def _close(line: Line, state: LineState) -> Line:
    refunded = state == LineState.SHIPMENT_REFUSED_REFUNDED
    return evolve(line, state=state, quantity=0 if refunded else line.quantity)


def cancel_by_customer(order: Order, rows: frozenset[int] | None, at: datetime, settings: Settings) -> Order:
    """Return the order after its customer cancels lines (None: all): at once before payment, else as a request."""
    if rows is not None and not rows <= {line.row for line in order.lines}:
        raise Refused(Reason.FORBIDDEN_STATE, f"rows: order {order.number} has {len(order.lines)}, counted from 0")
    chosen = _to_cancel(order, rows)
    if not chosen or order.state not in UNPAID | PAID:
        raise Refused(Reason.FORBIDDEN_STATE, "the customer cannot cancel this any more")
    asks = order.state in PAID and settings.paid_cancellation is PaidCancellation.REQUEST
    state = LineState.CANCELLATION_REQUESTED if asks else _cancelled_line(order.state)
    lines = tuple(evolve(line, state=state) if line.row in chosen else line for line in order.lines)
    gone = all(line.closed for line in lines)
    target = State.CANCELLED if gone and not asks else order.state
    name = "CancellationRequested" if asks else "Cancelled"
    after = evolve(order, lines=lines, validated=_left(order, lines))
    return step(after, target, at, name=name, by="customer", settings=settings)


def _to_cancel(order: Order, rows: frozenset[int] | None) -> frozenset[int]:
    still = frozenset(line.row for line in order.lines if not line.closed)
    goods = frozenset(line.row for line in order.goods) & still
    # A fee has no reason left where nothing is delivered.
    return still if rows is None or (goods and goods <= rows) else still & rows


def _cancelled_line(state: State) -> LineState:
    return LineState.CANCELLED_PAID if state in PAID else LineState.CANCELLED_UNPAID


def _left(order: Order, lines: tuple[Line, ...]) -> Amounts:
    if order.validated.total == ZERO:
        return order.validated
    return sum_up(line for line in lines if not line.closed)


def next_automatic(order: Order, settings: Settings) -> tuple[timedelta, State] | None:
    """Return what the marketplace does next to an order by itself, and after how long."""
    delays: Mapping[State, tuple[timedelta | None, State]] = {
        State.WAITING_ACCEPTANCE: (settings.auto_cancel_after, State.AUTO_CANCELLED),
        State.ACCEPTED: (settings.payment_delay, State.PAYMENT),
        State.PAYMENT: (
            settings.shipment_delay,
            State.PAYMENT_REFUSED if order.debit_fails else State.WAITING_SHIPMENT,
        ),
        State.WAITING_SHIPMENT: (settings.cancel_unshipped_after, State.NEVER_SHIPPED),
    }
    if order.state == State.WAITING_ACCEPTANCE and (settings.auto_accept or order.fulfilled_by_cdiscount):
        return timedelta(), State.ACCEPTED
    if order.state == State.WAITING_SHIPMENT and order.fulfilled_by_cdiscount:
        return WAREHOUSE_DELAY, State.SHIPPED
    if order.state == State.PAYMENT and settings.payment is Payment.MANUAL:
        return None
    delay, target = delays.get(order.state, (None, order.state))
    return None if delay is None else (delay, target)


def take_everything(order: Order, move: Move, tracking: Tracking | None = None) -> Wish:
    """Return the wish that takes every open line along."""
    lines = {line.row: move.leading for line in order.lines if line.state in move.open}
    return Wish(target=move.target, lines=lines, tracking=tracking)


def refund(order: Order, refunds: Sequence[Refund], at: datetime) -> Order:
    """Return the order after money went back to its customer; a line that is not shipped (any more) gives none."""
    shipped = {line.row for line in order.lines if line.state == LineState.SHIPPED}
    made = tuple(refund for refund in refunds if refund.row is None or refund.row in shipped)
    if not made:
        return order
    rows = {refund.row for refund in made}
    lines = tuple(evolve(line, state=LineState.REFUNDED) if line.row in rows else line for line in order.lines)
    event = Event(at=at, name="Refunded", state=order.state, by="seller")
    return evolve(
        order,
        lines=lines,
        refunds=(*order.refunds, *made),
        history=(*order.history, event),
        updated_at=at,
        version=order.version + 1,
    )
