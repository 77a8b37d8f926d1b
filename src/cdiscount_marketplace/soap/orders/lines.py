"""Which lines of an order can still be decided about, and how a decision names them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import cast

from attrs import frozen

from cdiscount_marketplace.errors import Problem
from cdiscount_marketplace.soap.common import ProductCondition
from cdiscount_marketplace.soap.orders.enums import AcceptationState
from cdiscount_marketplace.soap.orders.models import Order, OrderLine
from cdiscount_marketplace.soap.orders.validation import ValidateOrderLine

_LOST = "\ufffd"

FEES = frozenset({"INTERETBCA", "FRAISTRAITEMENT"})
"""References of lines that are amounts, not goods: credit interest and handling fees."""

OPEN = frozenset({AcceptationState.NONE, AcceptationState.ACCEPTED_BY_SELLER})
PENDING = AcceptationState.CANCELLATION_REQUEST_PENDING
CLOSED = frozenset(AcceptationState.values()) - OPEN - {PENDING}

# A missing fulfilment mode means the seller, as in every recorded order without a warehouse.
_SELLER_MODES = frozenset({None, "", "MKPCDS"})


def reference(line: OrderLine) -> str | None:
    """Return what names the line in a decision: the seller's reference, else the marketplace's product id."""
    return line.seller_product_id or line.product_id or line.sku or None


def fee_code(line: OrderLine) -> str | None:
    """Return which fee the line is; None for goods."""
    names = (line.seller_product_id, line.product_id, line.sku)
    return None if FEES.isdisjoint(names) else next(name for name in names if name in FEES)


def is_fee(line: OrderLine) -> bool:
    """Whether the line is an amount and not goods."""
    return fee_code(line) is not None


def goods(order: Order) -> tuple[OrderLine, ...]:
    """Return the lines that are goods."""
    return tuple(line for line in order.order_lines if not is_fee(line))


def is_closed(line: OrderLine) -> bool:
    """Whether the line is in a final state."""
    return line.acceptation_state in CLOSED


def is_pending(line: OrderLine) -> bool:
    """Whether the customer asked to cancel the line, and nobody has answered yet."""
    return line.acceptation_state == PENDING


def is_readable(line: OrderLine) -> bool:
    """Whether the line can be named, and no character of its name or state was lost on the way."""
    name = reference(line)
    return name is not None and _LOST not in name and _LOST not in (line.acceptation_state or "")


def is_fulfilled_by_seller(order: Order) -> bool:
    """Whether the seller ships the order; Cdiscount's warehouses ship the others."""
    return not order.is_clogistique_order and order.mod_ges_log in _SELLER_MODES


@frozen(kw_only=True)
class LineDecision:
    """What becomes of the lines that share a reference; its condition is that of the first of them."""

    reference: str
    state: AcceptationState
    condition: ProductCondition

    def on_wire(self) -> ValidateOrderLine:
        """Write the decision as the service takes it."""
        return ValidateOrderLine(
            acceptation_state=self.state, product_condition=self.condition, seller_product_id=self.reference
        )


def decisions(lines: Iterable[tuple[OrderLine, AcceptationState]], condition: ProductCondition) -> list[LineDecision]:
    """Decide about each reference once, in the order of the lines; `condition` is sent for lines without their own."""
    by_reference: dict[str, LineDecision] = {}
    for line, state in lines:
        named = reference(line)
        if named is not None:
            by_reference.setdefault(
                named, LineDecision(reference=named, state=state, condition=_condition(line, condition))
            )
    return list(by_reference.values())


def _condition(line: OrderLine, otherwise: ProductCondition) -> ProductCondition:
    own = line.product_condition
    return own if own is not None and own.known and own != ProductCondition.NONE else otherwise


def order_problems(order: Order) -> Iterator[Problem]:
    """Name what keeps any decision about the order from being sent."""
    where = str(order.order_number or "order_number")
    if not order.order_number:
        yield Problem(where, "an order without a number cannot be accepted, refused or shipped")
    if not is_fulfilled_by_seller(order):
        yield Problem(where, "Cdiscount's warehouse fulfils this order: the seller neither accepts nor ships it")
    for line in goods(order):
        name, state = reference(line), line.acceptation_state
        if name is None:
            yield Problem(where, "a line has neither a reference nor a product id, so it cannot be named in a request")
        elif _LOST in name:
            yield Problem(where, f"the reference {name!r} lost a character in transit")
        if state is not None and not state.known:
            yield Problem(where, f"line {name} is in the unknown state {str(state)!r}")


def names_lines(named: object) -> bool:
    """Whether a value can name lines by their references, and be read more than once."""
    # A text is a collection of letters, and what can be read once only would be empty for the decision itself.
    if isinstance(named, str | bytes) or not isinstance(named, Collection):
        return False
    return all(isinstance(name, str) for name in cast("Collection[object]", named))


def naming_problems(order: Order, named: Collection[str], field: str) -> Iterator[Problem]:
    """Name the references that are not the order's, or whose lines are all closed."""
    if not names_lines(named):
        yield Problem(f"{order.order_number}.{field}", "must be a list of references, such as ['LAMP-1']")
        return
    lines = goods(order)
    for name in dict.fromkeys(named):
        mine = [line for line in lines if reference(line) == name]
        where = f"{order.order_number}.{field}"
        if not mine:
            known = ", ".join(str(reference(line)) for line in lines) or "none"
            yield Problem(where, f"the order has no line {name!r}; it has {known}")
        elif all(is_closed(line) for line in mine):
            yield Problem(where, f"line {name!r} is {mine[0].acceptation_state} already")
