"""The checkpoint of one run: where it began, and how it moves."""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import evolve

from cdiscount_marketplace.errors import CheckpointConflict, ConfigurationError
from cdiscount_marketplace.events.hooks import Hook, emit
from cdiscount_marketplace.events.jobs import CheckpointMoved, FloorIgnored
from cdiscount_marketplace.oms.leases import HeldLease
from cdiscount_marketplace.oms.ports import Checkpoint, CheckpointStore

# A start that is taken from another clock, "now", may lie ahead of ours.
CLOCKS_APART = timedelta(days=1)


def ensure_past_start(start_from: datetime, now: datetime) -> None:
    """Reject the start of a first run that lies in the future."""
    if start_from > now + CLOCKS_APART:
        raise ConfigurationError(
            f"start_from lies in the future ({start_from}): no order would be imported until then",
            hint="give the creation time of the oldest order that you want",
        )


class CheckpointCursor:
    """Moves an account's checkpoint by compare-and-set, for one run; a move by somebody else meanwhile wins."""

    def __init__(
        self,
        store: CheckpointStore,
        account: str,
        start_from: datetime | None,
        holding: HeldLease,
        hooks: tuple[Hook, ...],
        *,
        now: datetime,
    ) -> None:
        self._store = store
        self._account = account
        self._holding = holding
        self._hooks = hooks
        self._now = now
        self._conflict = False
        self.begun: Checkpoint = self._begin(start_from)
        self.here: Checkpoint = self.begun
        self._moved = self.begun

    def _begin(self, start_from: datetime | None) -> Checkpoint:
        stored = self._store.load_checkpoint(self._account)
        if stored is None:
            return self._create(start_from)
        if start_from is not None and start_from != stored.floor:
            emit(self._hooks, FloorIgnored(account=self._account, stored=stored.floor, given=start_from))
        return stored

    def _create(self, start_from: datetime | None) -> Checkpoint:
        if start_from is None:
            raise ConfigurationError(
                f"{self._account} has no checkpoint yet: the first run needs start_from",
                hint="give start_from, the creation time of the oldest order that you want",
            )
        ensure_past_start(start_from, self._now)
        first = Checkpoint(floor=start_from, cursor=start_from)
        self._store.swap_checkpoint(self._account, None, first, lease=self._holding.lease)
        return self._store.load_checkpoint(self._account) or first

    def advance(self, cursor: datetime) -> None:
        """Move the cursor; see `confirm`."""
        self._swap(evolve(self.here, cursor=cursor, version=self.here.version + 1))

    def swept(self, at: datetime) -> None:
        """Record a sweep; see `confirm`."""
        self._swap(evolve(self.here, swept_at=at, version=self.here.version + 1))

    def _swap(self, after: Checkpoint) -> None:
        if not self._store.swap_checkpoint(self._account, self.here, after, lease=self._holding.lease):
            self._conflict = True
            return
        self._moved, self.here = self.here, after

    def confirm(self) -> None:
        """Tell of the last move once its transaction is through; raise `CheckpointConflict` if it was refused."""
        if self._conflict:
            raise CheckpointConflict(f"the checkpoint of {self._account} was moved by someone else during the run")
        if self._moved.cursor != self.here.cursor:
            emit(
                self._hooks,
                CheckpointMoved(account=self._account, before=self._moved.cursor, after=self.here.cursor),
            )
