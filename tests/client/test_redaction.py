"""Secrets and customers' data never reach a log, a repr, an exception, a hook or a pickle, at any level."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cdiscount_marketplace import MarketplaceClient, OrderFilter, OrderState
from cdiscount_marketplace.calls.credentials import Credentials
from cdiscount_marketplace.calls.http import TimeLimits
from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.events import Event
from cdiscount_marketplace.models import OrderQuery, OrderStatus, Shipment
from cdiscount_marketplace.sandbox import Fault, Sandbox, SandboxServer
from cdiscount_marketplace.sandbox.effects import Effect, reaches
from cdiscount_marketplace.sandbox.tokens import Account
from support.redaction import EFFECTS, PASSWORD, Ear, Purse, found, secrets_of, told_by
from support.till import LOGIN

pytestmark = pytest.mark.slow

WAITING = "WaitingForShipmentAcceptation"


def uses(client: MarketplaceClient, keys: list[str]) -> list[Callable[[], Any]]:
    channel = SoapChannel(client, parcels=True)
    waiting = OrderFilter(states=(OrderState.WAITING_FOR_SHIPMENT_ACCEPTATION,))
    url = "https://x.example/6A"
    return [
        lambda: client.orders.list(waiting),
        lambda: client.orders.get(*keys),
        lambda: channel.fetch(OrderQuery(statuses=(OrderStatus.WAITING_SHIPMENT,))),
        lambda: client.orders.ship(keys[0], carrier="UPS", tracking_number="1Z", tracking_url=url),
        lambda: channel.ship([Shipment(key=key, carrier="UPS", tracking_number="1Z") for key in keys]),
        lambda: client.orders.refuse(*keys).raise_for_failures(),
        client.sellers.information,
        client.carriers,
    ]


def told(client: MarketplaceClient, keys: list[str]) -> list[str]:
    """Use the client in every way, and return all that it, results and errors show."""
    return [repr(client), repr(SoapChannel(client)), *told_by(uses(client, keys))]


@pytest.mark.parametrize("effect", EFFECTS, ids=repr)
def test_nothing_leaks_whatever_goes_wrong(ear: Ear, effect: Effect | None) -> None:
    sandbox = Sandbox(accounts=[Account(login=LOGIN, password=PASSWORD)])
    keys = [sandbox.place(state=WAITING, relay=bool(n)).number for n in range(2)]
    for operation in ("GetOrderList", "ValidateOrderList", "GetSellerInformation") if effect else ():
        if reaches(effect, operation):
            sandbox.inject(Fault(effect, on=operation, times=2))
    events: list[Event] = []
    purse = Purse()
    client = sandbox.client(
        timeout=TimeLimits(read=20, write=20), hooks=[events.append], retry=RetryPolicy(attempts=2), token_cache=purse
    )
    shown = told(client, keys)
    secrets = secrets_of(sandbox, purse)
    assert found(secrets, [*shown, *ear.heard, *map(repr, events)]) == set()
    assert events


def test_nothing_leaks_over_a_socket(ear: Ear) -> None:
    sandbox = Sandbox(accounts=[Account(login=LOGIN, password=PASSWORD)])
    keys = [sandbox.place(state=WAITING).number for _ in range(2)]
    purse = Purse()
    with SandboxServer(sandbox) as server, server.client(token_cache=purse) as client:
        shown = told(client, keys)
    assert any("urllib3" in line for line in ear.heard)
    assert found(secrets_of(sandbox, purse), [*shown, *ear.heard]) == set()


@pytest.mark.parametrize("supplied", [None, "f" * 32])
def test_failed_login_tells_no_password(ear: Ear, supplied: str | None) -> None:
    sandbox = Sandbox(accounts=[Account(login=LOGIN, password="another")])
    client = sandbox.client(password=PASSWORD, token=supplied)
    shown = told(client, ["1904241200ABCDE"])
    assert found({PASSWORD, "f" * 32}, [*shown, *ear.heard]) == set()


def test_credentials_never_show() -> None:
    shown = repr(Credentials(username=LOGIN, password=PASSWORD, token="f" * 32))
    assert PASSWORD not in shown
    assert "f" * 32 not in shown


def test_zeep_is_never_given_a_chance_to_log_an_envelope(ear: Ear) -> None:
    sandbox = Sandbox(accounts=[Account(login=LOGIN, password=PASSWORD)])
    sandbox.client().sellers.indicators()
    assert not any("Envelope" in line for line in ear.heard)
