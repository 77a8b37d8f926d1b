"""Which numbers of an answer mean an order."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import cast

from cdiscount_marketplace.channels.port import DIGEST
from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.models import SHARED

_LOST = "\ufffd"


def whole_number(number: str | None) -> str | None:
    """Return a number; None for a blank one, and for one with a lost character: it may be another order's.

    None, too, for one that begins like the marks which stand beside numbers.
    """
    usable = number and number.strip() and _LOST not in number and not number.startswith((DIGEST, SHARED))
    return number if usable else None


def order_numbers(numbers: Iterable[str]) -> list[str]:
    """Return the numbers that a caller gave; raises `InvalidRequest` for anything but a list of texts."""
    listed = isinstance(cast("object", numbers), Iterable) and not isinstance(numbers, str | bytes)
    items = list(numbers) if listed else []
    if not listed or not all(isinstance(cast("object", number), str) for number in items):
        raise InvalidRequest([Problem("numbers", "must be a list of order numbers, as texts")])
    return items


def digest_of(content: str) -> str:
    """Return an identity for an order without a number, made from what it holds."""
    return f"{DIGEST}{sha256(content.encode(errors='replace')).hexdigest()[:32]}"
