"""How far a job is, on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.status import Status

from cdiscount_marketplace.events.calls import CallFinished, CallRetried
from cdiscount_marketplace.events.hooks import Event, Hook
from cdiscount_marketplace.events.jobs import OfferMoved, OrderHandled, TaskMoved, WindowRead

T = TypeVar("T")

# What is counted, by its event.
_COUNTED: tuple[tuple[type[Event], str], ...] = (
    (OrderHandled, "orders"),
    (TaskMoved, "tasks"),
    (OfferMoved, "offers"),
    (CallFinished, "calls"),
)


class Watcher:
    """Count a job's events, and `show` how far it is."""

    def __init__(self, what: str, show: Callable[[str], None]) -> None:
        self._what = what
        self._show = show
        self._counts: Counter[str] = Counter()
        self._note = ""

    def __call__(self, event: Event, /) -> None:
        """Take note of one event."""
        noun = next((noun for kind, noun in _COUNTED if isinstance(event, kind)), None)
        if noun is not None:
            self._counts[noun] += 1
        elif isinstance(event, WindowRead) and event.end is not None:
            self._note = f", read up to {event.end:%Y-%m-%d %H:%M} UTC"
        elif isinstance(event, CallRetried):
            self._note = f", waiting {event.wait:.0f} s after {event.reason}"
        else:
            return
        counts = ", ".join(f"{count} {noun}" for noun, count in self._counts.items())
        self._show(f"{self._what}: {counts}{self._note}")


# The one that is on the screen now.
_shown: list[Status] = []


@contextmanager
def progress(what: str) -> Generator[Hook]:
    """Give a hook that shows how far a job is, on standard error, and only if that is a terminal."""
    with _status(what) as status:
        yield _silent if status is None else Watcher(what, status.update)


@contextmanager
def waiting(what: str) -> Generator[None]:
    """Show on a terminal that something goes on that reports no steps."""
    with _status(what):
        yield


def stepping(what: str, items: Sequence[T], name: Callable[[T], str]) -> Iterator[T]:
    """Give the items one by one, and show on a terminal which one it is."""
    with _status(what) as status:
        for position, item in enumerate(items, start=1):
            if status is not None:
                status.update(f"{what} {name(item)} ({position} of {len(items)})")
            yield item


@contextmanager
def paused() -> Generator[None]:
    """Leave the terminal to a question while the context lasts."""
    for status in _shown:
        status.stop()
    try:
        yield
    finally:
        for status in _shown:
            status.start()


@contextmanager
def _status(what: str) -> Generator[Status | None]:
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with console.status(f"{what} …") as status:
        _shown.append(status)
        try:
            yield status
        finally:
            _shown.remove(status)


def _silent(_event: Event, /) -> None:
    pass
