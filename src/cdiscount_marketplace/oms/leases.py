"""Holding a lease while a job runs, however long its requests take.

A heartbeat extends the lease beside the job. So a lease can be short, and a worker that dies delays its account by
little, although a single request may take longer than the lease lives. What was sent is guarded by the time limit in
its row, and what is written by the fence; neither relies on the length of the lease.
"""

from __future__ import annotations

import os
import socket
import uuid
from datetime import datetime, timedelta
from shlex import quote
from types import TracebackType
from typing import Self

from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.errors import LeaseBusy, LeaseLost
from cdiscount_marketplace.oms.heartbeats import Heartbeat, timer
from cdiscount_marketplace.oms.ports import Lease, LeaseOverview, LeaseStore

DEFAULT_TTL = timedelta(seconds=90)


def new_owner() -> str:
    """Name this worker, so that a person who looks into the store finds it."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def _busy(store: LeaseStore, account: str, job: str) -> LeaseBusy:
    """Return the error for a lease that another worker holds; who and until when, where the store can say so."""
    leases = store.list_leases(account) if isinstance(store, LeaseOverview) else ()
    held = next((held for held in leases if held.lease.job == job), None)
    message = f"another worker runs {job} on {account}"
    if held is None:
        return LeaseBusy(message, account=account, job=job, until=None)
    until, left = held.lease.expires_at, timedelta(seconds=round(held.remaining.total_seconds()))
    return LeaseBusy(
        f"{message}: {held.lease.owner}, until {until:%Y-%m-%d %H:%M:%S} UTC, {left} from now",
        account=account,
        job=job,
        until=until,
        owner=held.lease.owner,
        hint=f"if that worker is dead, free it: cdiscount-marketplace lease free {job} --account {quote(account)}",
    )


class HeldLease:
    """The lease of one run, renewed as it goes; without a store, a run that nobody else can disturb.

    For one thread, beside which the heartbeat renews the lease. `lease` is None where no store keeps leases.
    """

    def __init__(
        self, store: LeaseStore | None, account: str, job: str, owner: str, ttl: timedelta, clock: Clock
    ) -> None:
        self.lease: Lease | None = None
        self._store = store
        self._claim = (account, job, owner)
        self._ttl = ttl
        self._clock = clock
        self._renewed = (clock.now(), clock.monotonic())
        self._heartbeat: Heartbeat | None = None

    def __enter__(self) -> Self:
        if self._store is not None:
            account, job, owner = self._claim
            self.lease = self._store.acquire(account, job, owner, self._ttl)
            if self.lease is None:
                raise _busy(self._store, account, job)
            self._take_time(self.lease)
            self._heartbeat = Heartbeat(self._store, self.lease, self._ttl)
            timer.add(self._heartbeat)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._heartbeat is not None:
            timer.remove(self._heartbeat)
        if self._store is not None and self.lease is not None:
            self._store.release(self.lease)

    def renew(self) -> None:
        """Extend the lease; raise `LeaseLost` if another worker took over. Whoever cannot renew must not send."""
        if self._store is None or self.lease is None:
            return
        self.lease = self._store.renew(self.lease, self._ttl)
        if self.lease is None:
            account, job, _ = self._claim
            raise LeaseLost(f"another worker took over {job} on {account}")
        self._take_time(self.lease)

    def renew_when_due(self) -> None:
        """Extend the lease once a third of its time is gone; raise `LeaseLost` as `renew` does.

        For readings: whether another worker took over meanwhile is checked again by each write.
        """
        # A lease that the heartbeat could not renew is gone now, not in a while.
        lost = self._heartbeat is not None and self._heartbeat.lost
        if lost or self._clock.monotonic() - self._renewed[1] >= self._ttl.total_seconds() / 3:
            self.renew()

    def now(self) -> datetime:
        """Tell the time by the store's clock, which workers share, and whose own clocks may differ by minutes."""
        if self.lease is None:
            return self._clock.now()
        then, reading = self._renewed
        return then + timedelta(seconds=self._clock.monotonic() - reading)

    def _take_time(self, lease: Lease) -> None:
        self._renewed = (lease.expires_at - self._ttl, self._clock.monotonic())
