"""The library's jobs, for this shop: over its channel and its store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from cdiscount_marketplace import MarketplaceClient, OctopiaClient
from cdiscount_marketplace.adapters.memory import MemoryAccountRegistry
from cdiscount_marketplace.channels import OctopiaChannel, SalesChannel, SoapChannel
from cdiscount_marketplace.fleet import AccountRunner
from cdiscount_marketplace.oms import Account, JobName, JobPeriod, OrderAcceptor, OrderImporter, ShipmentPusher
from shop.settings import Settings
from shop.store import ShopStore

_OFTEN = timedelta(minutes=5)


@contextmanager
def open_channel(settings: Settings) -> Iterator[SalesChannel]:
    """Connect to the marketplace; nothing is sent before it is used."""
    if settings.channel == "octopia":
        with OctopiaClient.from_env() as octopia:
            yield OctopiaChannel(octopia)
    else:
        with MarketplaceClient.from_env() as soap:
            yield SoapChannel(soap)


def make_importer(settings: Settings, channel: SalesChannel, store: ShopStore) -> OrderImporter:
    """Return the job that imports orders; those that wait for acceptance, too, for the people who decide."""
    return OrderImporter(channel, store, account=settings.account, start_from=settings.start_from, import_unpaid=True)


def make_runner(settings: Settings, store: ShopStore) -> AccountRunner:
    """Return what runs all jobs of the account when they are due."""

    def make_job(
        name: JobName, account: Account, channel: SalesChannel
    ) -> OrderImporter | OrderAcceptor | ShipmentPusher:
        if name == JobName.ACCEPT:
            return OrderAcceptor(channel, store, account=account.name)
        if name == JobName.SHIP:
            return ShipmentPusher(channel, store, account=account.name)
        return make_importer(settings, channel, store)

    account = Account(
        name=settings.account,
        channel=settings.channel,
        start_from=settings.start_from,
        jobs=tuple(JobPeriod(job=job, every=_OFTEN) for job in (JobName.IMPORT, JobName.ACCEPT, JobName.SHIP)),
    )
    return AccountRunner(MemoryAccountRegistry([account]), store, make_job=make_job, health_file=settings.health_file)
