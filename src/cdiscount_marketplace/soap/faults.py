"""What an answer of the SOAP service that is no result means: (HTTP status, fault code, text) -> error.

Pure decisions. Texts of the service can quote tokens and values of the request: none is taken over unscrubbed.
"""

from __future__ import annotations

import re
from typing import TypeVar

from attrs import field, frozen

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.http import Answer, reject_foreign
from cdiscount_marketplace.soap.endpoints import is_cdiscount

E = TypeVar("E", bound=errors.CdiscountError)

TOKEN_FAULT = "RequestTokenValidationError"  # noqa: S105 -- a fault code
DESERIALIZATION_FAULT = "DeserializationFailed"
CLOSING = (
    "if this lasts: the SOAP API was announced to close in 2025; how to move to its successor, the Octopia REST API: "
    "https://cdiscount-marketplace.readthedocs.io/en/stable/how-to/move-to-octopia.html"
)

_NOT_AUTHORIZED = re.compile("not authori[sz]ed", re.IGNORECASE)
_TOKEN_LIKE = re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", re.IGNORECASE)
_QUOTED = re.compile(r"'[^']*'")
_PARAMETER = re.compile(r"deserialize parameter \S*?:(\w+)\.")
_AS_TYPE = re.compile(r"(?:as the type|into type) '([\w.]+)'")
# Statuses that mean the same whatever page comes with them.
_PLAIN_STATUSES = frozenset({401, 404, 410, 413, 429})
_GONE = frozenset({404, 410})
_LONGEST_TEXT = 300


@frozen(kw_only=True)
class Fault:
    """A SOAP fault: the local name of its code, and its text."""

    code: str
    text: str = field(default="", repr=False)


def ensure_success(answer: Answer, fault: Fault | None) -> None:
    """Raise what the answer means unless it can hold a result; `fault` is the one that its body holds, if any.

    Raises `TokenRefused`, `NotAuthorized`, `ServiceFault`, `HttpError`, `HtmlAnswer` and `EmptyAnswer`.
    """
    if fault is not None:
        raise fault_error(fault, answer.status)
    if answer.status in _PLAIN_STATUSES:
        raise _http_error(answer)
    reject_foreign(answer)
    if not 200 <= answer.status < 300:
        raise _http_error(answer)


def fault_error(fault: Fault, status: int) -> errors.CdiscountError:
    """Return the error that a fault stands for."""
    if fault.code == TOKEN_FAULT:
        return _token_error(fault.text)
    if fault.code == DESERIALIZATION_FAULT:
        return _deserialization_error(fault, status)
    reason = _QUOTED.sub("'…'", scrub(fault.text))
    return errors.ServiceFault(
        f"{fault.code}: {reason}" if reason else fault.code, fault_code=fault.code, status=status
    )


def _token_error(text: str) -> errors.CdiscountError:
    if _NOT_AUTHORIZED.search(text):
        return errors.NotAuthorized("this account is not authorized to call this operation", codes=(TOKEN_FAULT,))
    # Malformed, unknown, expired, or anything else: a new token shows which.
    return errors.TokenRefused(f"the service refused the token: {scrub(text)}", codes=(TOKEN_FAULT,))


def _deserialization_error(fault: Fault, status: int) -> errors.ServiceFault:
    # The text quotes the refused value, which may be a customer's.
    parameter, kind = _PARAMETER.search(fault.text), _AS_TYPE.search(fault.text)
    where = f" of {parameter[1]}" if parameter else ""
    wanted = f"; it must be a valid {kind[1].rpartition('.')[2]}" if kind else ""
    return errors.ServiceFault(
        f"the service does not accept a value{where}{wanted}; nothing was done",
        fault_code=fault.code,
        status=status,
        hint="correct the value: the same request will fail again",
    )


def _http_error(answer: Answer) -> errors.HttpError:
    return errors.HttpError(
        f"the service answered HTTP {answer.status}",
        status=answer.status,
        retry_after=answer.retry_after,
        hint=CLOSING if answer.status in _GONE else None,
    )


def explain_unreachable(error: E, service_url: str) -> E:
    """Add to a connection to Cdiscount that failed what may be the reason: it is being closed; return the error."""
    if isinstance(error, errors.ConnectFailed) and is_cdiscount(service_url):
        error.hint = CLOSING
    return error


def scrub(text: str) -> str:
    """Return a text of the service on one line, without what looks like a token, and not too long."""
    return _TOKEN_LIKE.sub("…", " ".join(text.split()))[:_LONGEST_TEXT]
