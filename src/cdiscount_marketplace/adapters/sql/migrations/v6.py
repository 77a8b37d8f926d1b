"""Version 6: the registry of accounts, and how the last runs of their jobs ended."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import Boolean, Column, Integer, Text

from cdiscount_marketplace.adapters.sql.migrations.v1 import MOMENT


def upgrade(operations: Operations) -> None:
    """Add accounts and the runs of their jobs."""
    operations.create_table(
        "accounts",
        Column("name", Text(), primary_key=True),
        Column("channel", Text(), nullable=False),
        Column("enabled", Boolean(create_constraint=False), nullable=False),
        Column("credentials", Text(), nullable=False),
        Column("seller_id", Text()),
        Column("sales_channels", Text(), nullable=False),
        Column("service_url", Text()),
        Column("token_url", Text()),
        Column("start_from", MOMENT),
        Column("jobs", Text(), nullable=False),
    )
    operations.create_table(
        "job_runs",
        Column("account", Text(), primary_key=True),
        Column("job", Text(), primary_key=True),
        Column("started_at", MOMENT, nullable=False),
        Column("ended_at", MOMENT, nullable=False),
        Column("succeeded_at", MOMENT),
        Column("failed_at", MOMENT),
        Column("error", Text()),
        Column("failures", Integer(), nullable=False),
        Column("retry_at", MOMENT),
    )
