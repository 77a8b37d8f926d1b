"""Every request that the SDK makes is valid by the schemas that were recorded from the service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from lxml import etree

from cdiscount_marketplace.errors import InvalidRequest
from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.codec.declare import Element, elements, is_enum, is_model
from cdiscount_marketplace.soap.fulfilment.external import CREATE_EXTERNAL_ORDER, ExternalCustomer, ExternalOrder
from cdiscount_marketplace.soap.header import Country, Currency, HeaderMessage
from cdiscount_marketplace.soap.operations import Operation
from cdiscount_marketplace.soap.orders.validation import VALIDATE_ORDER_LIST, ValidateOrderLine
from support.schemas import complaints, content, recorded_schema
from support.soap_requests import write_request

HEADER = HeaderMessage().with_token("0" * 32)
HEADERS = [
    HEADER,
    evolve(HEADER, localization=evolve(HEADER.localization, country=Country.FR, currency=Currency.EUR)),
]
PLAIN: dict[str, Any] = {
    "string": "Zoé & <b>\u200f😀\r\n",
    "decimal": Decimal("1234567.8901"),
    "boolean": True,
    "dateTime": datetime(2024, 10, 27, 0, 30, 59, 999_999, tzinfo=UTC),
    "double": 1e-7,
    "float": 2.5e30,
    "short": -(2**15),
    "int": 2**31 - 1,
    "long": -(2**63),
}
# The service ignores dates that come without states.
_DATES = tuple(f"{name} alone" for name in ("created_from", "created_to", "modified_from", "modified_to"))
REFUSED = {"GetOrderList": _DATES, "GetServiceOrderList": _DATES}


@pytest.fixture(scope="module")
def schema(recorded) -> etree.XMLSchema:
    return recorded_schema(recorded)


def bare(kind: Any) -> Any:
    """Return a model with what must be set, and nothing else."""
    return kind(**{member.attribute: value(member, bare) for member in known(kind) if must_be_set(member)})


def full(kind: Any) -> Any:
    """Return a model with a value in every member that the recorded schemas have."""
    return kind(**{member.attribute: value(member, full) for member in known(kind)})


def latest(kind: Any) -> Any:
    """Return a model with a value in every member, those of later versions of the service too."""
    return kind(**{member.attribute: value(member, latest) for member in elements(kind)})


def known(kind: type) -> list[Element]:
    return [member for member in elements(kind) if member.attribute and not member.options.since]


def must_be_set(member: Element) -> bool:
    return member.required and not member.nillable


def value(member: Element, make: Any) -> Any:
    kind: Any = member.type
    if is_model(kind):
        single = make(kind)
    elif is_enum(kind):
        single = next(text for text in reversed(kind.values()) if text not in kind.later)
    else:
        single = PLAIN[kind]
    return (single, single) if member.many else single


def variants(kind: Any) -> Iterator[tuple[str, Any]]:
    """Give a model bare, full, with each member alone, each left out, and each list empty; and so in what it holds."""
    yield "bare", bare(kind)
    yield "full", full(kind)
    for member in known(kind):
        name = member.attribute or ""
        yield f"{name} alone", evolve(bare(kind), **{name: value(member, full)})
        if not must_be_set(member):
            yield f"no {name}", evolve(full(kind), **{name: None})
        if member.many:
            yield f"empty {name}", evolve(full(kind), **{name: ()})
        if is_model(member.type):
            for label, held in variants(member.type):
                yield f"{name}: {label}", evolve(full(kind), **{name: (held,) if member.many else held})


def requests_of(operation: Operation[Any]) -> Iterator[tuple[str, bytes]]:
    """Give every request that the SDK does not refuse to make, with what it shows."""
    if not operation.parts:
        yield from (("", write_request(operation, header)) for header in HEADERS)
    for part in operation.parts:
        for label, model in variants(part.type):
            try:
                yield label, write_request(operation, HEADERS[len(label) % 2], model)
            except InvalidRequest:
                # What is refused before it is sent is no request.
                assert label in REFUSED.get(operation.name, ())


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_request_is_valid_by_the_recorded_schemas(schema, operation):
    made = dict(requests_of(operation))
    assert made
    wrong = {label: complaints(schema, content(body)) for label, body in made.items()}
    assert {label: found for label, found in wrong.items() if found} == {}


def test_the_schemas_refuse_what_they_do_not_know_or_expect_elsewhere(schema):
    body = dict(requests_of(VALIDATE_ORDER_LIST))["full"]
    [line, *_] = content(body).iterfind(".//{*}ValidateOrderLine")
    assert schema.validate(content(body))
    line.append(line[0])
    assert not schema.validate(line.getroottree().getroot().find(".//{*}Body")[0])


LATER = [
    (VALIDATE_ORDER_LIST, {"Sku"}, {ValidateOrderLine}),
    (CREATE_EXTERNAL_ORDER, {"RelayId", "ShippingDateFromSeller"}, {ExternalCustomer, ExternalOrder}),
]


@pytest.mark.parametrize(("operation", "names", "kinds"), LATER)
def test_members_of_later_versions_are_sent_only_when_set(schema, operation, names, kinds):
    assert {member.name for kind in kinds for member in elements(kind) if member.options.since} == names
    [part] = operation.parts
    sent = content(write_request(operation, HEADER, latest(part.type)))
    later = [node for name in names for node in sent.iterfind(f".//{{*}}{name}")]
    assert {etree.QName(node).localname for node in later} == names
    for node in later:
        node.getparent().remove(node)
    assert schema.validate(sent), schema.error_log
