"""What the page asks of a store; `SqlOms` has all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms.ports import (
    DecisionStore,
    DecisionTask,
    LeaseOverview,
    OfferState,
    OfferTask,
    QuarantinedOrder,
    RefundOutbox,
    RefundPages,
    ShipmentOutbox,
    ShipmentPages,
    TaskState,
)

if TYPE_CHECKING:
    from cdiscount_marketplace.adapters.sql import OrderRecord, OrderSummary, Overview


class OperatorStore(ShipmentOutbox, ShipmentPages, RefundOutbox, RefundPages, DecisionStore, LeaseOverview, Protocol):
    """Show a store to a person, and take what the person decides."""

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
        """Return the account's orders, newest first; those that follow the one of number `after`."""
        ...

    def show_order(self, account: str, identity: str) -> OrderRecord | None:
        """Return an order and what happened to it."""
        ...

    def count_quarantine(self, account: str) -> int:
        """Return how many orders are in quarantine."""
        ...

    def page_quarantine(
        self, account: str, *, limit: int, after: QuarantinedOrder | None = None
    ) -> Sequence[QuarantinedOrder]:
        """Return the first quarantined orders, or those that follow `after`, oldest first."""
        ...

    def discard_quarantine(self, account: str, key: str, *, reason: str | None = None) -> bool:
        """Remove an entry; return whether there was one."""
        ...

    def count_decisions(self, account: str, states: Sequence[TaskState] = ()) -> int:
        """Return how many decisions are in any of `states`."""
        ...

    def page_decisions(
        self, account: str, states: Sequence[TaskState] = (), *, limit: int, after: DecisionTask | None = None
    ) -> Sequence[DecisionTask]:
        """Return the first decisions, or those that follow `after`, oldest first."""
        ...

    def page_offers(
        self, account: str, states: Sequence[OfferState] = (), *, limit: int, after: OfferTask | None = None
    ) -> Sequence[OfferTask]:
        """Return the first offers, or those that follow `after`."""
        ...

    def find_offers(self, account: str, skus: Sequence[str]) -> Sequence[OfferTask]:
        """Return the offers of these SKUs."""
        ...
