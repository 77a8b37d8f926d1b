"""Why money is given back, in the codes of the REST API.

Only two codes are public: `seller-out-of-stock` of cancellations, `MissingProduct` and `Other` of gestures. The rest is
the caller's setting, or the code itself as the reason.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Final

from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.refunds import RefundKind, RefundReason, RefundRequest

_CANCELLATIONS: Final = {RefundReason.OUT_OF_STOCK: "seller-out-of-stock"}
_GESTURES: Final = {RefundReason.MISSING_PRODUCT: "MissingProduct"}
OTHER: Final = "Other"


def code_of(request: RefundRequest, own: Mapping[str, str]) -> str:
    """Return the code of a request's reason: the caller's own, the known one, or the reason as it is.

    A gesture for a reason without a code goes out as `Other`, with `details_of` beside it.
    """
    reason = request.reason
    if reason in own:
        return own[reason]
    gesture = request.kind == RefundKind.GESTURE
    known = _GESTURES if gesture else _CANCELLATIONS
    if reason in known:
        return known[reason]
    return OTHER if gesture and reason.known else str(reason)


def details_of(request: RefundRequest, code: str) -> str | None:
    """Return what is told to the customer; the API wants a text beside `Other`."""
    return request.details or (str(request.reason).replace("_", " ") if code == OTHER else None)


def ensure_listed(request: RefundRequest, code: str, listed: Sequence[str]) -> None:
    """Raise `InvalidRequest` for a code that the marketplace does not list; an empty list refuses nothing."""
    if not listed or code in listed:
        return
    nearest = difflib.get_close_matches(code, listed, n=3, cutoff=0.4) or listed
    message = (
        f"{code!r} is not a reason that the marketplace lists; give one of {', '.join(map(repr, nearest))}, "
        "or say with OctopiaChannel(refund_reasons=…) which code it means"
    )
    raise InvalidRequest([Problem("reason", message)], operation="refund", order_numbers=[request.key])
