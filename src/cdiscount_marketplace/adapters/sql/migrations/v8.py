"""Version 8: indexes by which the oldest of many tasks and quarantined orders are listed, and tasks counted."""

from __future__ import annotations

from alembic.operations import Operations


def upgrade(operations: Operations) -> None:
    """Add the creation time to the indexes of states, index refunds alike, and the quarantine by time."""
    for table in ("decisions", "shipments"):
        operations.drop_index(f"ix_{table}_account_state", table)
    for table in ("decisions", "shipments", "refunds"):
        operations.create_index(f"ix_{table}_account_state_created_at", table, ["account", "state", "created_at"])
    operations.create_index("ix_quarantine_account_first_seen", "quarantine", ["account", "first_seen"])
