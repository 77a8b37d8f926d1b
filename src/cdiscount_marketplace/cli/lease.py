"""Commands on the leases that keep two workers apart: `lease list | free`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from cdiscount_marketplace.cli.options import DryRun, Place
from cdiscount_marketplace.cli.output import Output, table
from cdiscount_marketplace.cli.store import open_store, undone
from cdiscount_marketplace.oms.operator import free_lease
from cdiscount_marketplace.oms.ports import LeaseStatus

app: App = App(name="lease", help="Show or free the jobs that workers hold.")


@app.command(name="list")
def list_leases(*, place: Place = Place(), out: Output = Output()) -> None:
    """List the jobs that run, who runs them, until when."""
    with open_store(place) as oms:
        leases = oms.list_leases(place.account)
    out.show(leases, lease_table(place.account, leases))


@app.command
def free(
    job: Annotated[str, Parameter(help="Name of the job, as `lease list` shows it.")],
    *,
    reason: Annotated[str | None, Parameter(help="Why, for the history.")] = None,
    dry_run: DryRun = False,
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """Free a job whose worker is dead.

    A lease ends by itself at the time that `lease list` shows; free one only where that is far off, after a worker with
    a wrong clock. A worker that is alive after all cannot write any more, and stops.
    """
    with open_store(place) as oms, undone(oms) if dry_run else oms.unit():
        lease = free_lease(oms, place.account, job, reason=reason)
    verb = "would be free" if dry_run else "is free"
    why = f" ({reason})" if reason else ""
    out.show({"freed": lease, "reason": reason, "dry_run": dry_run}, f"{job} {verb}: {lease.owner} held it{why}.")


def lease_table(account: str, leases: Sequence[LeaseStatus]) -> Table:
    """Lay out leases."""
    columns = ("Job", "Owner", "Fence", "Until", "Time left")
    rows = (
        (each.lease.job, each.lease.owner, each.lease.fence, each.lease.expires_at, each.remaining) for each in leases
    )
    return table(f"Leases of {account}: {len(leases)} held", columns, rows)
