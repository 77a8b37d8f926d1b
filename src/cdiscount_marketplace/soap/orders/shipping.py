"""How shipments are reported: which lines go, which are left out, and what is refused before sending."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal, get_args

from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.soap.common import ProductCondition
from cdiscount_marketplace.soap.orders.acceptance import nothing_left, reject_problems
from cdiscount_marketplace.soap.orders.enums import AcceptationState, OrderState
from cdiscount_marketplace.soap.orders.lines import (
    decisions,
    goods,
    is_closed,
    is_pending,
    names_lines,
    naming_problems,
    order_problems,
    reference,
)
from cdiscount_marketplace.soap.orders.models import Order, OrderLine
from cdiscount_marketplace.soap.orders.validation import ValidateOrder
from cdiscount_marketplace.tracking import Tracking

Rest = Literal["forbid", "refuse"]
"""What becomes of the lines that are not shipped: nothing may remain, or they are refused and refunded."""

ClosedLines = Literal["omit", "echo"]
"""Whether lines in a final state are left out, or repeated with the state that they have."""


def validate_words(rest: str, closed_lines: str) -> None:
    """Raise `InvalidRequest` for any other word: a misread one could refund a customer."""
    options = {"rest": (rest, get_args(Rest)), "closed_lines": (closed_lines, get_args(ClosedLines))}
    problems = [
        Problem(name, f"must be {' or '.join(map(repr, words))}, not {word!r}")
        for name, (word, words) in options.items()
        if word not in words
    ]
    if problems:
        raise InvalidRequest(problems)


def plan_shipment(
    order: Order,
    tracking: Tracking,
    *,
    lines: Collection[str] | None = None,
    rest: Rest = "forbid",
    closed_lines: ClosedLines = "omit",
    condition: ProductCondition = ProductCondition.NEW,
) -> ValidateOrder:
    """Report that an order left, all of its open lines or those whose references are in `lines`.

    The service knows no partial shipment: lines that are not shipped are refused for good and refunded; confirm that
    with `rest="refuse"`. Raises `InvalidRequest` if no line is left, a named line is closed or not the order's, the
    customer asked for a cancellation, or Cdiscount fulfils the order. The tracking is taken as it is.
    """
    validate_words(rest, closed_lines)
    reject_problems([*order_problems(order), *_shipment_problems(order, lines, rest)], order)
    decided = [(line, _state(line, lines)) for line in goods(order) if not is_closed(line)]
    if closed_lines == "echo":
        decided += [
            (line, line.acceptation_state) for line in goods(order) if line.acceptation_state and is_closed(line)
        ]
    return ValidateOrder(
        order_number=order.order_number,
        order_state=OrderState.SHIPPED,
        order_lines=tuple(line.on_wire() for line in decisions(decided, condition)),
        carrier_name=tracking.carrier,
        tracking_number=tracking.number,
        tracking_url=tracking.url,
    )


def _state(line: OrderLine, shipped: Collection[str] | None) -> AcceptationState:
    goes = shipped is None or reference(line) in shipped
    return AcceptationState.SHIPPED_BY_SELLER if goes else AcceptationState.SHIPMENT_REFUSED_BY_SELLER


def _shipment_problems(order: Order, named: Collection[str] | None, rest: Rest) -> Iterator[Problem]:
    for line in filter(is_pending, goods(order)):
        message = f"the customer asked to cancel line {reference(line)!r}: settle that with Cdiscount first"
        yield Problem(str(order.order_number), message)
    if named is not None:
        yield from naming_problems(order, named, "lines")
        if not names_lines(named):
            return
    open_lines = [line for line in goods(order) if not is_closed(line)]
    if not open_lines or (named is not None and not named):
        yield nothing_left(order)
    elif named is not None and rest == "forbid":
        yield from _remainder_problems(order, open_lines, named)


def _remainder_problems(order: Order, open_lines: list[OrderLine], named: Collection[str]) -> Iterator[Problem]:
    left = [str(reference(line)) for line in open_lines if reference(line) not in named]
    if left:
        message = f"{', '.join(left)} would be refused and refunded, as Cdiscount ships no order in parts; "
        yield Problem(f"{order.order_number}.lines", message + "say rest='refuse' if that is meant, or name all lines")
