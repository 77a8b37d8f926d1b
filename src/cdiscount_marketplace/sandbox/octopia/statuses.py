"""The order book's states in the REST API's words, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from cdiscount_marketplace.octopia.orders.models import LineStatus, OrderStatus
from cdiscount_marketplace.sandbox.states import LineState, State

_ORDERS: Mapping[State, OrderStatus] = MappingProxyType(
    {
        State.FRAUD_CHECK: OrderStatus.PROCESSING,
        State.FRAUD_CHECKED: OrderStatus.PROCESSING,
        State.WAITING_ACCEPTANCE: OrderStatus.WAITING_ACCEPTANCE,
        State.ACCEPTED: OrderStatus.ACCEPTED,
        State.PAYMENT: OrderStatus.ACCEPTED,
        State.WAITING_SHIPMENT: OrderStatus.IN_PREPARATION,
        State.AVAILABLE_ON_STORE: OrderStatus.IN_PREPARATION,
        State.SHIPPED: OrderStatus.SHIPPED,
        State.NOT_PICKED_UP: OrderStatus.SHIPPED,
        State.PICKED_UP: OrderStatus.DELIVERED,
        State.REFUSED: OrderStatus.REFUSED,
        State.SHIPMENT_REFUSED: OrderStatus.CANCELLED,
        State.AUTO_CANCELLED: OrderStatus.CANCELLED,
        State.PAYMENT_REFUSED: OrderStatus.CANCELLED,
        State.CANCELLED: OrderStatus.CANCELLED,
        State.NEVER_SHIPPED: OrderStatus.CANCELLED,
    }
)
# Lines that nothing has happened to, or that were accepted, stand where their order stands.
_LINES: Mapping[LineState, LineStatus] = MappingProxyType(
    {
        LineState.REFUSED: LineStatus.REFUSED,
        LineState.SHIPPED: LineStatus.SHIPPED,
        LineState.REFUNDED: LineStatus.SHIPPED,
        LineState.SHIPMENT_REFUSED: LineStatus.CANCELLED,
        LineState.SHIPMENT_REFUSED_REFUNDED: LineStatus.CANCELLED,
        LineState.CANCELLED_UNNOTIFIED: LineStatus.CANCELLED,
        LineState.CANCELLED_UNPAID: LineStatus.CANCELLED,
        LineState.CANCELLATION_REQUESTED: LineStatus.CANCEL_REQUEST,
        LineState.CANCELLED_PAID: LineStatus.CANCELLED,
        LineState.CANCELLED_REFUNDED: LineStatus.CANCELLED,
        LineState.PAYMENT_REFUSED: LineStatus.CANCELLED,
    }
)
DELIVERY_MODES: Mapping[str, str] = MappingProxyType(
    {
        "STD": "NotTrackedHomeDelivery",
        "TRK": "TrackedHomeDelivery",
        "REG": "SignedHomeDelivery",
        "EXP": "ExpressHomeDelivery",
        "LV1": "FixedDateHomeDelivery",
        "LV2": "SpecificRoomHomeDelivery",
        "LV3": "WithSetupHomeDelivery",
        "RIM": "ImmediateVendorPickup",
        "MAG": "ImmediateVendorPickup",
    }
)


def order_status(state: State) -> OrderStatus:
    """Say where an order stands; a state of the back office's own is still being processed."""
    return _ORDERS.get(state, OrderStatus.PROCESSING)


def line_status(state: LineState, order: State) -> LineStatus:
    """Say where a line stands."""
    return _LINES.get(state) or LineStatus(str(order_status(order)))


def states_of(statuses: Iterable[str]) -> frozenset[State]:
    """Return the states that these words stand for."""
    wanted = frozenset(statuses)
    return frozenset(state for state, word in _ORDERS.items() if word in wanted)
