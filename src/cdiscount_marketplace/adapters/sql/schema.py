"""The tables, and the version that they carry. The schema is public: reports may read it, `SqlOms` alone writes it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    false,
    text,
)

from cdiscount_marketplace.adapters.sql.types import Json, Moment, Money, Words

SCHEMA_VERSION = 8

metadata: MetaData = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# SQLite numbers rows by itself only where the key is a plain INTEGER.
RowId: BigInteger = BigInteger().with_variant(Integer, "sqlite")

meta: Table = Table("meta", metadata, Column("name", Words, primary_key=True), Column("value", Words, nullable=False))

orders: Table = Table(
    "orders",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account", Words, nullable=False),
    Column("number", Words, nullable=False),
    Column("unique_id", Words),
    Column("channel", Words, nullable=False),
    Column("status", Words, nullable=False),
    Column("channel_status", Words),
    Column("retailer", Words),
    Column("supplier", Words),
    Column("created_at", Moment),
    Column("modified_at", Moment),
    Column("ship_by", Moment),
    Column("currency", Words, nullable=False),
    Column("total", Money),
    Column("shipping_total", Money),
    Column("commission", Money),
    Column("unexplained", Money),
    Column("fees", Json),
    Column("delivery_mode", Words),
    Column("business", Boolean(create_constraint=False)),
    Column("fulfilled_by", Words, nullable=False),
    Column("dummy", Boolean(create_constraint=False), nullable=False),
    Column("sales_channel", Words),
    Column("refunds", Json),
    Column("notices", Json),
    Column("customer", Json),
    Column("billing_address", Json),
    Column("shipping_address", Json),
    Column("line_addresses", Json),
    Column("digest", Words, nullable=False),
    Column("stage", Words, nullable=False, server_default="imported"),
    Column("imported_at", Moment, nullable=False),
    Column("saved_at", Moment, nullable=False),
    Column("purged_at", Moment),
    Index(None, "account", "created_at"),
    Index(None, "account", "status", "created_at"),
)

order_identities: Table = Table(
    "order_identities",
    metadata,
    Column("account", Words, primary_key=True),
    Column("identity", Words, primary_key=True),
    Column("order_id", RowId, ForeignKey("orders.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    sqlite_with_rowid=False,
)

order_lines: Table = Table(
    "order_lines",
    metadata,
    Column("order_id", RowId, ForeignKey("orders.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("line_id", Words),
    Column("sku", Words),
    Column("product_id", Words),
    Column("ean", Words),
    Column("title", Words),
    Column("condition", Words),
    Column("quantity", Integer),
    Column("line_total", Money),
    Column("unit_price", Money),
    Column("shipping", Money),
    Column("commission", Money),
    Column("status", Words, nullable=False),
    Column("channel_status", Words),
    Column("ship_by", Moment),
    Column("parcels", Json),
    Column("fulfilled_by", Words, nullable=False, server_default="seller"),
    Column("taxes", Json),
    Column("parts", Json),
    Column("bundle", Words),
    sqlite_with_rowid=False,
)

history: Table = Table(
    "history",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account", Words, nullable=False),
    Column("number", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("subject", Words, nullable=False),
    Column("event", Words, nullable=False),
    Column("before", Words),
    Column("after", Words),
    Column("detail", Words),
    Index(None, "account", "number"),
)

companies: Table = Table(
    "companies",
    metadata,
    Column("account", Words, primary_key=True),
    Column("retailer", Words, nullable=False),
    Column("supplier", Words, nullable=False),
)

checkpoints: Table = Table(
    "checkpoints",
    metadata,
    Column("account", Words, primary_key=True),
    Column("floor", Moment, nullable=False),
    Column("cursor", Moment, nullable=False),
    Column("version", Integer, nullable=False),
    Column("swept_at", Moment),
    Column("moved_at", Moment, nullable=False),
)

quarantine: Table = Table(
    "quarantine",
    metadata,
    Column("account", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("identities", Json, nullable=False),
    Column("code", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("payload", Words, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Index(None, "account", "first_seen"),
)

unseen: Table = Table(
    "unseen",
    metadata,
    Column("account", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("identities", Json, nullable=False),
    Column("status", Words, nullable=False),
    Column("created_at", Moment),
    Column("seen_at", Moment, nullable=False),
)

leases: Table = Table(
    "leases",
    metadata,
    Column("account", Words, primary_key=True),
    Column("job", Words, primary_key=True),
    Column("owner", Words),
    Column("fence", BigInteger, nullable=False),
    Column("expires_at", Moment, nullable=False),
)


# Written out in queries too: a database uses a partial index only for a query with the same condition.
OPEN_TASKS = text("state NOT IN ('confirmed', 'cancelled')")


def _open_tasks(table: str, *columns: str) -> Index:
    """Index the tasks that a job or a person may still have to look at: few, whatever the table has grown to."""
    return Index(f"ix_{table}_open", *columns, sqlite_where=OPEN_TASKS, postgresql_where=OPEN_TASKS)


def _task_columns() -> list[Column[object]]:
    return [
        Column("state", Words, nullable=False),
        Column("version", Integer, nullable=False),
        Column("attempt", Integer, nullable=False),
        Column("owner", Words),
        Column("created_at", Moment, nullable=False),
        Column("updated_at", Moment, nullable=False),
        Column("started_at", Moment),
        Column("give_up_at", Moment),
        Column("not_before", Moment),
        Column("unshipped_at", Moment),
        Column("code", Words),
        Column("message", Words),
    ]


decisions: Table = Table(
    "decisions",
    metadata,
    Column("account", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("verdict", Words, nullable=False),
    Column("refused_lines", Json, nullable=False),
    *_task_columns(),
    Index(None, "account", "state", "created_at"),
    _open_tasks("decisions", "account", "created_at", "key"),
)

shipments: Table = Table(
    "shipments",
    metadata,
    Column("account", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("parcel", Words, primary_key=True),
    Column("carrier", Words, nullable=False),
    Column("tracking_number", Words, nullable=False),
    Column("tracking_url", Words),
    Column("lines", Json),
    Column("complete", Boolean(create_constraint=False), nullable=False, server_default=false()),
    *_task_columns(),
    Index(None, "account", "state", "created_at"),
    _open_tasks("shipments", "account", "created_at", "key", "parcel"),
)

refunds: Table = Table(
    "refunds",
    metadata,
    Column("account", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("reference", Words, primary_key=True),
    Column("kind", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("lines", Json),
    Column("amount", Money),
    Column("refund_shipping", Boolean(create_constraint=False), nullable=False),
    Column("details", Words),
    Column("channel", Words),
    *_task_columns(),
    Index(None, "account", "state", "created_at"),
    _open_tasks("refunds", "account", "created_at", "key", "reference"),
)

# Written out in queries too, as `OPEN_TASKS` is.
DUE_OFFERS = text("state = 'pending'")
PACKED_OFFERS = text("package IS NOT NULL")
OPEN_PACKAGES = text("state NOT IN ('reported', 'lapsed')")

offers: Table = Table(
    "offers",
    metadata,
    Column("account", Words, primary_key=True),
    Column("sku", Words, primary_key=True),
    Column("gtin", Words),
    Column("product", Words),
    Column("condition", Words),
    Column("price", Money),
    Column("original_price", Money),
    Column("currency", Words),
    Column("quantity", Integer),
    Column("preparation_days", Integer),
    Column("delivery_modes", Json),
    Column("taxes", Json),
    Column("state", Words, nullable=False),
    Column("version", Integer, nullable=False),
    Column("known", Boolean(create_constraint=False)),
    Column("changed", Json, nullable=False),
    Column("sent", Json, nullable=False),
    Column("package", Words),
    Column("attempt", Integer, nullable=False),
    Column("narrowing", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("code", Words),
    Column("message", Words),
    Index(None, "account", "state"),
    Index("ix_offers_due", "account", "due_at", "sku", sqlite_where=DUE_OFFERS, postgresql_where=DUE_OFFERS),
    Index("ix_offers_packed", "account", "package", sqlite_where=PACKED_OFFERS, postgresql_where=PACKED_OFFERS),
)

offer_packages: Table = Table(
    "offer_packages",
    metadata,
    Column("account", Words, primary_key=True),
    Column("name", Words, primary_key=True),
    Column("reference", Words, nullable=False),
    Column("channel", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("version", Integer, nullable=False),
    Column("offers", Integer, nullable=False),
    Column("filled", Integer),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("code", Words),
    Column("message", Words),
    Index(
        "ix_offer_packages_open",
        "account",
        "created_at",
        "name",
        sqlite_where=OPEN_PACKAGES,
        postgresql_where=OPEN_PACKAGES,
    ),
)

accounts: Table = Table(
    "accounts",
    metadata,
    Column("name", Words, primary_key=True),
    Column("channel", Words, nullable=False),
    Column("enabled", Boolean(create_constraint=False), nullable=False),
    Column("credentials", Json, nullable=False),
    Column("seller_id", Words),
    Column("sales_channels", Json, nullable=False),
    Column("service_url", Words),
    Column("token_url", Words),
    Column("start_from", Moment),
    Column("jobs", Json, nullable=False),
)

job_runs: Table = Table(
    "job_runs",
    metadata,
    Column("account", Words, primary_key=True),
    Column("job", Words, primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Column("succeeded_at", Moment),
    Column("failed_at", Moment),
    Column("error", Words),
    Column("failures", Integer, nullable=False),
    Column("retry_at", Moment),
)
