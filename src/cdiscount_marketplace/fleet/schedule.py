"""When a job is due: pure functions.

The runs of all accounts are spread evenly over their period: each account and job has its own second in it, which no
restart changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zlib import crc32

from cdiscount_marketplace.errors import AuthenticationError, LoginBlocked, NotAuthorized, QuotaExceeded
from cdiscount_marketplace.oms.ports import Account, JobPeriod, JobStatus

LOGIN_PAUSE = timedelta(minutes=15)
"""How long the jobs of an account rest after its login was refused: longer than a typing error takes to mend."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def latest_slot(account: str, period: JobPeriod, now: datetime) -> datetime:
    """Return when the job was last due, this moment included."""
    every = period.every.total_seconds()
    offset = crc32(f"{account}:{period.job}".encode()) % every
    seconds = (now - _EPOCH).total_seconds()
    return _EPOCH + timedelta(seconds=(seconds - offset) // every * every + offset)


def due_jobs(
    account: Account, now: datetime, *, since: datetime, paused_until: datetime | None = None
) -> tuple[JobPeriod, ...]:
    """Return the jobs that became due after `since`; none while the account is disabled or paused."""
    if not account.enabled or (paused_until is not None and now < paused_until):
        return ()
    return tuple(period for period in account.jobs if latest_slot(account.name, period, now) > since)


def missed_jobs(
    account: Account, now: datetime, *, since: datetime, runs: Iterable[JobStatus]
) -> tuple[JobPeriod, ...]:
    """Return the jobs that have not started half a period after they became due, if that was after `since`.

    Whoever was asked to run them died, or the message was lost.
    """
    started = {status.job: status.started_at for status in runs}

    def missed(period: JobPeriod) -> bool:
        slot = latest_slot(account.name, period, now - period.every / 2)
        return slot + period.every / 2 > since and started.get(period.job, _EPOCH) < slot

    return tuple(filter(missed, account.jobs)) if account.enabled else ()


def latest(moments: Iterable[datetime | None]) -> datetime | None:
    """Return the last of the moments that are known."""
    return max((moment for moment in moments if moment is not None), default=None)


def pause_after(error: Exception, now: datetime) -> datetime | None:
    """Return until when an error concerns all of the account's jobs; None if the next run may try as planned."""
    if isinstance(error, QuotaExceeded):
        return error.retry_at
    if isinstance(error, LoginBlocked):
        return error.until
    if isinstance(error, AuthenticationError | NotAuthorized) and not error.retryable:
        return now + LOGIN_PAUSE
    return None
