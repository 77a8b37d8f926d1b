"""Engines and transactions as `SqlOms` needs them, also on an engine that belongs to the caller."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from cdiscount_marketplace.errors import ConfigurationError

BUSY_SECONDS = 30


# SQLAlchemy logs every row that it reads where its loggers are set to DEBUG: customers' data. Whoever wants our
# statements, without their values, sets this logger to INFO.
_logger = logging.getLogger("sqlalchemy.engine.Engine.cdiscount_marketplace")
_logger.setLevel(logging.WARNING)


def borrow(engine: Engine) -> Engine:
    """Return the caller's engine, sharing its connections, with no stored values in its errors and logs.

    Where an insert waited for another one, the next read must see it, whatever the database's own default.
    """
    _reject_others(engine.dialect.name, engine.url)
    isolation = {} if engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
    quiet = engine.execution_options(**isolation)
    quiet.hide_parameters = True
    quiet.logger = _logger
    return quiet


def connect_to(target: str | URL) -> Engine:
    """Make an engine; it opens nothing yet."""
    url = _parsed(target)
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    _reject_others(url.get_backend_name(), url)
    # How long a writer waits for another one to finish with the SQLite file.
    patience = {"connect_args": {"timeout": BUSY_SECONDS}} if url.get_backend_name() == "sqlite" else {}
    try:
        return borrow(create_engine(url, max_overflow=-1, pool_pre_ping=True, **patience))
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"no driver for {url.drivername} is installed", hint=_driver_hint(url)) from error
    except (ArgumentError, TypeError, ValueError):
        raise _unreadable() from None


def _driver_hint(url: URL) -> str:
    if url.get_backend_name() == "postgresql":
        return "pip install 'cdiscount-marketplace[postgresql]'"
    return "write sqlite:// for the usual driver"


@contextmanager
def begun(connection: Connection, begin: str) -> Generator[None]:
    """Begin a transaction; in SQLite by ourselves, because its driver begins too late and without a write lock."""
    if connection.dialect.name != "sqlite":
        _use_utc(connection)
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    usual = driver.isolation_level
    driver.isolation_level = None
    try:
        for pragma in ("foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
            driver.execute(f"PRAGMA {pragma}")
        connection.exec_driver_sql(begin)
        yield
    finally:
        connection.rollback()
        driver.isolation_level = usual


def _use_utc(connection: Connection) -> None:
    """Read this transaction's times in UTC: in another zone, the calendar's last day can fall in the year 10000."""
    driver: Any = connection.connection.dbapi_connection
    info = getattr(driver, "info", None)
    if info is None or info.parameter_status("TimeZone") not in ("UTC", "Etc/UTC"):
        connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")


def _parsed(target: str | URL) -> URL:
    try:
        return make_url(target)
    except (ArgumentError, TypeError, ValueError):
        raise _unreadable() from None


def _unreadable() -> ConfigurationError:
    """Return the error, to be raised without its cause, whose text may quote the address with a password in it."""
    message = "SQLAlchemy cannot read the store's address"
    return ConfigurationError(message, hint="such as sqlite:///oms.db, or postgresql://user@host/database")


def _reject_others(backend: str, url: URL) -> None:
    if backend not in ("sqlite", "postgresql"):
        raise ConfigurationError(f"SqlOms knows SQLite and PostgreSQL, not {backend}")
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        message = "an SQLite database in memory forgets its orders"
        raise ConfigurationError(message, hint="give a file, such as sqlite:///oms.db, or use MemoryOms in tests")
