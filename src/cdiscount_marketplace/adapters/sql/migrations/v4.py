"""Version 4: the money that is to be given back."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import Boolean, Column, Integer, Text, text

from cdiscount_marketplace.adapters.sql.migrations.v1 import MOMENT, MONEY

_OPEN = text("state NOT IN ('confirmed', 'cancelled')")


def upgrade(operations: Operations) -> None:
    """Add the outbox of refunds."""
    operations.create_table(
        "refunds",
        Column("account", Text(), primary_key=True),
        Column("key", Text(), primary_key=True),
        Column("reference", Text(), primary_key=True),
        Column("kind", Text(), nullable=False),
        Column("reason", Text(), nullable=False),
        Column("lines", Text()),
        Column("amount", MONEY),
        Column("refund_shipping", Boolean(create_constraint=False), nullable=False),
        Column("details", Text()),
        Column("channel", Text()),
        Column("state", Text(), nullable=False),
        Column("version", Integer(), nullable=False),
        Column("attempt", Integer(), nullable=False),
        Column("owner", Text()),
        Column("created_at", MOMENT, nullable=False),
        Column("updated_at", MOMENT, nullable=False),
        Column("started_at", MOMENT),
        Column("give_up_at", MOMENT),
        Column("not_before", MOMENT),
        Column("unshipped_at", MOMENT),
        Column("code", Text()),
        Column("message", Text()),
    )
    columns = ["account", "created_at", "key", "reference"]
    operations.create_index("ix_refunds_open", "refunds", columns, sqlite_where=_OPEN, postgresql_where=_OPEN)
