"""What a `LeaseStore`, and a `LeaseOverview`, must hold to."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

import pytest

from cdiscount_marketplace.oms.ports import Lease, LeaseOverview, LeaseStore
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, OTHER_ACCOUNT, race

LONG = timedelta(minutes=10)
OVER = timedelta(0)


class OverviewStore(LeaseStore, LeaseOverview, Protocol):
    """A store whose leases can be listed and freed."""


class LeaseStoreContract:
    """Inherit this and give a fixture `store`: a `LeaseStore` in which nobody holds a lease."""

    def test_one_worker_at_a_time_holds_a_lease(self, store: LeaseStore) -> None:
        assert _taken(store, "a").owner == "a"
        assert store.acquire(ACCOUNT, "import", "b", LONG) is None

    def test_jobs_and_accounts_do_not_disturb_each_other(self, store: LeaseStore) -> None:
        _taken(store, "a")
        assert store.acquire(ACCOUNT, "ship", "b", LONG)
        assert store.acquire(OTHER_ACCOUNT, "import", "b", LONG)

    def test_an_expired_lease_is_taken_over_with_a_greater_fence(self, store: LeaseStore) -> None:
        late = _taken(store, "a", OVER)
        assert _taken(store, "b").fence > late.fence

    @pytest.mark.parametrize("owner", ["b", "a"], ids=["by another", "by its namesake"])
    def test_a_lease_that_was_taken_over_is_not_renewed(self, store: LeaseStore, owner: str) -> None:
        late = _taken(store, "a", OVER)
        _taken(store, owner)
        assert store.renew(late, LONG) is None

    def test_an_expired_lease_that_nobody_took_is_renewed(self, store: LeaseStore) -> None:
        renewed = store.renew(_taken(store, "a", OVER), LONG)
        assert renewed is not None
        assert store.acquire(ACCOUNT, "import", "b", LONG) is None

    def test_renewing_keeps_the_fence_and_extends_the_time(self, store: LeaseStore) -> None:
        lease = _taken(store, "a", timedelta(minutes=1))
        renewed = store.renew(lease, LONG)
        assert renewed is not None
        assert renewed.fence == lease.fence
        assert renewed.expires_at > lease.expires_at

    def test_a_released_lease_is_free_and_its_fence_goes_on_growing(self, store: LeaseStore) -> None:
        first = _taken(store, "a")
        store.release(first)
        assert _taken(store, "b").fence > first.fence

    def test_releasing_late_does_not_free_what_another_holds(self, store: LeaseStore) -> None:
        late = _taken(store, "a", OVER)
        held = _taken(store, "b")
        store.release(late)
        assert store.acquire(ACCOUNT, "import", "c", LONG) is None
        assert store.renew(held, LONG) is not None

    def test_a_name_that_is_used_twice_gets_the_lease_once(self, store: LeaseStore) -> None:
        _taken(store, "a")
        assert store.acquire(ACCOUNT, "import", "a", LONG) is None

    def test_one_of_many_racing_workers_gets_the_lease(self, store: LeaseStore) -> None:
        got = race(lambda number: store.acquire(ACCOUNT, "import", f"w{number}", LONG))
        assert sum(lease is not None for lease in got) == 1

    def test_racing_for_expired_leases_gives_every_winner_its_own_fence(self, store: LeaseStore) -> None:
        got = race(lambda number: store.acquire(ACCOUNT, "import", f"w{number}", OVER))
        fences = [lease.fence for lease in got if lease is not None]
        assert fences
        assert len(set(fences)) == len(fences)


class LeaseOverviewContract:
    """Inherit this and give a fixture `store`: a `LeaseStore` and `LeaseOverview` in which nobody holds a lease."""

    def test_a_lease_is_listed_with_its_owner_and_the_time_that_is_left(self, store: OverviewStore) -> None:
        lease = _taken(store, "a")
        (held,) = store.list_leases(ACCOUNT)
        assert held.lease == lease
        assert timedelta(0) < held.remaining <= LONG

    def test_leases_are_listed_by_job_and_account(self, store: OverviewStore) -> None:
        for account, job in ((ACCOUNT, "ship"), (ACCOUNT, "import"), (OTHER_ACCOUNT, "accept")):
            assert store.acquire(account, job, "a", LONG)
        assert [held.lease.job for held in store.list_leases(ACCOUNT)] == ["import", "ship"]
        assert [held.lease.job for held in store.list_leases(OTHER_ACCOUNT)] == ["accept"]

    def test_what_is_released_expired_or_freed_is_not_listed(self, store: OverviewStore) -> None:
        store.release(_taken(store, "a"))
        assert not store.list_leases(ACCOUNT)
        _taken(store, "a", OVER)
        assert not store.list_leases(ACCOUNT)
        assert store.free_lease(_taken(store, "a"))
        assert not store.list_leases(ACCOUNT)

    def test_a_lease_of_a_wrong_clock_is_freed_and_taken_with_a_greater_fence(self, store: OverviewStore) -> None:
        dead = _taken(store, "a", timedelta(days=900))
        assert store.acquire(ACCOUNT, "import", "b", LONG) is None
        assert store.free_lease(dead, reason="its clock was wrong")
        assert _taken(store, "b").fence > dead.fence

    def test_who_held_a_freed_lease_can_neither_renew_nor_release_it(self, store: OverviewStore) -> None:
        late = _taken(store, "a")
        assert store.free_lease(late)
        assert store.renew(late, LONG) is None
        held = _taken(store, "a")
        store.release(late)
        assert [each.lease for each in store.list_leases(ACCOUNT)] == [held]

    def test_a_lease_that_changed_hands_is_not_freed(self, store: OverviewStore) -> None:
        late = _taken(store, "a", OVER)
        held = _taken(store, "b")
        assert not store.free_lease(late)
        assert store.renew(held, LONG) is not None

    def test_a_lease_that_was_renewed_meanwhile_is_freed(self, store: OverviewStore) -> None:
        lease = _taken(store, "a")
        assert store.renew(lease, LONG * 2) is not None
        assert store.free_lease(lease)
        assert not store.list_leases(ACCOUNT)


def _taken(store: LeaseStore, owner: str, ttl: timedelta = LONG) -> Lease:
    lease = store.acquire(ACCOUNT, "import", owner, ttl)
    assert lease is not None
    return lease
