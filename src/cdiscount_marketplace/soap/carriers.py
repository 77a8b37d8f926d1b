"""`client.carriers()`: the carriers that the marketplace lists (GetGlobalConfiguration); read once a day."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from attrs import define, field

from cdiscount_marketplace.calls.forks import renew_in_children
from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.soap.codec.declare import element, model
from cdiscount_marketplace.soap.common import ServiceBaseMessage
from cdiscount_marketplace.soap.operations import Operation
from cdiscount_marketplace.soap.service import Service


@model()
class Carrier:
    """A carrier. The list changes over time; names are sent as listed, even with a trailing blank."""

    carrier_id: int | None = None
    """Number of the carrier; never sent."""
    default_url: str | None = element(default=None, name="DefaultURL")
    """A general tracking page; may begin with white space."""
    name: str | None = None
    """The name to report shipments with."""


@model()
class GlobalConfigurationMessage(ServiceBaseMessage):
    """The answer of GetGlobalConfiguration."""

    carriers: tuple[Carrier, ...] = element(default=(), name="CarrierList")
    """The carriers."""


GET_GLOBAL_CONFIGURATION = Operation(name="GetGlobalConfiguration", result=GlobalConfigurationMessage, kind="read")


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
