"""Commands on the companies of an account: `mapping list | set`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from cdiscount_marketplace.cli.options import DryRun, Place
from cdiscount_marketplace.cli.output import Output, table
from cdiscount_marketplace.cli.store import open_store
from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.oms.ports import Company

app: App = App(name="mapping", help="List or set the companies of accounts.")


@app.command(name="list")
def list_mappings(*, place: Place = Place(), out: Output = Output()) -> None:
    """List the mapping of every account."""
    with open_store(place) as oms:
        mappings = list(oms.list_companies())
    value = [{"account": name, "retailer": each.retailer, "supplier": each.supplier} for name, each in mappings]
    rows = [(name, each.retailer, each.supplier) for name, each in mappings]
    out.show(value, table(f"{len(rows)} mappings", ("Account", "Retailer", "Supplier"), rows))


@app.command(name="set")
def put(
    *,
    retailer: Annotated[str, Parameter(help="Who sells: the account's company.")],
    supplier: Annotated[str, Parameter(help="Who fulfils the orders.")],
    dry_run: DryRun = False,
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """Map the account to a retailer and a supplier.

    Orders that waited in quarantine for it come out with the next pull.
    """
    unnamed = [name for name, value in (("retailer", retailer), ("supplier", supplier)) if not value.strip()]
    if unnamed:
        raise InvalidRequest([Problem(name, "is required") for name in unnamed])
    company = Company(retailer=retailer, supplier=supplier)
    if not dry_run:
        with open_store(place) as oms:
            oms.put_company(place.account, company)
    verb = "would be mapped" if dry_run else "is mapped"
    value = {"account": place.account, "company": company, "dry_run": dry_run}
    out.show(value, f"{place.account} {verb}: sold by {retailer}, fulfilled by {supplier}.")
