"""The contract as a WSDL document, rendered from the models and operations: zeep loads it, the sandbox serves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
from cdiscount_marketplace.soap.operations import HEADER_PART, PORT_TYPE, Operation, Part

SERVICE_URL = "https://wsvc.cdiscount.com/MarketplaceAPIService.svc"
# The namespace that the platform gives a service whose authors name none.
SERVICE = "http://tempuri.org/"
BINDING = f"BasicHttpBinding_{PORT_TYPE}"

_PREFIXES = {
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
_WSDL_PREFIXES = {
    SERVICE: "s",
    "http://schemas.xmlsoap.org/wsdl/": "wsdl",
    "http://schemas.xmlsoap.org/wsdl/soap/": "soap",
    "http://www.w3.org/2006/05/addressing/wsdl": "wsaw",
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


def render(operations: Sequence[Operation[Any]], *, address: str = SERVICE_URL) -> bytes:
    """Return one WSDL document with its schemas inside, for a service at `address`.

    The binding has its true name; the port type is in the same namespace, for a document has one only, where the
    service has a document more.
    """
    declared = " ".join(f'xmlns:{prefix}="{namespace}"' for namespace, prefix in (_PREFIXES | _WSDL_PREFIXES).items())
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<wsdl:definitions name="MarketplaceAPIService" targetNamespace="{SERVICE}" {declared}><wsdl:types>',
        *_schemas(operations),
        "</wsdl:types>",
        *(_message(operation.name, suffix) for operation in operations for suffix in ("", "Response")),
        f'<wsdl:portType name="{PORT_TYPE}">',
        *map(_port_operation, operations),
        f'</wsdl:portType><wsdl:binding name="{BINDING}" type="s:{PORT_TYPE}">',
        '<soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>',
        *map(_binding_operation, operations),
        '</wsdl:binding><wsdl:service name="MarketplaceAPIService">',
        f'<wsdl:port name="{BINDING}" binding="s:{BINDING}"><soap:address location="{escape(address)}"/></wsdl:port>',
        "</wsdl:service></wsdl:definitions>",
    ]
    return "".join(parts).encode()


def _message(operation: str, suffix: str) -> str:
    return (
        f'<wsdl:message name="{operation}{suffix}Message">'
        f'<wsdl:part name="parameters" element="c:{operation}{suffix}"/></wsdl:message>'
    )


def _port_operation(operation: Operation[Any]) -> str:
    return (
        f'<wsdl:operation name="{operation.name}">'
        f'<wsdl:input wsaw:Action="{operation.action}" message="s:{operation.name}Message"/>'
        f'<wsdl:output wsaw:Action="{operation.action}Response" message="s:{operation.name}ResponseMessage"/>'
        "</wsdl:operation>"
    )


def _binding_operation(operation: Operation[Any]) -> str:
    return (
        f'<wsdl:operation name="{operation.name}"><soap:operation soapAction="{operation.action}" style="document"/>'
        '<wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output>'
        "</wsdl:operation>"
    )


def _schemas(operations: Sequence[Operation[Any]]) -> Iterator[str]:
    contents: dict[str, list[str]] = {namespace: [] for namespace in _PREFIXES if namespace != SCHEMA}
    for operation in operations:
        contents[CDISCOUNT].append(_wrapper(operation.name, (Part(HEADER_PART, HeaderMessage), *operation.parts)))
        result = Part(f"{operation.name}Result", operation.result)
        contents[CDISCOUNT].append(_wrapper(f"{operation.name}Response", (result,)))
    for named in _reachable(operations):
        namespace, text = _definition(named)
        contents[namespace].append(text)
    contents = {namespace: definitions for namespace, definitions in contents.items() if definitions}
    for namespace, definitions in contents.items():
        imports = "".join(f'<xs:import namespace="{other}"/>' for other in contents if other != namespace)
        yield f'<xs:schema elementFormDefault="qualified" targetNamespace="{namespace}">{imports}'
        yield from definitions
        yield "</xs:schema>"


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
    return f"{_PREFIXES[namespace]}:{name}"
