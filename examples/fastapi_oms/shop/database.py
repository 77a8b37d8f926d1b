"""One database and its units of work: per thread one transaction at a time, savepoints inside."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, literal, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from cdiscount_marketplace.errors import StoreFailed
from shop.models import Base


def connect(address: str) -> Engine:
    """Return an engine that quotes no customer's data in its errors and logs."""
    engine = create_engine(address, hide_parameters=True, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _lock_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Leave transactions to SQLAlchemy, wait for other writers, and lose nothing when the power fails."""
    connection.isolation_level = None
    for pragma in ("busy_timeout = 30000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _lock_sqlite(connection: Connection) -> None:
    # A transaction that reads before it writes would fail if another one wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


class Database:
    """Thread-safe; each thread has its own transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._local = threading.local()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Begin a transaction, or inside one a savepoint; an error undoes all that was done inside.

        Raises `StoreFailed` for a database error, whose own text may quote a customer's data.
        """
        current: Session | None = getattr(self._local, "session", None)
        with _store_errors():
            if current is None:
                with self._transaction() as session:
                    yield session
            else:
                with current.begin_nested():
                    yield current

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with Session(self._engine) as session, session.begin():
            self._local.session = session
            try:
                yield session
            finally:
                self._local.session = None


@contextmanager
def _store_errors() -> Iterator[None]:
    """Turn the database's errors into `StoreFailed`; a lock or a lost connection is worth another try."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = type(error.orig) if isinstance(error, DBAPIError) else type(error)
        reason = f"the database refused: {cause.__name__}"
        raise StoreFailed(reason, retryable=isinstance(error, OperationalError)) from None


def insert_if_absent(session: Session, model: type[Base], values: Mapping[str, Any]) -> bool:
    """Insert a row; False if there is one with its key, also one that another worker inserts at this moment."""
    try:
        with session.begin_nested():
            session.execute(insert(model).values(**values))
    except IntegrityError:
        same = [column == values[column.name] for column in inspect(model).primary_key]
        if session.scalar(select(literal(1)).select_from(model).where(*same)) is None:
            raise
        return False
    return True
