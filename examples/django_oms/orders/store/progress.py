"""How far the import has come, what it could not store, and what it missed."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import asdict

from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms import Checkpoint, Lease, QuarantinedOrder, UnseenOrder
from orders import models
from orders.store.leases import fenced
from orders.store.transactions import store_errors, unit


class ProgressStore:
    """The ports `CheckpointStore`, `QuarantineStore` and `UnseenStore`."""

    def load_checkpoint(self, account: str) -> Checkpoint | None:
        """Return the checkpoint, None before the first run."""
        with store_errors():
            row = models.Checkpoint.objects.filter(account=account).first()
        if row is None:
            return None
        return Checkpoint(floor=row.floor, cursor=row.cursor, version=row.version, swept_at=row.swept_at)

    def swap_checkpoint(
        self, account: str, before: Checkpoint | None, after: Checkpoint, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before.version` is still the stored one."""
        rows = models.Checkpoint.objects
        with fenced(lease):
            if before is None:
                _, created = rows.get_or_create(account=account, defaults=asdict(after))
                return created
            return rows.filter(account=account, version=before.version).update(**asdict(after)) == 1

    def list_quarantine(self, account: str) -> Sequence[QuarantinedOrder]:
        """Return the account's quarantined orders, oldest first."""
        with store_errors():
            return [quarantined(row) for row in models.QuarantinedOrder.objects.filter(account=account)]

    def put_quarantine(self, account: str, order: QuarantinedOrder, *, lease: Lease | None = None) -> None:
        """Insert, or replace the entry with the same key."""
        with fenced(lease):
            models.QuarantinedOrder.objects.update_or_create(account=account, key=order.key, defaults=asdict(order))

    def drop_quarantine(self, account: str, key: str, *, lease: Lease | None = None) -> bool:
        """Remove an entry; return whether there was one."""
        with fenced(lease):
            removed, _ = models.QuarantinedOrder.objects.filter(account=account, key=key).delete()
            return removed == 1

    def put_unseen(self, account: str, order: UnseenOrder) -> bool:
        """Record the order; return False if it is recorded already with the same status."""
        rows, values = models.UnseenOrder.objects, asdict(order)
        with unit():
            _, created = rows.get_or_create(account=account, key=order.key, defaults=values)
            changed = rows.filter(account=account, key=order.key).exclude(status=order.status)
            return created or changed.update(**values) == 1

    def list_unseen(self, account: str) -> Sequence[UnseenOrder]:
        """Return the account's recorded orders, oldest first."""
        with store_errors():
            return [_unseen(row) for row in models.UnseenOrder.objects.filter(account=account)]


def quarantined(row: models.QuarantinedOrder) -> QuarantinedOrder:
    """Return the row as the library knows it."""
    return QuarantinedOrder(
        key=row.key,
        identities=tuple(row.identities),
        code=row.code,
        reason=row.reason,
        payload=row.payload,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        attempts=row.attempts,
    )


def _unseen(row: models.UnseenOrder) -> UnseenOrder:
    return UnseenOrder(
        key=row.key,
        identities=tuple(row.identities),
        status=OrderStatus(row.status),
        created_at=row.created_at,
        seen_at=row.seen_at,
    )
