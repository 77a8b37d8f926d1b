"""Real processes over HTTP: two workers on one account, SIGKILL at random moments, on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.adapters.sql.schema import history
from cdiscount_marketplace.oms.ports import TaskState
from cdiscount_marketplace.sandbox import effects
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.faults import Fault
from cdiscount_marketplace.sandbox.quirks import Quirk
from cdiscount_marketplace.sandbox.rules import Refused
from cdiscount_marketplace.sandbox.server import SandboxServer
from cdiscount_marketplace.sandbox.settings import Settings
from cdiscount_marketplace.sandbox.states import State
from chaos.ledger import Ledger
from chaos.reckoning import reckon
from support.postgres import postgresql_schema
from support.two_channels import READ_CALLS, WRITE_CALLS

PATIENCE = 200
OPEN = (TaskState.PENDING, TaskState.SENDING, TaskState.UNKNOWN)
FAULTS = (
    effects.LoseAnswer(0.6), effects.ApplyLater(timedelta(seconds=2), 0.6), effects.Reset("during"),
    effects.Reset("after"), effects.Reset("before"), effects.HttpStatus(500, ran=True), effects.HttpStatus(503),
    effects.ServerFault(ran=True), effects.ServerFault(), effects.Truncate(), effects.ExpireTokens(),
    effects.Delay(0.3), effects.OmitResult(), effects.HttpStatus(403), effects.HttpStatus(425), effects.EarlyHints(2),
)  # fmt: skip
# What only comes into the quarantine is tried again after longer than a run takes.
QUIRKS = (
    Quirk.FORBIDDEN, Quirk.MISSING, Quirk.UNKNOWN_STATE, Quirk.NO_STATE, Quirk.ODD_SPELLING, Quirk.CONTROL_CHARACTER,
    Quirk.BAD_BYTE, Quirk.PLACEHOLDERS,
)  # fmt: skip


class Front:
    """One run: a server, two workers, and somebody who kills them."""

    def __init__(self, seed, database, kills, apis):
        self.chance = Random(seed)
        self.apis = apis
        self.kills = kills
        self.killed = 0
        self.database = database
        seconds = timedelta(seconds=1)
        settings = Settings(
            payment_delay=seconds,
            shipment_delay=seconds,
            octopia_write_delay=seconds / 2,
            paid_cancellation="at_once",
        )
        self.sandbox = Sandbox(seed, settings=settings, live=True)
        self.oms = SqlOms(database)

    def fight(self):
        with SandboxServer(self.sandbox) as server, _workers(2) as workers:
            for slot in range(2):
                workers[slot] = self._start(server.environment)
            while self.killed < self.kills:
                self._trouble()
                self._await_traffic()
                time.sleep(self.chance.uniform(0, 1.5))
                self._kill(workers, self.chance.randrange(2), server.environment)
            self.sandbox.faults.clear()
            for order in self.sandbox.orders():
                self.sandbox.set_quirks(order.number)
            self._await_calm()
            self._end(workers)

    def _start(self, account):
        """Start a worker; of several APIs, the next one takes over with each kill."""
        api = self.apis[self.killed % len(self.apis)]
        command = [sys.executable, "-m", "chaos.worker", api, self.database, self._floor()]
        environment = {**os.environ, **account, "PYTHONPATH": str(Path(__file__).parent.parent)}
        return subprocess.Popen(command, env=environment)

    def _floor(self):
        return (datetime.now(UTC) - timedelta(hours=1)).isoformat()

    def _trouble(self):
        for _ in range(self.chance.randint(1, 4)):
            state = self.chance.choice([State.WAITING_ACCEPTANCE, State.WAITING_SHIPMENT])
            order = self.sandbox.place(state=state, lines=self.chance.randint(1, 3))
            if self.chance.random() < 0.2:
                self.sandbox.set_quirks(order.number, self.chance.choice(QUIRKS))
            if self.chance.random() < 0.1:
                with suppress(Refused):
                    self.sandbox.cancel_as_customer(order.number)
        for _ in range(self.chance.randint(1, 4)):
            api = self.chance.choice(self.apis)
            operation = self.chance.choice([*READ_CALLS[api], *WRITE_CALLS[api] * 2])
            effect, skip = self.chance.choice(FAULTS), self.chance.randint(0, 1)
            if effects.reaches(effect, operation):
                self.sandbox.inject(Fault(effect, on=operation, skip=skip))

    def _kill(self, workers, slot, account):
        workers[slot].send_signal(signal.SIGKILL)
        workers[slot].wait()
        self.killed += 1
        workers[slot] = self._start(account)

    def _await_traffic(self):
        """Let the workers get to work, so that a kill meets one at it."""
        before, until = self.sandbox.calls()[-1:], time.monotonic() + 20
        while time.monotonic() < until and self.sandbox.calls()[-1:] == before:
            time.sleep(0.02)

    def _await_calm(self):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not self._calm():
            time.sleep(0.5)

    def _calm(self):
        with suppress(Exception):  # the tables may not be there yet, or locked
            waiting = self.sandbox.orders(State.WAITING_ACCEPTANCE, State.ACCEPTED, State.PAYMENT)
            ready = self.sandbox.orders(State.WAITING_SHIPMENT)
            known = all(self.oms.find_shipments("shop", order.number) for order in ready)
            # Asked of the marketplace: the OMS, which hears of a shipment a moment later, gives back only then.
            imported = {order.number for order in self.oms.list_orders("shop")}
            shipped = {order.number for order in self.sandbox.orders(State.SHIPPED)} & imported
            refunded = all(self.oms.find_refunds("shop", number) for number in shipped)
            # Asked last: a shipment or a refund may be enqueued between the questions.
            tasks = (self.oms.list_shipments, self.oms.list_decisions, self.oms.list_refunds)
            unsettled = any(listed("shop", OPEN) for listed in tasks)
            return not waiting and known and refunded and not unsettled
        return False

    def _end(self, workers):
        for worker in workers:
            worker.terminate()
        codes = [worker.wait(timeout=30) for worker in workers]
        # One that is still starting has nothing to end in good order yet.
        assert set(codes) <= {0, -signal.SIGTERM}, f"SIGTERM did not end the workers in good order: {codes}"

    def reckon(self):
        ledger = reckon(self.sandbox, self.oms, self._imports(), traces=True)
        ledger.events.update(runs=1, kills=self.killed)
        return ledger

    def _imports(self):
        with self.oms._database.engine.connect() as connection:
            rows = connection.execute(
                select(history.c.number).where(history.c.subject == "order", history.c.event == "imported")
            )
            return Counter(row.number for row in rows)


@contextmanager
def _workers(count):
    """Keep processes, and leave none behind."""
    workers = [None] * count
    try:
        yield workers
    finally:
        for worker in workers:
            if worker is not None and worker.poll() is None:
                worker.kill()
                worker.wait()


@contextmanager
def _database(server):
    """Give an empty database: a schema on the PostgreSQL server, or a SQLite file where there is none."""
    if server is not None:
        with postgresql_schema(server) as url:
            yield url
        return
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        yield f"sqlite:///{folder}/oms.db"


def fight_once(seed: int, server: str | None, kills: int = 3, apis: tuple[str, ...] = ("soap",)) -> Ledger:
    """Fight once, and reckon; of several APIs, the account changes from one to the next with each kill."""
    with _database(server) as database:
        front = Front(seed, database, kills, apis)
        try:
            front.fight()
            return front.reckon()
        finally:
            front.oms.close()
