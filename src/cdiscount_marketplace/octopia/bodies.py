"""Turn the bytes of an answer into parsed JSON, whatever came."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard

from cdiscount_marketplace.errors import EmptyAnswer, ForbiddenMarkup, HtmlAnswer, TruncatedAnswer, UnreadableAnswer

# No JSON may hold them as they are; a text that came along from a spreadsheet does.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
REPLACEMENT = "\ufffd"


def parse(body: bytes, *, status: int | None = None) -> Any:
    """Parse JSON with decimal numbers; NaN and infinities become None, of members given twice the last one counts.

    Bytes that are no UTF-8 and bare control characters become U+FFFD: one order's text keeps no other order out.
    Raises `EmptyAnswer`, `HtmlAnswer`, `TruncatedAnswer` (also for what is no JSON at all), `ForbiddenMarkup` for
    nesting that no honest answer has. The body never appears in an error.
    """
    try:
        return _loads(_text(body, status))
    except json.JSONDecodeError as error:
        message = f"the answer is cut off or not JSON, at character {error.pos} of {len(error.doc)}"
        failure: UnreadableAnswer = TruncatedAnswer(message, status=status)
    except RecursionError:
        failure = ForbiddenMarkup("the answer is nested too deeply", status=status)
    except UnreadableAnswer as error:
        failure = error.with_traceback(None)
    # Raised out here, and without the body: what went wrong inside holds the whole text, and tools that show the
    # variables of a traceback would show it.
    del body
    raise failure


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Return whether a parsed value is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Return whether a parsed value is a JSON array."""
    return isinstance(value, list)


def fold(name: str) -> str:
    """Return a member's name without regard to case, `_` and `-`: services write one name in several ways."""
    return name.replace("_", "").replace("-", "").casefold()


def member(data: Mapping[str, Any], name: str) -> Any:
    """Return a member of an object in whatever spelling it is written; None where it is not there."""
    if name in data:
        return data[name]
    wanted = fold(name)
    return next((value for key, value in data.items() if fold(key) == wanted), None)


def _text(body: bytes, status: int | None) -> str:
    content = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not content:
        raise EmptyAnswer("the answer is empty", status=status)
    if content.startswith(b"<"):
        raise HtmlAnswer("a web page came instead of JSON", status=status)
    return content.decode(errors="replace")


def _loads(text: str) -> Any:
    try:
        return _read(text)
    except json.JSONDecodeError:
        # Bare control characters are the one fault that leaves the rest of an answer in order.
        return _read(_CONTROLS.sub(REPLACEMENT, text), strict=False)


def _read(text: str, *, strict: bool = True) -> Any:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_nothing, strict=strict)
    except json.JSONDecodeError:
        raise
    except (ValueError, InvalidOperation):
        # A number with thousands of digits, or an exponent beyond all measure: it counts as absent.
        return json.loads(text, parse_float=_number, parse_int=_whole, parse_constant=_nothing, strict=strict)


def _nothing(_constant: str) -> None:
    return None


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) < 20 else None


def _number(digits: str) -> Decimal | None:
    try:
        return Decimal(digits) if len(digits) < 40 else None
    except InvalidOperation:
        return None
