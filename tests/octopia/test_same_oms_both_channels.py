"""The same OMS code gives the same results on either API: contents, reports, outbox."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.models import Verdict
from cdiscount_marketplace.refunds import RefundKind as K
from cdiscount_marketplace.refunds import RefundReason as R
from cdiscount_marketplace.refunds import RefundRequest
from cdiscount_marketplace.sandbox.effects import (
    ApplyLater,
    Effect,
    HttpStatus,
    LoseAnswer,
    Moment,
    NoOrderNumber,
    Reset,
    UnknownElements,
)
from cdiscount_marketplace.sandbox.orders import Tracking
from cdiscount_marketplace.sandbox.states import State
from support.shop import AcceptAll, Picky
from support.two_channels import CHANNELS, Shop

pytestmark = pytest.mark.slow

Scenario = Callable[[Shop], Any]


def told(report: Any) -> dict[str, Any]:
    """Return the counts of a report."""
    names = (
        "imported",
        "quarantined",
        "released",
        "passed_unseen",
        "confirmed",
        "rejected",
        "stuck",
        "pending",
        "unknown",
    )
    return {name: getattr(report, name) for name in names if hasattr(report, name)}


def all_the_way(shop: Shop) -> Any:
    """From placing to shipping, with every kind of order."""
    shop.pull()
    placed = [
        shop.place(lines=2, fee=True),
        shop.place(relay=True, quantity=3),
        shop.place(business=True),
        shop.place(lines=3),
    ]
    shop.wait()
    reports = [told(shop.accept())]
    shop.wait(30)
    reports.append(told(shop.pull()))
    for order in placed:
        shop.ship(order)
    shop.push()
    shop.settle()
    return reports


def cancelled_on_the_way(shop: Shop) -> Any:
    """Customers change their minds before payment, and before the first reading."""
    shop.pull()
    early, late = shop.place(), shop.place()
    shop.wait()
    shop.sandbox.cancel_as_customer(early.number)
    reports = [told(shop.accept())]
    shop.wait(30)
    reports.append(told(shop.pull()))
    shop.ship(late)
    shop.settle()
    return reports


def refused_by_the_seller(shop: Shop) -> Any:
    """The policy refuses."""
    shop.pull()
    shop.place()
    shop.wait()
    report = told(shop.accept(policy=AcceptAll(Verdict.REFUSE)))
    shop.settle(1)
    return report


def passed_between_two_readings(shop: Shop) -> Any:
    """An order waits and is shipped by hand before anybody reads it."""
    shop.pull()
    order = shop.place()
    shop.sandbox.book.accept(order.number)
    shop.wait(40)
    shop.sandbox.book.ship(order.number, Tracking(carrier="Colissimo", number="6A9"))
    shop.wait(5)
    report = told(shop.pull())
    return report, [str(one.status) for one in shop.oms.list_unseen("shop")]


def not_mappable_at_first(shop: Shop) -> Any:
    """An order is quarantined, and released once the OMS takes it."""
    order = shop.place(state=State.WAITING_SHIPMENT)
    shop.wait()
    reports = [told(shop.pull(mapper=Picky(order.number)))]
    shop.wait()
    reports.append(told(shop.pull()))
    return reports


def drifting(shop: Shop) -> Any:
    """Unknown members, and an order without its number, stop nothing."""
    for _ in range(3):
        shop.place(state=State.WAITING_SHIPMENT)
    shop.wait()
    shop.break_lists(UnknownElements())
    shop.break_lists(NoOrderNumber())
    shop.pull()
    shop.settle(1)
    return len(shop.oms.list_quarantine("shop"))


def fulfilled_by_cdiscount(shop: Shop) -> Any:
    """What the marketplace ships itself is imported, and never shipped by us."""
    shop.pull()
    shop.place(fulfilled_by_cdiscount=True)
    shop.wait(30)
    shop.pull()
    shop.settle(1)
    return None


def under_fire(effect: Effect) -> Scenario:
    """Shipments whose first answers are lost."""

    def play(shop: Shop) -> Any:
        placed = [shop.place(state=State.WAITING_SHIPMENT) for _ in range(3)]
        shop.wait()
        shop.pull()
        for order in placed:
            shop.ship(order)
        shop.break_writes(effect, times=3)
        shop.push()
        shop.settle(10)
        return None

    play.__name__ = type(effect).__name__
    return play


def _attempt(shop: Shop, name: str, value: Any) -> None:
    """Do one thing, as a scheduler does: what fails is tried again at the next turn."""
    with suppress(CdiscountError):
        if name == "place":
            shop.place(state=State.WAITING_SHIPMENT)
        elif name == "wait":
            shop.wait(value)
        elif name == "pull":
            shop.pull()
        elif name == "push":
            shop.push()
        elif name == "ship":
            queued = {key for key, _ in shop.outbox()}
            for order in shop.orders():
                if order.number not in queued:
                    shop.ship(shop.sandbox.order(order.number))


def money_back(shop: Shop) -> Any:
    """A cancellation before the shipment, a refund and a gesture after it; the first answers are lost."""
    shop.pull()
    kept, dropped = shop.place(state=State.WAITING_SHIPMENT, lines=2), shop.place(state=State.WAITING_SHIPMENT)
    shop.wait()
    shop.pull()
    shop.ship(kept)
    shop.settle(1)
    line = next(order for order in shop.orders() if order.number == kept.number).lines[0].line_id
    shop.break_refunds(LoseAnswer(), times=1)
    shop.give_back(
        RefundRequest(key=dropped.number, kind=K.CANCELLATION, reason=R.OUT_OF_STOCK),
        RefundRequest(key=kept.number, kind=K.REFUND, reason=R.DAMAGED_PRODUCT, lines=[line], reference="line"),
        RefundRequest(key=kept.number, kind=K.GESTURE, reason=R.LATE_DELIVERY, amount=Decimal(3), reference="gift"),
    )
    shop.settle_refunds()
    shop.settle(1)
    refunds = shop.sandbox.book.get(kept.number).refunds
    return shop.refunds(), [(refund.row, refund.amount) for refund in refunds]


STEPS: list[tuple[str, Any]] = [
    ("place", None),
    ("wait", 3),
    ("wait", 45),
    ("pull", None),
    ("push", None),
    ("ship", None),
    ("use", "soap"),
    ("use", "octopia"),
    ("break", LoseAnswer()),
    ("break", ApplyLater()),
    ("break", Reset(Moment.BEFORE)),
    ("break", HttpStatus(503)),
]
TROUBLE = (LoseAnswer(), ApplyLater(), Reset(Moment.AFTER), Reset(Moment.BEFORE), HttpStatus(503, ran=True))
SCENARIOS: list[Scenario] = [
    all_the_way,
    cancelled_on_the_way,
    refused_by_the_seller,
    passed_between_two_readings,
    not_mappable_at_first,
    drifting,
    fulfilled_by_cdiscount,
    *map(under_fire, TROUBLE),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_both_channels_leave_the_same_behind(scenario: Scenario, new_store: Any) -> None:
    shops = {channel: Shop(channel, new_store) for channel in CHANNELS}
    results = {channel: scenario(shop) for channel, shop in shops.items()}
    soap, octopia = (shops[channel] for channel in CHANNELS)
    assert results["octopia"] == results["soap"]
    assert octopia.contents() == soap.contents()
    assert octopia.outbox() == soap.outbox()
    assert octopia.applied() == soap.applied()
    assert all(times <= 1 for times in octopia.applied().values())
    assert {state for _, state in octopia.outbox()} <= {"confirmed", "rejected"}


def test_money_goes_back_the_same_over_both_channels(new_store: Any) -> None:
    shops = {channel: Shop(channel, new_store) for channel in CHANNELS}
    results = {channel: money_back(shop) for channel, shop in shops.items()}
    soap, octopia = (shops[channel] for channel in CHANNELS)
    assert results["octopia"] == results["soap"]
    assert octopia.applied() == soap.applied()
    refunds, given = results["soap"]
    assert {state for _, state, _ in refunds} == {"confirmed"}
    assert len(given) == 2


@pytest.mark.parametrize("first", CHANNELS)
def test_an_account_that_changes_its_channel_imports_nothing_again_and_skips_nothing(
    first: str, new_store: Any
) -> None:
    shop = Shop(first, new_store)
    shop.pull()
    orders = [shop.place(lines=2) for _ in range(4)]
    shop.wait()
    shop.accept()
    shop.wait(30)
    assert shop.pull().imported == 4
    for order in orders[:2]:
        shop.ship(order)
    shop.break_writes(LoseAnswer())
    shop.push()
    # In between come an order that the other channel sees first, and one that both see.
    shop.use(next(channel for channel in CHANNELS if channel != first))
    late = shop.place(state=State.WAITING_SHIPMENT)
    shop.wait()
    report = shop.pull()
    assert (report.imported, report.passed_unseen) == (1, 0)
    for order in (*orders[2:], late):
        shop.ship(order)
    shop.settle(10)
    assert sorted(order.number for order in shop.orders()) == sorted(order.number for order in (*orders, late))
    assert {state for _, state in shop.outbox()} == {"confirmed"}
    assert set(shop.applied().values()) == {1}
    assert {str(order.status) for order in shop.orders()} == {"shipped"}
    shop.use(first)
    shop.wait()
    assert shop.pull().imported == 0


@settings(
    max_examples=15,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=5, max_size=25))
def test_nothing_is_lost_or_doubled_whatever_channel_is_spoken_when(steps: list[tuple[str, Any]]) -> None:
    shop = Shop("soap", lambda clock: MemoryOms(clock=clock))
    shop.pull()
    for name, value in steps:
        if name == "use":
            shop.use(value)
        elif name == "break":
            shop.break_writes(value)
            shop.break_lists(value)
        else:
            _attempt(shop, name, value)
    shop.sandbox.faults.clear()
    shop.settle(1)
    _attempt(shop, "ship", None)
    shop.settle(4)
    placed = {order.number for order in shop.sandbox.orders()}
    assert {order.number for order in shop.orders()} == placed
    assert all(times == 1 for times in shop.applied().values())
    assert {state for _, state in shop.outbox()} <= {"confirmed"}
    assert len(shop.outbox()) == len(placed)
