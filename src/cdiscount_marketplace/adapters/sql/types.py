"""How times, money and small values lie in columns, alike in SQLite and PostgreSQL."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, Dialect, Numeric, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

# Made once: `json.dumps` with these options makes one each time.
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def is_sqlite(dialect: Dialect) -> bool:
    """Whether a value goes to SQLite, which has neither times nor exact numbers."""
    return dialect.name == "sqlite"


def moment_text(moment: datetime) -> str:
    """Write an aware time so that texts sort like times, and SQLite's date functions read them."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:26] + "Z"


def storable(text: str) -> str:
    """Write what no database text can hold, NUL and lone surrogates, as `\\u0000` and the like."""
    return _UNSTORABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _written(text: str | None) -> str | None:
    # The usual text is let through at once: a row has some thirty.
    return text if text is None or (text.isascii() and "\0" not in text) else storable(text)


class Words(TypeDecorator[str]):
    """A text, with what no database can hold spelled out; alike when it is written and when it is looked for."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok: bool | None = True

    def bind_processor(self, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """Return what writes a text."""
        return _written


class Moment(TypeDecorator[datetime]):
    """An aware UTC time: `timestamptz` in PostgreSQL, ISO text of one width in SQLite."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok: bool | None = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type."""
        return dialect.type_descriptor(Text() if is_sqlite(dialect) else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Write a time."""
        return moment_text(value) if value is not None and is_sqlite(dialect) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read a time."""
        if value is None:
            return None
        return datetime.fromisoformat(value) if is_sqlite(dialect) else value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """An exact amount: `numeric` in PostgreSQL, its decimal text in SQLite; never a float."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok: bool | None = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type."""
        return dialect.type_descriptor(Text() if is_sqlite(dialect) else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Write an amount."""
        return str(value) if value is not None and is_sqlite(dialect) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Read an amount."""
        return Decimal(value) if value is not None else None


class Json(TypeDecorator[Any]):
    """A small value as JSON text, compact and readable."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = Text
    cache_ok: bool | None = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Write a value."""
        return None if value is None else _written(_to_json(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """Read a value."""
        return None if value is None else json.loads(value)
