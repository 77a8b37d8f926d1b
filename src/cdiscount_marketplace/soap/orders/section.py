"""`client.orders`: read orders, and decide about them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from cdiscount_marketplace.errors import InvalidRequest, OperationFailed, Problem
from cdiscount_marketplace.soap.common import ProductCondition
from cdiscount_marketplace.soap.orders.acceptance import plan_acceptance, plan_refusal, plan_shipment_refusal
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST, Order, OrderFilter
from cdiscount_marketplace.soap.orders.reports import ValidationReport
from cdiscount_marketplace.soap.orders.shipping import ClosedLines, Rest, plan_shipment, validate_words
from cdiscount_marketplace.soap.orders.validation import ValidateOrder
from cdiscount_marketplace.soap.orders.validator import Validator, chunks
from cdiscount_marketplace.soap.service import Service
from cdiscount_marketplace.tracking import Tracking, validate_trackings, with_listed_carriers

# How many order numbers one request asks for; the service documents no limit.
REFERENCES = 100

if TYPE_CHECKING:
    from cdiscount_marketplace.soap.orders.investigations import ParcelActionResult, ParcelRequest
    from cdiscount_marketplace.soap.orders.services import ServiceOrder


@frozen(kw_only=True)
class OrderReading:
    """All orders of one answer, and the time at which the service answered, by its own clock (aware UTC)."""

    orders: tuple[Order, ...]
    answered_at: datetime | None = None


@frozen(kw_only=True)
class Orders:
    """Read orders and decide about them. Thread-safe.

    `condition` is sent for a line whose own condition is not known.
    """

    _service: Service = field(alias="service", repr=False)
    _validator: Validator = field(alias="validator", repr=False)
    _carrier_names: Callable[[], Sequence[str]] = field(alias="carrier_names", repr=False)
    condition: ProductCondition = ProductCondition.NEW

    def without_timeout_retries(self) -> Orders:
        """Return the same section for callers who would rather ask for less than wait: no read repeats a timeout."""
        return evolve(self, service=self._service.without_timeout_retries())

    def list(self, order_filter: OrderFilter) -> tuple[Order, ...]:
        """Read all orders that match, or raise; never a part of them.

        Raises `OperationFailed` unless every sign in the answer shows that it is complete.
        """
        return self.read(order_filter).orders

    def read(self, order_filter: OrderFilter) -> OrderReading:
        """Read as `list` does, and return when the service answered."""
        received = self._service.read(GET_ORDER_LIST, order_filter)
        if received.result.orders is None:
            raise OperationFailed(
                "the answer contains no list of orders: nothing was read", operation=GET_ORDER_LIST.name
            )
        return OrderReading(orders=received.result.orders, answered_at=received.answered_at)

    def get(self, *order_numbers: str, parcels: bool = False) -> tuple[Order, ...]:
        """Read orders with their lines by number, in the order given; unknown numbers are left out."""
        _ensure_numbers(order_numbers)
        by_number: dict[str, Order] = {}
        for numbers in chunks(tuple(dict.fromkeys(order_numbers)), REFERENCES):
            for order in self.list(OrderFilter(order_references=tuple(numbers), fetch_parcels=parcels or None)):
                by_number[order.order_number or ""] = order
        return tuple(by_number[number] for number in dict.fromkeys(order_numbers) if number in by_number)

    def validate(self, orders: Sequence[ValidateOrder]) -> ValidationReport:
        """Send decisions as they are, in chunks, and return what became of each order and line.

        Raises `OutcomeUnknown` (with the report) if the outcome of any is unknown, and what kept them from being sent
        if provably none was. A refused decision raises nothing: call `raise_for_failures()` on the report.
        """
        return self._validator.run(orders)

    def accept(self, *order_numbers: str, refused_lines: Collection[str] = ()) -> ValidationReport:
        """Accept orders; `refused_lines` are references of lines of a single order that is accepted without them.

        The orders are read first. Raises `InvalidRequest` for what cannot be accepted, and as `validate` does.
        """
        if refused_lines and len(order_numbers) != 1:
            raise InvalidRequest([Problem("refused_lines", "can be given for one order at a time only")])
        return self._decide(
            order_numbers,
            lambda order: plan_acceptance(order, refused_lines=refused_lines, condition=self.condition),
        )

    def refuse(self, *order_numbers: str) -> ValidationReport:
        """Refuse orders that wait for acceptance; raises as `accept` does."""
        return self._decide(order_numbers, lambda order: plan_refusal(order, condition=self.condition))

    def refuse_shipment(self, *order_numbers: str) -> ValidationReport:
        """Refuse to ship accepted orders: their customers are refunded. Raises as `accept` does."""
        return self._decide(order_numbers, lambda order: plan_shipment_refusal(order, condition=self.condition))

    def ship(
        self,
        order_number: str,
        *,
        carrier: str,
        tracking_number: str,
        tracking_url: str | None = None,
        lines: Collection[str] | None = None,
        rest: Rest = "forbid",
        closed_lines: ClosedLines = "omit",
    ) -> ValidationReport:
        """Report that an order left: all its open lines, or those whose references are in `lines`.

        Cdiscount ships no order in parts: with `rest="refuse"` the other lines are refused for good and refunded.
        `closed_lines="echo"` repeats lines in a final state. Carrier and tracking are checked before any request, the
        carrier's name against the marketplace's list. Raises `InvalidRequest`, and as `validate` does.
        """
        validate_words(rest, closed_lines)
        tracking = self.checked(Tracking(carrier=carrier, number=tracking_number, url=tracking_url), order_number)
        return self._decide(
            [order_number],
            lambda order: plan_shipment(
                order, tracking, lines=lines, rest=rest, closed_lines=closed_lines, condition=self.condition
            ),
        )

    def list_services(self, order_filter: OrderFilter) -> tuple[ServiceOrder, ...]:
        """Read all orders of services that match, as `list` reads those of products (GetServiceOrderList)."""
        # Imported here, as below: few callers need it, and all pay for what the section imports.
        from cdiscount_marketplace.soap.orders.services import read_service_orders

        return read_service_orders(self._service, order_filter)

    def ask_about_parcels(self, order_number: str, *parcels: ParcelRequest) -> tuple[ParcelActionResult, ...]:
        """Have the carrier investigate parcels or certify their delivery (ManageParcel); may not be repeated.

        Returns one result per request, in the order given; look at each one's `is_action_created`. Raises
        `OutcomeUnknown` when no clear answer came for one of them.
        """
        from cdiscount_marketplace.soap.orders.investigations import ask_about_parcels

        return ask_about_parcels(self._service, order_number, parcels)

    def checked(self, tracking: Tracking, order_number: str) -> Tracking:
        """Return a tracking with the carrier as it is listed; raises `InvalidRequest` for what would be refused."""
        trackings = [(order_number, tracking)]
        validate_trackings(trackings)
        return with_listed_carriers(trackings, self._carrier_names())[0]

    def _decide(self, order_numbers: Sequence[str], plan: Callable[[Order], ValidateOrder]) -> ValidationReport:
        if not order_numbers:
            raise InvalidRequest([Problem("order_numbers", "give at least one order number")])
        orders = self.get(*order_numbers)
        known = {order.order_number for order in orders}
        missing = [number for number in order_numbers if number not in known]
        problems = [Problem(number, "this account has no such order") for number in missing]
        plans: list[ValidateOrder] = []
        for order in orders:
            try:
                plans.append(plan(order))
            except InvalidRequest as refusal:
                problems += refusal.problems
        if problems:
            raise InvalidRequest(problems, order_numbers=tuple(order_numbers))
        return self.validate(plans)


def _ensure_numbers(order_numbers: Sequence[object]) -> None:
    """Raise `InvalidRequest` for what is no order number; an empty one would ask for orders of any number."""
    problems = [
        Problem(f"order_numbers[{index}]", "must be an order number; write a list as *numbers")
        for index, number in enumerate(order_numbers)
        if not isinstance(number, str) or not number.strip()
    ]
    if problems:
        raise InvalidRequest(problems, operation=GET_ORDER_LIST.name)
