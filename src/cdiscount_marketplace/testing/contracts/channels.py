"""What a `SalesChannel` must hold to."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

import pytest

from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.errors import InvalidRequest
from cdiscount_marketplace.models import Decision, OrderQuery, OrderStatus, Outcome, OutcomeStatus, Shipment, Verdict


class Marketplace(Protocol):
    """Your channel, and a test marketplace behind it that can place orders and count shipments."""

    @property
    def channel(self) -> SalesChannel:
        """The channel under test."""
        ...

    @property
    def carrier(self) -> str:
        """A carrier that the marketplace knows."""
        ...

    def place(self, status: OrderStatus) -> str:
        """Place an order that waits for acceptance or for shipment, or is cancelled, and return its number."""
        ...

    def times_shipped(self, number: str) -> int:
        """Return how many shipments of an order the marketplace applied."""
        ...


_WAITING = OrderStatus.WAITING_SHIPMENT
_NO_SUCH_ORDER = "NO-SUCH-ORDER-1"


class SalesChannelContract:
    """Inherit this and give a fixture `marketplace`: a `Marketplace` without orders."""

    def test_it_says_how_it_is_used(self, marketplace: Marketplace) -> None:
        channel = marketplace.channel
        assert isinstance(channel, SalesChannel)
        assert channel.name
        assert channel.write_chunk >= 1
        assert channel.settle_gap >= timedelta(0)
        assert channel.write_limit > timedelta(0)
        assert marketplace.carrier in [name.strip() for name in channel.carriers()]

    def test_a_reading_holds_the_orders_in_the_states_that_it_asks_for(self, marketplace: Marketplace) -> None:
        waiting = marketplace.place(_WAITING)
        marketplace.place(OrderStatus.CANCELLED)
        orders = marketplace.channel.fetch(OrderQuery(statuses=(_WAITING,)))
        assert [order.status for order in orders] == [_WAITING]
        assert waiting in orders[0].identities

    def test_an_order_is_read_by_any_of_its_numbers(self, marketplace: Marketplace) -> None:
        number = marketplace.place(_WAITING)
        (order,) = marketplace.channel.get([number])
        for identity in order.identities:
            assert [read.identities for read in marketplace.channel.get([identity])] == [order.identities]

    @pytest.mark.parametrize("unknown", [_NO_SUCH_ORDER, "", " ", "..", "A\0B", "digest:1"])
    def test_a_number_that_means_no_order_keeps_no_other_from_being_read(
        self, marketplace: Marketplace, unknown: str
    ) -> None:
        number = marketplace.place(_WAITING)
        orders = marketplace.channel.get([unknown, number])
        assert [number in order.identities for order in orders] == [True]

    def test_a_shipment_is_applied_once_however_often_it_is_reported(self, marketplace: Marketplace) -> None:
        number = marketplace.place(_WAITING)
        first, *_ = [self._ship(marketplace, number) for _ in range(3)]
        assert first.status != OutcomeStatus.REJECTED
        assert marketplace.times_shipped(number) == 1

    def test_outcomes_come_one_per_shipment_in_the_same_order(self, marketplace: Marketplace) -> None:
        number = marketplace.place(_WAITING)
        shipments = [self._shipment(marketplace, _NO_SUCH_ORDER), self._shipment(marketplace, number)]
        outcomes = [
            outcome
            for start in range(0, 2, marketplace.channel.write_chunk)
            for outcome in marketplace.channel.ship(shipments[start : start + marketplace.channel.write_chunk])
        ]
        assert [outcome.key for outcome in outcomes] == [_NO_SUCH_ORDER, number]
        assert (outcomes[0].status, outcomes[0].retryable) == (OutcomeStatus.REJECTED, True)
        assert marketplace.times_shipped(number) == 1

    def test_a_shipment_of_a_cancelled_order_is_rejected(self, marketplace: Marketplace) -> None:
        number = marketplace.place(OrderStatus.CANCELLED)
        assert self._ship(marketplace, number).status == OutcomeStatus.REJECTED
        assert marketplace.times_shipped(number) == 0

    @pytest.mark.parametrize("missing", ["carrier", "tracking_number"])
    def test_a_shipment_without_carrier_or_number_raises_before_anything_is_sent(
        self, marketplace: Marketplace, missing: str
    ) -> None:
        number = marketplace.place(_WAITING)
        carrier = " " if missing == "carrier" else marketplace.carrier
        tracking_number = " " if missing == "tracking_number" else "6A1"
        with pytest.raises(InvalidRequest):
            marketplace.channel.ship([Shipment(key=number, carrier=carrier, tracking_number=tracking_number)])
        assert marketplace.times_shipped(number) == 0

    def test_an_order_is_accepted(self, marketplace: Marketplace) -> None:
        number = marketplace.place(OrderStatus.WAITING_ACCEPTANCE)
        (outcome,) = marketplace.channel.decide([Decision(key=number, verdict=Verdict.ACCEPT)])
        assert (outcome.key, outcome.status == OutcomeStatus.REJECTED) == (number, False)
        (order,) = marketplace.channel.get([number])
        assert order.status != OrderStatus.REFUSED

    def test_a_verdict_that_decides_nothing_raises(self, marketplace: Marketplace) -> None:
        number = marketplace.place(OrderStatus.WAITING_ACCEPTANCE)
        with pytest.raises(InvalidRequest):
            marketplace.channel.decide([Decision(key=number, verdict=Verdict.LATER)])

    def _ship(self, marketplace: Marketplace, number: str) -> Outcome:
        (outcome,) = marketplace.channel.ship([self._shipment(marketplace, number)])
        return outcome

    def _shipment(self, marketplace: Marketplace, number: str) -> Shipment:
        return Shipment(key=number, carrier=marketplace.carrier, tracking_number="6A1")
