"""What happens in the jobs of an OMS."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from cdiscount_marketplace.events.hooks import Event


@frozen(kw_only=True)
class SyncEvent(Event):
    """A step of a job on one account."""

    account: str


@frozen(kw_only=True)
class JobStarted(SyncEvent):
    """A run of a job begins; `job` is "import", "accept", "ship", "refund" or "offers"."""

    job: str


@frozen(kw_only=True)
class JobFinished(SyncEvent):
    """A run of a job ended; `outcome` is its report's `ended_by`, or the class name of the error that it raised.

    `counts` are the numbers of its report by name, such as `imported` and `unknown`. `unknown_since` is when the
    oldest task began whose outcome is unknown still.
    """

    job: str
    outcome: str
    counts: Mapping[str, int] = field(factory=dict[str, int])
    unknown_since: datetime | None = None


@frozen(kw_only=True)
class WindowRead(SyncEvent):
    """One reading of orders ended; `reading` is "waiting", "others" or "sweep"."""

    reading: str
    begin: datetime | None
    end: datetime | None
    orders: int


@frozen(kw_only=True)
class WindowSplit(SyncEvent):
    """A reading was cut in two because it was too slow or too large (`reason`)."""

    reading: str
    begin: datetime
    end: datetime
    reason: str


@frozen(kw_only=True)
class OrderHandled(SyncEvent):
    """An order was seen by the importer; `result` is "imported", "updated", "unchanged", "stale", "quarantined",
    "released", "skipped" or "passed_unseen"; `reason` explains what is not obvious.
    """

    order_number: str
    result: str
    reason: str | None = None


@frozen(kw_only=True)
class ReadingNoted(SyncEvent):
    """A reading found something that a person should know, such as a sales channel that no order has."""

    code: str
    message: str


@frozen(kw_only=True)
class SweepFound(SyncEvent):
    """A sweep found `count` orders that the windows had not brought."""

    count: int


@frozen(kw_only=True)
class CheckpointMoved(SyncEvent):
    """The Last Order Pulled date moved."""

    before: datetime
    after: datetime


@frozen(kw_only=True)
class FloorIgnored(SyncEvent):
    """A `start_from` differs from the stored floor, and the stored one won."""

    stored: datetime
    given: datetime


@frozen(kw_only=True)
class DecisionOverdue(SyncEvent):
    """An order has waited for a decision longer than `accept_within`."""

    order_number: str
    waiting_since: datetime


@frozen(kw_only=True)
class ShipmentNoted(SyncEvent):
    """A shipment is confirmed, and a person should know `note`: it left under another tracking number, or in part."""

    order_number: str
    parcel: str
    note: str


@frozen(kw_only=True)
class RefundNoted(SyncEvent):
    """A refund is confirmed, and a person should know `note`, such as that somebody else cancelled the order."""

    order_number: str
    reference: str
    note: str


@frozen(kw_only=True)
class TaskMoved(SyncEvent):
    """A stored decision, shipment or refund changed its state (`before` → `after`)."""

    job: str
    order_number: str
    before: str
    after: str
    attempt: int
    message: str | None = None
    parcel: str | None = None
    reference: str | None = None


@frozen(kw_only=True)
class OfferMoved(SyncEvent):
    """A stored offer changed its state (`before` → `after`) in a run; `message` is the marketplace's answer."""

    sku: str
    before: str
    after: str
    attempt: int
    message: str | None = None


@frozen(kw_only=True)
class OfferPackageMoved(SyncEvent):
    """A package of offers changed its state (`before` → `after`); `before` is None when it was created.

    `package` is our own name for it, `reference` the marketplace's, `offers` how many it carries.
    """

    package: str
    reference: str
    kind: str
    offers: int
    before: str | None
    after: str
    message: str | None = None
