"""Service orders, requests about parcels, refunds by the older operation, and pick-up points, over SOAP."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from cdiscount_marketplace.errors import InvalidRequest, OperationFailed, OutcomeUnknown
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.soap import (
    AssociatedOrderInfo,
    ManageParcelResultMessage,
    OrderFilter,
    ParcelAction,
    ParcelActionResult,
    ParcelRequest,
    ParcelShop,
    ParcelShopListMessage,
    RefundMode,
    RefundMotive,
    RelayReport,
    RelaysFileDepositMessage,
    RelaysFileReport,
    SellerRefundOrderLine,
    SellerRefundRequest,
    ServiceOrder,
    ServiceOrderListMessage,
)
from cdiscount_marketplace.soap.header import HeaderMessage
from cdiscount_marketplace.soap.orders.investigations import MANAGE_PARCEL, ManageParcelRequest
from cdiscount_marketplace.soap.refunds import SellerRefundResult, SellerRefundResultMessage
from support.scripted import Scripted, always, answering
from support.soap_requests import write_request

NUMBER = "2603020900ABCDE"
INVESTIGATION = ParcelRequest(action=ParcelAction.INVESTIGATION, parcel_number="P1", sku="AUC1")
CERTIFICATE = ParcelRequest(action=ParcelAction.DELIVERY_CERTIFICATION, parcel_number="P1", sku="AUC1")


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


# --- service orders


def test_service_order_names_the_order_of_its_product() -> None:
    info = AssociatedOrderInfo(order_number=NUMBER, customer_phone="SECRET")
    order = ServiceOrder(order_number="S1", associated_orders=(info,))
    service = answering(ServiceOrderListMessage(operation_success=True, orders=(order,)))
    assert service.client().orders.list_services(OrderFilter()) == (order,)
    assert "SECRET" not in repr(order)


def test_no_list_of_service_orders_is_not_an_empty_one(sandbox: Sandbox) -> None:
    with pytest.raises(OperationFailed, match="nothing was read"):
        answering(ServiceOrderListMessage(operation_success=True)).client().orders.list_services(OrderFilter())
    assert sandbox.client().orders.list_services(OrderFilter()) == ()


# --- parcels


def test_carrier_is_asked_about_each_parcel(sandbox: Sandbox) -> None:
    number = sandbox.place(state="Shipped").number
    results = sandbox.client().orders.ask_about_parcels(number, INVESTIGATION, CERTIFICATE)
    assert [(str(result.action_type), result.is_action_created) for result in results] == [
        ("AskingForInvestigation", True),
        ("AskingForDeliveryCertification", True),
    ]


def test_what_to_ask_for_is_sent_as_one_word() -> None:
    request = ManageParcelRequest(order_number=NUMBER, parcels=[INVESTIGATION])
    body = write_request(MANAGE_PARCEL, HeaderMessage(), request)
    assert b">AskingForInvestigation<" in body


@pytest.mark.parametrize(("number", "parcels"), [("2604011200ABCDE", [INVESTIGATION]), ("2604011200ABCDE", [])])
def test_refused_request_about_parcels_names_the_order(
    sandbox: Sandbox, number: str, parcels: list[ParcelRequest]
) -> None:
    with pytest.raises(OperationFailed) as caught:
        sandbox.client().orders.ask_about_parcels(number, *parcels)
    assert caught.value.order_numbers == (number,)


RESULT = ParcelActionResult(
    action_type=ParcelAction.INVESTIGATION, parcel_number="P1", is_action_created=True, operation_success=True
)


@pytest.mark.parametrize(
    "service",
    [
        always(502, b"<html>"),
        answering(ManageParcelResultMessage(operation_success=False)),
        answering(ManageParcelResultMessage(operation_success=True, results=(RESULT,))),
        answering(ManageParcelResultMessage(operation_success=True, results=(RESULT, RESULT))),
    ],
)
def test_request_about_parcels_without_a_clear_answer_is_unknown(service: Scripted) -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        service.client().orders.ask_about_parcels(NUMBER, INVESTIGATION, CERTIFICATE)
    assert caught.value.order_numbers == (NUMBER,)
    assert len(service.requests) == 1


def test_results_come_in_the_order_of_the_requests() -> None:
    other = ParcelActionResult(action_type=ParcelAction.DELIVERY_CERTIFICATION, parcel_number="P1")
    service = answering(ManageParcelResultMessage(operation_success=True, results=(other, RESULT)))
    assert service.client().orders.ask_about_parcels(NUMBER, INVESTIGATION, CERTIFICATE) == (RESULT, other)


# --- refunds by the older operation


def refund(reference: str) -> SellerRefundRequest:
    line = SellerRefundOrderLine(seller_product_id=reference)
    return SellerRefundRequest(mode=RefundMode.CLAIM, motive=RefundMotive.CLIENT_CLAIM, refund_order_line=line)


def test_older_operation_refunds_a_line_once(sandbox: Sandbox) -> None:
    order = sandbox.place(state="Shipped", lines=1)
    reference = order.lines[0].reference or ""
    refunds = sandbox.client().refunds
    [made] = refunds.create_after_shipment(order.number, [refund(reference)]).results
    assert (str(made.status), made.amount) == ("confirmed", order.lines[0].price)
    assert [one.row for one in sandbox.order(order.number).refunds] == [order.lines[0].row]
    [again] = refunds.create_after_shipment(order.number, [refund("none")]).results
    assert str(again.status) == "rejected"


def test_older_operation_that_refuses_as_a_whole_says_so(sandbox: Sandbox) -> None:
    with pytest.raises(OperationFailed, match="invalide") as caught:
        sandbox.client().refunds.create_after_shipment(NUMBER, [refund("A")])
    assert caught.value.operation == "CreateRefundVoucherAfterShipment"


RETURNED = SellerRefundResult(
    seller_product_id="A", motive=RefundMotive.CLIENT_CLAIM, ean="", value=Decimal(9), operation_success=True
)


@pytest.mark.parametrize(
    "service",
    [
        always(502, b"<html>"),
        answering(SellerRefundResultMessage(operation_success=True, order_number=NUMBER)),
        answering(SellerRefundResultMessage(operation_success=True, order_number=NUMBER, seller_refunds=(RETURNED,))),
    ],
)
def test_refund_without_a_clear_answer_is_unknown_and_not_repeated(service: Scripted) -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        service.client().refunds.create_after_shipment(NUMBER, [refund("A"), refund("B")])
    assert caught.value.operation == "CreateRefundVoucherAfterShipment"
    assert len(service.requests) == 1


# --- pick-up points


def test_file_of_pick_up_points_is_reported_on(sandbox: Sandbox) -> None:
    relays = sandbox.client().relays
    number = relays.submit("https://example.com/relays.xml")
    assert relays.report(number).relays_file_integration_status == "IntegrationPending"
    sandbox.advance(timedelta(minutes=5))
    assert relays.report(number).relays_file_integration_status == "Integrated"
    with pytest.raises(OperationFailed, match="Invalid filter"):
        relays.report(99)
    assert relays.shops() == ()


def test_pick_up_points_and_reports_survive_the_wire() -> None:
    shop = ParcelShop(reference="R1", latitude=44.8, sunday_afternoon_closing_hour="19:00")
    assert answering(ParcelShopListMessage(operation_success=True, shops=(shop,))).client().relays.shops() == (shop,)
    row = RelayReport(relay_reference="R1", validated=False, errors=("CP inconnu",))
    report = RelaysFileReport(operation_success=True, relays_file_id=1, number_of_errors=1, relays=(row,))
    assert answering(report).client().relays.report(1).relays == (row,)


def test_submission_of_pick_up_points_is_checked() -> None:
    with pytest.raises(InvalidRequest):
        always(500, b"").client().relays.submit("relays.xml")
    with pytest.raises(OutcomeUnknown, match="no number"):
        answering(RelaysFileDepositMessage(operation_success=True)).client().relays.submit("https://example.com/r.xml")
    with pytest.raises(OutcomeUnknown):
        always(502, b"").client().relays.submit("https://example.com/r.xml")
