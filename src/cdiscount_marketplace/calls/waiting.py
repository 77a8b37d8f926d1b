"""Waiting for what the marketplace works on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from cdiscount_marketplace.clock import Clock


def attempts(clock: Clock, timeout: timedelta, poll: timedelta) -> Iterator[None]:
    """Yield once at once, and after every `poll` until `timeout` is over, the last time at its end."""
    end = clock.monotonic() + timeout.total_seconds()
    while True:
        yield
        left = end - clock.monotonic()
        if left <= 0:
            return
        clock.sleep(min(poll.total_seconds(), left))
