"""Where calls get their token: cached, asked for once however many threads wait, and renewed early."""

from __future__ import annotations

import copy
import hashlib
import hmac
import logging
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future
from datetime import datetime, timedelta
from typing import cast

from attrs import frozen

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.credentials import Login
from cdiscount_marketplace.calls.forks import renew_in_children
from cdiscount_marketplace.calls.token_cache import (
    CachedLogin,
    FileTokenCache,
    MemoryTokenCache,
    Refusal,
    Token,
    TokenCache,
    TokenKey,
)
from cdiscount_marketplace.clock import Clock, SystemClock
from cdiscount_marketplace.events.calls import LoginBlocked, TokenRenewed
from cdiscount_marketplace.events.hooks import Hook, emit

__all__ = [
    "CachedLogin",
    "FileTokenCache",
    "MemoryTokenCache",
    "Refusal",
    "Token",
    "TokenCache",
    "TokenKey",
    "TokenPolicy",
    "TokenSource",
]

_log = logging.getLogger(__name__)
_ROUNDS = 100_000


@frozen(kw_only=True)
class TokenPolicy:
    """When tokens are renewed, and for how long refusals are remembered.

    A token is renewed early after `early` of its life, and not used in its last `margin`; a failed early renewal is
    tried again after `early_pause`. A token refused within `fresh` of its issue stops renewals for
    `refused_token_block`, a refused login for `refused_login_block`.
    """

    early: float = 0.8
    margin: timedelta = timedelta(seconds=60)
    early_pause: timedelta = timedelta(minutes=5)
    fresh: timedelta = timedelta(seconds=60)
    refused_token_block: timedelta = timedelta(minutes=5)
    refused_login_block: timedelta = timedelta(hours=1)

    def usable(self, token: Token, now: datetime) -> bool:
        """Return whether the token can still be sent."""
        return token.expires_at is None or now < token.expires_at - self._margin(token)

    def due(self, token: Token, now: datetime) -> bool:
        """Return whether the token should be renewed already."""
        if token.issued_at is None or token.expires_at is None:
            return False
        return now >= token.issued_at + self.early * (token.expires_at - token.issued_at)

    def is_fresh(self, token: Token, now: datetime) -> bool:
        """Return whether the token was issued so recently that its refusal cannot be its age."""
        return token.issued_at is not None and now < token.issued_at + self.fresh

    def _margin(self, token: Token) -> timedelta:
        if token.issued_at is None or token.expires_at is None:
            return timedelta(0)
        return min(self.margin, (token.expires_at - token.issued_at) * (1 - self.early) / 2)


class TokenSource:
    """Give calls their token. Thread-safe; one per account, shared by all its calls.

    `fetch` logs in and returns the token; `login` is asked each time what to log in with (None: there is only the
    `supplied` token). Tokens and refusals are kept in `cache` under `key`.
    """

    def __init__(
        self,
        *,
        key: TokenKey,
        fetch: Callable[[Login], Token],
        login: Callable[[], Login | None],
        supplied: str | None = None,
        cache: TokenCache | None = None,
        clock: Clock | None = None,
        hooks: Iterable[Hook] = (),
        policy: TokenPolicy | None = None,
    ) -> None:
        self._key = key
        self._fetch = fetch
        self._login = login
        self._cache = _cache_of(cache)
        self._clock = clock or SystemClock()
        self._hooks = tuple(hooks)
        self._policy = policy or TokenPolicy()
        self._lock = threading.Lock()
        self._held: Token | None = None if supplied is None else Token(value=supplied)
        self._refusal: Refusal | None = None
        self._flight: Future[Token] | None = None
        self._early_from: datetime | None = None
        renew_in_children(self)

    def reset_after_fork(self) -> None:
        """Forget the request that a thread of a parent process makes; its token comes by the cache, or not at all."""
        self._lock, self._flight = threading.Lock(), None

    def current(self) -> Token:
        """Return a token to send. Where there is none, ask for one; near its end, one of the calling threads renews it.

        Raises `LoginRefused`, `LoginBlocked`, or what hid the token service's answer, marked `retryable`.
        """
        now = self._clock.now()
        with self._lock:
            held = self._held
            early = held is not None and self._policy.due(held, now) and self._take_early_turn(now)
        if held is None or not self._policy.usable(held, now):
            return self._shared(lambda: self._obtain("missing"))
        return self._renew_early(held) if early else held

    def replace(self, refused: Token) -> Token:
        """Return the token to use after the service refused `refused`: one that is there already, or a new one.

        Raises `TokenRefused` where it cannot be replaced or was issued a moment ago, and what `current` raises.
        """
        token = self._shared(lambda: self._obtain("refused", refused))
        # The work that was joined may have been one that found the refused token in the cache.
        return token if token != refused else self._shared(lambda: self._obtain("refused", refused))

    def _take_early_turn(self, now: datetime) -> bool:
        if self._flight is not None or (self._early_from is not None and now < self._early_from):
            return False
        # Until this turn is over, whatever it brings, nobody else takes one.
        self._early_from = now + self._policy.early_pause
        return True

    def _renew_early(self, held: Token) -> Token:
        try:
            return self._shared(lambda: self._obtain("early", held))
        # The old token is good.
        except Exception as error:  # noqa: BLE001 - a caller's own vault may raise anything
            _log.warning("early renewal of a token failed (%s); the old one stays in use", type(error).__name__)
            self._early_from = self._clock.now() + self._policy.early_pause
            return held

    def _shared(self, work: Callable[[], Token]) -> Token:
        """Do the work, or wait for the thread that does it already and share what comes of it."""
        with self._lock:
            flight = self._flight
            leads = flight is None
            if flight is None:
                flight = self._flight = Future[Token]()
        if leads:
            return self._lead(flight, work)
        try:
            error = flight.exception()
        # The leading thread was interrupted, not refused: somebody else leads.
        except CancelledError:
            return self._shared(work)
        if error is not None:
            # Each thread raises its own copy, where the class is known to allow it: a traceback belongs to one thread.
            raise copy.copy(error) if isinstance(error, errors.CdiscountError) else error
        return flight.result()

    def _lead(self, flight: Future[Token], work: Callable[[], Token]) -> Token:
        try:
            token = work()
        except Exception as error:
            self._flight = None
            flight.set_exception(error)
            raise
        except BaseException:
            self._flight = None
            flight.cancel()
            raise
        self._flight = None
        flight.set_result(token)
        return token

    def _obtain(self, reason: str, spoiled: Token | None = None) -> Token:
        """Return a token other than the spoiled one: held, cached, or new. Runs in one thread at a time."""
        now = self._clock.now()
        cached = self._recall()
        for token in (self._held, cached.token):
            if token is not None and token != spoiled and self._policy.usable(token, now):
                self._held = token
                return token
        login = self._login()
        if login is None:
            raise errors.TokenRefused("the token was refused, and there is no password to get another")
        if reason == "refused" and spoiled is not None:
            self._drop(spoiled, login, now)
        self._respect(self._refusal, login, now)
        self._respect(cached.refusal, login, now)
        return self._renew(login, reason)

    def _drop(self, spoiled: Token, login: Login, now: datetime) -> None:
        """Forget a refused token; stop here if it was so fresh that another one would fare no better."""
        self._held = None
        if self._policy.is_fresh(spoiled, now):
            self._block(login, now + self._policy.refused_token_block)
            raise errors.TokenRefused(
                "the service refused a token that was issued a moment ago",
                hint="check that the token service belongs to the service; it is asked again in a few minutes",
            )

    def _respect(self, refusal: Refusal | None, login: Login, now: datetime) -> None:
        if refusal is not None and now < refusal.until and _matches(refusal.fingerprint, login.secret):
            raise errors.LoginBlocked("these credentials were refused a moment ago", until=refusal.until)

    def _renew(self, login: Login, reason: str) -> Token:
        try:
            token = self._fetch(login)
        except errors.LoginRefused:
            self._block(login, self._clock.now() + self._policy.refused_login_block)
            raise
        except (errors.TransportError, errors.ServiceError) as error:
            # Whatever the token service did, the call that needs the token was not sent.
            error.retryable = True
            raise
        self._held, self._refusal = token, None
        self._remember(CachedLogin(token=token))
        if token.expires_at is not None:
            emit(self._hooks, TokenRenewed(account=self._key.account, reason=reason, expires_at=token.expires_at))
        return token

    def _block(self, login: Login, until: datetime) -> None:
        self._refusal = Refusal(fingerprint=_fingerprint(login.secret, os.urandom(16)), until=until)
        self._remember(CachedLogin(token=self._held, refusal=self._refusal))
        emit(self._hooks, LoginBlocked(account=self._key.account, until=until))

    def _recall(self) -> CachedLogin:
        try:
            return self._cache.load(self._key)
        # Without the cache there is still the token service.
        except Exception as error:  # noqa: BLE001 - a cache may be anybody's code on any network
            _log.warning("token cache cannot be read: %s", type(error).__name__)
            return CachedLogin()

    def _remember(self, login: CachedLogin) -> None:
        try:
            self._cache.store(self._key, login)
        # This source keeps what it knows, other processes will ask for themselves.
        except Exception as error:  # noqa: BLE001 - a cache may be anybody's code on any network
            _log.warning("token cache cannot be written: %s", type(error).__name__)


def _cache_of(cache: object) -> TokenCache:
    if cache is None:
        return MemoryTokenCache()
    if not all(callable(getattr(cache, name, None)) for name in ("load", "store")):
        hint = 'write FileTokenCache("state/tokens.json") for a file'
        raise errors.ConfigurationError(
            f"token_cache must have load and store, not be a {type(cache).__name__}", hint=hint
        )
    return cast("TokenCache", cache)


def _fingerprint(secret: str, salt: bytes) -> str:
    digest = hashlib.pbkdf2_hmac("sha256", secret.encode(), salt, _ROUNDS)
    return f"{salt.hex()}:{digest.hex()}"


def _matches(fingerprint: str, secret: str) -> bool:
    salt, _, _ = fingerprint.partition(":")
    try:
        return hmac.compare_digest(_fingerprint(secret, bytes.fromhex(salt)), fingerprint)
    # A damaged one may hold anything.
    except (ValueError, TypeError):
        return False
