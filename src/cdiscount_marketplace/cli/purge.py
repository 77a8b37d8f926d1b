"""The command `purge`: forget old customers."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Annotated

from cyclopts import Parameter

from cdiscount_marketplace.cli.options import DryRun, Place
from cdiscount_marketplace.cli.output import Output
from cdiscount_marketplace.cli.store import open_store, undone


def purge(
    *,
    older_than: Annotated[timedelta, Parameter(help="Age of the last change, such as 400d.")],
    dry_run: DryRun = False,
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """Remove customers' data of finished orders, of every account in the store; numbers and amounts stay."""
    before = datetime.now(UTC) - older_than
    with open_store(place) as oms, undone(oms) if dry_run else nullcontext():
        report = oms.purge(before)
    verb = "would lose" if dry_run else "lost"
    told = f"{report.orders} orders and {report.quarantine} quarantined ones {verb} their customers' data."
    out.show({"purged": report, "before": before, "dry_run": dry_run}, told)
