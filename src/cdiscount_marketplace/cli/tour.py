"""What the demo does: the work of an OMS, and the proof that no order was lost or doubled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from attrs import define, field, frozen
from rich.table import Table

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.cli.decide import Chosen
from cdiscount_marketplace.cli.options import counted
from cdiscount_marketplace.cli.orders import money
from cdiscount_marketplace.cli.output import table
from cdiscount_marketplace.models import Fulfiller, OrderStatus, Shipment, Verdict
from cdiscount_marketplace.oms import OrderAcceptor, OrderImporter, ShipmentPusher

if TYPE_CHECKING:
    from cdiscount_marketplace.sandbox import Sandbox

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
    start: datetime
    steps: list[Step] = field(factory=list[Step])

    def trade(self) -> str:
        """Let an hour of the shop's day pass, and summarize it on one line."""
        noted = len(self.steps)
        imported, accepted = self._pull(), self._accept()
        self._wait()
        imported += self._pull()
        shipped = self._ship()
        # The table of steps is that of the first day.
        del self.steps[noted:]
        return f"{counted(imported, 'order')} imported, {accepted} accepted, {shipped} shipped"

    def retry_quarantine(self, account: str) -> object:
        """Try an account's quarantined orders again."""
        return OrderImporter(self.channel, self.oms, account=account, clock=self.sandbox.clock).retry_quarantine()

    def walk(self) -> None:
        """Do what an OMS does in a day."""
        self._pull()
        self._accept()
        self._wait()
        self._pull()
        self._ship()
        self._wait()
        self._pull()

    def _pull(self) -> int:
        importer = OrderImporter(
            self.channel, self.oms, account=self.account, start_from=self.start, clock=self.sandbox.clock
        )
        report = importer.run()
        result = f"{report.imported} imported, {report.updated} updated, {report.quarantined} quarantined"
        self._note("pull the orders that wait for shipment", result)
        return report.imported

    def _accept(self) -> int:
        acceptor = OrderAcceptor(
            self.channel, self.oms, account=self.account, policy=Chosen(Verdict.ACCEPT), clock=self.sandbox.clock
        )
        report = acceptor.run()
        self._note("accept the orders that wait for acceptance", f"{report.confirmed} accepted")
        return report.confirmed

    def _wait(self) -> None:
        self.sandbox.advance(_UNTIL_PAID)
        self._note("let an hour pass", "customers pay, orders move on")

    def _ship(self) -> int:
        pusher = ShipmentPusher(self.channel, self.oms, account=self.account, clock=self.sandbox.clock)
        for number in self._shippable():
            pusher.enqueue(Shipment(key=number, carrier=_CARRIER, tracking_number=f"6A{number}"))
        report = pusher.run()
        self._note("ship what was imported", f"{report.confirmed} shipped, {report.rejected} rejected")
        return report.confirmed

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


def tour_tables(steps: Sequence[Step], tally: Tally) -> tuple[Table, Table, str]:
    """Lay out what was done, and what became of each order."""
    done = table("Steps", ("When", "Step", "Result"), ((each.at, each.did, each.result) for each in steps))
    columns = ("Order", "Total", "Shipped by", "In the store", "At Cdiscount", "Tracking number", "Shipments applied")
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
