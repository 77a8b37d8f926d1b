"""Running one job of one account, by their names."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from types import TracebackType
from typing import Protocol, Self

from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.clock import Clock, SystemClock
from cdiscount_marketplace.errors import CdiscountError, LeaseBusy
from cdiscount_marketplace.events.hooks import Hook
from cdiscount_marketplace.fleet.channels import ChannelOpener, ChannelPool, open_channel
from cdiscount_marketplace.fleet.credentials import CredentialResolver, find_credentials
from cdiscount_marketplace.fleet.schedule import pause_after
from cdiscount_marketplace.oms.acceptance import OrderAcceptor
from cdiscount_marketplace.oms.importer import OrderImporter
from cdiscount_marketplace.oms.offers import OfferPusher
from cdiscount_marketplace.oms.ports import (
    AcceptancePolicy,
    Account,
    AccountRegistry,
    JobName,
    JobRun,
    JobRunStore,
)
from cdiscount_marketplace.oms.refunds import RefundPusher
from cdiscount_marketplace.oms.shipments import ShipmentPusher
from cdiscount_marketplace.oms.tracebacks import exits_as_failures, log_error

_log = logging.getLogger(__name__)
_LONGEST_ERROR = 500


class StoppableJob(Protocol):
    """A job that runs once, and can be asked to stop."""

    def run(self) -> object:
        """Do the job once."""
        ...

    def stop(self) -> None:
        """Ask the run to end soon."""
        ...


class JobMaker(Protocol):
    """Make a job, with your own mapper, windows or lookback."""

    def __call__(self, job: JobName, account: Account, channel: SalesChannel, /) -> StoppableJob:
        """Return a job for one run."""
        ...


def job_maker(oms: object, *, policy: AcceptancePolicy | None = None, hooks: Sequence[Hook] = ()) -> JobMaker:
    """Return what makes each job with its defaults; `policy` decides about orders where `oms` does not."""
    makers: Mapping[JobName, Callable[[Account, SalesChannel], StoppableJob]] = {
        JobName.IMPORT: lambda account, channel: OrderImporter(
            channel, oms, account=account.name, start_from=account.start_from, hooks=hooks
        ),
        JobName.ACCEPT: lambda account, channel: OrderAcceptor(
            channel, oms, account=account.name, policy=policy, hooks=hooks
        ),
        JobName.SHIP: lambda account, channel: ShipmentPusher(channel, oms, account=account.name, hooks=hooks),
        JobName.REFUND: lambda account, channel: RefundPusher(channel, oms, account=account.name, hooks=hooks),
        JobName.OFFERS: lambda account, channel: OfferPusher(channel, oms, account=account.name, hooks=hooks),
    }

    def make(job: JobName, account: Account, channel: SalesChannel) -> StoppableJob:
        return makers[job](account, channel)

    return make


class Fleet:
    """The accounts of a registry, on one OMS: runs a job by the names of its account and its kind. Thread-safe.

    Channels, and so connections and logins, are kept per account from run to run. Each part not given is taken from
    `registry` and `oms` if they satisfy its protocol: `runs` keeps how runs ended, `policy` decides about orders.
    `make_job` and `open_channel` replace what makes jobs and opens channels; `resolver` looks up named credentials.
    Make one per process, after it forked.
    """

    def __init__(
        self,
        registry: AccountRegistry,
        oms: object,
        *,
        runs: JobRunStore | None = None,
        policy: AcceptancePolicy | None = None,
        resolver: CredentialResolver | None = None,
        open_channel: ChannelOpener = open_channel,
        make_job: JobMaker | None = None,
        hooks: Sequence[Hook] = (),
        clock: Clock | None = None,
    ) -> None:
        self.registry = registry
        self.clock: Clock = clock or SystemClock()
        self.runs: JobRunStore | None = runs or (registry if isinstance(registry, JobRunStore) else None)
        self._resolver = resolver
        self._make_job = make_job or job_maker(oms, policy=policy, hooks=hooks)
        self._channels = ChannelPool(open_channel)
        self._lock = Lock()
        self._running: set[StoppableJob] = set()
        self._stopped = False

    def run(self, account: str, job: str) -> object | None:
        """Run a job of an account once, and return its report.

        None if the account is unknown or disabled, does not have the job, or another worker runs it: the message that
        asked for it was late, or came twice. What the job raises is noted with the account's runs, and raised.
        """
        found = self.registry.find_account(account)
        if found is None or not found.enabled or job not in [period.job for period in found.jobs] or self._stopped:
            return None
        began = self.clock.now()
        try:
            with exits_as_failures():
                report = self._run(found, JobName(job))
        except LeaseBusy:
            return None
        except Exception as error:
            self._note(account, job, began, _words(error), self._rest(found, error))
            raise
        self._note(account, job, began, None, getattr(report, "retry_at", None))
        return report

    def stop(self) -> None:
        """Ask all running jobs to end between two orders, and start no more."""
        self._stopped = True
        with self._lock:
            running = tuple(self._running)
        for job in running:
            job.stop()

    def keep_channels(self, accounts: Collection[str]) -> None:
        """Close the channels of all other accounts; one that is in use is closed by its job."""
        self._channels.keep(accounts)

    def close(self) -> None:
        """Close the channels."""
        self._channels.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, account: Account, name: JobName) -> object:
        variables = find_credentials(account, resolver=self._resolver)
        with self._channels.use(account, variables) as channel:
            job = self._make_job(name, account, channel)
            with self._noted(job):
                return job.run()

    def _rest(self, account: Account, error: Exception) -> datetime | None:
        """Return until when the account rests: not at all if somebody changed it while the job failed."""
        until = pause_after(error, self.clock.now())
        return until if until is None or self.registry.find_account(account.name) == account else None

    @contextmanager
    def _noted(self, job: StoppableJob) -> Generator[None]:
        with self._lock:
            self._running.add(job)
        if self._stopped:
            job.stop()
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(job)

    def _note(self, account: str, job: str, began: datetime, error: str | None, retry_at: datetime | None) -> None:
        if self.runs is None:
            return
        ended = self.clock.now()
        run = JobRun(
            account=account, job=JobName(job), started_at=began, ended_at=ended, error=error, retry_at=retry_at
        )
        try:
            self.runs.record_run(run)
        except Exception as failure:  # noqa: BLE001 - a store may fail in any way
            # What the job did is done, and what it raised says more.
            log_error(_log, f"the run of {job} for {account} cannot be noted", failure)


def _words(error: Exception) -> str:
    """Say what happened; an error that is not the SDK's may quote an order, so that only its kind is told."""
    kind = type(error).__name__
    return f"{kind}: {error}"[:_LONGEST_ERROR] if isinstance(error, CdiscountError) else f"{kind} (see the log)"
