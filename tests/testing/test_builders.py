"""Builders: an order in any state, and of any kind, in one line."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.generator import OrderSpec
from cdiscount_marketplace.testing import builders


@pytest.mark.parametrize(
    ("build", "state"),
    [
        (builders.waiting_for_acceptance, "WaitingForSellerAcceptation"),
        (builders.accepted, "AcceptedBySeller"),
        (builders.payment_in_progress, "PaymentInProgress"),
        (builders.payment_refused, "PaymentRefused"),
        (builders.waiting_for_shipment, "WaitingForShipmentAcceptation"),
        (builders.shipped, "Shipped"),
        (builders.refused, "RefusedBySeller"),
        (builders.shipment_refused, "ShipmentRefusedBySeller"),
        (builders.cancelled_by_customer, "CancelledByCustomer"),
        (builders.cancelled_automatically, "AutomaticCancellation"),
    ],
)
def test_an_order_stands_where_its_builder_says(build: Callable[..., OrderSpec], state: str) -> None:
    order = Sandbox().place(build(lines=2, quantity=3, unit_price=Decimal("9.99")))
    assert order.state == state
    assert [line.price for line in order.lines] == [Decimal("29.97")] * 2
    assert order.history[-1].state == state


def test_states_that_no_contract_knows_are_states_too() -> None:
    assert Sandbox().place(builders.in_state("Filled")).state == "Filled"


def test_kinds_of_orders_are_what_they_say() -> None:
    sandbox = Sandbox()
    assert sandbox.place(builders.relay()).shipping.relay_id
    assert sandbox.place(builders.business()).billing.company
    assert sandbox.place(builders.with_fee()).lines[-1].fee
    twins = sandbox.place(builders.with_duplicate_reference()).lines
    assert twins[0].reference == twins[1].reference
    assert twins[0].product_id != twins[1].product_id
    assert sandbox.place(builders.without_reference()).lines[0].reference is None
    assert sandbox.place(builders.fulfilled_by_cdiscount()).fulfilled_by_cdiscount
    assert sandbox.place(builders.dummy()).customer.last_name == "SUPPORT"


def test_a_wish_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        builders.shipped(colour="blue")
    with pytest.raises(ValueError, match="at least one line"):
        builders.shipped(lines=0)


def test_a_mapper_is_tested_without_a_sandbox() -> None:
    order = builders.sales_order("42", status=OrderStatus.SHIPPED)
    assert (order.number, order.status) == ("42", OrderStatus.SHIPPED)
    goods = sum(line.line_total + line.shipping for line in order.lines)
    assert goods == order.total
    assert not order.shipping_address.masked
