"""Version 2: parcels, and all that both APIs say of an order."""

from __future__ import annotations

from alembic.operations import Operations
from sqlalchemy import Boolean, Column, Text, false, text

_ORDERS = ("unique_id", "sales_channel", "refunds", "notices", "line_addresses")


def upgrade(operations: Operations) -> None:
    """Add the new columns, and give each parcel of an order a row; those that are there are their order's only one."""
    for name in _ORDERS:
        operations.add_column("orders", Column(name, Text()))
    operations.add_column("orders", Column("stage", Text(), nullable=False, server_default="imported"))
    _change_lines(operations)
    _change_shipments(operations)


def _change_lines(operations: Operations) -> None:
    with operations.batch_alter_table("order_lines", table_kwargs={"sqlite_with_rowid": False}) as lines:
        lines.alter_column("quantity", nullable=True)
        lines.add_column(Column("fulfilled_by", Text(), nullable=False, server_default="seller"))
        for name in ("taxes", "parts", "bundle"):
            lines.add_column(Column(name, Text()))


def _change_shipments(operations: Operations) -> None:
    operations.add_column("shipments", Column("parcel", Text()))
    operations.execute(text("UPDATE shipments SET parcel = tracking_number"))
    with operations.batch_alter_table("shipments") as shipments:
        shipments.alter_column("parcel", nullable=False)
        shipments.add_column(
            Column("complete", Boolean(create_constraint=False), nullable=False, server_default=false())
        )
        shipments.drop_constraint("pk_shipments", type_="primary")
        shipments.create_primary_key("pk_shipments", ["account", "key", "parcel"])
