"""The client and the channel on what the real service answered."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from cdiscount_marketplace import OrderFilter, OrderState
from cdiscount_marketplace.channels.soap.orders import sales_order
from cdiscount_marketplace.soap import AcceptationState, ValidateOrder, ValidateOrderLine
from support.envelopes import text
from support.scripted import always


def recorded_answer(recorded: Path, operation: str, case: str) -> bytes:
    return (recorded / "soap" / "exchanges" / operation / f"{case}.response.xml").read_bytes()


def test_recorded_orders_translate_and_add_up(recorded: Path) -> None:
    service = always(200, recorded_answer(recorded, "GetOrderList", "get_order_list-1"))
    orders = service.client().orders.list(OrderFilter())
    assert orders
    for order in map(sales_order, orders):
        assert order.number == order.source.order_number
        assert order.status != "other"
        assert order.lines
        assert order.total is not None
        assert order.created_at is not None
        assert order.fulfilled_by == "seller"
        assert not order.dummy
        if order.status == "cancelled":
            assert order.shipping_address is not None
            assert order.shipping_address.masked


def test_recorded_empty_list_is_an_answer(recorded: Path) -> None:
    case = "get_order_list_by_date_with_no_order_at_date-0"
    assert always(200, recorded_answer(recorded, "GetOrderList", case)).client().orders.list(OrderFilter()) == ()


def test_recorded_refusal_beside_a_flag_of_success_is_a_refusal(recorded: Path) -> None:
    case = "validate_order_list_with_new_action_not_allowed-0"
    service = always(200, recorded_answer(recorded, "ValidateOrderList", case))
    asked = ElementTree.parse(recorded / "soap" / "exchanges" / "ValidateOrderList" / f"{case}.request.xml").getroot()
    number, reference = text(asked, "OrderNumber"), text(asked, "SellerProductId")
    line = ValidateOrderLine(acceptation_state=AcceptationState.SHIPMENT_REFUSED_BY_SELLER, seller_product_id=reference)
    decision = ValidateOrder(
        order_number=number, order_state=OrderState.SHIPMENT_REFUSED_BY_SELLER, order_lines=(line,)
    )
    result = service.client().orders.validate([decision]).of(number)
    assert (result.status, result.codes) == ("rejected", ("OrderStateIncoherent",))


@pytest.mark.parametrize("operation", ["GetSellerInformation", "GetSellerIndicators", "GetGlobalConfiguration"])
def test_recorded_reads_succeed(recorded: Path, operation: str) -> None:
    answers = sorted((recorded / "soap" / "exchanges" / operation).glob("*.response.xml"))
    assert answers
    for answer in answers:
        client = always(200, answer.read_bytes()).client()
        calls = {
            "GetSellerInformation": client.sellers.information,
            "GetSellerIndicators": client.sellers.indicators,
            "GetGlobalConfiguration": client.carriers,
        }
        if b"Fault" not in answer.read_bytes():
            assert calls[operation]() is not None
