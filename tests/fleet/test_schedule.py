"""Runs are spread over their period, and each comes once in it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from cdiscount_marketplace.errors import (
    CdiscountError,
    ConnectFailed,
    LoginBlocked,
    LoginRefused,
    NotAuthorized,
    QuotaExceeded,
)
from cdiscount_marketplace.fleet.schedule import LOGIN_PAUSE, due_jobs, latest, latest_slot, missed_jobs, pause_after
from cdiscount_marketplace.oms.ports import Account, JobName, JobPeriod, JobStatus

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
ACCOUNT = Account(name="shop", channel="soap")
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
periods = st.integers(1, 100_000).map(lambda seconds: JobPeriod(job=JobName.IMPORT, every=timedelta(seconds=seconds)))


@given(name=st.text(min_size=1), period=periods, now=moments)
def test_the_latest_slot_is_less_than_a_period_ago(name: str, period: JobPeriod, now: datetime) -> None:
    slot = latest_slot(name, period, now)
    assert slot <= now < slot + period.every
    assert latest_slot(name, period, slot) == slot


@given(period=periods, now=moments, steps=st.lists(st.integers(1, 5000), min_size=1, max_size=30))
def test_whoever_looks_from_time_to_time_misses_no_slot_and_takes_none_twice(
    period: JobPeriod, now: datetime, steps: list[int]
) -> None:
    account = evolve(ACCOUNT, jobs=(period,))
    since, taken = now, []
    for step in steps:
        later = since + timedelta(seconds=step)
        if due_jobs(account, later, since=since):
            taken.append(latest_slot(account.name, period, later))
        since = later
    assert len(set(taken)) == len(taken)
    assert bool(taken) == (latest_slot(account.name, period, since) > now)


@given(period=periods, now=moments, started=st.integers(-100, 300))
def test_a_job_that_did_not_start_is_missed_once_half_a_period_later(
    period: JobPeriod, now: datetime, started: int
) -> None:
    account = evolve(ACCOUNT, jobs=(period,))
    slot = latest_slot(account.name, period, now)
    half, tick = slot + period.every / 2, timedelta(milliseconds=1)
    run = slot + period.every * started / 100
    runs = [JobStatus(account="shop", job=period.job, started_at=run, ended_at=run)]
    expected = (period,) if run < slot else ()
    assert missed_jobs(account, half, since=half - tick, runs=runs) == expected
    assert missed_jobs(account, half, since=half - tick, runs=()) == (period,)
    assert missed_jobs(account, half + tick, since=half, runs=()) == ()
    assert missed_jobs(evolve(account, enabled=False), half, since=half - tick, runs=()) == ()


def test_a_thousand_accounts_are_spread_over_the_period() -> None:
    period = JobPeriod(job=JobName.SHIP, every=timedelta(minutes=5))
    slots = [latest_slot(f"seller-{number}", period, NOON) for number in range(1000)]
    per_minute = Counter(int((NOON - slot).total_seconds() // 60) for slot in slots)
    assert set(per_minute) == set(range(5))
    assert max(per_minute.values()) < 260


@pytest.mark.parametrize(
    ("change", "paused"),
    [({"enabled": False}, None), ({}, NOON + timedelta(seconds=1)), ({"jobs": ()}, None)],
    ids=["disabled", "paused", "no jobs"],
)
def test_nothing_is_due(change: dict[str, object], paused: datetime | None) -> None:
    account = evolve(ACCOUNT, **change)
    assert due_jobs(account, NOON, since=NOON - timedelta(days=1), paused_until=paused) == ()


def test_all_jobs_are_due_when_a_pause_is_over() -> None:
    assert due_jobs(ACCOUNT, NOON, since=NOON - timedelta(days=1), paused_until=NOON) == ACCOUNT.jobs


@pytest.mark.parametrize(
    ("error", "until"),
    [
        (QuotaExceeded("enough", method="GetOrderList", retry_at=NOON + timedelta(hours=1)), NOON + timedelta(hours=1)),
        (LoginBlocked("wait", until=NOON + timedelta(minutes=30)), NOON + timedelta(minutes=30)),
        (LoginRefused("no"), NOON + LOGIN_PAUSE),
        (NotAuthorized("no"), NOON + LOGIN_PAUSE),
        (LoginRefused("the vault is away", retryable=True), None),
        (ConnectFailed("no route"), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_account_rests_after_what_concerns_all_its_jobs(error: CdiscountError, until: datetime | None) -> None:
    assert pause_after(error, NOON) == until


def test_the_latest_of_nothing_is_nothing() -> None:
    assert latest([None]) is None
    assert latest([NOON, None, NOON - timedelta(1)]) == NOON
