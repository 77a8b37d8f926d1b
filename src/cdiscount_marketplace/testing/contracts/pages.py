"""What a store that is read page by page must hold to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pytest
from attrs import frozen

from cdiscount_marketplace.oms.ports import (
    DecisionPages,
    DecisionStore,
    QuarantinePages,
    QuarantineStore,
    RefundOutbox,
    RefundPages,
    ShipmentOutbox,
    ShipmentPages,
    TaskState,
)
from cdiscount_marketplace.testing.contracts.samples import (
    ACCOUNT,
    MINUTE,
    NOON,
    OTHER_ACCOUNT,
    decision,
    quarantined,
    refund,
    shipment,
)


class PagedStore(
    ShipmentOutbox, ShipmentPages, DecisionStore, DecisionPages, QuarantineStore, QuarantinePages, Protocol
):
    """A store whose long lists can be read page by page."""


@frozen(kw_only=True)
class Shelf:
    """One of the lists of a store: how it is filled, listed, counted and paged."""

    put: Callable[[str, str, int], object]
    listed: Callable[[str], Sequence[Any]]
    count: Callable[[str], int]
    page: Callable[..., Sequence[Any]]


def _shelves(store: PagedStore) -> dict[str, Shelf]:
    def put_shipment(account: str, key: str, minute: int) -> None:
        store.swap_shipment(account, None, shipment(key, created_at=NOON + minute * MINUTE))

    def put_decision(account: str, key: str, minute: int) -> None:
        store.swap_decision(account, None, decision(key, created_at=NOON + minute * MINUTE))

    def put_quarantined(account: str, key: str, minute: int) -> None:
        store.put_quarantine(account, quarantined(key, first_seen=NOON + minute * MINUTE))

    return {
        "shipments": Shelf(
            put=put_shipment, listed=store.list_shipments, count=store.count_shipments, page=store.page_shipments
        ),
        "decisions": Shelf(
            put=put_decision, listed=store.list_decisions, count=store.count_decisions, page=store.page_decisions
        ),
        "quarantine": Shelf(
            put=put_quarantined, listed=store.list_quarantine, count=store.count_quarantine, page=store.page_quarantine
        ),
    }


class ShelfContract:
    """The promises of every long list; inherit one of the classes below."""

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
    def test_pages_joined_are_the_whole_list(self, shelf: Shelf, limit: int) -> None:
        # Several share their moment, and none comes in its order.
        for key, minute in (("D", 1), ("A", 1), ("C", 0), ("B", 1), ("E", 2), ("a", 1), ("é", 1)):
            shelf.put(ACCOUNT, key, minute)
        assert _read(shelf, limit) == list(shelf.listed(ACCOUNT))
        assert shelf.count(ACCOUNT) == 7

    def test_an_empty_list_has_an_empty_page(self, shelf: Shelf) -> None:
        assert list(shelf.page(ACCOUNT, limit=5)) == []
        assert shelf.count(ACCOUNT) == 0

    def test_what_comes_in_between_two_pages_doubles_nothing(self, shelf: Shelf) -> None:
        for key in ("A", "B", "C"):
            shelf.put(ACCOUNT, key, 1)
        first = list(shelf.page(ACCOUNT, limit=2))
        shelf.put(ACCOUNT, "0", 0)
        shelf.put(ACCOUNT, "Z", 2)
        rest = list(shelf.page(ACCOUNT, limit=9, after=first[-1]))
        assert len(rest) == 2
        assert not [row for row in rest if row in first]


class PagesContract(ShelfContract):
    """Inherit this and give a fixture `store`: all six ports of `PagedStore` in one object, empty."""

    @pytest.fixture(params=["shipments", "decisions", "quarantine"])
    def shelf(self, request: pytest.FixtureRequest, store: PagedStore) -> Shelf:
        """Give one list of the store, with entries of another account beside it."""
        shelf = _shelves(store)[request.param]
        shelf.put(OTHER_ACCOUNT, "Z1", 0)
        return shelf

    def test_states_are_counted_and_paged_alone(self, store: PagedStore) -> None:
        for number in range(6):
            state = TaskState.PENDING if number % 2 else TaskState.CONFIRMED
            store.swap_shipment(ACCOUNT, None, shipment(f"A{number}", state=state))
            store.swap_decision(ACCOUNT, None, decision(f"A{number}", state=state))
        pending = (TaskState.PENDING,)
        assert (store.count_shipments(ACCOUNT, pending), store.count_decisions(ACCOUNT, pending)) == (3, 3)
        first = store.page_shipments(ACCOUNT, pending, limit=2)
        rest = store.page_shipments(ACCOUNT, pending, limit=2, after=first[-1])
        assert [row.shipment.key for row in (*first, *rest)] == ["A1", "A3", "A5"]
        assert [row.decision.key for row in store.page_decisions(ACCOUNT, pending, limit=9)] == ["A1", "A3", "A5"]

    def test_a_page_goes_on_after_a_row_that_is_gone(self, store: PagedStore) -> None:
        for key in ("A", "B", "C"):
            store.put_quarantine(ACCOUNT, quarantined(key))
        (first,) = store.page_quarantine(ACCOUNT, limit=1)
        store.drop_quarantine(ACCOUNT, first.key)
        assert len(store.page_quarantine(ACCOUNT, limit=9, after=first)) == 2


class PagedRefunds(RefundOutbox, RefundPages, Protocol):
    """An outbox of refunds that can be read page by page."""


class RefundPagesContract(ShelfContract):
    """Inherit this and give a fixture `store`: a `RefundOutbox` that is `RefundPages`, empty."""

    @pytest.fixture
    def shelf(self, store: PagedRefunds) -> Shelf:
        """Give the list of refunds, with one of another account beside it."""

        def put(account: str, key: str, minute: int) -> None:
            store.swap_refund(account, None, refund(key, created_at=NOON + minute * MINUTE))

        put(OTHER_ACCOUNT, "Z1", 0)
        return Shelf(put=put, listed=store.list_refunds, count=store.count_refunds, page=store.page_refunds)

    def test_refunds_are_counted_and_paged_by_state(self, store: PagedRefunds) -> None:
        for number in range(6):
            state = TaskState.PENDING if number % 2 else TaskState.CONFIRMED
            store.swap_refund(ACCOUNT, None, refund("A1", reference=f"R{number}", state=state))
        pending = (TaskState.PENDING,)
        assert store.count_refunds(ACCOUNT, pending) == 3
        first = store.page_refunds(ACCOUNT, pending, limit=2)
        rest = store.page_refunds(ACCOUNT, pending, limit=2, after=first[-1])
        assert [row.refund.reference for row in (*first, *rest)] == ["R1", "R3", "R5"]


def _read(shelf: Shelf, limit: int) -> list[Any]:
    rows: list[Any] = []
    while page := shelf.page(ACCOUNT, limit=limit, after=rows[-1] if rows else None):
        rows += page
    return rows
