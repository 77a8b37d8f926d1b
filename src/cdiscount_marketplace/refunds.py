"""Money that goes back to the customer: what the OMS asks for, and what a marketplace's own list shows of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import cast

from attrs import Factory, field, frozen
from attrs.converters import optional

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.validators import amount, line_ids, text, word


class RefundKind(OpenEnum):
    """What is given back: an order or lines that will not be shipped, lines that were, or an amount of goodwill."""

    CANCELLATION = Member("cancellation")
    REFUND = Member("refund")
    GESTURE = Member("gesture")


class RefundReason(OpenEnum):
    """Why money is given back, in words that every channel translates.

    Any other value is taken as the marketplace's own code, such as `RefundReason("seller-out-of-stock")`.
    """

    OUT_OF_STOCK = Member("out_of_stock")
    CUSTOMER_CANCELLED = Member("customer_cancelled")
    CUSTOMER_RETURNED = Member("customer_returned")
    MISSING_PRODUCT = Member("missing_product")
    DAMAGED_PRODUCT = Member("damaged_product")
    WRONG_PRODUCT = Member("wrong_product")
    LATE_DELIVERY = Member("late_delivery")
    SELLER_DECISION = Member("seller_decision")
    OTHER = Member("other")


def _kind(value: RefundKind) -> RefundKind:
    return word(RefundKind, value)


def _reason(value: RefundReason) -> RefundReason:
    return word(RefundReason, value)


@frozen(kw_only=True)
class RefundRequest:
    """Give money back on the order `key`.

    A `CANCELLATION` is for what was not shipped, a `REFUND` for what was: of the lines in `lines`, or of the whole
    order (None), at their full price, with `refund_shipping` also what was paid for their shipping. A `GESTURE` gives
    `amount`, in the order's currency, and names no lines. `details` tell the customer more, where the marketplace
    passes them on.

    `reference` is your own name for it within the order: the same reference is never given twice. It defaults to the
    content, so that a second gesture of the same amount and reason needs one of its own.
    """

    key: str = field(validator=text)
    kind: RefundKind = field(converter=_kind)
    reason: RefundReason = field(converter=_reason)
    lines: tuple[str, ...] | None = field(default=None, converter=optional(line_ids))
    amount: Decimal | None = field(default=None, validator=amount)
    refund_shipping: bool = True
    details: str | None = field(default=None, validator=text)
    reference: str = field(default=Factory(lambda self: content_of(self), takes_self=True), validator=text)


def content_of(request: RefundRequest) -> str:
    """Name a request by what it gives back."""
    if request.kind == RefundKind.GESTURE:
        # 2 and 2.00 are the same amount; whether it is one is checked later.
        amount = f"{request.amount:.2f}" if isinstance(cast("object", request.amount), Decimal) else request.amount
        return f"{request.kind}:{amount}:{request.reason}"
    lines = "all" if request.lines is None else ",".join(sorted(set(request.lines)))
    return f"{request.kind}:{lines}"


def same_lines(one: RefundRequest, other: RefundRequest) -> bool:
    """Return whether two requests give some of the same lines back; gestures give none."""
    if RefundKind.GESTURE in (one.kind, other.kind):
        return False
    return one.lines is None or other.lines is None or not set(one.lines).isdisjoint(other.lines)


@frozen(kw_only=True)
class FoundRefund:
    """One entry of a marketplace's own list that agrees with a request in order, lines, reason and amount.

    `created_at` is None where the list does not say it. `rejected` means that the marketplace turned it down,
    `pending` that it has not decided yet.
    """

    created_at: datetime | None = None
    rejected: bool = False
    pending: bool = False
    message: str | None = None


@frozen(kw_only=True)
class RefundReading:
    """What a marketplace shows of one request.

    `complete` means that what is not in `found` was not asked for. `failure` says why nothing could be read.
    """

    found: tuple[FoundRefund, ...] = ()
    complete: bool = False
    failure: str | None = None
