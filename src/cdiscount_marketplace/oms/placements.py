"""What became of each order of a run."""

from __future__ import annotations

from collections import Counter

from cdiscount_marketplace.events.hooks import Hook, emit
from cdiscount_marketplace.events.jobs import OrderHandled
from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.oms.ports import QuarantinedOrder
from cdiscount_marketplace.oms.reports import Placement


class PlacementLog:
    """Collects the placements of a batch; they are counted and emitted once the batch is committed."""

    def __init__(self, account: str, hooks: tuple[Hook, ...]) -> None:
        self.counts: Counter[Placement] = Counter()
        self.quarantined: dict[str, QuarantinedOrder] = {}
        self._account = account
        self._hooks = hooks
        self._uncommitted: list[OrderHandled] = []

    def note(self, order: SalesOrder, result: Placement, reason: str | None = None) -> None:
        """Add what became of an order."""
        self._add(order.number, result, reason)

    def note_quarantined(self, number: str, entry: QuarantinedOrder, reason: str) -> None:
        """Add that an order is in quarantine."""
        self.quarantined[entry.key] = entry
        self._add(number, Placement.QUARANTINED, reason)

    def discard(self) -> None:
        """Forget the placements of a batch that was undone."""
        self._uncommitted.clear()

    def commit(self) -> None:
        """Count and emit the placements of a batch that was committed."""
        for event in self._uncommitted:
            self.counts[Placement(event.result)] += 1
            emit(self._hooks, event)
        self._uncommitted.clear()

    def _add(self, number: str, result: Placement, reason: str | None) -> None:
        self._uncommitted.append(OrderHandled(account=self._account, order_number=number, result=result, reason=reason))
