"""CreateRefundVoucher: refunds of shipped lines and commercial gestures, each with its own success."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cdiscount_marketplace.sandbox.book import OrderBook
from cdiscount_marketplace.sandbox.orders import Line, Order, Refund
from cdiscount_marketplace.sandbox.rules import Refused
from cdiscount_marketplace.sandbox.soap.requests import Values
from cdiscount_marketplace.sandbox.states import LineState, State
from cdiscount_marketplace.soap.refunds import (
    CreateRefundVoucherMessage,
    RefundInformationMessage,
    RefundMotive,
    SellerRefundResult,
)

_MOTIVES = range(131, 140)
_NOT_SHIPPED = "La ligne n'est pas remboursable."
_BAD_GESTURE = "Le geste commercial est invalide."


def refund(values: Values, book: OrderBook) -> CreateRefundVoucherMessage | None:
    """Carry out a request; None if it is invalid as a whole."""
    gestures, refunds = values.many("CommercialGestureList"), values.many("SellerRefundList")
    number = values.text("OrderNumber")
    if not number or not (gestures or refunds):
        return None
    try:
        order = book.reach(number)
    except Refused:
        return None
    made = tuple(_gesture(order, item) for item in gestures)
    lines = _lines_to_refund(order, refunds)
    repaid = tuple(_line_refund(line, item) for line, item in zip(lines, refunds, strict=True))
    _store(number, book, made, list(zip(lines, repaid, strict=True)))
    return CreateRefundVoucherMessage(commercial_gestures=made, order_number=number, seller_refunds=repaid)


def _lines_to_refund(order: Order, refunds: Sequence[Values]) -> list[Line | None]:
    """Give each request a shipped line of its reference, no line twice: what was refunded is not refunded again."""
    free = [line for line in order.lines if line.state == LineState.SHIPPED]
    chosen: list[Line | None] = []
    for item in refunds:
        reference = item.one("RefundOrderLine").text("SellerProductId")
        line = next((line for line in free if line.answers_to(reference)), None)
        free = [other for other in free if other is not line]
        chosen.append(line)
    return chosen


def _gesture(order: Order, item: Values) -> RefundInformationMessage:
    amount, motive = item.get("Amount") or Decimal(0), item.get("MotiveId") or 0
    allowed = amount > 0 and motive in _MOTIVES and (order.state == State.SHIPPED or not order.fulfilled_by_cdiscount)
    return RefundInformationMessage(
        amount=amount, motive_id=motive, error_message="" if allowed else _BAD_GESTURE, operation_success=allowed
    )


def _line_refund(line: Line | None, item: Values) -> SellerRefundResult:
    wanted = item.one("RefundOrderLine")
    paid = line.price + (line.shipping if wanted.truth("RefundShippingCharges") else Decimal(0)) if line else Decimal(0)
    return SellerRefundResult(
        ean=wanted.get("Ean"),
        motive=RefundMotive(item.text("Motive") or "VendorRejection"),
        seller_product_id=wanted.text("SellerProductId"),
        value=paid,
        error_message="" if line else _NOT_SHIPPED,
        operation_success=line is not None,
    )


def _store(
    number: str,
    book: OrderBook,
    made: Sequence[RefundInformationMessage],
    repaid: Sequence[tuple[Line | None, SellerRefundResult]],
) -> None:
    now = book.now()
    gestures = [
        Refund(at=now, amount=item.amount or Decimal(0), motive=str(item.motive_id))
        for item in made
        if item.operation_success
    ]
    lines = [
        Refund(at=now, amount=item.value or Decimal(0), motive=str(item.motive), row=line.row)
        for line, item in repaid
        if line is not None
    ]
    if gestures or lines:
        book.refund(number, [*gestures, *lines])
