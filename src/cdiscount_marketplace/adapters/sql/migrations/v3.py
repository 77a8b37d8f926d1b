"""Version 3: indexes of the open decisions and shipments, so that a job's cost does not grow with the finished ones."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import text

_COLUMNS = {
    "decisions": ["account", "created_at", "key"],
    "shipments": ["account", "created_at", "key", "parcel"],
}
_OPEN = text("state NOT IN ('confirmed', 'cancelled')")


def upgrade(operations: Operations) -> None:
    """Add one index to each table of tasks."""
    for table, columns in _COLUMNS.items():
        operations.create_index(f"ix_{table}_open", table, columns, sqlite_where=_OPEN, postgresql_where=_OPEN)
