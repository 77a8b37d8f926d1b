"""Version 5: the offers that are kept in step, and the packages that carry them."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import Boolean, Column, Integer, Text, text

from cdiscount_marketplace.adapters.sql.migrations.v1 import MOMENT, MONEY

_INDEXES = {
    "ix_offers_due": ("offers", ["account", "due_at", "sku"], text("state = 'pending'")),
    "ix_offers_packed": ("offers", ["account", "package"], text("package IS NOT NULL")),
    "ix_offer_packages_open": (
        "offer_packages",
        ["account", "created_at", "name"],
        text("state NOT IN ('reported', 'lapsed')"),
    ),
}


def upgrade(operations: Operations) -> None:
    """Add the outbox of offers, and their packages."""
    _add_offers(operations)
    _add_packages(operations)
    operations.create_index("ix_offers_account_state", "offers", ["account", "state"])
    for name, (table, columns, where) in _INDEXES.items():
        operations.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _add_offers(operations: Operations) -> None:
    operations.create_table(
        "offers",
        Column("account", Text(), primary_key=True),
        Column("sku", Text(), primary_key=True),
        Column("gtin", Text()),
        Column("product", Text()),
        Column("condition", Text()),
        Column("price", MONEY),
        Column("original_price", MONEY),
        Column("currency", Text()),
        Column("quantity", Integer()),
        Column("preparation_days", Integer()),
        Column("delivery_modes", Text()),
        Column("taxes", Text()),
        Column("state", Text(), nullable=False),
        Column("version", Integer(), nullable=False),
        Column("known", Boolean(create_constraint=False)),
        Column("changed", Text(), nullable=False),
        Column("sent", Text(), nullable=False),
        Column("package", Text()),
        Column("attempt", Integer(), nullable=False),
        Column("narrowing", Integer(), nullable=False),
        Column("due_at", MOMENT, nullable=False),
        Column("created_at", MOMENT, nullable=False),
        Column("updated_at", MOMENT, nullable=False),
        Column("code", Text()),
        Column("message", Text()),
    )


def _add_packages(operations: Operations) -> None:
    operations.create_table(
        "offer_packages",
        Column("account", Text(), primary_key=True),
        Column("name", Text(), primary_key=True),
        Column("reference", Text(), nullable=False),
        Column("channel", Text(), nullable=False),
        Column("kind", Text(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("version", Integer(), nullable=False),
        Column("offers", Integer(), nullable=False),
        Column("filled", Integer()),
        Column("created_at", MOMENT, nullable=False),
        Column("updated_at", MOMENT, nullable=False),
        Column("code", Text()),
        Column("message", Text()),
    )
