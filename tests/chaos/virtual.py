"""Whole-system runs in one process on the virtual clock: a crash is an exception at any point of input or output."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random

from attrs import evolve
from sqlalchemy import create_engine, event, select

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.adapters.sql.schema import history
from cdiscount_marketplace.errors import CdiscountError, RefundConflict
from cdiscount_marketplace.offers import OfferTax
from cdiscount_marketplace.oms import OfferPusher, OrderAcceptor, OrderImporter, RefundPusher, ShipmentPusher
from cdiscount_marketplace.oms.ports import ChangeKind, OfferState, TaskState
from cdiscount_marketplace.refunds import RefundKind, RefundReason, RefundRequest
from cdiscount_marketplace.sandbox import effects
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.faults import Fault
from cdiscount_marketplace.sandbox.quirks import Quirk
from cdiscount_marketplace.sandbox.rules import Refused
from cdiscount_marketplace.sandbox.settings import Settings
from cdiscount_marketplace.sandbox.states import State
from chaos.ledger import Ledger
from chaos.reckoning import reckon
from support.io_points import STORE, Fuse, crashing, fused_session
from support.model_channel import Crash
from support.offer_market import whole as whole_offer
from support.shop import AcceptAll, Picky, SkewedClock, parcel
from support.two_channels import OFFER_CALLS, READ_CALLS, REFUND_CALLS, WRITE_CALLS, real_channels

MINUTE = timedelta(minutes=1)
TAXES = tuple(OfferTax(code=code, value=Decimal(20)) for code in ("vat", "ecotax", "deatax"))
JOBS = ("import", "accept", "ship", "ship", "refund", "refund")
PLACED_AT = (State.WAITING_ACCEPTANCE, State.WAITING_ACCEPTANCE, State.WAITING_SHIPMENT)
READS = (
    effects.Delay(30), effects.Reset("before"), effects.Reset("during"), effects.Truncate(), effects.HtmlPage(),
    effects.HttpStatus(503), effects.HttpStatus(500), effects.HttpStatus(429, 5), effects.ServerFault(),
    effects.UnknownElements(), effects.UnknownValues(), effects.MissingElements(), effects.DuplicateReference(),
    effects.NoOrderNumber(), effects.QuotaReached(), effects.SkewDate(), effects.SkewDate(-10 * MINUTE),
    effects.LoseAnswer(), effects.ExpireTokens(), effects.Contradict(), effects.HttpStatus(403),
    effects.HttpStatus(408), effects.HttpStatus(425), effects.SnakeCase(), effects.PagesInCircle(),
)  # fmt: skip
WRITES = (
    effects.LoseAnswer(), effects.LoseAnswer(), effects.ApplyLater(5 * MINUTE), effects.ApplyLater(3 * MINUTE),
    effects.Reset("before"), effects.Reset("during"), effects.Reset("after"), effects.Truncate(),
    effects.HtmlPage(ran=True), effects.HtmlPage(), effects.HttpStatus(500, ran=True), effects.HttpStatus(503),
    effects.HttpStatus(429), effects.ServerFault(ran=True), effects.ServerFault(), effects.ExpireTokens(),
    effects.RejectOrder(), effects.LeaveLine(), effects.OmitResult(), effects.Contradict(), effects.QuotaReached(),
    effects.HttpStatus(403), effects.HttpStatus(408, ran=True), effects.HttpStatus(423),
)  # fmt: skip
# What takes the sandbox long to write is left to tests; without a number, an order cannot be counted.
QUIRKS = tuple(quirk for quirk in Quirk if quirk not in (Quirk.HUGE_TEXT, Quirk.NO_REFERENCE))


class MemoryStore:
    """An OMS in memory, that a crash leaves as its last unit of work left it."""

    def __init__(self, clock, fuse):
        self.oms = MemoryOms(clock=clock)
        self._fuse = fuse

    @contextmanager
    def open(self):
        yield crashing(self.oms, STORE, self._fuse)

    def imports(self):
        return Counter(
            kept.order.number
            for kept in self.oms.orders("shop")
            for change in kept.changes
            if change.kind == ChangeKind.IMPORTED
        )

    def lines(self, number):
        return next(kept.order.lines for kept in self.oms.orders("shop") if number in kept.order.identities)

    def close(self):
        """Nothing is open."""


class SqliteStore:
    """An OMS in a SQLite file, opened anew for each job; crashes strike between any two statements."""

    def __init__(self, folder, clock, fuse):
        self._clock = clock
        self._engine = create_engine(f"sqlite:///{folder}/oms.db")
        event.listen(self._engine, "connect", lambda connection, _: self._on_connect(connection))
        event.listen(self._engine, "before_cursor_execute", lambda *_: fuse.point())
        event.listen(self._engine, "commit", lambda *_: fuse.point())
        self.oms = SqlOms(self._engine, clock=clock)

    def _on_connect(self, connection):
        """Put the database on the virtual clock."""
        connection.create_function("strftime", -1, self._strftime)
        connection.execute("PRAGMA synchronous=OFF")

    def _strftime(self, form, moment, *modifiers):
        seconds = sum(float(modifier.split()[0]) for modifier in modifiers)
        now = self._clock.now() + timedelta(seconds=seconds)
        assert (form, moment) == ("%Y-%m-%dT%H:%M:%f000Z", "now")
        return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}000Z"

    @contextmanager
    def open(self):
        try:
            yield SqlOms(self._engine, clock=self._clock)
        finally:
            # Closes every connection, as the end of a process does; what was not committed is gone.
            self._engine.dispose()

    def imports(self):
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(history.c.number).where(history.c.subject == "order", history.c.event == "imported")
            )
            return Counter(row.number for row in rows)

    def lines(self, number):
        return self.oms.show_order("shop", number).order.lines

    def close(self):
        self._engine.dispose()


class Life:
    """A shop's life for some hours, drawn from one seed; of several APIs, each job speaks one."""

    def __init__(self, seed, folder, apis=("soap",)):
        self.apis = apis
        self.chance = Random(seed)
        self.fuse = Fuse()
        self.quiet = self.chance.random() < 0.2
        self.sandbox = Sandbox(seed, settings=self._settings())
        if self.quiet:
            self.sandbox.settings = self.sandbox.settings.quietly()
        self.clocks = [SkewedClock(self.sandbox.clock, self.chance.randint(-10, 10) * MINUTE) for _ in range(2)]
        stores = (
            (lambda: MemoryStore(self.sandbox.clock, self.fuse)),
            (lambda: SqliteStore(folder, self.sandbox.clock, self.fuse)),
        )
        self.store = self.chance.choice(stores)()
        self.mapper, self.policy = Picky(), AcceptAll()
        self.floor = self.sandbox.clock.now() - timedelta(hours=1)
        self.crashes = 0
        # One client for all: it remembers a token at most, and loading its contract anew would be most of the work.
        self.channels = real_channels(self.sandbox, session=fused_session(self.sandbox, self.fuse))
        self.speaks = apis[0]
        self.jobs = (*JOBS, "offers", "offers") if "octopia" in apis else JOBS

    @property
    def channel(self):
        return self.channels[self.speaks]

    def _settings(self):
        return Settings(
            zone=self.chance.choice(["Europe/Paris", "UTC"]),
            payment_delay=self.chance.choice([2, 20, 200]) * MINUTE,
            shipment_delay=self.chance.choice([1, 20]) * MINUTE,
            clock_skew=self.chance.randint(-10, 10) * MINUTE,
            paid_cancellation=self.chance.choice(["request", "at_once"]),
            unlisted_line=self.chance.choice(["reject", "ignore", "follow"]),
            slow_beyond=self.chance.choice([None, None, 4]),
            octopia_page_limit=self.chance.choice([None, 1, 3]),
            octopia_links=self.chance.choice([True, False]),
        )

    # --- what happens ---------------------------------------------------------------------------------------------

    def live(self, steps=40):
        happenings = [
            self.place,
            self.cancel,
            self.fickle,
            self.quirk,
            *[self.enqueue] * 2,
            *[self.give_back] * 3,
            *[self.offer] * 2,
            *[self.wait] * 3,
            *[self.work] * 7,
        ]
        for _ in range(3):
            self.place()
        self.sell_before()
        for _ in range(steps):
            self.chance.choice(happenings)()
        self.finish()

    def sell_before(self):
        """Begin with orders that are shipped already: their money may be asked back."""
        for _ in range(2):
            self.sandbox.place(state=State.WAITING_SHIPMENT, lines=2)
        for job in ("import", "ship"):
            for _ in range(4):
                self.sandbox.advance(MINUTE)
            with suppress(CdiscountError):
                self.run(job, 0)
            self.enqueue()

    def place(self):
        self.sandbox.place(
            state=self.chance.choice(PLACED_AT),
            lines=self.chance.randint(1, 3),
            fee=self.chance.random() < 0.2,
            duplicate_reference=self.chance.random() < 0.1,
            without_reference=self.chance.random() < 0.1,
        )

    def cancel(self):
        order = self.chance.choice(self.sandbox.orders())
        if self.chance.random() < 0.3:
            with suppress(Refused):
                self.sandbox.cancel_as_customer(order.number)

    def enqueue(self):
        with self.store.open() as oms:
            pusher = ShipmentPusher(self.channel, oms, account="shop", clock=self.sandbox.clock)
            for order in self.sandbox.orders():
                known = self.store.oms.find("shop", [order.number])
                if known and not self.store.oms.find_shipments("shop", order.number):
                    for shipment in self.parcels(order.number):
                        pusher.enqueue(shipment)

    def give_back(self):
        """Ask for money to go back on orders that the OMS has."""
        for order in self.sandbox.orders():
            if self.chance.random() < 0.4 and self.store.oms.find("shop", [order.number]):
                self.give_back_on(order)

    def give_back_on(self, order):
        """Ask for what the order allows, mostly; each gesture has an amount of its own."""
        fitting = [RefundKind.GESTURE, RefundKind.REFUND] if order.state == State.SHIPPED else [RefundKind.CANCELLATION]
        kind = self.chance.choice(fitting if self.chance.random() < 0.9 else RefundKind.values())
        if kind == RefundKind.CANCELLATION and self.chance.random() < 0.7:
            return
        gesture = kind == RefundKind.GESTURE
        request = RefundRequest(
            key=order.number,
            kind=kind,
            reason=RefundReason.LATE_DELIVERY if gesture else RefundReason.OUT_OF_STOCK,
            amount=Decimal(self.chance.randint(1, 99)) / 100 if gesture else None,
        )
        with self.store.open() as oms, suppress(RefundConflict):
            RefundPusher(self.channel, oms, account="shop", clock=self.sandbox.clock).enqueue(request)

    def offer(self):
        """Put the newest stock of some offers; a few are not whole, or not known."""
        if "octopia" not in self.apis:
            return
        with self.store.open() as oms:
            pusher = OfferPusher(self.channels["octopia"], oms, account="shop", clock=self.sandbox.clock)
            for number in self.chance.sample(range(6), 3):
                quantity = self.chance.randint(0, 99)
                known = self.store.oms.find_offers("shop", [f"SKU-{number}"])
                if known or self.chance.random() < 0.2:
                    pusher.put(f"SKU-{number}", quantity=quantity)
                else:
                    pusher.put_many([evolve(whole_offer(f"SKU-{number}", quantity), taxes=TAXES)])

    def parcels(self, number):
        """Report an order as a whole, or one of its lines before the others."""
        ids = [line.line_id for line in self.store.lines(number)]
        if len(ids) < 2 or None in ids or self.chance.random() < 0.6:
            return [parcel(number)]
        rest = ids[1:] if self.chance.random() < 0.5 else None
        return [parcel(number, "6A1", lines=ids[:1]), parcel(number, "6A2", lines=rest)]

    def fickle(self):
        self.mapper.refused ^= {self.chance.choice(self.sandbox.orders()).number}

    def quirk(self):
        """Let the marketplace tell oddly, or plainly again, of an order."""
        order = self.chance.choice(self.sandbox.orders())
        self.sandbox.set_quirks(order.number, *self.chance.sample(QUIRKS, self.chance.choice([0, 1, 1, 2])))

    def wait(self):
        for _ in range(self.chance.choice([0, 1, 2, 5, 15, 60])):
            self.sandbox.advance(MINUTE)

    def work(self):
        if len(self.apis) > 1:
            self.speaks = self.chance.choice(self.apis)
        for _ in range(self.chance.randint(0, 2)):
            self.inject(READS, READ_CALLS[self.speaks])
            self.inject(WRITES, WRITE_CALLS[self.speaks])
            self.inject(WRITES, REFUND_CALLS[self.speaks])
            self.inject(WRITES, OFFER_CALLS)
        self.fuse.left = self.chance.choice([None, None, self.chance.randint(0, 120)])
        try:
            self.run(self.chance.choice(self.jobs), self.chance.randrange(2))
        except Crash:
            self.crashes += 1
        except CdiscountError:
            pass
        self.fuse.left = None
        self.sandbox.faults.clear()

    def inject(self, kinds, operations):
        effect, skip = self.chance.choice(kinds), self.chance.choice([0, 0, 1])
        for operation in filter(partial(effects.reaches, effect), operations):
            self.sandbox.inject(Fault(effect, on=operation, skip=skip))

    def run(self, job, worker):
        with self.store.open() as oms:
            return self.job(job, oms, worker).run()

    def job(self, job, oms, worker):
        common = {"account": "shop", "clock": self.clocks[worker]}
        if job == "ship":
            return ShipmentPusher(self.channel, oms, **common)
        if job == "refund":
            return RefundPusher(self.channel, oms, **common)
        if job == "offers":
            return OfferPusher(self.channels["octopia"], oms, **common)
        if job == "accept":
            return OrderAcceptor(self.channel, oms, policy=self.policy, **common)
        mapper = Checking(self.mapper, oms)
        return OrderImporter(self.channel, oms, start_from=self.floor, mapper=mapper, **common)

    def finish(self):
        """Stop all trouble and let everything run out: leases, payments, pauses, and the time to the next sweep."""
        self.mapper.refused.clear()
        for order in self.sandbox.orders():
            self.sandbox.set_quirks(order.number)
        self.sandbox.settings = evolve(self.sandbox.settings, slow_beyond=None)
        self.rest(30, "import", "accept", "ship", "refund")
        self.rest(230, "import", "accept", "ship", "refund")
        for _ in range(40):
            if self.settled():
                break
            self.rest(10, "accept", "ship", "refund", *self.jobs[len(JOBS) :])
        self.rest(400, "import")

    def rest(self, minutes, *jobs):
        for _ in range(minutes // 5):
            self.sandbox.advance(5 * MINUTE)
        for job in jobs:
            self.run(job, 0)

    def settled(self):
        open_ones = (TaskState.PENDING, TaskState.SENDING, TaskState.UNKNOWN)
        oms = self.store.oms
        return not (
            oms.list_shipments("shop", open_ones)
            or oms.list_decisions("shop", open_ones)
            or oms.list_refunds("shop", open_ones)
            or oms.count_offers("shop", (OfferState.PENDING, OfferState.SENT))
        )

    def reckon(self):
        ledger = reckon(self.sandbox, self.store.oms, self.store.imports(), traces=not self.quiet)
        ledger.events["runs"] += 1
        ledger.events["crashes"] += self.crashes
        return ledger


class Checking:
    """The store's own mapper, behind one that refuses."""

    def __init__(self, picky, oms):
        self.picky, self.oms = picky, oms

    def map(self, order, company):
        self.picky.map(order, company)
        return self.oms.map(order, company) if isinstance(self.oms, SqlOms) else order


def live_once(seed: int, apis: tuple[str, ...] = ("soap",)) -> Ledger:
    """Live one life, and reckon."""
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="chaos-", dir=shm if shm.is_dir() else None) as folder:
        life = Life(seed, folder, apis)
        try:
            life.live()
            return life.reckon()
        finally:
            life.store.close()
