"""Orders as the sandbox's marketplace knows them: frozen records, replaced and never changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import takewhile

from attrs import frozen

from cdiscount_marketplace.sandbox.quirks import Quirk
from cdiscount_marketplace.sandbox.states import CLOSED_LINES, VISIBLE, LineState, State

ZERO = Decimal(0)


@frozen(kw_only=True)
class Place:
    """A postal address; at a pick-up point, `relay_id` and `relay_name` identify it."""

    street: str
    zip_code: str
    city: str
    country: str = "FR"
    building: str | None = None
    company: str | None = None
    relay_id: str | None = None
    relay_name: str | None = None


@frozen(kw_only=True)
class Person:
    """A customer; `key` is the anonymous one that the marketplace shows."""

    key: str
    civility: str
    first_name: str
    last_name: str
    mobile: str
    home: Place


@frozen(kw_only=True)
class Amounts:
    """What an order comes to, shipping included in `total`; VAT included, in euros."""

    total: Decimal = ZERO
    shipping: Decimal = ZERO
    commission: Decimal = ZERO


@frozen(kw_only=True)
class Line:
    """One line; `price` is for the whole line. `row` counts from 0. A `fee` is an amount that is not goods."""

    row: int
    reference: str | None
    product_id: str
    name: str
    quantity: int = 1
    price: Decimal = ZERO
    ean: str | None = None
    category: str = ""
    condition: str = "New"
    unit_shipping: Decimal = ZERO
    additional_shipping: Decimal = ZERO
    commission: Decimal = ZERO
    fee: bool = False
    state: LineState = LineState.NONE
    ship_from: datetime | None = None
    ship_by: datetime | None = None

    @property
    def shipping(self) -> Decimal:
        """The shipping charge of the whole line."""
        return self.unit_shipping + (self.quantity - 1) * self.additional_shipping if self.quantity else ZERO

    @property
    def closed(self) -> bool:
        """Whether nothing more happens to this line by the seller's hand."""
        return self.state in CLOSED_LINES

    def answers_to(self, reference: str) -> bool:
        """Whether `reference` means this line: the seller's reference, else the marketplace's."""
        return reference == (self.reference or self.product_id)


@frozen(kw_only=True)
class Tracking:
    """What the seller reported about a parcel."""

    carrier: str | None = None
    number: str | None = None
    url: str | None = None


@frozen(kw_only=True)
class Event:
    """One thing that happened to an order; `by` is "customer", "seller" or "marketplace"."""

    at: datetime
    name: str
    state: State
    by: str


@frozen(kw_only=True)
class Applied:
    """A seller's move that took effect: which lines (rows) went to which state, with which tracking."""

    at: datetime
    target: State
    lines: tuple[tuple[int, LineState], ...]
    tracking: Tracking | None = None

    @property
    def rows(self) -> tuple[int, ...]:
        """The lines that the move took along in its own sense, such as those that shipped."""
        refusals = (LineState.REFUSED, LineState.SHIPMENT_REFUSED)
        return tuple(row for row, state in self.lines if state not in refusals)


@frozen(kw_only=True)
class Refund:
    """Money that went back to the customer: of a line, or as a gesture (`row` None)."""

    at: datetime
    amount: Decimal
    motive: str
    row: int | None = None


@frozen(kw_only=True)
class Order:
    """One order, as it stands now. `order_id` is the number that only the successor API shows.

    `updated_at` moves with every transition, `modified_at` (obsolete, and still sent) only with a person's. `version`
    grows with each change.
    """

    number: str
    order_id: str
    created_at: datetime
    updated_at: datetime
    modified_at: datetime
    customer: Person
    billing: Place
    shipping: Place
    encrypted_email: str
    lines: tuple[Line, ...]
    state: State = State.WAITING_ACCEPTANCE
    shipping_code: str = "TRK"
    deliver_from: datetime | None = None
    deliver_by: datetime | None = None
    promised: Amounts = Amounts()
    validated: Amounts = Amounts()
    shipped: Amounts = Amounts()
    fulfilled_by_cdiscount: bool = False
    business: bool = False
    debit_fails: bool = False
    partner_reference: str | None = None
    tracking: Tracking | None = None
    history: tuple[Event, ...] = ()
    applied: tuple[Applied, ...] = ()
    refunds: tuple[Refund, ...] = ()
    sales_channel: str | None = None
    currency: str = "EUR"
    vat_number: str | None = None
    quirks: frozenset[Quirk] = frozenset()
    version: int = 1

    @property
    def visible(self) -> bool:
        """Whether the seller may see the addresses."""
        return self.state in VISIBLE

    @property
    def entered_at(self) -> datetime:
        """When the order came to the state at which it stands."""
        here = takewhile(lambda event: event.state == self.state, reversed(self.history))
        return min((event.at for event in here), default=self.created_at)

    @property
    def goods(self) -> tuple[Line, ...]:
        """The lines that are not fees."""
        return tuple(line for line in self.lines if not line.fee)

    def find_lines(self, reference: str) -> tuple[Line, ...]:
        """Return the lines that a reference means; several may share one."""
        return tuple(line for line in self.lines if line.answers_to(reference))


def as_stored(moment: datetime) -> datetime:
    """Return a moment as the marketplace's SQL Server keeps it, never later: its milliseconds end in 0, 3 or 7."""
    milliseconds, last = divmod(moment.microsecond // 1000, 10)
    kept = max(digit for digit in (0, 3, 7) if digit <= last)
    return moment.replace(microsecond=(milliseconds * 10 + kept) * 1000)


def sum_up(lines: Iterable[Line]) -> Amounts:
    """Return what `lines` come to."""
    chosen = tuple(lines)
    shipping = sum((line.shipping for line in chosen), ZERO)
    return Amounts(
        total=sum((line.price for line in chosen), ZERO) + shipping,
        shipping=shipping,
        commission=sum((line.commission for line in chosen), ZERO),
    )
