"""The acceptance job: orders that wait for a decision get the one that the OMS took, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Event as Flag
from typing import cast

from attrs import field, frozen

from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.clock import Clock, SystemClock
from cdiscount_marketplace.events.hooks import Hook, emit
from cdiscount_marketplace.events.jobs import DecisionOverdue
from cdiscount_marketplace.models import Decision, OrderQuery, OrderStatus, Outcome, SalesOrder, Verdict
from cdiscount_marketplace.oms.fetching import Reader
from cdiscount_marketplace.oms.identity import is_numberless
from cdiscount_marketplace.oms.job_runs import reported
from cdiscount_marketplace.oms.leases import DEFAULT_TTL, HeldLease, new_owner
from cdiscount_marketplace.oms.ports import (
    AcceptancePolicy,
    DecisionStore,
    DecisionTask,
    Lease,
    LeaseStore,
    TaskState,
)
from cdiscount_marketplace.oms.queues import Group, Judgement, Selection, judge_by_orders
from cdiscount_marketplace.oms.reports import AcceptanceReport, TaskProblem
from cdiscount_marketplace.oms.sending import ENDED_BADLY, JobContext, Sender
from cdiscount_marketplace.oms.settings import ensure_account, ensure_durations, ensure_lifetime, ensure_numbers
from cdiscount_marketplace.oms.stop_reason import StopReason, run_to_end
from cdiscount_marketplace.oms.tasks import UNSETTLED, Seen, new_task, unknown_since
from cdiscount_marketplace.oms.tracebacks import failure_of
from cdiscount_marketplace.oms.windows import Window, ceil_second, floor_second

WAITING = (OrderStatus.WAITING_ACCEPTANCE,)
_GONE = (OrderStatus.REFUSED, OrderStatus.CANCELLED)


@frozen
class _DecisionQueue:
    account: str
    channel: SalesChannel
    decisions: DecisionStore

    @property
    def chunk(self) -> int:
        return self.channel.write_chunk

    def listed(self, states: Sequence[TaskState]) -> Sequence[DecisionTask]:
        return self.decisions.list_decisions(self.account, states)

    def find(self, row: DecisionTask) -> DecisionTask | None:
        return self.decisions.find_decision(self.account, row.task.key)

    def swap(self, before: DecisionTask, after: DecisionTask, lease: Lease | None) -> bool:
        return self.decisions.swap_decision(self.account, before, after, lease=lease)

    def select(self, rows: Sequence[DecisionTask], now: datetime) -> Selection[DecisionTask]:  # noqa: ARG002 -- the protocol's signature
        return Selection([Group([row], row.decision) for row in rows])

    def begun(self, row: DecisionTask) -> DecisionTask:
        return row

    def send(self, groups: Sequence[Group[DecisionTask]]) -> Sequence[Outcome]:
        return self.channel.decide([row.decision for group in groups for row in group.rows])

    def judge(self, rows: Sequence[DecisionTask]) -> Sequence[Judgement]:
        return judge_by_orders(self.channel, rows, _judged)


def _judged(row: DecisionTask, order: SalesOrder) -> Judgement:
    """Judge by state: an order that left the queue went one way or the other."""
    if order.status in WAITING:
        return Judgement(Seen.OPEN)
    if not order.status.known or order.status == OrderStatus.OTHER:
        return Judgement(Seen.ABSENT)
    refused = row.decision.verdict == Verdict.REFUSE
    return Judgement(Seen.DONE if refused == (order.status in _GONE) else Seen.CLOSED)


class OrderAcceptor:
    """Decide on the orders of one account that wait for acceptance; `run()` is meant to be called every few minutes.

    The policy is asked once per order, unless it answers LATER; its answer is stored before it is sent. Orders that
    have waited longer than `accept_within` without being decided emit `DecisionOverdue`, nothing more. Orders
    created in the last `lookback` are read. Each part not given is taken from `oms` if that satisfies its protocol.
    Use one acceptor from one thread; `stop()` may be called from any.
    """

    def __init__(
        self,
        channel: SalesChannel,
        oms: object,
        *,
        account: str,
        policy: AcceptancePolicy | None = None,
        decisions: DecisionStore | None = None,
        lease: LeaseStore | None = None,
        accept_within: timedelta | None = None,
        lookback: timedelta = timedelta(days=30),
        max_orders_per_reading: int = 500,
        hooks: Sequence[Hook] = (),
        clock: Clock | None = None,
        owner: str | None = None,
        lease_ttl: timedelta = DEFAULT_TTL,
    ) -> None:
        ensure_account(account)
        ensure_lifetime(lease_ttl)
        ensure_numbers(1, max_orders_per_reading=max_orders_per_reading)
        ensure_durations(lookback=lookback)
        self.account = account
        self._policy = policy or _policy(oms)
        self._decisions = decisions or _decisions(oms)
        self._leases = lease or (oms if isinstance(oms, LeaseStore) else None)
        self._ttl = lease_ttl
        self._accept_within = accept_within
        self._lookback = lookback
        self._max_orders = max_orders_per_reading
        self._context = JobContext(
            account=account,
            job="accept",
            owner=owner or new_owner(),
            channel=channel,
            clock=clock or SystemClock(),
            hooks=tuple(hooks),
            stop=Flag(),
        )

    def run(self) -> AcceptanceReport:
        """Settle what is unknown, ask the policy about new orders, send its decisions, and say what became of them.

        Raises `LeaseBusy`, `LeaseLost`, and what the channel or the store raise. A policy that raises leaves its order
        undecided until the next run.
        """
        context = self._context
        return reported(context.hooks, self.account, context.job, self._run)

    def _run(self) -> AcceptanceReport:
        context = self._context
        with HeldLease(self._leases, self.account, context.job, context.owner, self._ttl, context.clock) as holding:
            sender = Sender(_DecisionQueue(self.account, context.channel, self._decisions), context, holding)
            progress = _Asked()
            end = run_to_end(lambda: self._work(sender, holding, progress))
            return self._report(sender, progress, end)

    def stop(self) -> None:
        """Ask the run to end before its next request; its report shows that it was stopped."""
        self._context.stop.set()

    def _work(self, sender: Sender[DecisionTask], holding: HeldLease, progress: _Asked) -> None:
        sender.settle()
        self._ask_about_waiting(holding, progress)
        sender.send_due()

    def _ask_about_waiting(self, holding: HeldLease, progress: _Asked) -> None:
        context = self._context
        reader = Reader(context.channel, self.account, holding, context.hooks, context.stop, self._max_orders)
        now = context.clock.now()
        # A day ahead, for the service's clock may be.
        whole = Window(floor_second(now - self._lookback), ceil_second(now) + timedelta(days=1))

        def ask_about(window: Window) -> None:
            query = OrderQuery(statuses=WAITING, created_from=window.begin, created_to=window.end)
            for order in reader.read("waiting", window, query):
                self._ask(order, holding, progress)

        reader.walk([whole], ask_about)

    def _ask(self, order: SalesOrder, holding: HeldLease, progress: _Asked) -> None:
        """Store the OMS's decision about the order, if there is one, and report if it is overdue."""
        if order.number in progress.waiting:
            return
        progress.waiting.add(order.number)
        row = self._recorded(order)
        if row is None:
            row = self._decide(order, holding, progress)
        if (row is None or row.task.state in ENDED_BADLY) and self._overdue(order):
            progress.overdue.append(order.number)
            since = order.created_at or self._context.clock.now()
            event = DecisionOverdue(account=self.account, order_number=order.number, waiting_since=since)
            emit(self._context.hooks, event)

    def _recorded(self, order: SalesOrder) -> DecisionTask | None:
        rows = (self._decisions.find_decision(self.account, number) for number in order.identities)
        return next((row for row in rows if row is not None), None)

    def _decide(self, order: SalesOrder, holding: HeldLease, progress: _Asked) -> DecisionTask | None:
        decision = self._verdict(order, progress)
        if decision is None:
            return None
        row = DecisionTask(decision=decision, task=new_task(decision.key, self._context.clock.now()))
        if not self._decisions.swap_decision(self.account, None, row, lease=holding.lease):
            return self._recorded(order)
        progress.decided.append(order.number)
        return row

    def _verdict(self, order: SalesOrder, progress: _Asked) -> Decision | None:
        if is_numberless(order.identities):
            progress.undecided.append(_undecided(order, "the marketplace gave this order no number"))
            return None
        try:
            decision = self._policy.decide(self.account, order)
        # The other orders must not wait for it.
        except Exception as error:  # noqa: BLE001 -- a policy is the OMS's own code and may raise anything
            progress.undecided.append(_undecided(order, f"the policy {failure_of(error)}; the next run asks again"))
            return None
        if not _answers(decision, order):
            progress.undecided.append(
                _undecided(order, "the policy must answer ACCEPT, REFUSE or LATER for this order")
            )
            return None
        if decision.verdict == Verdict.LATER:
            progress.later.append(order.number)
            return None
        return decision

    def _overdue(self, order: SalesOrder) -> bool:
        if self._accept_within is None or order.created_at is None:
            return False
        return self._context.clock.now() - order.created_at > self._accept_within

    def _report(self, sender: Sender[DecisionTask], progress: _Asked, end: StopReason) -> AcceptanceReport:
        sent = sender.sent
        unsettled = self._decisions.list_decisions(self.account, UNSETTLED)
        return AcceptanceReport(
            account=self.account,
            waiting=len(progress.waiting),
            decided=len(progress.decided),
            later=len(progress.later),
            overdue=tuple(progress.overdue),
            undecided=tuple(progress.undecided),
            sent=len(sent.keys),
            confirmed=sent.count(TaskState.CONFIRMED),
            rejected=sent.count(TaskState.REJECTED),
            stuck=sent.count(TaskState.STUCK),
            pending=len(self._decisions.list_decisions(self.account, (TaskState.PENDING,))),
            unknown=len(unsettled),
            unknown_since=unknown_since(row.task for row in unsettled),
            problems=sent.problems(),
            ended_by=end.by,
            retry_at=end.retry_at,
        )


@frozen
class _Asked:
    """What a run asked the policy, and what it heard."""

    waiting: set[str] = field(factory=set[str])
    decided: list[str] = field(factory=list[str])
    later: list[str] = field(factory=list[str])
    overdue: list[str] = field(factory=list[str])
    undecided: list[TaskProblem] = field(factory=list[TaskProblem])


def _answers(decision: object, order: SalesOrder) -> bool:
    """Return whether a policy's answer is valid; it is the OMS's own code, and may have forgotten its `return`."""
    if not (isinstance(decision, Decision) and isinstance(cast("object", decision.verdict), Verdict)):
        return False
    return decision.key in order.identities and decision.verdict.known


def _undecided(order: SalesOrder, message: str) -> TaskProblem:
    return TaskProblem(order_number=order.number, state="undecided", message=message)


def _policy(oms: object) -> AcceptancePolicy:
    if isinstance(oms, AcceptancePolicy):
        return oms
    raise TypeError(f"{type(oms).__name__} has no decide(); give policy=")


def _decisions(oms: object) -> DecisionStore:
    if isinstance(oms, DecisionStore):
        return oms
    raise TypeError(f"{type(oms).__name__} keeps no decisions; give decisions=")
