"""All jobs, any interleaving, any crash and any fault: nothing lost, nothing doubled."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.errors import CdiscountError, ShipmentConflict
from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms import Ending, OrderAcceptor, OrderImporter, ShipmentPusher
from cdiscount_marketplace.oms.ports import ChangeKind, TaskState
from support.io_points import CHANNEL, STORE, Fuse, crashing
from support.model_channel import START, Crash, ModelChannel, ModelMarket
from support.shop import AcceptAll, Picky, SkewedClock, parcel

S = OrderStatus
MINUTE = timedelta(minutes=1)
CRASH = st.none() | st.none() | st.integers(0, 60)
NEXT = {
    S.WAITING_ACCEPTANCE: (S.ACCEPTED, S.CANCELLED),
    S.ACCEPTED: (S.PROCESSING,),
    S.PROCESSING: (S.WAITING_SHIPMENT, S.CANCELLED),
    S.WAITING_SHIPMENT: (S.SHIPPED, S.CANCELLED, S.SHIPMENT_REFUSED),
    S.SHIPPED: (S.DELIVERED,),
}
READ_FAULTS = ("timeout", "lost", "quota")
WRITE_FAULTS = ("late", "late", "lost", "lost_after", "retryable", "quota")


class Erp:
    """A repository that shares no transaction with anything."""

    def __init__(self, inner):
        self.find, self.save = inner.find, inner.save


class Machine(RuleBasedStateMachine):
    """A marketplace that lives its life, and workers that run their jobs on it."""

    @initialize(
        cursor=st.sampled_from(["modified", "created"]),
        dated=st.booleans(),
        erp=st.booleans(),
        skews=st.tuples(*[st.integers(-10, 10)] * 2),
    )
    def begin(self, cursor, dated, erp, skews):
        self.market = ModelMarket()
        self.fuse = Fuse()
        self.faults = {"read": [], "write": []}
        self.raw = ModelChannel(self.market, dates_answers=dated, fault=self._fault)
        self.store = MemoryOms(clock=self.market.clock)
        self.orders = MemoryOms(clock=self.market.clock) if erp else self.store
        self.cursor, self.erp = cursor, erp
        self.clocks = [SkewedClock(self.market.clock, skew * MINUTE) for skew in skews]
        self.mapper, self.policy = Picky(), AcceptAll()
        self.seen_waiting = set()

    def _fault(self, call):
        waiting = self.faults["read" if call in {"fetch", "get"} else "write"]
        return waiting.pop(0) if waiting else None

    # --- the marketplace ------------------------------------------------------------------------------------------

    @rule(status=st.sampled_from([S.WAITING_ACCEPTANCE, S.PROCESSING, S.WAITING_SHIPMENT]))
    def an_order_appears(self, status):
        self.market.place(f"order-{len(self.market.book)}", status)

    @precondition(lambda self: self.market.book)
    @rule(data=st.data(), stamp=st.booleans())
    def an_order_moves(self, data, stamp):
        number = data.draw(st.sampled_from(sorted(self.market.book)))
        onward = NEXT.get(self.market.book[number].order.status)
        if onward:
            self.market.move(number, data.draw(st.sampled_from(onward)), stamp=stamp)

    @precondition(lambda self: self.market.book)
    @rule(data=st.data(), stamp=st.booleans())
    def an_order_is_edited(self, data, stamp):
        number = data.draw(st.sampled_from(sorted(self.market.book)))
        self.market.edit(number, f"title {len(self.raw.calls)}", stamp=stamp)

    @rule(minutes=st.sampled_from([1, 2, 3, 4, 5, 5, 11, 15, 60, 400]))
    def time_passes(self, minutes):
        for _ in range(minutes):
            self.market.advance(MINUTE)

    # --- the OMS --------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.market.book)
    @rule(data=st.data())
    def a_parcel_leaves(self, data):
        self._enqueue(data.draw(st.sampled_from(sorted(self.market.book))))

    @rule()
    def all_that_waits_leaves(self):
        for number, kept in self.market.book.items():
            if kept.order.status == S.WAITING_SHIPMENT:
                self._enqueue(number)

    @precondition(lambda self: self.market.book)
    @rule(data=st.data())
    def the_catalogue_changes(self, data):
        self.mapper.refused ^= {data.draw(st.sampled_from(sorted(self.market.book)))}

    @rule(worker=st.integers(0, 1), faults=st.lists(st.sampled_from(READ_FAULTS), max_size=3), crash=CRASH)
    def an_import_runs(self, worker, faults, crash):
        self._run("import", worker, faults, [], crash)

    @rule(
        job=st.sampled_from(["ship", "ship", "accept"]),
        worker=st.integers(0, 1),
        faults=st.lists(st.sampled_from(WRITE_FAULTS), max_size=3),
        read_faults=st.lists(st.sampled_from(READ_FAULTS), max_size=1),
        crash=CRASH,
    )
    def a_sending_job_runs(self, job, worker, faults, read_faults, crash):
        self._run(job, worker, read_faults, faults, crash)

    @precondition(lambda self: any(kept.order.status == S.WAITING_SHIPMENT for kept in self.market.book.values()))
    @rule(
        first=st.lists(st.sampled_from(WRITE_FAULTS), min_size=1, max_size=3),
        pauses=st.lists(st.sampled_from([0, 0, 1, 2, 4, 4]), min_size=2, max_size=6),
        crash=CRASH,
    )
    def two_workers_push_in_turn(self, first, pauses, crash):
        self.all_that_waits_leaves()
        self._run("ship", 0, [], first, crash)
        for turn, minutes in enumerate(pauses):
            self.time_passes(minutes)
            self._run("ship", (turn + 1) % 2, [], [], None)

    def _run(self, job, worker, reads, writes, crash):
        self.faults = {"read": [*reads], "write": [*writes]}
        self.fuse.left = crash
        with suppress(Crash, CdiscountError):
            self._run_through(job, worker)
        self.faults = {"read": [], "write": []}
        self.fuse.left = None

    def _run_through(self, job, worker):
        """Run a job; what a run that came to its end was shown as waiting must be in the OMS for good."""
        for kept in self.market.book.values():
            kept.shown_waiting = False
        self._job(job, worker).run()
        if job == "import":
            self.seen_waiting |= {number for number, kept in self.market.book.items() if kept.shown_waiting}

    def _job(self, job, worker):
        channel = crashing(self.raw, CHANNEL, self.fuse)
        store = crashing(self.store, STORE, self.fuse)
        common = {"account": "shop", "clock": self.clocks[worker], "owner": f"worker-{worker}"}
        if job == "ship":
            return ShipmentPusher(channel, store, **common)
        if job == "accept":
            return OrderAcceptor(channel, store, policy=self.policy, **common)
        repository = Erp(crashing(self.orders, STORE, self.fuse)) if self.erp else store
        return OrderImporter(
            channel,
            store,
            **common,
            repository=repository,
            mapper=self.mapper,
            start_from=START - timedelta(days=1),
            cursor=self.cursor,
            lookback=timedelta(minutes=30),
        )

    def _enqueue(self, number):
        try:
            ShipmentPusher(self.raw, self.store, account="shop", clock=self.clocks[0]).enqueue(parcel(number))
        except ShipmentConflict:
            raise AssertionError("the same shipment conflicts with itself") from None

    # --- what must hold -------------------------------------------------------------------------------------------

    def teardown(self):
        if not hasattr(self, "market"):
            return
        self._let_it_finish()
        self._check_orders()
        self._check_shipments()
        self._check_decisions()
        self._check_that_running_again_changes_nothing()

    def _let_it_finish(self):
        """Stop all faults, let leases and pauses run out, and sweep once more."""
        self.mapper.refused.clear()
        for minutes in (30, *[10] * 14, 400, 30):
            self.time_passes(minutes)
            for job in ("import", "accept", "ship"):
                assert self._job(job, 0).run().ended_by == Ending.DONE

    def _check_orders(self):
        imported = Counter(
            kept.order.number
            for kept in self.orders.orders("shop")
            for change in kept.changes
            if change.kind == ChangeKind.IMPORTED
        )
        assert not self.store.list_quarantine("shop")
        assert all(count == 1 for count in imported.values()), imported
        unseen = {order.key for order in self.store.list_unseen("shop")}
        for number, kept in self.market.book.items():
            if number in self.seen_waiting or kept.order.status == S.WAITING_SHIPMENT:
                assert imported[number] == 1, f"{number} was lost"
            if kept.passed_with_stamp and self.cursor == "modified":
                assert imported[number] or number in unseen, f"{number} passed without a trace"

    def _check_shipments(self):
        for number, kept in self.market.book.items():
            assert len(kept.shipped) <= 1, f"{number} was shipped {len(kept.shipped)} times"
        for row in self.store.list_shipments("shop"):
            kept = self.market.book[row.task.key]
            gone = kept.order.status in {S.SHIPPED, S.DELIVERED}
            if kept.order.status in {S.WAITING_ACCEPTANCE, S.ACCEPTED, S.PROCESSING}:
                assert row.task.state in {TaskState.PENDING, TaskState.STUCK}, row
            else:
                assert row.task.state in {TaskState.CONFIRMED, TaskState.REJECTED, TaskState.STUCK}, row
            assert row.task.state == TaskState.CONFIRMED if gone else not kept.shipped, row

    def _check_decisions(self):
        asked = Counter(self.policy.asked)
        for number, kept in self.market.book.items():
            assert len(kept.decided) <= 1
            assert asked[number] <= 2, "asked again although the decision was stored"
            assert kept.order.status != S.WAITING_ACCEPTANCE or self._stuck(number)
        for row in self.store.list_decisions("shop"):
            assert row.task.state in {TaskState.CONFIRMED, TaskState.REJECTED, TaskState.STUCK}, row

    def _stuck(self, number):
        return self.store.find_decision("shop", number).task.state == TaskState.STUCK

    def _check_that_running_again_changes_nothing(self):
        before = self._contents()
        for job in ("import", "accept", "ship"):
            self._job(job, 1).run()
        assert self._contents() == before

    def _contents(self):
        pending = {TaskState.PENDING}
        return (
            self.orders.orders("shop"),
            self.store.list_quarantine("shop"),
            self.store.list_unseen("shop"),
            [row for row in self.store.list_shipments("shop") if row.task.state not in pending],
            self.store.list_decisions("shop"),
        )


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=int(os.environ.get("CDISCOUNT_EXAMPLES", "60")),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
