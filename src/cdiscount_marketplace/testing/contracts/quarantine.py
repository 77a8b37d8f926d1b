"""What a `QuarantineStore` and an `UnseenStore` must hold to."""

from __future__ import annotations

from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms.ports import QuarantineStore, UnseenStore
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, MINUTE, NOON, OTHER_ACCOUNT, quarantined, unseen


class QuarantineStoreContract:
    """Inherit this and give a fixture `store`: an empty `QuarantineStore`."""

    def test_an_entry_comes_back_as_it_was_given(self, store: QuarantineStore) -> None:
        store.put_quarantine(ACCOUNT, quarantined())
        assert list(store.list_quarantine(ACCOUNT)) == [quarantined()]

    def test_an_entry_belongs_to_its_account(self, store: QuarantineStore) -> None:
        store.put_quarantine(ACCOUNT, quarantined())
        assert list(store.list_quarantine(OTHER_ACCOUNT)) == []
        assert not store.drop_quarantine(OTHER_ACCOUNT, "Q1")

    def test_the_same_key_is_replaced(self, store: QuarantineStore) -> None:
        again = quarantined(code="no_company", last_seen=NOON + MINUTE, attempts=2)
        store.put_quarantine(ACCOUNT, quarantined())
        store.put_quarantine(ACCOUNT, again)
        assert list(store.list_quarantine(ACCOUNT)) == [again]

    def test_entries_come_oldest_first(self, store: QuarantineStore) -> None:
        for key, minutes in (("B", 2), ("A", 3), ("C", 1)):
            store.put_quarantine(ACCOUNT, quarantined(key, first_seen=NOON + minutes * MINUTE))
        assert [entry.key for entry in store.list_quarantine(ACCOUNT)] == ["C", "B", "A"]

    def test_an_entry_is_dropped_once(self, store: QuarantineStore) -> None:
        store.put_quarantine(ACCOUNT, quarantined())
        assert store.drop_quarantine(ACCOUNT, "Q1")
        assert not store.drop_quarantine(ACCOUNT, "Q1")
        assert list(store.list_quarantine(ACCOUNT)) == []


class UnseenStoreContract:
    """Inherit this and give a fixture `store`: an empty `UnseenStore`."""

    def test_an_order_is_news_once_per_status(self, store: UnseenStore) -> None:
        assert store.put_unseen(ACCOUNT, unseen())
        assert not store.put_unseen(ACCOUNT, unseen(seen_at=NOON + MINUTE))
        assert store.put_unseen(ACCOUNT, unseen(status=OrderStatus.CANCELLED))
        assert [entry.status for entry in store.list_unseen(ACCOUNT)] == [OrderStatus.CANCELLED]

    def test_an_order_comes_back_as_it_was_given(self, store: UnseenStore) -> None:
        order = unseen(identities=("U1", "U1-bis"), created_at=NOON - MINUTE)
        store.put_unseen(ACCOUNT, order)
        assert list(store.list_unseen(ACCOUNT)) == [order]
        assert list(store.list_unseen(OTHER_ACCOUNT)) == []

    def test_orders_come_oldest_first(self, store: UnseenStore) -> None:
        for key, minutes in (("B", 2), ("A", 3), ("C", 1)):
            store.put_unseen(ACCOUNT, unseen(key, seen_at=NOON + minutes * MINUTE))
        assert [entry.key for entry in store.list_unseen(ACCOUNT)] == ["C", "B", "A"]
