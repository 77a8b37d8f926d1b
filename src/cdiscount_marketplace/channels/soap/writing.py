"""Writing about orders, in this order: find each order, plan what is sent, send it, and report one outcome each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta

from attrs import frozen

from cdiscount_marketplace.channels.soap import outcomes
from cdiscount_marketplace.channels.soap.reading import OrderReader
from cdiscount_marketplace.errors import CallTimeout, CdiscountError, HttpError, InvalidRequest, OutcomeUnknown
from cdiscount_marketplace.failures import is_account_wide
from cdiscount_marketplace.models import OrderStatus, Outcome
from cdiscount_marketplace.soap.client import MarketplaceClient
from cdiscount_marketplace.soap.orders.models import Order
from cdiscount_marketplace.soap.orders.reports import ValidationReport
from cdiscount_marketplace.soap.orders.validation import ValidateOrder

# The status that blames the request, and not the service or the account.
_TOO_LARGE = 413


@frozen(kw_only=True)
class OrderWrite:
    """A decision about one order, or its shipment: what is sent, and the states in which it is too late."""

    key: str
    plan: Callable[[Order], ValidateOrder]
    too_late: Collection[OrderStatus]


@frozen
class OrderWriter:
    """Writes about orders of one account. Thread-safe."""

    client: MarketplaceClient
    reader: OrderReader

    def write(self, writes: Sequence[OrderWrite], *, started_at: float) -> list[Outcome]:
        """Return one outcome per write, in the same order; `started_at` is on the client's monotonic clock.

        Raises errors of the account or the service, marked `retryable`, when nothing at all was done.
        """
        orders, unreadable = self._find_orders(writes)
        plans, unsent = _plan_all([write for write in writes if write.key not in unreadable], orders)
        if plans:
            self.ensure_in_time(started_at)
        done = unreadable | unsent | self._send(plans)
        return [done[write.key] for write in writes]

    def _find_orders(self, writes: Sequence[OrderWrite]) -> tuple[dict[str, Order], dict[str, Outcome]]:
        try:
            orders, failures = self.reader.look_up([write.key for write in writes])
        except CdiscountError as error:
            # It was the reading before the write that failed.
            error.retryable = True
            raise
        unreadable = {key: outcomes.unreadable(key, reason) for key, reason in failures.items()}
        return {str(order.order_number): order for order in orders}, unreadable

    @property
    def limit(self) -> timedelta:
        """The longest that a write may take; the reading before it may take as long as the request that writes."""
        return self._reading_limit + self.client.write_limit

    @property
    def _reading_limit(self) -> timedelta:
        return timedelta(seconds=self.client.limits.write)

    def ensure_in_time(self, started_at: float) -> None:
        """Raise `CallTimeout` if reading took so long that the write could outlast its limit: the next run has more."""
        if self.client.clock.monotonic() - started_at > self._reading_limit.total_seconds():
            raise CallTimeout("reading the orders took so long that nothing was sent", retryable=True)

    def _send(self, plans: Sequence[ValidateOrder]) -> dict[str, Outcome]:
        try:
            report = self.client.orders.validate(plans)
        except OutcomeUnknown as error:
            if not isinstance(error.report, ValidationReport):
                raise
            report = error.report
        except InvalidRequest:
            raise
        except CdiscountError as error:
            return _not_run(plans, error)
        return {result.order_number: outcomes.outcome(result) for result in report.results}


def _plan_all(
    writes: Sequence[OrderWrite], orders: Mapping[str, Order]
) -> tuple[list[ValidateOrder], dict[str, Outcome]]:
    """Return what is to be sent, and the outcomes of the writes for which nothing is."""
    plans: list[ValidateOrder] = []
    unsent: dict[str, Outcome] = {}
    for write in writes:
        order = orders.get(write.key)
        plan = outcomes.not_found(write.key) if order is None else _plan(write, order)
        if isinstance(plan, Outcome):
            unsent[write.key] = plan
        else:
            plans.append(plan)
    return plans, unsent


def _plan(write: OrderWrite, order: Order) -> ValidateOrder | Outcome:
    late = outcomes.too_late(order, write.too_late)
    if late is not None:
        return late
    try:
        return write.plan(outcomes.with_open_lines(order))
    except InvalidRequest as error:
        return outcomes.refused(order, error)


def _not_run(plans: Sequence[ValidateOrder], error: CdiscountError) -> dict[str, Outcome]:
    """Say that provably nothing was sent; raise what concerns the account or the service, and not these orders."""
    if is_account_wide(error):
        raise error
    if isinstance(error, HttpError) and error.status != _TOO_LARGE:
        error.retryable = True
        raise error
    return {str(plan.order_number): outcomes.not_run(str(plan.order_number), error) for plan in plans}
