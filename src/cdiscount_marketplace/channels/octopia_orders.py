"""What an order of the REST API means to the OMS side: pure translation, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from hashlib import sha256

from cdiscount_marketplace.models import (
    Address,
    Customer,
    Fee,
    Fulfiller,
    LineStatus,
    OrderStatus,
    Parcel,
    SalesLine,
    SalesOrder,
)
from cdiscount_marketplace.octopia import orders as octopia

CHANNEL = "octopia"
DIGEST = "digest:"
CENT = Decimal("0.01")

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
    """Tell whether the seller supplies a line; where nothing is said of it, the seller does.

    The mode stands on the line's offer; one source reads it on the order.
    """
    mode = (line.offer.supply_mode if line.offer else None) or order.supply_mode
    return mode is None or mode == octopia.SupplyMode.SELLER


def identities(order: octopia.Order) -> tuple[str, ...]:
    """Return the numbers that mean the order, the reference first; a digest where there is none.

    No source proves which of the two the SOAP API's OrderNumber is: an order is known again by either.
    """
    numbers = tuple(dict.fromkeys(number for number in (order.reference, order.order_id) if number))
    return numbers or (f"{DIGEST}{sha256(_content(order).encode(errors='replace')).hexdigest()[:32]}",)


def sales_order(order: octopia.Order) -> SalesOrder:
    """Translate an order.

    `line_total` is `sellingPrice.unitSalesPrice` × quantity, else the line's `totalPrice.sellingPrice`. `unexplained`
    compares the total with the live lines, or with all lines of a dead order.
    """
    lines = tuple(_line(order, line) for line in order.lines)
    fees = tuple(Fee(code=fee.label or "", amount=fee.amount) for fee in order.service_fees)
    total = order.total_price.selling_price if order.total_price else None
    delivery = next((line.delivery for line in order.lines if line.delivery), None)
    shipping = shipping_address(order)
    return SalesOrder(
        channel=CHANNEL,
        identities=identities(order),
        status=order_status(order),
        channel_status=order.status and str(order.status),
        created_at=order.created_at or order.purchased_at,
        modified_at=order.updated_at,
        ship_by=order.shipped_at_max or (delivery.shipped_at_max if delivery else None),
        currency=order.currency_code or "EUR",
        lines=lines,
        fees=fees,
        total=total,
        shipping_total=_sum(line.shipping for line in lines),
        commission=_sum(line.commission for line in lines),
        unexplained=_unexplained(total, lines, fees),
        customer=_customer(order, shipping),
        billing_address=_address(order.billing_address),
        shipping_address=_address(shipping),
        delivery_mode=delivery.mode if delivery else None,
        business=order.business_order,
        fulfilled_by=_fulfiller(order),
        source=order,
    )


def shipping_address(order: octopia.Order) -> octopia.Address | None:
    """Return the first filled address of the lines, else the order's own, which one source has seen."""
    found = [line.shipping_address for line in order.lines] + [order.shipping_address]
    given = [address for address in found if address is not None]
    return next((address for address in given if not _translated(address).masked), given[0] if given else None)


def _line(order: octopia.Order, line: octopia.OrderLine) -> SalesLine:
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
        quantity=line.quantity or 0,
        line_total=_line_total(line),
        unit_price=_unit_price(line),
        shipping=price.shipping_cost,
        commission=commission.amount_with_vat if commission else None,
        status=line_status(line),
        channel_status=line.status and str(line.status),
        ship_by=delivery.shipped_at_max or order.shipped_at_max,
        parcels=tuple(_parcel(parcel) for parcel in line.parcels),
    )


def line_status(line: octopia.OrderLine) -> LineStatus:
    """Return where the line stands, in the OMS side's words."""
    return LineStatus.UNKNOWN if line.status is None else _LINE_STATUSES.get(line.status, LineStatus.UNKNOWN)


def _line_total(line: octopia.OrderLine) -> Decimal | None:
    unit = line.selling_price.unit_sales_price if line.selling_price else None
    if unit is not None and line.quantity is not None:
        return unit * line.quantity
    return line.total_price.selling_price if line.total_price else None


def _unit_price(line: octopia.OrderLine) -> Decimal | None:
    total = _line_total(line)
    return None if total is None or not line.quantity else (total / line.quantity).quantize(CENT)


def _unexplained(total: Decimal | None, lines: Sequence[SalesLine], fees: Sequence[Fee]) -> Decimal | None:
    if total is None:
        return None
    live = [line for line in lines if line.status not in _DEAD_LINES] or lines
    goods = (line.line_total for line in live)
    shipping = (line.shipping for line in live)
    charges = (fee.amount for fee in fees)
    return total - sum((amount for part in (goods, shipping, charges) for amount in part if amount), Decimal(0))


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def _parcel(parcel: octopia.OrderParcel) -> Parcel:
    return Parcel(tracking_number=parcel.parcel_number, carrier=parcel.carrier_name, tracking_url=parcel.tracking_url)


def _customer(order: octopia.Order, shipping: octopia.Address | None) -> Customer | None:
    """Put the buyer together: the key from the order, the name from the bill, phone and e-mail from the parcel."""
    bill, delivery = order.billing_address or octopia.Address(), shipping or octopia.Address()
    reference = order.customer.reference if order.customer else None
    if not any((reference, bill.last_name, delivery.phone, delivery.email)):
        return None
    return Customer(
        reference=reference,
        civility=bill.civility,
        first_name=bill.first_name,
        last_name=bill.last_name,
        phone=delivery.phone,
        email=delivery.email,
    )


def _address(address: octopia.Address | None) -> Address | None:
    return None if address is None else _translated(address)


def _translated(address: octopia.Address) -> Address:
    street = (address.address_line1, address.address_line2, address.address_line3)
    return Address(
        civility=address.civility,
        first_name=address.first_name,
        last_name=address.last_name,
        company=address.company_name,
        lines=tuple(line for line in street if line),
        postal_code=address.postal_code,
        city=address.city,
        region=address.state_or_region,
        country=address.country_code,
        relay_id=address.pickup_id,
        relay_name=address.pickup_name,
        phone=address.phone,
        email=address.email,
    )


def _fulfiller(order: octopia.Order) -> Fulfiller:
    """Say who ships: the seller, if only one line is theirs, or if there is nothing to tell by."""
    lines = order.lines or (octopia.OrderLine(),)
    sellers = any(is_sellers(order, line) for line in lines)
    return Fulfiller.SELLER if sellers else Fulfiller.MARKETPLACE


def _content(order: octopia.Order) -> str:
    """Tell an order without a number from others by what does not change when it moves on."""
    lines = [(line.order_line_id, line.quantity, _line_total(line)) for line in order.lines]
    return repr((order.created_at, order.customer, lines))
