"""Columns that hold whatever a marketplace sends, alike in SQLite and PostgreSQL."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, Dialect, Numeric, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """Spell out what no database text can hold, NUL and lone surrogates, as `\\u0000` and the like."""
    return _UNSTORABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


class AnyText(TypeDecorator[str]):
    """A text of any length and content; alike when it is written and when it is looked for.

    An order must not be lost for one odd character in a customer's name.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Write a text; an open enum is written as its value."""
        return None if value is None else storable(str(value))


class TextTuple(TypeDecorator[tuple[str, ...]]):
    """A tuple of texts, as JSON, which escapes what databases cannot hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str | None:
        """Write a tuple."""
        return None if value is None else json.dumps(list(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """Read a tuple."""
        return None if value is None else tuple(json.loads(value))


class Moment(TypeDecorator[datetime]):
    """An aware UTC time: `timestamptz` in PostgreSQL, in SQLite a text of one width, so that texts sort like times."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write a time."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read a time."""
        if value is None:
            return None
        return datetime.fromisoformat(value) if dialect.name == "sqlite" else value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """An exact amount: `numeric` in PostgreSQL, its text in SQLite, which knows no exact numbers."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Write an amount."""
        return str(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Read an amount."""
        return None if value is None else Decimal(value)
