"""Requests as zeep takes them, checked first; answers and faults as the service writes them."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from cdiscount_marketplace.errors import InvalidRequest
from cdiscount_marketplace.soap.answers import Fault
from cdiscount_marketplace.soap.codec.encode import WriteOptions, problems, write, zeep_values
from cdiscount_marketplace.soap.codec.times import PARIS
from cdiscount_marketplace.soap.codec.xml import (
    FAULT_TAG,
    LANGUAGE,
    append,
    new_message,
    to_bytes,
)
from cdiscount_marketplace.soap.common import ServiceMessage
from cdiscount_marketplace.soap.header import HeaderMessage
from cdiscount_marketplace.soap.operations import HEADER_PART, Operation, Part


def check(operation: Operation[Any], *parts: object) -> None:
    """Raise `InvalidRequest`, naming everything that is wrong, unless the parts can be sent."""
    expected = operation.parts
    if len(parts) != len(expected) or not all(map(_fits, expected, parts)):
        wanted = ", ".join(part.type.__name__ for part in expected) or "nothing"
        raise TypeError(f"{operation.name} takes {wanted}")
    invalid = [problem for part, model in zip(expected, parts, strict=True) for problem in problems(model, part.name)]
    if invalid:
        raise InvalidRequest(invalid, operation=operation.name)


def _fits(part: Part, model: object) -> bool:
    return isinstance(model, part.type)


def zeep_arguments(
    operation: Operation[Any], header: HeaderMessage, *parts: object, zone: tzinfo = PARIS
) -> dict[str, Any]:
    """Return the keyword arguments that zeep takes for one call, after checking the parts."""
    check(operation, *parts)
    named = zip(operation.parts, parts, strict=True)
    return {
        HEADER_PART: zeep_values(header, zone),
        **{part.name: zeep_values(model, zone) for part, model in named},
    }


def write_answer(
    operation: Operation[Any], result: ServiceMessage, *, zone: tzinfo = PARIS, token: str | None = None
) -> bytes:
    """Return an answer as the service writes it; `token` is what it echoes."""
    root, content = new_message(operation.response_tag)
    write_options = WriteOptions(zone=zone, dropped={"TokenId": token} if token else {})
    write(content, operation.result_tag, result, write_options)
    return to_bytes(root)


def write_fault(fault: Fault) -> bytes:
    """Return a SOAP fault as the service writes it."""
    root, content = new_message(FAULT_TAG)
    append(content, "faultcode", f"s:{fault.code}")
    append(content, "faultstring", fault.text).set(LANGUAGE, "fr-FR")
    if fault.detail:
        append(content, "detail", fault.detail)
    return to_bytes(root)
