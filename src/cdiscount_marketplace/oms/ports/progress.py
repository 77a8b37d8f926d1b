"""What the importer remembers: how far it has come, what it could not store, and what it missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms.ports.leases import Lease


@frozen(kw_only=True)
class Checkpoint:
    """How far an account's import has come: the "Last Order Pulled" date.

    Orders created before `floor` are never imported. Every modification before `cursor` has been read. `swept_at` is
    when all waiting orders were last read. `version` grows by one with each move.
    """

    floor: datetime
    cursor: datetime
    version: int = 1
    swept_at: datetime | None = None


@runtime_checkable
class CheckpointStore(Protocol):
    """Keep one checkpoint per account."""

    def load_checkpoint(self, account: str) -> Checkpoint | None:
        """Return the checkpoint, None before the first run."""
        ...

    def swap_checkpoint(
        self, account: str, before: Checkpoint | None, after: Checkpoint, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before.version` is still the stored one."""
        ...


@frozen(kw_only=True)
class QuarantinedOrder:
    """An order that could not be stored, kept whole until the cause is gone.

    `code` is the kind of cause ("unmappable", "mapper_failed", "no_company", "no_number", "store_failed", …),
    `reason` what a person should know and do; `payload` the order as JSON text, with personal data.
    """

    key: str
    identities: tuple[str, ...]
    code: str
    reason: str
    payload: str = field(repr=False)
    first_seen: datetime
    last_seen: datetime
    attempts: int = 1


@runtime_checkable
class QuarantineStore(Protocol):
    """Keep the orders that wait for a problem to be fixed; unique by (account, key)."""

    def list_quarantine(self, account: str) -> Sequence[QuarantinedOrder]:
        """Return the account's quarantined orders, oldest first."""
        ...

    def put_quarantine(self, account: str, order: QuarantinedOrder, *, lease: Lease | None = None) -> None:
        """Insert, or replace the entry with the same key."""
        ...

    def drop_quarantine(self, account: str, key: str, *, lease: Lease | None = None) -> bool:
        """Remove an entry; return whether there was one."""
        ...


@frozen(kw_only=True)
class UnseenOrder:
    """An order that was waiting and gone between two readings: `status` is where it stood when it was seen."""

    key: str
    identities: tuple[str, ...]
    status: OrderStatus
    created_at: datetime | None
    seen_at: datetime


@runtime_checkable
class QuarantinePages(Protocol):
    """Read a long quarantine page by page; optional, for people and their tools."""

    def count_quarantine(self, account: str) -> int:
        """Return how many orders are in quarantine."""
        ...

    def page_quarantine(
        self, account: str, *, limit: int, after: QuarantinedOrder | None = None
    ) -> Sequence[QuarantinedOrder]:
        """Return the first `limit` orders of `list_quarantine`, or those that follow `after`, which may be gone."""
        ...


@runtime_checkable
class QuarantineDesk(Protocol):
    """Let a person remove an entry, and keep why; optional."""

    def discard_quarantine(self, account: str, key: str, *, reason: str | None = None) -> bool:
        """Remove an entry by a person's decision; return whether there was one."""
        ...


@runtime_checkable
class UnseenStore(Protocol):
    """Record orders that passed unseen; unique by (account, key)."""

    def put_unseen(self, account: str, order: UnseenOrder) -> bool:
        """Record the order; return False if it is recorded already (with the same status)."""
        ...

    def list_unseen(self, account: str) -> Sequence[UnseenOrder]:
        """Return the account's recorded orders, oldest first."""
        ...
