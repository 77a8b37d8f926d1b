"""What the OMS side's records check of their own members, when they are made."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypeVar, cast

from cdiscount_marketplace.enums import OpenEnum
from cdiscount_marketplace.errors import InvalidRequest, Problem

E = TypeVar("E", bound=OpenEnum)


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
    if value is None:
        return
    if not isinstance(value, Decimal):
        example = f"must be a Decimal, such as Decimal('12.50'), not {type(value).__name__}"
        raise InvalidRequest([Problem(attribute.name, example)])
    if not value.is_finite() or value <= 0 or value != round(value, 2):
        raise InvalidRequest([Problem(attribute.name, f"must be a positive amount in whole cents, not {value}")])
