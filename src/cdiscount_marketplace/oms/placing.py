"""Putting orders into the OMS, each in a unit of work of its own, or into quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from threading import Event as Flag
from typing import Generic, TypeVar

from attrs import Factory, evolve, field, frozen

from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.errors import Unmappable
from cdiscount_marketplace.events import Hook, OrderHandled, emit
from cdiscount_marketplace.models import OrderStatus, SalesOrder
from cdiscount_marketplace.oms.blame import failure_of
from cdiscount_marketplace.oms.endings import StopRequested
from cdiscount_marketplace.oms.leases import Holding
from cdiscount_marketplace.oms.payloads import order_from_json, order_to_json
from cdiscount_marketplace.oms.ports import (
    BulkLookup,
    Change,
    ChangeKind,
    Company,
    CompanyMapping,
    OrderMapper,
    OrderRepository,
    QuarantinedOrder,
    QuarantineStore,
    StoredOrder,
    UnitOfWork,
    UnseenOrder,
    UnseenStore,
)
from cdiscount_marketplace.oms.reports import Placement
from cdiscount_marketplace.oms.snapshots import News, changed_aspects, digest_of, is_older, judge, merge, numberless

T = TypeVar("T")

Place = Callable[[SalesOrder, StoredOrder | None], None]

PASSED = frozenset(
    {
        OrderStatus.READY_FOR_PICKUP,
        OrderStatus.SHIPPED,
        OrderStatus.DELIVERED,
        OrderStatus.SHIPMENT_REFUSED,
        OrderStatus.CANCELLED,
    }
)


class Refusal(Exception):
    """An order cannot be stored now: `code` is the kind of cause, `reason` what a person should know and do."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason


@frozen(kw_only=True)
class Destination(Generic[T]):
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

    def find_all(self, orders: Sequence[SalesOrder]) -> Sequence[StoredOrder | None] | None:
        """Look all orders up at once, where the repository can."""
        if not isinstance(self.repository, BulkLookup):
            return None
        return self.repository.find_all(self.account, [order.identities for order in orders])


@frozen(kw_only=True)
class Tally:
    """What a run has done so far."""

    counts: Counter[Placement] = field(factory=Counter[Placement])
    quarantined: dict[str, QuarantinedOrder] = field(factory=dict[str, QuarantinedOrder])


class Placer(Generic[T]):
    """Places the orders of one run. An error that is not about a single order is raised and undoes its batch."""

    def __init__(
        self,
        to: Destination[T],
        holding: Holding,
        *,
        floor: datetime,
        import_unseen: bool,
        batch: int,
        clock: Clock,
        hooks: tuple[Hook, ...],
        stop: Flag,
    ) -> None:
        self.tally: Tally = Tally()
        self._to = to
        self._holding = holding
        self._floor = floor
        self._import_unseen = import_unseen
        self._batch = batch
        self._clock = clock
        self._hooks = hooks
        self._stop = stop
        self._told: list[OrderHandled] = []
        # Identity -> key of the quarantined order that has it.
        self._held = {identity: kept.key for kept in self.quarantined() for identity in kept.identities}
        self._entries = {kept.key: kept for kept in self.quarantined()}
        self._failed: set[str] = set()

    def quarantined(self) -> Sequence[QuarantinedOrder]:
        """List what waits in quarantine."""
        return self._to.quarantine.list_quarantine(self._to.account) if self._to.quarantine else ()

    def waiting(self, orders: Sequence[SalesOrder], then: Callable[[], None] | None = None) -> None:
        """Import orders that wait for shipment, then call `then` in the last transaction."""
        self._in_batches(orders, self._import, then)

    def others(self, orders: Sequence[SalesOrder], then: Callable[[], None] | None = None) -> None:
        """Update the known orders among others, record those that passed, then call `then` in the last transaction."""
        self._in_batches(orders, self._update, then)

    def again(self, orders: Sequence[SalesOrder]) -> None:
        """Try orders that are in quarantine again."""
        self._in_batches(orders, self._import, None)

    # --- batches --------------------------------------------------------------------------------------------------

    def _in_batches(self, orders: Sequence[SalesOrder], place: Place, then: Callable[[], None] | None) -> None:
        starts = range(0, max(len(orders), 1), self._batch)
        for start in starts:
            if start:
                self._holding.renew()
            self._told.clear()
            last = start == starts[-1]
            with self._to.unit():
                done = self._place_batch(orders[start : start + self._batch], place)
                if done and last and then is not None:
                    then()
            self._tell()
            if not done:
                raise StopRequested

    def _place_batch(self, orders: Sequence[SalesOrder], place: Place) -> bool:
        """Place orders one by one; return False when asked to stop before the last."""
        found = self._to.find_all(orders) if orders else None
        touched: set[str] = set()
        for position, order in enumerate(orders):
            if self._stop.is_set():
                return False
            try:
                known = found is not None and touched.isdisjoint(order.identities)
                place(order, found[position] if found is not None and known else self._find(order))
            except Refusal as refusal:
                self._put_aside(order, refusal)
            touched.update(order.identities)
        return True

    def _find(self, order: SalesOrder) -> StoredOrder | None:
        with _refusing("store_failed", "the repository"):
            return self._to.repository.find(self._to.account, order.identities)

    def _tell(self) -> None:
        for told in self._told:
            self.tally.counts[Placement(told.result)] += 1
            emit(self._hooks, told)
        self._told.clear()

    def _note(self, order: SalesOrder, result: Placement, reason: str | None = None) -> None:
        told = OrderHandled(account=self._to.account, order_number=order.number, result=result, reason=reason)
        self._told.append(told)

    # --- one order ------------------------------------------------------------------------------------------------

    def _import(self, order: SalesOrder, stored: StoredOrder | None) -> None:
        if not self._failed.isdisjoint(order.identities):
            return
        unfit = None if stored else unfit_for(order, self._floor)
        if unfit:
            self._note(order, Placement.SKIPPED, unfit)
        else:
            self._store(order, stored)

    def _update(self, order: SalesOrder, stored: StoredOrder | None) -> None:
        held = self._entry_of(order)
        if held is not None:
            self._keep_current(held, order)
            return
        passed = order.status in PASSED and unfit_for(order, self._floor) is None
        if stored or numberless(order.identities) or (passed and self._import_unseen):
            self._store(order, stored)
        elif passed:
            self._record_unseen(order)

    def _store(self, order: SalesOrder, stored: StoredOrder | None) -> None:
        if numberless(order.identities):
            raise Refusal("no_number", "the marketplace gave this order no number; look it up in the seller's space")
        whole = merge(order, stored) if stored else order
        digest = digest_of(whole)
        news = judge(whole, digest, stored)
        if news in _NOTHING_NEW:
            released = self._release(order)
            self._note(order, Placement.RELEASED if released else _NOTHING_NEW[news])
            return
        with self._to.unit():
            company = self._company(whole)
            mapped = self._map(whole, company)
            self._save(whole, mapped, self._change(digest, stored))
            released = self._release(order)
        self._note(order, Placement.UPDATED if stored else Placement.IMPORTED)
        if released:
            self._note(order, Placement.RELEASED)

    def _change(self, digest: str, stored: StoredOrder | None) -> Change:
        now = self._clock.now()
        if stored is None:
            return Change(kind=ChangeKind.IMPORTED, at=now, digest=digest)
        aspects = changed_aspects(stored.digest, digest)
        return Change(kind=ChangeKind.UPDATED, at=now, digest=digest, aspects=aspects, status_before=stored.status)

    def _company(self, order: SalesOrder) -> Company | None:
        companies = self._to.companies
        if companies is None:
            return None
        with _refusing("mapping_failed", "the company mapping"):
            company = companies.resolve(self._to.account, order)
        if company is None:
            raise Refusal("no_company", f"no company mapping fits this order of {self._to.account}; add one")
        return company

    def _map(self, order: SalesOrder, company: Company | None) -> T:
        with _refusing("mapper_failed", "the mapper"):
            return self._to.mapper.map(order, company)

    def _save(self, order: SalesOrder, mapped: T, change: Change) -> None:
        with _refusing("store_failed", "the repository"):
            self._to.repository.save(self._to.account, order, mapped, change)

    def _record_unseen(self, order: SalesOrder) -> None:
        passed = UnseenOrder(
            key=order.number,
            identities=order.identities,
            status=order.status,
            created_at=order.created_at,
            seen_at=self._clock.now(),
        )
        if self._to.unseen is None or self._to.unseen.put_unseen(self._to.account, passed):
            self._note(order, Placement.PASSED_UNSEEN, str(order.status))

    # --- quarantine -----------------------------------------------------------------------------------------------

    def _put_aside(self, order: SalesOrder, refusal: Refusal) -> None:
        if self._to.quarantine is None:
            raise refusal.__cause__ or Unmappable(refusal.reason, order_numbers=[order.number])
        entry = self._entry(order, refusal)
        self._to.quarantine.put_quarantine(self._to.account, entry, lease=self._holding.lease)
        self._entries[entry.key] = entry
        self._held.update(dict.fromkeys(entry.identities, entry.key))
        self._failed.update(entry.identities)
        self.tally.quarantined[entry.key] = entry
        self._note(order, Placement.QUARANTINED, refusal.reason)

    def _entry(self, order: SalesOrder, refusal: Refusal) -> QuarantinedOrder:
        now = self._clock.now()
        fresh = QuarantinedOrder(
            key=order.number,
            identities=order.identities,
            code=refusal.code,
            reason=refusal.reason,
            payload=order_to_json(order),
            first_seen=now,
            last_seen=now,
        )
        known = self._entry_of(order)
        if known is None:
            return fresh
        return evolve(fresh, key=known.key, first_seen=known.first_seen, attempts=known.attempts + 1)

    def _entry_of(self, order: SalesOrder) -> QuarantinedOrder | None:
        return next((self._entries[self._held[one]] for one in order.identities if one in self._held), None)

    def _keep_current(self, held: QuarantinedOrder, order: SalesOrder) -> None:
        """Keep what became of a quarantined order: no later window shows it, should it come in unread."""
        kept = order_from_json(held.payload)
        if kept is None or is_older(order, kept) or self._to.quarantine is None:
            return
        current = evolve(held, payload=order_to_json(merge(order, kept)))
        if current != held:
            self._to.quarantine.put_quarantine(self._to.account, current, lease=self._holding.lease)
            self._entries[held.key] = current

    def _release(self, order: SalesOrder) -> bool:
        keys = {self._held[identity] for identity in order.identities if identity in self._held}
        if not keys or self._to.quarantine is None:
            return False
        for key in keys:
            self._to.quarantine.drop_quarantine(self._to.account, key, lease=self._holding.lease)
        self._held = {identity: key for identity, key in self._held.items() if key not in keys}
        return True


_NOTHING_NEW = {News.UNCHANGED: Placement.UNCHANGED, News.STALE: Placement.STALE}


def _units_of(repository: object) -> Callable[[], AbstractContextManager[None]]:
    return repository.unit if isinstance(repository, UnitOfWork) else nullcontext


def unfit_for(order: SalesOrder, floor: datetime | None) -> str | None:
    """Say why an unknown order is none of ours."""
    if order.dummy:
        return "a test order of the marketplace"
    if floor is not None and order.created_at is not None and order.created_at < floor:
        return "created before start_from"
    return None


@contextmanager
def _refusing(code: str, who: str) -> Generator[None]:
    """Turn whatever the OMS's own code raises into a refusal that names the place."""
    try:
        yield
    except Unmappable as error:
        raise Refusal("unmappable", error.reason) from error
    except Exception as error:
        reason = f"{who} {failure_of(error)}; mend it, the order is tried again at the next run"
        raise Refusal(code, reason) from error
