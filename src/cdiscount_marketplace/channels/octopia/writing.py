"""Writing about orders one by one: find the order, see what it shows, send, and judge by reading back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from attrs import frozen

from cdiscount_marketplace import errors
from cdiscount_marketplace.channels.octopia.outcomes import (
    TAKEN,
    Plan,
    Progress,
    after_refusal,
    confirmed,
    not_run,
    refused,
    rejected,
    shown,
    unknown,
)
from cdiscount_marketplace.channels.octopia.reading import OrderReader
from cdiscount_marketplace.failures import stops_others
from cdiscount_marketplace.models import Outcome
from cdiscount_marketplace.octopia.client import OctopiaClient
from cdiscount_marketplace.octopia.orders.models import Order


@frozen(kw_only=True)
class OrderWrite:
    """A write about one order: what the order shows of it, which lines it is about, and how it is sent."""

    key: str
    progress: Callable[[Order], Progress]
    note: Callable[[Order], str | None] = lambda _order: None
    plan: Callable[[Order], Plan]
    send: Callable[[str, tuple[str, ...]], object]


@frozen(kw_only=True)
class OrderWriter:
    """Writes about orders of one account, and reads each back after `read_backs`. Thread-safe.

    Where finding an order takes longer than `reading_limit`, nothing is sent: others may take the write for given up.
    """

    client: OctopiaClient
    reader: OrderReader
    read_backs: tuple[timedelta, ...]
    reading_limit: timedelta

    def write(self, writes: Sequence[OrderWrite]) -> tuple[Outcome, ...]:
        """Do one write after the other; what would stop the others as well ends it, and is raised by the first."""
        outcomes: list[Outcome] = []
        for write in writes:
            try:
                outcomes.append(self._write_one(write))
            except errors.CdiscountError as error:
                if not stops_others(error):
                    outcomes.append(not_run(write.key, error))
                    continue
                if not outcomes:
                    error.retryable = True
                    raise
                return (*outcomes, *(not_run(later.key, error) for later in writes[len(outcomes) :]))
        return tuple(outcomes)

    def _write_one(self, write: OrderWrite) -> Outcome:
        """Write about one order, unless it is seen to be done or impossible; raises only where nothing was sent."""
        order = self.find(write.key)
        if order is None or order.order_id is None:
            return rejected(write.key, "OrderNotFound", "the order cannot be read", retryable=True)
        plan = write.plan(order)
        outcome = shown(write.key, write.progress(order), order.status, plan.line_ids, write.note(order))
        if outcome is not None:
            return outcome
        if plan.problem:
            return refused(write.key, plan)
        return self._sent(write, order.order_id, plan.line_ids)

    def find(self, key: str) -> Order | None:
        """Find the order of a number; raises `CallTimeout` where that took too long for anything to be sent."""
        clock = self.client.clock
        started_at = clock.monotonic()
        order = self.reader.find(key, self.client)
        if clock.monotonic() - started_at > self.reading_limit.total_seconds():
            raise errors.CallTimeout("reading the order took so long that nothing was sent", retryable=True)
        return order

    def _sent(self, write: OrderWrite, order_id: str, lines: tuple[str, ...]) -> Outcome:
        """Send, and judge by reading back: a write that was taken is not done, and one without an answer may be."""
        try:
            write.send(order_id, lines)
        except errors.HttpError as error:
            return after_refusal(write.key, error, self._seen(write, order_id), lines)
        except errors.OutcomeUnknown as error:
            code = type(error.__cause__ or error).__name__
            pending = unknown(write.key, code, error.message)
        else:
            pending = unknown(write.key, TAKEN, "the service took it; the order does not show it yet")
        return self._read_back(write, order_id, lines) or pending

    def _read_back(self, write: OrderWrite, order_id: str, lines: tuple[str, ...]) -> Outcome | None:
        for wait in self.read_backs:
            self.client.clock.sleep(wait.total_seconds())
            if self._seen(write, order_id) == Progress.DONE:
                return confirmed(write.key, lines)
        return None

    def _seen(self, write: OrderWrite, order_id: str) -> Progress | None:
        """Read what the order shows of the write; None where it cannot be read, which changes nothing."""
        try:
            return write.progress(self.client.orders.get(order_id))
        except errors.CdiscountError:
            return None
