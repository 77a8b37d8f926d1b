"""A shop for tests: a model market, a memory OMS, and the three jobs between them."""

from __future__ import annotations

from datetime import timedelta

from attrs import frozen

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.errors import Unmappable
from cdiscount_marketplace.models import Decision, Shipment, Verdict
from cdiscount_marketplace.oms import OrderAcceptor, OrderImporter, ShipmentPusher
from support.model_channel import START, ModelChannel, ModelMarket

MINUTE = timedelta(minutes=1)


class Shop:
    """One account; `options` are the importer's."""

    def __init__(self, **options):
        self.market = ModelMarket()
        self.channel = ModelChannel(self.market)
        self.oms = MemoryOms(clock=self.market.clock)
        self.events = []
        self.options = {"start_from": START - timedelta(days=1), **options}

    def importer(self, **options):
        return OrderImporter(self.channel, self.oms, **self._common(), **{**self.options, **options})

    def pusher(self, **options):
        return ShipmentPusher(self.channel, self.oms, **self._common(), **options)

    def acceptor(self, **options):
        return OrderAcceptor(self.channel, self.oms, **self._common(), **{"policy": AcceptAll(), **options})

    def _common(self):
        return {"account": "shop", "clock": self.market.clock, "hooks": [self.events.append]}

    def run(self, **options):
        """Let five minutes pass, then import."""
        self.market.advance(5 * MINUTE)
        return self.importer(**options).run()

    def push(self, **options):
        """Let five minutes pass, then push."""
        self.market.advance(5 * MINUTE)
        return self.pusher(**options).run()

    def accept(self, **options):
        """Let five minutes pass, then accept."""
        self.market.advance(5 * MINUTE)
        return self.acceptor(**options).run()

    def numbers(self):
        return [kept.order.number for kept in self.oms.orders("shop")]

    def told(self, kind):
        return [event for event in self.events if type(event).__name__ == kind]

    def shipped(self, number):
        return self.market.book[number].shipped

    def state(self, number):
        return self.oms.find_shipments("shop", number)[0].task.state

    def faults(self, *faults, call="ship"):
        """Let the next calls of a kind go wrong, one after the other."""
        waiting = list(faults)
        self.channel.fault = lambda name: waiting.pop(0) if waiting and name == call else None


class Picky:
    """A mapper that refuses some orders, or breaks on them."""

    def __init__(self, *refused, error=None):
        self.refused = set(refused)
        self.error = error

    def map(self, order, company):
        if order.number in self.refused:
            raise self.error or Unmappable("sku A is not in the catalogue; add it")
        return order.number


class AcceptAll:
    """A policy that accepts, and remembers what it was asked."""

    def __init__(self, verdict=Verdict.ACCEPT):
        self.verdict = verdict
        self.asked = []

    def decide(self, account, order):
        self.asked.append(order.number)
        return Decision(key=order.number, verdict=self.verdict)


def parcel(number, tracking="6A1", **more):
    """Build a shipment."""
    return Shipment(key=number, carrier="Colissimo", tracking_number=tracking, **more)


@frozen
class SkewedClock:
    """A worker's own clock, apart from the marketplace's and from the store's."""

    inner: object
    skew: timedelta

    def now(self):
        return self.inner.now() + self.skew

    def monotonic(self):
        return self.inner.monotonic()

    def sleep(self, seconds):
        raise AssertionError("a job never waits")
