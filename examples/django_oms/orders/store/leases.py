"""One worker at a time per account and job, by the database's clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.db import close_old_connections
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from cdiscount_marketplace.errors import LeaseLost
from cdiscount_marketplace.oms import Lease, LeaseStatus
from orders import models
from orders.store.transactions import store_errors, unit


class LeaseStore:
    """The ports `LeaseStore` and `LeaseOverview`."""

    def acquire(self, account: str, job: str, owner: str, ttl: timedelta) -> Lease | None:
        """Take the lease if it is free or expired, with a greater fence; None while another worker holds it."""
        free = Q(owner=None) | Q(expires_at__lte=_now())
        with unit():
            models.Lease.objects.get_or_create(account=account, job=job)
            row = models.Lease.objects.filter(account=account, job=job)
            taken = row.filter(free).update(owner=owner, fence=F("fence") + 1, expires_at=_now(ttl))
            return _lease(row.get()) if taken else None

    def renew(self, lease: Lease, ttl: timedelta) -> Lease | None:
        """Extend a lease that is still ours; None if it was taken over."""
        try:
            with unit():
                extended = _row(lease).update(expires_at=_now(ttl))
                return _lease(_row(lease).get()) if extended else None
        finally:
            # The heartbeat calls from a thread that Django knows nothing of, and that ends after this.
            close_old_connections()

    def release(self, lease: Lease) -> None:
        """Give the lease back; nothing happens if it was taken over."""
        with unit():
            _row(lease).update(owner=None, expires_at=_now())

    def list_leases(self, account: str) -> Sequence[LeaseStatus]:
        """Return the account's leases that are held now, by the name of their job."""
        held = models.Lease.objects.filter(account=account, expires_at__gt=_now()).exclude(owner=None)
        with store_errors():
            rows = held.annotate(now=_now()).order_by("job")
            return [LeaseStatus(lease=_lease(row), remaining=row.expires_at - row.now) for row in rows]

    def free_lease(self, lease: Lease, *, reason: str | None = None) -> bool:
        """Free the lease if it is still this one, and raise its fence, so that its holder cannot write any more."""
        with unit():
            return _row(lease).update(owner=None, fence=F("fence") + 1, expires_at=_now()) == 1


@contextmanager
def fenced(lease: Lease | None) -> Iterator[None]:
    """Write in a unit that ends before anybody else can take the lease; raise `LeaseLost` if somebody has."""
    with unit():
        # The row is held until the unit ends.
        if lease is not None and not _row(lease).select_for_update().exists():
            message = f"another worker took over {lease.job} of {lease.account}"
            raise LeaseLost(message, hint="nothing is wrong: the other worker goes on from here")
        yield


def _row(lease: Lease) -> QuerySet[models.Lease]:
    return models.Lease.objects.filter(account=lease.account, job=lease.job, owner=lease.owner, fence=lease.fence)


def _lease(row: models.Lease) -> Lease:
    return Lease(account=row.account, job=row.job, owner=row.owner or "", fence=row.fence, expires_at=row.expires_at)


def _now(later: timedelta = timedelta(0)) -> Combinable:
    """Return the database's time; in SQLite, an addition also gives it the form of every other time."""
    return ExpressionWrapper(Now() + Value(later, DurationField()), output_field=DateTimeField())
