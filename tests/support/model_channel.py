"""A model of a marketplace and of the channel to it: small enough to be obviously right, hostile enough to matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from attrs import define, evolve, field

from cdiscount_marketplace.errors import CallTimeout, ConnectionLost, QuotaExceeded
from cdiscount_marketplace.models import (
    Address,
    Customer,
    Decision,
    OrderQuery,
    OrderStatus,
    Outcome,
    OutcomeStatus,
    Reading,
    SalesLine,
    SalesOrder,
    Shipment,
    Verdict,
)

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DEPARTED = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED})


class Crash(BaseException):
    """The process dies here: nothing catches it but the test."""


@define
class SteppedClock:
    """A clock that moves when told, `skew` away from the marketplace's."""

    time: datetime = START
    skew: timedelta = timedelta(0)
    naps: list[float] = field(factory=list)

    def now(self) -> datetime:
        return self.time + self.skew

    def monotonic(self) -> float:
        return (self.time - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)

    def advance(self, step: timedelta) -> None:
        self.time += step


@define
class ModelOrder:
    """An order as the marketplace has it, with what was applied to it."""

    order: SalesOrder
    shipped: list[Shipment] = field(factory=list)
    decided: list[Decision] = field(factory=list)
    waited: bool = False
    passed_with_stamp: bool = False


def sales_order(number: str, at: datetime, status: OrderStatus = OrderStatus.WAITING_SHIPMENT) -> SalesOrder:
    """Build a plain order of two lines; its address shows once it waits for shipment."""
    visible = Address(last_name="Durand", lines=("3 rue des Lilas",), postal_code="33000", city="Bordeaux")
    return SalesOrder(
        channel="model",
        identities=(number,),
        status=status,
        channel_status=str(status),
        created_at=at,
        modified_at=at,
        lines=(
            SalesLine(line_id="A", sku="A", quantity=1, line_total=Decimal("10.00")),
            SalesLine(line_id="B", sku="B", quantity=2, line_total=Decimal("8.50")),
        ),
        total=Decimal("18.50"),
        customer=Customer(reference=f"c-{number}", last_name="Durand"),
        shipping_address=visible if status == OrderStatus.WAITING_SHIPMENT else Address(city="Bordeaux"),
        billing_address=visible if status == OrderStatus.WAITING_SHIPMENT else None,
    )


@define
class ModelMarket:
    """The marketplace's order book on its own clock."""

    clock: SteppedClock = field(factory=SteppedClock)
    book: dict[str, ModelOrder] = field(factory=dict)
    late: list[tuple[datetime, Callable[[], None]]] = field(factory=list)

    def place(self, number: str, status: OrderStatus = OrderStatus.WAITING_SHIPMENT) -> SalesOrder:
        self.book[number] = ModelOrder(sales_order(number, self.clock.time, status))
        self._remember(self.book[number], stamp=True)
        return self.book[number].order

    def move(self, number: str, status: OrderStatus, *, stamp: bool = True) -> None:
        """Change an order's state; `stamp` says whether that moves its modification date."""
        kept = self.book[number]
        visible = sales_order(number, self.clock.time).shipping_address
        masked = Address(city="Bordeaux")
        kept.order = evolve(
            kept.order,
            status=status,
            channel_status=str(status),
            modified_at=self.clock.time if stamp else kept.order.modified_at,
            shipping_address=masked if status in {OrderStatus.CANCELLED, OrderStatus.REFUSED} else visible,
        )
        self._remember(kept, stamp=stamp)

    def _remember(self, kept: ModelOrder, *, stamp: bool) -> None:
        if kept.order.status == OrderStatus.WAITING_SHIPMENT:
            kept.waited = True
        if kept.waited and kept.order.status in DEPARTED and stamp:
            kept.passed_with_stamp = True

    def edit(self, number: str, title: str, *, stamp: bool = True) -> None:
        """Change an order's content without moving its state."""
        kept = self.book[number]
        first, *rest = kept.order.lines
        modified = self.clock.time if stamp else kept.order.modified_at
        kept.order = evolve(kept.order, lines=(evolve(first, title=title), *rest), modified_at=modified)

    def advance(self, step: timedelta) -> None:
        """Let time pass, and late effects land."""
        self.clock.advance(step)
        due = [effect for when, effect in self.late if when <= self.clock.time]
        self.late = [(when, effect) for when, effect in self.late if when > self.clock.time]
        for effect in due:
            effect()

    # Unlike the real one, this marketplace ships an order twice when asked twice: what guards is the job alone.
    def apply_shipment(self, shipment: Shipment) -> Outcome:
        kept = self.book.get(shipment.key)
        if kept is None:
            return _rejected(shipment.key, "OrderNotFound")
        if kept.order.status != OrderStatus.WAITING_SHIPMENT and not kept.shipped:
            return _rejected(shipment.key, "OrderStateIncoherent")
        kept.shipped.append(shipment)
        self.move(shipment.key, OrderStatus.SHIPPED)
        return Outcome(key=shipment.key, status=OutcomeStatus.CONFIRMED)

    def apply_decision(self, decision: Decision) -> Outcome:
        kept = self.book.get(decision.key)
        if kept is None:
            return _rejected(decision.key, "OrderNotFound")
        if kept.order.status != OrderStatus.WAITING_ACCEPTANCE:
            return _rejected(decision.key, "OrderStateIncoherent")
        kept.decided.append(decision)
        self.move(decision.key, OrderStatus.ACCEPTED if decision.verdict == Verdict.ACCEPT else OrderStatus.REFUSED)
        return Outcome(key=decision.key, status=OutcomeStatus.CONFIRMED)


def _rejected(key: str, code: str, *, retryable: bool = False) -> Outcome:
    return Outcome(key=key, status=OutcomeStatus.REJECTED, code=code, message=code, retryable=retryable)


@define
class ModelChannel:
    """The channel to a model market, which asks `fault` before each call what goes wrong.

    Answers of `fault`: None, "timeout", "lost" and "quota" for any call; for writes also "lost_after", "late",
    "retryable", "crash_before" and "crash_after" (reads crash on either).
    """

    market: ModelMarket
    fault: Callable[[str], str | None] = lambda call: None
    dates_answers: bool = True
    answered_late: timedelta = timedelta(0)
    calls: list[tuple[str, object]] = field(factory=list)
    name: str = "model"
    settle_gap: timedelta = timedelta(minutes=2)
    write_limit: timedelta = timedelta(seconds=150)
    write_chunk: int = 3

    def fetch(self, query: OrderQuery) -> Sequence[SalesOrder]:
        self._before("fetch", query)
        found = tuple(kept.order for kept in self.market.book.values() if _matches(kept.order, query))
        return Reading(found, self.market.clock.time - self.answered_late if self.dates_answers else None)

    def get(self, keys: Sequence[str]) -> Sequence[SalesOrder]:
        self._before("get", tuple(keys))
        return [self.market.book[key].order for key in keys if key in self.market.book]

    def ship(self, shipments: Sequence[Shipment]) -> Sequence[Outcome]:
        return self._write("ship", shipments, self.market.apply_shipment)

    def decide(self, decisions: Sequence[Decision]) -> Sequence[Outcome]:
        return self._write("decide", decisions, self.market.apply_decision)

    def carriers(self) -> Sequence[str]:
        return ("Colissimo",)

    def _before(self, call: str, what: object) -> None:
        self.calls.append((call, what))
        fault = self.fault(call)
        if fault is None:
            return
        if fault.startswith("crash"):
            raise Crash(call)
        if fault == "quota":
            raise QuotaExceeded("too many calls", method=call, retry_at=None)
        raise CallTimeout("no answer") if fault == "timeout" else ConnectionLost("broken")

    def _write(self, call: str, items: Sequence, apply: Callable) -> Sequence[Outcome]:
        assert len(items) <= self.write_chunk
        self.calls.append((call, tuple(items)))
        fault = self.fault(call)
        if fault == "quota":
            raise QuotaExceeded("too many calls", method=call, retry_at=None)
        if fault == "crash_before":
            raise Crash(call)
        if fault == "retryable":
            return [_rejected(item.key, "DeserializationFailed", retryable=True) for item in items]
        if fault == "late":
            due = self.market.clock.time + self.write_limit + self.settle_gap - timedelta(seconds=1)
            self.market.late.append((due, lambda: [apply(item) for item in items]))
        outcomes = [] if fault in {"late", "timeout", "lost"} else [apply(item) for item in items]
        if fault == "crash_after":
            raise Crash(call)
        return outcomes if fault is None else [Outcome(key=i.key, status=OutcomeStatus.UNKNOWN) for i in items]


def _matches(order: SalesOrder, query: OrderQuery) -> bool:
    return (
        order.status in query.statuses
        and _within(order.created_at, query.created_from, query.created_to)
        and _within(order.modified_at, query.modified_from, query.modified_to)
    )


def _within(moment: datetime | None, begin: datetime | None, end: datetime | None) -> bool:
    if moment is None:
        return True
    return (begin is None or begin <= moment) and (end is None or moment <= end)
