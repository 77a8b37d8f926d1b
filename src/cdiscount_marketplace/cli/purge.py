"""The command `purge`: forget old customers, or the customer of one order."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Annotated

from cyclopts import Parameter

from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.options import DryRun, Place
from cdiscount_marketplace.cli.output import Output, tell
from cdiscount_marketplace.cli.progress import waiting
from cdiscount_marketplace.cli.store import open_store, undone
from cdiscount_marketplace.errors import InvalidRequest, Problem


def purge(
    *,
    older_than: Annotated[timedelta | None, Parameter(help="Age of the last change, such as 400d.")] = None,
    order: Annotated[str | None, Parameter(help="Only this order of the account, whatever its age and state.")] = None,
    dry_run: DryRun = False,
    place: Place = Place(),
    out: Output = Output(),
) -> Exit:
    """Remove customers' data of finished orders.

    With `--older-than`, of every account in the store; with `--order`, of one order. Numbers and amounts stay.
    """
    if (older_than is None) == (order is None):
        raise InvalidRequest([Problem("purge", "give either --older-than or --order")])
    before = None if older_than is None else _before(older_than)
    with open_store(place) as oms, undone(oms) if dry_run else nullcontext(), waiting("purging"):
        report = oms.purge(before) if before is not None else oms.forget_customer(place.account, order or "")
        unknown = order is not None and not report.quarantine and oms.show_order(place.account, order) is None
    verb = "would lose" if dry_run else "lost"
    summary = f"{report.orders} orders and {report.quarantine} quarantined ones {verb} their customers' data."
    out.show({"purged": report, "before": before, "dry_run": dry_run}, summary)
    if unknown:
        tell(f"not in the store: {order}")
    return Exit.NEEDS_PERSON if unknown else Exit.DONE


def _before(age: timedelta) -> datetime:
    try:
        before = datetime.now(UTC) - age
    except OverflowError:
        raise InvalidRequest(
            [Problem("older_than", "is too long: it goes back before the first possible date")]
        ) from None
    if age < timedelta():
        raise InvalidRequest([Problem("older_than", "is negative; give an age, such as 400d")])
    return before
