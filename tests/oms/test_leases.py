"""A job keeps its lease while it works, however long that takes, and lets go of it in the end."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import define, field

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.clock import SystemClock
from cdiscount_marketplace.errors import LeaseLost, StoreFailed
from cdiscount_marketplace.oms.heartbeats import timer
from cdiscount_marketplace.oms.leases import HeldLease
from cdiscount_marketplace.oms.operator import free_lease
from cdiscount_marketplace.oms.ports import Lease, LeaseStore

TTL = timedelta(seconds=0.9)
LONGER = 2.0


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MemoryOms | SqlOms:
    """Give an empty store."""
    return MemoryOms() if request.param == "memory" else SqlOms(f"sqlite:///{tmp_path}/oms.db")


def held(store: LeaseStore) -> HeldLease:
    """Return the lease of a run."""
    return HeldLease(store, "shop", "ship", "worker", TTL, SystemClock())


def taken_by_another(store: LeaseStore) -> bool:
    """Try to take the lease as another worker."""
    return store.acquire("shop", "ship", "another", timedelta(minutes=1)) is not None


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so; the test's own time limit ends a wait in vain."""
    while not condition():
        time.sleep(0.01)


def test_a_request_may_take_longer_than_the_lease_lives(store: MemoryOms | SqlOms) -> None:
    with held(store):
        time.sleep(LONGER)
        assert not taken_by_another(store)
    assert taken_by_another(store)


def test_a_lease_that_was_taken_away_during_a_request_stops_the_job_before_the_next(
    store: MemoryOms | SqlOms,
) -> None:
    with held(store) as holding:
        free_lease(store, "shop", "ship")
        assert taken_by_another(store)
        # The next reading needs no renewal yet, but the heartbeat knows.
        with pytest.raises(LeaseLost):
            wait_for(lambda: holding.renew_when_due() is not None)
    # Letting go late does not free what the other holds.
    assert store.acquire("shop", "ship", "third", TTL) is None


@define(slots=False)
class Away:
    """A lease store whose database is away at times."""

    store: LeaseStore
    away: bool = False
    renewals: int = 0
    failures: int = 0
    acquire: Callable[..., Lease | None] = field(init=False)
    release: Callable[[Lease], None] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.acquire, self.release = self.store.acquire, self.store.release

    def renew(self, lease: Lease, ttl: timedelta) -> Lease | None:
        """Renew, or fail."""
        if self.away:
            self.failures += 1
            raise StoreFailed("the database is away")
        self.renewals += 1
        return self.store.renew(lease, ttl)


def test_a_database_that_is_away_for_a_moment_costs_no_lease() -> None:
    store = Away(MemoryOms(), away=True)
    with held(store) as holding:
        wait_for(lambda: store.failures > 0)
        store.away = False
        before = store.renewals
        wait_for(lambda: store.renewals > before)
        holding.renew()
        assert not taken_by_another(store)


def test_who_cannot_renew_does_not_send() -> None:
    store = Away(MemoryOms(), away=True)
    with held(store) as holding, pytest.raises(StoreFailed):
        holding.renew()


def test_a_worker_that_was_frozen_longer_than_its_lease_writes_nothing(store: MemoryOms | SqlOms) -> None:
    with held(store) as holding:
        # A frozen process's heart stands still.
        assert holding._heartbeat is not None
        timer.remove(holding._heartbeat)
        wait_for(lambda: taken_by_another(store))
        with pytest.raises(LeaseLost):
            holding.renew()


def test_no_renewal_follows_when_a_run_has_ended() -> None:
    store = Away(MemoryOms())
    with held(store):
        wait_for(lambda: store.renewals > 0)
    before = store.renewals
    time.sleep(LONGER)
    assert store.renewals == before


def test_many_short_runs_share_one_thread(store: MemoryOms | SqlOms) -> None:
    for _ in range(50):
        with held(store):
            names = [thread.name for thread in threading.enumerate()]
            assert names.count("leases") == 1
    wait_for(lambda: "leases" not in [thread.name for thread in threading.enumerate()])


def test_a_store_that_hangs_costs_no_other_account_its_lease() -> None:
    hanging, sound = Away(MemoryOms()), MemoryOms()
    forever = threading.Event()

    def hang(lease: Lease, ttl: timedelta) -> None:
        hanging.failures += 1
        forever.wait()

    hanging.renew = hang  # type: ignore[method-assign, assignment]
    try:
        with held(hanging), held(sound):
            wait_for(lambda: hanging.failures > 0)
            time.sleep(LONGER)
            assert not taken_by_another(sound)
    finally:
        forever.set()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_keeps_its_own_leases(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/oms.db"
    with held(MemoryOms()):
        child = os.fork()
        if child == 0:
            with SqlOms(url) as oms, held(oms):
                time.sleep(LONGER)
                os._exit(1 if taken_by_another(oms) else 0)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
