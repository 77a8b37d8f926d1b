"""The sales channel over the Cdiscount Marketplace SOAP API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from attrs import field, frozen

from cdiscount_marketplace.channels.port import DIGEST
from cdiscount_marketplace.channels.soap import outcomes
from cdiscount_marketplace.channels.soap.isolation import isolated
from cdiscount_marketplace.channels.soap.orders import CHANNEL, sales_order
from cdiscount_marketplace.channels.soap.states import order_states
from cdiscount_marketplace.channels.trackings import trackings_of
from cdiscount_marketplace.errors import (
    CallTimeout,
    CdiscountError,
    HttpError,
    InvalidRequest,
    OutcomeUnknown,
    Problem,
)
from cdiscount_marketplace.failures import is_account_wide
from cdiscount_marketplace.models import (
    Decision,
    Lookup,
    OrderQuery,
    OrderStatus,
    Outcome,
    Reading,
    SalesOrder,
    Shipment,
    Verdict,
)
from cdiscount_marketplace.soap.client import MarketplaceClient
from cdiscount_marketplace.soap.orders.acceptance import plan_acceptance, plan_refusal
from cdiscount_marketplace.soap.orders.enums import ProductCondition
from cdiscount_marketplace.soap.orders.models import Order, OrderFilter
from cdiscount_marketplace.soap.orders.reports import ValidationReport
from cdiscount_marketplace.soap.orders.shipping import ClosedLines, Rest, plan_shipment, validate_words
from cdiscount_marketplace.soap.orders.validation import ValidateOrder
from cdiscount_marketplace.tracking import Tracking, with_listed_carriers

# Without a beginning the service looks back about a month only; these bounds leave nothing out.
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_NEVER = datetime(2077, 1, 1, tzinfo=UTC)
# Reading before a write may take this long; after that the write is left for the next run.
_READING_LIMIT = timedelta(minutes=2)

# The status that blames the request, and not the service or the account.
_TOO_LARGE = 413

Plan = Callable[[Order], ValidateOrder]


@frozen(kw_only=True)
class _Wish:
    """What is wanted of one order: how it is sent, and why it need not be."""

    key: str
    plan: Plan
    past: Callable[[Order], Outcome | None]


@frozen
class SoapChannel:
    """Sell on one account through the SOAP API. Thread-safe; close the client, not the channel.

    `settle_gap` is how long the service may take to show a write. The service ships no order in parts: `rest="refuse"`
    lets a shipment of some lines refuse the others for good, which refunds them; by default it is refused instead.
    `closed_lines="echo"` repeats lines in a final state. `parcels` also asks for the parcels of each order.
    """

    _client: MarketplaceClient
    settle_gap: timedelta = field(default=timedelta(minutes=2), kw_only=True)
    rest: Rest = field(default="forbid", kw_only=True)
    closed_lines: ClosedLines = field(default="omit", kw_only=True)
    parcels: bool = field(default=False, kw_only=True)

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
        return _READING_LIMIT + self._client.write_limit

    # --- reading

    def fetch(self, query: OrderQuery) -> Reading:
        """Read all orders that match, or raise; never a part of them.

        All four bounds are sent, because the service treats a missing beginning as about a month ago. A missing one is
        taken from its sound neighbour, as no order is modified before it is created, or leaves nothing out. A read
        that timed out is not repeated: ask for less.
        """
        states = order_states(query.statuses)
        if not states:
            return Reading(())
        wanted = OrderFilter(
            states=states,
            created_from=query.created_from or _EVER,
            modified_from=query.modified_from or query.created_from or _EVER,
            created_to=query.created_to or query.modified_to or _NEVER,
            modified_to=query.modified_to or _NEVER,
            fetch_parcels=self.parcels or None,
        )
        reading = self._client.orders.without_timeout_retries().read(wanted)
        return Reading(tuple(map(sales_order, reading.orders)), reading.answered_at)

    def get(self, keys: Sequence[str]) -> Lookup:
        """Read orders by number; unknown numbers are left out.

        `failures` name orders for whose sake the service fails, or answers what nobody can read.
        """
        orders, failures = self._look_up(keys)
        return Lookup(tuple(map(sales_order, orders)), failures)

    def may_split(self, order: SalesOrder) -> bool:  # noqa: ARG002 -- the protocol's signature
        """Say that no order may: the service ships whole orders only."""
        return False

    def carriers(self) -> Sequence[str]:
        """List the carrier names that the marketplace knows, as it writes them."""
        return [carrier.name for carrier in self._client.carriers() if carrier.name]

    # --- writing

    def decide(self, decisions: Sequence[Decision]) -> Sequence[Outcome]:
        """Accept or refuse orders, in whole or without some lines: one outcome per decision, in the same order.

        The orders are read first; what cannot be sent as an order stands is an outcome, too. Raises `InvalidRequest`
        for a verdict that decides nothing, and errors of the account when nothing at all was done.
        """
        found = [problem for decision in decisions for problem in _decision_problems(decision)]
        _refuse(found, [decision.key for decision in decisions])
        wishes = [_decided(decision, self._client.orders.condition) for decision in decisions]
        return self._carry_out(wishes, self._client.clock.monotonic())

    def ship(self, shipments: Sequence[Shipment]) -> Sequence[Outcome]:
        """Report shipments: one outcome per shipment, in the same order.

        Carriers and tracking are checked before any request. The orders are read first; one that is shipped or
        cancelled already is not sent. Raises `InvalidRequest`, and errors of the account when nothing at all was done.
        """
        _refuse([], [shipment.key for shipment in shipments])
        given = trackings_of(shipments)
        begun = self._client.clock.monotonic()
        trackings = with_listed_carriers(given, self._client.carrier_names())
        wishes = [self._shipped(*each) for each in zip(shipments, trackings, strict=True)]
        return self._carry_out(wishes, begun)

    def _shipped(self, shipment: Shipment, tracking: Tracking) -> _Wish:
        def plan(order: Order) -> ValidateOrder:
            named = shipment.lines
            return plan_shipment(
                order,
                tracking,
                lines=None if named is None else outcomes.references(order, named, "lines"),
                rest=self.rest,
                closed_lines=self.closed_lines,
                condition=self._client.orders.condition,
            )

        return _Wish(key=shipment.key, plan=plan, past=outcomes.past_shipping)

    def _carry_out(self, wishes: Sequence[_Wish], begun: float) -> list[Outcome]:
        try:
            found, failures = self._look_up([wish.key for wish in wishes])
        except CdiscountError as error:
            # It was the reading before the write that failed.
            error.retryable = True
            raise
        orders = {str(order.order_number): order for order in found}
        plans, answers = _planned([wish for wish in wishes if wish.key not in failures], orders)
        answers |= {key: outcomes.unreadable(key, reason) for key, reason in failures.items()}
        if plans and self._client.clock.monotonic() - begun > _READING_LIMIT.total_seconds():
            raise CallTimeout("reading the orders took so long that nothing was sent", retryable=True)
        answers |= self._validate(plans)
        return [answers[wish.key] for wish in wishes]

    def _validate(self, plans: Sequence[ValidateOrder]) -> dict[str, Outcome]:
        try:
            report = self._client.orders.validate(plans)
        except OutcomeUnknown as error:
            if not isinstance(error.report, ValidationReport):
                raise
            report = error.report
        except InvalidRequest:
            raise
        except CdiscountError as error:
            if is_account_wide(error):
                raise
            # The client raises anything else only when provably nothing was done: because of these orders, or of all.
            if isinstance(error, HttpError) and error.status != _TOO_LARGE:
                error.retryable = True
                raise
            return {str(plan.order_number): outcomes.not_run(str(plan.order_number), error) for plan in plans}
        return {result.order_number: outcomes.outcome(result) for result in report.results}

    def _look_up(self, keys: Sequence[str]) -> tuple[list[Order], dict[str, str]]:
        """Read orders, and find out for the sake of which one a reading fails; an outage is raised."""
        asked = [key for key in keys if key.strip() and not key.startswith(DIGEST)]
        unusable = {key: "no request can carry this number" for key in asked if not key.isprintable()}
        numbers = [key for key in asked if key not in unusable]
        orders, failures = isolated(numbers, self._read, self._answers) if numbers else ([], {})
        return orders, unusable | failures

    def _read(self, numbers: Sequence[str]) -> Sequence[Order]:
        return self._client.orders.without_timeout_retries().get(*numbers, parcels=self.parcels)

    def _answers(self) -> bool:
        """Tell whether the service answers a list that holds no order that is older than a moment."""
        now = self._client.clock.now()
        just_now = OrderFilter(states=order_states(OrderStatus.values()), created_from=now, created_to=now)
        try:
            self._client.orders.without_timeout_retries().read(just_now)
        except CdiscountError:
            return False
        return True


def _refuse(found: Sequence[Problem], keys: Sequence[str]) -> None:
    """Raise `InvalidRequest` for what was found, and for orders that are named twice: each can have one outcome."""
    twice = [Problem(key, "is named twice") for key, times in Counter(keys).items() if times > 1]
    if found or twice:
        raise InvalidRequest([*found, *twice])


def _decision_problems(decision: Decision) -> Iterator[Problem]:
    if decision.verdict not in (Verdict.ACCEPT, Verdict.REFUSE):
        yield Problem(decision.key, "neither accepts nor refuses")
    if decision.verdict == Verdict.REFUSE and decision.refused_lines:
        yield Problem(
            decision.key, "refuses the whole order and single lines: accept it without these lines, or name none"
        )


def _decided(decision: Decision, condition: ProductCondition) -> _Wish:
    def plan(order: Order) -> ValidateOrder:
        if decision.verdict == Verdict.REFUSE:
            return plan_refusal(order, condition=condition)
        refused = outcomes.references(order, decision.refused_lines, "refused_lines")
        return plan_acceptance(order, refused_lines=refused, condition=condition)

    return _Wish(key=decision.key, plan=plan, past=outcomes.past_deciding)


def _planned(wishes: Sequence[_Wish], orders: Mapping[str, Order]) -> tuple[list[ValidateOrder], dict[str, Outcome]]:
    """Return what is to be sent, and what is to be said of the orders that nothing is sent for."""
    plans: list[ValidateOrder] = []
    answers: dict[str, Outcome] = {}
    for wish in wishes:
        order = orders.get(wish.key)
        found = outcomes.not_found(wish.key) if order is None else _plan(wish, order)
        if isinstance(found, Outcome):
            answers[wish.key] = found
        else:
            plans.append(found)
    return plans, answers


def _plan(wish: _Wish, order: Order) -> ValidateOrder | Outcome:
    past = wish.past(order)
    if past is not None:
        return past
    try:
        return wish.plan(outcomes.with_open_lines(order))
    except InvalidRequest as error:
        return outcomes.refused(order, error)
