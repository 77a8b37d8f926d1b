"""Walk the wire models that operations use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cdiscount_marketplace.soap.codec.declare import base, elements, is_model
from cdiscount_marketplace.soap.header import HeaderMessage
from cdiscount_marketplace.soap.operations import Operation


def models_of(operations: Iterable[Operation]) -> list[type]:
    """Return every model that the operations reach, their header included."""
    waiting: list[type] = [HeaderMessage]
    for operation in operations:
        waiting += [operation.result, *(part.type for part in operation.parts)]
    found: dict[type, None] = {}
    while waiting:
        kind = waiting.pop()
        if kind not in found:
            found[kind] = None
            waiting += list(_used(kind))
    return list(found)


def _used(kind: type) -> Iterator[type]:
    parent = base(kind)
    if parent:
        yield parent
    yield from (member.type for member in elements(kind) if is_model(member.type))
