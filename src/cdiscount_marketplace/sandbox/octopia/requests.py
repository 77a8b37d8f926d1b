"""The seller's requests for money to go back, as the seller API lists them."""

from __future__ import annotations

from typing import Any

from cdiscount_marketplace.octopia.codec import write_moment
from cdiscount_marketplace.sandbox.octopia.responses import line_id
from cdiscount_marketplace.sandbox.orders import Order
from cdiscount_marketplace.sandbox.requests import MoneyRequest


def cancellation(request: MoneyRequest, order: Order) -> dict[str, Any]:
    """Return a cancellation or refund, of the whole order or of lines."""
    shown: dict[str, Any] = {"cancellationRequestId": request.id, "orderSellerId": order.order_id, **_rest(request)}
    if request.lines is not None:
        shown["lines"] = [
            {"lineId": line_id(order, line), "reason": request.reason, "shippingCostRefund": request.shipping}
            for line in order.lines
            if line.row in request.lines
        ]
    return shown


def gesture(request: MoneyRequest, order: Order) -> dict[str, Any]:
    """Return a commercial gesture."""
    return {
        "requestId": request.id,
        "orderId": order.order_id,
        "amount": float(request.amount or 0),
        **_rest(request),
    }


def _rest(request: MoneyRequest) -> dict[str, Any]:
    return {
        "status": request.status,
        "reason": request.reason,
        "createdAt": write_moment(request.created_at),
        "updatedAt": write_moment(request.updated_at),
    }
