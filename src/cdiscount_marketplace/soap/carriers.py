"""The carriers that the marketplace lists, read seldom and never required."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from attrs import define, field

from cdiscount_marketplace.calls.forks import renew_in_children
from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.soap.configuration import GET_GLOBAL_CONFIGURATION, Carrier
from cdiscount_marketplace.soap.service import Service

KEPT_FOR = timedelta(days=1)
# After a failure, shipments are not held up by asking for the list again at once.
PAUSE = timedelta(minutes=5)


@define(eq=False)
class CarrierList:
    """Read the carriers, and keep them for a day. Thread-safe."""

    _service: Service
    _clock: Clock
    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _carriers: tuple[Carrier, ...] = field(default=(), init=False)
    _ask_from: datetime | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        renew_in_children(self)

    def reset_after_fork(self) -> None:
        """Let go of what a thread of a parent process holds."""
        self._lock = threading.Lock()

    def read(self) -> tuple[Carrier, ...]:
        """Return the carriers; raises what keeps them from being read."""
        with self._lock:
            if self._is_due() or not self._carriers:
                self._ask()
            return self._carriers

    def known_names(self) -> tuple[str, ...]:
        """Return the names as listed, or the last ones that were read, or none: never raises an error of ours."""
        # Whoever waits here for a thread that fails does not fail once more: the pause holds for all.
        with self._lock:
            if self._is_due():
                try:
                    self._ask()
                except CdiscountError:
                    self._ask_from = self._clock.now() + PAUSE
            return tuple(carrier.name for carrier in self._carriers if carrier.name)

    def _ask(self) -> None:
        self._carriers = self._service.read(GET_GLOBAL_CONFIGURATION).result.carriers
        self._ask_from = self._clock.now() + KEPT_FOR

    def _is_due(self) -> bool:
        return self._ask_from is None or self._clock.now() >= self._ask_from
