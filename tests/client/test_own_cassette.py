"""A day in a shop, as it was once recorded from the sandbox: today's client still sees and sends the same.

`RECORD_CASSETTES=1` records it again.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cdiscount_marketplace import MarketplaceClient, OrderFilter, OrderState, RetryPolicy
from cdiscount_marketplace.errors import NotAuthorized, OutcomeUnknown
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import OmitResult
from cdiscount_marketplace.sandbox.tokens import Account
from cdiscount_marketplace.testing.recording import Recorder, Replayer

CASSETTE = Path(__file__).parent.parent / "cassettes" / "day.json"
SINCE = datetime(2026, 3, 1, tzinfo=UTC)


def a_day(client: MarketplaceClient) -> list[str]:
    """Do what a shop does, and tell what it saw."""
    told = [f"{carrier.carrier_id} {carrier.name}" for carrier in client.carriers()[:3]]
    waiting = OrderFilter(states=[OrderState.WAITING_FOR_SELLER_ACCEPTATION], created_from=SINCE, modified_from=SINCE)
    new = [str(order.order_number) for order in client.orders.list(waiting)]
    told += [f"{result.order_number} {result.status}" for result in client.orders.accept(*new[:2]).results]
    ready = [OrderState.WAITING_FOR_SHIPMENT_ACCEPTATION]
    for order in client.orders.list(OrderFilter(states=ready)):
        report = client.orders.ship(str(order.order_number), carrier="Colissimo", tracking_number="6A1")
        told += [f"{one.reference} {one.updated}" for one in report.results[0].lines]
    refused = client.orders.refuse_shipment(new[2]).results[0]
    told.append(f"{refused.order_number} {refused.status} {refused.codes}")
    with pytest.raises(OutcomeUnknown) as unknown:
        client.orders.refuse(new[2])
    told.append(f"unknown {unknown.value.order_numbers}")
    with pytest.raises(NotAuthorized):
        client.sellers.information()
    return told


def record() -> None:
    """Record the day from a sandbox."""
    sandbox = Sandbox(
        seed=7, accounts=[Account(login="a-api", password="b", forbidden=frozenset({"GetSellerInformation"}))]
    )
    for _ in range(3):
        sandbox.place(lines=2, fee=True)
    sandbox.place(state="WaitingForShipmentAcceptation", relay=True, lines=2)
    sandbox.advance(timedelta(minutes=5))
    sandbox.inject(Fault(OmitResult(), on="ValidateOrderList", skip=3))
    session = Recorder(CASSETTE, through=sandbox.session()).session()
    a_day(sandbox.client(session=session, retry=RetryPolicy.never()))


def test_recorded_day_is_seen_and_sent_alike() -> None:
    if os.environ.get("RECORD_CASSETTES"):
        record()
    replayer = Replayer(CASSETTE)
    client = MarketplaceClient(username="a", password="b", session=replayer.session(), retry=RetryPolicy.never())
    assert a_day(client) == [
        "1 Relais Colis",
        "2 UPS",
        "3 TNT",
        "2603020900UBYZR confirmed",
        "2603020900GTSDN confirmed",
        "CASSEROLE-20 True",
        "JEU-DAMES True",
        "260302090024JHB rejected ('OrderStateIncoherent',)",
        "unknown ('260302090024JHB',)",
    ]
    assert replayer.remaining == 0
