"""Which answers count as read, and what the others raise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cdiscount_marketplace import Order, OrderFilter, OrderState
from cdiscount_marketplace.errors import (
    CdiscountError,
    EmptyAnswer,
    HtmlAnswer,
    HttpError,
    NotAuthorized,
    OperationFailed,
    QuotaExceeded,
    ServiceFault,
    TokenRefused,
    TruncatedAnswer,
    UnreadableAnswer,
)
from cdiscount_marketplace.events import CallFinished, DriftSeen, Event
from cdiscount_marketplace.soap import Error, ErrorType, OrderListMessage
from cdiscount_marketplace.soap.answers import Fault
from cdiscount_marketplace.soap.messages import write_answer, write_fault
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST
from support.hand_clock import HandClock
from support.scripted import always, answering

WAITING = OrderFilter(states=(OrderState.WAITING_FOR_SHIPMENT_ACCEPTATION,))


def message(**members: Any) -> OrderListMessage:
    return OrderListMessage(**({"operation_success": True, "error_message": "", "orders": ()} | members))


def test_empty_list_is_an_answer() -> None:
    assert answering(message()).client().orders.list(WAITING) == ()


@pytest.mark.parametrize("blank", [None, "", "  \n"])
def test_blank_message_is_none(blank: str | None) -> None:
    assert answering(message(error_message=blank)).client().orders.list(WAITING) == ()


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"operation_success": False}, "without a reason"),
        ({"operation_success": None}, "without a reason"),
        ({"error_message": "Vendeur désactivé"}, "Vendeur désactivé"),
        ({"errors": (Error(error_type=ErrorType.INACTIVE_SELLER_ERROR, message="Inactif"),)}, "Inactif"),
        ({"orders": None}, "no list of orders"),
    ],
)
def test_answer_that_is_not_whole_in_every_way_is_none(members: dict[str, Any], said: str) -> None:
    order = Order(order_number="2603020900ABCDE")
    with pytest.raises(OperationFailed, match=said) as failure:
        answering(message(**({"orders": (order,)} | members))).client().orders.list(WAITING)
    assert failure.value.operation == "GetOrderList"


def test_codes_of_a_failure_are_told() -> None:
    errors = tuple(Error(error_type=kind, message="x") for kind in (ErrorType.SELLER_NOT_FOUND, ErrorType("New")))
    with pytest.raises(OperationFailed) as failure:
        answering(message(errors=errors)).client().orders.list(WAITING)
    assert failure.value.codes == ("SellerNotFound", "New")


def test_used_up_quota_says_when_it_starts_anew() -> None:
    errors = (Error(error_type=ErrorType.QUOTA, message="Quota dépassé"),)
    clock = HandClock(datetime(2026, 3, 2, 9, 41, tzinfo=UTC))
    with pytest.raises(QuotaExceeded) as quota:
        answering(message(operation_success=False, errors=errors)).client(clock=clock).orders.list(WAITING)
    assert (quota.value.method, quota.value.retry_at) == ("GetOrderList", datetime(2026, 3, 2, 10, tzinfo=UTC))


def fault(code: str, text: str = "") -> bytes:
    return write_fault(Fault(code=code, text=text))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, fault("RequestTokenValidationError", "Your token does not exist"), TokenRefused),
        (500, fault("RequestTokenValidationError", "User is not authorized to access"), NotAuthorized),
        (200, fault("InternalServiceFault"), ServiceFault),
        (500, fault("SomethingNew"), ServiceFault),
        (500, b"<html>", HtmlAnswer),
        (503, b"", HttpError),
        (404, b"<html>", HttpError),
        (401, b"", HttpError),
        (500, b"oops", HttpError),
        (200, b"oops", UnreadableAnswer),
        (200, b"", EmptyAnswer),
        (200, write_answer(GET_ORDER_LIST, message())[:-20], TruncatedAnswer),
        (500, write_answer(GET_ORDER_LIST, message()), HttpError),
        (302, b"", UnreadableAnswer),
    ],
)
def test_what_is_no_result_is_a_typed_error(status: int, body: bytes, error: type[CdiscountError]) -> None:
    with pytest.raises(error) as failure:
        always(status, body).client().orders.list(WAITING)
    assert failure.value.operation == "GetOrderList"


def test_hooks_hear_of_calls_and_of_drift() -> None:
    heard: list[Event] = []
    order = Order(order_number="2603020900ABCDE", order_state=OrderState("Filled"))
    client = answering(message(orders=(order, order))).client(hooks=[heard.append])
    assert len(client.orders.list(WAITING)) == 2
    (call,) = [event for event in heard if isinstance(event, CallFinished)]
    assert (call.operation, call.outcome, call.http_status) == ("GetOrderList", "ok", 200)
    assert [event for event in heard if isinstance(event, DriftSeen)] == [
        DriftSeen(operation="GetOrderList", kind="value", path="Order/OrderState", value="Filled", count=2)
    ]


def test_order_that_was_not_asked_for_is_left_out() -> None:
    service = answering(message(orders=(Order(order_number="A"), Order(order_number="B"), Order())))
    assert [order.order_number for order in service.client().orders.get("B", "C", "B")] == ["B"]


def test_many_numbers_are_asked_for_in_several_requests() -> None:
    service = answering(message(orders=()))
    service.client().orders.get(*map(str, range(250)))
    assert len(service.requests) == 3
