"""Make the indexes by which the operator's page reads its lists, and an order's shipments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Change the tables."""
    listed_at = sa.text("coalesce(created_at, imported_at)")
    op.create_index("ix_orders_account_listed_at", "orders", ["account", listed_at, "id"])
    op.create_index("ix_quarantine_account_first_seen_key", "quarantine", ["account", "first_seen", "key"])
    op.create_index("ix_decisions_account_created_at_key", "decisions", ["account", "created_at", "key"])
    op.create_index("ix_shipments_account_key", "shipments", ["account", "key"])
    op.create_index(
        "ix_shipments_account_created_at_key_parcel", "shipments", ["account", "created_at", "key", "parcel"]
    )
