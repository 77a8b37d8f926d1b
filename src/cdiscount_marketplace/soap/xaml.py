"""XAML, in which package files are written: which attributes an element has, what fits them, how they are written."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, datetime, tzinfo
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any, Final, cast

import attrs
from attrs import field, frozen

from cdiscount_marketplace.errors import Problem
from cdiscount_marketplace.soap.codec.declare import Xsd
from cdiscount_marketplace.soap.codec.times import to_naive
from cdiscount_marketplace.soap.codec.values import format_value, misfit

DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
LANGUAGE: Final = "http://schemas.microsoft.com/winfx/2006/xaml"

LONGEST_SHOWN: Final = 60
"""How much of a text an error shows."""

_RULE: Final = "xaml"
_TOO_LARGE: Final = 10**12
_ANY: Final[Mapping[str, str]] = MappingProxyType({})
# In an attribute, a parser turns line breaks and tabs into blanks unless they are written as references.
_ESCAPES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
)
# Most texts need none, and looking costs less than translating.
_SPECIAL: Final = re.compile(r'[&<>"\n\r\t]')


@frozen(kw_only=True)
class Attribute:
    """What fits one attribute; `name` is what it is called in the file, `codes` how its words are written there.

    An `encoded` text is written as base64.
    """

    name: str | None
    xsd: Xsd
    required: bool
    positive: bool
    cents: bool
    longest: int | None
    codes: Mapping[str, str]
    encoded: bool


def attribute(
    xsd: Xsd = "string",
    *,
    name: str | None = None,
    default: Any = None,
    required: bool = False,
    positive: bool = False,
    cents: bool = False,
    longest: int | None = None,
    codes: Mapping[str, str] = _ANY,
    encoded: bool = False,
) -> Any:
    """Declare a member that is an attribute in the file; `positive` numbers exclude 0, and none is below it.

    Those in `cents` have two decimals at most.
    """
    rule = Attribute(
        name=name,
        xsd=xsd,
        required=required,
        positive=positive,
        cents=cents,
        longest=longest,
        codes=codes,
        encoded=encoded,
    )
    return field(default=default, metadata={_RULE: rule})


@cache
def _declared(kind: type) -> tuple[tuple[str, str, Attribute], ...]:
    """Return the attributes of a class: member, name in the file, rule."""
    members = [(item.name, item.metadata.get(_RULE)) for item in attrs.fields(kind)]
    return tuple((name, rule.name or name.title().replace("_", ""), rule) for name, rule in members if rule is not None)


def problems(part: Any) -> Iterator[Problem]:
    """Name what a file cannot say, by the members of `part`."""
    for member, _, rule in _declared(part.__class__):
        wrong = _wrong(rule, getattr(part, member))
        if wrong is not None:
            yield Problem(member, wrong)


def nested_problems(name: str, parts: object, kind: type) -> Iterator[Problem]:
    """Name what is wrong with a list of parts."""
    if not isinstance(parts, Sequence):
        yield Problem(name, f"must be a list of {kind.__name__}, not {type(parts).__name__}")
        return
    for index, part in enumerate(cast("Sequence[object]", parts)):
        if not isinstance(part, kind):
            yield Problem(f"{name}[{index}]", f"must be a {kind.__name__}, not {type(part).__name__}")
            continue
        yield from (Problem(f"{name}[{index}].{one.field}", one.message) for one in problems(part))


def text_problems(name: str, texts: object) -> Iterator[Problem]:
    """Name what is wrong with a list of texts."""
    # A text is iterable as well: its letters would be written.
    if isinstance(texts, str) or not isinstance(texts, Sequence):
        yield Problem(name, f"must be a list of texts, not {type(texts).__name__}")
        return
    for index, text in enumerate(cast("Sequence[object]", texts)):
        wrong = text_problem(text)
        if wrong is not None:
            yield Problem(f"{name}[{index}]", wrong)


def text_problem(text: object) -> str | None:
    """Say what is wrong with a text that is needed, if anything is."""
    return _wrong(_TEXT, text)


_TEXT: Final = Attribute(
    name=None, xsd="string", required=True, positive=False, cents=False, longest=None, codes=_ANY, encoded=False
)


def _wrong(rule: Attribute, value: Any) -> str | None:
    if value is None:
        return "is required" if rule.required else None
    # Before looking for blanks: some control characters count as such.
    wrong = misfit(value, rule.xsd)
    if wrong is not None:
        return wrong
    if isinstance(value, str):
        return _wrong_text(rule, value)
    if isinstance(value, datetime):
        # At the ends of the calendar, another zone has no such time.
        return None if MINYEAR < value.year < MAXYEAR else f"must be between the years {MINYEAR} and {MAXYEAR}"
    return _wrong_number(rule, value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else None


def _wrong_text(rule: Attribute, value: str) -> str | None:
    if rule.required and not value.strip():
        return "is required"
    # The numbers of words that came later than our table can be given as such.
    if rule.codes and value not in rule.codes and not value.isdecimal():
        return f"'{value[:LONGEST_SHOWN]}' has no place in a file; give one of {', '.join(rule.codes)}"
    if rule.longest is not None and len(value) > rule.longest:
        return f"has {len(value)} characters, at most {rule.longest} are allowed"
    return None


def _wrong_number(rule: Attribute, value: Decimal | int) -> str | None:
    if rule.positive and value <= 0:
        return f"must be above 0, not {_shown(value)}"
    if value < 0:
        return f"must be at least 0, not {_shown(value)}"
    if value >= _TOO_LARGE:
        return f"must be below {_TOO_LARGE:,}, not {_shown(value)}"
    return f"must be in whole cents, not {_shown(value)}" if rule.cents and value * 100 % 1 else None


def _shown(value: Decimal | int) -> str:
    return str(value)[:LONGEST_SHOWN]


def escape(text: str) -> str:
    """Write a text so that it can stand in an attribute, and in an element."""
    return text.translate(_ESCAPES) if _SPECIAL.search(text) else text


def attribute_text(text: str) -> str:
    """Write a text as an attribute's value: where it begins with `{`, XAML would take it for a command."""
    return ("{}" if text.startswith("{") else "") + escape(text)


def start(tag: str, part: Any, zone: tzinfo) -> str:
    """Write the beginning of an element and its attributes, without the bracket that ends it."""
    written = [f"<{tag}"]
    for member, name, rule in _declared(part.__class__):
        value = getattr(part, member)
        if value is not None and value != "":
            written.append(f'{name}="{_write(rule, value, zone)}"')
    return " ".join(written)


def element(tag: str, part: Any, zone: tzinfo, content: str = "") -> str:
    """Write an element with its attributes; `content` is XML."""
    begin = start(tag, part, zone)
    return f"{begin}>{content}</{tag}>" if content else f"{begin}/>"


def collection(owner: str, tag: str, elements: Sequence[str]) -> str:
    """Write a member of an element that is a list; nothing for an empty one."""
    if not elements:
        return ""
    return f'<{owner}><{tag} Capacity="{len(elements)}">{"".join(elements)}</{tag}></{owner}>'


def _write(rule: Attribute, value: Any, zone: tzinfo) -> str:
    match rule.xsd:
        case "string" if rule.encoded:
            return b64encode(value.encode()).decode()
        case "string":
            return attribute_text(rule.codes.get(value, value))
        case "boolean":
            return str(value)
        case "dateTime":
            naive = to_naive(value, zone)
            return naive.isoformat(timespec="seconds" if naive.second else "minutes")
        case _:
            return format_value(value)
