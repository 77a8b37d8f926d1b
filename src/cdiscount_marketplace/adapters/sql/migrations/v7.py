"""Version 7: indexes by which the newest of many orders are listed, of one status or of all."""

from __future__ import annotations

from alembic.operations import Operations


def upgrade(operations: Operations) -> None:
    """Add the creation time to the index of statuses, and index it alone as well."""
    operations.drop_index("ix_orders_account_status", "orders")
    operations.create_index("ix_orders_account_status_created_at", "orders", ["account", "status", "created_at"])
    operations.create_index("ix_orders_account_created_at", "orders", ["account", "created_at"])
