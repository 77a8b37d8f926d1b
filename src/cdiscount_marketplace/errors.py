"""Every error that the SDK raises, in one tree; catch `CdiscountError` and nothing of ours escapes.

```
CdiscountError
├── ConfigurationError            the SDK was set up in a way that cannot work (also a ValueError)
│   ├── CredentialsMissing            nothing to log in with
│   └── UnsafeSession                 the caller's session would repeat writes by itself
├── InvalidRequest                refused before any request left (also a ValueError): see .problems
│   └── NotRecorded                   the store has nothing under this number
├── AuthenticationError           who we are was not accepted
│   ├── LoginRefused                  user name and password, or client id and secret, are wrong
│   ├── LoginBlocked                  not tried again yet, to protect the account: see .until
│   └── TokenRefused                  a token was refused and could not be replaced
├── NotAuthorized                 we are known, and not allowed to do this
├── OrderForbidden                the service refuses one order: see .order_numbers
├── TransportError                no usable answer came
│   ├── ConnectFailed                 DNS, connect or TLS failed: nothing was sent
│   ├── ConnectionLost                broken after sending began: it may have been processed
│   ├── CallTimeout                   no answer within the time limit: it may have been processed
│   └── UnreadableAnswer              an answer came, and it is not the service's
│       ├── HtmlAnswer                    a bot wall, proxy or error page
│       ├── EmptyAnswer                   nothing at all
│       ├── TruncatedAnswer               the beginning of an answer
│       ├── OversizedAnswer               more than the limit: see .limit
│       └── ForbiddenMarkup               a DTD, entities, or nesting too deep
├── ServiceError                  the service understood and refused
│   ├── HttpError                     an HTTP status with no fault in it: see .status, .problem
│   ├── ServiceFault                  a SOAP fault: see .fault_code
│   ├── OperationFailed               the answer reports that the operation failed
│   ├── QuotaExceeded                 too many calls: see .method, .retry_at
│   ├── NotReady                      the service still works on it: ask again later
│   └── DecisionsRefused              report.raise_for_failures() found refusals: see .report
├── OutcomeUnknown                a write may or may not have happened: see .order_numbers
└── SyncError                     the OMS side cannot go on
    ├── Unmappable                    a mapper refuses an order: see .reason
    ├── LeaseBusy                     another worker runs this job on this account: see .owner, .until
    ├── LeaseLost                     another worker took over: this one stopped before writing
    ├── CheckpointConflict            the checkpoint was moved by someone else during the run
    ├── ShipmentConflict              a different shipment is already recorded for the order
    ├── RefundConflict                another refund is already recorded for these lines
    ├── StoreFailed                   the store refused or is gone, nothing of that unit was stored: see .code
    └── UnknownSchema                 a store was written by another version of the SDK
```

Errors carry fields, not prose, and are picklable. None of them carries a token, a password or a customer's data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self, TypedDict, Unpack

from attrs import frozen


@frozen
class Problem:
    """One thing that is wrong with what the caller gave: where (`field`), and what to do (`message`)."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class Details(TypedDict, total=False):
    """What every error may be given beside its message; see `CdiscountError`."""

    operation: str | None
    codes: Sequence[str]
    order_numbers: Sequence[str]
    retryable: bool | None
    hint: str | None


class CdiscountError(Exception):
    """The root: what happened (`message`), where (`operation`), and what to do next (`hint`).

    `codes` are the service's own error types; `order_numbers` the orders concerned; `retryable` is whether the same
    call can be made again later, unchanged and without harm.
    """

    retryable: bool = False
    hint: str | None = None

    def __init__(self, message: str, **details: Unpack[Details]) -> None:
        super().__init__(message)
        self.message: str = message
        self.operation: str | None = details.get("operation")
        self.codes: tuple[str, ...] = tuple(details.get("codes", ()))
        self.order_numbers: tuple[str, ...] = tuple(details.get("order_numbers", ()))
        retryable = details.get("retryable")
        self.retryable = type(self).retryable if retryable is None else retryable
        self.hint = details.get("hint") or type(self).hint

    def __str__(self) -> str:
        where = f"{self.operation}: " if self.operation else ""
        orders = f" [orders: {', '.join(map(str, self.order_numbers))}]" if self.order_numbers else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}{self.message}{orders}{hint}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message), dict(vars(self))

    def about(self, *, operation: str | None = None, order_numbers: Sequence[str] = ()) -> Self:
        """Fill in where it happened, unless that is known already, and return self."""
        self.operation = self.operation or operation
        self.order_numbers = self.order_numbers or tuple(order_numbers)
        return self


def _rebuild(cls: type[CdiscountError], message: str) -> CdiscountError:
    error = cls.__new__(cls, message)
    error.args = (message,)
    return error


class ConfigurationError(CdiscountError, ValueError):
    """The SDK was set up in a way that cannot work."""


class CredentialsMissing(ConfigurationError):
    """There is nothing to log in with. `options` are ways out: parameters of a client that are needed together."""

    def __init__(self, message: str, *, options: Sequence[Sequence[str]] = (), **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.options: tuple[tuple[str, ...], ...] = tuple(map(tuple, options))

    hint: str | None = "pass username= and password=, or token=, or set CDISCOUNT_USERNAME and CDISCOUNT_PASSWORD"


class UnsafeSession(ConfigurationError):
    """The caller's session repeats POST requests by itself, which can double a shipment."""

    hint: str | None = "mount an HTTPAdapter whose Retry excludes POST; this SDK repeats what is safe to repeat"


class InvalidRequest(CdiscountError, ValueError):
    """What the caller gave cannot be sent; nothing was sent. `problems` names each thing that is wrong."""

    def __init__(self, problems: Sequence[Problem], **details: Unpack[Details]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems), **details)
        self.problems: tuple[Problem, ...] = tuple(problems)


class NotRecorded(InvalidRequest):
    """Nothing is recorded under what the caller named, such as a mistyped order number."""


class AuthenticationError(CdiscountError):
    """Who we are was not accepted, or the callable that gives the secret failed: then it is `retryable`."""


class LoginRefused(AuthenticationError):
    """The token service refused the user name and password, or the client id and secret."""

    hint: str | None = (
        "check the API account's login (it ends in -api) and password; stop running jobs before changing it"
    )


class LoginBlocked(AuthenticationError):
    """A login was refused a moment ago; it is not repeated before `until`, so that the account is not locked."""

    def __init__(self, message: str, *, until: datetime, **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.until: datetime = until

    hint: str | None = "correct the credentials; new ones are tried at once"


class TokenRefused(AuthenticationError):
    """A token was refused and could not be replaced."""

    hint: str | None = "give a fresh token, or the user name and password so that the SDK can get one"


class NotAuthorized(CdiscountError):
    """The account is known and not allowed to do this; a new token does not help."""

    hint: str | None = "ask Cdiscount to grant this right to the API account"


class OrderForbidden(CdiscountError):
    """The service refuses one order (`order_numbers`) while it answers for others; nothing was done."""

    hint: str | None = "look at the order in your seller account; it may belong to another seller or sales channel"


class TransportError(CdiscountError):
    """No usable answer came."""


class ConnectFailed(TransportError):
    """DNS, connect or TLS failed: nothing was sent."""

    retryable: bool = True


class ConnectionLost(TransportError):
    """The connection broke after sending began: a write may have been processed."""


class CallTimeout(TransportError):
    """No complete answer came within the time limit: a write may have been processed."""


class UnreadableAnswer(TransportError):
    """An answer came and it is not the service's: a write may have been processed."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        **details: Unpack[Details],
    ) -> None:
        super().__init__(message, **details)
        self.status: int | None = status
        self.retry_after: float | None = retry_after


class HtmlAnswer(UnreadableAnswer):
    """A web page came instead of an answer: a bot wall, a proxy or an error page."""

    hint: str | None = "try again later; if it persists, ask Cdiscount to allow this machine's address"


class EmptyAnswer(UnreadableAnswer):
    """An answer without content came."""


class TruncatedAnswer(UnreadableAnswer):
    """Only a part of an answer came, or it is not well-formed."""


class OversizedAnswer(UnreadableAnswer):
    """The answer is larger than `limit` bytes."""

    def __init__(self, message: str, *, limit: int, status: int | None = None, **details: Unpack[Details]) -> None:
        super().__init__(message, status=status, **details)
        self.limit: int = limit

    hint: str | None = "ask for a shorter period, or for fewer orders"


class ForbiddenMarkup(UnreadableAnswer):
    """The answer holds a DTD or entities, or is nested too deep; no honest answer of the service does."""


class ServiceError(CdiscountError):
    """The service understood the request and refused it."""


class HttpError(ServiceError):
    """The service answered with an HTTP error status; `fields` maps request members to their errors."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        fields: Mapping[str, tuple[str, ...]] | None = None,
        trace_id: str | None = None,
        retry_after: float | None = None,
        **details: Unpack[Details],
    ) -> None:
        super().__init__(message, **details)
        self.status: int = status
        self.fields: dict[str, tuple[str, ...]] = dict(fields or {})
        self.trace_id: str | None = trace_id
        self.retry_after: float | None = retry_after


class ServiceFault(ServiceError):
    """A SOAP fault for the whole call; `fault_code` is its local name, such as DeserializationFailed."""

    def __init__(self, message: str, *, fault_code: str, status: int | None = None, **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.fault_code: str = fault_code
        self.status: int | None = status


class OperationFailed(ServiceError):
    """The answer reports that the operation failed; the service does not always give a reason."""


class QuotaExceeded(ServiceError):
    """Too many calls of one method; the count resets at `retry_at`."""

    def __init__(self, message: str, *, method: str, retry_at: datetime | None, **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.method: str = method
        self.retry_at: datetime | None = retry_at


class NotReady(ServiceError):
    """The service still works on what was asked for, or is past it; look at its state, and ask again later."""

    retryable: bool = True


class DecisionsRefused(ServiceError):
    """`raise_for_failures()` found orders that were not changed as asked; `report` has each order's outcome."""

    def __init__(self, message: str, *, report: object, **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.report: object = report


class OutcomeUnknown(CdiscountError):
    """A write may or may not have happened for `order_numbers`; the error that hid it is the cause.

    Read the orders before deciding anything. `report` has what is known of the other orders of the same call.
    """

    def __init__(self, message: str, *, report: object = None, **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.report: object = report

    hint: str | None = "read these orders again before repeating anything"


class SyncError(CdiscountError):
    """The OMS side cannot go on."""


class Unmappable(SyncError):
    """A mapper refuses an order; raise it from a mapper with a `reason` that a person can act on."""

    def __init__(self, reason: str, **details: Unpack[Details]) -> None:
        super().__init__(reason, **details)
        self.reason: str = reason


class LeaseBusy(SyncError):
    """Another worker, `owner`, runs `job` on `account`, at the latest until `until` unless it renews its lease.

    `owner` and `until` are None where the store cannot list leases (see `LeaseOverview`).
    """

    def __init__(
        self,
        message: str,
        *,
        account: str,
        job: str,
        until: datetime | None,
        owner: str | None = None,
        **details: Unpack[Details],
    ) -> None:
        super().__init__(message, **details)
        self.account: str = account
        self.job: str = job
        self.until: datetime | None = until
        self.owner: str | None = owner

    retryable: bool = True


class LeaseLost(SyncError):
    """Another worker took over this job; this one stopped before writing."""

    retryable: bool = True


class CheckpointConflict(SyncError):
    """The checkpoint was moved by someone else during the run; that move wins, and this run stops."""

    retryable: bool = True


class ShipmentConflict(SyncError):
    """A different shipment is already recorded for the order."""

    hint: str | None = "to replace it, cancel it first (`outbox cancel NUMBER`), then ship again"


class RefundConflict(SyncError):
    """Another refund or cancellation is already recorded for some of the lines, or under the same reference."""

    hint: str | None = "look at it with `refunds list`; to replace it, cancel it first (`refunds cancel NUMBER`)"


class StoreFailed(SyncError):
    """The store failed, or is gone; nothing of that unit was stored. `reason` never quotes stored values.

    `code` is the kind of failure: "missing" (there is no store at this address), "not_a_store", "moved" (the file was
    moved, deleted or replaced while it was in use), "disk_full", "disk_error", "read_only", "locked", "unreachable",
    "cannot_open", "damaged", or "refused" for everything else.
    """

    def __init__(self, reason: str, *, code: str = "refused", **details: Unpack[Details]) -> None:
        super().__init__(reason, **details)
        self.reason: str = reason
        self.code: str = code


class UnknownSchema(SyncError):
    """The store was written by another version of this SDK; `found` and `expected` are schema versions."""

    def __init__(self, message: str, *, found: int, expected: int, **details: Unpack[Details]) -> None:
        super().__init__(message, **details)
        self.found: int = found
        self.expected: int = expected
