"""What `client.products` promises: categories come whole, products are found by GTIN, submissions are followed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.errors import CallTimeout, HttpError, InvalidRequest, OutcomeUnknown
from cdiscount_marketplace.octopia import OctopiaClient
from cdiscount_marketplace.octopia.codec import Drift, decode_many, encode
from cdiscount_marketplace.octopia.products import (
    Category,
    CategoryProperty,
    Necessity,
    ProductReport,
    ProductRequest,
    ReportStatus,
)
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import LoseAnswer
from cdiscount_marketplace.sandbox.octopia_settings import OctopiaSettings
from support.octopia_bodies import new_product


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[OctopiaClient]:
    with sandbox.octopia_client(retry=RetryPolicy.never()) as client:
        yield client


def switch(sandbox: Sandbox, **switches: Any) -> None:
    sandbox.settings = evolve(sandbox.settings, octopia=OctopiaSettings(**switches))


# --- the catalogue ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("full", [False, True])
def test_categories_come_whole_and_never_as_bare_references(
    sandbox: Sandbox, client: OctopiaClient, full: bool
) -> None:
    switch(sandbox, full_categories=full)
    categories = list(client.products.categories.iter())
    assert len(categories) == client.products.categories.count() == 6
    assert all(one.label and one.is_active for one in categories)
    lamps = client.products.categories.get("0E040K")
    assert (lamps.level, lamps.parent_references) == (3, ("0E04", "0E"))


def test_the_properties_of_a_category_tell_what_must_be_said(client: OctopiaClient) -> None:
    colour, weight = client.products.categories.properties("0E040K")
    assert (colour.necessity, colour.choices[0]) == (Necessity.MANDATORY, "Blanc")
    assert (weight.necessity, weight.unit, weight.choices) == (Necessity.OPTIONAL, "g", ())


def test_products_are_found_by_gtin(client: OctopiaClient) -> None:
    found = client.products.find("3701234567890")
    assert found is not None
    assert found.title == "Lampe de bureau"
    assert client.products.find("0000000000000") is None
    assert "Maison Claire" in list(client.products.brands())


def test_a_list_of_everything_is_not_asked_for(client: OctopiaClient) -> None:
    with pytest.raises(InvalidRequest, match="GTIN"):
        next(client.products.iter())


def test_an_unknown_category_is_told(client: OctopiaClient) -> None:
    with pytest.raises(HttpError) as caught:
        client.products.categories.properties("nothing")
    assert caught.value.status == 404


# --- submitting -------------------------------------------------------------------------------------------------------


def test_a_submitted_product_is_followed_until_it_is_there(client: OctopiaClient) -> None:
    handle = client.products.submit([new_product("3700000000001")])
    assert client.products.find("3700000000001") is None
    [report] = handle.wait()
    assert (report.status, report.errors, report.package_id) == (ReportStatus.INTEGRATED, (), handle.package_id)
    assert client.products.find("3700000000001") is not None


def test_what_is_refused_tells_why(client: OctopiaClient) -> None:
    bad = new_product("3700000000002", attributes=())
    lost = new_product("3700000000003", category_code="0E")
    reports = client.products.submit([bad, lost]).wait()
    assert {report.gtin: [(one.code, one.field) for one in report.errors] for report in reports} == {
        "3700000000002": [("ER400-6067", "3263")],
        "3700000000003": [("CategorizationError", "categoryCode")],
    }
    assert not any(report.passes for report in reports)


def test_the_hourly_quota_passes(sandbox: Sandbox, client: OctopiaClient) -> None:
    switch(sandbox, products_per_hour=1)
    first, second = new_product("3700000000004"), new_product("3700000000005")
    taken, over = client.products.submit([first, second]).wait()
    assert (taken.status, over.passes) == (ReportStatus.INTEGRATED, True)
    sandbox.advance(timedelta(hours=1))
    [again] = client.products.submit([second]).wait()
    assert again.status == ReportStatus.INTEGRATED


@pytest.mark.parametrize("count", [0, 26])
def test_a_package_holds_what_a_report_can_show(client: OctopiaClient, count: int) -> None:
    with pytest.raises(InvalidRequest, match="1 to 25"):
        client.products.submit([new_product(f"37{number:011d}") for number in range(count)])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 133}, "title"),
        ({"gtin": None}, "gtin"),
        ({"category_code": None}, "category_code"),
        ({"description": "<b>fort</b>"}, "description"),
        ({"rich_marketing_description": "x" * 5001}, "rich_marketing_description"),
    ],
)
def test_what_would_be_refused_is_never_sent(
    sandbox: Sandbox, client: OctopiaClient, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        client.products.submit([evolve(new_product("3700000000006"), **changes)])
    assert [problem.field for problem in caught.value.problems] == [f"products[0].{field}"]
    assert not sandbox.calls("POST /products-integration")


def test_a_lost_answer_never_submits_twice(sandbox: Sandbox, client: OctopiaClient) -> None:
    sandbox.inject(Fault(LoseAnswer(), on="POST /products-integration"))
    with pytest.raises(OutcomeUnknown):
        client.products.submit([new_product("3700000000007")])
    assert len(client.products.reports(gtin="3700000000007")) == 1


def test_reports_are_asked_for_by_package_or_gtin(client: OctopiaClient) -> None:
    for wrong in ({}, {"package_id": "P", "gtin": "G"}):
        with pytest.raises(InvalidRequest):
            client.products.reports(**wrong)


def test_waiting_ends_in_time(client: OctopiaClient) -> None:
    handle = client.products.submit([new_product("3700000000008")])
    with pytest.raises(CallTimeout, match="0 of 1"):
        handle.wait(timeout=timedelta(minutes=2), poll=timedelta(minutes=1))


# --- the recorded samples ---------------------------------------------------------------------------------------------

ANSWERS: list[tuple[str, Any]] = [
    ("categories-response-bare", Category),
    ("categories-response-with-fields", Category),
    ("category-properties-response", CategoryProperty),
    ("products-integration-reports-response", ProductReport),
    ("products-integration-reports-empty", ProductReport),
]


@pytest.mark.parametrize(("name", "model"), ANSWERS)
def test_recorded_answers_are_understood_whole(recorded: Path, name: str, model: type) -> None:
    data, drift = json.loads((recorded / "octopia" / f"{name}.json").read_bytes()), Drift()
    decode_many(model, data["items"], drift)
    assert list(drift.events(name)) == []


def test_recorded_products_are_written_alike(recorded: Path) -> None:
    data, drift = json.loads((recorded / "octopia" / "products-integration-request.json").read_bytes()), Drift()
    requests = decode_many(ProductRequest, data["products"], drift)
    assert [encode(one) for one in requests] == data["products"]
    assert not [problem for one in requests for problem in one.problems()]
