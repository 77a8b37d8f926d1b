"""Columns that hold whatever a marketplace sends."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from django.db import models

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """Spell out what no database text can hold, NUL and lone surrogates, as `\\u0000` and the like."""
    return _UNSTORABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


class AnyText(models.TextField):
    """A text of any length and content; alike when it is written and when it is looked for.

    An order must not be lost for one odd character in a customer's name.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Write a text; an open enum is written as its value."""
        return None if value is None else storable(str(value))


class TextTuple(models.TextField):
    """A tuple of texts, as JSON."""

    def get_prep_value(self, value: Any) -> Any:
        """Write a tuple; JSON escapes what databases cannot hold."""
        return None if value is None else json.dumps(list(value))

    def from_db_value(self, value: str | None, *_: object) -> tuple[str, ...] | None:
        """Read a tuple."""
        return self.to_python(value)

    def to_python(self, value: str | Sequence[str] | None) -> tuple[str, ...] | None:
        """Read a tuple, also from a fixture."""
        if value is None:
            return None
        return tuple(json.loads(value) if isinstance(value, str) else value)
