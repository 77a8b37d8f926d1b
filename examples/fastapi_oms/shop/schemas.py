"""What the API takes and gives."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints

from cdiscount_marketplace.oms import Task

# The marketplace takes no shipment without carrier and tracking number.
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class ShipmentRequest(BaseModel):
    """A parcel that left; `lines` are the ids of its lines, None stands for all that no other parcel has."""

    model_config = ConfigDict(extra="forbid")

    carrier: Word
    tracking_number: Word
    tracking_url: Word | None = None
    lines: tuple[Word, ...] | None = None


class DecisionRequest(BaseModel):
    """Accept or refuse an order; with `refused_lines`, accept it without these."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["accept", "refuse"]
    refused_lines: tuple[Word, ...] = ()


class QueuedTask(BaseModel):
    """Where a decision or a shipment stands: `pending`, `confirmed`, and so on; `message` says why."""

    state: str
    attempt: int
    message: str | None
    updated_at: datetime

    @classmethod
    def of(cls, task: Task) -> Self:
        """Show a task."""
        return cls(state=task.state, attempt=task.attempt, message=task.message, updated_at=task.updated_at)


class ShownLine(BaseModel):
    """Goods to pick."""

    model_config = ConfigDict(from_attributes=True)

    line_id: str | None
    sku: str
    title: str | None
    quantity: int
    unit_price: Decimal | None
    line_total: Decimal | None
    status: str


class ShownShipment(QueuedTask):
    """A parcel, and where its report stands."""

    carrier: str
    tracking_number: str
    lines: tuple[str, ...] | None


class Recipient(BaseModel):
    """Where the parcel goes: personal data."""

    model_config = ConfigDict(from_attributes=True)

    first_name: str | None
    last_name: str | None
    company: str | None
    lines: tuple[str, ...]
    postal_code: str | None
    city: str | None
    country: str | None
    relay_id: str | None
    phone: str | None


class OrderSummary(BaseModel):
    """An order in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    number: str
    status: str
    sales_channel: str | None
    ship_by: datetime | None
    currency: str
    total: Decimal | None


class OrderDetails(OrderSummary):
    """An order, whole. `key` is the number under which it is shipped and decided about."""

    key: str
    numbers: tuple[str, ...]
    recipient: Recipient | None
    lines: list[ShownLine]
    shipments: list[ShownShipment]
    decision: QueuedTask | None


class Quarantined(BaseModel):
    """An order that could not be stored: `reason` is what a person should know and do."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    code: str
    reason: str
    first_seen: datetime
    attempts: int


class Unseen(BaseModel):
    """An order that was never imported: it had left the waiting states when it was first seen."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    status: str
    created_at: datetime | None
    seen_at: datetime


class Health(BaseModel):
    """`last_order_pulled` is the time up to which all orders are in; the counts are what a person has to look at."""

    last_order_pulled: datetime | None
    quarantined: int
    unseen: int
    stuck: int
    unknown: int
