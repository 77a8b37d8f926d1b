"""From XML elements to models, by name: compiled once per class, indifferent to order, never raising on content."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from functools import cache
from typing import Any, TypeVar

from attrs import field, frozen

from cdiscount_marketplace.soap import drift, values
from cdiscount_marketplace.soap.drift import DriftLog
from cdiscount_marketplace.soap.wire import Element, WireEnum, elements, is_model
from cdiscount_marketplace.soap.xml import Node, is_nil, local_name

M = TypeVar("M")
Convert = Callable[[Node, "Decoding"], Any]
Parse = Callable[[str, "Decoding"], Any]

# Texts repeat within an answer (codes, cities, amounts, stamps): each is converted and kept once, up to this many.
CACHE_SIZE = 20_000


@frozen
class Decoding:
    """The state of one decoding: its zone, what it did not understand, and what it has converted already.

    `streamed` holds, by path, the items of lists that were decoded while their elements were still being parsed.
    """

    zone: tzinfo
    log: DriftLog = field(factory=DriftLog)
    streamed: dict[str, list[Any]] = field(factory=dict[str, list[Any]])
    texts: dict[str, str] = field(factory=dict[str, str])
    converted: dict[tuple[Parse, str], Any] = field(factory=dict[tuple[Parse, str], Any])

    def keep(self, text: str) -> str:
        """Return one object for equal texts."""
        if len(self.texts) >= CACHE_SIZE:
            self.texts.clear()
        return self.texts.setdefault(text, text)


def decode(cls: Callable[..., M], source: Node, state: Decoding) -> M:
    """Return the model that an element holds; what is not understood goes to the state's log."""
    made: M = _decoder(cls)(source, state)
    return made


@cache
def _decoder(cls: type) -> Convert:
    handlers = {member.tag: (member.attribute, _converter(member)) for member in elements(cls)}
    name = cls.__name__

    def decode_model(source: Node, state: Decoding) -> Any:
        found: dict[str, Any] = {}
        for child in source:
            handler = handlers.get(child.tag)
            if handler is None:
                state.log.note(drift.ELEMENT, f"{name}/{local_name(child)}")
                continue
            attribute, convert = handler
            if attribute is not None:
                found[attribute] = convert(child, state)
        return cls(**found)

    return decode_model


def _converter(member: Element) -> Convert:
    if member.many:
        return _list(member)
    if is_model(member.type):
        return _nested(member)
    return _text if member.type == "string" else _simple(member)


def _text(source: Node, state: Decoding) -> str | None:
    text = source.text
    if text is not None:
        return state.keep(text)
    if len(source):
        return _around(source)
    return None if is_nil(source) else ""


def _around(source: Node) -> str:
    """Return the text of a simple element around elements that do not belong there."""
    return (source.text or "") + "".join(child.tail or "" for child in source)


def _simple(member: Element) -> Convert:
    parse, kind, path, nillable = _parser(member), _drift_kind(member), member.path, member.nillable

    def convert(source: Node, state: Decoding) -> Any:
        text = source.text if not len(source) else _around(source)
        if text is None:
            if not (nillable and is_nil(source)):
                state.log.note(drift.FORMAT, path)
            return None
        key = (parse, text)
        try:
            return state.converted[key]
        except KeyError:
            return _convert_once(key, state, kind, path)

    return convert


def _convert_once(key: tuple[Parse, str], state: Decoding, kind: str, path: str) -> Any:
    parse, text = key
    try:
        value = parse(text.strip(), state)
    except values.NotOfType:
        state.log.note(kind, path)
        return None
    if isinstance(value, WireEnum) and not value.known:
        # Not remembered, so that each appearance is counted.
        state.log.note(kind, path, value)
        return value
    if len(state.converted) >= CACHE_SIZE:
        state.converted.clear()
    state.converted[key] = value
    return value


def _drift_kind(member: Element) -> str:
    return drift.VALUE if isinstance(member.type, type) else drift.FORMAT


def _parser(member: Element) -> Parse:
    kind = member.type
    if isinstance(kind, type):
        return _enum_parser(kind)
    return _PARSERS[kind]


@cache
def _enum_parser(kind: type[WireEnum]) -> Parse:
    return lambda text, _state: kind(text)


def _parse_integer(text: str, _state: Decoding) -> int:
    return values.parse_integer(text)


_PARSERS: dict[str, Parse] = {
    "int": _parse_integer,
    "short": _parse_integer,
    "long": _parse_integer,
    "decimal": lambda text, _state: values.parse_decimal(text),
    "double": lambda text, _state: values.parse_double(text),
    "boolean": lambda text, _state: values.parse_boolean(text),
    "dateTime": lambda text, state: values.parse_instant(text, state.zone),
}


def _nested(member: Element) -> Convert:
    kind: Any = member.type

    def convert(source: Node, state: Decoding) -> Any:
        if not len(source) and is_nil(source):
            return None
        return _decoder(kind)(source, state)

    return convert


def _list(member: Element) -> Convert:
    item_tag, path, keeps_nil, convert_item = member.item_tag, member.path, member.keeps_nil, _item(member)

    def convert(source: Node, state: Decoding) -> tuple[Any, ...] | None:
        if not len(source):
            return None if keeps_nil and is_nil(source) else ()
        streamed = state.streamed.get(path)
        items: list[Any] = [] if streamed is None else streamed
        for child in source:
            if child.tag != item_tag:
                state.log.note(drift.ELEMENT, f"{path}/{local_name(child)}")
            elif streamed is None:
                _append(items, convert_item(child, state), path, state)
        return tuple(items)

    return convert


def decode_item(member: Element, source: Node, state: Decoding) -> None:
    """Decode one item of a list ahead of the list itself."""
    items = state.streamed.setdefault(member.path, [])
    _append(items, _item(member)(source, state), member.path, state)


def _append(items: list[Any], item: Any, path: str, state: Decoding) -> None:
    if item is None:
        state.log.note(drift.FORMAT, path)
    else:
        items.append(item)


@cache
def _item(member: Element) -> Convert:
    if is_model(member.type):
        return _nested(member)
    return _text if member.type == "string" else _simple(member)
