"""What the marketplace's orders become here: the part that is all yours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from cdiscount_marketplace.errors import Unmappable
from cdiscount_marketplace.models import Decision, Fulfiller, SalesLine, SalesOrder, Verdict
from cdiscount_marketplace.oms import Company


@frozen
class MappedOrder:
    """An order in this shop's words, not stored yet: columns of `Order`, and of each `OrderLine`."""

    columns: dict[str, Any]
    lines: Sequence[dict[str, Any]]


class ShopMapper:
    """Maps orders, and leaves it to people to accept them."""

    def map(self, order: SalesOrder, company: Company | None) -> MappedOrder:
        """Return the order in this shop's words; raise `Unmappable` for a line that nobody could pick."""
        lines = [line for line in order.lines if line.fulfilled_by == Fulfiller.SELLER]
        return MappedOrder(_columns(order), [_line(position, line) for position, line in enumerate(lines)])

    def decide(self, account: str, order: SalesOrder) -> Decision:
        """Wait for a decision over the API; a policy of your own would look at the stock here."""
        return Decision(key=order.number, verdict=Verdict.LATER)


def _columns(order: SalesOrder) -> dict[str, Any]:
    return {
        "channel": order.channel,
        "sales_channel": order.sales_channel,
        "status": order.status,
        "created_at": order.created_at,
        "modified_at": order.modified_at,
        "ship_by": order.ship_by,
        "currency": order.currency,
        "total": order.total,
    }


def _line(position: int, line: SalesLine) -> dict[str, Any]:
    if line.sku is None or line.quantity is None:
        raise Unmappable(f"line {line.line_id} has no {'quantity' if line.sku else 'SKU'}: complete it at Cdiscount")
    return {
        "position": position,
        "line_id": line.line_id,
        "sku": line.sku,
        "title": line.title,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "line_total": line.line_total,
        "status": line.status,
    }
