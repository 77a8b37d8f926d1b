"""Simple values: how each `xsd` type is read from text and written as text, and which Python values fit it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from cdiscount_marketplace.soap.codec.declare import Xsd
from cdiscount_marketplace.soap.codec.times import to_utc

NO_DATE = "0001-01-01T00:00:00"
RANGES: dict[str, int] = {"short": 15, "int": 31, "long": 63}

_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
# More digits than any amount has could not be rounded to cents, and one order would stop all others.
_DECIMAL = re.compile(r"[+-]?0*(?:\d{1,20}(?:\.\d*)?|\.\d+)", re.ASCII)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
# What XML 1.0 cannot carry; the service dies of it, if the request is built at all.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class NotOfType(ValueError):
    """A text is not a value of its declared type."""


def parse_integer(text: str) -> int:
    """Read an integer."""
    if not _INTEGER.fullmatch(text):
        raise NotOfType
    return int(text)


def parse_decimal(text: str) -> Decimal:
    """Read a decimal with the scale that it is written with."""
    if not _DECIMAL.fullmatch(text):
        raise NotOfType
    return Decimal(text)


def parse_double(text: str) -> float:
    """Read a floating-point number."""
    try:
        return float(text)
    except ValueError:
        raise NotOfType from None


def parse_boolean(text: str) -> bool:
    """Read a truth value."""
    if text not in _BOOLEANS:
        raise NotOfType
    return _BOOLEANS[text]


def parse_instant(text: str, zone: tzinfo) -> datetime | None:
    """Read a time as an aware UTC datetime; the year 1 stands for none, and an offset in the text wins over `zone`."""
    try:
        stamp = datetime.fromisoformat(text)
        if stamp.year == 1:
            return None
        return stamp.astimezone(UTC) if stamp.tzinfo else to_utc(stamp, zone)
    except (ValueError, OverflowError):
        raise NotOfType from None


def format_value(value: object) -> str:
    """Write a simple value; a datetime must be naive already."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _format_naive(value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _format_naive(value: datetime) -> str:
    # Like the service, which drops the zeros that end a fraction.
    text = value.isoformat()
    return text.rstrip("0") if value.microsecond else text


def misfit(value: object, xsd: Xsd) -> str | None:
    """Say what is wrong with a Python value that is to be sent as an `xsd` type, if anything is."""
    match xsd:
        case "string":
            return _text_misfit(value)
        case "short" | "int" | "long":
            return _integer_misfit(value, RANGES[xsd])
        case "dateTime":
            aware = isinstance(value, datetime) and value.tzinfo is not None
            return None if aware else "must be an aware datetime"
        case "boolean":
            return None if isinstance(value, bool) else "must be True or False"
        case _:
            return _number_misfit(value, xsd)


def _text_misfit(value: object) -> str | None:
    if not isinstance(value, str):
        return "must be a string"
    return "holds a control character, which XML cannot carry" if _ILLEGAL.search(value) else None


def _integer_misfit(value: object, bits: int) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return "must be an integer"
    return None if -(1 << bits) <= value < 1 << bits else f"does not fit {bits + 1} bits"


def _number_misfit(value: object, xsd: Xsd) -> str | None:
    wanted: tuple[type, ...] = (Decimal, int) if xsd == "decimal" else (float, int)
    if not isinstance(value, wanted) or isinstance(value, bool):
        return f"must be a {wanted[0].__name__}"
    if isinstance(value, Decimal) and not value.is_finite():
        return "must be a finite number"
    return None
