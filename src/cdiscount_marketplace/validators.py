"""What the OMS side's records check of their own members, when they are made."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypeVar, cast

from cdiscount_marketplace.enums import OpenEnum
from cdiscount_marketplace.errors import InvalidRequest, Problem

E = TypeVar("E", bound=OpenEnum)

# The largest integer of a database column.
LARGEST = 2**31 - 1


def line_ids(lines: Iterable[str]) -> tuple[str, ...]:
    """Return line ids as a tuple; raises `InvalidRequest` for anything but a list of texts."""
    # A text is iterable as well: its letters would name other lines.
    ids = None if isinstance(lines, str) or not isinstance(cast("object", lines), Iterable) else tuple(lines)
    if ids is None or not all(isinstance(cast("object", line_id), str) for line_id in ids):
        example = lines if isinstance(lines, str) else "L1"
        raise InvalidRequest([Problem("lines", f"must be a list of line ids, such as [{example!r}]")])
    return ids


def text(_instance: object, attribute: Any, value: Any) -> None:
    """Reject what is not a text; None is missing, which has its own message."""
    if not isinstance(value, str) and (value is not None or attribute.name == "key"):
        raise InvalidRequest([Problem(attribute.name, f"must be a text, not {type(value).__name__}")])


def word(kind: type[E], value: object) -> E:
    """Return a value of an open enum, whatever its spelling; raises `InvalidRequest` for what is no text."""
    if not isinstance(value, str):
        example = str(next(iter(kind.values())))
        message = f"must be a {kind.__name__}, such as {example!r}, not {type(value).__name__}"
        raise InvalidRequest([Problem(kind.__name__, message)])
    return kind.read(value)


def amount(_instance: object, attribute: Any, value: Any) -> None:
    """Reject an amount of money that is not a positive `Decimal` in whole cents; None is no amount."""
    _money(attribute.name, value, positive=True)


def money(_instance: object, attribute: Any, value: Any) -> None:
    """Reject a price that is not a `Decimal` of 0 or more in whole cents; None is no price."""
    _money(attribute.name, value, positive=False)


def _money(name: str, value: Any, *, positive: bool) -> None:
    if value is None:
        return
    if not isinstance(value, Decimal):
        example = f"must be a Decimal, such as Decimal('12.50'), not {type(value).__name__}"
        raise InvalidRequest([Problem(name, example)])
    if not value.is_finite() or value < 0 or (positive and not value) or value != round(value, 2):
        kind = "a positive amount" if positive else "an amount of 0 or more"
        raise InvalidRequest([Problem(name, f"must be {kind} in whole cents, not {value}")])


def integer(_instance: object, attribute: Any, value: Any) -> None:
    """Reject what is not an integer of 0 or more, and fits into any store; None is not said."""
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
        raise InvalidRequest([Problem(attribute.name, f"must be an integer from 0 to {LARGEST}, not {value!r}")])
