"""The right to run a job on an account: taken, renewed, given back; and who has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from attrs import frozen


@frozen(kw_only=True)
class Lease:
    """The right to run `job` on `account` until `expires_at`; a later holder has a greater `fence`."""

    account: str
    job: str
    owner: str
    fence: int
    expires_at: datetime


@runtime_checkable
class LeaseStore(Protocol):
    """Let one worker at a time run a job on an account, by the store's clock: `expires_at` is its now plus `ttl`.

    `renew` is also called from the job's heartbeat, a second thread.
    """

    def acquire(self, account: str, job: str, owner: str, ttl: timedelta) -> Lease | None:
        """Take the lease if it is free or expired, with a greater fence; None while another worker holds it."""
        ...

    def renew(self, lease: Lease, ttl: timedelta) -> Lease | None:
        """Extend a lease that is still ours; None if it was taken over."""
        ...

    def release(self, lease: Lease) -> None:
        """Give the lease back; nothing happens if it was taken over."""
        ...


@frozen(kw_only=True)
class LeaseStatus:
    """A lease that somebody holds, and for how long still, by the store's clock."""

    lease: Lease
    remaining: timedelta


@runtime_checkable
class LeaseOverview(Protocol):
    """Show who holds which lease, and free one; optional, for the people who operate the jobs.

    With it, `LeaseBusy` names the owner and the time.
    """

    def list_leases(self, account: str) -> Sequence[LeaseStatus]:
        """Return the account's leases that are held now, neither released nor expired, by the name of their job."""
        ...

    def free_lease(self, lease: Lease, *, reason: str | None = None) -> bool:
        """Free the lease if it is still this one, and raise its fence, so that its holder cannot write any more.

        Returns whether it was. A store that keeps a history records the `reason`.
        """
        ...
