"""Reading orders window by window, in pieces that the service can answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Event as Flag

from attrs import field, frozen

from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.errors import CallTimeout, OversizedAnswer
from cdiscount_marketplace.events import Hook, ReadingNoted, WindowRead, WindowSplit, emit
from cdiscount_marketplace.models import Notice, OrderQuery, Reading
from cdiscount_marketplace.oms.endings import StopRequested
from cdiscount_marketplace.oms.leases import Holding
from cdiscount_marketplace.oms.windows import Window, halve


class TooLarge(Exception):
    """A reading should be cut in two, for the reason told."""

    def __init__(self, reading: str, reason: str) -> None:
        super().__init__(reason)
        self.reading = reading
        self.reason = reason


@frozen
class Reader:
    """Reads for one run: renews the lease before each request, tells each reading, and asks to halve large ones."""

    channel: SalesChannel
    account: str
    holding: Holding
    hooks: tuple[Hook, ...]
    stop: Flag
    max_orders: int
    # What the readings of this run said besides their orders, each once.
    notices: list[Notice] = field(factory=list[Notice])

    def read(self, name: str, window: Window, query: OrderQuery) -> Reading:
        """Read all orders of a window; raise `TooLarge` unless it is too short to be halved."""
        if self.stop.is_set():
            raise StopRequested
        self.holding.renew()
        divisible = halve(window) is not None
        try:
            found = self.channel.fetch(query)
        except (CallTimeout, OversizedAnswer) as error:
            if not divisible:
                raise
            raise TooLarge(name, type(error).__name__) from error
        reading = found if isinstance(found, Reading) else Reading(tuple(found))
        self._note(reading.notices)
        emit(
            self.hooks,
            WindowRead(account=self.account, reading=name, begin=window.begin, end=window.end, orders=len(reading)),
        )
        if divisible and len(reading) >= self.max_orders:
            raise TooLarge(name, f"{len(reading)} orders")
        return reading

    def _note(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            if notice not in self.notices:
                self.notices.append(notice)
                emit(self.hooks, ReadingNoted(account=self.account, code=notice.code, message=notice.message))

    def walk(self, windows: Iterable[Window], visit: Callable[[Window], None]) -> None:
        """Visit windows in order; one that turns out too large is halved, and its lower half visited first."""
        for whole in windows:
            waiting = [whole]
            while waiting:
                window = waiting.pop()
                try:
                    visit(window)
                except TooLarge as large:
                    waiting += self._halves(window, large)

    def _halves(self, window: Window, large: TooLarge) -> list[Window]:
        told = WindowSplit(
            account=self.account, reading=large.reading, begin=window.begin, end=window.end, reason=large.reason
        )
        emit(self.hooks, told)
        halves = halve(window)
        return [] if halves is None else [halves[1], halves[0]]
