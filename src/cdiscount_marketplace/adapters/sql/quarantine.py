"""Orders that could not be stored, whole, until the cause is gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import asdict
from sqlalchemy import delete, func, insert, select, update

from cdiscount_marketplace.adapters.sql import history
from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.pages import following
from cdiscount_marketplace.adapters.sql.schema import quarantine
from cdiscount_marketplace.oms.ports import (
    Entry,
    QuarantinedOrder,
)

_c = quarantine.c
_FIELDS = tuple(column for column in _c if column.name != "account")


def listed(session: Session, account: str) -> Sequence[QuarantinedOrder]:
    """Return the account's entries, oldest first."""
    rows = session.rows(select(*_FIELDS).where(_c.account == account).order_by(_c.first_seen, _c.key))
    return [_entry(**row) for row in rows]


def page(session: Session, account: str, limit: int, after: QuarantinedOrder | None) -> Sequence[QuarantinedOrder]:
    """Return the first entries of `listed`, or those that follow `after`."""
    order = [_c.first_seen, _c.key]
    statement = select(*_FIELDS).where(_c.account == account).order_by(*order).limit(limit)
    if after is not None:
        statement = statement.where(following(order, {"first_seen": after.first_seen, "key": after.key}))
    return [_entry(**row) for row in session.rows(statement)]


def count(session: Session, account: str) -> int:
    """Count the account's entries."""
    return session.connection.scalar(select(func.count()).where(_c.account == account)) or 0


def _entry(*, identities: list[str], **rest: Any) -> QuarantinedOrder:
    return QuarantinedOrder(identities=tuple(identities), **rest)


def put(session: Session, account: str, order: QuarantinedOrder) -> None:
    """Insert or replace an entry; its arrival, and a change of its cause, are recorded in the history."""
    row = {**asdict(order), "identities": order.identities}
    same = (_c.account == account) & (_c.key == order.key)
    before = session.connection.scalar(select(_c.code).where(same))
    if before is not None:
        session.change(update(quarantine).where(same).values(row))
    else:
        session.change(insert(quarantine), {"account": account, **row})
    if before != order.code:
        entry = Entry(
            account=account,
            number=order.key,
            at=order.last_seen,
            subject="quarantine",
            event="quarantined",
            before=before,
            after=order.code,
        )
        history.append(session, entry)


def drop(session: Session, account: str, key: str, *, event: str, now: datetime, detail: str | None = None) -> bool:
    """Remove an entry and record it as `event`; return whether there was one."""
    same = (_c.account == account) & (_c.key == key)
    before = session.connection.scalar(select(_c.code).where(same))
    if before is None:
        return False
    session.change(delete(quarantine).where(same))
    entry = Entry(account=account, number=key, at=now, subject="quarantine", event=event, before=before, detail=detail)
    history.append(session, entry)
    return True
