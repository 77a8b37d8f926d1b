"""What a marketplace's own list proves about a refund whose answer was lost: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from attrs import evolve

from cdiscount_marketplace.oms.ports import RefundTask, TaskState
from cdiscount_marketplace.oms.queues import Judgement
from cdiscount_marketplace.oms.tasks import Seen
from cdiscount_marketplace.refunds import FoundRefund, RefundReading

# The marketplace's clock may be this far behind ours: an entry that seems a little older than our attempt may be it.
CLOCK_DISORDER: Final = timedelta(minutes=15)
_SENT: Final = (TaskState.SENDING, TaskState.UNKNOWN, TaskState.CONFIRMED, TaskState.STUCK)


def proof_of(row: RefundTask, reading: RefundReading, stored: Sequence[RefundTask]) -> Judgement:
    """Judge a refund by the entries that agree with it and are not older than its attempt.

    `stored` are all refunds of the order: an entry that may be one of theirs proves nothing about this one. What
    cannot be told is left to a person, for giving twice is worse than giving late.
    """
    if reading.failure is not None:
        return Judgement(Seen.ABSENT, what=f"the refunds of the order cannot be read: {reading.failure}")
    ours = [entry for entry in reading.found if _may_be_ours(entry, row)]
    if len(ours) > 1:
        return Judgement(Seen.UNCLEAR, what=f"the marketplace shows {len(ours)} refunds that may be this one")
    if ours and any(_may_own(other, row) for other in stored):
        return Judgement(Seen.UNCLEAR, what="the marketplace shows one refund that may be this one or another of yours")
    if ours:
        return _judged(ours[0])
    if reading.complete:
        return Judgement(Seen.OPEN, what="the marketplace does not show it")
    return Judgement(Seen.UNCLEAR, what="the marketplace shows no such refund, and does not list all of them")


def _judged(entry: FoundRefund) -> Judgement:
    message = entry.message or ""
    if entry.pending:
        return Judgement(Seen.ABSENT, what=message)
    if entry.rejected:
        return Judgement(Seen.CLOSED, what=message or "the marketplace turned it down")
    return Judgement(Seen.DONE, what=message or "the marketplace lists it")


def _may_be_ours(entry: FoundRefund, row: RefundTask) -> bool:
    begun = row.task.started_at
    return entry.created_at is None or begun is None or entry.created_at >= begun - CLOCK_DISORDER


def _may_own(other: RefundTask, row: RefundTask) -> bool:
    """Return whether another refund is so like this one that an entry of the list may be its own."""
    if other.refund.reference == row.refund.reference or other.task.state not in _SENT:
        return False
    begun, its = row.task.started_at, other.task.started_at
    if begun is None or its is None or its < begun - CLOCK_DISORDER:
        return False
    unnamed = evolve(other.refund, reference=row.refund.reference, details=row.refund.details, key=row.refund.key)
    return unnamed == row.refund
