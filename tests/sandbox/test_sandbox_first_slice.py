"""The sandbox answers a login and the two operations that sellers live by."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import requests

from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import LoseAnswer, Moment, Reset

HEADER = (
    '<headerMessage xmlns:a="http://schemas.datacontract.org/2004/07/Cdiscount.Framework.Core.Communication.Messages" '
    'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><a:Context><a:CatalogID>1</a:CatalogID><a:SiteID>100</a:SiteID>'
    "</a:Context><a:Localization><a:Country>Fr</a:Country></a:Localization><a:Security><a:DomainRightsList "
    'i:nil="true"/><a:IssuerID i:nil="true"/><a:SessionID i:nil="true"/><a:TokenId>{token}</a:TokenId><a:UserName/>'
    "</a:Security><a:Version>1.0</a:Version></headerMessage>"
)


def call(sandbox: Sandbox, operation: str, parts: str = "") -> str:
    session = sandbox.session()
    answer = session.get(sandbox.token_url, auth=("sandbox-api", "sandbox"))
    token = re.search("[0-9a-f]{32}", answer.text)[0]
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<{operation} xmlns="http://www.cdiscount.com">{HEADER.format(token=token)}{parts}</{operation}>'
        "</s:Body></s:Envelope>"
    )
    headers = {"Content-Type": "text/xml", "SOAPAction": f"http://www.cdiscount.com/IMarketplaceAPIService/{operation}"}
    return session.post(sandbox.service_url, data=body.encode(), headers=headers, timeout=(1, 30)).text


def ship(number: str, reference: str) -> str:
    return (
        "<validateOrderListMessage><OrderList><ValidateOrder><CarrierName>DPD</CarrierName><OrderLineList>"
        "<ValidateOrderLine><AcceptationState>ShippedBySeller</AcceptationState>"
        f"<SellerProductId>{reference}</SellerProductId></ValidateOrderLine></OrderLineList>"
        f"<OrderNumber>{number}</OrderNumber><OrderState>Shipped</OrderState><TrackingNumber>123</TrackingNumber>"
        "</ValidateOrder></OrderList></validateOrderListMessage>"
    )


def test_an_accepted_order_waits_for_shipment_when_it_is_paid() -> None:
    sandbox = Sandbox()
    number = sandbox.place().number
    sandbox.book.accept(number)
    sandbox.advance(timedelta(minutes=22))
    assert sandbox.order(number).state == "WaitingForShipmentAcceptation"


def test_a_shipment_is_applied_once_and_refused_the_second_time() -> None:
    sandbox = Sandbox()
    order = sandbox.place(state="WaitingForShipmentAcceptation")
    first = call(sandbox, "ValidateOrderList", ship(order.number, order.lines[0].reference))
    second = call(sandbox, "ValidateOrderList", ship(order.number, order.lines[0].reference))
    assert "<Validated>true</Validated>" in first
    assert "OrderStateIncoherent" in second
    assert len(sandbox.shipped(order.number)) == 1
    assert len(sandbox.calls("ValidateOrderList")) == 2


@pytest.mark.parametrize(
    ("effect", "error"),
    [(LoseAnswer(), requests.ReadTimeout), (Reset(Moment.AFTER), requests.ConnectionError)],
)
def test_a_lost_answer_hides_a_shipment_that_took_effect(effect: object, error: type[Exception]) -> None:
    sandbox = Sandbox()
    order = sandbox.place(state="WaitingForShipmentAcceptation")
    sandbox.inject(Fault(effect, on="ValidateOrderList"))
    with pytest.raises(error):
        call(sandbox, "ValidateOrderList", ship(order.number, order.lines[0].reference))
    assert len(sandbox.shipped(order.number)) == 1
