"""What can go wrong on purpose, one small record for each way.

`ran`, where it exists, is whether the operation takes effect although its answer is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, get_args

from attrs import Attribute, field, frozen
from attrs.validators import ge, in_, le, not_, optional

_A_YEAR = 365 * 86_400
_LONGEST = timedelta(days=3650)
# Answers that have no body, so that no page can come in one.
_BODILESS = (204, 205, 304)


def _check_wait(_instance: object, attribute: Attribute[Any], seconds: float) -> None:
    if not 0 <= seconds <= _LONGEST.total_seconds():
        raise ValueError(f"{attribute.name}: give 0 to {_LONGEST.total_seconds():.0f} seconds")


class Moment(StrEnum):
    """When a connection breaks: before the service saw the request, in the middle of the answer, or before it."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


@frozen
class Delay:
    """The operation runs at once and its answer takes `seconds`."""

    seconds: float = field(default=5.0, validator=_check_wait)


@frozen
class Reset:
    """The connection breaks; except at "before", the operation took effect."""

    when: Moment = field(default=Moment.AFTER, converter=Moment)


@frozen
class LoseAnswer:
    """The operation takes effect and no answer ever comes; over HTTP the connection is held for `hold` seconds."""

    hold: float = field(default=30.0, validator=_check_wait)


@frozen
class ApplyLater:
    """No answer comes, and the operation takes effect `after` this much virtual time."""

    after: timedelta = field(default=timedelta(minutes=5), validator=[ge(timedelta()), le(_LONGEST)])
    hold: float = field(default=30.0, validator=_check_wait)


@frozen
class Truncate:
    """Only the first part of the answer comes, as if it were whole; `keep` is between 0 and 1."""

    keep: float = field(default=0.5, validator=[ge(0), le(1)])


@frozen
class HtmlPage:
    """A web page comes instead of the answer, as from a bot wall."""

    status: int = field(default=200, validator=[ge(200), le(599), not_(in_(_BODILESS))])
    ran: bool = False


@frozen
class HttpStatus:
    """An HTTP error comes instead of the answer, saying `text`; `retry_after` seconds are announced where given."""

    status: int = field(default=503, validator=[ge(400), le(599)])
    retry_after: int | None = field(default=None, validator=optional([ge(0), le(_A_YEAR)]))
    ran: bool = False
    text: str = ""


@frozen
class ServerFault:
    """The service's own InternalServiceFault comes instead of the answer, with `text` where it is given."""

    ran: bool = False
    text: str | None = None


@frozen
class EarlyHints:
    """Informational answers (103) come before the answer, `times` of them; over HTTP only."""

    times: int = field(default=1, validator=[ge(1), le(100)])


@frozen
class PagesInCircle:
    """The link to the next page leads to the first one, for ever."""


@frozen
class WrongCount:
    """The number of orders is off by this many."""

    by: int = -1


@frozen
class SnakeCase:
    """The members of a JSON answer are spelled in snake_case."""


@frozen
class ExpireTokens:
    """Every token expires just before the call."""


@frozen
class RejectOrder:
    """One order (`number` None: the first) is rejected with this error."""

    number: str | None = None
    error_type: str = "UnexpectedException"
    message: str = "Une erreur inattendue est survenue."


@frozen
class LeaveLine:
    """The first order is validated and its first line is not updated."""


@frozen
class OmitResult:
    """The first order is changed, and the answer does not mention it."""


@frozen
class Contradict:
    """The answer's OperationSuccess is `success`, whatever happened, without a reason."""

    success: bool = False
    message: str = ""


@frozen
class UnknownElements:
    """The answer has elements that no contract knows, between the known ones."""


@frozen
class UnknownValues:
    """Orders and lines stand at states that no contract knows."""


@frozen
class MissingElements:
    """Every element that may be missing is missing."""


@frozen
class DuplicateReference:
    """All lines of an order share the first one's SellerProductId."""


@frozen
class NoOrderNumber:
    """The first order of the answer has no number."""


@frozen
class QuotaReached:
    """The call is over the quota."""


@frozen
class SkewDate:
    """The answer's Date header is off by this much."""

    by: timedelta = field(default=timedelta(minutes=10), validator=[ge(-_LONGEST), le(_LONGEST)])


@frozen
class KeepStamps:
    """What the call changes moves no stamp."""


Effect = (
    Delay
    | Reset
    | LoseAnswer
    | ApplyLater
    | Truncate
    | HtmlPage
    | HttpStatus
    | ServerFault
    | EarlyHints
    | PagesInCircle
    | WrongCount
    | SnakeCase
    | ExpireTokens
    | RejectOrder
    | LeaveLine
    | OmitResult
    | Contradict
    | UnknownElements
    | UnknownValues
    | MissingElements
    | DuplicateReference
    | NoOrderNumber
    | QuotaReached
    | SkewDate
    | KeepStamps
)


def kind_of(effect: Effect) -> str:
    """Name an effect as the admin API does, such as "lose_answer"."""
    return _snake(type(effect).__name__)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


EFFECTS: Mapping[str, type[Effect]] = {_snake(cls.__name__): cls for cls in get_args(Effect)}

_TOKEN = "Token"  # noqa: S105 - the name of an operation
_READS = frozenset({"GetOrderList", "GET /orders", "GET /orders/{orderId}"})
_LISTS = frozenset(
    {
        "GET /orders",
        "GET /order-cancellation-requests",
        "GET /order-commercial-gesture-requests",
        "GET /offers",
        "GET /discussions",
        "GET /categories",
        "GET /brands",
        "GET /products",
        "GET /order-invoice-imports",
        "GET /offer-packages",
        "GET /offer-packages/{packageId}/offer-requests-results",
    }
)
_WRITES = frozenset({"ValidateOrderList", "POST /orders/{orderId}/approval-status", "POST /orders/{orderId}/shipments"})


def _is_soap(operation: str) -> bool:
    return operation.isalpha() and operation != _TOKEN


def _is_no_login(operation: str) -> bool:
    return operation != _TOKEN


def _is_validation(operation: str) -> bool:
    return operation == "ValidateOrderList"


# What is not listed shows on every call.
_REACH: Mapping[type[Effect], Callable[[str], bool]] = {
    ExpireTokens: _is_no_login,
    QuotaReached: _is_no_login,
    Contradict: _is_soap,
    UnknownElements: lambda operation: _is_soap(operation) or operation in _READS,
    MissingElements: lambda operation: _is_soap(operation) or operation in _READS,
    UnknownValues: _READS.__contains__,
    DuplicateReference: _READS.__contains__,
    NoOrderNumber: _READS.__contains__,
    RejectOrder: _WRITES.__contains__,
    KeepStamps: _WRITES.__contains__,
    PagesInCircle: _LISTS.__contains__,
    WrongCount: lambda operation: operation == "GET /orders/count",
    SnakeCase: lambda operation: operation.startswith("GET /"),
    LeaveLine: _is_validation,
    OmitResult: _is_validation,
}


def reaches(effect: Effect | type[Effect], operation: str) -> bool:
    """Decide whether an effect, or any of its kind, can show on a call of this operation."""
    reach = _REACH.get(effect if isinstance(effect, type) else type(effect))
    return reach is None or reach(operation)
