"""SOAP answers of our own making, with every member filled, and the recorded ones where they are."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.codec.declare import Element, elements, is_enum, is_model
from cdiscount_marketplace.soap.messages import write_answer
from cdiscount_marketplace.soap.operations import Operation

BY_NAME: dict[str, Operation[Any]] = {operation.name: operation for operation in OPERATIONS}

_VALUES: dict[str, Any] = {
    "decimal": Decimal("12.50"),
    "boolean": True,
    "dateTime": datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
    "double": 1.5,
    "float": 1.5,
}


def filled(kind: type, depth: int = 0) -> Any:
    """Return a model with a value in every member, its own kind nested once."""
    return kind(
        **{
            member.attribute: _value(member, index, depth)
            for index, member in enumerate(elements(kind))
            if member.attribute is not None
        }
    )


def _value(member: Element, index: int, depth: int) -> Any:
    single = _single(member, index, depth)
    if not member.many:
        return single
    nested_enough = member.type is member.owner and depth > 1
    return () if nested_enough else (single,) * (2 if depth == 0 else 1)


def _single(member: Element, index: int, depth: int) -> Any:
    if is_model(member.type):
        return filled(member.type, depth + 1) if depth < 5 and not (member.type is member.owner and depth > 1) else None
    if is_enum(member.type):
        return member.type.values()[-1]
    if member.type == "string":
        return f"{member.name} é & <{index}>"
    return _VALUES.get(str(member.type), index + 1)


def filled_answer(operation: Operation[Any]) -> bytes:
    """Return an answer in which every member has a value."""
    return write_answer(operation, filled(operation.result), token="f" * 32)


def recorded_messages(
    folder: Path, suffix: str, *, without: Collection[tuple[str, str]] = ()
) -> list[tuple[Operation[Any], int, bytes]]:
    """Return the recorded messages of the operations that the SDK speaks, with the answers' HTTP status."""
    exchanges = folder / "soap" / "exchanges"
    listed = json.loads((exchanges / "index.json").read_text())
    return [
        (
            BY_NAME[entry["operation"]],
            entry["http_status"],
            (exchanges / entry["operation"] / f"{entry['case']}.{suffix}.xml").read_bytes(),
        )
        for entry in listed
        if entry["operation"] in BY_NAME and (entry["operation"], entry["case"]) not in without
    ]
