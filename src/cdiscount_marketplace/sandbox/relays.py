"""Files of pick-up points that the seller submitted: protocol-neutral."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime


class RelayFiles:
    """When each file was submitted, by its number. What is in them is not read. Thread-safe."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._submitted: list[datetime] = []

    def submit(self) -> int:
        """Take a file and return its number."""
        with self._lock:
            self._submitted.append(self._now())
            return len(self._submitted)

    def submitted_at(self, number: int) -> datetime | None:
        """Return when a file was submitted; None if there is none."""
        with self._lock:
            return self._submitted[number - 1] if 1 <= number <= len(self._submitted) else None
