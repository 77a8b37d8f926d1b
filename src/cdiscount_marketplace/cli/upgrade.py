"""Commands on the store itself: `store upgrade`."""

from __future__ import annotations

from cyclopts import App

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.adapters.sql.schema import SCHEMA_VERSION
from cdiscount_marketplace.cli.options import Place
from cdiscount_marketplace.cli.output import Output, facts
from cdiscount_marketplace.cli.progress import waiting
from cdiscount_marketplace.errors import UnknownSchema

app: App = App(name="store", help="Bring the store up to date.")


@app.command
def upgrade(*, place: Place = Place(), out: Output = Output()) -> None:
    """Bring the store's tables up to date.

    Back it up first. Other commands do the same at their first use of an older store.
    """
    before = _version(place)
    with SqlOms(place.store, create=False) as oms, waiting("upgrading"):
        oms.ensure_open()
    result = {"before": before, "after": SCHEMA_VERSION}
    out.show(result, facts("Store", [("schema version before", before), ("schema version now", SCHEMA_VERSION)]))


def _version(place: Place) -> int:
    """Return the version of the store that is there; raises what is wrong with it."""
    try:
        with SqlOms(place.store, create=False, migrate=False) as oms:
            oms.ensure_open()
    except UnknownSchema as error:
        if not 0 < error.found < SCHEMA_VERSION:
            raise
        return error.found
    return SCHEMA_VERSION
