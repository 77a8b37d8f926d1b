"""An outcome is read per order and line; what the answer says as a whole proves nothing."""

from __future__ import annotations

import pickle

import pytest

from cdiscount_marketplace.errors import DecisionsRefused, OutcomeUnknown
from cdiscount_marketplace.soap import (
    Error,
    ErrorType,
    OrderResult,
    ResultStatus,
    ValidateOrder,
    ValidateOrderLine,
    ValidateOrderLineResult,
    ValidateOrderResult,
    ValidationReport,
)
from cdiscount_marketplace.soap.orders.reports import read_results
from support.wire_orders import NUMBER

INCOHERENT = Error(error_type=ErrorType.ORDER_STATE_INCOHERENT, message="impossible")


def result(
    validated: bool | None, *updated: bool | None, errors: tuple[Error, ...] = (), **more
) -> ValidateOrderResult:
    lines = tuple(ValidateOrderLineResult(seller_product_id=str(n), updated=one) for n, one in enumerate(updated))
    given = {"order_number": NUMBER, "validate_order_line_results": lines} | more
    return ValidateOrderResult(validated=validated, errors=errors, **given)


def read(*answered: ValidateOrderResult) -> OrderResult:
    (found,) = read_results([ValidateOrder(order_number=NUMBER)], answered)
    return found


LINE_ERROR = (ValidateOrderLineResult(seller_product_id="A", updated=False, errors=(INCOHERENT,)),)


@pytest.mark.parametrize(
    ("answered", "status"),
    [
        ([result(True, True, True)], "confirmed"),
        ([result(True)], "confirmed"),
        ([result(False, errors=(INCOHERENT,))], "rejected"),
        ([result(None, errors=(INCOHERENT,))], "rejected"),
        ([result(False, False, errors=(INCOHERENT,))], "rejected"),
        ([result(False, True, False, errors=(INCOHERENT,))], "unknown"),
        ([result(False, validate_order_line_results=LINE_ERROR)], "rejected"),
        ([], "unknown"),
        ([result(True, True, False)], "unknown"),
        ([result(True, True, None)], "unknown"),
        ([result(True, errors=(INCOHERENT,))], "unknown"),
        ([result(False)], "unknown"),
        ([result(None, True)], "unknown"),
        ([result(True, True), result(False, errors=(INCOHERENT,))], "unknown"),
        ([result(True, True), result(True, True)], "confirmed"),
        ([result(True, True, order_number="1904241200ABCDE")], "unknown"),
        ([result(True, True, order_number=None)], "unknown"),
    ],
)
def test_outcome_of_an_order(answered: list[ValidateOrderResult], status: str) -> None:
    found = read(*answered)
    assert found.status == status
    assert (found.message is None) == (status == "confirmed")


@pytest.mark.parametrize(
    ("updated", "status"),
    [(["A", "B"], "confirmed"), ([], "confirmed"), ([None], "confirmed"), (["A"], "unknown"), (["A", "C"], "unknown")],
)
def test_an_order_is_confirmed_only_if_no_line_that_was_sent_is_passed_over(
    updated: list[str | None], status: str
) -> None:
    sent = ValidateOrder(
        order_number=NUMBER, order_lines=[ValidateOrderLine(seller_product_id=name) for name in ("A", "B")]
    )
    lines = tuple(ValidateOrderLineResult(seller_product_id=name, updated=True) for name in updated)
    (found,) = read_results([sent], [result(True, validate_order_line_results=lines)])
    assert found.status == status


def test_results_are_found_by_number_not_by_position() -> None:
    sent = [ValidateOrder(order_number=number) for number in ("A", "B", "C")]
    answered = [result(True, order_number="C"), result(False, errors=(INCOHERENT,), order_number=" A ")]
    assert [(one.order_number, str(one.status)) for one in read_results(sent, answered)] == [
        ("A", "rejected"),
        ("B", "unknown"),
        ("C", "confirmed"),
    ]


def test_codes_and_message_come_from_the_order_then_from_its_lines() -> None:
    found = read(result(False, validate_order_line_results=LINE_ERROR))
    assert found.codes == ("OrderStateIncoherent",)
    assert found.message == "impossible"


def report(*statuses: str) -> ValidationReport:
    return ValidationReport(
        results=tuple(OrderResult(order_number=f"N{n}", status=ResultStatus(one)) for n, one in enumerate(statuses))
    )


def test_all_confirmed_raises_nothing() -> None:
    report("confirmed", "confirmed").raise_for_failures()


def test_refusals_raise_with_their_orders_only() -> None:
    mixed = report("confirmed", "rejected", "not_run")
    with pytest.raises(DecisionsRefused) as refusal:
        mixed.raise_for_failures()
    assert refusal.value.order_numbers == ("N1", "N2")
    assert refusal.value.report is mixed
    assert not refusal.value.retryable


def test_unknown_outcomes_come_before_refusals() -> None:
    with pytest.raises(OutcomeUnknown) as unknown:
        report("rejected", "unknown").raise_for_failures()
    assert unknown.value.order_numbers == ("N1",)


def test_what_did_not_run_may_be_sent_again() -> None:
    with pytest.raises(DecisionsRefused) as refusal:
        report("confirmed", "not_run").raise_for_failures()
    assert refusal.value.retryable


def test_failure_survives_pickling_with_its_report() -> None:
    with pytest.raises(OutcomeUnknown) as unknown:
        report("unknown").raise_for_failures()
    assert pickle.loads(pickle.dumps(unknown.value)).report == unknown.value.report


def test_order_that_was_not_asked_for_has_no_result() -> None:
    with pytest.raises(KeyError):
        report("confirmed").of("N9")
