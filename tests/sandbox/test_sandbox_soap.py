"""The SOAP half against strangers: recorded requests, a plain zeep client, and senders of nonsense."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
import werkzeug.test
import zeep

from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.effects import Reset
from cdiscount_marketplace.sandbox.faults import Fault
from cdiscount_marketplace.sandbox.server import SandboxServer
from cdiscount_marketplace.sandbox.settings import Settings
from cdiscount_marketplace.sandbox.soap.endpoint import SoapEndpoint
from cdiscount_marketplace.sandbox.tokens import Account
from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.codec.encode import zeep_values
from cdiscount_marketplace.soap.codec.times import PARIS
from support.bodies import filled
from support.envelopes import (
    ACTION,
    ALL_LINES,
    CDISCOUNT,
    Hand,
    envelope,
    find_all,
    order_filter,
    parse,
    skeleton,
    text,
)

OURS = [operation.name for operation in OPERATIONS]
MASKED = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def hand() -> Hand:
    return Hand(Sandbox())


# --- recorded exchanges


def replay(hand: Hand, recorded: Path, operation: str, case: str) -> tuple[bytes, ElementTree.Element]:
    folder = recorded / "soap" / "exchanges" / operation
    hand.login()
    expected = (folder / f"{case}.response.xml").read_text("utf-8")
    # Some were sent with a token that was gone by then.
    token = MASKED if "Your token does not exist" in expected else hand.token
    request = (folder / f"{case}.request.xml").read_text("utf-8").replace(MASKED, token)
    answer = hand.post(request.encode(), ACTION + operation)
    return answer.content, ElementTree.parse(folder / f"{case}.response.xml").getroot()


# Recorded with accounts that Cdiscount does not ship for: the sandbox's own is none of them.
WITHOUT_FULFILMENT = {"GetFulfilmentActivationReportList", "GetProductStockList"}


@pytest.mark.parametrize("operation", [name for name in OURS if name not in WITHOUT_FULFILMENT])
def test_every_recorded_request_is_accepted_and_answered_in_the_recorded_shape(
    hand: Hand, recorded: Path, operation: str
) -> None:
    cases = sorted((recorded / "soap" / "exchanges" / operation).glob("*.request.xml"))
    for path in cases:
        case = path.name.removesuffix(".request.xml")
        content, expected = replay(hand, recorded, operation, case)
        answered = ElementTree.fromstring(content)
        assert head(answered) == head(expected)


# Lists whose length, and values whose presence, are the shop's own.
SHOPS_OWN = (
    "ByIdentifier",
    "CarrierList",
    "ClaimList",
    "Indicators",
    "MailGuid",
    "MailList",
    "ModelList",
    "OrderList",
    "ProductList",
    "QuestionList",
    "ResultList",
    "Seller",
    "StockList",
)


def head(answer: ElementTree.Element) -> list[object]:
    """Return the structure down to the result's members, without the lists whose length is the shop's own."""
    result = answer[0][0][0] if "Fault" not in answer[0][0].tag else answer[0][0]
    members = [child for child in result if not child.tag.endswith(SHOPS_OWN)]
    return [answer.tag, answer[0].tag, answer[0][0].tag, result.tag, *(skeleton(child) for child in members)]


@pytest.mark.parametrize(
    ("operation", "case", "part"),
    [
        ("GetSellerInformation", "auto_refresh_token-3", "GetSellerInformationResult"),
        ("GetGlobalConfiguration", "get_global_configuration-0", "Carrier"),
        ("CreateRefundVoucher", "create_refund_voucher_with_invalid_data-0", "CreateRefundVoucherResult"),
    ],
)
def test_other_answers_have_the_recorded_structure(
    hand: Hand, recorded: Path, operation: str, case: str, part: str
) -> None:
    content, expected = replay(hand, recorded, operation, case)
    ours = next(find_all(ElementTree.fromstring(content), part))
    assert skeleton(ours) == skeleton(next(find_all(expected, part)))


@pytest.mark.parametrize("state", ["CancelledByCustomer", "RefusedBySeller", "Shipped", "ShipmentRefusedBySeller"])
def test_an_order_has_the_recorded_structure_at_each_recorded_state(hand: Hand, recorded: Path, state: str) -> None:
    hand.sandbox.place(state=state, lines=1)
    content, expected = replay(hand, recorded, "GetOrderList", "get_order_list-1")
    ours = next(find_all(ElementTree.fromstring(content), "Order"))
    theirs = next(order for order in find_all(expected, "Order") if text(order, "OrderState") == state)
    # What the recorded goods happened to be: without EAN, once discounted, once with refunded shipping.
    free = {"ProductEan", "InitialPrice", "RefundShippingCharges", "Building"}
    assert structure(ours, free) == structure(theirs, free)


def structure(element: ElementTree.Element, free: set[str]) -> tuple[object, ...]:
    name = element.tag.rpartition("}")[2]
    if name in free:
        return (element.tag,)
    nil = element.get("{http://www.w3.org/2001/XMLSchema-instance}nil")
    return (element.tag, nil, bool(element.text), tuple(structure(child, free) for child in element))


def test_the_recorded_refusal_is_answered_byte_by_byte(hand: Hand, recorded: Path) -> None:
    case = "validate_order_list_with_new_action_not_allowed-0"
    folder = recorded / "soap" / "exchanges" / "ValidateOrderList"
    expected = (folder / f"{case}.response.xml").read_bytes()
    asked = ElementTree.parse(folder / f"{case}.request.xml").getroot()
    number, reference = text(asked, "OrderNumber"), text(asked, "SellerProductId")
    hand.sandbox.place(state="ShipmentRefusedBySeller", number=number, references=[reference])
    content, _expected = replay(hand, recorded, "ValidateOrderList", case)
    assert content.replace(hand.token.encode(), b"TOKENID").replace(b"sandbox-api", b"SELLERLOGIN") == expected


def test_the_recorded_token_answer_is_given_in_kind(hand: Hand, recorded: Path) -> None:
    expected = (recorded / "soap" / "exchanges" / "STS" / "token.response.xml").read_bytes()
    answer = hand.login()
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.content.replace(hand.token.encode(), MASKED.encode()) == expected.strip()


# --- a client that owes us nothing


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[SandboxServer, zeep.Client, dict[str, object]]]:
    sandbox = Sandbox()
    with SandboxServer(sandbox) as server:
        client = zeep.Client(f"{server.service_url}?wsdl")
        answer = requests.get(server.token_url, params={"realm": server.service_url}, auth=("sandbox-api", "sandbox"))
        security = {"TokenId": answer.text[-41:-9], "UserName": "", "DomainRightsList": None, "IssuerID": None}
        yield (
            server,
            client,
            {
                "Context": {"SiteID": 100},
                "Localization": {"Country": "Fr"},
                "Security": {**security, "SessionID": None},
                "Version": "1.0",
            },
        )


def test_a_plain_zeep_client_calls_every_operation(
    served: tuple[SandboxServer, zeep.Client, dict[str, object]],
) -> None:
    server, client, header = served
    order = server.sandbox.place(state="WaitingForShipmentAcceptation", lines=1)
    line = {"AcceptationState": "ShippedBySeller", "SellerProductId": order.lines[0].reference}
    shipping = {
        "CarrierName": "DPD",
        "OrderLineList": {"ValidateOrderLine": [line]},
        "OrderNumber": order.number,
        "OrderState": "Shipped",
        "TrackingNumber": "1",
    }
    parts: dict[str, dict[str, Any]] = {
        "CreateRefundVoucher": {"request": {"OrderNumber": order.number}},
        "GetGlobalConfiguration": {},
        "GetOrderList": {"orderFilter": {"FetchOrderLines": True}},
        "GetSellerIndicators": {},
        "GetSellerInformation": {},
        "ValidateOrderList": {"validateOrderListMessage": {"OrderList": {"ValidateOrder": [shipping]}}},
    }
    for operation in OPERATIONS:
        given = {part.name: zeep_values(filled(part.type), PARIS) for part in operation.parts}
        parts.setdefault(operation.name, given)
    answers = {name: client.service[name](headerMessage=header, **given) for name, given in parts.items()}
    assert answers["GetOrderList"].OrderList.Order[0].OrderNumber == order.number
    assert answers["GetGlobalConfiguration"].CarrierList.Carrier[0].Name == "Relais Colis"
    assert len(answers["GetSellerIndicators"].SellerIndicators.SellerIndicator) == 5
    assert answers["GetSellerInformation"].Seller.State == "Activated"
    assert answers["ValidateOrderList"].ValidateOrderResults.ValidateOrderResult[0].Validated is True
    assert answers["CreateRefundVoucher"].ErrorMessage == "Demande de remboursement invalide"
    assert len(server.sandbox.shipped(order.number)) == 1


def test_a_service_made_by_the_bindings_real_name_answers(
    served: tuple[SandboxServer, zeep.Client, dict[str, object]],
) -> None:
    server, client, header = served
    service = client.create_service("{http://tempuri.org/}BasicHttpBinding_IMarketplaceAPIService", server.service_url)
    assert service.GetSellerInformation(headerMessage=header).Seller.State == "Activated"


# --- tokens


def test_wrong_passwords_get_a_challenge(hand: Hand) -> None:
    for login, password in (("sandbox-api", "wrong"), ("nobody", "sandbox"), ("", "")):
        answer = hand.login(login, password)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    refused = hand.session.get(hand.sandbox.token_url, headers={"Authorization": "Basic ÿ"})
    assert refused.status_code == 401


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("invalid_token", "Token id is not correctly formatted."),
        ("", "Token id is not correctly formatted."),
        ("0" * 32, "Your token does not exist, please renew your token id."),
    ],
)
def test_a_bad_token_is_refused_in_the_recorded_words(hand: Hand, token: str, said: str) -> None:
    answer = hand.post(envelope("GetSellerInformation", token), ACTION + "GetSellerInformation")
    assert answer.status_code == 500
    assert text(parse(answer), "faultcode") == "s:RequestTokenValidationError"
    assert text(parse(answer), "faultstring") == said


def test_several_tokens_live_at_once_and_each_for_48_hours(hand: Hand) -> None:
    hand.login()
    first = hand.token
    hand.sandbox.advance(timedelta(hours=47))
    hand.login()
    assert hand.token != first
    for token, hours, status in ((first, 0, 200), (hand.token, 0, 200), (first, 1, 500), (hand.token, 0, 200)):
        hand.sandbox.advance(timedelta(hours=hours))
        assert hand.post(envelope("GetSellerInformation", token)).status_code == status


def test_rights_are_those_of_the_login() -> None:
    may_not = Account(login="reader-api", password="p", forbidden=frozenset({"ValidateOrderList"}))
    hand = Hand(Sandbox(accounts=[may_not]))
    hand.login("reader-api", "p")
    answer = hand.call("ValidateOrderList")
    dashed = f"{hand.token[:8]}-{hand.token[8:12]}-{hand.token[12:16]}-{hand.token[16:20]}-{hand.token[20:]}"
    assert text(parse(answer), "faultstring") == (
        f"User is not authorized to access to this resource (Token used: '{dashed}', Resource: "
        f"(Service: 'marketplaceapiservice.svc' / Action: '{ACTION}ValidateOrderList'))."
    )
    assert hand.call("GetOrderList", order_filter("")).status_code == 200


# --- as WCF does


def test_members_out_of_their_order_and_unknown_ones_vanish(hand: Hand) -> None:
    hand.sandbox.place()
    bounds = "<States><OrderStateEnum>Shipped</OrderStateEnum></States>"
    misplaced = f"{bounds}<FetchOrderLines>true</FetchOrderLines><Surprise>1</Surprise>"
    assert hand.list(misplaced) == []
    hand.sandbox.place(state="Shipped")
    assert next(find_all(hand.list(misplaced)[0], "OrderLineList"))[:] == []
    foreign = '<FetchOrderLines xmlns="urn:other">true</FetchOrderLines>'
    assert next(find_all(hand.list(foreign)[0], "OrderLineList"))[:] == []


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ("<States><OrderStateEnum>ShippedBySeller</OrderStateEnum></States>", "Invalid enum value 'ShippedBySeller'"),
        ("<FetchOrderLines>yes</FetchOrderLines>", "The value 'yes' cannot be parsed as the type 'Boolean'."),
        ("<BeginCreationDate>yesterday</BeginCreationDate>", "cannot be parsed as the type 'DateTime'."),
        ("<BeginCreationDate>2026-01-01</BeginCreationDate>", "cannot be parsed as the type 'DateTime'."),
        ("<BeginCreationDate>2026-W10-1T00:00:00</BeginCreationDate>", "cannot be parsed as the type 'DateTime'."),
        ("<BeginCreationDate>20260302T000000</BeginCreationDate>", "cannot be parsed as the type 'DateTime'."),
        ("<BeginCreationDate>2026-03-02T00:00:00123</BeginCreationDate>", "cannot be parsed as the type 'DateTime'."),
        ('<FetchOrderLines xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>', "cannot be null"),
    ],
)
def test_a_wrong_value_is_a_fault_of_deserialization(hand: Hand, members: str, said: str) -> None:
    answer = hand.call("GetOrderList", order_filter(members))
    assert answer.status_code == 500
    fault = parse(answer)
    assert text(fault, "faultcode") == "a:DeserializationFailed"
    assert "parameter http://www.cdiscount.com:orderFilter." in text(fault, "faultstring")
    assert said in text(fault, "faultstring")
    assert text(fault, "faultstring").endswith("'.  Please see InnerException for more details.")


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e999999999", "1_0", "１", "1,5", "", "9" * 30])
def test_an_amount_that_no_decimal_holds_is_refused_and_repays_nothing(hand: Hand, amount: str) -> None:
    number = hand.sandbox.place(state="Shipped").number
    answer = hand.call("CreateRefundVoucher", gesture(number, amount))
    assert text(parse(answer), "faultcode") == "a:DeserializationFailed"
    assert f"The value '{amount}' cannot be parsed as the type 'Decimal'." in text(parse(answer), "faultstring")
    assert hand.sandbox.order(number).refunds == ()


@pytest.mark.parametrize("motive", ["1_35", "１35", "135.0", "99999999999"])
def test_a_motive_that_is_no_integer_is_refused(hand: Hand, motive: str) -> None:
    number = hand.sandbox.place(state="Shipped").number
    answer = hand.call("CreateRefundVoucher", gesture(number, "1", motive))
    assert f"The value '{motive}' cannot be parsed as the type 'Int32'." in text(parse(answer), "faultstring")


def gesture(number: str, amount: str, motive: str = "135") -> str:
    information = f"<RefundInformation><Amount>{amount}</Amount><MotiveId>{motive}</MotiveId></RefundInformation>"
    return (
        f"<request><CommercialGestureList>{information}</CommercialGestureList><OrderNumber>{number}</OrderNumber>"
        "</request>"
    )


def test_bounds_at_the_ends_of_the_calendar_hold_every_order_in_any_zone(hand: Hand) -> None:
    number = hand.sandbox.place().number
    waiting = "<States><OrderStateEnum>WaitingForSellerAcceptation</OrderStateEnum></States>"
    for begin, end in (("+14:00", "-14:00"), ("Z", "Z"), ("", "")):
        bounds = (
            f"<BeginCreationDate>0001-01-01T00:00:00{begin}</BeginCreationDate>"
            f"<EndCreationDate>9999-12-31T23:59:59.9999999{end}</EndCreationDate>"
        )
        assert hand.numbers(f"{bounds}{waiting}") == [number]


def test_a_header_without_its_token_is_a_fault_of_deserialization(hand: Hand) -> None:
    body = envelope("GetOrderList", "x").replace(b"<a:TokenId>x</a:TokenId>", b"")
    answer = hand.post(body)
    messages = "http://schemas.datacontract.org/2004/07/Cdiscount.Framework.Core.Communication.Messages"
    said = f"'Element' 'UserName' from namespace '{messages}' is not expected. Expecting element 'TokenId'."
    assert said in text(parse(answer), "faultstring")


def test_reading_comes_before_the_token_unless_a_switch_turns_them(hand: Hand) -> None:
    body = envelope("GetOrderList", "bad", order_filter("<FetchOrderLines>yes</FetchOrderLines>"))
    assert text(parse(hand.post(body)), "faultcode") == "a:DeserializationFailed"
    hand.sandbox.settings = Settings(token_before_body=True)
    assert text(parse(hand.post(body)), "faultcode") == "s:RequestTokenValidationError"


def test_an_operation_is_known_by_its_action_or_by_its_body(hand: Hand) -> None:
    hand.login()
    body = envelope("GetSellerInformation", hand.token)
    assert hand.post(body).status_code == 200
    assert hand.post(body, "").status_code == 200
    mismatch = hand.post(body, ACTION + "GetOrderList")
    assert text(parse(mismatch), "faultcode") == "a:DeserializationFailed"
    for unknown in (ACTION + "GetEverything", "urn:other/GetSellerInformation"):
        answer = hand.post(body, unknown)
        assert text(parse(answer), "faultcode") == "a:ActionNotSupported"
        assert unknown in text(parse(answer), "faultstring")
    assert text(parse(hand.post(envelope("GetEverything", hand.token))), "faultcode") == "a:ActionNotSupported"
    wrong = body.replace(CDISCOUNT.encode(), b"http://www.example.com")
    assert text(parse(hand.post(wrong)), "faultcode") == "a:DeserializationFailed"


def test_unknown_query_strings_do_not_matter(hand: Hand) -> None:
    hand.login()
    url = f"{hand.sandbox.service_url}?channel=partner"
    headers = {"Content-Type": "text/xml"}
    assert hand.session.post(url, data=envelope("GetSellerInformation", hand.token), headers=headers).ok


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<",
        b"<a/>",
        b"<a>" * 100_000,
        b"<a>" * 50 + b"</a>" * 50,
        b"<a>" + b"<b/>" * 300_000 + b"</a>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<?xml version="1.0" encoding="unheard-of"?><a/>',
        b"\xff\xfe\x00",
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><a/></s:Body></s:Envelope>',
    ],
)
def test_nonsense_is_a_bad_request(hand: Hand, body: bytes) -> None:
    answer = hand.post(body)
    assert answer.status_code == 400
    assert "Traceback" not in answer.text
    assert len(hand.sandbox.calls()) == 1


def test_a_server_that_cannot_break_connections_gives_up_on_a_fault() -> None:
    sandbox = Sandbox()
    sandbox.inject(Fault(Reset(), on="Token"))
    plain = werkzeug.test.Client(sandbox.app)
    with pytest.raises(ConnectionAbortedError):
        plain.get("/users/httpIssue.svc/")
    assert plain.get("/users/httpIssue.svc/").status_code == 401


def test_huge_and_mislabelled_bodies_are_refused(hand: Hand) -> None:
    assert hand.post(b"x" * (8 * 1024 * 1024 + 1)).status_code == 413
    json = hand.session.post(hand.sandbox.service_url, data=b"{}", headers={"Content-Type": "application/json"})
    assert json.status_code == 415
    assert hand.session.put(hand.sandbox.service_url).status_code == 405
    assert hand.session.get("https://sandbox.invalid/nowhere").status_code == 404


def test_nothing_but_the_sandbox_is_reachable(hand: Hand) -> None:
    with pytest.raises(requests.ConnectionError):
        hand.session.get("https://wsvc.cdiscount.com/MarketplaceAPIService.svc")


def test_a_bug_of_the_sandbox_looks_like_a_fault_of_the_service(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(SoapEndpoint, "answer", fail)
    answer = hand.post(b"<a/>")
    assert text(parse(answer), "faultcode") == "a:InternalServiceFault"
    assert "ZeroDivision" not in answer.text


def test_the_log_keeps_calls_and_no_token(hand: Hand) -> None:
    hand.call("GetOrderList", order_filter(ALL_LINES))
    kept = repr(hand.sandbox.calls())
    assert hand.token not in kept
    assert [call.operation for call in hand.sandbox.calls()] == ["Token", "GetOrderList"]
    assert "(token)" in hand.sandbox.calls()[0].response
    assert "sandbox-api" in kept
