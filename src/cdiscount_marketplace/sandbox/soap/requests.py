"""Read requests as the service does: members in their order, strangers and stragglers ignored, wrong values refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from attrs import field, frozen

from cdiscount_marketplace.sandbox.soap.envelope import Node
from cdiscount_marketplace.soap.codec.declare import Element, WireEnum, elements, is_model

_FRAME = (
    "The formatter threw an exception while trying to deserialize the message: There was an error while trying to "
    "deserialize parameter http://www.cdiscount.com:{part}. The InnerException message was '{inner}'.  Please see "
    "InnerException for more details."
)
_OBJECT = "There was an error deserializing the object of type {type}. {why}"
_ENUM = (
    "Invalid enum value '{value}' cannot be deserialized into type '{type}'. Ensure that the necessary enum values are "
    "present and are marked with EnumMemberAttribute attribute if the type has DataContractAttribute attribute."
)
_DOTNET = {
    "int": "Int32",
    "short": "Int16",
    "long": "Int64",
    "decimal": "Decimal",
    "double": "Double",
    "float": "Single",
    "boolean": "Boolean",
    "dateTime": "DateTime",
}
_BITS = {"short": 15, "int": 31, "long": 63}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:(\.[0-9]{1,6})[0-9]*)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
# What .NET's Decimal holds.
_GREATEST = Decimal(2**96 - 1)


class Undeserializable(ValueError):
    """A request part cannot be read; the text is the platform's."""


@frozen
class Values:
    """What was read of one object, by element name; what did not come is not there, nil is None."""

    by_name: Mapping[str, Any] = field(factory=dict[str, Any])

    def get(self, name: str) -> Any:
        """Return a value, None if it did not come."""
        return self.by_name.get(name)

    def text(self, name: str) -> str:
        """Return a string, empty if there is none."""
        value = self.by_name.get(name)
        return value if isinstance(value, str) else ""

    def truth(self, name: str) -> bool:
        """Return a truth value, false if there is none."""
        return self.by_name.get(name) is True

    def one(self, name: str) -> Values:
        """Return an object, an empty one if there is none."""
        value = self.by_name.get(name)
        return value if isinstance(value, Values) else Values()

    def many(self, name: str) -> tuple[Any, ...]:
        """Return a list's items, nil ones left out."""
        return tuple(item for item in self.by_name.get(name) or () if item is not None)


def read_part(cls: type, part: str, node: Node | None) -> Values:
    """Read one message part into values; `Undeserializable` in the platform's words. Times stay naive."""
    if node is None or node.nil:
        return Values()
    try:
        return _read_object(cls, node)
    except _Wrong as error:
        inner = _OBJECT.format(type=_dotnet_name(cls), why=error)
        raise Undeserializable(_FRAME.format(part=part, inner=inner)) from error


class _Wrong(ValueError):
    pass


def _read_object(cls: type, node: Node) -> Values:
    members = elements(cls)
    values: dict[str, Any] = {}
    position = 0
    for child in node.elements():
        member = _find(members, child, position)
        if member is not None:
            _require(members[position:member], "Element", child)
            values[members[member].name] = _read_member(members[member], child)
            position = member + 1
    _require(members[position:], "EndElement", node)
    return Values(values)


def _find(members: tuple[Element, ...], child: Node, position: int) -> int | None:
    return next((at for at in range(position, len(members)) if members[at].tag == child.name), None)


def _require(skipped: tuple[Element, ...], kind: str, node: Node) -> None:
    missing = next((member for member in skipped if member.required), None)
    if missing is not None:
        what = f"'{kind}' '{node.local}' from namespace '{node.namespace}'"
        raise _Wrong(f"{what} is not expected. Expecting element '{missing.name}'.")


def _read_member(member: Element, node: Node) -> Any:
    if node.nil:
        if member.nillable:
            return None
        raise _Wrong(f"ValueType '{member.name}' cannot be null.")
    if member.many:
        items = (item for item in node.elements() if item.name == member.item_tag)
        return tuple(None if item.nil else _read_value(member.type, item) for item in items)
    return _read_value(member.type, node)


def _read_value(kind: Any, node: Node) -> Any:
    if is_model(kind):
        return _read_object(kind, node)
    if isinstance(kind, type):
        return _read_enum(kind, node.text)
    reader = _READERS.get(kind)
    if reader is None:
        return node.text
    text = node.text.strip()
    try:
        return reader(text)
    except (ValueError, KeyError, InvalidOperation, OverflowError):
        raise _Wrong(f"The value '{text}' cannot be parsed as the type '{_DOTNET[kind]}'.") from None


def _read_enum(kind: type[object], text: str) -> str:
    if issubclass(kind, WireEnum) and kind(text).known:
        return text
    raise _Wrong(_ENUM.format(value=text, type=_dotnet_name(kind)))


def _dotnet_name(cls: type[object]) -> str:
    return f"Cdiscount.Service.Marketplace.API.External.Contract.Data.{cls.__name__}"


def _integer(bits: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(_whole(_INTEGER, text)[0])
        if not -(1 << bits) <= value < 1 << bits:
            raise ValueError
        return value

    return read


def _decimal(text: str) -> Decimal:
    value = Decimal(_whole(_DECIMAL, text)[0])
    if abs(value) > _GREATEST:
        raise ValueError
    return value


def _moment(text: str) -> datetime:
    seconds, fraction, offset = _whole(_MOMENT, text).groups(default="")
    return datetime.fromisoformat(f"{seconds}{fraction}{offset}")


def _whole(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    # Python reads more than XML Schema allows: underscores, digits of every script, exponents, dates by weeks.
    match = pattern.fullmatch(text)
    if match is None:
        raise ValueError
    return match


_READERS: Mapping[str, Callable[[str], Any]] = {
    **{name: _integer(bits) for name, bits in _BITS.items()},
    "decimal": _decimal,
    "double": float,
    "float": float,
    "boolean": _BOOLEANS.__getitem__,
    "dateTime": _moment,
}
