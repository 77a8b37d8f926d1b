"""What the marketplace's orders become here, and what this shop decides about them: the part that is all yours."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from cdiscount_marketplace.errors import Unmappable
from cdiscount_marketplace.models import Decision, Fulfiller, SalesLine, SalesOrder, Verdict
from cdiscount_marketplace.oms import Company
from orders.models import OrderLine


@frozen
class MappedOrder:
    """An order in this shop's words, not stored yet: columns of `Order`, and its lines."""

    columns: dict[str, Any]
    lines: list[OrderLine]


class ShopMapper:
    """Maps orders, and accepts those that it could map."""

    def map(self, order: SalesOrder, company: Company | None) -> MappedOrder:
        """Return the order in this shop's words; raise `Unmappable` for a line that nobody could pick."""
        lines = [line for line in order.lines if line.fulfilled_by == Fulfiller.SELLER]
        return MappedOrder(_columns(order), [_line(position, line) for position, line in enumerate(lines)])

    def decide(self, account: str, order: SalesOrder) -> Decision:
        """Accept what can be picked; the rest is asked about again at the next run. Look at your stock here."""
        try:
            self.map(order, None)
        except Unmappable:
            return Decision(key=order.number, verdict=Verdict.LATER)
        return Decision(key=order.number, verdict=Verdict.ACCEPT)


def _columns(order: SalesOrder) -> dict[str, Any]:
    address = order.shipping_address
    names = (address.first_name, address.last_name, address.company) if address else ()
    return {
        "channel": order.channel,
        "sales_channel": order.sales_channel,
        "status": order.status,
        "created_at": order.created_at,
        "modified_at": order.modified_at,
        "ship_by": order.ship_by,
        "currency": order.currency,
        "total": order.total,
        "recipient": " ".join(name for name in names if name),
    }


def _line(position: int, line: SalesLine) -> OrderLine:
    if line.sku is None or line.quantity is None:
        raise Unmappable(f"line {line.line_id} has no {'quantity' if line.sku else 'SKU'}: complete it at Cdiscount")
    return OrderLine(
        position=position,
        line_id=line.line_id,
        sku=line.sku,
        title=line.title,
        quantity=line.quantity,
        unit_price=line.unit_price,
        line_total=line.line_total,
        status=line.status,
    )
