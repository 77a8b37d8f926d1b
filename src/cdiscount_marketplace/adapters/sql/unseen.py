"""Orders that were waiting and gone between two readings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import asdict
from sqlalchemy import select, update

from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.schema import unseen
from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms.ports import UnseenOrder

_c = unseen.c
_FIELDS = tuple(column for column in _c if column.name != "account")


def put(session: Session, account: str, order: UnseenOrder) -> bool:
    """Record the order; return whether that was news."""
    row = {**asdict(order), "status": str(order.status)}
    if session.change(session.add_if_absent(unseen), {"account": account, **row}):
        return True
    moved = (_c.account == account) & (_c.key == order.key) & (_c.status != str(order.status))
    return session.change(update(unseen).where(moved).values(row)) > 0


def listed(session: Session, account: str) -> Sequence[UnseenOrder]:
    """Return the account's entries, oldest first."""
    rows = session.rows(select(*_FIELDS).where(_c.account == account).order_by(_c.seen_at, _c.key))
    return [_unseen(**row) for row in rows]


def _unseen(*, identities: list[str], status: str, **rest: Any) -> UnseenOrder:
    return UnseenOrder(identities=tuple(identities), status=OrderStatus(status), **rest)
