"""Orders in, decisions and shipments out, as the API and the worker do it, against a local Cdiscount over HTTP."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.testing.contracts.samples import race, unseen
from shop.api import create_app
from shop.settings import Settings
from shop.store import ShopStore
from tests.conftest import PARCEL, Work


def _only_order(api: TestClient) -> dict[str, Any]:
    (order,) = api.get("/orders").json()
    shown: dict[str, Any] = api.get(f"/orders/{order['number']}").json()
    return shown


def test_an_order_is_decided_about_imported_and_shipped_once(api: TestClient, marketplace: Sandbox, work: Work) -> None:
    placed = marketplace.place(references=("LAMP-1",), quantity=2)
    work()
    assert _only_order(api)["status"] == "waiting_acceptance"
    for _ in range(2):
        assert api.post(f"/orders/{placed.number}/decision", json={"verdict": "accept"}).status_code == 202
        work()
    marketplace.advance(timedelta(hours=1))
    work()
    order = _only_order(api)
    assert (order["status"], order["decision"]["state"]) == ("waiting_shipment", "confirmed")
    assert [(line["sku"], line["quantity"]) for line in order["lines"]] == [("LAMP-1", 2)]
    assert order["recipient"]["city"]

    for _ in range(2):
        assert api.post(f"/orders/{placed.number}/shipments", json=PARCEL).status_code == 202
        work()
    assert [one.tracking and one.tracking.number for one in marketplace.shipped(placed.number)] == ["6A12345678901"]
    assert [shipment["state"] for shipment in _only_order(api)["shipments"]] == ["confirmed"]


def test_workers_that_run_at_once_import_once_and_ship_once(api: TestClient, marketplace: Sandbox, work: Work) -> None:
    numbers = {marketplace.place(state="WaitingForShipmentAcceptation").number for _ in range(3)}
    race(lambda _: work())
    assert sorted(order["number"] for order in api.get("/orders").json()) == sorted(numbers)
    for number in numbers:
        api.post(f"/orders/{number}/shipments", json=PARCEL | {"tracking_number": f"6A{number}"})
    race(lambda _: work())
    assert [len(marketplace.shipped(number)) for number in numbers] == [1, 1, 1]


@pytest.mark.parametrize("query", ["after=99999999999999999999999999", "after=-1", "limit=-1", "limit=0"])
def test_a_page_that_cannot_be_is_a_422(api: TestClient, query: str) -> None:
    assert api.get(f"/orders?{query}").status_code == 422


@pytest.mark.parametrize("query", [f"after={2**63 - 1}", "limit=99999999999999999999999999"])
def test_the_ends_of_the_list_are_pages(api: TestClient, query: str) -> None:
    assert api.get(f"/orders?{query}").json() == []


@pytest.mark.parametrize("text", ["2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T02:00:00+02:00"])
def test_a_start_without_an_offset_is_in_utc(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert Settings.from_env({"CDISCOUNT_START_FROM": text}).start_from == datetime(2026, 1, 1, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("missing", PARCEL)
@pytest.mark.parametrize("how", ["absent", "blank"])
def test_a_shipment_without_carrier_or_number_is_a_422(
    api: TestClient, marketplace: Sandbox, work: Work, missing: str, how: str
) -> None:
    number = _waiting(marketplace, work)
    parcel = {**PARCEL, missing: " "} if how == "blank" else {k: v for k, v in PARCEL.items() if k != missing}
    response = api.post(f"/orders/{number}/shipments", json=parcel)
    assert response.status_code == 422
    assert missing in response.text
    assert _only_order(api)["shipments"] == []


def test_another_parcel_for_the_same_lines_is_a_409(api: TestClient, marketplace: Sandbox, work: Work) -> None:
    number = _waiting(marketplace, work)
    api.post(f"/orders/{number}/shipments", json=PARCEL)
    response = api.post(f"/orders/{number}/shipments", json=PARCEL | {"tracking_number": "6A2"})
    assert response.status_code == 409
    assert [parcel["tracking_number"] for parcel in _only_order(api)["shipments"]] == [PARCEL["tracking_number"]]


def test_another_decision_is_a_409(api: TestClient, marketplace: Sandbox, work: Work) -> None:
    number = marketplace.place().number
    work()
    api.post(f"/orders/{number}/decision", json={"verdict": "refuse"})
    assert api.post(f"/orders/{number}/decision", json={"verdict": "accept"}).status_code == 409


@pytest.mark.parametrize(
    "wanted", [{}, {"verdict": "later"}, {"verdict": "accept", "refused_lines": ["no-such-line"]}], ids=str
)
def test_a_decision_that_cannot_be_meant_is_a_422(
    api: TestClient, marketplace: Sandbox, work: Work, wanted: dict[str, Any]
) -> None:
    number = marketplace.place().number
    work()
    assert api.post(f"/orders/{number}/decision", json=wanted).status_code == 422
    assert _only_order(api)["decision"] is None


def test_an_unknown_order_is_a_404(api: TestClient) -> None:
    assert api.get("/orders/NO-SUCH-ORDER").status_code == 404
    assert api.post("/orders/NO-SUCH-ORDER/shipments", json=PARCEL).status_code == 404


@pytest.mark.parametrize("token", ["", "Bearer wrong"])
@pytest.mark.parametrize("page", ["/orders", "/quarantine", "/unseen"])
def test_who_does_not_know_the_token_sees_the_health_only(api: TestClient, page: str, token: str) -> None:
    assert api.get(page, headers={"Authorization": token}).status_code in (401, 403)
    assert api.get("/health", headers={"Authorization": token}).status_code == 200


def test_health_says_how_far_the_import_has_come(api: TestClient, marketplace: Sandbox, work: Work) -> None:
    assert api.get("/health").json()["last_order_pulled"] is None
    marketplace.place(state="WaitingForShipmentAcceptation", without_reference=True)
    work()
    health = api.get("/health").json()
    assert health.pop("last_order_pulled") is not None
    assert health == {"quarantined": 1, "unseen": 0, "stuck": 0, "unknown": 0}
    (entry,) = api.get("/quarantine").json()
    assert entry["code"] == "unmappable"


def test_an_order_that_passed_unseen_is_listed(api: TestClient, store: ShopStore) -> None:
    store.put_unseen("my-shop", unseen("A1"))
    assert [entry["key"] for entry in api.get("/unseen").json()] == ["A1"]
    assert api.get("/health").json()["unseen"] == 1


def test_a_database_that_refuses_is_a_503_that_quotes_nothing(api: TestClient, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE quarantine")
    response = api.get("/health")
    assert response.status_code == 503
    assert "SELECT" not in response.text


def test_without_a_token_there_is_no_api() -> None:
    with pytest.raises(ValueError, match="OMS_API_TOKEN"):
        create_app(Settings())


def _waiting(marketplace: Sandbox, work: Work) -> str:
    """Place an order that waits for shipment, import it, and return its number."""
    number = marketplace.place(state="WaitingForShipmentAcceptation").number
    work()
    return number
