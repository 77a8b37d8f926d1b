"""Everything that the recorded answers say arrives in the decoded objects, and the recorded requests can be made."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from attrs import evolve, fields, has
from lxml import etree

from cdiscount_marketplace.soap.answers import Answer, Fault, decode_answer
from cdiscount_marketplace.soap.carriers import GET_GLOBAL_CONFIGURATION
from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.codec.declare import NIL
from cdiscount_marketplace.soap.codec.times import PARIS, to_naive
from cdiscount_marketplace.soap.codec.values import NO_DATE, format_value
from cdiscount_marketplace.soap.common import ProductCondition
from cdiscount_marketplace.soap.discussions import models as discussions
from cdiscount_marketplace.soap.discussions import replies
from cdiscount_marketplace.soap.discussions.enums import DiscussionStateFilter
from cdiscount_marketplace.soap.fulfilment import stock
from cdiscount_marketplace.soap.fulfilment.external import GET_EXTERNAL_ORDER_STATUS, OrderStatusRequest
from cdiscount_marketplace.soap.header import Currency, HeaderMessage
from cdiscount_marketplace.soap.offers.enums import OfferAction
from cdiscount_marketplace.soap.offers.models import GET_OFFER_LIST_PAGINATED, OfferFilterPaginated
from cdiscount_marketplace.soap.offers.submissions import (
    GET_OFFER_PACKAGE_SUBMISSION_RESULT,
    SUBMIT_OFFER_PACKAGE,
    SUBMIT_OFFER_STATE_ACTION,
    OfferPackageRequest,
    OfferStateActionRequest,
)
from cdiscount_marketplace.soap.orders.enums import AcceptationState, OrderState
from cdiscount_marketplace.soap.orders.investigations import (
    MANAGE_PARCEL,
    ManageParcelRequest,
    ParcelAction,
    ParcelRequest,
)
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST, OrderFilter
from cdiscount_marketplace.soap.orders.validation import (
    VALIDATE_ORDER_LIST,
    ValidateOrder,
    ValidateOrderLine,
    ValidateOrderListMessage,
)
from cdiscount_marketplace.soap.packages import PackageFilter
from cdiscount_marketplace.soap.products import catalogue
from cdiscount_marketplace.soap.products.submissions import (
    GET_PRODUCT_PACKAGE_SUBMISSION_RESULT,
    SUBMIT_PRODUCT_PACKAGE,
    ProductPackageRequest,
)
from cdiscount_marketplace.soap.refunds import CREATE_REFUND_VOUCHER, CreateRefundVoucherRequest
from cdiscount_marketplace.soap.relays import (
    GET_PARCEL_SHOP_LIST,
    GET_RELAYS_FILE_SUBMISSION_RESULT,
    RelaysFileFilter,
)
from cdiscount_marketplace.soap.sellers import GET_SELLER_INDICATORS, GET_SELLER_INFORMATION
from support.bodies import filled_answer, recorded_messages
from support.soap_requests import write_request

pytestmark = pytest.mark.usefixtures("parsing")
TOKEN = "0123456789abcdef0123456789abcdef"
HEADER = HeaderMessage().with_token(TOKEN)


def leaves(value: Any) -> Counter[str]:
    """Return every simple value within an object, as the service writes it."""
    if has(type(value)):
        return sum((leaves(getattr(value, field.name)) for field in fields(type(value))), Counter())
    if isinstance(value, tuple):
        return sum(map(leaves, value), Counter())
    if value is None:
        return Counter()
    if isinstance(value, datetime):
        value = to_naive(value, PARIS)
    return Counter([str(value) if isinstance(value, str) else format_value(value)])


def said(body: bytes) -> Counter[str]:
    """Return the text of every leaf element in a result, but for the token and the dates that mean none."""
    result = etree.fromstring(body).find(".//{*}Body")[0][0]
    texts = [
        node.text or ""
        for node in result.iter()
        if not len(node) and not node.tag.endswith("}TokenId") and node.get(NIL) != "true"
    ]
    return Counter(text for text in texts if text not in (NO_DATE, ""))


def missing(body: bytes, result: Any) -> Counter[str]:
    return said(body) - leaves(result)


def test_every_leaf_of_every_recorded_answer_arrives(recorded):
    answers = [
        (operation, body) for operation, status, body in recorded_messages(recorded, "response") if status == 200
    ]
    assert len(answers) >= 6
    for operation, body in answers:
        answer = decode_answer(operation, body)
        assert isinstance(answer, Answer)
        assert not missing(body, answer.result), operation.name
        # What is called unknown is only what the recording's scrubbing put in the place of real values.
        assert {seen.value for seen in answer.drift} <= {"CIVILITY"}


def test_recorded_fault_is_recognised(recorded):
    faults = [(operation, body) for operation, status, body in recorded_messages(recorded, "response") if status == 500]
    assert faults
    for operation, body in faults:
        fault = decode_answer(operation, body)
        assert isinstance(fault, Fault)
        assert fault.code
        assert fault.text


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_member_of_our_own_full_answers_arrives(operation):
    body = filled_answer(operation)
    answer = decode_answer(operation, body)
    assert isinstance(answer, Answer)
    assert not missing(body, answer.result)
    assert not answer.drift


def test_the_echoed_token_is_nowhere_in_the_decoded_answer():
    body = filled_answer(GET_ORDER_LIST)
    assert b"f" * 32 in body
    assert "f" * 32 not in repr(decode_answer(GET_ORDER_LIST, body))
    assert "f" * 32 not in leaves(decode_answer(GET_ORDER_LIST, body).result)


NUMBER, REFERENCE = "2604011200ABCDE", "SKU-1"

# What was asked in each recorded request, said with public objects; about an order of our own.
ASKED: list[tuple[Any, tuple[Any, ...]]] = [
    (GET_ORDER_LIST, (OrderFilter(),)),
    (
        GET_ORDER_LIST,
        (
            OrderFilter(
                states=[OrderState.SHIPMENT_REFUSED_BY_SELLER],
                created_from=datetime(2076, 12, 31, 23, tzinfo=UTC),
            ),
        ),
    ),
    (
        VALIDATE_ORDER_LIST,
        (
            ValidateOrderListMessage(
                orders=[
                    ValidateOrder(
                        order_number=NUMBER,
                        order_state=OrderState.SHIPMENT_REFUSED_BY_SELLER,
                        order_lines=[
                            ValidateOrderLine(
                                acceptation_state=AcceptationState.SHIPMENT_REFUSED_BY_SELLER,
                                product_condition=ProductCondition.AVERAGE_STATE,
                                seller_product_id=REFERENCE,
                            )
                        ],
                    )
                ]
            ),
        ),
    ),
    (GET_GLOBAL_CONFIGURATION, ()),
    (GET_SELLER_INFORMATION, ()),
    (GET_SELLER_INDICATORS, ()),
    (CREATE_REFUND_VOUCHER, (CreateRefundVoucherRequest(),)),
    (GET_OFFER_LIST_PAGINATED, (OfferFilterPaginated(page_number=2),)),
    (GET_OFFER_PACKAGE_SUBMISSION_RESULT, (PackageFilter(package_id=541),)),
    (SUBMIT_OFFER_PACKAGE, (OfferPackageRequest(url="https://www.myserver/uploading_package.zip"),)),
    (SUBMIT_OFFER_STATE_ACTION, (OfferStateActionRequest(action=OfferAction.UNPUBLISH, seller_product_id=REFERENCE),)),
    (replies.CLOSE_DISCUSSION_LIST, (replies.CloseDiscussionRequest(ids=[113157784]),)),
    (replies.CLOSE_DISCUSSION_LIST, (replies.CloseDiscussionRequest(ids=[-2, -1]),)),
    (replies.GENERATE_DISCUSSION_MAIL_GUID, (replies.MailGuidRequest(order_number=NUMBER),)),
    (replies.GET_DISCUSSION_MAIL_LIST, (replies.GetDiscussionMailListRequest(ids=[113163877]),)),
    (discussions.GET_OFFER_QUESTION_LIST, (discussions.OfferQuestionFilter(),)),
    (discussions.GET_OFFER_QUESTION_LIST, (discussions.OfferQuestionFilter(seller_references=["PRES1"]),)),
    (
        discussions.GET_OFFER_QUESTION_LIST,
        (discussions.OfferQuestionFilter(states=[DiscussionStateFilter.CLOSED]),),
    ),
    (discussions.GET_ORDER_CLAIM_LIST, (discussions.OrderClaimFilter(),)),
    (catalogue.GET_PRODUCT_LIST, (catalogue.ProductFilter(category_code="06010201"),)),
    (catalogue.GET_PRODUCT_LIST_BY_IDENTIFIER, (catalogue.IdentifierRequest(values=["7426775682419"]),)),
    (GET_PRODUCT_PACKAGE_SUBMISSION_RESULT, (PackageFilter(),)),
    (SUBMIT_PRODUCT_PACKAGE, (ProductPackageRequest(url="toto.html/"),)),
    (stock.GET_FULFILMENT_ACTIVATION_REPORT_LIST, (stock.ActivationReportFilter(),)),
    (stock.GET_PRODUCT_STOCK_LIST, (stock.ProductStockFilter(eans=["3515450012475"]),)),
    (
        GET_EXTERNAL_ORDER_STATUS,
        (OrderStatusRequest(corporation="FNAC", customer_order_number="YLA_test_APIFBC_FODETP_20160414_02"),),
    ),
    (
        MANAGE_PARCEL,
        (
            ManageParcelRequest(
                order_number=NUMBER,
                parcels=[ParcelRequest(action=ParcelAction.DELIVERY_CERTIFICATION, parcel_number="TN1", sku="PRES1")],
            ),
        ),
    ),
    (MANAGE_PARCEL, (ManageParcelRequest(),)),
    (GET_PARCEL_SHOP_LIST, ()),
    (GET_RELAYS_FILE_SUBMISSION_RESULT, (RelaysFileFilter(relays_file_id=1),)),
]
# Requests that lack their filter, or hold what no filter takes: the SDK refuses to make them.
NEVER_ASKED = {
    ("GetModelList", "get_all_model_list-2"),
    ("GetRelaysFileSubmissionResult", "get_relays_file_submission_result_without_relays_file-6"),
}


def canonical(message: bytes) -> str:
    """Return a message as canonical XML, with the token, the message id and the order replaced."""
    text = re.sub(r"urn:uuid:[0-9a-f-]+", "urn:uuid:0", message.decode())
    for name, replacement in (
        ("TokenId", TOKEN),
        ("OrderNumber", NUMBER),
        ("ScopusId", NUMBER),
        ("SellerProductId", REFERENCE),
    ):
        text = re.sub(rf"({name}(?: [^>]*)?>)[^<]+", rf"\g<1>{replacement}", text)
    return ElementTree.canonicalize(text, rewrite_prefixes=True)


def header_for(operation: Any) -> HeaderMessage:
    """Return the header that was recorded: one operation was called with a currency."""
    if operation is not SUBMIT_OFFER_PACKAGE:
        return HEADER
    return evolve(HEADER, localization=evolve(HEADER.localization, currency=Currency.EUR))


def test_every_recorded_request_is_made_from_public_objects(recorded):
    made = {canonical(write_request(operation, header_for(operation), *parts)) for operation, parts in ASKED}
    wanted = {canonical(body) for _, _, body in recorded_messages(recorded, "request", without=NEVER_ASKED)}
    assert len(wanted) == len(ASKED)
    assert made == wanted
