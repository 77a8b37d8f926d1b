"""Commands on money that goes back: `refunds give | push | list | retry | cancel | confirm`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated

from cyclopts import App, Parameter

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.cli.exits import Exit, ending_code
from cdiscount_marketplace.cli.listing import Listing, Paging, in_pages, listed
from cdiscount_marketplace.cli.marketplace import open_channel
from cdiscount_marketplace.cli.options import DryRun, Marketplace, OrderNumber, Place, counted, known, named
from cdiscount_marketplace.cli.output import Output, Part, facts, table, tell
from cdiscount_marketplace.cli.progress import progress
from cdiscount_marketplace.cli.push import problem_parts, sending_facts
from cdiscount_marketplace.cli.store import open_store, undone
from cdiscount_marketplace.oms import RefundPusher, RefundPushReport, stop_on_signals
from cdiscount_marketplace.oms.operator import cancel_refund, confirm_refund, retry_refund
from cdiscount_marketplace.oms.ports import RefundTask, TaskState
from cdiscount_marketplace.refunds import RefundKind, RefundReason, RefundRequest

app: App = App(name="refunds", help="Give money back, and see what became of it.")

Reference = Annotated[str | None, Parameter(help="Which refund, where an order has several.")]

_UNSETTLED = (TaskState.PENDING, TaskState.SENDING, TaskState.UNKNOWN)
_LATER = "{number}: the refund is queued; a later `refunds push` sends or resolves it."


@app.command
def give(
    number: OrderNumber,
    *,
    reason: Annotated[str, Parameter(help="Such as out_of_stock, customer_returned, or the marketplace's own code.")],
    kind: Annotated[str, Parameter(help="refund (of what was shipped), cancellation, or gesture.")] = "refund",
    amount: Annotated[Decimal | None, Parameter(help="Of a gesture.")] = None,
    lines: Annotated[
        tuple[str, ...],
        Parameter(
            name=("--lines", "--line"), negative="", consume_multiple=True, help="Line ids; default: the whole order."
        ),
    ] = (),
    shipping: Annotated[bool, Parameter(help="Give back what was paid for shipping, too.")] = True,
    details: Annotated[str | None, Parameter(help="More words for the customer.")] = None,
    reference: Annotated[str | None, Parameter(help="Your name for it; default: made of its content.")] = None,
    dry_run: DryRun = False,
    at: Marketplace = Marketplace(),
    place: Place = Place(),
    out: Output = Output(),
) -> Exit:
    """Queue one refund, cancellation or gesture, and push."""
    [chosen] = known("--kind", RefundKind, [kind])
    named_so = {} if reference is None else {"reference": reference}
    request = RefundRequest(
        key=number,
        kind=chosen,
        reason=RefundReason(reason),
        lines=lines or None,
        amount=amount,
        refund_shipping=shipping,
        details=details,
        **named_so,
    )
    with open_store(place) as oms, _pusher(oms, at, place) as pusher:
        if dry_run:
            with undone(oms):
                task = pusher.enqueue(request)
            out.show({"refund": task}, refund_table([task]))
            return Exit.DONE
        queued = pusher.enqueue(request)
        report = pusher.run()
        rows = oms.find_refunds(place.account, queued.task.key)
        task = next((row for row in rows if row.refund.reference == queued.refund.reference), queued)
    out.show({"refund": task, "push": report}, refund_table([task]))
    if task.task.state in _UNSETTLED:
        tell(_LATER.format(number=number))
    return Exit.DONE if task.task.state == TaskState.CONFIRMED else Exit.NEEDS_PERSON


@app.command
def push(
    *, dry_run: DryRun = False, at: Marketplace = Marketplace(), place: Place = Place(), out: Output = Output()
) -> Exit:
    """Send queued refunds and resolve unanswered ones."""
    if dry_run:
        with open_store(place) as oms:
            listing = refund_listing(oms, place.account, _UNSETTLED)
            out.show(listing.values(Paging()), lambda: listing.parts(Paging(), more="--json prints every one"))
        return Exit.DONE
    with open_store(place) as oms, _pusher(oms, at, place) as pusher:
        report = pusher.run()
    out.show(report, lambda: _push_parts(report))
    return ending_code(report.ended_by, needs_person=bool(report.problems))


@app.command(name="list")
def list_tasks(
    *,
    state: Annotated[list[str] | None, Parameter(negative="", help="Repeat for several; default: all.")] = None,
    paging: Paging = Paging(),
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """List refunds, oldest first."""
    states = tuple(known("--state", TaskState, state or ()))
    with open_store(place) as oms:
        listing = refund_listing(oms, place.account, states)
        out.show(listing.values(paging), lambda: listing.parts(paging))


@app.command
def retry(
    *numbers: OrderNumber,
    reference: Reference = None,
    dry_run: DryRun = False,
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """Queue refunds again that were not given.

    Rejected, stuck, cancelled and unknown ones can be queued again. A stuck or unknown refund may have been given
    already: look at the order in your seller account first.
    """

    def again(oms: SqlOms, number: str) -> RefundTask:
        return retry_refund(oms, place.account, number, reference, now=datetime.now(UTC))

    _change(numbers, again, place=place, out=out, dry_run=dry_run)


@app.command
def cancel(
    *numbers: OrderNumber,
    reference: Reference = None,
    dry_run: DryRun = False,
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """Withdraw refunds that were not given."""

    def withdraw(oms: SqlOms, number: str) -> RefundTask:
        return cancel_refund(oms, place.account, number, reference, now=datetime.now(UTC))

    _change(numbers, withdraw, place=place, out=out, dry_run=dry_run)


@app.command
def confirm(
    *numbers: OrderNumber,
    reference: Reference = None,
    dry_run: DryRun = False,
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """Record that refunds were given, as a person saw.

    For stuck, unknown and rejected ones that your seller account shows: they are not sent again.
    """

    def settle(oms: SqlOms, number: str) -> RefundTask:
        return confirm_refund(oms, place.account, number, reference, now=datetime.now(UTC))

    _change(numbers, settle, place=place, out=out, dry_run=dry_run)


def refund_listing(oms: SqlOms, account: str, states: Sequence[TaskState]) -> Listing[RefundTask]:
    """List an account's refunds in any of `states` (none given: all)."""
    total = oms.count_refunds(account, states)
    return Listing(
        title=f"Refunds: {total}",
        columns=_COLUMNS,
        row=_cells,
        total=total,
        read=partial(in_pages, partial(oms.page_refunds, account, states)),
    )


def refund_table(tasks: Sequence[RefundTask]) -> Part:
    """Lay out refunds."""
    return table(counted(len(tasks), "refund"), _COLUMNS, map(_cells, tasks))


_COLUMNS = ("Order", "Kind", "Reason", "Lines", "Amount", "State", "Attempts", "Updated", "Reference", "Answer")


def _cells(each: RefundTask) -> Sequence[object]:
    refund, task = each.refund, each.task
    lines = None if refund.kind == RefundKind.GESTURE else refund.lines or "all"
    return (
        refund.key,
        refund.kind,
        refund.reason,
        lines,
        refund.amount,
        task.state,
        task.attempt,
        task.updated_at,
        refund.reference,
        task.message,
    )


@contextmanager
def _pusher(oms: SqlOms, at: Marketplace, place: Place) -> Generator[RefundPusher]:
    with progress("giving back") as hook, open_channel(at, [hook]) as channel:
        pusher = RefundPusher(channel, oms, account=place.account, hooks=[hook])
        with stop_on_signals([pusher]):
            yield pusher


def _push_parts(report: RefundPushReport) -> Iterator[Part]:
    yield facts(f"Gave back for {report.account}", sending_facts(report))
    if report.notes:
        columns = ("Order", "Reference", "Answer")
        listing = listed(
            report.notes,
            title="Confirmed, but look at",
            columns=columns,
            row=lambda each: (each.order_number, each.reference, each.message),
        )
        yield from listing.parts(Paging(), more="`refunds list --all` shows every one")
    if report.problems:
        yield from problem_parts(report.problems, more="`refunds list --all` shows every one")


def _change(
    numbers: Sequence[str], change: Callable[[SqlOms, str], RefundTask], *, place: Place, out: Output, dry_run: bool
) -> None:
    """Change all the rows or none."""
    named(numbers)
    with open_store(place) as oms, undone(oms) if dry_run else oms.unit():
        tasks = [change(oms, number) for number in numbers]
    out.show(tasks, refund_table(tasks))
