"""Calls and jobs as traces and metrics: one trace from the job to the request, named as the conventions name it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from attrs import frozen
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.channels import OctopiaChannel, SoapChannel
from cdiscount_marketplace.errors import CdiscountError, LeaseBusy
from cdiscount_marketplace.events import CallStarted, Event, OfferMoved, OfferPackageMoved, during
from cdiscount_marketplace.models import Shipment
from cdiscount_marketplace.oms import OrderImporter, ShipmentPusher, run_accounts
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import Effect, HttpStatus
from cdiscount_marketplace.sandbox.tokens import Account
from cdiscount_marketplace.telemetry import OpenTelemetryHook
from support.redaction import EFFECTS, PASSWORD, Ear, Purse, found, listening, secrets_of
from support.till import LOGIN

WAITING = "WaitingForShipmentAcceptation"


class Watch:
    """OpenTelemetry that keeps in memory what it is told."""

    def __init__(self) -> None:
        self._spans, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.hook = OpenTelemetryHook(self.tracers, MeterProvider([self._reader]))

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._spans.get_finished_spans()

    def named(self, name: str) -> ReadableSpan:
        return next(span for span in self.spans if span.name == name)

    def children(self, parent: ReadableSpan) -> list[ReadableSpan]:
        return [span for span in self.spans if span.parent and span.parent.span_id == parent.context.span_id]

    def metrics(self) -> dict[str, list[Any]]:
        data = self._reader.get_metrics_data()
        scopes = [scope for resource in data.resource_metrics for scope in resource.scope_metrics] if data else []
        return {metric.name: list(metric.data.data_points) for scope in scopes for metric in scope.metrics}

    def value(self, name: str, **labels: str) -> float:
        points = self.metrics().get(name, [])
        wanted = {key.replace("_", "."): value for key, value in labels.items()}
        return sum(point.value for point in points if wanted.items() <= dict(point.attributes).items())

    def everything(self) -> list[str]:
        return [*(span.to_json() for span in self.spans), repr(self.metrics())]


@frozen
class Shop:
    sandbox: Sandbox
    oms: MemoryOms
    watch: Watch

    def importer(self, channel: Any, account: str = "shop") -> OrderImporter:
        start = self.sandbox.clock.now() - timedelta(days=1)
        hooks = [self.watch.hook]
        return OrderImporter(
            channel, self.oms, account=account, start_from=start, clock=self.sandbox.clock, hooks=hooks
        )

    def pusher(self, channel: Any, account: str = "shop") -> ShipmentPusher:
        return ShipmentPusher(channel, self.oms, account=account, clock=self.sandbox.clock, hooks=[self.watch.hook])

    def channel(self, kind: str, **options: Any) -> Any:
        if kind == "soap":
            return SoapChannel(self.sandbox.client(hooks=[self.watch.hook], **options))
        return OctopiaChannel(self.sandbox.octopia_client(hooks=[self.watch.hook], **options))


@pytest.fixture
def shop() -> Shop:
    sandbox = Sandbox(seed=3)
    sandbox.place(state=WAITING)
    return Shop(sandbox, MemoryOms(clock=sandbox.clock), Watch())


@pytest.fixture
def ear() -> Iterator[Ear]:
    with listening() as heard:
        yield heard


@pytest.mark.parametrize("kind", ["soap", "octopia"])
def test_job_its_calls_and_their_requests_are_one_trace(shop: Shop, kind: str) -> None:
    shop.importer(shop.channel(kind)).run()
    job = shop.watch.named("cdiscount import")
    assert {span.context.trace_id for span in shop.watch.spans} == {job.context.trace_id}
    calls = shop.watch.children(job)
    assert {span.kind for span in calls} == {SpanKind.INTERNAL}
    requests = [span for call in calls for span in shop.watch.children(call) if span.kind == SpanKind.CLIENT]
    assert len(requests) >= len(calls) > 0


def test_request_has_the_attributes_of_the_conventions(shop: Shop) -> None:
    shop.sandbox.client(hooks=[shop.watch.hook]).sellers.information()
    request = shop.watch.children(shop.watch.named("GetSellerInformation"))[-1]
    assert request.name == "POST"
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST",
        "server.address": "sandbox.invalid",
        "server.port": 443,
        "http.response.status_code": 200,
        "cdiscount.operation": "GetSellerInformation",
    }


def test_each_repetition_is_a_request_of_the_same_call(shop: Shop) -> None:
    shop.sandbox.inject(Fault(HttpStatus(503), on="GetSellerInformation"))
    shop.sandbox.client(hooks=[shop.watch.hook]).sellers.information()
    call = shop.watch.named("GetSellerInformation")
    first, second = [span for span in shop.watch.children(call) if span.kind == SpanKind.CLIENT]
    assert (first.attributes or {})["error.type"] == "503"
    assert first.status.status_code == StatusCode.ERROR
    assert (second.attributes or {})["http.request.resend_count"] == 1
    assert (call.attributes or {})["cdiscount.call.attempts"] == 2
    assert call.status.status_code == StatusCode.UNSET
    assert shop.watch.value("cdiscount.call.retries") == 1


def test_failed_call_shows_the_class_of_its_error_and_no_text(shop: Shop) -> None:
    shop.sandbox.inject(Fault(HttpStatus(404), on="GetSellerInformation", times=9))
    with pytest.raises(CdiscountError) as caught:
        shop.sandbox.client(hooks=[shop.watch.hook]).sellers.information()
    call = shop.watch.named("GetSellerInformation")
    assert (call.attributes or {})["error.type"] == type(caught.value).__name__
    assert (call.status.status_code, call.status.description, call.events) == (StatusCode.ERROR, None, ())


def test_offers_and_their_packages_are_counted_by_the_state_they_came_into(shop: Shop) -> None:
    watch = shop.watch
    for sku, after in (("A", "rejected"), ("B", "rejected"), ("C", "in_step")):
        watch.hook(OfferMoved(account="my-shop", sku=sku, before="sent", after=after, attempt=1, message="4711"))
    package: Any = {"account": "my-shop", "package": "p1", "reference": "4711", "kind": "offers", "offers": 3}
    watch.hook(OfferPackageMoved(**package, before=None, after="submitted"))
    watch.hook(OfferPackageMoved(**package, before="submitted", after="settled"))
    assert watch.value("cdiscount.offers", cdiscount_offer_state="rejected") == 2
    assert watch.value("cdiscount.offers", cdiscount_account="my-shop") == 3
    assert watch.value("cdiscount.offers.packages", cdiscount_package_state="submitted") == 1
    assert "4711" not in "".join(watch.everything())


def test_metrics_count_what_jobs_did(shop: Shop) -> None:
    channel = shop.channel("soap")
    shop.importer(channel).run()
    (order,) = shop.sandbox.orders()
    pusher = shop.pusher(channel)
    pusher.enqueue(Shipment(key=order.number, carrier="UPS", tracking_number="1Z"))
    pusher.run()
    watch = shop.watch
    assert watch.value("cdiscount.orders", cdiscount_order_result="imported") == 1
    assert watch.value("cdiscount.tasks", cdiscount_task_state="confirmed", cdiscount_job="ship") == 1
    assert watch.value("cdiscount.tasks.unknown_since") == 0
    names = watch.metrics()
    assert {"http.client.request.duration", "cdiscount.job.duration", "cdiscount.job.last_success"} <= names.keys()
    assert {point.attributes["cdiscount.job"] for point in names["cdiscount.job.duration"]} == {"import", "ship"}


def test_busy_lease_is_no_failure_and_no_success(shop: Shop) -> None:
    channel = shop.channel("soap")
    shop.oms.acquire("shop", "import", "another", timedelta(minutes=5))
    with pytest.raises(LeaseBusy):
        shop.importer(channel).run()
    job = shop.watch.named("cdiscount import")
    assert job.status.status_code == StatusCode.UNSET
    assert (job.attributes or {})["cdiscount.job.outcome"] == "busy"
    assert "cdiscount.job.last_success" not in shop.watch.metrics()


def test_trace_of_the_caller_crosses_the_threads_of_run_accounts(shop: Shop) -> None:
    jobs = [shop.importer(shop.channel("soap"), account) for account in ("a", "b")]
    with shop.watch.tracers.get_tracer("test").start_as_current_span("poll") as poll:
        run_accounts(jobs, workers=2)
    runs = [span for span in shop.watch.spans if span.name == "cdiscount import"]
    assert [span.parent and span.parent.span_id for span in runs] == [poll.get_span_context().span_id] * 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["soap", "octopia"])
@pytest.mark.parametrize("effect", EFFECTS, ids=repr)
def test_nothing_personal_and_no_secret_in_any_attribute(effect: Effect | None, kind: str, ear: Ear) -> None:
    sandbox = Sandbox(accounts=[Account(login=LOGIN, password=PASSWORD)])
    keys = {sandbox.place(state=WAITING).number for _ in range(2)}
    if effect is not None:
        sandbox.inject(Fault(effect, times=2))
    watch, purse = Watch(), Purse()
    shop = Shop(sandbox, MemoryOms(clock=sandbox.clock), watch)
    channel = shop.channel(kind, token_cache=purse)
    pusher = shop.pusher(channel)
    pusher.enqueue(Shipment(key=min(keys), carrier="UPS", tracking_number="1Z-sentinel"))
    for job in (shop.importer(channel), pusher):
        run_accounts([job])
    assert watch.spans
    secrets = {PASSWORD, LOGIN, *keys, "1Z-sentinel"} | (secrets_of(sandbox, purse) if purse.tokens else set())
    assert found(secrets, watch.everything()) == set()
    assert not [line for line in ear.heard if "hook failed" in line]


# --- hooks in general


def test_hook_that_raises_anywhere_breaks_no_call(shop: Shop) -> None:
    @contextmanager
    def bad_end() -> Iterator[None]:
        yield
        raise RuntimeError

    @contextmanager
    def bad_begin() -> Iterator[None]:
        raise RuntimeError
        yield

    @contextmanager
    def swallowing() -> Iterator[None]:
        with suppress(CdiscountError):
            yield

    begun: list[Event] = []
    hooks: list[Any] = [lambda _: bad_end(), lambda _: bad_begin(), lambda _: swallowing(), begun.append]
    client = shop.sandbox.client(hooks=hooks)
    assert client.sellers.information()
    shop.sandbox.inject(Fault(HttpStatus(404), on="GetSellerInformation", times=9))
    with pytest.raises(CdiscountError):
        client.sellers.information()
    assert CallStarted(operation="GetSellerInformation") in begun


def test_durations_end_in_reverse_order_and_see_the_error() -> None:
    heard: list[str] = []

    def hook(name: str) -> Any:
        @contextmanager
        def lasting(_: Event) -> Iterator[None]:
            heard.append(f"{name} begins")
            try:
                yield
            except ValueError:
                heard.append(f"{name} sees it")
                raise

        return lasting

    with pytest.raises(ValueError, match="it"), during((hook("a"), hook("b")), CallStarted(operation="x")):
        raise ValueError("it")
    assert heard == ["a begins", "b begins", "b sees it", "a sees it"]


def test_nothing_of_opentelemetry_is_imported_until_it_is_used() -> None:
    code = (
        "import sys, cdiscount_marketplace.telemetry, cdiscount_marketplace.oms as oms, cdiscount_marketplace as c\n"
        "oms.OrderImporter, c.MarketplaceClient, c.OctopiaClient\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "statement",
    [
        "from cdiscount_marketplace.telemetry import OpenTelemetryHook",
        "import cdiscount_marketplace.telemetry.hook",
        "import cdiscount_marketplace.telemetry.instruments",
        "import cdiscount_marketplace.telemetry.propagation",
    ],
)
def test_missing_extra_is_named_with_the_command_that_installs_it(statement: str) -> None:
    code = f"import sys; sys.modules['opentelemetry'] = None\n{statement}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pip install 'cdiscount-marketplace[otel]'" in done.stderr
