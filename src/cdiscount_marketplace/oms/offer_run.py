"""One run of the offers job: its lease, its writes, and what it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from threading import Event as Flag
from typing import Any

from attrs import evolve, field, frozen

from cdiscount_marketplace.channels.offers import OfferChannel, PartialUpdates
from cdiscount_marketplace.errors import CdiscountError, StoreFailed, SyncError
from cdiscount_marketplace.events.hooks import Hook, emit
from cdiscount_marketplace.events.jobs import OfferMoved, OfferPackageMoved
from cdiscount_marketplace.failures import stops_others
from cdiscount_marketplace.oms import offer_rows
from cdiscount_marketplace.oms.leases import HeldLease
from cdiscount_marketplace.oms.pieces import chunks
from cdiscount_marketplace.oms.ports import OfferOutbox, OfferPackage, OfferState, OfferSwap, OfferTask
from cdiscount_marketplace.oms.reports import OfferProblem
from cdiscount_marketplace.oms.stop_reason import StopRequested

WRITE_AT_ONCE = 500
# A report lists this many problems; the store has all of them.
PROBLEMS = 100

# Codes of packages that were not made ready: it failed, or the answer was lost.
FAILED = "failed"
UNANSWERED = "unanswered"

Step = Callable[[OfferTask], OfferTask | None]


@frozen
class OfferTally:
    """What a run did: how often a row came into each state, and the first of those that a person should check."""

    states: Counter[OfferState] = field(factory=Counter[OfferState])
    problems: list[OfferProblem] = field(factory=list[OfferProblem])

    def note(self, row: OfferTask) -> None:
        """Count a row that moved."""
        self.states[row.state] += 1
        if row.state in (OfferState.REJECTED, OfferState.WAITING) and len(self.problems) < PROBLEMS:
            self.problems.append(OfferProblem(sku=row.offer.sku, state=row.state, code=row.code, message=row.message))


@frozen(kw_only=True)
class OfferRun:
    """What the parts of one run share. For one thread."""

    account: str
    name: str
    channel: OfferChannel
    outbox: OfferOutbox
    holding: HeldLease
    hooks: tuple[Hook, ...]
    stop: Flag
    tally: OfferTally = field(factory=OfferTally)
    failures: list[CdiscountError] = field(factory=list[CdiscountError])
    """What failed with one package, while others went on."""
    left: set[str] = field(factory=set[str])
    """Names of packages that this run does not try again."""

    def now(self) -> datetime:
        """Tell the time by the store's clock."""
        return self.holding.now()

    def updatable(self, row: OfferTask) -> Collection[str]:
        """Return the members of an offer that an update can change."""
        channel: object = self.channel
        if not isinstance(channel, PartialUpdates):
            return offer_rows.UPDATABLE
        members = frozenset(channel.update_members)
        return members - {"original_price"} if row.offer.original_price == 0 else members

    def endure(self, package: OfferPackage, error: CdiscountError) -> None:
        """Leave a package that failed for the next run, and raise its error in the end; at once if it stops all."""
        if isinstance(error, SyncError) or stops_others(error):
            raise error
        self.failures.append(error)
        self.left.add(package.name)
        self.change_package(package, code=FAILED, message=error.message)

    def before_request(self) -> None:
        """End the run if a stop was requested; else extend the lease, or raise `LeaseLost`."""
        if self.stop.is_set():
            raise StopRequested
        self.holding.renew()

    def move(self, rows: Sequence[OfferTask], step: Step) -> None:
        """Move rows; one that was changed meanwhile is read again and moved as it is now.

        `step` returns None for a row that is not to be moved any more.
        """
        for piece in chunks(rows, WRITE_AT_ONCE):
            left = self._try(piece, step)
            while left:
                left = self._try(self.outbox.find_offers(self.account, left), step)

    def claim(self, rows: Sequence[OfferTask], step: Step) -> list[OfferTask]:
        """Move rows and return those that were moved; one that was changed meanwhile is left for the next run."""
        claimed: list[OfferTask] = []
        for piece in chunks(rows, WRITE_AT_ONCE):
            swaps = [OfferSwap(before=row, after=after) for row in piece if (after := step(row)) is not None]
            done = self._swap(swaps)
            claimed += [swap.after for swap, moved in zip(swaps, done, strict=True) if moved]
        return claimed

    def move_package(self, package: OfferPackage | None, after: OfferPackage) -> OfferPackage:
        """Write a package down as it now is."""
        if not self.outbox.swap_package(self.account, package, after, lease=self.holding.lease):
            raise StoreFailed(f"package {after.name} was changed by something else than this job")
        if package is None or package.state != after.state:
            emit(
                self.hooks,
                OfferPackageMoved(
                    account=self.account,
                    package=after.name,
                    reference=after.reference,
                    kind=after.kind,
                    offers=after.offers,
                    before=None if package is None else package.state,
                    after=after.state,
                    message=after.message,
                ),
            )
        return after

    def change_package(self, package: OfferPackage, **changes: Any) -> OfferPackage:
        """Change members of a package."""
        now = self.now()
        return self.move_package(package, evolve(package, version=package.version + 1, updated_at=now, **changes))

    def _try(self, rows: Sequence[OfferTask], step: Step) -> list[str]:
        """Move rows, and return the skus of those that were changed meanwhile."""
        swaps = [OfferSwap(before=row, after=after) for row in rows if (after := step(row)) is not None]
        done = self._swap(swaps)
        return [swap.after.offer.sku for swap, moved in zip(swaps, done, strict=True) if not moved]

    def _swap(self, swaps: Sequence[OfferSwap]) -> Sequence[bool]:
        if not swaps:
            return ()
        done = self.outbox.swap_offers(self.account, swaps, lease=self.holding.lease)
        for swap, moved in zip(swaps, done, strict=True):
            if moved and swap.before is not None:
                self._tell(swap.before, swap.after)
        return done

    def _tell(self, before: OfferTask, after: OfferTask) -> None:
        self.tally.note(after)
        if self.hooks:
            moved = OfferMoved(
                account=self.account,
                sku=after.offer.sku,
                before=before.state,
                after=after.state,
                attempt=after.attempt,
                message=after.message,
            )
            emit(self.hooks, moved)
