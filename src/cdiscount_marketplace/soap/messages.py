"""Requests and answers as they are sent: checked, and written as zeep's arguments or as whole SOAP messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from attrs import frozen

from cdiscount_marketplace.errors import InvalidRequest, UnreadableAnswer
from cdiscount_marketplace.soap.answers import Fault
from cdiscount_marketplace.soap.common import ServiceBaseMessage
from cdiscount_marketplace.soap.decode import Decoding, decode
from cdiscount_marketplace.soap.drift import ELEMENT, Drift
from cdiscount_marketplace.soap.encode import Habit, problems, write, zeep_values
from cdiscount_marketplace.soap.header import HeaderMessage
from cdiscount_marketplace.soap.operations import HEADER_PART, Operation, Part
from cdiscount_marketplace.soap.times import PARIS
from cdiscount_marketplace.soap.wire import CDISCOUNT
from cdiscount_marketplace.soap.xml import (
    FAULT_TAG,
    LANGUAGE,
    MAX_BYTES,
    append,
    local_name,
    new_message,
    parse_message,
    to_bytes,
)


@frozen(kw_only=True)
class Request:
    """A request as a service reads it; `parts` has what was sent, by part name."""

    operation: Operation[Any]
    header: HeaderMessage | None
    parts: Mapping[str, Any]
    drift: tuple[Drift, ...] = ()


def check(operation: Operation[Any], *parts: object) -> None:
    """Raise `InvalidRequest`, naming everything that is wrong, unless the parts can be sent."""
    expected = operation.parts
    if len(parts) != len(expected) or not all(map(_fits, expected, parts)):
        wanted = ", ".join(part.type.__name__ for part in expected) or "nothing"
        raise TypeError(f"{operation.name} takes {wanted}")
    found = [problem for part, model in zip(expected, parts, strict=True) for problem in problems(model, part.name)]
    if found:
        raise InvalidRequest(found, operation=operation.name)


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


def write_request(operation: Operation[Any], header: HeaderMessage, *parts: object, zone: tzinfo = PARIS) -> bytes:
    """Return a whole request as XML, written without zeep, after checking the parts."""
    check(operation, *parts)
    root, content = new_message(operation.tag)
    habit = Habit(writes_unset=False, zone=zone, dropped={})
    named = [(HEADER_PART, header), *zip((part.name for part in operation.parts), parts, strict=True)]
    for name, model in named:
        write(content, f"{{{CDISCOUNT}}}{name}", model, habit)
    return to_bytes(root)


def read_request(
    operations: Sequence[Operation[Any]], body: bytes, *, zone: tzinfo = PARIS, max_bytes: int = MAX_BYTES
) -> Request:
    """Read a request as the service would, by name; raises an `UnreadableAnswer` like `decode_answer`."""
    content = parse_message(body, max_bytes=max_bytes)
    operation = next((found for found in operations if found.tag == content.tag), None)
    if operation is None:
        raise UnreadableAnswer("the message asks for an unknown operation")
    state = Decoding(zone=zone)
    known = {f"{{{CDISCOUNT}}}{part.name}": part for part in (Part(HEADER_PART, HeaderMessage), *operation.parts)}
    found: dict[str, Any] = {}
    for child in content:
        part = known.get(child.tag)
        if part is None:
            state.log.note(ELEMENT, f"{operation.name}/{local_name(child)}")
        else:
            found[part.name] = decode(part.type, child, state)
    return Request(operation=operation, header=found.pop(HEADER_PART, None), parts=found, drift=state.log.report())


def write_answer(
    operation: Operation[Any], result: ServiceBaseMessage, *, zone: tzinfo = PARIS, token: str | None = None
) -> bytes:
    """Return an answer as the service writes it; `token` is what it echoes."""
    root, content = new_message(operation.response_tag)
    habit = Habit(writes_unset=True, zone=zone, dropped={"TokenId": token} if token else {})
    write(content, operation.result_tag, result, habit)
    return to_bytes(root)


def write_fault(fault: Fault) -> bytes:
    """Return a SOAP fault as the service writes it."""
    root, content = new_message(FAULT_TAG)
    append(content, "faultcode", f"s:{fault.code}")
    append(content, "faultstring", fault.text).set(LANGUAGE, "fr-FR")
    if fault.detail:
        append(content, "detail", fault.detail)
    return to_bytes(root)
