"""What happens on the way to a marketplace and back."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from cdiscount_marketplace.events.hooks import Event


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
