"""Each screen shows what it is for, of stores of any size."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from cdiscount_marketplace.errors import StoreFailed
from cdiscount_marketplace.oms import OfferPusher
from cdiscount_marketplace.oms.ports import Account, JobName, JobRun, TaskState
from support.model_channel import ModelMarket
from support.offer_market import OfferMarket, OfferModelChannel
from web.conftest import Office, now


def test_an_empty_store_says_so(office: Office) -> None:
    assert "nothing was pulled yet" in office.browser().text("/")


def test_the_first_screen_shows_what_waits_for_a_person(office: Office) -> None:
    number = office.sandbox.place(state="WaitingForShipmentAcceptation").number
    office.refuses.add(number)
    office.pull()
    page = office.browser().get("/").text
    assert re.search(r">shop</a>.*?<td class=\"number bad\">1</td>", page, re.DOTALL)


def test_an_account_that_never_pulled_shows_why(office: Office) -> None:
    office.registry.save_account(Account(name="new", channel="soap", enabled=False))
    moment = now()
    run = JobRun(account="new", job=JobName.IMPORT, started_at=moment, ended_at=moment, error="LoginRefused: no")
    office.registry.record_run(run)
    browser = office.browser()
    text = browser.text("/")
    assert "new (disabled) never" in text
    assert "import: LoginRefused: no" in text
    assert "LoginRefused: no" in browser.text("/account", account="new")


def test_accounts_are_found_and_come_page_by_page(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdiscount_marketplace.web.views.ACCOUNTS", 2)
    for name in ("Anna's", "ben", "boutique"):
        office.registry.save_account(Account(name=name, channel="soap"))
    browser = office.browser()
    assert "boutique" not in browser.text("/")
    assert "boutique" in browser.text("/", after="ben")
    found = browser.text("/", q="ANNA")
    assert "Anna's" in found
    assert "ben" not in found


def test_an_account_shows_its_runs_and_its_leases(office: Office) -> None:
    office.place()
    moment = now()
    run = JobRun(account="shop", job=JobName.IMPORT, started_at=moment, ended_at=moment, error="LoginRefused: no")
    office.registry.record_run(run)
    assert office.oms.acquire("shop", "ship", "worker-7", timedelta(minutes=5))
    text = office.browser().text("/account", account="shop")
    assert "LoginRefused: no" in text
    assert "worker-7" in text
    assert "waiting_shipment" in text


def test_orders_are_found_by_any_of_their_numbers(office: Office) -> None:
    number = office.place()
    browser = office.browser()
    assert number in browser.text("/orders", account="shop")
    text = browser.text("/order", account="shop", number=f" {number} ")
    assert "imported" in text
    assert browser.get("/order", account="shop", number="unknown").status_code == 404


@pytest.mark.parametrize("mark", [" ", "\u200b", "\u202a", "\ufeff", "\u2060", "\u00a0", "\t"])
def test_an_order_is_found_by_a_pasted_number(office: Office, mark: str) -> None:
    number = office.place()
    assert f"Order {number}" in office.browser().text("/order", account="shop", number=f"{mark}{number.lower()}{mark}")


def test_an_unknown_number_can_be_corrected(office: Office) -> None:
    office.place()
    answer = office.browser().get("/order", account="shop", number="26112803x")
    assert answer.status_code == 404
    assert "<h1>No order has this number</h1>" in answer.text
    assert 'name="number" value="26112803x"' in answer.text
    assert 'aria-label="shop"' in answer.text
    assert "Not done" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["/orders?status=zzz", "/orders?after=zzz", "/tasks?kind=shipments&state=zzz", "/offers?state=zzz"],
)
def test_a_filter_that_there_is_not_is_no_empty_list(office: Office, path: str) -> None:
    office.place()
    answer = office.browser().get(f"{path}&account=shop")
    assert answer.status_code == 404
    assert "None." not in answer.text


def test_a_status_without_orders_is_an_empty_list(office: Office) -> None:
    number = office.place()
    browser = office.browser()
    assert "None." in browser.text("/orders", account="shop", status="shipped")
    assert "None." in browser.text("/orders", account="shop", after=number)


def test_pages_of_orders_follow_each_other_without_gap(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdiscount_marketplace.web.views.ROWS", 3)
    numbers = {office.place() for _ in range(8)}
    browser, seen = office.browser(), []
    query = {"account": "shop", "status": "waiting_shipment"}
    while True:
        page = browser.get("/orders", **query).text
        seen += re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', page)
        more = re.search(r"after=([^&\"]+)\">Older", page)
        if more is None:
            break
        query["after"] = more[1]
    assert len(seen) == len(set(seen)) == 8
    assert set(seen) == numbers
    assert seen == [row.number for row in office.oms.list_orders("shop")]


@pytest.mark.parametrize("kind", ["shipments", "refunds"])
def test_pages_of_tasks_follow_each_other_without_gap(
    office: Office, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("cdiscount_marketplace.web.views.ROWS", 2)
    numbers = [office.place() for _ in range(5)]
    for number in numbers:
        (office.queue if kind == "shipments" else office.give_back)(number)
    browser, seen = office.browser(), []
    path, query = "/tasks", {"account": "shop", "kind": kind, "state": "pending"}
    while True:
        page = browser.get(path, **query).text
        seen += re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', page)
        more = re.search(r'href="([^"]+)">More', page)
        if more is None:
            break
        path, query = more[1].replace("&amp;", "&"), {}
    assert seen == numbers


def test_pages_of_offers_follow_each_other_without_gap(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdiscount_marketplace.web.views.ROWS", 2)
    channel = OfferModelChannel(ModelMarket(office.sandbox.clock), shop=OfferMarket(office.sandbox.clock))
    pusher = OfferPusher(channel, office.oms, account="shop")
    for number in range(5):
        pusher.put(f"SKU-{number}", quantity=1)
    browser, seen, path = office.browser(), [], "/offers?account=shop"
    assert "pending: 5." in browser.text(path)
    while path:
        page = browser.get(path).text
        seen += re.findall(r'<th scope="row">([^<]+)</th>', page)
        more = re.search(r'href="([^"]+)">More', page)
        path = more[1].replace("&amp;", "&") if more else ""
    assert seen == [f"SKU-{number}" for number in range(5)]


def test_what_is_too_much_to_count_is_said_to_be_more(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdiscount_marketplace.web.views.COUNTED", 2)
    for _ in range(3):
        office.place()
    assert "waiting_shipment 2 or more" in office.browser().text("/account", account="shop")


def test_the_quarantine_shows_why_and_what(office: Office) -> None:
    number = office.sandbox.place(state="WaitingForShipmentAcceptation").number
    office.refuses.add(number)
    office.pull()
    browser = office.browser()
    assert "not in the catalogue" in browser.text("/quarantine", account="shop")
    [link] = re.findall(r'href="(/entry[^"]+)"', browser.get("/quarantine", account="shop").text)
    text = browser.text(link.replace("&amp;", "&"))
    assert number in text
    assert "not in the catalogue" in text
    assert browser.get("/entry", account="shop", key="gone").status_code == 404


def test_tasks_that_need_a_person_are_listed_apart(office: Office) -> None:
    number = office.place()
    office.queue(number)
    browser = office.browser()
    assert number in browser.text("/tasks", account="shop", kind="shipments")
    assert number not in browser.text("/tasks", account="shop", kind="shipments", state="person")
    assert TaskState.PENDING in browser.text("/order", account="shop", number=number)


def test_a_task_of_an_order_that_the_store_does_not_have_is_no_dead_link(office: Office) -> None:
    number = office.place()
    for key in (number, "NOT-PULLED"):
        office.queue(key)
    page = office.browser().get("/tasks", account="shop", kind="shipments").text
    assert f"number={number}" in page
    assert "number=NOT-PULLED" not in page
    assert '<th scope="row">NOT-PULLED</th>' in page


@pytest.mark.parametrize("path", ["/nothing", "/tasks?account=shop&kind=parcels", "/account?account=unknown"])
def test_what_there_is_not_is_a_404(office: Office, path: str) -> None:
    answer = office.browser().client.get(path)
    assert answer.status_code == 404
    assert "Not done" in answer.text


def test_links_stay_below_the_place_where_the_page_is_mounted(office: Office) -> None:
    office.place()
    page = office.browser().client.get("/account", query_string={"account": "shop"}, base_url="https://oms.example/ops")
    targets = re.findall(r'(?:href|action)="([^"]+)"', page.text)
    assert targets
    assert [target for target in targets if not target.startswith(("/ops/", "#"))] == []


@pytest.mark.parametrize("moment", ["", "soon", "9999-99-99", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_link_with_an_impossible_moment_shows_the_beginning(office: Office, moment: str) -> None:
    office.place()
    browser = office.browser()
    assert browser.get("/quarantine", account="shop", after="x", after_at=moment).status_code == 200
    assert browser.get("/entry", account="shop", key="x", at=moment).status_code == 404


def test_a_store_that_is_away_is_said_and_breaks_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise StoreFailed("the database is away", retryable=True)

    monkeypatch.setattr(type(office.oms), "accounts", away)
    answer = office.browser().get("/")
    assert answer.status_code == 503
    assert "the database is away" in answer.text
    assert "Content-Security-Policy" in answer.headers
