"""The sales channel over the Cdiscount Marketplace SOAP API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from attrs import field, frozen
from attrs.validators import ge

from cdiscount_marketplace.channels.numbers import order_numbers
from cdiscount_marketplace.channels.offers import PackageKind, PackageOutcome, PackageReading, ReportPage
from cdiscount_marketplace.channels.soap.open_files import OpenFiles
from cdiscount_marketplace.channels.soap.orders import CHANNEL, sales_order
from cdiscount_marketplace.channels.soap.outcomes import DECIDED, ENDED, references
from cdiscount_marketplace.channels.soap.reading import OrderReader
from cdiscount_marketplace.channels.soap.refunds import Refunder
from cdiscount_marketplace.channels.soap.writing import OrderWrite, OrderWriter
from cdiscount_marketplace.channels.trackings import trackings_of
from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.models import (
    Decision,
    Lookup,
    OrderQuery,
    Outcome,
    Reading,
    SalesOrder,
    Shipment,
    Verdict,
)
from cdiscount_marketplace.offers import Offer
from cdiscount_marketplace.refunds import RefundReading, RefundRequest
from cdiscount_marketplace.soap.client import MarketplaceClient
from cdiscount_marketplace.soap.orders.acceptance import plan_acceptance, plan_refusal
from cdiscount_marketplace.soap.orders.models import Order
from cdiscount_marketplace.soap.orders.shipping import ClosedLines, Rest, plan_shipment, validate_words
from cdiscount_marketplace.soap.orders.validation import ValidateOrder
from cdiscount_marketplace.tracking import Tracking, with_listed_carriers

# Channels that send no offers do not load what writes files.
if TYPE_CHECKING:
    from cdiscount_marketplace.channels.soap.offers import OfferPackager
    from cdiscount_marketplace.soap.package_files import Upload

PACKAGE_SIZE: Final = 1000
PACKAGE_LIFE: Final = timedelta(hours=6)
# A package that changes stock and price carries these; other members need a full one.
UPDATE_MEMBERS: Final = frozenset({"quantity", "price", "original_price", "currency"})
NEEDED_MEMBERS: Final = ("gtin", "condition", "price", "quantity", "preparation_days", "delivery_modes")


@frozen
class SoapChannel:
    """Sell on one account through the SOAP API. Thread-safe; close the client, not the channel.

    `settle_gap` is how long the service may take to show a write. The service ships no order in parts: `rest="refuse"`
    lets a shipment of some lines refuse the others for good, which refunds them; by default it is refused instead.
    `closed_lines="echo"` repeats lines in a final state. `parcels` also asks for the parcels of each order.

    No recording shows the vouchers of an order, so that a refund whose answer was lost, and which its order does not
    show, is left to a person; with `trust_refund_lists` it counts as not made, and is sent again.

    Offers leave in packages of up to `offer_package_size`, each a file that `upload` puts where the marketplace fetches
    it (see `soap.Upload`), within the time that the job's lease lives. Without `upload` no offers can be sent.
    """

    _client: MarketplaceClient
    settle_gap: timedelta = field(default=timedelta(minutes=2), kw_only=True)
    rest: Rest = field(default="forbid", kw_only=True)
    closed_lines: ClosedLines = field(default="omit", kw_only=True)
    parcels: bool = field(default=False, kw_only=True)
    trust_refund_lists: bool = field(default=False, kw_only=True)
    upload: Upload | None = field(default=None, kw_only=True, repr=False)
    offer_package_size: int = field(default=PACKAGE_SIZE, kw_only=True, validator=ge(1))
    _files: OpenFiles = field(factory=OpenFiles, init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        validate_words(self.rest, self.closed_lines)

    @property
    def name(self) -> str:
        """The channel's name: "soap"."""
        return CHANNEL

    @property
    def write_chunk(self) -> int:
        """How many orders one request carries."""
        return self._client.validation_chunk

    @property
    def write_limit(self) -> timedelta:
        """The longest that deciding on or shipping a chunk of orders can take, its readings included."""
        return self._writer.limit

    # --- reading

    def fetch(self, query: OrderQuery) -> Reading:
        """Read all orders that match, or raise; never a part of them.

        A read that timed out is not repeated: ask for less.
        """
        reading = self._reader.fetch(query)
        return Reading(tuple(map(sales_order, reading.orders)), reading.answered_at)

    def get(self, keys: Sequence[str]) -> Lookup:
        """Read orders by number; unknown numbers are left out.

        `failures` name orders for whose sake the service fails, or answers what nobody can read.
        """
        orders, failures = self._reader.look_up(order_numbers(keys))
        return Lookup(tuple(map(sales_order, orders)), failures)

    def may_split(self, order: SalesOrder) -> bool:  # noqa: ARG002 -- the protocol's signature
        """Say that no order may: the service ships whole orders only."""
        return False

    def carriers(self) -> Sequence[str]:
        """List the carrier names that the marketplace knows, as it writes them."""
        return [carrier.name for carrier in self._client.carriers() if carrier.name]

    # --- offers

    @property
    def upload_limit(self) -> int:
        """How many offers are put into a package at once: all that it may have."""
        return self.offer_package_size

    @property
    def package_limit(self) -> int:
        """How many offers one package may have."""
        return self.offer_package_size

    @property
    def package_life(self) -> timedelta:
        """How long after its creation a package that was not submitted lapses."""
        return PACKAGE_LIFE

    @property
    def update_members(self) -> Collection[str]:
        """What a package that changes stock and price can change."""
        return UPDATE_MEMBERS

    def missing_members(self, offer: Offer) -> Sequence[str]:
        """Return what an offer lacks to be made."""
        return [name for name in NEEDED_MEMBERS if getattr(offer, name) is None]

    def create_package(self, kind: PackageKind) -> str:
        """Begin a package, in this process; raises `ConfigurationError` where there is no `upload`."""
        return self._packager.create(kind)

    def fill_package(self, reference: str, kind: PackageKind, offers: Sequence[Offer]) -> PackageOutcome:
        """Put all offers of a package into it; raises `InvalidRequest` for what no file can carry."""
        return self._packager.fill(reference, kind, offers)

    def close_package(self, reference: str) -> PackageOutcome:
        """Upload a package's file and submit it; the outcome has its number."""
        return self._packager.close(reference)

    def read_package(self, reference: str) -> PackageReading:
        """Read where a package stands; one that the service does not know looks like one that it has not begun."""
        return self._packager.read(reference)

    def read_report(self, reference: str, page: str | None = None) -> ReportPage:  # noqa: ARG002 -- one page has it all
        """Read a package's report, whole."""
        return self._packager.report(reference)

    # --- writing

    def decide(self, decisions: Sequence[Decision]) -> Sequence[Outcome]:
        """Accept or refuse orders, in whole or without some lines: one outcome per decision, in the same order.

        The orders are read first; what cannot be sent as an order stands is an outcome, too. Raises `InvalidRequest`
        for a verdict that decides nothing, and errors of the account when nothing at all was done.
        """
        started_at = self._client.clock.monotonic()
        problems = [problem for decision in decisions for problem in _decision_problems(decision)]
        _ensure_valid(problems, [decision.key for decision in decisions])
        return self._writer.write([self._decision(decision) for decision in decisions], started_at=started_at)

    def ship(self, shipments: Sequence[Shipment]) -> Sequence[Outcome]:
        """Report shipments: one outcome per shipment, in the same order.

        Carriers and tracking are checked before any request. The orders are read first; one that is shipped or
        cancelled already is not sent. Raises `InvalidRequest`, and errors of the account when nothing at all was done.
        """
        _ensure_valid([], [shipment.key for shipment in shipments])
        by_shipment = trackings_of(shipments)
        started_at = self._client.clock.monotonic()
        trackings = with_listed_carriers(by_shipment, self._client.carrier_names())
        writes = [self._shipment(*each) for each in zip(shipments, trackings, strict=True)]
        return self._writer.write(writes, started_at=started_at)

    def refund(self, request: RefundRequest) -> Outcome:
        """Cancel an order by refusing it, refund lines of a shipped one, or make a commercial gesture.

        What the order's state does not allow is rejected. Raises `InvalidRequest` before anything is sent for lines to
        cancel, which the service does not do, and for unknown motives; and errors of the account.
        """
        return self._refunder.refund(request)

    def find_refunds(self, requests: Sequence[RefundRequest]) -> Sequence[RefundReading]:
        """Read what the orders show of requests: their states, those of their lines, and their vouchers."""
        return self._refunder.find(requests)

    def _decision(self, decision: Decision) -> OrderWrite:
        condition = self._client.orders.condition

        def plan(order: Order) -> ValidateOrder:
            if decision.verdict == Verdict.REFUSE:
                return plan_refusal(order, condition=condition)
            refused = references(order, decision.refused_lines, "refused_lines")
            return plan_acceptance(order, refused_lines=refused, condition=condition)

        return OrderWrite(key=decision.key, plan=plan, too_late=DECIDED)

    def _shipment(self, shipment: Shipment, tracking: Tracking) -> OrderWrite:
        def plan(order: Order) -> ValidateOrder:
            return plan_shipment(
                order,
                tracking,
                lines=None if shipment.lines is None else references(order, shipment.lines, "lines"),
                rest=self.rest,
                closed_lines=self.closed_lines,
                condition=self._client.orders.condition,
            )

        return OrderWrite(key=shipment.key, plan=plan, too_late=ENDED)

    @property
    def _packager(self) -> OfferPackager:
        # Imported here, as said above.
        from cdiscount_marketplace.channels.soap.offers import OfferPackager

        return OfferPackager(client=self._client, upload=self.upload, files=self._files)

    @property
    def _reader(self) -> OrderReader:
        return OrderReader(client=self._client, parcels=self.parcels)

    @property
    def _writer(self) -> OrderWriter:
        return OrderWriter(self._client, self._reader)

    @property
    def _refunder(self) -> Refunder:
        return Refunder(writer=self._writer, trust_lists=self.trust_refund_lists)


def _ensure_valid(problems: Sequence[Problem], keys: Sequence[str]) -> None:
    """Raise `InvalidRequest` for problems, and for orders that are named twice: each can have one outcome."""
    twice = [Problem(key, "is named twice") for key, times in Counter(keys).items() if times > 1]
    if problems or twice:
        raise InvalidRequest([*problems, *twice])


def _decision_problems(decision: Decision) -> Iterator[Problem]:
    if decision.verdict not in (Verdict.ACCEPT, Verdict.REFUSE):
        yield Problem(decision.key, "neither accepts nor refuses")
    if decision.verdict == Verdict.REFUSE and decision.refused_lines:
        yield Problem(
            decision.key, "refuses the whole order and single lines: accept it without these lines, or name none"
        )
