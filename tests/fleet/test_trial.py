"""Celery with a real broker: workers die, accounts change, and all work is done, once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest

from fleet.services import redis_program
from fleet.trial import run_trial
from support.postgres import postgresql_server


@pytest.fixture
def server() -> Iterator[str]:
    """Give a PostgreSQL server."""
    with postgresql_server() as url:
        yield url


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_fleet_whose_workers_die_does_all_work_once(server: str) -> None:
    if redis_program() is None:
        reason = "no Redis here (install the package redis-server)"
        if os.environ.get("CDISCOUNT_REQUIRE_ALL"):
            pytest.fail(reason)
        pytest.skip(reason)
    # A worker that is frozen goes on with what it began before the change.
    outcome = run_trial(6, 20, kills=3, period=timedelta(seconds=3), effect=timedelta(seconds=12), server=server)
    assert outcome.placed == outcome.imported == outcome.shipped
    # How long a poll waited is the large trial's matter: this one may run on a busy machine.
    assert not outcome.wrongs(), outcome.table()
