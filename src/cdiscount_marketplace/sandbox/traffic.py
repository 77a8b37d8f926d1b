"""The log of calls: what came, what was answered, which faults struck. Tokens and passwords never enter it."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

_SHOWN = 16_384
_TOKEN = re.compile(
    r"(<(?:[\w.-]+:)?(?:TokenId|string)\b[^<>]*>|Token used: '|\"access_token\": ?\"|\bclient_secret=)[^<'\"&]*"
)
MASK = "(token)"


@frozen(kw_only=True)
class Call:
    """One call as it came and went; `status` 0 means that no answer was given. Bodies are cut at 16 KiB.

    `ran` tells whether the operation was carried out while the caller waited; `faults` are the kinds that struck.
    """

    at: datetime
    protocol: str
    operation: str
    login: str | None
    status: int
    ran: bool
    order_numbers: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    request: str = ""
    response: str = ""


class Traffic:
    """The last calls, oldest first; counts are of all. Thread-safe."""

    def __init__(self, limit: int = 2_000) -> None:
        self._calls: deque[Call] = deque(maxlen=limit)
        self._lock = threading.Lock()
        self.total: int = 0

    def note(self, call: Call) -> None:
        """Add a call."""
        with self._lock:
            self._calls.append(call)
            self.total += 1

    def calls(self, operation: str | None = None) -> Sequence[Call]:
        """Return the calls of one operation, or all."""
        with self._lock:
            return tuple(call for call in self._calls if operation in (None, call.operation))


def mask(body: bytes) -> str:
    """Return the beginning of a body as text without tokens."""
    text = body[:_SHOWN].decode("utf-8", "replace")
    return _TOKEN.sub(rf"\1{MASK}", text)
