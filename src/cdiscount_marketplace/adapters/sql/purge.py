"""Forgetting customers: what identifies a person leaves the store, what the books need stays."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen
from sqlalchemy import func, or_, update

from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.schema import history, orders, quarantine
from cdiscount_marketplace.models import OrderStatus

FINISHED = (
    OrderStatus.SHIPPED,
    OrderStatus.DELIVERED,
    OrderStatus.REFUSED,
    OrderStatus.SHIPMENT_REFUSED,
    OrderStatus.CANCELLED,
)
_PERSONAL = (orders.c.customer, orders.c.billing_address, orders.c.shipping_address)


@frozen(kw_only=True)
class PurgeReport:
    """How many rows were emptied of customers' data."""

    orders: int
    quarantine: int
    history: int


def purge(session: Session, older_than: datetime, now: datetime) -> PurgeReport:
    """Empty what is finished and last changed before `older_than`."""
    session.forget()
    return PurgeReport(
        history=_purge_history(session, older_than),
        orders=_purge_orders(session, older_than, now),
        quarantine=_purge_quarantine(session, older_than),
    )


def _purge_orders(session: Session, older_than: datetime, now: datetime) -> int:
    last_change = func.coalesce(orders.c.modified_at, orders.c.created_at, orders.c.saved_at)
    past = orders.c.status.in_([str(status) for status in FINISHED]) & (last_change < older_than)
    known = or_(*(column.is_not(None) for column in _PERSONAL))
    emptied = {column.name: None for column in _PERSONAL}
    return session.change(update(orders).where(past, known).values(**emptied, purged_at=now))


def _purge_history(session: Session, older_than: datetime) -> int:
    """Drop what the marketplace said about decisions and shipments; what happened, and when, stays."""
    told = (history.c.subject != "order") & history.c.detail.is_not(None) & (history.c.at < older_than)
    return session.change(update(history).where(told).values(detail=None))


def _purge_quarantine(session: Session, older_than: datetime) -> int:
    kept = (quarantine.c.last_seen < older_than) & (quarantine.c.payload != "")
    emptied = {"payload": "", "reason": "its data was purged; read the order at the marketplace"}
    return session.change(update(quarantine).where(kept).values(emptied))
