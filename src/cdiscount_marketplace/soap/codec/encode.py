"""From models to XML and to the values that zeep takes; what is outgoing is checked first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, tzinfo
from typing import Any, Protocol, cast, runtime_checkable

from attrs import frozen

from cdiscount_marketplace.errors import Problem
from cdiscount_marketplace.soap.codec.declare import Bound, Element, Xsd, elements, is_enum, is_model
from cdiscount_marketplace.soap.codec.times import naive_ceil, naive_floor, to_naive
from cdiscount_marketplace.soap.codec.values import NO_DATE, format_value, misfit
from cdiscount_marketplace.soap.codec.xml import Node, append, append_nil

_BOUNDS: dict[Bound, Callable[[datetime, tzinfo], datetime]] = {
    "exact": to_naive,
    "floor": naive_floor,
    "ceil": naive_ceil,
}


@runtime_checkable
class Checked(Protocol):
    """A model with its own rules, beyond its declaration."""

    def problems(self) -> Iterator[Problem]:
        """Name each thing that is wrong."""
        ...


def problems(model: object, path: str) -> Iterator[Problem]:
    """Name everything that keeps a model from being sent: each field by its Python path."""
    for member in elements(type(model)):
        if member.attribute is not None:
            yield from _member_problems(member, getattr(model, member.attribute), f"{path}.{member.attribute}")
    if isinstance(model, Checked):
        for problem in model.problems():
            yield Problem(f"{path}.{problem.field}", problem.message)


def _member_problems(member: Element, value: Any, path: str) -> Iterator[Problem]:
    if value is None:
        if member.required and not member.nillable:
            yield Problem(path, "is required")
    elif member.many:
        yield from _item_problems(member, value, path)
    else:
        yield from _value_problems(member.type, value, path)


def _item_problems(member: Element, items: Any, path: str) -> Iterator[Problem]:
    if not isinstance(items, Collection) or isinstance(items, (str, bytes)):
        yield Problem(path, "must be a list")
        return
    for index, item in enumerate(cast("Collection[object]", items)):
        yield from _value_problems(member.type, item, f"{path}[{index}]")


def _value_problems(kind: Xsd | type, value: Any, path: str) -> Iterator[Problem]:
    if isinstance(kind, str):
        message = misfit(value, kind)
        if message:
            yield Problem(path, message)
    elif is_model(kind):
        if isinstance(value, kind):
            yield from problems(value, path)
        else:
            yield Problem(path, f"must be of type {kind.__name__}")
    elif not (isinstance(value, str) and getattr(kind(value), "known", False)):
        yield Problem(path, f"'{value!s:.50}' is not a value of {kind.__name__}")


def zeep_values(model: object, zone: tzinfo) -> dict[str, Any]:
    """Return what zeep takes for a model: element names to plain values, unset members left out."""
    values = ((member, getattr(model, member.attribute)) for member in elements(type(model)) if member.attribute)
    return {member.name: _zeep_value(member, value, zone) for member, value in values if _sent(member, value)}


def _sent(member: Element, value: Any) -> bool:
    return value is not None and not (member.many and not value and member.options.empty == "absent")


def _zeep_value(member: Element, value: Any, zone: tzinfo) -> Any:
    if member.many:
        return {member.item_name: [_zeep_single(member, item, zone) for item in value]}
    return _zeep_single(member, value, zone)


def _zeep_single(member: Element, value: Any, zone: tzinfo) -> Any:
    if is_model(member.type):
        return zeep_values(value, zone)
    if is_enum(member.type) and member.type.flags:
        # zeep would take a text for a list of letters.
        return [value]
    return _BOUNDS[member.options.bound](value, zone) if isinstance(value, datetime) else value


@frozen(kw_only=True)
class WriteOptions:
    """How the service writes: in which zone, and with which values for the elements that models never keep.

    It writes every member of the contract: what is not there as nil, or, where nil is not allowed, as the value that
    stands for nothing.
    """

    zone: tzinfo
    dropped: dict[str, str]


def write(parent: Node, tag: str, model: object, write_options: WriteOptions) -> Node:
    """Append an element that holds a model, and return it."""
    holder = append(parent, tag)
    for member in elements(type(model)):
        value = write_options.dropped.get(member.name) if member.attribute is None else getattr(model, member.attribute)
        _write_member(holder, member, value, write_options)
    return holder


def _write_member(parent: Node, member: Element, value: Any, write_options: WriteOptions) -> None:
    if value is None:
        _write_unset(parent, member)
    elif not member.many:
        _write_single(parent, member.tag, member, value, write_options)
    elif value or member.options.empty == "element":
        holder = append(parent, member.tag)
        for item in value:
            _write_single(holder, member.item_tag, member, item, write_options)
    elif member.options.empty == "nil":
        append_nil(parent, member.tag)


def _write_unset(parent: Node, member: Element) -> None:
    expected = member.required or member.options.since is None
    if expected and member.nillable:
        append_nil(parent, member.tag)
    elif expected and member.type == "dateTime":
        append(parent, member.tag, NO_DATE)


def _write_single(parent: Node, tag: str, member: Element, value: Any, write_options: WriteOptions) -> None:
    if is_model(member.type):
        write(parent, tag, value, write_options)
        return
    plain = _BOUNDS[member.options.bound](value, write_options.zone) if isinstance(value, datetime) else value
    # An empty text stays a text, so that it is written as an empty element.
    append(parent, tag, format_value(plain))
