"""What leaves this shop: decisions and shipments, each replaced only by a caller that has read its last version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import asdict, fields
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from cdiscount_marketplace.models import Decision, Shipment, Verdict
from cdiscount_marketplace.oms import DecisionTask, Lease, ShipmentTask, Task, TaskState
from shop import models
from shop.database import insert_if_absent
from shop.store.leases import FencedStore
from shop.store.statements import changed, rows

_TASK_FIELDS = tuple(field.name for field in fields(Task))


class TaskStore(FencedStore):
    """The ports `ShipmentOutbox` and `DecisionStore`."""

    def list_shipments(self, account: str, states: Sequence[TaskState] = ()) -> Sequence[ShipmentTask]:
        """Return the account's shipments in any of `states` (none given: all), oldest first."""
        return self._shipments(models.Shipment.account == account, *in_states(models.Shipment, states))

    def find_shipments(self, account: str, key: str) -> Sequence[ShipmentTask]:
        """Return the shipments recorded for an order, one per parcel, oldest first."""
        return self._shipments(models.Shipment.account == account, models.Shipment.key == key)

    def swap_shipment(
        self, account: str, before: ShipmentTask | None, after: ShipmentTask, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        old = before or after
        row = {"account": account, "key": old.task.key, "parcel": old.shipment.parcel}
        with self._fenced(lease) as session:
            return _swap(session, models.Shipment, row, before, asdict(after.task) | asdict(after.shipment))

    def list_decisions(self, account: str, states: Sequence[TaskState] = ()) -> Sequence[DecisionTask]:
        """Return the account's decisions in any of `states` (none given: all), oldest first."""
        return self._decisions(models.Decision.account == account, *in_states(models.Decision, states))

    def find_decision(self, account: str, key: str) -> DecisionTask | None:
        """Return the decision recorded for an order."""
        found = self._decisions(models.Decision.account == account, models.Decision.key == key)
        return found[0] if found else None

    def swap_decision(
        self, account: str, before: DecisionTask | None, after: DecisionTask, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        row = {"account": account, "key": (before or after).task.key}
        with self._fenced(lease) as session:
            return _swap(session, models.Decision, row, before, asdict(after.task) | asdict(after.decision))

    def _shipments(self, *wanted: ColumnElement[bool], limit: int | None = None) -> list[ShipmentTask]:
        row = models.Shipment
        statement = select(row).where(*wanted).order_by(row.created_at, row.key, row.parcel).limit(limit)
        with self._database.session() as session:
            return [_shipment(found) for found in rows(session, statement)]

    def _decisions(self, *wanted: ColumnElement[bool], limit: int | None = None) -> list[DecisionTask]:
        row = models.Decision
        statement = select(row).where(*wanted).order_by(row.created_at, row.key).limit(limit)
        with self._database.session() as session:
            return [_decision(found) for found in rows(session, statement)]


def _swap(
    session: Session,
    table: type[models.Shipment | models.Decision],
    row: Mapping[str, str],
    before: ShipmentTask | DecisionTask | None,
    values: Mapping[str, Any],
) -> bool:
    """Insert the row if it is not there, or replace it if nobody has changed it: one statement decides."""
    if before is None:
        return insert_if_absent(session, table, {**row, **values})
    unchanged = update(table).filter_by(**row, version=before.task.version)
    return changed(session, unchanged.values(**values)) == 1


def in_states(table: Any, states: Sequence[TaskState]) -> tuple[ColumnElement[bool], ...]:
    """Select the rows in any of `states`; all where none is given."""
    return (table.state.in_(states),) if states else ()


def _task(row: models.Shipment | models.Decision) -> Task:
    values = {name: getattr(row, name) for name in _TASK_FIELDS}
    return Task(**values | {"state": TaskState(row.state)})


def _shipment(row: models.Shipment) -> ShipmentTask:
    shipment = Shipment(
        key=row.key,
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        tracking_url=row.tracking_url,
        lines=row.lines,
        parcel=row.parcel,
        complete=row.complete,
    )
    return ShipmentTask(shipment=shipment, task=_task(row))


def _decision(row: models.Decision) -> DecisionTask:
    decision = Decision(key=row.key, verdict=Verdict(row.verdict), refused_lines=row.refused_lines)
    return DecisionTask(decision=decision, task=_task(row))
