"""The log of calls: what came, what was answered, which faults struck. Tokens and passwords never enter it."""

from __future__ import annotations

import codecs
import re
import threading
from collections import deque
from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

_SHOWN = 16_384
# An element is hidden to its end, however its text is written: as it is, escaped, in a CDATA section, after a comment.
_ELEMENT = re.compile(r"(<(?:[\w.-]+:)?(TokenId|string)\b[^<>]*(?<!/)>).*?(?=</(?:[\w.-]+:)?\2\s*>|\Z)", re.DOTALL)
_QUOTED = re.compile(
    r"(Token used: '|\"(?:access_token|client_secret)\":\s*\"|\bclient(?:_|%5F)secret=)[^<'\"&]*", re.I
)
MASK = "(token)"


@frozen(kw_only=True)
class Call:
    """One call as it came and went; `status` 0 means that no answer was given. Bodies are cut at 16 KiB.

    `ran` is whether the operation ran while the caller waited; `faults` are the kinds that struck.
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
    wide = body.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE))
    text = body[:_SHOWN].decode("utf-16" if wide else "utf-8", "replace")
    return _QUOTED.sub(rf"\1{MASK}", _ELEMENT.sub(rf"\1{MASK}", text))
