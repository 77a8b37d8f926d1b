"""From XML elements to models: by name, indifferent to order, never raising on content.

What a class looks like is worked out once per process; a decoding binds that to its own tables, in which equal texts
are converted once. The loop in `_walk` is the hot path of the SDK: an ordinary value costs it one look-up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Any, Final, TypeVar

from attrs import field, fields, frozen

from cdiscount_marketplace.assembly import assembler, defaults
from cdiscount_marketplace.errors import ForbiddenMarkup
from cdiscount_marketplace.soap.codec import drift, values
from cdiscount_marketplace.soap.codec.declare import NIL, Element, Xsd, declaration, elements, is_enum, is_model
from cdiscount_marketplace.soap.codec.drift import DriftLog
from cdiscount_marketplace.soap.codec.xml import Node, is_nil, local_name, too_deep

M = TypeVar("M")
Table = dict[str, Any]
Convert = Callable[[Node], Any]
Parse = Callable[[str], Any]
# The place of the value among those of the model; whether the text is the value; whether nil leaves the default, None;
# the values of texts met before; what to do with an element that this does not settle, and with one that begins with
# no text.
Handler = tuple[int, bool, bool, Table, Convert, Convert]

# Texts repeat within an answer (codes, towns, amounts, stamps); a table remembers this many of them.
TABLE_SIZE = 20_000
_NIL_ALONE: Final = [(NIL, "true")]


@frozen
class Decoding:
    """One decoding: its zone, what it did not understand, and what it has worked out so far.

    `streamed` holds, by path, the items of lists that were decoded while their elements were still being parsed.
    """

    zone: tzinfo
    log: DriftLog = field(factory=DriftLog)
    streamed: dict[str, list[Any]] = field(factory=dict[str, list[Any]])
    tables: dict[Xsd | type, Table] = field(factory=dict[Xsd | type, Table])
    models: dict[type, Convert] = field(factory=dict[type, Convert])


def decode(cls: Callable[..., M], source: Node, state: Decoding) -> M:
    """Return the model that an element holds; what is not understood goes to the state's log."""
    kind: Any = cls
    made: M = _model(kind, state)(source)
    return made


def item_decoder(member: Element, state: Decoding) -> Callable[[Node], None]:
    """Return what decodes an item of a list ahead of the list itself, and keeps it in `state.streamed`."""
    convert, path = _item(member, state), member.path

    def decode_item(source: Node) -> None:
        items = state.streamed.setdefault(path, [])
        _append(items, convert(source), member, state)

    return decode_item


def _model(kind: type, state: Decoding) -> Convert:
    known = state.models.get(kind)
    if known is None:
        by_name = {member.attribute: member for member in elements(kind)}
        members = [by_name[attribute.name] for attribute in fields(kind)]
        handlers = {
            member.tag: (place, *_handling(member, state, none=default is None))
            for place, (member, default) in enumerate(zip(members, defaults(kind), strict=True))
        }
        known = state.models[kind] = _walk(kind, handlers, state)
    return known


def _walk(kind: type, handlers: dict[str, Handler], state: Decoding) -> Convert:
    assemble, blank = assembler(kind), defaults(kind)

    def decode_model(source: Node) -> Any:
        values = list(blank)
        for child in source:
            try:
                place, is_text, may_be_nil, table, convert, convert_bare = handlers[child.tag]
            except KeyError:
                _note_unknown(kind, child, state)
                continue
            text = child.text
            if text is None:
                if not (may_be_nil and child.items() == _NIL_ALONE):
                    values[place] = convert_bare(child)
            elif is_text:
                values[place] = text
            elif text in table:
                values[place] = table[text]
            else:
                values[place] = convert(child)
        return assemble(*values)

    return decode_model


def _note_unknown(kind: type, child: Node, state: Decoding) -> None:
    if not any(member.tag == child.tag for member in elements(kind)):
        _note_element(f"{declaration(kind).name}/{local_name(child)}", child, state)


def _note_element(path: str, child: Node, state: Decoding) -> None:
    # Nothing else looks into an unknown element, so that its depth is bounded here.
    if too_deep(child):
        raise ForbiddenMarkup("the answer is nested too deeply")
    state.log.note(drift.ELEMENT, path)


def _handling(member: Element, state: Decoding, *, none: bool) -> tuple[bool, bool, Table, Convert, Convert]:
    """Return how to handle a member's element; `none` means that an absent one is None, like a nil one."""
    if member.many or is_model(member.type):
        convert = _list(member, state) if member.many else _nested(member, state)
        return False, none and not member.many, {}, convert, convert
    table = state.tables.setdefault(member.type, {})
    convert = _simple(member, state, table)
    return member.type == "string", none and member.nillable, table, convert, _bare(member, state, convert)


def _item(member: Element, state: Decoding) -> Convert:
    if is_model(member.type):
        return _nested(member, state)
    convert = _simple(member, state, {})
    bare = _bare(member, state, convert)
    return lambda source: bare(source) if source.text is None else convert(source)


def _nested(member: Element, state: Decoding) -> Convert:
    kind: Any = member.type
    # Bound when it is first met: most answers are short, and a line may hold lines.
    return lambda source: None if is_nil(source) else _model(kind, state)(source)


def _list(member: Element, state: Decoding) -> Convert:
    item_tag, convert_item, streamed = member.item_tag, _item(member, state), state.streamed

    def convert(source: Node) -> tuple[Any, ...] | None:
        if member.keeps_nil and is_nil(source):
            return None
        ready = streamed.get(member.path)
        items: list[Any] = [] if ready is None else ready
        for child in source:
            if child.tag != item_tag:
                _note_element(f"{member.path}/{local_name(child)}", child, state)
            elif ready is None:
                _append(items, convert_item(child), member, state)
        return tuple(items)

    return convert


def _append(items: list[Any], item: Any, member: Element, state: Decoding) -> None:
    if item is None:
        state.log.note(drift.FORMAT, member.path)
    else:
        items.append(item)


def _simple(member: Element, state: Decoding, table: Table) -> Convert:
    parse, is_open = _parser(member.type, state.zone), is_enum(member.type)

    def convert(source: Node) -> Any:
        text = _around(source, member, state) if len(source) else source.text or ""
        try:
            value = parse(text)
        except values.NotOfType:
            state.log.note(drift.FORMAT, member.path)
            return None
        if is_open and (not value.known or value != text.strip()):
            # Not remembered, so that each appearance is counted.
            state.log.note(drift.VALUE, member.path, text.strip())
        elif len(table) < TABLE_SIZE:
            table[text] = value
        return value

    return convert


def _around(source: Node, member: Element, state: Decoding) -> str:
    """Return the text of a simple element around elements that do not belong there."""
    for child in source:
        _note_element(f"{member.path}/{local_name(child)}", child, state)
    return (source.text or "") + "".join(child.tail or "" for child in source)


def _bare(member: Element, state: Decoding, convert: Convert) -> Convert:
    is_text, nillable = member.type == "string", member.nillable

    def convert_bare(source: Node) -> Any:
        nil = is_nil(source)
        if not nil and (is_text or len(source)):
            return convert(source) if len(source) else ""
        if not (nil and nillable):
            state.log.note(drift.FORMAT, member.path)
        return None

    return convert_bare


def _parser(kind: Any, zone: tzinfo) -> Parse:
    if is_enum(kind):
        return lambda text: kind.read(text.strip())
    if kind == "dateTime":
        return lambda text: values.parse_instant(text.strip(), zone)
    return _PARSERS[kind]


_PARSERS: dict[str, Parse] = {
    "string": lambda text: text,
    "int": lambda text: values.parse_integer(text.strip()),
    "short": lambda text: values.parse_integer(text.strip()),
    "long": lambda text: values.parse_integer(text.strip()),
    "decimal": lambda text: values.parse_decimal(text.strip()),
    "double": lambda text: values.parse_double(text.strip()),
    "float": lambda text: values.parse_double(text.strip()),
    "boolean": lambda text: values.parse_boolean(text.strip()),
}
