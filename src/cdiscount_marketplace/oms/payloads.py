"""An order as JSON text and back, so that quarantine keeps it whole while the marketplace forgets or masks it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import NoneType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

import attrs

from cdiscount_marketplace.enums import OpenEnum
from cdiscount_marketplace.models import SalesOrder

P = TypeVar("P")


def order_to_json(order: SalesOrder) -> str:
    """Write everything of an order but the channel's own `source`; it holds personal data."""
    return json.dumps(_plain(attrs.evolve(order, source=None)), ensure_ascii=False, separators=(",", ":"))


def order_from_json(payload: str) -> SalesOrder | None:
    """Restore an order; None where the text is not one, as after a purge of personal data."""
    try:
        content: Any = json.loads(payload)
        return cast("SalesOrder", _rebuild(SalesOrder, content))
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
        return None


def parts_to_plain(parts: Sequence[object]) -> list[object] | None:
    """Return small parts of an order, such as refunds, ready for JSON; None where there are none."""
    return [_plain(part) for part in parts] or None


def parts_from_plain(kind: type[P], plain: Sequence[Mapping[str, Any]] | None) -> tuple[P, ...]:
    """Restore parts as they were before `parts_to_plain`."""
    return tuple(cast("P", _rebuild(kind, part)) for part in plain or ())


def _plain(value: object) -> object:
    if attrs.has(type(value)):
        fields = attrs.fields(cast("type[attrs.AttrsInstance]", type(value)))
        named = ((field, getattr(value, field.name)) for field in fields)
        return {field.name: _plain(item) for field, item in named if item != field.default}
    if isinstance(value, tuple):
        return [_plain(item) for item in cast("tuple[object, ...]", value)]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | OpenEnum) else value


def _rebuild(model: type[Any], content: Mapping[str, Any]) -> Any:
    hints = get_type_hints(model)
    return model(**{name: _value(hints[name], item) for name, item in content.items() if name in hints})


def _value(hint: Any, item: Any) -> Any:
    kind = _bare(hint)
    if item is None:
        return None
    if get_origin(kind) is tuple:
        return tuple(_value(get_args(kind)[0], one) for one in item)
    if attrs.has(kind):
        return _rebuild(kind, item)
    if kind is datetime:
        return datetime.fromisoformat(item)
    return kind(item) if isinstance(kind, type) and issubclass(kind, Decimal | OpenEnum) else item


def _bare(hint: Any) -> Any:
    """Return what an optional hint is when it is there."""
    options = [option for option in get_args(hint) if option is not NoneType]
    return options[0] if NoneType in get_args(hint) else hint
