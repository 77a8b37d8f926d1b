"""Stored decisions, shipments and refunds: rows with a state, replaced by compare-and-set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import asdict, fields
from sqlalchemy import Column, ColumnElement, Select, Table, TextClause, func, select, union_all, update

from cdiscount_marketplace.adapters.sql import history
from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.pages import following
from cdiscount_marketplace.adapters.sql.schema import OPEN_TASKS, decisions, refunds, shipments
from cdiscount_marketplace.models import Decision, Shipment, Verdict
from cdiscount_marketplace.oms.ports import (
    DecisionTask,
    Entry,
    RefundTask,
    ShipmentTask,
    Task,
    TaskState,
)
from cdiscount_marketplace.refunds import RefundKind, RefundReason, RefundRequest

_ORDER = ("created_at", "key", "parcel", "reference")
_SUBJECTS = {shipments: "shipment", decisions: "decision", refunds: "refund"}
# The states that `OPEN_TASKS` leaves out.
_FINISHED = frozenset({TaskState.CONFIRMED, TaskState.CANCELLED})
_TASK_NAMES = tuple(item.name for item in fields(Task))


def list_shipments(session: Session, account: str, states: Sequence[TaskState]) -> Sequence[ShipmentTask]:
    """Return the account's shipments in any of `states`, oldest first."""
    return [_shipment(row) for row in _listed(session, shipments, account, states)]


def page_shipments(
    session: Session, account: str, states: Sequence[TaskState], limit: int, after: ShipmentTask | None
) -> Sequence[ShipmentTask]:
    """Return the first rows of `list_shipments`, or those that follow `after`."""
    last = None if after is None else _place(after.task, parcel=after.shipment.parcel)
    return [_shipment(row) for row in _listed(session, shipments, account, states, limit=limit, after=last)]


def count_shipments(session: Session, account: str, states: Sequence[TaskState]) -> int:
    """Count the account's shipments in any of `states`."""
    return _counted(session, shipments, account, states)


def find_shipments(session: Session, account: str, key: str) -> Sequence[ShipmentTask]:
    """Return the shipments recorded for an order, one per parcel, oldest first."""
    c = shipments.c
    mine = (c.account == account) & (c.key == key)
    return [_shipment(row) for row in session.rows(select(shipments).where(mine).order_by(c.created_at, c.parcel))]


def swap_shipment(session: Session, account: str, before: ShipmentTask | None, after: ShipmentTask) -> bool:
    """Replace `before` by `after` if it is still there."""
    own = asdict(after.shipment)
    same = {} if before is None else {"parcel": before.shipment.parcel}
    return _swap(session, shipments, account, before.task if before else None, after.task, own, same)


def list_decisions(session: Session, account: str, states: Sequence[TaskState]) -> Sequence[DecisionTask]:
    """Return the account's decisions in any of `states`, oldest first."""
    return [_decision(row) for row in _listed(session, decisions, account, states)]


def page_decisions(
    session: Session, account: str, states: Sequence[TaskState], limit: int, after: DecisionTask | None
) -> Sequence[DecisionTask]:
    """Return the first rows of `list_decisions`, or those that follow `after`."""
    last = None if after is None else _place(after.task)
    return [_decision(row) for row in _listed(session, decisions, account, states, limit=limit, after=last)]


def count_decisions(session: Session, account: str, states: Sequence[TaskState]) -> int:
    """Count the account's decisions in any of `states`."""
    return _counted(session, decisions, account, states)


def find_decision(session: Session, account: str, key: str) -> DecisionTask | None:
    """Return the decision recorded for an order."""
    row = _found(session, decisions, account, key)
    return None if row is None else _decision(row)


def swap_decision(session: Session, account: str, before: DecisionTask | None, after: DecisionTask) -> bool:
    """Replace `before` by `after` if it is still there."""
    own = {**asdict(after.decision), "verdict": str(after.decision.verdict)}
    return _swap(session, decisions, account, before.task if before else None, after.task, own)


def list_refunds(session: Session, account: str, states: Sequence[TaskState]) -> Sequence[RefundTask]:
    """Return the account's refunds in any of `states`, oldest first."""
    return [_refund(row) for row in _listed(session, refunds, account, states)]


def page_refunds(
    session: Session, account: str, states: Sequence[TaskState], limit: int, after: RefundTask | None
) -> Sequence[RefundTask]:
    """Return the first rows of `list_refunds`, or those that follow `after`."""
    last = None if after is None else _place(after.task, reference=after.refund.reference)
    return [_refund(row) for row in _listed(session, refunds, account, states, limit=limit, after=last)]


def count_refunds(session: Session, account: str, states: Sequence[TaskState]) -> int:
    """Count the account's refunds in any of `states`."""
    return _counted(session, refunds, account, states)


def find_refunds(session: Session, account: str, key: str) -> Sequence[RefundTask]:
    """Return the refunds recorded for an order, one per reference, oldest first."""
    c = refunds.c
    mine = (c.account == account) & (c.key == key)
    return [_refund(row) for row in session.rows(select(refunds).where(mine).order_by(c.created_at, c.reference))]


def swap_refund(session: Session, account: str, before: RefundTask | None, after: RefundTask) -> bool:
    """Replace `before` by `after` if it is still there."""
    refund = after.refund
    own = {**asdict(refund), "kind": str(refund.kind), "reason": str(refund.reason), "channel": after.channel}
    same = {} if before is None else {"reference": before.refund.reference}
    return _swap(session, refunds, account, before.task if before else None, after.task, own, same)


def _listed(
    session: Session,
    table: Table,
    account: str,
    states: Sequence[TaskState],
    *,
    limit: int | None = None,
    after: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    order = [table.c[name] for name in _ORDER if name in table.c]
    where = _wanted(table, account, states)
    if after is not None:
        where.append(following(order, after))
    if limit is None or _are_open(states):
        return session.rows(select(table).where(*where).order_by(*order).limit(limit))
    return session.rows(_first_of_each(table, where, order, limit, states or TaskState.values()))


def _first_of_each(
    table: Table,
    where: Sequence[ColumnElement[bool] | TextClause],
    order: Sequence[Column[Any]],
    limit: int,
    states: Sequence[TaskState],
) -> Select[Any]:
    """Select the first rows out of the first ones of each state: an index has them in order for one state only."""
    each = [
        select(select(table).where(*where, table.c.state == str(state)).order_by(*order).limit(limit).subquery())
        for state in states
    ]
    found = union_all(*each).subquery()
    return select(found).order_by(*(found.c[column.name] for column in order)).limit(limit)


def _counted(session: Session, table: Table, account: str, states: Sequence[TaskState]) -> int:
    statement = select(func.count()).select_from(table).where(*_wanted(table, account, states))
    return session.connection.scalar(statement) or 0


def _wanted(table: Table, account: str, states: Sequence[TaskState]) -> list[ColumnElement[bool] | TextClause]:
    wanted: list[ColumnElement[bool] | TextClause] = [table.c.account == account]
    if states:
        wanted.append(table.c.state.in_([str(state) for state in states]))
    if _are_open(states):
        wanted.append(OPEN_TASKS)
    return wanted


def _are_open(states: Sequence[TaskState]) -> bool:
    return bool(states) and _FINISHED.isdisjoint(states)


def _place(task: Task, **more: str) -> dict[str, Any]:
    return {"created_at": task.created_at, "key": task.key, **more}


def _found(session: Session, table: Table, account: str, key: str) -> dict[str, Any] | None:
    return session.row(select(table).where((table.c.account == account) & (table.c.key == key)))


def _swap(
    session: Session,
    table: Table,
    account: str,
    before: Task | None,
    after: Task,
    own: Mapping[str, Any],
    key: Mapping[str, str] | None = None,
) -> bool:
    row = {**asdict(after), **own, "state": str(after.state)}
    if before is None:
        done = session.change(session.add_if_absent(table), {"account": account, **row}) == 1
    else:
        same = {"account": account, "key": before.key, "version": before.version, **(key or {})}
        where = [table.c[name] == value for name, value in same.items()]
        done = session.change(update(table).where(*where).values(row)) == 1
    if done:
        history.append(session, _entry(table, account, before, after))
    return done


def _entry(table: Table, account: str, before: Task | None, after: Task) -> Entry:
    texts = [part for part in (after.code, after.message) if part]
    return Entry(
        account=account,
        number=after.key,
        at=after.updated_at,
        subject=_SUBJECTS[table],
        event="queued" if before is None else "moved",
        before=before.state if before else None,
        after=after.state,
        detail=": ".join(texts) or None,
    )


def _task(row: Mapping[str, Any]) -> Task:
    values: dict[str, Any] = {name: row[name] for name in _TASK_NAMES}
    values["state"] = TaskState(row["state"])
    return Task(**values)


def _shipment(row: Mapping[str, Any]) -> ShipmentTask:
    shipment = Shipment(
        key=row["key"],
        carrier=row["carrier"],
        tracking_number=row["tracking_number"],
        tracking_url=row["tracking_url"],
        lines=None if row["lines"] is None else tuple(map(str, row["lines"])),
        parcel=row["parcel"],
        complete=row["complete"],
    )
    return ShipmentTask(shipment=shipment, task=_task(row))


def _decision(row: Mapping[str, Any]) -> DecisionTask:
    decision = Decision(
        key=row["key"], verdict=Verdict(row["verdict"]), refused_lines=tuple(map(str, row["refused_lines"]))
    )
    return DecisionTask(decision=decision, task=_task(row))


def _refund(row: Mapping[str, Any]) -> RefundTask:
    refund = RefundRequest(
        key=row["key"],
        kind=RefundKind(row["kind"]),
        reason=RefundReason(row["reason"]),
        lines=None if row["lines"] is None else tuple(map(str, row["lines"])),
        amount=row["amount"],
        refund_shipping=row["refund_shipping"],
        details=row["details"],
        reference=row["reference"],
    )
    return RefundTask(refund=refund, task=_task(row), channel=row["channel"])
