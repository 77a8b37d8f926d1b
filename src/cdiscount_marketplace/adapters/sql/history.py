"""What happened to each order, when, and from which state to which: rows are added, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import asdict, frozen
from sqlalchemy import insert, select

from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.schema import history

_APPEND = insert(history)


@frozen(kw_only=True)
class Entry:
    """One thing that happened to `subject`: "order", "quarantine", "decision" or "shipment"."""

    account: str
    number: str
    at: datetime
    subject: str
    event: str
    before: str | None = None
    after: str | None = None
    detail: str | None = None


def append(session: Session, entry: Entry) -> None:
    """Add an entry."""
    session.connection.execute(_APPEND, asdict(entry))


def of_order(session: Session, account: str, identities: Sequence[str]) -> Sequence[Entry]:
    """Return what happened to an order under any of its identities, oldest first."""
    mine = (history.c.account == account) & history.c.number.in_(identities)
    columns = [column for column in history.c if column.name != "id"]
    return [Entry(**row) for row in session.rows(select(*columns).where(mine).order_by(history.c.id))]
