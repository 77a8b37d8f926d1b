"""Where an order and its lines can stand, and who moves them: the rules of the marketplace, as tables.

The words are the SOAP service's, which has the most detailed ones; each protocol translates them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from attrs import frozen

from cdiscount_marketplace.enums import Member, OpenEnum


class State(OpenEnum):
    """Where an order stands; the internal states of the marketplace's back office are open values."""

    FRAUD_CHECK = Member("None")
    FRAUD_CHECKED = Member("ValidatedFianet")
    WAITING_ACCEPTANCE = Member("WaitingForSellerAcceptation")
    ACCEPTED = Member("AcceptedBySeller")
    PAYMENT = Member("PaymentInProgress")
    WAITING_SHIPMENT = Member("WaitingForShipmentAcceptation")
    AVAILABLE_ON_STORE = Member("AvailableOnStore")
    SHIPPED = Member("Shipped")
    PICKED_UP = Member("PickedUp")
    NOT_PICKED_UP = Member("NonPickedUpByCustomer")
    REFUSED = Member("RefusedBySeller")
    SHIPMENT_REFUSED = Member("ShipmentRefusedBySeller")
    AUTO_CANCELLED = Member("AutomaticCancellation")
    PAYMENT_REFUSED = Member("PaymentRefused")
    CANCELLED = Member("CancelledByCustomer")
    NEVER_SHIPPED = Member("RefusedNoShipment")


# Where the marketplace's back office puts orders, without a seller's part in it; "Filled" is in no contract, and seen.
BACK_OFFICE = frozenset(
    {
        "ServiceCanceled",
        "PendingShipmentForAssociatedProduct",
        "BlockedWaitingForTreatment",
        "BlockedWaitingForProof",
        "BlockedRepeatedLitigationSuspicion",
        "BlockedFraudSuspicion",
        "BlockedConfirmed",
        "FinishedGenerixUpdate",
        "BlockedRepeatedLitigationSuspicionConfirmation",
        "BlockedFraudSuspicionConfirmation",
        "CegidDown",
        "BlockedAutomaticCds",
        "BeingCancelled",
        "BeingModified",
        "RequestGoingToGnx",
        "PartialInGnx",
        "BeingValidatedFianet",
        "BlockedMarketplaceService",
        "Filled",
    }
)


def check_states(states: Iterable[str]) -> None:
    """Raise `ValueError` for a state that no order of the marketplace ever stands at, such as a misspelt one."""
    unknown = sorted(str(state) for state in states if not State(state).known and state not in BACK_OFFICE)
    if unknown:
        known = ", ".join([*State.values(), *sorted(BACK_OFFICE)])
        raise ValueError(f"no order stands at {', '.join(unknown)}; states are {known}")


class LineState(OpenEnum):
    """Where a line stands."""

    NONE = Member("None")
    ACCEPTED = Member("AcceptedBySeller")
    REFUSED = Member("RefusedBySeller")
    SHIPPED = Member("ShippedBySeller")
    REFUNDED = Member("RefundedAfterShipping")
    SHIPMENT_REFUSED = Member("ShipmentRefusedBySeller")
    SHIPMENT_REFUSED_REFUNDED = Member("RefundedAfterShipmentRefused")
    CANCELLED_UNNOTIFIED = Member("CancelledBeforeNotificationByCustomer")
    CANCELLED_UNPAID = Member("CancelledBeforePaymentByCustomer")
    CANCELLATION_REQUESTED = Member("CancellationRequestPending")
    CANCELLED_PAID = Member("CancelledAfterPaymentByCustomer")
    CANCELLED_REFUNDED = Member("RefundedAfterCustomerCancellation")
    PAYMENT_REFUSED = Member("PaymentRefused")


@frozen
class Move:
    """What a seller may ask of an order that stands at a state.

    `lines` are the line states that may go with it, the `leading` one at least once; `open` are the states of lines
    that the move takes along.
    """

    target: State
    leading: LineState
    lines: frozenset[LineState]
    open: frozenset[LineState]
    pickup_only: bool = False


_UNDECIDED = frozenset({LineState.NONE})
_TO_SHIP = frozenset({LineState.ACCEPTED, LineState.CANCELLATION_REQUESTED})

ACCEPT = Move(State.ACCEPTED, LineState.ACCEPTED, frozenset({LineState.ACCEPTED, LineState.REFUSED}), _UNDECIDED)
REFUSE = Move(State.REFUSED, LineState.REFUSED, frozenset({LineState.REFUSED}), _UNDECIDED)
SHIP = Move(State.SHIPPED, LineState.SHIPPED, frozenset({LineState.SHIPPED, LineState.SHIPMENT_REFUSED}), _TO_SHIP)
REFUSE_SHIPMENT = Move(
    State.SHIPMENT_REFUSED, LineState.SHIPMENT_REFUSED, frozenset({LineState.SHIPMENT_REFUSED}), _TO_SHIP
)
MAKE_AVAILABLE = Move(
    State.AVAILABLE_ON_STORE, LineState.ACCEPTED, frozenset({LineState.ACCEPTED}), _TO_SHIP, pickup_only=True
)

SELLER_MOVES: Mapping[State, tuple[Move, ...]] = MappingProxyType(
    {
        State.WAITING_ACCEPTANCE: (ACCEPT, REFUSE),
        State.WAITING_SHIPMENT: (SHIP, REFUSE_SHIPMENT, MAKE_AVAILABLE),
        State.AVAILABLE_ON_STORE: (SHIP,),
    }
)

UNPAID = frozenset({State.FRAUD_CHECK, State.FRAUD_CHECKED, State.WAITING_ACCEPTANCE, State.ACCEPTED, State.PAYMENT})
PAID = frozenset({State.WAITING_SHIPMENT, State.AVAILABLE_ON_STORE})
PICKUP = frozenset({State.AVAILABLE_ON_STORE, State.PICKED_UP, State.NOT_PICKED_UP})
VISIBLE = PAID | {State.SHIPPED, State.SHIPMENT_REFUSED, State.PICKED_UP, State.NOT_PICKED_UP}
FINAL = frozenset(
    {
        State.SHIPPED,
        State.PICKED_UP,
        State.NOT_PICKED_UP,
        State.REFUSED,
        State.SHIPMENT_REFUSED,
        State.AUTO_CANCELLED,
        State.PAYMENT_REFUSED,
        State.CANCELLED,
        State.NEVER_SHIPPED,
    }
)
CLOSED_LINES = frozenset(LineState.values()) - _UNDECIDED - _TO_SHIP
CANCELLED_LINES = frozenset(
    {
        LineState.CANCELLED_UNNOTIFIED,
        LineState.CANCELLED_UNPAID,
        LineState.CANCELLED_PAID,
        LineState.CANCELLED_REFUNDED,
    }
)


def find_move(state: State, target: str) -> Move | None:
    """Return what a seller may do to reach `target` from `state`, None where that is forbidden."""
    return next((move for move in SELLER_MOVES.get(state, ()) if move.target == target), None)
