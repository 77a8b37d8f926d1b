"""The SOAP service's states in the words of the OMS side, and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cdiscount_marketplace.models import LineStatus, OrderStatus
from cdiscount_marketplace.soap.orders.enums import AcceptationState, OrderState

# States that are not here are the fraud desk's and the back office's own: OTHER.
_ORDERS: Mapping[OrderState, OrderStatus] = {
    OrderState.NONE: OrderStatus.PROCESSING,
    OrderState.VALIDATED_FIANET: OrderStatus.PROCESSING,
    OrderState.BEING_VALIDATED_FIANET: OrderStatus.PROCESSING,
    OrderState.WAITING_FOR_SELLER_ACCEPTATION: OrderStatus.WAITING_ACCEPTANCE,
    OrderState.ACCEPTED_BY_SELLER: OrderStatus.ACCEPTED,
    OrderState.PAYMENT_IN_PROGRESS: OrderStatus.ACCEPTED,
    OrderState.WAITING_FOR_SHIPMENT_ACCEPTATION: OrderStatus.WAITING_SHIPMENT,
    OrderState.AVAILABLE_ON_STORE: OrderStatus.READY_FOR_PICKUP,
    OrderState.SHIPPED: OrderStatus.SHIPPED,
    OrderState.PICKED_UP: OrderStatus.DELIVERED,
    OrderState.REFUSED_BY_SELLER: OrderStatus.REFUSED,
    OrderState.SHIPMENT_REFUSED_BY_SELLER: OrderStatus.SHIPMENT_REFUSED,
    OrderState.CANCELLED_BY_CUSTOMER: OrderStatus.CANCELLED,
    OrderState.AUTOMATIC_CANCELLATION: OrderStatus.CANCELLED,
    OrderState.PAYMENT_REFUSED: OrderStatus.CANCELLED,
    OrderState.REFUSED_NO_SHIPMENT: OrderStatus.CANCELLED,
    OrderState.NON_PICKED_UP_BY_CUSTOMER: OrderStatus.CANCELLED,
    OrderState.SERVICE_CANCELED: OrderStatus.CANCELLED,
}
# `None` is not here: it has been seen on lines of shipped orders, so it proves nothing.
_LINES: Mapping[AcceptationState, LineStatus] = {
    AcceptationState.ACCEPTED_BY_SELLER: LineStatus.ACCEPTED,
    AcceptationState.REFUSED_BY_SELLER: LineStatus.REFUSED,
    AcceptationState.SHIPPED_BY_SELLER: LineStatus.SHIPPED,
    AcceptationState.SHIPMENT_REFUSED_BY_SELLER: LineStatus.SHIPMENT_REFUSED,
    AcceptationState.CANCELLATION_REQUEST_PENDING: LineStatus.CANCELLATION_REQUESTED,
    AcceptationState.CANCELLED_BEFORE_NOTIFICATION_BY_CUSTOMER: LineStatus.CANCELLED,
    AcceptationState.CANCELLED_BEFORE_PAYMENT_BY_CUSTOMER: LineStatus.CANCELLED,
    AcceptationState.CANCELLED_AFTER_PAYMENT_BY_CUSTOMER: LineStatus.CANCELLED,
    AcceptationState.PAYMENT_REFUSED: LineStatus.CANCELLED,
    AcceptationState.REFUNDED_AFTER_SHIPPING: LineStatus.REFUNDED,
    AcceptationState.REFUNDED_AFTER_SHIPMENT_REFUSED: LineStatus.REFUNDED,
    AcceptationState.REFUNDED_AFTER_CUSTOMER_CANCELLATION: LineStatus.REFUNDED,
}


def order_status(state: OrderState | None) -> OrderStatus:
    """Return where an order stands; OTHER for a state that this SDK does not know."""
    return OrderStatus.OTHER if state is None else _ORDERS.get(state, OrderStatus.OTHER)


def line_status(state: AcceptationState | None) -> LineStatus:
    """Return where a line stands."""
    return LineStatus.UNKNOWN if state is None else _LINES.get(state, LineStatus.UNKNOWN)


def order_states(statuses: Collection[OrderStatus]) -> tuple[OrderState, ...]:
    """Return the documented states that mean any of these; the service answers any other word with a fault."""
    return tuple(state for state in OrderState.values() if order_status(state) in statuses)
