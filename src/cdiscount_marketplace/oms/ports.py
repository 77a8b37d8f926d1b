"""The ports to your order management system: small protocols, of which you implement only what you use.

One object may satisfy several of them (`SqlOms` and `MemoryOms` satisfy all); the jobs take each part from the `oms`
object unless it is given by name. All records are frozen; times are aware UTC. Stores that are used by several
threads must be thread-safe.

Three rules make them safe:

- `UnitOfWork.unit()` is a transaction; entered inside another unit it is a savepoint. What raises inside is undone.
- A `swap_…` replaces only what the caller read (None: creates only if nothing is there), and returns whether it did.
- A `lease` given to a write is checked in the same transaction: `LeaseLost` if another worker took over.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol, TypeVar, runtime_checkable

from attrs import field, frozen

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.models import Address, Customer, Decision, OrderStatus, SalesOrder, Shipment

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)


# --- orders ---------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Company:
    """The supplier/retailer mapping of one order: the retailer is the selling account, the supplier fulfils."""

    retailer: str
    supplier: str


@runtime_checkable
class CompanyMapping(Protocol):
    """Say which companies an order belongs to."""

    def resolve(self, account: str, order: SalesOrder) -> Company | None:
        """Return the companies, or None where no mapping exists (the order then waits in quarantine)."""
        ...


@runtime_checkable
class OrderMapper(Protocol[T_co]):
    """Turn a sales order into the OMS's own model."""

    def map(self, order: SalesOrder, company: Company | None) -> T_co:
        """Return the OMS's order; raise `Unmappable(reason)` for one that it cannot take."""
        ...


class ChangeKind(OpenEnum):
    """Why an order is saved.

    `ANNOUNCED` and `WITHDRAWN` exist only with `import_unpaid`: an order that is not payable yet, for which stock may
    be reserved, and one that will never be. An announced order becomes `IMPORTED` when it waits for shipment.
    """

    IMPORTED = Member("imported")
    UPDATED = Member("updated")
    ANNOUNCED = Member("announced")
    WITHDRAWN = Member("withdrawn")


class Aspect(OpenEnum):
    """What about an order changed."""

    STATUS = Member("status")
    LINES = Member("lines")
    AMOUNTS = Member("amounts")
    ADDRESSES = Member("addresses")
    CUSTOMER = Member("customer")
    OTHER = Member("other")
    REFUNDS = Member("refunds")


@frozen(kw_only=True)
class Change:
    """What a save means: new to the OMS, or changed in `aspects`.

    `digest` stands for the order's content, aspect by aspect; store it as it is, and give it back in `StoredOrder`.
    """

    kind: ChangeKind
    at: datetime
    digest: str
    aspects: tuple[Aspect, ...] = ()
    status_before: OrderStatus | None = None


@frozen(kw_only=True)
class StoredOrder:
    """What a repository tells of an order that it has: enough to see whether a snapshot is news.

    `digest` is the one of the last `Change` that was saved, `stage` the kind of the last one that was not `UPDATED`.
    The addresses and the customer are the best known ones: withheld ones never replace them. `line_addresses` are those
    of lines that go elsewhere than the order, by line id. `unique_id` is the order's, as last saved; a store that does
    not keep it returns None, and orders that share a number are then the same order unless that is in doubt.
    """

    identities: tuple[str, ...]
    unique_id: str | None = None
    status: OrderStatus
    modified_at: datetime | None
    digest: str
    customer: Customer | None = field(default=None, repr=False)
    billing_address: Address | None = field(default=None, repr=False)
    shipping_address: Address | None = field(default=None, repr=False)
    line_addresses: tuple[tuple[str, Address], ...] = field(default=(), repr=False)
    stage: ChangeKind = ChangeKind.IMPORTED

    @classmethod
    def of(cls, order: SalesOrder, *, digest: str, stage: ChangeKind = ChangeKind.IMPORTED) -> StoredOrder:
        """Describe an order as it was last saved; `digest` is that of its last `Change`."""
        return cls(
            identities=order.identities,
            unique_id=order.unique_id,
            status=order.status,
            modified_at=order.modified_at,
            digest=digest,
            customer=order.customer,
            billing_address=order.billing_address,
            shipping_address=order.shipping_address,
            line_addresses=line_addresses(order),
            stage=stage,
        )


def line_addresses(order: SalesOrder) -> tuple[tuple[str, Address], ...]:
    """Return the addresses of lines that go elsewhere than the order, by line id."""
    return tuple(
        (line.line_id, line.shipping_address)
        for line in order.lines
        if line.shipping_address is not None and line.line_id is not None
    )


@runtime_checkable
class OrderRepository(Protocol[T_contra]):
    """Keep the OMS's orders; an (account, identity) belongs to one of them.

    Identities are opaque texts. Those that begin with `shared:` mark numbers that several orders bear, those that begin
    with `digest:` stand for orders without a number, which are quarantined and never saved.
    """

    def find(self, account: str, identities: Sequence[str]) -> StoredOrder | None:
        """Return the order that has the first of these identities that any order has: the strongest stands first."""
        ...

    def save(self, account: str, order: SalesOrder, mapped: T_contra, change: Change) -> None:
        """Insert or update the order that `find(account, order.keys)` returns, and remember its identities.

        An identity that another stored order has stays with that one, and nothing is deleted. An `order` without lines
        keeps the lines that are stored. Where the order found has another `unique_id`, it is another order:
        `oms.identity.ensure_same_order` raises then.
        """
        ...


@runtime_checkable
class BulkLookup(Protocol):
    """Find many orders in one go; optional, for repositories where each `find` costs a round trip."""

    def find_all(self, account: str, wanted: Sequence[Sequence[str]]) -> Sequence[StoredOrder | None]:
        """Return for each tuple of identities what `find` would, in the same order."""
        ...


STILL_WAITING = frozenset(
    {OrderStatus.PROCESSING, OrderStatus.WAITING_ACCEPTANCE, OrderStatus.ACCEPTED, OrderStatus.WAITING_SHIPMENT}
)


@runtime_checkable
class WaitingOrders(Protocol):
    """List the stored orders that still wait; optional, for finding changes that the marketplace put no stamp on."""

    def list_waiting(self, account: str) -> Sequence[tuple[str, ...]]:
        """Return the identities of each order whose stored status is one of `STILL_WAITING`, oldest first."""
        ...


@runtime_checkable
class UnitOfWork(Protocol):
    """Make several writes one."""

    def unit(self) -> AbstractContextManager[None]:
        """Begin a transaction, or inside another unit a savepoint; leave it by committing, or undo it by raising."""
        ...


# --- what the importer remembers ------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Lease:
    """The right to run `job` on `account` until `expires_at`; a later holder has a greater `fence`."""

    account: str
    job: str
    owner: str
    fence: int
    expires_at: datetime


@runtime_checkable
class LeaseStore(Protocol):
    """Let one worker at a time run a job on an account, by the store's clock: `expires_at` is its now plus `ttl`."""

    def acquire(self, account: str, job: str, owner: str, ttl: timedelta) -> Lease | None:
        """Take the lease if it is free or expired, with a greater fence; None while another worker holds it."""
        ...

    def renew(self, lease: Lease, ttl: timedelta) -> Lease | None:
        """Extend a lease that is still ours; None if it was taken over."""
        ...

    def release(self, lease: Lease) -> None:
        """Give the lease back; nothing happens if it was taken over."""
        ...


@frozen(kw_only=True)
class LeaseStatus:
    """A lease that somebody holds, and for how long still, by the store's clock."""

    lease: Lease
    remaining: timedelta


@runtime_checkable
class LeaseOverview(Protocol):
    """Show who holds which lease, and free one; optional, for the people who operate the jobs.

    With it, `LeaseBusy` names the owner and the time.
    """

    def list_leases(self, account: str) -> Sequence[LeaseStatus]:
        """Return the account's leases that are held now, neither released nor expired, by the name of their job."""
        ...

    def free_lease(self, lease: Lease, *, reason: str | None = None) -> bool:
        """Free the lease if it is still this one, and raise its fence, so that its holder cannot write any more.

        Returns whether it was. A store that keeps a history records the `reason`.
        """
        ...


@frozen(kw_only=True)
class Checkpoint:
    """How far an account's import has come: the "Last Order Pulled" date.

    Orders created before `floor` are never imported. Every modification before `cursor` has been read. `swept_at` is
    when all waiting orders were last read. `version` grows by one with each move.
    """

    floor: datetime
    cursor: datetime
    version: int = 1
    swept_at: datetime | None = None


@runtime_checkable
class CheckpointStore(Protocol):
    """Keep one checkpoint per account."""

    def load_checkpoint(self, account: str) -> Checkpoint | None:
        """Return the checkpoint, None before the first run."""
        ...

    def swap_checkpoint(
        self, account: str, before: Checkpoint | None, after: Checkpoint, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before.version` is still the stored one."""
        ...


@frozen(kw_only=True)
class QuarantinedOrder:
    """An order that could not be stored, kept whole until the cause is gone.

    `code` is the kind of cause ("unmappable", "mapper_failed", "no_company", "no_number", "store_failed", …),
    `reason` what a person should know and do; `payload` the order as JSON text, with personal data.
    """

    key: str
    identities: tuple[str, ...]
    code: str
    reason: str
    payload: str = field(repr=False)
    first_seen: datetime
    last_seen: datetime
    attempts: int = 1


@runtime_checkable
class QuarantineStore(Protocol):
    """Keep the orders that wait for a cause to be mended; unique by (account, key)."""

    def list_quarantine(self, account: str) -> Sequence[QuarantinedOrder]:
        """Return the account's quarantined orders, oldest first."""
        ...

    def put_quarantine(self, account: str, order: QuarantinedOrder, *, lease: Lease | None = None) -> None:
        """Insert, or replace the entry with the same key."""
        ...

    def drop_quarantine(self, account: str, key: str, *, lease: Lease | None = None) -> bool:
        """Remove an entry; return whether there was one."""
        ...


@frozen(kw_only=True)
class UnseenOrder:
    """An order that was waiting and gone between two readings: `status` is where it stood when it was seen."""

    key: str
    identities: tuple[str, ...]
    status: OrderStatus
    created_at: datetime | None
    seen_at: datetime


@runtime_checkable
class QuarantinePages(Protocol):
    """Read a long quarantine page by page; optional, for people and their tools."""

    def count_quarantine(self, account: str) -> int:
        """Return how many orders are in quarantine."""
        ...

    def page_quarantine(
        self, account: str, *, limit: int, after: QuarantinedOrder | None = None
    ) -> Sequence[QuarantinedOrder]:
        """Return the first `limit` orders of `list_quarantine`, or those that follow `after`, which may be gone."""
        ...


@runtime_checkable
class UnseenStore(Protocol):
    """Record orders that passed unseen; unique by (account, key)."""

    def put_unseen(self, account: str, order: UnseenOrder) -> bool:
        """Record the order; return False if it is recorded already (with the same status)."""
        ...

    def list_unseen(self, account: str) -> Sequence[UnseenOrder]:
        """Return the account's recorded orders, oldest first."""
        ...


# --- what leaves the OMS --------------------------------------------------------------------------------------------


class TaskState(OpenEnum):
    """Where a stored decision or shipment stands.

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


@frozen(kw_only=True)
class Task:
    """The state of one order's decision or shipment; see `TaskState`. `version` grows by one with each change.

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
