"""Reads recover, writes are sent again only when they provably did not run; the server's log proves the numbers."""

from __future__ import annotations

import pickle
import traceback
from datetime import timedelta
from typing import Literal

import pytest
from attrs import frozen

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.credentials import Login
from cdiscount_marketplace.calls.http import Answer, HttpRequest, HttpSender, TimeLimits
from cdiscount_marketplace.calls.retry import AuthenticatedCaller, RetryPolicy, read_may_repeat_without_timeouts
from cdiscount_marketplace.calls.tokens import Token, TokenKey, TokenSource
from cdiscount_marketplace.events import CallFinished, Event
from cdiscount_marketplace.failures import write_outcome
from cdiscount_marketplace.soap.faults import TOKEN_FAULT, Fault, ensure_success
from support import faulty_server as bad
from support.faulty_server import Behaviour, FaultyServer, answer
from support.hand_clock import HandClock

SECRET = "s3ntinel-s3cret"
CUSTOMER = "Zinédine-Sentinel"


def fault(code: str, text: str = "") -> Behaviour:
    """Our own short form of a fault, which `judged` below reads."""
    return answer(f"FAULT {code}|{text}".encode(), 500)


def judged(received: Answer) -> Answer:
    text = received.body.decode(errors="replace")
    code, _, said = text.removeprefix("FAULT ").partition("|")
    ensure_success(received, Fault(code=code, text=said) if text.startswith("FAULT ") else None)
    return received


@frozen
class Wire:
    """A caller of one service over HTTP."""

    server: FaultyServer
    caller: AuthenticatedCaller
    sender: HttpSender

    def request(self, token: Token) -> HttpRequest:
        body = f"<ask token='{token.value}' customer='{CUSTOMER}'/>".encode()
        return HttpRequest(method="POST", url=self.server.url, headers={"X-Key": SECRET}, body=body)

    def read(self) -> Answer:
        return self.caller.read("GetOrderList", lambda token: judged(self.sender.read(self.request(token))))

    def read_hastily(self) -> Answer:
        return self.caller.read(
            "GetOrderList",
            lambda token: judged(self.sender.read(self.request(token))),
            rule=read_may_repeat_without_timeouts,
        )

    def write(self) -> Answer:
        return self.caller.write("ValidateOrderList", lambda token: judged(self.sender.write(self.request(token))))


def wire(
    server: FaultyServer, case: str = "", *, policy: RetryPolicy | None = None, told: list[Event] | None = None
) -> Wire:
    clock = HandClock()
    issued: list[str] = []

    def fetch(login: Login) -> Token:
        issued.append(login.secret)
        # Issued long ago, so that a refusal is its age.
        now = clock.now() - timedelta(hours=1) if len(issued) == 1 else clock.now()
        return Token(value=f"{SECRET}-{len(issued)}", issued_at=now, expires_at=now + timedelta(hours=48))

    tokens = TokenSource(
        key=TokenKey(token_url=server.url, account="shop-api"),
        fetch=fetch,
        login=lambda: Login("shop-api", SECRET),
        clock=clock,
    )
    hooks = () if told is None else (told.append,)
    caller = AuthenticatedCaller(tokens=tokens, policy=policy or RetryPolicy(), clock=clock, hooks=hooks)
    limit = bad.limit_for(case)
    return Wire(server, caller, HttpSender(limits=TimeLimits(read=limit, write=limit)))


OK = answer(b"<result/>")
Outcome = Literal["done", "not_run", "unknown"]

# What happens first: requests of a read (whether it recovers), of a write, and what becomes of the write.
TABLE: list[tuple[str, Behaviour, int, bool, int, Outcome]] = [
    ("all well", OK, 1, True, 1, "done"),
    ("hangs", bad.hang(), 2, True, 1, "unknown"),
    ("drips headers", bad.drip_headers(), 2, True, 1, "unknown"),
    ("drips a body", bad.drip_body(), 2, True, 1, "unknown"),
    ("resets unread", bad.reset_before_reading(), 1, True, 0, "unknown"),
    ("resets before the answer", bad.reset_before_answer(), 2, True, 1, "unknown"),
    ("closes before the answer", bad.close_before_answer(), 2, True, 1, "unknown"),
    ("resets during the answer", bad.reset_during_answer(), 2, True, 1, "unknown"),
    ("resets after the answer", bad.reset_after_answer(b"<result/>"), 1, True, 1, "done"),
    ("half an answer", bad.half_answer(), 2, True, 1, "unknown"),
    ("half a chunk", bad.half_chunk(), 2, True, 1, "unknown"),
    ("half a gzip", bad.half_gzip(), 2, True, 1, "unknown"),
    ("not HTTP", bad.not_http(), 1, False, 1, "unknown"),
    ("redirect", bad.redirect("/elsewhere"), 1, False, 1, "unknown"),
    ("HTML 200", bad.html(200), 1, False, 1, "unknown"),
    ("HTML 403", bad.html(403), 1, False, 1, "unknown"),
    ("HTML 503", bad.html(503), 2, True, 1, "unknown"),
    ("empty 200", answer(b""), 2, True, 1, "unknown"),
    ("empty 202", answer(b"", 202), 2, True, 1, "unknown"),
    ("HTTP 400", answer(b"<x/>", 400), 1, False, 1, "unknown"),
    ("HTTP 401", answer(b"<x/>", 401), 1, False, 1, "not_run"),
    ("HTTP 404", answer(b"<x/>", 404), 1, False, 1, "not_run"),
    ("HTTP 413", answer(b"<x/>", 413), 1, False, 1, "not_run"),
    ("HTTP 429", answer(b"<x/>", 429), 2, True, 2, "done"),
    ("HTTP 429 for an hour", answer(b"<x/>", 429, Retry_After="3000"), 1, False, 1, "not_run"),
    ("HTTP 500", answer(b"<x/>", 500), 2, True, 1, "unknown"),
    ("HTTP 503", answer(b"<x/>", 503), 2, True, 1, "unknown"),
    ("expired token", fault(TOKEN_FAULT, "Your token has expired"), 2, True, 2, "done"),
    ("strange token fault", fault(TOKEN_FAULT, "?"), 2, True, 2, "done"),
    ("missing right", fault(TOKEN_FAULT, "User is not authorized"), 1, False, 1, "not_run"),
    ("bad value", fault("DeserializationFailed", f"value '{CUSTOMER}'"), 1, False, 1, "not_run"),
    ("unknown action", fault("ActionNotSupported"), 1, False, 1, "not_run"),
    ("internal fault", fault("InternalServiceFault"), 2, True, 1, "unknown"),
    ("new fault", fault("SomethingNew", f"'{CUSTOMER}'"), 1, False, 1, "unknown"),
]
first = pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
Row = tuple[str, Behaviour, int, bool, int, Outcome]


@first
def test_read_recovers_within_its_limits(row: Row) -> None:
    case, behaviour, requests, recovers, _, _ = row
    with FaultyServer(behaviour, OK) as server:
        try:
            assert wire(server, case).read().body == b"<result/>"
            recovered = True
        except errors.CdiscountError:
            recovered = False
    assert (recovered, len(server.seen)) == (recovers, requests)


@first
def test_write_is_sent_again_only_if_it_provably_did_not_run(row: Row) -> None:
    case, behaviour, _, _, requests, outcome = row
    with FaultyServer(behaviour, OK) as server:
        found: Outcome
        try:
            assert wire(server, case).write().body == b"<result/>"
            found = "done"
        except errors.CdiscountError as error:
            found = write_outcome(error)
    assert (found, len(server.seen)) == (outcome, requests)


@first
@pytest.mark.parametrize("way", [Wire.read, Wire.write], ids=["read", "write"])
def test_nothing_secret_is_told_whatever_happens(
    row: Row, way: object, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    told: list[Event] = []
    shown, pickled = "", b""
    with FaultyServer(row[1]) as server:
        calls = wire(server, row[0], policy=RetryPolicy.never(), told=told)
        try:
            shown += repr(calls.read() if way is Wire.read else calls.write())
        except errors.CdiscountError as error:
            shown += "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
            pickled = pickle.dumps(error)
    shown += repr(told) + caplog.text + "".join(capsys.readouterr()) + repr(calls.caller)
    assert told
    for secret in (SECRET, CUSTOMER):
        assert secret not in shown
        assert secret.encode() not in pickled


@pytest.mark.parametrize(
    ("case", "behaviour"),
    [("resets", bad.reset_before_answer()), ("HTTP 503", answer(b"<x/>", 503)), ("hangs", bad.hang())],
)
def test_read_that_does_not_recover_ends(case: str, behaviour: Behaviour) -> None:
    with FaultyServer(behaviour) as server, pytest.raises(errors.CdiscountError):
        wire(server, case, policy=RetryPolicy(attempts=3)).read()
    assert len(server.seen) == 3


def test_hasty_read_does_not_wait_twice() -> None:
    with FaultyServer(bad.hang()) as server, pytest.raises(errors.CallTimeout):
        wire(server, "hangs").read_hastily()
    assert len(server.seen) == 1


def test_write_that_reaches_nobody_is_repeated_and_did_not_run() -> None:
    told: list[Event] = []
    with FaultyServer(OK) as server:
        pass
    with pytest.raises(errors.ConnectFailed) as caught:
        wire(server, policy=RetryPolicy(attempts=3), told=told).write()
    assert write_outcome(caught.value) == "not_run"
    assert [event.attempt for event in told if isinstance(event, CallFinished)] == [1, 2, 3]


def test_stale_connection_costs_a_read_nothing() -> None:
    with FaultyServer(answer(b"<first/>"), bad.close_before_answer(), OK) as server:
        calls = wire(server)
        assert calls.read().body == b"<first/>"
        assert calls.read().body == b"<result/>"


def test_expired_token_of_a_write_is_replaced_once_and_the_write_sent_once_more() -> None:
    expired = fault(TOKEN_FAULT, "Your token has expired")
    with FaultyServer(expired, expired, OK) as server:
        calls = wire(server)
        with pytest.raises(errors.TokenRefused) as caught:
            calls.write()
    assert write_outcome(caught.value) == "not_run"
    assert len(server.seen) == 2
    assert [f"{SECRET}-{number}".encode() in server.seen[number - 1].body for number in (1, 2)] == [True, True]
