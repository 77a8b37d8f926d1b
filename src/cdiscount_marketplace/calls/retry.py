"""When a call may be repeated, and how: reads and writes differ, and each rule stands in one table.

A write is repeated only when it provably did not run. Whatever is not in the table is unknown, and stays so until the
orders are read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import chain, count, repeat
from typing import TYPE_CHECKING, NoReturn, TypeVar

from attrs import field, frozen

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.http import positive
from cdiscount_marketplace.calls.tokens import Token, TokenSource
from cdiscount_marketplace.clock import Clock, SystemClock
from cdiscount_marketplace.events.calls import CallFinished, CallRetried, CallStarted
from cdiscount_marketplace.events.hooks import Hook, during, emit
from cdiscount_marketplace.failures import TOO_MANY

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")

# By one from the cache, and by a new one.
REPLACEMENTS = 2
_INTERNAL = "InternalServiceFault"

# Time-outs of the service or a gateway: a caller that can ask for less does not retry them.
_TIMEOUTS = frozenset({408, 504})
# The resource is locked for the moment, or the request came too early.
_PASSING = frozenset({423, 425})


def write_may_repeat(error: errors.CdiscountError, attempt: int) -> bool:  # noqa: ARG001 -- the signature of a rule
    """Return whether a write did not run and may fare better at once; what would fail alike is not repeated."""
    return isinstance(error, errors.ConnectFailed) or _status(error) == TOO_MANY


def read_may_repeat(error: errors.CdiscountError, attempt: int) -> bool:
    """Return whether a read that failed for the `attempt`-th time may fare better: it changes nothing, so most may."""
    if isinstance(error, errors.CallTimeout) or _status(error) in _TIMEOUTS:
        return True
    return read_may_repeat_without_timeouts(error, attempt)


def read_may_repeat_without_timeouts(error: errors.CdiscountError, attempt: int) -> bool:
    """Decide as `read_may_repeat` but for timeouts: for a caller who would rather ask for less."""
    if isinstance(error, errors.ServiceFault):
        return error.fault_code == _INTERNAL and attempt == 1
    if isinstance(error, (errors.ConnectFailed, errors.ConnectionLost, errors.TruncatedAnswer, errors.EmptyAnswer)):
        return True
    status = _status(error)
    if status is None or status in _TIMEOUTS:
        return False
    return status >= 500 or status == TOO_MANY or status in _PASSING


def _status(error: BaseException | None) -> int | None:
    return error.status if isinstance(error, (errors.HttpError, errors.UnreadableAnswer)) else None


Judge = Callable[[Token], bool]
"""Whether the service accepts a token for a call that is about no single order."""

Rule = Callable[[errors.CdiscountError, int], bool]
"""Whether a call that failed with this error, for the n-th time, may be repeated."""


@frozen(kw_only=True)
class RetryPolicy:
    """How often and how long: at most `attempts` requests, none begun after `total` seconds.

    The wait before the n-th repetition is about `base` × 2ⁿ⁻¹ seconds with jitter, or what `Retry-After` asks for, and
    never more than `longest_wait`.
    """

    attempts: int = field(default=4, validator=positive)
    base: float = field(default=1.0, validator=positive)
    longest_wait: float = field(default=60.0, validator=positive)
    total: float = field(default=600.0, validator=positive)

    @classmethod
    def never(cls) -> RetryPolicy:
        """Repeat nothing; a refused token is still replaced once."""
        return cls(attempts=1)


def policy_of(retry: object) -> RetryPolicy:
    """Return the policy that a client was given, or the default; raises `ConfigurationError` for anything else."""
    if retry is None:
        return RetryPolicy()
    if not isinstance(retry, RetryPolicy):
        raise errors.ConfigurationError(f"retry must be a RetryPolicy, such as RetryPolicy(attempts=3), not {retry!r}")
    return retry


def next_full_hour(now: datetime) -> datetime:
    """Return when the hourly quota resets."""
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


@frozen(kw_only=True)
class AuthenticatedCaller:
    """Make calls: with a token that is replaced once when refused, repeated as far as the rules and the policy allow.

    A call is a function that sends one request with the given token and returns its judged answer; it raises
    `TokenRefused` when the service refuses the token. Thread-safe. `quota_renewal` returns when a quota
    resets if the service does not say when.
    """

    tokens: TokenSource
    policy: RetryPolicy = field(factory=RetryPolicy)
    clock: Clock = field(factory=SystemClock)
    hooks: tuple[Hook, ...] = ()
    quota_renewal: Callable[[datetime], datetime] = next_full_hour

    def read(
        self, operation: str, call: Callable[[Token], T], *, rule: Rule = read_may_repeat, judge: Judge | None = None
    ) -> T:
        """Make a call that changes nothing; `rule` may be `read_may_repeat_without_timeouts`.

        `judge` decides whether a refused token is still good, so that the refusal concerns one order.
        """
        return self._call(operation, call, rule, judge)

    def write(self, operation: str, call: Callable[[Token], T], *, judge: Judge | None = None) -> T:
        """Make a call that changes something; judge what it raises with `write_outcome`. For `judge` see `read`."""
        return self._call(operation, call, write_may_repeat, judge)

    def _call(self, operation: str, call: Callable[[Token], T], rule: Rule, judge: Judge | None) -> T:
        retry_loop = RetryLoop(policy=self.policy, clock=self.clock, hooks=self.hooks)
        begun = self.clock.monotonic()
        try:
            with during(self.hooks, CallStarted(operation=operation)):
                return with_token(
                    self.tokens,
                    lambda token: retry_loop.run(operation, lambda: call(token), rule, begun=begun),
                    in_time=lambda: self.clock.monotonic() - begun < self.policy.total,
                    judge=judge,
                )
        except errors.CdiscountError as error:
            failure = self._final(operation, error)
        raise failure

    def _final(self, operation: str, error: errors.CdiscountError) -> errors.CdiscountError:
        if not (isinstance(error, errors.HttpError) and error.status == TOO_MANY):
            return error.about(operation=operation)
        now = self.clock.now()
        wait = error.retry_after
        return errors.QuotaExceeded(
            "too many calls",
            # The token service has its own quota.
            method=error.operation or operation,
            retry_at=self.quota_renewal(now) if wait is None else now + timedelta(seconds=wait),
            operation=operation,
            retryable=True,
        )


def with_token(
    source: TokenSource,
    call: Callable[[Token], T],
    *,
    in_time: Callable[[], bool] = lambda: True,
    judge: Judge | None = None,
) -> T:
    """Make a call with a token; if the token is refused, replace it and, while it is `in_time`, repeat the call.

    What replaces a token may come from the cache, where another process left it, and be as old: it is replaced in its
    turn. A token that was issued for this call and is refused nonetheless ends it. Where `judge` finds the token good,
    the service refuses what the call is about: `OrderForbidden`, and the token stays.
    """
    token = source.current()
    for _ in range(REPLACEMENTS):
        try:
            return call(token)
        except errors.TokenRefused as error:
            refusal = error
        if judge is not None and judge(token):
            raise errors.OrderForbidden("the service refuses this order")
        # Outside the handler: what follows must not be chained to the refusal.
        token = source.replace(token)
        if not in_time():
            # The next call has the new token.
            refusal.retryable = True
            raise refusal
    return call(token)


@frozen(kw_only=True)
class RetryLoop:
    """Repeat a call while a rule and a policy allow it, and emit events; needs no token."""

    policy: RetryPolicy
    clock: Clock
    hooks: tuple[Hook, ...] = ()

    def run(self, operation: str, call: Callable[[], T], rule: Rule, *, begun: float | None = None) -> T:
        """Make the call; raises the error of its last attempt. Events contain the `status` of results that have one.

        The policy's total counts from `begun` on, a moment of the clock; by default from now.
        """
        since = self.clock.monotonic() if begun is None else begun
        attempts = count(1)
        try:
            return self._attempt(operation, next(attempts), call)
        except errors.CdiscountError as error:
            if not rule(error, 1):
                raise
            first = error
        outcomes = chain([lambda: _fail(first)], repeat(lambda: self._attempt(operation, next(attempts), call)))
        return self._repeat(operation, outcomes, rule, since)

    def _repeat(self, operation: str, attempts: Iterator[Callable[[], T]], rule: Rule, since: float) -> T:
        """Make attempts, the first of which is known to have failed, until one succeeds or no more is allowed."""
        # Imported here: most programs end without having repeated a call.
        from tenacity import Retrying

        retrying = Retrying(
            sleep=self.clock.sleep,
            stop=lambda state: self._is_enough(state, since),
            wait=self._wait,
            retry=lambda state: _may_repeat(state, rule),
            before_sleep=lambda state: self._tell_retry(operation, state),
            reraise=True,
        )
        return retrying(lambda: next(attempts)())

    def _attempt(self, operation: str, attempt: int, call: Callable[[], T]) -> T:
        begun = self.clock.monotonic()
        try:
            result = call()
        except errors.CdiscountError as error:
            self._tell_end(operation, attempt, begun, error.about(operation=operation))
            raise
        self._tell_end(operation, attempt, begun, result)
        return result

    def _tell_end(self, operation: str, attempt: int, begun: float, result: object) -> None:
        status: object = getattr(result, "status", None)
        emit(
            self.hooks,
            CallFinished(
                operation=operation,
                attempt=attempt,
                seconds=self.clock.monotonic() - begun,
                outcome=type(result).__name__ if isinstance(result, Exception) else "ok",
                http_status=status if isinstance(status, int) else None,
            ),
        )

    def _tell_retry(self, operation: str, state: RetryCallState) -> None:
        emit(
            self.hooks,
            CallRetried(
                operation=operation,
                attempt=state.attempt_number,
                wait=state.upcoming_sleep,
                reason=type(_error(state)).__name__,
            ),
        )

    def _wait(self, state: RetryCallState) -> float:
        from tenacity import wait_exponential, wait_random

        policy = self.policy
        backoff = wait_exponential(multiplier=policy.base, max=policy.longest_wait) + wait_random(0, policy.base)
        return min(policy.longest_wait, max(_retry_after(_error(state)), backoff(state)))

    def _is_enough(self, state: RetryCallState, begun: float) -> bool:
        error = _error(state)
        # A quota that renews later than we are ready to wait: asking again would only count against it.
        hopeless = _status(error) == TOO_MANY and _retry_after(error) > self.policy.longest_wait
        late = self.clock.monotonic() - begun + state.upcoming_sleep >= self.policy.total
        return hopeless or late or state.attempt_number >= self.policy.attempts


def _fail(error: errors.CdiscountError) -> NoReturn:
    raise error


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None


def _may_repeat(state: RetryCallState, rule: Rule) -> bool:
    error = _error(state)
    return isinstance(error, errors.CdiscountError) and rule(error, state.attempt_number)


def _retry_after(error: BaseException | None) -> float:
    if not isinstance(error, (errors.HttpError, errors.UnreadableAnswer)):
        return 0.0
    return error.retry_after or 0.0
