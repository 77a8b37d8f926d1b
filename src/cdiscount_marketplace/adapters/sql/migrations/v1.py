"""Version 1: the schema of release 0.1.0."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
)

# Types as they lie in the database; how values are read and written is no part of the schema.
MOMENT = DateTime(timezone=True).with_variant(Text(), "sqlite")
MONEY = Numeric().with_variant(Text(), "sqlite")
_ROW_ID: BigInteger = BigInteger().with_variant(Integer, "sqlite")
_METADATA: MetaData = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def upgrade(operations: Operations) -> None:
    """Make the tables in an empty database."""
    _METADATA.create_all(operations.get_bind(), checkfirst=False)


_meta = Table("meta", _METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

_orders = Table(
    "orders",
    _METADATA,
    Column("id", _ROW_ID, primary_key=True),
    Column("account", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("channel_status", Text),
    Column("retailer", Text),
    Column("supplier", Text),
    Column("created_at", MOMENT),
    Column("modified_at", MOMENT),
    Column("ship_by", MOMENT),
    Column("currency", Text, nullable=False),
    Column("total", MONEY),
    Column("shipping_total", MONEY),
    Column("commission", MONEY),
    Column("unexplained", MONEY),
    Column("fees", Text),
    Column("delivery_mode", Text),
    Column("business", Boolean(create_constraint=False)),
    Column("fulfilled_by", Text, nullable=False),
    Column("dummy", Boolean(create_constraint=False), nullable=False),
    Column("customer", Text),
    Column("billing_address", Text),
    Column("shipping_address", Text),
    Column("digest", Text, nullable=False),
    Column("imported_at", MOMENT, nullable=False),
    Column("saved_at", MOMENT, nullable=False),
    Column("purged_at", MOMENT),
    Index(None, "account", "status"),
)

_order_identities = Table(
    "order_identities",
    _METADATA,
    Column("account", Text, primary_key=True),
    Column("identity", Text, primary_key=True),
    Column("order_id", _ROW_ID, ForeignKey("orders.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    sqlite_with_rowid=False,
)

_order_lines = Table(
    "order_lines",
    _METADATA,
    Column("order_id", _ROW_ID, ForeignKey("orders.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("line_id", Text),
    Column("sku", Text),
    Column("product_id", Text),
    Column("ean", Text),
    Column("title", Text),
    Column("condition", Text),
    Column("quantity", Integer, nullable=False),
    Column("line_total", MONEY),
    Column("unit_price", MONEY),
    Column("shipping", MONEY),
    Column("commission", MONEY),
    Column("status", Text, nullable=False),
    Column("channel_status", Text),
    Column("ship_by", MOMENT),
    Column("parcels", Text),
    sqlite_with_rowid=False,
)

_history = Table(
    "history",
    _METADATA,
    Column("id", _ROW_ID, primary_key=True),
    Column("account", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("subject", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("detail", Text),
    Index(None, "account", "number"),
)

_companies = Table(
    "companies",
    _METADATA,
    Column("account", Text, primary_key=True),
    Column("retailer", Text, nullable=False),
    Column("supplier", Text, nullable=False),
)

_checkpoints = Table(
    "checkpoints",
    _METADATA,
    Column("account", Text, primary_key=True),
    Column("floor", MOMENT, nullable=False),
    Column("cursor", MOMENT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("swept_at", MOMENT),
    Column("moved_at", MOMENT, nullable=False),
)

_quarantine = Table(
    "quarantine",
    _METADATA,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("identities", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("first_seen", MOMENT, nullable=False),
    Column("last_seen", MOMENT, nullable=False),
    Column("attempts", Integer, nullable=False),
)

_unseen = Table(
    "unseen",
    _METADATA,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("identities", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", MOMENT),
    Column("seen_at", MOMENT, nullable=False),
)

_leases = Table(
    "leases",
    _METADATA,
    Column("account", Text, primary_key=True),
    Column("job", Text, primary_key=True),
    Column("owner", Text),
    Column("fence", BigInteger, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
)


def _task_columns() -> list[Column[object]]:
    return [
        Column("state", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("attempt", Integer, nullable=False),
        Column("owner", Text),
        Column("created_at", MOMENT, nullable=False),
        Column("updated_at", MOMENT, nullable=False),
        Column("started_at", MOMENT),
        Column("give_up_at", MOMENT),
        Column("not_before", MOMENT),
        Column("unshipped_at", MOMENT),
        Column("code", Text),
        Column("message", Text),
    ]


_decisions = Table(
    "decisions",
    _METADATA,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("refused_lines", Text, nullable=False),
    *_task_columns(),
    Index(None, "account", "state"),
)

_shipments = Table(
    "shipments",
    _METADATA,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("carrier", Text, nullable=False),
    Column("tracking_number", Text, nullable=False),
    Column("tracking_url", Text),
    Column("lines", Text),
    *_task_columns(),
    Index(None, "account", "state"),
)
