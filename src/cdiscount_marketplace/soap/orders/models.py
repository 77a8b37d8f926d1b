"""Orders as GetOrderList gives them, and the filter that it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from cdiscount_marketplace.errors import Problem
from cdiscount_marketplace.soap.codec.declare import element, model
from cdiscount_marketplace.soap.common import (
    SOURCE_2022,
    Address,
    Civility,
    ProductCondition,
    RefundInformation,
    ServiceBaseMessage,
)
from cdiscount_marketplace.soap.operations import Operation, Part
from cdiscount_marketplace.soap.orders.enums import (
    AcceptationState,
    FilterCountry,
    OrderState,
    OrderStatusType,
    OrderType,
    ValidationStatus,
    VoucherSource,
)
from cdiscount_marketplace.soap.orders.parcels import Parcel


@model()
class Corporation:
    """The site of the group that sold, such as CDSB2C."""

    business_unit_id: int | None = element(default=None, xsd="short")
    """Number of the business unit."""
    corporation_code: str | None = element(default=None, required=True)
    """Short code: CDSB2C is cdiscount.com."""
    corporation_id: int | None = element(default=None, xsd="short", required=True)
    """Number of the site."""
    corporation_name: str | None = None
    """Name of the site."""
    is_market_place_active: bool | None = element(default=None, nillable=True)
    """Whether the site takes part in the marketplace."""


@model(private=True)
class Customer:
    """The buyer."""

    civility: Civility | None = element(default=None, nillable=True)
    """How the person is addressed."""
    customer_id: str | None = None
    """Anonymous key of the customer."""
    email: str | None = None
    """Always None so far; see `encrypted_email`."""
    encrypted_email: str | None = None
    """Relay address at the marketplace; mail to it reaches the customer."""
    first_name: str | None = None
    """First name of the buyer."""
    last_name: str | None = None
    """Last name of the buyer."""
    mobile_phone: str | None = None
    """Mobile phone."""
    phone: str | None = None
    """Fixed phone; empty where there is none."""
    shipping_first_name: str | None = None
    """First name of the person who receives; at a pick-up point the address has the point's name instead."""
    shipping_last_name: str | None = None
    """Last name of the person who receives."""


@model(name="OfferOrder")
class OrderOffer:
    """A promotion attached to an order; never seen filled."""

    code: str | None = None
    """Code of the promotion."""
    creation_date: str | None = None
    """Text of its creation date."""
    expiration_date: str | None = None
    """Text of its expiry date."""


@model()
class Voucher:
    """A refund or gesture already made on the order."""

    create_date: datetime | None = element(default=None, nillable=True)
    """When it was made (UTC)."""
    refund_information: RefundInformation | None = element(default=None, required=True)
    """Amount and motive."""
    source: VoucherSource | None = element(default=None, nillable=True)
    """Who made it."""


@model()
class OrderLine:
    """A line of an order. `purchase_price` is the total of the line, not the price of one piece."""

    acceptation_state: AcceptationState | None = element(default=None, nillable=True)
    """Where the line stands; `None` among its values proves nothing, it has been seen on shipped orders."""
    cancellation_reason: str | None = element(default=None, since=SOURCE_2022)
    """Why the line was cancelled."""
    category_code: str | None = None
    """Category of the product."""
    delivery_date_max: datetime | None = None
    """Latest promised delivery (UTC)."""
    delivery_date_min: datetime | None = None
    """Earliest promised delivery (UTC)."""
    has_claim: bool | None = None
    """Whether the customer complained about the line."""
    initial_price: Decimal | None = element(default=None, nillable=True)
    """Price before a reduction, where there was one."""
    is_cdav: bool | None = element(default=None, name="IsCDAV")
    """Whether the product is sold with delivery by appointment."""
    is_negotiated: bool | None = element(default=None, nillable=True)
    """Whether the price was negotiated."""
    is_product_ean_generated: bool | None = None
    """Whether the EAN was made up by the marketplace; then `product_ean` is empty."""
    name: str | None = None
    """Name of the product, cut at 50 characters."""
    order_line_children: tuple[OrderLine, ...] = element(default=(), name="OrderLineChildList")
    """Parts of a bundle."""
    product_condition: ProductCondition | None = element(default=None, nillable=True)
    """New or used."""
    product_ean: str | None = None
    """EAN of the product."""
    product_id: str | None = None
    """The marketplace's id of the product."""
    purchase_price: Decimal | None = None
    """Total of the line in euros, VAT included."""
    purchase_price_taxes: Decimal | None = element(default=None, since=SOURCE_2022)
    """Taxes within the total of the line."""
    quantity: int | None = None
    """Pieces; 0 on a refunded line."""
    refund_shipping_charges: bool | None = element(default=None, nillable=True)
    """Whether shipping charges were refunded."""
    row_id: int | None = None
    """Index of the line, from 0; not reliable on edited orders."""
    seller_product_id: str | None = None
    """The seller's own reference; None on fee lines."""
    selling_price: Decimal | None = element(default=None, since=SOURCE_2022)
    """Selling price."""
    shipping_date_max: datetime | None = None
    """Latest shipping (UTC); None until the order is accepted."""
    shipping_date_min: datetime | None = None
    """Earliest shipping (UTC); None until the order is accepted."""
    sku: str | None = None
    """The marketplace's id of the product, as `product_id`."""
    sku_parent: str | None = None
    """The bundle that the line belongs to."""
    supply_mode: str | None = element(default=None, since=SOURCE_2022)
    """Who fulfils the line."""
    unit_additional_shipping_charges: Decimal | None = None
    """Shipping of each piece after the first, in euros."""
    unit_shipping_charges: Decimal | None = None
    """Shipping of the first piece, in euros."""


@model()
class Order:
    """An order. Amounts are in euros with VAT; validated ones are 0 before acceptance, shipped ones before shipping."""

    archive_parcels: bool | None = element(default=None, name="ArchiveParcelList")
    """Whether the parcels are archived."""
    billing_address: Address | None = None
    """Where the invoice goes."""
    business_order: bool | None = element(default=None, since=SOURCE_2022)
    """Whether a company bought."""
    corporation: Corporation | None = None
    """The site that sold."""
    creation_date: datetime | None = None
    """When the customer ordered (UTC)."""
    currency_code: str | None = element(default=None, since=SOURCE_2022)
    """Currency of all amounts."""
    customer: Customer | None = None
    """Who bought."""
    has_claims: bool | None = None
    """Whether the customer complained."""
    initial_total_amount: Decimal | None = None
    """Total at the time of ordering, shipping included."""
    initial_total_shipping_charges_amount: Decimal | None = None
    """Shipping within `initial_total_amount`."""
    is_clogistique_order: bool | None = element(default=None, name="IsCLogistiqueOrder", required=True)
    """Whether Cdiscount's warehouse ships; such orders are never shipped by the seller."""
    is_eligible_substitution: bool | None = element(default=None, name="IsEligibileSubstitution")
    """Whether goods may be substituted; the service spells the element this way."""
    last_updated_date: datetime | None = element(default=None, nillable=True)
    """When the order last changed (UTC)."""
    mod_ges_log: str | None = None
    """Mode of fulfilment; MKPCDS is the seller."""
    modified_date: datetime | None = element(default=None, nillable=True)
    """Obsolete; use `last_updated_date`."""
    offer: OrderOffer | None = None
    """A promotion."""
    order_lines: tuple[OrderLine, ...] = element(default=(), name="OrderLineList")
    """The lines; empty unless the filter asked for them."""
    order_number: str | None = None
    """The number that names the order everywhere."""
    order_state: OrderState | None = element(default=None, nillable=True)
    """Where the order stands."""
    parcels: tuple[Parcel, ...] = element(default=(), name="ParcelList")
    """The parcels; empty unless the filter asked for them."""
    partner_order_ref: str | None = None
    """The partner's own number of the order."""
    payment_method: str | None = element(default=None, since=SOURCE_2022)
    """How the customer paid."""
    selling_total_amount: Decimal | None = element(default=None, since=SOURCE_2022)
    """Selling total."""
    shipped_total_amount: Decimal | None = None
    """Total of what was shipped."""
    shipped_total_shipping_charges: Decimal | None = None
    """Shipping of what was shipped."""
    shipping_address: Address | None = None
    """Where the goods go."""
    shipping_code: str | None = None
    """Delivery mode: STD, TRK, REG, RCO, REL, SO1, MAG, LV, EXP and others."""
    shipping_date_max: datetime | None = element(default=None, nillable=True)
    """Latest shipping (UTC)."""
    shipping_date_min: datetime | None = element(default=None, nillable=True)
    """Earliest shipping (UTC)."""
    site_commission_promised_amount: Decimal | None = None
    """Commission at the time of ordering."""
    site_commission_shipped_amount: Decimal | None = None
    """Commission on what was shipped."""
    site_commission_validated_amount: Decimal | None = None
    """Commission on what was accepted."""
    status: OrderStatusType | None = None
    """Coarse status of the order at the site."""
    validated_total_amount: Decimal | None = None
    """Total of what the seller accepted, shipping included."""
    validated_total_shipping_charges: Decimal | None = None
    """Shipping of what the seller accepted."""
    validation_status: ValidationStatus | None = None
    """Where the fraud check stands."""
    visa_cegid: int | None = element(default=None, nillable=True)
    """An internal number of the back office."""
    vouchers: tuple[Voucher, ...] = element(default=(), name="VoucherList", empty="nil")
    """Refunds and gestures already made."""


@model()
class OrderListMessage(ServiceBaseMessage):
    """The answer of GetOrderList. `orders` None (nil or absent) is not the same as no orders: nothing was read."""

    orders: tuple[Order, ...] | None = element(default=None, name="OrderList")
    """The orders, newest first."""


@model()
class OrderFilter:
    """Which orders to read, and how much of them.

    Times are aware; those of one of the repeated autumn hours are widened so that no order is missed. The service
    ignores dates without states, so they are refused. `order_references` excludes all other criteria.
    """

    created_from: datetime | None = element(default=None, name="BeginCreationDate", nillable=True, bound="floor")
    """Created at or after."""
    modified_from: datetime | None = element(default=None, name="BeginModificationDate", nillable=True, bound="floor")
    """Modified at or after."""
    corporation_code: str | None = None
    """Only orders of one site, such as CDSB2C."""
    country: FilterCountry | None = element(default=None)
    """Only orders of one country; for sellers on several sites of the group."""
    created_to: datetime | None = element(default=None, name="EndCreationDate", nillable=True, bound="ceil")
    """Created before."""
    modified_to: datetime | None = element(default=None, name="EndModificationDate", nillable=True, bound="ceil")
    """Modified before."""
    fetch_order_lines: bool | None = True
    """Whether orders come with their lines."""
    fetch_parcels: bool | None = None
    """Whether orders come with their parcels."""
    include_external_fbc_site_id: bool | None = None
    """An undocumented switch of the service."""
    order_references: Sequence[str] = element(default=(), name="OrderReferenceList", empty="absent")
    """Order numbers to read."""
    order_type: OrderType | None = element(default=None, nillable=True)
    """Only orders of one kind of fulfilment."""
    partner_order_ref: str | None = None
    """The partner's own order numbers, separated by semicolons."""
    states: Sequence[OrderState] = element(default=(), name="States", empty="absent")
    """Only orders in one of these states; all when empty."""

    def problems(self) -> Iterator[Problem]:
        """Name what the service would silently ignore, and numbers that would ask for orders of any number."""
        for index, number in enumerate(self.order_references if isinstance(self.order_references, tuple) else ()):
            if not str(number).strip():
                yield Problem(f"order_references[{index}]", "is empty")
        if self.states or self.order_references:
            return
        for bound in ("created_from", "created_to", "modified_from", "modified_to"):
            if getattr(self, bound) is not None:
                yield Problem(bound, "the service ignores dates unless states are given too")


GET_ORDER_LIST = Operation(
    name="GetOrderList", parts=(Part("orderFilter", OrderFilter),), result=OrderListMessage, kind="read"
)
