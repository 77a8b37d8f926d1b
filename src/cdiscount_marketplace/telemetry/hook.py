"""A hook that turns events into spans and metrics, named as OpenTelemetry's semantic conventions name them."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, Final

from attrs import define, field

from cdiscount_marketplace import events
from cdiscount_marketplace.events.hooks import Event
from cdiscount_marketplace.lazy import OTEL

with OTEL.needed_by(__name__):
    from opentelemetry import metrics, trace
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider

    from cdiscount_marketplace.telemetry.instruments import Instruments

_SCOPE: Final = "cdiscount_marketplace"
# Runs that ended so did their work, or left it to the worker that does it already.
_GOOD_ENDS: Final = frozenset({"done", "stopped", "limit", "checkpoint_moved"})
_BUSY: Final = "LeaseBusy"

Attributes = dict[str, str | int | float | bool]


@define
class _Call:
    """The call that the current thread makes."""

    operation: str
    requests: int = 0


@define
class _Running:
    """A span, and what is learnt of it before it ends."""

    span: Span
    attributes: Attributes = field(factory=dict[str, Any])


_call: ContextVar[_Call | None] = ContextVar("cdiscount_call", default=None)
_request: ContextVar[_Running | None] = ContextVar("cdiscount_request", default=None)
_job: ContextVar[_Running | None] = ContextVar("cdiscount_job", default=None)


class OpenTelemetryHook:
    """Report calls and jobs to OpenTelemetry; give the same one to clients and jobs. Thread-safe.

    Without providers the global ones are used. A run of a job is a span, a call is a span in it, and each HTTP request
    is a client span in the call. Attributes hold names of accounts, operations, hosts and error classes, and numbers:
    no order number, no address of a request, no text of an error.

    >>> client = MarketplaceClient.from_env(hooks=[OpenTelemetryHook()])
    """

    def __init__(
        self, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
    ) -> None:
        self._tracer = trace.get_tracer(_SCOPE, tracer_provider=tracer_provider)
        self._measures = Instruments(metrics.get_meter(_SCOPE, meter_provider=meter_provider))
        self._handlers: Mapping[type[Event], Callable[[Any], AbstractContextManager[None] | None]] = {
            events.JobStarted: self._run_job,
            events.JobFinished: self._finish_job,
            events.CallStarted: self._make_call,
            events.CallRetried: self._count_retry,
            events.CallFinished: self._finish_attempt,
            events.RequestStarted: self._send_request,
            events.RequestFinished: self._finish_request,
            events.OrderHandled: self._count_order,
            events.TaskMoved: self._count_task,
            events.OfferMoved: self._count_offer,
            events.OfferPackageMoved: self._count_package,
            events.DriftSeen: self._count_drift,
            events.LoginBlocked: self._count_blocked_login,
        }

    def __call__(self, event: Event, /) -> AbstractContextManager[None] | None:
        """Take an event; answers those that begin something with a span around it."""
        handler = self._handlers.get(type(event))
        return handler(event) if handler is not None else None

    # --- jobs -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _run_job(self, event: events.JobStarted) -> Generator[None]:
        attributes: Attributes = {"cdiscount.account": event.account, "cdiscount.job": event.job}
        begun = time.perf_counter()
        with self._span(f"cdiscount {event.job}", SpanKind.INTERNAL, attributes, _job) as running:
            try:
                yield
            finally:
                self._measures.job_duration.record(time.perf_counter() - begun, {**attributes, **running.attributes})

    def _finish_job(self, event: events.JobFinished) -> None:
        labels: Attributes = {"cdiscount.account": event.account, "cdiscount.job": event.job}
        # An error's class name is no outcome of its own: `error.type` has it.
        failed = event.outcome not in _GOOD_ENDS | {"quota"}
        outcome: Attributes = {"cdiscount.job.outcome": _outcome(event.outcome)}
        if failed:
            outcome["error.type"] = event.outcome
        running = _job.get()
        if running is not None:
            running.attributes.update(outcome)
            running.span.set_attributes(
                outcome | {f"cdiscount.count.{name}": count for name, count in event.counts.items()}
            )
            if failed and event.outcome != _BUSY:
                running.span.set_status(Status(StatusCode.ERROR))
        if event.outcome in _GOOD_ENDS:
            self._measures.last_success.set(time.time(), labels)
        if not failed:
            self._gauge(event, labels)

    def _gauge(self, event: events.JobFinished, labels: Attributes) -> None:
        if "quarantined_orders" in event.counts:
            self._measures.quarantine.set(event.counts["quarantined_orders"], labels)
        if "unknown" in event.counts:
            since = event.unknown_since
            self._measures.unknown.set(event.counts["unknown"], labels)
            self._measures.unknown_since.set(since.timestamp() if since else 0, labels)

    def _count_order(self, event: events.OrderHandled) -> None:
        self._measures.orders.add(1, {"cdiscount.account": event.account, "cdiscount.order.result": event.result})

    def _count_task(self, event: events.TaskMoved) -> None:
        labels = {"cdiscount.account": event.account, "cdiscount.job": event.job, "cdiscount.task.state": event.after}
        self._measures.tasks.add(1, labels)

    def _count_offer(self, event: events.OfferMoved) -> None:
        self._measures.offers.add(1, {"cdiscount.account": event.account, "cdiscount.offer.state": event.after})

    def _count_package(self, event: events.OfferPackageMoved) -> None:
        labels = {"cdiscount.account": event.account, "cdiscount.package.state": event.after}
        self._measures.packages.add(1, labels)

    # --- calls ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _make_call(self, event: events.CallStarted) -> Generator[None]:
        mark = _call.set(_Call(event.operation))
        try:
            with self._span(event.operation, SpanKind.INTERNAL, {"cdiscount.operation": event.operation}):
                yield
        finally:
            _call.reset(mark)

    def _finish_attempt(self, event: events.CallFinished) -> None:
        # What the last attempt says stays.
        attributes: Attributes = {"cdiscount.call.attempts": event.attempt, "cdiscount.call.outcome": event.outcome}
        trace.get_current_span().set_attributes(attributes)

    def _count_retry(self, event: events.CallRetried) -> None:
        labels = {"cdiscount.operation": event.operation, "error.type": event.reason}
        self._measures.retries.add(1, labels)
        trace.get_current_span().add_event("retry", {"cdiscount.retry.wait": event.wait, "error.type": event.reason})

    # --- requests -------------------------------------------------------------------------------------------------

    @contextmanager
    def _send_request(self, event: events.RequestStarted) -> Generator[None]:
        attributes: Attributes = {"http.request.method": event.method, "server.address": event.server_address}
        if event.server_port is not None:
            attributes["server.port"] = event.server_port
        call = _call.get()
        if call is not None:
            attributes["cdiscount.operation"] = call.operation
        resent: Attributes = {"http.request.resend_count": call.requests} if call and call.requests else {}
        if call is not None:
            call.requests += 1
        begun = time.perf_counter()
        with self._span(event.method, SpanKind.CLIENT, attributes | resent, _request) as running:
            try:
                yield
            finally:
                labels = attributes | running.attributes
                self._measures.request_duration.record(time.perf_counter() - begun, labels)

    def _finish_request(self, event: events.RequestFinished) -> None:
        running = _request.get()
        if running is None:
            return
        if event.http_status is not None:
            running.attributes["http.response.status_code"] = event.http_status
        error = event.error or (str(event.http_status) if (event.http_status or 0) >= 400 else None)
        if error is not None:
            running.attributes["error.type"] = error
            running.span.set_status(Status(StatusCode.ERROR))
        running.span.set_attributes(running.attributes)

    # --- the rest -------------------------------------------------------------------------------------------------

    def _count_drift(self, event: events.DriftSeen) -> None:
        self._measures.drift.add(event.count, {"cdiscount.operation": event.operation, "cdiscount.drift": event.kind})

    def _count_blocked_login(self, _: events.LoginBlocked) -> None:
        self._measures.logins_blocked.add(1)

    @contextmanager
    def _span(
        self, name: str, kind: SpanKind, attributes: Attributes, current: ContextVar[_Running | None] | None = None
    ) -> Generator[_Running]:
        """Make a span the current one; an error that passes leaves its class name, never its text."""
        # Both would copy an error's text, and the variables of its frames.
        with self._tracer.start_as_current_span(
            name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            running = _Running(span)
            mark = current.set(running) if current is not None else None
            try:
                yield running
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                if type(error).__name__ != _BUSY:
                    span.set_status(Status(StatusCode.ERROR))
                raise
            finally:
                if current is not None and mark is not None:
                    current.reset(mark)


def _outcome(outcome: str) -> str:
    if outcome in _GOOD_ENDS or outcome == "quota":
        return outcome
    return "busy" if outcome == _BUSY else "failed"
