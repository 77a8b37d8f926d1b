"""Commands on shipments that leave the OMS: `outbox list | retry | cancel | complete`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.cli.listing import Listing, Paging, in_pages
from cdiscount_marketplace.cli.options import DryRun, OrderNumber, Place, counted, known, named
from cdiscount_marketplace.cli.output import Output, table
from cdiscount_marketplace.cli.store import open_store, undone
from cdiscount_marketplace.oms.operator import cancel_shipment, complete_shipment, retry_shipment
from cdiscount_marketplace.oms.ports import ShipmentTask, TaskState

app: App = App(name="outbox", help="List, retry or cancel queued shipments.")

Parcel = Annotated[str | None, Parameter(help="Which parcel, where an order has several.")]

NEEDING_A_PERSON = (TaskState.REJECTED, TaskState.STUCK)


@app.command(name="list")
def list_tasks(
    *,
    state: Annotated[list[str] | None, Parameter(negative="", help="Repeat for several; default: all.")] = None,
    paging: Paging = Paging(),
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """List shipments, oldest first."""
    states = tuple(known("--state", TaskState, state or ()))
    with open_store(place) as oms:
        listing = shipment_listing(oms, place.account, states)
        out.show(listing.values(paging), lambda: listing.parts(paging))


@app.command
def retry(
    *numbers: OrderNumber,
    parcel: Parcel = None,
    dry_run: DryRun = False,
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """Queue shipments again for the next push.

    Rejected, stuck, cancelled and unknown ones can be queued again. An unknown shipment may have been applied already:
    look at the order in your seller account first.
    """

    def again(oms: SqlOms, number: str) -> ShipmentTask:
        return retry_shipment(oms, place.account, number, parcel, now=datetime.now(UTC))

    _change(numbers, again, place=place, out=out, dry_run=dry_run)


@app.command
def cancel(
    *numbers: OrderNumber,
    parcel: Parcel = None,
    dry_run: DryRun = False,
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """Withdraw shipments that were not sent.

    Those that wait, are stuck or were rejected can be withdrawn; others may then be queued for their orders.
    """

    def withdraw(oms: SqlOms, number: str) -> ShipmentTask:
        return cancel_shipment(oms, place.account, number, parcel, now=datetime.now(UTC))

    _change(numbers, withdraw, place=place, out=out, dry_run=dry_run)


@app.command
def complete(
    *numbers: OrderNumber,
    parcel: Parcel = None,
    dry_run: DryRun = False,
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """Send orders that wait for parcels as they are.

    For marketplaces that ship whole orders only. What becomes of the other lines is the channel's rule.
    """

    def go(oms: SqlOms, number: str) -> ShipmentTask:
        return complete_shipment(oms, place.account, number, parcel, now=datetime.now(UTC))

    _change(numbers, go, place=place, out=out, dry_run=dry_run)


def shipment_listing(oms: SqlOms, account: str, states: Sequence[TaskState]) -> Listing[ShipmentTask]:
    """List an account's shipments in any of `states` (none given: all)."""
    total = oms.count_shipments(account, states)
    return Listing(
        title=f"Outbox: {counted(total, 'shipment')}",
        columns=_COLUMNS,
        row=_cells,
        total=total,
        read=partial(in_pages, partial(oms.page_shipments, account, states)),
    )


def task_table(tasks: Sequence[ShipmentTask]) -> Table:
    """Lay out shipments."""
    return table(f"Outbox: {counted(len(tasks), 'shipment')}", _COLUMNS, map(_cells, tasks))


_COLUMNS = (
    "Order",
    "Parcel",
    "Lines",
    "State",
    "Carrier",
    "Tracking number",
    "Attempts",
    "Updated",
    "Answer",
)


def _cells(each: ShipmentTask) -> Sequence[object]:
    shipment, task = each.shipment, each.task
    return (
        shipment.key,
        shipment.parcel,
        "all" if shipment.lines is None else shipment.lines,
        task.state,
        shipment.carrier,
        shipment.tracking_number,
        task.attempt,
        task.updated_at,
        task.message,
    )


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
