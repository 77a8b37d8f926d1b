"""The client secret, tokens and customers' data never leave an answer of the REST API, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cdiscount_marketplace.calls.credentials import ClientCredentials
from cdiscount_marketplace.calls.http import TimeLimits
from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.channels import OctopiaChannel
from cdiscount_marketplace.events import Event
from cdiscount_marketplace.models import Decision, OrderQuery, OrderStatus, Shipment, Verdict
from cdiscount_marketplace.octopia import LineCancellation, OctopiaClient, OrderParcel
from cdiscount_marketplace.sandbox import Fault, Sandbox, SandboxServer
from cdiscount_marketplace.sandbox.effects import Effect, Reset, reaches
from cdiscount_marketplace.sandbox.octopia.handlers import HANDLERS
from cdiscount_marketplace.sandbox.orders import Order
from cdiscount_marketplace.sandbox.tokens import Account
from support.redaction import EFFECTS, PASSWORD, Ear, Purse, found, secrets_of, told_by
from support.till import LOGIN

WAITING = "WaitingForShipmentAcceptation"


def uses(client: OctopiaClient, keys: list[str], order_id: str) -> list[Callable[[], Any]]:
    channel, calls = OctopiaChannel(client), client.orders
    parcel = OrderParcel(parcel_number="1Z", carrier_name="UPS")
    line = LineCancellation(line_id="L1", offer_id="O1", reason="r", shipping_cost_refund=True)
    return [
        calls.list,
        calls.count,
        lambda: calls.get(order_id),
        lambda: channel.fetch(OrderQuery(statuses=(OrderStatus.WAITING_SHIPMENT,))),
        lambda: channel.get(keys),
        lambda: calls.approve(order_id),
        lambda: calls.ship(order_id, [parcel]),
        lambda: calls.cancel_lines(order_id, [line]),
        lambda: calls.gestures.create(order_id, amount=Decimal(1), reason="LateDelivery"),
        lambda: channel.decide([Decision(key=key, verdict=Verdict.REFUSE) for key in keys]),
        lambda: channel.ship([Shipment(key=key, carrier="UPS", tracking_number="1Z") for key in keys]),
        client.sellers.information,
        client.sellers.addresses,
        client.carriers,
    ]


def told(client: OctopiaClient, orders: list[Order]) -> list[str]:
    """Use the client in every way, and return all that it, results and errors show."""
    # Numbers only: an order of the sandbox would show in the tests' own frames.
    doings = uses(client, [order.number for order in orders], orders[0].order_id)
    return [repr(client), repr(OctopiaChannel(client)), *told_by(doings)]


@pytest.mark.parametrize("effect", EFFECTS, ids=repr)
def test_nothing_leaks_whatever_goes_wrong(ear: Ear, effect: Effect | None) -> None:
    sandbox = Sandbox(accounts=[Account(login=LOGIN, password=PASSWORD)])
    orders = [sandbox.place(state=WAITING, relay=bool(n)) for n in range(2)]
    for operation in HANDLERS if effect else ():
        if reaches(effect, operation):
            sandbox.inject(Fault(effect, on=operation, times=2))
    events: list[Event] = []
    purse = Purse()
    client = sandbox.octopia_client(
        timeout=TimeLimits(read=20, write=20), hooks=[events.append], retry=RetryPolicy(attempts=2), token_cache=purse
    )
    shown = told(client, orders)
    assert found(secrets_of(sandbox, purse), [*shown, *ear.heard, *map(repr, events)]) == set()
    assert events


def test_nothing_leaks_over_a_socket(ear: Ear) -> None:
    sandbox = Sandbox(accounts=[Account(login=LOGIN, password=PASSWORD)])
    orders = [sandbox.place(state=WAITING) for _ in range(2)]
    for operation in ("Token", *HANDLERS):
        sandbox.inject(Fault(Reset(), on=operation, skip=1))
    purse = Purse()
    with SandboxServer(sandbox) as server, server.octopia_client(token_cache=purse) as client:
        shown = told(client, orders)
        sandbox.expire_tokens()
        sandbox.advance(timedelta(minutes=5))
        shown += told(client, orders)
    assert any("urllib3" in line for line in ear.heard)
    assert found(secrets_of(sandbox, purse), [*shown, *ear.heard]) == set()


def test_a_failed_login_tells_no_secret(ear: Ear) -> None:
    sandbox = Sandbox(accounts=[Account(login=LOGIN, password="another")])
    shown = told(sandbox.octopia_client(client_secret=PASSWORD), [sandbox.place()])
    shown.append(repr(ClientCredentials(client_id=LOGIN, client_secret=PASSWORD, seller_id="1")))
    assert found({PASSWORD}, [*shown, *ear.heard]) == set()
