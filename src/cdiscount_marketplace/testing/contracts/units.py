"""What a `UnitOfWork` must hold to."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Protocol

import pytest

from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.oms.ports import CheckpointStore, OrderRepository, UnitOfWork
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, change, checkpoint, order, race


class UnitStore(UnitOfWork, OrderRepository[Any], CheckpointStore, Protocol):
    """A store whose orders and checkpoint share transactions."""


class Crash(Exception):
    """What ends a unit in these tests."""


class UnitOfWorkContract:
    """Inherit this and give a fixture `store`: an empty object that is `UnitOfWork`, `OrderRepository` and
    `CheckpointStore` in one. Override `mapped` if it saves something else than a `SalesOrder`.
    """

    def mapped(self, order: SalesOrder) -> Any:
        """Return what your mapper makes of an order."""
        return order

    def test_a_unit_that_ends_well_is_kept_as_a_whole(self, store: UnitStore) -> None:
        with store.unit():
            self._save(store, "A1")
            assert store.swap_checkpoint(ACCOUNT, None, checkpoint())
        assert _has(store, "A1")
        assert store.load_checkpoint(ACCOUNT) == checkpoint()

    def test_a_unit_that_raises_is_undone_as_a_whole(self, store: UnitStore) -> None:
        def work() -> None:
            self._save(store, "A1")
            store.swap_checkpoint(ACCOUNT, None, checkpoint())

        _crash_after(store, work)
        assert not _has(store, "A1")
        assert store.load_checkpoint(ACCOUNT) is None

    def test_an_undone_update_leaves_what_was_there(self, store: UnitStore) -> None:
        def work() -> None:
            store.save(ACCOUNT, order("B1", "A1"), self.mapped(order("B1", "A1")), change("d2"))
            store.swap_checkpoint(ACCOUNT, checkpoint(), checkpoint(2))

        self._save(store, "A1")
        store.swap_checkpoint(ACCOUNT, None, checkpoint())
        _crash_after(store, work)
        assert not _has(store, "B1")
        assert _digest(store, "A1") == "d1"
        assert store.load_checkpoint(ACCOUNT) == checkpoint()

    def test_a_unit_sees_its_own_writes(self, store: UnitStore) -> None:
        with store.unit():
            assert not _has(store, "A1")
            self._save(store, "A1")
            assert _has(store, "A1")

    def test_an_inner_unit_that_raises_undoes_itself_alone(self, store: UnitStore) -> None:
        with store.unit():
            self._save(store, "A1")
            _crash_after(store, lambda: self._save(store, "B1"))
            assert not _has(store, "B1")
            self._save(store, "C1")
        assert [_has(store, number) for number in ("A1", "B1", "C1")] == [True, False, True]

    def test_an_inner_unit_is_undone_with_the_outer_one(self, store: UnitStore) -> None:
        def work() -> None:
            with store.unit():
                self._save(store, "A1")

        _crash_after(store, work)
        assert not _has(store, "A1")

    def test_what_an_inner_unit_undid_can_be_saved_again(self, store: UnitStore) -> None:
        def work() -> None:
            self._save(store, "A1")
            assert _has(store, "A1")

        with store.unit():
            store.find(ACCOUNT, ["A1"])
            _crash_after(store, work)
            self._save(store, "A1", "again")
        assert _digest(store, "A1") == "again"

    def test_units_nest_deeply(self, store: UnitStore) -> None:
        with store.unit(), store.unit(), store.unit():
            self._save(store, "A1")
        assert _has(store, "A1")

    def test_nobody_else_sees_what_is_undone_later(self, store: UnitStore) -> None:
        with ThreadPoolExecutor(1) as other:
            seen: list[Future[bool]] = []

            def work() -> None:
                self._save(store, "A1")
                seen.append(other.submit(_has, store, "A1"))

            _crash_after(store, work)
        assert [future.result() for future in seen] == [False]

    def test_of_racing_units_only_the_one_that_moved_the_checkpoint_is_kept(self, store: UnitStore) -> None:
        store.swap_checkpoint(ACCOUNT, None, checkpoint())

        def work(number: int) -> bool:
            with suppress(Crash), store.unit():
                self._save(store, f"A{number}")
                _require(store.swap_checkpoint(ACCOUNT, checkpoint(), checkpoint(2)))
                return True
            return False

        won = race(work)
        assert sum(won) == 1
        assert [_has(store, f"A{number}") for number in range(4)] == list(won)

    def _save(self, store: UnitStore, number: str, digest: str = "d1") -> None:
        store.save(ACCOUNT, order(number), self.mapped(order(number)), change(digest))


def _crash_after(store: UnitStore, work: Callable[[], None]) -> None:
    """Do some work in a unit that then crashes."""

    def crash() -> None:
        with store.unit():
            work()
            raise Crash

    with pytest.raises(Crash):
        crash()


def _require(moved: object) -> None:
    if not moved:
        raise Crash


def _has(store: UnitStore, number: str) -> bool:
    return store.find(ACCOUNT, [number]) is not None


def _digest(store: UnitStore, number: str) -> str | None:
    stored = store.find(ACCOUNT, [number])
    return stored.digest if stored else None
