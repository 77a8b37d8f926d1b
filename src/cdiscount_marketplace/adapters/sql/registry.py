"""`SqlAccountRegistry`: accounts in an SQL database, beside the orders or in one of their own."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.engine import URL

from cdiscount_marketplace.adapters.sql import accounts
from cdiscount_marketplace.adapters.sql.database import Database
from cdiscount_marketplace.oms.ports import Account, JobRun, JobStatus


class SqlAccountRegistry:
    """Keep accounts and their runs in an SQL database, in the tables that `SqlOms` makes as well.

    It holds where credentials are found, never the credentials. Thread-safe. An `Engine` that you pass is used and
    never closed; `create` and `migrate` are as with `SqlOms`, and so are the errors: `UnknownSchema`, `StoreFailed`.
    """

    def __init__(self, url_or_engine: str | URL | Engine, *, create: bool = True, migrate: bool = True) -> None:
        self._database = Database(url_or_engine, create=create, migrate=migrate)

    def close(self) -> None:
        """Close the database connections that this object opened."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def list_accounts(self) -> Sequence[Account]:
        """Return all accounts by name."""
        with self._database.reading() as session:
            return accounts.all_of(session)

    def find_account(self, name: str) -> Account | None:
        """Return an account."""
        with self._database.reading() as session:
            return accounts.find(session, name)

    def save_account(self, account: Account) -> None:
        """Add or replace an account."""
        with self._database.writing() as session:
            accounts.save(session, account)

    def remove_account(self, name: str) -> bool:
        """Remove an account and its runs."""
        with self._database.writing() as session:
            return accounts.remove(session, name)

    def record_run(self, run: JobRun) -> None:
        """Note a run."""
        with self._database.writing() as session:
            accounts.record(session, run)

    def list_runs(self, account: str) -> Sequence[JobStatus]:
        """Return what is known of each job that ever ran."""
        with self._database.reading() as session:
            return accounts.runs(session, account)
