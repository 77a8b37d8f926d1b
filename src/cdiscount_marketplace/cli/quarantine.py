"""Commands on orders that could not be stored: `quarantine list | retry | discard`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.options import DryRun, Place, named
from cdiscount_marketplace.cli.output import Output, table, tell
from cdiscount_marketplace.cli.store import open_store
from cdiscount_marketplace.oms.ports import QuarantinedOrder

app: App = App(name="quarantine", help="Orders that wait for a cause to be mended; every pull tries them again.")


@app.command(name="list")
def list_entries(
    *,
    payload: Annotated[bool, Parameter(negative="", help="With the orders themselves: customers' data.")] = False,
    place: Place = Place(),
    out: Output = Output(),
) -> Exit:
    """List quarantined orders with what a person should do about each."""
    with open_store(place) as oms:
        entries = list(oms.list_quarantine(place.account))
    payloads = {entry.key: entry.payload for entry in entries} if payload else None
    value = {"orders": entries} if payloads is None else {"orders": entries, "payloads": payloads}
    out.show(value, entry_table(entries), *(payloads or {}).values())
    return Exit.NEEDS_PERSON if entries else Exit.DONE


@app.command
def discard(*keys: str, dry_run: DryRun = False, place: Place = Place(), out: Output = Output()) -> Exit:
    """Drop entries; an order that still waits comes back with the next sweep."""
    named(keys, "keys")
    with open_store(place) as oms:
        found = {entry.key for entry in oms.list_quarantine(place.account)} & set(keys)
        if not dry_run:
            found = {key for key in found if oms.discard_quarantine(place.account, key)}
    missing = [key for key in keys if key not in found]
    verb = "would be discarded" if dry_run else "discarded"
    out.show({"discarded": sorted(found), "dry_run": dry_run}, f"{len(found)} {verb}.")
    if missing:
        tell(f"not in quarantine: {', '.join(missing)}")
    return Exit.NEEDS_PERSON if missing else Exit.DONE


def entry_table(entries: Sequence[QuarantinedOrder]) -> Table:
    """Lay out quarantined orders."""
    columns = ("Order", "Cause", "What to do", "First seen", "Last seen", "Attempts")
    rows = (
        (entry.key, entry.code, entry.reason, entry.first_seen, entry.last_seen, entry.attempts) for entry in entries
    )
    return table(f"Quarantine: {len(entries)} orders", columns, rows)
