"""The sales channel over the Octopia REST API."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from attrs import evolve

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.channels.numbers import order_numbers
from cdiscount_marketplace.channels.octopia.carriers import by_label, labels
from cdiscount_marketplace.channels.octopia.offers import (
    PACKAGE_LIFE,
    OfferPackager,
    OfferSettings,
    missing_members,
)
from cdiscount_marketplace.channels.octopia.orders import CDISCOUNT, CHANNEL, channel_id, sold_on
from cdiscount_marketplace.channels.octopia.outcomes import (
    Plan,
    decision_progress,
    plan_shipment,
    shipment_note,
    shipment_progress,
)
from cdiscount_marketplace.channels.octopia.reading import OrderReader
from cdiscount_marketplace.channels.octopia.refunds import Refunder
from cdiscount_marketplace.channels.octopia.writing import OrderWrite, OrderWriter
from cdiscount_marketplace.channels.offers import PackageKind, PackageOutcome, PackageReading, ReportPage
from cdiscount_marketplace.channels.trackings import trackings_of
from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.models import Decision, Lookup, OrderQuery, Outcome, Reading, SalesOrder, Shipment, Verdict
from cdiscount_marketplace.octopia.client import TOKEN_TOTAL, OctopiaClient
from cdiscount_marketplace.octopia.offers.models import UPLOAD_SIZE
from cdiscount_marketplace.octopia.orders.cancellations import OrderKey
from cdiscount_marketplace.octopia.orders.models import OrderParcel
from cdiscount_marketplace.octopia.sellers import Carrier
from cdiscount_marketplace.offers import Offer
from cdiscount_marketplace.refunds import RefundReading, RefundRequest
from cdiscount_marketplace.tracking import Tracking, with_listed_carriers

_CARRIERS_KEPT: Final = timedelta(hours=1)
# Octopia's catch-all, which SOAP calls Other.
_CATCH_ALL: Final = "autre"
# Around a write, single orders are read: what takes longer than this is better tried again in the next run.
_READ_LIMIT: Final = 30.0
# An order is read by its reference, then by its id.
_FIND_READINGS: Final = 2
# The carriers, and the order again after a refusal; of a refund, what may be given, and what was.
_MORE_READINGS: Final = 2
_POLICY: Final = RetryPolicy(attempts=3, longest_wait=15.0, total=30.0)


def _brief(policy: RetryPolicy) -> RetryPolicy:
    """Return the policy for readings around a write: the client's, within our limits."""
    return evolve(
        policy,
        attempts=min(policy.attempts, _POLICY.attempts),
        longest_wait=min(policy.longest_wait, _POLICY.longest_wait),
        total=min(policy.total, _POLICY.total),
    )


class OctopiaChannel:
    """Sell on one account through the Octopia REST API. Thread-safe; close the client, not the channel.

    Orders are known by their reference and their orderId, so that a store that was filled through SOAP knows them
    again. The API accepts whole orders only. Its writes are taken at once and applied later: an outcome is CONFIRMED
    where the order, read back after each of `read_backs`, shows it, and UNKNOWN until a later reading does.

    `sales_channels` are the ids of those to read, such as `["CDISFR"]`; None reads all of the seller's. A name that no
    order has, although they have others, is reported as a notice of the first reading. `settle_gap` is how long the API
    may take to apply a write. `ship_cancel_requested` ships lines, too, whose cancellation the customer asked for,
    which the API allows since 2026. `whole_orders` are the sales channels on which an order leaves as one parcel, as
    on Cdiscount; on others, each parcel names its lines.

    `refund_reasons` are the marketplace's codes for reasons, such as `{"customer_returned": "its-code"}`: few of them
    are public. A refund whose answer was lost is settled by the API's own lists of requests; with
    `trust_refund_lists=False`, one that they do not show is left to a person, and not taken for one that was not made.
    `cancellation_key` is how a cancellation names its order, on which sources disagree.

    Offers go to the client's sales channel; `offers` says how they are written where sources disagree.
    """

    def __init__(
        self,
        client: OctopiaClient,
        sales_channels: Collection[str] | None = None,
        *,
        settle_gap: timedelta = timedelta(minutes=30),
        read_backs: Sequence[timedelta] = (timedelta(seconds=1), timedelta(seconds=4)),
        ship_cancel_requested: bool = False,
        whole_orders: Collection[str] = (CDISCOUNT,),
        refund_reasons: Mapping[str, str] = MappingProxyType({}),
        trust_refund_lists: bool = True,
        cancellation_key: OrderKey = "orderSellerId",
        offers: OfferSettings | None = None,
    ) -> None:
        self._client = client
        policy = _brief(client.policy)
        self._brief = client.with_limits(policy, evolve(client.limits, read=min(client.limits.read, _READ_LIMIT)))
        self._reader = OrderReader(client, _named(sales_channels))
        self._writer = OrderWriter(
            client=self._brief,
            reader=self._reader,
            read_backs=tuple(read_backs),
            reading_limit=timedelta(seconds=_FIND_READINGS * self._reading_time),
        )
        self._refunder = Refunder(
            writer=self._writer,
            reasons=dict(refund_reasons),
            trust_lists=trust_refund_lists,
            order_key=cancellation_key,
            reading_limit=timedelta(seconds=(_MORE_READINGS + _FIND_READINGS) * self._reading_time),
        )
        self._packager = OfferPackager(client=self._brief, settings=offers or OfferSettings())
        self._settle_gap = settle_gap
        self._cancel_requested = ship_cancel_requested
        self._whole_orders = frozenset(map(channel_id, whole_orders))
        self._carriers: tuple[datetime, tuple[Carrier, ...]] | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The channel's name: "octopia"."""
        return CHANNEL

    @property
    def unique_numbers(self) -> bool:
        """Whether every order has a number that no other order has: the orderId."""
        return True

    @property
    def settle_gap(self) -> timedelta:
        """How long after an unanswered write two readings must lie apart to prove that it did not happen."""
        return self._settle_gap

    @property
    def write_chunk(self) -> int:
        """One: the API takes a decision or shipment per request."""
        return 1

    @property
    def write_limit(self) -> timedelta:
        """The longest that deciding on or shipping one order can take, its readings and a new token included."""
        limits, total = self._brief.limits, self._brief.policy.total
        readings = (_MORE_READINGS + _FIND_READINGS + len(self._writer.read_backs)) * self._reading_time
        tokens = 2 * (min(self._client.policy.total, TOKEN_TOTAL) + limits.token)
        return sum(self._writer.read_backs, timedelta(seconds=readings + total + limits.write + tokens))

    # --- reading ---

    def fetch(self, query: OrderQuery) -> Reading:
        """Read all orders that match, or raise; never a part of them.

        Pages shift when an order leaves the filter between two of them. So a reading counts only if it fits one page,
        or if two full passes after each other give the same orders; after five passes it is given up as `CallTimeout`,
        for the caller to ask for less. Bounds are sent a second wider, because it is unknown whether they are
        inclusive: orders modified just outside may come along. A query for `OTHER` names no states to the service.
        """
        return self._reader.fetch(query, lambda: None)

    def fetch_paged(self, query: OrderQuery, between_pages: Callable[[], None]) -> Reading:
        """Read as `fetch` does, calling `between_pages` before each further request."""
        return self._reader.fetch(query, between_pages)

    def get(self, keys: Sequence[str]) -> Lookup:
        """Read orders by any of their numbers; unknown ones are left out.

        `failures` name numbers that mean several orders, and orders that the service refuses while it answers for
        others.
        """
        return self._reader.look_up(order_numbers(keys))

    def may_split(self, order: SalesOrder) -> bool:
        """Return whether the lines of an order may be shipped in several parcels; by default they may not."""
        return self._splits(channel_id(order.sales_channel))

    def _splits(self, sales_channel: str | None) -> bool:
        return sales_channel is not None and sales_channel not in self._whole_orders

    def carriers(self) -> Sequence[str]:
        """List the carriers' labels, each once."""
        return labels(self._client.carriers())

    # --- writing ---

    def decide(self, decisions: Sequence[Decision]) -> Sequence[Outcome]:
        """Accept or refuse whole orders; one outcome each, in the same order.

        Raises `InvalidRequest` before any request for a decision on single lines, which the API does not take. Raises
        what stopped the first order before anything was sent, marked `retryable`.
        """
        problems = [problem for decision in decisions for problem in _decision_problems(decision)]
        if problems:
            raise InvalidRequest(problems, operation="decide")
        return self._writer.write([self._decision(decision) for decision in decisions])

    def ship(self, shipments: Sequence[Shipment]) -> Sequence[Outcome]:
        """Report shipments; one outcome each, in the same order.

        A carrier is named by its label, or by its code where no other carrier has that code.

        Raises `InvalidRequest` before any order is touched if carrier, tracking number or URL cannot be right, and
        what stopped the first order before anything was sent, marked `retryable`.
        """
        by_shipment = trackings_of(shipments)
        carriers = self._listed_carriers()
        trackings = with_listed_carriers(by_label(by_shipment, carriers), labels(carriers))
        return self._writer.write([self._shipment(*each) for each in zip(shipments, trackings, strict=True)])

    def refund(self, request: RefundRequest) -> Outcome:
        """Cancel an order or lines of it, refund what was shipped, or make a commercial gesture.

        What the order's state does not allow, or more than may be given back, is rejected. Raises `InvalidRequest`
        before anything is sent for a reason that the marketplace does not list, and what stopped it before that,
        marked `retryable`.
        """
        return self._refunder.refund(request)

    def find_refunds(self, requests: Sequence[RefundRequest]) -> Sequence[RefundReading]:
        """Read what the lists of cancellations and gestures show of requests; one reading each, in the same order."""
        return self._refunder.find(requests)

    # --- offers ---

    @property
    def upload_limit(self) -> int:
        """How many offers one upload may have: 100."""
        return UPLOAD_SIZE

    @property
    def package_limit(self) -> int:
        """How many offers one package may have, as `OfferSettings` say."""
        return self._packager.settings.package_size

    @property
    def package_life(self) -> timedelta:
        """How long after its creation a package that was not set ready lapses: about six hours."""
        return PACKAGE_LIFE

    def missing_members(self, offer: Offer) -> Sequence[str]:
        """Return what an offer lacks to be made."""
        return missing_members(offer)

    def create_package(self, kind: PackageKind) -> str:
        """Open an empty package and return its id; one whose answer was lost lapses by itself."""
        return self._packager.create(kind)

    def fill_package(self, reference: str, kind: PackageKind, offers: Sequence[Offer]) -> PackageOutcome:
        """Upload up to 100 offers into a package; raises `InvalidRequest` for what cannot be sent."""
        return self._packager.fill(reference, kind, offers)

    def close_package(self, reference: str) -> PackageOutcome:
        """Set a package ready; refused while it digests its uploads."""
        return self._packager.close(reference)

    def read_package(self, reference: str) -> PackageReading:
        """Read where a package stands."""
        return self._packager.read(reference)

    def read_report(self, reference: str, page: str | None = None) -> ReportPage:  # noqa: ARG002 -- one page has it all
        """Read a package's report, whole; it is kept for three days."""
        return self._packager.report(reference)

    @property
    def _reading_time(self) -> float:
        return self._brief.policy.total + self._brief.limits.read

    def _decision(self, decision: Decision) -> OrderWrite:
        orders = self._brief.orders
        send = orders.approve if decision.verdict == Verdict.ACCEPT else orders.refuse
        return OrderWrite(
            key=decision.key,
            progress=lambda order: decision_progress(order, decision),
            plan=lambda _order: Plan(),
            send=lambda order_id, _lines: send(order_id),
        )

    def _shipment(self, shipment: Shipment, tracking: Tracking) -> OrderWrite:
        def send(order_id: str, line_ids: tuple[str, ...]) -> object:
            return self._brief.orders.ship(order_id, [_parcel(tracking, line_ids)])

        return OrderWrite(
            key=shipment.key,
            progress=lambda order: shipment_progress(order, shipment, split=self._splits(sold_on(order))),
            note=lambda order: shipment_note(order, shipment),
            plan=lambda order: plan_shipment(order, shipment.lines, cancel_requested=self._cancel_requested),
            send=send,
        )

    def _listed_carriers(self) -> tuple[Carrier, ...]:
        """Return the carriers, read at most once an hour; a list that cannot be read refuses nobody."""
        now = self._client.clock.now()
        with self._lock:
            kept = self._carriers
        if kept is None or not timedelta(0) <= now - kept[0] < _CARRIERS_KEPT:
            try:
                kept = (now, tuple(self._brief.carriers()))
            except (errors.TransportError, errors.ServiceError):
                kept = (now, ())
            with self._lock:
                self._carriers = kept
        return kept[1]


def _named(sales_channels: Collection[str] | None) -> Collection[str] | None:
    if sales_channels is None:
        return None
    if isinstance(sales_channels, str) or not sales_channels or not all(sales_channels):
        raise errors.ConfigurationError(
            "sales_channels must be a list of ids", hint='give ["CDISFR"], or None for all of the seller\'s'
        )
    return sales_channels


def _decision_problems(decision: Decision) -> Iterator[Problem]:
    if decision.verdict not in (Verdict.ACCEPT, Verdict.REFUSE):
        yield Problem(f"{decision.key}.verdict", "only ACCEPT and REFUSE can be sent")
    if decision.refused_lines:
        advice = "refuse the whole order, or accept it and cancel the lines with client.orders.cancel_lines"
        yield Problem(f"{decision.key}.refused_lines", f"Octopia accepts or refuses whole orders only: {advice}")


def _parcel(tracking: Tracking, line_ids: tuple[str, ...]) -> OrderParcel:
    carrier = tracking.carrier or ""
    return OrderParcel(
        parcel_number=tracking.number,
        carrier_name=_CATCH_ALL if carrier.casefold() == "other" else carrier,
        tracking_url=tracking.url,
        order_line_ids=line_ids,
    )
