"""Forgetting customers: what identifies a person leaves the store, what the books need stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, frozen
from sqlalchemy import ColumnElement, delete, func, or_, select, update

from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.schema import (
    decisions,
    history,
    offer_packages,
    order_identities,
    orders,
    quarantine,
    refunds,
    shipments,
)
from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms.ports import PackageState, TaskState

FINISHED = (
    OrderStatus.SHIPPED,
    OrderStatus.DELIVERED,
    OrderStatus.REFUSED,
    OrderStatus.SHIPMENT_REFUSED,
    OrderStatus.CANCELLED,
)
ENDED = (TaskState.CONFIRMED, TaskState.REJECTED, TaskState.CANCELLED)
ENDED_PACKAGES = (PackageState.REPORTED, PackageState.LAPSED)
TASKS = (decisions, shipments, refunds)
Where = ColumnElement[bool]

_PERSONAL = (orders.c.customer, orders.c.billing_address, orders.c.shipping_address, orders.c.line_addresses)


@frozen(kw_only=True)
class PurgeReport:
    """How many rows were emptied of customers' data; `packages` of offers were removed whole."""

    orders: int
    quarantine: int
    history: int
    packages: int = 0


def purge(session: Session, older_than: datetime, now: datetime) -> PurgeReport:
    """Empty what is finished and last changed before `older_than`; packages of offers go whole."""
    last_change = func.coalesce(orders.c.modified_at, orders.c.created_at, orders.c.saved_at)
    finished = orders.c.status.in_([str(status) for status in FINISHED]) & (last_change < older_than)
    ended = [str(state) for state in ENDED]
    answers = [table.c.state.in_(ended) & (table.c.updated_at < older_than) for table in TASKS]
    report = _empty(session, finished, quarantine.c.last_seen < older_than, history.c.at < older_than, answers, now)
    done = offer_packages.c.state.in_([str(state) for state in ENDED_PACKAGES])
    old = delete(offer_packages).where(done & (offer_packages.c.updated_at < older_than))
    return evolve(report, packages=session.change(old))


def forget(session: Session, account: str, identity: str, now: datetime) -> PurgeReport:
    """Empty one order, in whatever state it is."""
    mine = (order_identities.c.account == account) & (order_identities.c.identity == identity)
    order_id = session.connection.scalar(select(order_identities.c.order_id).where(mine))
    names = select(order_identities.c.identity).where(order_identities.c.order_id == order_id)
    numbers, held = _with_quarantined(session, account, {identity, *session.connection.scalars(names)})
    return _empty(
        session,
        orders.c.id == order_id,
        (quarantine.c.account == account) & quarantine.c.key.in_(held),
        (history.c.account == account) & history.c.number.in_(numbers),
        [(table.c.account == account) & table.c.key.in_(numbers) for table in TASKS],
        now,
    )


def _with_quarantined(session: Session, account: str, numbers: set[str]) -> tuple[set[str], list[str]]:
    """Return these numbers with all that quarantined orders of the same numbers have, and the keys of those orders."""
    rows = session.connection.execute(
        select(quarantine.c.key, quarantine.c.identities).where(quarantine.c.account == account)
    )
    entries = {row.key: {row.key, *row.identities} for row in rows}
    held: list[str] = []
    # One entry may lead to the next.
    while matching := [key for key, names in entries.items() if key not in held and not names.isdisjoint(numbers)]:
        held += matching
        numbers = numbers.union(*(entries[key] for key in matching))
    return numbers, held


def _empty(
    session: Session, which: Where, quarantined: Where, entries: Where, answers: Sequence[Where], now: datetime
) -> PurgeReport:
    session.forget()
    session.write_history()
    known = or_(*(column.is_not(None) for column in _PERSONAL))
    emptied = {column.name: None for column in _PERSONAL}
    # Events and their times stay; the texts about decisions, shipments and refunds go.
    detailed = (history.c.subject != "order") & history.c.detail.is_not(None)
    for table, answered in zip(TASKS, answers, strict=True):
        texts = [table.c[name] for name in ("message", "details") if name in table.c]
        written = or_(*(text.is_not(None) for text in texts))
        session.change(update(table).where(answered, written).values(dict.fromkeys(texts)))
    left = {"payload": "", "reason": "its data was purged; read the order at the marketplace"}
    return PurgeReport(
        orders=session.change(update(orders).where(which, known).values(**emptied, purged_at=now)),
        quarantine=session.change(update(quarantine).where(quarantined, quarantine.c.payload != "").values(left)),
        history=session.change(update(history).where(entries, detailed).values(detail=None)),
    )
