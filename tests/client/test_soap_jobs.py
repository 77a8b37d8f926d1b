"""The jobs over the SOAP channel and the sandbox: everything ends, and nothing ships twice."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.models import Shipment
from cdiscount_marketplace.oms import OrderImporter, ShipmentPusher
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import (
    ApplyLater,
    Contradict,
    Delay,
    Effect,
    ExpireTokens,
    HtmlPage,
    HttpStatus,
    LeaveLine,
    LoseAnswer,
    OmitResult,
    RejectOrder,
    Reset,
    ServerFault,
    Truncate,
)

ACCOUNT = "shop"
WAITING = "WaitingForShipmentAcceptation"
ON_WRITES: list[Effect] = [
    ApplyLater(after=timedelta(minutes=1)),
    Contradict(),
    Delay(300),
    ExpireTokens(),
    HtmlPage(),
    HtmlPage(ran=True),
    HttpStatus(413),
    HttpStatus(429),
    HttpStatus(503),
    HttpStatus(503, ran=True),
    LeaveLine(),
    LoseAnswer(),
    OmitResult(),
    RejectOrder(error_type="OrderStateIncoherent"),
    Reset("before"),
    Reset("during"),
    Reset("after"),
    ServerFault(),
    ServerFault(ran=True),
    Truncate(),
]


class Warehouse:
    """A sandbox, an OMS in memory, and the jobs between them."""

    def __init__(self) -> None:
        self.sandbox = Sandbox()
        self.channel = SoapChannel(self.sandbox.client())
        self.oms = MemoryOms(clock=self.sandbox.clock)

    def pull(self) -> list[str]:
        begun = self.sandbox.clock.now() - timedelta(days=1)
        OrderImporter(self.channel, self.oms, account=ACCOUNT, start_from=begun, clock=self.sandbox.clock).run()
        return [order.order.number for order in self.oms.orders(ACCOUNT)]

    def pusher(self) -> ShipmentPusher:
        return ShipmentPusher(self.channel, self.oms, account=ACCOUNT, clock=self.sandbox.clock)

    def push(self, *, runs: int = 1) -> None:
        for _ in range(runs):
            with suppress(CdiscountError):
                self.pusher().run()
            self.sandbox.advance(timedelta(minutes=20))

    def states(self) -> dict[str, str]:
        return {row.task.key: str(row.task.state) for row in self.oms.list_shipments(ACCOUNT)}


@pytest.fixture
def warehouse() -> Warehouse:
    return Warehouse()


def shipment(number: str) -> Shipment:
    return Shipment(key=number, carrier="UPS", tracking_number=f"1Z{number}")


def test_waiting_orders_arrive_with_lines_and_address(warehouse: Warehouse) -> None:
    placed = [warehouse.sandbox.place(state=WAITING, relay=bool(n)).number for n in range(2)]
    warehouse.sandbox.advance(timedelta(minutes=10))
    assert sorted(warehouse.pull()) == sorted(placed)


@pytest.mark.parametrize("effect", ON_WRITES, ids=repr)
def test_every_shipment_ends_confirmed_and_was_applied_once(warehouse: Warehouse, effect: Effect) -> None:
    numbers = [warehouse.sandbox.place(state=WAITING, lines=2).number for _ in range(3)]
    for number in numbers:
        warehouse.pusher().enqueue(shipment(number))
    warehouse.sandbox.inject(Fault(effect, on="ValidateOrderList"))
    warehouse.push(runs=8)
    assert warehouse.states() == dict.fromkeys(numbers, "confirmed")
    assert [len(warehouse.sandbox.shipped(number)) for number in numbers] == [1, 1, 1]


@pytest.mark.parametrize("effect", [HttpStatus(503), Delay(300), HtmlPage(), Truncate(), ServerFault()], ids=repr)
def test_reading_that_fails_before_a_write_costs_no_attempt(warehouse: Warehouse, effect: Effect) -> None:
    number = warehouse.sandbox.place(state=WAITING).number
    warehouse.pusher().enqueue(shipment(number))
    warehouse.sandbox.inject(Fault(effect, on="GetOrderList", times=40))
    warehouse.push(runs=7)
    (row,) = warehouse.oms.list_shipments(ACCOUNT)
    assert (row.task.state, row.task.attempt) == ("pending", 0)
    warehouse.sandbox.faults.clear()
    warehouse.push()
    assert warehouse.states() == {number: "confirmed"}


def test_shipment_of_an_order_that_is_not_paid_yet_waits(warehouse: Warehouse) -> None:
    number = warehouse.sandbox.place(state="AcceptedBySeller").number
    warehouse.pusher().enqueue(shipment(number))
    warehouse.push(runs=5)
    assert warehouse.states() == {number: "confirmed"}
    assert len(warehouse.sandbox.shipped(number)) == 1


def test_shipment_of_a_cancelled_order_is_rejected(warehouse: Warehouse) -> None:
    number = warehouse.sandbox.place().number
    warehouse.sandbox.cancel_as_customer(number)
    warehouse.pusher().enqueue(shipment(number))
    warehouse.push(runs=2)
    assert warehouse.states() == {number: "rejected"}
    assert warehouse.sandbox.calls("ValidateOrderList") == ()
