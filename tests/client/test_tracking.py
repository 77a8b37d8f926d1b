"""What must be said about a parcel is checked before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdiscount_marketplace.errors import InvalidRequest
from cdiscount_marketplace.tracking import Tracking, as_listed, tracking_problems

LISTED = ("Colissimo", "Colis Privé", "Chronopost", "Asendia HK ", "UPS")


def problems(carrier: str | None = "Colissimo", number: str | None = "6A123", url: str | None = None) -> dict[str, str]:
    found = tracking_problems(Tracking(carrier=carrier, number=number, url=url), LISTED)
    return {problem.field: problem.message for problem in found}


def test_listed_carrier_with_number_passes() -> None:
    assert problems() == {}


@pytest.mark.parametrize("missing", [None, "", "   "])
def test_missing_carrier_and_number_are_both_named(missing: str | None) -> None:
    assert problems(missing, missing).keys() == {"carrier", "tracking_number"}


@pytest.mark.parametrize("written", ["colissimo", " COLISSIMO ", "Colissimo"])
def test_carrier_is_sent_as_the_channel_lists_it(written: str) -> None:
    assert problems(written) == {}
    assert as_listed(Tracking(carrier=written, number="1"), LISTED).carrier == "Colissimo"


def test_outer_blank_of_a_listed_name_is_sent_as_listed() -> None:
    assert as_listed(Tracking(carrier="asendia hk", number="1"), LISTED).carrier == "Asendia HK "


@pytest.mark.parametrize("other", ["Other", "OTHER", "other "])
def test_other_always_passes(other: str) -> None:
    assert problems(other) == {}


def test_unlisted_carrier_passes_with_a_tracking_url() -> None:
    assert problems("Vélo Express", url="https://velo.example/6A123") == {}


def test_unlisted_carrier_is_refused_with_the_nearest_names() -> None:
    assert "'Chronopost'" in problems("Chrono post")["carrier"]


def test_unlisted_carrier_with_nothing_near_is_told_the_ways_out() -> None:
    message = problems("zzz")["carrier"]
    assert "tracking URL" in message
    assert "'Other'" in message


def test_unreadable_carrier_list_refuses_no_name() -> None:
    assert tracking_problems(Tracking(carrier="Anyone", number="1"), ()) == []


@pytest.mark.parametrize(
    "sign", ['"', " ", ",", "&", "*", "$", "\x00", "\t", "\x85", "\ud800", "\uffff", "\u00a0", "\u200b", "\ufeff"]
)
def test_forbidden_character_in_the_number_is_refused(sign: str) -> None:
    assert problems(number=f"6A{sign}1").keys() == {"tracking_number"}


@pytest.mark.parametrize(("length", "fields"), [(50, set()), (51, {"tracking_number"})])
def test_number_has_at_most_50_characters(length: int, fields: set[str]) -> None:
    assert problems(number="1" * length).keys() == fields


@pytest.mark.parametrize("url", ["http://x.example/?a=1&b=2", "HTTPS://x.example/6A", "https://x" + "y" * 246])
def test_web_address_passes(url: str) -> None:
    assert problems(url=url) == {}


@pytest.mark.parametrize(
    "url", ["x.example", "ftp://x", "https://", "https://a b", "https://x" + "y" * 247, "http://\t"]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    assert problems(url=url).keys() == {"tracking_url"}


def test_place_is_named_before_each_field() -> None:
    found = tracking_problems(Tracking(carrier="", number=""), LISTED, where="1904241200ABCDE.")
    assert [problem.field for problem in found] == ["1904241200ABCDE.carrier", "1904241200ABCDE.tracking_number"]


@given(st.text(max_size=60))
def test_whatever_passes_fits_the_wire(number: str) -> None:
    if not problems(number=number):
        assert 0 < len(number) <= 50
        assert not set(number) & set('" ,&*$')
        assert number.encode()
        assert number.strip()


@pytest.mark.parametrize("said", [{"carrier": 5}, {"number": 123}, {"url": b"https://x.example"}])
def test_what_is_no_text_is_refused_by_its_name(said: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match=f"{next(iter(said))}: must be a text"):
        Tracking(**{"carrier": "Colissimo", "number": "6A1"} | said)
