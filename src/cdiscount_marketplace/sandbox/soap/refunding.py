"""CreateRefundVoucher: refunds of shipped lines and commercial gestures, each with its own success."""

from __future__ import annotations

from decimal import Decimal

from cdiscount_marketplace.sandbox.book import OrderBook
from cdiscount_marketplace.sandbox.orders import Order, Refund
from cdiscount_marketplace.sandbox.rules import Refused
from cdiscount_marketplace.sandbox.soap.reading import Values
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
        order = book.get(number)
    except Refused:
        return None
    made = tuple(_gesture(order, item) for item in gestures)
    repaid = tuple(_line_refund(order, item) for item in refunds)
    _store(order, book, made, repaid)
    return CreateRefundVoucherMessage(commercial_gestures=made, order_number=number, seller_refunds=repaid)


def _gesture(order: Order, item: Values) -> RefundInformationMessage:
    amount, motive = item.get("Amount") or Decimal(0), item.get("MotiveId") or 0
    allowed = amount > 0 and motive in _MOTIVES and (order.state == State.SHIPPED or not order.fulfilled_by_cdiscount)
    return RefundInformationMessage(
        amount=amount, motive_id=motive, error_message="" if allowed else _BAD_GESTURE, operation_success=allowed
    )


def _line_refund(order: Order, item: Values) -> SellerRefundResult:
    asked = item.one("RefundOrderLine")
    reference = asked.text("SellerProductId")
    line = next((line for line in order.find_lines(reference) if line.state == LineState.SHIPPED), None)
    paid = line.price + (line.shipping if asked.truth("RefundShippingCharges") else Decimal(0)) if line else Decimal(0)
    return SellerRefundResult(
        ean=asked.get("Ean"),
        motive=RefundMotive(item.text("Motive") or "VendorRejection"),
        seller_product_id=reference,
        value=paid,
        error_message="" if line else _NOT_SHIPPED,
        operation_success=line is not None,
    )


def _store(
    order: Order,
    book: OrderBook,
    made: tuple[RefundInformationMessage, ...],
    repaid: tuple[SellerRefundResult, ...],
) -> None:
    now = book.now()
    gestures = [
        Refund(at=now, amount=item.amount or Decimal(0), motive=str(item.motive_id))
        for item in made
        if item.operation_success
    ]
    lines = [
        Refund(at=now, amount=item.value or Decimal(0), motive=str(item.motive), row=_row(order, item))
        for item in repaid
        if item.operation_success
    ]
    if gestures or lines:
        book.refund(order.number, [*gestures, *lines])


def _row(order: Order, item: SellerRefundResult) -> int | None:
    return next((line.row for line in order.find_lines(item.seller_product_id or "")), None)
