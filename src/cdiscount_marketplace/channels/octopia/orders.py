"""What an order of the REST API means to the OMS side: pure translation, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from cdiscount_marketplace.channels.numbers import digest_of, whole_number
from cdiscount_marketplace.channels.octopia.people import billing_address, customer, line_address, shipping_address
from cdiscount_marketplace.models import (
    Address,
    Fee,
    Fulfiller,
    LineStatus,
    Notice,
    OrderStatus,
    Parcel,
    SalesLine,
    SalesOrder,
    Tax,
)
from cdiscount_marketplace.octopia.orders import models as octopia

CHANNEL = "octopia"
CENT = Decimal("0.01")
CDISCOUNT = "CDISFR"
# The only sales channel whose id is public. Orders of others say their currency; one that does not has none.
CURRENCIES = {CDISCOUNT: "EUR"}
# ISO 4217 for "no currency": nobody books it as euros.
NO_CURRENCY = "XXX"

# `Rejected` failed the marketplace's own checks: no seller refused it, and nothing is to be shipped.
_ORDER_STATUSES = {
    octopia.OrderStatus.PROCESSING: OrderStatus.PROCESSING,
    octopia.OrderStatus.WAITING_ACCEPTANCE: OrderStatus.WAITING_ACCEPTANCE,
    octopia.OrderStatus.ACCEPTED: OrderStatus.ACCEPTED,
    octopia.OrderStatus.IN_PREPARATION: OrderStatus.WAITING_SHIPMENT,
    octopia.OrderStatus.SHIPPED: OrderStatus.SHIPPED,
    octopia.OrderStatus.DELIVERED: OrderStatus.DELIVERED,
    octopia.OrderStatus.REFUSED: OrderStatus.REFUSED,
    octopia.OrderStatus.CANCELLED: OrderStatus.CANCELLED,
    octopia.OrderStatus.REJECTED: OrderStatus.CANCELLED,
}
_LINE_STATUSES = {
    octopia.LineStatus.PROCESSING: LineStatus.WAITING,
    octopia.LineStatus.WAITING_ACCEPTANCE: LineStatus.WAITING,
    octopia.LineStatus.ACCEPTED: LineStatus.ACCEPTED,
    octopia.LineStatus.IN_PREPARATION: LineStatus.ACCEPTED,
    octopia.LineStatus.SHIPPED: LineStatus.SHIPPED,
    octopia.LineStatus.DELIVERED: LineStatus.DELIVERED,
    octopia.LineStatus.REFUSED: LineStatus.REFUSED,
    octopia.LineStatus.CANCELLED: LineStatus.CANCELLED,
    octopia.LineStatus.REJECTED: LineStatus.CANCELLED,
    octopia.LineStatus.CANCEL_REQUEST: LineStatus.CANCELLATION_REQUESTED,
}
_DEAD_LINES = {LineStatus.REFUSED, LineStatus.CANCELLED}


def channel_statuses(statuses: Iterable[OrderStatus]) -> tuple[octopia.OrderStatus, ...]:
    """Return the service's words for the OMS side's; some have none."""
    wanted = frozenset(statuses)
    return tuple(word for word, meaning in _ORDER_STATUSES.items() if meaning in wanted)


def order_status(order: octopia.Order) -> OrderStatus:
    """Return where the order stands, in the OMS side's words."""
    return OrderStatus.OTHER if order.status is None else _ORDER_STATUSES.get(order.status, OrderStatus.OTHER)


def is_sellers(order: octopia.Order, line: octopia.OrderLine) -> bool:
    """Return whether the seller supplies a line; by default, the seller does.

    The mode stands on the line's offer; one source reads it on the order.
    """
    mode = (line.offer.supply_mode if line.offer else None) or order.supply_mode
    return mode is None or mode == octopia.SupplyMode.SELLER


def identities(order: octopia.Order) -> tuple[str, ...]:
    """Return the order's numbers, the reference first; without any, a digest of its content.

    No source proves which of the two the SOAP API's OrderNumber is: an order is known again by either.
    """
    both = (whole_number(order.reference), whole_number(order.order_id))
    numbers = tuple(dict.fromkeys(number for number in both if number is not None))
    return numbers or (digest_of(_content(order)),)


def sales_order(order: octopia.Order) -> SalesOrder:
    """Translate an order.

    `line_total` is `sellingPrice.unitSalesPrice` × quantity, else the line's `totalPrice.sellingPrice` without its
    shipping. Amounts of the order, `unexplained` too, are those of its live lines, or of all lines of a dead order.
    """
    shipping = shipping_address(order)
    lines = tuple(_line(order, line, shipping) for line in order.lines)
    fees = tuple(Fee(code=fee.label or "", amount=fee.amount) for fee in order.service_fees)
    total = order.total_price.selling_price if order.total_price else None
    delivery = next((line.delivery for line in order.lines if line.delivery), None)
    live = _live(lines)
    currency = _currency(order)
    return SalesOrder(
        channel=CHANNEL,
        identities=identities(order),
        unique_id=whole_number(order.order_id),
        status=order_status(order),
        channel_status=order.status and str(order.status),
        created_at=order.created_at or order.purchased_at,
        modified_at=order.updated_at,
        ship_by=order.shipped_at_max or (delivery.shipped_at_max if delivery else None),
        currency=currency or NO_CURRENCY,
        lines=lines,
        fees=fees,
        total=total,
        shipping_total=_sum(line.shipping for line in live),
        commission=_sum(line.commission for line in live),
        unexplained=_unexplained(total, live, fees),
        customer=customer(order),
        billing_address=billing_address(order),
        shipping_address=shipping,
        delivery_mode=delivery.mode if delivery else None,
        business=order.business_order,
        fulfilled_by=_fulfiller(order),
        sales_channel=sold_on(order),
        notices=tuple(_notices(order, currency)),
        source=order,
    )


def sold_on(order: octopia.Order) -> str | None:
    """Return the id of the sales channel, in the usual spelling; None where the order does not say."""
    return channel_id(order.sales_channel.id if order.sales_channel else None)


def channel_id(text: str | None) -> str | None:
    """Return a sales channel's id in the usual spelling: in capitals and without blanks around it."""
    return (text or "").strip().upper() or None


def _currency(order: octopia.Order) -> str | None:
    """Return the order's currency, else that of its sales channel; None if both are missing."""
    return order.currency_code or CURRENCIES.get(sold_on(order) or CDISCOUNT)


def _notices(order: octopia.Order, currency: str | None) -> Iterator[Notice]:
    if currency is None:
        yield Notice("currency_unknown", "neither the order nor its sales channel has a known currency")
    if order.cancellation_details:
        yield Notice("cancellation_details", "the marketplace gives details of a cancellation: see the order's source")
    for line in order.lines:
        if line.product_attributes:
            yield Notice("product_attributes", f"line {line.order_line_id} has attributes: see the order's source")


def _line(order: octopia.Order, line: octopia.OrderLine, shipping: Address | None) -> SalesLine:
    offer = line.offer or octopia.Offer()
    price = line.selling_price or octopia.SellingPrice()
    commission = line.offer_price.commission if line.offer_price else None
    delivery = line.delivery or octopia.Delivery()
    return SalesLine(
        line_id=line.order_line_id,
        sku=offer.seller_product_id,
        product_id=offer.product_id,
        ean=offer.product_gtin,
        title=offer.product_title,
        condition=offer.condition,
        quantity=line.quantity,
        line_total=_line_total(line),
        unit_price=_unit_price(line),
        shipping=price.shipping_cost,
        commission=commission.amount_with_vat if commission else None,
        status=line_status(line),
        channel_status=line.status and str(line.status),
        ship_by=delivery.shipped_at_max or order.shipped_at_max,
        parcels=tuple(_parcel(parcel) for parcel in line.parcels),
        fulfilled_by=Fulfiller.SELLER if is_sellers(order, line) else Fulfiller.MARKETPLACE,
        shipping_address=line_address(line, shipping),
        taxes=tuple(map(_tax, price.taxes or (line.offer_price.taxes if line.offer_price else ()))),
    )


def _tax(tax: octopia.Tax) -> Tax:
    return Tax(code=tax.code, target=tax.target, amount=tax.amount, rate=tax.rate)


def line_status(line: octopia.OrderLine) -> LineStatus:
    """Return where the line stands, in the OMS side's words."""
    return LineStatus.UNKNOWN if line.status is None else _LINE_STATUSES.get(line.status, LineStatus.UNKNOWN)


def _line_total(line: octopia.OrderLine) -> Decimal | None:
    unit = line.selling_price.unit_sales_price if line.selling_price else None
    if unit is not None and line.quantity is not None:
        return unit * line.quantity
    total = line.total_price.selling_price if line.total_price else None
    shipping = line.selling_price.shipping_cost if line.selling_price else None
    return total if total is None or shipping is None else total - shipping


def _unit_price(line: octopia.OrderLine) -> Decimal | None:
    total = _line_total(line)
    return None if total is None or not line.quantity else (total / line.quantity).quantize(CENT)


def _live(lines: Sequence[SalesLine]) -> Sequence[SalesLine]:
    """Return the lines that still count; of a dead order, all."""
    return [line for line in lines if line.status not in _DEAD_LINES] or lines


def _unexplained(total: Decimal | None, live: Sequence[SalesLine], fees: Sequence[Fee]) -> Decimal | None:
    if total is None:
        return None
    goods = (line.line_total for line in live)
    shipping = (line.shipping for line in live)
    charges = (fee.amount for fee in fees)
    return total - sum((amount for part in (goods, shipping, charges) for amount in part if amount), Decimal(0))


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def _parcel(parcel: octopia.OrderParcel) -> Parcel:
    return Parcel(tracking_number=parcel.parcel_number, carrier=parcel.carrier_name, tracking_url=parcel.tracking_url)


def _fulfiller(order: octopia.Order) -> Fulfiller:
    """Return who ships: the seller, if at least one line is theirs or the lines do not show it."""
    lines = order.lines or (octopia.OrderLine(),)
    sellers = any(is_sellers(order, line) for line in lines)
    return Fulfiller.SELLER if sellers else Fulfiller.MARKETPLACE


def _content(order: octopia.Order) -> str:
    """Tell an order without a number from others by what does not change when it moves on."""
    lines = [(line.order_line_id, line.quantity, _line_total(line)) for line in order.lines]
    return repr((order.created_at, order.customer, lines))
