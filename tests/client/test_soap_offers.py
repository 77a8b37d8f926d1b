"""Offers over SOAP: no reading is ever a part of what there is, and a package's report can be waited for."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from cdiscount_marketplace.errors import (
    CallTimeout,
    InvalidRequest,
    OperationFailed,
    OutcomeUnknown,
    UnreadableAnswer,
)
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.soap import (
    Offer,
    OfferCriterion,
    OfferFilter,
    OfferFilterPaginated,
    OfferListMessage,
    OfferListPaginatedMessage,
    OfferPackageReport,
    OfferReport,
    OfferSortOrder,
    OfferStateFilter,
    OfferStateReportMessage,
    ProductPackageReport,
    ProductReport,
)
from cdiscount_marketplace.soap.messages import write_answer
from cdiscount_marketplace.soap.offers.models import GET_OFFER_LIST_PAGINATED
from cdiscount_marketplace.soap.packages import is_finished
from support.scripted import Scripted, always, answering
from support.soap_requests import read_request

PIVOT = "clr-namespace:Cdiscount.Service.OfferIntegration.Pivot;assembly=Cdiscount.Service.OfferIntegration"
SHIPPING = (
    "<Offer.ShippingInformationList><ShippingInformationList><ShippingInformation DeliveryMode='Tracked' "
    "ShippingCharges='4.90' AdditionalShippingCharges='1'/></ShippingInformationList></Offer.ShippingInformationList>"
)


def offer_xml(sku: str, *, price: str = "10", stock: int = 3, condition: int = 6) -> str:
    return (
        f"<Offer SellerProductId='{sku}' ProductEan='3700000000011' ProductCondition='{condition}' Price='{price}' "
        f"Vat='20' EcoPart='0' DeaTax='0' Stock='{stock}' PreparationTime='1'>{SHIPPING}</Offer>"
    )


def package(*offers: str, kind: str = "Full", purge: bool = False) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(
            "Content/Offers.xml",
            f"<OfferPackage xmlns='{PIVOT}' Name='n' PackageType='{kind}' PurgeAndReplace='{purge}'>"
            f"<OfferPackage.Offers><OfferCollection>{''.join(offers)}</OfferCollection></OfferPackage.Offers>"
            "</OfferPackage>",
        )
    return content.getvalue()


def submitted(sandbox: Sandbox, content: bytes) -> OfferPackageReport:
    return sandbox.client().offers.submit(sandbox.files.put("offers.zip", content)).wait()


# --- reading


def page(offers: Sequence[str], current: int | None, pages: int | None) -> OfferListPaginatedMessage:
    listed = tuple(Offer(seller_product_id=sku) for sku in offers)
    return OfferListPaginatedMessage(
        offers=listed, current_page_number=current, number_of_pages=pages, operation_success=True
    )


def paging(*pages: OfferListPaginatedMessage) -> Scripted:
    def answer(request: Any) -> tuple[int, bytes]:
        [asked] = read_request(GET_OFFER_LIST_PAGINATED, request.body).parts
        return 200, write_answer(GET_OFFER_LIST_PAGINATED, pages[min(asked.page_number, len(pages)) - 1])

    return Scripted(answer)


@pytest.mark.parametrize(
    "pages",
    [
        [page(["A", "B"], 1, 2), page(["C"], 2, 2)],
        [page(["A", "B"], 1, 0), page(["C"], 2, 0), page([], 3, 0)],
        [page(["A"], None, None), page(["B", "C"], None, None), page([], None, None)],
    ],
)
def test_all_pages_are_read_however_the_service_counts(pages: list[OfferListPaginatedMessage]) -> None:
    offers = paging(*pages).client().offers.iter()
    assert [offer.seller_product_id for offer in offers] == ["A", "B", "C"]


@pytest.mark.parametrize(
    "pages",
    [
        [page(["A"], 1, 3), page([], 2, 3)],
        [page(["A"], 1, 3), page(["B"], 1, 3)],
        [page(["A"], 1, 3), page(["A"], 2, 3)],
        [page(["A"], 1, 3), page(["B"], 2, 2), page(["C"], 3, 3)],
        [page(["A"], 1, 3), page(["B"], 2, 0), page(["C"], 3, 3)],
        [page(["A"], 1, 3), page([], 2, 0)],
        [page(["A"], 1, 3), page([], 2, None)],
    ],
    ids=["ends early", "another page", "the same page again", "fewer", "none counted", "empty", "empty, uncounted"],
)
def test_a_part_of_the_offers_is_never_taken_for_all(pages: list[OfferListPaginatedMessage]) -> None:
    with pytest.raises(UnreadableAnswer, match="page 2"):
        list(paging(*pages).client().offers.iter())


def test_pages_that_alternate_end_with_an_error() -> None:
    both = [page(["A"], None, None), page(["B"], None, None)] * 20
    with pytest.raises(UnreadableAnswer, match="page 3"):
        list(paging(*both).client().offers.iter())


def test_more_pages_than_at_first_are_read_to_the_end() -> None:
    pages = [page(["A"], 1, 2), page(["B"], 2, 3), page(["C"], 3, None)]
    assert [offer.seller_product_id for offer in paging(*pages).client().offers.iter()] == ["A", "B", "C"]


def test_answer_without_a_list_is_not_an_empty_shop() -> None:
    with pytest.raises(OperationFailed, match="nothing was read"):
        answering(OfferListMessage(operation_success=True)).client().offers.list()
    assert answering(OfferListMessage(operation_success=True, offers=())).client().offers.list() == ()


@pytest.fixture(scope="module")
def shop() -> Sandbox:
    sandbox = Sandbox()
    offers = [offer_xml("A", price="30"), offer_xml("B", price="10", stock=0), offer_xml("C", condition=4)]
    assert submitted(sandbox, package(*offers)).number_of_errors == 0
    return sandbox


@pytest.mark.parametrize(
    ("asked", "skus"),
    [
        (OfferFilterPaginated(), ["A", "B", "C"]),
        (OfferFilterPaginated(seller_references=["C", "A"]), ["A", "C"]),
        (OfferFilterPaginated(offer_pool_id=16), []),
        (OfferFilterPaginated(state=OfferStateFilter.ONLINE), ["A", "C"]),
        (OfferFilterPaginated(state=OfferStateFilter.OFFLINE), ["B"]),
        (OfferFilterPaginated(criterion=OfferCriterion.USED), ["C"]),
        (OfferFilterPaginated(sort_order=OfferSortOrder.PRICE_DESCENDING), ["A", "B", "C"]),
        (OfferFilterPaginated(page_number=7), []),
    ],
)
def test_sandbox_filters_offers(shop: Sandbox, asked: OfferFilterPaginated, skus: list[str]) -> None:
    assert [offer.seller_product_id for offer in shop.client().offers.iter(asked)] == skus


def test_an_offer_is_shown_as_it_was_submitted(shop: Sandbox) -> None:
    [offer] = shop.client().offers.list(OfferFilter(seller_references=["A"]))
    assert (str(offer.price), offer.stock, offer.product_ean) == ("30", 3, "3700000000011")
    assert str(offer.product_condition) == "New"
    assert [(mode.delivery_mode.code, str(mode.shipping_charges)) for mode in offer.shipping if mode.delivery_mode] == [
        ("TRK", "4.90")
    ]


# --- packages


def test_report_names_each_offer_and_what_is_wrong_with_it() -> None:
    report = submitted(Sandbox(), package(offer_xml("A"), offer_xml("B", price="0")))
    assert report.number_of_errors == 1
    rows = {row.seller_product_id: (row.validated, row.properties[0].property_error) for row in report.offers}
    assert rows == {"A": (True, "80"), "B": (False, "19")}


def test_stock_package_changes_only_offers_that_are_there() -> None:
    sandbox = Sandbox()
    submitted(sandbox, package(offer_xml("A")))
    changes = ("<Offer SellerProductId='A' Stock='9' Price='12'/>", "<Offer SellerProductId='X' Stock='9' Price='12'/>")
    report = submitted(sandbox, package(*changes, kind="StockAndPrice"))
    assert [(row.validated, row.properties[0].property_error) for row in report.offers] == [(True, "90"), (False, "36")]
    assert [offer.stock for offer in sandbox.client().offers.list()] == [9]


def test_purging_package_takes_all_other_offers_off_the_site() -> None:
    sandbox = Sandbox()
    submitted(sandbox, package(offer_xml("A"), offer_xml("B")))
    submitted(sandbox, package(offer_xml("B"), purge=True))
    online = OfferFilterPaginated(state=OfferStateFilter.ONLINE)
    assert [offer.seller_product_id for offer in sandbox.client().offers.iter(online)] == ["B"]


@pytest.mark.parametrize("content", [b"no zip", package("<Broken>")])
def test_file_that_is_no_package_is_rejected_in_the_report(content: bytes) -> None:
    report = submitted(Sandbox(), content)
    assert (report.package_integration_status, report.number_of_errors) == ("Rejected", 1)


def test_waiting_ends_in_time_and_can_be_taken_up_again() -> None:
    sandbox = Sandbox()
    client = sandbox.client()
    package_id = client.offers.submit(sandbox.files.put("offers.zip", package(offer_xml("A")))).id
    heard: list[str | None] = []
    with pytest.raises(CallTimeout, match=f"package {package_id}"):
        client.offers.package(package_id).wait(
            timeout=timedelta(seconds=20),
            poll=timedelta(seconds=10),
            progress=lambda report: heard.append(report.package_integration_status),
        )
    assert heard == ["IntegrationPending"] * 3
    assert client.offers.package(package_id).wait().number_of_errors == 0


@pytest.mark.parametrize(
    ("status", "finished"),
    [
        (None, False),
        ("", False),
        ("Pending", False),
        ("Integrating", False),
        ("IntegrationPending", False),
        ("Integrated", True),
        ("Integrated with errors", True),
        ("Integration en cours", False),
        ("Intégration en cours", False),
        ("IntegrationStarted", False),
        ("IntegrationWaiting", False),
        ("INTEGRATION_PENDING", False),
        ("Integration", False),
        ("Koala", False),
        ("Okay so far", False),
        ("Integratedness", False),
        ("ManualCheckToBeDone", True),
        ("Rejected", True),
        ("RejectedByModeration", True),
        ("Refusé", True),
        ("Terminé", True),
        ("Erreur", True),
        ("IntegrationError", True),
        ("OK", True),
        ("KO", True),
        ("Processed", True),
        ("integrated", True),
    ],
)
def test_unknown_status_counts_as_unfinished(status: str | None, finished: bool) -> None:
    assert is_finished(OfferPackageReport(package_integration_status=status)) is finished


@pytest.mark.parametrize("status", ["Rejected", "rejected", "KO", "Refused", "Erreur", "ManualCheckToBeDone", None])
def test_package_that_is_refused_as_a_whole_is_not_ok(status: str | None) -> None:
    for kind in (OfferPackageReport, ProductPackageReport):
        report = kind(package_integration_status=status, number_of_errors=0)
        assert (report.rejected, report.ok) == ((), False)


@pytest.mark.parametrize(
    ("errors", "validated", "ok"),
    [(0, True, True), (None, True, True), (5, True, False), (0, False, False), (0, None, False)],
)
def test_package_is_ok_if_all_of_it_was_taken(errors: int | None, validated: bool | None, ok: bool) -> None:
    offers = OfferPackageReport(
        package_integration_status="Integrated", number_of_errors=errors, offers=(OfferReport(validated=validated),)
    )
    products = ProductPackageReport(
        package_integration_status="Integrated", number_of_errors=errors, products=(ProductReport(validated=validated),)
    )
    assert (offers.ok, products.ok) == (ok, ok)


def test_package_whose_file_nobody_finds_is_not_ok() -> None:
    report = Sandbox().client().offers.submit("https://example.com/missing.zip").wait()
    assert (report.rejected, report.ok) == ((), False)


def test_url_that_nobody_can_fetch_is_refused_before_any_request() -> None:
    service = always(500, b"")
    with pytest.raises(InvalidRequest, match="http"):
        service.client().offers.submit("offers.zip")
    assert service.requests == []


@pytest.mark.parametrize("number", [None, 0, -1])
def test_package_that_was_taken_without_a_number_is_unknown(number: int | None) -> None:
    service = answering(OfferPackageReport(operation_success=True, package_id=number))
    with pytest.raises(OutcomeUnknown, match="no number"):
        service.client().offers.submit("https://example.com/offers.zip")


@pytest.mark.parametrize(
    "service",
    [
        always(500, b"<html>"),
        answering(OfferPackageReport(operation_success=False)),
        answering(OfferPackageReport(operation_success=False, error_message="Execution Timeout Expired.")),
        answering(OfferPackageReport(operation_success=True, error_message="?", package_id=7)),
    ],
)
def test_unclear_answer_to_a_submission_is_unknown(service: Scripted) -> None:
    with pytest.raises(OutcomeUnknown):
        service.client().offers.submit("https://example.com/offers.zip")
    assert len(service.requests) == 1


def test_clear_refusal_of_a_submission_is_raised_as_such() -> None:
    service = answering(OfferPackageReport(operation_success=False, error_message="L'URL n'est pas valide."))
    with pytest.raises(OperationFailed, match="L'URL"):
        service.client().offers.submit("https://example.com/offers.zip")


# --- single offers


@pytest.mark.parametrize("verb", ["publish", "unpublish"])
def test_seller_who_ships_himself_may_not_publish_single_offers(shop: Sandbox, verb: str) -> None:
    with pytest.raises(OperationFailed, match="non autorisé") as caught:
        getattr(shop.client().offers, verb)("A")
    assert caught.value.codes == ("SellerNotFound",)


def test_publication_that_succeeds_returns_nothing() -> None:
    service = answering(OfferStateReportMessage(operation_success=True, error_message=""))
    assert service.client().offers.publish("A") is None
