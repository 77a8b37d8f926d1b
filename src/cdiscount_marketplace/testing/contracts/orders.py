"""What an `OrderRepository`, a `BulkLookup` and a `BulkSave` must hold to."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Protocol

import pytest

from cdiscount_marketplace.errors import StoreFailed
from cdiscount_marketplace.models import Address, OrderStatus, SalesOrder
from cdiscount_marketplace.oms.ports import (
    BulkLookup,
    BulkSave,
    Change,
    ChangeKind,
    OrderArchive,
    OrderRepository,
    SaveRequest,
    StoredOrder,
    UnitOfWork,
)
from cdiscount_marketplace.testing.contracts.samples import (
    ACCOUNT,
    ADDRESS,
    CUSTOMER,
    MINUTE,
    NOON,
    OTHER_ACCOUNT,
    change,
    order,
    race,
)

_UPDATED = change("d2", kind=ChangeKind.UPDATED, at=NOON + MINUTE)


class BulkRepository(OrderRepository[Any], BulkLookup, Protocol):
    """A repository that can look many orders up at once."""


class BulkStore(UnitOfWork, BulkRepository, BulkSave[Any], Protocol):
    """A repository that can look up, save and undo many orders at once."""


class OrderRepositoryContract:
    """Inherit this and give a fixture `store`: an empty `OrderRepository`.

    Override `mapped` if your repository saves something else than a `SalesOrder`.
    """

    def mapped(self, order: SalesOrder) -> Any:
        """Return what your mapper makes of an order."""
        return order

    def test_an_unknown_order_is_not_found(self, store: OrderRepository[Any]) -> None:
        assert store.find(ACCOUNT, ["A1"]) is None

    def test_a_saved_order_is_found_by_any_identity(self, store: OrderRepository[Any]) -> None:
        self._save(store, order("A1", "A1-bis"), change("d1"))
        for wanted in (["A1"], ["A1-bis"], ["unknown", "A1-bis"]):
            stored = store.find(ACCOUNT, wanted)
            assert stored == StoredOrder(
                identities=("A1", "A1-bis"),
                status=OrderStatus.WAITING_SHIPMENT,
                modified_at=NOON,
                digest="d1",
                customer=CUSTOMER,
                billing_address=ADDRESS,
                shipping_address=ADDRESS,
            )

    def test_accounts_do_not_share_orders(self, store: OrderRepository[Any]) -> None:
        self._save(store, order("A1"), change("mine"))
        assert store.find(OTHER_ACCOUNT, ["A1"]) is None
        store.save(OTHER_ACCOUNT, order("A1"), self.mapped(order("A1")), change("theirs"))
        assert _digest(store, "A1") == "mine"

    def test_saving_again_updates_the_same_order(self, store: OrderRepository[Any]) -> None:
        self._save(store, order("A1"), change("d1"))
        later = order("A1", status=OrderStatus.CANCELLED, modified_at=NOON + MINUTE, lines=())
        for _ in range(2):
            self._save(store, later, _UPDATED)
        stored = store.find(ACCOUNT, ["A1"])
        assert stored is not None
        assert (stored.status, stored.modified_at, stored.digest) == (OrderStatus.CANCELLED, NOON + MINUTE, "d2")

    def test_an_order_keeps_every_identity_that_it_ever_had(self, store: OrderRepository[Any]) -> None:
        self._save(store, order("A1"), change("d1"))
        self._save(store, order("B1", "A1"), _UPDATED)
        self._save(store, order("B1"), _UPDATED)
        stored = store.find(ACCOUNT, ["A1"])
        assert stored is not None
        assert set(stored.identities) == {"A1", "B1"}
        assert stored == store.find(ACCOUNT, ["B1"])

    def test_the_first_number_that_any_order_has_decides(self, store: OrderRepository[Any]) -> None:
        self._save(store, order("A1"), change("a"))
        self._save(store, order("B1"), change("b"))
        assert [_digest(store, *numbers) for numbers in (("A1", "B1"), ("B1", "A1"), ("C1", "B1"))] == ["a", "b", "b"]

    def test_a_number_stays_with_the_order_that_has_it(self, store: OrderRepository[Any]) -> None:
        self._save(store, order("A1"), change("a"))
        self._save(store, order("B1"), change("b"))
        self._save(store, order("A1", "B1"), _UPDATED)
        assert (_digest(store, "A1"), _digest(store, "B1")) == ("d2", "b")

    def test_an_order_is_updated_by_its_unique_number_whatever_else_it_shares(
        self, store: OrderRepository[Any]
    ) -> None:
        first = order("R1", "id-1", unique_id="id-1")
        second = order("id-2", "shared:R1", unique_id="id-2")
        third = order("id-3", "shared:R1", unique_id="id-3")
        for one, digest in ((first, "1"), (second, "2"), (third, "3")):
            self._save(store, one, change(digest))
        self._save(store, order("R1", "id-2", unique_id="id-2"), _UPDATED)
        assert [_digest(store, number) for number in ("R1", "id-1", "id-2", "id-3")] == ["1", "1", "d2", "3"]
        assert _digest(store, "shared:R1") == "d2"

    def test_another_order_with_the_same_number_is_never_saved_over(self, store: OrderRepository[Any]) -> None:
        self._save(store, order("R1", "id-1", unique_id="id-1"), change("1"))
        with pytest.raises(StoreFailed):
            self._save(store, order("R1", "id-2", unique_id="id-2"), change("2"))
        assert _digest(store, "R1") == "1"
        assert store.find(ACCOUNT, ["id-2"]) is None

    def test_what_is_withheld_is_saved_as_it_is_given(self, store: OrderRepository[Any]) -> None:
        masked = Address(postal_code="01000", country="FR")
        self._save(store, order("A1"), change("d1"))
        self._save(store, order("A1", shipping_address=masked, billing_address=None, customer=None), _UPDATED)
        stored = store.find(ACCOUNT, ["A1"])
        assert stored is not None
        assert (stored.shipping_address, stored.billing_address, stored.customer) == (masked, None, None)

    def test_an_order_that_says_little_is_kept(self, store: OrderRepository[Any]) -> None:
        bare = SalesOrder(channel="soap", identities=("A1",), status=OrderStatus("never_seen_before"))
        self._save(store, bare, change("d1"))
        stored = store.find(ACCOUNT, ["A1"])
        assert stored is not None
        assert (stored.status, stored.modified_at) == (OrderStatus("never_seen_before"), None)

    def test_racing_saves_make_one_order(self, store: OrderRepository[Any]) -> None:
        race(lambda number: self._save(store, order("A1", f"A1-{number}"), change(f"d{number}")))
        stored = store.find(ACCOUNT, ["A1"])
        assert stored is not None
        assert set(stored.identities) == {"A1", *(f"A1-{number}" for number in range(4))}
        assert stored.digest in {f"d{number}" for number in range(4)}

    def _save(self, store: OrderRepository[Any], order: SalesOrder, change: Change) -> None:
        store.save(ACCOUNT, order, self.mapped(order), change)


class BulkLookupContract:
    """Inherit this and give a fixture `store`: an empty repository that is a `BulkLookup` too.

    Override `mapped` if your repository saves something else than a `SalesOrder`.
    """

    def mapped(self, order: SalesOrder) -> Any:
        """Return what your mapper makes of an order."""
        return order

    def test_many_are_found_as_each_alone(self, store: BulkRepository) -> None:
        for one in (order("A1", "A1-bis"), order("B1"), order("C1")):
            store.save(ACCOUNT, one, self.mapped(one), change(one.number))
        wanted = [("C1",), ("unknown",), ("A1-bis",), ("B1", "unknown"), ("A1",), ("C1",)]
        expected = [store.find(ACCOUNT, identities) for identities in wanted]
        assert list(store.find_all(ACCOUNT, wanted)) == expected

    def test_nothing_is_found_where_nothing_is_wanted(self, store: BulkRepository) -> None:
        assert list(store.find_all(ACCOUNT, [])) == []

    def test_very_many_are_found_at_once(self, store: BulkRepository) -> None:
        store.save(ACCOUNT, order("N4999"), self.mapped(order("N4999")), change("last"))
        stored = store.find_all(ACCOUNT, [(f"N{number}",) for number in range(5000)])
        assert [one.digest for one in stored if one] == ["last"]
        assert stored[-1] is not None


class BulkSaveContract:
    """Inherit this and give a fixture `store`: an empty repository that is `BulkLookup`, `BulkSave` and `UnitOfWork`.

    Override `mapped` if your repository saves something else than a `SalesOrder`.
    """

    def mapped(self, order: SalesOrder) -> Any:
        """Return what your mapper makes of an order."""
        return order

    def test_new_and_known_orders_are_saved_together(self, store: BulkStore) -> None:
        store.save(ACCOUNT, order("B1"), self.mapped(order("B1")), change("old"))
        self._save_all(store, order("A1", "A1-bis"), order("B1"), order("C1"))
        assert [_digest(store, number) for number in ("A1", "A1-bis", "B1", "C1")] == ["new"] * 4

    def test_an_order_saved_since_the_lookup_is_updated(self, store: BulkStore) -> None:
        with store.unit():
            store.find_all(ACCOUNT, [["A1"], ["B1"]])
            store.save(ACCOUNT, order("A1"), self.mapped(order("A1")), change("old"))
            self._save_all(store, order("B1"), order("A1", "A1-bis"))
        assert [_digest(store, number) for number in ("A1", "A1-bis", "B1")] == ["new"] * 3

    def test_what_was_saved_together_is_undone_together(self, store: BulkStore) -> None:
        with store.unit():
            with suppress(ZeroDivisionError), store.unit():
                self._save_all(store, order("A1"), order("B1"))
                raise ZeroDivisionError
            self._save_all(store, order("B1"))
        assert [_digest(store, number) for number in ("A1", "B1")] == [None, "new"]

    def test_nothing_is_saved_where_nothing_is_given(self, store: BulkStore) -> None:
        store.save_all(ACCOUNT, [])
        assert store.find(ACCOUNT, ["A1"]) is None

    def _save_all(self, store: BulkStore, *orders: SalesOrder) -> None:
        with store.unit():
            store.find_all(ACCOUNT, [one.keys for one in orders])
            store.save_all(
                ACCOUNT, [SaveRequest(order=one, mapped=self.mapped(one), change=change("new")) for one in orders]
            )


class ArchiveStore(OrderRepository[Any], OrderArchive, Protocol):
    """A repository that gives orders back whole."""


class OrderArchiveContract:
    """Inherit this and give a fixture `store`: an empty repository that is an `OrderArchive` too.

    Override `mapped` if your repository saves something else than a `SalesOrder`.
    """

    def mapped(self, order: SalesOrder) -> Any:
        """Return what your mapper makes of an order."""
        return order

    def test_an_order_comes_back_as_it_was_last_saved(self, store: ArchiveStore) -> None:
        for digest in ("d1", "d2"):
            store.save(ACCOUNT, order("A1", "A1-bis"), self.mapped(order("A1", "A1-bis")), change(digest))
        assert store.load_order(ACCOUNT, "A1-bis") == order("A1", "A1-bis")

    def test_an_unknown_order_is_none(self, store: ArchiveStore) -> None:
        store.save(ACCOUNT, order("A1"), self.mapped(order("A1")), change("d1"))
        assert store.load_order(ACCOUNT, "B1") is None
        assert store.load_order(OTHER_ACCOUNT, "A1") is None


def _digest(store: OrderRepository[Any], *identities: str) -> str | None:
    stored = store.find(ACCOUNT, identities)
    return stored.digest if stored else None
