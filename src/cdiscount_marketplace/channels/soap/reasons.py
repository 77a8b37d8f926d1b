"""Why money is given back, in the motives of the SOAP service."""

from __future__ import annotations

from typing import Final

from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.refunds import RefundReason, RefundRequest
from cdiscount_marketplace.soap.refunds import RefundMode, RefundMotive

_MOTIVES: Final = {
    RefundReason.OUT_OF_STOCK: RefundMotive.PRODUCT_STOCK_UNAVAILABLE,
    RefundReason.CUSTOMER_CANCELLED: RefundMotive.CLIENT_CANCELLATION,
    RefundReason.CUSTOMER_RETURNED: RefundMotive.CLIENT_RETRACTION,
    RefundReason.MISSING_PRODUCT: RefundMotive.CLIENT_CLAIM,
    RefundReason.DAMAGED_PRODUCT: RefundMotive.CLIENT_CLAIM,
    RefundReason.WRONG_PRODUCT: RefundMotive.CLIENT_CLAIM,
    RefundReason.LATE_DELIVERY: RefundMotive.CLIENT_CLAIM,
    RefundReason.SELLER_DECISION: RefundMotive.VENDOR_INITIATED_REFUND,
    RefundReason.OTHER: RefundMotive.VENDOR_INITIATED_REFUND,
}
# The numbers of the official documentation: 134 and 136 to 138 are about fees and warranties.
_GESTURES: Final = {
    RefundReason.OUT_OF_STOCK: 131,
    RefundReason.MISSING_PRODUCT: 132,
    RefundReason.DAMAGED_PRODUCT: 132,
    RefundReason.WRONG_PRODUCT: 133,
    RefundReason.LATE_DELIVERY: 135,
}
_ANY_GESTURE: Final = 139
GESTURES: Final = range(131, 140)


def motive_of(request: RefundRequest) -> RefundMotive:
    """Return the motive of a refund; raises `InvalidRequest` for a reason that the service does not know."""
    motive = _MOTIVES.get(request.reason) or RefundMotive(str(request.reason))
    if not motive.known:
        raise _unknown(request, ", ".join(RefundMotive.values()))
    return motive


def mode_of(motive: RefundMotive) -> RefundMode:
    """Return what a refund follows from: the service knows returns, and counts all else as claims."""
    return RefundMode.RETRACTION if motive == RefundMotive.CLIENT_RETRACTION else RefundMode.CLAIM


def gesture_motive_of(request: RefundRequest) -> int:
    """Return the number of a gesture's motive; raises `InvalidRequest` for one that the service does not know."""
    if request.reason.known:
        return _GESTURES.get(request.reason, _ANY_GESTURE)
    if str(request.reason) not in map(str, GESTURES):
        raise _unknown(request, f"{GESTURES[0]} to {GESTURES[-1]}")
    return int(request.reason)


def _unknown(request: RefundRequest, known: str) -> InvalidRequest:
    message = f"{str(request.reason)!r} is none of the service's motives, which are {known}"
    return InvalidRequest([Problem("reason", message)], operation="refund", order_numbers=[request.key])
