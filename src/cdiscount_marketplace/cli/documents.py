"""JSON for programs: one ASCII document, written while its rows are read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, cast

import attrs

# A quarantined order's payload and the channel's own order are customers' data.
_LEFT_OUT = {"source", "payload"}
_encode = json.JSONEncoder(ensure_ascii=True, separators=(", ", ": ")).encode


def document(value: object) -> Iterator[str]:
    """Write a value piece by piece: each member of a mapping and each item of a list on a line.

    All but printable ASCII is escaped, lone surrogates included, so that no text can steer a terminal and any encoding
    can hold it.
    """
    yield from _pieces(value)
    yield "\n"


def _pieces(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value).items()
        yield from _between("{", ((f"{_text(str(key))}: ", item) for key, item in members), "}")
    elif isinstance(value, Iterator | list | tuple):
        yield from _between("[", (("", item) for item in cast("Iterable[object]", value)), "]")
    else:
        yield _text(to_json(value))


def _between(opening: str, items: Iterable[tuple[str, object]], closing: str) -> Iterator[str]:
    separator = "\n"
    yield opening
    for name, item in items:
        yield separator + name
        yield from _pieces(item)
        separator = ",\n"
    yield closing if separator == "\n" else "\n" + closing


def _text(value: object) -> str:
    # The one control character that JSON writes as it is.
    return _encode(value).replace("\x7f", "\\u007f")


def to_json(value: object) -> object:
    """Turn records into JSON's own types, each member under its name.

    A `Decimal` is a string, a moment an ISO 8601 string in UTC, a duration its seconds. Quarantined payloads and the
    channel's own orders are left out.
    """
    kind: Any = type(value)
    names = _members(kind)
    if names is not None:
        return {name: to_json(getattr(value, name)) for name in names}
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str | Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, Iterable):
        return [to_json(item) for item in cast("Iterable[object]", value)]
    return value


@cache
def _members(kind: type[Any]) -> tuple[str, ...] | None:
    if not attrs.has(kind):
        return None
    return tuple(item.name for item in attrs.fields(kind) if item.name not in _LEFT_OUT)
