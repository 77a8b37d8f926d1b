"""One worker at a time per account and job, by the database's own clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, type_coerce, update

from cdiscount_marketplace.adapters.sql import history
from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.schema import leases
from cdiscount_marketplace.adapters.sql.types import Moment
from cdiscount_marketplace.errors import LeaseLost
from cdiscount_marketplace.oms.ports import (
    Entry,
    Lease,
    LeaseStatus,
)

_c = leases.c


def acquire(session: Session, account: str, job: str, owner: str, ttl: timedelta) -> Lease | None:
    """Take the lease if it is free or expired; its fence grows even over releases."""
    free = _row(account, job) & (_c.owner.is_(None) | (_c.expires_at <= _now(session)))
    values = {"owner": owner, "fence": _c.fence + 1, "expires_at": _now(session, ttl)}
    take = update(leases).where(free).values(values)
    if not session.change(take) and not (_add(session, account, job) and session.change(take)):
        return None
    return _held(session, account, job)


def _add(session: Session, account: str, job: str) -> bool:
    """Add the row of a job that never ran; return whether it was missing."""
    row = {"account": account, "job": job, "owner": None, "fence": 0, "expires_at": _now(session)}
    return session.change(session.add_if_absent(leases).values(row)) == 1


def renew(session: Session, lease: Lease, ttl: timedelta) -> Lease | None:
    """Extend a lease that nobody took over."""
    values = {"expires_at": _now(session, ttl)}
    if not session.change(update(leases).where(_ours(lease)).values(values)):
        return None
    return _held(session, lease.account, lease.job)


def release(session: Session, lease: Lease) -> None:
    """Free a lease that nobody took over; the row stays, so that the fence goes on growing."""
    values = {"owner": None, "expires_at": _now(session)}
    session.change(update(leases).where(_ours(lease)).values(values))


def check(session: Session, lease: Lease | None) -> None:
    """Raise `LeaseLost` if another worker took over; hold the row, so that nobody does before the unit ends."""
    if lease is None:
        return
    statement = select(_c.fence).where(_ours(lease)).with_for_update(read=True)
    if session.connection.scalar(statement) is None:
        message = f"another worker took over {lease.job} of {lease.account}"
        raise LeaseLost(message, hint="nothing is wrong: the other worker goes on from here")


def free(session: Session, lease: Lease, now: datetime, reason: str | None) -> bool:
    """Free a lease that nobody took over, and raise its fence; return whether there was one."""
    values = {"owner": None, "fence": _c.fence + 1, "expires_at": _now(session)}
    if not session.change(update(leases).where(_ours(lease)).values(values)):
        return False
    freed = Entry(
        account=lease.account,
        number=lease.job,
        at=now,
        subject="lease",
        event="freed",
        before=lease.owner,
        detail=reason,
    )
    history.append(session, freed)
    return True


def held_now(session: Session, account: str) -> Sequence[LeaseStatus]:
    """Return the account's leases that somebody holds."""
    held = (_c.account == account) & _c.owner.is_not(None) & (_c.expires_at > _now(session))
    statement = select(leases, _now(session).label("now")).where(held).order_by(_c.job)
    return [_lease_status(**row) for row in session.rows(statement)]


def jobs_now(session: Session, accounts: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return the jobs that run now for each of these accounts."""
    held = _c.account.in_(accounts) & _c.owner.is_not(None) & (_c.expires_at > _now(session))
    jobs: dict[str, list[str]] = {}
    for account, job in session.connection.execute(select(_c.account, _c.job).where(held).order_by(_c.job)):
        jobs.setdefault(account, []).append(job)
    return jobs


def _lease_status(*, now: datetime, **row: Any) -> LeaseStatus:
    lease = Lease(**row)
    return LeaseStatus(lease=lease, remaining=lease.expires_at - now)


def _held(session: Session, account: str, job: str) -> Lease:
    return Lease(**session.rows(select(leases).where(_row(account, job)))[0])


def _row(account: str, job: str) -> ColumnElement[bool]:
    return (_c.account == account) & (_c.job == job)


def _ours(lease: Lease) -> ColumnElement[bool]:
    return _row(lease.account, lease.job) & (_c.owner == lease.owner) & (_c.fence == lease.fence)


def _now(session: Session, later: timedelta = timedelta(0)) -> ColumnElement[datetime]:
    """Return the database's time; not the transaction's, which may have begun long ago."""
    seconds = later.total_seconds()
    now: ColumnElement[Any]
    if session.connection.dialect.name == "sqlite":
        # SQLite knows milliseconds; the zeros give its text the width of every other time.
        now = func.strftime("%Y-%m-%dT%H:%M:%f000Z", "now", f"{seconds:+.3f} seconds")
    else:
        now = func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    return type_coerce(now, Moment)
