"""What the seller API answers to each of its operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cdiscount_marketplace.octopia.bodies import is_array, is_object
from cdiscount_marketplace.sandbox.effects import WrongCount
from cdiscount_marketplace.sandbox.exchange import Answer
from cdiscount_marketplace.sandbox.octopia import account, discussions, invoices, offers, products, thin
from cdiscount_marketplace.sandbox.octopia.asked import Asked, Handler, count_answer, page_answer
from cdiscount_marketplace.sandbox.octopia.commands import (
    GESTURE_REASONS,
    REASONS,
    allowable,
    object_of,
    read_json,
)
from cdiscount_marketplace.sandbox.octopia.errors import Problem, json_answer
from cdiscount_marketplace.sandbox.octopia.listing import cursor_page, index_page, matching
from cdiscount_marketplace.sandbox.octopia.requests import cancellation, gesture
from cdiscount_marketplace.sandbox.octopia.responses import shown
from cdiscount_marketplace.sandbox.orders import Order

SELLER_ID = "98979"


# --- reading ----------------------------------------------------------------------------------------------------------


def _list_orders(asked: Asked) -> Answer:
    orders, settings = matching(asked.book, asked.query), asked.book.settings
    if settings.slow_beyond is not None and len(orders) > settings.slow_beyond:
        raise Problem(504)
    page = index_page(orders, asked.query, settings.octopia_page_limit)
    return page_answer(asked, page, shown(list(page.items), SELLER_ID, asked.book.settings, asked.effects))


def _count_orders(asked: Asked) -> Answer:
    wrong = asked.effects.find(WrongCount)
    return count_answer(asked, len(matching(asked.book, asked.query)) + (wrong.by if wrong else 0))


def _get_order(asked: Asked) -> Answer:
    return json_answer(shown([asked.order(asked.parts[0])], SELLER_ID, asked.book.settings, asked.effects)[0])


def _list_reasons(_asked: Asked) -> Answer:
    return json_answer([{"code": code, "label": code.replace("-", " ")} for code in REASONS])


def _list_cancellations(asked: Asked) -> Answer:
    order_id = asked.query.get("orderSellerId")
    orders = [asked.order(order_id)] if order_id else matching(asked.book, {})
    items = [
        cancellation(request, order)
        for order in orders
        for request in asked.book.requests.of(order.number)
        if request.amount is None
    ]
    page = index_page(items, asked.query)
    return page_answer(asked, page, list(page.items))


def _show_allowable(asked: Asked) -> Answer:
    return json_answer({"allowableAmount": float(allowable(asked.order(asked.parts[0])))})


def _list_gestures(asked: Asked) -> Answer:
    order_id = asked.query.get("orderId")
    orders = [asked.order(order_id)] if order_id else matching(asked.book, {})
    page = cursor_page([item for order in orders for item in _gestures(asked, order)], asked.query)
    return page_answer(asked, page, list(page.items))


def _get_gesture(asked: Asked) -> Answer:
    gestures = (item for order in matching(asked.book, {}) for item in _gestures(asked, order))
    match = next((gesture for gesture in gestures if gesture["requestId"] == asked.parts[0]), None)
    if match is None:
        raise Problem(404, "The request does not exist.")
    return json_answer(match)


def _show_gesture_configuration(asked: Asked) -> Answer:
    return json_answer({"salesChannelId": asked.parts[0], "reasons": list(GESTURE_REASONS)})


def _gestures(asked: Asked, order: Order) -> list[dict[str, Any]]:
    requests = asked.book.requests.of(order.number)
    return [gesture(request, order) for request in requests if request.amount is not None]


# --- writing ----------------------------------------------------------------------------------------------------------


def _decide(asked: Asked) -> Answer:
    asked.writing(asked.parts[0]).decide(read_json(asked.body))
    return _taken(204)


def _ship(asked: Asked) -> Answer:
    asked.writing(asked.parts[0]).ship(read_json(asked.body))
    return _taken(201)


def _cancel(asked: Asked) -> Answer:
    body = _cancellation(asked)
    request = asked.writing(_order_id(body)).cancel(body)
    return json_answer({"cancellationRequestId": request.id}, status=201)


def _cancel_lines(asked: Asked) -> Answer:
    body = _cancellation(asked)
    items = _cancelled_lines(body)
    if not items:
        raise Problem.of_member("lines", "The value must be a list of lines.")
    writing = asked.writing(_order_id(body))
    lines = writing.lines([item.get("lineId") for item in items])
    request = writing.cancel({**items[0], "shippingCostRefund": _refunds_shipping(body, items)}, lines)
    return json_answer({"partialCancellationRequestId": request.id}, status=201)


def _give(asked: Asked) -> Answer:
    body = object_of(read_json(asked.body))
    request = asked.writing(body.get("orderId")).give(body)
    return json_answer({"requestId": request.id}, status=201)


def _cancellation(asked: Asked) -> dict[str, Any]:
    body = object_of(read_json(asked.body))
    if not any(item.get("reason") in REASONS for item in (body, *_cancelled_lines(body))):
        raise Problem.of_member("reason", "The reason is not valid.")
    return body


def _cancelled_lines(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    lines = body.get("lines")
    return [line for line in lines if is_object(line)] if is_array(lines) else []


def _order_id(body: Mapping[str, Any]) -> Any:
    """Take the order's number in the spelling of either source."""
    return body.get("orderSellerId") or body.get("orderId")


def _refunds_shipping(body: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> bool:
    return any(item.get("shippingCostRefund") is True for item in (body, *items))


# --- helpers ---------------------------------------------------------------------------------------------------------


def _taken(status: int) -> Answer:
    return Answer(status=status, content_type="", ran=True)


HANDLERS: Mapping[str, Handler] = {
    "GET /orders": _list_orders,
    "GET /orders/count": _count_orders,
    "GET /orders/{orderId}": _get_order,
    "POST /orders/{orderId}/approval-status": _decide,
    "POST /orders/{orderId}/shipments": _ship,
    "GET /cancellation-reasons": _list_reasons,
    "GET /order-cancellation-requests": _list_cancellations,
    "POST /order-cancellation-requests": _cancel,
    "POST /order-partial-cancellation-requests": _cancel_lines,
    "GET /orders/{orderId}/commercial-gestures-available-amounts": _show_allowable,
    "GET /order-commercial-gesture-requests": _list_gestures,
    "POST /order-commercial-gesture-requests": _give,
    "GET /order-commercial-gesture-requests/{requestId}": _get_gesture,
    "GET /sales-channel-commercial-gesture-configurations/{salesChannelId}": _show_gesture_configuration,
    "GET /carriers": lambda _asked: json_answer(account.carriers()),
    **offers.HANDLERS,
    **discussions.HANDLERS,
    **invoices.HANDLERS,
    **products.HANDLERS,
    **thin.HANDLERS,
    "GET /sellers": lambda asked: json_answer(account.information(SELLER_ID, asked.switches.seller_spelling)),
    "GET /sellers/addresses": lambda _asked: json_answer(account.addresses()),
    "GET /sellers/subscriptions": lambda _asked: json_answer(account.subscriptions()),
    "GET /sellers/indicators": lambda _asked: json_answer(account.indicators()),
}
