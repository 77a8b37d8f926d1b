"""An order as JSON text and back, so that quarantine keeps it whole while the marketplace forgets or masks it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import evolve

from cdiscount_marketplace.enums import OpenEnum
from cdiscount_marketplace.models import SalesOrder

if TYPE_CHECKING:
    from cattrs import Converter

P = TypeVar("P")


def order_to_json(order: SalesOrder) -> str:
    """Write all of an order except the channel's own `source`; the text holds personal data."""
    plain = _converter().unstructure(evolve(order, source=None))
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def order_from_json(payload: str) -> SalesOrder | None:
    """Restore an order; None if the text is not one, as after a purge of personal data."""
    try:
        return _converter().structure(json.loads(payload), SalesOrder)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
        return None


def parts_to_plain(parts: Sequence[object]) -> list[object] | None:
    """Return small parts of an order, such as refunds, ready for JSON; None if there are none."""
    return [_converter().unstructure(part) for part in parts] or None


def parts_from_plain(kind: type[P], plain: Sequence[Mapping[str, Any]] | None) -> tuple[P, ...]:
    """Restore parts as they were before `parts_to_plain`."""
    return tuple(_converter().structure(part, kind) for part in plain or ())


@cache
def _converter() -> Converter:
    # Imported on first use: most runs quarantine nothing.
    from cattrs import Converter

    converter = Converter(omit_if_default=True, detailed_validation=False)
    converter.register_unstructure_hook(Decimal, str)
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_unstructure_hook_func(_is_enum, str)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
    converter.register_structure_hook_func(_is_enum, lambda text, kind: kind(text))
    # `SalesOrder.source`, which is never written.
    converter.register_structure_hook_func(lambda kind: kind is object, lambda value, _: value)
    return converter


def _is_enum(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, OpenEnum)
