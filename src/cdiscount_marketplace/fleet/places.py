"""What a runner knows of its accounts, kept in step with the registry."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from attrs import define, field

from cdiscount_marketplace.fleet.schedule import latest
from cdiscount_marketplace.oms.ports import Account, JobRunStore, JobStatus

_log = logging.getLogger(__name__)
_NEVER = datetime.min.replace(tzinfo=UTC)


@define(eq=False)
class Place:
    """An account's settings, after when its jobs are due, until when it rests, and which jobs failed last."""

    account: Account
    since: datetime = _NEVER
    paused_until: datetime | None = None
    busy: bool = False
    failing: set[str] = field(factory=set[str])

    def rests(self, now: datetime) -> bool:
        """Return whether no job may start for now."""
        return self.paused_until is not None and now < self.paused_until

    def change(self, account: Account) -> None:
        """Take over new settings, which mend what the account rests for."""
        if account != self.account:
            self.account, self.paused_until = account, None
            self.failing &= {str(period.job) for period in account.jobs} if account.enabled else set()


@define
class Places:
    """The places of all accounts. One thread follows the registry; others change the place of a job they run."""

    runs: JobRunStore | None
    _by_name: dict[str, Place] = field(factory=dict[str, Place], init=False)

    def __iter__(self) -> Iterator[Place]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def follow(self, accounts: Sequence[Account], now: datetime) -> None:
        """Forget the accounts that are gone, and take over what changed."""
        self._by_name = {account.name: self._place(account, now) for account in accounts}

    def _place(self, account: Account, now: datetime) -> Place:
        place = self._by_name.get(account.name)
        if place is None:
            statuses = self._read(account.name) or ()
            # After a restart, only what the last process did not start is due.
            since = latest(status.started_at for status in statuses) or _NEVER
            return Place(account, since, latest(status.retry_at for status in statuses))
        place.change(account)
        if place.rests(now) and (noted := self._read(account.name)) is not None:
            # Saving an account as it was ends its rest, too: the noted runs then have none.
            place.paused_until = latest(status.retry_at for status in noted)
        return place

    def _read(self, account: str) -> Sequence[JobStatus] | None:
        if self.runs is None:
            return None
        try:
            return self.runs.list_runs(account)
        except Exception:  # noqa: BLE001 - a store may fail in any way
            # Leases and checkpoints keep a job right that starts early.
            _log.exception("the runs of %s cannot be read", account)
            return None
