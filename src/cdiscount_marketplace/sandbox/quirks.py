"""Quirks of one order in the answers about it: what real services were seen to send.

A quirk lasts until it is taken from the order. What damages the bytes of an answer is marked in its text first, and
put in when the answer is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

_CONTROL, _BAD_BYTE = "\ue001", "\ue002"
_DAMAGE = ((_CONTROL.encode(), b"\x08"), (_BAD_BYTE.encode(), b"\xff"))
_HUGE = 11_000_000


class Quirk(StrEnum):
    """What is odd in the answers about an order.

    A request for a `forbidden` order is refused, one for a `missing` order answers "not found"; lists still have both.
    """

    CONTROL_CHARACTER = "control_character"
    BAD_BYTE = "bad_byte"
    HUGE_TEXT = "huge_text"
    UNKNOWN_STATE = "unknown_state"
    NO_STATE = "no_state"
    ODD_SPELLING = "odd_spelling"
    NO_LINES = "no_lines"
    NO_QUANTITY = "no_quantity"
    NO_REFERENCE = "no_reference"
    PLACEHOLDERS = "placeholders"
    END_OF_TIME = "end_of_time"
    MIXED_SUPPLY = "mixed_supply"
    TWO_ADDRESSES = "two_addresses"
    FORBIDDEN = "forbidden"
    MISSING = "missing"


STATES = frozenset({Quirk.UNKNOWN_STATE, Quirk.NO_STATE, Quirk.ODD_SPELLING})
PLACEHOLDER = "***"


def read_quirks(names: Iterable[str]) -> frozenset[Quirk]:
    """Read quirks from their names; raises `ValueError` for one that there is not."""
    if isinstance(names, str):
        raise TypeError("give a list of quirks")
    return frozenset(map(Quirk, names))


def odd_text(text: str, quirks: frozenset[Quirk]) -> str:
    """Return a text with the damage that an order's quirks do to it."""
    if Quirk.HUGE_TEXT in quirks:
        text = text.ljust(_HUGE, ".")
    marks = {Quirk.CONTROL_CHARACTER: _CONTROL, Quirk.BAD_BYTE: _BAD_BYTE}
    return text + "".join(mark for quirk, mark in marks.items() if quirk in quirks)


def odd_state(state: str, quirks: frozenset[Quirk]) -> str | None:
    """Return a state as an order's quirks spell it; None for no state."""
    if Quirk.NO_STATE in quirks:
        return None
    if Quirk.UNKNOWN_STATE in quirks:
        return "StateOfTomorrow"
    return state.upper() if Quirk.ODD_SPELLING in quirks else state


def damaged(body: bytes) -> bytes:
    """Return an answer with the bytes in it that no text can have."""
    for mark, byte in _DAMAGE:
        body = body.replace(mark, byte)
    return body
