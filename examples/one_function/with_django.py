"""Orders into tables of Django's ORM."""

from __future__ import annotations

from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.oms import Change, Company
from shop.models import Order, OrderLine


def receive(account: str, order: SalesOrder, change: Change, company: Company | None) -> None:
    """Keep the order and its lines as they are now."""
    name = order.customer.last_name if order.customer else None
    kept, _ = Order.objects.update_or_create(
        account=account, number=order.number, defaults={"status": order.status, "customer": name or ""}
    )
    for line in order.lines:
        OrderLine.objects.update_or_create(
            order=kept, line_id=line.line_id, defaults={"sku": line.sku, "quantity": line.quantity}
        )
