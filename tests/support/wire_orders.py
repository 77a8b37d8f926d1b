"""Orders as the SOAP service gives them, with no more than a test needs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cdiscount_marketplace.soap import AcceptationState, Order, OrderLine, OrderState

NUMBER = "2603020900ABCDE"


def line(reference: str | None = "REF", state: str | None = "AcceptedBySeller", **members: Any) -> OrderLine:
    """Return a line of one piece at 10 €."""
    given: dict[str, Any] = {"quantity": 1, "purchase_price": Decimal(10), "product_id": f"CD-{reference}"}
    return OrderLine(
        seller_product_id=reference,
        acceptation_state=None if state is None else AcceptationState(state),
        **(given | members),
    )


def order(*lines: OrderLine, state: str = "WaitingForShipmentAcceptation", **members: Any) -> Order:
    """Return an order that the seller fulfils."""
    given: dict[str, Any] = {"order_number": NUMBER, "is_clogistique_order": False, "mod_ges_log": "MKPCDS"}
    return Order(order_lines=lines, order_state=OrderState(state), **(given | members))
