"""Orders as the REST API shows them, and filters for them.

No public recording of an order exists: the members are those that several public clients read. All of them may be
None, and all times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import cast

from attrs import field, frozen

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.octopia.codec import (
    flag,
    many,
    moment,
    number,
    one,
    private_text,
    raw,
    text,
    texts,
    whole,
    word,
    write_moment,
)

PAGE_SIZE = 100


class OrderStatus(OpenEnum):
    """Where an order stands. `WAITING_ACCEPTANCE` exists only without automatic acceptance."""

    PROCESSING = Member("Processing")
    WAITING_ACCEPTANCE = Member("WaitingAcceptance")
    REFUSED = Member("Refused")
    ACCEPTED = Member("Accepted")
    IN_PREPARATION = Member("InPreparation")
    SHIPPED = Member("Shipped")
    DELIVERED = Member("Delivered")
    CANCELLED = Member("Cancelled")
    REJECTED = Member("Rejected")


class LineStatus(OpenEnum):
    """Where a line stands; `CANCEL_REQUEST` means that the customer, the seller or the channel asked to cancel it."""

    PROCESSING = Member("Processing")
    WAITING_ACCEPTANCE = Member("WaitingAcceptance")
    REFUSED = Member("Refused")
    ACCEPTED = Member("Accepted")
    IN_PREPARATION = Member("InPreparation")
    SHIPPED = Member("Shipped")
    DELIVERED = Member("Delivered")
    CANCELLED = Member("Cancelled")
    REJECTED = Member("Rejected")
    CANCEL_REQUEST = Member("CancelRequest")


class SupplyMode(OpenEnum):
    """Who supplies a line: only `SELLER` lines are shipped by the seller."""

    SELLER = Member("Seller")
    FULFILLMENT = Member("Fulfillment")
    XDOCK = Member("Xdock")


@frozen(kw_only=True, weakref_slot=False)
class Named:
    """Something that has an identifier and perhaps a name, such as a sales channel."""

    id: str | None = text()
    name: str | None = text()


@frozen(kw_only=True, weakref_slot=False)
class OrderCustomer:
    """The buyer, known by an anonymous key only."""

    reference: str | None = text()


@frozen(kw_only=True, weakref_slot=False)
class Payment:
    """How the order was paid."""

    method: str | None = text()


@frozen(kw_only=True, weakref_slot=False)
class Address:
    """A billing or shipping address; `country_code` is ISO 3166-1 alpha-2. Its repr shows no personal data.

    Phone, e-mail (a relay address) and the pick-up point are known of shipping addresses only.
    """

    civility: str | None = private_text()
    first_name: str | None = private_text()
    last_name: str | None = private_text()
    company_name: str | None = private_text()
    company_vat_number: str | None = private_text()
    address_line1: str | None = private_text()
    address_line2: str | None = private_text()
    address_line3: str | None = private_text()
    postal_code: str | None = private_text()
    city: str | None = private_text()
    state_or_region: str | None = private_text()
    country_code: str | None = text()
    phone: str | None = private_text()
    email: str | None = private_text()
    pickup_id: str | None = private_text()
    pickup_name: str | None = private_text()


@frozen(kw_only=True, weakref_slot=False)
class TotalPrice:
    """A total on the seller's side (`offer_price`) and as paid by the customer (`selling_price`)."""

    offer_price: Decimal | None = number()
    selling_price: Decimal | None = number()


@frozen(kw_only=True, weakref_slot=False)
class ServiceFee:
    """A fee on the order."""

    label: str | None = text()
    amount: Decimal | None = number()


@frozen(kw_only=True, weakref_slot=False)
class Tax:
    """A tax on a line's price."""

    code: str | None = text()
    target: str | None = text()
    amount: Decimal | None = number()
    rate: Decimal | None = number()


@frozen(kw_only=True, weakref_slot=False)
class Commission:
    """The marketplace's commission on a line; `rate` is in percent.

    Public clients disagree on the members' names: `amountWithVat` is written, `amountWithTax` is understood too.
    """

    amount_with_vat: Decimal | None = number(also=("amountWithTax",))
    amount_without_vat: Decimal | None = number(also=("amountWithoutTax",))
    rate: Decimal | None = number()


@frozen(kw_only=True, weakref_slot=False)
class OfferPrice:
    """The seller's side of a line's price: the basis of the commission. `shipping_cost` is for the whole line."""

    unit_sales_price: Decimal | None = number()
    shipping_cost: Decimal | None = number()
    commission: Commission | None = one(Commission)
    taxes: tuple[Tax, ...] = many(Tax)


@frozen(kw_only=True, weakref_slot=False)
class SellingPrice:
    """What the customer pays for a line. `shipping_cost` is for the whole line."""

    unit_sales_price: Decimal | None = number()
    shipping_cost: Decimal | None = number()
    taxes: tuple[Tax, ...] = many(Tax)


@frozen(kw_only=True, weakref_slot=False)
class Offer:
    """What was ordered; `seller_product_id` is the seller's own reference."""

    id: str | None = text()
    seller_product_id: str | None = text()
    supply_mode: SupplyMode | None = word(SupplyMode)
    product_id: str | None = text()
    product_title: str | None = text()
    product_gtin: str | None = text()
    condition: str | None = text()


@frozen(kw_only=True, weakref_slot=False)
class Delivery:
    """How (`mode`, such as TrackedHomeDelivery) and when a line is to be delivered; `shipped_at_max` is a deadline."""

    mode: str | None = text()
    promised_at_min: datetime | None = moment()
    promised_at_max: datetime | None = moment()
    shipped_at_max: datetime | None = moment()


@frozen(kw_only=True, weakref_slot=False)
class OrderParcel:
    """A parcel: declared with `ship` (with the lines in it), or read back from a line (without)."""

    parcel_number: str | None = text()
    carrier_name: str | None = text()
    tracking_url: str | None = text()
    order_line_ids: tuple[str, ...] = texts()


class Approval(OpenEnum):
    """What a seller decides about an order that waits for acceptance."""

    ACCEPTED = Member("Accepted")
    REFUSED = Member("Refused")


@frozen(kw_only=True, weakref_slot=False)
class ApprovalBody:
    """The body that accepts or refuses a whole order; this one member is written in snake_case."""

    approval_status: Approval | None = word(Approval, name="approval_status")


@frozen(kw_only=True, weakref_slot=False)
class OrderLine:
    """One line. `shipping_address` is filled from `IN_PREPARATION` on.

    `product_attributes` and `status_events` are kept as parsed JSON: their shape is not documented.
    """

    order_line_id: str | None = text()
    status: LineStatus | None = word(LineStatus)
    quantity: int | None = whole()
    total_price: TotalPrice | None = one(TotalPrice)
    offer_price: OfferPrice | None = one(OfferPrice)
    selling_price: SellingPrice | None = one(SellingPrice)
    offer: Offer | None = one(Offer)
    delivery: Delivery | None = one(Delivery)
    shipping_address: Address | None = one(Address)
    parcels: tuple[OrderParcel, ...] = many(OrderParcel)
    product_attributes: object = raw()
    status_events: object = raw()


@frozen(kw_only=True, weakref_slot=False)
class Order:
    """One order; `order_id` is its key in every call, `reference` the sales channel's own number, often shown.

    Public clients disagree on some places, and all of them are understood: `businessOrder` or `isBusinessOrder`;
    `supply_mode` and `shipping_address` on the lines (the usual place) or on the order; `status_events` on either.
    `status_events` and `cancellation_details` are kept as parsed JSON: their shape is not documented.
    """

    order_id: str | None = text()
    reference: str | None = text()
    business_order: bool | None = flag(also=("isBusinessOrder",))
    sales_channel: Named | None = one(Named)
    seller: Named | None = one(Named)
    customer: OrderCustomer | None = one(OrderCustomer)
    purchased_at: datetime | None = moment()
    created_at: datetime | None = moment()
    updated_at: datetime | None = moment()
    shipped_at_max: datetime | None = moment()
    status: OrderStatus | None = word(OrderStatus)
    payment: Payment | None = one(Payment)
    currency_code: str | None = text()
    supply_mode: SupplyMode | None = word(SupplyMode)
    billing_address: Address | None = one(Address)
    shipping_address: Address | None = one(Address)
    total_price: TotalPrice | None = one(TotalPrice)
    service_fees: tuple[ServiceFee, ...] = many(ServiceFee)
    status_events: object = raw()
    cancellation_details: object = raw()
    lines: tuple[OrderLine, ...] = many(OrderLine)


@frozen(kw_only=True, weakref_slot=False)
class OrderFilter:
    """Which orders to list; what is not given is not sent. Times are aware; whether bounds are inclusive is unknown.

    `more` holds further query parameters, sent as they are, for what sources disagree on: `{"sort": "asc:updatedAt"}`
    or `{"sort": "createdAt"}` with `desc`, or `{"isBusinessOrder": "true"}` where `businessOrder` is not understood.
    """

    statuses: tuple[OrderStatus, ...] = ()
    reference: str | None = None
    sales_channel_id: str | None = None
    supply_mode: SupplyMode | None = None
    business_order: bool | None = None
    shipping_country: str | None = None
    created_at_min: datetime | None = None
    created_at_max: datetime | None = None
    updated_at_min: datetime | None = None
    updated_at_max: datetime | None = None
    shipped_at_min: datetime | None = None
    shipped_at_max: datetime | None = None
    more: Mapping[str, str] = field(factory=dict[str, str], hash=False)

    def parameters(self) -> dict[str, str]:
        """Return the query parameters, without paging; raises `InvalidRequest` for a bound that is not a datetime."""
        problems = [
            *(() if _is_list(self.statuses) else [Problem("statuses", "must be a list of statuses")]),
            *self._bound_problems(),
        ]
        if problems:
            raise InvalidRequest(problems)
        values = {
            "status": ",".join(self.statuses),
            "reference": self.reference,
            "salesChannelId": self.sales_channel_id,
            "supplyMode": self.supply_mode,
            "businessOrder": None if self.business_order is None else str(self.business_order).lower(),
            "shippingCountry": self.shipping_country,
            **{name: value and write_moment(value) for name, value in self._bounds()},
        }
        return {name: str(value) for name, value in values.items() if value} | dict(self.more)

    def _bound_problems(self) -> list[Problem]:
        return [
            Problem(name, f"must be a datetime, not {type(value).__name__}")
            for name, value in self._bounds()
            if value is not None and not isinstance(cast("object", value), datetime)
        ]

    def _bounds(self) -> tuple[tuple[str, datetime | None], ...]:
        return (
            ("createdAtMin", self.created_at_min),
            ("createdAtMax", self.created_at_max),
            ("updatedAtMin", self.updated_at_min),
            ("updatedAtMax", self.updated_at_max),
            ("shippedAtMin", self.shipped_at_min),
            ("shippedAtMax", self.shipped_at_max),
        )


def _is_list(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str)
