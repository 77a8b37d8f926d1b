"""Commands on orders that could not be stored: `quarantine list | retry | discard`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated

from cyclopts import App, Parameter

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.listing import Listing, Paging, in_pages, listed
from cdiscount_marketplace.cli.options import DryRun, Place, counted, named
from cdiscount_marketplace.cli.output import Output, Part, tell
from cdiscount_marketplace.cli.store import open_store
from cdiscount_marketplace.oms.ports import QuarantinedOrder

app: App = App(name="quarantine", help="List, retry or drop orders that could not be stored.")

EntryKey = Annotated[str, Parameter(help="Key of an entry, as `quarantine list` shows it.")]


@app.command(name="list")
def list_entries(
    *,
    payload: Annotated[bool, Parameter(negative="", help="With the orders themselves: customers' data.")] = False,
    paging: Paging = Paging(),
    place: Place = Place(),
    out: Output = Output(),
) -> Exit:
    """List quarantined orders and what to do about each."""
    with open_store(place) as oms:
        listing = entry_listing(oms, place.account)
        if payload:
            entries = list(listing.read(paging.limit if out.as_json else paging.on_screen))
            payloads = {entry.key: entry.payload for entry in entries}
            out.show({"orders": entries, "payloads": payloads}, lambda: listing.parts(paging), *payloads.values())
        else:
            out.show({"orders": listing.values(paging)}, lambda: listing.parts(paging))
    return Exit.NEEDS_PERSON if listing.total else Exit.DONE


@app.command
def discard(*keys: EntryKey, dry_run: DryRun = False, place: Place = Place(), out: Output = Output()) -> Exit:
    """Drop entries from the quarantine.

    The next sweep brings back an order that still waits.
    """
    named(keys, "keys")
    with open_store(place) as oms:
        entries = {entry.key for entry in oms.list_quarantine(place.account)} & set(keys)
        if not dry_run:
            entries = {key for key in entries if oms.discard_quarantine(place.account, key)}
    missing = [key for key in keys if key not in entries]
    verb = "would be discarded" if dry_run else "discarded"
    out.show({"discarded": sorted(entries), "dry_run": dry_run}, f"{len(entries)} {verb}.")
    if missing:
        tell(f"not in quarantine: {', '.join(missing)}")
    return Exit.NEEDS_PERSON if missing else Exit.DONE


def entry_listing(oms: SqlOms, account: str) -> Listing[QuarantinedOrder]:
    """List an account's quarantined orders."""
    total = oms.count_quarantine(account)
    return Listing(
        title=f"Quarantine: {counted(total, 'order')}",
        columns=_COLUMNS,
        row=_cells,
        total=total,
        read=partial(in_pages, partial(oms.page_quarantine, account)),
    )


def entry_parts(entries: Sequence[QuarantinedOrder]) -> Iterator[Part]:
    """Lay out quarantined orders of a report."""
    listing = listed(entries, title=f"Quarantine: {counted(len(entries), 'order')}", columns=_COLUMNS, row=_cells)
    return listing.parts(Paging(), more="`quarantine list --all` shows every one")


_COLUMNS = ("Order", "Cause", "What to do", "First seen", "Last seen", "Attempts")


def _cells(entry: QuarantinedOrder) -> Sequence[object]:
    return entry.key, entry.code, entry.reason, entry.first_seen, entry.last_seen, entry.attempts
