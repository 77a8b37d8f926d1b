"""Orders into tables of SQLAlchemy's ORM."""

from __future__ import annotations

from shop_models import Order, OrderLine, Session

from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.oms import Change, Company


def receive(account: str, order: SalesOrder, change: Change, company: Company | None) -> None:
    """Keep the order and its lines as they are now."""
    name = order.customer.last_name if order.customer else None
    with Session.begin() as session:
        kept = session.merge(Order(account=account, number=order.number, status=order.status, customer=name))
        kept.lines = [
            session.merge(OrderLine(account=account, number=order.number, line_id=line.line_id, sku=line.sku))
            for line in order.lines
        ]
