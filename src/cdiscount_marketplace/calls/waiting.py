"""Waiting for what the marketplace works on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.errors import InvalidRequest, Problem


def attempts(clock: Clock, timeout: timedelta, poll: timedelta) -> Iterator[None]:
    """Yield once at once, and after every `poll` until `timeout` is over, the last time at its end."""
    _ensure_spans(timeout, poll)
    end = clock.monotonic() + timeout.total_seconds()
    while True:
        yield
        left = end - clock.monotonic()
        if left <= 0:
            return
        clock.sleep(min(poll.total_seconds(), left))


def _ensure_spans(timeout: timedelta, poll: timedelta) -> None:
    """Raise `InvalidRequest` for spans that cannot be waited for; without a pause, requests would use up the quota."""
    spans: dict[str, object] = {"timeout": timeout, "poll": poll}
    problems = [
        Problem(name, f"must be a timedelta, such as timedelta(minutes=1), not {type(span).__name__}")
        for name, span in spans.items()
        if not isinstance(span, timedelta)
    ]
    if not problems and poll <= timedelta():
        problems.append(Problem("poll", f"must be above 0, not {poll}"))
    if problems:
        raise InvalidRequest(problems, operation="wait")
