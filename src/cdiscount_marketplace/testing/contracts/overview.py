"""What an `OrderOverview` must hold to."""

from __future__ import annotations

from typing import Any, Protocol

from cdiscount_marketplace.models import OrderStatus, SalesOrder
from cdiscount_marketplace.oms.ports import Count, OrderOverview, OrderRepository
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, MINUTE, NOON, OTHER_ACCOUNT, change, order


class ShownRepository(OrderRepository[Any], OrderOverview, Protocol):
    """A repository that can be shown to a person."""


class OrderOverviewContract:
    """Inherit this and give a fixture `store`: an empty `OrderOverview` that is an `OrderRepository`, too.

    Override `mapped` if your repository saves something else than a `SalesOrder`.
    """

    def mapped(self, order: SalesOrder) -> Any:
        """Return what your mapper makes of an order."""
        return order

    def test_accounts_are_those_that_have_orders(self, store: ShownRepository) -> None:
        assert list(store.accounts()) == []
        self._save(store, order("A1"), OTHER_ACCOUNT)
        self._save(store, order("A1"))
        assert list(store.accounts()) == sorted([ACCOUNT, OTHER_ACCOUNT])

    def test_orders_are_counted_by_status(self, store: ShownRepository) -> None:
        for number, status in (("A1", "shipped"), ("A2", "shipped"), ("A3", "waiting_shipment")):
            self._save(store, order(number, status=OrderStatus(status)))
        self._save(store, order("B1"), OTHER_ACCOUNT)
        counted = store.overview(ACCOUNT)
        assert counted.account == ACCOUNT
        assert set(counted.orders) == {Count(value="shipped", count=2), Count(value="waiting_shipment", count=1)}

    def test_the_newest_order_comes_first_and_the_list_goes_on_after_any(self, store: ShownRepository) -> None:
        # Two share their moment.
        for number, minute in (("A2", 2), ("A1", 1), ("A4", 3), ("A3", 2)):
            self._save(store, order(number, created_at=NOON + minute * MINUTE))
        self._save(store, order("B1"), OTHER_ACCOUNT)
        listed = [row.number for row in store.list_orders(ACCOUNT)]
        assert (listed[0], set(listed[1:3]), listed[3]) == ("A4", {"A2", "A3"}, "A1")
        for position, number in enumerate(listed):
            after = [row.number for row in store.list_orders(ACCOUNT, after=number)]
            assert after == listed[position + 1 :]
        assert [row.number for row in store.list_orders(ACCOUNT, limit=1, after=listed[0])] == listed[1:2]

    def test_orders_without_a_date_are_listed_too(self, store: ShownRepository) -> None:
        for number, moment in (("A1", NOON), ("A2", None), ("A3", None), ("A4", NOON - MINUTE)):
            self._save(store, order(number, created_at=moment))
        listed = [row.number for row in store.list_orders(ACCOUNT)]
        assert sorted(listed) == ["A1", "A2", "A3", "A4"]
        for position, number in enumerate(listed):
            after = [row.number for row in store.list_orders(ACCOUNT, limit=2, after=number)]
            assert after == listed[position + 1 : position + 3]
        assert list(store.list_orders(ACCOUNT, after="unknown")) == []

    def test_orders_of_a_status_are_listed_alone(self, store: ShownRepository) -> None:
        self._save(store, order("A1", status=OrderStatus.SHIPPED))
        self._save(store, order("A2", status=OrderStatus.WAITING_SHIPMENT))
        [row] = store.list_orders(ACCOUNT, [OrderStatus.SHIPPED])
        assert (row.number, row.status, row.lines) == ("A1", OrderStatus.SHIPPED, len(order("A1").lines))

    def test_an_order_is_shown_by_any_of_its_numbers(self, store: ShownRepository) -> None:
        self._save(store, order("A1", "A1-bis"))
        record = store.show_order(ACCOUNT, "A1-bis")
        assert record is not None
        assert record.order.identities == ("A1", "A1-bis")
        assert record.imported_at == change("d").at
        assert store.show_order(ACCOUNT, "A2") is None
        assert store.show_order(OTHER_ACCOUNT, "A1") is None

    def _save(self, store: ShownRepository, saved: SalesOrder, account: str = ACCOUNT) -> None:
        store.save(account, saved, self.mapped(saved), change("d"))
