"""Send calls to the REST API and judge what comes back: the one place where its sections do I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar, cast
from urllib.parse import quote

from attrs import field, frozen

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.http import Answer, HttpRequest, HttpSender, reject_foreign
from cdiscount_marketplace.calls.retry import AuthenticatedCaller, Rule, read_may_repeat, with_token
from cdiscount_marketplace.calls.tokens import Token
from cdiscount_marketplace.events.hooks import Hook, emit
from cdiscount_marketplace.failures import write_outcome
from cdiscount_marketplace.octopia.bodies import is_array, is_object, member, parse
from cdiscount_marketplace.octopia.codec import Drift, decode, decode_many
from cdiscount_marketplace.octopia.problems import error_of, read_problem

T = TypeVar("T")

_SMALLEST = {"pageIndex": "1", "pageSize": "1"}
# How gateways and authorization servers say in a 403 that it is the token that does not count any more.
_EXPIRED = re.compile(
    rb"(token|jwt|exp)[^.;]{0,40}(expired|invalid|revoked)|expired[^.;]{0,20}token|invalid_token", re.I
)
_MOST_READ = 4096
# These mean that the service did not run the request.
_REFUSALS = frozenset({400, 404, 405, 406, 409, 410, 413, 415, 422, 429})


@frozen(kw_only=True, weakref_slot=False)
class Reply:
    """An answer that was understood; `data` is its parsed JSON, None where it had no body.

    `location` is where what was made can be found, such as `offers-packages/17`.
    """

    operation: str
    status: int
    data: Any = field(repr=False)
    link: str | None = None
    location: str | None = None
    answered_at: datetime | None = None
    hooks: tuple[Hook, ...] = field(default=(), repr=False)

    @property
    def body_cursor(self) -> object:
        """The cursor of the next page, if the body contains it."""
        return member(self.data, "cursor") if is_object(self.data) else None

    def items(self) -> list[Any]:
        """Return the elements of a list, bare or in `items`; may be none of them.

        Raises `UnreadableAnswer` where no list stands at all: such an answer does not say that there is nothing.
        """
        items = list_in(self.data)
        if items is None:
            raise errors.UnreadableAnswer("the answer contains no list", status=self.status, operation=self.operation)
        return items

    def decoded(self, model: type[T], data: object = None) -> T:
        """Read the data, or a part of it, as one object, and report what was not understood."""
        drift = Drift()
        value = decode(model, self.data if data is None else data, drift)
        self._tell(drift)
        return value

    def decoded_many(self, model: type[T], data: object = None) -> tuple[T, ...]:
        """Read the elements, or the ones given, as objects, and report what was not understood."""
        drift = Drift()
        values = decode_many(model, self.items() if data is None else data, drift)
        self._tell(drift)
        return values

    def _tell(self, drift: Drift) -> None:
        for event in drift.events(self.operation):
            emit(self.hooks, event)


@frozen(kw_only=True, weakref_slot=False)
class Taken:
    """The service took a write and will apply it later: read the order to see whether it did.

    No source documents every call's `status` and body: any 2xx counts, empty or not. `request_id` is the number of a
    cancellation or gesture, if the answer contains it: sources disagree on its name.
    """

    status: int
    request_id: str | None = None


@frozen(kw_only=True, weakref_slot=False)
class Api:
    """The REST API at `base_url`, for one seller on one sales channel. Thread-safe."""

    caller: AuthenticatedCaller
    sender: HttpSender
    base_url: str
    seller_id: str
    sales_channel_id: str
    hooks: tuple[Hook, ...] = ()

    def read(
        self,
        operation: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        rule: Rule = read_may_repeat,
        order_number: str | None = None,
    ) -> Reply:
        """Ask for something; repeated as the rule and the policy allow.

        Raises `OrderForbidden` where the service refuses the one order that is asked for, and answers otherwise.
        """

        def call(token: Token) -> Reply:
            answer = self.sender.read(self._request(token, "GET", path, query or {}))
            return self._reply(operation, accepted(answer), parse(answer.body, status=answer.status))

        if order_number is None:
            return self.caller.read(operation, call, rule=rule)
        try:
            return self.caller.read(operation, call, rule=rule, judge=self._accepts)
        except (errors.NotAuthorized, errors.OrderForbidden) as error:
            raise self._of_order(error, order_number) from error.__cause__

    def _of_order(
        self, error: errors.NotAuthorized | errors.OrderForbidden, order_number: str
    ) -> errors.NotAuthorized | errors.OrderForbidden:
        """Return the error as one of this order, unless the service refuses every other call, too."""
        if isinstance(error, errors.NotAuthorized) and self._answers():
            error = errors.OrderForbidden(error.message, operation=error.operation)
        return error.about(order_numbers=(order_number,))

    def _answers(self) -> bool:
        """Return whether the service answers a call that is about no single order."""
        try:
            return with_token(self.caller.tokens, self._accepts)
        except errors.CdiscountError:
            return False

    def _accepts(self, token: Token) -> bool:
        """Return whether the service answers with this token; the smallest list there is costs it little."""
        try:
            accepted(self.sender.read(self._request(token, "GET", "/orders", _SMALLEST)))
        except errors.CdiscountError:
            return False
        return True

    def write(self, operation: str, path: str, body: object, *, order_id: str) -> Taken:
        """Change something about an order; repeated only where it provably did not run.

        Raises `OutcomeUnknown` if the outcome is unclear, with the hiding error as its cause.
        """
        payload = _payload(body)

        def call(token: Token) -> Taken:
            return taken(self.sender.write(self._request(token, "POST", path, {}, payload)))

        try:
            return self.caller.write(operation, call, judge=self._accepts)
        except (errors.NotAuthorized, errors.OrderForbidden) as error:
            raise self._of_order(error, order_id) from error.__cause__
        except errors.CdiscountError as error:
            if _did_not_run(error):
                raise error.about(order_numbers=(order_id,)) from error.__cause__
            hiding = error
        raise _unknown(operation, hiding, (order_id,)) from hiding

    def send(self, operation: str, path: str, body: Body, *, method: str = "POST") -> Reply:
        """Change something that is no order; repeated only where it provably did not run.

        Raises `OutcomeUnknown` if the outcome is unclear, with the hiding error as its cause.
        """
        try:
            return self.caller.write(operation, self._sending(operation, path, body, method))
        except errors.CdiscountError as error:
            if _did_not_run(error):
                raise
            hiding = error
        raise _unknown(operation, hiding) from hiding

    def state(self, operation: str, path: str, body: Body, *, method: str = "POST") -> Reply:
        """Send what may be sent twice, because it states facts: repeated as a reading is."""
        return self.caller.read(operation, self._sending(operation, path, body, method))

    def download(self, operation: str, path: str) -> bytes:
        """Read a file; repeated as a reading is."""

        def call(token: Token) -> bytes:
            request = self._request(token, "GET", path, {}, more={"Accept": "*/*"})
            return accepted(self.sender.read(request)).body

        return self.caller.read(operation, call)

    def _sending(self, operation: str, path: str, body: Body, method: str) -> Callable[[Token], Reply]:
        def call(token: Token) -> Reply:
            request = self._request(token, method, path, {}, body.content, body.headers)
            answer = accepted(self.sender.write(request))
            data = parse(answer.body, status=answer.status) if answer.body.strip() else None
            return self._reply(operation, answer, data)

        return call

    def _request(
        self,
        token: Token,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: bytes | None = None,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> HttpRequest:
        headers = {
            "Authorization": f"Bearer {token.value}",
            "SellerId": self.seller_id,
            "SalesChannelId": self.sales_channel_id,
            "Accept": "application/json",
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        return HttpRequest(
            method=method,
            url=self.base_url + path,
            headers={**headers, **more},
            params=tuple(query.items()),
            body=body,
        )

    def _reply(self, operation: str, answer: Answer, data: Any) -> Reply:
        return Reply(
            operation=operation,
            status=answer.status,
            data=data,
            link=answer.headers.get("Link"),
            location=answer.headers.get("Content-Location") or answer.headers.get("Location"),
            answered_at=answer.answered_at,
            hooks=self.hooks,
        )


@frozen(kw_only=True, weakref_slot=False)
class Body:
    """The content of a request, and the headers that say what it is."""

    content: bytes = field(repr=False)
    headers: Mapping[str, str] = MappingProxyType({})


def json_body(data: object, **headers: str) -> Body:
    """Write JSON; `headers` are put over the usual ones, their `_` as `-`."""
    return Body(content=_payload(data), headers={name.replace("_", "-"): value for name, value in headers.items()})


def _payload(body: object) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False).encode()
    except (TypeError, ValueError):
        raise errors.InvalidRequest([errors.Problem("body", "contains something that JSON cannot carry")]) from None


def _unknown(operation: str, hiding: Exception, order_numbers: tuple[str, ...] = ()) -> errors.OutcomeUnknown:
    message = f"the service may or may not have done this ({type(hiding).__name__})"
    return errors.OutcomeUnknown(message, operation=operation, order_numbers=order_numbers)


def segment(name: str, value: str) -> str:
    """Return an id as one segment of a path; raises `InvalidRequest` for one that would lead elsewhere.

    `.` and `..` cannot be quoted: each client and gateway on the way resolves them.
    """
    if not isinstance(cast("object", value), str):
        raise errors.InvalidRequest([errors.Problem(name, f"must be a text, not {type(value).__name__}")])
    if not value.strip() or value.strip() in {".", ".."}:
        raise errors.InvalidRequest([errors.Problem(name, f"{value!r} is not an id")])
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise errors.InvalidRequest([errors.Problem(name, f"{value!r} is not a text that can be sent")]) from None


def accepted(answer: Answer) -> Answer:
    """Return a successful answer, and raise the error that any other one stands for."""
    if answer.status == 401 or (answer.status == 403 and _says_expired(answer)):
        raise errors.TokenRefused("the service refused the token")
    if answer.status >= 400:
        if answer.status < 500 and answer.status != 429 and answer.body.strip():
            reject_foreign(answer)
        raise error_of(answer.status, read_problem(answer.body), retry_after=answer.retry_after)
    return answer


def _says_expired(answer: Answer) -> bool:
    challenge = answer.headers.get("WWW-Authenticate", "").encode(errors="replace")
    return bool(_EXPIRED.search(challenge) or _EXPIRED.search(answer.body[:_MOST_READ]))


def taken(answer: Answer) -> Taken:
    """Read the answer to a write: any success counts, its body is empty or contains a number."""
    if not accepted(answer).body.strip():
        return Taken(status=answer.status)
    return Taken(status=answer.status, request_id=_request_id(parse(answer.body, status=answer.status)))


def list_in(data: object) -> list[Any] | None:
    """Return the elements of a list answer: a bare array, or an object with `items`; None where it is neither."""
    items = member(data, "items") if is_object(data) else data
    return items if is_array(items) else None


def count_of(reply: Reply) -> int:
    """Read a count: a bare number, or an object with one number in it; raises `UnreadableAnswer` for anything else."""
    numbers = list(_numbers(reply.data))
    if len(numbers) != 1:
        raise errors.UnreadableAnswer("the count is not a number", status=reply.status, operation=reply.operation)
    return numbers[0]


def _numbers(data: object) -> Iterator[int]:
    values: list[object] = list(data.values()) if is_object(data) else [data]
    yield from (int(value) for value in values if isinstance(value, (int, Decimal)) and not isinstance(value, bool))


def _did_not_run(error: errors.CdiscountError) -> bool:
    refused = isinstance(error, errors.HttpError) and error.status in _REFUSALS
    return refused or write_outcome(error) == "not_run"


def _request_id(data: object) -> str | None:
    if not is_object(data):
        return data if isinstance(data, str) else None
    names = ("requestId", "cancellationRequestId", "partialCancellationRequestId", "id")
    return next((value for name in names if isinstance(value := member(data, name), str)), None)
