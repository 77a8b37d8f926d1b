"""Where an OMS keeps orders: whose they are, how they are mapped and stored, and what a change of them is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Generic, Protocol, TypeVar, runtime_checkable

from attrs import field, frozen

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.models import Address, Customer, OrderStatus, SalesOrder

T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)


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
        """Return the OMS's order; raise `Unmappable(reason)` for one that it cannot take.

        A run may ask twice for the same order, so do nothing else here that must not happen twice.
        """
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
    """What a repository returns about a stored order: enough to see whether a snapshot is new.

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

    Identities are opaque texts. Those that begin with `shared:` mark numbers that several orders have, those that begin
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


@runtime_checkable
class OrderArchive(Protocol):
    """Load stored orders as a whole; optional, to keep what later answers leave out."""

    def load_order(self, account: str, identity: str) -> SalesOrder | None:
        """Return the order as it was last saved, without its `source`; None where it is not stored."""
        ...


@frozen(kw_only=True)
class SaveRequest(Generic[T_co]):
    """One order to save: as the marketplace shows it, as the OMS's mapper made it, and what changed."""

    order: SalesOrder
    mapped: T_co
    change: Change


@runtime_checkable
class BulkSave(Protocol[T_contra]):
    """Save many orders in one go; optional, for repositories that have units of work and pay for each statement."""

    def save_all(self, account: str, requests: Sequence[SaveRequest[T_contra]]) -> None:
        """Do for each what `save` would, in this order.

        Raise whatever you like if one of them cannot be saved: the caller undoes the unit and saves one by one, so
        that only that order is quarantined.
        """
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
