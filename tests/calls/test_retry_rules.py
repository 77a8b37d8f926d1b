"""When a call is repeated, how long it waits, and what a failed write proves."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.credentials import Login
from cdiscount_marketplace.calls.retry import (
    AuthenticatedCaller,
    RetryLoop,
    RetryPolicy,
    next_full_hour,
    read_may_repeat,
    read_may_repeat_without_timeouts,
    write_may_repeat,
)
from cdiscount_marketplace.calls.tokens import Token, TokenKey, TokenSource
from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.events import CallFinished, CallRetried, Event
from cdiscount_marketplace.failures import write_outcome
from support.hand_clock import HandClock

LATER = datetime(2026, 3, 2, 11, tzinfo=UTC)


def http_error(status: int) -> errors.HttpError:
    return errors.HttpError("x", status=status)


def fault(code: str) -> errors.ServiceFault:
    return errors.ServiceFault("x", fault_code=code, status=500)


# What failed: is a read repeated, does a hasty read repeat it, is a write repeated, what does a failed write prove.
TABLE: list[tuple[CdiscountError, bool, bool, bool, str]] = [
    (errors.ConnectFailed("x"), True, True, True, "not_run"),
    (errors.ConnectionLost("x"), True, True, False, "unknown"),
    (errors.CallTimeout("x"), True, False, False, "unknown"),
    (errors.UnreadableAnswer("x"), False, False, False, "unknown"),
    (errors.UnreadableAnswer("x", status=502), True, True, False, "unknown"),
    (errors.HtmlAnswer("x", status=200), False, False, False, "unknown"),
    (errors.HtmlAnswer("x", status=503), True, True, False, "unknown"),
    (errors.EmptyAnswer("x", status=200), True, True, False, "unknown"),
    (errors.TruncatedAnswer("x", status=200), True, True, False, "unknown"),
    (errors.OversizedAnswer("x", limit=1, status=200), False, False, False, "unknown"),
    (errors.ForbiddenMarkup("x", status=200), False, False, False, "unknown"),
    (http_error(400), False, False, False, "unknown"),
    (http_error(401), False, False, False, "not_run"),
    (http_error(403), False, False, False, "unknown"),
    (http_error(404), False, False, False, "not_run"),
    (http_error(408), True, False, False, "unknown"),
    (http_error(413), False, False, False, "not_run"),
    (http_error(423), True, True, False, "unknown"),
    (http_error(425), True, True, False, "unknown"),
    (http_error(429), True, True, True, "not_run"),
    (http_error(500), True, True, False, "unknown"),
    (http_error(502), True, True, False, "unknown"),
    (http_error(503), True, True, False, "unknown"),
    (http_error(504), True, False, False, "unknown"),
    (errors.HtmlAnswer("x", status=504), True, False, False, "unknown"),
    (fault("DeserializationFailed"), False, False, False, "not_run"),
    (fault("ActionNotSupported"), False, False, False, "not_run"),
    (fault("InternalServiceFault"), True, True, False, "unknown"),
    (fault("SomethingNew"), False, False, False, "unknown"),
    (errors.OperationFailed("x"), False, False, False, "unknown"),
    (errors.ServiceError("x"), False, False, False, "unknown"),
    (errors.DecisionsRefused("x", report=None), False, False, False, "unknown"),
    (errors.OutcomeUnknown("x"), False, False, False, "unknown"),
    (errors.TransportError("x"), False, False, False, "unknown"),
    (errors.CdiscountError("x"), False, False, False, "unknown"),
    (errors.QuotaExceeded("x", method="m", retry_at=LATER), False, False, False, "not_run"),
    (errors.NotReady("x"), False, False, False, "not_run"),
    (errors.NotAuthorized("x"), False, False, False, "not_run"),
    (errors.OrderForbidden("x"), False, False, False, "not_run"),
    (errors.TokenRefused("x"), False, False, False, "not_run"),
    (errors.LoginRefused("x"), False, False, False, "not_run"),
    (errors.LoginBlocked("x", until=LATER), False, False, False, "not_run"),
    (errors.AuthenticationError("x"), False, False, False, "not_run"),
    (errors.InvalidRequest([]), False, False, False, "not_run"),
    (errors.ConfigurationError("x"), False, False, False, "not_run"),
    (errors.CredentialsMissing("x"), False, False, False, "not_run"),
    (errors.UnsafeSession("x"), False, False, False, "not_run"),
]
IDS = [
    f"{type(row[0]).__name__}-{getattr(row[0], 'status', None) or getattr(row[0], 'fault_code', '')}" for row in TABLE
]


@pytest.mark.parametrize(("error", "read", "hasty_read", "write", "outcome"), TABLE, ids=IDS)
def test_what_a_failure_allows(error: CdiscountError, read: bool, hasty_read: bool, write: bool, outcome: str) -> None:
    assert read_may_repeat(error, 1) is read
    assert read_may_repeat_without_timeouts(error, 1) is hasty_read
    assert write_may_repeat(error, 1) is write
    assert write_outcome(error) == outcome


def test_table_covers_every_error_that_a_call_can_meet() -> None:
    all_errors = {item for item in vars(errors).values() if inspect.isclass(item) and issubclass(item, CdiscountError)}
    met_elsewhere = {item for item in all_errors if issubclass(item, errors.SyncError | errors.NotRecorded)}
    assert {type(row[0]) for row in TABLE} >= all_errors - met_elsewhere


@pytest.mark.parametrize("row", TABLE, ids=IDS)
def test_a_write_is_repeated_only_if_it_did_not_run(row: tuple[CdiscountError, bool, bool, bool, str]) -> None:
    assert not (write_may_repeat(row[0], 1) and write_outcome(row[0]) == "unknown")


def test_internal_fault_of_a_read_is_repeated_once() -> None:
    assert not read_may_repeat(fault("InternalServiceFault"), 2)


def test_token_service_that_fails_proves_that_the_write_was_never_sent() -> None:
    error = errors.CallTimeout("the token service is slow", retryable=True)
    assert write_outcome(error) == "not_run"


# --- how --------------------------------------------------------------------------------------------------------------


class Failing:
    """Raises the given errors in turn, then returns "done"."""

    def __init__(self, *failures: CdiscountError) -> None:
        self.failures = list(failures)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


def repeat(
    call: Callable[[], str], policy: RetryPolicy, clock: HandClock, hooks: tuple[Callable[[Event], None], ...] = ()
) -> str:
    return RetryLoop(policy=policy, clock=clock, hooks=hooks).run("GetOrderList", call, read_may_repeat)


def test_waits_grow_and_are_told() -> None:
    clock, told = HandClock(), list[Event]()
    call = Failing(*[http_error(503)] * 3)
    assert repeat(call, RetryPolicy(attempts=4, base=2, longest_wait=100), clock, (told.append,)) == "done"
    assert [2 <= clock.naps[0] < 4, 4 <= clock.naps[1] < 6, 8 <= clock.naps[2] < 10] == [True] * 3
    retried = [event for event in told if isinstance(event, CallRetried)]
    assert [(event.attempt, event.reason, event.wait) for event in retried] == [
        (number, "HttpError", clock.naps[number - 1]) for number in (1, 2, 3)
    ]
    finished = [event for event in told if isinstance(event, CallFinished)]
    assert [(event.attempt, event.outcome, event.http_status) for event in finished] == [
        (1, "HttpError", 503),
        (2, "HttpError", 503),
        (3, "HttpError", 503),
        (4, "ok", None),
    ]


def test_attempts_are_counted() -> None:
    call = Failing(*[errors.ConnectionLost("x")] * 10)
    with pytest.raises(errors.ConnectionLost):
        repeat(call, RetryPolicy(attempts=3), HandClock())
    assert call.calls == 3


def test_never_is_never() -> None:
    call = Failing(errors.ConnectFailed("x"))
    with pytest.raises(errors.ConnectFailed):
        repeat(call, RetryPolicy.never(), HandClock())
    assert call.calls == 1


def test_total_limit_ends_the_patience() -> None:
    clock = HandClock()

    def slow() -> str:
        clock.advance(seconds=100)
        raise errors.CallTimeout("x")

    with pytest.raises(errors.CallTimeout):
        repeat(slow, RetryPolicy(attempts=100, total=250), clock)
    assert clock.monotonic() < 350


@pytest.mark.parametrize(("asked", "waited"), [(20, 20), (5000, 60)])
def test_retry_after_is_honoured_and_capped(asked: float, waited: float) -> None:
    clock = HandClock()
    busy = errors.HttpError("x", status=503, retry_after=asked)
    assert repeat(Failing(busy), RetryPolicy(longest_wait=60), clock) == "done"
    assert clock.naps == [waited]


def test_retry_after_of_a_maintenance_page_is_honoured() -> None:
    clock = HandClock()
    repeat(Failing(errors.HtmlAnswer("x", status=503, retry_after=20)), RetryPolicy(), clock)
    assert clock.naps == [20]


def test_error_of_another_kind_is_not_ours_to_repeat() -> None:
    def broken() -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        repeat(broken, RetryPolicy(), HandClock())


@given(st.integers(1, 6), st.floats(0.01, 50), st.floats(0.01, 100), st.floats(1, 1000), st.floats(0, 5000))
def test_no_policy_waits_longer_than_it_says(
    attempts: int, base: float, longest: float, total: float, asked: float
) -> None:
    clock = HandClock()
    policy = RetryPolicy(attempts=attempts, base=base, longest_wait=longest, total=total)
    call = Failing(*[errors.HttpError("x", status=503, retry_after=asked)] * 10)
    with pytest.raises(errors.HttpError):
        repeat(call, policy, clock)
    assert call.calls <= attempts
    assert all(nap <= longest for nap in clock.naps)
    assert clock.monotonic() <= total


@pytest.mark.parametrize("setting", ["attempts", "base", "longest_wait", "total"])
def test_policy_must_make_sense(setting: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=setting):
        RetryPolicy(**{setting: 0})


# --- with a token -----------------------------------------------------------------------------------------------------


def caller(
    clock: HandClock, policy: RetryPolicy | None = None, hooks: tuple[Callable[[Event], None], ...] = ()
) -> AuthenticatedCaller:
    issued = iter(range(1, 100))

    def fetch(login: Login) -> Token:
        now = clock.now()
        return Token(value=f"token-{next(issued)}", issued_at=now, expires_at=now + timedelta(hours=48))

    source = TokenSource(
        key=TokenKey(token_url="https://sts.invalid/", account="shop-api"),
        fetch=fetch,
        login=lambda: Login("shop-api", "secret"),
        clock=clock,
    )
    return AuthenticatedCaller(tokens=source, policy=policy or RetryPolicy(), clock=clock, hooks=hooks)


class Accepting:
    """A service that accepts only some tokens and records what it was sent."""

    def __init__(self, *accepted: str) -> None:
        self.accepted = set(accepted)
        self.sent: list[str] = []

    def __call__(self, token: Token) -> str:
        self.sent.append(token.value)
        if token.value not in self.accepted:
            raise errors.TokenRefused("expired")
        return "done"


@pytest.mark.parametrize("way", [AuthenticatedCaller.read, AuthenticatedCaller.write])
def test_expired_token_is_renewed_once_and_the_call_repeated_once(way: Callable[..., str]) -> None:
    clock, service = HandClock(), Accepting("token-1")
    calls = caller(clock)
    assert way(calls, "ValidateOrderList", service) == "done"
    clock.advance(hours=2)
    service.accepted = {"token-2"}
    assert way(calls, "ValidateOrderList", service) == "done"
    assert way(calls, "ValidateOrderList", service) == "done"
    assert service.sent == ["token-1", "token-1", "token-2", "token-2"]


@pytest.mark.parametrize("way", [AuthenticatedCaller.read, AuthenticatedCaller.write])
def test_token_refused_twice_ends_the_call_and_blocks_renewals(way: Callable[..., str]) -> None:
    clock, service = HandClock(), Accepting()
    calls = caller(clock)
    calls.tokens.current()
    clock.advance(hours=2)
    with pytest.raises(errors.TokenRefused):
        way(calls, "GetOrderList", service)
    with pytest.raises(errors.LoginBlocked):
        way(calls, "GetOrderList", service)
    assert service.sent == ["token-1", "token-2"]


def test_token_refused_after_the_total_limit_is_replaced_and_the_call_left_to_the_caller() -> None:
    clock, sent = HandClock(), list[str]()
    calls = caller(clock, RetryPolicy(total=60))

    def slow(token: Token) -> str:
        sent.append(token.value)
        clock.advance(seconds=100)
        raise errors.TokenRefused("expired")

    with pytest.raises(errors.TokenRefused) as refused:
        calls.write("ValidateOrderList", slow)
    assert (refused.value.retryable, write_outcome(refused.value)) == (True, "not_run")
    assert sent == ["token-1"]
    assert calls.tokens.current().value == "token-2"


def test_total_limit_counts_from_the_first_request_whatever_became_of_its_token() -> None:
    clock, began = HandClock(), list[float]()
    calls = caller(clock, RetryPolicy(total=100, base=1, longest_wait=10, attempts=50))

    def call(token: Token) -> str:
        began.append(clock.monotonic())
        clock.advance(seconds=5)
        if token.value == "token-1" and clock.monotonic() > 70:
            raise errors.TokenRefused("expired")
        raise errors.ConnectFailed("x")

    with pytest.raises(errors.ConnectFailed):
        calls.write("ValidateOrderList", call)
    assert 70 < began[-1] < 100


def test_missing_right_costs_no_token() -> None:
    clock = HandClock()
    calls = caller(clock)

    def forbidden(token: Token) -> str:
        raise errors.NotAuthorized("x")

    with pytest.raises(errors.NotAuthorized):
        calls.read("GetOrderList", forbidden)
    assert calls.tokens.current().value == "token-1"


def too_many(retry_after: float | None) -> Callable[[Token], str]:
    def call(token: Token) -> str:
        raise errors.HttpError("x", status=429, retry_after=retry_after)

    return call


@pytest.mark.parametrize(
    ("retry_after", "retry_at"),
    [(None, datetime(2026, 3, 2, 11, tzinfo=UTC)), (1800, datetime(2026, 3, 2, 10, 50, tzinfo=UTC))],
)
def test_too_many_requests_ends_as_a_quota(retry_after: float | None, retry_at: datetime) -> None:
    calls = caller(HandClock(), RetryPolicy.never())
    with pytest.raises(errors.QuotaExceeded) as caught:
        calls.read("GetOrderList", too_many(retry_after))
    assert (caught.value.method, caught.value.retry_at, caught.value.retryable) == ("GetOrderList", retry_at, True)


def test_quota_that_renews_much_later_is_not_asked_again() -> None:
    clock = HandClock()
    with pytest.raises(errors.QuotaExceeded):
        caller(clock).read("GetOrderList", too_many(1800))
    assert clock.naps == []


def test_error_says_which_operation_failed() -> None:
    def broken(token: Token) -> str:
        raise errors.UnreadableAnswer("x")

    with pytest.raises(errors.UnreadableAnswer) as caught:
        caller(HandClock()).write("ValidateOrderList", broken)
    assert caught.value.operation == "ValidateOrderList"


def test_quota_is_renewed_at_the_next_full_hour() -> None:
    assert next_full_hour(datetime(2026, 12, 31, 23, 0, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
