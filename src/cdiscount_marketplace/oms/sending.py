"""Sending stored decisions and shipments, and settling those whose outcome is unknown: the I/O around `tasks`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event as Flag
from typing import Generic, Protocol, TypeVar

from attrs import evolve, field, frozen

from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.errors import (
    AuthenticationError,
    CdiscountError,
    ConnectFailed,
    InvalidRequest,
    LeaseLost,
    NotAuthorized,
    QuotaExceeded,
)
from cdiscount_marketplace.events import Hook, TaskMoved, emit
from cdiscount_marketplace.models import Outcome, SalesOrder
from cdiscount_marketplace.oms import tasks
from cdiscount_marketplace.oms.endings import StopRequested
from cdiscount_marketplace.oms.leases import Holding
from cdiscount_marketplace.oms.ports import DecisionTask, Lease, ShipmentTask, Task, TaskState
from cdiscount_marketplace.oms.reports import TaskProblem
from cdiscount_marketplace.oms.tasks import Seen

R = TypeVar("R", ShipmentTask, DecisionTask)

READ_AT_ONCE = 50
ENDED_BADLY = (TaskState.REJECTED, TaskState.STUCK)

# Raised by a channel when nothing at all was done.
NOTHING_DONE = (QuotaExceeded, AuthenticationError, NotAuthorized, ConnectFailed)


def nothing_done(error: Exception) -> bool:
    """Tell whether an error that a channel raised proves that nothing was changed, so that no attempt counts."""
    return isinstance(error, NOTHING_DONE) or (isinstance(error, CdiscountError) and error.retryable)


class Desk(Protocol[R]):
    """What differs between decisions and shipments."""

    def listed(self, states: Sequence[TaskState]) -> Sequence[R]:
        """List the account's rows in any of these states, oldest first."""
        ...

    def find(self, key: str) -> R | None:
        """Return the row of an order."""
        ...

    def swap(self, before: R, after: R, lease: Lease | None) -> bool:
        """Replace a row, only if it is unchanged."""
        ...

    def send(self, rows: Sequence[R]) -> Sequence[Outcome]:
        """Hand rows to the channel, in one request."""
        ...

    def seen(self, row: R, order: SalesOrder) -> Seen:
        """Say what an order's state tells of a row."""
        ...


@frozen
class Sent(Generic[R]):
    """What a run did: how many rows it sent, and each row that it moved, as it stands."""

    keys: list[str] = field(factory=list[str])
    rows: dict[str, R] = field(factory=dict[str, R])

    def count(self, state: TaskState) -> int:
        """Count the moved rows that are in a state."""
        return sum(row.task.state == state for row in self.rows.values())

    def problems(self) -> tuple[TaskProblem, ...]:
        """List what a person should look at."""
        tasks = [row.task for row in self.rows.values() if row.task.state in ENDED_BADLY]
        return tuple(problem_of(task) for task in tasks)


def problem_of(task: Task) -> TaskProblem:
    """Tell of a task what a person needs to know."""
    return TaskProblem(order_number=task.key, state=task.state, code=task.code, message=task.message)


@frozen(kw_only=True)
class Errand:
    """What a job that sends works with."""

    account: str
    job: str
    owner: str
    channel: SalesChannel
    clock: Clock
    hooks: tuple[Hook, ...]
    stop: Flag


class Sender(Generic[R]):
    """Sends and settles the rows of one desk, for one run."""

    def __init__(self, desk: Desk[R], errand: Errand, holding: Holding) -> None:
        self.sent: Sent[R] = Sent()
        self._desk: Desk[R] = desk
        self._errand = errand
        self._channel = errand.channel
        self._holding = holding

    def settle_and_send(self) -> None:
        """Settle what is unknown, send what is pending, and settle at once what its order's state forbade."""
        self.settle()
        self.send_due()

    # --- settling -------------------------------------------------------------------------------------------------

    def settle(self, which: Callable[[Task], bool] = tasks.unsettled) -> None:
        """Read the orders whose outcome is unknown and whose time is up, and move their rows by what they show."""
        now = self._holding.now()
        rows = [row for row in self._desk.listed(tasks.UNSETTLED) if which(row.task) and tasks.readable(row.task, now)]
        for start in range(0, len(rows), READ_AT_ONCE):
            self._settle(rows[start : start + READ_AT_ONCE])

    def _settle(self, rows: Sequence[R]) -> None:
        self._before_request()
        at = self._holding.now()
        orders = self._channel.get([row.task.key for row in rows])
        by_identity = {identity: order for order in orders for identity in order.identities}
        for row in rows:
            order = by_identity.get(row.task.key)
            task = self._settled(row, order, at)
            if task is not row.task:
                self._record(row, task)

    def _settled(self, row: R, order: SalesOrder | None, at: datetime) -> Task:
        seen = self._desk.seen(row, order) if order else Seen.ABSENT
        what = f"the marketplace shows the order as {order.status}" if order else ""
        return tasks.settled(row.task, seen, at, self._channel.settle_gap, self._holding.now(), what)

    # --- sending --------------------------------------------------------------------------------------------------

    def send_due(self) -> None:
        """Send what is pending: first attempts together, later ones each in a request of its own."""
        now = self._holding.now()
        rows = [row for row in self._desk.listed((TaskState.PENDING,)) if tasks.due(row.task, now)]
        together = [row for row in rows if not tasks.alone(row.task)]
        size = max(self._channel.write_chunk, 1)
        for start in range(0, len(together), size):
            self._send(together[start : start + size])
        for row in rows:
            if tasks.alone(row.task):
                self._send([row])
        self.settle(tasks.by_state)

    def _send(self, rows: Sequence[R]) -> None:
        self._before_request()
        claimed = [row for row in map(self._claim, rows) if row is not None]
        now = self._holding.now()
        if not all(tasks.in_time(row.task, now, self._channel.write_limit) for row in claimed):
            self._take_back(claimed)
        elif claimed:
            self._hand_over(claimed)

    def _claim(self, row: R) -> R | None:
        """Record, before the request leaves, that it is about to; None if someone else changed the row."""
        task = tasks.sending(row.task, self._errand.owner, self._holding.now(), self._channel.write_limit)
        return self._swap(row, task)

    def _take_back(self, claimed: Sequence[R]) -> list[R]:
        taken = [self._swap(row, tasks.unsent(row.task, self._holding.now())) for row in claimed]
        return [row for row in taken if row is not None]

    def _hand_over(self, claimed: Sequence[R]) -> None:
        try:
            outcomes = self._desk.send(claimed)
        except InvalidRequest as error:
            self._refused(claimed, error)
        except Exception as error:
            if nothing_done(error):
                self._take_back(claimed)
                raise
            self._record_all(
                [(row, tasks.lost(row.task, self._holding.now(), type(error).__name__, None)) for row in claimed]
            )
            raise
        else:
            self._note(claimed, outcomes)

    def _refused(self, claimed: Sequence[R], error: InvalidRequest) -> None:
        """Reject the one that cannot be sent; of several, find out which one it is."""
        if len(claimed) == 1:
            self._record(
                claimed[0], tasks.rejected(claimed[0].task, self._holding.now(), "InvalidRequest", error.message)
            )
            return
        for row in self._take_back(claimed):
            self._send([row])

    def _note(self, claimed: Sequence[R], outcomes: Sequence[Outcome]) -> None:
        now = self._holding.now()
        self.sent.keys.extend(row.task.key for row in claimed)
        by_key = {outcome.key: outcome for outcome in outcomes}
        self._record_all(
            [
                (row, tasks.answered(row.task, by_key[row.task.key], now))
                if row.task.key in by_key
                else (row, tasks.lost(row.task, now, None, "the answer says nothing of this order"))
                for row in claimed
            ]
        )

    # --- writing down ---------------------------------------------------------------------------------------------

    def _record_all(self, moves: Sequence[tuple[R, Task]]) -> None:
        """Write every outcome down, even when the lease is lost over the first."""
        late: LeaseLost | None = None
        for row, task in moves:
            try:
                self._record(row, task)
            except LeaseLost as error:
                late = error
        if late is not None:
            raise late

    def _record(self, row: R, task: Task) -> None:
        """Write an outcome down; that a write happened is recorded even by a worker that has lost its lease."""
        try:
            recorded = self._swap(row, task)
        except LeaseLost:
            self._absorb(row, task)
            raise
        if recorded is None:
            self._absorb(row, task)

    def _absorb(self, row: R, task: Task) -> None:
        while task.state == TaskState.CONFIRMED:
            current = self._desk.find(task.key)
            if current is None or current.task.state == TaskState.CONFIRMED:
                return
            after = evolve(row, task=tasks.confirmed(current.task, self._holding.now(), task.message))
            if self._desk.swap(current, after, None):
                self._tell(current, after)

    def _swap(self, row: R, task: Task) -> R | None:
        after = evolve(row, task=task)
        if not self._desk.swap(row, after, self._holding.lease):
            return None
        self._tell(row, after)
        return after

    def _tell(self, before: R, after: R) -> None:
        self.sent.rows[after.task.key] = after
        moved = TaskMoved(
            account=self._errand.account,
            job=self._errand.job,
            order_number=after.task.key,
            before=before.task.state,
            after=after.task.state,
            attempt=after.task.attempt,
            message=after.task.message,
        )
        emit(self._errand.hooks, moved)

    def _before_request(self) -> None:
        if self._errand.stop.is_set():
            raise StopRequested
        self._holding.renew()
