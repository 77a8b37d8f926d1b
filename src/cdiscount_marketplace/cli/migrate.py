"""The command `migrate check`: what changing the API would mean for an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

from attrs import evolve
from cyclopts import App, Parameter
from rich.table import Table

from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.marketplace import open_channel
from cdiscount_marketplace.cli.options import Marketplace, Place, in_utc
from cdiscount_marketplace.cli.output import Output, facts, table
from cdiscount_marketplace.cli.progress import progress
from cdiscount_marketplace.cli.store import open_store
from cdiscount_marketplace.oms import MigrationReport, compare_channels

app: App = App(name="migrate", help="Prepare the move from SOAP to Octopia.")


@app.command
def check(
    *,
    created_from: Annotated[datetime | None, Parameter(help="Begin of the period; default: 7 days ago.")] = None,
    created_to: Annotated[datetime | None, Parameter(help="End of the period; default: now.")] = None,
    place: Place = Place(),
    at: Marketplace = Marketplace(),
    out: Output = Output(),
) -> Exit:
    """Compare SOAP and Octopia order by order.

    Also checks whether the store recognises the orders. Nothing is changed.
    """
    end = in_utc("--created-to", created_to) if created_to else datetime.now(UTC)
    begin = in_utc("--created-from", created_from) if created_from else end - timedelta(days=7)
    with (
        open_store(place) as oms,
        progress("comparing") as hook,
        open_channel(evolve(at, channel="soap"), [hook]) as soap,
        open_channel(evolve(at, channel="octopia"), [hook]) as octopia,
    ):
        report = compare_channels(soap, octopia, oms, account=place.account, begin=begin, end=end)
    out.show(report, *_tables(report))
    return Exit.DONE if report.safe and not report.differences else Exit.NEEDS_PERSON


def _tables(report: MigrationReport) -> Iterator[Table]:
    about = [
        ("safe to switch", report.safe),
        ("seen by both", report.compared),
        ("SOAP only", report.only_before),
        ("Octopia only", report.only_after),
        ("known to the store", report.stored),
        ("would be imported", report.new_to_store),
        ("differences to check", len(report.differences) or None),
    ]
    yield facts(f"{report.account}: SOAP and Octopia", about)
    if report.renumbered:
        numbers = [(one.before, one.after) for one in report.renumbered]
        yield table("Known under another number: would be imported again", ("SOAP", "Octopia"), numbers)
    if report.differences:
        rows = [(one.order_number, one.about, one.before, one.after) for one in report.differences]
        yield table("Differences", ("order", "about", "SOAP", "Octopia"), rows)
