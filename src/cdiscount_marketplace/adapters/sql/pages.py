"""Reading a long list page by page: each page begins after the last row of the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, literal, tuple_


def following(order: Sequence[Column[Any]], after: Mapping[str, Any]) -> ColumnElement[bool]:
    """Return the condition for rows that follow `after` in this order; `after` itself may have been removed."""
    last = (literal(after[column.name], column.type) for column in order)
    return tuple_(*order) > tuple_(*last)
