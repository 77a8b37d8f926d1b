"""Declarations, encoding and the outgoing check."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from attrs import evolve, fields
from attrs.exceptions import FrozenInstanceError
from lxml import etree

from cdiscount_marketplace.errors import InvalidRequest
from cdiscount_marketplace.soap.answers import Answer, Fault, decode_answer
from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.codec.declare import elements, own_elements
from cdiscount_marketplace.soap.common import Address, Error, ErrorType, ProductCondition, RefundInformation
from cdiscount_marketplace.soap.header import Country, HeaderMessage
from cdiscount_marketplace.soap.messages import check, write_answer, write_fault, zeep_arguments
from cdiscount_marketplace.soap.orders.enums import AcceptationState, OrderState
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST, Customer, Order, OrderFilter, OrderListMessage
from cdiscount_marketplace.soap.orders.validation import (
    VALIDATE_ORDER_LIST,
    ValidateOrder,
    ValidateOrderLine,
    ValidateOrderListMessage,
)
from cdiscount_marketplace.soap.refunds import CREATE_REFUND_VOUCHER, CreateRefundVoucherRequest, SellerRefundRequest
from support.bodies import BY_NAME, filled, filled_answer
from support.soap_requests import read_request, write_request
from support.wire_models import models_of

MODELS = models_of(OPERATIONS)
WAITING = OrderState.WAITING_FOR_SHIPMENT_ACCEPTATION
NOON = datetime(2024, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_members_are_in_ordinal_order_after_those_of_the_base(kind):
    own = [member.name for member in own_elements(kind)]
    assert own == sorted(own)
    assert [member.name for member in elements(kind)][len(elements(kind)) - len(own) :] == own


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_models_are_frozen_slotted_and_made_from_nothing(kind):
    made = kind()
    assert not hasattr(made, "__dict__")
    with pytest.raises(FrozenInstanceError):
        setattr(made, fields(kind)[0].name, None)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_what_is_written_as_an_answer_is_read_again(operation):
    result = filled(operation.result)
    assert decode_answer(operation, filled_answer(operation)) == Answer(result=result)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_what_is_written_as_a_request_is_read_again(operation):
    parts = [filled(part.type) for part in operation.parts]
    read = read_request(operation, write_request(operation, HeaderMessage().with_token("t" * 32), *parts))
    assert read.tag == operation.tag
    assert read.parts == parts
    assert read.header.security is not None
    assert read.header.security.token_id == "t" * 32
    assert read.drift == ()


def test_a_fault_is_read_as_it_was_written():
    fault = Fault(code="RequestTokenValidationError", text="Token id is not correctly formatted.", detail="more")
    assert decode_answer(GET_ORDER_LIST, write_fault(fault)) == fault


def test_personal_data_and_secrets_are_in_no_repr():
    hidden = filled(Address), filled(Customer), HeaderMessage().with_token("SECRET-TOKEN")
    order = Order(order_number="A1", billing_address=hidden[0], customer=hidden[1])
    shown = f"{order!r} {hidden!r}"
    assert "A1" in shown
    for secret in ("SECRET-TOKEN", "Street", "LastName", "MobilePhone", "EncryptedEmail é"):
        assert secret not in shown


def test_a_service_writes_what_is_not_there_as_the_live_one_does():
    order = Order(order_number="A1", customer=Customer(phone=""))
    root = etree.fromstring(write_answer(GET_ORDER_LIST, OrderListMessage(orders=(order,)), token="t"))
    text = etree.tostring(root).decode()
    assert "<Phone/>" in text or "<Phone></Phone>" in text
    assert '<PartnerOrderRef xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>' in text
    assert "<ParcelList/>" in text
    assert '<VoucherList xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>' in text
    assert "BusinessOrder" not in text
    assert "<TokenId>t</TokenId>" in text


def problems_of(operation, *parts) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        check(operation, *parts)
    return {problem.field: problem.message for problem in caught.value.problems}


def validation(**changes) -> ValidateOrderListMessage:
    order = ValidateOrder(
        order_number="2604011200ABCDE",
        order_state=OrderState.SHIPPED,
        order_lines=[
            ValidateOrderLine(
                acceptation_state=AcceptationState.SHIPPED_BY_SELLER,
                product_condition=ProductCondition.NEW,
                seller_product_id="REF",
            )
        ],
    )
    return ValidateOrderListMessage(orders=[evolve(order, **changes)])


def test_an_unknown_enum_value_is_refused_with_its_place():
    line = ValidateOrderLine(acceptation_state=AcceptationState("Sent"))
    place = "validateOrderListMessage.orders[0].order_lines[0].acceptation_state"
    found = problems_of(VALIDATE_ORDER_LIST, validation(order_lines=[line]))
    assert found == {place: "'Sent' is not a value of AcceptationState"}


@pytest.mark.parametrize("text", ["a\x00b", "tab\x0bbed", "\x1f", "\ud800", "\ufffe"])
def test_a_control_character_is_refused(text):
    assert list(problems_of(VALIDATE_ORDER_LIST, validation(tracking_number=text))) == [
        "validateOrderListMessage.orders[0].tracking_number"
    ]


@pytest.mark.parametrize("text", ["é", "line\nline\r\n", "\t", "a & b < c", "😀", ""])
def test_any_other_character_is_sent_as_it_is(text):
    message = validation(tracking_url=text)
    request = write_request(VALIDATE_ORDER_LIST, HeaderMessage(), message)
    assert read_request(VALIDATE_ORDER_LIST, request).parts == [message]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"order_number": 7}, "order_number"),
        ({"order_state": "NoSuchState"}, "order_state"),
        ({"order_lines": "REF"}, "order_lines"),
        ({"order_lines": ["REF"]}, "order_lines[0]"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(changes, field):
    assert list(problems_of(VALIDATE_ORDER_LIST, validation(**changes))) == [
        f"validateOrderListMessage.orders[0].{field}"
    ]


def test_required_members_must_be_set():
    request = CreateRefundVoucherRequest(commercial_gestures=[RefundInformation(amount=Decimal("NaN"))])
    assert problems_of(CREATE_REFUND_VOUCHER, request) == {
        "request.commercial_gestures[0].amount": "must be a finite number",
        "request.commercial_gestures[0].motive_id": "is required",
    }
    # Nillable ones may be left out: the recorded requests say nil.
    check(CREATE_REFUND_VOUCHER, CreateRefundVoucherRequest(seller_refunds=[SellerRefundRequest()]))


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 1.5, True, "131"])
def test_a_number_must_fit_its_type(number):
    request = CreateRefundVoucherRequest(commercial_gestures=[RefundInformation(amount=Decimal(1), motive_id=number)])
    assert list(problems_of(CREATE_REFUND_VOUCHER, request)) == ["request.commercial_gestures[0].motive_id"]


def test_dates_without_states_are_refused_because_the_service_ignores_them():
    assert list(problems_of(GET_ORDER_LIST, OrderFilter(created_from=NOON, modified_to=NOON))) == [
        "orderFilter.created_from",
        "orderFilter.modified_to",
    ]
    check(GET_ORDER_LIST, OrderFilter(created_from=NOON, states=[WAITING]))
    check(GET_ORDER_LIST, OrderFilter(created_from=NOON, order_references=["2604011200ABCDE"]))


def test_naive_times_are_refused():
    naive = NOON.replace(tzinfo=None)
    assert problems_of(GET_ORDER_LIST, OrderFilter(created_from=naive, states=[WAITING])) == {
        "orderFilter.created_from": "must be an aware datetime"
    }


def test_parts_must_be_those_of_the_operation():
    with pytest.raises(TypeError, match="GetOrderList takes OrderFilter"):
        zeep_arguments(GET_ORDER_LIST, HeaderMessage())
    with pytest.raises(TypeError, match="GetSellerInformation takes nothing"):
        check(BY_NAME["GetSellerInformation"], OrderFilter())


def test_lists_are_taken_as_tuples_and_kept_so():
    states = [WAITING]
    asked = OrderFilter(states=states)
    states.append(OrderState.SHIPPED)
    assert asked.states == (WAITING,)


@pytest.mark.parametrize("given", [5, "Shipped", b"Shipped"])
def test_what_is_no_list_is_refused_before_sending(given):
    found = problems_of(GET_ORDER_LIST, OrderFilter(states=given, order_references=given))
    assert set(found) == {"orderFilter.states", "orderFilter.order_references"}
    assert set(found.values()) == {"must be a list"}


def test_an_empty_order_number_is_refused_because_it_would_ask_for_any():
    asked = OrderFilter(order_references=["2604011200ABCDE", " "])
    assert list(problems_of(GET_ORDER_LIST, asked)) == ["orderFilter.order_references[1]"]


def test_a_bound_in_the_repeated_hour_is_sent_widened():
    repeated = datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    sent = zeep_arguments(
        GET_ORDER_LIST,
        HeaderMessage(),
        OrderFilter(states=[WAITING], created_from=repeated, created_to=repeated),
    )["orderFilter"]
    assert sent["BeginCreationDate"] == datetime(2024, 10, 27, 2)
    assert sent["EndCreationDate"] == datetime(2024, 10, 27, 3)


def test_enum_values_are_equal_to_their_text():
    assert Country("Fr") is Country.FR
    assert len(Country.values()) == 246
    assert Error(error_type=ErrorType("Quota")).error_type is ErrorType.QUOTA
