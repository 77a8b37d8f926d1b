"""What an order of the SOAP service amounts to, and what of it does not add up."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from attrs import frozen

from cdiscount_marketplace.soap.orders.enums import AcceptationState
from cdiscount_marketplace.soap.orders.lines import goods, is_fee
from cdiscount_marketplace.soap.orders.models import Order, OrderLine

CENT = Decimal("0.01")

# Lines that the validated amounts of an order leave out.
_NEVER_VALIDATED = frozenset(
    {
        AcceptationState.REFUSED_BY_SELLER,
        AcceptationState.CANCELLED_BEFORE_NOTIFICATION_BY_CUSTOMER,
        AcceptationState.CANCELLED_BEFORE_PAYMENT_BY_CUSTOMER,
    }
)


@frozen(kw_only=True)
class Totals:
    """The amounts of an order: as accepted, or as ordered before that."""

    total: Decimal | None
    shipping: Decimal | None
    commission: Decimal | None
    unexplained: Decimal | None


def totals(order: Order) -> Totals:
    """Take the validated amounts where there are any (they are 0 before acceptance), else the initial ones."""
    validated = bool(order.validated_total_amount)
    total = order.validated_total_amount if validated else order.initial_total_amount
    shipping = order.validated_total_shipping_charges if validated else order.initial_total_shipping_charges_amount
    commission = order.site_commission_validated_amount or order.site_commission_promised_amount
    return Totals(
        total=total,
        shipping=shipping,
        commission=commission,
        unexplained=None if total is None else total - _explained(order, shipping, validated=validated),
    )


def unit_price(line: OrderLine) -> Decimal | None:
    """Return the price of one piece, rounded to cents: the service gives the line's total."""
    if line.purchase_price is None or not line.quantity:
        return None
    return (line.purchase_price / line.quantity).quantize(CENT, ROUND_HALF_UP)


def line_shipping(line: OrderLine) -> Decimal | None:
    """Return the shipping of a whole line: the first piece, and each further one."""
    if line.unit_shipping_charges is None or not line.quantity:
        return None
    return line.unit_shipping_charges + (line.quantity - 1) * (line.unit_additional_shipping_charges or Decimal(0))


def _explained(order: Order, shipping: Decimal | None, *, validated: bool) -> Decimal:
    sold = [line for line in goods(order) if not (validated and line.acceptation_state in _NEVER_VALIDATED)]
    charges = _sum(map(line_shipping, sold)) if shipping is None else shipping
    fees = (line.purchase_price for line in order.order_lines if is_fee(line))
    return _sum(line.purchase_price for line in sold) + charges + _sum(fees)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((amount for amount in amounts if amount is not None), Decimal(0))
