"""What sales channels and the OMS side share: orders, decisions, shipments and their outcomes.

All of it is frozen and slotted, safe to share between threads. Amounts are `Decimal` in the order's currency, VAT
included; times are aware UTC `datetime`s; a list is a tuple, empty where there is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import overload

from attrs import field, frozen
from attrs.converters import optional

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.errors import InvalidRequest, Problem


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

    `lines` are the street lines, most specific first. At a pick-up point, `relay_id` and `relay_name` tell which.
    """

    civility: str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    company: str | None = field(default=None, repr=False)
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
        return not (self.last_name or self.company or self.lines or self.relay_id)


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
class SalesLine:
    """One line of goods. `line_total` is authoritative; `unit_price` is rounded to cents, None at quantity 0.

    `line_id` identifies the line within its order (SOAP: SellerProductId, else ProductId; Octopia: orderLineId);
    `sku` is the seller's own reference and may be missing. `shipping` is the charge for the whole line.
    """

    line_id: str | None
    sku: str | None = None
    product_id: str | None = None
    ean: str | None = None
    title: str | None = None
    condition: str | None = None
    quantity: int = 0
    line_total: Decimal | None = None
    unit_price: Decimal | None = None
    shipping: Decimal | None = None
    commission: Decimal | None = None
    status: LineStatus = LineStatus.UNKNOWN
    channel_status: str | None = None
    ship_by: datetime | None = None
    parcels: tuple[Parcel, ...] = ()


@frozen(kw_only=True)
class Fee:
    """An amount on the order that is not goods (SOAP: INTERETBCA, FRAISTRAITEMENT; Octopia: serviceFees)."""

    code: str
    amount: Decimal | None = None


@frozen(kw_only=True)
class SalesOrder:
    """An order as the OMS side sees it, whatever the channel.

    `identities` are all the numbers that mean this order, the shown one first; an order that shares any identity is
    this order. `unexplained` is what is left of `total` after goods, shipping and fees. `ship_by` is the deadline.
    `dummy` marks the marketplace's test orders. `source` is the channel's own typed order, for what is not here.
    """

    channel: str
    identities: tuple[str, ...]
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
    source: object = field(default=None, repr=False, eq=False)

    @property
    def number(self) -> str:
        """The order's shown number; a digest where the marketplace gave none."""
        return self.identities[0]

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        """Every parcel of the order, each once."""
        return tuple(dict.fromkeys(parcel for line in self.lines for parcel in line.parcels))


@frozen
class Reading(Sequence[SalesOrder]):
    """The orders of one complete answer, with the time the service put on it (its Date header), if any."""

    orders: tuple[SalesOrder, ...]
    answered_at: datetime | None = None

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
    """What the OMS says of an order that waits for acceptance; `LATER` is asked again at the next run."""

    ACCEPT = Member("accept")
    REFUSE = Member("refuse")
    LATER = Member("later")


def _line_ids(given: Iterable[str]) -> tuple[str, ...]:
    # A text is iterable as well: its letters would name other lines.
    if isinstance(given, str):
        raise InvalidRequest([Problem("lines", f"must be a list of line ids, such as [{given!r}]")])
    return tuple(given)


@frozen(kw_only=True)
class Decision:
    """Accept or refuse an order; with `refused_lines` (line ids), accept it without these lines."""

    key: str
    verdict: Verdict
    refused_lines: tuple[str, ...] = field(default=(), converter=_line_ids)


@frozen(kw_only=True)
class Shipment:
    """Report that an order left: by which `carrier`, under which `tracking_number`; `lines` None means all of them.

    `lines` are line ids. Which values are allowed is checked before any request leaves (`InvalidRequest`).
    """

    key: str
    carrier: str
    tracking_number: str
    tracking_url: str | None = None
    lines: tuple[str, ...] | None = field(default=None, converter=optional(_line_ids))


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

    `code` is the service's error type; `retryable` says that the same thing provably did not run and may be sent
    again. An `UNKNOWN` outcome is settled by reading the order, never by sending again.
    """

    key: str
    status: OutcomeStatus
    code: str | None = None
    message: str | None = None
    lines: tuple[LineOutcome, ...] = ()
    retryable: bool = False
