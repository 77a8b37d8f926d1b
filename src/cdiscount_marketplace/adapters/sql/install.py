"""Make the tables, or refuse a database that another version wrote; safe when several processes start at once."""

from __future__ import annotations

import time

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import OperationalError

from cdiscount_marketplace.adapters.sql.connections import begun
from cdiscount_marketplace.adapters.sql.failures import missing
from cdiscount_marketplace.adapters.sql.files import NO_STORE_HINT
from cdiscount_marketplace.adapters.sql.schema import SCHEMA_VERSION, meta, metadata
from cdiscount_marketplace.errors import UnknownSchema

# Any number will do, as long as every process that makes these tables takes the same lock.
_ADVISORY_LOCK = 0x0CD15C07


def install(connection: Connection, *, store: str, create: bool = True) -> None:
    """Bring an empty database to `SCHEMA_VERSION`; raise `UnknownSchema` for any other state than that.

    Raises `StoreFailed` for an empty database unless `create` is set; `store` names the database there.
    """
    installed = _is_installed(connection)
    connection.rollback()
    if installed:
        return
    if not create:
        raise missing(store, "the database is empty, it holds no store", NO_STORE_HINT)
    embedded = connection.dialect.name == "sqlite"
    if embedded:
        _use_write_ahead_log(connection)
    with begun(connection, "BEGIN IMMEDIATE"):
        if not embedded:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if not _is_installed(connection):
            _create(connection)
        connection.commit()


def _use_write_ahead_log(connection: Connection) -> None:
    """Switch the file to WAL; SQLite does not wait for others here, so we do. A file that cannot stays as it is."""
    for pause in (0.05, 0.1, 0.2, 0.4, 0.8, 0.0):
        try:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        except OperationalError:
            connection.rollback()
            time.sleep(pause)
        else:
            break
    connection.rollback()


def _is_installed(connection: Connection) -> bool:
    """Look without a lock, so that whoever only reads does not wait for a writer."""
    present = set(inspect(connection).get_table_names())
    if meta.name in present:
        _check(connection)
        return True
    foreign = sorted(present & set(metadata.tables))
    if foreign:
        message = f"the database has tables of its own named {', '.join(foreign)}"
        hint = "give SqlOms a database of its own, or a PostgreSQL schema of its own through search_path"
        raise UnknownSchema(message, found=0, expected=SCHEMA_VERSION, hint=hint)
    return False


def _create(connection: Connection) -> None:
    metadata.create_all(connection, checkfirst=False)
    connection.execute(meta.insert(), {"name": "schema_version", "value": str(SCHEMA_VERSION)})


def _check(connection: Connection) -> None:
    value = connection.scalar(select(meta.c.value).where(meta.c.name == "schema_version"))
    found = int(value) if value and value.isdecimal() else 0
    if found == SCHEMA_VERSION:
        return
    newer = found > SCHEMA_VERSION
    hint = "upgrade cdiscount-marketplace" if newer else "export what you need and start with an empty database"
    message = f"the database has schema version {found}, this SDK writes version {SCHEMA_VERSION}"
    raise UnknownSchema(message, found=found, expected=SCHEMA_VERSION, hint=hint)
