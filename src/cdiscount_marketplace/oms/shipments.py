"""The shipment job: what left the warehouse is reported to the marketplace exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Event as Flag
from typing import Any, cast

from attrs import evolve, frozen

from cdiscount_marketplace.channels.port import SalesChannel, SplitShipping
from cdiscount_marketplace.clock import Clock, SystemClock
from cdiscount_marketplace.errors import InvalidRequest, Problem, ShipmentConflict
from cdiscount_marketplace.events.hooks import Hook
from cdiscount_marketplace.models import Lookup, Outcome, SalesOrder, Shipment
from cdiscount_marketplace.oms import tasks
from cdiscount_marketplace.oms.identity import shared_mark
from cdiscount_marketplace.oms.job_runs import reported
from cdiscount_marketplace.oms.leases import DEFAULT_TTL, HeldLease, new_owner
from cdiscount_marketplace.oms.parcels import WITHDRAWN, by_lines, overlaps, plan_parcels, proof_of
from cdiscount_marketplace.oms.pieces import chunks
from cdiscount_marketplace.oms.ports import (
    Lease,
    LeaseStore,
    OrderRepository,
    ShipmentOutbox,
    ShipmentTask,
    TaskState,
)
from cdiscount_marketplace.oms.quarantining import LONGEST_KEY, is_plain
from cdiscount_marketplace.oms.queues import Group, Judgement, Move, Selection, judge_by_orders, look_up, order_of
from cdiscount_marketplace.oms.reports import ShipmentReport
from cdiscount_marketplace.oms.sending import READ_AT_ONCE, JobContext, Sender, SendSummary
from cdiscount_marketplace.oms.settings import ensure_account, ensure_lifetime
from cdiscount_marketplace.oms.stop_reason import StopReason, run_to_end
from cdiscount_marketplace.oms.tasks import UNSETTLED, cancelled, new_task, unknown_since


@frozen
class _ShipmentQueue:
    account: str
    channel: SalesChannel
    outbox: ShipmentOutbox

    @property
    def chunk(self) -> int:
        return self.channel.write_chunk

    def listed(self, states: Sequence[TaskState]) -> Sequence[ShipmentTask]:
        return self.outbox.list_shipments(self.account, states)

    def find(self, row: ShipmentTask) -> ShipmentTask | None:
        stored = self.outbox.find_shipments(self.account, row.task.key)
        return next((other for other in stored if other.shipment.parcel == row.shipment.parcel), None)

    def swap(self, before: ShipmentTask, after: ShipmentTask, lease: Lease | None) -> bool:
        return self.outbox.swap_shipment(self.account, before, after, lease=lease)

    def select(self, rows: Sequence[ShipmentTask], now: datetime) -> Selection[ShipmentTask]:
        """Send whole orders as they are; parcels after a look at their order."""
        by_key: dict[str, list[ShipmentTask]] = {}
        for row in rows:
            by_key.setdefault(row.task.key, []).append(row)
        parcels = {key: group for key, group in by_key.items() if self._in_parcels(key, group)}
        groups = [Group(group, group[0].shipment) for key, group in by_key.items() if key not in parcels]
        moves: list[Move[ShipmentTask]] = []
        for keys in chunks(list(parcels), READ_AT_ONCE):
            lookup = look_up(self.channel, keys)
            for key in keys:
                plan = self._plan(parcels[key], lookup, now)
                groups += plan.groups
                moves += plan.moves
        return Selection(groups, moves)

    def _in_parcels(self, key: str, group: Sequence[ShipmentTask]) -> bool:
        if len(group) > 1 or any(row.shipment.lines is not None for row in group):
            return True
        return len(self._stored(key)) > 1

    def _stored(self, key: str) -> Sequence[ShipmentTask]:
        rows = self.outbox.find_shipments(self.account, key)
        return [row for row in rows if row.task.state not in WITHDRAWN]

    def _plan(self, group: Sequence[ShipmentTask], lookup: Lookup, now: datetime) -> Selection[ShipmentTask]:
        key = group[0].task.key
        order = order_of(key, lookup)
        if order is None:
            reason = lookup.failures.get(key, "the marketplace does not show the order")
            return Selection((), [Move(row, tasks.unread(row.task, now, reason)) for row in group])
        whole = not _may_split(self.channel, order)
        return plan_parcels(group, self._stored(key), order if whole else by_lines(order), now, whole=whole)

    def begun(self, row: ShipmentTask) -> ShipmentTask:
        return row

    def send(self, groups: Sequence[Group[ShipmentTask]]) -> Sequence[Outcome]:
        return self.channel.ship([group.what for group in groups if isinstance(group.what, Shipment)])

    def judge(self, rows: Sequence[ShipmentTask]) -> Sequence[Judgement]:
        return judge_by_orders(self.channel, rows, self._judged)

    def _judged(self, row: ShipmentTask, order: SalesOrder) -> Judgement:
        others = [other for other in self._stored(row.task.key) if other.shipment.parcel != row.shipment.parcel]
        return proof_of(row, by_lines(order) if _may_split(self.channel, order) else order, others)


def _may_split(channel: SalesChannel, order: SalesOrder) -> bool:
    return channel.may_split(order) if isinstance(channel, SplitShipping) else True


class ShipmentPusher:
    """Report the shipments of one account; `run()` is meant to be called every few minutes.

    `enqueue()` only stores; `run()` sends what is stored, and settles by reading what was not answered. Each part not
    given is taken from `oms` if that satisfies its protocol; without a lease nothing keeps two workers apart. Use one
    pusher's `run()` from one thread; `enqueue()` and `stop()` may be called from any.
    """

    def __init__(
        self,
        channel: SalesChannel,
        oms: object,
        *,
        account: str,
        outbox: ShipmentOutbox | None = None,
        lease: LeaseStore | None = None,
        hooks: Sequence[Hook] = (),
        clock: Clock | None = None,
        owner: str | None = None,
        lease_ttl: timedelta = DEFAULT_TTL,
    ) -> None:
        ensure_account(account)
        ensure_lifetime(lease_ttl)
        self.account = account
        self._orders: OrderRepository[Any] | None = _orders(oms)
        self._outbox = outbox or _outbox(oms)
        self._leases = lease or (oms if isinstance(oms, LeaseStore) else None)
        self._ttl = lease_ttl
        self._context = JobContext(
            account=account,
            job="ship",
            owner=owner or new_owner(),
            channel=channel,
            clock=clock or SystemClock(),
            hooks=tuple(hooks),
            stop=Flag(),
        )

    def enqueue(self, shipment: Shipment) -> ShipmentTask:
        """Store a shipment to report; nothing is sent, and the same one again changes nothing.

        An order may leave in several parcels, each with its own lines; `lines=None` is all that no other parcel has.
        Raises `InvalidRequest` where carrier or tracking number is missing, or several orders have the number, and
        `ShipmentConflict` where a different shipment is recorded for the parcel or some of its lines, unless that one
        was rejected or cancelled.
        """
        _validate(shipment)
        self._ensure_one_order(shipment)
        rows = self._recorded(shipment)
        live = [row for row in rows if row.task.state not in WITHDRAWN]
        # The order's parcels share a key; a withdrawn one may have been refused for its key.
        key = live[0].task.key if live else shipment.key
        same = next((row for row in rows if row.shipment.parcel == shipment.parcel and row.task.key == key), None)
        if same is not None and evolve(same.shipment, key=shipment.key) == shipment:
            return same
        _ensure_free(shipment, rows)
        queued = _queued(evolve(shipment, key=key), same, self._context.clock.now())
        if not self._outbox.swap_shipment(self.account, same, queued):
            return self.enqueue(shipment)
        self._ensure_still_free(queued)
        return queued

    def _ensure_one_order(self, shipment: Shipment) -> None:
        """Raise `InvalidRequest` for a number that several stored orders have."""
        if self._orders is None:
            return
        shared = self._orders.find(self.account, [shared_mark(shipment.key)])
        if shared is None:
            return
        owner = self._orders.find(self.account, [shipment.key])
        ids = ", ".join(sorted({str(order.unique_id) for order in (owner, shared) if order is not None}))
        problem = Problem("key", f"several orders have the number {shipment.key}; use the number of one of them: {ids}")
        raise InvalidRequest([problem], operation="enqueue", order_numbers=[shipment.key])

    def _ensure_still_free(self, queued: ShipmentTask) -> None:
        """Withdraw a shipment again if another one for its lines was queued at the same moment."""
        rows = [row for row in self._recorded(queued.shipment) if row.shipment.parcel != queued.shipment.parcel]
        try:
            _ensure_free(queued.shipment, rows)
        except ShipmentConflict:
            withdrawn = cancelled(queued.task, self._context.clock.now())
            self._outbox.swap_shipment(self.account, queued, evolve(queued, task=withdrawn))
            raise

    def run(self) -> ShipmentReport:
        """Settle what is unknown, send what is pending, and say what became of it.

        Raises `LeaseBusy`, `LeaseLost`, and what the channel or the store raise; nothing is sent twice for that.
        """
        context = self._context
        return reported(context.hooks, self.account, context.job, self._run)

    def _run(self) -> ShipmentReport:
        context = self._context
        with HeldLease(self._leases, self.account, context.job, context.owner, self._ttl, context.clock) as holding:
            sender = Sender(_ShipmentQueue(self.account, context.channel, self._outbox), context, holding)
            return self._report(sender.sent, run_to_end(sender.settle_and_send))

    def stop(self) -> None:
        """Ask the run to end before its next request; its report shows that it was stopped."""
        self._context.stop.set()

    def _recorded(self, shipment: Shipment) -> Sequence[ShipmentTask]:
        """List what is recorded for the order, under any number that means it."""
        order = self._orders.find(self.account, [shipment.key]) if self._orders else None
        numbers = dict.fromkeys((shipment.key, *(order.identities if order else ())))
        return [row for number in numbers for row in self._outbox.find_shipments(self.account, number)]

    def _report(self, sent: SendSummary[ShipmentTask], end: StopReason) -> ShipmentReport:
        unsettled = self._outbox.list_shipments(self.account, UNSETTLED)
        return ShipmentReport(
            account=self.account,
            sent=len(sent.keys),
            confirmed=sent.count(TaskState.CONFIRMED),
            rejected=sent.count(TaskState.REJECTED),
            stuck=sent.count(TaskState.STUCK),
            pending=len(self._outbox.list_shipments(self.account, (TaskState.PENDING,))),
            unknown=len(unsettled),
            unknown_since=unknown_since(row.task for row in unsettled),
            problems=sent.problems(),
            notes=sent.notes(),
            ended_by=end.by,
            retry_at=end.retry_at,
        )


def _validate(shipment: Shipment) -> None:
    """Raise `InvalidRequest` for what no marketplace accepts, or no store can keep."""
    needed = {"carrier": shipment.carrier, "tracking_number": shipment.tracking_number, "key": shipment.key}
    problems = [Problem(name, "is required") for name, value in needed.items() if not (value and value.strip())]
    texts = needed if shipment.parcel == shipment.tracking_number else {**needed, "parcel": shipment.parcel}
    problems += [Problem(name, _UNUSABLE) for name, value in texts.items() if not is_plain(value or "")]
    if problems:
        raise InvalidRequest(problems, operation="enqueue", order_numbers=[shipment.key])


_SENT = "it was sent, or may have been: correct a wrong tracking number in your seller account"
_UNUSABLE = f"is longer than {LONGEST_KEY} characters, or contains characters that cannot be printed"


def _ensure_free(shipment: Shipment, rows: Sequence[ShipmentTask]) -> None:
    """Raise `ShipmentConflict` if another shipment is recorded for the parcel, or for some of its lines."""
    for row in rows:
        if row.task.state in WITHDRAWN:
            continue
        if row.shipment.parcel == shipment.parcel or overlaps(row.shipment, shipment):
            message = f"another shipment is recorded for these lines (parcel {row.shipment.parcel}), {row.task.state}"
            hint = None if row.task.state in tasks.CANCELLABLE else _SENT
            raise ShipmentConflict(message, order_numbers=[row.task.key], hint=hint)


def _queued(shipment: Shipment, before: ShipmentTask | None, now: datetime) -> ShipmentTask:
    task = new_task(shipment.key, now)
    if before is not None:
        task = evolve(task, version=before.task.version + 1)
    return ShipmentTask(shipment=shipment, task=task)


def _outbox(oms: object) -> ShipmentOutbox:
    if isinstance(oms, ShipmentOutbox):
        return oms
    raise TypeError(f"{type(oms).__name__} keeps no shipments; give outbox=")


def _orders(oms: object) -> OrderRepository[Any] | None:
    """Load the orders from the OMS, if it has them: they show which numbers belong to one order."""
    orders: Any = oms
    return cast("OrderRepository[Any]", orders) if isinstance(oms, OrderRepository) else None
