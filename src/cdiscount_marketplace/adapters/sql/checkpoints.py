"""The "Last Order Pulled" date of each account, moved by compare-and-set."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.schema import checkpoints
from cdiscount_marketplace.oms.ports import Checkpoint

_c = checkpoints.c


def load(session: Session, account: str) -> Checkpoint | None:
    """Return the account's checkpoint."""
    row = session.row(select(_c.floor, _c.cursor, _c.version, _c.swept_at).where(_c.account == account))
    return None if row is None else Checkpoint(**row)


def swap(session: Session, account: str, before: Checkpoint | None, after: Checkpoint, now: datetime) -> bool:
    """Replace `before` by `after` if it is still there; `now` is kept as the moment of the move."""
    row = {
        "floor": after.floor,
        "cursor": after.cursor,
        "version": after.version,
        "swept_at": after.swept_at,
        "moved_at": now,
    }
    if before is None:
        statement = session.add_if_absent(checkpoints)
        return session.change(statement, {"account": account, **row}) == 1
    same = (_c.account == account) & (_c.version == before.version)
    return session.change(update(checkpoints).where(same).values(row)) == 1
