"""The library's jobs, for this shop: over its channel and its tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings

from cdiscount_marketplace import FileTokenCache, MarketplaceClient, OctopiaClient
from cdiscount_marketplace.channels import OctopiaChannel, SalesChannel, SoapChannel
from cdiscount_marketplace.models import Shipment
from cdiscount_marketplace.oms import OrderAcceptor, OrderImporter, ShipmentPusher
from orders.store import DjangoOms


@contextmanager
def open_channel() -> Iterator[SalesChannel]:
    """Connect to the marketplace; the credentials are in the variables that the clients' `from_env()` read."""
    tokens = FileTokenCache(settings.CDISCOUNT_TOKEN_CACHE)
    if settings.CDISCOUNT_CHANNEL == "octopia":
        with OctopiaClient.from_env(token_cache=tokens) as octopia:
            yield OctopiaChannel(octopia)
    else:
        with MarketplaceClient.from_env(token_cache=tokens) as soap:
            yield SoapChannel(soap)


def importer(channel: SalesChannel, start_from: datetime | None = None) -> OrderImporter:
    """Return the job that imports orders; only the first run needs `start_from`."""
    return OrderImporter(channel, DjangoOms(), account=settings.CDISCOUNT_ACCOUNT, start_from=start_from)


def acceptor(channel: SalesChannel) -> OrderAcceptor:
    """Return the job that accepts orders."""
    return OrderAcceptor(channel, DjangoOms(), account=settings.CDISCOUNT_ACCOUNT)


def pusher(channel: SalesChannel) -> ShipmentPusher:
    """Return the job that reports shipments."""
    return ShipmentPusher(channel, DjangoOms(), account=settings.CDISCOUNT_ACCOUNT)


def queue_shipment(shipment: Shipment) -> None:
    """Store a shipment; the next `push_shipments` reports it. Raises `InvalidRequest` and `ShipmentConflict`."""
    with open_channel() as channel:
        pusher(channel).enqueue(shipment)
