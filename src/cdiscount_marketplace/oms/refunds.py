"""The refund job: cancellations, refunds and commercial gestures, each given exactly once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from threading import Event as Flag
from typing import Final, cast

from attrs import evolve, frozen

from cdiscount_marketplace.channels.port import RefundChannel, SalesChannel
from cdiscount_marketplace.clock import Clock, SystemClock
from cdiscount_marketplace.errors import InvalidRequest, Problem, RefundConflict
from cdiscount_marketplace.events.hooks import Hook
from cdiscount_marketplace.models import Outcome
from cdiscount_marketplace.oms.job_runs import reported
from cdiscount_marketplace.oms.leases import DEFAULT_TTL, HeldLease, new_owner
from cdiscount_marketplace.oms.parcels import WITHDRAWN
from cdiscount_marketplace.oms.ports import Lease, LeaseStore, OrderArchive, RefundOutbox, RefundTask, TaskState
from cdiscount_marketplace.oms.quarantining import LONGEST_KEY, is_plain
from cdiscount_marketplace.oms.queues import Group, Judgement, Selection
from cdiscount_marketplace.oms.refund_proof import proof_of
from cdiscount_marketplace.oms.reports import RefundPushReport
from cdiscount_marketplace.oms.sending import JobContext, Sender, SendSummary
from cdiscount_marketplace.oms.settings import ensure_account, ensure_lifetime
from cdiscount_marketplace.oms.stop_reason import StopReason, run_to_end
from cdiscount_marketplace.oms.tasks import CANCELLABLE, UNSETTLED, cancelled, new_task, unknown_since
from cdiscount_marketplace.refunds import RefundKind, RefundReading, RefundRequest, same_lines

JOB: Final = "refund"


@frozen
class _RefundQueue:
    account: str
    name: str
    channel: RefundChannel
    outbox: RefundOutbox

    @property
    def chunk(self) -> int:
        """One: what happens to one refund says nothing about another."""
        return 1

    def listed(self, states: Sequence[TaskState]) -> Sequence[RefundTask]:
        return self.outbox.list_refunds(self.account, states)

    def find(self, row: RefundTask) -> RefundTask | None:
        stored = self.outbox.find_refunds(self.account, row.task.key)
        return next((other for other in stored if other.refund.reference == row.refund.reference), None)

    def swap(self, before: RefundTask, after: RefundTask, lease: Lease | None) -> bool:
        return self.outbox.swap_refund(self.account, before, after, lease=lease)

    def select(self, rows: Sequence[RefundTask], now: datetime) -> Selection[RefundTask]:  # noqa: ARG002 -- the protocol's signature
        return Selection([Group([row], row.refund) for row in rows])

    def begun(self, row: RefundTask) -> RefundTask:
        return evolve(row, channel=self.name)

    def send(self, groups: Sequence[Group[RefundTask]]) -> Sequence[Outcome]:
        return [self.channel.refund(row.refund) for group in groups for row in group.rows]

    def judge(self, rows: Sequence[RefundTask]) -> Sequence[Judgement]:
        readings = self.channel.find_refunds([row.refund for row in rows])
        return [
            proof_of(row, self._as_it_counts(row, reading), self.outbox.find_refunds(self.account, row.task.key))
            for row, reading in zip(rows, readings, strict=True)
        ]

    def _as_it_counts(self, row: RefundTask, reading: RefundReading) -> RefundReading:
        """Take the lists of one channel for no proof of what went through another one."""
        return reading if row.channel == self.name else evolve(reading, complete=False)


class RefundPusher:
    """Give money back on the orders of one account; `run()` is meant to be called every few minutes.

    `enqueue()` only stores; `run()` sends what is stored, and settles by the marketplace's own list what was not
    answered. What no list can settle is left to a person (`TaskState.STUCK`, code "unsettled"). The channel must be a
    `RefundChannel`. Each part not given is taken from `oms` if that satisfies its protocol; without a lease nothing
    keeps two workers apart. Use one pusher's `run()` from one thread; `enqueue()` and `stop()` may be called from any.
    """

    def __init__(
        self,
        channel: SalesChannel,
        oms: object,
        *,
        account: str,
        outbox: RefundOutbox | None = None,
        lease: LeaseStore | None = None,
        hooks: Sequence[Hook] = (),
        clock: Clock | None = None,
        owner: str | None = None,
        lease_ttl: timedelta = DEFAULT_TTL,
    ) -> None:
        ensure_account(account)
        ensure_lifetime(lease_ttl)
        self.account = account
        self._channel = _refund_channel(channel)
        self._archive = oms if isinstance(oms, OrderArchive) else None
        self._outbox = outbox or _outbox(oms)
        self._leases = lease or (oms if isinstance(oms, LeaseStore) else None)
        self._ttl = lease_ttl
        self._context = JobContext(
            account=account,
            job=JOB,
            owner=owner or new_owner(),
            channel=channel,
            clock=clock or SystemClock(),
            hooks=tuple(hooks),
            stop=Flag(),
        )

    def enqueue(self, request: RefundRequest) -> RefundTask:
        """Store what is to be given back; nothing is sent, and the same request again changes nothing.

        Raises `InvalidRequest` for an amount or a reason that cannot be right, and `RefundConflict` where a different
        request has the reference, or another one some of the lines, unless that one was rejected or cancelled.
        """
        self._validate(request)
        rows = self._recorded(request)
        same = next((row for row in rows if row.refund.reference == request.reference), None)
        key = same.task.key if same is not None else request.key
        if same is not None and evolve(same.refund, key=request.key) == request:
            return same
        _ensure_free(request, rows)
        queued = _queued(evolve(request, key=key), same, self._context.clock.now())
        if not self._outbox.swap_refund(self.account, same, queued):
            return self.enqueue(request)
        self._ensure_still_free(queued)
        return queued

    def _ensure_still_free(self, queued: RefundTask) -> None:
        """Withdraw a refund again if another one of its lines was queued at the same moment."""
        rows = [row for row in self._recorded(queued.refund) if row.refund.reference != queued.refund.reference]
        try:
            _ensure_free(queued.refund, rows)
        except RefundConflict:
            withdrawn = cancelled(queued.task, self._context.clock.now())
            self._outbox.swap_refund(self.account, queued, evolve(queued, task=withdrawn))
            raise

    def run(self) -> RefundPushReport:
        """Settle what is unknown, send what is pending, and say what became of it.

        Raises `LeaseBusy`, `LeaseLost`, and what the channel or the store raise; nothing is given twice for that.
        """
        context = self._context
        return reported(context.hooks, self.account, context.job, self._run)

    def _run(self) -> RefundPushReport:
        context = self._context
        with HeldLease(self._leases, self.account, context.job, context.owner, self._ttl, context.clock) as holding:
            sender = Sender(
                _RefundQueue(self.account, context.channel.name, self._channel, self._outbox), context, holding
            )
            return self._report(sender.sent, run_to_end(sender.settle_and_send))

    def stop(self) -> None:
        """Ask the run to end before its next request; its report shows that it was stopped."""
        self._context.stop.set()

    def _validate(self, request: RefundRequest) -> None:
        problems = [*_problems(request), *self._amount_problems(request)]
        if problems:
            raise InvalidRequest(problems, operation="enqueue", order_numbers=[request.key])

    def _amount_problems(self, request: RefundRequest) -> Sequence[Problem]:
        order = self._archive.load_order(self.account, request.key) if self._archive and request.amount else None
        if order is None or order.total is None or request.amount is None or request.amount <= order.total:
            return ()
        return [Problem("amount", f"is {request.amount}, more than the order's total of {order.total}")]

    def _recorded(self, request: RefundRequest) -> Sequence[RefundTask]:
        """List what is recorded for the order, under any number that means it."""
        order = self._archive.load_order(self.account, request.key) if self._archive else None
        numbers = dict.fromkeys((request.key, *(order.identities if order else ())))
        return [row for number in numbers for row in self._outbox.find_refunds(self.account, number)]

    def _report(self, sent: SendSummary[RefundTask], end: StopReason) -> RefundPushReport:
        unsettled = self._outbox.list_refunds(self.account, UNSETTLED)
        return RefundPushReport(
            account=self.account,
            sent=len(sent.keys),
            confirmed=sent.count(TaskState.CONFIRMED),
            rejected=sent.count(TaskState.REJECTED),
            stuck=sent.count(TaskState.STUCK),
            pending=len(self._outbox.list_refunds(self.account, (TaskState.PENDING,))),
            unknown=len(unsettled),
            unknown_since=unknown_since(row.task for row in unsettled),
            problems=sent.problems(),
            notes=sent.notes(),
            ended_by=end.by,
            retry_at=end.retry_at,
        )


def _problems(request: RefundRequest) -> Iterator[Problem]:
    """Name what no marketplace accepts, or no store can keep."""
    texts = {"key": request.key, "reason": str(request.reason or ""), "reference": request.reference}
    for name, value in texts.items():
        if not value.strip():
            yield Problem(name, "is required")
        elif not is_plain(value):
            yield Problem(name, _UNUSABLE)
    if request.kind not in RefundKind.values():
        yield Problem("kind", f"must be one of {', '.join(RefundKind.values())}, not {request.kind!r}")
    if request.lines == ():
        yield Problem("lines", "names no line; None means the whole order")
    yield from _gesture_problems(request) if request.kind == RefundKind.GESTURE else _line_problems(request)


def _gesture_problems(request: RefundRequest) -> Iterator[Problem]:
    if request.amount is None:
        yield Problem("amount", "is required: a gesture gives an amount")
    if request.lines:
        yield Problem("lines", "a gesture names no lines: give back lines with a refund")


def _line_problems(request: RefundRequest) -> Iterator[Problem]:
    if request.amount is not None:
        yield Problem("amount", "lines are given back at their price; give a part of it as a gesture")


_SENT = "it was sent, or may have been: look at it with `refunds list`, and at the order in your seller account"
_UNUSABLE = f"is longer than {LONGEST_KEY} characters, or contains characters that cannot be printed"


def _ensure_free(request: RefundRequest, rows: Sequence[RefundTask]) -> None:
    """Raise `RefundConflict` if another request has this one's reference, or gives back some of its lines."""
    for row in rows:
        if row.task.state in WITHDRAWN:
            continue
        if row.refund.reference == request.reference:
            message = f"another refund is recorded as {request.reference}, {row.task.state}"
        elif same_lines(row.refund, request):
            message = f"these lines are in another refund ({row.refund.reference}), {row.task.state}"
        else:
            continue
        hint = None if row.task.state in CANCELLABLE else _SENT
        raise RefundConflict(message, order_numbers=[row.task.key], hint=hint)


def _queued(request: RefundRequest, before: RefundTask | None, now: datetime) -> RefundTask:
    task = new_task(request.key, now)
    if before is not None:
        task = evolve(task, version=before.task.version + 1)
    return RefundTask(refund=request, task=task)


def _refund_channel(channel: SalesChannel) -> RefundChannel:
    if isinstance(cast("object", channel), RefundChannel):
        return cast("RefundChannel", channel)
    raise TypeError(f"the channel {channel.name!r} cannot give money back: it is no RefundChannel")


def _outbox(oms: object) -> RefundOutbox:
    if isinstance(oms, RefundOutbox):
        return oms
    raise TypeError(f"{type(oms).__name__} keeps no refunds; give outbox=")
