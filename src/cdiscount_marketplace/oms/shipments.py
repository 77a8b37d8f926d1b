"""The shipment job: what left the warehouse is reported to the marketplace exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Event as Flag
from typing import Any, cast

from attrs import evolve, frozen

from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.clock import Clock, SystemClock
from cdiscount_marketplace.errors import InvalidRequest, Problem, ShipmentConflict
from cdiscount_marketplace.events import Hook
from cdiscount_marketplace.models import OrderStatus, Outcome, SalesOrder, Shipment
from cdiscount_marketplace.oms.endings import End, run_to_end
from cdiscount_marketplace.oms.leases import Holding, new_owner, ttl_for
from cdiscount_marketplace.oms.ports import (
    Lease,
    LeaseStore,
    OrderRepository,
    ShipmentOutbox,
    ShipmentTask,
    TaskState,
)
from cdiscount_marketplace.oms.reports import ShipmentReport
from cdiscount_marketplace.oms.sending import Errand, Sender, Sent
from cdiscount_marketplace.oms.tasks import UNSETTLED, Seen, new_task

_SEEN = {
    OrderStatus.SHIPPED: Seen.DONE,
    OrderStatus.DELIVERED: Seen.DONE,
    OrderStatus.WAITING_SHIPMENT: Seen.OPEN,
    # In the seller's own shop, from where it is still to be shipped.
    OrderStatus.READY_FOR_PICKUP: Seen.OPEN,
    OrderStatus.PROCESSING: Seen.NOT_YET,
    OrderStatus.WAITING_ACCEPTANCE: Seen.NOT_YET,
    OrderStatus.ACCEPTED: Seen.NOT_YET,
    OrderStatus.REFUSED: Seen.CLOSED,
    OrderStatus.SHIPMENT_REFUSED: Seen.CLOSED,
    OrderStatus.CANCELLED: Seen.CLOSED,
}

_REPLACEABLE = (TaskState.REJECTED, TaskState.CANCELLED)


@frozen
class _Desk:
    account: str
    channel: SalesChannel
    outbox: ShipmentOutbox

    def listed(self, states: Sequence[TaskState]) -> Sequence[ShipmentTask]:
        return self.outbox.list_shipments(self.account, states)

    def find(self, key: str) -> ShipmentTask | None:
        return self.outbox.find_shipment(self.account, key)

    def swap(self, before: ShipmentTask, after: ShipmentTask, lease: Lease | None) -> bool:
        return self.outbox.swap_shipment(self.account, before, after, lease=lease)

    def send(self, rows: Sequence[ShipmentTask]) -> Sequence[Outcome]:
        return self.channel.ship([row.shipment for row in rows])

    def seen(self, row: ShipmentTask, order: SalesOrder) -> Seen:
        """Judge by state; a parcel under our own number counts as shipped in any of them."""
        if any(parcel.tracking_number == row.shipment.tracking_number for parcel in order.parcels):
            return Seen.DONE
        return _SEEN.get(order.status, Seen.ABSENT)


class ShipmentPusher:
    """Report the shipments of one account; `run()` is meant to be called every few minutes.

    `enqueue()` only stores; `run()` sends what is stored, and settles by reading what was not answered. Each part not
    given is taken from `oms` if that satisfies its protocol; without a lease nothing keeps two workers apart. Use one
    pusher's `run()` from one thread; `enqueue()` and `stop()` may be called from any.
    """

    def __init__(
        self,
        channel: SalesChannel,
        oms: object,
        *,
        account: str,
        outbox: ShipmentOutbox | None = None,
        lease: LeaseStore | None = None,
        hooks: Sequence[Hook] = (),
        clock: Clock | None = None,
        owner: str | None = None,
        lease_ttl: timedelta | None = None,
    ) -> None:
        self.account = account
        self._orders: OrderRepository[Any] | None = _orders(oms)
        self._outbox = outbox or _outbox(oms)
        self._leases = lease or (oms if isinstance(oms, LeaseStore) else None)
        self._ttl = ttl_for(channel.write_limit, lease_ttl)
        self._errand = Errand(
            account=account,
            job="ship",
            owner=owner or new_owner(),
            channel=channel,
            clock=clock or SystemClock(),
            hooks=tuple(hooks),
            stop=Flag(),
        )

    def enqueue(self, shipment: Shipment) -> ShipmentTask:
        """Store a shipment to report; nothing is sent, and the same one again changes nothing.

        Raises `InvalidRequest` where carrier or tracking number is missing, and `ShipmentConflict` where a different
        shipment is recorded for the order, unless that one was rejected or cancelled.
        """
        _check(shipment)
        stored = self._recorded(shipment)
        if stored is not None and evolve(stored.shipment, key=shipment.key) == shipment:
            return stored
        if stored is not None and stored.task.state not in _REPLACEABLE:
            raise _conflict(stored)
        queued = _queued(shipment, stored, self._errand.clock.now())
        if not self._outbox.swap_shipment(self.account, stored, queued):
            return self.enqueue(shipment)
        return queued

    def run(self) -> ShipmentReport:
        """Settle what is unknown, send what is pending, and say what became of it.

        Raises `LeaseBusy`, `LeaseLost`, and what the channel or the store raise; nothing is sent twice for that.
        """
        errand = self._errand
        with Holding(self._leases, self.account, errand.job, errand.owner, self._ttl, errand.clock) as holding:
            sender = Sender(_Desk(self.account, errand.channel, self._outbox), errand, holding)
            return self._report(sender.sent, run_to_end(sender.settle_and_send))

    def stop(self) -> None:
        """Ask the run to end before its next request; its report then says so."""
        self._errand.stop.set()

    def _recorded(self, shipment: Shipment) -> ShipmentTask | None:
        """Find what is recorded for the order, under any number that means it."""
        order = self._orders.find(self.account, [shipment.key]) if self._orders else None
        numbers = dict.fromkeys((shipment.key, *(order.identities if order else ())))
        rows = (self._outbox.find_shipment(self.account, number) for number in numbers)
        return next((row for row in rows if row is not None), None)

    def _report(self, sent: Sent[ShipmentTask], end: End) -> ShipmentReport:
        return ShipmentReport(
            account=self.account,
            sent=len(sent.keys),
            confirmed=sent.count(TaskState.CONFIRMED),
            rejected=sent.count(TaskState.REJECTED),
            stuck=sent.count(TaskState.STUCK),
            pending=len(self._outbox.list_shipments(self.account, (TaskState.PENDING,))),
            unknown=len(self._outbox.list_shipments(self.account, UNSETTLED)),
            problems=sent.problems(),
            ended_by=end.by,
            retry_at=end.retry_at,
        )


def _check(shipment: Shipment) -> None:
    needed = {"carrier": shipment.carrier, "tracking_number": shipment.tracking_number, "key": shipment.key}
    missing = [Problem(name, "is required") for name, value in needed.items() if not (value and value.strip())]
    if missing:
        raise InvalidRequest(missing, operation="enqueue", order_numbers=[shipment.key])


def _queued(shipment: Shipment, before: ShipmentTask | None, now: datetime) -> ShipmentTask:
    if before is None:
        return ShipmentTask(shipment=shipment, task=new_task(shipment.key, now))
    task = evolve(new_task(before.task.key, now), version=before.task.version + 1)
    return ShipmentTask(shipment=evolve(shipment, key=before.task.key), task=task)


def _conflict(stored: ShipmentTask) -> ShipmentConflict:
    message = f"another shipment is recorded for this order, and is {stored.task.state}"
    return ShipmentConflict(message, order_numbers=[stored.task.key])


def _outbox(oms: object) -> ShipmentOutbox:
    if isinstance(oms, ShipmentOutbox):
        return oms
    raise TypeError(f"{type(oms).__name__} keeps no shipments; give outbox=")


def _orders(oms: object) -> OrderRepository[Any] | None:
    """Take the orders from the OMS, if it has them: they tell which numbers mean the same order."""
    orders: Any = oms
    return cast("OrderRepository[Any]", orders) if isinstance(oms, OrderRepository) else None
