"""Giving money back through the REST API: check by the order, send once, and judge by the API's own lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from attrs import frozen

from cdiscount_marketplace import errors
from cdiscount_marketplace.channels.octopia.outcomes import BUSY, TAKEN, confirmed, not_run, rejected, unknown
from cdiscount_marketplace.channels.octopia.reasons import code_of, details_of, ensure_listed
from cdiscount_marketplace.channels.octopia.requests import (
    found_cancellations,
    found_gestures,
    offer_ids,
    refusal_of,
    too_much,
)
from cdiscount_marketplace.channels.octopia.writing import OrderWriter
from cdiscount_marketplace.failures import stops_others, write_outcome
from cdiscount_marketplace.models import Outcome
from cdiscount_marketplace.octopia.api import Taken
from cdiscount_marketplace.octopia.orders.cancellations import LineCancellation, OrderKey
from cdiscount_marketplace.octopia.orders.gestures import GestureFilter
from cdiscount_marketplace.octopia.orders.models import Order
from cdiscount_marketplace.refunds import FoundRefund, RefundKind, RefundReading, RefundRequest


@frozen(kw_only=True)
class Refunder:
    """Gives money back on one account. Thread-safe.

    `reasons` are the caller's codes. Where `trust_lists` is off, a request that is not in the API's lists may have been
    made all the same, and one that the API took counts as given. `order_key` is how a cancellation names its order.
    """

    writer: OrderWriter
    reasons: Mapping[str, str]
    trust_lists: bool
    order_key: OrderKey
    reading_limit: timedelta

    def refund(self, request: RefundRequest) -> Outcome:
        """Give money back once; raises only where nothing was sent."""
        begun = self.writer.client.clock.monotonic()
        try:
            order = self.writer.find(request.key)
            if order is None or order.order_id is None:
                return rejected(request.key, "OrderNotFound", "the order cannot be read", retryable=True)
            code = code_of(request, self.reasons)
            outcome = self._forbidden(request, order, code)
            if outcome is not None:
                return outcome
            before = self._list(request, order, code)
            outcome = _made_before(request, before)
            if outcome is not None:
                return outcome
            self._ensure_in_time(begun)
        except errors.InvalidRequest:
            raise
        except errors.CdiscountError as error:
            if stops_others(error):
                error.retryable = True
                raise
            return not_run(request.key, error)
        return self._sent(request, order, code, before)

    def find(self, requests: Sequence[RefundRequest]) -> list[RefundReading]:
        """Read the API's lists, one request after the other; what concerns a single order is its `failure`."""
        return [self._reading(request) for request in requests]

    # --- before sending ---

    def _forbidden(self, request: RefundRequest, order: Order, code: str) -> Outcome | None:
        refusal = refusal_of(request, order)
        if refusal is not None:
            return refusal
        orders = self.writer.client.orders
        if request.kind == RefundKind.GESTURE:
            return too_much(request, orders.gestures.available(str(order.order_id)).allowable_amount)
        ensure_listed(request, code, self._listed_reasons(order))
        return None

    def _listed_reasons(self, order: Order) -> list[str]:
        """Return the codes that the API lists; a list that cannot be read refuses nothing."""
        try:
            reasons = self.writer.client.orders.cancellation_reasons(order_status=order.status)
        except (errors.TransportError, errors.ServiceError):
            return []
        return [reason.code for reason in reasons if reason.code]

    def _ensure_in_time(self, begun: float) -> None:
        if self.writer.client.clock.monotonic() - begun > self.reading_limit.total_seconds():
            raise errors.CallTimeout("reading the order took so long that nothing was sent", retryable=True)

    # --- sending ---

    def _sent(self, request: RefundRequest, order: Order, code: str, before: RefundReading) -> Outcome:
        try:
            taken = self._send(request, order, code)
        except errors.HttpError as error:
            if error.status == 409:
                # An earlier, unanswered request may be what this one conflicts with: only time shows.
                return unknown(request.key, BUSY, error.message)
            return rejected(request.key, str(error.status), error.message, retryable=write_outcome(error) == "not_run")
        except errors.OutcomeUnknown as error:
            return unknown(request.key, type(error.__cause__ or error).__name__, error.message)
        if not self.trust_lists:
            return confirmed(request.key, note=f"taken as request {taken.request_id or 'without a number'}")
        return self._read_back(request, order, code, before)

    def _send(self, request: RefundRequest, order: Order, code: str) -> Taken:
        orders, order_id = self.writer.client.orders, str(order.order_id)
        if request.kind == RefundKind.GESTURE and request.amount is not None:
            details = details_of(request, code)
            return orders.gestures.create(order_id, amount=request.amount, reason=code, reason_details=details)
        if request.lines is None:
            refund_shipping = request.refund_shipping
            return orders.cancel(order_id, reason=code, refund_shipping=refund_shipping, order_key=self.order_key)
        offers = offer_ids(order)
        lines = [
            LineCancellation(
                line_id=line_id, offer_id=offers[line_id], reason=code, shipping_cost_refund=request.refund_shipping
            )
            for line_id in request.lines
        ]
        return orders.cancel_lines(order_id, lines, order_key=self.order_key)

    # --- reading back ---

    def _read_back(self, request: RefundRequest, order: Order, code: str, before: RefundReading) -> Outcome:
        client = self.writer.client
        for wait in self.writer.read_backs:
            client.clock.sleep(wait.total_seconds())
            try:
                reading = self._list(request, order, code)
            except errors.CdiscountError:
                continue
            if len(reading.found) > len(before.found) and _is_done(reading.found[-1]):
                return confirmed(request.key)
        return unknown(request.key, TAKEN, "the service took it; its list does not show it yet")

    def _reading(self, request: RefundRequest) -> RefundReading:
        client = self.writer.client
        try:
            order = self.writer.reader.find(request.key, client)
            if order is None or order.order_id is None:
                return RefundReading(failure="the marketplace does not show the order")
            return self._list(request, order, code_of(request, self.reasons))
        except errors.CdiscountError as error:
            if stops_others(error):
                raise
            return RefundReading(failure=error.message)

    def _list(self, request: RefundRequest, order: Order, code: str) -> RefundReading:
        orders, order_id = self.writer.client.orders, str(order.order_id)
        if request.kind == RefundKind.GESTURE:
            gestures = orders.gestures.iter(GestureFilter(order_id=order_id))
            return found_gestures(request, code, gestures, complete=self.trust_lists)
        entries = orders.cancellation_requests(order_id)
        return found_cancellations(request, code, order, entries, complete=self.trust_lists)


def _made_before(request: RefundRequest, reading: RefundReading) -> Outcome | None:
    """Return the outcome of a request that the lists show already: no line is given back twice."""
    if request.kind == RefundKind.GESTURE or not reading.found or reading.found[-1].rejected:
        return None
    last = reading.found[-1]
    if last.pending:
        return unknown(request.key, TAKEN, last.message or "")
    return confirmed(request.key, note=f"not sent again: {last.message}")


def _is_done(entry: FoundRefund) -> bool:
    return not entry.rejected and not entry.pending
