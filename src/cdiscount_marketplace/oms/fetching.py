"""Reading orders window by window, in pieces that the service can answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Event as Flag

from attrs import define, field, frozen

from cdiscount_marketplace.channels.port import PagedChannel, SalesChannel
from cdiscount_marketplace.errors import OperationFailed, ServiceError, TransportError
from cdiscount_marketplace.events.hooks import Hook, emit
from cdiscount_marketplace.events.jobs import ReadingNoted, WindowRead, WindowSplit
from cdiscount_marketplace.failures import is_too_slow
from cdiscount_marketplace.models import Notice, OrderQuery, Reading, SalesOrder
from cdiscount_marketplace.oms.leases import HeldLease
from cdiscount_marketplace.oms.stop_reason import LimitReached, StopRequested
from cdiscount_marketplace.oms.windows import Window, halve

# A year's catch-up, day by day and with room for halving, needs less; a service that ignores its bounds needs more.
MAX_REQUESTS = 5000
# So many windows in a row with the same orders, and so many orders each, are no coincidence.
REPEATS = 3
MANY = 20


class TooLarge(Exception):
    """A reading should be split in two, for this reason."""

    def __init__(self, reading: str, reason: str) -> None:
        super().__init__(reason)
        self.reading = reading
        self.reason = reason


@define
class _Progress:
    """What a run has read: how many requests it made, and what the last window of each reading held."""

    requests: int = 0
    windows: dict[str, tuple[Window, frozenset[str]]] = field(factory=dict[str, tuple[Window, frozenset[str]]])
    repeats: int = 0


@frozen
class Reader:
    """Reads for one run: renews the lease in time, emits each reading, and asks to halve large ones.

    A run makes `max_requests` at most; then it ends, and the next one goes on. A service that answers one window after
    the other with the same orders ignores its bounds: that is an error.
    """

    channel: SalesChannel
    account: str
    holding: HeldLease
    hooks: tuple[Hook, ...]
    stop: Flag
    max_orders: int
    max_requests: int = MAX_REQUESTS
    # Notices of this run's readings, each once.
    notices: list[Notice] = field(factory=list[Notice])
    _progress: _Progress = field(factory=_Progress, init=False)

    def read(self, name: str, window: Window, query: OrderQuery) -> Reading:
        """Read all orders of a window; raise `TooLarge` unless it is too short to be halved."""
        self.before_request()
        divisible = halve(window) is not None
        try:
            orders = self._fetch(query)
        except (TransportError, ServiceError) as error:
            if not (divisible and is_too_slow(error)):
                raise
            raise TooLarge(name, type(error).__name__) from error
        reading = orders if isinstance(orders, Reading) else Reading(tuple(orders))
        self._note(reading.notices)
        emit(
            self.hooks,
            WindowRead(account=self.account, reading=name, begin=window.begin, end=window.end, orders=len(reading)),
        )
        self._ensure_bounds(name, window, reading)
        if divisible and len(reading) >= self.max_orders:
            raise TooLarge(name, f"{len(reading)} orders")
        return reading

    def before_request(self) -> None:
        """Renew the lease if that is due, and count the request; raise if the run is to end here."""
        if self.stop.is_set():
            raise StopRequested
        if self._progress.requests >= self.max_requests:
            raise LimitReached
        self._progress.requests += 1
        self.holding.renew_when_due()

    def _fetch(self, query: OrderQuery) -> Sequence[SalesOrder]:
        if isinstance(self.channel, PagedChannel):
            return self.channel.fetch_paged(query, self._between_pages)
        return self.channel.fetch(query)

    def _between_pages(self) -> None:
        if self.stop.is_set():
            raise StopRequested
        self.holding.renew_when_due()

    def _ensure_bounds(self, name: str, window: Window, reading: Reading) -> None:
        """Raise if windows that only share a boundary keep being answered with the same orders."""
        orders = frozenset(order.keys[0] for order in reading)
        before, known = self._progress.windows.get(name, (window, frozenset[str]()))
        self._progress.windows[name] = (window, orders)
        apart = window.begin >= before.end or window.end <= before.begin
        if not apart:
            return
        same = len(orders) >= MANY and len(orders & known) * 10 >= len(orders | known) * 9
        self._progress.repeats = self._progress.repeats + 1 if same else 0
        if self._progress.repeats >= REPEATS:
            raise OperationFailed(
                f"the service answers every period with the same {len(orders)} orders: it ignores the dates",
                operation="fetch",
                hint="report it to the marketplace; nothing is lost, the next run begins here again",
            )

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

    def _note(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            if notice not in self.notices:
                self.notices.append(notice)
                emit(self.hooks, ReadingNoted(account=self.account, code=notice.code, message=notice.message))

    def _halves(self, window: Window, large: TooLarge) -> list[Window]:
        event = WindowSplit(
            account=self.account, reading=large.reading, begin=window.begin, end=window.end, reason=large.reason
        )
        emit(self.hooks, event)
        halves = halve(window)
        return [] if halves is None else [halves[1], halves[0]]
