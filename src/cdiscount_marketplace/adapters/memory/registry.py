"""Accounts in memory: for tests, and for a process that knows its accounts when it starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock

from attrs import evolve

from cdiscount_marketplace.oms.ports import Account, JobRun, JobStatus, status_after


class MemoryAccountRegistry:
    """Keep accounts and their runs in memory; thread-safe."""

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self._lock = Lock()
        self._accounts = {account.name: account for account in accounts}
        self._runs: dict[tuple[str, str], JobStatus] = {}

    def list_accounts(self) -> Sequence[Account]:
        """Return all accounts by name."""
        with self._lock:
            return [self._accounts[name] for name in sorted(self._accounts)]

    def find_account(self, name: str) -> Account | None:
        """Return an account."""
        with self._lock:
            return self._accounts.get(name)

    def save_account(self, account: Account) -> None:
        """Add or replace an account."""
        with self._lock:
            self._accounts[account.name] = account
            for key, status in self._runs.items():
                if key[0] == account.name:
                    self._runs[key] = evolve(status, retry_at=None)

    def remove_account(self, name: str) -> bool:
        """Remove an account and its runs."""
        with self._lock:
            self._runs = {key: status for key, status in self._runs.items() if key[0] != name}
            return self._accounts.pop(name, None) is not None

    def record_run(self, run: JobRun) -> None:
        """Note a run."""
        with self._lock:
            key = (run.account, run.job)
            self._runs[key] = status_after(self._runs.get(key), run)

    def list_runs(self, account: str) -> Sequence[JobStatus]:
        """Return what is known of each job that ever ran."""
        with self._lock:
            return [self._runs[key] for key in sorted(self._runs) if key[0] == account]
