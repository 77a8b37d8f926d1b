"""The store keeps what the library demands of every store."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, event, select, update
from sqlalchemy.orm import Session

from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.testing import contracts
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, ADDRESS, MINUTE, NOON, change, order, quarantined
from shop.mapping import MappedOrder, ShopMapper
from shop.models import Base, Order, OrderLine
from shop.store import ShopStore


class Mapped:
    """The contracts save orders as this shop maps them."""

    def mapped(self, order: SalesOrder) -> MappedOrder:
        return ShopMapper().map(order, None)


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
def test_no_character_keeps_an_order_out(store: ShopStore, odd: str) -> None:
    strange = order(f"A{odd}1", shipping_address=ADDRESS.__class__(last_name=f"Zoé{odd}"))
    store.save(ACCOUNT, strange, store.map(strange, None), change())
    stored = store.find(ACCOUNT, [f"A{odd}1"])
    assert stored is not None
    store.put_quarantine(ACCOUNT, quarantined(f"Q{odd}", payload=odd, reason=odd))
    assert store.drop_quarantine(ACCOUNT, f"Q{odd}")


def test_an_erased_snapshot_does_not_make_the_order_new(store: ShopStore, engine: Engine) -> None:
    store.save(ACCOUNT, order("A1"), store.map(order("A1"), None), change("d1"))
    with engine.begin() as connection:
        connection.execute(update(Order).values(snapshot=""))
    stored = store.find(ACCOUNT, ["A1"])
    assert stored is not None
    assert (stored.digest, stored.customer) == ("d1", None)


def test_saving_again_leaves_one_row_with_the_lines_of_the_last_save(store: ShopStore, engine: Engine) -> None:
    for lines in (order("A1").lines, order("A1").lines[:1], ()):
        again = order("A1", lines=lines)
        store.save(ACCOUNT, again, store.map(again, None), change())
    with Session(engine) as session:
        assert session.scalars(select(Order.number)).all() == ["A1"]
        assert session.scalars(select(OrderLine.sku)).all() == ["SKU-1"]


def test_orders_without_a_date_stand_where_they_came_in(store: ShopStore) -> None:
    for number, created_at in (("A1", NOON + MINUTE), ("A2", None), ("A3", NOON - MINUTE), ("A4", None)):
        saved = order(number, created_at=created_at)
        store.save(ACCOUNT, saved, store.map(saved, None), change(at=NOON))
    numbers = ["A1", "A4", "A2", "A3"]
    assert [row.number for row in store.list_orders(ACCOUNT)] == numbers
    for position, number in enumerate(numbers):
        assert [row.number for row in store.list_orders(ACCOUNT, after=number)] == numbers[position + 1 :]


def test_a_list_goes_on_after_no_order_that_is_not_there(store: ShopStore) -> None:
    store.save(ACCOUNT, order("A1"), store.map(order("A1"), None), change())
    assert store.list_orders(ACCOUNT, after="NO-SUCH-ORDER") == []


def test_a_page_of_orders_is_one_statement_however_long(store: ShopStore, engine: Engine) -> None:
    for number in range(30):
        saved = order(f"A{number}")
        store.save(ACCOUNT, saved, store.map(saved, None), change())
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    assert {row.lines for row in store.list_orders(ACCOUNT, limit=20)} == {2}
    (listing,) = (text for text in statements if text.startswith("SELECT"))
    assert "snapshot" not in listing


def test_the_migrations_make_the_tables_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
