"""The database itself: made at first use, by one of many, and refused where another version wrote it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.exc import OperationalError

from cdiscount_marketplace.adapters.sql import SCHEMA_VERSION, SqlOms
from cdiscount_marketplace.adapters.sql.failures import store_errors
from cdiscount_marketplace.errors import ConfigurationError, StoreFailed, UnknownSchema
from cdiscount_marketplace.oms.ports import Company, TaskState
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, change, checkpoint, order, race


def test_constructing_a_store_touches_nothing(tmp_path: Path) -> None:
    with SqlOms(f"sqlite:///{tmp_path / 'oms.db'}"):
        assert not (tmp_path / "oms.db").exists()


def test_many_that_start_at_once_make_one_schema(database_url: str) -> None:
    def start(number: int) -> bool:
        with SqlOms(database_url) as oms:
            return oms.swap_checkpoint(f"shop-{number}", None, checkpoint())

    assert all(race(start, workers=6))


def test_a_second_start_finds_what_the_first_one_stored(database_url: str) -> None:
    with SqlOms(database_url) as oms:
        oms.swap_checkpoint(ACCOUNT, None, checkpoint())
    with SqlOms(database_url) as oms:
        assert oms.load_checkpoint(ACCOUNT) == checkpoint()


@pytest.mark.parametrize(
    ("version", "advice"), [(SCHEMA_VERSION + 1, "upgrade cdiscount-marketplace"), (0, "start with an empty database")]
)
def test_another_version_is_refused_with_what_to_do(sqlite_url: str, version: int, advice: str) -> None:
    with SqlOms(sqlite_url) as oms:
        oms.load_checkpoint(ACCOUNT)
    with create_engine(sqlite_url).begin() as connection:
        connection.execute(text("UPDATE meta SET value = :version"), {"version": str(version)})
    with SqlOms(sqlite_url) as oms, pytest.raises(UnknownSchema, match=advice) as caught:
        oms.load_checkpoint(ACCOUNT)
    assert (caught.value.found, caught.value.expected) == (version, SCHEMA_VERSION)


def test_tables_of_somebody_else_are_left_alone(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE orders (mine TEXT)"))
    with SqlOms(sqlite_url) as oms, pytest.raises(UnknownSchema, match="named orders"):
        oms.load_checkpoint(ACCOUNT)
    assert inspect(engine).get_table_names() == ["orders"]


def test_sqlite_writes_are_on_the_disk_before_they_count(sqlite_url: str) -> None:
    told: list[object] = []

    def look(connection: object, *_: object) -> None:
        told.extend(connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous"))  # type: ignore[attr-defined]

    with SqlOms(sqlite_url, write=look) as oms:
        oms.save(ACCOUNT, order(), order(), change())
    assert told == ["wal", 2]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="give a file"):
        SqlOms(url)


def test_other_databases_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="not mysql"):
        SqlOms("mysql://root@db/oms")


def test_a_missing_driver_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'cdiscount-marketplace\[postgresql\]'"):
        SqlOms("postgresql+psycopg2://db/oms")


def test_a_mapping_can_be_changed(oms: SqlOms) -> None:
    for supplier in ("first", "second"):
        oms.put_company(ACCOUNT, Company(retailer="r", supplier=supplier))
    assert oms.list_companies() == [(ACCOUNT, Company(retailer="r", supplier="second"))]


def test_without_sqlalchemy_the_import_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "import cdiscount_marketplace.adapters.sql as sql\n"
        "try: sql.SqlOms\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    needed = "cdiscount_marketplace.adapters.sql.SqlOms needs an extra: pip install 'cdiscount-marketplace[sql]'"
    assert done.stdout.strip() == needed


def test_a_callers_engine_stays_open_and_stays_as_it_was(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)
    begun: list[str] = []
    with SqlOms(engine) as oms:
        oms.swap_checkpoint(ACCOUNT, None, checkpoint())
    event.listen(engine, "begin", lambda _: begun.append("theirs"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (a)"))
        assert connection.connection.dbapi_connection.isolation_level == ""  # type: ignore[union-attr]
    assert not engine.hide_parameters
    assert begun == ["theirs"]


def test_unknown_names_of_the_package_are_attribute_errors() -> None:
    import cdiscount_marketplace.adapters.sql as package

    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = package.Nothing  # type: ignore[attr-defined]


FINISHED = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
INSERT INTO {table} (account, key, state, version, attempt, created_at, updated_at, {own})
SELECT 'shop', 'K' || i, 'confirmed', 1, 1, '2026-03-10', '2026-03-10', {values} FROM n
"""


@pytest.mark.parametrize(
    ("table", "own", "values"),
    [
        ("shipments", "parcel, carrier, tracking_number", "'P', 'Colissimo', '6A1'"),
        ("decisions", "verdict, refused_lines", "'accept', '[]'"),
    ],
)
def test_a_job_never_scans_finished_tasks(table: str, own: str, values: str, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'oms.db'}")
    statements: list[str] = []
    with SqlOms(engine) as oms:
        oms.ensure_open()
        with engine.begin() as connection:
            connection.execute(text(FINISHED.format(table=table, own=own, values=values)))
            connection.execute(text("ANALYZE"))
        event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
        getattr(oms, f"list_{table}")("shop", [TaskState.PENDING, TaskState.UNKNOWN])
    [query] = [statement for statement in statements if f"FROM {table}" in statement]
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", ("shop", "pending", "unknown")).all()
    assert f"ix_{table}_open" in str(plan)
    engine.dispose()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:s3ntinel@db:notaport/x",
        "postgresql+foo://u:s3ntinel@h/x",
        "postgresql://u:s3ntinel@[::1/x",
        "postgresql://oms@db:s3ntinel/x",
        "sqlite:///oms.db?timeout=abc",
    ],
)
def test_a_mistyped_address_is_refused_without_quoting_it(address: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot read the store's address") as caught:
        SqlOms(address)
    assert "s3ntinel" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "text",
    [
        "failed to resolve host 'db'",
        'could not translate host name "db" to address: Name or service not known',
        "connection timeout expired",
        "connection to server failed: No route to host",
        "server closed the connection unexpectedly",
    ],
)
def test_a_database_out_of_reach_is_worth_another_try(text: str) -> None:
    with pytest.raises(StoreFailed) as caught, store_errors("db/oms"):
        raise OperationalError("SELECT 1", {}, Exception(text))
    assert (caught.value.code, caught.value.retryable) == ("unreachable", True)


def test_a_wrong_option_in_the_address_is_named() -> None:
    with pytest.raises(StoreFailed, match="option") as caught, store_errors("db/oms"):
        raise OperationalError("SELECT 1", {}, Exception('invalid connection option "foo"'))
    assert not caught.value.retryable
    assert "SQLite" not in str(caught.value)
