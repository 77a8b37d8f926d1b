"""Two processes share a token cache and live through anything: the promises hold after every step."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls import tokens
from cdiscount_marketplace.calls.credentials import Login
from cdiscount_marketplace.calls.retry import with_token
from cdiscount_marketplace.calls.tokens import MemoryTokenCache, Token, TokenKey, TokenPolicy, TokenSource
from support.hand_clock import HandClock

LIFE = timedelta(hours=48)
POLICY = TokenPolicy()
processes = st.sampled_from([0, 1])


@pytest.fixture(autouse=True)
def quick_fingerprints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_ROUNDS", 1)


class Tokens(RuleBasedStateMachine):
    """A token service, a service that accepts its tokens, and two clients with one password."""

    @initialize(supplied=st.booleans())
    def start(self, supplied: bool) -> None:
        self.clock = HandClock()
        self.cache = MemoryTokenCache()
        self.password = self.right = "first"
        self.down = False
        self.alive: set[str] = set()
        self.issued: dict[str, datetime] = {}
        self.logins: list[tuple[datetime, str, bool]] = []
        self.sources = [self.new_source("supplied" if supplied else None) for _ in range(2)]
        self.requests = 0

    def new_source(self, supplied: str | None = None) -> TokenSource:
        return TokenSource(
            key=TokenKey(token_url="https://sts.invalid/", account="shop-api"),
            fetch=self.fetch,
            login=lambda: Login("shop-api", self.password),
            supplied=supplied,
            cache=self.cache,
            clock=self.clock,
            policy=POLICY,
        )

    def fetch(self, login: Login) -> Token:
        self.requests += 1
        now = self.clock.now()
        if self.down:
            raise errors.CallTimeout("slow")
        accepted = login.secret == self.right
        self.logins.append((now, login.secret, accepted))
        if not accepted:
            raise errors.LoginRefused("wrong")
        value = f"token-{len(self.issued)}"
        self.issued[value] = now
        self.alive.add(value)
        return Token(value=value, issued_at=now, expires_at=now + LIFE)

    def service(self, token: Token) -> str:
        if token.value in self.issued:
            assert self.clock.now() < self.issued[token.value] + LIFE, "an expired token was sent"
        if token.value not in self.alive:
            raise errors.TokenRefused("unknown token")
        return token.value

    @rule(process=processes)
    def call(self, process: int) -> None:
        before, passing = self.requests, self.right == self.password and not self.down
        met: errors.CdiscountError | None = None
        try:
            with_token(self.sources[process], self.service)
        except (errors.AuthenticationError, errors.CallTimeout) as error:
            met = error
        assert not (passing and isinstance(met, (errors.LoginRefused, errors.CallTimeout)))
        # An early renewal may come before the one that replaces a refused token.
        assert self.requests - before <= 2

    @rule(hours=st.sampled_from([0.01, 0.5, 2, 30, 50]))
    def wait(self, hours: float) -> None:
        self.clock.advance(hours=hours)

    @rule()
    def forget_all_tokens(self) -> None:
        self.alive.clear()

    @rule(right=st.sampled_from(["first", "second"]))
    def change_the_password_in_the_seller_space(self, right: str) -> None:
        self.right = right

    @rule(password=st.sampled_from(["first", "second"]))
    def change_the_password_in_the_vault(self, password: str) -> None:
        self.password = password

    @rule(down=st.booleans())
    def fail_or_mend_the_token_service(self, down: bool) -> None:
        self.down = down

    @rule(process=processes)
    def restart(self, process: int) -> None:
        self.sources[process] = self.new_source()

    @invariant()
    def a_refused_password_is_not_hammered(self) -> None:
        last: dict[str, datetime] = {}
        for moment, secret, accepted in getattr(self, "logins", []):
            # Another password in between replaces what is remembered of the first one.
            if not accepted:
                assert secret not in last or moment >= last[secret] + POLICY.refused_login_block
                last = {secret: moment}
            else:
                last = {}

    def teardown(self) -> None:
        """Once all is well, every process works again."""
        if not hasattr(self, "sources"):
            return
        self.down, self.right = False, self.password
        self.clock.advance(hours=2)
        for source in self.sources:
            assert with_token(source, self.service) in self.alive


TestTokens = Tokens.TestCase
TestTokens.settings = settings(max_examples=60, stateful_step_count=20)
