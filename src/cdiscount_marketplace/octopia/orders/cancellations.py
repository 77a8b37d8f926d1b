"""Cancelling or refunding orders and lines: what is sent, and what is read back."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from attrs import evolve, frozen

from cdiscount_marketplace.octopia.codec import flag, many, moment, raw, text

OrderKey = Literal["orderSellerId", "orderId"]
RefundMember = Literal["line", "request"]


@frozen(kw_only=True, weakref_slot=False)
class CancellationReason:
    """A reason that may be given; `code` is what is sent, such as `seller-out-of-stock`.

    No recording shows the member's name: `code`, `reason`, `id` and `reference` are understood, and plain strings.
    """

    code: str | None = text(also=("reason", "id", "reference"))
    label: str | None = text(also=("name", "description"))


@frozen(kw_only=True, weakref_slot=False)
class LineCancellation:
    """A line to cancel (`line_id` is its orderLineId, `offer_id` its offer's id), why, and whether with shipping."""

    line_id: str | None = text()
    offer_id: str | None = text()
    reason: str | None = text()
    shipping_cost_refund: bool | None = flag()


@frozen(kw_only=True, weakref_slot=False)
class CancellationBody:
    """The body of a full or partial cancellation; `full_body` and `lines_body` fill it in the spelling of a source."""

    order_seller_id: str | None = text()
    order_id: str | None = text()
    reason: str | None = text()
    lines: tuple[LineCancellation, ...] = many(LineCancellation)
    shipping_cost_refund: bool | None = flag()


@frozen(kw_only=True, weakref_slot=False)
class CancellationRequest:
    """A cancellation as it stands; members that no source documents are kept in `reason` and `lines` as parsed JSON."""

    cancellation_request_id: str | None = text(also=("requestId", "partialCancellationRequestId", "id"))
    order_seller_id: str | None = text(also=("orderId",))
    status: str | None = text()
    reason: object = raw()
    created_at: datetime | None = moment()
    updated_at: datetime | None = moment()
    lines: object = raw()


def full_body(order_id: str, reason: str, *, refund_shipping: bool, order_key: OrderKey) -> CancellationBody:
    """Compose the cancellation of a whole order."""
    return _keyed(CancellationBody(reason=reason, shipping_cost_refund=refund_shipping), order_id, order_key)


def lines_body(
    order_id: str, lines: tuple[LineCancellation, ...], *, order_key: OrderKey, refund_member: RefundMember
) -> CancellationBody:
    """Compose the cancellation of single lines."""
    if refund_member == "line":
        return _keyed(CancellationBody(lines=lines), order_id, order_key)
    bare = tuple(evolve(line, shipping_cost_refund=None) for line in lines)
    refund = any(line.shipping_cost_refund for line in lines)
    return _keyed(CancellationBody(lines=bare, shipping_cost_refund=refund), order_id, order_key)


def _keyed(body: CancellationBody, order_id: str, key: OrderKey) -> CancellationBody:
    return evolve(body, order_seller_id=order_id) if key == "orderSellerId" else evolve(body, order_id=order_id)
