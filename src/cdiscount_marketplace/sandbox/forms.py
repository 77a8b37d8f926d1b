"""Read frozen attrs classes from JSON values, saying which value is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from types import UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import attrs

from cdiscount_marketplace.octopia.bodies import is_array, is_object

_WANTED: Mapping[type[Any], str] = {bool: "give true or false", int: "give an integer", str: "give a string"}
T = TypeVar("T", bound=attrs.AttrsInstance)


class BadForm(ValueError):
    """A field cannot be read; the text names the field and the reason."""


def read(cls: type[T], values: Mapping[str, Any]) -> T:
    """Make a `cls` from JSON values: durations in seconds, moments in ISO 8601 with an offset, amounts as strings."""
    missing = [item.name for item in attrs.fields(cls) if item.default is attrs.NOTHING and item.name not in values]
    if missing:
        raise BadForm(f"missing: {', '.join(missing)}")
    return _build(lambda: cls(**_arguments(cls, values)))


def update(instance: T, values: Mapping[str, Any]) -> T:
    """Return `instance` with JSON values put in."""
    current = {field.name: getattr(instance, field.name) for field in attrs.fields(type(instance))}
    return _build(lambda: type(instance)(**{**current, **_arguments(type(instance), values)}))


def dump(value: Any) -> Any:
    """Return `value` (attrs classes, tuples, plain values) as JSON values."""
    if attrs.has(value.__class__):
        return {name: dump(item) for name, item in attrs.asdict(value, recurse=False).items()}
    if isinstance(value, (tuple, list)):
        return [dump(item) for item in cast("Iterable[Any]", value)]
    if isinstance(value, frozenset):
        return sorted(cast("frozenset[str]", value))
    if is_object(value):
        return {name: dump(item) for name, item in value.items()}
    return _dump_plain(value)


def _dump_plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (Decimal, str)):
        return str(value)
    return value


def _arguments(cls: type[attrs.AttrsInstance], values: Mapping[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(cls)
    known = {field.name for field in attrs.fields(cls)}
    unknown = sorted(str(name) for name in values if name not in known)
    if unknown:
        raise BadForm(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    return {name: _field(name, hints[name], value) for name, value in values.items()}


def _build(make: Callable[[], T]) -> T:
    try:
        return make()
    except BadForm:
        raise
    except (TypeError, ValueError) as error:
        raise BadForm(str(error)) from error


def _field(name: str, hint: Any, value: Any) -> Any:
    try:
        return _convert(hint, value)
    except (TypeError, ValueError, InvalidOperation, OverflowError) as error:
        raise BadForm(f"{name}: {error}") from error


def _convert(hint: Any, value: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        return _convert_optional(hint, value)
    if get_origin(hint) in (tuple, frozenset):
        return _convert_list(hint, value)
    if get_origin(hint) is Literal:
        return _choice(hint, value)
    if attrs.has(hint):
        return _nested(hint, value)
    readers = {timedelta: _duration, datetime: _moment, Decimal: _amount, float: _number}
    if hint in readers:
        return readers[hint](value)
    wanted = hint if hint in (bool, int) else str
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise TypeError(_WANTED[wanted])
    return hint(value)


def _convert_optional(hint: Any, value: Any) -> Any:
    inner = next(item for item in get_args(hint) if item is not type(None))
    return None if value is None else _convert(inner, value)


def _convert_list(hint: Any, value: Any) -> Any:
    if not is_array(value):
        raise TypeError("give a list")
    return get_origin(hint)(_convert(get_args(hint)[0], item) for item in value)


def _choice(hint: Any, value: Any) -> Any:
    if value not in get_args(hint):
        raise ValueError(f"give one of {', '.join(map(str, get_args(hint)))}")
    return value


def _nested(hint: Any, value: Any) -> Any:
    if not is_object(value):
        raise TypeError("give an object")
    return read(hint, value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("give a number")
    return float(value)


def _duration(value: Any) -> timedelta:
    return timedelta(seconds=_number(value))


def _amount(value: Any) -> Decimal:
    amount = Decimal(value if isinstance(value, str) else str(_number(value)))
    if not amount.is_finite():
        raise ValueError("give a finite amount")
    return amount


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise TypeError("give a string such as 2026-03-02T09:00:00+01:00")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("give the offset from UTC too")
    return moment
