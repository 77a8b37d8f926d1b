"""A model of a marketplace that gives money back, and of the channel to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import define, evolve, field

from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.errors import ConnectionLost
from cdiscount_marketplace.models import Lookup, Outcome, OutcomeStatus
from cdiscount_marketplace.refunds import FoundRefund, RefundReading, RefundRequest
from support.model_channel import Crash

MINUTE = timedelta(minutes=1)


@define
class Entry:
    """A refund that the marketplace made, and from when on its list shows it."""

    request: RefundRequest
    at: datetime
    shown_from: datetime
    rejected: bool = False


@define
class RefundDesk:
    """Gives what it is asked for; `plan` says what goes wrong with the next requests.

    `late` is how long the list takes to show a refund, `skew` how far the marketplace's clock is from the jobs'.
    """

    clock: Clock
    plan: list[str] = field(factory=list)
    late: timedelta = timedelta(0)
    skew: timedelta = timedelta(0)
    complete: bool = True
    unreadable: bool = False
    entries: list[Entry] = field(factory=list)
    calls: int = 0
    name: str = "model"
    settle_gap: timedelta = 2 * MINUTE
    write_limit: timedelta = 3 * MINUTE
    write_chunk: int = 3

    def refund(self, request: RefundRequest) -> Outcome:
        self.calls += 1
        fate = self.plan.pop(0) if self.plan else "given"
        if fate == "crash before":
            raise Crash
        if fate == "not run":
            raise ConnectionLost("the line is dead", retryable=True)
        if fate == "rejected":
            return Outcome(key=request.key, status=OutcomeStatus.REJECTED, code="no", message="not on this order")
        if fate != "lost before":
            now = self.clock.now() + self.skew
            self.entries.append(Entry(request, now, self.clock.now() + self.late))
        if fate == "crash after":
            raise Crash
        if fate.startswith("lost"):
            return Outcome(key=request.key, status=OutcomeStatus.UNKNOWN, code="CallTimeout", message="no answer")
        return Outcome(key=request.key, status=OutcomeStatus.CONFIRMED)

    def find_refunds(self, requests: Sequence[RefundRequest]) -> list[RefundReading]:
        return [self._reading(request) for request in requests]

    def _reading(self, request: RefundRequest) -> RefundReading:
        if self.unreadable:
            return RefundReading(failure="the list is on strike")
        found = tuple(
            FoundRefund(created_at=entry.at, rejected=entry.rejected, message="listed")
            for entry in self.entries
            if entry.shown_from <= self.clock.now() and _alike(entry.request, request)
        )
        return RefundReading(found=found, complete=self.complete)

    def given(self, reference: str) -> int:
        """Return how often a refund was made."""
        return sum(entry.request.reference == reference and not entry.rejected for entry in self.entries)

    # What the other jobs use.

    def fetch(self, query: object) -> Lookup:
        raise AssertionError("refunds are judged by the list of refunds")

    get = decide = ship = fetch

    def carriers(self) -> list[str]:
        return []


def _alike(one: RefundRequest, other: RefundRequest) -> bool:
    return evolve(one, reference="", details=None) == evolve(other, reference="", details=None)
