"""One worker at a time per account and job, by the database's clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from cdiscount_marketplace.errors import LeaseLost
from cdiscount_marketplace.oms import Lease, LeaseStatus
from shop import models
from shop.database import Database, insert_if_absent
from shop.store.statements import changed
from shop.types import Moment


class FencedStore:
    """A store whose writes name a lease."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def _fenced(self, lease: Lease | None) -> Iterator[Session]:
        """Write in a unit that ends before anybody else can take the lease; raise `LeaseLost` if somebody has."""
        with self._database.session() as session:
            if lease is not None and not _is_held(session, lease):
                message = f"another worker took over {lease.job} of {lease.account}"
                raise LeaseLost(message, hint="nothing is wrong: the other worker goes on from here")
            yield session


class LeaseStore(FencedStore):
    """The ports `LeaseStore` and `LeaseOverview`."""

    def acquire(self, account: str, job: str, owner: str, ttl: timedelta) -> Lease | None:
        """Take the lease if it is free or expired, with a greater fence; None while another worker holds it."""
        with self._database.session() as session:
            unused = {"account": account, "job": job, "owner": None, "fence": 0, "expires_at": _now(session)}
            insert_if_absent(session, models.Lease, unused)
            free = or_(models.Lease.owner.is_(None), models.Lease.expires_at <= _now(session))
            values = {"owner": owner, "fence": models.Lease.fence + 1, "expires_at": _now(session, ttl)}
            taken = changed(session, update(models.Lease).where(_row(account, job), free).values(values))
            return _held(session, account, job) if taken else None

    def renew(self, lease: Lease, ttl: timedelta) -> Lease | None:
        """Extend a lease that is still ours; None if it was taken over."""
        with self._database.session() as session:
            statement = update(models.Lease).where(_ours(lease)).values(expires_at=_now(session, ttl))
            return _held(session, lease.account, lease.job) if changed(session, statement) else None

    def release(self, lease: Lease) -> None:
        """Give the lease back; nothing happens if it was taken over."""
        with self._database.session() as session:
            changed(session, update(models.Lease).where(_ours(lease)).values(owner=None, expires_at=_now(session)))

    def list_leases(self, account: str) -> Sequence[LeaseStatus]:
        """Return the account's leases that are held now, by the name of their job."""
        row = models.Lease
        with self._database.session() as session:
            now = _now(session)
            held = (row.account == account) & row.owner.is_not(None) & (row.expires_at > now)
            statement = select(row.job, row.owner, row.fence, row.expires_at, now.label("now")).where(held)
            return [_status(account, found) for found in session.execute(statement.order_by(row.job))]

    def free_lease(self, lease: Lease, *, reason: str | None = None) -> bool:
        """Free the lease if it is still this one, and raise its fence, so that its holder cannot write any more."""
        with self._database.session() as session:
            values = {"owner": None, "fence": models.Lease.fence + 1, "expires_at": _now(session)}
            return changed(session, update(models.Lease).where(_ours(lease)).values(values)) == 1


def _held(session: Session, account: str, job: str) -> Lease:
    columns = (models.Lease.owner, models.Lease.fence, models.Lease.expires_at)
    owner, fence, expires_at = session.execute(select(*columns).where(_row(account, job))).one()
    return Lease(account=account, job=job, owner=owner or "", fence=fence, expires_at=expires_at)


def _status(account: str, row: Any) -> LeaseStatus:
    lease = Lease(account=account, job=row.job, owner=row.owner, fence=row.fence, expires_at=row.expires_at)
    return LeaseStatus(lease=lease, remaining=row.expires_at - row.now)


def _is_held(session: Session, lease: Lease) -> bool:
    # The row is locked until the unit ends.
    return session.scalar(select(models.Lease.fence).where(_ours(lease)).with_for_update()) is not None


def _row(account: str, job: str) -> ColumnElement[bool]:
    return (models.Lease.account == account) & (models.Lease.job == job)


def _ours(lease: Lease) -> ColumnElement[bool]:
    return _row(lease.account, lease.job) & (models.Lease.owner == lease.owner) & (models.Lease.fence == lease.fence)


def _now(session: Session, later: timedelta = timedelta(0)) -> ColumnElement[datetime]:
    """Return the database's time; not the transaction's, which may have begun long ago."""
    seconds = later.total_seconds()
    if session.get_bind().dialect.name == "sqlite":
        # SQLite knows milliseconds; the zeros give its text the width of every other time.
        return type_coerce(func.strftime("%Y-%m-%dT%H:%M:%f000Z", "now", f"{seconds:+.3f} seconds"), Moment)
    return type_coerce(func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, seconds), Moment)
