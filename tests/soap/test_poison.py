"""Poison in one order: what XML cannot carry spoils the text that holds it, and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdiscount_marketplace.errors import ForbiddenMarkup, TruncatedAnswer
from cdiscount_marketplace.soap.answers import Answer, decode_answer
from cdiscount_marketplace.soap.codec.cleaning import LONGEST_TEXT
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST
from cdiscount_marketplace.soap.sellers import GET_SELLER_INDICATORS
from support.bodies import filled_answer

POISON = [
    b"\x00", b"\x01", b"\x0b", b"\x1f", b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xe2\x82", "\ufffe".encode(), b"&#0;",
    b"&#x1;", b"&#xB;", b"&#xD800;", b"&#65535;", b"&#x110000;", b"&#99999999999999999999;",
    b"&", b"&;", b"& co", b"&nbsp;", b"&eacute;", b"&#;", b"&#xZ;",
]  # fmt: skip
MEMBERS = ("OrderNumber", "City", "LastName", "Name", "SellerProductId", "Quantity", "CreationDate", "OrderState")


def page(poison: bytes = b"", member: str = "City") -> bytes:
    """Return an answer of three orders, the second of which holds the poison."""
    orders = [_order(number, poison if number == 2 else b"", member) for number in (1, 2, 3)]
    start = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        b'<GetOrderListResponse xmlns="http://www.cdiscount.com"><GetOrderListResult>'
        b"<OrderList>"
    )
    return start + b"".join(orders) + b"</OrderList></GetOrderListResult></GetOrderListResponse></s:Body></s:Envelope>"


def _order(number: int, poison: bytes, member: str) -> bytes:
    whole = (
        f"<Order><CreationDate>2026-03-02T11:30:00</CreationDate><OrderLineList><OrderLine><Name>Chair {number}</Name>"
        f"<Quantity>{number}</Quantity><SellerProductId>CHAIR-{number}</SellerProductId></OrderLine></OrderLineList>"
        f"<OrderNumber>26030{number}</OrderNumber><OrderState>Shipped</OrderState><ShippingAddress><City>Pau</City>"
        f"<LastName>Durand</LastName></ShippingAddress></Order>"
    ).encode()
    return re.sub(rb"(<" + member.encode() + rb">.)", lambda found: found.group() + poison, whole)


def orders_of(body: bytes):
    answer = decode_answer(GET_ORDER_LIST, body)
    assert isinstance(answer, Answer)
    assert answer.result.orders is not None
    return answer.result.orders, answer.drift


CLEAN, _ = orders_of(page())


@pytest.mark.usefixtures("parsing")
@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("poison", POISON)
def test_poison_in_one_order_spoils_no_other_and_is_reported(poison, member):
    orders, drift = orders_of(page(poison, member))
    assert (orders[0], orders[2]) == (CLEAN[0], CLEAN[2])
    assert "character" in {seen.kind for seen in drift}


@given(poison=st.binary(min_size=1, max_size=4).filter(lambda raw: b"<" not in raw))
@settings(max_examples=200)
def test_no_bytes_in_a_text_spoil_another_order(poison):
    orders, _ = orders_of(page(poison))
    assert (orders[0], orders[2]) == (CLEAN[0], CLEAN[2])
    assert orders[1].order_number == CLEAN[1].order_number


@pytest.mark.parametrize("length", [11_000_000, 25_000_000])
def test_a_text_of_megabytes_is_cut_and_its_order_kept(length):
    orders, drift = orders_of(page(b"x" * length))
    assert (orders[0], orders[2]) == (CLEAN[0], CLEAN[2])
    assert len(orders[1].shipping_address.city) == LONGEST_TEXT
    assert [(seen.kind, seen.path) for seen in drift] == [("length", "City")]


@pytest.mark.parametrize("poison", [b"", b"\x01"])
def test_a_truncated_answer_is_never_believed(poison):
    body = page(poison)
    for end in (len(body) - 10, len(body) // 2, len(body) - 200):
        with pytest.raises(TruncatedAnswer):
            decode_answer(GET_ORDER_LIST, body[:end])


def test_a_poisonous_answer_may_declare_no_entities():
    body = b"<!--" + b" " * 2000 + b'--><!DOCTYPE a [<!ENTITY e "boom">]>' + page(b"\x01&e;")
    with pytest.raises((ForbiddenMarkup, TruncatedAnswer)):
        decode_answer(GET_ORDER_LIST, body)


def test_legal_references_and_whitespace_stay_as_they_are():
    orders, drift = orders_of(page(b"&#x9;&#233;&amp;&#x1F600;\x01"))
    assert "\té&😀\ufffd" in orders[1].shipping_address.city
    assert [(seen.kind, seen.count) for seen in drift] == [("character", 1)]


def test_a_state_in_another_spelling_is_understood_and_reported():
    body = page().replace(b"<OrderState>Shipped<", b"<OrderState>SHIPPED <")
    orders, drift = orders_of(body)
    assert [order.order_state for order in orders] == [order.order_state for order in CLEAN]
    assert [(seen.kind, seen.value, seen.count) for seen in drift] == [("value", "SHIPPED", 3)]


@pytest.mark.parametrize("prefix", [b"\xef\xbb\xbf\xef\xbb\xbf", b"\n", b"  \r\n"])
def test_what_stands_before_the_document_does_not_disturb(prefix):
    orders, _ = orders_of(prefix + b'<?xml version="1.0" encoding="utf-8"?>' + page())
    assert orders == CLEAN


@pytest.mark.parametrize("charset", [b"iso-8859-1", b"windows-1252"])
def test_an_answer_that_says_another_charset_and_is_utf_8_is_cleaned_too(charset):
    orders, _ = orders_of(b'<?xml version="1.0" encoding="' + charset + b'"?>' + page(b"\x01"))
    assert (orders[0], orders[2]) == (CLEAN[0], CLEAN[2])


@given(data=st.data())
@settings(max_examples=150)
def test_poison_at_any_place_of_one_orders_texts_spoils_no_other(data):
    body = page()
    begin, end = [place.start() for place in re.finditer(rb"<Order>|</OrderList>", body)][1:3]
    places = [match.start(1) for match in re.finditer(rb">([^<]+)<", body) if begin < match.start() < end]
    at, poison = data.draw(st.sampled_from(places)), data.draw(st.sampled_from(POISON))
    orders, _ = orders_of(body[:at] + poison + body[at:])
    assert (orders[0], orders[2]) == (CLEAN[0], CLEAN[2])


def test_any_operation_reads_past_poison():
    body = filled_answer(GET_SELLER_INDICATORS)
    at = body.index(b"</", body.index(b"SellerLogin"))
    assert isinstance(decode_answer(GET_SELLER_INDICATORS, body[:at] + b"\x01" + body[at:]), Answer)
