"""What an `OfferOutbox` must hold to, and one that is read page by page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Protocol

import pytest
from attrs import evolve

from cdiscount_marketplace.errors import LeaseLost
from cdiscount_marketplace.offers import Offer, OfferCondition, OfferDelivery, OfferTax, OfferTaxKind
from cdiscount_marketplace.oms.ports import (
    LeaseStore,
    OfferOutbox,
    OfferPackage,
    OfferPages,
    OfferState,
    OfferSwap,
    OfferTask,
    PackageState,
)
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, MINUTE, NOON, OTHER_ACCOUNT, race


class PagedOffers(OfferOutbox, OfferPages, Protocol):
    """An outbox of offers that can be read page by page."""


def offer_task(sku: str = "A1", **changes: Any) -> OfferTask:
    """Return a pending offer, changed as asked."""
    values: dict[str, Any] = {
        "offer": Offer(sku=sku, price=Decimal("9.90"), quantity=3),
        "changed": ("price", "quantity"),
        "due_at": NOON,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return OfferTask(**(values | changes))


def offer_package(name: str = "n1", **changes: Any) -> OfferPackage:
    """Return a package that was just created, changed as asked."""
    values: dict[str, Any] = {
        "reference": "p1",
        "channel": "octopia",
        "kind": "upsert",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return OfferPackage(name=name, **(values | changes))


class OfferOutboxContract:
    """Inherit this and give a fixture `store`: an empty `OfferOutbox`."""

    def test_an_offer_comes_back_as_it_was_given(self, store: OfferOutbox) -> None:
        whole = Offer(
            sku="SKU / é_1",
            gtin="04006381333931",
            product="PROD-1",
            condition=OfferCondition("ExcellentState"),
            price=Decimal("1234.50"),
            original_price=Decimal(0),
            currency="EUR",
            quantity=0,
            preparation_days=2,
            delivery_modes=(
                OfferDelivery(code="THD", cost=Decimal("4.99"), additional_cost=Decimal("0.50")),
                OfferDelivery(code="SHD", cost=Decimal(0)),
            ),
            taxes=(
                OfferTax(code="vat", value=Decimal("5.5")),
                OfferTax(code="ecotax", value=Decimal("0.02"), kind=OfferTaxKind.AMOUNT),
            ),
        )
        row = offer_task(
            offer=whole,
            state=OfferState.SENT,
            version=7,
            known=False,
            sent=("price",),
            package="n1",
            attempt=2,
            narrowing=1,
            due_at=NOON + MINUTE,
            updated_at=NOON + 2 * MINUTE,
            code="1008",
            message="refusé",
        )
        assert _put(store, row) == [True]
        assert list(store.find_offers(ACCOUNT, ["SKU / é_1"])) == [row]

    def test_what_is_not_said_stays_unsaid(self, store: OfferOutbox) -> None:
        _put(store, offer_task(offer=Offer(sku="A1", quantity=1)))
        (row,) = store.find_offers(ACCOUNT, ["A1"])
        assert row.offer == Offer(sku="A1", quantity=1)
        assert row.known is None

    def test_accounts_do_not_share_offers(self, store: OfferOutbox) -> None:
        _put(store, offer_task())
        assert list(store.find_offers(OTHER_ACCOUNT, ["A1"])) == []
        assert list(store.list_due_offers(OTHER_ACCOUNT, NOON, limit=9)) == []
        assert store.count_offers(OTHER_ACCOUNT) == 0

    def test_only_what_was_read_is_replaced(self, store: OfferOutbox) -> None:
        first, second = offer_task(), offer_task(version=2, state=OfferState.SENT)
        assert _put(store, first) == [True]
        assert _put(store, evolve(first, attempt=3)) == [False]
        assert _swap(store, (first, second)) == [True]
        assert _swap(store, (first, offer_task(version=2, state=OfferState.REJECTED))) == [False]
        assert _swap(store, (offer_task("B1"), offer_task("B1", version=2))) == [False]
        assert list(store.find_offers(ACCOUNT, ["A1", "B1"])) == [second]

    def test_one_that_is_not_replaced_hinders_no_other(self, store: OfferOutbox) -> None:
        rows = {sku: offer_task(sku) for sku in "ABCD"}
        _put(store, rows["A"], rows["B"])
        moved = evolve(rows["B"], version=2, attempt=1)
        _swap(store, (rows["B"], moved))
        late = evolve(rows["B"], version=2, attempt=9)
        changed = evolve(rows["A"], version=2, attempt=4)
        absent = (rows["C"], evolve(rows["C"], version=2))
        done = _swap(store, absent, (None, rows["D"]), (rows["B"], late), (rows["A"], changed))
        assert done == [False, True, False, True]
        assert _by_sku(store.find_offers(ACCOUNT, list("ABCD"))) == {"A": changed, "B": moved, "D": rows["D"]}

    def test_many_are_swapped_at_once(self, store: OfferOutbox) -> None:
        rows = [offer_task(f"A{number:04}") for number in range(1200)]
        assert all(_put(store, *rows))
        moved = [evolve(row, version=2, state=OfferState.IN_STEP, changed=()) for row in rows]
        assert all(_swap(store, *zip(rows, moved, strict=True)))
        assert store.count_offers(ACCOUNT, [OfferState.IN_STEP]) == 1200
        assert _by_sku(store.find_offers(ACCOUNT, ["A0000", "A1199"])) == {"A0000": moved[0], "A1199": moved[-1]}

    @pytest.mark.parametrize("limit", [1, 3, 50])
    def test_due_offers_come_oldest_first_page_by_page(self, store: OfferOutbox, limit: int) -> None:
        for sku, minutes in (("D", 1), ("A", 1), ("é", 1), ("C", 0), ("B", 5), ("a", 1)):
            _put(store, offer_task(sku, due_at=NOON + minutes * MINUTE))
        _put(store, offer_task("Z", state=OfferState.IN_STEP))
        read: list[OfferTask] = []
        while rows := store.list_due_offers(ACCOUNT, NOON + MINUTE, limit=limit, after=read[-1] if read else None):
            assert len(rows) <= limit
            read += rows
        skus = [row.offer.sku for row in read]
        assert skus[0] == "C"
        assert sorted(skus) == sorted("CDAaé")
        assert len(store.list_due_offers(ACCOUNT, NOON + 5 * MINUTE, limit=50)) == 6

    def test_a_package_lists_its_offers_in_an_order_that_stays(self, store: OfferOutbox) -> None:
        rows = [offer_task(sku, state=OfferState.SENT, package="n1") for sku in ("B", "a", "A", "é")]
        _put(store, *rows, offer_task("C", package="n2", state=OfferState.SENT))
        listed = list(store.list_package(ACCOUNT, "n1"))
        assert _by_sku(listed) == _by_sku(rows)
        changed = [evolve(row, version=2, updated_at=NOON + MINUTE) for row in listed]
        _swap(store, *zip(listed, changed, strict=True))
        assert list(store.list_package(ACCOUNT, "n1")) == changed
        assert list(store.list_package(ACCOUNT, "n1", limit=2)) == changed[:2]

    def test_offers_are_counted_by_state(self, store: OfferOutbox) -> None:
        _put(store, offer_task("A"), offer_task("B", state=OfferState.REJECTED), offer_task("C"))
        assert store.count_offers(ACCOUNT) == 3
        assert store.count_offers(ACCOUNT, [OfferState.PENDING]) == 2
        assert store.count_offers(ACCOUNT, (OfferState.REJECTED, OfferState.WAITING)) == 1

    def test_one_of_many_racing_creations_wins(self, store: OfferOutbox) -> None:
        won = race(lambda number: _put(store, *(offer_task(sku, attempt=number) for sku in ("A", "B", "C"))))
        assert [sum(column) for column in zip(*won, strict=True)] == [1, 1, 1]

    def test_racing_swaps_of_many_lose_none(self, store: OfferOutbox) -> None:
        rows = [offer_task(f"A{number}") for number in range(40)]
        _put(store, *rows)

        def claim(number: int) -> list[bool]:
            ordered = rows if number % 2 else rows[::-1]
            claims = [(row, evolve(row, version=2, attempt=number)) for row in ordered]
            done = _swap(store, *claims)
            return done if number % 2 else done[::-1]

        won = race(claim)
        assert {sum(column) for column in zip(*won, strict=True)} == {1}

    def test_a_package_comes_back_as_it_was_given(self, store: OfferOutbox) -> None:
        package = offer_package(
            kind="update", state=PackageState.FILLED, version=3, offers=120, filled=None, code="400", message="refusé"
        )
        assert store.swap_package(ACCOUNT, None, package)
        assert list(store.list_packages(ACCOUNT)) == [package]
        assert list(store.list_packages(OTHER_ACCOUNT)) == []

    def test_a_package_is_replaced_only_as_it_was_read(self, store: OfferOutbox) -> None:
        first, ready = offer_package(), offer_package(version=2, state=PackageState.READY, reference="p2")
        assert not store.swap_package(ACCOUNT, first, ready)
        assert store.swap_package(ACCOUNT, None, first)
        assert not store.swap_package(ACCOUNT, None, first)
        assert store.swap_package(ACCOUNT, first, ready)
        assert not store.swap_package(ACCOUNT, first, offer_package(version=2))
        assert list(store.list_packages(ACCOUNT)) == [ready]

    def test_packages_are_listed_by_state_oldest_first(self, store: OfferOutbox) -> None:
        states = (PackageState.REPORTED, PackageState.READY, PackageState.CREATED, PackageState.LAPSED)
        for number, state in enumerate(states):
            created_at = NOON - number * MINUTE
            store.swap_package(ACCOUNT, None, offer_package(f"n{number}", state=state, created_at=created_at))
        assert [package.name for package in store.list_packages(ACCOUNT)] == ["n3", "n2", "n1", "n0"]
        open_states = (PackageState.CREATED, PackageState.FILLED, PackageState.READY)
        assert [package.name for package in store.list_packages(ACCOUNT, open_states)] == ["n2", "n1"]

    def test_a_worker_that_lost_its_lease_changes_nothing(self, store: OfferOutbox) -> None:
        if not isinstance(store, LeaseStore):
            pytest.skip("the store keeps no leases")
        late = store.acquire(ACCOUNT, "offers", "w1", timedelta(0))
        assert late is not None
        assert store.acquire(ACCOUNT, "offers", "w2", MINUTE) is not None
        with pytest.raises(LeaseLost):
            store.swap_offers(ACCOUNT, [OfferSwap(before=None, after=offer_task())], lease=late)
        with pytest.raises(LeaseLost):
            store.swap_package(ACCOUNT, None, offer_package(), lease=late)
        assert store.count_offers(ACCOUNT) == 0
        assert list(store.list_packages(ACCOUNT)) == []


class OfferPagesContract:
    """Inherit this and give a fixture `store`: an empty `OfferOutbox` that is `OfferPages`, too."""

    @pytest.mark.parametrize("limit", [1, 2, 50])
    def test_pages_joined_are_all_offers_in_these_states(self, store: PagedOffers, limit: int) -> None:
        for sku in ("D", "a", "A", "é", "C"):
            _put(store, offer_task(sku))
        _put(store, offer_task("B", state=OfferState.REJECTED))
        assert sorted(_read(store, (), limit)) == sorted("DaAéCB")
        assert sorted(_read(store, (OfferState.PENDING,), limit)) == sorted("DaAéC")
        assert _read(store, (OfferState.WAITING,), limit) == []

    def test_a_page_goes_on_after_a_row_that_moved(self, store: PagedOffers) -> None:
        _put(store, *(offer_task(sku) for sku in "ABC"))
        (first,) = store.page_offers(ACCOUNT, (OfferState.PENDING,), limit=1)
        _swap(store, (first, evolve(first, version=2, state=OfferState.SENT)))
        rest = store.page_offers(ACCOUNT, (OfferState.PENDING,), limit=9, after=first)
        assert [row.offer.sku for row in rest] == ["B", "C"]


def _put(store: OfferOutbox, *rows: OfferTask) -> list[bool]:
    return _swap(store, *((None, row) for row in rows))


def _swap(store: OfferOutbox, *pairs: tuple[OfferTask | None, OfferTask]) -> list[bool]:
    return list(store.swap_offers(ACCOUNT, [OfferSwap(before=before, after=after) for before, after in pairs]))


def _by_sku(rows: Sequence[OfferTask]) -> dict[str, OfferTask]:
    return {row.offer.sku: row for row in rows}


def _read(store: PagedOffers, states: Sequence[OfferState], limit: int) -> list[str]:
    read: list[OfferTask] = []
    while rows := store.page_offers(ACCOUNT, states, limit=limit, after=read[-1] if read else None):
        assert len(rows) <= limit
        read += rows
    return [row.offer.sku for row in read]
