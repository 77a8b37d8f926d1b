"""What a runner knows of its accounts, kept in step with the registry."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from attrs import define, field

from cdiscount_marketplace.fleet.schedule import latest
from cdiscount_marketplace.oms.accounts import JobResult
from cdiscount_marketplace.oms.ports import Account, JobRunStore, JobStatus
from cdiscount_marketplace.oms.tracebacks import log_error

_log = logging.getLogger(__name__)
_NEVER = datetime.min.replace(tzinfo=UTC)


@define(eq=False)
class Place:
    """An account's settings, after when its jobs are due, until when it rests, and which jobs failed last.

    One that is gone from the registry has a place until its job ends.
    """

    account: Account
    since: datetime = _NEVER
    paused_until: datetime | None = None
    busy: bool = False
    gone: bool = False
    failing: set[str] = field(factory=set[str])

    def rests(self, now: datetime) -> bool:
        """Return whether no job may start for now."""
        return self.paused_until is not None and now < self.paused_until

    def note(self, results: Mapping[str, JobResult]) -> None:
        """Take over how jobs ended; one that was left to another worker says nothing of how it fares."""
        failed = {job for job, result in results.items() if result.error is not None}
        succeeded = {job for job, result in results.items() if result.error is None and result.report is not None}
        self.failing = self.failing - succeeded | failed

    def change(self, account: Account) -> None:
        """Take over new settings, and end the rest: they may mend its cause."""
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
        places = {account.name: self._place(account, now) for account in accounts}
        for name, place in self._by_name.items():
            place.gone = name not in places
            if place.gone and place.busy:
                # Added again while its job runs, the account would run twice at once.
                places[name] = place
        self._by_name = places

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
        except Exception as error:  # noqa: BLE001 - a store may fail in any way
            # Leases and checkpoints keep a job right that starts early.
            log_error(_log, f"the runs of {account} cannot be read", error)
            return None
