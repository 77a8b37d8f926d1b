"""How a model declares its JSON members, and what reads and writes them.

A model is a frozen attrs class whose members are declared with the functions below; the JSON name is the member's in
camelCase, or `name=`. Reading never raises: what is missing becomes None (or an empty tuple), what cannot be
understood becomes None and is noted as drift, and what is unknown is noted and left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from typing import Any, TypeVar, cast

import attrs
from attrs import frozen

from cdiscount_marketplace.assembly import assembler, defaults
from cdiscount_marketplace.enums import OpenEnum
from cdiscount_marketplace.events.calls import DriftSeen
from cdiscount_marketplace.octopia.bodies import REPLACEMENT, fold, is_array, is_object

T = TypeVar("T")

# Outside of these bounds a number is not an amount, and arithmetic on it could take any time and memory.
_LARGEST_POWER = 15
_LARGEST = 10**_LARGEST_POWER
_FINEST = -12
_VALUE_LENGTH = 60
_KEY = "cdiscount_marketplace.octopia.codec"


class Drift:
    """Collects what one answer contained that the models do not know; not thread-safe, one per answer."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str, str | None]] = Counter()

    def note(self, kind: str, path: str, value: str | None = None) -> None:
        """Count one find; `kind` is "element", "value" or "format"."""
        self._seen[kind, path, value] += 1

    def events(self, operation: str) -> Iterator[DriftSeen]:
        """Tell each distinct find once."""
        for (kind, path, value), count in self._seen.items():
            yield DriftSeen(operation=operation, kind=kind, path=path, value=value, count=count)


Read = Callable[[Any, Drift, str], Any]
Write = Callable[[Any], object]


@frozen
class Element:
    """One JSON member: its name, its other names seen in answers, and how its value is read and written."""

    name: str | None
    also: tuple[str, ...]
    read: Read
    write: Write


_Entry = tuple[int, Read, str]


# --- declaring ------------------------------------------------------------------------------------------------------


def text(*, name: str | None = None, also: tuple[str, ...] = ()) -> Any:
    """Declare a string."""
    return _member(Element(name, also, _read_text, str))


def private_text(*, name: str | None = None) -> Any:
    """Declare a string that is personal data: never shown in a repr."""
    return _member(Element(name, (), _read_text, str), shown=False)


def texts(*, name: str | None = None) -> Any:
    """Declare a list of strings."""
    return _member(Element(name, (), _read_texts, list), default=())


def whole(*, name: str | None = None) -> Any:
    """Declare an integer."""
    return _member(Element(name, (), _read_whole, int))


def number(*, name: str | None = None, also: tuple[str, ...] = ()) -> Any:
    """Declare a decimal number, read from its digits."""
    return _member(Element(name, also, _read_number, _write_number))


def flag(*, name: str | None = None, also: tuple[str, ...] = ()) -> Any:
    """Declare a boolean."""
    return _member(Element(name, also, _read_flag, bool))


def moment(*, name: str | None = None) -> Any:
    """Declare a time, made aware and UTC; one without an offset is UTC."""
    return _member(Element(name, (), _read_moment, write_moment))


def word(enum: type[OpenEnum], *, name: str | None = None, also: tuple[str, ...] = ()) -> Any:
    """Declare a value of an open enumeration."""
    return _member(Element(name, also, partial(_read_word, enum), str))


def one(model: type[Any], *, name: str | None = None) -> Any:
    """Declare a nested object."""
    kind: Any = model
    return _member(Element(name, (), _one_reader(kind), encode))


def many(model: type[Any], *, name: str | None = None) -> Any:
    """Declare a list of objects."""
    return _member(Element(name, (), partial(_read_many, model), _write_many), default=())


def raw(*, also: tuple[str, ...] = ()) -> Any:
    """Declare a member of unknown shape, kept as parsed JSON and, since it may hold anything, never shown."""
    return _member(Element(None, also, _read_raw, _unchanged), shown=False, hashed=False)


def _member(element: Element, *, default: object = None, shown: bool = True, hashed: bool | None = None) -> Any:
    return attrs.field(default=default, repr=shown, hash=hashed, metadata={_KEY: element})


# --- reading and writing --------------------------------------------------------------------------------------------


def decode(model: type[T], data: object, drift: Drift) -> T:
    """Read a JSON object; anything but an object gives an empty model and is noted."""
    value = _read_one(model, data, drift, model.__name__)
    return model() if value is None else cast("T", value)


def decode_many(model: type[T], data: object, drift: Drift) -> tuple[T, ...]:
    """Read a JSON array of objects; a lone object counts as an array of one."""
    return cast("tuple[T, ...]", _read_many(model, data, drift, model.__name__))


def encode(instance: object) -> dict[str, object]:
    """Write a model as a JSON object; members that are None or empty are left out."""
    written: dict[str, object] = {}
    model: Any = type(instance)
    for field, name, element in _layout(model):
        value = getattr(instance, field)
        if value is not None and value != ():
            written[name] = element.write(value)
    return written


def write_moment(value: datetime) -> str:
    """Write an aware time in UTC, as the service prints it: milliseconds only where there are any."""
    timespec = "milliseconds" if value.microsecond else "seconds"
    return value.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


@cache
def _layout(model: Any) -> tuple[tuple[str, str, Element], ...]:
    members = ((field.name, field.metadata[_KEY]) for field in attrs.fields(model) if _KEY in field.metadata)
    return tuple((name, element.name or _camel(name), element) for name, element in members)


@cache
def _reader(model: Any) -> Callable[[dict[str, Any], Drift], Any]:
    plan = _plan(model)
    folded = {fold(name): entry for name, entry in plan.items()}
    blank, assemble = defaults(model), assembler(model)

    def misspelt(key: str, data: dict[str, Any]) -> _Entry | None:
        """Return what a name in another spelling means, unless the usual spelling is there as well."""
        entry = folded.get(fold(key))
        return None if entry is None or any(plan.get(other) == entry for other in data) else entry

    def read(data: dict[str, Any], drift: Drift) -> Any:
        values = list(blank)
        for key, value in data.items():
            if value is None:
                continue
            entry = plan.get(key) or misspelt(key, data)
            if entry is None:
                drift.note("element", f"{model.__name__}/{key[:_VALUE_LENGTH]}")
                continue
            place, convert, path = entry
            converted = convert(value, drift, path)
            if converted is not None:
                values[place] = converted
        return assemble(*values)

    return read


def _plan(model: Any) -> dict[str, _Entry]:
    """Return for each name of a member: its place in the class, how it is read, and its name in reports."""
    places = {field.name: place for place, field in enumerate(attrs.fields(model))}
    return {
        spelling: (places[field], element.read, f"{model.__name__}/{name}")
        for field, name, element in _layout(model)
        for spelling in (name, *element.also)
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


# --- single values --------------------------------------------------------------------------------------------------


def _read_text(value: Any, drift: Drift, path: str) -> str | None:
    if type(value) is str:
        # A lone surrogate is legal in JSON and cannot be stored anywhere.
        if value.isascii():
            return value
        text = value.encode(errors="replace").decode()
        if REPLACEMENT in text:
            drift.note("character", path)
        return text
    drift.note("format", path)
    return str(value) if type(value) in (int, Decimal) else None


def _read_texts(value: Any, drift: Drift, path: str) -> tuple[str, ...]:
    texts = (_read_text(item, drift, path) for item in _items(value, drift, path))
    return tuple(item for item in texts if item is not None)


def _read_whole(value: Any, drift: Drift, path: str) -> int | None:
    if type(value) is int and -_LARGEST < value < _LARGEST:
        return value
    number = _read_number(value, drift, path)
    if number is not None and number == int(number):
        return int(number)
    drift.note("format", path)
    return None


def _read_number(value: Any, drift: Drift, path: str) -> Decimal | None:
    # The usual case first: each order has dozens of amounts.
    if type(value) is Decimal and value.is_finite() and _FINEST <= value.adjusted() < _LARGEST_POWER:
        return value
    if type(value) is str:
        drift.note("format", path)
        value = _parse_number(value)
    elif type(value) is int:
        value = Decimal(value) if -_LARGEST < value < _LARGEST else None
    if type(value) is Decimal and _is_amount(value):
        return value
    drift.note("format", path)
    return None


def _parse_number(value: str) -> Decimal | None:
    try:
        return Decimal(value.strip()) if len(value) < _VALUE_LENGTH else None
    except InvalidOperation:
        return None


def _is_amount(value: Decimal) -> bool:
    return value.is_finite() and _FINEST <= value.adjusted() < _LARGEST_POWER


def _read_flag(value: Any, drift: Drift, path: str) -> bool | None:
    if type(value) is bool:
        return value
    drift.note("format", path)
    return {"true": True, "false": False}.get(value.lower()) if type(value) is str else None


def _read_moment(value: Any, drift: Drift, path: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
        if moment.year == 1:
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        drift.note("format", path)
        return None


def _read_word(enum: type[OpenEnum], value: Any, drift: Drift, path: str) -> OpenEnum | None:
    if type(value) is not str:
        drift.note("format", path)
        return None
    word = enum.read(value)
    if word != value or not word.known:
        drift.note("value", path, value[:_VALUE_LENGTH])
    return word


def _read_one(model: Any, value: Any, drift: Drift, path: str) -> Any:
    return _one_reader(model)(value, drift, path)


@cache
def _one_reader(model: Any) -> Read:
    """Return what reads a nested object."""
    read = _reader(model)

    def read_one(value: Any, drift: Drift, path: str) -> Any:
        if type(value) is dict:
            return read(cast("dict[str, Any]", value), drift)
        drift.note("format", path)
        return None

    return read_one


def _read_many(model: Any, value: Any, drift: Drift, path: str) -> tuple[Any, ...]:
    read = _one_reader(model)
    values = [read(item, drift, path) for item in _items(value, drift, path)]
    return tuple([item for item in values if item is not None])


def _items(value: Any, drift: Drift, path: str) -> Iterable[Any]:
    if is_array(value):
        return value
    drift.note("format", path)
    return [value] if is_object(value) else []


def _read_raw(value: Any, _drift: Drift, _path: str) -> object:
    return value


def _write_number(value: Decimal) -> int | float:
    """Print a decimal with its own digits: a float's shortest form is exact up to 15 of them."""
    return int(value) if value == value.to_integral_value() else float(value)


def _write_many(value: Iterable[object]) -> list[dict[str, object]]:
    return [encode(item) for item in value]


def _unchanged(value: object) -> object:
    return value
