"""Storing the orders of a run in batches: one transaction each, and one bulk save where the repository has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event as Flag
from typing import Generic, TypeVar

from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.errors import LeaseLost
from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.oms.identity import shared_numbers
from cdiscount_marketplace.oms.leases import HeldLease
from cdiscount_marketplace.oms.placements import PlacementLog
from cdiscount_marketplace.oms.ports import QuarantinedOrder, StoredOrder
from cdiscount_marketplace.oms.quarantining import Quarantine, Refusal
from cdiscount_marketplace.oms.saving import OrderSaver
from cdiscount_marketplace.oms.sink import OrderSink
from cdiscount_marketplace.oms.snapshots import without_future_stamp
from cdiscount_marketplace.oms.stop_reason import StopRequested
from cdiscount_marketplace.oms.storing import OrderStorer, StoringRules
from cdiscount_marketplace.oms.withheld import without_placeholders

T = TypeVar("T")

Store = Callable[[SalesOrder, StoredOrder | None], None]


class OrderBatches(Generic[T]):
    """Stores orders or sets them aside. An error that is not about a single order is raised and undoes its batch."""

    def __init__(
        self,
        sink: OrderSink[T],
        holding: HeldLease,
        rules: StoringRules,
        log: PlacementLog,
        *,
        size: int,
        clock: Clock,
        stop: Flag,
    ) -> None:
        self.quarantine: Quarantine = Quarantine(sink.quarantine, sink.account, holding, clock, sink.unit)
        self._sink = sink
        self._holding = holding
        self._log = log
        self._size = size
        self._clock = clock
        self._stop = stop
        self._saver = OrderSaver(sink)
        self._storer = OrderStorer(sink, self._saver, self.quarantine, rules, log, clock)

    def store_waiting(self, orders: Sequence[SalesOrder], then: Callable[[], None] | None = None) -> None:
        """Import orders that wait for shipment, then call `then` in the last transaction.

        Orders among them whose state is not understood are treated as others are.
        """
        self._store_all(orders, self._storer.store_listed_as_waiting, then)

    def store_others(self, orders: Sequence[SalesOrder], then: Callable[[], None] | None = None) -> None:
        """Update known orders, record those that passed unseen, then call `then` in the last transaction."""
        self._store_all(orders, self._storer.store_other, then)

    def retry(self, orders: Sequence[SalesOrder]) -> None:
        """Try orders that are in quarantine again."""
        self._store_all(orders, self._storer.import_order, None)

    def set_aside_unread(self, entry: QuarantinedOrder, reason: str) -> None:
        """Record why a quarantined order cannot be read again."""
        kept = self.quarantine.tried_in_vain(entry, reason)
        self._log.note_quarantined(kept.key, kept, reason)
        self._log.commit()

    def _store_all(self, orders: Sequence[SalesOrder], store: Store, then: Callable[[], None] | None) -> None:
        if not orders and then is None:
            return
        self._storer.shared_numbers |= shared_numbers(orders)
        starts = range(0, max(len(orders), 1), self._size)
        for start in starts:
            if start:
                self._holding.renew_when_due()
            self._log.discard()
            last = start == starts[-1]
            with self._sink.unit():
                done = self._store_batch(orders[start : start + self._size], store)
                if done and last and then is not None:
                    then()
            self._log.commit()
            if not done:
                raise StopRequested

    def _store_batch(self, orders: Sequence[SalesOrder], store: Store) -> bool:
        """Store a batch in bulk, or its orders one by one; return False if a stop was requested before the last."""
        stored = self._saver.find_all(orders)
        if stored is None or self._sink.bulk is None or any(map(self.quarantine.find, orders)):
            return self._store_each(orders, stored, store)
        try:
            with self._saver.in_bulk():
                return self._store_each(orders, stored, store)
        except LeaseLost:
            raise
        except Exception:  # noqa: BLE001 -- storing one by one finds out which order it is
            self._log.discard()
            return self._store_each(orders, stored, store)

    def _store_each(
        self, orders: Sequence[SalesOrder], stored: Sequence[StoredOrder | None] | None, store: Store
    ) -> bool:
        touched: set[str] = set()
        now = self._clock.now()
        for position, snapshot in enumerate(orders):
            order = without_future_stamp(snapshot, now)
            if self._stop.is_set():
                return False
            try:
                current = stored is not None and touched.isdisjoint(order.keys)
                store(order, stored[position] if stored is not None and current else self._saver.find(order.keys))
            except Refusal as refusal:
                if self._saver.is_bulk:
                    raise
                self._set_aside(order, refusal)
            touched.update(order.keys)
        return True

    def _set_aside(self, order: SalesOrder, refusal: Refusal) -> None:
        entry = self.quarantine.set_aside(without_placeholders(order), refusal)
        self._log.note_quarantined(order.number, entry, refusal.reason)
