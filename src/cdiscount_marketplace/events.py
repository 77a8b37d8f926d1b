"""What the SDK reports about its work: frozen records, handed to hooks that a caller may supply.

A hook is any callable that takes one `Event`. It is called in the thread that does the work, so it must be quick and
thread-safe. A hook that raises is logged and ignored: telling must never lose an order. No event carries a secret or
a customer's data; order numbers are not customers' data.

`CallStarted`, `RequestStarted` and `JobStarted` open something that lasts. A hook may answer them with a context
manager, which is left when that ends, in the same thread; what happens within is reported within.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self, TypeAlias, TypeVar, cast

from attrs import define, field, frozen

from cdiscount_marketplace.errors import ConfigurationError

T = TypeVar("T")

_log = logging.getLogger(__name__)

Duration: TypeAlias = AbstractContextManager[object, bool | None]
"""What a hook may answer to an event that opens something: it is left when that ends."""


@frozen(kw_only=True)
class Event:
    """The common base of all events."""


class Hook(Protocol):
    """Receive one event; return nothing, or a context manager around what the event opens."""

    def __call__(self, event: Event, /) -> Duration | None: ...


def hooks_of(hooks: object) -> tuple[Hook, ...]:
    """Return the hooks that a client was given; raises `ConfigurationError` for anything but callables in a list."""
    callables = tuple(cast("Iterable[object]", hooks)) if isinstance(hooks, Iterable) else None
    if callables is None or not all(map(callable, callables)):
        raise ConfigurationError("hooks must be a list of callables", hint="write hooks=[hook], also for a single one")
    return cast("tuple[Hook, ...]", callables)


def emit(hooks: Iterable[Hook], event: Event) -> None:
    """Tell every hook, whatever the others do."""
    for hook in hooks:
        _safely(event, hook, event)


def during(hooks: tuple[Hook, ...], event: Event) -> AbstractContextManager[object, None]:
    """Tell every hook that something begins, and hold the context managers that they return until it ends.

    None of them can stop it, swallow its error, or replace it by another one.
    """
    return _During(hooks, event) if hooks else nullcontext()


def _safely(event: Event, call: Callable[..., T], *arguments: object) -> T | None:
    try:
        return call(*arguments)
    # The order being processed must not suffer from it.
    except Exception as error:  # noqa: BLE001 - a user's hook may raise anything
        _log.warning("hook failed on %s: %s", type(event).__name__, type(error).__name__)
        return None


@define
class _During:
    _hooks: tuple[Hook, ...]
    _event: Event
    _entered: list[Duration] = field(factory=list[Duration], init=False)

    def __enter__(self) -> Self:
        for hook in self._hooks:
            _safely(self._event, self._open, hook)
        return self

    def _open(self, hook: Hook) -> None:
        duration = hook(self._event)
        if isinstance(duration, AbstractContextManager):
            duration.__enter__()
            self._entered.append(duration)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for duration in reversed(self._entered):
            _safely(self._event, duration.__exit__, kind, error, trace)


@frozen(kw_only=True)
class CallStarted(Event):
    """A call begins, with all its attempts and the logins between them; each attempt ends in a `CallFinished`."""

    operation: str


@frozen(kw_only=True)
class RequestStarted(Event):
    """One HTTP request begins; `writes` is True if it may change something. The path is left out: it names orders."""

    method: str
    server_address: str
    server_port: int | None = None
    writes: bool = False


@frozen(kw_only=True)
class RequestFinished(Event):
    """One HTTP request ended: with a status, whatever it means, or with `error`, an error's class name."""

    http_status: int | None = None
    error: str | None = None


@frozen(kw_only=True)
class CallFinished(Event):
    """One request was answered, or failed; `outcome` is "ok" or the error's class name."""

    operation: str
    attempt: int
    seconds: float
    outcome: str
    http_status: int | None = None


@frozen(kw_only=True)
class CallRetried(Event):
    """A request is about to be repeated after `wait` seconds, because of `reason` (an error's class name)."""

    operation: str
    attempt: int
    wait: float
    reason: str


@frozen(kw_only=True)
class TokenRenewed(Event):
    """A new token was obtained; `reason` is "missing", "early", "refused"."""

    account: str
    reason: str
    expires_at: datetime


@frozen(kw_only=True)
class LoginBlocked(Event):
    """A login was refused and no further attempt is made before `until`."""

    account: str
    until: datetime


@frozen(kw_only=True)
class DriftSeen(Event):
    """The service sent something that this SDK does not know: `kind` is "element", "value" or "format".

    `path` names the place, such as `Order/NewMember`; `count` is how often in one answer. For kind "value",
    `value` carries the unknown enum value; text of unknown elements is never carried (it may be personal data).
    """

    operation: str
    kind: str
    path: str
    value: str | None = None
    count: int = 1


@frozen(kw_only=True)
class SyncEvent(Event):
    """A step of a job on one account."""

    account: str


@frozen(kw_only=True)
class JobStarted(SyncEvent):
    """A run of a job begins; `job` is "import", "accept", "ship", "refund" or "offers"."""

    job: str


@frozen(kw_only=True)
class JobFinished(SyncEvent):
    """A run of a job ended; `outcome` is its report's `ended_by`, or the class name of the error that it raised.

    `counts` are the numbers of its report by name, such as `imported` and `unknown`. `unknown_since` is when the
    oldest task began whose outcome is unknown still.
    """

    job: str
    outcome: str
    counts: Mapping[str, int] = field(factory=dict[str, int])
    unknown_since: datetime | None = None


@frozen(kw_only=True)
class WindowRead(SyncEvent):
    """One reading of orders ended; `reading` is "waiting", "others" or "sweep"."""

    reading: str
    begin: datetime | None
    end: datetime | None
    orders: int


@frozen(kw_only=True)
class WindowSplit(SyncEvent):
    """A reading was cut in two because it was too slow or too large (`reason`)."""

    reading: str
    begin: datetime
    end: datetime
    reason: str


@frozen(kw_only=True)
class OrderHandled(SyncEvent):
    """An order was seen by the importer; `result` is "imported", "updated", "unchanged", "stale", "quarantined",
    "released", "skipped" or "passed_unseen"; `reason` explains what is not obvious.
    """

    order_number: str
    result: str
    reason: str | None = None


@frozen(kw_only=True)
class ReadingNoted(SyncEvent):
    """A reading found something that a person should know, such as a sales channel that no order has."""

    code: str
    message: str


@frozen(kw_only=True)
class SweepFound(SyncEvent):
    """A sweep found `count` orders that the windows had not brought."""

    count: int


@frozen(kw_only=True)
class CheckpointMoved(SyncEvent):
    """The Last Order Pulled date moved."""

    before: datetime
    after: datetime


@frozen(kw_only=True)
class FloorIgnored(SyncEvent):
    """A `start_from` differs from the stored floor, and the stored one won."""

    stored: datetime
    given: datetime


@frozen(kw_only=True)
class DecisionOverdue(SyncEvent):
    """An order has waited for a decision longer than `accept_within`."""

    order_number: str
    waiting_since: datetime


@frozen(kw_only=True)
class ShipmentNoted(SyncEvent):
    """A shipment is confirmed, and a person should know `note`: it left under another tracking number, or in part."""

    order_number: str
    parcel: str
    note: str


@frozen(kw_only=True)
class RefundNoted(SyncEvent):
    """A refund is confirmed, and a person should know `note`, such as that somebody else cancelled the order."""

    order_number: str
    reference: str
    note: str


@frozen(kw_only=True)
class TaskMoved(SyncEvent):
    """A stored decision, shipment or refund changed its state (`before` → `after`)."""

    job: str
    order_number: str
    before: str
    after: str
    attempt: int
    message: str | None = None
    parcel: str | None = None
    reference: str | None = None


@frozen(kw_only=True)
class OfferMoved(SyncEvent):
    """A stored offer changed its state (`before` → `after`) in a run; `message` is the marketplace's answer."""

    sku: str
    before: str
    after: str
    attempt: int
    message: str | None = None


@frozen(kw_only=True)
class OfferPackageMoved(SyncEvent):
    """A package of offers changed its state (`before` → `after`); `before` is None when it was created.

    `package` is our own name for it, `reference` the marketplace's, `offers` how many it carries.
    """

    package: str
    reference: str
    kind: str
    offers: int
    before: str | None
    after: str
    message: str | None = None
