"""The threads that do the work, and what becomes of a call whose caller is cancelled.

A thread cannot be interrupted, and a write that was cut in two would leave nobody knowing what happened. So a call that
waits for a thread is withdrawn when its caller is cancelled, and one that runs goes on to its end: its outcome is
logged, handed to `on_abandoned`, and waited for by `aclose()`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from types import TracebackType
from typing import Any, Final, ParamSpec, Self, TypeVar

from attrs import field, frozen

from cdiscount_marketplace.calls.forks import renew_in_children
from cdiscount_marketplace.errors import CdiscountError, ConfigurationError

P = ParamSpec("P")
R = TypeVar("R")

WORKERS: Final = 8

_log = logging.getLogger(__name__)


@frozen(kw_only=True)
class AbandonedCall:
    """A call whose caller was cancelled while it ran, and that has ended since: its `result`, or its `error`.

    `name` is that of the method, such as `Orders.ship`. Results may hold customers' data, and are not shown.
    """

    name: str
    result: object = field(default=None, repr=False)
    error: BaseException | None = field(default=None, repr=False)


class Threads:
    """Share a limited number of threads between clients and jobs; close it yourself, or use `async with`.

    `on_abandoned` is called, in the thread that did the work, when a call has ended whose caller was cancelled.
    """

    def __init__(
        self, workers: int = WORKERS, *, on_abandoned: Callable[[AbandonedCall], object] | None = None
    ) -> None:
        if not _is_count(workers):
            raise ConfigurationError(f"threads must be an integer of at least 1, or Threads, not {workers!r}")
        self._workers = workers
        self._on_abandoned = on_abandoned
        self._pool = self._new_pool()
        renew_in_children(self)

    def _new_pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._workers, thread_name_prefix="cdiscount")

    def reset_after_fork(self) -> None:
        """Let go of the parent's threads, which a child process does not have."""
        self._pool = self._new_pool()

    def submit(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Start a call as soon as a thread is free."""
        return self._pool.submit(work, *args, **kwargs)

    def report(self, name: str, call: Future[Any]) -> None:
        """Log how an abandoned call ended, and hand it to `on_abandoned`."""
        error = call.exception()
        if error is None:
            _log.info("%s ran to its end after its caller was cancelled, and returned %s", name, _shown(call.result()))
        else:
            # Our own errors name the operation and the orders, and never contain a body; others may.
            reason = str(error) if isinstance(error, CdiscountError) else ""
            _log.warning("%s failed after its caller was cancelled: %s %s", name, type(error).__name__, reason)
        if self._on_abandoned is not None:
            result = call.result() if error is None else None
            self._on_abandoned(AbandonedCall(name=name, result=result, error=error))

    async def aclose(self) -> None:
        """Wait for every call, and end the threads; what is called later raises `RuntimeError`."""
        await asyncio.shield(asyncio.to_thread(self._pool.shutdown))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class Calls:
    """The calls of one client or job: started in threads that are its own or shared, and waited for at its end."""

    def __init__(self, threads: Threads | int) -> None:
        self._own = not isinstance(threads, Threads)
        self.threads: Threads = threads if isinstance(threads, Threads) else Threads(threads)
        self._pending: set[Future[Any]] = set()
        self._closed = False
        renew_in_children(self)

    def reset_after_fork(self) -> None:
        """Let go of calls that only the parent process will see the end of."""
        self._pending = set()

    def holds(self, call: Future[Any]) -> bool:
        """Return whether a call that was started has not ended yet."""
        return call in self._pending

    def start(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Start a call in the context variables of the caller, such as those of a trace."""
        if self._closed:
            raise RuntimeError("this client or job is closed")
        context = copy_context()

        def within() -> R:
            return context.run(work, *args, **kwargs)

        call = self.threads.submit(within)
        self._pending.add(call)
        call.add_done_callback(self._pending.discard)
        return call

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call in a thread, and return what the call returns."""
        call = self.start(work, *args, **kwargs)
        try:
            return await asyncio.wrap_future(call)
        except asyncio.CancelledError:
            self.abandon(name_of(work), call)
            raise

    def abandon(self, name: str, call: Future[Any]) -> bool:
        """Withdraw a call, or see to it that the outcome of one that has begun is reported; returns whether it has."""
        if call.cancel():
            return False
        call.add_done_callback(partial(self.threads.report, name))
        return True

    async def settle(self, *calls: Future[Any]) -> None:
        """Wait for calls to end, well or not; they go on if this is cancelled."""
        await asyncio.shield(asyncio.gather(*map(asyncio.wrap_future, calls), return_exceptions=True))

    async def aclose(self) -> None:
        """Take no further calls, and wait for those that were started."""
        self._closed = True
        await self.settle(*self._pending.copy())
        if self._own:
            await self.threads.aclose()


def name_of(work: Callable[..., object]) -> str:
    """Return a method's name, with that of its class."""
    return getattr(work, "__qualname__", type(work).__name__)


def _shown(result: object) -> str:
    """Name a result by its kind: it may hold customers' data. Without its number nobody could follow a package."""
    # Imported here: jobs and other calls need neither.
    from cdiscount_marketplace.octopia.offers.packages import OfferSubmission
    from cdiscount_marketplace.soap.packages import SubmittedPackage

    kind = type(result).__name__
    if isinstance(result, SubmittedPackage):
        return f"{kind} {result.id}"
    return f"{kind} {result.package_id}" if isinstance(result, OfferSubmission) else kind


def _is_count(workers: object) -> bool:
    return isinstance(workers, int) and not isinstance(workers, bool) and workers >= 1
