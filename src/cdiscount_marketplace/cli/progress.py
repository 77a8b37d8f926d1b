"""How far a job is, on a terminal."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status

from cdiscount_marketplace.events.hooks import Event, Hook
from cdiscount_marketplace.events.jobs import OrderHandled, TaskMoved, WindowRead


class _Watcher:
    """Count a job's events, and show progress."""

    def __init__(self, status: Status) -> None:
        self._status = status
        self._orders = 0
        self._upto = ""

    def __call__(self, event: Event, /) -> None:
        if isinstance(event, WindowRead) and event.end is not None:
            self._upto = f", read up to {event.end:%Y-%m-%d %H:%M} UTC"
        elif isinstance(event, OrderHandled | TaskMoved):
            self._orders += 1
        else:
            return
        self._status.update(f"{self._orders} orders{self._upto}")


@contextmanager
def progress(what: str) -> Generator[Hook]:
    """Give a hook that shows how far a job is, on standard error, and only if that is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _silent
        return
    with console.status(f"{what} …") as status:
        yield _Watcher(status)


@contextmanager
def waiting(what: str) -> Generator[None]:
    """Show on a terminal that something goes on that reports no steps."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(f"{what} …"):
        yield


def _silent(_event: Event, /) -> None:
    pass
