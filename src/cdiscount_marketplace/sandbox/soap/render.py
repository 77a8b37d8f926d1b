"""Write wire models as the service writes them: nil, empty and sentinel habits, compiled once per class."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from attrs import frozen

from cdiscount_marketplace.soap.codec.declare import CDISCOUNT, Element, elements, is_model
from cdiscount_marketplace.soap.codec.times import to_naive
from cdiscount_marketplace.soap.codec.values import NO_DATE, format_value

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_HEAD = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
_TAIL = "</s:Body></s:Envelope>"
_NIL = ' i:nil="true"/>'
UNKNOWN_ELEMENT = "<NouveauChamp>inconnu du contrat</NouveauChamp>"


@frozen(kw_only=True)
class Style:
    """How an answer deviates from the plain one.

    `zone` is the one that naive times are written in. `unknown_elements` puts one into every object, `omit_nil` leaves
    out what would be nil. `dropped` gives the elements that the SDK's models do not keep, such as the echoed token.
    """

    zone: tzinfo
    unknown_elements: bool = False
    omit_nil: bool = False
    dropped: Mapping[str, str | None] = {}


# What no XML can carry, not even as a reference; orders placed by JSON may hold it.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_Write = Callable[[list[str], Any, Style], None]


def envelope(operation: str, result: object, style: Style) -> bytes:
    """Write a whole answer."""
    parts = [
        _HEAD,
        f'<{operation}Response xmlns="{CDISCOUNT}"><{operation}Result xmlns:i="{XSI}">',
    ]
    _write_members(parts, result, style)
    parts.append(f"</{operation}Result></{operation}Response>{_TAIL}")
    return "".join(parts).encode()


def fault(code: str, text: str) -> bytes:
    """Write a SOAP fault; a `code` that begins with `a:` is one of the platform's own."""
    platform = "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher"
    declared = f' xmlns:a="{platform}"' if code.startswith("a:") else ""
    return (
        f"{_HEAD}<s:Fault><faultcode{declared}>{code}</faultcode>"
        f'<faultstring xml:lang="fr-FR">{_escape(text)}</faultstring></s:Fault>{_TAIL}'
    ).encode()


def _write_members(parts: list[str], model: Any, style: Style) -> None:
    for position, (element, write) in enumerate(_writers(model.__class__)):
        value = _value(model, element, style)
        write(parts, value, style)
        if position == 0 and style.unknown_elements:
            parts.append(UNKNOWN_ELEMENT)


def _value(model: Any, element: Element, style: Style) -> Any:
    if element.attribute is None:
        return style.dropped.get(element.name)
    return getattr(model, element.attribute)


@cache
def _writers(cls: type) -> tuple[tuple[Element, _Write], ...]:
    return tuple((element, _writer(element)) for element in elements(cls))


def _writer(element: Element) -> _Write:
    # Members of other namespaces declare theirs on the element itself, as recorded for ErrorMessage.
    opening = f"<{element.name}" + ("" if element.namespace == CDISCOUNT else f' xmlns="{element.namespace}"')
    begin, closing = f"{opening}>", f"</{element.name}>"
    inner = _list_writer(element) if element.many else _inner_writer(element.type)
    absent = _absent(element, opening, closing)
    empty_is_nil = element.options.empty == "nil"
    empty = opening + _NIL if empty_is_nil else f"{opening}/>"

    def write(parts: list[str], value: Any, style: Style) -> None:
        if value is None:
            if absent and (element.required or not style.omit_nil):
                parts.append(absent)
            return
        mark = len(parts)
        parts.append(begin)
        inner(parts, value, style)
        if len(parts) > mark + 1:
            parts.append(closing)
        elif empty_is_nil and style.omit_nil:
            parts.pop()
        else:
            parts[mark] = empty

    return write


def _absent(element: Element, opening: str, closing: str) -> str:
    if element.options.since is not None:
        return ""
    if element.nillable:
        return opening + _NIL
    return f"{opening}>{NO_DATE}{closing}" if element.type == "dateTime" else ""


def _list_writer(element: Element) -> _Write:
    inner = _inner_writer(element.type)
    name = element.item_name
    plain = element.item_namespace == CDISCOUNT == element.namespace
    opening = f"<{name}>" if plain else f'<{name} xmlns="{element.item_namespace}">'

    def write(parts: list[str], items: Any, style: Style) -> None:
        for item in items:
            parts.append(opening)
            inner(parts, item, style)
            parts.append(f"</{name}>")

    return write


def _inner_writer(kind: Any) -> _Write:
    return _write_members if is_model(kind) else _write_simple


def _write_simple(parts: list[str], value: Any, style: Style) -> None:
    if isinstance(value, str):
        if value:
            parts.append(_escape(value))
    elif isinstance(value, datetime):
        parts.append(format_value(to_naive(value, style.zone)))
    else:
        parts.append(format_value(value))


def _escape(text: str) -> str:
    if not text.isprintable():
        text = _ILLEGAL.sub("\ufffd", text)
    # The service writes a carriage return as a character reference, as XML demands of who wants to keep it.
    return escape(text).replace("\r", "&#xD;")
