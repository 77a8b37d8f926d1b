"""Ask Octopia's token service for a token: OAuth2 client credentials."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

from attrs import frozen

from cdiscount_marketplace.calls.credentials import Login
from cdiscount_marketplace.calls.http import Answer, HttpRequest, HttpSender, reject_foreign
from cdiscount_marketplace.calls.retry import RetryLoop, read_may_repeat_without_timeouts
from cdiscount_marketplace.calls.tokens import Token
from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.errors import LoginRefused, UnreadableAnswer
from cdiscount_marketplace.events.calls import CallStarted
from cdiscount_marketplace.events.hooks import during
from cdiscount_marketplace.octopia.bodies import is_object, member, parse
from cdiscount_marketplace.octopia.problems import error_of, read_problem

OPERATION = "token"
# What may stand in a header: anything else is no token.
_CREDENTIAL = re.compile(r"[!-~]+")
_LIFE = timedelta(hours=2)
_LONGEST_LIFE = timedelta(days=2)


@frozen(kw_only=True)
class TokenService:
    """The token service at `url`; a token lives 2 h, and 500 may be asked for in an hour. Thread-safe."""

    url: str
    sender: HttpSender
    retry_loop: RetryLoop
    clock: Clock

    def fetch(self, login: Login) -> Token:
        """Log in; raises `LoginRefused`, or what hid the answer."""
        with during(self.retry_loop.hooks, CallStarted(operation=OPERATION)):
            return self.retry_loop.run(OPERATION, lambda: self._ask(login), read_may_repeat_without_timeouts)

    def _ask(self, login: Login) -> Token:
        asked_at = self.clock.now()
        value, life = read_token(self.sender.ask_token(self._request(login)))
        return Token(value=value, issued_at=asked_at, expires_at=asked_at + life)

    # On its own, so that no variable of a failing call holds the form with the secret.
    def _request(self, login: Login) -> HttpRequest:
        form = {"client_id": login.name, "client_secret": login.secret, "grant_type": "client_credentials"}
        return HttpRequest(
            method="POST",
            url=self.url,
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            body=urlencode(form).encode(),
        )


def read_token(answer: Answer) -> tuple[str, timedelta]:
    """Read the token and its life; only the service's own 400 or 401 is a refused login, no web page is."""
    if answer.status in (400, 401):
        reject_foreign(answer)
        reason = read_problem(answer.body).title or "no reason given"
        hint = "check the client id and the client secret"
        raise LoginRefused(f"the token service refused the login: {reason}", operation=OPERATION, hint=hint)
    if answer.status != 200:
        raise error_of(answer.status, read_problem(answer.body), retry_after=answer.retry_after)
    value, life = _token_in(parse(answer.body, status=answer.status))
    if value is None:
        raise UnreadableAnswer("the answer contains no token", status=answer.status, operation=OPERATION)
    return value, life


def _token_in(data: object) -> tuple[str | None, timedelta]:
    content = data if is_object(data) else {}
    value = member(content, "access_token")
    usable = isinstance(value, str) and _CREDENTIAL.fullmatch(value)
    return value if usable else None, _life(member(content, "expires_in"))


def _life(seconds: object) -> timedelta:
    if isinstance(seconds, (int, Decimal)) and not isinstance(seconds, bool) and 0 < seconds < 10**9:
        return min(timedelta(seconds=float(seconds)), _LONGEST_LIFE)
    return _LIFE
