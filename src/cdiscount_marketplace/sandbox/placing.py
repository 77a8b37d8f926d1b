"""Place an order and take it to where it shall stand, by the marketplace's own steps."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from attrs import evolve, frozen

from cdiscount_marketplace.sandbox import rules
from cdiscount_marketplace.sandbox.book import OrderBook
from cdiscount_marketplace.sandbox.generator import Generator, OrderSpec
from cdiscount_marketplace.sandbox.orders import Event, Order, Tracking, as_stored
from cdiscount_marketplace.sandbox.settings import Settings
from cdiscount_marketplace.sandbox.states import ACCEPT, MAKE_AVAILABLE, REFUSE, REFUSE_SHIPMENT, SHIP, Move, State

TRACKING = Tracking(carrier="Colissimo", number="6A00000000001", url=None)
# A program longer than this is of no use to anybody.
_KEPT = 500
_SELLER_STEP = timedelta(minutes=10)

_Step = Callable[[Order, datetime, Settings], Order]


@frozen(kw_only=True)
class Filling:
    """How many varied orders were placed at once."""

    count: int
    over: timedelta = timedelta(days=7)
    state: str | None = None


@frozen(kw_only=True)
class Placing:
    """Orders that were placed together; `serial` counts the placings."""

    serial: int
    how: OrderSpec | Filling
    numbers: tuple[str, ...]


class Placings:
    """The last placings, oldest first. Thread-safe."""

    def __init__(self) -> None:
        self._kept: deque[Placing] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()
        self.total: int = 0

    def add(self, how: OrderSpec | Filling, orders: Iterable[Order]) -> None:
        """Keep what was placed."""
        numbers = tuple(order.number for order in orders)
        with self._lock:
            self.total += 1
            self._kept.append(Placing(serial=self.total, how=how, numbers=numbers))

    def all(self) -> Sequence[Placing]:
        """Return every placing that is kept."""
        with self._lock:
            return tuple(self._kept)


def place(book: OrderBook, generator: Generator, spec: OrderSpec, now: datetime) -> Order:
    """Make an order, put it into the book at the state that `spec` names, and return it."""
    order = generator.order(spec, now)
    while spec.number is None and order.number in book:
        order = generator.order(spec, now)
    order = evolve(order, history=(Event(at=order.created_at, name="Placed", state=order.state, by="customer"),))
    for step in _path(spec.state):
        order = _take(step, order, now, book.settings)
    return book.place(order)


def _take(step: _Step, order: Order, now: datetime, settings: Settings) -> Order:
    # Steps of an order from the past lie in the past too, as far as there was time.
    at = min(now, order.updated_at + _SELLER_STEP) if order.created_at < now else now
    return step(order, as_stored(at), settings)


def _seller(move: Move) -> _Step:
    def step(order: Order, at: datetime, settings: Settings) -> Order:
        tracking = TRACKING if move is SHIP else None
        return rules.apply(order, move, rules.take_everything(order, move, tracking), at, settings)

    return step


def _marketplace(target: State) -> _Step:
    return lambda order, at, settings: rules.move_by_marketplace(order, target, at, settings)


def _cancel(order: Order, at: datetime, settings: Settings) -> Order:
    return rules.cancel_by_customer(order, None, at, settings)


_ACCEPTED = (_seller(ACCEPT),)
_DEBITED = (*_ACCEPTED, _marketplace(State.PAYMENT))
_TO_SHIP = (*_DEBITED, _marketplace(State.WAITING_SHIPMENT))

_PATHS: Mapping[State, tuple[_Step, ...]] = MappingProxyType(
    {
        State.WAITING_ACCEPTANCE: (),
        State.ACCEPTED: _ACCEPTED,
        State.PAYMENT: _DEBITED,
        State.PAYMENT_REFUSED: (*_DEBITED, _marketplace(State.PAYMENT_REFUSED)),
        State.WAITING_SHIPMENT: _TO_SHIP,
        State.AVAILABLE_ON_STORE: (*_TO_SHIP, _seller(MAKE_AVAILABLE)),
        State.PICKED_UP: (*_TO_SHIP, _seller(MAKE_AVAILABLE), _marketplace(State.PICKED_UP)),
        State.NOT_PICKED_UP: (*_TO_SHIP, _seller(MAKE_AVAILABLE), _marketplace(State.NOT_PICKED_UP)),
        State.SHIPPED: (*_TO_SHIP, _seller(SHIP)),
        State.SHIPMENT_REFUSED: (*_TO_SHIP, _seller(REFUSE_SHIPMENT)),
        State.NEVER_SHIPPED: (*_TO_SHIP, _marketplace(State.NEVER_SHIPPED)),
        State.REFUSED: (_seller(REFUSE),),
        State.CANCELLED: (_cancel,),
    }
)


def _path(state: State) -> tuple[_Step, ...]:
    return _PATHS[state] if state in _PATHS else (_marketplace(state),)
