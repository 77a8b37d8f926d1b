"""Make the tables and bring older ones up to date; safe when several processes start at once."""

from __future__ import annotations

import time

from sqlalchemy import Connection, delete, inspect, select, text
from sqlalchemy.exc import OperationalError

from cdiscount_marketplace.adapters.sql.connections import begun
from cdiscount_marketplace.adapters.sql.failures import missing
from cdiscount_marketplace.adapters.sql.files import NO_STORE_HINT
from cdiscount_marketplace.adapters.sql.schema import SCHEMA_VERSION, meta, metadata
from cdiscount_marketplace.errors import UnknownSchema

# Any number will do, as long as every process that makes these tables takes the same lock.
_ADVISORY_LOCK = 0x0CD15C07


def install(connection: Connection, *, store: str, create: bool = True, migrate: bool = True) -> None:
    """Bring an empty or older database to `SCHEMA_VERSION`; raise `UnknownSchema` for one that another SDK wrote.

    Raises `StoreFailed` for an empty database unless `create` is set (`store` names the database there), and
    `UnknownSchema` for an older one unless `migrate` is set. Of several processes one migrates, the others wait.
    """
    version = installed_version(connection)
    connection.rollback()
    if version == SCHEMA_VERSION:
        return
    if not version and not create:
        raise missing(store, "the database is empty: it contains no store", NO_STORE_HINT)
    if version and not migrate:
        raise _unknown(version, "run `cdiscount-marketplace store upgrade`, after a backup")
    embedded = connection.dialect.name == "sqlite"
    if embedded:
        _use_write_ahead_log(connection)
    with begun(connection, "BEGIN IMMEDIATE"):
        if not embedded:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        _upgrade(connection)
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


def installed_version(connection: Connection) -> int:
    """Return the version of the schema that is there, 0 for none; looks without a lock, so that readers do not wait."""
    present = set(inspect(connection).get_table_names())
    if meta.name in present:
        return _checked_version(connection)
    foreign = sorted(present & set(metadata.tables))
    if foreign:
        message = f"the database already has other tables named {', '.join(foreign)}"
        hint = "give SqlOms its own database, or its own PostgreSQL schema through search_path"
        raise UnknownSchema(message, found=0, expected=SCHEMA_VERSION, hint=hint)
    return 0


def _upgrade(connection: Connection) -> None:
    """Do what is still to be done, now that nobody else can."""
    version = installed_version(connection)
    if version == SCHEMA_VERSION:
        return
    if version:
        # Alembic takes time to load, and a store that is new or up to date does not need it.
        from cdiscount_marketplace.adapters.sql.migrations import upgrade

        upgrade(connection, version)
    else:
        metadata.create_all(connection, checkfirst=False)
    connection.execute(delete(meta).where(meta.c.name == "schema_version"))
    connection.execute(meta.insert(), {"name": "schema_version", "value": str(SCHEMA_VERSION)})


def _checked_version(connection: Connection) -> int:
    value = connection.scalar(select(meta.c.value).where(meta.c.name == "schema_version"))
    version = int(value) if value and value.isdecimal() else 0
    if not 1 <= version <= SCHEMA_VERSION:
        newer = version > SCHEMA_VERSION
        hint = "upgrade cdiscount-marketplace" if newer else "export what you need and start with an empty database"
        raise _unknown(version, hint)
    return version


def _unknown(version: int, hint: str) -> UnknownSchema:
    message = f"the database has schema version {version}, this SDK writes version {SCHEMA_VERSION}"
    return UnknownSchema(message, found=version, expected=SCHEMA_VERSION, hint=hint)
