"""The tables: orders as this shop works with them, and what the jobs must remember.

`ShopStore` writes them; everything else reads. A row of `Shipment` or `Decision` changes only from one version to the
next, so that two workers can never send the same one.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from sqlalchemy import ForeignKey, Index, MetaData, UniqueConstraint, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from shop.types import AnyText, Moment, Money, TextTuple

Key = Annotated[str, mapped_column(AnyText, primary_key=True)]


class Base(DeclarativeBase):
    """What all tables have in common: how their columns and keys are made."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: AnyText,
        datetime: Moment,
        Decimal: Money,
        tuple[str, ...]: TextTuple,
    }
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        }
    )


class Order(Base):
    """An order to pick, pack and ship. `snapshot` is all that the marketplace said, as JSON, with personal data."""

    __tablename__ = "orders"
    __table_args__ = (Index(None, "account", "status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    number: Mapped[str]
    unique_id: Mapped[str | None]
    channel: Mapped[str]
    sales_channel: Mapped[str | None]
    status: Mapped[str]
    created_at: Mapped[datetime | None]
    modified_at: Mapped[datetime | None]
    ship_by: Mapped[datetime | None]
    currency: Mapped[str]
    total: Mapped[Decimal | None]
    snapshot: Mapped[str]
    digest: Mapped[str]
    stage: Mapped[str]
    imported_at: Mapped[datetime]
    saved_at: Mapped[datetime]

    numbers: Mapped[list[OrderNumber]] = relationship(order_by="OrderNumber.position", viewonly=True)
    lines: Mapped[list[OrderLine]] = relationship(order_by="OrderLine.position", viewonly=True)


# When an order was placed, or where nobody says so, when it came in: by this, people list orders.
listed_at = func.coalesce(Order.created_at, Order.imported_at)
Index("ix_orders_account_listed_at", Order.account, listed_at, Order.id)


class OrderNumber(Base):
    """One of the numbers under which an order is found; within an account, a number means one order."""

    __tablename__ = "order_numbers"

    account: Mapped[Key]
    identity: Mapped[Key]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    position: Mapped[int]


class OrderLine(Base):
    """Goods to pick. `line_id` is the marketplace's name for the line, `sku` ours for the article."""

    __tablename__ = "order_lines"
    __table_args__ = (UniqueConstraint("order_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    line_id: Mapped[str | None]
    sku: Mapped[str]
    title: Mapped[str | None]
    quantity: Mapped[int]
    unit_price: Mapped[Decimal | None]
    line_total: Mapped[Decimal | None]
    status: Mapped[str]


class Checkpoint(Base):
    """How far an account's import has come: the "Last Order Pulled" date is `cursor`."""

    __tablename__ = "checkpoints"

    account: Mapped[Key]
    floor: Mapped[datetime]
    cursor: Mapped[datetime]
    version: Mapped[int]
    swept_at: Mapped[datetime | None]


class QuarantinedOrder(Base):
    """An order that could not be stored, kept whole until the cause is gone; every import tries it again."""

    __tablename__ = "quarantine"
    __table_args__ = (Index(None, "account", "first_seen", "key"),)

    account: Mapped[Key]
    key: Mapped[Key]
    identities: Mapped[tuple[str, ...]]
    code: Mapped[str]
    reason: Mapped[str]
    payload: Mapped[str]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    attempts: Mapped[int]


class UnseenOrder(Base):
    """An order that waited and was gone again between two imports."""

    __tablename__ = "unseen"

    account: Mapped[Key]
    key: Mapped[Key]
    identities: Mapped[tuple[str, ...]]
    status: Mapped[str]
    created_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]


class Lease(Base):
    """Who runs a job on an account, and until when. The row stays when the job ends, so that `fence` only grows."""

    __tablename__ = "leases"

    account: Mapped[Key]
    job: Mapped[Key]
    owner: Mapped[str | None]
    fence: Mapped[int]
    expires_at: Mapped[datetime]


class TaskColumns:
    """What a decision and a shipment have in common: where it stands on its way to the marketplace."""

    account: Mapped[Key]
    key: Mapped[Key]
    state: Mapped[str]
    version: Mapped[int]
    attempt: Mapped[int]
    owner: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    give_up_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    unshipped_at: Mapped[datetime | None]
    code: Mapped[str | None]
    message: Mapped[str | None]


class Decision(TaskColumns, Base):
    """Whether an order is accepted, and without which of its lines."""

    __tablename__ = "decisions"
    __table_args__ = (Index(None, "account", "state"), Index(None, "account", "created_at", "key"))

    verdict: Mapped[str]
    refused_lines: Mapped[tuple[str, ...]]


class Shipment(TaskColumns, Base):
    """A parcel that left, to be reported. `lines` None stands for all lines that no other parcel has."""

    __tablename__ = "shipments"
    __table_args__ = (
        Index(None, "account", "state"),
        Index(None, "account", "key"),
        Index(None, "account", "created_at", "key", "parcel"),
    )

    parcel: Mapped[Key]
    carrier: Mapped[str]
    tracking_number: Mapped[str]
    tracking_url: Mapped[str | None]
    lines: Mapped[tuple[str, ...] | None]
    complete: Mapped[bool]
