"""Lists that are read as they are used, one step at a time in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextvars import copy_context
from typing import Final, Generic, TypeVar

from cdiscount_marketplace.aio.threads import Calls

T = TypeVar("T")

_END: Final = object()


class AsyncItems(AsyncIterator[T], Generic[T]):
    """An iterator of a client, for `async for`; nothing is read before the first item is asked for.

    A page that is being read when its reader is cancelled is not lost: the next step returns its item. Leaving the loop
    early needs no care; `aclose()` waits for the step that runs, and closes the iterator in the thread.
    """

    def __init__(self, calls: Calls, begin: Callable[[], Iterator[T]]) -> None:
        self._calls = calls
        # One context for all steps: what a generator sets in one step, it may reset in another one.
        self._context = copy_context()
        self._begin = begin
        self._iterator: Iterator[T] | None = None
        self._step: Future[object] | None = None
        self._lock = asyncio.Lock()
        self._ended = False

    def __aiter__(self) -> AsyncItems[T]:
        return self

    async def __anext__(self) -> T:
        async with self._lock:
            if self._ended:
                raise StopAsyncIteration
            if self._step is None:
                self._step = self._calls.start(self._context.run, self._next)
            step = self._step
            # A cancelled caller leaves the step as it is.
            await self._calls.settle(step)
            self._step = None
            return self._item_of(step)

    def _item_of(self, step: Future[object]) -> T:
        item = step.result()
        if item is _END:
            self._ended = True
            raise StopAsyncIteration
        return item  # type: ignore[return-value]  # what the iterator yielded

    def _next(self) -> object:
        if self._iterator is None:
            self._iterator = self._begin()
        return next(self._iterator, _END)

    async def aclose(self) -> None:
        """End the list, also where the iterator is in the middle of a page."""
        async with self._lock:
            self._ended = True
            if self._step is not None:
                await self._calls.settle(self._step)
                self._step = None
            if self._iterator is not None:
                await self._calls.run(self._context.run, self._close)

    def _close(self) -> None:
        close = getattr(self._iterator, "close", None)
        if close is not None:
            close()
