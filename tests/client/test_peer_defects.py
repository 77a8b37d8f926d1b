"""Defects that other Cdiscount libraries have, one test each, named after what goes wrong in them."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests

from cdiscount_marketplace import MarketplaceClient, OrderFilter, OrderState, ValidateOrder
from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.errors import (
    CdiscountError,
    HtmlAnswer,
    InvalidRequest,
    NotAuthorized,
    OutcomeUnknown,
    ServiceFault,
    TokenRefused,
)
from cdiscount_marketplace.models import OrderQuery, OrderStatus
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import HtmlPage, HttpStatus, ServerFault
from cdiscount_marketplace.sandbox.tokens import Account
from cdiscount_marketplace.soap import (
    ContextMessage,
    Country,
    CreateRefundVoucherRequest,
    HeaderMessage,
    LocalizationMessage,
    RefundInformation,
    RefundMode,
    RefundMotive,
    SellerRefundOrderLine,
    SellerRefundRequest,
)

WAITING = "WaitingForShipmentAcceptation"
READ, WRITE = "GetOrderList", "ValidateOrderList"
WAITING_ORDERS = OrderFilter(states=(OrderState.WAITING_FOR_SHIPMENT_ACCEPTATION,))


class Tape(requests.adapters.BaseAdapter):
    """Hands requests on, and keeps their bodies."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self._inner = sandbox.session()
        self.bodies: list[tuple[str, str]] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        body = request.body if isinstance(request.body, bytes) else b""
        self.bodies.append((str(request.headers.get("SOAPAction", "")), body.decode()))
        return self._inner.get_adapter(str(request.url)).send(request, *args, **options)

    def close(self) -> None:
        self._inner.close()

    def session(self) -> requests.Session:
        session = requests.Session()
        session.mount("https://", self)
        return session


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


# --- Python: a header dict shared by two sellers kept the first one's token


def test_two_accounts_in_many_threads_never_cross_tokens() -> None:
    sandbox = Sandbox(accounts=[Account(login=name, password=name) for name in ("ann-api", "bob-api")])
    header = HeaderMessage()
    tapes = {name: Tape(sandbox) for name in ("ann-api", "bob-api")}
    clients = {
        name: sandbox.client(username=name, password=name, session=tape.session(), header=header)
        for name, tape in tapes.items()
    }
    with ThreadPoolExecutor(8) as pool:
        names = ["ann-api", "bob-api"] * 20
        seen = list(pool.map(lambda name: clients[name].sellers.information().seller_login, names))
    assert seen == names
    tokens = {
        name: {token for _, body in tape.bodies for token in re.findall(r"TokenId>([^<]+)<", body)}
        for name, tape in tapes.items()
    }
    assert [len(found) for found in tokens.values()] == [1, 1]
    assert tokens["ann-api"].isdisjoint(tokens["bob-api"])
    assert header == HeaderMessage()


# --- Python: every fault made the call again, so that refunds and shipments happened twice


@pytest.mark.parametrize(
    "effect", [ServerFault(ran=True), HttpStatus(500, ran=True), HttpStatus(503, ran=True)], ids=repr
)
def test_fault_after_a_shipment_never_ships_twice(sandbox: Sandbox, effect: Any) -> None:
    order = sandbox.place(state=WAITING)
    sandbox.inject(Fault(effect, on=WRITE))
    with pytest.raises(OutcomeUnknown):
        sandbox.client().orders.ship(order.number, carrier="UPS", tracking_number="1Z")
    assert len(sandbox.calls(WRITE)) == 1
    assert len(sandbox.shipped(order.number)) == 1


# --- Python, SengentoBV: tokens were renewed for faults that no token mends, and without end


def test_missing_right_renews_no_token() -> None:
    sandbox = Sandbox(accounts=[Account(login="ann-api", password="ann", forbidden=frozenset({READ}))])
    client = sandbox.client()
    for _ in range(3):
        with pytest.raises(NotAuthorized):
            client.orders.list(WAITING_ORDERS)
    assert len(sandbox.calls("Token")) == 1


def test_service_that_refuses_every_token_ends_the_call(sandbox: Sandbox) -> None:
    client = sandbox.client(token="f" * 32, username=None, password=None)
    with pytest.raises(TokenRefused):
        client.orders.list(WAITING_ORDERS)
    assert len(sandbox.calls(READ)) == 1


# --- Python: creation bounds were copied into modification bounds


def test_order_touched_after_the_creation_window_is_still_found(sandbox: Sandbox) -> None:
    order = sandbox.place(state=WAITING)
    end = sandbox.clock.now() + timedelta(minutes=1)
    sandbox.advance(timedelta(hours=1))
    client = sandbox.client()
    client.orders.ship(order.number, carrier="UPS", tracking_number="1Z")
    query = OrderQuery(statuses=(OrderStatus.SHIPPED,), created_from=end - timedelta(hours=2), created_to=end)
    assert [found.number for found in SoapChannel(client).fetch(query)] == [order.number]


# --- Python, PHP: dates without states are ignored by the service, which then answers a month of orders


def test_dates_without_states_are_refused_before_sending(sandbox: Sandbox) -> None:
    with pytest.raises(InvalidRequest, match="states"):
        sandbox.client().orders.list(OrderFilter(created_from=sandbox.clock.now()))
    assert sandbox.calls() == ()


# --- Python, PHP: a bot wall's page in place of a token surfaced as a parser's error


def test_web_page_in_place_of_a_token_says_so(sandbox: Sandbox) -> None:
    sandbox.inject(Fault(HtmlPage(), on="Token", times=None))
    with pytest.raises(HtmlAnswer):
        sandbox.client(retry=RetryPolicy.never()).orders.list(WAITING_ORDERS)


# --- Python: fourteen requests for the contract, and one for a token, to make a client


def test_client_starts_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with MarketplaceClient(username="shop-api", password="secret") as client:
        assert "shop-api" in repr(client)


# --- Python: no single exception class to catch


def test_every_failure_is_one_of_ours(sandbox: Sandbox) -> None:
    client = sandbox.client(retry=RetryPolicy.never())
    for effect in (HttpStatus(500), HtmlPage(), ServerFault()):
        sandbox.inject(Fault(effect, on=READ))
        with pytest.raises(CdiscountError):
            client.orders.list(WAITING_ORDERS)
    with pytest.raises(CdiscountError):
        client.orders.validate([ValidateOrder()])
    with pytest.raises(CdiscountError):
        MarketplaceClient()


# --- PHP: a literal order number and product replaced what was asked for; XML was glued without escaping


def test_refund_asks_for_what_was_given_whatever_its_signs(sandbox: Sandbox) -> None:
    tape = Tape(sandbox)
    line = SellerRefundOrderLine(seller_product_id='A&B <"C">', refund_shipping_charges=True)
    request = CreateRefundVoucherRequest(
        order_number="2603020900ABCDE",
        seller_refunds=[
            SellerRefundRequest(mode=RefundMode.CLAIM, motive=RefundMotive.CLIENT_CLAIM, refund_order_line=line)
        ],
        commercial_gestures=[RefundInformation(amount=5, motive_id=135)],
    )
    with pytest.raises(CdiscountError):
        sandbox.client(session=tape.session()).refunds.create(request)
    ((_, body),) = [sent for sent in tape.bodies if "CreateRefundVoucher" in sent[0]]
    assert ">2603020900ABCDE<" in body
    assert "A&amp;B &lt;" in body


# --- PHP: a single child was read as a value, several as a list


@pytest.mark.parametrize("count", [1, 2, 3])
def test_results_of_one_and_of_many_orders_read_alike(sandbox: Sandbox, count: int) -> None:
    numbers = [sandbox.place().number for _ in range(count)]
    report = sandbox.client().orders.accept(*numbers)
    assert [result.order_number for result in report.results] == numbers
    assert report.ok


# --- PHP: a line's state was offered as a state of orders, which the service answers with a fault


def test_line_state_is_no_filter(sandbox: Sandbox) -> None:
    with pytest.raises(InvalidRequest, match="ShippedBySeller"):
        sandbox.client().orders.list(OrderFilter(states=(OrderState("ShippedBySeller"),)))
    assert sandbox.calls() == ()


# --- PHP: errors of a validation were created and never filled


def test_refusal_carries_the_services_own_words(sandbox: Sandbox) -> None:
    order = sandbox.place()
    result = sandbox.client().orders.refuse_shipment(order.number).of(order.number)
    assert result.codes == ("OrderStateIncoherent",)
    assert "impossible à ce stade" in str(result.message)


# --- PHP, exewen: certificates were not verified


def test_certificates_are_verified() -> None:
    seen: list[object] = []

    class Curious(requests.adapters.BaseAdapter):
        def send(self, request: object, **options: Any) -> requests.Response:
            seen.append(options["verify"])
            raise requests.ConnectionError

        def close(self) -> None: ...

    session = requests.Session()
    session.trust_env = False
    session.mount("https://", Curious())
    client = MarketplaceClient(username="a", password="b", session=session, retry=RetryPolicy.never())
    with pytest.raises(CdiscountError):
        client.sellers.information()
    assert seen == [True]


# --- SengentoBV: the token service stayed the production one when the service was another


def test_token_service_follows_the_service() -> None:
    seen: list[str] = []

    class Curious(requests.adapters.BaseAdapter):
        def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
            seen.append(str(request.url))
            raise requests.ConnectionError

        def close(self) -> None: ...

    session = requests.Session()
    session.mount("https://", Curious())
    url = "https://wsvc.preprod-cdiscount.com/MarketplaceAPIService.svc"
    client = MarketplaceClient(username="a", password="b", service_url=url, session=session, retry=RetryPolicy.never())
    with pytest.raises(CdiscountError):
        client.sellers.information()
    assert seen[0].startswith("https://sts.preprod-cdiscount.com/")
    assert "wsvc.preprod-cdiscount.com" in seen[0].partition("realm=")[2]


# --- SengentoBV: one network error latched the client into failure


def test_failure_does_not_outlast_its_cause(sandbox: Sandbox) -> None:
    client = sandbox.client(retry=RetryPolicy.never())
    sandbox.inject(Fault(HttpStatus(503), on="Token"))
    with pytest.raises(CdiscountError):
        client.orders.list(WAITING_ORDERS)
    assert client.orders.list(WAITING_ORDERS) == ()


# --- SengentoBV: the site's language and country were constants


def test_site_and_language_are_the_callers(sandbox: Sandbox) -> None:
    tape = Tape(sandbox)
    header = HeaderMessage(
        context=ContextMessage(site_id=1003), localization=LocalizationMessage(country=Country("CO"))
    )
    sandbox.client(session=tape.session(), header=header).sellers.indicators()
    body = tape.bodies[-1][1]
    assert ">1003<" in body
    assert ">CO<" in body


# --- PHP, EBII: a validation that must list every line was sent with some of them


def test_every_open_line_is_listed_once(sandbox: Sandbox) -> None:
    tape = Tape(sandbox)
    order = sandbox.place(lines=3, duplicate_reference=True, fee=True)
    sandbox.client(session=tape.session()).orders.accept(order.number)
    body = tape.bodies[-1][1]
    goods = {str(line.reference) for line in order.lines if line.reference and line.reference != "INTERETBCA"}
    assert sorted(re.findall(r"SellerProductId>([^<]+)</", body)) == sorted(goods)


# --- several: a fault of the service ended as a notice, an undefined index or a stack trace


def test_fault_of_the_service_has_its_code(sandbox: Sandbox) -> None:
    sandbox.inject(Fault(ServerFault(), on=READ, times=None))
    with pytest.raises(ServiceFault) as fault:
        sandbox.client(retry=RetryPolicy.never()).orders.list(WAITING_ORDERS)
    assert fault.value.fault_code == "InternalServiceFault"
