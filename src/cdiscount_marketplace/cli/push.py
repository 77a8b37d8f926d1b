"""The commands that report shipments: `ship` and `push`. Every shipment goes through the outbox."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

from cyclopts import Parameter

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.cli.exits import Exit, ending_code
from cdiscount_marketplace.cli.listing import Paging, listed
from cdiscount_marketplace.cli.marketplace import open_channel
from cdiscount_marketplace.cli.options import DryRun, Marketplace, OrderNumber, Place
from cdiscount_marketplace.cli.outbox import shipment_listing, task_table
from cdiscount_marketplace.cli.output import Output, Part, facts, tell
from cdiscount_marketplace.cli.progress import progress
from cdiscount_marketplace.cli.store import open_store, undone
from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.models import Shipment
from cdiscount_marketplace.oms import (
    AcceptanceReport,
    RefundPushReport,
    ShipmentPusher,
    ShipmentReport,
    stop_on_signals,
)
from cdiscount_marketplace.oms.ports import TaskState
from cdiscount_marketplace.oms.reports import TaskProblem


def push(
    *, dry_run: DryRun = False, at: Marketplace = Marketplace(), place: Place = Place(), out: Output = Output()
) -> Exit:
    """Send queued shipments and resolve unanswered ones."""
    if dry_run:
        with open_store(place) as oms:
            listing = shipment_listing(oms, place.account, _UNSETTLED)
            out.show(listing.values(Paging()), lambda: listing.parts(Paging(), more="--json prints every one"))
        return Exit.DONE
    with open_store(place) as oms, _pusher(oms, at, place) as pusher:
        report = pusher.run()
    out.show(report, lambda: push_parts(report))
    return ending_code(report.ended_by, needs_person=bool(report.problems))


def ship(
    number: OrderNumber,
    *,
    carrier: Annotated[str, Parameter(help="As `carriers` lists it, or Other; any name with a tracking URL.")] = "",
    tracking_number: Annotated[str, Parameter(help="As the carrier gave it.")] = "",
    tracking_url: Annotated[str | None, Parameter(help="Where the customer can follow the parcel.")] = None,
    lines: Annotated[
        tuple[str, ...],
        Parameter(
            name=("--lines", "--line"),
            negative="",
            consume_multiple=True,
            help="Line ids in this parcel; default: all that no other parcel has.",
        ),
    ] = (),
    parcel: Annotated[str | None, Parameter(help="Name of the parcel; default: its tracking number.")] = None,
    complete: Annotated[bool, Parameter(negative="", help="Send the order although lines are missing.")] = False,
    dry_run: DryRun = False,
    at: Marketplace = Marketplace(),
    place: Place = Place(),
    out: Output = Output(),
) -> Exit:
    """Queue one shipment in the outbox, and push the outbox."""
    shipment = Shipment(
        key=number,
        carrier=carrier,
        tracking_number=tracking_number,
        tracking_url=tracking_url,
        lines=lines or None,
        parcel=parcel or tracking_number,
        complete=complete,
    )
    with open_store(place) as oms, _pusher(oms, at, place) as pusher:
        if dry_run:
            with undone(oms):
                task = pusher.enqueue(shipment)
            out.show({"shipment": task}, task_table([task]))
            return Exit.DONE
        queued = pusher.enqueue(shipment)
        with _queued_already(number):
            report = pusher.run()
        rows = oms.find_shipments(place.account, queued.shipment.key)
        task = next((row for row in rows if row.shipment.parcel == queued.shipment.parcel), queued)
    out.show({"shipment": task, "push": report}, task_table([task]))
    if task.task.state in _UNSETTLED:
        tell(_LATER.format(number=number))
    return Exit.DONE if task.task.state == TaskState.CONFIRMED else Exit.NEEDS_PERSON


_UNSETTLED = (TaskState.PENDING, TaskState.SENDING, TaskState.UNKNOWN)
_LATER = "{number} is in the outbox: a later push sends or resolves it."


@contextmanager
def _pusher(oms: SqlOms, at: Marketplace, place: Place) -> Generator[ShipmentPusher]:
    with progress("pushing") as hook, open_channel(at, [hook]) as channel:
        pusher = ShipmentPusher(channel, oms, account=place.account, hooks=[hook])
        with stop_on_signals([pusher]):
            yield pusher


@contextmanager
def _queued_already(number: str) -> Generator[None]:
    try:
        yield
    except CdiscountError:
        tell(_LATER.format(number=number))
        raise


def push_parts(report: ShipmentReport) -> Iterator[Part]:
    """Lay out what a push did."""
    yield facts(f"Pushed {report.account}", sending_facts(report))
    if report.notes:
        columns = ("Order", "State", "Code", "Answer")
        listing = listed(report.notes, title="Confirmed, but look at", columns=columns, row=_problem)
        yield from listing.parts(Paging(), more="`outbox list --all` shows every shipment")
    if report.problems:
        yield from problem_parts(report.problems)


def sending_facts(report: ShipmentReport | AcceptanceReport | RefundPushReport) -> list[tuple[str, object]]:
    """List the outcomes of the rows that a job sent."""
    return [
        ("sent", report.sent),
        ("confirmed", report.confirmed),
        ("rejected", report.rejected or None),
        ("stuck", report.stuck or None),
        ("still to send", report.pending or None),
        ("unknown, settled by a later run", report.unknown or None),
        ("ended by", report.ended_by),
        ("quota resets", report.retry_at),
    ]


def problem_parts(
    problems: Sequence[TaskProblem], *, more: str = "`outbox list --all` shows every shipment"
) -> Iterator[Part]:
    """Lay out what needs a person."""
    columns = ("Order", "State", "Code", "Answer")
    listing = listed(problems, title="A person has to look at", columns=columns, row=_problem)
    return listing.parts(Paging(), more=more)


def _problem(each: TaskProblem) -> Sequence[object]:
    return each.order_number, each.state, each.code, each.message
