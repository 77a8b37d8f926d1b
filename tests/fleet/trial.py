"""A fleet on Celery under fire: a real broker, PostgreSQL, worker processes that die, accounts that change meanwhile.

`python -m fleet.trial`, with `tests` on the path, prints what happened; the exit code is 1 if anything was lost,
doubled or starved.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from attrs import define, evolve, field, frozen

from cdiscount_marketplace.adapters.sql import SqlAccountRegistry, SqlOms
from cdiscount_marketplace.oms.ports import Account, FileCredentials, JobName, JobPeriod
from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.sandbox.app import SERVICE_PATH, TOKEN_PATH
from cdiscount_marketplace.sandbox.core import LOGIN, PASSWORD
from fleet.outcome import Outcome, reckon
from fleet.services import Broker, broker, marketplaces, redis_program
from support.postgres import postgresql_schema, postgresql_server

TESTS = Path(__file__).resolve().parent.parent
# How long the last orders may take once the fire is over, in seconds.
PATIENCE = 180
# Longer than a lease, so that others go on meanwhile.
FROZEN = 7.0
# An account that is removed.
LEAVER = "leaver"


@frozen
class Rest:
    """When an account was taken out of work, and when it came back."""

    account: str
    begun: datetime
    ended: datetime | None = None


@define
class Trial:
    """One trial: who sells, who works, and who makes trouble."""

    database: str
    broker: Broker
    base_url: str
    sandboxes: dict[str, Sandbox]
    folder: Path
    period: timedelta
    chance: Random
    effect: timedelta
    placed: dict[str, tuple[str, datetime]] = field(factory=dict)
    rests: list[Rest] = field(factory=list)
    processes: list[subprocess.Popen[bytes]] = field(factory=list)
    kills: int = 0

    def run(self, seconds: float, kills: int) -> Outcome:
        """Let customers order while workers die and accounts change; then wait for the rest, and reckon."""
        with SqlAccountRegistry(self.database) as registry, SqlOms(self.database) as oms:
            oms.ensure_open()
            # The last one joins later, with a password that is mended later still; the leaver has no orders.
            for name in [*self.sellers[:-1], LEAVER]:
                registry.save_account(self._account(name, PASSWORD))
            begun = datetime.now(UTC)
            try:
                self._start_all()
                self._fire(registry, seconds, kills)
                ended = datetime.now(UTC)
                self._await_rest(oms)
            finally:
                self._end_all()
            return reckon(self, registry, begun, ended)

    @property
    def sellers(self) -> list[str]:
        """The names of all accounts that customers order from."""
        return [name for name in self.sandboxes if name != LEAVER]

    @property
    def held_up(self) -> set[str]:
        """The accounts that are disabled or locked for a while, and so wait for a person."""
        return {self.sellers[0], self.sellers[-1], LEAVER}

    def output(self) -> str:
        """Return what the workers and beat printed."""
        return "".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))

    def _account(self, name: str, password: str) -> Account:
        path = self.folder / f"{name}.env"
        path.write_text(f"CDISCOUNT_USERNAME={LOGIN}\nCDISCOUNT_PASSWORD={password}\n")
        return Account(
            name=name,
            channel="soap",
            credentials=FileCredentials(path=str(path)),
            service_url=f"{self.base_url}/{name}{SERVICE_PATH}",
            token_url=f"{self.base_url}/{name}{TOKEN_PATH}",
            start_from=datetime.now(UTC) - timedelta(hours=1),
            jobs=tuple(JobPeriod(job=job, every=self.period) for job in (JobName.IMPORT, JobName.SHIP)),
        )

    def _start_all(self) -> None:
        self.processes = [self._worker(), self._worker(), self._celery("beat", "-s", str(self.folder / "beat"))]

    def _worker(self) -> subprocess.Popen[bytes]:
        # One that lives on under the same name would hear what is said to another.
        name = f"{self.kills}-{self.chance.randrange(10**9)}@trial"
        return self._celery("worker", "-c", "2", "-n", name)

    def _celery(self, *arguments: str) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(TESTS),
            "TRIAL_DATABASE": self.database,
            "TRIAL_BROKER": self.broker.url,
            "C_FORCE_ROOT": "1",
        }
        command = [sys.executable, "-m", "celery", "-A", "fleet.trial_app", *arguments, "-l", "WARNING"]
        with (self.folder / f"{arguments[0]}.log").open("ab") as log:
            return subprocess.Popen(
                command, env=environment, cwd=self.folder, start_new_session=True, stdout=log, stderr=log
            )

    def _fire(self, registry: SqlAccountRegistry, seconds: float, kills: int) -> None:
        trouble = self._trouble(registry, seconds, kills)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._place(self.chance.choice(self.sellers))
            while trouble and time.monotonic() > trouble[0][0]:
                trouble.pop(0)[1]()
            time.sleep(seconds / (5 * len(self.sellers)))
        for _, happen in trouble:
            happen()

    def _trouble(
        self, registry: SqlAccountRegistry, seconds: float, kills: int
    ) -> list[tuple[float, Callable[[], None]]]:
        """Return what happens when."""
        begin = time.monotonic()
        frozen = begin + 0.3 * seconds
        changes = self._changes(registry)
        moments: list[tuple[float, Callable[[], None]]] = [
            *((begin + self.chance.uniform(0.2, 0.9) * seconds, self._kill) for _ in range(kills)),
            *((begin + seconds * part / 5, changes.__next__) for part in range(1, 5)),
            (begin + 0.6 * seconds, self.broker.restart),
            (frozen, lambda: self._signal(0, signal.SIGSTOP)),
            (frozen + FROZEN, lambda: self._signal(0, signal.SIGCONT)),
        ]
        return sorted(moments, key=lambda moment: moment[0])

    def _changes(self, registry: SqlAccountRegistry) -> Generator[None]:
        """Change accounts while the fleet works; none may lose an order by it."""
        first, last = self.sellers[0], self.sellers[-1]
        registry.save_account(self._account(last, "wrong"))
        yield
        registry.save_account(evolve(self._account(first, PASSWORD), enabled=False))
        registry.remove_account(LEAVER)
        self.rests = [Rest(first, datetime.now(UTC)), Rest(LEAVER, datetime.now(UTC))]
        yield
        registry.save_account(evolve(self._account(last, PASSWORD), seller_id="1"))
        yield
        self.rests[0] = evolve(self.rests[0], ended=datetime.now(UTC))
        registry.save_account(self._account(first, PASSWORD))
        yield

    def _place(self, name: str) -> None:
        number = self.sandboxes[name].place(state="WaitingForShipmentAcceptation").number
        self.placed[number] = (name, datetime.now(UTC))

    def _kill(self) -> None:
        """Kill a worker with all its processes, as the kernel does when memory is short, and start another one."""
        slot = self.chance.randrange(2)
        self._signal(slot, signal.SIGKILL)
        self.processes[slot].wait()
        self.kills += 1
        self.processes[slot] = self._worker()

    def _signal(self, slot: int, number: signal.Signals) -> None:
        os.killpg(self.processes[slot].pid, number)

    def _await_rest(self, oms: SqlOms) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not self._all_done(oms):
            time.sleep(0.5)

    def _all_done(self, oms: SqlOms) -> bool:
        by_seller = Counter(name for name, _ in self.placed.values())
        return all(
            sum(task.task.state == "confirmed" for task in oms.list_shipments(name)) == count
            for name, count in by_seller.items()
        )

    def _end_all(self) -> None:
        for process in self.processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def run_trial(
    accounts: int, seconds: float, *, kills: int, period: timedelta, effect: timedelta, server: str, seed: int = 0
) -> Outcome:
    """Run a trial on a PostgreSQL server, with a broker of its own, and return what happened.

    Changes of accounts must take effect within `effect`.
    """
    program = redis_program()
    assert program is not None
    names = [*(f"seller-{number}" for number in range(accounts)), LEAVER]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fleet-")))
        database = stack.enter_context(postgresql_schema(server))
        redis = stack.enter_context(broker(program, folder))
        base_url, sandboxes = stack.enter_context(marketplaces(names))
        return Trial(database, redis, base_url, sandboxes, folder, period, Random(seed), effect).run(seconds, kills)


def main() -> int:
    """Run the large trial."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--period", type=float, default=60)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    if redis_program() is None:
        print("no redis-server here: install the package redis-server")
        return 1
    with postgresql_server() as server:
        period = timedelta(seconds=asked.period)
        outcome = run_trial(
            asked.accounts,
            asked.seconds,
            kills=asked.kills,
            period=period,
            effect=timedelta(minutes=1),
            server=server,
            seed=asked.seed,
        )
    print(outcome.table())
    print(json.dumps(outcome.figures()))
    return 0 if not outcome.wrongs() and outcome.share_in_time >= 0.95 else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except pytest.skip.Exception as reason:
        sys.exit(str(reason))
