"""Many accounts in one process, day and night: each job in its period, none of which waits for another account."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from attrs import frozen

from cdiscount_marketplace.fleet.health import Health, HealthFile
from cdiscount_marketplace.fleet.jobs import Fleet
from cdiscount_marketplace.fleet.places import Place, Places
from cdiscount_marketplace.fleet.schedule import due_jobs, latest, pause_after
from cdiscount_marketplace.oms.accounts import JobResult, run_in_turn
from cdiscount_marketplace.oms.ports import Account, AccountRegistry, JobName
from cdiscount_marketplace.oms.settings import ensure_durations, ensure_numbers
from cdiscount_marketplace.oms.tracebacks import log_error

_log = logging.getLogger(__name__)


@frozen
class FleetJob:
    """A job of the fleet, as `run_accounts` runs one."""

    fleet: Fleet
    account: str
    name: JobName

    def run(self) -> object:
        """Do the job once."""
        return self.fleet.run(self.account, self.name)


class AccountRunner:
    """Run the jobs of a registry's accounts when they are due, until it is stopped.

    `options` are those of `Fleet`. At most `workers` accounts run at a time; the jobs of one account run one after the
    other. The registry is read again every `refresh`. An account whose login is refused, or whose quota is used up,
    rests; a job that fails otherwise is tried again in its next period. `health_file` is written after each look, for a
    container's health check: JSON with the time, how many accounts there are, run and rest, and how many jobs failed.
    """

    def __init__(
        self,
        registry: AccountRegistry,
        oms: object,
        *,
        workers: int = 4,
        tick: timedelta = timedelta(seconds=1),
        refresh: timedelta = timedelta(seconds=10),
        health_file: str | os.PathLike[str] | None = None,
        **options: Any,
    ) -> None:
        ensure_numbers(1, workers=workers)
        ensure_durations(tick=tick, refresh=refresh)
        self._fleet = Fleet(registry, oms, **options)
        self._workers = workers
        self._tick = tick
        self._refresh = refresh
        self._health_file = None if health_file is None else HealthFile(Path(health_file))
        self._stop = Event()
        self._read_at = datetime.min.replace(tzinfo=UTC)
        self._places = Places(self._fleet.runs)

    def run(self) -> None:
        """Run until `stop()`; jobs that run then end between two orders."""
        with self._fleet, ThreadPoolExecutor(self._workers, thread_name_prefix="account") as pool:
            while not self._stop.is_set():
                self._look(pool)
                self._stop.wait(self._tick.total_seconds())
            self._fleet.stop()

    def run_once(self) -> tuple[JobResult, ...]:
        """Run what is due now, and return how it ended."""
        with self._fleet, ThreadPoolExecutor(self._workers, thread_name_prefix="account") as pool:
            futures = self._look(pool)
            return tuple(result for future in futures for result in future.result())

    def stop(self) -> None:
        """Start no more jobs, and ask those that run to end; from any thread, or a signal's handler."""
        self._stop.set()
        self._fleet.stop()

    def _look(self, pool: ThreadPoolExecutor) -> list[Any]:
        now = self._fleet.clock.now()
        self._read_accounts(now)
        started = [future for place in self._places if (future := self._start(place, now, pool)) is not None]
        self._write_health(now)
        return started

    def _read_accounts(self, now: datetime) -> None:
        if now - self._read_at < self._refresh:
            return
        self._read_at = now
        try:
            accounts = self._fleet.registry.list_accounts()
        except Exception as error:  # noqa: BLE001 - a registry may fail in any way
            # What is known stays in force: a database that is away for a moment stops nobody.
            log_error(_log, "the registry of accounts cannot be read", error)
        else:
            self._places.follow(accounts, now)
            self._fleet.keep_channels({account.name for account in accounts})

    def _start(self, place: Place, now: datetime, pool: ThreadPoolExecutor) -> Any:
        if place.busy or place.gone:
            return None
        due = due_jobs(place.account, now, since=place.since, paused_until=place.paused_until)
        if not due:
            return None
        place.busy, place.since = True, now
        return pool.submit(self._work, place, place.account, [period.job for period in due])

    def _work(self, place: Place, account: Account, jobs: Sequence[JobName]) -> tuple[JobResult, ...]:
        try:
            results = run_in_turn([FleetJob(self._fleet, account.name, job) for job in jobs])
            now = self._fleet.clock.now()
            if place.account == account:
                place.paused_until = latest(_pause(result, now) for result in results)
                place.note({str(job): result for job, result in zip(jobs, results, strict=True)})
            for job, result in zip(jobs, results, strict=True):
                _log_ending(account.name, job, result)
            return results
        finally:
            place.busy = False

    def _write_health(self, now: datetime) -> None:
        if self._health_file is None:
            return
        places = [place for place in self._places if not place.gone]
        health = Health(
            at=now,
            accounts=len(places),
            running=sum(place.busy for place in places),
            resting=sum(place.rests(now) for place in places),
            failing=sum(len(place.failing) for place in places),
        )
        self._health_file.write(health)


def _log_ending(account: str, job: str, result: JobResult) -> None:
    if result.error is not None:
        log_error(_log, f"{job} of {account} failed", result.error)
    elif result.report is None:
        _log.info("%s of %s was left: another worker runs it, or the account changed", job, account)
    else:
        _log.info("%s of %s is done", job, account)


def _pause(result: JobResult, now: datetime) -> datetime | None:
    if result.error is not None:
        return pause_after(result.error, now)
    retry_at: datetime | None = getattr(result.report, "retry_at", None)
    return retry_at
