"""Commands on shipments that leave the OMS: `outbox list | retry | cancel`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.cli.options import DryRun, Place, known, named
from cdiscount_marketplace.cli.output import Output, table
from cdiscount_marketplace.cli.store import open_store, undone
from cdiscount_marketplace.oms.operator import cancel_shipment, retry_shipment
from cdiscount_marketplace.oms.ports import ShipmentTask, TaskState

app: App = App(name="outbox", help="Shipments that were queued, and where they stand.")

NEEDING_A_PERSON = (TaskState.REJECTED, TaskState.STUCK)


@app.command(name="list")
def list_tasks(
    *,
    state: Annotated[list[str] | None, Parameter(negative="", help="Repeat for several; default: all.")] = None,
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """List shipments, oldest first."""
    states = tuple(known(TaskState, state or ()))
    with open_store(place) as oms:
        tasks = list(oms.list_shipments(place.account, states))
    out.show(tasks, task_table(tasks))


@app.command
def retry(*numbers: str, dry_run: DryRun = False, place: Place = Place(), out: Output = Output()) -> None:
    """Let rejected, stuck, cancelled or unknown shipments be sent again by the next push.

    An unknown shipment may have been applied already: look at the order in the seller's space first.
    """

    def again(oms: SqlOms, number: str) -> ShipmentTask:
        return retry_shipment(oms, place.account, number, now=datetime.now(UTC))

    _change(numbers, again, place=place, out=out, dry_run=dry_run)


@app.command
def cancel(*numbers: str, dry_run: DryRun = False, place: Place = Place(), out: Output = Output()) -> None:
    """Withdraw shipments that wait, are stuck or were rejected; others may then be queued for their orders."""

    def withdraw(oms: SqlOms, number: str) -> ShipmentTask:
        return cancel_shipment(oms, place.account, number, now=datetime.now(UTC))

    _change(numbers, withdraw, place=place, out=out, dry_run=dry_run)


def task_table(tasks: Sequence[ShipmentTask]) -> Table:
    """Lay out shipments."""
    columns = ("Order", "State", "Carrier", "Tracking number", "Attempts", "Updated", "What was said")
    rows = (
        (
            each.shipment.key,
            each.task.state,
            each.shipment.carrier,
            each.shipment.tracking_number,
            each.task.attempt,
            each.task.updated_at,
            each.task.message,
        )
        for each in tasks
    )
    return table(f"Outbox: {len(tasks)} shipments", columns, rows)


def _change(
    numbers: Sequence[str],
    change: Callable[[SqlOms, str], ShipmentTask],
    *,
    place: Place,
    out: Output,
    dry_run: bool,
) -> None:
    """Change all the rows or none."""
    named(numbers)
    with open_store(place) as oms, undone(oms) if dry_run else oms.unit():
        tasks = [change(oms, number) for number in numbers]
    out.show(tasks, task_table(tasks))
