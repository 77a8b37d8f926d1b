"""What a seller does with orders, against the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from cdiscount_marketplace import MarketplaceClient, OrderFilter, OrderState
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.errors import DecisionsRefused, InvalidRequest
from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.soap import ResultStatus
from support.till import client_of

WAITING = "WaitingForShipmentAcceptation"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def client(sandbox: Sandbox) -> MarketplaceClient:
    return client_of(sandbox)


def operations(sandbox: Sandbox) -> list[str]:
    return [call.operation for call in sandbox.calls()]


def test_creating_a_client_asks_nothing(sandbox: Sandbox) -> None:
    client_of(sandbox)
    assert operations(sandbox) == []


def test_first_answer_costs_a_login_and_a_call(sandbox: Sandbox, client: MarketplaceClient) -> None:
    placed = sandbox.place()
    found = client.orders.list(OrderFilter(states=(OrderState.WAITING_FOR_SELLER_ACCEPTATION,)))
    assert [order.order_number for order in found] == [placed.number]
    assert operations(sandbox) == ["Token", "GetOrderList"]


def test_orders_come_in_the_order_asked_for_and_unknown_numbers_are_left_out(
    sandbox: Sandbox, client: MarketplaceClient
) -> None:
    first, second = sandbox.place(), sandbox.place()
    found = client.orders.get(second.number, "1904241200ABCDE", first.number)
    assert [order.order_number for order in found] == [second.number, first.number]


@pytest.mark.parametrize("given", ["", " ", None, ["1904241200ABCDE"], ("1904241200ABCDE",)])
@pytest.mark.parametrize("section", ["get", "accept", "refuse", "refuse_shipment"])
def test_what_is_no_order_number_is_refused_before_any_request(sandbox: Sandbox, section: str, given: Any) -> None:
    with pytest.raises(InvalidRequest, match=r"order_numbers\[0\]: must be an order number"):
        getattr(client_of(sandbox).orders, section)(given)
    assert operations(sandbox) == []


@pytest.mark.parametrize("options", [{"rest": "Forbid"}, {"closed_lines": ""}])
def test_unknown_words_are_refused_before_any_request(sandbox: Sandbox, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match=next(iter(options))):
        client_of(sandbox).orders.ship("1904241200ABCDE", carrier="DPD", tracking_number="1", **options)
    with pytest.raises(InvalidRequest, match=next(iter(options))):
        SoapChannel(client_of(sandbox), **options)
    assert operations(sandbox) == []


def test_accepted_order_can_be_shipped(sandbox: Sandbox, client: MarketplaceClient) -> None:
    order = sandbox.place(state=WAITING, lines=2)
    report = client.orders.ship(order.number, carrier="colissimo", tracking_number="6A1")
    assert report.ok
    assert len(report.of(order.number).lines) == 2
    assert len(sandbox.shipped(order.number)) == 1


def test_shipping_twice_is_refused_by_what_was_read(sandbox: Sandbox, client: MarketplaceClient) -> None:
    order = sandbox.place(state=WAITING)
    client.orders.ship(order.number, carrier="UPS", tracking_number="1Z")
    with pytest.raises(InvalidRequest, match="no line is left"):
        client.orders.ship(order.number, carrier="UPS", tracking_number="1Z")
    assert operations(sandbox).count("ValidateOrderList") == 1


def test_accept_refuses_the_lines_that_are_named(sandbox: Sandbox, client: MarketplaceClient) -> None:
    order = sandbox.place(lines=2)
    kept, refused = (line.reference for line in order.lines)
    assert client.orders.accept(order.number, refused_lines=[str(refused)]).ok
    states = {line.seller_product_id: line.acceptation_state for line in client.orders.get(order.number)[0].order_lines}
    assert (states[kept], states[refused]) == ("AcceptedBySeller", "RefusedBySeller")


def test_refused_decision_raises_only_when_asked(sandbox: Sandbox, client: MarketplaceClient) -> None:
    order = sandbox.place()
    report = client.orders.refuse_shipment(order.number)
    assert report.of(order.number).status == ResultStatus.REJECTED
    assert report.of(order.number).codes == ("OrderStateIncoherent",)
    with pytest.raises(DecisionsRefused) as refusal:
        report.raise_for_failures()
    assert refusal.value.order_numbers == (order.number,)


def test_shipment_without_carrier_and_number_makes_no_request(sandbox: Sandbox, client: MarketplaceClient) -> None:
    order = sandbox.place(state=WAITING)
    with pytest.raises(InvalidRequest) as refusal:
        client.orders.ship(order.number, carrier="", tracking_number="")
    assert {problem.field for problem in refusal.value.problems} == {
        f"{order.number}.carrier",
        f"{order.number}.tracking_number",
    }
    assert operations(sandbox) == []


def test_order_that_the_marketplace_does_not_show_is_named(client: MarketplaceClient) -> None:
    with pytest.raises(InvalidRequest, match="1904241200ABCDE"):
        client.orders.accept("1904241200ABCDE")


def test_order_fulfilled_by_cdiscount_is_never_decided_about(sandbox: Sandbox, client: MarketplaceClient) -> None:
    order = sandbox.place(fulfilled_by_cdiscount=True)
    with pytest.raises(InvalidRequest, match="warehouse"):
        client.orders.accept(order.number)
    assert "ValidateOrderList" not in operations(sandbox)
