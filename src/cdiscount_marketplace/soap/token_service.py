"""The token service of the SOAP API: a user name and a password against a token that lives 48 hours."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

from attrs import field, frozen

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.credentials import Login
from cdiscount_marketplace.calls.http import Answer, HttpRequest, HttpSender, reject_foreign
from cdiscount_marketplace.calls.retry import RetryLoop, RetryPolicy, read_may_repeat
from cdiscount_marketplace.calls.tokens import Token
from cdiscount_marketplace.clock import Clock, SystemClock
from cdiscount_marketplace.events.calls import CallStarted
from cdiscount_marketplace.events.hooks import Hook, during

OPERATION = "GetToken"
LIFE = timedelta(hours=48)
# The answer is labelled text/plain; only its content can be trusted.
_TOKEN = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*)?<string(?:\s[^>]*)?>\s*([0-9a-fA-F]{32})\s*</string>\s*")


@frozen(kw_only=True)
class TokenService:
    """Ask the token service at `token_url` (realm included). Thread-safe."""

    token_url: str
    sender: HttpSender
    policy: RetryPolicy = field(factory=RetryPolicy)
    clock: Clock = field(factory=SystemClock)
    hooks: tuple[Hook, ...] = ()

    def fetch(self, login: Login) -> Token:
        """Log in and return the token; only answers that say nothing of the login are asked for again.

        Raises `LoginRefused`, `HttpError` and `TransportError`.
        """
        retry_loop = RetryLoop(policy=self.policy, clock=self.clock, hooks=self.hooks)
        with during(self.hooks, CallStarted(operation=OPERATION)):
            return retry_loop.run(OPERATION, lambda: self._ask(login), read_may_repeat)

    def _ask(self, login: Login) -> Token:
        issued_at = self.clock.now()
        request = HttpRequest(method="GET", url=self.token_url, headers={"Authorization": _basic(login)})
        return Token(value=read_token(self.sender.ask_token(request)), issued_at=issued_at, expires_at=issued_at + LIFE)


def read_token(answer: Answer) -> str:
    """Return the token that an answer of the token service holds, or raise what the answer means."""
    # A wall of a bot filter does not ask for a login: who does has refused ours, whatever page comes with it.
    if answer.status == 401 and "WWW-Authenticate" in answer.headers:
        raise errors.LoginRefused("the token service refused the login (HTTP 401)", operation=OPERATION)
    match = _TOKEN.fullmatch(answer.body)
    if answer.status == 200 and match:
        return match[1].decode()
    if answer.status in {400, 401, 403} and _is_of_the_service(answer):
        raise errors.LoginRefused(f"the token service refused the login (HTTP {answer.status})", operation=OPERATION)
    if answer.status in {404, 410, 429}:
        raise _http_error(answer)
    reject_foreign(answer)
    if answer.status == 200:
        raise errors.UnreadableAnswer("an answer of the token service without a token", status=200)
    raise _http_error(answer)


def _is_of_the_service(answer: Answer) -> bool:
    try:
        reject_foreign(answer)
    except errors.HtmlAnswer:
        return False
    return True


def _http_error(answer: Answer) -> errors.HttpError:
    return errors.HttpError(
        f"the token service answered HTTP {answer.status}",
        status=answer.status,
        retry_after=answer.retry_after,
        operation=OPERATION,
    )


def _basic(login: Login) -> str:
    return "Basic " + base64.b64encode(f"{login.name}:{login.secret}".encode()).decode()
