"""Before switching, the comparison tells what switching would do."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.errors import CallTimeout, InvalidRequest
from cdiscount_marketplace.models import OrderQuery, OrderStatus, Reading, SalesOrder
from cdiscount_marketplace.oms.migration import Difference, MigrationReport, Renumbered, compare_channels
from cdiscount_marketplace.oms.ports import Checkpoint
from cdiscount_marketplace.sandbox.states import State
from support.model_channel import START, ModelChannel, ModelMarket
from support.two_channels import ACCOUNT, Shop

DAY = timedelta(days=1)


def test_a_shop_on_both_apis_is_safe_to_switch() -> None:
    shop = Shop("soap", lambda clock: MemoryOms(clock=clock))
    shop.pull()
    shop.sandbox.fill(12, over=timedelta(hours=2))
    for state in (State.WAITING_SHIPMENT, State.SHIPPED, State.CANCELLED):
        shop.place(state=state, lines=2, fee=True)
    shop.wait()
    shop.pull()
    soap, octopia = shop._channels["soap"], shop._channels["octopia"]
    now = shop.sandbox.clock.now()
    report = compare_channels(soap, octopia, shop.oms, account=ACCOUNT, begin=now - DAY, end=now)
    assert (report.compared, report.only_before, report.only_after, report.renumbered) == (15, (), (), ())
    assert report.differences == ()
    assert report.new_to_store == ()
    assert report.stored == len(shop.orders()) > 0
    assert report.safe


class Side:
    """A channel over a few orders; `hidden` ones are found by number only."""

    def __init__(self, *orders: SalesOrder, hidden: tuple[str, ...] = ()) -> None:
        self.orders = {order.number: order for order in orders}
        self.hidden = hidden
        self.limit = timedelta.max

    def fetch(self, query: OrderQuery) -> Reading:
        assert query.created_from is not None
        assert query.created_to is not None
        if query.created_to - query.created_from > self.limit:
            raise CallTimeout("no answer")
        return Reading(tuple(order for order in self.orders.values() if order.number not in self.hidden))

    def get(self, keys: Any) -> list[SalesOrder]:
        return [order for order in self.orders.values() if set(order.identities) & set(keys)]


def order(number: str, **changes: Any) -> SalesOrder:
    placed = ModelMarket().place(number)
    return evolve(placed, **{"created_at": START, "total": Decimal(10), **changes})


def compared(before: Any, after: Any, oms: Any = None) -> MigrationReport:
    oms = oms or MemoryOms(clock=ModelMarket().clock)
    return compare_channels(before, after, oms, account="shop", begin=START - DAY, end=START)


def test_orders_that_no_api_can_find_again_are_left_out() -> None:
    report = compared(Side(order("A"), order("digest:1"), order("D", dummy=True)), Side(order("A")))
    assert (report.compared, report.only_before) == (1, ())


def test_orders_that_one_side_only_has_are_told() -> None:
    report = compared(Side(order("A"), order("B")), Side(order("A"), order("C", total=Decimal(11))))
    assert (report.compared, report.only_before, report.only_after) == (1, ("B",), ("C",))
    assert report.new_to_store == ("A", "C")
    assert not report.safe


def test_an_order_from_before_the_store_begins_is_not_said_to_be_imported() -> None:
    oms = MemoryOms(clock=ModelMarket().clock)
    oms.swap_checkpoint("shop", None, Checkpoint(floor=START, cursor=START))
    both = Side(order("A"), order("B", created_at=START - DAY))
    assert compared(both, both, oms).new_to_store == ("A",)


def test_an_order_outside_of_the_other_sides_bounds_is_found_by_number() -> None:
    report = compared(Side(order("A"), order("B")), Side(order("A"), order("B"), hidden=("B",)))
    assert (report.compared, report.only_before) == (2, ())


def test_an_order_under_another_number_would_be_imported_again() -> None:
    report = compared(Side(order("A"), order("B")), Side(order("A"), order("X", identities=("X", "Y"))))
    assert report.renumbered == (Renumbered(before="B", after=("X", "Y")),)
    assert not report.safe


def test_an_order_that_shares_any_number_is_the_same() -> None:
    report = compared(Side(order("A")), Side(order("NEW", identities=("NEW", "A"))))
    assert (report.compared, report.only_before, report.only_after) == (1, (), ())


def test_different_amounts_and_lines_are_told() -> None:
    known = order("A")
    lines = tuple(evolve(line, quantity=line.quantity + 1) for line in known.lines)
    report = compared(Side(known), Side(evolve(known, total=Decimal(12), lines=lines)))
    assert (report.differences[0].before, report.differences[0].after) == ("10", "12")
    assert [one.about for one in report.differences] == ["total", "lines"]
    assert report.safe


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (OrderStatus.SHIPPED, OrderStatus.DELIVERED, True),
        (OrderStatus.WAITING_SHIPMENT, OrderStatus.READY_FOR_PICKUP, True),
        (OrderStatus.SHIPMENT_REFUSED, OrderStatus.CANCELLED, True),
        (OrderStatus.REFUSED, OrderStatus.CANCELLED, True),
        (OrderStatus.OTHER, OrderStatus.SHIPPED, True),
        (OrderStatus.ACCEPTED, OrderStatus.WAITING_SHIPMENT, False),
        (OrderStatus.SHIPPED, OrderStatus.CANCELLED, False),
    ],
)
def test_states_are_compared_by_what_they_mean(one: OrderStatus, other: OrderStatus, same: bool) -> None:
    report = compared(Side(order("A", status=one)), Side(order("A", status=other)))
    expected = Difference(order_number="A", about="status", before=str(one), after=str(other))
    assert report.differences == (() if same else (expected,))


def test_an_order_that_moved_between_the_two_readings_is_no_difference() -> None:
    class Late(Side):
        def fetch(self, query: OrderQuery) -> Reading:
            found = super().fetch(query)
            self.orders["A"] = order("A", status=OrderStatus.SHIPPED)
            return found

    report = compared(Late(order("A")), Side(order("A", status=OrderStatus.SHIPPED)))
    assert report.differences == ()


def test_a_period_that_is_too_much_is_read_in_halves() -> None:
    slow = Side(order("A"))
    slow.limit = timedelta(hours=3)
    assert compared(slow, Side(order("A"))).compared == 1


def test_nothing_to_compare_proves_nothing() -> None:
    market = ModelMarket()
    assert not compared(ModelChannel(market), ModelChannel(market)).safe


def test_a_period_without_offset_or_end_is_refused() -> None:
    side = Side()
    for begin, end in ((START.replace(tzinfo=None), START), (START, START - DAY)):
        with pytest.raises(InvalidRequest):
            compare_channels(side, side, MemoryOms(), account="shop", begin=begin, end=end)
