"""The one order book that every protocol of the sandbox speaks of: what is placed, moved, and moves by itself."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count

from attrs import evolve, frozen

from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.sandbox import rules
from cdiscount_marketplace.sandbox.index import ANY_TIME, OrderIndex, Span
from cdiscount_marketplace.sandbox.orders import Applied, Order, Refund, Tracking, as_stored
from cdiscount_marketplace.sandbox.quirks import Quirk
from cdiscount_marketplace.sandbox.requests import RequestList
from cdiscount_marketplace.sandbox.rules import Reason, Refused, Wish
from cdiscount_marketplace.sandbox.settings import Settings, Stamp
from cdiscount_marketplace.sandbox.states import (
    ACCEPT,
    MAKE_AVAILABLE,
    REFUSE,
    REFUSE_SHIPMENT,
    SHIP,
    LineState,
    Move,
    State,
)

_AUTOMATIC_MOVES: Mapping[State, Move] = {State.ACCEPTED: ACCEPT, State.SHIPPED: SHIP}


@frozen(kw_only=True)
class Selection:
    """Which orders to read; `states` None means any."""

    states: Collection[str] | None = None
    created: Span = ANY_TIME
    updated: Span = ANY_TIME


class OrderBook:
    """All orders of one shop. Thread-safe; orders are frozen snapshots.

    Everything that is due by the clock happens, in its order and with its own time, before any call is served. The
    seller's verbs raise `Refused` and change nothing when the rules forbid them.
    """

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.requests: RequestList = RequestList()
        self._settings = settings
        self._clock = clock
        self._lock = threading.RLock()
        self._orders: dict[str, Order] = {}
        self._index = OrderIndex()
        self._numbers: dict[str, str] = {}
        self._due: list[tuple[datetime, int, Callable[[datetime], object]]] = []
        self._sequence = count()
        # What each order is expected to do next by itself; a plan that was replaced comes to nothing.
        self._plans: dict[str, object] = {}
        # While something that was due happens, its own time is the present.
        self._moment: datetime | None = None

    def __len__(self) -> int:
        return len(self._orders)

    def __contains__(self, number: str) -> bool:
        return number in self._orders

    @property
    def settings(self) -> Settings:
        """The switches; others, once assigned, count from now on for all orders."""
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        with self._lock:
            self._catch_up()
            self._settings = settings
            for order in self._orders.values():
                self._expect_next(order, self.now())

    def now(self) -> datetime:
        """Return the marketplace's time, which may be off by `Settings.clock_skew`."""
        return self._clock.now() + self.settings.clock_skew

    def catch_up(self) -> None:
        """Let everything that is due happen."""
        with self._lock:
            self._catch_up()

    # --- reading

    def get(self, number: str) -> Order:
        """Return an order; `Refused` if there is none."""
        with self._lock:
            self._catch_up()
            return self._get(number)

    def reach(self, number: str) -> Order:
        """Return an order to a caller that names it; `Refused` if there is none, or its quirks hide it."""
        order = self.get(number)
        if Quirk.MISSING in order.quirks:
            raise Refused(Reason.UNKNOWN_ORDER, f"there is no order {number}")
        if Quirk.FORBIDDEN in order.quirks:
            raise Refused(Reason.HIDDEN_ORDER, f"order {number} is not this seller's")
        return order

    def find(self, numbers: Iterable[str]) -> list[Order]:
        """Return the orders with these numbers, each once; unknown numbers are left out."""
        with self._lock:
            self._catch_up()
            return [self._orders[number] for number in dict.fromkeys(numbers) if number in self._orders]

    def number_of(self, order_id: str) -> str | None:
        """Return the number of the order that the successor API calls `order_id`."""
        with self._lock:
            return self._numbers.get(order_id)

    def select(self, selection: Selection) -> list[Order]:
        """Return the orders that match, oldest first."""
        with self._lock:
            self._catch_up()
            reads_updated = self.settings.modification_stamp is Stamp.LAST_UPDATED
            updated = selection.updated if reads_updated else ANY_TIME
            numbers = self._index.candidates(selection.states, selection.created, updated)
            orders = [self._orders[number] for number in numbers]
        stamps = ((order, order.updated_at if reads_updated else order.modified_at) for order in orders)
        selected = [
            order
            for order, stamp in stamps
            if selection.created.holds(order.created_at) and selection.updated.holds(stamp)
        ]
        return sorted(selected, key=lambda order: (order.created_at, order.number))

    def applied(self, number: str) -> tuple[Applied, ...]:
        """Return every move of the seller that took effect on an order."""
        return self.get(number).applied

    def shipped(self, number: str) -> tuple[Applied, ...]:
        """Return every shipment that took effect on an order: more than one would be a double shipment."""
        return tuple(move for move in self.applied(number) if move.target == State.SHIPPED)

    # --- what the world does

    def place(self, order: Order) -> Order:
        """Put a new order in; its number must be new."""
        with self._lock:
            self._catch_up()
            if order.number in self._orders:
                raise Refused(Reason.FORBIDDEN_STATE, f"order {order.number} exists already")
            return self._put(order)

    def pay(self, number: str) -> Order:
        """Let the debit of an accepted order succeed now."""
        return self._debit(number, State.WAITING_SHIPMENT)

    def refuse_payment(self, number: str) -> Order:
        """Let the debit of an accepted order fail now."""
        return self._debit(number, State.PAYMENT_REFUSED)

    def cancel_as_customer(self, number: str, rows: Iterable[int] | None = None) -> Order:
        """Cancel an order, or some of its lines, as its customer: at once, or once it is paid, as a request."""
        chosen = None if rows is None else frozenset(rows)
        return self._change(number, lambda order, at: rules.cancel_by_customer(order, chosen, at, self.settings))

    def force(self, number: str, state: State) -> Order:
        """Put an order into any state, as the marketplace's back office may."""
        return self._change(number, lambda order, at: rules.move_by_marketplace(order, state, at, self.settings))

    def later(self, after: timedelta, action: Callable[[datetime], object]) -> None:
        """Let something happen when the clock has moved on; `action` gets the moment."""
        with self._lock:
            self._schedule((self._moment or self.now()) + after, action)

    # --- what the seller does

    def apply(self, number: str, wish: Wish, *, settings: Settings | None = None) -> Order:
        """Do what a seller asks for one order, by these settings instead of the book's own."""
        chosen = settings or self.settings

        def change(order: Order, at: datetime) -> Order:
            return rules.apply(order, rules.check(order, wish, chosen), wish, at, chosen)

        return self._change(number, change)

    def accept(self, number: str, *, refused: Collection[int] = ()) -> Order:
        """Accept an order, without the lines (rows) in `refused`."""
        return self._decide(number, ACCEPT, left_out=refused, left_state=LineState.REFUSED)

    def refuse(self, number: str) -> Order:
        """Refuse a whole order."""
        return self._decide(number, REFUSE)

    def ship(self, number: str, tracking: Tracking, *, unshipped: Collection[int] = ()) -> Order:
        """Ship an order, refusing to ship the lines (rows) in `unshipped`."""
        return self._decide(number, SHIP, tracking=tracking, left_out=unshipped, left_state=LineState.SHIPMENT_REFUSED)

    def refuse_shipment(self, number: str) -> Order:
        """Refuse to ship a paid order."""
        return self._decide(number, REFUSE_SHIPMENT)

    def make_available(self, number: str) -> Order:
        """Say that a click-and-collect order lies in the shop."""
        return self._decide(number, MAKE_AVAILABLE)

    def set_quirks(self, number: str, quirks: frozenset[Quirk]) -> Order:
        """Set an order's quirks; the order itself stays as it is."""
        return self._change(number, lambda order, _at: evolve(order, quirks=quirks))

    def refund(self, number: str, refunds: Sequence[Refund]) -> Order:
        """Give money back: lines become refunded, gestures are noted."""
        return self._change(number, lambda order, at: rules.refund(order, refunds, at))

    # --- inside

    def _decide(
        self,
        number: str,
        move: Move,
        *,
        tracking: Tracking | None = None,
        left_out: Collection[int] = (),
        left_state: LineState = LineState.NONE,
    ) -> Order:
        with self._lock:
            whole = rules.take_everything(self.get(number), move, tracking)
            lines = {row: left_state if row in left_out else state for row, state in whole.lines.items()}
            return self.apply(number, evolve(whole, lines=lines))

    def _debit(self, number: str, target: State) -> Order:
        with self._lock:
            order = self.get(number)
            if order.state not in (State.ACCEPTED, State.PAYMENT):
                raise Refused(Reason.FORBIDDEN_STATE, f"order {number} does not wait for its payment")
            return self.force(number, target)

    def _change(self, number: str, change: Callable[[Order, datetime], Order]) -> Order:
        with self._lock:
            self._catch_up()
            return self._put(change(self._get(number), as_stored(self._moment or self.now())))

    def _get(self, number: str) -> Order:
        if number not in self._orders:
            raise Refused(Reason.UNKNOWN_ORDER, f"there is no order {number}")
        return self._orders[number]

    def _put(self, order: Order) -> Order:
        before = self._orders.get(order.number)
        self._index.put(before, order)
        self._orders[order.number] = order
        self._numbers[order.order_id] = order.number
        if before is None or before.state != order.state:
            self._expect_next(order, order.created_at)
        return order

    def _expect_next(self, order: Order, earliest: datetime) -> None:
        self._plans.pop(order.number, None)
        planned = rules.next_automatic(order, self.settings)
        if planned is None:
            return
        delay, target = planned
        plan = self._plans[order.number] = object()
        due = max(earliest, order.entered_at + delay)
        self._schedule(due, lambda at: self._move_as_planned(order.number, plan, target, at))

    def _move_as_planned(self, number: str, plan: object, target: State, due: datetime) -> None:
        if self._plans.get(number) is not plan:
            return
        order, at = self._orders[number], as_stored(due)
        move = _AUTOMATIC_MOVES.get(target)
        if move is None:
            self._put(rules.move_by_marketplace(order, target, at, self.settings))
        else:
            self._put(rules.apply(order, move, rules.take_everything(order, move), at, self.settings))

    def _schedule(self, due: datetime, action: Callable[[datetime], object]) -> None:
        heapq.heappush(self._due, (due, next(self._sequence), action))

    def _catch_up(self) -> None:
        # What happens late meets the book as it stood then, not what came after.
        now = self._moment or self.now()
        while self._due and self._due[0][0] <= now:
            due, _, action = heapq.heappop(self._due)
            outer, self._moment = self._moment, due
            try:
                action(due)
            finally:
                self._moment = outer
