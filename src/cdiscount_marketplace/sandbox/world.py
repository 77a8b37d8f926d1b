"""What happens at the sandbox's marketplace: its orders, its clock, and what goes wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from attrs import evolve

from cdiscount_marketplace.sandbox.book import OrderBook, Selection
from cdiscount_marketplace.sandbox.clock import VirtualClock
from cdiscount_marketplace.sandbox.discussions import Discussion, DiscussionBook
from cdiscount_marketplace.sandbox.exchange import Exchange
from cdiscount_marketplace.sandbox.faults import Fault, Faults
from cdiscount_marketplace.sandbox.files import FileShelf
from cdiscount_marketplace.sandbox.fulfilment import FulfilmentBook
from cdiscount_marketplace.sandbox.generator import Generator, OrderSpec
from cdiscount_marketplace.sandbox.invoices import InvoiceBook
from cdiscount_marketplace.sandbox.market import Market
from cdiscount_marketplace.sandbox.offer_rules import file_refusal, refusal
from cdiscount_marketplace.sandbox.offers import Change, OfferBook, Package
from cdiscount_marketplace.sandbox.orders import Applied, Order
from cdiscount_marketplace.sandbox.placing import Filling, Placings, place
from cdiscount_marketplace.sandbox.products import ProductBook
from cdiscount_marketplace.sandbox.quirks import read_quirks
from cdiscount_marketplace.sandbox.relays import RelayFiles
from cdiscount_marketplace.sandbox.settings import Settings
from cdiscount_marketplace.sandbox.tokens import Account, TokenRegistry
from cdiscount_marketplace.sandbox.traffic import Call, Traffic


class World:
    """One shop's orders, tokens and traffic, and the verbs that move them. Thread-safe.

    Seller's verbs that the rules forbid raise `Refused`.
    """

    def __init__(
        self,
        seed: int,
        *,
        settings: Settings,
        clock: VirtualClock,
        accounts: tuple[Account, ...],
        operations: Collection[str],
    ) -> None:
        self.seed: int = seed
        self.first_settings: Settings = settings
        self.placings: Placings = Placings()
        self.clock: VirtualClock = clock
        self.accounts: tuple[Account, ...] = accounts
        self.book: OrderBook = OrderBook(clock, settings)
        self.offers: OfferBook = OfferBook(self.book.now, self._offer_refusal)
        self.discussions: DiscussionBook = DiscussionBook(self.book.now)
        self.invoices: InvoiceBook = InvoiceBook(self.book.now)
        self.products: ProductBook = ProductBook(self.book.now)
        self.fulfilment: FulfilmentBook = FulfilmentBook(self.book.now)
        self.files: FileShelf = FileShelf()
        self.market: Market = Market(
            orders=self.book,
            offers=self.offers,
            discussions=self.discussions,
            invoices=self.invoices,
            products=self.products,
            files=self.files,
            fulfilment=self.fulfilment,
            relays=RelayFiles(self.book.now),
        )
        self.faults: Faults = Faults(clock, seed, operations=operations)
        self.traffic: Traffic = Traffic()
        self.tokens: TokenRegistry = TokenRegistry(clock, accounts, lifetime=self._token_lifetime, seed=seed)
        self._generator = Generator(seed, ZoneInfo(settings.zone))
        self.exchange: Exchange = Exchange(
            book=self.book,
            clock=clock,
            expire_tokens=self.expire_tokens,
            faults=self.faults,
            traffic=self.traffic,
        )

    # --- what the world does

    def place(self, spec: OrderSpec | None = None, **wishes: Any) -> Order:
        """Place an order and return it as it stands; `wishes` are fields of `OrderSpec`, put over `spec`."""
        wanted = evolve(spec or OrderSpec(), **wishes)
        order = self._place(wanted)
        self.placings.add(wanted, [order])
        return order

    def fill(self, count: int, *, over: timedelta = timedelta(days=7), state: str | None = None) -> Sequence[Order]:
        """Place `count` varied orders and return them, oldest first.

        They are created evenly `over` the time until now, and each stands where such an order may stand by now. With
        `state`, all are created now and stand there.
        """
        orders = self._fill(count, over, state)
        self.placings.add(Filling(count=count, over=over, state=state), orders)
        return orders

    def _place(self, spec: OrderSpec) -> Order:
        return place(self.book, self._generator, spec, self.clock.now())

    def _fill(self, count: int, over: timedelta, state: str | None) -> Sequence[Order]:
        now = self.clock.now()
        if state is not None:
            fresh = (self._generator.variety(timedelta()) for _ in range(count))
            # Cdiscount moves the orders that it fulfils, so these would not stay where they are put.
            return [self._place(evolve(spec, state=state, fulfilled_by_cdiscount=False)) for spec in fresh]
        ages = (over * (count - 1 - position) / max(count, 1) for position in range(count))
        return [self._place(evolve(self._generator.variety(age), created_at=now - age)) for age in ages]

    def pay(self, number: str) -> Order:
        """Let the debit of an accepted order succeed now."""
        return self.book.pay(number)

    def refuse_payment(self, number: str) -> Order:
        """Let the debit of an accepted order fail now."""
        return self.book.refuse_payment(number)

    def cancel_as_customer(self, number: str, rows: Iterable[int] | None = None) -> Order:
        """Cancel an order, or some of its lines, as its customer: at once, or once it is paid, as a request."""
        return self.book.cancel_as_customer(number, rows)

    def ask_as_customer(
        self, number: str, body: str, *, subject: str = "Ma commande", claim: bool = False
    ) -> Discussion:
        """Open a discussion about an order, as its customer."""
        customer = self.book.get(number).customer.key or "customer"
        return self.discussions.begin(order=number, customer=customer, subject=subject, body=body, claim=claim)

    def ask_about_offer(
        self, reference: str, body: str, *, subject: str = "Autre question", ean: str | None = None
    ) -> Discussion:
        """Open a discussion about an offer, by the seller's own reference; it is shown over SOAP only."""
        return self.discussions.begin(
            customer="customer", subject=subject, body=body, topic="product", reference=reference, ean=ean
        )

    def set_quirks(self, number: str, *quirks: str) -> Order:
        """Set an order's quirks, by the names of `Quirk`; without names it has none."""
        return self.book.set_quirks(number, read_quirks(quirks))

    def advance(self, by: timedelta) -> datetime:
        """Move the clock, let everything that is due happen, and return the new present."""
        self.clock.advance(by)
        self.book.catch_up()
        return self.clock.now()

    def inject(self, fault: Fault) -> int:
        """Let something go wrong at the next calls that the fault names; raises `ValueError` for unknown operations.

        Returns the fault's number: `faults.remove(number)` disarms it.
        """
        return self.faults.inject(fault)

    def expire_tokens(self) -> int:
        """Let every token expire now; return how many were alive."""
        return self.tokens.expire_all()

    @property
    def settings(self) -> Settings:
        """The switches; assign others to change them while the sandbox runs."""
        return self.book.settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self.book.settings = settings

    # --- what there is to know

    def order(self, number: str) -> Order:
        """Return an order as it stands; `Refused` if there is none."""
        return self.book.get(number)

    def orders(self, *states: str) -> Sequence[Order]:
        """Return the orders in these states (none given: all), oldest first."""
        return self.book.select(Selection(states=states or None))

    def applied(self, number: str) -> tuple[Applied, ...]:
        """Return every seller's move that took effect on an order, oldest first."""
        return self.book.applied(number)

    def shipped(self, number: str) -> tuple[Applied, ...]:
        """Return every shipment that took effect on an order: more than one would be a double shipment."""
        return self.book.shipped(number)

    def calls(self, operation: str | None = None) -> Sequence[Call]:
        """Return the last calls of an operation ("Token" for logins), or of all, oldest first."""
        return self.traffic.calls(operation)

    def _offer_refusal(self, package: Package, change: Change) -> tuple[str, str] | None:
        if package.by_file:
            return file_refusal(package.kind, change)
        return refusal(package.kind, change, self.book.settings.octopia)

    def _token_lifetime(self) -> timedelta:
        return self.book.settings.token_lifetime
