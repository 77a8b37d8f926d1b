"""Window arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdiscount_marketplace.oms.windows import LONGEST, SHORTEST, Window, days, halve, period, reached

T0 = datetime(2026, 3, 1, tzinfo=UTC)
moments = st.integers(0, 10**8).map(lambda ms: T0 + timedelta(milliseconds=ms * 20))
HOUR = timedelta(hours=1)
rules = {"overlap": 3 * HOUR, "settle": timedelta(minutes=2)}


@given(cursor=moments, floor=moments, now=moments)
def test_a_period_reaches_back_over_the_overlap_and_never_before_the_floor(cursor, floor, now):
    whole = period(cursor, floor=floor, now=now, **rules)
    if whole is None:
        assert now - rules["settle"] <= floor
        return
    assert whole.span >= SHORTEST
    assert whole.begin.microsecond == whole.end.microsecond == 0
    assert timedelta(0) <= whole.end - (now - rules["settle"]) < timedelta(seconds=1)
    assert whole.begin <= max(min(cursor, whole.end) - rules["overlap"], floor)
    assert whole.begin > floor - SHORTEST - timedelta(seconds=1)


@given(begin=moments, seconds=st.integers(60, 10**6))
def test_windows_tile_a_period_without_gaps(begin, seconds):
    begin = begin.replace(microsecond=0)
    windows = list(days(Window(begin, begin + timedelta(seconds=seconds))))
    assert windows[0].begin == begin
    assert windows[-1].end == begin + timedelta(seconds=seconds)
    assert all(SHORTEST <= window.span <= LONGEST for window in windows)
    assert all(before.end == after.begin for before, after in pairwise(windows))


@given(begin=moments, seconds=st.integers(60, 86_400))
def test_halves_share_their_boundary_and_are_never_shorter_than_a_minute(begin, seconds):
    window = Window(begin.replace(microsecond=0), begin.replace(microsecond=0) + timedelta(seconds=seconds))
    halves = halve(window)
    if halves is None:
        assert seconds < 120
        return
    lower, upper = halves
    assert (lower.begin, lower.end, upper.end) == (window.begin, upper.begin, window.end)
    assert min(lower.span, upper.span) >= SHORTEST
    assert lower.end.microsecond == 0


@pytest.mark.parametrize(
    ("answered", "expected"),
    [(None, T0 + HOUR), (T0 + 2 * HOUR, T0 + HOUR), (T0 + HOUR / 2, T0 + HOUR / 2 - timedelta(minutes=2))],
)
def test_a_window_is_complete_up_to_the_earlier_of_both_clocks(answered, expected):
    assert reached(Window(T0, T0 + HOUR), answered, rules["settle"]) == expected
