"""The contract as WSDL documents, rendered from the models and operations: zeep loads it, the sandbox serves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from cdiscount_marketplace.soap.codec.declare import CDISCOUNT
from cdiscount_marketplace.soap.operations import PORT_TYPE, Operation
from cdiscount_marketplace.soap.schemas import PREFIXES, schemas

SERVICE_URL = "https://wsvc.cdiscount.com/MarketplaceAPIService.svc"
# The namespace that the platform gives a service whose authors name none.
SERVICE = "http://tempuri.org/"
BINDING = f"BasicHttpBinding_{PORT_TYPE}"

_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_WSDL_PREFIXES = {
    SERVICE: "s",
    "http://schemas.xmlsoap.org/wsdl/": "wsdl",
    "http://schemas.xmlsoap.org/wsdl/soap/": "soap",
    "http://www.w3.org/2006/05/addressing/wsdl": "wsaw",
}


def render(operations: Sequence[Operation[Any]], *, address: str = SERVICE_URL) -> bytes:
    """Return one WSDL document with its schemas inside, for a service at `address`.

    The binding has its true name; the port type is in the same namespace, for a document has one only, where the
    service has a document more.
    """
    types = "".join(schema.render() for schema in schemas(operations))
    content = (
        f"<wsdl:types>{types}</wsdl:types>{_port_type(operations, prefix='s')}"
        f"{_binding(operations, prefix='s')}{_service(address)}"
    )
    return _definitions(SERVICE, content, name=' name="MarketplaceAPIService"')


def render_split(operations: Sequence[Operation[Any]], *, address: str = SERVICE_URL) -> Mapping[str, bytes]:
    """Return the contract as the service splits it, by what follows `?` in the documents' addresses.

    `wsdl` has the binding and imports `wsdl=wsdl0`, which has the port type and imports the schemas, `xsd=xsd0` and on.
    """
    listed = {f"xsd=xsd{number}": schema for number, schema in enumerate(schemas(operations))}
    locations = {schema.namespace: f"{address}?{query}" for query, schema in listed.items()}
    declared = _declared(PREFIXES)
    return {
        "wsdl": _main_document(operations, address),
        "wsdl=wsdl0": _port_document(operations, locations),
        **{query: (_HEAD + schema.render(locations, declared=declared)).encode() for query, schema in listed.items()},
    }


def _main_document(operations: Sequence[Operation[Any]], address: str) -> bytes:
    location = escape(f"{address}?wsdl=wsdl0")
    content = (
        f'<wsdl:import namespace="{CDISCOUNT}" location="{location}"/><wsdl:types/>'
        f"{_binding(operations, prefix='c')}{_service(address)}"
    )
    return _definitions(SERVICE, content, name=' name="MarketplaceAPIService"')


def _port_document(operations: Sequence[Operation[Any]], locations: Mapping[str, str]) -> bytes:
    imports = "".join(
        f'<xs:import schemaLocation="{escape(location)}" namespace="{namespace}"/>'
        for namespace, location in locations.items()
    )
    types = f'<xs:schema targetNamespace="{CDISCOUNT}/Imports">{imports}</xs:schema>'
    return _definitions(CDISCOUNT, f"<wsdl:types>{types}</wsdl:types>{_port_type(operations, prefix='c')}")


def _definitions(namespace: str, content: str, *, name: str = "") -> bytes:
    declared = _declared({**PREFIXES, **_WSDL_PREFIXES})
    root = f'<wsdl:definitions{name} targetNamespace="{namespace}"{declared}>'
    return f"{_HEAD}{root}{content}</wsdl:definitions>".encode()


def _declared(prefixes: Mapping[str, str]) -> str:
    return "".join(f' xmlns:{prefix}="{namespace}"' for namespace, prefix in prefixes.items())


def _port_type(operations: Sequence[Operation[Any]], *, prefix: str) -> str:
    """Write the messages and the port type; `prefix` is that of the document's own namespace."""
    messages = "".join(_message(operation.name, suffix) for operation in operations for suffix in ("", "Response"))
    ports = "".join(_port_operation(operation, prefix) for operation in operations)
    return f'{messages}<wsdl:portType name="{PORT_TYPE}">{ports}</wsdl:portType>'


def _message(operation: str, suffix: str) -> str:
    return (
        f'<wsdl:message name="{_message_name(operation, suffix)}">'
        f'<wsdl:part name="parameters" element="c:{operation}{suffix}"/></wsdl:message>'
    )


def _message_name(operation: str, suffix: str) -> str:
    return f"{PORT_TYPE}_{operation}_{'Output' if suffix else 'Input'}Message"


def _port_operation(operation: Operation[Any], prefix: str) -> str:
    received, sent = (f"{prefix}:{_message_name(operation.name, suffix)}" for suffix in ("", "Response"))
    return (
        f'<wsdl:operation name="{operation.name}">'
        f'<wsdl:input wsaw:Action="{operation.action}" message="{received}"/>'
        f'<wsdl:output wsaw:Action="{operation.action}Response" message="{sent}"/>'
        "</wsdl:operation>"
    )


def _binding(operations: Sequence[Operation[Any]], *, prefix: str) -> str:
    return (
        f'<wsdl:binding name="{BINDING}" type="{prefix}:{PORT_TYPE}">'
        '<soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>'
        f"{''.join(map(_binding_operation, operations))}</wsdl:binding>"
    )


def _binding_operation(operation: Operation[Any]) -> str:
    return (
        f'<wsdl:operation name="{operation.name}"><soap:operation soapAction="{operation.action}" style="document"/>'
        '<wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output>'
        "</wsdl:operation>"
    )


def _service(address: str) -> str:
    return (
        '<wsdl:service name="MarketplaceAPIService">'
        f'<wsdl:port name="{BINDING}" binding="s:{BINDING}"><soap:address location="{escape(address)}"/></wsdl:port>'
        "</wsdl:service>"
    )
