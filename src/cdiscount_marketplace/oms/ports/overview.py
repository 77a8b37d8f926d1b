"""What a person wants to see of a store, as typed values; optional, for pages and tools."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from cdiscount_marketplace.models import OrderStatus, SalesOrder
from cdiscount_marketplace.oms.ports.leases import Lease
from cdiscount_marketplace.oms.ports.orders import Company
from cdiscount_marketplace.oms.ports.progress import Checkpoint


@frozen(kw_only=True)
class Entry:
    """One thing that happened to `subject`: "order", "quarantine", "decision" or "shipment"."""

    account: str
    number: str
    at: datetime
    subject: str
    event: str
    before: str | None = None
    after: str | None = None
    detail: str | None = None


@frozen(kw_only=True)
class Count:
    """How many rows have a value: a status, a state or a cause."""

    value: str
    count: int


@frozen(kw_only=True)
class Overview:
    """One account at a glance. `pulled_at` is when an import last moved the checkpoint; `leases` are held now."""

    account: str
    checkpoint: Checkpoint | None
    pulled_at: datetime | None
    orders: tuple[Count, ...]
    quarantine: tuple[Count, ...]
    unseen: tuple[Count, ...]
    decisions: tuple[Count, ...]
    shipments: tuple[Count, ...]
    refunds: tuple[Count, ...]
    offers: tuple[Count, ...]
    leases: tuple[Lease, ...]


@frozen(kw_only=True)
class AccountSummary:
    """One account in a list. `waiting` counts the tasks that wait for a person; `jobs` are those that run now."""

    account: str
    cursor: datetime | None
    pulled_at: datetime | None
    quarantined: int
    waiting: int
    jobs: tuple[str, ...]


@frozen(kw_only=True)
class OrderSummary:
    """One stored order in a list, without its customer's data."""

    number: str
    status: OrderStatus
    channel_status: str | None
    created_at: datetime | None
    ship_by: datetime | None
    total: Decimal | None
    currency: str
    lines: int
    retailer: str | None
    supplier: str | None
    imported_at: datetime
    saved_at: datetime


@frozen(kw_only=True)
class OrderRecord:
    """One stored order, and what happened to it, oldest first. `purged_at` is when its customer was forgotten."""

    order: SalesOrder = field(repr=False)
    company: Company | None
    imported_at: datetime
    saved_at: datetime
    purged_at: datetime | None
    history: tuple[Entry, ...]


@runtime_checkable
class OrderOverview(Protocol):
    """Show accounts and their orders to a person."""

    def accounts(self) -> Sequence[str]:
        """Return every account that the store knows of."""
        ...

    def overview(self, account: str) -> Overview:
        """Return an account at a glance."""
        ...

    def list_orders(
        self,
        account: str,
        statuses: Sequence[OrderStatus] = (),
        *,
        limit: int | None = None,
        after: str | None = None,
    ) -> Sequence[OrderSummary]:
        """Return the account's orders in any of `statuses` (none given: all), newest first.

        With `after`, those that follow the order of this number; none where no order has it. An order without a
        creation date is listed, too, at a place that stays.
        """
        ...

    def show_order(self, account: str, identity: str) -> OrderRecord | None:
        """Return an order, whole, and what happened to it; None if the store does not have it."""
        ...


@runtime_checkable
class BoundedOverview(Protocol):
    """Show accounts with millions of orders in little time; a store without it is shown by its `OrderOverview`."""

    def summarize_accounts(self, accounts: Sequence[str]) -> Sequence[AccountSummary]:
        """Return these accounts in this order; one that the store does not know has nothing."""
        ...

    def bounded_overview(self, account: str, *, most: int) -> Overview:
        """Return an account at a glance; `most` or more orders, tasks or offers of a value are counted as `most`."""
        ...
