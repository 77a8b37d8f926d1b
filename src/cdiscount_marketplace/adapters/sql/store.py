"""`SqlOms`: every port to an OMS, over one database."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from inspect import isawaitable, iscoroutine, iscoroutinefunction
from types import TracebackType
from typing import Protocol, Self

from attrs import frozen
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

from cdiscount_marketplace.adapters.sql import (
    checkpoints,
    companies,
    leases,
    offers,
    orders,
    overview,
    purge,
    quarantine,
    tasks,
    unseen,
)
from cdiscount_marketplace.adapters.sql.database import Database
from cdiscount_marketplace.adapters.sql.purge import PurgeReport
from cdiscount_marketplace.clock import Clock, SystemClock
from cdiscount_marketplace.errors import ConfigurationError
from cdiscount_marketplace.models import OrderStatus, SalesOrder
from cdiscount_marketplace.oms.ports import (
    AccountSummary,
    Change,
    Checkpoint,
    Company,
    DecisionTask,
    Lease,
    LeaseStatus,
    OfferPackage,
    OfferState,
    OfferSwap,
    OfferTask,
    OrderRecord,
    OrderSummary,
    Overview,
    PackageState,
    QuarantinedOrder,
    RefundTask,
    SaveRequest,
    ShipmentTask,
    StoredOrder,
    TaskState,
    UnseenOrder,
)


@frozen(kw_only=True)
class PlacedOrder:
    """What `SqlOms` maps to by itself: the sales order, and the companies that it belongs to."""

    order: SalesOrder
    company: Company | None


class OrderWriter(Protocol):
    """Write your own mapped order into your own tables."""

    def __call__(self, connection: Connection, account: str, mapped: object, change: Change, /) -> None:
        """Write `mapped` with `connection`, in the transaction that stores the sales order; do not commit."""
        ...


class OrderReceiver(Protocol):
    """Take over an imported or changed order into your own OMS."""

    def __call__(self, account: str, order: SalesOrder, change: Change, company: Company | None, /) -> None:
        """Do what your OMS does with the order, at least once: be idempotent by `order.number` and `change.digest`.

        The order is merged already: it has the numbers, lines and unmasked addresses of earlier answers. What you
        raise puts it into the quarantine, from where each later import tries it again: `Unmappable` with your own
        reason for a person, of other errors the kind and the place.
        """
        ...


class SqlOms:
    """An OMS in an SQL database: satisfies every port, in SQLite (`sqlite:///oms.db`) or PostgreSQL.

    It stores the sales orders themselves. With `receive`, it calls your function for each imported or changed order,
    before it commits: one function connects an OMS that has its own tables, in Django for instance. If you give the
    importer your own `mapper`, pass `write` as well: it puts the mapped order into your own tables in the same
    transaction. While no company mapping is stored, the account is both retailer and supplier; with `require_mapping`
    such orders wait in quarantine.

    Thread-safe; each thread has its own transaction. An `Engine` that you pass is used and never closed. Raises
    `UnknownSchema` at first use of a database that a newer version wrote, and `StoreFailed` where the database
    refuses, with nothing stored. A database of an older version is brought up to date at first use, unless `migrate`
    is False: then `UnknownSchema` names the command that does it. A store that is not there yet is made at first use,
    unless `create` is False: then `StoreFailed` is raised, and no file and no table is made.
    """

    def __init__(
        self,
        url_or_engine: str | URL | Engine,
        *,
        receive: OrderReceiver | None = None,
        write: OrderWriter | None = None,
        require_mapping: bool = False,
        clock: Clock | None = None,
        create: bool = True,
        migrate: bool = True,
    ) -> None:
        self._database = Database(url_or_engine, create=create, migrate=migrate)
        if iscoroutinefunction(receive):
            hint = "pass a plain function: nothing would await it, and its orders would be lost"
            raise ConfigurationError("receive is a coroutine function", hint=hint)
        self._receive = receive
        self._write = write
        self._require_mapping = require_mapping
        self._clock = clock or SystemClock()

    @property
    def name(self) -> str:
        """The path of the SQLite file, or the server and the database, without anything of the login."""
        return self._database.name

    def unit(self) -> AbstractContextManager[None]:
        """Begin a transaction, or inside another unit a savepoint; leave it by committing, or undo it by raising."""
        return self._database.unit()

    def ensure_open(self) -> None:
        """Open the database now instead of at first use, so that what is wrong with its address is raised here."""
        with self._database.reading():
            pass

    def close(self) -> None:
        """Close the database connections that this object opened."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- orders ---

    def map(self, order: SalesOrder, company: Company | None) -> PlacedOrder:
        """Keep the order as it is, with its companies."""
        return PlacedOrder(order=order, company=company)

    def find(self, account: str, identities: Sequence[str]) -> StoredOrder | None:
        """Return the order that has any of these identities; inside a unit, nobody changes it before the unit ends."""
        with self._database.reading() as session:
            return orders.find(session, account, identities)

    def find_all(self, account: str, wanted: Sequence[Sequence[str]]) -> Sequence[StoredOrder | None]:
        """Return for each tuple of identities what `find` would, in the same order."""
        with self._database.reading() as session:
            return orders.find_all(session, account, wanted)

    def save(self, account: str, order: SalesOrder, mapped: object, change: Change) -> None:
        """Insert or update the order that shares an identity with `order`, and remember all its identities.

        Raises `ConfigurationError` for a mapped order of your own when no `write` was given.
        """
        saving = self._saving(account, order, mapped, change)
        with self._database.writing() as session:
            orders.save(session, saving)
            self._hand_over(session.connection, saving, mapped)

    def save_all(self, account: str, requests: Sequence[SaveRequest[object]]) -> None:
        """Do for each what `save` would; raises, to be undone by the unit, if an order is not as it was found."""
        savings = [self._saving(account, one.order, one.mapped, one.change) for one in requests]
        with self._database.writing() as session:
            orders.save_all(session, savings)
            for saving, one in zip(savings, requests, strict=True):
                self._hand_over(session.connection, saving, one.mapped)

    def load_order(self, account: str, identity: str) -> SalesOrder | None:
        """Return the order as it was last saved, without its `source`; None where it is not stored."""
        with self._database.reading() as session:
            return overview.load_order(session, account, identity)

    def list_waiting(self, account: str) -> Sequence[tuple[str, ...]]:
        """Return the identities of each order whose stored status is still a waiting one, oldest first."""
        with self._database.reading() as session:
            return orders.list_waiting(session, account)

    def _saving(self, account: str, order: SalesOrder, mapped: object, change: Change) -> orders.Saving:
        return orders.Saving(account=account, order=order, company=self._company_of(mapped), change=change)

    def _hand_over(self, connection: Connection, saving: orders.Saving, mapped: object) -> None:
        if self._write is not None:
            _ensure_done(self._write(connection, saving.account, mapped, saving.change))
        if self._receive is not None:
            _ensure_done(self._receive(saving.account, saving.order, saving.change, saving.company))

    def _company_of(self, mapped: object) -> Company | None:
        if isinstance(mapped, PlacedOrder):
            return mapped.company
        if self._write is None and not isinstance(mapped, SalesOrder):
            message = f"SqlOms does not know how to store a {type(mapped).__name__}"
            raise ConfigurationError(message, hint="give SqlOms(…, write=…) a callable that writes your mapped order")
        return None

    def resolve(self, account: str, order: SalesOrder) -> Company | None:  # noqa: ARG002 - the mapping is by account
        """Return the companies of the account's orders, or None where a mapping is missing."""
        with self._database.reading() as session:
            return companies.resolve(session, account, required=self._require_mapping)

    # --- what the importer remembers ---

    def load_checkpoint(self, account: str) -> Checkpoint | None:
        """Return the checkpoint, None before the first run."""
        with self._database.reading() as session:
            return checkpoints.load(session, account)

    def swap_checkpoint(
        self, account: str, before: Checkpoint | None, after: Checkpoint, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before.version` is still the stored one."""
        with self._database.writing() as session:
            leases.check(session, lease)
            return checkpoints.swap(session, account, before, after, self._clock.now())

    def list_quarantine(self, account: str) -> Sequence[QuarantinedOrder]:
        """Return the account's quarantined orders, oldest first."""
        with self._database.reading() as session:
            return quarantine.listed(session, account)

    def count_quarantine(self, account: str) -> int:
        """Return how many orders are in quarantine."""
        with self._database.reading() as session:
            return quarantine.count(session, account)

    def page_quarantine(
        self, account: str, *, limit: int, after: QuarantinedOrder | None = None
    ) -> Sequence[QuarantinedOrder]:
        """Return the first `limit` quarantined orders, or those that follow `after`, oldest first."""
        with self._database.reading() as session:
            return quarantine.page(session, account, limit, after)

    def put_quarantine(self, account: str, order: QuarantinedOrder, *, lease: Lease | None = None) -> None:
        """Insert, or replace the entry with the same key."""
        with self._database.writing() as session:
            leases.check(session, lease)
            quarantine.put(session, account, order)

    def drop_quarantine(self, account: str, key: str, *, lease: Lease | None = None) -> bool:
        """Remove an entry; return whether there was one."""
        with self._database.writing() as session:
            leases.check(session, lease)
            return quarantine.drop(session, account, key, event="released", now=self._clock.now())

    def put_unseen(self, account: str, order: UnseenOrder) -> bool:
        """Record the order; return False if it is recorded already (with the same status)."""
        with self._database.writing() as session:
            return unseen.put(session, account, order)

    def list_unseen(self, account: str) -> Sequence[UnseenOrder]:
        """Return the account's recorded orders, oldest first."""
        with self._database.reading() as session:
            return unseen.listed(session, account)

    # --- leases ---

    def acquire(self, account: str, job: str, owner: str, ttl: timedelta) -> Lease | None:
        """Take the lease if it is free or expired, with a greater fence; None while another worker holds it."""
        with self._database.writing() as session:
            return leases.acquire(session, account, job, owner, ttl)

    def renew(self, lease: Lease, ttl: timedelta) -> Lease | None:
        """Extend a lease that is still ours; None if it was taken over."""
        with self._database.writing() as session:
            return leases.renew(session, lease, ttl)

    def release(self, lease: Lease) -> None:
        """Give the lease back; nothing happens if it was taken over."""
        with self._database.writing() as session:
            leases.release(session, lease)

    def list_leases(self, account: str) -> Sequence[LeaseStatus]:
        """Return the account's leases that are held now, by the name of their job."""
        with self._database.reading() as session:
            return leases.held_now(session, account)

    def free_lease(self, lease: Lease, *, reason: str | None = None) -> bool:
        """Free the lease if it is still this one, and raise its fence, so that its holder cannot write any more."""
        with self._database.writing() as session:
            return leases.free(session, lease, self._clock.now(), reason)

    # --- what leaves the OMS ---

    def list_shipments(self, account: str, states: Sequence[TaskState] = ()) -> Sequence[ShipmentTask]:
        """Return the account's shipments in any of `states` (none given: all), oldest first."""
        with self._database.reading() as session:
            return tasks.list_shipments(session, account, states)

    def count_shipments(self, account: str, states: Sequence[TaskState] = ()) -> int:
        """Return how many shipments are in any of `states` (none given: all)."""
        with self._database.reading() as session:
            return tasks.count_shipments(session, account, states)

    def page_shipments(
        self, account: str, states: Sequence[TaskState] = (), *, limit: int, after: ShipmentTask | None = None
    ) -> Sequence[ShipmentTask]:
        """Return the first `limit` shipments in any of `states`, or those that follow `after`, oldest first."""
        with self._database.reading() as session:
            return tasks.page_shipments(session, account, states, limit, after)

    def find_shipments(self, account: str, key: str) -> Sequence[ShipmentTask]:
        """Return the shipments recorded for an order, one per parcel, oldest first."""
        with self._database.reading() as session:
            return tasks.find_shipments(session, account, key)

    def swap_shipment(
        self, account: str, before: ShipmentTask | None, after: ShipmentTask, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        with self._database.writing() as session:
            leases.check(session, lease)
            return tasks.swap_shipment(session, account, before, after)

    def list_refunds(self, account: str, states: Sequence[TaskState] = ()) -> Sequence[RefundTask]:
        """Return the account's refunds in any of `states` (none given: all), oldest first."""
        with self._database.reading() as session:
            return tasks.list_refunds(session, account, states)

    def count_refunds(self, account: str, states: Sequence[TaskState] = ()) -> int:
        """Return how many refunds are in any of `states` (none given: all)."""
        with self._database.reading() as session:
            return tasks.count_refunds(session, account, states)

    def page_refunds(
        self, account: str, states: Sequence[TaskState] = (), *, limit: int, after: RefundTask | None = None
    ) -> Sequence[RefundTask]:
        """Return the first `limit` refunds in any of `states`, or those that follow `after`, oldest first."""
        with self._database.reading() as session:
            return tasks.page_refunds(session, account, states, limit, after)

    def find_refunds(self, account: str, key: str) -> Sequence[RefundTask]:
        """Return the refunds recorded for an order, one per reference, oldest first."""
        with self._database.reading() as session:
            return tasks.find_refunds(session, account, key)

    def swap_refund(
        self, account: str, before: RefundTask | None, after: RefundTask, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        with self._database.writing() as session:
            leases.check(session, lease)
            return tasks.swap_refund(session, account, before, after)

    def list_decisions(self, account: str, states: Sequence[TaskState] = ()) -> Sequence[DecisionTask]:
        """Return the account's decisions in any of `states` (none given: all), oldest first."""
        with self._database.reading() as session:
            return tasks.list_decisions(session, account, states)

    def count_decisions(self, account: str, states: Sequence[TaskState] = ()) -> int:
        """Return how many decisions are in any of `states` (none given: all)."""
        with self._database.reading() as session:
            return tasks.count_decisions(session, account, states)

    def page_decisions(
        self, account: str, states: Sequence[TaskState] = (), *, limit: int, after: DecisionTask | None = None
    ) -> Sequence[DecisionTask]:
        """Return the first `limit` decisions in any of `states`, or those that follow `after`, oldest first."""
        with self._database.reading() as session:
            return tasks.page_decisions(session, account, states, limit, after)

    def find_decision(self, account: str, key: str) -> DecisionTask | None:
        """Return the decision recorded for an order."""
        with self._database.reading() as session:
            return tasks.find_decision(session, account, key)

    def swap_decision(
        self, account: str, before: DecisionTask | None, after: DecisionTask, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        with self._database.writing() as session:
            leases.check(session, lease)
            return tasks.swap_decision(session, account, before, after)

    # --- offers ---

    def find_offers(self, account: str, skus: Sequence[str]) -> Sequence[OfferTask]:
        """Return those of these offers that are stored, in any order."""
        with self._database.reading() as session:
            return offers.find(session, account, skus)

    def list_due_offers(
        self, account: str, now: datetime, *, limit: int, after: OfferTask | None = None
    ) -> Sequence[OfferTask]:
        """Return the first pending offers whose turn has come, or those that follow `after`, oldest first."""
        with self._database.reading() as session:
            return offers.list_due(session, account, now, limit, after)

    def list_package(self, account: str, package: str, *, limit: int | None = None) -> Sequence[OfferTask]:
        """Return the first offers that are on their way in a package, by sku."""
        with self._database.reading() as session:
            return offers.list_package(session, account, package, limit)

    def count_offers(self, account: str, states: Sequence[OfferState] = ()) -> int:
        """Return how many offers are in any of `states` (none given: all)."""
        with self._database.reading() as session:
            return offers.count(session, account, states)

    def page_offers(
        self, account: str, states: Sequence[OfferState] = (), *, limit: int, after: OfferTask | None = None
    ) -> Sequence[OfferTask]:
        """Return the first `limit` offers in any of `states` by sku, or those that follow `after`."""
        with self._database.reading() as session:
            return offers.page(session, account, states, limit, after)

    def swap_offers(self, account: str, swaps: Sequence[OfferSwap], *, lease: Lease | None = None) -> Sequence[bool]:
        """Replace each row whose `before` still has the stored version; return which were replaced."""
        with self._database.writing() as session:
            leases.check(session, lease)
            return offers.swap(session, account, swaps)

    def list_packages(self, account: str, states: Sequence[PackageState] = ()) -> Sequence[OfferPackage]:
        """Return the account's packages in any of `states` (none given: all), oldest first."""
        with self._database.reading() as session:
            return offers.list_packages(session, account, states)

    def swap_package(
        self, account: str, before: OfferPackage | None, after: OfferPackage, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        with self._database.writing() as session:
            leases.check(session, lease)
            return offers.swap_package(session, account, before, after)

    # --- for people and their tools ---

    def accounts(self) -> Sequence[str]:
        """Return every account that the store knows of."""
        with self._database.reading() as session:
            return overview.accounts(session)

    def overview(self, account: str) -> Overview:
        """Return an account at a glance: last pull, orders by status, quarantine by cause, outbox by state."""
        with self._database.reading() as session:
            return overview.overview(session, account)

    def summarize_accounts(self, accounts: Sequence[str]) -> Sequence[AccountSummary]:
        """Return what waits for a person in each of these accounts; one that the store does not know has nothing."""
        with self._database.reading() as session:
            return overview.summarize_accounts(session, accounts)

    def bounded_overview(self, account: str, *, most: int) -> Overview:
        """Return an account at a glance; `most` or more orders, tasks or offers of a value are counted as `most`."""
        with self._database.reading() as session:
            return overview.bounded_overview(session, account, most)

    def list_orders(
        self,
        account: str,
        statuses: Sequence[OrderStatus] = (),
        *,
        limit: int | None = None,
        after: str | None = None,
    ) -> Sequence[OrderSummary]:
        """Return the account's stored orders in any of `statuses` (none given: all), newest first.

        With `after`, those that follow the order of this number.
        """
        with self._database.reading() as session:
            return overview.list_orders(session, account, statuses, limit, after)

    def show_order(self, account: str, identity: str) -> OrderRecord | None:
        """Return a stored order, whole, and what happened to it; None if the store does not have it."""
        with self._database.reading() as session:
            return overview.show_order(session, account, identity)

    def list_companies(self) -> Sequence[tuple[str, Company]]:
        """Return every account that is mapped, and its companies."""
        with self._database.reading() as session:
            return companies.listed(session)

    def put_company(self, account: str, company: Company) -> None:
        """Map an account's orders to companies; orders that are stored already keep theirs."""
        with self._database.writing() as session:
            companies.put(session, account, company)

    def drop_company(self, account: str) -> bool:
        """Remove an account's mapping; return whether there was one."""
        with self._database.writing() as session:
            return companies.drop(session, account)

    def discard_quarantine(self, account: str, key: str, *, reason: str | None = None) -> bool:
        """Remove an entry by a person's decision; an order that still waits comes back with the next sweep."""
        with self._database.writing() as session:
            now = self._clock.now()
            return quarantine.drop(session, account, key, event="discarded", now=now, detail=reason)

    def purge(self, older_than: datetime) -> PurgeReport:
        """Forget the customers of finished orders that last changed before `older_than`; keep numbers and amounts.

        Finished is what is shipped, delivered, refused or cancelled. Quarantined orders that no run has tried since
        then lose their payload and their reason's text.
        """
        with self._database.writing() as session:
            report = purge.purge(session, older_than, self._clock.now())
        self._database.shed()
        return report

    def forget_customer(self, account: str, identity: str) -> PurgeReport:
        """Forget the customer of one order at once, whatever its state; a later import may bring the data back."""
        with self._database.writing() as session:
            report = purge.forget(session, account, identity, self._clock.now())
        self._database.shed()
        return report


def _ensure_done(result: object) -> None:
    """Raise `TypeError` for what is still to be awaited: nothing would, and the order would be lost."""
    if isawaitable(result):
        if iscoroutine(result):
            result.close()
        raise TypeError("receive and write must be done when they return, not return an awaitable")
