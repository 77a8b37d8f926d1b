"""One database and its transactions: per thread one at a time, savepoints inside, nothing half done."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Engine, Executable, Insert, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL

from cdiscount_marketplace.adapters.sql.connections import begun, borrow, connect_to
from cdiscount_marketplace.adapters.sql.failures import told_safely
from cdiscount_marketplace.adapters.sql.install import install
from cdiscount_marketplace.adapters.sql.schema import history
from cdiscount_marketplace.errors import LeaseLost, StoreFailed
from cdiscount_marketplace.oms.ports import Company

_TELL = insert(history)


@cache
def add_if_absent(dialect: str, table: Table) -> Insert:
    """Return an insert that leaves a row with the same key alone, in one database's words; its row count tells."""
    words = sqlite if dialect == "sqlite" else postgresql
    statement: Insert = words.insert(table).on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)


class Session:
    """The transaction of one thread. `found` and `companies` save repeated reads while nothing else can write.

    `lasting` tells that the caller's unit goes on after this call. `told` are rows of the history that wait to be
    written together.
    """

    __slots__ = ("broken", "companies", "connection", "depth", "found", "lasting", "told")

    def __init__(self, connection: Connection, *, lasting: bool) -> None:
        self.connection: Connection = connection
        self.lasting: bool = lasting
        self.found: dict[tuple[str, tuple[str, ...]], Sequence[Any]] = {}
        self.companies: dict[str, Company | None] = {}
        self.broken: bool = False
        self.depth: int = 0
        self.told: list[dict[str, Any]] = []

    def add_if_absent(self, table: Table) -> Insert:
        """Return an insert that leaves a row with the same key alone."""
        return add_if_absent(self.connection.dialect.name, table)

    def rows(self, statement: Executable, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Run a statement and return its rows."""
        return [dict(row) for row in self.connection.execute(statement, values).mappings()]

    def row(self, statement: Executable, values: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """Run a statement that finds one row at most."""
        rows = self.rows(statement, values)
        return rows[0] if rows else None

    def change(self, statement: Executable, values: Mapping[str, Any] | None = None) -> int:
        """Run a statement and return how many rows it changed."""
        result = cast("CursorResult[Any]", self.connection.execute(statement, values))
        return result.rowcount

    def write_history(self) -> None:
        """Write what waits to be written of the history."""
        if self.told:
            self.connection.execute(_TELL, self.told)
            self.told.clear()

    def forget(self) -> None:
        """Forget what was read: a part of the transaction was undone."""
        self.found.clear()
        self.companies.clear()
        self.broken = False


class Database:
    """A SQLite file or a PostgreSQL database. Thread-safe; tables are made at first use."""

    def __init__(self, target: str | URL | Engine) -> None:
        self._owned = not isinstance(target, Engine)
        self.engine: Engine = borrow(target) if isinstance(target, Engine) else connect_to(target)
        self.embedded: bool = self.engine.dialect.name == "sqlite"
        self._local = threading.local()
        self._installing = threading.Lock()
        self._installed = False

    @contextmanager
    def unit(self) -> Generator[None]:
        """Begin a transaction, or inside one a savepoint."""
        current = self._current()
        with told_safely():
            if current is None:
                with self._transaction("BEGIN IMMEDIATE", lasting=True):
                    yield
            else:
                with _savepoint(current):
                    yield

    @contextmanager
    def writing(self) -> Generator[Session]:
        """Write within the thread's unit, or in a transaction of its own.

        A write that fails within a unit spoils it: the innermost unit cannot be committed any more, in SQLite just
        as in PostgreSQL, so that no half of a write is ever kept.
        """
        current = self._current()
        with told_safely():
            if current is None:
                with self._transaction("BEGIN IMMEDIATE") as session:
                    yield session
            else:
                with _spoiling(current):
                    yield current

    @contextmanager
    def reading(self) -> Generator[Session]:
        """Read within the thread's unit, or in a transaction of its own, from one state of the database."""
        current = self._current()
        with told_safely():
            if current is None:
                with self._transaction("BEGIN") as session:
                    yield session
            else:
                yield current

    def shed(self) -> None:
        """Let the SQLite file drop the old pages that its log still holds, unless others are reading."""
        if self.embedded and self._current() is None:
            with told_safely(), self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the connections, unless the caller opened them."""
        if self._owned:
            self.engine.dispose()

    def _current(self) -> Session | None:
        return getattr(self._local, "session", None)

    @contextmanager
    def _transaction(self, begin: str, *, lasting: bool = False) -> Generator[Session]:
        self._install_once()
        with self.engine.connect() as connection, begun(connection, begin):
            session = self._local.session = Session(connection, lasting=lasting)
            try:
                yield session
                _refuse_broken(session)
                session.write_history()
                connection.commit()
            finally:
                self._local.session = None

    def _install_once(self) -> None:
        with self._installing:
            if not self._installed:
                with self.engine.connect() as connection:
                    install(connection)
                self._installed = True


@contextmanager
def _savepoint(session: Session) -> Generator[None]:
    """Nest a unit. In words of our own: SQLAlchemy compiles its savepoints anew each time, one per order here."""
    run = session.connection.exec_driver_sql
    session.depth += 1
    name = f"unit_{session.depth}"
    told = list(session.told)
    run(f"SAVEPOINT {name}")
    try:
        yield
        _refuse_broken(session)
        run(f"RELEASE SAVEPOINT {name}")
    except BaseException:
        run(f"ROLLBACK TO SAVEPOINT {name}")
        run(f"RELEASE SAVEPOINT {name}")
        session.told = told
        session.forget()
        raise
    finally:
        session.depth -= 1


@contextmanager
def _spoiling(session: Session) -> Generator[None]:
    try:
        yield
    except LeaseLost:
        raise
    except BaseException:
        session.broken = True
        raise


def _refuse_broken(session: Session) -> None:
    if session.broken:
        raise StoreFailed(
            "a write failed earlier in this unit", hint="let the error leave the unit in which it happened"
        )
