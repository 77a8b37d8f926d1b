"""The page shows nothing to strangers, takes no command from other sites, and runs nothing that an order contains."""

from __future__ import annotations

import time
from typing import Any

import pytest
from attrs import asdict, evolve, fields, has
from werkzeug.test import Client

from cdiscount_marketplace import models
from cdiscount_marketplace.models import Address, Customer, OrderStatus, SalesLine, SalesOrder
from cdiscount_marketplace.oms import order_to_json
from cdiscount_marketplace.oms.ports import Change, ChangeKind, QuarantinedOrder, TaskState
from cdiscount_marketplace.pages.tokens import FormTokens
from cdiscount_marketplace.web import operator_app
from web.conftest import Browser, Office, now

SCREENS = ["/", "/account", "/orders", "/order", "/quarantine", "/entry", "/tasks", "/offers"]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7777 * 7777 }}",
    "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
    "javascript:alert(1)",
    "x" * 10_000,
    "\x00\x1b[31m",
]


def filled(kind: type[Any]) -> Any:
    """Return an address or a customer with a sentinel in each member that the models keep out of reprs."""
    values = {each.name: f"personal-{each.name}" for each in fields(kind) if each.repr is False}
    if "lines" in values:
        return kind(**{**values, "lines": ("personal-lines",)})
    return kind(**values)


def order(number: str = "A1", text: str = "Lamp", **members: Any) -> SalesOrder:
    line = SalesLine(line_id="1", sku=text, title=text, quantity=1, shipping_address=filled(Address))
    given = {
        "channel": "soap",
        "identities": (number,),
        "status": OrderStatus.WAITING_SHIPMENT,
        "channel_status": text,
        "created_at": now(),
        "lines": (line,),
        "customer": filled(Customer),
        "shipping_address": filled(Address),
        "billing_address": filled(Address),
        "source": "personal-source",
    }
    return SalesOrder(**{**given, **members})


def save(office: Office, saved: SalesOrder) -> None:
    change = Change(kind=ChangeKind.IMPORTED, at=now(), digest="d")
    office.oms.save("shop", saved, saved, change)


def quarantine(office: Office, held: SalesOrder, reason: str = "unmappable") -> QuarantinedOrder:
    entry = QuarantinedOrder(
        key=held.number,
        identities=held.identities,
        code="unmappable",
        reason=reason,
        payload=order_to_json(held),
        first_seen=now(),
        last_seen=now(),
    )
    office.oms.put_quarantine("shop", entry)
    return entry


@pytest.mark.parametrize("path", [*SCREENS, "/do"])
def test_nobody_sees_nothing(office: Office, path: str) -> None:
    save(office, order())
    answer = office.browser(who=None).get(path, account="shop", number="A1")
    assert answer.status_code == 401
    assert "A1" not in answer.text


def test_the_page_without_a_login_of_the_company_is_for_nobody(office: Office) -> None:
    assert Client(operator_app(office.oms)).get("/").status_code == 401


def test_who_may_look_is_offered_no_action_and_can_do_none(office: Office) -> None:
    number = office.place()
    office.queue(number)
    form = office.browser().form("cancel", "/tasks", account="shop", kind="shipments")
    for secret in (b"same", b"same"):
        reader = office.browser(writes=False, secret=secret)
        assert reader.forms("/tasks", account="shop", kind="shipments") == []
        token = FormTokens(secret).make("anna")
        refused = reader.send({**form, "token": token})
        assert refused.status_code == 403
        assert "you may look" in refused.text
    [row] = office.oms.find_shipments("shop", number)
    assert row.task.state == TaskState.PENDING


@pytest.mark.parametrize("token", ["", "x", "1.abc", "٣.abc", "9" * 30 + ".a", "none"])
def test_a_form_without_a_good_token_does_nothing(office: Office, token: str) -> None:
    number = office.place()
    office.queue(number)
    browser = office.browser()
    form = browser.form("cancel", "/tasks", account="shop", kind="shipments")
    form = (
        {name: value for name, value in form.items() if name != "token"}
        if token == "none"
        else {**form, "token": token}
    )
    assert browser.send(form).status_code == 403
    [row] = office.oms.find_shipments("shop", number)
    assert row.task.state == TaskState.PENDING


def test_a_token_is_of_one_person_and_of_half_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = FormTokens(b"secret")
    token = tokens.make("anna")
    assert tokens.is_good(token, "anna")
    assert not tokens.is_good(token, "bert")
    assert not FormTokens(b"other").is_good(token, "anna")
    later = time.time() + 13 * 3600
    monkeypatch.setattr(time, "time", lambda: later)
    assert not tokens.is_good(token, "anna")


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}, {"Origin": "http://["}],
)
def test_another_site_commands_nothing(office: Office, headers: dict[str, str]) -> None:
    number = office.place()
    office.queue(number)
    browser = office.browser()
    form = browser.form("cancel", "/tasks", account="shop", kind="shipments")
    assert browser.client.post("/do", data={**form, "reason": "x"}, headers=headers).status_code == 403
    [row] = office.oms.find_shipments("shop", number)
    assert row.task.state == TaskState.PENDING


def test_a_name_that_others_point_here_is_refused_where_names_are_checked(office: Office) -> None:
    browser = office.browser(allowed_hosts=("oms.example",))
    for host, status in {"127.0.0.1:80": 200, "localhost": 200, "oms.example": 200, "evil.example": 403}.items():
        assert browser.client.get("/", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_shown_and_do_nothing(office: Office, text: str) -> None:
    save(office, order(text=text))
    entry = quarantine(office, order(number="Q1", text=text), reason=text)
    browser = office.browser(show_personal=True)
    pages = [
        browser.get("/order", account="shop", number="A1").text,
        browser.get("/quarantine", account="shop").text,
        browser.get("/entry", account="shop", key="Q1", at=entry.first_seen.isoformat(), personal="1").text,
        browser.get("/order", account=text, number=text).text,
        browser.get("/tasks", account=text, kind="shipments", done=text).text,
    ]
    for page in pages:
        assert "<script" not in page
        assert "<img" not in page
        assert "60481729" not in page
        assert not {"\x00", "\x1b", "\N{RIGHT-TO-LEFT OVERRIDE}"} & set(page)


@pytest.mark.parametrize("path", SCREENS)
def test_every_answer_forbids_scripts_frames_and_foreign_content(office: Office, path: str) -> None:
    save(office, order())
    answer = office.browser().get(path, account="shop", number="A1", kind="shipments")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert "http://" not in answer.text.replace("http://localhost", "")
    assert "https://" not in answer.text


def test_the_order_of_these_tests_has_every_member_that_the_models_call_personal() -> None:
    kinds = [kind for kind in vars(models).values() if isinstance(kind, type) and has(kind)]
    names = {each.name for kind in kinds for each in fields(kind) if each.repr is False}
    held = repr(asdict(order()))
    assert [name for name in sorted(names) if f"personal-{name}" not in held] == []


@pytest.mark.parametrize("asked", ["", "1"])
def test_nothing_personal_is_shown_where_it_is_not_allowed(office: Office, asked: str) -> None:
    save(office, order())
    entry = quarantine(office, order(number="Q1"))
    browser = office.browser()
    pages = [browser.get(path, account="shop", number="A1", kind="shipments", personal=asked).text for path in SCREENS]
    pages.append(browser.get("/entry", account="shop", key="Q1", at=entry.first_seen.isoformat(), personal=asked).text)
    assert "Q1" in pages[-1]
    assert "A1" in pages[3]
    assert "personal-" not in "".join(pages)


def test_customers_data_are_shown_to_who_asks_where_it_is_allowed(office: Office) -> None:
    save(office, order())
    entry = quarantine(office, order(number="Q1"))
    browser = office.browser(show_personal=True)
    assert "personal-" not in browser.get("/order", account="shop", number="A1").text
    page = browser.get("/order", account="shop", number="A1", personal="1").text
    assert "personal-last_name" in page
    assert "personal-city" in page
    held = browser.get("/entry", account="shop", key="Q1", at=entry.first_seen.isoformat(), personal="1").text
    assert "personal-email" in held


def test_an_account_with_an_odd_name_has_its_pages(office: Office) -> None:
    name = "a/b ?&#é"
    office.oms.save(name, order(), order(), Change(kind=ChangeKind.IMPORTED, at=now(), digest="d"))
    browser = office.browser()
    assert name in browser.text("/")
    assert name in browser.text("/account", account=name)
    assert evolve(order()).number in browser.text("/orders", account=name)


def test_methods_that_change_nothing_are_all_that_screens_take(office: Office) -> None:
    browser = office.browser()
    assert browser.client.post("/").status_code == 405
    assert browser.client.get("/do").status_code == 405
    assert browser.client.head("/").status_code == 200
    big = Browser(browser.client).client.post("/do", data={"reason": "x" * 100_000})
    assert big.status_code == 413
