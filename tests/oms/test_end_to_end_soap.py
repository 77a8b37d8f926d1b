"""The jobs over the real SOAP client, against the sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.channels.soap.channel import SoapChannel
from cdiscount_marketplace.errors import Unmappable
from cdiscount_marketplace.models import OrderStatus, Verdict
from cdiscount_marketplace.oms import OrderAcceptor, OrderImporter, ShipmentPusher
from cdiscount_marketplace.oms.ports import ChangeKind, TaskState
from cdiscount_marketplace.sandbox.clock import VirtualClock
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.effects import ApplyLater, LoseAnswer, MissingElements, Reset, ServerFault
from cdiscount_marketplace.sandbox.faults import Fault
from cdiscount_marketplace.sandbox.settings import Settings
from cdiscount_marketplace.sandbox.states import State
from support.shop import AcceptAll, parcel

pytestmark = pytest.mark.slow

MINUTE = timedelta(minutes=1)


class Till:
    """One shop on a sandbox, with the three jobs."""

    def __init__(self, start=None, **settings):
        self.sandbox = Sandbox(clock=VirtualClock(start), settings=Settings(**settings))
        self.channel = SoapChannel(self.sandbox.client())
        self.oms = MemoryOms(clock=self.sandbox.clock)
        self.start = self.sandbox.clock.now()

    def _common(self):
        return {"account": "shop", "clock": self.sandbox.clock}

    def pull(self, **options):
        options = {"start_from": self.start - timedelta(days=1), **options}
        return OrderImporter(self.channel, self.oms, **self._common(), **options).run()

    def accept(self, **options):
        return OrderAcceptor(self.channel, self.oms, **self._common(), **{"policy": AcceptAll(), **options}).run()

    def pusher(self):
        return ShipmentPusher(self.channel, self.oms, **self._common())

    def wait(self, minutes=5):
        self.sandbox.advance(minutes * MINUTE)

    def waiting(self):
        return self.sandbox.place(state=State.WAITING_SHIPMENT).number


@pytest.fixture
def till():
    till = Till()
    yield till
    till.channel._client.close()


def test_an_order_goes_all_the_way(till):
    number = till.sandbox.place(lines=2, fee=True).number
    till.wait()
    assert till.pull().imported == 0
    assert till.accept().confirmed == 1
    till.wait(30)
    assert till.pull().imported == 1
    till.pusher().enqueue(parcel(number))
    assert till.pusher().run().confirmed == 1
    till.wait()
    assert till.pull().updated == 1
    [kept] = till.oms.orders("shop")
    assert kept.order.status == OrderStatus.SHIPPED
    assert kept.order.shipping_address.last_name
    assert [change.kind for change in kept.changes] == [ChangeKind.IMPORTED, ChangeKind.UPDATED]
    assert len(till.sandbox.shipped(number)) == 1


def test_orders_that_lack_all_that_may_be_missing_stop_nothing(till):
    """An OMS that needs a reference on every line says so in its mapper; the rest goes on."""

    class Strict:
        def map(self, order, company):
            if any(line.sku is None for line in order.lines):
                raise Unmappable("a line without reference")
            return order

    whole = till.waiting()
    bare = till.sandbox.place(state=State.WAITING_SHIPMENT, without_reference=True).number
    till.wait()
    report = till.pull(mapper=Strict())
    assert (report.imported, report.quarantined) == (1, 1)
    assert [kept.order.number for kept in till.oms.orders("shop")] == [whole]
    assert [entry.key for entry in till.oms.list_quarantine("shop")] == [bare]
    till.wait()
    assert till.pull().released == 1
    till.sandbox.inject(Fault(MissingElements(), on="GetOrderList", times=None))
    late = till.waiting()
    till.wait()
    assert till.pull().imported == 1
    assert {kept.order.number for kept in till.oms.orders("shop")} == {whole, bare, late}


def test_a_refused_order_stays_refused(till):
    number = till.sandbox.place().number
    assert till.accept(policy=AcceptAll(Verdict.REFUSE)).confirmed == 1
    assert till.sandbox.order(number).state == State.REFUSED


@pytest.mark.parametrize(
    "effect", [LoseAnswer(), ApplyLater(5 * MINUTE), Reset(), ServerFault(), ServerFault(ran=True)], ids=repr
)
def test_trouble_on_the_wire_never_ships_twice(till, effect):
    numbers = [till.waiting() for _ in range(3)]
    for number in numbers:
        till.pusher().enqueue(parcel(number))
    till.sandbox.inject(Fault(effect, on="ValidateOrderList"))
    assert till.pusher().run().unknown == 3
    for _ in range(8):
        till.wait()
        till.pusher().run()
    for number in numbers:
        assert len(till.sandbox.shipped(number)) == 1
        assert till.oms.find_shipments("shop", number)[0].task.state == TaskState.CONFIRMED


def test_a_shipment_before_the_order_is_paid_waits_for_it(till):
    number = till.sandbox.place().number
    till.accept()
    till.pusher().enqueue(parcel(number))
    till.pusher().run()
    for _ in range(10):
        till.wait()
        till.pusher().run()
    assert len(till.sandbox.shipped(number)) == 1
    assert till.oms.find_shipments("shop", number)[0].task.state == TaskState.CONFIRMED


def test_states_that_move_no_stamp_are_mended_by_the_sweep():
    till = Till(payment_delay=timedelta(hours=4))
    till.sandbox.settings = till.sandbox.settings.quietly()
    number = till.sandbox.place().number
    till.accept()
    till.pull()
    for _ in range(11):
        till.wait(30)
        assert till.pull().imported == 0
    assert till.sandbox.order(number).state == State.WAITING_SHIPMENT
    till.wait(30)
    assert till.pull().sweep_found == 1


@pytest.mark.parametrize("zone", ["Europe/Paris", "UTC"])
@pytest.mark.parametrize(
    "change", [datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)], ids=["October", "March"]
)
def test_five_minute_polls_across_a_clock_change_lose_nothing(zone, change):
    """The client always believes in Paris; sweeps are off, so the windows alone must bring every order."""
    till = Till(change - timedelta(minutes=75), zone=zone)
    options = {"sweep_every": timedelta(days=30), "start_from": till.start - timedelta(days=1)}
    till.pull(**options)
    placed = []
    for minute in range(0, 210, 5):
        till.wait()
        if minute < 160:
            placed.append(till.waiting())
        till.pull(**options)
    imported = [kept.order.number for kept in till.oms.orders("shop")]
    assert sorted(imported) == sorted(placed)
    assert not till.oms.list_unseen("shop")


def test_an_order_whose_modification_seems_older_than_its_creation_is_not_lost_at_the_floor():
    """The service's own clocks may be apart; the floor is a bound on creations alone."""
    till = Till(clock_skew=-5 * MINUTE)
    order = till.sandbox.place()
    till.accept()
    for _ in range(5):
        till.wait()
    assert till.pull(start_from=order.created_at).imported == 1
    gone = till.waiting()
    till.sandbox.settings = Settings(clock_skew=-5 * MINUTE, paid_cancellation="at_once")
    till.sandbox.cancel_as_customer(gone)
    till.oms = MemoryOms(clock=till.sandbox.clock)
    till.wait()
    till.pull(start_from=till.sandbox.order(gone).created_at)
    assert [unseen.key for unseen in till.oms.list_unseen("shop")] == [gone]
