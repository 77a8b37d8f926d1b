"""Order numbers and SKUs as people type and paste them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

# What a person types; all else in a query was written by the page.
_TYPED = frozenset({"number", "sku", "q"})


def as_typed(query: Mapping[str, str]) -> Mapping[str, str]:
    """Return a query without the blanks and invisible marks that come with pasted text."""
    return {name: _visible(text) if name in _TYPED else text for name, text in query.items()}


def spellings(number: str) -> Sequence[str]:
    """Return a number as it is, in capitals and in small letters, each once."""
    return tuple(dict.fromkeys((number, number.upper(), number.lower())))


def _visible(text: str) -> str:
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf").strip()
