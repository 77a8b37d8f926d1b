"""Who may call: accounts, the tokens they were given, and the recorded words of every refusal."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from attrs import evolve, frozen

from cdiscount_marketplace.clock import Clock

MALFORMED = "Token id is not correctly formatted."
UNKNOWN = "Your token does not exist, please renew your token id."
EXPIRED = "Your token has expired, please renew your token id."
_FORM = re.compile(r"[0-9a-f]{32}")


@frozen(kw_only=True)
class Account:
    """A login of the shop; `forbidden` operations are refused to it."""

    login: str
    password: str
    forbidden: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"Account({self.login!r})"


@frozen
class _Token:
    account: Account
    expires_at: datetime


class TokenDenied(Exception):
    """A token is not accepted; the text is the service's."""


class TokenRegistry:
    """Issues tokens, several at a time, and checks them. Thread-safe; deterministic by seed.

    `lifetime` is asked at each issue, so that a changed setting counts at once.
    """

    def __init__(
        self, clock: Clock, accounts: Iterable[Account], *, lifetime: Callable[[], timedelta], seed: int
    ) -> None:
        self._clock = clock
        self._accounts = {account.login: account for account in accounts}
        self._lifetime = lifetime
        self._random = random.Random(seed)  # noqa: S311 - a sandbox must give the same tokens twice
        self._lock = threading.Lock()
        self._tokens: dict[str, _Token] = {}

    def issue(self, login: str, password: str, *, lifetime: timedelta | None = None) -> str | None:
        """Return a new token, None if login or password are wrong; it lives for `lifetime` if given, else as usual."""
        account = self._accounts.get(login)
        if account is None or account.password != password:
            return None
        with self._lock:
            token = f"{self._random.getrandbits(128):032x}"
            self._tokens[token] = _Token(account, self._clock.now() + (lifetime or self._lifetime()))
        return token

    def check(self, token: str, *, at: datetime | None = None) -> Account:
        """Return whose token this is, or raise `TokenDenied`; it must be alive `at` that moment, by default now."""
        if not _FORM.fullmatch(token):
            raise TokenDenied(MALFORMED)
        with self._lock:
            known = self._tokens.get(token)
        if known is None:
            raise TokenDenied(UNKNOWN)
        if known.expires_at <= (at or self._clock.now()):
            raise TokenDenied(EXPIRED)
        return known.account

    def issued(self) -> frozenset[str]:
        """Return every token that was given out, to look for in logs."""
        with self._lock:
            return frozenset(self._tokens)

    def expire_all(self) -> int:
        """Let every token expire now; return how many were alive."""
        now = self._clock.now()
        with self._lock:
            alive = sum(token.expires_at > now for token in self._tokens.values())
            self._tokens = {name: evolve(token, expires_at=now) for name, token in self._tokens.items()}
        return alive


def not_authorized(token: str, action: str) -> str:
    """Say that an account lacks a right, in the recorded words."""
    dashed = f"{token[:8]}-{token[8:12]}-{token[12:16]}-{token[16:20]}-{token[20:]}"
    return (
        f"User is not authorized to access to this resource (Token used: '{dashed}', Resource: "
        f"(Service: 'marketplaceapiservice.svc' / Action: '{action}'))."
    )
