"""How orders are accepted and refused: from an order as it was read to the decision that is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.soap.common import ProductCondition
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


def plan_acceptance(
    order: Order, *, refused_lines: Collection[str] = (), condition: ProductCondition = ProductCondition.NEW
) -> ValidateOrder:
    """Accept an order, but for the lines whose references are in `refused_lines`.

    Raises `InvalidRequest` for lines that are not the order's or are closed, for a cancellation request that is not
    answered by refusing its line, when no line is left to accept, and for orders that Cdiscount fulfils.
    """
    reject_problems([*order_problems(order), *_acceptance_problems(order, refused_lines)], order)
    decided = [(line, _accepted_state(line, refused_lines)) for line in _undecided(order)]
    return _decision(order, OrderState.ACCEPTED_BY_SELLER, decided, condition)


def plan_refusal(order: Order, *, condition: ProductCondition = ProductCondition.NEW) -> ValidateOrder:
    """Refuse an order that waits for acceptance, all of it; raises `InvalidRequest` as `plan_acceptance` does."""
    return _plan_refusing(order, OrderState.REFUSED_BY_SELLER, AcceptationState.REFUSED_BY_SELLER, condition)


def plan_shipment_refusal(order: Order, *, condition: ProductCondition = ProductCondition.NEW) -> ValidateOrder:
    """Refuse to ship an accepted order, all of it: the customer is refunded. Raises as `plan_acceptance` does."""
    return _plan_refusing(
        order, OrderState.SHIPMENT_REFUSED_BY_SELLER, AcceptationState.SHIPMENT_REFUSED_BY_SELLER, condition
    )


def reject_problems(problems: list[Problem], order: Order) -> None:
    """Raise `InvalidRequest` if anything was found wrong."""
    if problems:
        raise InvalidRequest(problems, order_numbers=(order.order_number,) if order.order_number else ())


def nothing_left(order: Order) -> Problem:
    """Say that no line of the order can be decided about any more."""
    states = ", ".join(dict.fromkeys(str(line.acceptation_state) for line in goods(order))) or "no lines"
    return Problem(str(order.order_number), f"no line is left to decide about ({order.order_state}: {states})")


def _plan_refusing(
    order: Order, order_state: OrderState, line_state: AcceptationState, condition: ProductCondition
) -> ValidateOrder:
    problems = list(order_problems(order))
    reject_problems(problems if _undecided(order) else [*problems, nothing_left(order)], order)
    return _decision(order, order_state, [(line, line_state) for line in _undecided(order)], condition)


def _undecided(order: Order) -> list[OrderLine]:
    return [line for line in goods(order) if not is_closed(line)]


def _acceptance_problems(order: Order, refused: Collection[str]) -> Iterator[Problem]:
    yield from naming_problems(order, refused, "refused_lines")
    if not names_lines(refused):
        return
    kept = [line for line in _undecided(order) if reference(line) not in refused]
    for line in filter(is_pending, kept):
        message = f"the customer asked to cancel line {reference(line)!r}: refuse it, or wait for Cdiscount's decision"
        yield Problem(f"{order.order_number}.refused_lines", message)
    if not _undecided(order):
        yield nothing_left(order)
    elif not kept:
        yield Problem(f"{order.order_number}.refused_lines", "every line is refused: refuse the order instead")


def _accepted_state(line: OrderLine, refused: Collection[str]) -> AcceptationState:
    return AcceptationState.REFUSED_BY_SELLER if reference(line) in refused else AcceptationState.ACCEPTED_BY_SELLER


def _decision(
    order: Order,
    state: OrderState,
    lines: list[tuple[OrderLine, AcceptationState]],
    condition: ProductCondition,
) -> ValidateOrder:
    return ValidateOrder(
        order_number=order.order_number,
        order_state=state,
        order_lines=tuple(line.on_wire() for line in decisions(lines, condition)),
    )
