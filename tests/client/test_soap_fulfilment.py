"""Fulfilment over SOAP: what is announced is reported and arrives, and no submission is made twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from cdiscount_marketplace import MarketplaceClient
from cdiscount_marketplace.errors import (
    InvalidRequest,
    NotAuthorized,
    OperationFailed,
    OutcomeUnknown,
    UnreadableAnswer,
)
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.tokens import Account
from cdiscount_marketplace.soap import (
    ActivationAction,
    ActivationReportFilter,
    DeliveryDocumentMessage,
    ExternalCustomer,
    ExternalOrder,
    ExternalOrderLine,
    ExternalOrderStatus,
    FulfilmentActivationMessage,
    OrderLineSupply,
    OrderLineToSupplyFilter,
    ProductActivation,
    ProductStockFilter,
    ProductStockListMessage,
    ProductSupply,
    ReferencementFilter,
    StockFilter,
    StockListStatus,
    SupplyDepositMessage,
    SupplyError,
    SupplyOrderFilter,
    SupplyReport,
    SupplyReportFilter,
    SupplyReportLine,
    SupplyReportMessage,
    SupplyStatus,
    Warehouse,
)
from support.scripted import always, answering

EAN = "3700000000011"
PRODUCT = ProductActivation(
    action=ActivationAction.ACTIVATION, product_ean=EAN, length=10.0, width=20.0, height=5.5, weight=0.4
)
SUPPLY = ProductSupply(product_ean=EAN, quantity=12, warehouse=Warehouse.CEM, external_supply_order_id="MY-1")
ORDER = ExternalOrder(
    customer_order_number="X-1",
    corporation="OTHER-SITE",
    shipping_mode="Domicile standard",
    customer=ExternalCustomer(
        civility="MR",
        first_name="Ann",
        last_name="SECRET",
        email="ann@example.com",
        landline_phone="0500000000",
        address="1 rue Neuve",
        postal_code="33000",
        city="Bordeaux",
        country="FR",
    ),
    order_lines=[ExternalOrderLine(product_ean=EAN, quantity=1)],
)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def test_activated_product_is_reported_and_has_stock_once_a_supply_arrived(sandbox: Sandbox) -> None:
    fulfilment = sandbox.client().fulfilment
    deposit = fulfilment.activate([PRODUCT])
    [report] = fulfilment.activation_reports(ActivationReportFilter(deposit_ids=[deposit]))
    assert (report.number_of_activated_products, report.number_of_products_in_error) == (1, 0)
    assert [(line.product_ean, line.action_success, line.weight) for line in report.lines] == [(EAN, True, 0.4)]
    assert [stock.shippable_stock for stock in fulfilment.stock()] == [0]
    fulfilment.supply([SUPPLY])
    sandbox.advance(timedelta(days=3))
    assert [stock.shippable_stock for stock in fulfilment.stock(ProductStockFilter(eans=[EAN]))] == [12]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (ProductStockFilter(), 1),
        (ProductStockFilter(eans=["1"]), 0),
        (ProductStockFilter(referencement=ReferencementFilter.ONLY_REFERENCED), 1),
        (ProductStockFilter(referencement=ReferencementFilter.ONLY_NOT_REFERENCED), 0),
        (ProductStockFilter(shippable_stock=StockFilter.WITH_STOCK), 0),
        (ProductStockFilter(shippable_stock=StockFilter.WITHOUT_STOCK), 1),
    ],
)
def test_filters_choose_stock(sandbox: Sandbox, asked: ProductStockFilter, found: int) -> None:
    fulfilment = sandbox.client().fulfilment
    fulfilment.activate([PRODUCT])
    assert len(fulfilment.stock(asked)) == found


def test_stock_that_could_not_be_read_is_not_no_stock() -> None:
    answer = ProductStockListMessage(operation_success=True, status=StockListStatus.KO)
    with pytest.raises(OperationFailed, match="could not be read"):
        answering(answer).client().fulfilment.stock()
    answer = ProductStockListMessage(operation_success=True, status=StockListStatus.NO_DATA)
    assert answering(answer).client().fulfilment.stock() == ()


def test_supply_has_a_report_an_order_and_a_document(sandbox: Sandbox) -> None:
    fulfilment = sandbox.client().fulfilment
    deposit = fulfilment.supply([SUPPLY])
    [report] = fulfilment.supply_reports(SupplyReportFilter(deposit_ids=[deposit]))
    [line] = report.lines
    assert (line.product_ean, line.ordered_quantity, line.seller_supply_order_number) == (EAN, 12, "MY-1")
    numbers = SupplyOrderFilter(supply_order_numbers=[line.supply_order_number or ""])
    assert [one.status for one in fulfilment.supply_orders(numbers)] == [SupplyStatus.REGISTERED]
    sandbox.advance(timedelta(days=3))
    assert [(one.status, one.received_quantity) for one in fulfilment.supply_orders(numbers)] == [
        (SupplyStatus.SUPPLYING_DONE, 12)
    ]
    assert fulfilment.delivery_document(deposit).startswith(b"%PDF")
    with pytest.raises(OperationFailed, match="inconnue"):
        fulfilment.delivery_document(99)


def test_supplies_are_read_from_all_pages(sandbox: Sandbox) -> None:
    fulfilment = sandbox.client().fulfilment
    deposits = [fulfilment.supply([SUPPLY]) for _ in range(5)]
    assert [report.deposit_id for report in fulfilment.supply_reports(SupplyReportFilter(page_size=2))] == deposits
    assert len(list(fulfilment.supply_orders(SupplyOrderFilter(page_size=2)))) == 5
    assert len(list(fulfilment.supply_orders(SupplyOrderFilter(page_size=2, page_number=3)))) == 1


def test_goods_of_a_customers_order_are_supplied_once(sandbox: Sandbox) -> None:
    order = sandbox.place(state="WaitingForShipmentAcceptation", lines=1, fulfilled_by_cdiscount=True)
    fulfilment = sandbox.client().fulfilment
    [line] = fulfilment.lines_to_supply(OrderLineToSupplyFilter(order_reference=order.number))
    wanted = OrderLineSupply(order_reference=line.order_reference, product_ean=line.product_ean)
    deposit = fulfilment.supply_on_demand([wanted])
    assert fulfilment.lines_to_supply() == ()
    [supplied] = fulfilment.supply_orders()
    assert (supplied.is_fod, supplied.order_references) == (True, (order.number,))
    assert [report.deposit_id for report in fulfilment.supply_reports()] == [deposit]
    with pytest.raises(OperationFailed) as caught:
        fulfilment.supply_on_demand([OrderLineSupply(order_reference="none", product_ean=EAN)])
    assert caught.value.codes == ("OrderNotFound",)


def test_errors_of_a_supply_survive_the_wire() -> None:
    line = SupplyReportLine(supply_order_number="SO1", errors=(SupplyError(key=7, value="EAN inconnu"),))
    report = SupplyReport(deposit_id=1, lines=(line,))
    service = answering(
        SupplyReportMessage(operation_success=True, current_page_number=1, number_of_pages=1, reports=(report,))
    )
    assert list(service.client().fulfilment.supply_reports()) == [report]


@pytest.mark.parametrize(
    ("text", "error"), [(None, OperationFailed), ("???", UnreadableAnswer), ("é", UnreadableAnswer)]
)
def test_answer_without_a_document_is_an_error(text: str | None, error: type[Exception]) -> None:
    service = answering(DeliveryDocumentMessage(operation_success=True, pdf_document=text))
    with pytest.raises(error, match="document"):
        service.client().fulfilment.delivery_document(1)


def test_order_of_another_site_is_taken_once_and_after_a_while(sandbox: Sandbox) -> None:
    fulfilment = sandbox.client().fulfilment
    fulfilment.create_external_order(ORDER)
    assert fulfilment.external_order_status("X-1", "OTHER-SITE") == ExternalOrderStatus.PENDING
    sandbox.advance(timedelta(hours=1))
    assert fulfilment.external_order_status("X-1") == ExternalOrderStatus.OK
    with pytest.raises(OperationFailed, match="existe"):
        fulfilment.create_external_order(ORDER)
    with pytest.raises(OperationFailed):
        fulfilment.external_order_status("X-2")


def test_who_gets_the_goods_is_in_no_repr() -> None:
    assert "SECRET" not in repr(ORDER)


def test_incomplete_order_is_refused_before_any_request() -> None:
    service = always(500, b"")
    with pytest.raises(InvalidRequest):
        service.client().fulfilment.create_external_order(
            ExternalOrder(order_lines=[ExternalOrderLine(product_ean=EAN)])
        )
    assert service.requests == []


WRITES: list[Callable[[MarketplaceClient], object]] = [
    lambda client: client.fulfilment.activate([PRODUCT]),
    lambda client: client.fulfilment.supply([SUPPLY]),
    lambda client: client.fulfilment.supply_on_demand([OrderLineSupply(order_reference="1", product_ean=EAN)]),
    lambda client: client.fulfilment.create_external_order(ORDER),
]


@pytest.mark.parametrize("write", WRITES)
def test_lost_answer_to_a_submission_is_unknown_and_not_repeated(write: Callable[[MarketplaceClient], object]) -> None:
    service = always(502, b"<html>")
    with pytest.raises(OutcomeUnknown):
        write(service.client())
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("write", "deposit"),
    list(zip(WRITES[:3], (FulfilmentActivationMessage, SupplyDepositMessage, SupplyDepositMessage), strict=True)),
)
@pytest.mark.parametrize("number", [None, 0, -1])
def test_deposit_that_was_taken_without_a_number_is_unknown(
    write: Callable[[MarketplaceClient], object],
    deposit: type[FulfilmentActivationMessage | SupplyDepositMessage],
    number: int | None,
) -> None:
    service = answering(deposit(operation_success=True, deposit_id=number))
    with pytest.raises(OutcomeUnknown, match="no number"):
        write(service.client())


def test_account_without_the_right_is_told_so() -> None:
    forbidden = frozenset({"GetFulfilmentActivationReportList"})
    sandbox = Sandbox(accounts=[Account(login="a-api", password="p", forbidden=forbidden)])
    with pytest.raises(NotAuthorized):
        sandbox.client().fulfilment.activation_reports()
