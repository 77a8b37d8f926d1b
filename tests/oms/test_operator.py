"""A person's decisions on stored shipments and decisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve, frozen

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.errors import InvalidRequest
from cdiscount_marketplace.oms.operator import cancel_decision, cancel_shipment, retry_decision, retry_shipment
from cdiscount_marketplace.oms.ports import TaskState
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, MINUTE, NOON, decision, shipment

NOW = NOON + MINUTE


@frozen(kw_only=True)
class Kind:
    """What differs between shipments and decisions."""

    make: Callable[..., Any]
    swap: Callable[..., bool]
    find: Callable[..., Any]
    retry: Callable[..., Any]
    cancel: Callable[..., Any]


SHIPMENT = Kind(
    make=shipment,
    swap=MemoryOms.swap_shipment,
    find=lambda oms, account, key: oms.find_shipments(account, key)[0],
    retry=retry_shipment,
    cancel=cancel_shipment,
)
DECISION = Kind(
    make=decision,
    swap=MemoryOms.swap_decision,
    find=MemoryOms.find_decision,
    retry=retry_decision,
    cancel=cancel_decision,
)
both = pytest.mark.parametrize("kind", [SHIPMENT, DECISION], ids=["shipment", "decision"])


@both
@pytest.mark.parametrize("state", [TaskState.STUCK, TaskState.REJECTED, TaskState.UNKNOWN, TaskState.CANCELLED])
def test_what_ended_badly_is_queued_again_as_if_new(kind: Kind, state: TaskState) -> None:
    oms = MemoryOms()
    before = kind.make(
        state=state, version=4, attempt=5, owner="w", started_at=NOON, give_up_at=NOON, unshipped_at=NOON
    )
    kind.swap(oms, ACCOUNT, None, before)
    task = kind.retry(oms, ACCOUNT, "A1", now=NOW).task
    assert (task.state, task.version, task.attempt, task.updated_at) == (TaskState.PENDING, 5, 0, NOW)
    assert (task.owner, task.give_up_at, task.unshipped_at) == (None, None, None)
    assert kind.find(oms, ACCOUNT, "A1").task == task


@both
def test_what_may_still_be_under_way_is_not_queued_again(kind: Kind) -> None:
    oms = MemoryOms()
    kind.swap(oms, ACCOUNT, None, kind.make(state=TaskState.UNKNOWN, give_up_at=NOW + MINUTE))
    with pytest.raises(InvalidRequest, match="under way until"):
        kind.retry(oms, ACCOUNT, "A1", now=NOW)


@both
@pytest.mark.parametrize("state", [TaskState.PENDING, TaskState.SENDING, TaskState.CONFIRMED])
def test_what_is_under_way_or_done_is_not_queued_again(kind: Kind, state: TaskState) -> None:
    oms = MemoryOms()
    kind.swap(oms, ACCOUNT, None, kind.make(state=state))
    with pytest.raises(InvalidRequest, match=f"is {state}"):
        kind.retry(oms, ACCOUNT, "A1", now=NOW)
    assert kind.find(oms, ACCOUNT, "A1") == kind.make(state=state)


@both
@pytest.mark.parametrize("state", [TaskState.PENDING, TaskState.STUCK, TaskState.REJECTED])
def test_what_cannot_have_happened_is_withdrawn(kind: Kind, state: TaskState) -> None:
    oms = MemoryOms()
    kind.swap(oms, ACCOUNT, None, kind.make(state=state, version=2))
    task = kind.cancel(oms, ACCOUNT, "A1", now=NOW).task
    assert (task.state, task.version, task.updated_at) == (TaskState.CANCELLED, 3, NOW)


@both
@pytest.mark.parametrize("state", [TaskState.SENDING, TaskState.UNKNOWN, TaskState.CONFIRMED])
def test_what_may_have_happened_is_not_withdrawn(kind: Kind, state: TaskState) -> None:
    oms = MemoryOms()
    kind.swap(oms, ACCOUNT, None, kind.make(state=state))
    with pytest.raises(InvalidRequest, match=f"is {state}"):
        kind.cancel(oms, ACCOUNT, "A1", now=NOW)


@both
def test_nothing_can_be_decided_about_what_is_not_there(kind: Kind) -> None:
    with pytest.raises(InvalidRequest, match="nothing is recorded"):
        kind.retry(MemoryOms(), ACCOUNT, "A1", now=NOW)


def test_a_job_that_moves_the_row_at_the_same_moment_wins() -> None:
    class Overtaken(MemoryOms):
        def find_shipments(self, account: str, key: str) -> Any:
            [found] = super().find_shipments(account, key)
            moved = evolve(found, task=evolve(found.task, version=9, state=TaskState.SENDING))  # type: ignore[type-var,union-attr]
            self.swap_shipment(account, found, moved)
            return [found]

    oms = Overtaken()
    oms.swap_shipment(ACCOUNT, None, shipment())
    with pytest.raises(InvalidRequest, match="changed by a job meanwhile"):
        cancel_shipment(oms, ACCOUNT, "A1", now=NOW)
