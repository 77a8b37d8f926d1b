"""Hiding what belongs to customers: every member that the models keep out of their reprs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from attrs import evolve, fields, has

from cdiscount_marketplace.models import SalesOrder

_HIDDEN = "(hidden)"


def hidden(order: SalesOrder) -> SalesOrder:
    """Return the order without its customer's data, wherever they are; what is there is shown as hidden."""
    return cast("SalesOrder", _hide(order, SalesOrder))


def _hide(model: Any, kind: type[Any]) -> Any:
    members = [(each, getattr(model, each.name)) for each in fields(kind)]
    covered = {each.name: _hide_within(value) if each.repr else _cover(value) for each, value in members}
    return evolve(model, **covered)


def _hide_within(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(map(_hide_within, cast("Sequence[object]", value)))
    return _hide(value, type(value)) if has(type(value)) else value


def _cover(value: object) -> object:
    if not value:
        return value
    return (_HIDDEN,) if isinstance(value, tuple) else _HIDDEN
