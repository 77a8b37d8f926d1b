"""Hiding what belongs to customers: every member that the models keep out of their reprs."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from attrs import AttrsInstance, evolve, fields

from cdiscount_marketplace.models import Address, Customer, SalesOrder

_HIDDEN = "(hidden)"
P = TypeVar("P", Address, Customer)


def hidden(order: SalesOrder) -> SalesOrder:
    """Return the order without its customer's data; what is there is shown as hidden."""
    lines = tuple(evolve(line, shipping_address=_hide(line.shipping_address)) for line in order.lines)
    return evolve(
        order,
        customer=_hide(order.customer),
        billing_address=_hide(order.billing_address),
        shipping_address=_hide(order.shipping_address),
        lines=lines,
        source=None,
    )


def _hide(one: P | None) -> P | None:
    if one is None:
        return None
    names = [each.name for each in fields(cast("type[AttrsInstance]", type(one))) if each.repr is False]
    covered: dict[str, Any] = {name: _cover(getattr(one, name)) for name in names}
    return evolve(one, **covered)


def _cover(value: object) -> object:
    if not value:
        return value
    return (_HIDDEN,) if isinstance(value, tuple) else _HIDDEN
