"""What sales channels and the OMS side share: orders, decisions, shipments and their outcomes.

All of it is frozen and slotted, safe to share between threads. Amounts are `Decimal` in the order's currency, VAT
included; times are aware UTC `datetime`s; a list is a tuple, empty where there is nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import overload

from attrs import Factory, field, frozen
from attrs.converters import optional

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.validators import line_ids, text

SHARED = "shared:"
"""Prefix of an identity that marks a number which several orders have; see `oms.identity`."""


class OrderStatus(OpenEnum):
    """Where an order stands, in words that both APIs share; the channel's own word is `SalesOrder.channel_status`."""

    PROCESSING = Member("processing")
    WAITING_ACCEPTANCE = Member("waiting_acceptance")
    ACCEPTED = Member("accepted")
    WAITING_SHIPMENT = Member("waiting_shipment")
    READY_FOR_PICKUP = Member("ready_for_pickup")
    SHIPPED = Member("shipped")
    DELIVERED = Member("delivered")
    REFUSED = Member("refused")
    SHIPMENT_REFUSED = Member("shipment_refused")
    CANCELLED = Member("cancelled")
    OTHER = Member("other")


class LineStatus(OpenEnum):
    """Where a line stands. `UNKNOWN` proves nothing: SOAP reports it for lines of shipped orders too."""

    UNKNOWN = Member("unknown")
    WAITING = Member("waiting")
    ACCEPTED = Member("accepted")
    REFUSED = Member("refused")
    SHIPPED = Member("shipped")
    DELIVERED = Member("delivered")
    SHIPMENT_REFUSED = Member("shipment_refused")
    CANCELLATION_REQUESTED = Member("cancellation_requested")
    CANCELLED = Member("cancelled")
    REFUNDED = Member("refunded")


class Fulfiller(OpenEnum):
    """Who ships: only `SELLER` orders are shipped by us."""

    SELLER = Member("seller")
    MARKETPLACE = Member("marketplace")


@frozen(kw_only=True)
class Address:
    """A postal address, kept out of reprs; before payment and after a cancellation most of it is withheld (`masked`).

    `lines` are the street lines, most specific first. At a pick-up point, `relay_id` and `relay_name` say which one, or
    one of them does; the names are those of the person who collects. Some channels write a whole name into one of the
    two. `country` is ISO 3166-1 alpha-2 wherever the channel gave a known name or code.
    """

    civility: str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    company: str | None = field(default=None, repr=False)
    vat_number: str | None = field(default=None, repr=False)
    lines: tuple[str, ...] = field(default=(), repr=False)
    postal_code: str | None = field(default=None, repr=False)
    city: str | None = field(default=None, repr=False)
    region: str | None = None
    country: str | None = None
    instructions: str | None = field(default=None, repr=False)
    relay_id: str | None = field(default=None, repr=False)
    relay_name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)

    @property
    def masked(self) -> bool:
        """Whether the channel withholds this address: no name, no street, no pick-up point."""
        shown = (self.last_name, self.first_name, self.company, self.lines, self.relay_id, self.relay_name)
        return not any(shown)


@frozen(kw_only=True)
class Customer:
    """The buyer, kept out of reprs; `email` is a relay address of the marketplace, `reference` its anonymous key."""

    reference: str | None = None
    civility: str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Parcel:
    """A parcel that the marketplace knows of."""

    tracking_number: str | None = None
    carrier: str | None = None
    tracking_url: str | None = None


@frozen(kw_only=True)
class Tax:
    """A tax contained in a line's price. `rate` is in percent; `target` is what is taxed, such as "Product"."""

    code: str | None = None
    target: str | None = None
    amount: Decimal | None = None
    rate: Decimal | None = None


@frozen(kw_only=True)
class Refund:
    """Money given back to the customer. `source` is who gave it, `reason` the motive, both in the channel's words."""

    amount: Decimal | None = None
    reason: str | None = None
    source: str | None = None
    at: datetime | None = None
    line_id: str | None = None


@frozen(kw_only=True)
class BundlePart:
    """One article of a bundle that is sold as a single line; `quantity` is None where the channel does not say it."""

    sku: str | None = None
    product_id: str | None = None
    ean: str | None = None
    title: str | None = None
    quantity: int | None = None


@frozen
class Notice:
    """Something that a person or a mapper should know. `code` is stable, `message` is for people."""

    code: str
    message: str


@frozen(kw_only=True)
class SalesLine:
    """One line of goods. `line_total` is authoritative; `unit_price` is rounded to cents, None at quantity 0.

    `line_id` identifies the line within its order (SOAP: SellerProductId, else ProductId; Octopia: orderLineId);
    `sku` is the seller's own reference and may be missing. `shipping` is the charge for the whole line. `quantity` is
    None if the channel does not contain it, or not readably: that is not 0. `fulfilled_by` is who ships this line;
    `shipping_address` is set only where the line goes elsewhere than the order's `shipping_address`. `taxes` are those
    that the channel lists. `parts` are the articles of a bundle; `bundle` is the product id of the bundle that the
    line belongs to.
    """

    line_id: str | None
    sku: str | None = None
    product_id: str | None = None
    ean: str | None = None
    title: str | None = None
    condition: str | None = None
    quantity: int | None = None
    line_total: Decimal | None = None
    unit_price: Decimal | None = None
    shipping: Decimal | None = None
    commission: Decimal | None = None
    status: LineStatus = LineStatus.UNKNOWN
    channel_status: str | None = None
    ship_by: datetime | None = None
    parcels: tuple[Parcel, ...] = ()
    fulfilled_by: Fulfiller = Fulfiller.SELLER
    shipping_address: Address | None = None
    taxes: tuple[Tax, ...] = ()
    parts: tuple[BundlePart, ...] = ()
    bundle: str | None = None


@frozen(kw_only=True)
class Fee:
    """An amount on the order that is not goods (SOAP: INTERETBCA, FRAISTRAITEMENT; Octopia: serviceFees)."""

    code: str
    amount: Decimal | None = None


@frozen(kw_only=True)
class SalesOrder:
    """An order as the OMS side sees it, whatever the channel.

    `identities` are all the numbers that mean this order, the shown one first. `unique_id` is the one of them that the
    marketplace makes unique (Octopia: orderId): orders with different ones are never the same order, whatever other
    number they share; None where the channel has no such number (SOAP). `unexplained` is what is left of `total` after
    goods, shipping and fees. `ship_by` is the deadline. `sales_channel` is the marketplace's id of the shop that sold
    it, such as CDISFR. `fulfilled_by` is SELLER if any line is the seller's. `refunds` is the money given back so far.
    `dummy` marks the marketplace's test orders. `notices` name what the channel contains and the other members cannot
    hold. `source` is the channel's own typed order.
    """

    channel: str
    identities: tuple[str, ...]
    unique_id: str | None = None
    status: OrderStatus
    channel_status: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    ship_by: datetime | None = None
    currency: str = "EUR"
    lines: tuple[SalesLine, ...] = ()
    fees: tuple[Fee, ...] = ()
    total: Decimal | None = None
    shipping_total: Decimal | None = None
    commission: Decimal | None = None
    unexplained: Decimal | None = None
    customer: Customer | None = None
    billing_address: Address | None = None
    shipping_address: Address | None = None
    delivery_mode: str | None = None
    business: bool | None = None
    fulfilled_by: Fulfiller = Fulfiller.SELLER
    dummy: bool = False
    sales_channel: str | None = None
    refunds: tuple[Refund, ...] = ()
    notices: tuple[Notice, ...] = ()
    source: object = field(default=None, repr=False, eq=False)

    @property
    def number(self) -> str:
        """The order's shown number; a digest where the marketplace gave none."""
        return self.identities[0]

    @property
    def keys(self) -> tuple[str, ...]:
        """The numbers to look the order up by, the unique one first; marks of shared numbers are not among them."""
        if self.unique_id is None and len(self.identities) == 1 and not self.identities[0].startswith(SHARED):
            return self.identities
        unique = () if self.unique_id is None else (self.unique_id,)
        numbers = (number for number in self.identities if not number.startswith(SHARED))
        return tuple(dict.fromkeys((*unique, *numbers)))

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        """Every parcel of the order, each once."""
        return tuple(dict.fromkeys(parcel for line in self.lines for parcel in line.parcels))


class _Orders(Sequence[SalesOrder]):
    """A sequence over the member `orders`."""

    __slots__ = ()
    orders: tuple[SalesOrder, ...]

    @overload
    def __getitem__(self, index: int) -> SalesOrder: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[SalesOrder]: ...
    def __getitem__(self, index: int | slice) -> SalesOrder | Sequence[SalesOrder]:
        return self.orders[index]

    def __len__(self) -> int:
        return len(self.orders)

    def __iter__(self) -> Iterator[SalesOrder]:
        return iter(self.orders)


@frozen
class Reading(_Orders):
    """The orders of one complete answer, with the time the service put on it (its Date header), if any.

    `notices` name what a person should know about the reading, such as a sales channel that no order has.
    """

    orders: tuple[SalesOrder, ...]
    answered_at: datetime | None = None
    notices: tuple[Notice, ...] = ()


@frozen
class Lookup(_Orders):
    """The orders found by number; `failures` say of numbers why their orders cannot be read now, one reason each.

    A number that is in neither is unknown to the marketplace.
    """

    orders: tuple[SalesOrder, ...]
    failures: Mapping[str, str] = field(factory=dict[str, str], hash=False)


@frozen(kw_only=True)
class OrderQuery:
    """Which orders to read: in any of `statuses`, created and modified within the given bounds (both inclusive).

    Bounds are aware datetimes; None leaves a side open.
    """

    statuses: tuple[OrderStatus, ...]
    created_from: datetime | None = None
    created_to: datetime | None = None
    modified_from: datetime | None = None
    modified_to: datetime | None = None


class Verdict(OpenEnum):
    """What the OMS decides about an order that waits for acceptance; `LATER` is asked again at the next run."""

    ACCEPT = Member("accept")
    REFUSE = Member("refuse")
    LATER = Member("later")


@frozen(kw_only=True)
class Decision:
    """Accept or refuse an order; with `refused_lines` (line ids), accept it without these lines."""

    key: str = field(validator=text)
    verdict: Verdict
    refused_lines: tuple[str, ...] = field(default=(), converter=line_ids)


@frozen(kw_only=True)
class Shipment:
    """Report a parcel: by which `carrier` and under which `tracking_number` its lines left.

    `lines` are line ids; None means all lines that no other parcel of the order has. `parcel` names the parcel within
    its order; it defaults to the tracking number. Where the marketplace ships whole orders only, parcels wait until
    they cover the order; `complete` sends what there is. Which values are allowed is checked before any request leaves
    (`InvalidRequest`).
    """

    key: str = field(validator=text)
    carrier: str = field(validator=text)
    tracking_number: str = field(validator=text)
    tracking_url: str | None = field(default=None, validator=text)
    lines: tuple[str, ...] | None = field(default=None, converter=optional(line_ids))
    parcel: str = field(default=Factory(lambda self: self.tracking_number, takes_self=True), validator=text)
    complete: bool = False


class OutcomeStatus(OpenEnum):
    """What became of a decision or shipment."""

    CONFIRMED = Member("confirmed")
    REJECTED = Member("rejected")
    UNKNOWN = Member("unknown")


@frozen(kw_only=True)
class LineOutcome:
    """What became of one line."""

    line_id: str
    updated: bool
    code: str | None = None
    message: str | None = None


@frozen(kw_only=True)
class Outcome:
    """What became of one order's decision or shipment.

    `code` is the service's error type; `retryable` means that the request provably did not run and may be sent
    again. An `UNKNOWN` outcome is settled by reading the order, never by sending again. `note` is what a person
    should know of a confirmed one, such as another tracking number under which the order was shipped.
    """

    key: str
    status: OutcomeStatus
    code: str | None = None
    message: str | None = None
    lines: tuple[LineOutcome, ...] = ()
    retryable: bool = False
    note: str | None = None
