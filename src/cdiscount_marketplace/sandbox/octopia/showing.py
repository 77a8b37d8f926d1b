"""Orders of the book in the REST API's shape."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attrs import evolve

from cdiscount_marketplace.octopia import orders as wire
from cdiscount_marketplace.octopia.bodies import is_array, is_object
from cdiscount_marketplace.octopia.wire import encode
from cdiscount_marketplace.sandbox.effects import (
    DuplicateReference,
    MissingElements,
    NoOrderNumber,
    UnknownElements,
    UnknownValues,
)
from cdiscount_marketplace.sandbox.faults import Effects
from cdiscount_marketplace.sandbox.octopia.words import DELIVERY_MODES, line_status, order_status
from cdiscount_marketplace.sandbox.orders import ZERO, Line, Order, Person, Place, sum_up
from cdiscount_marketplace.sandbox.states import LineState

SALES_CHANNEL = "CDISFR"
_VAT = Decimal("1.2")
_CENT = Decimal("0.01")
_FINE = Decimal("0.0001")
_DEAD = (wire.LineStatus.REFUSED, wire.LineStatus.CANCELLED)
# What an answer cannot lack: an order without these says nothing at all.
_KEPT = frozenset({"orderId", "reference", "status", "lines", "orderLineId"})


def show(order: Order, seller_id: str) -> wire.Order:
    """Return an order as the API tells it; addresses come when it is to be shipped."""
    lines = tuple(_line(order, line) for line in order.goods)
    total = _total(order)
    return wire.Order(
        order_id=order.order_id,
        reference=order.number,
        business_order=order.business,
        sales_channel=wire.Named(id=SALES_CHANNEL, name="Cdiscount"),
        seller=wire.Named(id=seller_id),
        customer=wire.OrderCustomer(reference=order.customer.key),
        purchased_at=order.created_at,
        created_at=order.created_at,
        updated_at=order.updated_at,
        shipped_at_max=max((line.ship_by for line in order.goods if line.ship_by), default=None),
        status=order_status(order.state),
        payment=wire.Payment(method="CreditCard"),
        currency_code="EUR",
        billing_address=_address(order.customer, order.billing) if order.visible else None,
        total_price=wire.TotalPrice(offer_price=total, selling_price=total),
        service_fees=tuple(wire.ServiceFee(label=line.name, amount=line.price) for line in order.lines if line.fee),
        lines=lines,
    )


def shown(orders: list[Order], seller_id: str, effects: Effects) -> list[dict[str, Any]]:
    """Return orders as JSON objects, drifted as the effects demand."""
    return [_drifted(show(order, seller_id), index, effects) for index, order in enumerate(orders)]


def line_id(order: Order, line: Line) -> str:
    """Return the number by which the API knows a line."""
    return f"{order.order_id}-{line.row + 1}"


def _line(order: Order, line: Line) -> wire.OrderLine:
    price = _unit_price(line)
    mode = DELIVERY_MODES.get(order.shipping_code, "PickupPointDelivery")
    total = wire.TotalPrice(offer_price=line.price + line.shipping, selling_price=line.price + line.shipping)
    return wire.OrderLine(
        order_line_id=line_id(order, line),
        status=line_status(line.state, order.state),
        quantity=line.quantity,
        total_price=total,
        offer_price=wire.OfferPrice(unit_sales_price=price, shipping_cost=line.shipping, commission=_commission(line)),
        selling_price=wire.SellingPrice(unit_sales_price=price, shipping_cost=line.shipping),
        offer=_offer(order, line),
        delivery=wire.Delivery(
            mode=mode,
            promised_at_min=order.deliver_from,
            promised_at_max=order.deliver_by,
            shipped_at_max=line.ship_by,
        ),
        shipping_address=_shipping_address(order) if order.visible else None,
        parcels=_parcels(order, line),
    )


def _offer(order: Order, line: Line) -> wire.Offer:
    mode = wire.SupplyMode.FULFILLMENT if order.fulfilled_by_cdiscount else wire.SupplyMode.SELLER
    return wire.Offer(
        id=f"OFFER-{line.product_id}",
        seller_product_id=line.reference,
        supply_mode=mode,
        product_id=line.product_id,
        product_title=line.name,
        product_gtin=line.ean,
        condition=line.condition,
    )


def _commission(line: Line) -> wire.Commission:
    rate = (line.commission * 100 / line.price).quantize(_CENT) if line.price else ZERO
    without_vat = (line.commission / _VAT).quantize(_CENT)
    return wire.Commission(amount_with_vat=line.commission, amount_without_vat=without_vat, rate=rate)


def _unit_price(line: Line) -> Decimal:
    return (line.price / line.quantity).quantize(_FINE) if line.quantity else line.price


def _total(order: Order) -> Decimal:
    live = [line for line in order.lines if line_status(line.state, order.state) not in _DEAD]
    return sum_up(live or order.lines).total


def _parcels(order: Order, line: Line) -> tuple[wire.OrderParcel, ...]:
    tracking = order.tracking
    if tracking is None or line.state != LineState.SHIPPED:
        return ()
    return (wire.OrderParcel(parcel_number=tracking.number, carrier_name=tracking.carrier, tracking_url=tracking.url),)


def _address(person: Person, place: Place) -> wire.Address:
    first, *second = (part for part in (place.building, place.street) if part)
    return wire.Address(
        civility=person.civility.capitalize(),
        first_name=person.first_name,
        last_name=person.last_name,
        company_name=place.company,
        address_line1=first,
        address_line2=next(iter(second), None),
        postal_code=place.zip_code,
        city=place.city,
        country_code=place.country,
    )


def _shipping_address(order: Order) -> wire.Address:
    return evolve(
        _address(order.customer, order.shipping),
        phone=order.customer.mobile,
        email=order.encrypted_email,
        pickup_id=order.shipping.relay_id,
        pickup_name=order.shipping.relay_name,
    )


def _drifted(order: wire.Order, index: int, effects: Effects) -> dict[str, Any]:
    if effects.has(NoOrderNumber) and index == 0:
        order = evolve(order, order_id=None, reference=None)
    if effects.has(UnknownValues):
        lines = tuple(evolve(line, status=wire.LineStatus("Teleported")) for line in order.lines)
        order = evolve(order, status=wire.OrderStatus("Teleported"), lines=lines)
    if effects.has(DuplicateReference) and order.lines:
        first = order.lines[0].offer
        order = evolve(order, lines=tuple(evolve(line, offer=first) for line in order.lines))
    body = encode(order)
    if effects.has(UnknownElements):
        body = _with_strangers(body)
    return _bare(body) if effects.has(MissingElements) else body


def _with_strangers(value: Any) -> Any:
    """Put a member that no description knows into every object."""
    if is_array(value):
        return [_with_strangers(item) for item in value]
    if is_object(value):
        return {"aNewMember": "unknown", **{name: _with_strangers(item) for name, item in value.items()}}
    return value


def _bare(value: Any) -> Any:
    """Leave every member out that may be missing."""
    if is_array(value):
        return [_bare(item) for item in value]
    if is_object(value):
        return {name: _bare(item) for name, item in value.items() if name in _KEPT}
    return value
