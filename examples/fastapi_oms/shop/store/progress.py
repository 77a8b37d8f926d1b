"""How far the import has come, what it could not store, and what it missed."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import asdict
from sqlalchemy import ColumnElement, delete, select, update

from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms import Checkpoint, Lease, QuarantinedOrder, UnseenOrder
from shop import models
from shop.database import insert_if_absent
from shop.store.leases import FencedStore
from shop.store.statements import changed, rows


class ProgressStore(FencedStore):
    """The ports `CheckpointStore`, `QuarantineStore` and `UnseenStore`."""

    def load_checkpoint(self, account: str) -> Checkpoint | None:
        """Return the checkpoint, None before the first run."""
        row = models.Checkpoint
        statement = select(row.floor, row.cursor, row.version, row.swept_at).where(row.account == account)
        with self._database.session() as session:
            found = session.execute(statement).mappings().one_or_none()
        return None if found is None else Checkpoint(**found)

    def swap_checkpoint(
        self, account: str, before: Checkpoint | None, after: Checkpoint, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before.version` is still the stored one."""
        row = models.Checkpoint
        with self._fenced(lease) as session:
            if before is None:
                return insert_if_absent(session, row, {"account": account, **asdict(after)})
            same = (row.account == account) & (row.version == before.version)
            return changed(session, update(row).where(same).values(asdict(after))) == 1

    def list_quarantine(self, account: str) -> Sequence[QuarantinedOrder]:
        """Return the account's quarantined orders, oldest first."""
        return self._quarantine(models.QuarantinedOrder.account == account)

    def put_quarantine(self, account: str, order: QuarantinedOrder, *, lease: Lease | None = None) -> None:
        """Insert, or replace the entry with the same key."""
        row, values = models.QuarantinedOrder, {"account": account, **asdict(order)}
        with self._fenced(lease) as session:
            if not insert_if_absent(session, row, values):
                changed(session, update(row).where(row.account == account, row.key == order.key).values(values))

    def drop_quarantine(self, account: str, key: str, *, lease: Lease | None = None) -> bool:
        """Remove an entry; return whether there was one."""
        row = models.QuarantinedOrder
        with self._fenced(lease) as session:
            return changed(session, delete(row).where(row.account == account, row.key == key)) == 1

    def put_unseen(self, account: str, order: UnseenOrder) -> bool:
        """Record the order; return False if it is recorded already with the same status."""
        row, values = models.UnseenOrder, {"account": account, **asdict(order)}
        with self._database.session() as session:
            other = (row.account == account) & (row.key == order.key) & (row.status != order.status)
            return (
                insert_if_absent(session, row, values) or changed(session, update(row).where(other).values(values)) == 1
            )

    def list_unseen(self, account: str) -> Sequence[UnseenOrder]:
        """Return the account's recorded orders, oldest first."""
        row = models.UnseenOrder
        statement = select(row).where(row.account == account).order_by(row.seen_at, row.key)
        with self._database.session() as session:
            return [_unseen(found) for found in rows(session, statement)]

    def _quarantine(self, *wanted: ColumnElement[bool], limit: int | None = None) -> list[QuarantinedOrder]:
        row = models.QuarantinedOrder
        statement = select(row).where(*wanted).order_by(row.first_seen, row.key).limit(limit)
        with self._database.session() as session:
            return [_quarantined(found) for found in rows(session, statement)]


def _quarantined(row: models.QuarantinedOrder) -> QuarantinedOrder:
    return QuarantinedOrder(
        key=row.key,
        identities=row.identities,
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
        identities=row.identities,
        status=OrderStatus(row.status),
        created_at=row.created_at,
        seen_at=row.seen_at,
    )
