"""What a person sees of a store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cdiscount_marketplace.adapters.sql import Count, SqlOms
from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms.ports import AccountSummary, Company, TaskState
from cdiscount_marketplace.testing.contracts.samples import (
    ACCOUNT,
    MINUTE,
    NOON,
    OTHER_ACCOUNT,
    change,
    checkpoint,
    decision,
    order,
    quarantined,
    shipment,
    unseen,
)


def test_an_empty_store_has_nothing_to_show(oms: SqlOms) -> None:
    overview = oms.overview(ACCOUNT)
    assert (overview.checkpoint, overview.pulled_at, overview.orders, overview.leases) == (None, None, (), ())
    assert list(oms.accounts()) == []


def test_an_account_at_a_glance(oms: SqlOms) -> None:
    for number, status in (("A1", OrderStatus.SHIPPED), ("A2", OrderStatus.SHIPPED), ("A3", OrderStatus.CANCELLED)):
        oms.save(ACCOUNT, order(number, status=status), order(number), change())
    oms.swap_checkpoint(ACCOUNT, None, checkpoint())
    oms.put_quarantine(ACCOUNT, quarantined())
    oms.put_unseen(ACCOUNT, unseen())
    oms.swap_shipment(ACCOUNT, None, shipment(state=TaskState.STUCK))
    oms.swap_decision(ACCOUNT, None, decision())
    lease = oms.acquire(ACCOUNT, "import", "w1", timedelta(minutes=5))
    oms.acquire(ACCOUNT, "ship", "w1", timedelta(0))
    overview = oms.overview(ACCOUNT)
    assert overview.checkpoint == checkpoint()
    assert overview.pulled_at is not None
    assert overview.orders == (Count(value="cancelled", count=1), Count(value="shipped", count=2))
    assert overview.quarantine == (Count(value="unmappable", count=1),)
    assert overview.unseen == (Count(value="shipped", count=1),)
    assert overview.shipments == (Count(value="stuck", count=1),)
    assert overview.decisions == (Count(value="pending", count=1),)
    assert overview.leases == (lease,)


def test_every_account_is_known_that_left_a_trace(oms: SqlOms) -> None:
    oms.swap_checkpoint("a", None, checkpoint())
    oms.put_quarantine("b", quarantined())
    oms.put_company("c", Company(retailer="r", supplier="s"))
    assert list(oms.accounts()) == ["a", "b", "c"]


def test_orders_are_listed_by_status_newest_first(oms: SqlOms) -> None:
    for minutes, status in enumerate((OrderStatus.SHIPPED, OrderStatus.CANCELLED, OrderStatus.SHIPPED)):
        one = order(f"A{minutes}", status=status, created_at=NOON + minutes * MINUTE)
        oms.save(ACCOUNT, one, one, change())
    oms.save(OTHER_ACCOUNT, order("B1"), order("B1"), change())
    assert [summary.number for summary in oms.list_orders(ACCOUNT)] == ["A2", "A1", "A0"]
    assert [summary.number for summary in oms.list_orders(ACCOUNT, [OrderStatus.SHIPPED])] == ["A2", "A0"]
    assert [summary.number for summary in oms.list_orders(ACCOUNT, limit=1)] == ["A2"]
    assert oms.list_orders(ACCOUNT)[0].lines == 2


def test_an_unknown_order_is_not_shown(oms: SqlOms) -> None:
    assert oms.show_order(ACCOUNT, "A1") is None


def test_an_order_is_shown_with_all_that_happened_to_it(oms: SqlOms) -> None:
    oms.put_quarantine(ACCOUNT, quarantined("A1"))
    oms.save(ACCOUNT, order("A1", "A1-bis"), order("A1"), change())
    oms.drop_quarantine(ACCOUNT, "A1")
    oms.swap_shipment(ACCOUNT, None, shipment())
    oms.save(ACCOUNT, order("Z9"), order("Z9"), change())
    record = oms.show_order(ACCOUNT, "A1-bis")
    assert record is not None
    assert [(entry.subject, entry.event, entry.before, entry.after) for entry in record.history] == [
        ("quarantine", "quarantined", None, "unmappable"),
        ("order", "imported", None, "waiting_shipment"),
        ("quarantine", "released", "unmappable", None),
        ("shipment", "queued", None, "pending"),
    ]


def test_a_discarded_order_is_told_from_a_released_one(oms: SqlOms) -> None:
    oms.save(ACCOUNT, order("A1"), order("A1"), change())
    oms.put_quarantine(ACCOUNT, quarantined("A1"))
    assert oms.discard_quarantine(ACCOUNT, "A1")
    assert not oms.discard_quarantine(ACCOUNT, "A1")
    record = oms.show_order(ACCOUNT, "A1")
    assert record is not None
    assert [entry.event for entry in record.history] == ["imported", "quarantined", "discarded"]


def test_history_is_whole_in_the_middle_of_a_unit_and_after_an_inner_one_was_undone(oms: SqlOms) -> None:
    def shown(number: str) -> int:
        record = oms.show_order(ACCOUNT, number)
        return len(record.history) if record else 0

    def fail() -> None:
        with oms.unit():
            oms.save(ACCOUNT, order("B1"), order("B1"), change())
            assert (shown("A1"), shown("B1")) == (1, 1)
            raise ZeroDivisionError

    with oms.unit():
        oms.save(ACCOUNT, order("A1"), order("A1"), change())
        with pytest.raises(ZeroDivisionError):
            fail()
    assert (shown("A1"), shown("B1")) == (1, 0)
    oms.save(ACCOUNT, order("B1"), order("B1"), change())
    assert shown("B1") == 1


def test_a_bounded_overview_counts_up_to_its_bound_and_is_exact_below_it(oms: SqlOms) -> None:
    for number in range(5):
        status = OrderStatus.SHIPPED if number < 4 else OrderStatus.CANCELLED
        oms.save(ACCOUNT, order(f"A{number}", status=status), order(f"A{number}"), change())
        oms.swap_shipment(ACCOUNT, None, shipment(f"A{number}", state=TaskState.CONFIRMED))
    oms.save(OTHER_ACCOUNT, order("B1"), order("B1"), change())
    oms.put_quarantine(ACCOUNT, quarantined())
    bounded = oms.bounded_overview(ACCOUNT, most=3)
    assert bounded.orders == (Count(value="cancelled", count=1), Count(value="shipped", count=3))
    assert bounded.shipments == (Count(value="confirmed", count=3),)
    assert oms.bounded_overview(ACCOUNT, most=100) == oms.overview(ACCOUNT)


def test_accounts_are_summarized_in_the_order_asked_for(oms: SqlOms) -> None:
    oms.swap_checkpoint(ACCOUNT, None, checkpoint())
    oms.put_quarantine(ACCOUNT, quarantined())
    oms.swap_shipment(ACCOUNT, None, shipment("A1", state=TaskState.STUCK))
    oms.swap_shipment(ACCOUNT, None, shipment("A2", state=TaskState.CONFIRMED))
    oms.swap_decision(ACCOUNT, None, decision(state=TaskState.REJECTED))
    oms.swap_shipment(OTHER_ACCOUNT, None, shipment())
    oms.acquire(ACCOUNT, "import", "w1", timedelta(minutes=5))
    unknown, other, mine = oms.summarize_accounts(["unknown", OTHER_ACCOUNT, ACCOUNT])
    overview = oms.overview(ACCOUNT)
    assert unknown == AccountSummary(account="unknown", cursor=None, pulled_at=None, quarantined=0, waiting=0, jobs=())
    assert (other.account, other.waiting) == (OTHER_ACCOUNT, 0)
    assert (mine.cursor, mine.pulled_at) == (checkpoint().cursor, overview.pulled_at)
    assert (mine.quarantined, mine.waiting, mine.jobs) == (1, 2, ("import",))


def test_pages_of_tasks_in_all_states_follow_each_other_oldest_first(oms: SqlOms) -> None:
    states = TaskState.values()
    for number in range(2 * len(states)):
        state, at = states[number % len(states)], NOON + (number // 3) * MINUTE
        oms.swap_shipment(ACCOUNT, None, shipment(f"A{number:02}", state=state, created_at=at))
    every = [row.task.key for row in oms.list_shipments(ACCOUNT)]
    read: list[str] = []
    after = None
    while page := oms.page_shipments(ACCOUNT, limit=3, after=after):
        read += [row.task.key for row in page]
        after = page[-1]
    assert read == every
    assert len(read) == 2 * len(states)
