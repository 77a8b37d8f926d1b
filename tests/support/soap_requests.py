"""SOAP requests as the SDK sends them, and as a service reads them."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import zeep
from attrs import frozen
from lxml import etree

from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.codec.declare import CDISCOUNT
from cdiscount_marketplace.soap.codec.decode import Decoding, decode
from cdiscount_marketplace.soap.codec.drift import Drift
from cdiscount_marketplace.soap.codec.times import PARIS
from cdiscount_marketplace.soap.codec.xml import parse_message
from cdiscount_marketplace.soap.contract import render
from cdiscount_marketplace.soap.header import HeaderMessage
from cdiscount_marketplace.soap.messages import zeep_arguments
from cdiscount_marketplace.soap.operations import HEADER_PART, Operation


@frozen(kw_only=True)
class Request:
    """A request as a service reads it; `parts` has what was sent, in the order of the contract."""

    tag: str
    header: HeaderMessage
    parts: list[Any]
    drift: tuple[Drift, ...]


@cache
def _zeep() -> zeep.Client:
    return zeep.Client(io.BytesIO(render(OPERATIONS)))


def write_request(operation: Operation[Any], header: HeaderMessage, *parts: object) -> bytes:
    """Return the request that the SDK sends for these parts."""
    client = _zeep()
    envelope = client.create_message(client.service, operation.name, **zeep_arguments(operation, header, *parts))
    return etree.tostring(envelope)


def read_request(operation: Operation[Any], body: bytes) -> Request:
    """Read a request by the names of its parts; one that is missing or twice there is an error."""
    content, state = parse_message(body), Decoding(zone=PARIS)
    names = [HEADER_PART, *(part.name for part in operation.parts)]
    kinds = [HeaderMessage, *(part.type for part in operation.parts)]
    held = [[child for child in content if child.tag == f"{{{CDISCOUNT}}}{name}"] for name in names]
    header, *parts = [decode(kind, only, state) for kind, [only] in zip(kinds, held, strict=True)]
    assert len(content) == len(names)
    return Request(tag=content.tag, header=header, parts=parts, drift=state.log.report())
