"""Count calls per operation and hour, as the service does."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime


class Quota:
    """Counts calls of the present hour; each operation has its own count. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hour: datetime | None = None
        self._counts: Counter[str] = Counter()

    def exceeded(self, operation: str, now: datetime, limit: int | None) -> bool:
        """Count a call, and return whether it exceeds the limit; None means no limit."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        with self._lock:
            if hour != self._hour:
                self._hour = hour
                self._counts.clear()
            self._counts[operation] += 1
            return limit is not None and self._counts[operation] > limit
