"""The admin API and the page: everything that the Python face does, over HTTP, and clear answers to nonsense."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.settings import Settings
from support.envelopes import ACTION, ALL_LINES, Hand, envelope, order_filter

ROOT = "https://sandbox.invalid"


class Operator:
    """Someone with curl."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.session = sandbox.session()

    def send(self, method: str, path: str, body: object = None) -> requests.Response:
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        return self.session.request(method, f"{ROOT}/admin/{path}", data=data)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        answer = self.send(method, path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def operator() -> Operator:
    return Operator(Sandbox())


def test_an_order_is_led_through_its_life(operator: Operator) -> None:
    placed = operator.ask("POST", "orders", {"lines": 2, "unit_price": "9.99", "quantity": 1})
    number = placed["number"]
    assert placed["promised"]["total"].startswith("19.98") or placed["promised"]["shipping"] != "0"
    operator.sandbox.book.accept(number)
    assert operator.ask("POST", f"orders/{number}/pay")["state"] == "WaitingForShipmentAcceptation"
    assert operator.ask("POST", f"orders/{number}/cancel", {"rows": [1]})["lines"][1]["state"] == (
        "CancellationRequestPending"
    )
    assert operator.ask("GET", f"orders/{number}/applied")[0]["target"] == "AcceptedBySeller"
    history = [event["name"] for event in operator.ask("GET", f"orders/{number}")["history"]]
    assert history == ["Placed", "AcceptedBySeller", "WaitingForShipmentAcceptation", "CancellationRequested"]
    other = operator.ask("POST", "orders", {"state": "AcceptedBySeller"})["number"]
    assert operator.ask("POST", f"orders/{other}/refuse-payment")["state"] == "PaymentRefused"


def test_orders_are_made_by_the_dozen_and_listed_newest_first(operator: Operator) -> None:
    numbers = operator.ask("POST", "orders/fill", {"count": 12})["numbers"]
    listed = operator.ask("GET", "orders?limit=5")
    assert listed["total"] == 12
    assert [order["number"] for order in listed["orders"]] == numbers[:-6:-1]
    shipped = operator.ask("GET", "orders?state=Shipped")["orders"]
    assert {order["state"] for order in shipped} == {"Shipped"}


def test_the_clock_moves_and_takes_orders_along(operator: Operator) -> None:
    number = operator.ask("POST", "orders", {"state": "AcceptedBySeller"})["number"]
    before = operator.ask("GET", "clock")["now"]
    assert operator.ask("POST", "clock", {"seconds": 3600})["now"] > before
    assert operator.ask("GET", f"orders/{number}")["state"] == "WaitingForShipmentAcceptation"


def test_tokens_expire_and_faults_strike_on_demand(operator: Operator) -> None:
    hand = Hand(operator.sandbox)
    hand.login()
    assert operator.ask("POST", "tokens/expire") == {"expired": 1}
    assert hand.call("GetSellerInformation").status_code == 500
    fault = {"kind": "http_status", "status": 429, "retry_after": 3, "on": "Token", "times": 1}
    assert operator.ask("POST", "faults", fault).items() >= fault.items()
    assert len(operator.ask("GET", "faults")) == 1
    assert hand.login().status_code == 429
    assert operator.ask("GET", "faults") == []
    assert [strike["kind"] for strike in operator.ask("GET", "faults/log")] == ["http_status"]
    operator.ask("POST", "faults", {"kind": "delay"})
    assert operator.ask("DELETE", "faults") == []


def test_traffic_is_told_without_tokens(operator: Operator) -> None:
    hand = Hand(operator.sandbox)
    hand.call("GetOrderList", order_filter(ALL_LINES))
    calls = operator.ask("GET", "calls?operation=GetOrderList")
    assert [(call["operation"], call["status"], call["login"]) for call in calls] == [
        ("GetOrderList", 200, "sandbox-api")
    ]
    assert hand.token not in json.dumps(operator.ask("GET", "calls"))


@pytest.mark.parametrize(
    "written",
    [
        lambda token: token,
        lambda token: f"<![CDATA[{token}]]>",
        lambda token: f"<!-- mine -->{token}",
        lambda token: "".join(f"&#{ord(digit)};" for digit in token),
        lambda token: f"{token[:9]}<!-- -->{token[9:]}",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_token_is_masked_however_it_is_written(written: Callable[[str], str], encoding: str) -> None:
    hand = Hand(Sandbox())
    hand.login()
    sent = envelope("GetSellerInformation", "TOKEN").decode().replace("TOKEN", written(hand.token))
    headers = {"Content-Type": "text/xml", "SOAPAction": ACTION + "GetSellerInformation"}
    hand.session.post(hand.sandbox.service_url, data=sent.encode(encoding), headers=headers)
    [call] = hand.sandbox.calls("GetSellerInformation")
    assert "TokenId>(token)</" in call.request
    for part in (hand.token, hand.token[9:], written(hand.token)):
        assert part not in call.request


def test_switches_are_read_and_turned(operator: Operator) -> None:
    assert operator.ask("GET", "settings")["auto_cancel_after"] == 48 * 3600
    changed = {"auto_cancel_after": None, "zone": "UTC", "unlisted_line": "follow", "quiet_states": ["Shipped"]}
    assert operator.ask("PATCH", "settings", changed).items() >= changed.items()
    assert operator.sandbox.settings == Settings(
        auto_cancel_after=None, zone="UTC", unlisted_line="follow", quiet_states=["Shipped"]
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("POST", "orders", b"{", 400, "not JSON"),
        ("POST", "orders", b"[]", 400, "not a JSON object"),
        ("POST", "orders", b"[" * 100_000, 400, "not JSON"),
        ("POST", "orders", b"\xff", 400, "not JSON"),
        ("POST", "orders", {"colour": "blue"}, 400, "unknown: colour"),
        ("POST", "orders", {"lines": "two"}, 400, "lines: give an integer"),
        ("POST", "orders", {"lines": True}, 400, "lines"),
        ("POST", "orders", {"lines": 0}, 400, "at least one line"),
        ("POST", "orders", {"lines": 10**9}, 400, "lines: an order has"),
        ("POST", "orders", {"unit_price": "NaN"}, 400, "unit_price"),
        ("POST", "orders", {"unit_price": "x"}, 400, "unit_price"),
        ("POST", "orders", {"created_at": "2026-03-02T09:00:00"}, 400, "offset"),
        ("POST", "orders", {"references": "A"}, 400, "give a list"),
        ("POST", "orders", {"references": ["A"] * 1001}, 400, "lines: an order has"),
        ("POST", "orders", {"state": "Nope"}, 400, "no order stands at Nope; states are None,"),
        ("POST", "orders", {"state": ""}, 400, "no order stands at"),
        ("POST", "orders", {"quantity": 10**40}, 400, "quantity: give"),
        ("POST", "orders", {"unit_price": "-5"}, 400, "unit_price: give 0 to"),
        ("POST", "orders", {"unit_price": "1E+999999"}, 400, "unit_price: give 0 to"),
        ("POST", "orders", {"created_at": "0001-01-01T00:00:00+14:00"}, 400, "created_at"),
        ("POST", "orders", {"created_at": "9999-12-31T23:59:59Z"}, 400, "created_at"),
        ("POST", "orders/fill", {"count": 0}, 400, "count"),
        ("POST", "orders/fill", {}, 400, "missing: count"),
        ("GET", "orders?limit=x", None, 400, "limit: give 0 to"),
        ("GET", "orders?limit=-1", None, 400, "limit: give 0 to"),
        ("GET", "orders?state=Nope", None, 400, "state: no order stands at Nope"),
        ("GET", "orders/nobody", None, 404, "there is no order nobody"),
        ("POST", "orders/nobody/pay", None, 404, "nobody"),
        ("POST", "clock", {"seconds": -1}, 400, "forward only"),
        ("POST", "clock", {"seconds": 1e300}, 400, "seconds"),
        ("PATCH", "settings", {"zone": "Mars/Olympus"}, 400, "unknown time zone"),
        ("PATCH", "settings", {"zone": "../../etc/passwd"}, 400, "unknown time zone"),
        ("PATCH", "settings", {"payment": "later"}, 400, "payment"),
        ("PATCH", "settings", {"strict_tracking": 1}, 400, "strict_tracking"),
        ("PATCH", "settings", {"payment_delay": -3}, 400, "payment_delay: give 0 to"),
        ("PATCH", "settings", {"default_window": 1e13}, 400, "default_window: give 0 to"),
        ("PATCH", "settings", {"clock_skew": -1e13}, 400, "clock_skew: give 0 to"),
        ("PATCH", "settings", {"quota_per_hour": -3}, 400, "quota_per_hour"),
        ("PATCH", "settings", {"quiet_states": ["Nope"]}, 400, "no order stands at Nope"),
        ("PATCH", "settings", {"shipped_line_state": "Shipped"}, 400, "shipped_line_state: give one of"),
        ("POST", "faults", {"kind": "delay", "times": 0}, 400, "times"),
        ("POST", "faults", {"kind": "delay", "times": -1}, 400, "times"),
        ("POST", "faults", {"kind": "delay", "seconds": 1e12}, 400, "seconds"),
        ("POST", "faults", {"kind": "lose_answer", "hold": 1e12}, 400, "hold"),
        ("POST", "faults", {"kind": "apply_later", "after": 1e12}, 400, "after"),
        ("POST", "faults", {"kind": "skew_date", "by": -1e12}, 400, "by"),
        ("POST", "faults", {"kind": "html_page", "status": 7}, 400, "status"),
        ("POST", "faults", {"kind": "flood"}, 400, "kind: give one of"),
        ("POST", "faults", {"kind": ["delay"]}, 400, "kind: give one of"),
        ("POST", "faults", {"kind": "http_status", "status": 99999}, 400, "status"),
        ("POST", "faults", {"kind": "http_status", "retry_after": -1}, 400, "retry_after"),
        ("POST", "faults", {"kind": "delay", "on": "GetOrders"}, 400, "on: give * or one of"),
        ("POST", "faults", {"kind": "leave_line", "on": "GetOrderList"}, 400, "one of ValidateOrderList"),
        ("POST", "faults", {"kind": "delay", "times": 0}, 400, "times: give at least 1"),
        ("POST", "faults", b'{"kind": "delay", "seconds": Infinity}', 400, "seconds"),
        ("PUT", "orders", {}, 405, "PUT /admin/orders: Method Not Allowed"),
        ("GET", "nothing", None, 404, "GET /admin/nothing: Not Found"),
    ],
)
def test_nonsense_is_answered_with_what_to_do(
    operator: Operator, method: str, path: str, body: object, status: int, said: str
) -> None:
    answer = operator.send(method, path, body)
    assert answer.status_code == status
    assert said in answer.json()["error"]
    assert "Traceback" not in answer.text


def test_what_the_rules_forbid_is_a_conflict(operator: Operator) -> None:
    number = operator.ask("POST", "orders", {"state": "Shipped"})["number"]
    assert operator.send("POST", f"orders/{number}/cancel").status_code == 409
    assert operator.send("POST", "orders", {"number": number}).status_code == 409
    assert operator.send("PUT", "orders").status_code == 405


def test_lines_that_are_not_there_cannot_be_cancelled(operator: Operator) -> None:
    number = operator.ask("POST", "orders", {"lines": 2})["number"]
    answer = operator.send("POST", f"orders/{number}/cancel", {"rows": [1, 2]})
    assert (answer.status_code, answer.json()["error"]) == (409, f"rows: order {number} has 2, counted from 0")
    assert operator.ask("GET", f"orders/{number}")["lines"][1]["state"] == "None"


def test_odd_text_goes_through_every_door(operator: Operator) -> None:
    placed = operator.ask("POST", "orders", {"references": ["\ud800\x00é"]})
    assert placed["lines"][0]["reference"] == "\ud800\x00é"
    assert operator.session.get(f"{ROOT}/").ok


def test_a_refusal_names_its_field_once(operator: Operator) -> None:
    assert operator.send("POST", "clock", {"seconds": "x"}).json()["error"] == "seconds: give a number"
