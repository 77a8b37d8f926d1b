"""Nothing that is not listed survives in a cassette, however the message is written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdiscount_marketplace.testing.scrubbing import BLANK_TOKEN, CDISCOUNT, Unscrubbable, scrub_xml

MESSAGES = "http://schemas.datacontract.org/2004/07/Cdiscount.Framework.Core.Communication.Messages"
KEPT = {(CDISCOUNT, "OrderNumber"), (CDISCOUNT, "Quantity")}
SECRET = "s3ntinel"


def scrubbed(xml: str) -> str:
    return scrub_xml(xml.encode(), KEPT)


def texts(xml: str) -> list[str]:
    return [text for text in re.findall(r">([^<]+)<", xml) if text.strip()]


def test_listed_elements_keep_their_text_and_others_lose_it() -> None:
    found = scrubbed(f'<o xmlns="{CDISCOUNT}"><OrderNumber>N1</OrderNumber><LastName>{SECRET}</LastName></o>')
    assert texts(found) == ["N1", "scrubbed"]
    assert "LastName" in found


@pytest.mark.parametrize(
    "xml",
    [
        f'<x:o xmlns:x="{CDISCOUNT}"><x:LastName>{SECRET}</x:LastName></x:o>',
        f'<o xmlns="{CDISCOUNT}"><OrderNumber secret="{SECRET}">N1</OrderNumber></o>',
        f'<o xmlns="{CDISCOUNT}" xmlns:{SECRET}="urn:x"><{SECRET}:a>1</{SECRET}:a></o>',
        f'<o xmlns="{CDISCOUNT}"><a xmlns="urn:{SECRET}">1</a></o>',
        f'<o xmlns="{CDISCOUNT}"><!-- {SECRET} --><?pi {SECRET}?></o>',
        f'<o xmlns="{CDISCOUNT}"><LastName><![CDATA[{SECRET}]]></LastName></o>',
        f'<o xmlns="{CDISCOUNT}"><LastName>s&#51;ntinel</LastName></o>',
        f'<o xmlns="{CDISCOUNT}"><Address>{SECRET}<City/>{SECRET}</Address></o>',
        f'<o><OrderNumber>{SECRET}</OrderNumber></o>',
        f'<o xmlns="urn:other"><OrderNumber>{SECRET}</OrderNumber></o>',
        f'<o xmlns="{CDISCOUNT}"><OrderNumber>N<LastName>{SECRET}</LastName></OrderNumber></o>',
        f'<TokenId xmlns="{MESSAGES}">{SECRET}</TokenId>',
        f'<string xmlns="http://schemas.microsoft.com/2003/10/Serialization/">{SECRET}</string>',
        f'<ErrorMessage xmlns="{MESSAGES}">Bonjour {SECRET}</ErrorMessage>',
        f"<f><faultcode>s:{SECRET}</faultcode><faultstring>Token used: '{SECRET}'</faultstring></f>",
        f'<o xmlns="{CDISCOUNT}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><City i:nil="{SECRET}"/></o>',
        f'<o xmlns="{CDISCOUNT}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><a i:type="{SECRET}"/></o>',
    ],
)  # fmt: skip
def test_secret_hides_nowhere(xml: str) -> None:
    assert SECRET not in scrubbed(xml)


def test_listed_name_in_any_prefix_is_listed() -> None:
    assert texts(scrubbed(f'<q:o xmlns:q="{CDISCOUNT}"><q:OrderNumber>N1</q:OrderNumber></q:o>')) == ["N1"]


def test_nil_stays_nil_and_empty_stays_empty() -> None:
    instance = "http://www.w3.org/2001/XMLSchema-instance"
    found = scrubbed(f'<o xmlns="{CDISCOUNT}" xmlns:z="{instance}"><City z:nil="true"/><County></County></o>')
    assert '<c:City i:nil="true"></c:City><c:County></c:County>' in found


def test_token_becomes_a_blank_of_its_form() -> None:
    assert texts(scrubbed(f'<TokenId xmlns="{MESSAGES}">{SECRET}</TokenId>')) == [BLANK_TOKEN]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Token id is not correctly formatted.", "Token id is not correctly formatted."),
        (
            "User is not authorized to access to this resource (Token used: '6f4f7d53-de42-4d7e-9d6b-000000000000')",
            "User is not authorized to access to this resource",
        ),
        (
            'N1 error: Le passage à l\'état Shipped est impossible à ce stade de la commande "N1".',
            "Le passage à l'état Shipped est impossible à ce stade de la commande",
        ),
        ("Mme Dupont n'est pas là", "scrubbed"),
    ],
)
def test_sentences_that_decide_how_an_answer_is_read_stay(said: str, kept: str) -> None:
    assert texts(scrubbed(f"<Message xmlns='{CDISCOUNT}'>{said}</Message>")) == [kept]


def test_known_fault_codes_stay() -> None:
    assert texts(scrubbed("<f><faultcode>a:InternalServiceFault</faultcode></f>")) == ["s:InternalServiceFault"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<a>",
        b"<a></b>",
        b"\xff\xfe<",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "http://x.example/"><a/>',
        b"<a>&unknown;</a>",
        b'<a xmlns="urn:a&#10;b"/>',
    ],
)
def test_what_cannot_be_read_safely_is_refused(body: bytes) -> None:
    with pytest.raises(Unscrubbable) as refusal:
        scrub_xml(body, KEPT)
    assert "urn" not in str(refusal.value)


def test_deep_nesting_is_no_danger() -> None:
    depth = 50_000
    assert scrubbed("<a>" * depth + SECRET + "</a>" * depth).count("<a>") == depth - 1


NAMES = st.sampled_from(["OrderNumber", "LastName", "TokenId", "Message", "City"])
SPACES = st.sampled_from([CDISCOUNT, MESSAGES, "urn:x", ""])
LEAVES = st.builds(
    lambda name, space: f'<{name} xmlns="{space}">{SECRET}</{name}>', NAMES.filter("OrderNumber".__ne__), SPACES
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda name, space, parts: f'<{name} xmlns="{space}">{"".join(parts)}</{name}>', NAMES, SPACES, st.lists(inner)
    ),
    max_leaves=10,
)


@given(TREES)
def test_scrubbing_twice_is_scrubbing_once(xml: str) -> None:
    once = scrubbed(xml)
    assert SECRET not in once
    assert scrubbed(once) == once
