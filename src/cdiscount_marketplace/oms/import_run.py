"""One run of the importer: windows, sweep and quarantine, in that order of business."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from datetime import datetime, timedelta
from threading import Event as Flag
from typing import Any, Generic, Literal, TypeVar, cast

from attrs import frozen

from cdiscount_marketplace.channels.port import SalesChannel, UniqueNumbers
from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.errors import QuotaExceeded, ServiceError, TransportError
from cdiscount_marketplace.events.hooks import Hook, emit
from cdiscount_marketplace.events.jobs import SweepFound
from cdiscount_marketplace.models import Lookup, OrderQuery, OrderStatus, Reading, SalesOrder
from cdiscount_marketplace.oms.admission import PASSED, UNPAID
from cdiscount_marketplace.oms.batches import OrderBatches
from cdiscount_marketplace.oms.checkpoints import CheckpointCursor
from cdiscount_marketplace.oms.fetching import Reader
from cdiscount_marketplace.oms.identity import Match, match_numbers
from cdiscount_marketplace.oms.leases import HeldLease
from cdiscount_marketplace.oms.payloads import order_from_json
from cdiscount_marketplace.oms.pieces import chunks, rotated
from cdiscount_marketplace.oms.placements import PlacementLog
from cdiscount_marketplace.oms.ports import CheckpointStore, QuarantinedOrder, UnitOfWork, WaitingOrders
from cdiscount_marketplace.oms.reports import ImportReport, Placement
from cdiscount_marketplace.oms.sink import OrderSink
from cdiscount_marketplace.oms.stop_reason import StopReason, run_to_end
from cdiscount_marketplace.oms.storing import StoringRules
from cdiscount_marketplace.oms.windows import Window, ceil_second, days, period, reached
from cdiscount_marketplace.oms.withheld import merge

T = TypeVar("T")

CursorKind = Literal["modified", "created"]

WAITING = (OrderStatus.WAITING_SHIPMENT,)
OTHERS = tuple(status for status in OrderStatus.values() if status not in WAITING)
REREAD_AT_ONCE = 50

# The service's clocks for creations and modifications differ: a modification may seem the earlier one.
STAMPS_APART = timedelta(hours=3)


@frozen(kw_only=True)
class Plan(Generic[T]):
    """All that an importer was set up with. `reach` is how far before the cursor a run begins to read."""

    account: str
    channel: SalesChannel
    start_from: datetime | None
    sink: OrderSink[T]
    checkpoints: CheckpointStore
    hooks: tuple[Hook, ...]
    clock: Clock
    stop: Flag
    cursor: CursorKind
    reach: timedelta
    settle: timedelta
    sweep_every: timedelta
    max_orders: int
    import_unseen: bool
    import_unpaid: bool
    batch: int
    quarantine_budget: int
    reread: int
    max_requests: int

    @property
    def one_transaction(self) -> bool:
        """Whether orders and checkpoint are kept by one store, and so can move together."""
        kept, moved = cast("object", self.sink.repository), cast("object", self.checkpoints)
        return kept is moved and isinstance(kept, UnitOfWork)

    def storing_rules(self, floor: datetime) -> StoringRules:
        """Say which orders come in that the OMS does not have."""
        channel = self.channel
        return StoringRules(
            floor=floor,
            wanted=frozenset[OrderStatus]().union(
                UNPAID if self.import_unpaid else (), PASSED if self.import_unseen else ()
            ),
            unique_numbers=isinstance(channel, UniqueNumbers) and channel.unique_numbers,
        )


class ImportRun(Generic[T]):
    """One run, and what it remembers while it lasts."""

    def __init__(self, plan: Plan[T], holding: HeldLease) -> None:
        self._plan = plan
        self._now = plan.clock.now()
        self._windows = 0
        self._sweep_found: int | None = None
        self._cursor = CheckpointCursor(
            plan.checkpoints, plan.account, plan.start_from, holding, plan.hooks, now=self._now
        )
        self._log = PlacementLog(plan.account, plan.hooks)
        self._batches = OrderBatches(
            plan.sink,
            holding,
            plan.storing_rules(self._cursor.begun.floor),
            self._log,
            size=plan.batch,
            clock=plan.clock,
            stop=plan.stop,
        )
        self._holding = holding
        self._reader = Reader(
            plan.channel, plan.account, holding, plan.hooks, plan.stop, plan.max_orders, plan.max_requests
        )

    def execute(self) -> ImportReport:
        """Do all of it, and report however it ended."""
        return self._report(run_to_end(self._work))

    def retry_quarantine(self) -> ImportReport:
        """Only try the quarantined orders again, and report however it ended."""
        return self._report(run_to_end(lambda: self._retry_quarantine(None)))

    def _work(self) -> None:
        """New orders first, then the quarantine, within its budget.

        The first run begins with the sweep, for what waits is urgent; a window that cannot be read keeps no sweep away.
        """
        first = self._cursor.here.swept_at is None
        if first:
            self._sweep()
        try:
            self._read_windows()
        except QuotaExceeded:
            raise
        except (TransportError, ServiceError):
            self._sweep_when_due()
            raise
        self._sweep_when_due()
        self._retry_quarantine(self._plan.quarantine_budget)

    # --- windows --------------------------------------------------------------------------------------------------

    def _read_windows(self) -> None:
        here, plan = self._cursor.here, self._plan
        floor = here.floor if plan.cursor == "created" else here.floor - STAMPS_APART
        whole = period(here.cursor, floor=floor, now=self._now, overlap=plan.reach, settle=plan.settle)
        if whole is not None:
            self._reader.walk(days(whole), self._read_window)

    def _read_window(self, window: Window) -> None:
        """Import what waits at once, then look at the others; the checkpoint moves with the last order of both."""
        waiting = self._reader.read("waiting", window, self._query(WAITING, window))
        self._batches.store_waiting(waiting)
        others = self._reader.read("others", window, self._query(OTHERS, window))
        self._close(others, self._reached(window, waiting, others))
        self._windows += 1

    def _query(self, statuses: tuple[OrderStatus, ...], window: Window) -> OrderQuery:
        if self._plan.cursor == "created":
            return _created_in(window, statuses)
        floor = self._cursor.here.floor
        return OrderQuery(statuses=statuses, created_from=floor, modified_from=window.begin, modified_to=window.end)

    def _reached(self, window: Window, *readings: Reading) -> datetime:
        """Return the new cursor: never before the old one, unless that lies in the future."""
        read = min(reached(window, reading.answered_at, self._plan.settle) for reading in readings)
        now = ceil_second(self._now - self._plan.settle)
        return max(min(self._cursor.here.cursor, now), read)

    def _close(self, others: Sequence[SalesOrder], cursor: datetime) -> None:
        if cursor == self._cursor.here.cursor:
            self._batches.store_others(others)
            return
        self._finish(lambda then: self._batches.store_others(others, then), lambda: self._cursor.advance(cursor))

    def _finish(self, place: Callable[[Callable[[], None] | None], None], move: Callable[[], None]) -> None:
        """Place orders and move the checkpoint after them; in one transaction where one store keeps both."""
        if self._plan.one_transaction:
            place(move)
        else:
            place(None)
            move()
        self._cursor.confirm()

    # --- sweep ----------------------------------------------------------------------------------------------------

    def _sweep_when_due(self) -> None:
        swept = self._cursor.here.swept_at
        if swept is None or not timedelta(0) <= self._now - swept < self._plan.sweep_every:
            self._sweep()

    def _sweep(self) -> None:
        """Read all that wait now, by creation date alone; a day ahead, for the service's clock may be."""
        before = self._log.counts[Placement.IMPORTED]
        everything = Window(self._cursor.here.floor, ceil_second(self._now) + timedelta(days=1))
        waiting: set[str] = set()
        if everything.begin < everything.end:
            self._reader.walk([everything], lambda window: self._sweep_window(window, waiting))
        self._reread_stored(waiting)
        self._sweep_found = self._log.counts[Placement.IMPORTED] - before
        first = self._cursor.here.swept_at is None
        self._cursor.swept(self._now)
        self._cursor.confirm()
        if self._sweep_found and not first:
            emit(self._plan.hooks, SweepFound(account=self._plan.account, count=self._sweep_found))

    def _sweep_window(self, window: Window, waiting: set[str]) -> None:
        orders = self._reader.read("sweep", window, _created_in(window, WAITING))
        self._batches.store_waiting(orders)
        waiting.update(identity for order in orders for identity in order.identities)
        if self._plan.import_unpaid:
            unpaid = self._reader.read("unpaid", window, _created_in(window, tuple(UNPAID)))
            self._batches.store_others(unpaid)
            waiting.update(identity for order in unpaid for identity in order.identities)

    # --- quiet changes ----------------------------------------------------------------------------------------------

    def _reread_stored(self, waiting: Set[str]) -> None:
        """Read stored orders by number that wait, and are not among those waiting now: their stamp did not move.

        As many as the budget allows, beginning elsewhere at each sweep, so that each has its turn.
        """
        if not isinstance(self._plan.sink.repository, WaitingOrders):
            return
        stored = self._plan.sink.repository.list_waiting(self._plan.account)
        left = [identities for identities in stored if waiting.isdisjoint(identities)]
        turn = int(self._now.timestamp() // max(self._plan.sweep_every.total_seconds(), 1))
        for numbers in chunks(rotated(left, turn * self._plan.reread, self._plan.reread), REREAD_AT_ONCE):
            orders = self._lookup([identities[0] for identities in numbers]).orders
            self._batches.store_waiting([order for order in orders if order.status in WAITING])
            self._batches.store_others([order for order in orders if order.status not in WAITING])

    # --- quarantine -----------------------------------------------------------------------------------------------

    def _retry_quarantine(self, budget: int | None) -> None:
        """Try quarantined orders again, read by number first; those that cannot be read, as they were kept."""
        entries = self._batches.quarantine.to_retry()[:budget]
        for some in chunks(entries, REREAD_AT_ONCE):
            lookup = self._lookup([entry.key for entry in some])
            tried: list[SalesOrder] = []
            for entry in some:
                failure = lookup.failures.get(entry.key)
                if failure is not None:
                    self._batches.set_aside_unread(entry, f"it cannot be read: {failure}")
                elif (order := best_known(entry, lookup.orders)) is not None:
                    tried.append(order)
            self._batches.retry(tried)

    def _lookup(self, numbers: Sequence[str]) -> Lookup:
        """Read orders by number. An outage finds none: the sweep or the next run tries again."""
        self._reader.before_request()
        try:
            orders = self._plan.channel.get(numbers)
        except QuotaExceeded:
            raise
        except (TransportError, ServiceError):
            return Lookup(())
        return orders if isinstance(orders, Lookup) else Lookup(tuple(orders))

    def _report(self, end: StopReason) -> ImportReport:
        counts: dict[str, Any] = {str(placement): self._log.counts[placement] for placement in Placement.values()}
        return ImportReport(
            account=self._plan.account,
            windows=self._windows,
            sweep_found=self._sweep_found,
            quarantined_orders=tuple(self._log.quarantined.values()),
            checkpoint_before=self._cursor.begun,
            checkpoint=self._cursor.here,
            ended_by=end.by,
            retry_at=end.retry_at,
            notices=tuple(self._reader.notices),
            **counts,
        )


def _created_in(window: Window, statuses: tuple[OrderStatus, ...]) -> OrderQuery:
    return OrderQuery(
        statuses=statuses,
        created_from=window.begin,
        created_to=window.end,
        modified_from=window.begin - STAMPS_APART,
    )


def best_known(entry: QuarantinedOrder, orders: Sequence[SalesOrder]) -> SalesOrder | None:
    """Return the order as it is now, with what was kept where it is withheld by now; unread, as it was kept."""
    read = next((order for order in orders if match_numbers(order, entry.identities) == Match.SAME), None)
    kept = order_from_json(entry.payload)
    return merge(read, kept) if read and kept else read or kept
