"""A worker process that pulls, accepts, ships and gives back in a loop until it is told, or made, to stop."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels import OctopiaChannel, SoapChannel
from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.octopia.client import OctopiaClient
from cdiscount_marketplace.oms import OrderAcceptor, OrderImporter, RefundPusher, ShipmentPusher, stop_on_signals, tasks
from cdiscount_marketplace.refunds import RefundKind, RefundReason, RefundRequest
from cdiscount_marketplace.soap.client import MarketplaceClient
from support.brisk import LIMITS, SETTLE_GAP, Brisk
from support.shop import AcceptAll, parcel

SECOND = timedelta(seconds=1)


def _soap():
    return Brisk(SoapChannel(MarketplaceClient.from_env(**LIMITS)))


def _octopia():
    return OctopiaChannel(OctopiaClient.from_env(**LIMITS), settle_gap=SETTLE_GAP, read_backs=[SECOND])


CHANNELS = {"soap": _soap, "octopia": _octopia}


class Busy:
    """The jobs of one worker, one after the other."""

    def __init__(self, api, database, floor):
        channel, oms = CHANNELS[api](), SqlOms(database)
        # Shorter than a slow request takes: the heartbeat must hold it, and a dead worker's is soon free.
        common = {"account": "shop", "lease_ttl": 3 * SECOND}
        self.oms = oms
        self.importer = OrderImporter(
            channel,
            oms,
            start_from=floor,
            settle=timedelta(milliseconds=500),
            sweep_every=timedelta(seconds=2),
            **common,
        )
        self.acceptor = OrderAcceptor(channel, oms, policy=AcceptAll(), **common)
        self.pusher = ShipmentPusher(channel, oms, **common)
        self.refunder = RefundPusher(channel, oms, **common)
        self.jobs = (self.importer, self.acceptor, self.pusher, self.refunder)
        self.stopped = False

    def stop(self):
        self.stopped = True
        for job in self.jobs:
            job.stop()

    def loop(self):
        with stop_on_signals([self]):
            while not self.stopped:
                for job in self.jobs:
                    # Whatever goes wrong, the next round goes on from there; that is what is on trial.
                    with suppress(CdiscountError):
                        job.run()
                self.enqueue()
                self.give_back()
                time.sleep(0.05)

    def enqueue(self):
        with suppress(CdiscountError):
            for order in self.oms.list_orders("shop", [OrderStatus.WAITING_SHIPMENT]):
                for shipment in self._parcels(order.number):
                    self.pusher.enqueue(shipment)

    def give_back(self):
        """Make a gesture on every order that is shipped, each of its own amount."""
        with suppress(CdiscountError):
            for order in self.oms.list_orders("shop", [OrderStatus.SHIPPED]):
                amount = Decimal(1 + sum(map(ord, order.number)) % 99) / 100
                self.refunder.enqueue(
                    RefundRequest(
                        key=order.number, kind=RefundKind.GESTURE, reason=RefundReason.LATE_DELIVERY, amount=amount
                    )
                )

    def _parcels(self, number):
        """Let every other order of several lines leave in two parcels."""
        ids = [line.line_id for line in self.oms.show_order("shop", number).order.lines]
        if len(ids) < 2 or None in ids or ord(number[-1]) % 2:
            return [parcel(number)]
        return [parcel(number, "6A1", lines=ids[:1]), parcel(number, "6A2", lines=ids[1:])]


if __name__ == "__main__":
    # What failed is tried again after minutes, which is longer than a run takes.
    tasks.FIRST_PAUSE = SECOND
    Busy(sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3])).loop()
