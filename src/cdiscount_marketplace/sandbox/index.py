"""Find orders by state and date among many, without looking at all of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from attrs import frozen

from cdiscount_marketplace.sandbox.orders import Order

_MIN = datetime.min.replace(tzinfo=UTC)
_MAX = datetime.max.replace(tzinfo=UTC)
_LAST = "\uffff"

Entry = tuple[datetime, str]


@frozen(kw_only=True)
class Span:
    """A period, both ends included; None leaves a side open."""

    begin: datetime | None = None
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether `moment` lies in the period."""
        return (self.begin is None or self.begin <= moment) and (self.end is None or moment <= self.end)

    @property
    def open(self) -> bool:
        """Whether the period holds every moment."""
        return self.begin is None and self.end is None


ANY_TIME = Span()


class DateIndex:
    """Order numbers by one of their dates, kept sorted. Not thread-safe: the book locks."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def add(self, moment: datetime, number: str) -> None:
        """Insert an entry."""
        entry = (moment, number)
        if not self._entries or self._entries[-1] < entry:
            self._entries.append(entry)
        else:
            insort(self._entries, entry)

    def remove(self, moment: datetime, number: str) -> None:
        """Remove an entry that was added."""
        del self._entries[bisect_left(self._entries, (moment, number))]

    def bounds(self, span: Span) -> tuple[int, int]:
        """Return where a period begins and ends among the entries."""
        begin = bisect_left(self._entries, (span.begin or _MIN, ""))
        return begin, bisect_right(self._entries, (span.end or _MAX, _LAST))

    def numbers(self, bounds: tuple[int, int]) -> Iterator[str]:
        """Yield the numbers between bounds."""
        return (number for _, number in self._entries[bounds[0] : bounds[1]])


@frozen
class _StateIndex:
    created: DateIndex
    updated: DateIndex


class OrderIndex:
    """Numbers of orders by state, creation and last update. Not thread-safe: the book locks."""

    def __init__(self) -> None:
        self._states: dict[str, _StateIndex] = {}

    def put(self, before: Order | None, after: Order) -> None:
        """Replace what was known of an order."""
        if before is not None:
            old = self._states[before.state]
            old.created.remove(before.created_at, before.number)
            old.updated.remove(before.updated_at, before.number)
        new = self._states.setdefault(after.state, _StateIndex(DateIndex(), DateIndex()))
        new.created.add(after.created_at, after.number)
        new.updated.add(after.updated_at, after.number)

    def candidates(self, states: Iterable[str] | None, created: Span, updated: Span) -> Iterator[str]:
        """Yield a superset of the numbers that match, by whichever date narrows more; None means any state."""
        chosen = tuple(self._states) if states is None else dict.fromkeys(states)
        for state in chosen:
            if state in self._states:
                yield from _narrower(self._states[state], created, updated)


def _narrower(index: _StateIndex, created: Span, updated: Span) -> Iterator[str]:
    by_created, by_updated = index.created.bounds(created), index.updated.bounds(updated)
    if by_created[1] - by_created[0] <= by_updated[1] - by_updated[0]:
        return index.created.numbers(by_created)
    return index.updated.numbers(by_updated)
