"""Odd orders and odd answers that the sandbox plays, and what the SDK makes of them: the others always come in."""

from __future__ import annotations

from decimal import Decimal

import pytest
import requests
from attrs import evolve

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.errors import CdiscountError, HttpError, OrderForbidden
from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms import Ending
from cdiscount_marketplace.sandbox import Fault, Sandbox, SandboxServer, effects
from cdiscount_marketplace.sandbox.quirks import Quirk
from cdiscount_marketplace.soap.common import RefundInformation
from cdiscount_marketplace.soap.orders.enums import OrderState
from cdiscount_marketplace.soap.orders.validation import ValidateOrder
from cdiscount_marketplace.soap.refunds import CreateRefundVoucherRequest
from support.two_channels import ACCOUNT, CHANNELS, Shop

WAITING = "WaitingForShipmentAcceptation"


@pytest.fixture(params=CHANNELS)
def shop(request):
    return open_shop(request.param)


def open_shop(channel, **settings):
    return Shop(channel, lambda clock: MemoryOms(clock=clock), **settings)


@pytest.mark.parametrize("quirk", Quirk)
def test_one_odd_order_keeps_no_other_out(shop, quirk):
    first = shop.place(state=WAITING)
    odd = shop.place(state=WAITING, lines=2, quirks=[quirk])
    last = shop.place(state=WAITING)
    report = shop.pull()
    numbers = {order.number for order in shop.orders()}
    assert report.ended_by == Ending.DONE
    assert {first.number, last.number} <= numbers
    held = {entry.key for entry in shop.oms.list_quarantine(ACCOUNT)}
    unseen = {name for entry in shop.oms.list_unseen(ACCOUNT) for name in entry.identities}
    traces = len(numbers) + len(held) + len(unseen)
    assert traces >= 3, report
    shop.sandbox.set_quirks(odd.number)
    shop.wait(400)
    shop.pull()
    assert {order.number for order in shop.orders()} >= {first.number, odd.number, last.number}


@pytest.mark.parametrize("quirk", [Quirk.FORBIDDEN, Quirk.MISSING, Quirk.NO_LINES, Quirk.UNKNOWN_STATE])
def test_one_odd_order_keeps_no_other_from_being_shipped(shop, quirk):
    plain, odd = shop.place(state=WAITING), shop.place(state=WAITING)
    shop.pull()
    shop.sandbox.set_quirks(odd.number, quirk)
    for order in (odd, plain):
        shop.ship(order)
    shop.push()
    assert shop.applied()[plain.number] == 1
    shop.sandbox.set_quirks(odd.number)
    shop.settle()
    assert shop.applied() == {plain.number: 1, odd.number: 1}


def test_an_oddly_spelled_state_is_the_state(shop):
    shop.place(state=WAITING, quirks=[Quirk.ODD_SPELLING])
    shop.pull()
    assert [order.status for order in shop.orders()] == [OrderStatus.WAITING_SHIPMENT]


def test_a_list_too_long_for_the_service_is_read_in_parts(shop):
    for _ in range(6):
        shop.place(state=WAITING)
        shop.wait(5)
    shop.sandbox.settings = evolve(shop.sandbox.settings, slow_beyond=2)
    for _ in range(6):
        shop.pull()
        shop.wait(1)
    assert len(shop.orders()) == 6


def test_money_that_was_given_back_is_seen():
    shop = open_shop("soap")
    order = shop.place(state=WAITING)
    shop.pull()
    client = shop.sandbox.client()
    client.orders.ship(order.number, carrier="Colissimo", tracking_number="6A1")
    gesture = RefundInformation(amount=Decimal(3), motive_id=139)
    client.refunds.create(CreateRefundVoucherRequest(order_number=order.number, commercial_gestures=(gesture,)))
    shop.wait()
    shop.pull()
    (kept,) = shop.orders()
    assert [refund.amount for refund in kept.refunds] == [Decimal(3)]


def test_another_sales_channel_currency_and_vat_number_are_told(shop):
    shop.place(state=WAITING, sales_channel="ELECLER", currency="PLN", country="PL", vat_number="PL123", business=True)
    shop.pull()
    (order,) = shop.orders()
    assert (order.sales_channel, order.currency) == ("ELECLER", "PLN")
    assert order.shipping_address.country == "PL"
    if shop.speaks == "octopia":
        assert order.billing_address.vat_number == "PL123"


@pytest.mark.parametrize("settings", [{"octopia_page_limit": 2}, {"octopia_page_limit": 3, "octopia_links": False}])
def test_short_pages_lose_no_order(settings):
    shop = open_shop("octopia", **settings)
    for _ in range(7):
        shop.place(state=WAITING)
    shop.pull()
    assert len(shop.orders()) == 7


def test_pages_in_a_circle_end_in_one_error():
    shop = open_shop("octopia", octopia_page_limit=2)
    for _ in range(5):
        shop.place(state=WAITING)
    shop.break_lists(effects.PagesInCircle(), times=None)
    with pytest.raises(CdiscountError, match="page"):
        shop.pull()
    assert len(shop.sandbox.calls("GET /orders")) < 20


@pytest.mark.parametrize(
    ("quirk", "error", "code"),
    [(Quirk.FORBIDDEN, OrderForbidden, "OrderUpdateNotAuthorized"), (Quirk.MISSING, HttpError, "OrderNotFound")],
)
def test_whoever_names_a_hidden_order_is_refused_for_reading_and_writing(quirk, error, code):
    sandbox = Sandbox()
    order = sandbox.place(state=WAITING, quirks=[quirk])
    rest, soap = sandbox.octopia_client(), sandbox.client()
    for ask in (rest.orders.get, rest.orders.approve):
        with pytest.raises(error):
            ask(order.order_id)
    refused = ValidateOrder(order_number=order.number, order_state=OrderState.SHIPMENT_REFUSED_BY_SELLER)
    assert soap.orders.validate([refused]).of(order.number).codes == (code,)
    assert sandbox.order(order.number).state == WAITING


def test_every_rest_answer_can_be_spelled_in_snake_case():
    sandbox = Sandbox()
    sandbox.place(state=WAITING)
    client = sandbox.octopia_client()
    plain = client.sellers.information(), client.carriers(), client.orders.list()
    sandbox.inject(Fault(effects.SnakeCase(), times=None))
    assert (client.sellers.information(), client.carriers(), client.orders.list()) == plain


def test_answers_in_snake_case_are_understood():
    shop = open_shop("octopia")
    shop.place(state=WAITING)
    shop.break_lists(effects.SnakeCase(), times=None)
    shop.pull()
    assert len(shop.orders()) == 1


def test_early_hints_are_no_answer():
    shop = open_shop("soap")
    shop.place(state=WAITING)
    shop.sandbox.inject(Fault(effects.EarlyHints(times=3), times=None))
    with SandboxServer(shop.sandbox) as server:
        (order,) = shop.sandbox.orders()
        assert server.client().orders.get(order.number)[0].order_number == order.number
        assert server.octopia_client().orders.get(order.order_id).reference == order.number


def test_the_admin_api_sets_and_takes_quirks():
    shop = open_shop("soap")
    order = shop.place(state=WAITING, quirks=["forbidden"])
    with SandboxServer(shop.sandbox) as server:
        address = f"{server.url}/admin/orders/{order.number}/quirks"
        shown = requests.put(address, json={"quirks": ["bad_byte"]}, timeout=10)
        assert shown.json()["quirks"] == ["bad_byte"]
        assert requests.put(address, json={"quirks": ["nonsense"]}, timeout=10).status_code == 400
    assert shop.sandbox.order(order.number).quirks == {Quirk.BAD_BYTE}
