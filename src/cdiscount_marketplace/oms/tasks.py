"""How a stored decision, shipment or refund moves: a pure state machine, shared by all.

A write that was not answered may have happened, so it is never repeated on suspicion: it is read, twice, `settle_gap`
apart, and not before its sender's time limit has passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve

from cdiscount_marketplace.channels.port import DOUBTFUL, UNREAD, UNREADABLE, WRONG_STATE
from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.models import Outcome, OutcomeStatus
from cdiscount_marketplace.oms.ports import Task, TaskState

MAX_ATTEMPTS = 5
FIRST_PAUSE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_WAIT = timedelta(hours=6)

UNSETTLED = (TaskState.SENDING, TaskState.UNKNOWN)

BY_HAND = "by hand"

# The code of a task that waits for others of its order.
WAITING_CODE = "incomplete"
# The code of a task whose outcome no reading shows.
UNSETTLED_CODE = "unsettled"


class Seen(OpenEnum):
    """What a reading proves about a write.

    It happened, can no longer happen, can happen, or cannot yet; it does not say (`ABSENT`), or only a person can tell
    (`UNCLEAR`).
    """

    DONE = Member("done")
    CLOSED = Member("closed")
    OPEN = Member("open")
    NOT_YET = Member("not_yet")
    ABSENT = Member("absent")
    UNCLEAR = Member("unclear")


def new_task(key: str, now: datetime) -> Task:
    """Begin a task that waits to be sent."""
    return Task(key=key, created_at=now, updated_at=now)


def sending(task: Task, owner: str, now: datetime, limit: timedelta) -> Task:
    """Claim a pending task for one attempt, which ends within `limit` of a send that begins within half of it."""
    return _moved(
        task,
        now,
        TaskState.SENDING,
        attempt=task.attempt + 1,
        owner=owner,
        started_at=now,
        give_up_at=now + limit * 1.5,
        not_before=None,
        unshipped_at=None,
        code=None,
        message=None,
    )


def in_time(task: Task, now: datetime, limit: timedelta) -> bool:
    """Return whether a claimed task may still be sent, so that it has ended when others take it for given up."""
    return task.give_up_at is not None and now + limit <= task.give_up_at


def unsent(task: Task, now: datetime) -> Task:
    """Take a claim back after which provably nothing was sent."""
    return _moved(task, now, TaskState.PENDING, attempt=task.attempt - 1, owner=None, give_up_at=None)


def confirmed(task: Task, now: datetime, message: str | None = None) -> Task:
    """Record that the write happened."""
    return _moved(task, now, TaskState.CONFIRMED, code=None, message=message)


def rejected(task: Task, now: datetime, code: str | None, message: str | None) -> Task:
    """Record that the write will not happen."""
    return _moved(task, now, TaskState.REJECTED, code=code, message=message)


def lost(task: Task, now: datetime, code: str | None, message: str | None) -> Task:
    """Record that the write may or may not have happened; a state code in a doubtful answer proves nothing."""
    if code in WRONG_STATE:
        code, message = None, f"{code}: {message}"
    return _moved(task, now, TaskState.UNKNOWN, code=code, message=message)


def answered(task: Task, outcome: Outcome, now: datetime) -> Task:
    """Move a claimed task by its outcome; what its order's state forbids is settled by reading, at once."""
    if outcome.status == OutcomeStatus.CONFIRMED:
        return confirmed(task, now, outcome.note)
    if outcome.status != OutcomeStatus.REJECTED or not DOUBTFUL.isdisjoint(_codes(outcome)):
        return lost(task, now, outcome.code, outcome.message)
    if outcome.retryable:
        return _again(task, now, outcome.code, outcome.message, pause=_pause_for(outcome.code, task.attempt))
    forbidden = _state_code(outcome)
    if forbidden:
        return _moved(
            task, now, TaskState.UNKNOWN, code=forbidden, message=outcome.message, give_up_at=now, unshipped_at=None
        )
    return rejected(task, now, outcome.code, outcome.message)


def settled(
    task: Task, seen: Seen, at: datetime, gap: timedelta, now: datetime, what: str, note: str | None = None
) -> Task:
    """Move a task whose outcome is unknown by a reading that began `at`; `what` describes the order as read.

    `note` is what a person should know of a write that happened.
    """
    if seen == Seen.DONE:
        return confirmed(task, now, f"settled by reading: {what}" + (f"; {note}" if note else ""))
    if seen == Seen.CLOSED:
        return rejected(task, now, task.code, what)
    if seen == Seen.ABSENT:
        return task if task.state == TaskState.UNKNOWN else lost(task, now, None, what or "the order cannot be read")
    if by_state(task) and seen != Seen.UNCLEAR:
        return _forbidden(task, seen, now)
    if not _read_twice(task, at, gap):
        return task if task.unshipped_at else _moved(task, now, TaskState.UNKNOWN, unshipped_at=at)
    if seen == Seen.UNCLEAR:
        return _moved(task, now, TaskState.STUCK, code=UNSETTLED_CODE, message=what)
    return _again(task, now, task.code or "unanswered", task.message, pause=timedelta(0))


def _forbidden(task: Task, seen: Seen, now: datetime) -> Task:
    """An attempt that the order's state forbade did not happen; one made too early does not count."""
    pause = _pause(task.attempt)
    if seen == Seen.NOT_YET:
        return _moved(task, now, TaskState.PENDING, attempt=task.attempt - 1, not_before=now + pause)
    return _again(task, now, task.code, task.message, pause=pause)


def _read_twice(task: Task, at: datetime, gap: timedelta) -> bool:
    """Return whether two readings, `gap` apart, do not show the write: it did not happen and no longer will."""
    return task.unshipped_at is not None and at - task.unshipped_at >= gap


def by_state(task: Task) -> bool:
    """Return whether the order's state forbade the last attempt."""
    return task.state == TaskState.UNKNOWN and task.code in WRONG_STATE


def due(task: Task, now: datetime) -> bool:
    """Return whether a task is to be sent now."""
    return task.state == TaskState.PENDING and (task.not_before is None or task.not_before <= now)


def readable(task: Task, now: datetime) -> bool:
    """Return whether a task's outcome is to be settled by reading now."""
    return unsettled(task) and (task.give_up_at is None or task.give_up_at <= now)


def unsettled(task: Task) -> bool:
    """Return whether the outcome of a task's last attempt is still unknown."""
    return task.state in UNSETTLED


def unknown_since(tasks: Iterable[Task]) -> datetime | None:
    """Return when the oldest of these tasks, none of them settled, was sent."""
    return min((task.started_at or task.updated_at for task in tasks), default=None)


def alone(task: Task) -> bool:
    """Return whether a task is sent in its own request, because it or one sent with it failed before."""
    return task.attempt > 0 or task.code is not None


def confirmed_by_hand(task: Task, now: datetime, note: str = BY_HAND) -> Task:
    """Record that a person found that the write happened."""
    return confirmed(task, now, f"confirmed {note}")


RETRYABLE = (TaskState.STUCK, TaskState.REJECTED, TaskState.UNKNOWN, TaskState.CANCELLED)
CANCELLABLE = (TaskState.PENDING, TaskState.STUCK, TaskState.REJECTED)
CONFIRMABLE = (TaskState.STUCK, TaskState.REJECTED, TaskState.UNKNOWN)


def waiting(task: Task, now: datetime, message: str) -> Task:
    """Keep a pending task back, and say what it waits for; nothing was attempted."""
    return task if task.message == message else _moved(task, now, TaskState.PENDING, code=WAITING_CODE, message=message)


def unread(task: Task, now: datetime, message: str, *, code: str = UNREADABLE) -> Task:
    """Count an attempt that ended before sending, because the order cannot be read, or shows other lines.

    One answer may be damaged, so a person is asked only when several say the same.
    """
    tried = evolve(task, attempt=task.attempt + 1)
    return _again(tried, now, code, message, pause=_pause_for(code, tried.attempt))


def retried(task: Task, now: datetime, note: str = BY_HAND) -> Task:
    """Queue a task again on a person's request: in its own request, and without the traces of its last attempt."""
    return Task(
        key=task.key,
        version=task.version + 1,
        created_at=task.created_at,
        updated_at=now,
        code=task.code or "retried",
        message=f"queued again {note}",
    )


def cancelled(task: Task, now: datetime, note: str = BY_HAND) -> Task:
    """Withdraw a task as a person asks."""
    return _moved(task, now, TaskState.CANCELLED, not_before=None, message=f"cancelled {note}")


def _again(task: Task, now: datetime, code: str | None, message: str | None, *, pause: timedelta) -> Task:
    if task.attempt >= MAX_ATTEMPTS:
        return _moved(task, now, TaskState.STUCK, code=code, message=message)
    return _moved(task, now, TaskState.PENDING, not_before=now + pause, code=code, message=message)


def _pause_for(code: str | None, attempt: int) -> timedelta:
    """Wait longer for an order that cannot be read: a fix takes hours, and a stuck row needs a person."""
    return min(FIRST_PAUSE * 4 ** max(attempt - 1, 0), LONGEST_WAIT) if code in UNREAD else _pause(attempt)


def _pause(attempt: int) -> timedelta:
    return min(FIRST_PAUSE * (1 << max(attempt - 1, 0)), LONGEST_PAUSE)


def _codes(outcome: Outcome) -> Sequence[str | None]:
    return (outcome.code, *(line.code for line in outcome.lines))


def _state_code(outcome: Outcome) -> str | None:
    return next((code for code in _codes(outcome) if code in WRONG_STATE), None)


def _moved(task: Task, now: datetime, state: TaskState, **changes: Any) -> Task:
    return evolve(task, state=state, version=task.version + 1, updated_at=now, **changes)
