"""Reading orders by number although the service fails on one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cdiscount_marketplace.errors import (
    CdiscountError,
    EmptyAnswer,
    HtmlAnswer,
    OperationFailed,
    ServiceFault,
    TruncatedAnswer,
    UnreadableAnswer,
)
from cdiscount_marketplace.soap.orders.models import Order

# The errors that one order can cause: others come from the account, the service or the way there.
_CAUSED_BY_AN_ORDER = (ServiceFault, OperationFailed, UnreadableAnswer)
# What the way there does to any answer.
_NOBODYS = (TruncatedAnswer, EmptyAnswer, HtmlAnswer)
# So many requests without a single answer are an outage.
_OUTAGE = 6
# Finding one order among n takes 2·log₂ n requests; this is enough for a few of them among a request's 50 numbers.
_BUDGET = 40

Read = Callable[[Sequence[str]], Sequence[Order]]


def isolated(numbers: Sequence[str], read: Read, answers: Callable[[], bool]) -> tuple[list[Order], dict[str, str]]:
    """Read orders; if that fails, halve the list until the orders that make it fail are found.

    Returns the orders, and the reason for each that cannot be read. Raises an outage: too many pieces fail, or all do
    and `answers` finds that the service does not answer a reading without these orders either.
    """
    try:
        return list(read(numbers)), {}
    except _CAUSED_BY_AN_ORDER as error:
        if _is_gateway(error):
            raise
        if len(numbers) == 1 and not isinstance(error, _NOBODYS) and answers():
            return [], {numbers[0]: error.message}
        found = _searched(numbers, read, answers) if len(numbers) > 1 else None
        if found is None:
            raise
        return found


def _searched(
    numbers: Sequence[str], read: Read, answers: Callable[[], bool]
) -> tuple[list[Order], dict[str, str]] | None:
    """Read ever smaller pieces; None where the service does not answer, or not enough of them."""
    orders: list[Order] = []
    failures: dict[str, str] = {}
    pieces, answered = _halves(numbers), False
    for request in range(_BUDGET):
        answered = answered or (request == _OUTAGE and answers())
        if not pieces or (request == _OUTAGE and not answered):
            break
        piece = pieces.pop(0)
        try:
            orders += read(piece)
            answered = True
        except _CAUSED_BY_AN_ORDER as error:
            failures |= {piece[0]: error.message} if len(piece) == 1 else {}
            pieces += _halves(piece) if len(piece) > 1 else []
    return (orders, failures) if not pieces and (answered or answers()) else None


def _halves(numbers: Sequence[str]) -> list[Sequence[str]]:
    middle = len(numbers) // 2
    return [numbers[:middle], numbers[middle:]]


def _is_gateway(error: CdiscountError) -> bool:
    """Tell a failure of what stands before the service, which no order causes."""
    return isinstance(error, UnreadableAnswer) and (error.status or 0) >= 500
