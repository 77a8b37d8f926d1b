"""One call from its first byte to its last: run the operation, and let the faults that strike act around it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import NoReturn, Protocol

from attrs import evolve, frozen

from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.sandbox.book import OrderBook
from cdiscount_marketplace.sandbox.effects import (
    ApplyLater,
    Delay,
    EarlyHints,
    ExpireTokens,
    HtmlPage,
    HttpStatus,
    LoseAnswer,
    Moment,
    Reset,
    ServerFault,
    SkewDate,
    Truncate,
    kind_of,
)
from cdiscount_marketplace.sandbox.faults import Effects, Faults
from cdiscount_marketplace.sandbox.traffic import Call, Traffic, mask, mask_headers, mask_pairs

_log = logging.getLogger(__name__)

_HTML = b"<html><head><title>Request unsuccessful</title></head><body>Request unsuccessful. Incident 0-0</body></html>"


@frozen(kw_only=True)
class Incoming:
    """A request, whatever server received it; header names are lower-case.

    `received` is for what is carried out later: the token counts as it stood when the request came.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""
    received: datetime | None = None


@frozen(kw_only=True)
class Answer:
    """What to send back; `cut_at` bytes of the body where the connection breaks in the middle.

    `ran` is whether an operation was carried out; `login` and `order_numbers` are for the log.
    """

    status: int = 200
    content_type: str = "text/xml; charset=utf-8"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    date: datetime | None = None
    cut_at: int | None = None
    ran: bool = False
    login: str | None = None
    order_numbers: tuple[str, ...] = ()

    def all_headers(self) -> list[tuple[str, str]]:
        """Return every header, the Date of the sandbox's clock among them."""
        dated = [("Date", format_datetime(self.date, usegmt=True))] if self.date else []
        length = [("Content-Length", str(len(self.body)))]
        kind = [("Content-Type", self.content_type)] if self.content_type else []
        return [*kind, *length, *dated, *self.headers]


class Line(Protocol):
    """The connection that a call came in by."""

    def wait(self, seconds: float) -> None:
        """Let time pass before the answer; may raise what a caller that gives up sees."""
        ...

    def hint(self, times: int) -> None:
        """Send informational answers before the answer."""
        ...

    def cut(self) -> NoReturn:
        """Break the connection."""
        ...

    def hang(self, seconds: float) -> NoReturn:
        """Never answer."""
        ...


class Endpoint(Protocol):
    """One protocol over the book: names the operation of a request, and carries it out."""

    @property
    def protocol(self) -> str:
        """Name the protocol in the log."""
        ...

    def name(self, request: Incoming) -> str:
        """Name the operation that a request asks for; never raises."""
        ...

    def answer(self, request: Incoming, effects: Effects) -> Answer:
        """Carry out a request, with the effects that act inside an operation; never raises."""
        ...

    def server_fault(self, text: str | None = None) -> Answer:
        """Return this protocol's internal error, with its own words where none are given."""
        ...


@frozen(kw_only=True)
class Exchange:
    """Serves calls of every protocol; `expire_tokens` lets those of all protocols expire. Thread-safe."""

    book: OrderBook
    clock: Clock
    expire_tokens: Callable[[], object]
    faults: Faults
    traffic: Traffic

    def serve(self, endpoint: Endpoint, request: Incoming, line: Line) -> Answer:
        """Answer a request, or end its connection as the faults that strike demand."""
        operation = endpoint.name(request)
        effects = self.faults.draw(operation)
        if effects.has(ExpireTokens):
            self.expire_tokens()
        answer = self._answer(endpoint, request, effects)
        lost = _is_lost(effects)
        self._note(endpoint, operation, request, effects, evolve(answer, status=0, body=b"") if lost else answer)
        _let_pass(effects, line)
        return answer

    def _answer(self, endpoint: Endpoint, request: Incoming, effects: Effects) -> Answer:
        reset, late = effects.find(Reset), effects.find(ApplyLater)
        if reset and reset.when is Moment.BEFORE:
            return Answer()
        if late:
            taken = evolve(request, received=self.clock.now())
            self.book.later(late.after, lambda _at: _carry_out(endpoint, taken, effects))
            return Answer()
        instead = effects.find(HttpStatus) or effects.find(HtmlPage) or effects.find(ServerFault)
        if instead and not instead.ran:
            return self._finish(_replacement(endpoint, instead), effects)
        answer = _carry_out(endpoint, request, effects)
        if instead:
            shown = _replacement(endpoint, instead)
            answer = evolve(shown, ran=True, login=answer.login, order_numbers=answer.order_numbers)
        return self._finish(answer, effects)

    def _finish(self, answer: Answer, effects: Effects) -> Answer:
        skew, truncate, reset = effects.find(SkewDate), effects.find(Truncate), effects.find(Reset)
        date = self.book.now() + skew.by if skew else self.book.now()
        body = answer.body[: int(len(answer.body) * truncate.keep)] if truncate else answer.body
        cut_at = len(body) // 2 if reset and reset.when is Moment.DURING else None
        return evolve(answer, date=date, body=body, cut_at=cut_at)

    def _note(self, endpoint: Endpoint, operation: str, request: Incoming, effects: Effects, answer: Answer) -> None:
        call = Call(
            at=self.book.now(),
            protocol=endpoint.protocol,
            operation=operation,
            login=answer.login,
            status=answer.status,
            ran=answer.ran,
            order_numbers=answer.order_numbers,
            faults=tuple(kind_of(effect) for effect in effects.all),
            target=_target(request),
            headers=mask_headers(request.headers),
            request=mask(request.body),
            response=mask(answer.body),
        )
        self.traffic.note(call)


def _target(request: Incoming) -> str:
    query = f"?{request.query}" if request.query else ""
    return mask_pairs(f"{request.method} {request.path}{query}")


def _carry_out(endpoint: Endpoint, request: Incoming, effects: Effects) -> Answer:
    try:
        return endpoint.answer(request, effects)
    except Exception:  # noqa: BLE001 - a bug of the sandbox looks like one of the service, never a traceback on the wire
        _log.exception("the sandbox failed on %s", endpoint.name(request))
        return endpoint.server_fault()


def _is_lost(effects: Effects) -> bool:
    reset = effects.find(Reset)
    return effects.has(LoseAnswer) or effects.has(ApplyLater) or (reset is not None and reset.when is not Moment.DURING)


def _let_pass(effects: Effects, line: Line) -> None:
    if delay := effects.find(Delay):
        line.wait(delay.seconds)
    if (reset := effects.find(Reset)) and reset.when is not Moment.DURING:
        line.cut()
    if silent := effects.find(LoseAnswer) or effects.find(ApplyLater):
        line.hang(silent.hold)
    if early := effects.find(EarlyHints):
        line.hint(early.times)


def _replacement(endpoint: Endpoint, instead: HttpStatus | HtmlPage | ServerFault) -> Answer:
    if isinstance(instead, HttpStatus):
        retry = () if instead.retry_after is None else (("Retry-After", str(instead.retry_after)),)
        return Answer(status=instead.status, content_type="text/plain", headers=retry, body=instead.text.encode())
    if isinstance(instead, HtmlPage):
        return Answer(status=instead.status, content_type="text/html", body=_HTML)
    return endpoint.server_fault(instead.text)
