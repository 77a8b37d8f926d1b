"""Offers stay in step through files and the SOAP API, whatever upload and service do with a step."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any, BinaryIO

import pytest
from attrs import define, evolve, field

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.channels.offers import PackageAnswer, PackageKind, PackageStanding, ReportStanding
from cdiscount_marketplace.errors import (
    CdiscountError,
    ConfigurationError,
    ConnectFailed,
    InvalidRequest,
    UnreadableAnswer,
)
from cdiscount_marketplace.offers import Offer, OfferCondition, OfferDelivery, OfferTax, OfferTaxKind
from cdiscount_marketplace.oms import OfferPusher
from cdiscount_marketplace.oms.ports import OfferState, OfferTask
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import Effect, HttpStatus, LoseAnswer, Reset, Truncate
from cdiscount_marketplace.sandbox.offers import Change
from cdiscount_marketplace.soap import Error, ErrorType, OfferPackageReport, OfferPropertyReport, OfferReport
from support.scripted import always, answering
from support.shelves import upload_to

MINUTE = timedelta(minutes=1)
SUBMIT, REPORT = "SubmitOfferPackage", "GetOfferPackageSubmissionResult"
TAXES = (
    OfferTax(code="VAT", value=Decimal(20)),
    OfferTax(code="ecotax", value=Decimal("0.02"), kind=OfferTaxKind.AMOUNT),
    OfferTax(code="deatax", value=Decimal(0)),
)
EFFECTS: tuple[Effect, ...] = (
    LoseAnswer(), Reset("before"), Reset("during"), HttpStatus(503), HttpStatus(500, ran=True), Truncate(),
)  # fmt: skip


def whole(sku: str, quantity: int = 3, price: str = "9.90", **changes: Any) -> Offer:
    values: dict[str, Any] = {
        "gtin": "3701234567890",
        "condition": OfferCondition.NEW,
        "preparation_days": 2,
        "delivery_modes": (OfferDelivery(code="Tracked", cost=Decimal("4.99")),),
        "taxes": TAXES,
    }
    return Offer(sku=sku, quantity=quantity, price=Decimal(price), **(values | changes))


@define(slots=False)
class Shop:
    """A shop on a sandbox, its store and its pusher."""

    sandbox: Sandbox = field(factory=Sandbox)
    broken_uploads: int = 0
    names: list[str] = field(factory=list)
    oms: Any = field(init=False)
    pusher: OfferPusher = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.oms = MemoryOms(clock=self.sandbox.clock)
        self.restart()

    def restart(self) -> None:
        channel = SoapChannel(self.sandbox.client(), upload=self.upload)
        self.pusher = OfferPusher(channel, self.oms, account="shop", clock=self.sandbox.clock)

    def upload(self, file: BinaryIO, name: str) -> str:
        if self.broken_uploads:
            self.broken_uploads -= 1
            raise PermissionError("bucket")
        return upload_to(self.sandbox, self.names)(file, name)

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
def shop() -> Shop:
    return Shop()


def test_an_offer_is_made_and_then_changed(shop: Shop) -> None:
    shop.pusher.put_many([whole("A")])
    shop.keep_up()
    assert (shop.row().state, shop.row().code) == (OfferState.IN_STEP, None)
    shop.pusher.put("A", quantity=0)
    shop.pusher.put("A", price=Decimal("8.50"))
    shop.keep_up()
    assert shop.shelf() == {"A": (Decimal("8.50"), 0)}
    assert [package.kind for package in shop.sandbox.offers.packages()] == ["Upsert", "Update"]
    assert len(shop.names) == 2


def test_what_a_stock_package_cannot_change_goes_in_a_full_one(shop: Shop) -> None:
    shop.pusher.put_many([whole("A")])
    shop.keep_up()
    shop.pusher.put("A", preparation_days=5, quantity=9)
    shop.keep_up()
    assert [package.kind for package in shop.sandbox.offers.packages()] == ["Upsert", "Upsert"]
    assert [offer.preparation_days for offer in shop.sandbox.offers.offers()] == [5]
    assert shop.row().state == OfferState.IN_STEP


@pytest.mark.parametrize("price", [None, Decimal("8.50")])
def test_a_struck_through_price_is_gone_before_its_offer_is_in_step(shop: Shop, price: Decimal | None) -> None:
    shop.pusher.put_many([whole("A", original_price=Decimal(20))])
    shop.keep_up()
    assert [offer.original_price for offer in shop.sandbox.offers.offers()] == [Decimal(20)]
    shop.pusher.put("A", original_price=Decimal(0), price=price)
    shop.keep_up()
    assert [(offer.price, offer.original_price) for offer in shop.sandbox.offers.offers()] == [
        (price or Decimal("9.90"), None)
    ]
    assert shop.row().state == OfferState.IN_STEP
    shop.pusher.put("A", quantity=1)
    shop.keep_up()
    assert [package.kind for package in shop.sandbox.offers.packages()] == ["Upsert", "Upsert", "Update"]


def test_a_struck_through_price_that_no_update_takes_away_waits_for_the_whole_offer() -> None:
    shop = Shop()
    shop.pusher.put_many([whole("A", original_price=Decimal(20))])
    shop.keep_up()
    other = Shop(sandbox=shop.sandbox)
    other.pusher.put("A", quantity=1, price=Decimal(9), original_price=Decimal(0))
    other.keep_up()
    assert other.shelf() == {"A": (Decimal(9), 1)}
    assert (other.row().state, other.row().changed) == (OfferState.WAITING, ("original_price",))


def test_a_price_struck_through_no_more_while_an_update_is_on_its_way_goes_afterwards(shop: Shop) -> None:
    shop.pusher.put_many([whole("A")])
    shop.keep_up()
    shop.pusher.put("A", original_price=Decimal(20))
    shop.keep_up(runs=1)
    shop.pusher.put("A", original_price=Decimal(0))
    shop.keep_up()
    assert [offer.original_price for offer in shop.sandbox.offers.offers()] == [None]
    assert shop.row().state == OfferState.IN_STEP


def test_stock_follows_even_where_the_rest_must_wait_for_a_whole_offer() -> None:
    shop = Shop()
    shop.pusher.put_many([whole("A")])
    shop.keep_up()
    other = Shop(sandbox=shop.sandbox)
    other.pusher.put("A", quantity=1, preparation_days=5)
    other.keep_up()
    assert other.shelf() == {"A": (Decimal("9.90"), 1)}
    assert other.row().state == OfferState.WAITING
    assert "only a whole offer can change this; say also: gtin, condition, price" in str(other.row().message)
    other.pusher.put("A", quantity=2)
    other.keep_up()
    assert other.shelf() == {"A": (Decimal("9.90"), 2)}
    other.pusher.put_many([whole("A", quantity=2, preparation_days=5)])
    other.keep_up()
    assert other.row().state == OfferState.IN_STEP


def test_a_rejected_offer_has_the_words_of_the_marketplace(shop: Shop) -> None:
    shop.sandbox.offers.refusals.append(lambda change: ("12", "Libellé trop long") if change.sku == "A" else None)
    shop.pusher.put_many([whole("A"), whole("B")])
    shop.keep_up()
    assert (shop.row().state, shop.row().code) == (OfferState.REJECTED, "12")
    assert "Libellé trop long" in str(shop.row().message)
    assert shop.row("B").state == OfferState.IN_STEP


def test_an_offer_that_is_being_worked_on_goes_again(shop: Shop) -> None:
    busy = ["28"]

    def refuse(_change: Change) -> tuple[str, str] | None:
        return (busy.pop(), "Offre déjà soumise") if busy else None

    shop.sandbox.offers.refusals.append(refuse)
    shop.pusher.put_many([whole("A")])
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


@pytest.mark.parametrize("step", [SUBMIT, REPORT])
@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: type(effect).__name__)
def test_the_newest_state_arrives_after_trouble_at_any_step(shop: Shop, step: str, effect: Effect) -> None:
    shop.pusher.put_many([whole(sku) for sku in "ABC"])
    shop.sandbox.inject(Fault(effect, on=step, times=3))
    shop.keep_up(runs=2)
    shop.pusher.put("A", quantity=9)
    shop.keep_up(runs=6)
    nine = Decimal("9.90")
    assert shop.shelf() == {"A": (nine, 9), "B": (nine, 3), "C": (nine, 3)}
    assert {shop.row(sku).state for sku in "ABC"} == {OfferState.IN_STEP}


@pytest.mark.parametrize("effect", [LoseAnswer(), HttpStatus(503)], ids=["lost", "refused"])
def test_a_restart_between_writing_and_submitting_loses_nothing(shop: Shop, effect: Effect) -> None:
    shop.pusher.put_many([whole("A")])
    shop.sandbox.inject(Fault(effect, on=SUBMIT, times=1))
    shop.keep_up(runs=1)
    shop.restart()
    shop.keep_up(runs=4)
    assert shop.row().state == OfferState.IN_STEP
    assert shop.shelf() == {"A": (Decimal("9.90"), 3)}


def test_an_upload_that_fails_is_tried_again_and_says_why(shop: Shop) -> None:
    shop.broken_uploads = 1
    shop.pusher.put_many([whole("A")])
    with pytest.raises(ConnectFailed, match="upload raised PermissionError"):
        shop.pusher.run()
    assert list(shop.sandbox.calls(SUBMIT)) == []
    shop.keep_up()
    assert shop.row().state == OfferState.IN_STEP


@pytest.mark.parametrize(
    "url",
    [None, b"https://example.com/1.zip", "offers.zip", "s3://bucket/1.zip", "https://", "https:///1.zip",
     "https://example.com/a b.zip", "https://example.com/1.zip\n", "https://example.com/\0.zip"],
)  # fmt: skip
def test_an_upload_that_gives_no_url_rejects_no_offer(shop: Shop, url: Any) -> None:
    shop.upload = lambda *_: url  # type: ignore[method-assign]
    shop.restart()
    shop.pusher.put_many([whole("A")])
    for _ in range(3):
        with pytest.raises(ConfigurationError, match=r"upload: .*(http|blank)"):
            shop.pusher.run()
    assert list(shop.sandbox.calls(SUBMIT)) == []
    del shop.upload
    shop.restart()
    shop.keep_up()
    assert shop.row().state == OfferState.IN_STEP


def test_a_package_whose_upload_fails_stops_no_other_and_the_run_says_so(shop: Shop) -> None:
    shop.broken_uploads = 1
    shop.pusher.put_many([whole("A")])
    with pytest.raises(ConnectFailed):
        shop.pusher.run()
    shop.sandbox.advance(MINUTE)
    shop.broken_uploads = 1
    shop.pusher.put_many([whole("B")])
    with pytest.raises(ConnectFailed, match="upload raised PermissionError"):
        shop.pusher.run()
    assert (shop.row("A").state, shop.row("B").state) == (OfferState.SENT, OfferState.SENT)
    assert ["upload raised" in str(package.message) for package in shop.oms.list_packages("shop")] == [True, False]
    shop.sandbox.advance(11 * MINUTE)
    shop.broken_uploads = 1
    with pytest.raises(ConnectFailed):
        shop.pusher.run()
    assert (shop.row("A").state, shop.row("B").state) == (OfferState.SENT, OfferState.IN_STEP)
    shop.keep_up()
    assert shop.row("A").state == OfferState.IN_STEP
    assert [package.message for package in shop.oms.list_packages("shop")] == [None, None]


def test_lost_answers_never_send_a_stale_quantity_again(shop: Shop) -> None:
    shop.sandbox.inject(Fault(LoseAnswer(), on=SUBMIT, times=2))
    shop.pusher.put_many([whole("A", quantity=5)])
    shop.pusher.run()
    assert len(list(shop.sandbox.calls(SUBMIT))) == 1
    shop.pusher.put("A", quantity=0)
    shop.sandbox.advance(5 * MINUTE)
    shop.pusher.run()
    stated = [[change.quantity for change in package.changes] for package in shop.sandbox.offers.packages()]
    assert stated == [[5], [0]]
    shop.keep_up(runs=6)
    stated = [[change.quantity for change in package.changes] for package in shop.sandbox.offers.packages()]
    assert stated == [[5], [0], [0]]
    assert (shop.shelf()["A"][1], shop.row().state) == (0, OfferState.IN_STEP)


def test_a_submission_whose_answers_are_lost_is_repeated_with_growing_pauses(shop: Shop) -> None:
    shop.sandbox.inject(Fault(LoseAnswer(), on=SUBMIT, times=99))
    shop.pusher.put_many([whole("A")])
    for _ in range(90):
        shop.pusher.run()
        shop.sandbox.advance(2 * MINUTE)
    assert len(list(shop.sandbox.calls(SUBMIT))) < 10


@pytest.mark.filterwarnings("error")
def test_an_upload_that_must_be_awaited_rejects_no_offer(shop: Shop) -> None:
    async def upload(_file: BinaryIO, _name: str) -> str:
        return "https://example.com/1.zip"

    shop.upload = upload  # type: ignore[assignment,method-assign] # what must not be given
    shop.restart()
    shop.pusher.put_many([whole("A")])
    with pytest.raises(ConfigurationError, match=r"upload: .* not a coroutine, which must be awaited"):
        shop.pusher.run()
    assert list(shop.sandbox.calls(SUBMIT)) == []
    del shop.upload
    shop.keep_up(runs=1)
    shop.restart()
    shop.keep_up()
    assert shop.row().state == OfferState.IN_STEP


@pytest.mark.parametrize("offers", [1, 30])
def test_a_file_host_that_is_down_for_hours_rejects_no_offer(shop: Shop, offers: int) -> None:
    put = shop.upload
    shop.upload = lambda file, name: put(file, name) and "http://files.invalid/1.zip"  # type: ignore[method-assign]
    shop.restart()
    shop.pusher.put_many([whole(f"A{number}") for number in range(offers)])
    for _ in range(120):
        shop.pusher.run()
        shop.sandbox.advance(2 * MINUTE)
    assert len(list(shop.sandbox.calls(SUBMIT))) < 15
    assert "the marketplace refused the whole package (Rejected)" in str(shop.row("A0").message)
    del shop.upload
    shop.restart()
    shop.sandbox.advance(60 * MINUTE)
    shop.keep_up()
    assert {shop.row(f"A{number}").state for number in range(offers)} == {OfferState.IN_STEP}


def test_without_an_upload_nothing_is_sent_and_the_error_says_what_is_missing() -> None:
    service, oms = always(500, b""), MemoryOms()
    pusher = OfferPusher(SoapChannel(service.client()), oms, account="shop")
    pusher.put_many([whole("A")])
    with pytest.raises(ConfigurationError, match=r"SoapChannel\(upload=…\)"):
        pusher.run()
    assert service.requests == []
    (row,) = oms.find_offers("shop", ["A"])
    assert (row.state, row.attempt) == (OfferState.PENDING, 0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"currency": "GBP"}, "A: currency: must be EUR"),
        ({"taxes": (OfferTax(code="gst", value=Decimal(1)),)}, "A: taxes: gst is unknown"),
        ({"taxes": (OfferTax(code="ecotax", value=Decimal(1)),)}, "A: taxes: ecotax must be given as amount"),
        ({"condition": OfferCondition("Broken")}, "A: product_condition"),
    ],
)
def test_what_no_file_can_carry_is_the_offers_problem_alone(shop: Shop, changes: dict[str, Any], said: str) -> None:
    channel = SoapChannel(shop.sandbox.client(), upload=shop.upload)
    reference = channel.create_package(PackageKind.UPSERT)
    with pytest.raises(InvalidRequest, match=said):
        channel.fill_package(reference, PackageKind.UPSERT, [whole("A", **changes)])
    shop.pusher.put_many([whole("A", **changes), whole("B")])
    shop.keep_up(runs=6)
    assert (shop.row().state, shop.row("B").state) == (OfferState.REJECTED, OfferState.IN_STEP)
    assert said.partition(": ")[2] in str(shop.row().message)


def filled(channel: SoapChannel) -> str:
    reference = channel.create_package(PackageKind.UPSERT)
    channel.fill_package(reference, PackageKind.UPSERT, [whole("A")])
    return reference


@pytest.mark.parametrize(
    ("kind", "standing"),
    [
        (ErrorType.INVALID_FILE_FORMAT, PackageStanding.REFUSED),
        (ErrorType.TOO_MANY_PRODUCTS_IN_PACKAGE_ERROR, PackageStanding.REFUSED),
        (ErrorType.INACTIVE_SELLER_ERROR, PackageStanding.OPEN),
    ],
)
def test_a_refusal_blames_the_offers_only_where_it_names_the_file(kind: ErrorType, standing: PackageStanding) -> None:
    refusal = OfferPackageReport(
        operation_success=False, error_message="refusé", errors=(Error(error_type=kind, message="refusé"),)
    )
    channel = SoapChannel(answering(refusal).client(), upload=lambda *_: "https://example.com/1.zip")
    reference = filled(channel)
    outcome = channel.close_package(reference)
    assert (outcome.answer, outcome.code) == (PackageAnswer.REFUSED, str(kind))
    assert channel.read_package(reference).standing == standing


@pytest.mark.parametrize(
    ("report", "standing"),
    [
        (OfferPackageReport(), PackageStanding.BUSY),
        (OfferPackageReport(package_integration_status="IntegrationPending"), PackageStanding.BUSY),
        (OfferPackageReport(package_integration_status="Integrated"), PackageStanding.DONE),
        (OfferPackageReport(package_integration_status="Rejected"), PackageStanding.GONE),
        (
            OfferPackageReport(package_integration_status="Rejected", offers=(OfferReport(seller_product_id="A"),)),
            PackageStanding.DONE,
        ),
    ],
)
def test_a_status_says_where_a_package_stands(report: OfferPackageReport, standing: PackageStanding) -> None:
    answered = evolve(report, operation_success=True, package_id=7)  # type: ignore[misc] # a model is an attrs class
    assert SoapChannel(answering(answered).client()).read_package("7").standing == standing


@pytest.mark.parametrize(
    ("kind", "standing"),
    [
        (ErrorType.INVALID_FILE_FORMAT, PackageStanding.REFUSED),
        (ErrorType.FILE_DOWNLOAD_EXCEPTION, PackageStanding.GONE),
        (ErrorType.UNEXPECTED_EXCEPTION, PackageStanding.BUSY),
    ],
)
def test_a_report_that_cannot_be_read_stops_no_other_package(kind: ErrorType, standing: PackageStanding) -> None:
    failure = OfferPackageReport(
        operation_success=False, error_message="impossible", errors=(Error(error_type=kind, message="impossible"),)
    )
    channel = SoapChannel(answering(failure).client())
    reading = channel.read_package("7")
    assert (reading.standing, reading.code, reading.message) == (standing, str(kind), "impossible")
    assert channel.read_report("7").standing == ReportStanding.NOT_YET


@pytest.mark.parametrize("status", ["Rejected", "Refused", " error", "Errors", "KO"])
def test_a_row_whose_status_is_a_refusal_is_not_accepted(status: str) -> None:
    why = OfferPropertyReport(property_error="19", log_message="Prix")
    row = OfferReport(seller_product_id="A", validated=True, offer_integration_status=status, properties=(why,))
    report = OfferPackageReport(
        operation_success=True, package_id=7, package_integration_status="Integrated", offers=(row,)
    )
    (result,) = SoapChannel(answering(report).client()).read_report("7").results
    assert (result.accepted, result.code, result.message) == (False, "19", "19: Prix")
    assert report.rejected == (row,)


@pytest.mark.parametrize("number", [777, 0, None])
def test_the_report_of_another_package_is_not_believed(number: int | None) -> None:
    row = OfferReport(seller_product_id="A", validated=True)
    report = OfferPackageReport(
        operation_success=True, package_id=number, package_integration_status="Integrated", offers=(row,)
    )
    client = answering(report).client()
    with pytest.raises(UnreadableAnswer, match="not of 7"):
        client.offers.package(7).status()
    assert SoapChannel(client).read_package("7").standing == PackageStanding.BUSY
    assert SoapChannel(client).read_report("7").standing == ReportStanding.NOT_YET


def test_a_web_page_for_a_report_is_no_package_that_is_worked_on() -> None:
    channel = SoapChannel(always(200, b"<html>maintenance</html>").client())
    with pytest.raises(UnreadableAnswer):
        channel.read_package("7")


def test_a_row_that_says_nothing_is_no_result() -> None:
    said = OfferPropertyReport(name="EAN", property_error="36", log_message="Offre inconnue")
    rows = (
        OfferReport(seller_product_id="A", validated=False, properties=(said,)),
        OfferReport(seller_product_id="B"),
        OfferReport(validated=True),
    )
    report = OfferPackageReport(
        operation_success=True, package_id=7, package_integration_status="Integrated", offers=rows
    )
    (result,) = SoapChannel(answering(report).client()).read_report("7").results
    assert (result.sku, result.code, result.message) == ("A", "36", "EAN: 36: Offre inconnue")
    assert result.unknown_offer
