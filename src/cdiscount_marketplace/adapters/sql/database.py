"""One database and its transactions: per thread one at a time, savepoints inside, nothing half done."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Engine, Executable, Insert, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL

from cdiscount_marketplace.adapters.sql.connections import begun, borrow, connect_to
from cdiscount_marketplace.adapters.sql.failures import store_errors
from cdiscount_marketplace.adapters.sql.files import StoreFile
from cdiscount_marketplace.adapters.sql.install import install
from cdiscount_marketplace.adapters.sql.schema import history
from cdiscount_marketplace.errors import LeaseLost, StoreFailed
from cdiscount_marketplace.oms.ports import Company

_ADD_ENTRIES = insert(history)


@cache
def add_if_absent(dialect: str, table: Table) -> Insert:
    """Return an insert that leaves a row with the same key alone, in a database's dialect; its row count is 0 then."""
    words = sqlite if dialect == "sqlite" else postgresql
    statement: Insert = words.insert(table).on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)


class Session:
    """The transaction of one thread. `found` and `companies` save repeated reads while nothing else can write.

    `lasting` means that the caller's unit goes on after this call. `entries` are rows of the history that wait to be
    written together. `failure` is the last error of a write.
    """

    __slots__ = ("_driver", "broken", "companies", "connection", "depth", "entries", "failure", "found", "lasting")

    def __init__(self, connection: Connection, *, lasting: bool) -> None:
        embedded = connection.dialect.name == "sqlite"
        self._driver: Any = connection.connection.dbapi_connection if embedded else None
        self.connection: Connection = connection
        self.lasting: bool = lasting
        self.failure: BaseException | None = None
        self.found: dict[tuple[str, tuple[str, ...]], Sequence[Any]] = {}
        self.companies: dict[str, Company | None] = {}
        self.broken: bool = False
        self.depth: int = 0
        self.entries: list[dict[str, Any]] = []

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
        """Write the rows of the history that wait."""
        if self.entries:
            self.connection.execute(_ADD_ENTRIES, self.entries)
            self.entries.clear()

    @property
    def alive(self) -> bool:
        """Whether the transaction is still there: SQLite undoes it whole, by itself, after some errors of the disk.

        What runs after that would be committed statement by statement.
        """
        if self._driver is None:
            return True
        try:
            return bool(self._driver.in_transaction)
        # The connection is closed.
        except sqlite3.ProgrammingError:
            return False

    def ensure_alive(self) -> None:
        """Raise the error that ended the transaction, if it is no longer there."""
        if not self.alive:
            raise self.failure or StoreFailed("the database undid the transaction", hint="run the job again")

    def forget(self) -> None:
        """Forget what was read: a part of the transaction was undone."""
        self.found.clear()
        self.companies.clear()
        self.broken = False


class Database:
    """A SQLite file or a PostgreSQL database. Thread-safe; tables are made, and brought up to date, at first use."""

    def __init__(self, target: str | URL | Engine, *, create: bool = True, migrate: bool = True) -> None:
        self._owned = not isinstance(target, Engine)
        self._create = create
        self._migrate = migrate
        self.engine: Engine = borrow(target) if isinstance(target, Engine) else connect_to(target)
        self.embedded: bool = self.engine.dialect.name == "sqlite"
        self._file = StoreFile.of(self.engine.url) if self.embedded else None
        self.name: str = str(self._file.path) if self._file else _server(self.engine.url)
        self._local = threading.local()
        self._installing = threading.Lock()
        self._installed = False

    @contextmanager
    def unit(self) -> Generator[None]:
        """Begin a transaction, or inside one a savepoint."""
        current = self._current()
        with store_errors(self.name):
            if current is None:
                with self._transaction("BEGIN IMMEDIATE", lasting=True):
                    yield
            else:
                with _savepoint(current):
                    yield

    @contextmanager
    def writing(self) -> Generator[Session]:
        """Write within the thread's unit, or in its own transaction.

        A write that fails within a unit spoils it: the innermost unit cannot be committed any more, in SQLite just
        as in PostgreSQL, so that no half of a write is ever kept.
        """
        current = self._current()
        with store_errors(self.name):
            if current is None:
                with self._transaction("BEGIN IMMEDIATE") as session:
                    yield session
            else:
                current.ensure_alive()
                with _spoiling(current):
                    yield current

    @contextmanager
    def reading(self) -> Generator[Session]:
        """Read within the thread's unit, or in its own transaction, from one state of the database."""
        current = self._current()
        with store_errors(self.name):
            if current is None:
                with self._transaction("BEGIN") as session:
                    yield session
            else:
                current.ensure_alive()
                yield current

    def shed(self) -> None:
        """Let the SQLite file drop the old pages that its log still holds, unless others are reading."""
        if self.embedded and self._current() is None:
            with store_errors(self.name), self.engine.connect() as connection:
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
        self._ensure_same_file()
        with self.engine.connect() as connection, begun(connection, begin):
            session = self._local.session = Session(connection, lasting=lasting)
            try:
                yield session
                session.ensure_alive()
                _ensure_unbroken(session)
                session.write_history()
                self._ensure_same_file()
                connection.commit()
            finally:
                self._local.session = None

    def _install_once(self) -> None:
        with self._installing:
            if self._installed:
                return
            if self._file:
                self._file.ensure_openable(create=self._create)
            with self.engine.connect() as connection:
                install(connection, store=self.name, create=self._create, migrate=self._migrate)
            if self._file:
                self._file.remember()
            self._installed = True

    def _ensure_same_file(self) -> None:
        if self._file:
            self._file.ensure_same()


def _server(url: URL) -> str:
    """Name a database without anything that belongs to a login."""
    port = f":{url.port}" if url.port else ""
    return f"{url.host or 'local'}{port}/{url.database or ''}"


@contextmanager
def _savepoint(session: Session) -> Generator[None]:
    """Nest a unit in a savepoint, written here: SQLAlchemy compiles its own each time, and every order has one."""
    session.ensure_alive()
    run = session.connection.exec_driver_sql
    session.depth += 1
    name = f"unit_{session.depth}"
    before = list(session.entries)
    run(f"SAVEPOINT {name}")
    try:
        yield
        _ensure_unbroken(session)
        run(f"RELEASE SAVEPOINT {name}")
    except BaseException:
        if session.alive:
            run(f"ROLLBACK TO SAVEPOINT {name}")
            run(f"RELEASE SAVEPOINT {name}")
        session.entries = before
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
    except BaseException as error:
        session.broken = True
        session.failure = error
        raise


def _ensure_unbroken(session: Session) -> None:
    if session.broken:
        raise StoreFailed(
            "a write failed earlier in this unit", hint="let the error leave the unit in which it happened"
        )
