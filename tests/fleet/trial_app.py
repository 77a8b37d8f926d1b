"""The Celery app of the trial, as a company would write it: `celery -A fleet.trial_app worker`."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

from attrs import frozen
from celery import Celery

from cdiscount_marketplace.adapters.sql import SqlAccountRegistry, SqlOms
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.fleet import Fleet, install
from cdiscount_marketplace.models import OrderStatus, Shipment
from cdiscount_marketplace.oms import OrderImporter, ShipmentPusher, tasks
from cdiscount_marketplace.oms.ports import Account, JobName
from cdiscount_marketplace.soap.client import MarketplaceClient
from support.brisk import LIMITS, Brisk

DATABASE = os.environ["TRIAL_DATABASE"]
# A killed worker's accounts wait for no longer than this.
LEASE = timedelta(seconds=5)

app = Celery("trial", broker=os.environ["TRIAL_BROKER"])
app.conf.update(worker_prefetch_multiplier=1, broker_connection_retry_on_startup=True)


@frozen
class ShipEverything:
    """Report a shipment of every order that waits for one, and push."""

    oms: SqlOms
    pusher: ShipmentPusher

    def run(self) -> object:
        """Do both."""
        for order in self.oms.list_orders(self.pusher.account, [OrderStatus.WAITING_SHIPMENT]):
            shipment = Shipment(key=order.number, carrier="Colissimo", tracking_number=f"6A{order.number}")
            self.pusher.enqueue(shipment)
        return self.pusher.run()

    def stop(self) -> None:
        """Stop."""
        self.pusher.stop()


@contextmanager
def open_channel(account: Account, variables: Mapping[str, str]) -> Generator[SalesChannel]:
    """Open the marketplace next door, with short time limits."""
    with MarketplaceClient.from_env(variables, **LIMITS) as client:
        yield cast("SalesChannel", Brisk(SoapChannel(client)))


def make_fleet() -> Fleet:
    """Connect to the database, once per worker process."""
    # What failed is tried again after minutes, which is longer than a trial takes.
    tasks.FIRST_PAUSE = timedelta(seconds=1)
    oms = SqlOms(DATABASE)

    def make_job(job: JobName, account: Account, channel: SalesChannel) -> Any:
        common: dict[str, Any] = {"account": account.name, "lease_ttl": LEASE}
        if job == JobName.IMPORT:
            settle = timedelta(milliseconds=200)
            return OrderImporter(channel, oms, start_from=account.start_from, settle=settle, **common)
        return ShipEverything(oms, ShipmentPusher(channel, oms, **common))

    return Fleet(SqlAccountRegistry(DATABASE), oms, make_job=make_job, open_channel=open_channel)


install(app, make_fleet, tick=timedelta(seconds=1))
