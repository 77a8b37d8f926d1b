"""Many accounts in one process, none of which waits for another, and stopping them in good order."""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from itertools import chain
from types import FrameType
from typing import Any, Protocol, TypeVar

from attrs import frozen

from cdiscount_marketplace.oms.settings import ensure_numbers
from cdiscount_marketplace.oms.tracebacks import exits_as_failures

ReportT_co = TypeVar("ReportT_co", covariant=True)


class Job(Protocol[ReportT_co]):
    """An importer, acceptor or pusher, or anything that runs for an account."""

    @property
    def account(self) -> str:
        """The account that the job runs for."""
        ...

    def run(self) -> ReportT_co:
        """Do the job once."""
        ...


class Stoppable(Protocol):
    """A job that can be asked to stop."""

    def stop(self) -> None:
        """Ask the run to end soon."""
        ...


@frozen(kw_only=True)
class JobResult:
    """What became of one job: its `report`, or the `error` that it raised."""

    account: str
    job: Job[object]
    report: object | None = None
    error: Exception | None = None


def run_accounts(jobs: Sequence[Job[object]], *, workers: int = 4) -> tuple[JobResult, ...]:
    """Run jobs of many accounts at once, at most `workers` accounts at a time, and return a result for each job.

    The jobs of one account run one after the other, in the order given; one that fails stops neither the account's
    next job nor another account. The results are in the order of `jobs`. Context variables, such as a trace's, are
    those of the caller.
    """
    ensure_numbers(1, workers=workers)
    queues: dict[str, list[int]] = {}
    for position, job in enumerate(jobs):
        queues.setdefault(job.account, []).append(position)
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="account") as pool:

        def work(queue: list[int]) -> list[tuple[int, JobResult]]:
            return list(zip(queue, run_in_turn([jobs[position] for position in queue]), strict=True))

        # A copy each: two threads cannot be in the same context.
        futures = [pool.submit(copy_context().run, work, queue) for queue in queues.values()]
        results = dict(chain.from_iterable(future.result() for future in futures))
    return tuple(results[position] for position in range(len(jobs)))


def run_in_turn(jobs: Sequence[Job[object]]) -> tuple[JobResult, ...]:
    """Run jobs one after the other, and return a result for each; one that fails does not stop the next."""
    return tuple(map(_run, jobs))


def _run(job: Job[object]) -> JobResult:
    try:
        with exits_as_failures():
            return JobResult(account=job.account, job=job, report=job.run())
    except Exception as error:  # noqa: BLE001 -- whatever one account raises is its result; the others go on
        return JobResult(account=job.account, job=job, error=error)


@contextmanager
def stop_on_signals(
    jobs: Iterable[Stoppable], signals: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGINT)
) -> Generator[None]:
    """Within the context, let a signal stop the jobs between two orders; for the main thread only.

    The handlers that were there before come back afterwards; a second signal meets them at once.
    """
    known = list(jobs)
    before = {number: signal.getsignal(number) for number in signals}

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 -- a signal handler's signature
        for job in known:
            job.stop()
        _restore(before)

    for number in signals:
        signal.signal(number, stop)
    try:
        yield
    finally:
        _restore(before)


def _restore(handlers: Mapping[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
