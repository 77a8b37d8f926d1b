"""Commands on the Last Order Pulled date: `checkpoint show | set`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from attrs import evolve
from cyclopts import App, Parameter
from rich.table import Table

from cdiscount_marketplace.cli.options import DryRun, Place, in_utc
from cdiscount_marketplace.cli.output import Output, facts
from cdiscount_marketplace.cli.store import open_store
from cdiscount_marketplace.errors import CheckpointConflict, ConfigurationError, InvalidRequest, Problem
from cdiscount_marketplace.oms.ports import Checkpoint

app: App = App(name="checkpoint", help="Show or move how far the import has come.")


@app.command
def show(*, place: Place = Place(), out: Output = Output()) -> None:
    """Show the checkpoint."""
    with open_store(place) as oms:
        checkpoint = oms.load_checkpoint(place.account)
    out.show(checkpoint, _parts(place.account, checkpoint))


@app.command(name="set")
def move(
    moment: Annotated[datetime, Parameter(help="Read again everything modified since; without an offset, UTC.")],
    *,
    floor: Annotated[
        datetime | None, Parameter(help="Import no order created before; default: leave, or the moment itself.")
    ] = None,
    dry_run: DryRun = False,
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """Move the checkpoint, to read a period again.

    Orders that were already imported are not imported again.
    """
    if in_utc("MOMENT", moment) > datetime.now(UTC):
        raise InvalidRequest([Problem("moment", "is in the future: changes until then would not be read")])
    with open_store(place) as oms:
        before = oms.load_checkpoint(place.account)
        after = _moved(before, in_utc("MOMENT", moment), None if floor is None else in_utc("--floor", floor))
        if not dry_run and not oms.swap_checkpoint(place.account, before, after):
            raise CheckpointConflict("the checkpoint was moved meanwhile", hint="check it and try again")
    out.show({"before": before, "after": after, "dry_run": dry_run}, _parts(place.account, after))


def _moved(before: Checkpoint | None, cursor: datetime, floor: datetime | None) -> Checkpoint:
    if before is None:
        return Checkpoint(floor=floor or cursor, cursor=cursor)
    after = evolve(before, cursor=cursor, floor=floor or before.floor, version=before.version + 1, swept_at=None)
    if after.cursor < after.floor:
        raise ConfigurationError(f"{cursor} is before the floor {after.floor}", hint="move the floor too, with --floor")
    return after


def _parts(account: str, checkpoint: Checkpoint | None) -> Table | str:
    if checkpoint is None:
        return f"{account}: nothing pulled yet."
    pairs = [
        ("read up to", checkpoint.cursor),
        ("orders created since", checkpoint.floor),
        ("last sweep", checkpoint.swept_at),
    ]
    return facts(f"Checkpoint of {account}", pairs)
