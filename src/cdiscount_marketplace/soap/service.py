"""One call to the service: from an operation and its parts to a decoded result, or to what the answer means."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any, Final, Generic, TypeVar

from attrs import evolve, frozen

from cdiscount_marketplace.calls.http import Answer
from cdiscount_marketplace.calls.retry import (
    AuthenticatedCaller,
    Rule,
    next_full_hour,
    read_may_repeat,
    read_may_repeat_without_timeouts,
)
from cdiscount_marketplace.calls.tokens import Token
from cdiscount_marketplace.errors import (
    CdiscountError,
    OperationFailed,
    OutcomeUnknown,
    QuotaExceeded,
    UnreadableAnswer,
)
from cdiscount_marketplace.events.calls import DriftSeen
from cdiscount_marketplace.events.hooks import Hook, emit
from cdiscount_marketplace.failures import names_timeout, write_outcome
from cdiscount_marketplace.soap import answers, faults
from cdiscount_marketplace.soap.codec.drift import Drift
from cdiscount_marketplace.soap.common import Error, ErrorType, ServiceBaseMessage, ServiceMessage
from cdiscount_marketplace.soap.header import HeaderMessage
from cdiscount_marketplace.soap.messages import check, zeep_arguments
from cdiscount_marketplace.soap.operations import Operation
from cdiscount_marketplace.soap.transport import Envelopes

R = TypeVar("R", bound=ServiceMessage)

NO_REASON: Final = "the service reports a failure without a reason"


@frozen(kw_only=True)
class Received(Generic[R]):
    """A decoded result, and the time at which the service answered, by its own clock (aware UTC)."""

    result: R
    status: int
    answered_at: datetime | None = None
    drift: tuple[Drift, ...] = ()


@frozen(kw_only=True)
class Service:
    """Call operations of one account; thread-safe. Each call has its own header, so tokens never cross.

    `rule` decides after which errors a read is repeated, within the policy of `reads`.
    """

    envelopes: Envelopes
    reads: AuthenticatedCaller
    writes: AuthenticatedCaller
    header: HeaderMessage
    zone: tzinfo
    hooks: tuple[Hook, ...] = ()
    rule: Rule = read_may_repeat

    def without_timeout_retries(self) -> Service:
        """Return a service whose reads give up as soon as its writes do, and repeat no timeout."""
        return evolve(self, reads=self.writes, rule=read_may_repeat_without_timeouts)

    def read(self, operation: Operation[R], *parts: object) -> Received[R]:
        """Call an operation that changes nothing; raises unless the answer reports success."""
        check(operation, *parts)
        received = self.reads.read(operation.name, lambda token: self._once(operation, parts, token), rule=self.rule)
        self._tell_drift(operation, received.drift)
        failure = failure_of(operation, received.result, self.reads.clock.now())
        if failure is not None:
            raise failure
        return received

    def write(self, operation: Operation[R], *parts: object) -> Received[R]:
        """Call a write operation. The caller checks whether the response reports success."""
        check(operation, *parts)
        received = self.writes.write(operation.name, lambda token: self._once(operation, parts, token))
        self._tell_drift(operation, received.drift)
        return received

    def submit(self, operation: Operation[R], *parts: object) -> R:
        """Call a write operation whose answer is about the request as a whole, and return its result.

        Raises what the service refused, and `OutcomeUnknown` where it is not known whether the request was carried out.
        """
        try:
            result = self.write(operation, *parts).result
        except CdiscountError as error:
            if write_outcome(error) == "not_run":
                raise
            raise _unknown(operation) from error
        failure = failure_of(operation, result, self.writes.clock.now())
        if failure is None:
            return result
        has_reason = bool(
            (result.error_message or "").strip() or (isinstance(failure, OperationFailed) and failure.codes)
        )
        if has_reason and result.operation_success is False and not names_timeout(failure.message):
            raise failure
        raise _unknown(operation) from failure

    def _once(self, operation: Operation[R], parts: tuple[object, ...], token: Token) -> Received[R]:
        header = self.header.with_token(token.value)
        outcome = self.envelopes.send(operation, zeep_arguments(operation, header, *parts, zone=self.zone))
        if isinstance(outcome, CdiscountError):
            raise faults.explain_unreachable(outcome, self.envelopes.address)
        return judge(operation, outcome, self.zone)

    def _tell_drift(self, operation: Operation[Any], drift: tuple[Drift, ...]) -> None:
        for seen in drift:
            event = DriftSeen(
                operation=operation.name, kind=seen.kind, path=seen.path, value=seen.value, count=seen.count
            )
            emit(self.hooks, event)


def _unknown(operation: Operation[Any]) -> OutcomeUnknown:
    hint = "read what the service shows before repeating it"
    return OutcomeUnknown("it is not known whether this was carried out", operation=operation.name, hint=hint)


def judge(operation: Operation[R], answer: Answer, zone: tzinfo) -> Received[R]:
    """Return the result that an answer holds, or raise what it means instead."""
    read = _read(operation, answer, zone)
    if isinstance(read, answers.Fault):
        raise faults.fault_error(faults.Fault(code=read.code, text=read.text), answer.status)
    # A status is more reliable than an unreadable or unexpected body.
    faults.ensure_success(answer, None)
    if isinstance(read, UnreadableAnswer):
        raise read
    return Received(result=read.result, status=answer.status, answered_at=answer.answered_at, drift=read.drift)


def _read(
    operation: Operation[R], answer: Answer, zone: tzinfo
) -> answers.Answer[R] | answers.Fault | UnreadableAnswer:
    try:
        return answers.decode_answer(operation, answer.body, zone=zone)
    except UnreadableAnswer as error:
        # The frames in between hold the body, and tools that report errors show what frames hold.
        error.status, error.__context__ = answer.status, None
        return error.with_traceback(None)


def failure_of(operation: Operation[Any], result: ServiceMessage, now: datetime) -> CdiscountError | None:
    """Return what an answer as a whole reports: a quota, or that it did not succeed; None where all is well."""
    errors = result.errors if isinstance(result, ServiceBaseMessage) else ()
    codes = tuple(str(error.error_type) for error in errors if error.error_type)
    message = faults.scrub((result.error_message or "").strip()) or _first_message(errors)
    if ErrorType.QUOTA in codes:
        return QuotaExceeded(
            message or "the quota is used up",
            method=operation.name,
            retry_at=next_full_hour(now),
            operation=operation.name,
            codes=codes,
            retryable=True,
        )
    if result.operation_success is True and not message and not errors:
        return None
    reason = message or NO_REASON
    return OperationFailed(reason, operation=operation.name, codes=codes)


def _first_message(errors: tuple[Error, ...]) -> str:
    return next((faults.scrub(error.message) for error in errors if error.message), "")
