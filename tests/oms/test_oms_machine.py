"""All jobs, any interleaving, any crash and any fault: nothing lost, nothing doubled."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.errors import CdiscountError, ShipmentConflict
from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms import Ending, OrderAcceptor, OrderImporter, ShipmentPusher
from cdiscount_marketplace.oms.ports import ChangeKind, TaskState
from cdiscount_marketplace.sandbox import Settings
from support.io_points import STORE, Fuse, crashing
from support.model_channel import Crash
from support.shop import AcceptAll, Picky, SkewedClock, parcel
from support.two_channels import CHANNELS
from support.worlds import ModelWorld, SandboxWorld

# Slow, and slower still on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

S = OrderStatus
MINUTE = timedelta(minutes=1)
CRASH = st.none() | st.none() | st.integers(0, 60)
READ_FAULTS = ("timeout", "lost", "quota")
WRITE_FAULTS = ("late", "late", "lost", "lost_after", "retryable", "quota")


class Erp:
    """A repository that shares no transaction with anything."""

    def __init__(self, inner):
        self.find, self.save = inner.find, inner.save


class Watched:
    """A channel of which it is known which orders it showed as waiting."""

    def __init__(self, inner):
        self.inner, self.waiting = inner, set()

    def fetch(self, query):
        found = self.inner.fetch(query)
        self.waiting |= {order.number for order in found if order.status == S.WAITING_SHIPMENT}
        return found

    def __getattr__(self, name):
        return getattr(self.inner, name)


class Machine(RuleBasedStateMachine):
    """A marketplace that lives its life, and workers that run their jobs on it."""

    def new_world(self, data):
        raise NotImplementedError

    @initialize(
        data=st.data(),
        cursor=st.sampled_from(["modified", "created"]),
        erp=st.booleans(),
        skews=st.tuples(*[st.integers(-10, 10)] * 2),
    )
    def begin(self, data, cursor, erp, skews):
        self.fuse = Fuse()
        self.world = self.new_world(data)
        clock = self.world.clock
        self.store = MemoryOms(clock=clock)
        self.orders = MemoryOms(clock=clock) if erp else self.store
        self.cursor, self.erp = cursor, erp
        self.clocks = [SkewedClock(clock, skew * MINUTE) for skew in skews]
        self.mapper, self.policy = Picky(), AcceptAll()
        self.seen_waiting = set()

    def numbers(self, *statuses):
        """Return the orders in these states, or all."""
        return sorted(fact.number for fact in self.world.facts() if not statuses or fact.status in statuses)

    # --- the marketplace ------------------------------------------------------------------------------------------

    @rule(status=st.sampled_from([S.WAITING_ACCEPTANCE, S.PROCESSING, S.WAITING_SHIPMENT]))
    def an_order_appears(self, status):
        self.world.place(status)

    @precondition(numbers)
    @rule(data=st.data(), stamp=st.booleans())
    def an_order_moves(self, data, stamp):
        number = data.draw(st.sampled_from(self.numbers()))
        onward = self.world.moves(number)
        if onward:
            self.world.move(number, data.draw(st.sampled_from(onward)), stamp=stamp)

    @precondition(numbers)
    @rule(data=st.data(), stamp=st.booleans())
    def an_order_is_edited(self, data, stamp):
        self.world.edit(data.draw(st.sampled_from(self.numbers())), stamp=stamp)

    @rule(minutes=st.sampled_from([1, 2, 3, 4, 5, 5, 11, 15, 60, 400]))
    def time_passes(self, minutes):
        for _ in range(minutes):
            self.world.pass_minute()

    # --- the OMS --------------------------------------------------------------------------------------------------

    @precondition(numbers)
    @rule(data=st.data())
    def a_parcel_leaves(self, data):
        self._enqueue(data.draw(st.sampled_from(self.numbers())))

    @rule()
    def all_that_waits_leaves(self):
        for number in self.numbers(S.WAITING_SHIPMENT):
            self._enqueue(number)

    @precondition(numbers)
    @rule(data=st.data())
    def the_catalogue_changes(self, data):
        self.mapper.refused ^= {data.draw(st.sampled_from(self.numbers()))}

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

    @precondition(lambda self: self.numbers(S.WAITING_SHIPMENT))
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
        self.world.arm(reads, writes)
        self.fuse.left = crash
        with suppress(Crash, CdiscountError):
            self._run_through(job, worker)
        self.world.arm([], [])
        self.fuse.left = None

    def _run_through(self, job, worker):
        """Run a job; what a run that came to its end was shown as waiting must be in the OMS for good."""
        channel = Watched(self.world.channel)
        self._job(job, worker, channel).run()
        if job == "import":
            self.seen_waiting |= channel.waiting

    def _job(self, job, worker, channel=None):
        channel = channel or self.world.channel
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
            start_from=self.world.start - timedelta(days=1),
            cursor=self.cursor,
            lookback=timedelta(minutes=30),
        )

    def _enqueue(self, number):
        try:
            ShipmentPusher(self.world.channel, self.store, account="shop", clock=self.clocks[0]).enqueue(parcel(number))
        except ShipmentConflict:
            raise AssertionError("the same shipment conflicts with itself") from None

    # --- what must hold -------------------------------------------------------------------------------------------

    def teardown(self):
        if not hasattr(self, "world"):
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
        unseen = {identity for order in self.store.list_unseen("shop") for identity in order.identities}
        for fact in self.world.facts():
            if fact.number in self.seen_waiting or fact.status == S.WAITING_SHIPMENT:
                assert imported[fact.number] == 1, f"{fact.number} was lost"
            if fact.passed and self.cursor == "modified":
                assert imported[fact.number] or fact.number in unseen, f"{fact.number} passed without a trace"

    def _check_shipments(self):
        facts = {fact.number: fact for fact in self.world.facts()}
        for fact in facts.values():
            assert fact.shipped <= 1, f"{fact.number} was shipped {fact.shipped} times"
        for row in self.store.list_shipments("shop"):
            fact = facts[row.task.key]
            gone = fact.status in {S.SHIPPED, S.DELIVERED}
            if fact.status in {S.WAITING_ACCEPTANCE, S.ACCEPTED, S.PROCESSING}:
                assert row.task.state in {TaskState.PENDING, TaskState.STUCK}, row
            else:
                assert row.task.state in {TaskState.CONFIRMED, TaskState.REJECTED, TaskState.STUCK}, row
            assert (row.task.state == TaskState.CONFIRMED) == gone, row
            assert gone or not fact.shipped, row

    def _check_decisions(self):
        asked = Counter(self.policy.asked)
        for fact in self.world.facts():
            assert fact.decided <= 1
            assert asked[fact.number] <= 2, "asked again although the decision was stored"
            assert fact.status != S.WAITING_ACCEPTANCE or self._stuck(fact.number)
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


class ModelMachine(Machine):
    """Over a model that ships an order twice when asked twice: what guards is the job alone."""

    def new_world(self, data):
        return ModelWorld(self.fuse, dates_answers=data.draw(st.booleans()))


class SoapMachine(Machine):
    """Over the real SOAP channel."""

    speaks = "soap"

    def new_world(self, data):
        settings = Settings(
            paid_cancellation=data.draw(st.sampled_from(["request", "at_once"])),
            octopia_write_delay=data.draw(st.sampled_from([2, 29 * 60])) * timedelta(seconds=1),
        )
        return SandboxWorld(self.fuse, speaks=self.speaks, settings=settings)


class OctopiaMachine(SoapMachine):
    """Over the real Octopia channel."""

    speaks = "octopia"


class SwitchingMachine(SoapMachine):
    """Over an account that changes its channel in the middle of everything."""

    @rule(speaks=st.sampled_from(CHANNELS))
    def the_channel_is_changed(self, speaks):
        self.world.speaks = speaks


def lives(machine, examples):
    """Return the test that lets a machine live; CDISCOUNT_EXAMPLES sets how often."""
    test = machine.TestCase
    test.settings = settings(
        max_examples=int(os.environ.get("CDISCOUNT_EXAMPLES", examples)),
        stateful_step_count=40,
        suppress_health_check=list(HealthCheck),
    )
    return test


TestModelMachine = lives(ModelMachine, 60)
TestSoapMachine = lives(SoapMachine, 20)
TestOctopiaMachine = lives(OctopiaMachine, 20)
TestSwitchingMachine = lives(SwitchingMachine, 20)
