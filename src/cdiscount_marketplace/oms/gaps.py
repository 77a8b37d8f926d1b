"""Members that a later snapshot leaves out and an earlier one had: pure functions.

Services leave members out, of one answer or of all after an upgrade. A missing member is neither zero nor removed: it
keeps its last value. `withheld` does the same for the customer's data.
"""

from __future__ import annotations

from collections import Counter
from operator import attrgetter
from typing import Any, Final

import attrs

from cdiscount_marketplace.models import SalesLine, SalesOrder

# ISO 4217 for "no currency": used if the service names none.
_NO_CURRENCY: Final = "XXX"
_ORDER: Final = (
    "created_at",
    "ship_by",
    "total",
    "shipping_total",
    "commission",
    "delivery_mode",
    "business",
    "sales_channel",
    "refunds",
)
_LINE: Final = (
    "sku",
    "product_id",
    "ean",
    "title",
    "condition",
    "quantity",
    "line_total",
    "unit_price",
    "shipping",
    "commission",
    "ship_by",
    "bundle",
    "parcels",
    "taxes",
    "parts",
)
_order_values = attrgetter(*_ORDER, "currency")
_line_values = attrgetter(*_LINE)
_MISSING: Final = (None, (), _NO_CURRENCY)


def has_gaps(order: SalesOrder) -> bool:
    """Return whether an order may lack a member that an earlier snapshot had."""
    return not order.lines or _lacks(_order_values(order)) or any(_lacks(_line_values(line)) for line in order.lines)


def without_gaps(order: SalesOrder, known: SalesOrder) -> SalesOrder:
    """Return the order with what it leaves out as it was known; lines are known again by their ids."""
    changes = _filled(order, known, _ORDER)
    if order.currency == _NO_CURRENCY != known.currency:
        changes["currency"] = known.currency
    if "total" in changes or not order.lines:
        changes["unexplained"] = known.unexplained
    if not order.lines:
        return attrs.evolve(order, **changes, lines=known.lines)
    ids = Counter(line.line_id for line in known.lines)
    before = {line.line_id: line for line in known.lines if line.line_id is not None and ids[line.line_id] == 1}
    lines = tuple(_filled_line(line, before.get(line.line_id or "")) for line in order.lines)
    return attrs.evolve(order, **changes, lines=lines)


def _filled_line(line: SalesLine, known: SalesLine | None) -> SalesLine:
    if known is None:
        return line
    changes = _filled(line, known, _LINE)
    # Where a line's price or shipping is missing, its other amounts were worked out without it.
    if {"unit_price", "shipping"} & changes.keys() and line.quantity in (None, known.quantity):
        changes |= {"line_total": known.line_total, "unit_price": known.unit_price}
    return attrs.evolve(line, **changes) if changes else line


def _filled(now: Any, known: Any, names: tuple[str, ...]) -> dict[str, Any]:
    missing = (name for name in names if getattr(now, name) in _MISSING)
    return {name: value for name in missing if (value := getattr(known, name)) not in _MISSING}


def _lacks(values: tuple[Any, ...]) -> bool:
    return any(value in _MISSING for value in values)
