"""The commands that bring orders in: `pull`, and `quarantine retry`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from cyclopts import Parameter

from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.cli.exits import Exit, ending_code
from cdiscount_marketplace.cli.listing import Paging, listed
from cdiscount_marketplace.cli.marketplace import channel_of, open_channel, open_with, variables_of
from cdiscount_marketplace.cli.options import DryRun, Marketplace, Place, counted, in_utc, unless_empty
from cdiscount_marketplace.cli.output import Output, Part, facts, tell
from cdiscount_marketplace.cli.progress import progress
from cdiscount_marketplace.cli.quarantine import app as quarantine_app
from cdiscount_marketplace.cli.quarantine import entry_parts, list_entries
from cdiscount_marketplace.cli.store import make_store, open_store
from cdiscount_marketplace.errors import InvalidRequest, Problem, StoreFailed
from cdiscount_marketplace.events.hooks import Hook
from cdiscount_marketplace.models import OrderQuery, OrderStatus, SalesOrder
from cdiscount_marketplace.oms import ImportReport, OrderImporter, stop_on_signals
from cdiscount_marketplace.oms.admission import unfit_for
from cdiscount_marketplace.oms.checkpoints import ensure_past_start
from cdiscount_marketplace.oms.ports import Checkpoint, StoredOrder
from cdiscount_marketplace.oms.settings import ensure_account

Start = Annotated[
    datetime | None,
    Parameter(
        help="First pull only: import orders created since; without an offset, UTC.",
        env_var="CDISCOUNT_START_FROM",
        env_var_split=unless_empty,
    ),
]


def pull(
    *,
    start_from: Start = None,
    unpaid: Annotated[bool, Parameter(negative="", help="Also announce orders before they are paid.")] = False,
    dry_run: DryRun = False,
    at: Marketplace = Marketplace(),
    place: Place = Place(),
    out: Output = Output(),
) -> Exit:
    """Import the orders that wait for shipment.

    Orders that the store has are updated. Makes the store if there is none at this address.
    """
    if dry_run:
        return _preview(start_from, at, place, out)
    # Once: a secret may be read from standard input, or asked for.
    channel = channel_of(at)
    login = partial(open_with, channel, variables_of(at, channel), at)
    # A pull that cannot begin leaves no store behind.
    with login():
        _ensure_start(start_from, place)
    make_store(place.store)
    return _run(OrderImporter.run, start_from, login=login, place=place, out=out, unpaid=unpaid)


@quarantine_app.command
def retry(
    *, dry_run: DryRun = False, at: Marketplace = Marketplace(), place: Place = Place(), out: Output = Output()
) -> Exit:
    """Try the quarantined orders again now.

    Every pull also retries them.
    """
    if dry_run:
        return list_entries(place=place, out=out)
    return _run(OrderImporter.retry_quarantine, None, login=partial(open_channel, at), place=place, out=out)


def _run(
    job: Callable[[OrderImporter], ImportReport],
    start_from: datetime | None,
    *,
    login: Callable[[Sequence[Hook]], AbstractContextManager[SalesChannel]],
    place: Place,
    out: Output,
    unpaid: bool = False,
) -> Exit:
    start = _start(start_from)
    with open_store(place) as oms, progress("pulling") as hook, login([hook]) as channel:
        importer = OrderImporter(
            channel, oms, account=place.account, start_from=start, hooks=[hook], import_unpaid=unpaid
        )
        with stop_on_signals([importer]):
            report = job(importer)
    out.show(report, lambda: import_parts(report))
    return ending_code(report.ended_by, needs_person=bool(report.quarantined_orders))


def _start(since: datetime | None) -> datetime | None:
    return None if since is None else in_utc("--start-from", since)


def _ensure_start(start_from: datetime | None, place: Place) -> None:
    """Reject an account's first pull without a start, or with one in the future."""
    ensure_account(place.account)
    start = _start(start_from)
    if _checkpoint(place) is not None:
        return
    if start is None:
        message = "is needed for the first pull: give a date, such as 2026-03-01; older orders are not imported"
        raise InvalidRequest([Problem("--start-from", message)])
    ensure_past_start(start, datetime.now(UTC))


def _checkpoint(place: Place) -> Checkpoint | None:
    try:
        with open_store(place) as oms:
            return oms.load_checkpoint(place.account)
    except StoreFailed as error:
        if error.code != "missing":
            raise
        return None


def _preview(start_from: datetime | None, at: Marketplace, place: Place, out: Output) -> Exit:
    with open_channel(at) as channel:
        waiting = channel.fetch(OrderQuery(statuses=(OrderStatus.WAITING_SHIPMENT,)))
    begun, stored = _known(place, waiting)
    floor = begun.floor if begun else _start(start_from)
    unknown = [order for order, known in zip(waiting, stored, strict=True) if known is None]
    new = [order.number for order in unknown if unfit_for(order, floor) is None]
    known = [order.number for order, known in zip(waiting, stored, strict=True) if known is not None]
    rows = [*((number, "would be imported") for number in new), *((number, "is known") for number in known)]
    listing = listed(
        rows, title=f"Waiting for shipment: {counted(len(rows), 'order')}", columns=("Order", ""), row=tuple
    )
    out.show({"would_import": new, "known": known}, lambda: listing.parts(Paging(), more="--json prints every one"))
    return Exit.DONE


def _known(place: Place, orders: Sequence[SalesOrder]) -> tuple[Checkpoint | None, Sequence[StoredOrder | None]]:
    """Return the checkpoint and what is stored of each order: nothing where a pull would make the store."""
    try:
        with open_store(place) as oms:
            return oms.load_checkpoint(place.account), oms.find_all(place.account, [each.keys for each in orders])
    except StoreFailed as error:
        if error.code != "missing":
            raise
        tell(f"{error.reason}; a pull would make it")
        return None, [None for _ in orders]


def _found_late(report: ImportReport) -> int | None:
    """Return how many orders only the sweep found; the first run has nothing else to find them with."""
    before = report.checkpoint_before
    return report.sweep_found or None if before is not None and before.swept_at is not None else None


def import_parts(report: ImportReport) -> Iterator[Part]:
    """Lay out what an import did."""
    about: list[tuple[str, object]] = [
        ("imported", report.imported),
        ("updated", report.updated or None),
        ("announced before payment", report.announced or None),
        ("withdrawn", report.withdrawn or None),
        ("released from quarantine", report.released or None),
        ("quarantined", report.quarantined or None),
        ("passed unseen", report.passed_unseen or None),
        ("skipped", report.skipped or None),
        ("found by the sweep only", _found_late(report)),
        ("read up to", report.checkpoint.cursor),
        ("ended by", report.ended_by),
        ("quota resets", report.retry_at),
    ]
    about += [("note", notice.message) for notice in report.notices]
    yield facts(f"Pulled {report.account}", about)
    if report.quarantined_orders:
        yield from entry_parts(report.quarantined_orders)
