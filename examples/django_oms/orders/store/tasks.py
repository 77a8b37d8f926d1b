"""What leaves this shop: decisions and shipments, each replaced only by a caller that has read its last version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import asdict, fields
from django.db.models import Manager

from cdiscount_marketplace.models import Decision, Shipment, Verdict
from cdiscount_marketplace.oms import DecisionTask, Lease, ShipmentTask, Task, TaskState
from orders import models
from orders.store.leases import fenced
from orders.store.transactions import store_errors

_TASK_FIELDS = tuple(field.name for field in fields(Task))


class TaskStore:
    """The ports `ShipmentOutbox` and `DecisionStore`."""

    def list_shipments(self, account: str, states: Sequence[TaskState] = ()) -> Sequence[ShipmentTask]:
        """Return the account's shipments in any of `states` (none given: all), oldest first."""
        with store_errors():
            return [shipment_task(row) for row in models.Shipment.objects.filter(**wanted(account, states))]

    def find_shipments(self, account: str, key: str) -> Sequence[ShipmentTask]:
        """Return the shipments recorded for an order, one per parcel, oldest first."""
        with store_errors():
            return [shipment_task(row) for row in models.Shipment.objects.filter(account=account, key=key)]

    def swap_shipment(
        self, account: str, before: ShipmentTask | None, after: ShipmentTask, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        old = before or after
        row = {"account": account, "key": old.task.key, "parcel": old.shipment.parcel}
        with fenced(lease):
            return _swap(models.Shipment.objects, row, before, asdict(after.task) | asdict(after.shipment))

    def list_decisions(self, account: str, states: Sequence[TaskState] = ()) -> Sequence[DecisionTask]:
        """Return the account's decisions in any of `states` (none given: all), oldest first."""
        with store_errors():
            return [decision_task(row) for row in models.Decision.objects.filter(**wanted(account, states))]

    def find_decision(self, account: str, key: str) -> DecisionTask | None:
        """Return the decision recorded for an order."""
        with store_errors():
            row = models.Decision.objects.filter(account=account, key=key).first()
        return None if row is None else decision_task(row)

    def swap_decision(
        self, account: str, before: DecisionTask | None, after: DecisionTask, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        row = {"account": account, "key": (before or after).task.key}
        with fenced(lease):
            return _swap(models.Decision.objects, row, before, asdict(after.task) | asdict(after.decision))


def _swap(
    rows: Manager[Any],
    row: Mapping[str, str],
    before: ShipmentTask | DecisionTask | None,
    values: Mapping[str, Any],
) -> bool:
    """Insert the row if it is not there, or replace it if nobody has changed it: one statement decides."""
    if before is None:
        _, created = rows.get_or_create(**row, defaults=values)
        return created
    return rows.filter(**row, version=before.task.version).update(**values) == 1


def wanted(account: str, states: Sequence[TaskState]) -> dict[str, Any]:
    """Return the filter for an account and states."""
    return {"account": account, "state__in": states} if states else {"account": account}


def _task(row: models.Task) -> Task:
    values = {name: getattr(row, name) for name in _TASK_FIELDS}
    return Task(**values | {"state": TaskState(row.state)})


def shipment_task(row: models.Shipment) -> ShipmentTask:
    """Return the row as the library knows it."""
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


def decision_task(row: models.Decision) -> DecisionTask:
    """Return the row as the library knows it."""
    decision = Decision(key=row.key, verdict=Verdict(row.verdict), refused_lines=row.refused_lines)
    return DecisionTask(decision=decision, task=_task(row))
