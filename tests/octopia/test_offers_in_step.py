"""Offers stay in step through the REST API's packages, whatever the service does with a step."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve, frozen

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.channels import OctopiaChannel, OfferSettings
from cdiscount_marketplace.errors import CdiscountError, ConfigurationError
from cdiscount_marketplace.offers import Offer, OfferDelivery, OfferTax, OfferTaxKind
from cdiscount_marketplace.oms import OfferPusher
from cdiscount_marketplace.oms.ports import OfferState, OfferTask
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import Effect, HttpStatus, LoseAnswer, Reset, Truncate
from cdiscount_marketplace.sandbox.octopia_settings import OctopiaSettings

MINUTE = timedelta(minutes=1)
TAXES = (
    OfferTax(code="vat", value=Decimal(20)),
    OfferTax(code="ecotax", value=Decimal("0.02"), kind=OfferTaxKind.AMOUNT),
    OfferTax(code="deatax", value=Decimal(0), kind=OfferTaxKind.AMOUNT),
)
UPLOAD = "POST /offer-packages/{packageId}/offer-requests"
STEPS = (
    "POST /offer-packages",
    UPLOAD,
    "PATCH /offer-packages/{packageId}",
    "GET /offer-packages/{packageId}",
    "GET /offer-packages/{packageId}/offer-requests-results",
)
EFFECTS: tuple[Effect, ...] = (
    LoseAnswer(), Reset("before"), Reset("during"), HttpStatus(503), HttpStatus(500, ran=True), Truncate(),
)  # fmt: skip


def whole(sku: str, quantity: int = 3, price: str = "9.90", **changes: Any) -> Offer:
    values: dict[str, Any] = {
        "gtin": "3701234567890",
        "condition": "new",
        "preparation_days": 2,
        "delivery_modes": (OfferDelivery(code="THD", cost=Decimal("4.99")),),
        "taxes": TAXES,
    }
    return Offer(sku=sku, quantity=quantity, price=Decimal(price), **(values | changes))


@frozen
class Shop:
    """A shop on a sandbox, its store and its pusher."""

    sandbox: Sandbox
    oms: Any
    pusher: OfferPusher

    def keep_up(self, runs: int = 4) -> None:
        for _ in range(runs):
            with suppress(CdiscountError):
                self.pusher.run()
            self.sandbox.advance(11 * MINUTE)

    def row(self, sku: str = "A") -> OfferTask:
        (row,) = self.oms.find_offers("shop", [sku])
        return row  # type: ignore[no-any-return]

    def shelf(self) -> dict[str, tuple[Any, int]]:
        return {offer.sku: (offer.price, offer.quantity) for offer in self.sandbox.offers.offers()}


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def shop(sandbox: Sandbox, new_store: Callable[[Any], Any]) -> Iterator[Shop]:
    oms = new_store(sandbox.clock)
    with sandbox.octopia_client() as client:
        pusher = OfferPusher(OctopiaChannel(client), oms, account="shop", clock=sandbox.clock)
        yield Shop(sandbox, oms, pusher)


def test_an_offer_is_made_and_then_changed(shop: Shop) -> None:
    shop.pusher.put_many([whole("A")])
    shop.keep_up()
    assert (shop.row().state, shop.row().code) == (OfferState.IN_STEP, None)
    shop.pusher.put("A", quantity=0)
    shop.pusher.put("A", price=Decimal("8.50"))
    shop.keep_up()
    assert shop.shelf() == {"A": (Decimal("8.50"), 0)}
    assert [package.kind for package in shop.sandbox.offers.packages()] == ["Upsert", "Update"]


def test_a_rejected_offer_has_the_words_of_the_marketplace(shop: Shop) -> None:
    shop.pusher.put_many([whole("A", taxes=TAXES[:1]), whole("B")])
    shop.keep_up()
    assert (shop.row().state, shop.row().code) == (OfferState.REJECTED, "1008")
    assert shop.row().message == "1008: deatax is mandatory"
    assert shop.row("B").state == OfferState.IN_STEP
    shop.pusher.put("A", taxes=TAXES)
    shop.keep_up()
    assert shop.row().state == OfferState.IN_STEP


def test_an_unknown_offer_waits_for_its_full_data(shop: Shop) -> None:
    shop.pusher.put("A", quantity=4)
    shop.keep_up()
    assert shop.row().state == OfferState.WAITING
    assert "say also: gtin, condition, price" in str(shop.row().message)
    shop.pusher.put_many([whole("A", quantity=5)])
    shop.keep_up()
    assert shop.shelf() == {"A": (Decimal("9.90"), 5)}


def test_a_thousand_offers_and_more_go_in_uploads_of_a_hundred(shop: Shop) -> None:
    shop.pusher.put_many([whole(f"SKU-{number:04}") for number in range(1150)])
    shop.keep_up()
    packages = shop.sandbox.offers.packages()
    assert [len(package.changes) for package in packages] == [1000, 150]
    uploads = shop.sandbox.calls(UPLOAD)
    assert len(uploads) == 12
    assert shop.oms.count_offers("shop", [OfferState.IN_STEP]) == 1150


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: type(effect).__name__)
def test_the_newest_state_arrives_after_trouble_at_any_step(sandbox: Sandbox, step: str, effect: Effect) -> None:
    with sandbox.octopia_client() as client:
        oms = MemoryOms(clock=sandbox.clock)
        shop = Shop(sandbox, oms, OfferPusher(OctopiaChannel(client), oms, account="shop", clock=sandbox.clock))
        shop.pusher.put_many([whole(sku) for sku in "ABC"])
        sandbox.inject(Fault(effect, on=step, times=3))
        shop.keep_up(runs=2)
        shop.pusher.put("A", quantity=9)
        shop.keep_up(runs=6)
    nine = Decimal("9.90")
    assert shop.shelf() == {"A": (nine, 9), "B": (nine, 3), "C": (nine, 3)}
    assert {shop.row(sku).state for sku in "ABC"} == {OfferState.IN_STEP}


@pytest.mark.parametrize(
    "switches",
    [
        {"package_answer": "body"},
        {"package_answer": "location", "upload_status": 204},
        {"digestion": timedelta(0), "integration": timedelta(0)},
        {"digestion": 7 * MINUTE, "integration": timedelta(hours=1)},
        {"early_results": "empty", "cursor_name": "Cursor"},
        {"results_life": MINUTE},
    ],
    ids=str,
)
def test_offers_stay_in_step_whatever_sources_disagree_about(sandbox: Sandbox, switches: dict[str, Any]) -> None:
    sandbox.settings = evolve(sandbox.settings, octopia=OctopiaSettings(**switches))
    with sandbox.octopia_client() as client:
        oms = MemoryOms(clock=sandbox.clock)
        shop = Shop(sandbox, oms, OfferPusher(OctopiaChannel(client), oms, account="shop", clock=sandbox.clock))
        shop.pusher.put_many([whole(f"SKU-{number}") for number in range(30)])
        shop.keep_up(runs=5)
        # Results that are gone before they can be read are sent again, until they can be read.
        sandbox.settings = evolve(sandbox.settings, octopia=OctopiaSettings())
        sandbox.advance(timedelta(hours=25))
        shop.keep_up(runs=6)
    assert oms.count_offers("shop", [OfferState.IN_STEP]) == 30


@pytest.mark.parametrize(
    ("form", "taxes"),
    [
        (
            "plain",
            [{"code": "VAT", "value": 20}, {"code": "Ecotax", "value": 0.02}, {"code": "Deatax", "value": 0}],
        ),
        (
            "typed",
            [
                {"code": "vat", "value": 0.2, "type": "Rate"},
                {"code": "ecoTax", "value": 0.02, "type": "Amount"},
                {"code": "deaTax", "value": 0, "type": "Amount"},
            ],
        ),
    ],
)
def test_taxes_are_written_in_the_form_that_is_set(sandbox: Sandbox, form: Any, taxes: list[Any]) -> None:
    sandbox.settings = evolve(sandbox.settings, octopia=OctopiaSettings(tax_types=form == "typed"))
    with sandbox.octopia_client() as client:
        oms = MemoryOms(clock=sandbox.clock)
        channel = OctopiaChannel(client, offers=OfferSettings(taxes=form))
        shop = Shop(sandbox, oms, OfferPusher(channel, oms, account="shop", clock=sandbox.clock))
        shop.pusher.put_many([whole("A", original_price=Decimal(0), currency="EUR")])
        shop.keep_up()
    assert shop.row().state == OfferState.IN_STEP
    [upload] = sandbox.calls(UPLOAD)
    [offer] = json.loads(upload.request)
    assert offer["price"] == {"price": 9.9, "currencyCode": "EUR", "taxes": taxes}


def test_a_condition_without_a_known_word_is_rejected_alone(sandbox: Sandbox) -> None:
    with sandbox.octopia_client() as client:
        oms = MemoryOms(clock=sandbox.clock)
        channel = OctopiaChannel(client, offers=OfferSettings(conditions={"refurbished": "RefurbishedPremium"}))
        shop = Shop(sandbox, oms, OfferPusher(channel, oms, account="shop", clock=sandbox.clock))
        conditions = {"A": "good", "B": "refurbished", "C": "UsedAverageState", "D": "like_new"}
        shop.pusher.put_many([whole(sku, condition=word) for sku, word in conditions.items()])
        shop.keep_up(runs=6)
    assert shop.row().state == OfferState.REJECTED
    assert "OfferSettings(conditions=…)" in str(shop.row().message)
    shown = {offer.sku: offer.condition for offer in sandbox.offers.offers()}
    assert shown == {"B": "RefurbishedPremium", "C": "UsedAverageState", "D": "UsedLikeNew"}


def test_a_quota_of_the_marketplace_passes(sandbox: Sandbox) -> None:
    with sandbox.octopia_client() as client:
        oms = MemoryOms(clock=sandbox.clock)
        shop = Shop(sandbox, oms, OfferPusher(OctopiaChannel(client), oms, account="shop", clock=sandbox.clock))
        sandbox.offers.refusals.append(lambda _change: ("QuotaExceeded", "come again tomorrow"))
        shop.pusher.put_many([whole("A")])
        shop.keep_up(runs=2)
        assert shop.row().state != OfferState.REJECTED
        sandbox.offers.refusals.clear()
        shop.keep_up(runs=12)
    assert shop.row().state == OfferState.IN_STEP


@pytest.mark.parametrize("wrong", [{"taxes": "bogus"}, {"package_size": 0}, {"package_size": "many"}])
def test_a_setting_that_means_nothing_is_told_at_once(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        OfferSettings(**wrong)
