"""Answers that are foreign, incomplete or meant to harm: a typed error each, in bounded time and memory."""

from __future__ import annotations

import tracemalloc

import pytest

from cdiscount_marketplace.errors import (
    EmptyAnswer,
    ForbiddenMarkup,
    HtmlAnswer,
    OversizedAnswer,
    TruncatedAnswer,
    UnreadableAnswer,
)
from cdiscount_marketplace.soap.answers import Answer, decode_answer
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST, OrderListMessage
from cdiscount_marketplace.soap.sellers import GET_SELLER_INDICATORS
from support.bodies import filled_answer

pytestmark = pytest.mark.usefixtures("parsing")
START = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<GetOrderListResponse xmlns="http://www.cdiscount.com"><GetOrderListResult>'
)
END = "</GetOrderListResult></GetOrderListResponse></s:Body></s:Envelope>"
BOMB = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))


def nested(name: str, depth: int) -> str:
    return f"<{name}>" * depth + f"</{name}>" * depth


def line_in_line(depth: int) -> str:
    level = "<OrderLineChildList><OrderLine>"
    close = "</OrderLine></OrderLineChildList>"
    return (
        "<OrderList><Order><OrderLineList><OrderLine>"
        + level * depth
        + close * depth
        + "</OrderLine></OrderLineList></Order></OrderList>"
    )


HOSTILE = [
    (
        "external entity",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + START + "&x;" + END,
        ForbiddenMarkup,
    ),
    ("external dtd", '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">' + START + END, ForbiddenMarkup),
    ("entity bomb", f'<!DOCTYPE a [<!ENTITY e0 "boom">{BOMB}]>{START}&e11;{END}', ForbiddenMarkup),
    ("bomb in an attribute", f'<!DOCTYPE a [<!ENTITY e0 "boom">{BOMB}]>{START}<x y="&e11;"/>{END}', ForbiddenMarkup),
    ("dtd behind a comment", f"<!--{' ' * 5000}--><!DOCTYPE a [<!ENTITY x 'y'>]>{START}{END}", ForbiddenMarkup),
    ("deep nesting", START + nested("x", 100_000) + END, ForbiddenMarkup),
    (
        "deep nesting in an item",
        f"{START}<OrderList><Order>{nested('x', 150)}</Order></OrderList>{END}",
        ForbiddenMarkup,
    ),
    ("lines within lines", START + line_in_line(50_000) + END, ForbiddenMarkup),
    ("deep and cut off", START + "<x>" * 100_000, UnreadableAnswer),
    ("web page", "<!DOCTYPE html><html><body>Robot?</body></html>", HtmlAnswer),
    ("web page without doctype", "\r\n <HTML><head></head></HTML>", HtmlAnswer),
    ("web page as xhtml", '<?xml version="1.0"?><!DOCTYPE html><html xmlns="x"/>', HtmlAnswer),
    ("nothing", "", EmptyAnswer),
    ("white space", " \r\n", EmptyAnswer),
    ("mark only", "\ufeff", EmptyAnswer),
    ("json", '{"error": "no"}', UnreadableAnswer),
    ("other xml", "<string>no</string>", UnreadableAnswer),
    ("empty envelope", '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>', UnreadableAnswer),
    ("no result", START.replace("<GetOrderListResult>", "") + END.replace("</GetOrderListResult>", ""), EmptyAnswer),
    ("another operation", (START + END).replace("GetOrderList", "GetOfferList"), UnreadableAnswer),
    ("unbound prefix", START + "<q:x/>" + END, UnreadableAnswer),
    ("rest after the end", START + END + "<more/>", TruncatedAnswer),
]


@pytest.mark.parametrize(("body", "error"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_hostile_answer_is_a_typed_error_in_little_memory(body, error):
    content = body.encode()
    tracemalloc.start()
    try:
        with pytest.raises(error) as caught:
            decode_answer(GET_ORDER_LIST, content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000 + 20 * len(content)
    assert caught.value.__cause__ is None


def test_an_answer_cut_at_any_byte_is_an_error_and_never_a_shorter_answer():
    whole = filled_answer(GET_SELLER_INDICATORS)
    assert isinstance(decode_answer(GET_SELLER_INDICATORS, whole), Answer)
    for length in range(len(whole)):
        with pytest.raises((TruncatedAnswer, EmptyAnswer, UnreadableAnswer)):
            decode_answer(GET_SELLER_INDICATORS, whole[:length])


def test_a_cut_after_complete_orders_is_an_error():
    body = (START + "<OrderList>" + "<Order><OrderNumber>A</OrderNumber></Order>" * 1000).encode()
    with pytest.raises(TruncatedAnswer):
        decode_answer(GET_ORDER_LIST, body)


def test_the_size_limit_is_kept():
    body = (START + END).encode()
    with pytest.raises(OversizedAnswer) as caught:
        decode_answer(GET_ORDER_LIST, body, max_bytes=len(body) - 1)
    assert caught.value.limit == len(body) - 1
    assert isinstance(decode_answer(GET_ORDER_LIST, body, max_bytes=len(body)), Answer)


@pytest.mark.parametrize("declared", ["utf-16", "utf-7", "iso-8859-1", "ebcdic-cp-fr", "no-such-charset"])
def test_a_wrong_declared_charset_changes_nothing_and_hides_nothing(declared):
    body = f'<?xml version="1.0" encoding="{declared}"?>{START}<SellerLogin>é</SellerLogin>{END}'.encode()
    try:
        answer = decode_answer(GET_ORDER_LIST, body)
    except UnreadableAnswer:
        return
    assert isinstance(answer, Answer)
    assert answer.result.seller_login == "é"


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "utf-32"])
def test_an_answer_in_another_charset_is_an_error(charset):
    body = f'<?xml version="1.0" encoding="{charset}"?>{START}<SellerLogin>é</SellerLogin>{END}'.encode(charset)
    with pytest.raises(UnreadableAnswer):
        decode_answer(GET_ORDER_LIST, body)


def test_comments_cdata_and_instructions_do_not_disturb():
    inside = "<!-- a --><SellerLogin>a<![CDATA[<b>]]><!-- c -->c</SellerLogin><?x y?>"
    answer = decode_answer(GET_ORDER_LIST, (START + inside + END).encode())
    assert isinstance(answer, Answer)
    assert answer.result == OrderListMessage(seller_login="a<b>c")
    assert answer.drift == ()


def test_no_error_quotes_the_answer():
    with pytest.raises(TruncatedAnswer) as caught:
        decode_answer(GET_ORDER_LIST, (START + "<OrderNumber>SECRET<").encode())
    assert "SECRET" not in f"{caught.value!r} {caught.value}"
    assert caught.value.__context__ is None or caught.value.__suppress_context__
