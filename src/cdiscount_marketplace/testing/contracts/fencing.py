"""What stores must hold to when a write names a lease."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

import pytest

from cdiscount_marketplace.errors import LeaseLost
from cdiscount_marketplace.oms.ports import (
    CheckpointStore,
    DecisionStore,
    Lease,
    LeaseStore,
    OrderRepository,
    QuarantineStore,
    ShipmentOutbox,
    TaskState,
    UnitOfWork,
)
from cdiscount_marketplace.testing.contracts.samples import (
    ACCOUNT,
    change,
    checkpoint,
    decision,
    order,
    quarantined,
    shipment,
)


class FencedStore(
    LeaseStore,
    CheckpointStore,
    QuarantineStore,
    ShipmentOutbox,
    DecisionStore,
    OrderRepository[Any],
    UnitOfWork,
    Protocol,
):
    """A store whose leases guard its own writes."""


Write = Callable[[FencedStore, Lease], object]

WRITES: dict[str, Write] = {
    "checkpoint": lambda store, lease: store.swap_checkpoint(ACCOUNT, None, checkpoint(), lease=lease),
    "quarantine": lambda store, lease: store.put_quarantine(ACCOUNT, quarantined(), lease=lease),
    "release": lambda store, lease: store.drop_quarantine(ACCOUNT, "Q1", lease=lease),
    "shipment": lambda store, lease: store.swap_shipment(ACCOUNT, None, shipment(), lease=lease),
    "decision": lambda store, lease: store.swap_decision(ACCOUNT, None, decision(), lease=lease),
}


class FencingContract:
    """Inherit this and give a fixture `store`: an empty object that is `LeaseStore`, `CheckpointStore`,
    `QuarantineStore`, `ShipmentOutbox`, `DecisionStore`, `OrderRepository` and `UnitOfWork` in one. Override `mapped`
    if it saves something else than a `SalesOrder`.
    """

    def mapped(self, order: Any) -> Any:
        """Return what your mapper makes of an order."""
        return order

    @pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
    def test_the_holder_writes(self, store: FencedStore, write: Write) -> None:
        write(store, _lease(store, "a"))

    @pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
    @pytest.mark.parametrize("by", ["b", "a"], ids=["by another", "by its namesake"])
    def test_whoever_was_overtaken_does_not_write(self, store: FencedStore, write: Write, by: str) -> None:
        late = _overtaken(store, by)
        with pytest.raises(LeaseLost):
            write(store, late)
        assert store.load_checkpoint(ACCOUNT) is None
        assert not store.list_quarantine(ACCOUNT)
        assert not store.list_shipments(ACCOUNT)
        assert not store.list_decisions(ACCOUNT)

    @pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
    def test_an_expired_lease_that_nobody_took_still_writes(self, store: FencedStore, write: Write) -> None:
        write(store, _lease(store, "a", timedelta(0)))

    def test_being_overtaken_undoes_the_whole_unit(self, store: FencedStore) -> None:
        late = _overtaken(store)

        def work() -> None:
            with store.unit():
                store.save(ACCOUNT, order("A1"), self.mapped(order("A1")), change())
                store.swap_checkpoint(ACCOUNT, None, checkpoint(), lease=late)

        with pytest.raises(LeaseLost):
            work()
        assert store.find(ACCOUNT, ["A1"]) is None

    def test_a_late_worker_still_records_what_is_true_without_its_lease(self, store: FencedStore) -> None:
        _overtaken(store)
        sent, confirmed = shipment(state=TaskState.SENDING), shipment(version=2, state=TaskState.CONFIRMED)
        store.swap_shipment(ACCOUNT, None, sent)
        assert store.swap_shipment(ACCOUNT, sent, confirmed)
        assert list(store.find_shipments(ACCOUNT, "A1")) == [confirmed]


def _overtaken(store: FencedStore, by: str = "b") -> Lease:
    late = _lease(store, "a", timedelta(0))
    _lease(store, by)
    return late


def _lease(store: FencedStore, owner: str, ttl: timedelta = timedelta(minutes=10)) -> Lease:
    lease = store.acquire(ACCOUNT, "import", owner, ttl)
    assert lease is not None
    return lease
