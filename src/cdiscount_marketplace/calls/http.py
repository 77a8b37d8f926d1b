"""One request, one bounded answer or one typed error: what both channels send their calls with."""

from __future__ import annotations

import copy
import math
import re
import time
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from types import TracebackType
from typing import Any, Self
from urllib.parse import SplitResult, unquote, urlsplit

import requests
from attrs import field, frozen
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.exceptions import HTTPError as WireError
from urllib3.util import Retry, Timeout

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.bodies import read_body
from cdiscount_marketplace.calls.connections import DeadlineAdapter, translate
from cdiscount_marketplace.calls.forks import renew_in_children
from cdiscount_marketplace.events.calls import RequestFinished, RequestStarted
from cdiscount_marketplace.events.hooks import Hook, during, emit

# A year: what a server asks beyond that is nonsense, and would not fit a date.
_LONGEST_WAIT = 366 * 86400.0

# Clients disagree on where an address with any of these leads.
_NOT_IN_ADDRESSES = re.compile(r"[\\\s\x00-\x1f\x7f]")

ANSWER_LIMIT = 64 * 1024 * 1024
"""The largest answer that is read, in bytes after decompression."""


def positive(_instance: object, attribute: Any, value: object) -> None:
    """Refuse a setting that is no finite number above zero; an attrs validator."""
    if not (isinstance(value, (int, float)) and 0 < value < math.inf):
        raise errors.ConfigurationError(f"{attribute.name} must be a number above 0, not {value!r}")


def checked_address(name: str, url: object, *, owners: Sequence[str]) -> str:
    """Return a service's address; raises `ConfigurationError` for one that cannot be used.

    That is one that is not HTTP, carries a password, or would send one unencrypted to a host of the `owners`' domains.
    """
    parts = _split(url) if isinstance(url, str) and _NOT_IN_ADDRESSES.search(url) is None else None
    if not isinstance(url, str) or parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise errors.ConfigurationError(f"{name} is not an http or https address")
    if parts.username is not None or parts.password is not None:
        raise errors.ConfigurationError(f"{name} carries a user name or password, which belong to the account")
    if parts.scheme == "http" and _plain_host(parts.hostname).endswith(tuple(owners)):
        raise errors.ConfigurationError(f"{name} must be https: it carries a password or a token")
    return url


def _plain_host(host: str) -> str:
    """Return a host's name as it is looked up in the end: with ASCII letters and dots, and none at the end."""
    name = unicodedata.normalize("NFKC", unquote(host)).casefold()
    dots = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61\u2024", "."))
    # Resolvers leave out what does not show, such as soft hyphens.
    shown = "".join(one for one in name.translate(dots) if unicodedata.category(one) not in {"Cf", "Mn"})
    with suppress(UnicodeError):
        shown = shown.encode("ascii").decode("idna") if "xn--" in shown else shown
    return shown.rstrip(".")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        # It is read for the first time here, and may be none.
        _ = parts.port
    except ValueError:
        return None
    return parts


@frozen(kw_only=True)
class TimeLimits:
    """Time limits in seconds: for connecting, and in total (connecting and the whole answer included) for a read, a
    write and a token request.
    """

    connect: float = field(default=10.0, validator=positive)
    read: float = field(default=180.0, validator=positive)
    write: float = field(default=120.0, validator=positive)
    token: float = field(default=30.0, validator=positive)


@frozen(kw_only=True)
class HttpRequest:
    """A request ready to be sent; only its method and address show in a `repr`."""

    method: str
    url: str
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    params: Sequence[tuple[str, str]] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Answer:
    """An answer that came whole; `answered_at` is the server's own clock (aware UTC), if it sent a date."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    answered_at: datetime | None = None

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; empty where none was given."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def retry_after(self) -> float | None:
        """The seconds that the server asks to wait; None where it does not."""
        text = self.headers.get("Retry-After", "").strip()
        if text.isdecimal():
            return min(float(text), _LONGEST_WAIT)
        until = _http_date(text)
        if until is None:
            return None
        return min(max(0.0, (until - (self.answered_at or datetime.now(UTC))).total_seconds()), _LONGEST_WAIT)


class HttpSender:
    """Send requests, one at a time per thread, any number of threads.

    `session` is the caller's: its headers, proxies, certificates and cookies are used, its Authorization and `~/.netrc`
    never replace ours, and it is never closed here. Where it has the standard adapter, connections are made by this
    sender, so that time limits are totals; other adapters (in-process ones, special TLS) are used as they are. Raises
    `UnsafeSession` if an adapter would repeat a POST by itself.
    """

    def __init__(
        self,
        session: requests.Session | None = None,
        limits: TimeLimits | None = None,
        *,
        hooks: tuple[Hook, ...] = (),
    ) -> None:
        self._hooks = hooks
        self.limits: TimeLimits = _limits(limits)
        self._owned = session is None
        self._session = _session(session)
        reject_repeating(self._session)
        # Connections beyond a pool's size are closed after use, with a warning each time.
        self._adapter = DeadlineAdapter(pool_maxsize=64)
        renew_in_children(self._adapter)

    def read(self, request: HttpRequest) -> Answer:
        """Send a request that changes nothing; connections are kept and used again."""
        return self._send(request, self.limits.read, self._adapter)

    def write(self, request: HttpRequest) -> Answer:
        """Send a request that changes something, on its own connection: a stale one could hide what happened."""
        return self._send_alone(request, self.limits.write, writes=True)

    def ask_token(self, request: HttpRequest) -> Answer:
        """Send a request to a token service."""
        return self._send_alone(request, self.limits.token)

    def with_limits(self, limits: TimeLimits) -> HttpSender:
        """Return a sender with other time limits, which shares this one's connections; close either."""
        sibling = copy.copy(self)
        sibling.limits = limits
        return sibling

    def close(self) -> None:
        """Close the connections that this sender made."""
        self._adapter.close()
        if self._owned:
            self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send_alone(self, request: HttpRequest, limit: float, *, writes: bool = False) -> Answer:
        adapter = DeadlineAdapter(pool_connections=1, pool_maxsize=1)
        try:
            return self._send(request, limit, adapter, writes=writes)
        finally:
            adapter.close()

    def _send(self, request: HttpRequest, limit: float, ours: DeadlineAdapter, *, writes: bool = False) -> Answer:
        if self._hooks:
            outcome = self._reported(request, limit, ours, writes=writes)
        else:
            outcome = self._attempt(request, limit, ours)
        if isinstance(outcome, Answer):
            return outcome
        # Raised here, where no exception is being handled: the one of `requests` holds the request with its secrets.
        raise outcome

    def _reported(
        self, request: HttpRequest, limit: float, ours: DeadlineAdapter, *, writes: bool
    ) -> Answer | errors.CdiscountError:
        """Make an attempt, and emit its events."""
        parts = urlsplit(request.url)
        started = RequestStarted(
            method=request.method, server_address=parts.hostname or "", server_port=_port(parts), writes=writes
        )
        with during(self._hooks, started):
            outcome = self._attempt(request, limit, ours)
            emit(self._hooks, _finished(outcome))
        return outcome

    def _attempt(self, request: HttpRequest, limit: float, ours: DeadlineAdapter) -> Answer | errors.CdiscountError:
        deadline = time.monotonic() + limit
        try:
            with self._open(request, limit, ours) as response:
                _reject_redirect(response)
                body = read_body(response, deadline=deadline, limit=ANSWER_LIMIT)
        except errors.CdiscountError as error:
            return error
        # ValueErrors come from headers and addresses that cannot be written; HTTPExceptions from adapters of callers.
        except (requests.RequestException, WireError, HTTPException, OSError, ValueError) as failure:
            return translate(failure)
        return Answer(
            status=response.status_code,
            headers=response.headers,
            body=body,
            answered_at=_http_date(response.headers.get("Date", "")),
        )

    def _open(self, request: HttpRequest, limit: float, ours: DeadlineAdapter) -> requests.Response:
        prepared = self._session.prepare_request(
            requests.Request(
                request.method,
                request.url,
                params=list(request.params),
                headers={"Accept-Encoding": "gzip", **request.headers},
                data=request.body,
                auth=_as_it_is,
            )
        )
        url = prepared.url or request.url
        settings: Any = self._session.merge_environment_settings(url, {}, stream=True, verify=None, cert=None)
        connect = min(self.limits.connect, limit)
        theirs = self._session.get_adapter(url)
        if type(theirs) is HTTPAdapter:
            total: Any = Timeout(connect=connect, read=limit, total=limit)
            return ours.send(prepared, timeout=total, **settings)
        _reject_repeating(theirs, request.method)
        return theirs.send(prepared, timeout=(connect, limit), **settings)


def _port(parts: SplitResult) -> int | None:
    return parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _finished(outcome: Answer | errors.CdiscountError) -> RequestFinished:
    if isinstance(outcome, Answer):
        return RequestFinished(http_status=outcome.status)
    return RequestFinished(error=type(outcome).__name__)


def _session(session: object) -> requests.Session:
    if session is None:
        return requests.Session()
    if not isinstance(session, requests.Session):
        raise errors.ConfigurationError(f"session must be a requests.Session, not a {type(session).__name__}")
    return session


def _limits(timeout: object) -> TimeLimits:
    if timeout is None:
        return TimeLimits()
    if not isinstance(timeout, TimeLimits):
        raise errors.ConfigurationError(f"timeout must be TimeLimits, such as TimeLimits(read=30), not {timeout!r}")
    return timeout


def reject_foreign(answer: Answer) -> None:
    """Raise `HtmlAnswer` for a web page and `EmptyAnswer` for an empty success; a parser judges the rest."""
    start = answer.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    status, retry_after = answer.status, answer.retry_after
    if not start and len(answer.body) <= 1024 and 200 <= status < 300:
        raise errors.EmptyAnswer(f"an empty answer (HTTP {status})", status=status, retry_after=retry_after)
    if start.startswith(_HTML_STARTS) or (answer.content_type in _HTML_TYPES and not start.startswith(_DATA_STARTS)):
        # A page that does not exist comes from a wrong address, not from a wall in front of the right one.
        hint = "check the service address" if status == 404 else None
        raise errors.HtmlAnswer(
            f"a web page instead of an answer (HTTP {status})", status=status, retry_after=retry_after, hint=hint
        )


_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<title", b"<!--")
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_DATA_STARTS = (b"<?xml", b"<s:envelope", b"<soap", b"<string", b"{", b"[")


def _as_it_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stand for an authentication that changes nothing, so that none of the session or of `~/.netrc` is used."""
    return prepared


def _reject_redirect(response: requests.Response) -> None:
    if 300 <= response.status_code < 400:
        raise errors.UnreadableAnswer(
            f"a redirect (HTTP {response.status_code}), which is never followed",
            status=response.status_code,
            hint="check the service address; a proxy that requires a login also responds like this",
        )


def reject_repeating(session: requests.Session) -> None:
    """Raise `UnsafeSession` if an adapter of the session would repeat a write by itself."""
    for adapter in session.adapters.values():
        _reject_repeating(adapter, "POST")


def _reject_repeating(adapter: BaseAdapter, method: str) -> None:
    retries = getattr(adapter, "max_retries", None)
    if not isinstance(retries, Retry) or retries.total == 0:
        return
    repeats = retries.total is not None or any((retries.read, retries.status, retries.other))
    # urllib3 takes None and an empty set of methods for all methods.
    methods = retries.allowed_methods
    if repeats and (not methods or method.upper() in methods):
        raise errors.UnsafeSession(f"an adapter of the session repeats {method} requests by itself")


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    # A year or an offset beyond what a datetime holds.
    except (ValueError, OverflowError):
        return None
