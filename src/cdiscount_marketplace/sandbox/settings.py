"""Facts that nobody could prove, as switches, each with the default that the evidence favours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import Attribute, evolve, field, frozen
from attrs.validators import ge, optional

from cdiscount_marketplace.sandbox.octopia_settings import OctopiaSettings
from cdiscount_marketplace.sandbox.states import LineState, State, check_states

_LONGEST = timedelta(days=3650)


class Payment(StrEnum):
    """What happens to an accepted order."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class MaskedShape(StrEnum):
    """How a withheld address looks: as recorded on cancelled orders, none at all, or with words in its place."""

    RECORDED = "recorded"
    NIL = "nil"
    PLACEHOLDERS = "placeholders"


class UnlistedLine(StrEnum):
    """What becomes of an open line that a ValidateOrder leaves out."""

    REJECT = "reject"
    IGNORE = "ignore"
    FOLLOW = "follow"


class LineErrors(StrEnum):
    """What becomes of an order of which one line cannot be changed as asked."""

    REJECT_ORDER = "reject_order"
    SKIP_LINE = "skip_line"


class PendingCancellation(StrEnum):
    """What becomes of a shipment of a line whose customer asks to cancel it."""

    REJECT = "reject"
    SHIP = "ship"


class PaidCancellation(StrEnum):
    """What a customer's cancellation does once the order is paid: it waits for the seller, or takes effect."""

    REQUEST = "request"
    AT_ONCE = "at_once"


class ResultOrder(StrEnum):
    """How GetOrderList sorts."""

    NEWEST_FIRST = "newest_first"
    OLDEST_FIRST = "oldest_first"


class SuccessMessage(StrEnum):
    """How an empty ErrorMessage looks."""

    EMPTY = "empty"
    NIL = "nil"


class Stamp(StrEnum):
    """Which of an order's stamps the modification filter reads."""

    LAST_UPDATED = "last_updated"
    MODIFIED = "modified"


def _states(values: Iterable[str]) -> frozenset[str]:
    if isinstance(values, str):
        raise TypeError("give a list of states")
    chosen = frozenset(values)
    check_states(chosen)
    return chosen


def _check_line_state(_instance: object, attribute: Attribute[Any], state: str) -> None:
    if not LineState(state).known:
        raise ValueError(f"{attribute.name}: give one of {', '.join(LineState.values())}")


def _check_zone(_instance: object, _attribute: object, name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error


def _check_duration(_instance: object, attribute: Attribute[Any], length: timedelta | None) -> None:
    if length is not None and not timedelta(0) <= length <= _LONGEST:
        raise ValueError(f"{attribute.name}: give 0 to {_LONGEST.days} days")


def _check_skew(_instance: object, attribute: Attribute[Any], skew: timedelta) -> None:
    _check_duration(_instance, attribute, abs(skew))


@frozen(kw_only=True)
class Settings:
    """Every switch of the sandbox; durations are virtual time.

    `payment_delay` lies between acceptance and debit, `shipment_delay` between debit and waiting for shipment.
    `auto_cancel_after` cancels orders that nobody accepted, `cancel_unshipped_after` those that nobody shipped (None:
    never). `quiet_states` are states that an order enters without any of its stamps moving. `quota_per_hour` counts
    calls per operation. `later_elements` adds what only later contracts have, such as BusinessOrder. `clock_skew` is
    how far the server's clock is ahead of the sandbox's. A list of more than `slow_beyond` orders takes the service so
    long that it gives up. Of the REST half, `octopia_write_delay` lies between a write
    that was taken and its taking effect, and `octopia_bounds_inclusive` is whether date filters include their bounds;
    `octopia_page_limit` makes pages shorter than was asked, and without `octopia_links` none names the next one;
    `octopia` has the other switches of that half.
    """

    zone: str = field(default="Europe/Paris", validator=_check_zone)
    payment: Payment = field(default=Payment.AUTOMATIC, converter=Payment)
    payment_delay: timedelta = field(default=timedelta(minutes=2), validator=_check_duration)
    shipment_delay: timedelta = field(default=timedelta(minutes=20), validator=_check_duration)
    auto_accept: bool = False
    auto_cancel_after: timedelta | None = field(default=timedelta(hours=48), validator=_check_duration)
    cancel_unshipped_after: timedelta | None = field(default=None, validator=_check_duration)
    token_lifetime: timedelta = field(default=timedelta(hours=48), validator=_check_duration)
    token_before_body: bool = False
    default_window: timedelta = field(default=timedelta(days=30), validator=_check_duration)
    dates_need_states: bool = True
    modification_stamp: Stamp = field(default=Stamp.LAST_UPDATED, converter=Stamp)
    quiet_states: frozenset[str] = field(default=frozenset[str](), converter=_states)
    result_order: ResultOrder = field(default=ResultOrder.NEWEST_FIRST, converter=ResultOrder)
    masked_shape: MaskedShape = field(default=MaskedShape.RECORDED, converter=MaskedShape)
    success_message: SuccessMessage = field(default=SuccessMessage.EMPTY, converter=SuccessMessage)
    message_join: str = "\n"
    later_elements: bool = False
    shipped_line_state: str = field(default="ShippedBySeller", validator=_check_line_state)
    refused_line_state: str = field(default="CancelledBeforePaymentByCustomer", validator=_check_line_state)
    unlisted_line: UnlistedLine = field(default=UnlistedLine.REJECT, converter=UnlistedLine)
    line_errors: LineErrors = field(default=LineErrors.REJECT_ORDER, converter=LineErrors)
    pending_cancellation: PendingCancellation = field(default=PendingCancellation.REJECT, converter=PendingCancellation)
    paid_cancellation: PaidCancellation = field(default=PaidCancellation.REQUEST, converter=PaidCancellation)
    strict_tracking: bool = False
    quota_per_hour: int | None = field(default=None, validator=optional(ge(0)))
    slow_beyond: int | None = field(default=None, validator=optional(ge(0)))
    clock_skew: timedelta = field(default=timedelta(), validator=_check_skew)
    octopia_token_lifetime: timedelta = field(default=timedelta(hours=2), validator=_check_duration)
    octopia_write_delay: timedelta = field(default=timedelta(seconds=2), validator=_check_duration)
    octopia_bounds_inclusive: bool = True
    octopia_page_limit: int | None = field(default=None, validator=optional(ge(1)))
    octopia_links: bool = True
    octopia: OctopiaSettings = field(factory=OctopiaSettings)

    def quietly(self) -> Settings:
        """Return these settings with no transition moving a stamp."""
        return evolve(self, quiet_states=frozenset(str(state) for state in State.values()))
