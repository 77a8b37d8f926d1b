"""Giving money back through the SOAP service, and what its orders show of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from cdiscount_marketplace.channels.port import UNREADABLE
from cdiscount_marketplace.channels.soap import outcomes
from cdiscount_marketplace.channels.soap.orders import line_ids
from cdiscount_marketplace.channels.soap.reasons import gesture_motive_of, mode_of, motive_of
from cdiscount_marketplace.channels.soap.states import line_status, order_status
from cdiscount_marketplace.channels.soap.writing import OrderWrite, OrderWriter
from cdiscount_marketplace.errors import (
    CdiscountError,
    InvalidRequest,
    OperationFailed,
    OutcomeUnknown,
    Problem,
)
from cdiscount_marketplace.failures import is_account_wide
from cdiscount_marketplace.models import LineStatus, OrderStatus, Outcome, OutcomeStatus
from cdiscount_marketplace.refunds import FoundRefund, RefundKind, RefundReading, RefundRequest
from cdiscount_marketplace.soap.common import RefundInformation, ResultStatus
from cdiscount_marketplace.soap.orders.acceptance import plan_refusal, plan_shipment_refusal
from cdiscount_marketplace.soap.orders.lines import goods, is_fulfilled_by_seller, reference
from cdiscount_marketplace.soap.orders.models import Order, OrderLine
from cdiscount_marketplace.soap.orders.validation import ValidateOrder
from cdiscount_marketplace.soap.refunds import (
    CreateRefundVoucherRequest,
    RefundReport,
    SellerRefundOrderLine,
    SellerRefundRequest,
)

IMPOSSIBLE: Final = "RefundImpossible"
PARTLY: Final = "PartlyRefunded"
_SHIPPED: Final = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_GONE: Final = (OrderStatus.REFUSED, OrderStatus.SHIPMENT_REFUSED, OrderStatus.CANCELLED)


@frozen(kw_only=True)
class Refunder:
    """Gives money back on one account. Thread-safe.

    An order is cancelled by refusing it, or its shipment. Where `trust_lists` is off, vouchers that an order does not
    show may exist all the same.
    """

    writer: OrderWriter
    trust_lists: bool

    def refund(self, request: RefundRequest) -> Outcome:
        """Give money back once; raises only where nothing was sent."""
        began = self.writer.client.clock.monotonic()
        if request.kind == RefundKind.CANCELLATION:
            return self._cancel(request, began)
        orders, failures = self._find(request)
        if request.key in failures:
            return outcomes.unreadable(request.key, failures[request.key])
        if not orders:
            return outcomes.not_found(request.key)
        [order] = orders
        refusal = _refusal_of(request, order)
        if refusal is not None:
            return refusal
        voucher = _voucher(request, order)
        self.writer.ensure_in_time(began)
        return self._send(request, voucher)

    def find(self, requests: Sequence[RefundRequest]) -> list[RefundReading]:
        """Read what the orders show of requests."""
        orders, failures = self.writer.reader.look_up(list(dict.fromkeys(request.key for request in requests)))
        by_number = {str(order.order_number): order for order in orders}
        return [self._shown(request, by_number.get(request.key), failures.get(request.key)) for request in requests]

    # --- sending ---

    def _cancel(self, request: RefundRequest, began: float) -> Outcome:
        if request.lines is not None:
            advice = "the service cancels single lines only when the others are shipped: SoapChannel(rest='refuse')"
            raise InvalidRequest([Problem("lines", advice)], operation="refund", order_numbers=[request.key])
        condition = self.writer.client.orders.condition

        def plan(order: Order) -> ValidateOrder:
            waits = order_status(order.order_state) == OrderStatus.WAITING_ACCEPTANCE
            return (plan_refusal if waits else plan_shipment_refusal)(order, condition=condition)

        write = OrderWrite(key=request.key, plan=plan, too_late=outcomes.ENDED)
        [outcome] = self.writer.write([write], started_at=began)
        return outcome

    def _find(self, request: RefundRequest) -> tuple[list[Order], dict[str, str]]:
        try:
            return self.writer.reader.look_up([request.key])
        except CdiscountError as error:
            # It was the reading before the refund that failed.
            error.retryable = True
            raise

    def _send(self, request: RefundRequest, voucher: CreateRefundVoucherRequest) -> Outcome:
        try:
            return _outcome(request.key, self.writer.client.refunds.create(voucher))
        except OutcomeUnknown as error:
            if isinstance(error.report, RefundReport):
                return _outcome(request.key, error.report)
            cause = type(error.__cause__ or error).__name__
            return Outcome(key=request.key, status=OutcomeStatus.UNKNOWN, code=cause, message=error.message)
        except OperationFailed as error:
            return outcomes.rejected(request.key, type(error).__name__, error.message)
        except CdiscountError as error:
            if is_account_wide(error):
                raise
            return outcomes.not_run(request.key, error)

    # --- reading back ---

    def _shown(self, request: RefundRequest, order: Order | None, failure: str | None) -> RefundReading:
        if order is None:
            return RefundReading(failure=failure or "the marketplace does not show the order")
        if request.kind == RefundKind.CANCELLATION:
            return _shown_cancellation(order)
        if request.kind == RefundKind.GESTURE:
            return RefundReading(found=_shown_gestures(request, order), complete=self.trust_lists)
        states = [line_status(line.acceptation_state) for line in _lines_of(request, order)]
        refunded = [state == LineStatus.REFUNDED for state in states]
        if refunded and all(refunded):
            return RefundReading(found=(FoundRefund(message="the marketplace shows its lines as refunded"),))
        return RefundReading(complete=self.trust_lists and not any(refunded))


def _refusal_of(request: RefundRequest, order: Order) -> Outcome | None:
    """Return why a refund cannot be given as its order stands; None where it can."""
    status = order_status(order.order_state)
    if request.kind == RefundKind.REFUND and status not in _SHIPPED:
        advice = f"the order is {order.order_state}: what was not shipped is given back by a CANCELLATION"
        return outcomes.rejected(request.key, IMPOSSIBLE, advice)
    if request.kind == RefundKind.GESTURE and status not in _SHIPPED and not is_fulfilled_by_seller(order):
        advice = f"the order is {order.order_state}: on orders that Cdiscount ships, gestures are for shipped ones"
        return outcomes.rejected(request.key, IMPOSSIBLE, advice)
    return _line_refusal(request, order)


def _line_refusal(request: RefundRequest, order: Order) -> Outcome | None:
    lines = _lines_of(request, order)
    if request.lines is not None and len(lines) < len(set(request.lines)):
        message = "the order does not show all of the lines"
        return outcomes.rejected(request.key, UNREADABLE, message, retryable=True)
    named = {reference(line) for line in lines}
    torn = [line_id for line_id, line in _by_id(order) if line not in lines and reference(line) in named]
    if torn:
        # The service names lines by their reference.
        message = f"line {', '.join(map(str, torn))} shares the reference of one that is named: name them all"
        return outcomes.rejected(request.key, IMPOSSIBLE, message)
    return None


def _voucher(request: RefundRequest, order: Order) -> CreateRefundVoucherRequest:
    if request.kind == RefundKind.GESTURE:
        gesture = RefundInformation(amount=request.amount, motive_id=gesture_motive_of(request))
        return CreateRefundVoucherRequest(order_number=order.order_number, commercial_gestures=(gesture,))
    motive = motive_of(request)
    refunds = [
        SellerRefundRequest(
            mode=mode_of(motive),
            motive=motive,
            refund_order_line=SellerRefundOrderLine(
                ean=line.product_ean,
                refund_shipping_charges=request.refund_shipping,
                seller_product_id=reference(line),
            ),
        )
        for line in _lines_of(request, order)
    ]
    return CreateRefundVoucherRequest(order_number=order.order_number, seller_refunds=tuple(refunds))


def _lines_of(request: RefundRequest, order: Order) -> list[OrderLine]:
    return [line for line_id, line in _by_id(order) if request.lines is None or line_id in request.lines]


def _by_id(order: Order) -> list[tuple[str | None, OrderLine]]:
    return list(zip(line_ids(order), goods(order), strict=True))


def _outcome(key: str, report: RefundReport) -> Outcome:
    """Join what became of the lines: all given, none, or not known; some of them are for a person to look at."""
    statuses = {result.status for result in report.results}
    message = "; ".join(dict.fromkeys(result.message for result in report.results if result.message)) or None
    if statuses == {ResultStatus.CONFIRMED}:
        return Outcome(key=key, status=OutcomeStatus.CONFIRMED)
    if statuses == {ResultStatus.REJECTED}:
        return outcomes.rejected(key, "RefundRefused", message or "the service refused it")
    given = sum(result.status == ResultStatus.CONFIRMED for result in report.results)
    if given:
        message = f"{given} of {len(report.results)} lines were refunded: {message}"
    return Outcome(key=key, status=OutcomeStatus.UNKNOWN, code=PARTLY if given else None, message=message)


def _shown_cancellation(order: Order) -> RefundReading:
    status = order_status(order.order_state)
    what = f"the order is {order.order_state}"
    if status in _GONE:
        return RefundReading(found=(FoundRefund(message=what),))
    if status in _SHIPPED:
        return RefundReading(found=(FoundRefund(message=f"{what}: give a refund instead", rejected=True),))
    return RefundReading(complete=status != OrderStatus.OTHER)


def _shown_gestures(request: RefundRequest, order: Order) -> tuple[FoundRefund, ...]:
    wanted = (request.amount, gesture_motive_of(request))
    return tuple(
        FoundRefund(created_at=voucher.create_date, message="the order shows its voucher")
        for voucher in order.vouchers
        if voucher.refund_information is not None
        and (voucher.refund_information.amount, voucher.refund_information.motive_id) == wanted
    )
