"""Make the tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import shop.types

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "checkpoints",
        sa.Column("account", shop.types.AnyText(), nullable=False),
        sa.Column("floor", shop.types.Moment(), nullable=False),
        sa.Column("cursor", shop.types.Moment(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("swept_at", shop.types.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "decisions",
        sa.Column("verdict", shop.types.AnyText(), nullable=False),
        sa.Column("refused_lines", shop.types.TextTuple(), nullable=False),
        sa.Column("account", shop.types.AnyText(), nullable=False),
        sa.Column("key", shop.types.AnyText(), nullable=False),
        sa.Column("state", shop.types.AnyText(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("owner", shop.types.AnyText(), nullable=True),
        sa.Column("created_at", shop.types.Moment(), nullable=False),
        sa.Column("updated_at", shop.types.Moment(), nullable=False),
        sa.Column("started_at", shop.types.Moment(), nullable=True),
        sa.Column("give_up_at", shop.types.Moment(), nullable=True),
        sa.Column("not_before", shop.types.Moment(), nullable=True),
        sa.Column("unshipped_at", shop.types.Moment(), nullable=True),
        sa.Column("code", shop.types.AnyText(), nullable=True),
        sa.Column("message", shop.types.AnyText(), nullable=True),
        sa.PrimaryKeyConstraint("account", "key", name=op.f("pk_decisions")),
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decisions_account_state"), ["account", "state"], unique=False)

    op.create_table(
        "leases",
        sa.Column("account", shop.types.AnyText(), nullable=False),
        sa.Column("job", shop.types.AnyText(), nullable=False),
        sa.Column("owner", shop.types.AnyText(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("expires_at", shop.types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account", "job", name=op.f("pk_leases")),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", shop.types.AnyText(), nullable=False),
        sa.Column("number", shop.types.AnyText(), nullable=False),
        sa.Column("unique_id", shop.types.AnyText(), nullable=True),
        sa.Column("channel", shop.types.AnyText(), nullable=False),
        sa.Column("sales_channel", shop.types.AnyText(), nullable=True),
        sa.Column("status", shop.types.AnyText(), nullable=False),
        sa.Column("created_at", shop.types.Moment(), nullable=True),
        sa.Column("modified_at", shop.types.Moment(), nullable=True),
        sa.Column("ship_by", shop.types.Moment(), nullable=True),
        sa.Column("currency", shop.types.AnyText(), nullable=False),
        sa.Column("total", shop.types.Money(), nullable=True),
        sa.Column("snapshot", shop.types.AnyText(), nullable=False),
        sa.Column("digest", shop.types.AnyText(), nullable=False),
        sa.Column("stage", shop.types.AnyText(), nullable=False),
        sa.Column("imported_at", shop.types.Moment(), nullable=False),
        sa.Column("saved_at", shop.types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_account_status"), ["account", "status"], unique=False)

    op.create_table(
        "quarantine",
        sa.Column("account", shop.types.AnyText(), nullable=False),
        sa.Column("key", shop.types.AnyText(), nullable=False),
        sa.Column("identities", shop.types.TextTuple(), nullable=False),
        sa.Column("code", shop.types.AnyText(), nullable=False),
        sa.Column("reason", shop.types.AnyText(), nullable=False),
        sa.Column("payload", shop.types.AnyText(), nullable=False),
        sa.Column("first_seen", shop.types.Moment(), nullable=False),
        sa.Column("last_seen", shop.types.Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "key", name=op.f("pk_quarantine")),
    )
    op.create_table(
        "shipments",
        sa.Column("parcel", shop.types.AnyText(), nullable=False),
        sa.Column("carrier", shop.types.AnyText(), nullable=False),
        sa.Column("tracking_number", shop.types.AnyText(), nullable=False),
        sa.Column("tracking_url", shop.types.AnyText(), nullable=True),
        sa.Column("lines", shop.types.TextTuple(), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("account", shop.types.AnyText(), nullable=False),
        sa.Column("key", shop.types.AnyText(), nullable=False),
        sa.Column("state", shop.types.AnyText(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("owner", shop.types.AnyText(), nullable=True),
        sa.Column("created_at", shop.types.Moment(), nullable=False),
        sa.Column("updated_at", shop.types.Moment(), nullable=False),
        sa.Column("started_at", shop.types.Moment(), nullable=True),
        sa.Column("give_up_at", shop.types.Moment(), nullable=True),
        sa.Column("not_before", shop.types.Moment(), nullable=True),
        sa.Column("unshipped_at", shop.types.Moment(), nullable=True),
        sa.Column("code", shop.types.AnyText(), nullable=True),
        sa.Column("message", shop.types.AnyText(), nullable=True),
        sa.PrimaryKeyConstraint("parcel", "account", "key", name=op.f("pk_shipments")),
    )
    with op.batch_alter_table("shipments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipments_account_state"), ["account", "state"], unique=False)

    op.create_table(
        "unseen",
        sa.Column("account", shop.types.AnyText(), nullable=False),
        sa.Column("key", shop.types.AnyText(), nullable=False),
        sa.Column("identities", shop.types.TextTuple(), nullable=False),
        sa.Column("status", shop.types.AnyText(), nullable=False),
        sa.Column("created_at", shop.types.Moment(), nullable=True),
        sa.Column("seen_at", shop.types.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account", "key", name=op.f("pk_unseen")),
    )
    op.create_table(
        "order_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line_id", shop.types.AnyText(), nullable=True),
        sa.Column("sku", shop.types.AnyText(), nullable=False),
        sa.Column("title", shop.types.AnyText(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", shop.types.Money(), nullable=True),
        sa.Column("line_total", shop.types.Money(), nullable=True),
        sa.Column("status", shop.types.AnyText(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_order_lines_order_id_position")),
    )
    op.create_table(
        "order_numbers",
        sa.Column("account", shop.types.AnyText(), nullable=False),
        sa.Column("identity", shop.types.AnyText(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_numbers_order_id")),
        sa.PrimaryKeyConstraint("account", "identity", name=op.f("pk_order_numbers")),
    )
    with op.batch_alter_table("order_numbers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_numbers_order_id"), ["order_id"], unique=False)
