"""Sending stored tasks, and settling those whose outcome is unknown: the I/O around `tasks`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event as Flag
from typing import Any, Generic

from attrs import evolve, field, frozen

from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.errors import InvalidRequest, LeaseLost
from cdiscount_marketplace.events.hooks import Hook, emit
from cdiscount_marketplace.events.jobs import RefundNoted, ShipmentNoted, TaskMoved
from cdiscount_marketplace.failures import proves_nothing_done
from cdiscount_marketplace.models import Outcome
from cdiscount_marketplace.oms import tasks
from cdiscount_marketplace.oms.leases import HeldLease
from cdiscount_marketplace.oms.ports import RefundTask, Task, TaskState
from cdiscount_marketplace.oms.queues import (
    AnyTask,
    Group,
    Move,
    R,
    TaskQueue,
    joined,
    parcel_of,
    reference_of,
    row_id,
    rows_of,
)
from cdiscount_marketplace.oms.reports import TaskProblem
from cdiscount_marketplace.oms.stop_reason import StopRequested

READ_AT_ONCE = 50
ENDED_BADLY = (TaskState.REJECTED, TaskState.STUCK)


@frozen
class SendSummary(Generic[R]):
    """What a run did: how many rows it sent, and each row that it moved, as it stands."""

    keys: list[str] = field(factory=list[str])
    rows: dict[tuple[str, str | None], R] = field(factory=dict[tuple[str, "str | None"], R])
    noted: list[R] = field(factory=list[R])

    def count(self, state: TaskState) -> int:
        """Count the moved rows that are in a state."""
        return sum(row.task.state == state for row in self.rows.values())

    def problems(self) -> tuple[TaskProblem, ...]:
        """List what a person should look at."""
        return tuple(problem_of(row) for row in self.rows.values() if row.task.state in ENDED_BADLY)

    def notes(self) -> tuple[TaskProblem, ...]:
        """List what was confirmed otherwise than it was reported."""
        return tuple(map(problem_of, self.noted))


def problem_of(row: AnyTask) -> TaskProblem:
    """Say of a row what a person needs to know."""
    return TaskProblem(
        order_number=row.task.key,
        parcel=parcel_of(row),
        reference=reference_of(row),
        state=row.task.state,
        code=row.task.code,
        message=row.task.message,
    )


@frozen(kw_only=True)
class JobContext:
    """What a job that sends works with."""

    account: str
    job: str
    owner: str
    channel: SalesChannel
    clock: Clock
    hooks: tuple[Hook, ...]
    stop: Flag


class Sender(Generic[R]):
    """Sends and settles the rows of one queue, for one run."""

    def __init__(self, queue: TaskQueue[R], context: JobContext, holding: HeldLease) -> None:
        self.sent: SendSummary[R] = SendSummary()
        self._queue: TaskQueue[R] = queue
        self._context = context
        self._channel = context.channel
        self._holding = holding

    def settle_and_send(self) -> None:
        """Settle what is unknown, send what is pending, and settle at once what its order's state forbade."""
        self.settle()
        self.send_due()

    # --- settling -------------------------------------------------------------------------------------------------

    def settle(self, which: Callable[[Task], bool] = tasks.unsettled) -> None:
        """Read the orders whose outcome is unknown and whose time is up, and move their rows by what they show."""
        now = self._holding.now()
        rows = [row for row in self._queue.listed(tasks.UNSETTLED) if which(row.task) and tasks.readable(row.task, now)]
        for start in range(0, len(rows), READ_AT_ONCE):
            self._settle(rows[start : start + READ_AT_ONCE])

    def _settle(self, rows: Sequence[R]) -> None:
        self._before_request()
        at = self._holding.now()
        for row, shown in zip(rows, self._queue.judge(rows), strict=True):
            now, gap = self._holding.now(), self._channel.settle_gap
            task = tasks.settled(row.task, shown.seen, at, gap, now, shown.what, shown.note)
            if task is not row.task:
                self._record(Move(row, task, shown.note))

    # --- sending --------------------------------------------------------------------------------------------------

    def send_due(self) -> None:
        """Send what is pending: first attempts together, later ones each in its own request."""
        now = self._holding.now()
        rows = [row for row in self._queue.listed((TaskState.PENDING,)) if tasks.due(row.task, now)]
        if not rows:
            self.settle(tasks.by_state)
            return
        self._before_request()
        selection = self._queue.select(rows, now)
        self._record_all(selection.moves)
        together = [group for group in selection.groups if not _alone(group)]
        size = max(self._queue.chunk, 1)
        for start in range(0, len(together), size):
            self._send(together[start : start + size])
        for group in selection.groups:
            if _alone(group):
                self._send([group])
        self.settle(tasks.by_state)

    def _send(self, groups: Sequence[Group[R]]) -> None:
        self._before_request()
        claimed = [group for group in map(self._claim, groups) if group.rows]
        rows = rows_of(claimed)
        now = self._holding.now()
        if not all(tasks.in_time(row.task, now, self._channel.write_limit) for row in rows):
            self._take_back(rows)
        elif claimed:
            self._hand_over(claimed)

    def _claim(self, group: Group[R]) -> Group[R]:
        """Record, before the request leaves, that it is about to; none if someone else changed a row of the group."""
        claimed: list[R] = []
        for row in group.rows:
            task = tasks.sending(row.task, self._context.owner, self._holding.now(), self._channel.write_limit)
            after = self._swap(self._queue.begun(row), task)
            if after is None:
                self._take_back(claimed)
                return evolve(group, rows=())
            claimed.append(after)
        return evolve(group, rows=claimed)

    def _take_back(self, claimed: Sequence[R]) -> list[R]:
        taken = [self._swap(row, tasks.unsent(row.task, self._holding.now())) for row in claimed]
        return [row for row in taken if row is not None]

    def _hand_over(self, groups: Sequence[Group[R]]) -> None:
        try:
            outcomes = self._queue.send(groups)
        except InvalidRequest as error:
            self._refused(groups, error)
        except Exception as error:
            rows = rows_of(groups)
            if proves_nothing_done(error):
                self._take_back(rows)
                raise
            now, kind = self._holding.now(), type(error).__name__
            self._record_all([Move(row, tasks.lost(row.task, now, kind, None)) for row in rows])
            raise
        else:
            self._note(groups, outcomes)

    def _refused(self, groups: Sequence[Group[R]], error: InvalidRequest) -> None:
        """Reject the one that cannot be sent; of several, find out which one it is."""
        if len(groups) == 1:
            now = self._holding.now()
            self._record_all(
                [Move(row, tasks.rejected(row.task, now, "InvalidRequest", error.message)) for row in groups[0].rows]
            )
            return
        for group in groups:
            self._send([evolve(group, rows=self._take_back(group.rows))])

    def _note(self, groups: Sequence[Group[R]], outcomes: Sequence[Outcome]) -> None:
        now = self._holding.now()
        by_key = {outcome.key: outcome for outcome in outcomes}
        moves: list[Move[R]] = []
        for group in groups:
            outcome = by_key.get(group.rows[0].task.key)
            self.sent.keys.extend(row.task.key for row in group.rows)
            for position, row in enumerate(group.rows):
                task, note = _answered(row.task, joined(outcome, group) if position else outcome, now)
                moves.append(Move(row, task, note))
        self._record_all(moves)

    # --- writing down ---------------------------------------------------------------------------------------------

    def _record_all(self, moves: Sequence[Move[R]]) -> None:
        """Write every outcome down, even when the lease is lost over the first."""
        late: LeaseLost | None = None
        for move in moves:
            try:
                self._record(move)
            except LeaseLost as error:
                late = error
        if late is not None:
            raise late

    def _record(self, move: Move[R]) -> None:
        """Write an outcome down; that a write happened is recorded even by a worker that has lost its lease."""
        row, task, note = move.row, move.task, move.note
        if note and task.state == TaskState.CONFIRMED:
            self._emit_note(row, task, note)
        try:
            recorded = self._swap(row, task)
        except LeaseLost:
            self._absorb(row, task)
            raise
        if recorded is None:
            self._absorb(row, task)

    def _absorb(self, row: R, task: Task) -> None:
        while task.state == TaskState.CONFIRMED:
            current = self._queue.find(row)
            if current is None or current.task.state == TaskState.CONFIRMED:
                return
            after = evolve(row, task=tasks.confirmed(current.task, self._holding.now(), task.message))
            if self._queue.swap(current, after, None):
                self._tell(current, after)

    def _swap(self, row: R, task: Task) -> R | None:
        after = evolve(row, task=task)
        if not self._queue.swap(row, after, self._holding.lease):
            return None
        self._tell(row, after)
        return after

    def _emit_note(self, row: R, task: Task, note: str) -> None:
        self.sent.noted.append(evolve(row, task=evolve(task, message=note)))
        account, key = self._context.account, row.task.key
        emit(
            self._context.hooks,
            RefundNoted(account=account, order_number=key, reference=reference_of(row) or "", note=note)
            if isinstance(row, RefundTask)
            else ShipmentNoted(account=account, order_number=key, parcel=parcel_of(row) or "", note=note),
        )

    def _tell(self, before: R, after: R) -> None:
        self.sent.rows[row_id(after)] = after
        moved = TaskMoved(
            account=self._context.account,
            job=self._context.job,
            order_number=after.task.key,
            parcel=parcel_of(after),
            reference=reference_of(after),
            before=before.task.state,
            after=after.task.state,
            attempt=after.task.attempt,
            message=after.task.message,
        )
        emit(self._context.hooks, moved)

    def _before_request(self) -> None:
        if self._context.stop.is_set():
            raise StopRequested
        self._holding.renew()


def _alone(group: Group[Any]) -> bool:
    return any(tasks.alone(row.task) for row in group.rows)


def _answered(task: Task, outcome: Outcome | None, now: datetime) -> tuple[Task, str | None]:
    if outcome is None:
        return tasks.lost(task, now, None, "the answer does not mention this order"), None
    return tasks.answered(task, outcome, now), outcome.note
