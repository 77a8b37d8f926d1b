"""The store keeps what the library demands of every store."""

from __future__ import annotations

import pytest

from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.testing import contracts
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, ADDRESS, change, order, quarantined
from orders.mapping import MappedOrder
from orders.models import Order, OrderLine
from orders.store import DjangoOms


class Mapped:
    """The contracts save orders as this shop maps them."""

    def mapped(self, order: SalesOrder) -> MappedOrder:
        return DjangoOms().map(order, None)


class TestOrders(Mapped, contracts.OrderRepositoryContract):
    """One order per number, saves that repeat and race."""


class TestLookup(Mapped, contracts.BulkLookupContract):
    """Finding many gives what finding each gives."""


class TestArchive(Mapped, contracts.OrderArchiveContract):
    """Orders come back whole."""


class TestUnits(Mapped, contracts.UnitOfWorkContract):
    """All or nothing, nested too."""


class TestFencing(Mapped, contracts.FencingContract):
    """Who was overtaken cannot write."""


class TestCheckpoints(contracts.CheckpointStoreContract):
    """Moved only from what was read."""


class TestQuarantine(contracts.QuarantineStoreContract):
    """Kept whole until dropped."""


class TestUnseen(contracts.UnseenStoreContract):
    """Recorded once per status."""


class TestShipments(contracts.ShipmentOutboxContract):
    """Of many claims, one wins."""


class TestDecisions(contracts.DecisionStoreContract):
    """Of many claims, one wins."""


class TestLeases(contracts.LeaseStoreContract):
    """One holder at a time."""


class TestLeaseOverview(contracts.LeaseOverviewContract):
    """Who holds what."""


class TestPages(contracts.PagesContract):
    """Long lists, page by page."""


class TestOverview(Mapped, contracts.OrderOverviewContract):
    """Orders as a person sees them."""


@pytest.mark.parametrize("odd", ["\0", "\ud800", "\U0001f4e6"], ids=["nul", "surrogate", "emoji"])
def test_no_character_keeps_an_order_out(store: DjangoOms, odd: str) -> None:
    strange = order(f"A{odd}1", shipping_address=ADDRESS.__class__(last_name=f"Zoé{odd}"))
    store.save(ACCOUNT, strange, store.map(strange, None), change())
    stored = store.find(ACCOUNT, [f"A{odd}1"])
    assert stored is not None
    store.put_quarantine(ACCOUNT, quarantined(f"Q{odd}", payload=odd, reason=odd))
    assert store.drop_quarantine(ACCOUNT, f"Q{odd}")


def test_an_erased_snapshot_does_not_make_the_order_new(store: DjangoOms) -> None:
    store.save(ACCOUNT, order("A1"), store.map(order("A1"), None), change("d1"))
    Order.objects.update(snapshot="")
    stored = store.find(ACCOUNT, ["A1"])
    assert stored is not None
    assert (stored.digest, stored.customer) == ("d1", None)


def test_saving_again_leaves_one_row_with_the_lines_of_the_last_save(store: DjangoOms) -> None:
    for lines in (order("A1").lines, order("A1").lines[:1], ()):
        again = order("A1", lines=lines)
        store.save(ACCOUNT, again, store.map(again, None), change())
    assert Order.objects.count() == 1
    assert [line.sku for line in OrderLine.objects.all()] == ["SKU-1"]
