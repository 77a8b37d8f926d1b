"""An OMS in memory that satisfies every port: the readable reference, for tests and for learning.

All of it is plain dictionaries behind one lock. Each write notes how to undo itself; a unit of work that raises is
undone back to where it began, so that units nest like transactions and savepoints do.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import RLock
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from cdiscount_marketplace.clock import Clock, SystemClock
from cdiscount_marketplace.errors import LeaseLost
from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.oms.identity import ensure_same_order
from cdiscount_marketplace.oms.ports import (
    STILL_WAITING,
    Change,
    ChangeKind,
    Checkpoint,
    Company,
    DecisionTask,
    Lease,
    LeaseStatus,
    OfferPackage,
    OfferState,
    OfferSwap,
    OfferTask,
    PackageState,
    QuarantinedOrder,
    RefundTask,
    ShipmentTask,
    StoredOrder,
    TaskState,
    UnseenOrder,
)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
R = TypeVar("R", ShipmentTask, DecisionTask, RefundTask)


@frozen(kw_only=True)
class MemoryOrder:
    """An order that `MemoryOms` keeps: as it was read, as it was mapped, and each change that it saw."""

    account: str
    order: SalesOrder
    mapped: Any = field(repr=False)
    changes: tuple[Change, ...]


class MemoryOms:
    """Keep everything in memory; thread-safe. A unit of work holds the lock until it ends."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lock = RLock()
        self._undo: list[Callable[[], None]] = []
        self._depth = 0
        self._orders: dict[int, MemoryOrder] = {}
        self._identities: dict[tuple[str, str], int] = {}
        self._companies: dict[str, Company] = {}
        self._checkpoints: dict[str, Checkpoint] = {}
        self._quarantine: dict[tuple[str, str], QuarantinedOrder] = {}
        self._unseen: dict[tuple[str, str], UnseenOrder] = {}
        self._shipments: dict[tuple[str, str, str], ShipmentTask] = {}
        self._decisions: dict[tuple[str, str], DecisionTask] = {}
        self._refunds: dict[tuple[str, str, str], RefundTask] = {}
        self._offers: dict[tuple[str, str], OfferTask] = {}
        self._packages: dict[tuple[str, str], OfferPackage] = {}
        self._leases: dict[tuple[str, str], Lease] = {}

    # --- units of work --------------------------------------------------------------------------------------------

    @contextmanager
    def unit(self) -> Generator[None]:
        """Begin a transaction, or inside another unit a savepoint; what raises inside is undone."""
        with self._lock:
            begun = len(self._undo)
            self._depth += 1
            try:
                yield
            except BaseException:
                self._roll_back(begun)
                raise
            finally:
                self._depth -= 1
                if not self._depth:
                    self._undo.clear()

    def _roll_back(self, begun: int) -> None:
        while len(self._undo) > begun:
            self._undo.pop()()

    def _put(self, table: dict[K, V], key: K, value: V) -> None:
        """Write one entry, and note how to undo it."""
        if key in table:
            self._undo.append(lambda before=table[key]: table.__setitem__(key, before))  # type: ignore[misc]  # a default's type is not inferred
        else:
            self._undo.append(lambda: table.__delitem__(key))
        table[key] = value

    def _drop(self, table: dict[K, V], key: K) -> bool:
        if key not in table:
            return False
        before = table.pop(key)
        self._undo.append(lambda: table.__setitem__(key, before))
        return True

    # --- orders ---------------------------------------------------------------------------------------------------

    def find(self, account: str, identities: Sequence[str]) -> StoredOrder | None:
        """Return the order that has any of these identities."""
        with self._lock:
            row = self._row(account, identities)
            kept = None if row is None else self._orders[row]
            return _stored(kept) if kept else None

    def save(self, account: str, order: SalesOrder, mapped: Any, change: Change) -> None:
        """Insert or update the order that shares an identity with `order`, and remember all its identities."""
        with self.unit():
            row = self._row(account, order.keys)
            before = None if row is None else self._orders[row]
            ensure_same_order(order, before.order.unique_id if before else None)
            known = before.order.identities if before else ()
            row = len(self._orders) if row is None else row
            free = (one for one in order.identities if self._identities.get((account, one), row) == row)
            identities = tuple(dict.fromkeys((*free, *known)))
            # Some services list no lines of a cancelled order: what was in it is not forgotten for that.
            lines = order.lines or (before.order.lines if before else ())
            kept = MemoryOrder(
                account=account,
                order=evolve(order, identities=identities, lines=lines),
                mapped=mapped,
                changes=(*(before.changes if before else ()), change),
            )
            self._put(self._orders, row, kept)
            for identity in identities:
                self._put(self._identities, (account, identity), row)

    def _row(self, account: str, identities: Sequence[str]) -> int | None:
        rows = (self._identities.get((account, identity)) for identity in identities)
        return next((row for row in rows if row is not None), None)

    def orders(self, account: str) -> tuple[MemoryOrder, ...]:
        """Return an account's orders, in the order of their arrival."""
        with self._lock:
            return tuple(kept for kept in self._orders.values() if kept.account == account)

    def load_order(self, account: str, identity: str) -> SalesOrder | None:
        """Return the order as it was last saved; None where it is not stored."""
        with self._lock:
            row = self._row(account, [identity])
            return None if row is None else self._orders[row].order

    def list_waiting(self, account: str) -> Sequence[tuple[str, ...]]:
        """Return the identities of each order whose stored status is still a waiting one, oldest first."""
        return [kept.order.identities for kept in self.orders(account) if kept.order.status in STILL_WAITING]

    # --- companies ------------------------------------------------------------------------------------------------

    def put_company(self, account: str, company: Company) -> None:
        """Say which companies an account's orders belong to; from the first one on, every account needs its own."""
        with self.unit():
            self._put(self._companies, account, company)

    def resolve(self, account: str, order: SalesOrder) -> Company | None:  # noqa: ARG002 -- the mapping is by account
        """Return the account's companies; while none are set at all, the account is both."""
        with self._lock:
            if not self._companies:
                return Company(retailer=account, supplier=account)
            return self._companies.get(account)

    # --- leases ---------------------------------------------------------------------------------------------------

    def acquire(self, account: str, job: str, owner: str, ttl: timedelta) -> Lease | None:
        """Take the lease if it is free or expired, with a greater fence; None while another worker holds it."""
        with self.unit():
            held = self._leases.get((account, job))
            now = self._clock.now()
            if held and held.expires_at > now:
                return None
            fence = held.fence + 1 if held else 1
            lease = Lease(account=account, job=job, owner=owner, fence=fence, expires_at=now + ttl)
            self._put(self._leases, (account, job), lease)
            return lease

    def renew(self, lease: Lease, ttl: timedelta) -> Lease | None:
        """Extend a lease that is still ours; None if it was taken over."""
        with self.unit():
            if not self._ours(lease):
                return None
            longer = evolve(lease, expires_at=self._clock.now() + ttl)
            self._put(self._leases, (lease.account, lease.job), longer)
            return longer

    def release(self, lease: Lease) -> None:
        """Give the lease back; nothing happens if it was taken over."""
        with self.unit():
            if self._ours(lease):
                self._put(self._leases, (lease.account, lease.job), evolve(lease, expires_at=self._clock.now()))

    def list_leases(self, account: str) -> Sequence[LeaseStatus]:
        """Return the account's leases that are held now."""
        with self._lock:
            now = self._clock.now()
            leases = (lease for (name, _), lease in sorted(self._leases.items()) if name == account)
            return tuple(
                LeaseStatus(lease=lease, remaining=lease.expires_at - now) for lease in leases if lease.expires_at > now
            )

    def free_lease(self, lease: Lease, *, reason: str | None = None) -> bool:  # noqa: ARG002 -- nothing keeps a history here
        """Free the lease if it is still this one, and raise its fence, so that its holder cannot write any more."""
        with self.unit():
            if not self._ours(lease):
                return False
            freed = evolve(lease, fence=lease.fence + 1, expires_at=self._clock.now())
            self._put(self._leases, (lease.account, lease.job), freed)
            return True

    def _ours(self, lease: Lease) -> bool:
        held = self._leases.get((lease.account, lease.job))
        return held is not None and held.fence == lease.fence

    def _check(self, lease: Lease | None) -> None:
        if lease is not None and not self._ours(lease):
            raise LeaseLost(f"another worker took over {lease.job} on {lease.account}")

    # --- checkpoint, quarantine, unseen -----------------------------------------------------------------------------

    def load_checkpoint(self, account: str) -> Checkpoint | None:
        """Return the checkpoint, None before the first run."""
        with self._lock:
            return self._checkpoints.get(account)

    def swap_checkpoint(
        self, account: str, before: Checkpoint | None, after: Checkpoint, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before.version` is still the stored one."""
        with self.unit():
            self._check(lease)
            stored = self._checkpoints.get(account)
            if (stored.version if stored else None) != (before.version if before else None):
                return False
            self._put(self._checkpoints, account, after)
            return True

    def list_quarantine(self, account: str) -> Sequence[QuarantinedOrder]:
        """Return the account's quarantined orders, oldest first."""
        with self._lock:
            return _oldest_first(self._quarantine, account, _entry_place)

    def count_quarantine(self, account: str) -> int:
        """Return how many orders are in quarantine."""
        return len(self.list_quarantine(account))

    def page_quarantine(
        self, account: str, *, limit: int, after: QuarantinedOrder | None = None
    ) -> Sequence[QuarantinedOrder]:
        """Return the first `limit` quarantined orders, or those that follow `after`, oldest first."""
        return _page(self.list_quarantine(account), _entry_place, limit, after)

    def put_quarantine(self, account: str, order: QuarantinedOrder, *, lease: Lease | None = None) -> None:
        """Insert, or replace the entry with the same key."""
        with self.unit():
            self._check(lease)
            self._put(self._quarantine, (account, order.key), order)

    def drop_quarantine(self, account: str, key: str, *, lease: Lease | None = None) -> bool:
        """Remove an entry; return whether there was one."""
        with self.unit():
            self._check(lease)
            return self._drop(self._quarantine, (account, key))

    def put_unseen(self, account: str, order: UnseenOrder) -> bool:
        """Record the order; return False if it is recorded already (with the same status)."""
        with self.unit():
            known = self._unseen.get((account, order.key))
            if known and known.status == order.status:
                return False
            self._put(self._unseen, (account, order.key), order)
            return True

    def list_unseen(self, account: str) -> Sequence[UnseenOrder]:
        """Return the account's recorded orders, oldest first."""
        with self._lock:
            return _oldest_first(self._unseen, account, lambda order: order.seen_at)

    # --- decisions, shipments and refunds ----------------------------------------------------------------------------

    def list_shipments(self, account: str, states: Sequence[TaskState] = ()) -> Sequence[ShipmentTask]:
        """Return the account's shipments in any of `states` (none given: all), oldest first."""
        with self._lock:
            return _in_states(self._shipments, account, states, _shipment_place)

    def count_shipments(self, account: str, states: Sequence[TaskState] = ()) -> int:
        """Return how many shipments are in any of `states` (none given: all)."""
        return len(self.list_shipments(account, states))

    def page_shipments(
        self, account: str, states: Sequence[TaskState] = (), *, limit: int, after: ShipmentTask | None = None
    ) -> Sequence[ShipmentTask]:
        """Return the first `limit` shipments in any of `states`, or those that follow `after`, oldest first."""
        return _page(self.list_shipments(account, states), _shipment_place, limit, after)

    def find_shipments(self, account: str, key: str) -> Sequence[ShipmentTask]:
        """Return the shipments recorded for an order, one per parcel, oldest first."""
        with self._lock:
            rows = (row for (owner, number, _), row in self._shipments.items() if (owner, number) == (account, key))
            return tuple(sorted(rows, key=_shipment_place))

    def swap_shipment(
        self, account: str, before: ShipmentTask | None, after: ShipmentTask, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        key = (account, after.task.key, after.shipment.parcel)
        return self._swap(self._shipments, key, before, after, lease)

    def list_decisions(self, account: str, states: Sequence[TaskState] = ()) -> Sequence[DecisionTask]:
        """Return the account's decisions in any of `states` (none given: all), oldest first."""
        with self._lock:
            return _in_states(self._decisions, account, states, _decision_place)

    def count_decisions(self, account: str, states: Sequence[TaskState] = ()) -> int:
        """Return how many decisions are in any of `states` (none given: all)."""
        return len(self.list_decisions(account, states))

    def page_decisions(
        self, account: str, states: Sequence[TaskState] = (), *, limit: int, after: DecisionTask | None = None
    ) -> Sequence[DecisionTask]:
        """Return the first `limit` decisions in any of `states`, or those that follow `after`, oldest first."""
        return _page(self.list_decisions(account, states), _decision_place, limit, after)

    def find_decision(self, account: str, key: str) -> DecisionTask | None:
        """Return the decision recorded for an order."""
        with self._lock:
            return self._decisions.get((account, key))

    def swap_decision(
        self, account: str, before: DecisionTask | None, after: DecisionTask, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        return self._swap(self._decisions, (account, after.task.key), before, after, lease)

    def list_refunds(self, account: str, states: Sequence[TaskState] = ()) -> Sequence[RefundTask]:
        """Return the account's refunds in any of `states` (none given: all), oldest first."""
        with self._lock:
            return _in_states(self._refunds, account, states, _refund_place)

    def count_refunds(self, account: str, states: Sequence[TaskState] = ()) -> int:
        """Return how many refunds are in any of `states` (none given: all)."""
        return len(self.list_refunds(account, states))

    def page_refunds(
        self, account: str, states: Sequence[TaskState] = (), *, limit: int, after: RefundTask | None = None
    ) -> Sequence[RefundTask]:
        """Return the first `limit` refunds in any of `states`, or those that follow `after`, oldest first."""
        return _page(self.list_refunds(account, states), _refund_place, limit, after)

    def find_refunds(self, account: str, key: str) -> Sequence[RefundTask]:
        """Return the refunds recorded for an order, one per reference, oldest first."""
        with self._lock:
            rows = (row for (owner, number, _), row in self._refunds.items() if (owner, number) == (account, key))
            return tuple(sorted(rows, key=_refund_place))

    def swap_refund(
        self, account: str, before: RefundTask | None, after: RefundTask, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        key = (account, after.task.key, after.refund.reference)
        return self._swap(self._refunds, key, before, after, lease)

    def _swap(self, table: dict[K, R], key: K, before: R | None, after: R, lease: Lease | None) -> bool:
        with self.unit():
            self._check(lease)
            stored = table.get(key)
            if (stored.task.version if stored else None) != (before.task.version if before else None):
                return False
            self._put(table, key, after)
            return True

    # --- offers -----------------------------------------------------------------------------------------------------

    def find_offers(self, account: str, skus: Sequence[str]) -> Sequence[OfferTask]:
        """Return those of these offers that are stored."""
        with self._lock:
            rows = (self._offers.get((account, sku)) for sku in dict.fromkeys(skus))
            return tuple(row for row in rows if row is not None)

    def list_due_offers(
        self, account: str, now: datetime, *, limit: int, after: OfferTask | None = None
    ) -> Sequence[OfferTask]:
        """Return the first pending offers whose turn has come, or those that follow `after`, oldest first."""
        with self._lock:
            rows = self._offers_in(account, (OfferState.PENDING,))
            return _page(sorted((row for row in rows if row.due_at <= now), key=_due_place), _due_place, limit, after)

    def list_package(self, account: str, package: str, *, limit: int | None = None) -> Sequence[OfferTask]:
        """Return the first offers that are on their way in a package, by sku."""
        with self._lock:
            return tuple(row for row in self._offers_in(account) if row.package == package)[:limit]

    def count_offers(self, account: str, states: Sequence[OfferState] = ()) -> int:
        """Return how many offers are in any of `states` (none given: all)."""
        with self._lock:
            return len(self._offers_in(account, states))

    def page_offers(
        self, account: str, states: Sequence[OfferState] = (), *, limit: int, after: OfferTask | None = None
    ) -> Sequence[OfferTask]:
        """Return the first `limit` offers in any of `states` by sku, or those that follow `after`."""
        with self._lock:
            return _page(self._offers_in(account, states), lambda row: row.offer.sku, limit, after)

    def swap_offers(self, account: str, swaps: Sequence[OfferSwap], *, lease: Lease | None = None) -> Sequence[bool]:
        """Replace each row whose `before` still has the stored version; return which were replaced."""
        with self.unit():
            self._check(lease)
            return tuple(self._swap_offer(account, swap) for swap in swaps)

    def _swap_offer(self, account: str, swap: OfferSwap) -> bool:
        key = (account, swap.after.offer.sku)
        stored = self._offers.get(key)
        if (stored.version if stored else None) != (swap.before.version if swap.before else None):
            return False
        self._put(self._offers, key, swap.after)
        return True

    def _offers_in(self, account: str, states: Sequence[OfferState] = ()) -> list[OfferTask]:
        mine = (row for (owner, _), row in self._offers.items() if owner == account)
        return sorted((row for row in mine if not states or row.state in states), key=lambda row: row.offer.sku)

    def list_packages(self, account: str, states: Sequence[PackageState] = ()) -> Sequence[OfferPackage]:
        """Return the account's packages in any of `states` (none given: all), oldest first."""
        with self._lock:
            packages = _oldest_first(self._packages, account, lambda package: (package.created_at, package.name))
            return tuple(package for package in packages if not states or package.state in states)

    def swap_package(
        self, account: str, before: OfferPackage | None, after: OfferPackage, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        with self.unit():
            self._check(lease)
            stored = self._packages.get((account, after.name))
            if (stored.version if stored else None) != (before.version if before else None):
                return False
            self._put(self._packages, (account, after.name), after)
            return True


def _stored(kept: MemoryOrder) -> StoredOrder:
    stages = [change.kind for change in kept.changes if change.kind != ChangeKind.UPDATED]
    return StoredOrder.of(kept.order, digest=kept.changes[-1].digest, stage=(stages or [ChangeKind.IMPORTED])[-1])


def _oldest_first(table: Mapping[Any, V], account: str, place: Callable[[V], Any]) -> tuple[V, ...]:
    return tuple(sorted((value for key, value in table.items() if key[0] == account), key=place))


def _in_states(
    table: Mapping[Any, R], account: str, states: Sequence[TaskState], place: Callable[[R], Any]
) -> tuple[R, ...]:
    rows = _oldest_first(table, account, place)
    return tuple(row for row in rows if not states or row.task.state in states)


def _page(rows: Sequence[V], place: Callable[[V], Any], limit: int, after: V | None) -> tuple[V, ...]:
    following = rows if after is None else [row for row in rows if place(row) > place(after)]
    return tuple(following[:limit])


def _entry_place(entry: QuarantinedOrder) -> tuple[datetime, str]:
    return entry.first_seen, entry.key


def _shipment_place(row: ShipmentTask) -> tuple[datetime, str, str]:
    return row.task.created_at, row.shipment.key, row.shipment.parcel


def _decision_place(row: DecisionTask) -> tuple[datetime, str]:
    return row.task.created_at, row.decision.key


def _refund_place(row: RefundTask) -> tuple[datetime, str, str]:
    return row.task.created_at, row.refund.key, row.refund.reference


def _due_place(row: OfferTask) -> tuple[datetime, str]:
    return row.due_at, row.offer.sku
