"""What the awaitable twins of clients, sections, handles and jobs have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar

from cdiscount_marketplace.aio.items import AsyncItems
from cdiscount_marketplace.aio.threads import Calls, Threads, name_of
from cdiscount_marketplace.errors import CallTimeout

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Closable(Protocol):
    """A client."""

    def close(self) -> None:
        """Close what it opened."""
        ...


class Job(Protocol):
    """A job that can be asked to stop."""

    @property
    def account(self) -> str:
        """The account that it runs for."""
        ...

    def stop(self) -> None:
        """Ask the run to end soon."""
        ...


ClientT = TypeVar("ClientT", bound=Closable)
JobT = TypeVar("JobT", bound=Job)


class Twin:
    """The awaitable twin of a section or of a handle."""

    def __init__(self, sync: Any, calls: Calls) -> None:
        self._sync = sync
        self._calls = calls

    def _items(self, work: Callable[P, Iterator[T]], *args: P.args, **kwargs: P.kwargs) -> AsyncItems[T]:
        return AsyncItems(self._calls, partial(work, *args, **kwargs))

    async def _polled(self, wait: Callable[..., R], *, timeout: timedelta, poll: timedelta, **options: Any) -> R:
        """Look once in a thread and sleep outside of it, until the end: a thread is not for sleeping."""
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout.total_seconds()
        while True:
            try:
                return await self._calls.run(wait, timeout=timedelta(0), poll=poll, **options)
            except CallTimeout:
                # Also a look that took too long is no reason to give up before the end.
                left = end - loop.time()
                if left <= 0:
                    raise
            await asyncio.sleep(min(poll.total_seconds(), left))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._sync!r})"


class AsyncClient(Twin, Generic[ClientT]):
    """What the clients for asyncio code have in common."""

    _sync: ClientT

    def __init__(self, sync: ClientT, threads: Threads | int) -> None:
        self._use(sync, threads)

    def _use(self, sync: ClientT, threads: Threads | int) -> None:
        Twin.__init__(self, sync, Calls(threads))
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def _around(cls, sync: ClientT, threads: Threads | int) -> Self:
        twin = cls.__new__(cls)
        twin._use(sync, threads)  # noqa: SLF001 (its own class)
        return twin

    @property
    def sync(self) -> ClientT:
        """The client that does the work: for channels, and for code that runs in its own threads."""
        return self._sync

    async def aclose(self) -> None:
        """Wait for the calls that run, those whose callers were cancelled included, then close the connections."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        await self._calls.aclose()
        self._sync.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class AsyncJob(Generic[JobT]):
    """What the jobs for asyncio code have in common.

    A run whose caller is cancelled is asked to stop between two orders, and waited for; then the cancellation goes on.
    The job can be run again after that, since `stop()` was for that run only. A second cancellation waits no longer:
    the run ends in its thread, and `aclose()` waits for it.
    """

    def __init__(self, make: Callable[[], JobT], threads: Threads | int) -> None:
        self._make = make
        self._sync = make()
        self._calls = Calls(threads)
        self._running: Future[Any] | None = None

    @property
    def account(self) -> str:
        """The account that the job runs for."""
        return self._sync.account

    def stop(self) -> None:
        """Ask the run to end between two orders; its report shows that it was stopped."""
        self._sync.stop()

    async def _run(self, run: Callable[[], R]) -> R:
        if self._running is not None and self._calls.holds(self._running):
            raise RuntimeError(f"this job is running already for the account {self.account!r}")
        call = self._calls.start(run)
        self._running = call
        try:
            return await asyncio.wrap_future(call)
        except asyncio.CancelledError:
            if self._calls.abandon(name_of(run), call):
                self._sync.stop()
                self._sync = self._make()
                await self._calls.settle(call)
            raise

    async def aclose(self) -> None:
        """Ask the run, if there is one, to stop, wait for it, and end the job's own threads."""
        self._sync.stop()
        await self._calls.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
