"""What a person wants to see of the database: statements, and values of their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from attrs import fields
from sqlalchemy import CTE, Column, ColumnElement, Select, Table, TextClause, func, or_, select, union

from cdiscount_marketplace.adapters.sql import checkpoints as checkpoint_rows
from cdiscount_marketplace.adapters.sql import leases as lease_rows
from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.history import of_order
from cdiscount_marketplace.adapters.sql.rows import sales_order
from cdiscount_marketplace.adapters.sql.schema import (
    OPEN_TASKS,
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
from cdiscount_marketplace.oms.ports import AccountSummary, Company, Count, OrderRecord, OrderSummary, Overview
from cdiscount_marketplace.oms.ports.tasks import NEEDS_PERSON

_TABLES = (checkpoints, orders, quarantine, shipments, decisions, refunds, offers, companies)
_Counted: TypeAlias = Callable[[Session, Column[Any], str], tuple[Count, ...]]


def accounts(session: Session) -> Sequence[str]:
    """Return every account that the store knows of."""
    named = (_values(table.c.account, f"{table.name}_accounts") for table in _TABLES)
    found = union(*(select(each.c.value).where(each.c.value.is_not(None)) for each in named))
    return sorted(session.connection.scalars(found))


def overview(session: Session, account: str) -> Overview:
    """Count what an account has."""
    return _overview(session, account, _counts)


def bounded_overview(session: Session, account: str, most: int) -> Overview:
    """Count what an account has, of each value up to a number."""
    return _overview(session, account, partial(_bounded_counts, most=most))


def _overview(session: Session, account: str, counted: _Counted) -> Overview:
    moved = select(checkpoints.c.moved_at).where(checkpoints.c.account == account)
    return Overview(
        account=account,
        checkpoint=checkpoint_rows.load(session, account),
        pulled_at=session.connection.scalar(moved),
        orders=counted(session, orders.c.status, account),
        quarantine=_counts(session, quarantine.c.code, account),
        unseen=_counts(session, unseen.c.status, account),
        decisions=counted(session, decisions.c.state, account),
        shipments=counted(session, shipments.c.state, account),
        refunds=counted(session, refunds.c.state, account),
        offers=counted(session, offers.c.state, account),
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
    wanted = orders.c.account == account
    if statuses:
        wanted &= orders.c.status.in_([str(status) for status in statuses])
    last = None if after is None else session.row(_with_identity(account, after))
    if after is not None and last is None:
        return []
    # Databases disagree on where orders without a creation date are sorted: a second statement puts them last.
    found = [] if last and last["created_at"] is None else _dated(session, wanted, last, limit)
    if limit is None or len(found) < limit:
        found += _undated(session, wanted, last, None if limit is None else limit - len(found))
    return [_summary(**row) for row in found]


def _dated(session: Session, wanted: ColumnElement[bool], last: Any, limit: int | None) -> list[Any]:
    statement = _summaries().where(wanted, orders.c.created_at.is_not(None))
    if last is not None:
        # The first condition says nothing new: it is where a scan of the index begins.
        older = or_(orders.c.created_at < last["created_at"], orders.c.id < last["id"])
        statement = statement.where(orders.c.created_at <= last["created_at"], older)
    return [*session.rows(statement.order_by(orders.c.created_at.desc(), orders.c.id.desc()).limit(limit))]


def _undated(session: Session, wanted: ColumnElement[bool], last: Any, limit: int | None) -> list[Any]:
    statement = _summaries().where(wanted, orders.c.created_at.is_(None))
    if last is not None and last["created_at"] is None:
        statement = statement.where(orders.c.id < last["id"])
    return [*session.rows(statement.order_by(orders.c.id.desc()).limit(limit))]


def _summaries() -> Select[Any]:
    lines = select(func.count()).where(order_lines.c.order_id == orders.c.id).scalar_subquery().label("lines")
    columns: list[ColumnElement[Any]] = [orders.c[item.name] for item in fields(OrderSummary) if item.name != "lines"]
    return select(*columns, lines)


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


def _counts(session: Session, column: Column[Any], account: str) -> tuple[Count, ...]:
    table = column.table
    statement = select(column, func.count()).where(table.c.account == account).group_by(column).order_by(column)
    return tuple(Count(value=name, count=number) for name, number in session.connection.execute(statement))


def _bounded_counts(session: Session, column: Column[Any], account: str, most: int) -> tuple[Count, ...]:
    table = column.table
    values = _values(column, "found", table.c.account == account)
    rows = select(column).where((table.c.account == account) & (column == values.c.value)).limit(most)
    number = select(func.count()).select_from(rows.correlate(values).subquery()).scalar_subquery()
    statement = select(values.c.value, number).where(values.c.value.is_not(None)).order_by(values.c.value)
    return tuple(Count(value=name, count=number) for name, number in session.connection.execute(statement))


def _values(column: Column[Any], name: str, *where: ColumnElement[bool]) -> CTE:
    """Select the different values of an indexed column, and a null, by looking for each one's successor.

    Neither database does so by itself: it reads every entry of the index.
    """
    first = select(func.min(column).label("value")).where(*where).cte(name, recursive=True)
    successor = select(func.min(column)).where(*where, column > first.c.value).scalar_subquery()
    return first.union_all(select(successor).where(first.c.value.is_not(None)))


def summarize_accounts(session: Session, names: Sequence[str]) -> Sequence[AccountSummary]:
    """Summarize accounts in as many statements for many as for one."""
    pulled = {row["account"]: row for row in session.rows(select(checkpoints).where(checkpoints.c.account.in_(names)))}
    quarantined = _numbers(session, quarantine, names)
    waiting: Counter[str] = Counter()
    for table in (shipments, decisions, refunds):
        waiting.update(_numbers(session, table, names, OPEN_TASKS, table.c.state.in_(map(str, NEEDS_PERSON))))
    jobs = lease_rows.jobs_now(session, names)
    nothing: dict[str, Any] = {"cursor": None, "moved_at": None}
    return [
        AccountSummary(
            account=name,
            cursor=pulled.get(name, nothing)["cursor"],
            pulled_at=pulled.get(name, nothing)["moved_at"],
            quarantined=quarantined.get(name, 0),
            waiting=waiting[name],
            jobs=tuple(jobs.get(name, ())),
        )
        for name in names
    ]


def _numbers(
    session: Session, table: Table, names: Sequence[str], *where: ColumnElement[bool] | TextClause
) -> Mapping[str, int]:
    account = table.c.account
    statement = select(account, func.count()).where(account.in_(names), *where).group_by(account)
    return {row[0]: row[1] for row in session.connection.execute(statement)}
