"""The operator's page: nobody sees it without a login, and a stuck shipment goes out once after a retry."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from html import unescape
from itertools import product

import pytest
from attrs import evolve
from fastapi.testclient import TestClient

from cdiscount_marketplace.oms import TaskState
from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.testing.contracts.samples import decision
from shop.api import create_app
from shop.settings import Settings
from shop.store import ShopStore
from tests.conftest import PARCEL, TOKEN, Work

ANNA, ZOE = ("anna", "secret"), ("Zoé", "clé:ouverte")
PAGES = ["/", "/account", "/orders", "/tasks", "/quarantine", "/do", "/style.css", "/no-such-page"]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Have two operators."""
    return evolve(settings, operators=dict([ANNA, ZOE]), form_secret="tests")


@pytest.fixture
def browser(settings: Settings, marketplace: Sandbox) -> Iterator[TestClient]:
    """Give a browser in which nobody has logged in."""
    with TestClient(create_app(settings), follow_redirects=False) as client:
        yield client


def basic(name: str, secret: str) -> dict[str, str]:
    """Return what a browser sends after the login."""
    return {"Authorization": f"Basic {b64encode(f'{name}:{secret}'.encode()).decode()}"}


def forms(text: str) -> dict[str, dict[str, str]]:
    """Return the hidden members of each form that changes something, by what it does."""
    found = (
        {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
        for form in re.findall(r'<form method="post" action="/operators/do">.*?</form>', text, re.DOTALL)
    )
    return {form["verb"]: form for form in found}


@pytest.mark.parametrize(
    "sent",
    [
        {},
        basic("anna", "wrong"),
        basic("anna", ""),
        basic("ben", "secret"),
        basic("", ""),
        basic("Zoé", "secret"),
        {"Authorization": f"Bearer {TOKEN}"},
        {"Authorization": "Basic"},
        {"Authorization": "Basic %%%"},
        {"Remote-User": "anna", "User": "anna"},
    ],
    ids=str,
)
def test_nobody_without_login_sees_anything(browser: TestClient, sent: dict[str, str]) -> None:
    for page, method in product(PAGES, ("GET", "POST")):
        answer = browser.request(method, f"/operators{page}", headers=sent)
        assert (answer.status_code, answer.text) == (401, "log in first")
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("person", [ANNA, ZOE])
def test_who_logs_in_sees_the_orders(
    browser: TestClient, marketplace: Sandbox, work: Work, settings: Settings, person: tuple[str, str]
) -> None:
    number = marketplace.place(state="WaitingForShipmentAcceptation").number
    work()
    browser.headers |= basic(*person)
    front = browser.get("/operators/")
    assert f'href="/operators/account?account={settings.account}"' in front.text
    assert f'<p class="who">{person[0]}</p>' in front.text
    assert 'href="/operators/style.css"' in front.text
    assert browser.get("/operators/style.css").status_code == 200
    page = browser.get("/operators/orders", params={"account": settings.account}).text
    assert f'href="/operators/order?account={settings.account}&amp;number={number}"' in page
    assert browser.get("/operators/order", params={"account": settings.account, "number": number}).status_code == 200


def test_a_stuck_shipment_is_retried_with_a_reason_and_goes_out_once(
    browser: TestClient, marketplace: Sandbox, work: Work, settings: Settings, store: ShopStore
) -> None:
    number = marketplace.place(state="WaitingForShipmentAcceptation").number
    work()
    browser.post(f"/orders/{number}/shipments", json=PARCEL, headers={"Authorization": f"Bearer {TOKEN}"})
    [row] = store.list_shipments(settings.account)
    stuck = evolve(row.task, state=TaskState.STUCK, version=row.task.version + 1)
    assert store.swap_shipment(settings.account, row, evolve(row, task=stuck))
    work()
    assert not marketplace.shipped(number)

    browser.headers |= basic(*ANNA)
    shown = {"account": settings.account, "kind": "shipments", "state": "person"}
    form = forms(browser.get("/operators/tasks", params=shown).text)["retry"]
    assert browser.post("/operators/do", data=form | {"reason": " "}).status_code == 400
    answer = browser.post("/operators/do", data=form | {"reason": "the carrier was unknown"})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/operators/tasks?")
    assert "is queued again" in browser.get(answer.headers["Location"]).text
    [row] = store.list_shipments(settings.account)
    assert (row.task.state, row.task.message) == (TaskState.PENDING, "queued again by anna: the carrier was unknown")

    for _ in range(2):
        work()
    assert [one.tracking and one.tracking.number for one in marketplace.shipped(number)] == [PARCEL["tracking_number"]]


def test_a_form_of_one_person_is_refused_from_another(
    browser: TestClient, settings: Settings, store: ShopStore
) -> None:
    store.swap_decision(settings.account, None, decision("A1"))
    shown = {"account": settings.account, "kind": "decisions"}
    page = browser.get("/operators/tasks", params=shown, headers=basic(*ANNA)).text
    sent = forms(page)["cancel"] | {"reason": "a mistake"}
    assert browser.post("/operators/do", data=sent, headers=basic(*ZOE)).status_code == 403
    foreign = basic(*ANNA) | {"Origin": "https://elsewhere.test"}
    assert browser.post("/operators/do", data=sent, headers=foreign).status_code == 403
    assert browser.post("/operators/do", data=sent, headers=basic(*ANNA)).status_code == 303


def test_forms_of_one_process_are_good_in_another(browser: TestClient, settings: Settings, store: ShopStore) -> None:
    store.swap_decision(settings.account, None, decision("A1"))
    browser.headers |= basic(*ANNA)
    shown = {"account": settings.account, "kind": "decisions"}
    form = forms(browser.get("/operators/tasks", params=shown).text)["cancel"]
    with TestClient(create_app(settings), headers=basic(*ANNA), follow_redirects=False) as other:
        assert other.post("/operators/do", data=form | {"reason": "a mistake"}).status_code == 303


def test_the_quarantine_is_tried_again(
    browser: TestClient, marketplace: Sandbox, work: Work, settings: Settings, store: ShopStore
) -> None:
    marketplace.place(state="WaitingForShipmentAcceptation", without_reference=True)
    work()
    [before] = store.list_quarantine(settings.account)
    browser.headers |= basic(*ANNA)
    form = forms(browser.get("/operators/quarantine", params={"account": settings.account}).text)["retry"]
    assert browser.post("/operators/do", data=form | {"reason": "it has a SKU now"}).status_code == 303
    [after] = store.list_quarantine(settings.account)
    assert after.attempts == before.attempts + 1


def test_without_operators_there_is_no_page(settings: Settings, marketplace: Sandbox) -> None:
    with TestClient(create_app(evolve(settings, operators={}))) as client:
        assert client.get("/operators/", headers=basic(*ANNA)).status_code == 404


def test_without_a_secret_for_its_forms_there_is_no_page(settings: Settings) -> None:
    with pytest.raises(ValueError, match="OMS_FORM_SECRET"):
        create_app(evolve(settings, form_secret=""))


def test_operators_are_read_from_the_environment() -> None:
    settings = Settings.from_env({"OMS_OPERATORS": "anna:secret, Zoé:clé:ouverte,", "OMS_FORM_SECRET": "s"})
    assert settings.operators == dict([ANNA, ZOE])
    assert settings.form_secret == "s"
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("text", ["zoe", "zoe:", ":clef", "zoe:clef,ben"])
def test_an_operator_without_name_or_secret_is_an_error_that_quotes_none(text: str) -> None:
    with pytest.raises(ValueError, match="needs a name and a secret") as caught:
        Settings.from_env({"OMS_OPERATORS": text})
    assert not {"zoe", "clef"} & set(re.findall(r"\w+", str(caught.value)))
