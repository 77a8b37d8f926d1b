"""What happened to each order, when, and from which state to which: rows are added, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from attrs import fields
from sqlalchemy import select

from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.schema import history
from cdiscount_marketplace.oms.ports import Entry

_NAMES = tuple(item.name for item in fields(Entry))
_values = attrgetter(*_NAMES)


def append(session: Session, entry: Entry) -> None:
    """Add an entry; it is written with others, before the transaction ends."""
    session.entries.append(dict(zip(_NAMES, _values(entry), strict=True)))


def of_order(session: Session, account: str, identities: Sequence[str]) -> Sequence[Entry]:
    """Return what happened to an order under any of its identities, oldest first."""
    session.write_history()
    mine = (history.c.account == account) & history.c.number.in_(identities)
    columns = [column for column in history.c if column.name != "id"]
    return [Entry(**row) for row in session.rows(select(*columns).where(mine).order_by(history.c.id))]
