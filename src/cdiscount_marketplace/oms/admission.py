"""Whether an order comes into the OMS, and as what: pure decisions."""

from __future__ import annotations

from datetime import datetime

from cdiscount_marketplace.models import OrderStatus, SalesOrder
from cdiscount_marketplace.oms.ports import STILL_WAITING, Change, ChangeKind, StoredOrder
from cdiscount_marketplace.oms.quarantining import Refusal, is_plain

UNPAID = frozenset({OrderStatus.PROCESSING, OrderStatus.WAITING_ACCEPTANCE, OrderStatus.ACCEPTED})
PAID = frozenset(
    {OrderStatus.WAITING_SHIPMENT, OrderStatus.READY_FOR_PICKUP, OrderStatus.SHIPPED, OrderStatus.DELIVERED}
)
DEAD = frozenset({OrderStatus.REFUSED, OrderStatus.SHIPMENT_REFUSED, OrderStatus.CANCELLED})
PASSED = frozenset(
    {
        OrderStatus.READY_FOR_PICKUP,
        OrderStatus.SHIPPED,
        OrderStatus.DELIVERED,
        OrderStatus.SHIPMENT_REFUSED,
        OrderStatus.CANCELLED,
    }
)


def unfit_for(order: SalesOrder, floor: datetime | None) -> str | None:
    """Return why an unknown order is not imported, or None."""
    if order.dummy:
        return "a test order of the marketplace"
    if floor is not None and order.created_at is not None and order.created_at < floor:
        return "created before start_from"
    return None


def ensure_complete(order: SalesOrder, change: Change) -> None:
    """Raise `Refusal` for an order that cannot be kept under its number, or be packed as it was read."""
    if not all(map(is_plain, order.identities)):
        raise Refusal("number_unusable", "its number is too long, or contains characters that no store can keep")
    if order.status in DEAD:
        return
    if not order.lines and change.kind in (ChangeKind.IMPORTED, ChangeKind.ANNOUNCED):
        raise Refusal("lines_missing", "the marketplace lists no lines for this order yet; it is imported once it does")
    if order.status in STILL_WAITING and any(line.quantity is None for line in order.lines):
        named = ", ".join(line.sku or line.line_id or "?" for line in order.lines if line.quantity is None)
        raise Refusal("quantity_unknown", f"the quantity is missing or unreadable for {named}")


def kind_of(order: SalesOrder, stored: StoredOrder | None) -> ChangeKind:
    """Say why an order is saved; one that is not payable yet is announced first."""
    if stored is None:
        return ChangeKind.ANNOUNCED if order.status in UNPAID else ChangeKind.IMPORTED
    if stored.stage == ChangeKind.IMPORTED:
        return ChangeKind.UPDATED
    if order.status in PAID:
        return ChangeKind.IMPORTED
    dead = order.status in DEAD and stored.stage == ChangeKind.ANNOUNCED
    return ChangeKind.WITHDRAWN if dead else ChangeKind.UPDATED
