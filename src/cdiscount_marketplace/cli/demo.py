"""The command `demo`: the main job from end to end, against its own sandbox."""

from __future__ import annotations

from datetime import timedelta
from shlex import quote
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from cdiscount_marketplace import MarketplaceClient
from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.output import Output, tell
from cdiscount_marketplace.cli.progress import waiting
from cdiscount_marketplace.cli.store import make_store
from cdiscount_marketplace.cli.tour import Tour, tour_tables

if TYPE_CHECKING:
    from cdiscount_marketplace.sandbox import Sandbox, SandboxServer

# Not the store of real work.
_STORE = "sqlite:///demo.db"


def demo(
    *,
    orders: Annotated[int, Parameter(help="How many orders the marketplace has.", validator=Number(gte=0))] = 12,
    seed: Annotated[int, Parameter(help="The same seed makes the same orders.")] = 0,
    store: Annotated[str, Parameter(help="Where to keep the orders; each demo has its own account.")] = _STORE,
    web: Annotated[
        bool, Parameter(negative="", help="Open the sandbox's page and the operator's; orders come until Ctrl-C.")
    ] = False,
    browser: Annotated[bool, Parameter(help="Open the pages in a browser.")] = True,
    out: Output = Output(),
) -> Exit:
    """Run the whole flow against a local sandbox.

    Pulls, accepts, waits, pulls, ships, and prints a summary. Creates the store if it does not exist.
    """
    # Not at the top: only this command needs the extra `sandbox`.
    from cdiscount_marketplace.sandbox import Sandbox, SandboxServer

    make_store(store)
    sandbox = Sandbox(seed=seed, live=True)
    _open_shop(sandbox, orders)
    account = f"demo-{sandbox.clock.now():%Y%m%d-%H%M%S}"
    with SandboxServer(sandbox) as server, SqlOms(store) as oms, _client(server) as client:
        tell(f"A local Cdiscount with {orders} orders, at {server.url}")
        start = sandbox.clock.now() - timedelta(days=30)
        tour = Tour(sandbox=sandbox, channel=SoapChannel(client), oms=oms, account=account, start=start)
        with waiting("selling"):
            tour.walk()
        if web:
            # Not at the top: only this option needs the extra `web`.
            from cdiscount_marketplace.cli.showcase import show_pages

            show_pages(tour, server.url, browser=browser)
        tally = tour.tally()
    out.show({"account": account, "store": store, "steps": tour.steps, "tally": tally}, *tour_tables(tour.steps, tally))
    tell(f"The orders are in {store}, under the account {account}. Look at them with:")
    tell(f"  cdiscount-marketplace status --account {account} --store {quote(store)}")
    return Exit.NEEDS_PERSON if tally.lost or tally.doubled else Exit.DONE


def _open_shop(sandbox: Sandbox, orders: int) -> None:
    """Let a third of the orders be paid already; the others wait for acceptance."""
    for position in range(orders // 3):
        sandbox.place(state="WaitingForShipmentAcceptation", lines=1 + position % 2)
    sandbox.fill(orders - orders // 3, over=timedelta(hours=12))


def _client(server: SandboxServer) -> MarketplaceClient:
    account = server.sandbox.accounts[0]
    return MarketplaceClient(
        username=account.login,
        password=account.password,
        service_url=server.service_url,
        token_url=server.token_url,
        clock=server.sandbox.clock,
    )
