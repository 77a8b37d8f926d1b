"""The log of calls: what came, what was answered, which faults struck. Tokens and passwords never enter it."""

from __future__ import annotations

import codecs
import re
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import unquote_plus

from attrs import evolve, frozen

_SHOWN = 16_384
# An element is hidden to its end, however its text is written: as it is, escaped, in a CDATA section, after a comment.
_ELEMENT = re.compile(
    r"(<(?:[\w.-]+:)?(TokenId|Password|string)\b[^<>]*(?<!/)>).*?(?=</(?:[\w.-]+:)?\2\s*>|\Z)", re.DOTALL
)
_SECRETS = ("access_token", "refresh_token", "client_secret", "password")
_MEMBER = re.compile(rf'("(?:{"|".join(_SECRETS)})"\s*:\s*")(?:[^"\\]|\\.)*', re.I | re.DOTALL)
_USED = re.compile(r"(Token used: ')[^<'\"&]*", re.I)
_PAIR = re.compile(r"(^|[?&])([^=&?]*)=([^&]*)")
# The headers that say what a request is; all others, such as cookies, are nobody's business.
_HEADERS = ("soapaction", "content-type", "accept", "accept-language", "sellerid", "user-agent")
MASK = "(token)"


@frozen(kw_only=True)
class Call:
    """One call as it came and went; `status` 0 means that no answer was given. Bodies are cut at 16 KiB.

    `ran` is whether the operation ran while the caller waited; `faults` are the kinds that struck. `number` counts
    from 1; `target` is the method with path and query, `headers` are those that say what the request is.
    """

    number: int = 0
    at: datetime
    protocol: str
    operation: str
    login: str | None
    status: int
    ran: bool
    order_numbers: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    target: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    request: str = ""
    response: str = ""


class Traffic:
    """The last calls, oldest first; counts are of all. Thread-safe."""

    def __init__(self, limit: int = 2_000) -> None:
        self._calls: deque[Call] = deque(maxlen=limit)
        self._lock = threading.Lock()
        self.total: int = 0

    def note(self, call: Call) -> None:
        """Add a call, and number it."""
        with self._lock:
            self.total += 1
            self._calls.append(evolve(call, number=self.total))

    def calls(self, operation: str | None = None) -> Sequence[Call]:
        """Return the calls of one operation, or all."""
        with self._lock:
            return tuple(call for call in self._calls if operation in (None, call.operation))


def mask(body: bytes) -> str:
    """Return the beginning of a body as text without tokens and passwords."""
    wide = body.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE))
    text = body[:_SHOWN].decode("utf-16" if wide else "utf-8", "replace")
    if text.lstrip()[:1] not in ("<", "{", "["):
        text = mask_pairs(text)
    return _USED.sub(rf"\1{MASK}", _MEMBER.sub(rf"\1{MASK}", _ELEMENT.sub(rf"\1{MASK}", text)))


def mask_pairs(text: str) -> str:
    """Return a form or an address without tokens and passwords, however their names are written."""
    return _PAIR.sub(_mask_pair, text)


def _mask_pair(pair: re.Match[str]) -> str:
    secret = unquote_plus(pair[2]).strip().casefold() in _SECRETS
    return f"{pair[1]}{pair[2]}={MASK}" if secret else pair[0]


def mask_headers(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the headers that say what a request is; of a login only its scheme."""
    shown = [(name, headers[name]) for name in _HEADERS if headers.get(name)]
    scheme = headers.get("authorization", "").partition(" ")[0]
    return (("authorization", f"{scheme} {MASK}"), *shown) if scheme in ("Basic", "Bearer") else tuple(shown)
