"""How an order looks in GetOrderList: what is shown when, and in which shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeVar, cast

from attrs import evolve, frozen

from cdiscount_marketplace.sandbox import orders as book
from cdiscount_marketplace.sandbox.quirks import PLACEHOLDER, STATES, Quirk, odd_state, odd_text
from cdiscount_marketplace.sandbox.settings import MaskedShape, Settings
from cdiscount_marketplace.sandbox.states import State
from cdiscount_marketplace.soap.common import Address, Civility, ProductCondition, RefundInformation
from cdiscount_marketplace.soap.orders.enums import (
    AcceptationState,
    OrderState,
    OrderStatusType,
    ParcelStatus,
    ValidationStatus,
)
from cdiscount_marketplace.soap.orders.models import Corporation, Customer, Order, OrderLine, Voucher
from cdiscount_marketplace.soap.orders.parcels import Parcel, ParcelItem

T = TypeVar("T")

_NAME_LENGTH = 50
_OTHER_MOTIVE = 139
_NEVER = datetime(9999, 12, 31, 22, 59, 59, tzinfo=UTC)
_CORPORATION = Corporation(
    business_unit_id=1,
    corporation_code="CDSB2C",
    corporation_id=1,
    corporation_name="Cdiscount",
    is_market_place_active=True,
)


@frozen
class _Site:
    """How the site's own back office calls a state."""

    status: str
    visa: int | None = None


_SITES: Mapping[State, _Site] = MappingProxyType(
    {
        State.CANCELLED: _Site("Cancelled", 98),
        State.AUTO_CANCELLED: _Site("Cancelled"),
        State.PAYMENT_REFUSED: _Site("Cancelled"),
        State.REFUSED: _Site("Completed", 240),
        State.SHIPPED: _Site("Completed", 230),
        State.SHIPMENT_REFUSED: _Site("Completed", 243),
        State.PICKED_UP: _Site("Completed", 230),
        State.NEVER_SHIPPED: _Site("Completed"),
        State.WAITING_ACCEPTANCE: _Site("Waiting"),
        State.FRAUD_CHECK: _Site("Waiting"),
    }
)
_ELSEWHERE = _Site("Validated")


@frozen(kw_only=True)
class Detail:
    """How much of an order was asked for."""

    lines: bool = True
    parcels: bool = False


def show(order: book.Order, detail: Detail, settings: Settings) -> Order:
    """Return the order as GetOrderList shows it."""
    return _odd(_plain(order, detail, settings), order.quirks)


def _plain(order: book.Order, detail: Detail, settings: Settings) -> Order:
    site = _SITES.get(order.state, _ELSEWHERE)
    return Order(
        archive_parcels=False,
        billing_address=_address(order, order.billing, settings),
        business_order=order.business if settings.later_elements else None,
        corporation=_corporation(order),
        creation_date=order.created_at,
        currency_code=order.currency if settings.later_elements or order.currency != "EUR" else None,
        customer=_customer(order),
        has_claims=False,
        initial_total_amount=order.promised.total,
        initial_total_shipping_charges_amount=order.promised.shipping,
        is_clogistique_order=order.fulfilled_by_cdiscount,
        last_updated_date=order.updated_at,
        mod_ges_log="MKPFBC" if order.fulfilled_by_cdiscount else "MKPCDS",
        modified_date=order.modified_at,
        order_lines=tuple(_line(line, order) for line in order.lines) if detail.lines else (),
        order_number=order.number or None,
        order_state=OrderState(order.state),
        parcels=_parcels(order) if detail.parcels else (),
        partner_order_ref=order.partner_reference,
        shipped_total_amount=order.shipped.total,
        shipped_total_shipping_charges=order.shipped.shipping,
        shipping_address=_address(order, order.shipping, settings),
        shipping_code=order.shipping_code,
        shipping_date_max=order.deliver_by,
        shipping_date_min=order.deliver_from,
        site_commission_promised_amount=order.promised.commission,
        site_commission_shipped_amount=order.shipped.commission,
        site_commission_validated_amount=order.validated.commission,
        status=OrderStatusType(site.status),
        validated_total_amount=order.validated.total,
        validated_total_shipping_charges=order.validated.shipping,
        validation_status=ValidationStatus("None"),
        visa_cegid=site.visa,
        vouchers=tuple(map(_voucher, order.refunds)),
    )


def _corporation(order: book.Order) -> Corporation:
    if order.sales_channel is None:
        return _CORPORATION
    return _with(_CORPORATION, corporation_code=order.sales_channel, corporation_name=order.sales_channel)


def _voucher(refund: book.Refund) -> Voucher:
    motive = int(refund.motive) if refund.motive.isdecimal() else _OTHER_MOTIVE
    return Voucher(create_date=refund.at, refund_information=RefundInformation(amount=refund.amount, motive_id=motive))


def _with(shown: T, **changes: Any) -> T:
    """Return a model of the contract with other values."""
    return cast("T", evolve(cast("Any", shown), **changes))


def _odd(order: Order, quirks: frozenset[Quirk]) -> Order:
    """Return an order as its quirks make it look."""
    if not quirks:
        return order
    lines = tuple(_odd_line(line, quirks) for line in order.order_lines)
    if not STATES.isdisjoint(quirks):
        state = odd_state(str(order.order_state), quirks)
        order = _with(order, order_state=None if state is None else OrderState(state))
    if Quirk.END_OF_TIME in quirks:
        order = _with(order, last_updated_date=_NEVER)
    if Quirk.NO_REFERENCE in quirks:
        order = _with(order, order_number=None)
    if Quirk.PLACEHOLDERS in quirks:
        order = _with(
            order,
            billing_address=_with_placeholders(order.billing_address),
            shipping_address=_with_placeholders(order.shipping_address),
        )
    return _with(order, order_lines=() if Quirk.NO_LINES in quirks else lines)


def _odd_line(line: OrderLine, quirks: frozenset[Quirk]) -> OrderLine:
    if not STATES.isdisjoint(quirks):
        state = odd_state(str(line.acceptation_state), quirks)
        line = _with(line, acceptation_state=None if state is None else AcceptationState(state))
    if Quirk.NO_QUANTITY in quirks:
        line = _with(line, quantity=None)
    return _with(line, name=odd_text(line.name or "", quirks))


def _with_placeholders(address: Address | None) -> Address | None:
    if address is None:
        return None
    return _with(address, first_name=PLACEHOLDER, last_name=PLACEHOLDER, street=PLACEHOLDER)


def _address(order: book.Order, place: book.Place, settings: Settings) -> Address | None:
    person = order.customer
    civility = Civility(person.civility)
    if not order.visible:
        withheld = Address(city=place.city, civility=civility, county="N/A", zip_code=place.zip_code)
        if settings.masked_shape is MaskedShape.PLACEHOLDERS:
            return _with_placeholders(withheld)
        return withheld if settings.masked_shape is MaskedShape.RECORDED else None
    return Address(
        city=place.city,
        civility=civility,
        county="N/A",
        zip_code=place.zip_code,
        apartment_number="",
        building=place.building or "",
        company_name=place.company or "",
        country=place.country,
        first_name=place.relay_name or person.first_name,
        instructions="",
        last_name=person.last_name,
        place_name="",
        relay_id=place.relay_id,
        street=place.street,
    )


def _customer(order: book.Order) -> Customer:
    person = order.customer
    civility = Civility(person.civility)
    if order.state == State.PAYMENT:
        return Customer(civility=civility, customer_id=person.key, encrypted_email=order.encrypted_email)
    return Customer(
        civility=civility,
        customer_id=person.key,
        encrypted_email=order.encrypted_email,
        first_name=person.first_name,
        last_name=person.last_name,
        mobile_phone=person.mobile,
        phone="",
        shipping_first_name=person.first_name,
        shipping_last_name=person.last_name,
    )


def _line(line: book.Line, order: book.Order) -> OrderLine:
    return OrderLine(
        acceptation_state=AcceptationState(line.state),
        category_code=line.category,
        delivery_date_max=order.deliver_by,
        delivery_date_min=order.deliver_from,
        has_claim=False,
        is_cdav=False,
        is_product_ean_generated=line.ean is None,
        name=line.name[:_NAME_LENGTH],
        product_condition=ProductCondition(line.condition),
        product_ean=line.ean or "",
        product_id=line.product_id,
        purchase_price=line.price,
        quantity=line.quantity,
        row_id=line.row,
        seller_product_id=line.reference,
        # Shown from payment on, like the addresses; recorded as absent on refused and cancelled orders.
        shipping_date_max=line.ship_by if order.visible else None,
        shipping_date_min=line.ship_from if order.visible else None,
        sku=line.product_id,
        unit_additional_shipping_charges=line.additional_shipping,
        unit_shipping_charges=line.unit_shipping,
    )


def _parcels(order: book.Order) -> tuple[Parcel, ...]:
    if order.tracking is None:
        return ()
    shipped = order.applied[-1].rows
    items = tuple(
        ParcelItem(product_name=line.name[:_NAME_LENGTH], quantity=line.quantity, sku=line.product_id)
        for line in order.goods
        if line.row in shipped
    )
    return (
        Parcel(
            customer_num=order.tracking.number,
            external_carrier_name=order.tracking.carrier,
            external_carrier_tracking_url=order.tracking.url,
            is_customer_return=False,
            parcel_items=items,
            parcel_status=ParcelStatus.COMMITTED_THE_TRANSPORTER,
        ),
    )
