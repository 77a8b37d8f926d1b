"""One request however many wait, early renewals that block nobody, and logins that are not hammered."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import define, field

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.credentials import Login
from cdiscount_marketplace.calls.retry import with_token
from cdiscount_marketplace.calls.tokens import (
    CachedLogin,
    FileTokenCache,
    MemoryTokenCache,
    Refusal,
    Token,
    TokenCache,
    TokenKey,
    TokenPolicy,
    TokenSource,
)
from cdiscount_marketplace.events import Event, LoginBlocked, TokenRenewed
from support.hand_clock import HandClock

KEY = TokenKey(token_url="https://sts.invalid/", account="shop-api")
LIFE = timedelta(hours=48)


@define
class Sts:
    """A token service that counts; `answer` is called before each token is issued."""

    clock: HandClock
    answer: Callable[[Login], None] = lambda login: None
    asked: list[Login] = field(factory=list[Login])

    def fetch(self, login: Login) -> Token:
        self.asked.append(login)
        number = len(self.asked)
        self.answer(login)
        now = self.clock.now()
        return Token(value=f"token-{number}", issued_at=now, expires_at=now + LIFE)


def refuse(login: Login) -> None:
    raise errors.LoginRefused("wrong password")


def fail(login: Login) -> None:
    raise errors.CallTimeout("slow")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def sts(clock: HandClock) -> Sts:
    return Sts(clock)


def source(
    sts: Sts,
    *,
    password: str | Callable[[], str] = "right",
    supplied: str | None = None,
    cache: TokenCache | None = None,
    hooks: tuple[Callable[[Event], None], ...] = (),
    policy: TokenPolicy | None = None,
) -> TokenSource:
    return TokenSource(
        key=KEY,
        fetch=sts.fetch,
        login=lambda: Login("shop-api", password if isinstance(password, str) else password()),
        supplied=supplied,
        cache=cache,
        clock=sts.clock,
        hooks=hooks,
        policy=policy,
    )


def in_threads(number: int, work: Callable[[], object]) -> list[object]:
    """Start all at once; return what each returned or raised."""
    barrier = threading.Barrier(number)

    def one(_: int) -> object:
        barrier.wait()
        try:
            return work()
        except Exception as error:  # noqa: BLE001
            return error

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def wait_for_a_waiter(tokens: TokenSource) -> None:
    """Return once a thread waits for the one that asks."""
    while tokens._flight is None or not tokens._flight._condition._waiters:  # type: ignore[attr-defined]
        time.sleep(0.001)


# --- one flight -------------------------------------------------------------------------------------------------------


def test_fifty_threads_without_a_token_make_one_request(sts: Sts) -> None:
    tokens = source(sts)
    results = in_threads(50, tokens.current)
    assert len(sts.asked) == 1
    assert {token.value for token in results if isinstance(token, Token)} == {"token-1"}
    assert len(results) == 50


def test_fifty_threads_with_a_wrong_password_make_one_request(sts: Sts) -> None:
    sts.answer = refuse
    results = in_threads(50, source(sts).current)
    assert len(sts.asked) == 1
    assert {type(result) for result in results} <= {errors.LoginRefused, errors.LoginBlocked}


def test_those_who_wait_share_the_failure(sts: Sts) -> None:
    waiting = threading.Semaphore(0)

    def fail_late(login: Login) -> None:
        assert waiting.acquire(timeout=10)
        fail(login)

    sts.answer = fail_late
    tokens = source(sts)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(tokens.current)
        while not sts.asked:
            time.sleep(0.001)
        second = pool.submit(tokens.current)
        wait_for_a_waiter(tokens)
        waiting.release()
        mine, other = first.exception(10), second.exception(10)
    assert len(sts.asked) == 1
    assert isinstance(mine, errors.CallTimeout)
    assert isinstance(other, errors.CallTimeout)
    assert mine is not other
    assert mine.retryable
    assert other.retryable


def test_fifty_threads_with_a_refused_token_renew_it_once(sts: Sts) -> None:
    tokens = source(sts)
    old = tokens.current()
    sts.clock.advance(hours=1)
    results = in_threads(50, lambda: tokens.replace(old))
    assert len(sts.asked) == 2
    assert {token.value for token in results if isinstance(token, Token)} == {"token-2"}


def test_interrupted_thread_leaves_the_others_able_to_go_on(sts: Sts) -> None:
    def interrupt(login: Login) -> None:
        if len(sts.asked) == 1:
            raise KeyboardInterrupt

    sts.answer = interrupt
    tokens = source(sts)
    with pytest.raises(KeyboardInterrupt):
        tokens.current()
    assert tokens.current().value == "token-2"


def test_waiting_thread_takes_over_from_an_interrupted_one(sts: Sts) -> None:
    waiting = threading.Event()

    def interrupt(login: Login) -> None:
        if len(sts.asked) == 1:
            assert waiting.wait(10)
            raise KeyboardInterrupt

    sts.answer = interrupt
    tokens = source(sts)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(tokens.current)
        while not sts.asked:
            time.sleep(0.001)
        second = pool.submit(tokens.current)
        wait_for_a_waiter(tokens)
        waiting.set()
        assert second.result(10).value == "token-2"
        assert isinstance(first.exception(10), KeyboardInterrupt)


# --- early renewal ----------------------------------------------------------------------------------------------------


def test_early_renewal_blocks_nobody(sts: Sts) -> None:
    told: list[Event] = []
    tokens = source(sts, hooks=(told.append,))
    tokens.current()
    sts.clock.advance(hours=40)
    renewing, go_on = threading.Event(), threading.Event()

    def slowly(login: Login) -> None:
        renewing.set()
        assert go_on.wait(10)

    sts.answer = slowly
    with ThreadPoolExecutor(1) as pool:
        early = pool.submit(tokens.current)
        assert renewing.wait(10)
        assert [tokens.current().value for _ in range(10)] == ["token-1"] * 10
        go_on.set()
        assert early.result(10).value == "token-2"
    assert tokens.current().value == "token-2"
    assert len(sts.asked) == 2
    assert [event.reason for event in told if isinstance(event, TokenRenewed)] == ["missing", "early"]


@pytest.mark.parametrize("answer", [fail, refuse])
def test_failed_early_renewal_is_no_error_while_the_old_token_lives(sts: Sts, answer: Callable[[Login], None]) -> None:
    tokens = source(sts)
    tokens.current()
    sts.clock.advance(hours=40)
    sts.answer = answer
    for _ in range(5):
        assert tokens.current().value == "token-1"
    assert len(sts.asked) == 2


def test_vault_that_fails_at_an_early_renewal_harms_no_call(sts: Sts) -> None:
    passwords = iter(["right"])
    tokens = source(sts, password=lambda: next(passwords))
    tokens.current()
    sts.clock.advance(hours=40)
    assert tokens.current().value == "token-1"


def test_failed_early_renewal_is_tried_again_after_a_pause(sts: Sts) -> None:
    tokens = source(sts)
    tokens.current()
    sts.clock.advance(hours=40)
    sts.answer = fail
    tokens.current()
    sts.answer = lambda login: None
    sts.clock.advance(minutes=5)
    assert tokens.current().value == "token-3"


@pytest.mark.parametrize("hours", [47.99, 48, 100])
def test_expired_token_is_not_used_even_if_there_is_no_other(sts: Sts, hours: float) -> None:
    tokens = source(sts)
    tokens.current()
    sts.clock.advance(hours=hours)
    sts.answer = fail
    with pytest.raises(errors.CallTimeout):
        tokens.current()
    sts.answer = lambda login: None
    assert tokens.current().value == "token-3"


def test_token_renewed_by_another_process_is_taken_over(sts: Sts) -> None:
    cache = MemoryTokenCache()
    ours, theirs = source(sts, cache=cache), source(sts, cache=cache)
    old = ours.current()
    sts.clock.advance(hours=1)
    assert theirs.replace(old).value == "token-2"
    assert ours.current().value == "token-1"
    assert ours.replace(old).value == "token-2"
    assert len(sts.asked) == 2


# --- supplied tokens --------------------------------------------------------------------------------------------------


def test_supplied_token_is_used_first_and_replaced_when_refused(sts: Sts) -> None:
    tokens = source(sts, supplied="mine")
    mine = tokens.current()
    assert mine.value == "mine"
    assert sts.asked == []
    assert tokens.replace(mine).value == "token-1"
    assert tokens.current().value == "token-1"


def test_supplied_token_without_a_password_cannot_be_replaced(sts: Sts) -> None:
    tokens = TokenSource(key=KEY, fetch=sts.fetch, login=lambda: None, supplied="mine", clock=sts.clock)
    with pytest.raises(errors.TokenRefused, match="password"):
        tokens.replace(tokens.current())
    # A service that refused it by mistake is asked again.
    assert tokens.current().value == "mine"
    assert sts.asked == []


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_refused_login_is_remembered_and_told(sts: Sts) -> None:
    sts.answer = refuse
    told: list[Event] = []
    tokens = source(sts, hooks=(told.append,))
    with pytest.raises(errors.LoginRefused):
        tokens.current()
    with pytest.raises(errors.LoginBlocked) as caught:
        tokens.current()
    assert len(sts.asked) == 1
    assert caught.value.until == sts.clock.now() + TokenPolicy().refused_login_block
    assert told == [LoginBlocked(account="shop-api", until=caught.value.until)]


def test_refused_login_is_tried_again_after_a_while(sts: Sts) -> None:
    sts.answer = refuse
    tokens = source(sts)
    with pytest.raises(errors.LoginRefused):
        tokens.current()
    sts.answer = lambda login: None
    sts.clock.advance(hours=1)
    assert tokens.current().value == "token-2"


def test_changed_password_is_tried_at_once(sts: Sts) -> None:
    passwords = ["wrong"]
    tokens = source(sts, password=lambda: passwords[0])
    sts.answer = refuse
    with pytest.raises(errors.LoginRefused):
        tokens.current()
    passwords[0] = "right"
    sts.answer = lambda login: None
    assert tokens.current().value == "token-2"
    assert [login.secret for login in sts.asked] == ["wrong", "right"]


def test_refusal_is_shared_through_the_cache(sts: Sts) -> None:
    cache = MemoryTokenCache()
    sts.answer = refuse
    with pytest.raises(errors.LoginRefused):
        source(sts, cache=cache).current()
    with pytest.raises(errors.LoginBlocked):
        source(sts, cache=cache).current()
    sts.answer = lambda login: None
    assert source(sts, password="new", cache=cache).current().value == "token-2"


@pytest.mark.parametrize("fingerprint", ["", "nonsense", "zz:00", "00", "00:é"])
def test_damaged_memory_of_a_refusal_blocks_nothing(sts: Sts, fingerprint: str) -> None:
    cache = MemoryTokenCache()
    until = sts.clock.now() + timedelta(hours=1)
    cache.store(KEY, CachedLogin(refusal=Refusal(fingerprint=fingerprint, until=until)))
    assert source(sts, cache=cache).current().value == "token-1"


@pytest.mark.parametrize("answer", [fail, lambda login: html_page()])
def test_silence_and_bot_walls_are_no_refusals(sts: Sts, answer: Callable[[Login], None]) -> None:
    sts.answer = answer
    tokens = source(sts)
    for _ in range(2):
        with pytest.raises(errors.TransportError) as caught:
            tokens.current()
        assert caught.value.retryable
    assert len(sts.asked) == 2


def html_page() -> None:
    raise errors.HtmlAnswer("x", status=200)


def test_token_refused_right_after_its_issue_is_not_renewed_again_and_again(sts: Sts) -> None:
    tokens = source(sts)
    fresh = tokens.current()
    sts.clock.advance(seconds=59)
    with pytest.raises(errors.TokenRefused):
        tokens.replace(fresh)
    with pytest.raises(errors.LoginBlocked):
        tokens.current()
    assert len(sts.asked) == 1
    sts.clock.advance(minutes=5)
    assert tokens.current().value == "token-2"


def test_token_refused_later_is_renewed(sts: Sts) -> None:
    tokens = source(sts)
    old = tokens.current()
    sts.clock.advance(seconds=60)
    assert tokens.replace(old).value == "token-2"


def test_refusal_of_a_token_that_was_replaced_meanwhile_forgets_nothing(sts: Sts) -> None:
    tokens = source(sts, cache=BrokenCache())
    old = tokens.current()
    sts.clock.advance(hours=1)
    new = tokens.replace(old)
    assert tokens.replace(old) == new
    assert tokens.current() == new
    assert len(sts.asked) == 2


def test_old_token_that_another_process_left_in_the_cache_is_replaced_in_its_turn(sts: Sts) -> None:
    cache = MemoryTokenCache()
    left = source(sts, cache=cache).current()
    sts.clock.advance(hours=1)
    sent: list[str] = []

    def call(token: Token) -> str:
        sent.append(token.value)
        if token.value in ("mine", left.value):
            raise errors.TokenRefused("unknown")
        return "answer"

    assert with_token(source(sts, supplied="mine", cache=cache), call) == "answer"
    assert sent == ["mine", "token-1", "token-2"]
    assert len(sts.asked) == 2


def test_service_that_refuses_every_token_is_asked_for_one_only(sts: Sts) -> None:
    sent: list[str] = []

    def call(token: Token) -> None:
        sent.append(token.value)
        raise errors.TokenRefused("unknown")

    with pytest.raises(errors.TokenRefused, match="a moment ago"):
        with_token(source(sts, supplied="mine"), call)
    assert sent == ["mine", "token-1"]
    assert len(sts.asked) == 1


class SlowCache(MemoryTokenCache):
    """Its first reading waits until told."""

    def __init__(self) -> None:
        super().__init__()
        self.reading, self.go_on = threading.Event(), threading.Event()

    def load(self, key: TokenKey) -> CachedLogin:
        found = super().load(key)
        self.reading.set()
        assert self.go_on.wait(10)
        return found


def test_refused_token_is_not_handed_back_by_a_thread_that_just_found_it_in_the_cache(sts: Sts) -> None:
    cache = SlowCache()
    issued = sts.clock.now()
    refused = Token(value="refused", issued_at=issued, expires_at=issued + LIFE)
    cache.store(KEY, CachedLogin(token=refused))
    sts.clock.advance(hours=1)
    tokens = source(sts, cache=cache)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(tokens.current)
        assert cache.reading.wait(10)
        second = pool.submit(tokens.replace, refused)
        wait_for_a_waiter(tokens)
        cache.go_on.set()
        assert first.result(10) == refused
        assert second.result(10).value == "token-1"


# --- the cache is only a help -----------------------------------------------------------------------------------------


class BrokenCache:
    def load(self, key: TokenKey) -> CachedLogin:
        raise ConnectionError

    def store(self, key: TokenKey, login: CachedLogin) -> None:
        raise ConnectionError


def test_broken_cache_stops_nothing(sts: Sts, caplog: pytest.LogCaptureFixture) -> None:
    tokens = source(sts, cache=BrokenCache())
    assert tokens.current().value == tokens.current().value == "token-1"
    assert "token cache" in caplog.text


def test_broken_cache_does_not_make_us_forget_a_refusal(sts: Sts) -> None:
    sts.answer = refuse
    tokens = source(sts, cache=BrokenCache())
    with pytest.raises(errors.LoginRefused):
        tokens.current()
    with pytest.raises(errors.LoginBlocked):
        tokens.current()


def test_token_outlives_the_process(sts: Sts, tmp_path: Path) -> None:
    path = tmp_path / "state" / "tokens.json"
    assert source(sts, cache=FileTokenCache(path)).current().value == "token-1"
    assert source(sts, cache=FileTokenCache(path)).current().value == "token-1"
    assert len(sts.asked) == 1


# --- secrets ----------------------------------------------------------------------------------------------------------

SECRETS = ("s3cret-password", "token-1")


def test_no_secret_is_told(sts: Sts, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    told: list[Event] = []
    path = tmp_path / "tokens.json"
    tokens = source(sts, password=SECRETS[0], cache=FileTokenCache(path), hooks=(told.append,))
    token = tokens.current()
    with pytest.raises(errors.TokenRefused) as caught:
        tokens.replace(token)
    with pytest.raises(errors.LoginBlocked) as blocked:
        tokens.current()
    shown = repr((token, tokens, told, caught.value, vars(caught.value), blocked.value, CachedLogin(token=token)))
    shown += str(caught.value) + str(blocked.value) + caplog.text + str(sts.asked)
    pickled = pickle.dumps(caught.value) + pickle.dumps(blocked.value)
    for secret in SECRETS:
        assert secret not in shown
        assert secret.encode() not in pickled
    # Passwords never reach the disk, not even as a digest that could be looked up.
    assert SECRETS[0] not in path.read_text()
