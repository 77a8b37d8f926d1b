"""Read the content of an HTTP error: problem details (RFC 9457), the token service's own shape, or anything else.

Texts of the service may quote tokens and customers: none is taken over unscrubbed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from attrs import field, frozen

from cdiscount_marketplace.errors import CdiscountError, HttpError, NotAuthorized
from cdiscount_marketplace.octopia.bodies import is_array, is_object, member, parse

_LENGTH = 300
_MOST_READ = 2000
# A token by its name or by its length, an e-mail address, a telephone number.
_SECRET = re.compile(
    r"""bearer\s+\S+ | [\w.~+/-]{40,}=* | [^\s@<>"',;:()]+@[^\s@<>"',;:()]+
    | (?<!\w)(?:(?:\+|00)\d{2}[\s.-]?\d|0[1-9])(?:[\s.-]?\d{2}){4}(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_MEANINGS = {
    400: "the request is malformed, or a parameter is missing or invalid",
    401: "the token is missing or has expired",
    403: "the seller is not linked to these credentials, or may not do this",
    404: "there is no such thing, or no such path",
    406: "the service cannot answer in the form asked for",
    409: "the order is busy, or in a state that forbids this",
    413: "the request is too large",
    415: "the service does not take this kind of body",
    422: "the request is well-formed and contradicts itself or the order",
    429: "too many requests",
}


@frozen(kw_only=True)
class ProblemDetails:
    """The service's answer to a failed request; `fields` maps request members to messages."""

    title: str | None = None
    detail: str | None = None
    trace_id: str | None = None
    fields: Mapping[str, tuple[str, ...]] = field(factory=dict[str, tuple[str, ...]])

    @property
    def reason(self) -> str | None:
        """The most telling text: titles are often generic, and the reason stands in the fields or the detail."""
        messages = [text for texts in self.fields.values() for text in texts]
        return self.detail or "; ".join(messages)[:_LENGTH] or self.title


def read_problem(body: bytes) -> ProblemDetails:
    """Read an error body; an empty one, a web page or anything unexpected gives empty details."""
    try:
        data = parse(body)
    except CdiscountError:
        return ProblemDetails()
    if not is_object(data):
        return ProblemDetails()
    return ProblemDetails(
        title=_short(member(data, "title") or member(data, "error")),
        detail=_short(member(data, "detail") or member(data, "error_description") or member(data, "message")),
        trace_id=_text(member(data, "traceId")),
        fields=dict(_fields(member(data, "errors"))),
    )


def error_of(status: int, problem: ProblemDetails, *, retry_after: float | None = None) -> HttpError | NotAuthorized:
    """Make the error for an HTTP status: `NotAuthorized` for 403, else `HttpError`."""
    meaning = _MEANINGS.get(status, "the service failed" if status >= 500 else "the service refused")
    reason = f": {problem.reason}" if problem.reason else ""
    if status == 403:
        return NotAuthorized(f"{meaning}{reason}", hint="check the seller id, and that the seller granted access")
    return HttpError(
        f"HTTP {status}, {meaning}{reason}",
        status=status,
        fields=problem.fields,
        trace_id=problem.trace_id,
        retry_after=retry_after,
    )


def _text(value: object) -> str | None:
    return value[:_LENGTH] if isinstance(value, str) and value.strip() else None


def _short(value: object) -> str | None:
    return scrub(value) if isinstance(value, str) and value.strip() else None


def scrub(text: str) -> str:
    """Return a text of the service on one line, without what looks secret or personal, and not too long."""
    return _SECRET.sub("…", " ".join(text[:_MOST_READ].split()))[:_LENGTH]


def _fields(errors: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Read field messages: a map of field to messages, or a list of messages."""
    by_field: object = {"": errors} if is_array(errors) else errors
    if is_object(by_field):
        for name, messages in by_field.items():
            listed = messages if is_array(messages) else [messages]
            texts = tuple(short for short in map(_short, listed) if short)
            if texts:
                yield scrub(name), texts
