"""What leaves the OMS: decisions, shipments and refunds, each a task with a state, and where they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

from attrs import frozen

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.models import Decision, SalesOrder, Shipment
from cdiscount_marketplace.oms.ports.leases import Lease
from cdiscount_marketplace.refunds import RefundRequest


class TaskState(OpenEnum):
    """Where a stored decision, shipment or refund stands.

    `pending → sending → confirmed | rejected | unknown`; `unknown` is settled by reading. `STUCK` waits for a person,
    `CANCELLED` was withdrawn by one.
    """

    PENDING = Member("pending")
    SENDING = Member("sending")
    CONFIRMED = Member("confirmed")
    REJECTED = Member("rejected")
    UNKNOWN = Member("unknown")
    STUCK = Member("stuck")
    CANCELLED = Member("cancelled")


NEEDS_PERSON: Final = (TaskState.STUCK, TaskState.REJECTED, TaskState.UNKNOWN)
"""The states in which a task waits for a person, or may."""


@frozen(kw_only=True)
class Task:
    """The state of one order's decision, shipment or refund; see `TaskState`. `version` grows by one with each change.

    While `SENDING`, `owner` sends attempt number `attempt` and gives up by `give_up_at`; nobody else touches the row
    before. `unshipped_at` is when a first reading after that showed that the write had not happened.
    """

    key: str
    state: TaskState = TaskState.PENDING
    version: int = 1
    attempt: int = 0
    owner: str | None = None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    give_up_at: datetime | None = None
    not_before: datetime | None = None
    unshipped_at: datetime | None = None
    code: str | None = None
    message: str | None = None


@frozen(kw_only=True)
class ShipmentTask:
    """A shipment in the outbox. Its `task.key` is the order's number, its `shipment.parcel` the parcel within it."""

    shipment: Shipment
    task: Task


@runtime_checkable
class ShipmentOutbox(Protocol):
    """Keep the shipments to report; one per (account, order key, parcel)."""

    def list_shipments(self, account: str, states: Sequence[TaskState] = ()) -> Sequence[ShipmentTask]:
        """Return the account's shipments in any of `states` (none given: all), oldest first."""
        ...

    def find_shipments(self, account: str, key: str) -> Sequence[ShipmentTask]:
        """Return the shipments recorded for an order, one per parcel, oldest first."""
        ...

    def swap_shipment(
        self, account: str, before: ShipmentTask | None, after: ShipmentTask, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        ...


@runtime_checkable
class ShipmentPages(Protocol):
    """Read a long outbox page by page; optional, for people and their tools."""

    def count_shipments(self, account: str, states: Sequence[TaskState] = ()) -> int:
        """Return how many shipments are in any of `states` (none given: all)."""
        ...

    def page_shipments(
        self, account: str, states: Sequence[TaskState] = (), *, limit: int, after: ShipmentTask | None = None
    ) -> Sequence[ShipmentTask]:
        """Return the first `limit` rows of `list_shipments`, or those that follow `after`, which may have moved on."""
        ...


@frozen(kw_only=True)
class RefundTask:
    """A refund in the outbox. Its `task.key` is the order's number, `refund.reference` names it within the order.

    `channel` is the sales channel through which the last attempt went: only its lists can show that it failed.
    """

    refund: RefundRequest
    task: Task
    channel: str | None = None


@runtime_checkable
class RefundOutbox(Protocol):
    """Keep the money to give back; one row per (account, order key, reference). Rows are never removed."""

    def list_refunds(self, account: str, states: Sequence[TaskState] = ()) -> Sequence[RefundTask]:
        """Return the account's refunds in any of `states` (none given: all), oldest first."""
        ...

    def find_refunds(self, account: str, key: str) -> Sequence[RefundTask]:
        """Return the refunds recorded for an order, one per reference, oldest first."""
        ...

    def swap_refund(
        self, account: str, before: RefundTask | None, after: RefundTask, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        ...


@runtime_checkable
class RefundPages(Protocol):
    """Read many refunds page by page; optional, for people and their tools."""

    def count_refunds(self, account: str, states: Sequence[TaskState] = ()) -> int:
        """Return how many refunds are in any of `states` (none given: all)."""
        ...

    def page_refunds(
        self, account: str, states: Sequence[TaskState] = (), *, limit: int, after: RefundTask | None = None
    ) -> Sequence[RefundTask]:
        """Return the first `limit` rows of `list_refunds`, or those that follow `after`, which may have moved on."""
        ...


@frozen(kw_only=True)
class DecisionTask:
    """A decision on an order, stored before it is sent."""

    decision: Decision
    task: Task


@runtime_checkable
class AcceptancePolicy(Protocol):
    """Decide about an order that waits for acceptance; asked once per order, unless the answer is LATER."""

    def decide(self, account: str, order: SalesOrder) -> Decision:
        """Return the decision; its key is the order's number."""
        ...


@runtime_checkable
class DecisionStore(Protocol):
    """Keep the decisions; one per (account, order key)."""

    def list_decisions(self, account: str, states: Sequence[TaskState] = ()) -> Sequence[DecisionTask]:
        """Return the account's decisions in any of `states` (none given: all), oldest first."""
        ...

    def find_decision(self, account: str, key: str) -> DecisionTask | None:
        """Return the decision recorded for an order."""
        ...

    def swap_decision(
        self, account: str, before: DecisionTask | None, after: DecisionTask, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        ...


@runtime_checkable
class DecisionPages(Protocol):
    """Read many decisions page by page; optional, for people and their tools."""

    def count_decisions(self, account: str, states: Sequence[TaskState] = ()) -> int:
        """Return how many decisions are in any of `states` (none given: all)."""
        ...

    def page_decisions(
        self, account: str, states: Sequence[TaskState] = (), *, limit: int, after: DecisionTask | None = None
    ) -> Sequence[DecisionTask]:
        """Return the first `limit` rows of `list_decisions`, or those that follow `after`, which may have moved on."""
        ...
