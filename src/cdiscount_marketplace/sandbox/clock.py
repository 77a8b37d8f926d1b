"""A clock that tests and the admin API can move."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

# Deadlines, tokens and quotas lie some days ahead of the present, and dates end with the year 9999.
LAST = datetime(9990, 1, 1, tzinfo=UTC)
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class VirtualClock:
    """A clock that stands still until it is moved; satisfies `cdiscount_marketplace.clock.Clock`.

    `sleep` returns at once and moves the clock, so a test that waits for hours takes no time. With `live=True` the
    clock also runs with the machine's, starts at the present by default, and `sleep` really waits: this is
    what the HTTP server uses. Thread-safe.
    """

    def __init__(self, start: datetime | None = None, *, live: bool = False) -> None:
        if start is not None and start.tzinfo is None:
            raise ValueError("start must be an aware datetime")
        self.live = live
        self._lock = threading.Lock()
        self._start = (start or (datetime.now(UTC) if live else START)).astimezone(UTC)
        self._started = time.monotonic()
        self._moved = timedelta()

    def now(self) -> datetime:
        """Return the present moment of this clock, aware, in UTC."""
        return self._start + self._elapsed()

    def monotonic(self) -> float:
        """Return seconds that only ever grow: those of this clock."""
        return self._elapsed().total_seconds()

    def sleep(self, seconds: float) -> None:
        """Wait: really when live, else by moving the clock."""
        if self.live:
            time.sleep(seconds)
        elif seconds > 0:
            self.advance(timedelta(seconds=seconds))

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward and return the new present; `by` must not be negative, nor lead past `LAST`."""
        if by < timedelta():
            raise ValueError("a clock moves forward only")
        with self._lock:
            if by > LAST - self._start - self._moved:
                raise ValueError(f"the clock goes up to {LAST:%Y-%m-%d}: later moments leave no room for deadlines")
            self._moved += by
        return self.now()

    def _elapsed(self) -> timedelta:
        with self._lock:
            moved = self._moved
        return moved + timedelta(seconds=time.monotonic() - self._started) if self.live else moved
