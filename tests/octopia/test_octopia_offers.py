"""What `client.offers` promises: packages are made, filled and reported; offers are read whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.errors import (
    CallTimeout,
    HttpError,
    InvalidRequest,
    NotReady,
    OutcomeUnknown,
    UnreadableAnswer,
)
from cdiscount_marketplace.octopia import OctopiaClient
from cdiscount_marketplace.octopia.codec import Drift, decode, decode_many, encode
from cdiscount_marketplace.octopia.offers import (
    OfferFilter,
    OfferPackage,
    OfferRequest,
    OfferRequestResult,
    OfferState,
    OfferTax,
    PackageState,
    PackageType,
    PublishedOffer,
    RequestedPrice,
    RequestedProduct,
)
from cdiscount_marketplace.octopia.offers.models import PackageChange, PackageOrder
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import HttpStatus, LoseAnswer, PagesInCircle, Reset
from cdiscount_marketplace.sandbox.octopia_settings import OctopiaSettings
from support.octopia_bodies import full_offer

UPSERT, UPDATE, DELETE = PackageType.UPSERT, PackageType.UPDATE, PackageType.DELETE
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[OctopiaClient]:
    with sandbox.octopia_client(retry=RetryPolicy.never()) as client:
        yield client


def switch(sandbox: Sandbox, **switches: Any) -> None:
    sandbox.settings = evolve(sandbox.settings, octopia=OctopiaSettings(**switches))


def submit(sandbox: Sandbox, client: OctopiaClient, kind: PackageType, *offers: OfferRequest) -> dict[str, str]:
    """Send a package and return what became of each offer."""
    results = client.offers.packages.submit(kind, offers).wait()
    return {str(one.seller_external_reference): str(one.results[0].result_code) for one in results}


# --- packages ---------------------------------------------------------------------------------------------------------


def test_an_offer_is_made_changed_and_deleted(sandbox: Sandbox, client: OctopiaClient) -> None:
    assert submit(sandbox, client, UPSERT, full_offer("A")) == {"A": "8000"}
    change = OfferRequest(seller_external_reference="A", price=RequestedPrice(price=Decimal("9.99")), quantity=0)
    assert submit(sandbox, client, UPDATE, change) == {"A": "8001"}
    offer = client.offers.get("A")
    assert offer is not None
    assert offer.integration_price is not None
    assert (offer.quantity, offer.integration_price.price, offer.offer_state) == (
        0,
        Decimal("9.99"),
        OfferState.INACTIVE,
    )
    assert submit(sandbox, client, DELETE, OfferRequest(seller_external_reference="A")) == {"A": "8002"}
    assert client.offers.get("A") is None


def test_many_offers_go_in_uploads_of_a_hundred(sandbox: Sandbox, client: OctopiaClient) -> None:
    offers = [full_offer(f"SKU-{number:03d}") for number in range(250)]
    assert len(submit(sandbox, client, UPSERT, *offers)) == 250
    uploads = sandbox.calls("POST /offer-packages/{packageId}/offer-requests")
    assert len(uploads) == 3
    assert len(list(client.offers.iter())) == 250


def test_a_change_of_an_unknown_offer_is_rejected_in_its_row(sandbox: Sandbox, client: OctopiaClient) -> None:
    change = OfferRequest(seller_external_reference="nobody", quantity=1)
    results = client.offers.packages.submit(UPDATE, [change]).wait()
    [row] = results
    assert not row.integrated
    assert row.results[0].message == "Offer inexistante"


@pytest.mark.parametrize("answer", ["content-location", "location", "body"])
def test_the_package_is_found_wherever_its_id_stands(sandbox: Sandbox, client: OctopiaClient, answer: str) -> None:
    switch(sandbox, package_answer=answer)
    package_id = client.offers.packages.create(UPSERT)
    assert client.offers.packages.get(package_id).state == PackageState.WAITING_FOR_COMPLETION


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_success_takes_an_upload(sandbox: Sandbox, client: OctopiaClient, status: int) -> None:
    switch(sandbox, upload_status=status)
    assert submit(sandbox, client, UPSERT, full_offer("A")) == {"A": "8000"}


def test_a_package_that_digests_is_not_ready(sandbox: Sandbox, client: OctopiaClient) -> None:
    packages = client.offers.packages
    package_id = packages.create(UPSERT)
    packages.add(package_id, [full_offer("A")], kind=UPSERT)
    with pytest.raises(NotReady) as caught:
        packages.ready(package_id)
    assert caught.value.retryable
    with pytest.raises(NotReady):
        list(packages.results(package_id))
    sandbox.advance(MINUTE)
    packages.ready(package_id)
    with pytest.raises(NotReady):
        packages.ready(package_id)


def test_a_package_that_is_never_ready_lapses(sandbox: Sandbox, client: OctopiaClient) -> None:
    package_id = client.offers.packages.create(UPSERT)
    sandbox.advance(timedelta(hours=7))
    with pytest.raises(HttpError) as caught:
        client.offers.packages.get(package_id)
    assert caught.value.status == 404


def test_results_expire(sandbox: Sandbox, client: OctopiaClient) -> None:
    handle = client.offers.packages.submit(UPSERT, [full_offer("A")])
    handle.wait()
    sandbox.advance(timedelta(days=4))
    with pytest.raises(HttpError):
        list(client.offers.packages.results(handle.package_id))


def test_waiting_ends_in_time(sandbox: Sandbox, client: OctopiaClient) -> None:
    switch(sandbox, integration=timedelta(hours=2))
    handle = client.offers.packages.submit(UPSERT, [full_offer("A")])
    with pytest.raises(CallTimeout, match=handle.package_id):
        handle.wait(timeout=10 * MINUTE, poll=MINUTE)
    assert len(handle.wait(timeout=timedelta(hours=3), poll=MINUTE)) == 1


def test_a_lost_answer_to_making_a_package_is_told(sandbox: Sandbox, client: OctopiaClient) -> None:
    sandbox.inject(Fault(LoseAnswer(), on="POST /offer-packages"))
    with pytest.raises(OutcomeUnknown):
        client.offers.packages.create(UPSERT)


@pytest.mark.parametrize("effect", [LoseAnswer(), Reset("during"), HttpStatus(503, ran=True)])
def test_an_upload_is_repeated_for_it_states_facts(sandbox: Sandbox, effect: Any) -> None:
    sandbox.inject(Fault(effect, on="POST /offer-packages/{packageId}/offer-requests"))
    with sandbox.octopia_client() as client:
        assert submit(sandbox, client, UPSERT, full_offer("A")) == {"A": "8000"}


BLANK = OfferRequest(seller_external_reference="A")


@pytest.mark.parametrize(
    ("kind", "offer", "field"),
    [
        (UPSERT, full_offer("A", quantity=None), "offers[0].quantity"),
        (UPSERT, full_offer("A", product=None), "offers[0].product.gtin"),
        (UPSERT, full_offer("A", delivery_modes=()), "offers[0].delivery_modes"),
        (UPSERT, full_offer("A", price=RequestedPrice(price=Decimal(1))), "offers[0].price.taxes"),
        (UPSERT, full_offer("A", quantity=-1), "offers[0].quantity"),
        (UPSERT, full_offer(" "), "offers[0].seller_external_reference"),
        (UPDATE, full_offer("A"), "offers[0].product"),
        (UPDATE, evolve(BLANK, price=RequestedPrice(price=Decimal(0))), "offers[0].price.price"),
    ],
)
def test_what_would_be_refused_is_never_sent(
    sandbox: Sandbox, client: OctopiaClient, kind: PackageType, offer: OfferRequest, field: str
) -> None:
    package_id = client.offers.packages.create(kind)
    with pytest.raises(InvalidRequest) as caught:
        client.offers.packages.add(package_id, [offer], kind=kind)
    assert [problem.field for problem in caught.value.problems] == [field]
    assert not sandbox.calls("POST /offer-packages/{packageId}/offer-requests")


@pytest.mark.parametrize("count", [0, 101])
def test_an_upload_has_one_to_a_hundred_offers(client: OctopiaClient, count: int) -> None:
    with pytest.raises(InvalidRequest, match="1 to 100"):
        client.offers.packages.add("PK000001", [BLANK] * count, kind=UPDATE)


@pytest.mark.parametrize(
    ("switches", "taxes", "code"),
    [
        ({}, ("VAT", "Ecotax"), "1008"),
        ({}, ("vat", "ecoTax", "deaTax"), "8000"),
        ({"strict_taxes": False}, ("VAT",), "8000"),
        ({"tax_types": True}, ("VAT", "Ecotax", "Deatax"), "1008"),
    ],
)
def test_taxes_are_as_the_marketplace_wants_them(
    sandbox: Sandbox, client: OctopiaClient, switches: dict[str, Any], taxes: tuple[str, ...], code: str
) -> None:
    switch(sandbox, **switches)
    price = RequestedPrice(price=Decimal(1), taxes=tuple(OfferTax(code=one, value=Decimal(0)) for one in taxes))
    assert submit(sandbox, client, UPSERT, full_offer("A", price=price)) == {"A": code}


def test_a_test_may_refuse_offers_by_a_rule_of_its_own(sandbox: Sandbox, client: OctopiaClient) -> None:
    sandbox.offers.refusals.append(lambda change: ("4001", "Unknown product") if change.sku == "B" else None)
    assert submit(sandbox, client, UPSERT, full_offer("A"), full_offer("B")) == {"A": "8000", "B": "4001"}


# --- reading offers ---------------------------------------------------------------------------------------------------


def test_offers_are_read_page_by_page_and_by_filter(sandbox: Sandbox, client: OctopiaClient) -> None:
    submit(
        sandbox,
        client,
        UPSERT,
        *(full_offer(name, quantity=quantity) for name, quantity in zip("ABC", (1, 0, 2), strict=True)),
    )
    assert [one.seller_external_reference for one in client.offers.iter()] == ["A", "B", "C"]
    active = OfferFilter(states=[OfferState.ACTIVE])
    assert [one.seller_external_reference for one in client.offers.iter(active)] == ["A", "C"]
    bare = next(client.offers.iter(OfferFilter(fields=["quantity"], seller_external_references=["C"])))
    assert (bare.quantity, bare.condition) == (2, None)


@pytest.mark.parametrize("name", ["cursor", "Cursor"])
def test_the_cursor_is_followed_in_either_spelling(
    sandbox: Sandbox, client: OctopiaClient, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch(sandbox, cursor_name=name)
    submit(sandbox, client, UPSERT, *(full_offer(f"S{number}") for number in range(7)))
    monkeypatch.setattr("cdiscount_marketplace.octopia.offers.section._PAGE_SIZE", 3)
    assert len(list(client.offers.iter())) == 7
    assert len(sandbox.calls("GET /offers")) == 3


def test_a_list_that_leads_back_is_no_silent_part(
    sandbox: Sandbox, client: OctopiaClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(sandbox, client, UPSERT, *(full_offer(f"S{number}") for number in range(4)))
    monkeypatch.setattr("cdiscount_marketplace.octopia.offers.section._PAGE_SIZE", 2)
    sandbox.inject(Fault(PagesInCircle(), on="GET /offers", times=9))
    with pytest.raises(UnreadableAnswer):
        list(client.offers.iter())


def test_a_gtin_may_be_a_number(sandbox: Sandbox, client: OctopiaClient) -> None:
    switch(sandbox, gtin_numbers=True)
    submit(sandbox, client, UPSERT, full_offer("A"))
    offer = client.offers.get("A")
    assert offer is not None
    assert offer.product is not None
    assert offer.product.gtin == "3701234567890"


# --- the recorded samples ---------------------------------------------------------------------------------------------

ANSWERS: list[tuple[str, Any]] = [
    ("offers-response", PublishedOffer),
    ("offer-requests-results-response", OfferRequestResult),
    ("offer-package-response-pending", OfferPackage),
]
REQUESTS: list[tuple[str, Any]] = [
    ("offer-requests-request", OfferRequest),
    ("offer-requests-request-three-taxes", OfferRequest),
    ("offer-requests-request-typed-taxes", OfferRequest),
    ("offer-requests-request-update", OfferRequest),
    ("offer-package-create-request", PackageOrder),
    ("offer-package-ready-request", PackageChange),
]


def sample(recorded: Path, name: str) -> Any:
    return json.loads((recorded / "octopia" / f"{name}.json").read_text(encoding="utf-8"), parse_float=Decimal)


@pytest.mark.parametrize(("name", "model"), ANSWERS)
def test_recorded_answers_are_understood_whole(recorded: Path, name: str, model: type) -> None:
    data, drift = sample(recorded, name), Drift()
    decode_many(model, data["items"], drift) if "items" in data else decode(model, data, drift)
    assert list(drift.events(name)) == []


@pytest.mark.parametrize(("name", "model"), REQUESTS)
def test_recorded_requests_are_written_alike(recorded: Path, name: str, model: type) -> None:
    data, drift = sample(recorded, name), Drift()
    many = isinstance(data, list)
    written = [encode(one) for one in decode_many(model, data if many else [data], drift)]
    plain = json.loads((recorded / "octopia" / f"{name}.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(written)) == (plain if many else [plain])
    assert list(drift.events(name)) == []


def test_the_recorded_refusal_means_not_ready(recorded: Path) -> None:
    assert sample(recorded, "offer-requests-results-too-early")["status"] == 400


def test_a_product_may_go_by_its_reference() -> None:
    offer = full_offer("A", product=RequestedProduct(reference="AUC370"))
    assert not list(offer.problems(UPSERT))
