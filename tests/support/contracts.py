"""Read a WSDL and its schemas, wherever they come from, into plain comparable values."""

from __future__ import annotations

from pathlib import Path

from attrs import field, frozen
from lxml import etree

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
WSAW = "{http://www.w3.org/2006/05/addressing/wsdl}"
XS = "{http://www.w3.org/2001/XMLSchema}"

QName = str


@frozen
class Member:
    """An element of a sequence."""

    name: str
    type: QName
    minimum: str
    maximum: str
    nillable: bool


@frozen
class ComplexType:
    """A complex type: what it extends, and what it adds, in order."""

    base: QName | None
    members: tuple[Member, ...]


@frozen
class Message:
    """One direction of an operation: its addressing action, and the members of its wrapper element."""

    action: str | None
    members: tuple[Member, ...]


@frozen
class Contract:
    """All that is compared."""

    complex_types: dict[QName, ComplexType] = field(factory=dict)
    # The members of types that have no name, by the named type and the element that spells them out.
    inline: dict[QName, tuple[Member, ...]] = field(factory=dict)
    enumerations: dict[QName, frozenset[str]] = field(factory=dict)
    # The enumerations of which one text may hold several values.
    flags: set[QName] = field(factory=set)
    wrappers: dict[str, tuple[Member, ...]] = field(factory=dict)
    messages: dict[str, tuple[Message, Message]] = field(factory=dict)
    soap_actions: dict[str, tuple[str, str]] = field(factory=dict)


def read_contract(*documents: bytes) -> Contract:
    """Read a contract from its documents, in any order."""
    contract = Contract()
    roots = [etree.fromstring(document) for document in documents]
    for root in roots:
        for schema in root.iter(f"{XS}schema"):
            _read_schema(schema, contract)
    for root in roots:
        _read_port(root, contract)
    return contract


def read_recorded(folder: Path) -> Contract:
    """Read the contract that was recorded from the live service."""
    return read_contract(*(path.read_bytes() for path in sorted((folder / "soap" / "contract").glob("*.xml"))))


def _read_schema(schema, contract: Contract) -> None:
    space = schema.get("targetNamespace")
    for node in schema.findall(f"{XS}complexType"):
        name = f"{{{space}}}{node.get('name')}"
        contract.complex_types[name] = _complex(node)
        contract.inline.update(
            {f"{name}/{inner.getparent().get('name')}": _members(inner) for inner in node.iterdescendants(node.tag)}
        )
    for node in schema.findall(f"{XS}simpleType"):
        name = f"{{{space}}}{node.get('name')}"
        contract.enumerations[name] = frozenset(value.get("value") for value in node.iter(f"{XS}enumeration"))
        if node.find(f"{XS}list") is not None:
            contract.flags.add(name)
    for node in schema.findall(f"{XS}element"):
        inner = node.find(f"{XS}complexType")
        if inner is not None:
            contract.wrappers[node.get("name")] = _members(inner)


def _complex(node) -> ComplexType:
    extension = node.find(f"{XS}complexContent/{XS}extension")
    if extension is None:
        return ComplexType(None, _members(node))
    return ComplexType(_qualified(extension, extension.get("base")), _members(extension))


def _members(node) -> tuple[Member, ...]:
    return tuple(
        Member(
            child.get("name"),
            _qualified(child, child.get("type", "xs:inline")),
            child.get("minOccurs", "1"),
            child.get("maxOccurs", "1"),
            child.get("nillable") == "true",
        )
        for child in node.findall(f"{XS}sequence/{XS}element")
    )


def _qualified(node, name: str) -> QName:
    prefix, _, local = name.rpartition(":")
    return f"{{{node.nsmap.get(prefix)}}}{local}"


def _read_port(root, contract: Contract) -> None:
    for operation in root.findall(f"{WSDL}portType[@name='IMarketplaceAPIService']/{WSDL}operation"):
        name = operation.get("name")
        contract.messages[name] = (
            Message(operation.find(f"{WSDL}input").get(f"{WSAW}Action"), contract.wrappers[name]),
            Message(operation.find(f"{WSDL}output").get(f"{WSAW}Action"), contract.wrappers[f"{name}Response"]),
        )
    for operation in root.findall(f"{WSDL}binding/{WSDL}operation"):
        bound = operation.find(f"{SOAP}operation")
        contract.soap_actions[operation.get("name")] = (bound.get("soapAction"), bound.get("style"))
