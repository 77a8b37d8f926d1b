"""What must hold for all values: round trips, and bounds that lose no instant whatever the clock does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdiscount_marketplace.soap.answers import Answer, decode_answer
from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.codec.declare import elements, is_enum, is_model
from cdiscount_marketplace.soap.codec.times import PARIS, naive_ceil, naive_floor, to_naive, to_utc
from cdiscount_marketplace.soap.codec.values import NotOfType, format_value, parse_instant
from cdiscount_marketplace.soap.messages import write_answer
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST, Order, OrderLine, OrderListMessage

# Clocks of all sorts: whole-hour, half-hour and southern changes, and none at all.
ZONES = [PARIS, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Africa/Casablanca"), UTC]
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30)


def instants(first: datetime, last: datetime) -> st.SearchStrategy[datetime]:
    naive = st.datetimes(first.replace(tzinfo=None), last.replace(tzinfo=None))
    return naive.map(lambda moment: moment.replace(tzinfo=UTC))


AROUND_CHANGES = st.one_of(
    *(
        instants(change - timedelta(hours=5), change + timedelta(hours=5))
        for change in (datetime(2024, 10, 27, 1, tzinfo=UTC), datetime(2024, 3, 31, 1, tzinfo=UTC))
    ),
    *(
        instants(change - timedelta(hours=3), change + timedelta(hours=3))
        for change in (datetime(2024, 11, 3, 6, tzinfo=UTC), datetime(2024, 4, 6, 15, tzinfo=UTC))
    ),
    instants(datetime(2000, 1, 1, tzinfo=UTC), datetime(2077, 1, 1, tzinfo=UTC)),
)


@pytest.mark.parametrize("zone", ZONES, ids=str)
@settings(max_examples=60)
@given(begin=AROUND_CHANGES, later=st.timedeltas(timedelta(0), timedelta(hours=30)))
def test_no_instant_after_a_begin_shows_a_time_before_its_floor(zone, begin, later):
    floor = naive_floor(begin, zone)
    assert floor.microsecond == 0
    assert to_naive(begin + later, zone) >= floor


@pytest.mark.parametrize("zone", ZONES, ids=str)
@settings(max_examples=60)
@given(end=AROUND_CHANGES, earlier=st.timedeltas(timedelta(0), timedelta(hours=30)))
def test_no_instant_before_an_end_shows_a_time_after_its_ceiling(zone, end, earlier):
    ceiling = naive_ceil(end, zone)
    assert ceiling.microsecond == 0
    assert to_naive(end - earlier, zone) <= ceiling


@settings(max_examples=60)
@given(moment=AROUND_CHANGES)
def test_a_bound_is_widened_by_no_more_than_the_clock_change(moment):
    widest = timedelta(hours=1, seconds=1)
    assert to_naive(moment, PARIS) - naive_floor(moment) <= widest
    assert naive_ceil(moment) - to_naive(moment, PARIS) <= widest


def test_the_repeated_hour_in_paris_begins_at_two_and_ends_at_three():
    for minute in (0, 59, 60, 119):
        moment = datetime(2024, 10, 27, tzinfo=UTC) + timedelta(minutes=minute, seconds=1)
        assert naive_floor(moment) == datetime(2024, 10, 27, 2)
        assert naive_ceil(moment) == datetime(2024, 10, 27, 3)
    assert naive_floor(datetime(2024, 10, 27, 2, tzinfo=UTC)) == datetime(2024, 10, 27, 3)
    assert naive_ceil(datetime(2024, 10, 26, 23, 59, 59, tzinfo=UTC)) == datetime(2024, 10, 27, 1, 59, 59)


def test_bounds_at_the_ends_of_time_do_not_overflow():
    assert naive_ceil(datetime.max.replace(tzinfo=UTC)) == datetime.max.replace(microsecond=0)
    assert naive_floor(datetime.min.replace(tzinfo=UTC), ZoneInfo("America/New_York")) == datetime.min


@settings(max_examples=60)
@given(moment=AROUND_CHANGES)
def test_a_stamp_survives_unless_it_is_in_the_repeated_hour(moment):
    text = format_value(to_naive(moment, PARIS))
    read = parse_instant(text, PARIS)
    repeated = naive_ceil(moment) - naive_floor(moment) > timedelta(seconds=1)
    assert read == moment or (repeated and read == moment - timedelta(hours=1))


@settings(max_examples=60)
@given(naive=st.datetimes(datetime(1990, 1, 1), datetime(2077, 1, 1)))
def test_reading_a_stamp_is_what_the_standard_library_says(naive):
    assert to_utc(naive, PARIS) == naive.replace(tzinfo=PARIS).astimezone(UTC)
    assert to_utc(naive, PARIS).tzinfo is UTC


@settings(max_examples=60)
@given(text=st.text(max_size=30))
def test_no_text_breaks_the_reading_of_stamps(text):
    try:
        read = parse_instant(text, PARIS)
    except NotOfType:
        return
    assert read is None or read.tzinfo is UTC


def values(kind: Any) -> st.SearchStrategy[Any]:
    if is_enum(kind):
        # A known value in other letters is read as the known one.
        unknown = TEXT.map(str.strip).filter(lambda text: text and not kind.read(text).known)
        return st.one_of(st.sampled_from(kind.values()), unknown.map(kind))
    return {
        "string": TEXT,
        "decimal": st.decimals(-(10**9), 10**9, places=2).map(abs),
        "boolean": st.booleans(),
        "dateTime": instants(datetime(2010, 1, 1, tzinfo=UTC), datetime(2019, 3, 1, tzinfo=UTC)).map(
            lambda moment: moment.replace(month=1)
        ),
        "double": st.floats(allow_nan=False, allow_infinity=False),
        "float": st.floats(allow_nan=False, allow_infinity=False),
    }.get(kind, st.integers(-(2**31), 2**31 - 1))


def models(kind: type, depth: int = 2) -> st.SearchStrategy[Any]:
    members = {}
    for member in elements(kind):
        if member.attribute is None or (is_model(member.type) and depth == 0):
            continue
        single = models(member.type, depth - 1) if is_model(member.type) else values(member.type)
        members[member.attribute] = st.lists(single, max_size=2).map(tuple) if member.many else st.none() | single
    return st.builds(kind, **members)


@settings(max_examples=25)
@given(line=models(OrderLine, 0), data=st.data())
def test_any_order_survives_the_way_there_and_back(line, data):
    order = data.draw(models(Order, 1))
    result = OrderListMessage(orders=(order, Order(order_lines=(line,))), errors=())
    assert decode_answer(GET_ORDER_LIST, write_answer(GET_ORDER_LIST, result)).result == result


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o is not GET_ORDER_LIST], ids=lambda o: o.name)
@settings(max_examples=15)
@given(data=st.data())
def test_any_result_survives_the_way_there_and_back(operation, data):
    result = data.draw(models(operation.result))
    answer = decode_answer(operation, write_answer(operation, result))
    assert isinstance(answer, Answer)
    assert answer.result == result


def test_a_decimal_keeps_its_scale():
    order = Order(initial_total_amount=Decimal("85.00"))
    body = write_answer(GET_ORDER_LIST, OrderListMessage(orders=(order,)))
    read = decode_answer(GET_ORDER_LIST, body).result.orders[0]
    assert str(read.initial_total_amount) == "85.00"
