"""What a `ShipmentOutbox`, a `DecisionStore` and a `RefundOutbox` must hold to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve, frozen

from cdiscount_marketplace.errors import LeaseLost
from cdiscount_marketplace.oms.ports import (
    DecisionStore,
    LeaseStore,
    RefundOutbox,
    RefundTask,
    ShipmentOutbox,
    ShipmentTask,
    TaskState,
)
from cdiscount_marketplace.testing.contracts.samples import (
    ACCOUNT,
    MINUTE,
    NOON,
    OTHER_ACCOUNT,
    decision,
    gesture,
    race,
    refund,
    shipment,
)


@frozen(kw_only=True)
class Book:
    """One kind of task: how a store lists, finds and swaps it, and how to make one."""

    listed: Callable[..., Sequence[Any]]
    find: Callable[[str, str], Any]
    swap: Callable[..., bool]
    make: Callable[..., Any]


class TaskContract:
    """The promises that all tasks share; inherit one of the classes below."""

    def test_a_task_comes_back_as_it_was_given(self, book: Book) -> None:
        busy = book.make(
            state=TaskState.SENDING,
            version=7,
            attempt=2,
            owner="w1",
            started_at=NOON,
            give_up_at=NOON + MINUTE,
            not_before=NOON - MINUTE,
            unshipped_at=NOON + 2 * MINUTE,
            code="E1",
            message="refusé",
        )
        assert book.swap(ACCOUNT, None, busy)
        assert book.find(ACCOUNT, "A1") == busy

    def test_an_unknown_task_is_not_found(self, book: Book) -> None:
        assert book.find(ACCOUNT, "A1") is None

    def test_accounts_do_not_share_tasks(self, book: Book) -> None:
        book.swap(ACCOUNT, None, book.make())
        assert book.find(OTHER_ACCOUNT, "A1") is None
        assert list(book.listed(OTHER_ACCOUNT)) == []

    def test_an_order_has_one_task(self, book: Book) -> None:
        assert book.swap(ACCOUNT, None, book.make())
        assert not book.swap(ACCOUNT, None, book.make(created_at=NOON + MINUTE))
        assert book.find(ACCOUNT, "A1") == book.make()

    def test_nothing_is_changed_that_is_not_there(self, book: Book) -> None:
        assert not book.swap(ACCOUNT, book.make(), book.make(version=2))
        assert book.find(ACCOUNT, "A1") is None

    def test_only_what_was_read_is_replaced(self, book: Book) -> None:
        first, second = book.make(), book.make(version=2, state=TaskState.SENDING, updated_at=NOON + MINUTE)
        book.swap(ACCOUNT, None, first)
        assert book.swap(ACCOUNT, first, second)
        assert not book.swap(ACCOUNT, first, book.make(version=2, state=TaskState.CANCELLED))
        assert book.find(ACCOUNT, "A1") == second

    def test_tasks_are_listed_by_state_oldest_first(self, book: Book) -> None:
        for key, minutes, state in (
            ("B", 2, TaskState.PENDING),
            ("A", 3, TaskState.UNKNOWN),
            ("C", 1, TaskState.PENDING),
            ("D", 4, TaskState.CONFIRMED),
        ):
            book.swap(ACCOUNT, None, book.make(key, state=state, created_at=NOON + minutes * MINUTE))
        assert _keys(book.listed(ACCOUNT)) == ["C", "B", "A", "D"]
        assert _keys(book.listed(ACCOUNT, [TaskState.PENDING])) == ["C", "B"]
        assert _keys(book.listed(ACCOUNT, (TaskState.UNKNOWN, TaskState.CONFIRMED))) == ["A", "D"]

    def test_one_of_many_racing_creations_wins(self, book: Book) -> None:
        assert sum(race(lambda number: book.swap(ACCOUNT, None, book.make(owner=f"w{number}")))) == 1

    def test_one_of_many_racing_claims_wins(self, book: Book) -> None:
        first = book.make()
        book.swap(ACCOUNT, None, first)
        claims = [book.make(version=2, state=TaskState.SENDING, owner=f"w{number}") for number in range(4)]
        won = race(lambda number: book.swap(ACCOUNT, first, claims[number]))
        assert sum(won) == 1
        assert book.find(ACCOUNT, "A1") == claims[won.index(True)]


class ShipmentOutboxContract(TaskContract):
    """Inherit this and give a fixture `store`: an empty `ShipmentOutbox`."""

    @pytest.fixture
    def book(self, store: ShipmentOutbox) -> Book:
        """Look at the outbox as tasks."""

        def find(account: str, key: str) -> ShipmentTask | None:
            return next(iter(store.find_shipments(account, key)), None)

        return Book(listed=store.list_shipments, find=find, swap=store.swap_shipment, make=shipment)

    def test_an_order_has_a_row_for_each_parcel(self, store: ShipmentOutbox) -> None:
        first, second = (evolve(shipment(), shipment=evolve(shipment().shipment, parcel=name)) for name in "ab")
        assert store.swap_shipment(ACCOUNT, None, first)
        assert store.swap_shipment(ACCOUNT, None, second)
        assert not store.swap_shipment(ACCOUNT, None, second)
        assert list(store.find_shipments(ACCOUNT, "A1")) == [first, second]
        moved = evolve(second, task=evolve(second.task, version=2, state=TaskState.CONFIRMED))
        assert store.swap_shipment(ACCOUNT, second, moved)
        assert list(store.find_shipments(ACCOUNT, "A1")) == [first, moved]

    def test_another_parcel_replaces_what_was_read(self, store: ShipmentOutbox) -> None:
        rejected = shipment(state=TaskState.REJECTED)
        whole = evolve(shipment(version=2).shipment, carrier="DPD", tracking_url="https://dpd.test/1", lines=None)
        store.swap_shipment(ACCOUNT, None, rejected)
        after = evolve(shipment(version=2), shipment=whole)
        assert store.swap_shipment(ACCOUNT, rejected, after)
        assert list(store.find_shipments(ACCOUNT, "A1")) == [after]


class DecisionStoreContract(TaskContract):
    """Inherit this and give a fixture `store`: an empty `DecisionStore`."""

    @pytest.fixture
    def book(self, store: DecisionStore) -> Book:
        """Look at the decisions as tasks."""
        return Book(listed=store.list_decisions, find=store.find_decision, swap=store.swap_decision, make=decision)


class RefundOutboxContract(TaskContract):
    """Inherit this and give a fixture `store`: an empty `RefundOutbox`."""

    @pytest.fixture
    def book(self, store: RefundOutbox) -> Book:
        """Look at the outbox as tasks."""

        def find(account: str, key: str) -> RefundTask | None:
            return next(iter(store.find_refunds(account, key)), None)

        return Book(listed=store.list_refunds, find=find, swap=store.swap_refund, make=refund)

    def test_an_order_has_a_row_for_each_reference(self, store: RefundOutbox) -> None:
        first, second = refund(), gesture()
        assert store.swap_refund(ACCOUNT, None, second)
        assert store.swap_refund(ACCOUNT, None, first)
        assert not store.swap_refund(ACCOUNT, None, second)
        assert list(store.find_refunds(ACCOUNT, "A1")) == [second, first]
        moved = evolve(second, task=evolve(second.task, version=2, state=TaskState.CONFIRMED))
        assert store.swap_refund(ACCOUNT, second, moved)
        assert list(store.find_refunds(ACCOUNT, "A1")) == [moved, first]

    def test_another_request_replaces_what_was_read(self, store: RefundOutbox) -> None:
        rejected = refund(state=TaskState.REJECTED)
        store.swap_refund(ACCOUNT, None, rejected)
        after = evolve(gesture(version=2), refund=evolve(gesture().refund, reference="R1"))
        assert store.swap_refund(ACCOUNT, rejected, after)
        assert list(store.find_refunds(ACCOUNT, "A1")) == [after]

    def test_a_worker_that_lost_its_lease_changes_nothing(self, store: RefundOutbox) -> None:
        if not isinstance(store, LeaseStore):
            pytest.skip("the store keeps no leases")
        late = store.acquire(ACCOUNT, "refund", "w1", timedelta(0))
        assert late is not None
        assert store.acquire(ACCOUNT, "refund", "w2", MINUTE) is not None
        with pytest.raises(LeaseLost):
            store.swap_refund(ACCOUNT, None, refund(), lease=late)
        assert list(store.list_refunds(ACCOUNT)) == []


def _keys(rows: Sequence[Any]) -> list[str]:
    return [row.task.key for row in rows]
