"""What a person wants to see of the database: statements, and values of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import fields
from sqlalchemy import ColumnElement, Select, Table, and_, false, func, or_, select, union

from cdiscount_marketplace.adapters.sql import checkpoints as checkpoint_rows
from cdiscount_marketplace.adapters.sql import leases as lease_rows
from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.history import of_order
from cdiscount_marketplace.adapters.sql.rows import sales_order
from cdiscount_marketplace.adapters.sql.schema import (
    checkpoints,
    companies,
    decisions,
    offers,
    order_identities,
    order_lines,
    orders,
    quarantine,
    refunds,
    shipments,
    unseen,
)
from cdiscount_marketplace.models import OrderStatus, SalesOrder
from cdiscount_marketplace.oms.ports import Company, Count, OrderRecord, OrderSummary, Overview


def accounts(session: Session) -> Sequence[str]:
    """Return every account that the store knows of."""
    named = (
        select(table.c.account)
        for table in (checkpoints, orders, quarantine, shipments, decisions, refunds, offers, companies)
    )
    return list(session.connection.scalars(select(union(*named).subquery().c.account).order_by("account")))


def overview(session: Session, account: str) -> Overview:
    """Count what an account has."""
    moved = select(checkpoints.c.moved_at).where(checkpoints.c.account == account)
    return Overview(
        account=account,
        checkpoint=checkpoint_rows.load(session, account),
        pulled_at=session.connection.scalar(moved),
        orders=_counts(session, orders, "status", account),
        quarantine=_counts(session, quarantine, "code", account),
        unseen=_counts(session, unseen, "status", account),
        decisions=_counts(session, decisions, "state", account),
        shipments=_counts(session, shipments, "state", account),
        refunds=_counts(session, refunds, "state", account),
        offers=_counts(session, offers, "state", account),
        leases=tuple(held.lease for held in lease_rows.held_now(session, account)),
    )


def list_orders(
    session: Session,
    account: str,
    statuses: Sequence[OrderStatus],
    limit: int | None,
    after: str | None = None,
) -> Sequence[OrderSummary]:
    """Return the account's orders in any of `statuses` (none given: all), newest first, after that of a number."""
    lines = select(func.count()).where(order_lines.c.order_id == orders.c.id).scalar_subquery().label("lines")
    columns: list[ColumnElement[Any]] = [orders.c[item.name] for item in fields(OrderSummary) if item.name != "lines"]
    statement: Select[Any] = select(*columns, lines).where(orders.c.account == account)
    if statuses:
        statement = statement.where(orders.c.status.in_([str(status) for status in statuses]))
    if after is not None:
        statement = statement.where(_after(session, account, after))
    statement = statement.order_by(orders.c.created_at.desc(), orders.c.id.desc()).limit(limit)
    return [_summary(**row) for row in session.rows(statement)]


def _after(session: Session, account: str, number: str) -> ColumnElement[bool]:
    """Select what stands after an order in the list; an order without a moment of creation ends it."""
    last = session.row(_with_identity(account, number))
    if last is None or last["created_at"] is None:
        return false()
    same_moment = and_(orders.c.created_at == last["created_at"], orders.c.id < last["id"])
    return or_(orders.c.created_at < last["created_at"], same_moment)


def load_order(session: Session, account: str, identity: str) -> SalesOrder | None:
    """Return the stored order that has this identity."""
    row = session.row(_with_identity(account, identity))
    return None if row is None else sales_order(row, _identities(session, row["id"]), _lines(session, row["id"]))


def show_order(session: Session, account: str, identity: str) -> OrderRecord | None:
    """Return the stored order that has this identity, and its history."""
    row = session.row(_with_identity(account, identity))
    if row is None:
        return None
    identities = _identities(session, row["id"])
    return OrderRecord(
        order=sales_order(row, identities, _lines(session, row["id"])),
        company=None if row["supplier"] is None else Company(retailer=row["retailer"], supplier=row["supplier"]),
        imported_at=row["imported_at"],
        saved_at=row["saved_at"],
        purged_at=row["purged_at"],
        history=tuple(of_order(session, account, identities)),
    )


def _with_identity(account: str, identity: str) -> Select[Any]:
    same = (order_identities.c.account == account) & (order_identities.c.identity == identity)
    return select(orders).join(order_identities, order_identities.c.order_id == orders.c.id).where(same)


def _identities(session: Session, order_id: int) -> Sequence[str]:
    mine = order_identities.c.order_id == order_id
    return session.connection.scalars(
        select(order_identities.c.identity).where(mine).order_by(order_identities.c.position)
    ).all()


def _lines(session: Session, order_id: int) -> Sequence[Any]:
    mine = order_lines.c.order_id == order_id
    return session.rows(select(order_lines).where(mine).order_by(order_lines.c.position))


def _summary(*, status: str, **rest: Any) -> OrderSummary:
    return OrderSummary(status=OrderStatus(status), **rest)


def _counts(session: Session, table: Table, column: str, account: str) -> tuple[Count, ...]:
    value = table.c[column]
    statement = select(value, func.count()).where(table.c.account == account).group_by(value).order_by(value)
    return tuple(Count(value=name, count=number) for name, number in session.connection.execute(statement))
