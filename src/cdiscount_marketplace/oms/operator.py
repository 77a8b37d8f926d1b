"""What a person may decide: to try a stored task again, to withdraw or confirm it, or to free a lease.

These go through the ports, so they work with any store. A job that changes the row at the same moment wins. `note`
says who did it and why, such as "by Anna: the parcel was found"; the task's message and the history have it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from attrs import evolve

from cdiscount_marketplace.errors import InvalidRequest, NotRecorded, Problem
from cdiscount_marketplace.oms import tasks
from cdiscount_marketplace.oms.parcels import WITHDRAWN, overlaps
from cdiscount_marketplace.oms.ports import (
    DecisionStore,
    DecisionTask,
    Lease,
    LeaseOverview,
    QuarantineDesk,
    QuarantineStore,
    RefundOutbox,
    RefundTask,
    ShipmentOutbox,
    ShipmentTask,
    Task,
    TaskState,
)
from cdiscount_marketplace.refunds import same_lines

T = TypeVar("T")


def retry_shipment(
    outbox: ShipmentOutbox,
    account: str,
    key: str,
    parcel: str | None = None,
    *,
    now: datetime,
    note: str = tasks.BY_HAND,
) -> ShipmentTask:
    """Queue a stuck, rejected, unknown or cancelled shipment again; look at the order in your seller account first.

    `parcel` selects one if an order has several.

    An unknown shipment may have been applied already: this skips the readings that would prove that it was not.
    Raises `InvalidRequest` for any other state, for one whose last request may still be under way, or where somebody
    else changed the row meanwhile.
    """
    before = _parcel(outbox, account, key, parcel)
    _ensure_free(before, outbox, account)
    after = evolve(before, task=_retried(before.task, now, note))
    return _swapped(after, key, done=outbox.swap_shipment(account, before, after))


def complete_shipment(
    outbox: ShipmentOutbox,
    account: str,
    key: str,
    parcel: str | None = None,
    *,
    now: datetime,
    note: str = tasks.BY_HAND,
) -> ShipmentTask:
    """Send an order with the parcels there are, although they do not cover it; for marketplaces that ship whole orders.

    What becomes of the other lines is the channel's rule. Raises `InvalidRequest` for a shipment that does not wait.
    """
    before = _parcel(outbox, account, key, parcel)
    _require(before.task, (TaskState.PENDING,), "completed")
    task = evolve(before.task, version=before.task.version + 1, updated_at=now, message=f"to be sent incomplete {note}")
    after = evolve(before, task=task, shipment=evolve(before.shipment, complete=True))
    return _swapped(after, key, done=outbox.swap_shipment(account, before, after))


def cancel_shipment(
    outbox: ShipmentOutbox,
    account: str,
    key: str,
    parcel: str | None = None,
    *,
    now: datetime,
    note: str = tasks.BY_HAND,
) -> ShipmentTask:
    """Withdraw a pending, stuck or rejected shipment; another one may then be queued for its lines.

    Raises `InvalidRequest` for any other state, or where somebody else changed the row meanwhile.
    """
    before = _parcel(outbox, account, key, parcel)
    after = evolve(before, task=_cancelled(before.task, now, note))
    return _swapped(after, key, done=outbox.swap_shipment(account, before, after))


def retry_decision(
    store: DecisionStore, account: str, key: str, *, now: datetime, note: str = tasks.BY_HAND
) -> DecisionTask:
    """Queue a stuck, rejected, unknown or cancelled decision again; raises as `retry_shipment` does."""
    before = _there(store.find_decision(account, key), key)
    after = evolve(before, task=_retried(before.task, now, note))
    return _swapped(after, key, done=store.swap_decision(account, before, after))


def cancel_decision(
    store: DecisionStore, account: str, key: str, *, now: datetime, note: str = tasks.BY_HAND
) -> DecisionTask:
    """Withdraw a pending, stuck or rejected decision; raises as `cancel_shipment` does."""
    before = _there(store.find_decision(account, key), key)
    after = evolve(before, task=_cancelled(before.task, now, note))
    return _swapped(after, key, done=store.swap_decision(account, before, after))


def retry_refund(
    outbox: RefundOutbox,
    account: str,
    key: str,
    reference: str | None = None,
    *,
    now: datetime,
    note: str = tasks.BY_HAND,
) -> RefundTask:
    """Queue a stuck, rejected, unknown or cancelled refund again; look at the order in your seller account first.

    `reference` selects one if an order has several. An unknown or stuck one may have been given already: this skips
    the readings that would prove that it was not. Raises as `retry_shipment` does.
    """
    before = _refund(outbox, account, key, reference)
    _ensure_not_given(before, outbox, account)
    after = evolve(before, task=_retried(before.task, now, note))
    return _swapped(after, key, done=outbox.swap_refund(account, before, after))


def cancel_refund(
    outbox: RefundOutbox,
    account: str,
    key: str,
    reference: str | None = None,
    *,
    now: datetime,
    note: str = tasks.BY_HAND,
) -> RefundTask:
    """Withdraw a pending, stuck or rejected refund: nothing was given, and another may be queued for its lines.

    Raises `InvalidRequest` for any other state, or where somebody else changed the row meanwhile.
    """
    before = _refund(outbox, account, key, reference)
    after = evolve(before, task=_cancelled(before.task, now, note))
    return _swapped(after, key, done=outbox.swap_refund(account, before, after))


def confirm_refund(
    outbox: RefundOutbox,
    account: str,
    key: str,
    reference: str | None = None,
    *,
    now: datetime,
    note: str = tasks.BY_HAND,
) -> RefundTask:
    """Record that a stuck, unknown or rejected refund was given, as your seller account shows; it is not sent again.

    Raises `InvalidRequest` for any other state, for one whose last request may still be under way, or where somebody
    else changed the row meanwhile.
    """
    before = _refund(outbox, account, key, reference)
    _require(before.task, tasks.CONFIRMABLE, "confirmed")
    _ensure_over(before.task, now)
    after = evolve(before, task=tasks.confirmed_by_hand(before.task, now, note))
    return _swapped(after, key, done=outbox.swap_refund(account, before, after))


def free_lease(store: LeaseOverview, account: str, job: str, *, reason: str | None = None) -> Lease:
    """Free a job whose worker is dead, or whose lease was taken by a wrong clock; return the lease that was held.

    A worker that is alive after all cannot write any more and stops with `LeaseLost`; a request that it sent is still
    waited for, by the outbox. Raises `NotRecorded` where nobody holds the lease.
    """
    held = {each.lease.job: each.lease for each in store.list_leases(account)}
    lease = held.get(job)
    if lease is None:
        others = ", ".join(held) or "none"
        raise NotRecorded([Problem(job, f"nobody runs this job on {account}; leases that are held: {others}")])
    if not store.free_lease(lease, reason=reason):
        raise InvalidRequest([Problem(job, "the lease changed hands meanwhile; check it again")])
    return lease


def discard_quarantined(store: QuarantineStore, account: str, key: str, *, note: str = tasks.BY_HAND) -> None:
    """Remove an order from the quarantine; one that still waits on the marketplace comes back with the next sweep.

    A `QuarantineDesk` keeps the note. Raises `NotRecorded` for one that is not there.
    """
    if isinstance(store, QuarantineDesk):
        done = store.discard_quarantine(account, key, reason=note)
    else:
        done = store.drop_quarantine(account, key)
    if not done:
        raise NotRecorded([Problem(key, "is not in quarantine")])


def _retried(task: Task, now: datetime, note: str) -> Task:
    _require(task, tasks.RETRYABLE, "tried again")
    _ensure_over(task, now)
    return tasks.retried(task, now, note)


def _ensure_over(task: Task, now: datetime) -> None:
    if tasks.unsettled(task) and not tasks.readable(task, now):
        raise InvalidRequest([Problem(task.key, f"may be under way until {task.give_up_at}; check it after that")])


def _cancelled(task: Task, now: datetime, note: str) -> Task:
    _require(task, tasks.CANCELLABLE, "cancelled")
    return tasks.cancelled(task, now, note)


def _require(task: Task, states: tuple[TaskState, ...], what: str) -> None:
    if task.state not in states:
        allowed = " or ".join(states)
        raise InvalidRequest([Problem(task.key, f"is {task.state}; only one that is {allowed} can be {what}")])


def _parcel(outbox: ShipmentOutbox, account: str, key: str, parcel: str | None) -> ShipmentTask:
    rows = outbox.find_shipments(account, key)
    rows = [row for row in rows if parcel in (None, row.shipment.parcel)]
    if len(rows) > 1:
        names = ", ".join(row.shipment.parcel for row in rows)
        raise InvalidRequest([Problem(key, f"has several parcels, {names}: name one of them")])
    return _there(rows[0] if rows else None, key)


def _refund(outbox: RefundOutbox, account: str, key: str, reference: str | None) -> RefundTask:
    rows = [row for row in outbox.find_refunds(account, key) if reference in (None, row.refund.reference)]
    if len(rows) > 1:
        names = ", ".join(row.refund.reference for row in rows)
        raise InvalidRequest([Problem(key, f"has several refunds, {names}: name one of them")])
    return _there(rows[0] if rows else None, key)


def _ensure_free(row: ShipmentTask, outbox: ShipmentOutbox, account: str) -> None:
    """Raise `InvalidRequest` if another parcel has some of the lines by now."""
    for other in outbox.find_shipments(account, row.task.key):
        active = other.task.state not in WITHDRAWN and other.shipment.parcel != row.shipment.parcel
        if active and overlaps(other.shipment, row.shipment):
            problem = Problem(row.task.key, f"parcel {other.shipment.parcel} has some of these lines; cancel it first")
            raise InvalidRequest([problem])


def _ensure_not_given(row: RefundTask, outbox: RefundOutbox, account: str) -> None:
    """Raise `InvalidRequest` if another refund gives back some of the lines by now."""
    for other in outbox.find_refunds(account, row.task.key):
        active = other.task.state not in WITHDRAWN and other.refund.reference != row.refund.reference
        if active and same_lines(other.refund, row.refund):
            problem = Problem(row.task.key, f"{other.refund.reference} gives back some of these lines; cancel it first")
            raise InvalidRequest([problem])


def _there(task: T | None, key: str) -> T:
    if task is None:
        raise NotRecorded([Problem(key, "nothing is recorded for this order")])
    return task


def _swapped(after: T, key: str, *, done: bool) -> T:
    if not done:
        raise InvalidRequest([Problem(key, "was changed by a job meanwhile; check it again")])
    return after
