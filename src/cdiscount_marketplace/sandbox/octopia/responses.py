"""Orders of the book in the REST API's shape."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from attrs import evolve

from cdiscount_marketplace.octopia.bodies import is_array, is_object
from cdiscount_marketplace.octopia.codec import encode
from cdiscount_marketplace.octopia.orders import models as wire
from cdiscount_marketplace.sandbox.effects import (
    DuplicateReference,
    MissingElements,
    NoOrderNumber,
    UnknownElements,
    UnknownValues,
)
from cdiscount_marketplace.sandbox.faults import Effects
from cdiscount_marketplace.sandbox.octopia.statuses import DELIVERY_MODES, line_status, order_status
from cdiscount_marketplace.sandbox.orders import ZERO, Line, Order, Place, sum_up
from cdiscount_marketplace.sandbox.quirks import PLACEHOLDER, STATES, Quirk, odd_state, odd_text
from cdiscount_marketplace.sandbox.settings import MaskedShape, Settings
from cdiscount_marketplace.sandbox.states import LineState

SALES_CHANNEL = "CDISFR"
_VAT = Decimal("1.2")
_CENT = Decimal("0.01")
_FINE = Decimal("0.0001")
_DEAD = (wire.LineStatus.REFUSED, wire.LineStatus.CANCELLED)
# Required members: they identify an order.
_NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
_KEPT = frozenset({"orderId", "reference", "status", "lines", "orderLineId"})


def show(order: Order, seller_id: str, settings: Settings) -> wire.Order:
    """Return an order as the API shows it; addresses appear once it is to be shipped."""
    shown = _plain(order, seller_id)
    if not order.visible and settings.masked_shape is MaskedShape.PLACEHOLDERS:
        shown = evolve(shown, billing_address=_with_placeholders(_address(order, order.billing)))
    return _odd(shown, order.quirks)


def _plain(order: Order, seller_id: str) -> wire.Order:
    lines = tuple(_line(order, line) for line in order.goods)
    total = _total(order)
    return wire.Order(
        order_id=order.order_id,
        reference=order.number,
        business_order=order.business,
        sales_channel=_sales_channel(order),
        seller=wire.Named(id=seller_id),
        customer=wire.OrderCustomer(reference=order.customer.key),
        purchased_at=order.created_at,
        created_at=order.created_at,
        updated_at=order.updated_at,
        shipped_at_max=max((line.ship_by for line in order.goods if line.ship_by), default=None),
        status=order_status(order.state),
        payment=wire.Payment(method="CreditCard"),
        currency_code=order.currency,
        billing_address=_address(order, order.billing) if order.visible else None,
        total_price=wire.TotalPrice(offer_price=total, selling_price=total),
        service_fees=tuple(wire.ServiceFee(label=line.name, amount=line.price) for line in order.lines if line.fee),
        lines=lines,
    )


def shown(orders: list[Order], seller_id: str, settings: Settings, effects: Effects) -> list[dict[str, Any]]:
    """Return orders as JSON objects, drifted as the effects demand."""
    return [_drifted(show(order, seller_id, settings), index, effects) for index, order in enumerate(orders)]


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


def _sales_channel(order: Order) -> wire.Named:
    if order.sales_channel is None:
        return wire.Named(id=SALES_CHANNEL, name="Cdiscount")
    return wire.Named(id=order.sales_channel, name=order.sales_channel)


def _odd(order: wire.Order, quirks: frozenset[Quirk]) -> wire.Order:
    """Return an order as its quirks make it look."""
    if not quirks:
        return order
    lines = tuple(_odd_line(line, quirks) for line in order.lines)
    if Quirk.MIXED_SUPPLY in quirks and lines and lines[-1].offer:
        offer = evolve(lines[-1].offer, supply_mode=wire.SupplyMode.FULFILLMENT)
        lines = (*lines[:-1], evolve(lines[-1], offer=offer))
    if Quirk.TWO_ADDRESSES in quirks and lines and lines[-1].shipping_address:
        elsewhere = evolve(lines[-1].shipping_address, address_line1="2 place du Marché", city="Lyon")
        lines = (*lines[:-1], evolve(lines[-1], shipping_address=elsewhere))
    if not STATES.isdisjoint(quirks):
        state = odd_state(str(order.status), quirks)
        order = evolve(order, status=None if state is None else wire.OrderStatus(state))
    if Quirk.END_OF_TIME in quirks:
        order = evolve(order, updated_at=_NEVER)
    if Quirk.NO_REFERENCE in quirks:
        order = evolve(order, reference="")
    if Quirk.PLACEHOLDERS in quirks:
        order = evolve(order, billing_address=_with_placeholders(order.billing_address))
    return evolve(order, lines=() if Quirk.NO_LINES in quirks else lines)


def _odd_line(line: wire.OrderLine, quirks: frozenset[Quirk]) -> wire.OrderLine:
    if not STATES.isdisjoint(quirks):
        state = odd_state(str(line.status), quirks)
        line = evolve(line, status=None if state is None else wire.LineStatus(state))
    if Quirk.NO_QUANTITY in quirks:
        line = evolve(line, quantity=None)
    if Quirk.PLACEHOLDERS in quirks:
        line = evolve(line, shipping_address=_with_placeholders(line.shipping_address))
    if line.offer:
        line = evolve(line, offer=evolve(line.offer, product_title=odd_text(line.offer.product_title or "", quirks)))
    return line


def _with_placeholders(address: wire.Address | None) -> wire.Address | None:
    if address is None:
        return None
    return evolve(address, first_name=PLACEHOLDER, last_name=PLACEHOLDER, address_line1=PLACEHOLDER)


def _address(order: Order, place: Place) -> wire.Address:
    person = order.customer
    first, *second = (part for part in (place.building, place.street) if part)
    return wire.Address(
        civility=person.civility.capitalize(),
        first_name=person.first_name,
        last_name=person.last_name,
        company_name=place.company,
        company_vat_number=order.vat_number,
        address_line1=first,
        address_line2=next(iter(second), None),
        postal_code=place.zip_code,
        city=place.city,
        country_code=place.country,
    )


def _shipping_address(order: Order) -> wire.Address:
    return evolve(
        _address(order, order.shipping),
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
