"""Putting orders into the OMS, each in a unit of work of its own, or into quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from threading import Event as Flag
from typing import Generic, TypeVar

from attrs import Factory, evolve, field, frozen

from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.errors import LeaseLost
from cdiscount_marketplace.events import Hook, OrderHandled, emit
from cdiscount_marketplace.models import OrderStatus, SalesOrder
from cdiscount_marketplace.oms.admission import PASSED, UNPAID, ensure_complete, kind_of, unfit_for
from cdiscount_marketplace.oms.gaps import has_gaps, without_gaps
from cdiscount_marketplace.oms.identity import (
    Match,
    apart,
    as_stored,
    is_mark,
    is_numberless,
    match,
    shared_mark,
    shared_numbers,
)
from cdiscount_marketplace.oms.leases import HeldLease
from cdiscount_marketplace.oms.ports import (
    BulkLookup,
    BulkSave,
    Change,
    Company,
    CompanyMapping,
    OrderArchive,
    OrderMapper,
    OrderRepository,
    QuarantinedOrder,
    QuarantineStore,
    SaveRequest,
    StoredOrder,
    UnitOfWork,
    UnseenOrder,
    UnseenStore,
)
from cdiscount_marketplace.oms.quarantining import Quarantine, Refusal, refusing
from cdiscount_marketplace.oms.reports import Placement
from cdiscount_marketplace.oms.snapshots import (
    Freshness,
    changed_aspects,
    digest_of,
    is_ahead,
    judge,
    precedes,
    without_future_stamp,
)
from cdiscount_marketplace.oms.stop_reason import StopRequested
from cdiscount_marketplace.oms.withheld import merge, without_placeholders

T = TypeVar("T")

Place = Callable[[SalesOrder, StoredOrder | None], None]


@frozen(kw_only=True)
class OrderSink(Generic[T]):
    """Where orders go: the parts of an OMS that the importer writes to."""

    account: str
    repository: OrderRepository[T]
    mapper: OrderMapper[T]
    companies: CompanyMapping | None
    quarantine: QuarantineStore | None
    unseen: UnseenStore | None
    # Looked up once: asking an object for a protocol costs as much as a savepoint, and each order has one.
    unit: Callable[[], AbstractContextManager[None]] = field(
        init=False, default=Factory(lambda self: _units_of(self.repository), takes_self=True)
    )
    # None where stored orders are not given back whole.
    archive: OrderArchive | None = field(
        init=False, default=Factory(lambda self: _archive_of(self.repository), takes_self=True)
    )
    # None where orders are saved one by one.
    bulk: BulkSave[T] | None = field(
        init=False, default=Factory(lambda self: _bulk_of(self.repository), takes_self=True)
    )

    def find_all(self, orders: Sequence[SalesOrder]) -> Sequence[StoredOrder | None] | None:
        """Look all orders up at once, where the repository can."""
        if not isinstance(self.repository, BulkLookup):
            return None
        return self.repository.find_all(self.account, [order.keys for order in orders])


@frozen(kw_only=True)
class Tally:
    """What a run has done so far."""

    counts: Counter[Placement] = field(factory=Counter[Placement])
    quarantined: dict[str, QuarantinedOrder] = field(factory=dict[str, QuarantinedOrder])


class OrderStorer(Generic[T]):
    """Places the orders of one run. An error that is not about a single order is raised and undoes its batch."""

    def __init__(
        self,
        to: OrderSink[T],
        holding: HeldLease,
        *,
        floor: datetime,
        import_unseen: bool,
        import_unpaid: bool,
        unique_numbers: bool,
        batch: int,
        clock: Clock,
        hooks: tuple[Hook, ...],
        stop: Flag,
    ) -> None:
        self.tally: Tally = Tally()
        self.quarantine: Quarantine = Quarantine(to.quarantine, to.account, holding, clock, to.unit)
        self._to = to
        self._holding = holding
        self._floor = floor
        # States besides waiting for shipment in which an order comes in.
        self._wanted = frozenset[OrderStatus]().union(UNPAID if import_unpaid else (), PASSED if import_unseen else ())
        self._unique_numbers = unique_numbers
        self._batch = batch
        self._clock = clock
        self._hooks = hooks
        self._stop = stop
        self._events: list[OrderHandled] = []
        # What a batch that is placed as one has to save; None where orders are placed one by one.
        self._together: list[SaveRequest[T]] | None = None
        # Numbers that several orders of this run's readings bear.
        self._shared: set[str] = set()

    def waiting(self, orders: Sequence[SalesOrder], then: Callable[[], None] | None = None) -> None:
        """Import orders that wait for shipment, then call `then` in the last transaction.

        Those among them whose state is not understood are treated as others are.
        """
        self._in_batches(orders, self._import_waiting, then)

    def others(self, orders: Sequence[SalesOrder], then: Callable[[], None] | None = None) -> None:
        """Update the known orders among others, record those that passed, then call `then` in the last transaction."""
        self._in_batches(orders, self._update, then)

    def again(self, orders: Sequence[SalesOrder]) -> None:
        """Try orders that are in quarantine again."""
        self._in_batches(orders, self._import, None)

    def set_aside_unread(self, entry: QuarantinedOrder, reason: str) -> None:
        """Record of a quarantined order why it cannot be read again."""
        kept = self.quarantine.tried_in_vain(entry, reason)
        self.tally.quarantined[kept.key] = kept
        self._note_number(kept.key, Placement.QUARANTINED, reason)
        self._tell()

    # --- batches --------------------------------------------------------------------------------------------------

    def _in_batches(self, orders: Sequence[SalesOrder], place: Place, then: Callable[[], None] | None) -> None:
        self._shared |= shared_numbers(orders)
        starts = range(0, max(len(orders), 1), self._batch)
        for start in starts:
            if start:
                self._holding.renew()
            self._events.clear()
            last = start == starts[-1]
            with self._to.unit():
                done = self._place_batch(orders[start : start + self._batch], place)
                if done and last and then is not None:
                    then()
            self._tell()
            if not done:
                raise StopRequested

    def _place_batch(self, orders: Sequence[SalesOrder], place: Place) -> bool:
        """Place a batch as one, or its orders one by one; return False when asked to stop before the last."""
        found = self._find_all(orders) if orders else None
        if found is None or self._to.bulk is None or any(map(self.quarantine.find, orders)):
            return self._place_each(orders, found, place)
        try:
            return self._place_together(orders, found, place)
        except LeaseLost:
            raise
        except Exception:  # noqa: BLE001 -- placing one by one finds out which order it is
            self._events.clear()
            return self._place_each(orders, found, place)

    def _place_together(self, orders: Sequence[SalesOrder], found: Sequence[StoredOrder | None], place: Place) -> bool:
        """Place a batch in one savepoint, and save in bulk; any order that is refused undoes it all."""
        self._together = []
        try:
            with self._to.unit():
                done = self._place_each(orders, found, place)
                self._save_together()
            return done
        finally:
            self._together = None

    def _place_each(
        self, orders: Sequence[SalesOrder], found: Sequence[StoredOrder | None] | None, place: Place
    ) -> bool:
        touched: set[str] = set()
        now = self._clock.now()
        for position, snapshot in enumerate(orders):
            order = without_future_stamp(snapshot, now)
            if self._stop.is_set():
                return False
            try:
                known = found is not None and touched.isdisjoint(order.keys)
                place(order, found[position] if found is not None and known else self._find(order.keys))
            except Refusal as refusal:
                if self._together is not None:
                    raise
                self._set_aside(order, refusal)
            touched.update(order.keys)
        return True

    def _save_together(self) -> None:
        if self._together and self._to.bulk is not None:
            self._to.bulk.save_all(self._to.account, self._together)
            self._together.clear()

    def _find_all(self, orders: Sequence[SalesOrder]) -> Sequence[StoredOrder | None] | None:
        """Look all orders up at once; None where that is not possible, be it for the sake of one of them."""
        try:
            with self._to.unit():
                return self._to.find_all(orders)
        except LeaseLost:
            raise
        except Exception:  # noqa: BLE001 -- any store's own errors; looking up one by one finds out which order it is
            return None

    def _find(self, identities: Sequence[str]) -> StoredOrder | None:
        self._save_together()
        with refusing("store_failed", "the repository"), self._to.unit():
            return self._to.repository.find(self._to.account, identities)

    def _tell(self) -> None:
        for event in self._events:
            self.tally.counts[Placement(event.result)] += 1
            emit(self._hooks, event)
        self._events.clear()

    def _note(self, order: SalesOrder, result: Placement, reason: str | None = None) -> None:
        self._note_number(order.number, result, reason)

    def _note_number(self, number: str, result: Placement, reason: str | None) -> None:
        event = OrderHandled(account=self._to.account, order_number=number, result=result, reason=reason)
        self._events.append(event)

    # --- one order ------------------------------------------------------------------------------------------------

    def _import_waiting(self, order: SalesOrder, stored: StoredOrder | None) -> None:
        place = self._import if order.status == OrderStatus.WAITING_SHIPMENT else self._update
        place(order, stored)

    def _import(self, order: SalesOrder, stored: StoredOrder | None) -> None:
        if self.quarantine.has_failed(order):
            return
        order, stored = self._identified(order, stored)
        unfit = None if stored else unfit_for(order, self._floor)
        if unfit:
            self._note(order, Placement.SKIPPED, unfit)
            return
        self._store(order, stored)

    def _update(self, order: SalesOrder, stored: StoredOrder | None) -> None:
        held = self.quarantine.find(order)
        if held is not None:
            self.quarantine.keep_current(held, order)
            return
        order, stored = self._identified(order, stored)
        if stored or is_numberless(order.identities):
            self._store(order, stored)
        elif unfit_for(order, self._floor) is None:
            self._first_seen_elsewhere(order)

    def _first_seen_elsewhere(self, order: SalesOrder) -> None:
        """Treat an order that the OMS does not have and that does not wait for shipment."""
        if order.status in self._wanted:
            self._store(order, None)
        elif order.status in PASSED or order.status == OrderStatus.OTHER or not order.status.known:
            self._record_unseen(order)

    def _identified(self, order: SalesOrder, stored: StoredOrder | None) -> tuple[SalesOrder, StoredOrder | None]:
        """Return the order under the numbers that are its own, and the stored order that it is."""
        if stored is None:
            return order, None
        if is_ahead(stored.modified_at, self._clock.now()):
            stored = evolve(stored, modified_at=None)
        if self._unique_numbers and order.unique_id is None and stored.unique_id is not None:
            raise Refusal("which_order", _which_order(order, stored))
        verdict = match(order, stored)
        if verdict == Match.OTHER:
            return apart(order), None
        if verdict == Match.EITHER or self._is_in_doubt(order, stored):
            raise Refusal("which_order", _which_order(order, stored))
        return as_stored(order, stored), stored

    def _is_in_doubt(self, order: SalesOrder, stored: StoredOrder) -> bool:
        """Tell whether a number that both orders bear, and nothing else, is borne by a third one, too."""
        if order.unique_id is not None:
            by_number_only = stored.unique_id is None and order.unique_id not in stored.identities
            # An order does not go back from its end; another one may begin with its reference.
            goes_back = precedes(order.status, stored.status)
            return by_number_only and (goes_back or not self._shared.isdisjoint(order.identities))
        if stored.unique_id is None:
            return False
        return any(self._find([shared_mark(number)]) is not None for number in order.identities)

    def _store(self, order: SalesOrder, stored: StoredOrder | None) -> None:
        if is_numberless(order.identities):
            raise Refusal("no_number", "the marketplace gave this order no number; look it up in the seller's space")
        whole, digest = self._completed(order, stored)
        freshness = judge(whole, digest, stored)
        if freshness in _NOTHING_NEW:
            released = self._release(order)
            self._note(order, Placement.RELEASED if released else _NOTHING_NEW[freshness])
            return
        change = self._change(whole, digest, stored)
        ensure_complete(whole, change)
        released = self._save(whole, change)
        self._note(order, Placement(change.kind))
        if released:
            self._note(order, Placement.RELEASED)

    def _completed(self, order: SalesOrder, stored: StoredOrder | None) -> tuple[SalesOrder, str]:
        """Return the order with what is known of it and of its customer, without placeholders, and its digest."""
        if stored is None:
            whole = without_placeholders(order)
            return whole, digest_of(whole)
        digest = digest_of(order)
        # Most of what is read is what is stored: then nothing in it is masked, and nothing is missing.
        if digest == stored.digest:
            return order, digest
        whole = self._filled(merge(without_placeholders(order), stored), stored)
        return whole, digest_of(whole)

    def _filled(self, order: SalesOrder, stored: StoredOrder) -> SalesOrder:
        if self._to.archive is None or not has_gaps(order):
            return order
        self._save_together()
        with refusing("store_failed", "the repository"):
            known = self._to.archive.load_order(self._to.account, stored.identities[0])
        return order if known is None else without_gaps(order, known)

    def _change(self, order: SalesOrder, digest: str, stored: StoredOrder | None) -> Change:
        now = self._clock.now()
        if stored is None:
            return Change(kind=kind_of(order, None), at=now, digest=digest)
        aspects = changed_aspects(stored.digest, digest)
        kind = kind_of(order, stored)
        return Change(kind=kind, at=now, digest=digest, aspects=aspects, status_before=stored.status)

    def _company(self, order: SalesOrder) -> Company | None:
        companies = self._to.companies
        if companies is None:
            return None
        with refusing("mapping_failed", "the company mapping"):
            company = companies.resolve(self._to.account, order)
        if company is None:
            raise Refusal("no_company", f"no company mapping fits this order of {self._to.account}; add one")
        return company

    def _mapped(self, order: SalesOrder) -> T:
        company = self._company(order)
        with refusing("mapper_failed", "the mapper"):
            return self._to.mapper.map(order, company)

    def _save(self, order: SalesOrder, change: Change) -> bool:
        """Map and save an order; return whether it was in quarantine."""
        if self._together is not None:
            self._together.append(SaveRequest(order=order, mapped=self._mapped(order), change=change))
            return False
        with self._to.unit():
            mapped = self._mapped(order)
            with refusing("store_failed", "the repository"):
                self._to.repository.save(self._to.account, order, mapped, change)
            return self._release(order)

    def _record_unseen(self, order: SalesOrder) -> None:
        passed = UnseenOrder(
            key=order.unique_id or order.number,
            identities=order.identities,
            status=order.status,
            created_at=order.created_at,
            seen_at=self._clock.now(),
        )
        if self._to.unseen is None or self._put_unseen(self._to.unseen, passed):
            self._note(order, Placement.PASSED_UNSEEN, order.channel_status or str(order.status))

    def _put_unseen(self, store: UnseenStore, passed: UnseenOrder) -> bool:
        with refusing("store_failed", "the record of unseen orders"), self._to.unit():
            return store.put_unseen(self._to.account, passed)

    def _set_aside(self, order: SalesOrder, refusal: Refusal) -> None:
        entry = self.quarantine.set_aside(without_placeholders(order), refusal)
        self.tally.quarantined[entry.key] = entry
        self._note(order, Placement.QUARANTINED, refusal.reason)

    def _release(self, order: SalesOrder) -> bool:
        return self.quarantine.release(order)


_NOTHING_NEW = {Freshness.UNCHANGED: Placement.UNCHANGED, Freshness.STALE: Placement.STALE}


def _units_of(repository: object) -> Callable[[], AbstractContextManager[None]]:
    return repository.unit if isinstance(repository, UnitOfWork) else nullcontext


def _archive_of(repository: object) -> OrderArchive | None:
    return repository if isinstance(repository, OrderArchive) else None


def _bulk_of(repository: OrderRepository[T]) -> BulkSave[T] | None:
    # Without units, a save that fails half way could not be undone.
    return repository if isinstance(repository, BulkSave) and isinstance(repository, UnitOfWork) else None


def _which_order(order: SalesOrder, stored: StoredOrder) -> str:
    mine = ", ".join(order.identities)
    theirs = ", ".join(number for number in stored.identities if not is_mark(number))
    return (
        f"this order ({mine}) and a stored one ({theirs}) share a number, and may be one order or two; "
        "compare them in the seller's space"
    )
