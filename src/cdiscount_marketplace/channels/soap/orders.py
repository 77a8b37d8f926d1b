"""From an order as the SOAP service gives it to the order that the OMS side sees: pure translation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from cdiscount_marketplace.channels.numbers import digest_of, whole_number
from cdiscount_marketplace.channels.soap.amounts import line_shipping, totals, unit_price
from cdiscount_marketplace.channels.soap.people import billing_address, customer, is_support, shipping_address
from cdiscount_marketplace.channels.soap.states import line_status, order_status
from cdiscount_marketplace.models import BundlePart, Fee, Fulfiller, Notice, Parcel, Refund, SalesLine, SalesOrder, Tax
from cdiscount_marketplace.soap.orders import parcels as wire
from cdiscount_marketplace.soap.orders.lines import fee_code, goods, is_fulfilled_by_seller, reference
from cdiscount_marketplace.soap.orders.models import Order, OrderLine, Voucher

CHANNEL = "soap"


def sales_order(order: Order) -> SalesOrder:
    """Translate an order; what has no place in the result is in its `source`."""
    amounts = totals(order)
    return SalesOrder(
        channel=CHANNEL,
        identities=(whole_number(order.order_number) or digest(order),),
        status=order_status(order.order_state),
        channel_status=None if order.order_state is None else str(order.order_state),
        created_at=order.creation_date,
        modified_at=order.last_updated_date or order.modified_date,
        # The order's own shipping dates repeat its delivery dates.
        ship_by=min(_deadlines(order), default=None),
        currency=order.currency_code or "EUR",
        lines=_lines(order),
        fees=_fees(order),
        total=amounts.total,
        shipping_total=amounts.shipping,
        commission=amounts.commission,
        unexplained=amounts.unexplained,
        customer=customer(order),
        billing_address=billing_address(order),
        shipping_address=shipping_address(order),
        delivery_mode=order.shipping_code or None,
        business=order.business_order,
        fulfilled_by=Fulfiller.SELLER if is_fulfilled_by_seller(order) else Fulfiller.MARKETPLACE,
        dummy=is_dummy(order),
        sales_channel=(order.corporation.corporation_code if order.corporation else None) or None,
        refunds=tuple(map(_refund, order.vouchers)),
        notices=tuple(_notices(order)),
        source=order,
    )


def _refund(voucher: Voucher) -> Refund:
    information = voucher.refund_information
    return Refund(
        amount=information.amount if information else None,
        reason=None if information is None or information.motive_id is None else str(information.motive_id),
        source=None if voucher.source is None else str(voucher.source),
        at=voucher.create_date,
    )


def _notices(order: Order) -> Iterator[Notice]:
    if order.has_claims or any(line.has_claim for line in order.order_lines):
        yield Notice("claim", "the customer complained about this order")
    if order.is_eligible_substitution:
        yield Notice("substitution", "goods of this order may be substituted")
    if order.offer is not None and order.offer.code:
        yield Notice("promotion", f"promotion {order.offer.code}")
    for line in order.order_lines:
        if line.cancellation_reason:
            yield Notice("cancellation_reason", f"{reference(line)}: {line.cancellation_reason}")


def digest(order: Order) -> str:
    """Stand for the number of an order that has none: made of what does not change while the order moves on."""
    lines = sorted(f"{line.seller_product_id} {line.product_id}" for line in order.order_lines)
    buyer = order.customer.customer_id if order.customer else None
    content = repr((order.creation_date, order.partner_order_ref, order.initial_total_amount, lines, buyer))
    return digest_of(content)


def line_ids(order: Order) -> tuple[str | None, ...]:
    """Name each line of goods by its reference; further lines of one reference get a number behind it."""
    taken: set[str] = set()
    line_ids: list[str | None] = []
    for named in map(reference, goods(order)):
        line_ids.append(None if named is None else _free(named, taken))
        taken.add(line_ids[-1] or "")
    return tuple(line_ids)


def is_dummy(order: Order) -> bool:
    """Whether this is an order that Cdiscount's warehouses enter for themselves: their support buys, at 1 € a piece."""
    if not is_support(order):
        return False
    lines = goods(order)
    return bool(lines) and all(line.purchase_price == line.quantity for line in lines)


def _free(named: str, taken: set[str]) -> str:
    name, count = named, 1
    while name in taken:
        count += 1
        name = f"{named}#{count}"
    return name


def _fees(order: Order) -> tuple[Fee, ...]:
    coded = ((fee_code(line), line.purchase_price) for line in order.order_lines)
    return tuple(Fee(code=code, amount=amount) for code, amount in coded if code)


def _deadlines(order: Order) -> Sequence[datetime]:
    return [line.shipping_date_max for line in goods(order) if line.shipping_date_max]


def _lines(order: Order) -> tuple[SalesLine, ...]:
    return tuple(_line(order, line, named) for line, named in zip(goods(order), line_ids(order), strict=True))


def _line(order: Order, line: OrderLine, line_id: str | None) -> SalesLine:
    return SalesLine(
        line_id=line_id,
        sku=line.seller_product_id or None,
        product_id=line.product_id or line.sku or None,
        ean=line.product_ean or None,
        title=(line.name or "").strip() or None,
        condition=None if line.product_condition is None else str(line.product_condition),
        quantity=line.quantity,
        line_total=line.purchase_price,
        unit_price=unit_price(line),
        shipping=line_shipping(line),
        status=line_status(line.acceptation_state),
        channel_status=None if line.acceptation_state is None else str(line.acceptation_state),
        ship_by=line.shipping_date_max,
        parcels=tuple(_parcel(parcel) for parcel in order.parcels if _carries(parcel, line)),
        fulfilled_by=_fulfiller(order, line),
        taxes=() if line.purchase_price_taxes is None else (Tax(amount=line.purchase_price_taxes),),
        parts=tuple(map(_part, line.order_line_children)),
        bundle=line.sku_parent or None,
    )


def _fulfiller(order: Order, line: OrderLine) -> Fulfiller:
    """Say who ships a line: later versions of the service say it on the line, too."""
    elsewhere = line.supply_mode not in (None, "", "Seller", "MKPCDS")
    return Fulfiller.SELLER if is_fulfilled_by_seller(order) and not elsewhere else Fulfiller.MARKETPLACE


def _part(child: OrderLine) -> BundlePart:
    return BundlePart(
        sku=child.seller_product_id or None,
        product_id=child.product_id or child.sku or None,
        ean=child.product_ean or None,
        title=(child.name or "").strip() or None,
        quantity=child.quantity,
    )


def _carries(parcel: wire.Parcel, line: OrderLine) -> bool:
    """Return whether goods of the line are in the parcel; one that does not list its goods may hold any."""
    skus = {item.sku for item in parcel.parcel_items}
    return not parcel.is_customer_return and (not skus or not skus.isdisjoint({line.sku, line.product_id}))


def _parcel(parcel: wire.Parcel) -> Parcel:
    return Parcel(
        tracking_number=parcel.customer_num or None,
        carrier=parcel.external_carrier_name or parcel.real_carrier_code or None,
        tracking_url=parcel.external_carrier_tracking_url or None,
    )
