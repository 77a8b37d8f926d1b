"""The XML schemas of the contract, derived from the wire models, one for each namespace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, cast

from attrs import frozen

from cdiscount_marketplace.soap.codec.declare import (
    ARRAYS,
    BY_IDENTIFIER,
    CDISCOUNT,
    DATA,
    FULFILMENT_DATA,
    LOCATION,
    MAIL_DATA,
    MESSAGES,
    ORDER_DATA,
    PRODUCT_DATA,
    SCHEMA,
    Element,
    WireEnum,
    Xsd,
    base,
    declaration,
    elements,
    is_enum,
    is_model,
    own_elements,
    type_name,
)
from cdiscount_marketplace.soap.header import HeaderMessage
from cdiscount_marketplace.soap.operations import HEADER_PART, Operation, Part

PREFIXES: Mapping[str, str] = {
    SCHEMA: "xs",
    CDISCOUNT: "c",
    MESSAGES: "m",
    LOCATION: "l",
    ARRAYS: "a",
    DATA: "d",
    ORDER_DATA: "do",
    PRODUCT_DATA: "dp",
    FULFILMENT_DATA: "df",
    MAIL_DATA: "dm",
    BY_IDENTIFIER: "bi",
}
_OPTIONAL = ' minOccurs="0"'
_NILLABLE = ' nillable="true"'


@frozen
class Array:
    """The contract's name for a list of some type."""

    member: Element

    @property
    def namespace(self) -> str:
        """The namespace of the array type."""
        return self.member.item_namespace

    @property
    def name(self) -> str:
        """The name of the array type."""
        return f"ArrayOf{self.member.item_name}"


@frozen
class Schema:
    """The definitions of one namespace, in XML that needs `PREFIXES` declared around it."""

    namespace: str
    definitions: str

    @property
    def used(self) -> tuple[str, ...]:
        """The other namespaces that the definitions refer to."""
        others = (namespace for namespace in PREFIXES if namespace not in (SCHEMA, self.namespace))
        return tuple(namespace for namespace in others if f'"{PREFIXES[namespace]}:' in self.definitions)

    def render(self, locations: Mapping[str, str] | None = None, *, declared: str = "") -> str:
        """Write the schema; `locations` says where those of other namespaces are, if not beside it."""
        imports = "".join(_import(namespace, locations) for namespace in self.used)
        return (
            f'<xs:schema elementFormDefault="qualified" targetNamespace="{self.namespace}"{declared}>'
            f"{imports}{self.definitions}</xs:schema>"
        )


def _import(namespace: str, locations: Mapping[str, str] | None) -> str:
    location = f' schemaLocation="{escape(locations[namespace])}"' if locations else ""
    return f'<xs:import{location} namespace="{namespace}"/>'


def schemas(operations: Sequence[Operation[Any]]) -> list[Schema]:
    """Return the schemas that operations need, the service's own first."""
    contents: dict[str, list[str]] = {namespace: [] for namespace in PREFIXES if namespace != SCHEMA}
    for operation in operations:
        contents[CDISCOUNT].append(_wrapper(operation.name, (Part(HEADER_PART, HeaderMessage), *operation.parts)))
        result = Part(f"{operation.name}Result", operation.result)
        contents[CDISCOUNT].append(_wrapper(f"{operation.name}Response", (result,)))
    for named in _reachable(operations):
        namespace, text = _definition(named)
        contents[namespace].append(text)
    return [Schema(namespace, "".join(definitions)) for namespace, definitions in contents.items() if definitions]


def _wrapper(name: str, parts: Iterable[Part]) -> str:
    members = "".join(
        f'<xs:element{_OPTIONAL} name="{part.name}"{_NILLABLE} type="{_reference(part.type)}"/>' for part in parts
    )
    return (
        f'<xs:element name="{name}"><xs:complexType><xs:sequence>{members}</xs:sequence></xs:complexType></xs:element>'
    )


def _reachable(operations: Sequence[Operation[Any]]) -> Iterator[type | Array]:
    """Walk the types that operations use, each once."""
    waiting: list[type] = [HeaderMessage]
    for operation in operations:
        waiting += [operation.result, *(part.type for part in operation.parts)]
    seen: set[tuple[str, str]] = set()
    for named in _walk(waiting):
        key = (named.namespace, named.name) if isinstance(named, Array) else type_name(named)
        if key not in seen and not _is_inline(named):
            seen.add(key)
            yield named


def _walk(waiting: list[type]) -> Iterator[type | Array]:
    walked: set[type] = set()
    while waiting:
        current = waiting.pop()
        if current in walked:
            continue
        walked.add(current)
        yield current
        if not is_model(current):
            continue
        parent = base(current)
        waiting += [parent] if parent else []
        waiting += [member.type for member in elements(current) if isinstance(member.type, type)]
        yield from (Array(member) for member in elements(current) if member.many)


def _definition(named: type | Array) -> tuple[str, str]:
    if isinstance(named, Array):
        return named.namespace, _array(named)
    if is_enum(named):
        return named.namespace, _enumeration(named)
    return type_name(named)[0], _complex(named)


def _array(named: Array) -> str:
    if _is_inline(named.member.type):
        content = "".join(map(_member, own_elements(cast("type", named.member.type))))
        item = (
            f'<xs:element{_OPTIONAL} maxOccurs="unbounded" name="{named.member.item_name}"><xs:complexType>'
            f"<xs:sequence>{content}</xs:sequence></xs:complexType></xs:element>"
        )
        return f'<xs:complexType name="{named.name}"><xs:sequence>{item}</xs:sequence></xs:complexType>'
    nillable = _NILLABLE if named.member.type == "string" or is_model(named.member.type) else ""
    item = (
        f'<xs:element{_OPTIONAL} maxOccurs="unbounded" name="{named.member.item_name}"{nillable} '
        f'type="{_reference(named.member.type)}"/>'
    )
    return f'<xs:complexType name="{named.name}"><xs:sequence>{item}</xs:sequence></xs:complexType>'


def _is_inline(kind: object) -> bool:
    return isinstance(kind, type) and is_model(kind) and declaration(kind).inline


def _enumeration(named: type[WireEnum]) -> str:
    values = "".join(f'<xs:enumeration value="{escape(value)}"/>' for value in map(str, named.values()))
    content = f'<xs:restriction base="xs:string">{values}</xs:restriction>'
    if named.flags:
        content = f"<xs:list><xs:simpleType>{content}</xs:simpleType></xs:list>"
    return f'<xs:simpleType name="{named.wire_name}">{content}</xs:simpleType>'


def _complex(named: type) -> str:
    members = "".join(map(_member, own_elements(named)))
    content, parent = f"<xs:sequence>{members}</xs:sequence>", base(named)
    if parent:
        content = (
            f'<xs:complexContent><xs:extension base="{_reference(parent)}">{content}</xs:extension></xs:complexContent>'
        )
    return f'<xs:complexType name="{type_name(named)[1]}">{content}</xs:complexType>'


def _member(member: Element) -> str:
    optional = "" if member.required else _OPTIONAL
    nillable = _NILLABLE if member.nillable else ""
    kind = _qualified(Array(member).namespace, Array(member).name) if member.many else _reference(member.type)
    return f'<xs:element{optional} name="{member.name}"{nillable} type="{kind}"/>'


def _reference(kind: Xsd | type) -> str:
    return _qualified(*type_name(kind))


def _qualified(namespace: str, name: str) -> str:
    return f"{PREFIXES[namespace]}:{name}"
