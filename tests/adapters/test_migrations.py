"""Stores of every released version open with all their data, and fresh ones have exactly the tables of the code."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.adapters.sql.migrations import STEPS, v1, v2
from cdiscount_marketplace.adapters.sql.schema import SCHEMA_VERSION, metadata
from cdiscount_marketplace.errors import UnknownSchema
from cdiscount_marketplace.oms.ports import ChangeKind, TaskState
from support.postgres import alchemy_url

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SQLITE_NOON = "2026-03-10T12:00:00.000000Z"
ROWS = """
INSERT INTO orders (id, account, number, channel, status, currency, total, fulfilled_by, dummy, customer, digest,
    imported_at, saved_at)
    VALUES (1, 'shop', 'A1', 'soap', 'waiting_shipment', 'EUR', '18.50', 'seller', :no, '{"last_name" : "Durand"}',
    'a.b.c.d.e.f', :noon, :noon);
INSERT INTO order_identities VALUES ('shop', 'A1', 1, 0);
INSERT INTO order_lines (order_id, position, line_id, sku, quantity, line_total, status)
    VALUES (1, 0, 'L1', 'SKU', 2, '18.50', 'accepted');
INSERT INTO history (id, account, number, at, subject, event)
    VALUES (1, 'shop', 'A1', :noon, 'order', 'imported');
INSERT INTO companies VALUES ('shop', 'retailer', 'supplier');
INSERT INTO checkpoints VALUES ('shop', :noon, :noon, 3, NULL, :noon);
INSERT INTO quarantine VALUES ('shop', 'Q1', '["Q1"]', 'unmappable', 'why', '{}', :noon, :noon, 2);
INSERT INTO unseen VALUES ('shop', 'U1', '["U1"]', 'shipped', NULL, :noon);
INSERT INTO leases VALUES ('shop', 'import', NULL, 7, :noon);
INSERT INTO decisions (account, key, verdict, refused_lines, state, version, attempt, created_at, updated_at)
    VALUES ('shop', 'A1', 'accept', '[]', 'confirmed', 2, 1, :noon, :noon);
INSERT INTO shipments (account, key, carrier, tracking_number, lines, state, version, attempt, created_at, updated_at)
    VALUES ('shop', 'A1', 'Colissimo', '6A1', '["L1"]', 'pending', 1, 0, :noon, :noon);
CREATE TABLE own (word TEXT);
INSERT INTO own VALUES ('mine');
CREATE TABLE alembic_version (version_num TEXT);
INSERT INTO alembic_version VALUES ('theirs')
"""


@pytest.fixture
def old_store(database_url: str) -> Any:
    """Give the URL of a store as release 0.1.0 left it, with a row in every table."""
    engine = create_engine(alchemy_url(database_url))
    values = {"noon": NOON, "no": False}
    if engine.dialect.name == "sqlite":
        values = {"noon": SQLITE_NOON, "no": 0}  # type: ignore[dict-item]
    with engine.begin() as connection:
        v1.upgrade(Operations(MigrationContext.configure(connection)))
        connection.execute(text("INSERT INTO meta VALUES ('schema_version', '1')"))
        for row in ROWS.split(";\n"):
            connection.execute(text(row), {name: value for name, value in values.items() if f":{name}" in row})
    engine.dispose()
    return database_url


def test_a_store_of_0_1_0_opens_with_all_its_data(old_store: str) -> None:
    with SqlOms(old_store) as oms:
        record = oms.show_order("shop", "A1")
        assert record is not None
        order, [line] = record.order, record.order.lines
        assert (order.total, line.quantity, line.line_total) == (Decimal("18.50"), 2, Decimal("18.50"))
        assert (order.unique_id, order.refunds, line.fulfilled_by, line.taxes) == (None, (), "seller", ())
        found = oms.find("shop", ["A1"])
        assert found is not None
        assert (found.stage, found.customer and found.customer.last_name) == (ChangeKind.IMPORTED, "Durand")
        [shipment] = oms.find_shipments("shop", "A1")
        assert (shipment.shipment.parcel, shipment.shipment.lines, shipment.shipment.complete) == (
            "6A1",
            ("L1",),
            False,
        )
        assert shipment.task.state == TaskState.PENDING
        assert oms.find_decision("shop", "A1") is not None
        assert [entry.key for entry in oms.list_quarantine("shop")] == ["Q1"]
        assert [entry.key for entry in oms.list_unseen("shop")] == ["U1"]
        checkpoint = oms.load_checkpoint("shop")
        assert checkpoint is not None
        assert (checkpoint.version, checkpoint.cursor) == (3, NOON)
        assert [account for account, _ in oms.list_companies()] == ["shop"]
        assert len(record.history) >= 1


def test_the_callers_own_tables_are_left_alone(old_store: str) -> None:
    with SqlOms(old_store) as oms:
        oms.ensure_open()
    with create_engine(alchemy_url(old_store)).connect() as connection:
        assert connection.scalar(text("SELECT word FROM own")) == "mine"
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "theirs"
        assert connection.scalar(text("SELECT value FROM meta WHERE name = 'schema_version'")) == str(SCHEMA_VERSION)


def test_an_older_store_is_refused_on_wish_and_nothing_is_changed(old_store: str) -> None:
    for _ in range(2):
        with SqlOms(old_store, migrate=False) as oms, pytest.raises(UnknownSchema, match="store upgrade"):
            oms.ensure_open()


def test_of_several_processes_one_migrates(old_store: str) -> None:
    stores = [SqlOms(old_store) for _ in range(4)]
    threads = [threading.Thread(target=oms.ensure_open) for oms in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(oms.find_shipments("shop", "A1")) == 1 for oms in stores)
    for oms in stores:
        oms.close()


@pytest.mark.parametrize("begin", ["fresh", "old"])
def test_a_migrated_store_has_exactly_the_tables_of_the_code(
    begin: str, request: pytest.FixtureRequest, database_url: str
) -> None:
    url = request.getfixturevalue("old_store") if begin == "old" else database_url
    with SqlOms(url) as oms:
        oms.ensure_open()
    engine = create_engine(alchemy_url(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "compare_server_default": False})
        differences = [
            one for one in compare_metadata(context, metadata) if "own" not in str(one) and "theirs" not in str(one)
        ]
        differences = [one for one in differences if "alembic_version" not in str(one)]
        assert differences == []
        keys = inspect(connection).get_pk_constraint("shipments")["constrained_columns"]
        assert sorted(keys) == ["account", "key", "parcel"]
    engine.dispose()


def test_a_store_of_version_2_gets_the_indexes_of_open_tasks(database_url: str) -> None:
    engine = create_engine(alchemy_url(database_url))
    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        v1.upgrade(operations)
        v2.upgrade(operations)
        connection.execute(text("INSERT INTO meta VALUES ('schema_version', '2')"))
    with SqlOms(database_url) as oms:
        assert oms.list_shipments("shop", [TaskState.PENDING]) == []
    names = {index["name"] for table in ("shipments", "decisions") for index in inspect(engine).get_indexes(table)}
    assert {"ix_shipments_open", "ix_decisions_open"} <= names
    engine.dispose()


def test_a_store_of_version_4_gets_the_outbox_of_offers(database_url: str) -> None:
    engine = create_engine(alchemy_url(database_url))
    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        for step in STEPS[:4]:
            step(operations)
        connection.execute(text("INSERT INTO meta VALUES ('schema_version', '4')"))
    with SqlOms(database_url) as oms:
        assert oms.count_offers("shop") == 0
        assert oms.list_packages("shop") == []
    # A connection that was there before would describe the tables as they were.
    engine.dispose()
    names = {index["name"] for table in ("offers", "offer_packages") for index in inspect(engine).get_indexes(table)}
    assert {"ix_offers_account_state", "ix_offers_due", "ix_offers_packed", "ix_offer_packages_open"} <= names
    engine.dispose()
