"""The command `demo`: the main job from end to end, against its own sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

from attrs import define, field, frozen
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.table import Table

from cdiscount_marketplace import MarketplaceClient
from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.cli.decide import Chosen
from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.orders import money
from cdiscount_marketplace.cli.output import Output, table, tell
from cdiscount_marketplace.cli.store import make_store
from cdiscount_marketplace.models import Fulfiller, OrderStatus, Shipment, Verdict
from cdiscount_marketplace.oms import OrderAcceptor, OrderImporter, ShipmentPusher

if TYPE_CHECKING:
    from cdiscount_marketplace.sandbox import Sandbox, SandboxServer

_CARRIER = "Colissimo"
# More than the sandbox's customers take to pay, and its marketplace to release an order.
_UNTIL_PAID = timedelta(hours=1)


@frozen(kw_only=True)
class Step:
    """One thing that was done, and what came of it."""

    at: datetime
    did: str
    result: str


@frozen(kw_only=True)
class Fate:
    """One order: where it stands on both sides, and how often its shipment was applied."""

    number: str
    total: str | None
    shipped_by: str
    in_store: str
    at_marketplace: str
    tracking_number: str | None
    shipments_applied: int


@frozen(kw_only=True)
class Tally:
    """Every order that reached the store, and those that should have."""

    fates: tuple[Fate, ...]
    lost: tuple[str, ...]
    others: int = 0

    @property
    def doubled(self) -> tuple[str, ...]:
        """The orders whose shipment the marketplace applied more than once."""
        return tuple(fate.number for fate in self.fates if fate.shipments_applied > 1)

    def __str__(self) -> str:
        shipped = sum(fate.shipments_applied for fate in self.fates)
        return (
            f"{len(self.fates)} orders imported, {shipped} shipped by us; "
            f"{len(self.lost)} lost, {len(self.doubled)} doubled."
            f"{self._about_others()}"
        )

    def _about_others(self) -> str:
        return f" {self.others} never waited for shipment, so no import was due." if self.others else ""


@define(kw_only=True)
class Tour:
    """One run of the demo."""

    sandbox: Sandbox
    channel: SalesChannel
    oms: SqlOms
    account: str
    steps: list[Step] = field(factory=list[Step])

    def walk(self) -> None:
        """Do what an OMS does in a day."""
        self._pull()
        self._accept()
        self._wait()
        self._pull()
        self._ship()
        self._wait()
        self._pull()

    def _pull(self) -> None:
        start = self.sandbox.clock.now() - timedelta(days=30)
        importer = OrderImporter(
            self.channel, self.oms, account=self.account, start_from=start, clock=self.sandbox.clock
        )
        report = importer.run()
        result = f"{report.imported} imported, {report.updated} updated, {report.quarantined} quarantined"
        self._note("pull the orders that wait for shipment", result)

    def _accept(self) -> None:
        acceptor = OrderAcceptor(
            self.channel, self.oms, account=self.account, policy=Chosen(Verdict.ACCEPT), clock=self.sandbox.clock
        )
        report = acceptor.run()
        self._note("accept the orders that wait for acceptance", f"{report.confirmed} accepted")

    def _wait(self) -> None:
        self.sandbox.advance(_UNTIL_PAID)
        self._note("let an hour pass", "customers pay, orders move on")

    def _ship(self) -> None:
        pusher = ShipmentPusher(self.channel, self.oms, account=self.account, clock=self.sandbox.clock)
        for number in self._shippable():
            pusher.enqueue(Shipment(key=number, carrier=_CARRIER, tracking_number=f"6A{number}"))
        report = pusher.run()
        self._note("ship what was imported", f"{report.confirmed} shipped, {report.rejected} rejected")

    def _shippable(self) -> Sequence[str]:
        stored = self.oms.list_orders(self.account, (OrderStatus.WAITING_SHIPMENT,))
        records = (self.oms.show_order(self.account, each.number) for each in stored)
        orders = (record.order for record in records if record is not None)
        return [order.number for order in orders if order.fulfilled_by == Fulfiller.SELLER]

    def _note(self, did: str, result: str) -> None:
        self.steps.append(Step(at=self.sandbox.clock.now(), did=did, result=result))

    def tally(self) -> Tally:
        """Compare both sides, order by order."""
        fates = tuple(self._fate(each.number) for each in self.oms.list_orders(self.account))
        imported = {fate.number for fate in fates}
        due = self.sandbox.orders("WaitingForShipmentAcceptation", "Shipped")
        lost = tuple(order.number for order in due if order.number not in imported)
        others = len(self.sandbox.orders()) - len(imported) - len(lost)
        return Tally(fates=fates, lost=lost, others=others)

    def _fate(self, number: str) -> Fate:
        record = self.oms.show_order(self.account, number)
        row = next(iter(self.oms.find_shipments(self.account, number)), None)
        if record is None:
            raise LookupError(number)
        return Fate(
            number=number,
            total=money(record.order),
            shipped_by=str(record.order.fulfilled_by),
            in_store=str(record.order.status),
            at_marketplace=str(self.sandbox.order(number).state),
            tracking_number=row.shipment.tracking_number if row else None,
            shipments_applied=len(self.sandbox.shipped(number)),
        )


def demo(
    *,
    orders: Annotated[int, Parameter(help="How many orders the marketplace has.", validator=Number(gte=0))] = 12,
    seed: Annotated[int, Parameter(help="The same seed makes the same orders.")] = 0,
    store: Annotated[
        str, Parameter(help="Where to keep the orders; each demo has its own account.")
    ] = "sqlite:///oms.db",
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
        tour = Tour(sandbox=sandbox, channel=SoapChannel(client), oms=oms, account=account)
        tour.walk()
        tally = tour.tally()
    out.show({"account": account, "store": store, "steps": tour.steps, "tally": tally}, *_tables(tour.steps, tally))
    tell(f"The orders are in {store}, under the account {account}.")
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


def _tables(steps: Sequence[Step], tally: Tally) -> tuple[Table, Table, str]:
    done = table("Steps", ("When", "Step", "Result"), ((each.at, each.did, each.result) for each in steps))
    columns = ("Order", "Total", "Shipped by", "In oms.db", "At Cdiscount", "Tracking number", "Shipments applied")
    rows = (
        (
            each.number,
            each.total,
            each.shipped_by,
            each.in_store,
            each.at_marketplace,
            each.tracking_number,
            each.shipments_applied,
        )
        for each in tally.fates
    )
    return done, table("Orders", columns, rows), str(tally)
