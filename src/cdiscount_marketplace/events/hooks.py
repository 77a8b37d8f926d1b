"""Telling hooks what happens, whatever they do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Protocol, Self, TypeAlias, TypeVar, cast

from attrs import define, field, frozen

from cdiscount_marketplace.errors import ConfigurationError

T = TypeVar("T")

_log = logging.getLogger(__name__)

Duration: TypeAlias = AbstractContextManager[object, bool | None]
"""What a hook may answer to an event that opens something: it is left when that ends."""


@frozen(kw_only=True)
class Event:
    """The common base of all events."""


class Hook(Protocol):
    """Receive one event; return nothing, or a context manager around what the event opens."""

    def __call__(self, event: Event, /) -> Duration | None: ...


def hooks_of(hooks: object) -> tuple[Hook, ...]:
    """Return the hooks that a client was given; raises `ConfigurationError` for anything but callables in a list."""
    callables = tuple(cast("Iterable[object]", hooks)) if isinstance(hooks, Iterable) else None
    if callables is None or not all(map(callable, callables)):
        raise ConfigurationError("hooks must be a list of callables", hint="write hooks=[hook], also for a single one")
    return cast("tuple[Hook, ...]", callables)


def emit(hooks: Iterable[Hook], event: Event) -> None:
    """Tell every hook, whatever the others do."""
    for hook in hooks:
        _safely(event, hook, event)


def during(hooks: tuple[Hook, ...], event: Event) -> AbstractContextManager[object, None]:
    """Tell every hook that something begins, and hold the context managers that they return until it ends.

    None of them can stop it, swallow its error, or replace it by another one.
    """
    return _During(hooks, event) if hooks else nullcontext()


def _safely(event: Event, call: Callable[..., T], *arguments: object) -> T | None:
    try:
        return call(*arguments)
    # The order being processed must not suffer from it.
    except Exception as error:  # noqa: BLE001 - a user's hook may raise anything
        _log.warning("hook failed on %s: %s", type(event).__name__, type(error).__name__)
        return None


@define
class _During:
    _hooks: tuple[Hook, ...]
    _event: Event
    _entered: list[Duration] = field(factory=list[Duration], init=False)

    def __enter__(self) -> Self:
        for hook in self._hooks:
            _safely(self._event, self._open, hook)
        return self

    def _open(self, hook: Hook) -> None:
        duration = hook(self._event)
        if isinstance(duration, AbstractContextManager):
            duration.__enter__()
            self._entered.append(duration)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for duration in reversed(self._entered):
            _safely(self._event, duration.__exit__, kind, error, trace)
