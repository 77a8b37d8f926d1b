"""Refunds and gestures: each has an outcome of its own, and none is ever made twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cdiscount_marketplace.errors import DecisionsRefused, OperationFailed, OutcomeUnknown, ServiceFault
from cdiscount_marketplace.soap import (
    CreateRefundVoucherRequest,
    RefundInformation,
    RefundMode,
    RefundMotive,
    SellerRefundOrderLine,
    SellerRefundRequest,
)
from cdiscount_marketplace.soap.answers import Fault
from cdiscount_marketplace.soap.messages import write_fault
from cdiscount_marketplace.soap.refunds import (
    CreateRefundVoucherMessage,
    RefundInformationMessage,
    SellerRefundResult,
)
from support.scripted import always, answering

NUMBER = "2603020900ABCDE"


def refund(reference: str) -> SellerRefundRequest:
    line = SellerRefundOrderLine(seller_product_id=reference)
    return SellerRefundRequest(mode=RefundMode.CLAIM, motive=RefundMotive.CLIENT_CLAIM, refund_order_line=line)


REQUEST = CreateRefundVoucherRequest(
    order_number=NUMBER,
    seller_refunds=(refund("A"), refund("B")),
    commercial_gestures=(RefundInformation(amount=Decimal(5), motive_id=135),),
)


def refunded(reference: str, success: bool | None = True, message: str | None = None) -> SellerRefundResult:
    return SellerRefundResult(
        seller_product_id=reference,
        motive=RefundMotive.CLIENT_CLAIM,
        ean="",
        value=Decimal("9.90"),
        operation_success=success,
        error_message=message,
    )


GESTURE = RefundInformationMessage(amount=Decimal(5), motive_id=135, operation_success=True, error_message="")


def message(*refunds: SellerRefundResult, **members: Any) -> CreateRefundVoucherMessage:
    given: dict[str, Any] = {"operation_success": True, "commercial_gestures": (GESTURE,), "order_number": NUMBER}
    return CreateRefundVoucherMessage(seller_refunds=refunds, **(given | members))


def test_every_item_has_its_result_whatever_their_order() -> None:
    report = answering(message(refunded("B"), refunded("A"))).client().refunds.create(REQUEST)
    assert [str(result.status) for result in report.results] == ["confirmed"] * 3
    assert [result.amount for result in report.results] == [Decimal("9.90"), Decimal("9.90"), Decimal(5)]
    report.raise_for_failures()


def test_refused_item_raises_only_when_asked() -> None:
    service = answering(message(refunded("A", success=False, message="Déjà remboursé"), refunded("B")))
    report = service.client().refunds.create(REQUEST)
    assert [str(result.status) for result in report.results] == ["rejected", "confirmed", "confirmed"]
    assert report.results[0].message == "Déjà remboursé"
    with pytest.raises(DecisionsRefused, match="1 of 3"):
        report.raise_for_failures()


@pytest.mark.parametrize(
    "answered",
    [
        message(refunded("A")),
        message(refunded("A"), refunded("B", success=False)),
        message(refunded("A"), refunded("B", message="?")),
        message(refunded("A"), refunded("B"), commercial_gestures=()),
        message(operation_success=False, commercial_gestures=()),
        message(operation_success=True, error_message="Une erreur", commercial_gestures=()),
    ],
)
def test_item_that_the_answer_leaves_open_is_unknown(answered: CreateRefundVoucherMessage) -> None:
    with pytest.raises(OutcomeUnknown) as unknown:
        answering(answered).client().refunds.create(REQUEST)
    assert unknown.value.order_numbers == (NUMBER,)
    with pytest.raises(OutcomeUnknown):
        unknown.value.report.raise_for_failures()


def test_request_that_is_refused_as_a_whole_did_nothing() -> None:
    refusal = message(
        operation_success=False, error_message="Demande de remboursement invalide", commercial_gestures=()
    )
    with pytest.raises(OperationFailed, match="invalide"):
        answering(refusal).client().refunds.create(REQUEST)


def test_fault_after_a_refund_never_refunds_twice() -> None:
    service = always(500, write_fault(Fault(code="InternalServiceFault")))
    with pytest.raises(OutcomeUnknown) as unknown:
        service.client().refunds.create(REQUEST)
    assert isinstance(unknown.value.__cause__, ServiceFault)
    assert len(service.requests) == 1


def test_fault_that_ran_nothing_is_itself() -> None:
    service = always(500, write_fault(Fault(code="DeserializationFailed")))
    with pytest.raises(ServiceFault):
        service.client().refunds.create(REQUEST)
