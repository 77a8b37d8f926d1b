"""The jobs as Celery tasks: what is registered, what a message holds, when one is sent."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from attrs import define, field
from celery import Celery
from celery.beat import Scheduler, Service
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.errors import ConfigurationError
from cdiscount_marketplace.fleet import Fleet, install
from cdiscount_marketplace.oms.ports import Account, JobName, JobPeriod, JobRun
from cdiscount_marketplace.telemetry import OpenTelemetryHook
from fleet.conftest import Vendor

MINUTE = timedelta(minutes=1)
TICK = timedelta(seconds=10)


@define
class Sent:
    """Tasks that were sent, in place of a broker."""

    app: Celery
    tasks: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(factory=list)

    def send(self, name: str, args: Any = None, **options: Any) -> None:
        """Note a task."""
        self.tasks.append((name, tuple(args), options))


@pytest.fixture
def app() -> Celery:
    """Give the company's app, with a beat entry of its own."""
    app = Celery("company", broker="memory://", set_as_current=False)
    app.conf.beat_schedule = {"company": {"task": "company.clean", "schedule": 60.0}}
    return app


def scheduled(app: Celery, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...], dict[str, Any]]]:
    """Run the schedule once, and return what it sent."""
    sent = Sent(app)
    for job in JobName.values():
        task = app.tasks[f"cdiscount.{job}"]
        monkeypatch.setattr(
            type(task), "apply_async", lambda self, args=None, **options: sent.send(self.name, args, **options)
        )
    app.tasks["cdiscount.schedule"].apply(throw=True)
    return sent.tasks


def test_each_job_is_a_task_that_may_be_late_lost_or_doubled(app: Celery, vendor: Vendor) -> None:
    install(app, vendor.fleet)
    for job in JobName.values():
        task: Any = app.tasks[f"cdiscount.{job}"]
        assert task.acks_late
        assert task.reject_on_worker_lost
        assert task.ignore_result
        assert task.max_retries == 0


def test_a_task_runs_the_job_of_the_account_it_names(app: Celery, vendor: Vendor) -> None:
    vendor.add("acme").place(state="WaitingForShipmentAcceptation")
    vendor.clock.advance(10 * MINUTE)
    install(app, vendor.fleet)
    app.tasks["cdiscount.import"].apply(("acme",), throw=True)
    app.tasks["cdiscount.import"].apply(("acme",), throw=True)
    [status] = vendor.registry.list_runs("acme")
    assert status.succeeded_at is not None
    # One channel for both.
    assert vendor.opened == ["acme:first"]


def test_what_becomes_due_is_sent_with_the_name_alone(
    app: Celery, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = timedelta(seconds=30)
    vendor.add("acme", jobs=(JobPeriod(job=JobName.IMPORT, every=every), JobPeriod(job=JobName.SHIP, every=every)))
    install(app, vendor.fleet, queues={JobName.SHIP: "shipping"}, tick=TICK)
    sent = []
    for _ in range(6):
        vendor.clock.advance(TICK)
        now = scheduled(app, monkeypatch)
        for name, _, _ in now:
            vendor.registry.record_run(_run("acme", vendor.clock.now(), JobName(name.removeprefix("cdiscount."))))
        sent += now
    names = [name for name, _, _ in sent]
    # Twice in a minute each; a tick that comes late may send one again.
    assert 2 <= names.count("cdiscount.import") <= 4
    assert 2 <= names.count("cdiscount.ship") <= 4
    for name, args, options in sent:
        assert args == ("acme",)
        own_queue = {"queue": "shipping"} if name == "cdiscount.ship" else {}
        assert options == {"expires": 30.0, **own_queue}


def test_what_was_lost_on_its_way_is_sent_again_in_the_same_period(
    app: Celery, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.add("acme", jobs=(JobPeriod(job=JobName.IMPORT, every=10 * MINUTE),))
    install(app, vendor.fleet, tick=TICK)

    def sent_in_a_period(*, arrives: bool) -> list[int]:
        moments = []
        for step in range(60):
            vendor.clock.advance(TICK)
            for _, [name], _ in scheduled(app, monkeypatch):
                moments.append(step)
                if arrives:
                    vendor.registry.record_run(_run(name, vendor.clock.now()))
        return [after for before, after in zip([-9, *moments], moments, strict=False) if after - before > 1]

    assert len(sent_in_a_period(arrives=False)) == 2
    sent_in_a_period(arrives=True)
    assert len(sent_in_a_period(arrives=True)) == 1


def _run(account: str, now: datetime, job: JobName = JobName.IMPORT) -> JobRun:
    return JobRun(account=account, job=job, started_at=now, ended_at=now)


def test_the_schedule_follows_the_registry(app: Celery, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    second = timedelta(seconds=1)
    jobs = (JobPeriod(job=JobName.IMPORT, every=second),)
    install(app, vendor.fleet, tick=TICK)
    assert scheduled(app, monkeypatch) == []
    vendor.add("acme", jobs=jobs)
    vendor.add("late", jobs=jobs)
    assert [args for _, args, _ in scheduled(app, monkeypatch)] == [("acme",), ("late",)]
    vendor.change("acme", enabled=False)
    now = vendor.clock.now()
    pause = JobRun(account="late", job=JobName.IMPORT, started_at=now, ended_at=now, retry_at=now + MINUTE)
    vendor.registry.record_run(pause)
    assert scheduled(app, monkeypatch) == []
    vendor.clock.advance(2 * MINUTE)
    assert [args for _, args, _ in scheduled(app, monkeypatch)] == [("late",)]


def test_beat_keeps_the_companys_own_entries(app: Celery, vendor: Vendor) -> None:
    install(app, vendor.fleet, prefix="sellers", queue="slow", tick=TICK)
    entries = app.conf.beat_schedule
    assert set(entries) == {"company", "sellers.schedule"}
    assert entries["sellers.schedule"] == {
        "task": "sellers.schedule",
        "schedule": 10.0,
        "options": {"queue": "slow", "expires": 10.0},
    }


class LaterConfig:
    """What a company configures after `install`."""

    beat_schedule: ClassVar[dict[str, Any]] = {"later": {"task": "company.later", "schedule": 60.0}}


@pytest.mark.parametrize(
    "configure",
    [
        lambda app: app.config_from_object(LaterConfig),
        lambda app: app.conf.update(beat_schedule=LaterConfig.beat_schedule),
        lambda app: setattr(app.conf, "beat_schedule", LaterConfig.beat_schedule),
    ],
    ids=["config_from_object", "update", "assigned"],
)
@pytest.mark.parametrize("order", ["before", "after"])
def test_beat_starts_the_jobs_whenever_the_app_is_configured(
    vendor: Vendor, configure: Callable[[Celery], None], order: str
) -> None:
    app = Celery("plain", broker="memory://", set_as_current=False)
    if order == "before":
        configure(app)
    install(app, vendor.fleet, prefix="kept", tick=TICK)
    if order == "after":
        configure(app)
    beat = Service(app, scheduler_cls=Scheduler)
    beat.stop()
    # It starts, and ends before its first tick.
    beat.start()
    entries = {name: (entry.task, entry.schedule.run_every) for name, entry in beat.scheduler.schedule.items()}
    assert entries["kept.schedule"] == ("kept.schedule", TICK)
    assert entries["later"] == ("company.later", MINUTE)


# Celery itself may warn of it, too.
@pytest.mark.filterwarnings("ignore:Task name")
def test_a_second_fleet_in_one_app_needs_its_own_prefix(app: Celery, vendor: Vendor) -> None:
    install(app, vendor.fleet)
    with pytest.raises(ConfigurationError, match=r"already has a task cdiscount\.import.*prefix="):
        install(app, vendor.fleet)
    install(app, vendor.fleet, prefix="second")
    assert "second.schedule" in app.tasks


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"queues": {"imprt": "bulk"}}, "'imprt' is no job: it must be one of import, accept"),
        ({"queues": {"import": ""}}, r"queues\['import'\] must be a name, not ''"),
        ({"queues": ["a"]}, "queues must be a dict"),
        ({"queue": 5}, "queue must be a name, not 5"),
        ({"queue": ""}, "queue must be a name, not ''"),
        ({"prefix": ""}, "prefix must be a name"),
        ({"make_fleet": None}, "make_fleet must be a function that returns a Fleet, not NoneType"),
        ({"tick": timedelta(0)}, "tick must be above 0"),
        ({"tick": 10}, "tick must be a timedelta"),
    ],
)
def test_options_that_cannot_work_are_refused_before_anything_is_registered(
    app: Celery, vendor: Vendor, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        install(app, **{"make_fleet": vendor.fleet, **options})
    assert "cdiscount.import" not in app.tasks
    assert set(app.conf.beat_schedule) == {"company"}


def test_a_message_carries_the_trace_and_the_task_goes_on_with_it(app: Celery, vendor: Vendor) -> None:
    seen: list[int] = []

    class Job:
        def run(self) -> None:
            seen.append(trace.get_current_span().get_span_context().trace_id)

        def stop(self) -> None: ...

    vendor.add("acme")
    install(app, lambda: vendor.fleet(make_job=lambda *_: Job()), prefix="traced")
    tracer = TracerProvider().get_tracer("test")
    with tracer.start_as_current_span("request") as span, app.connection_for_write() as connection:
        app.tasks["traced.import"].apply_async(("acme",), connection=connection)
        queue: Any = connection.SimpleQueue("celery")
        message = queue.get(timeout=5)
    assert set(message.headers) >= {"traceparent"}
    app.tasks["traced.import"].apply(("acme",), throw=True, headers={"traceparent": message.headers["traceparent"]})
    assert seen == [span.get_span_context().trace_id]


def test_one_trace_leads_from_beat_through_the_worker_and_the_job_to_the_request(app: Celery, vendor: Vendor) -> None:
    spans = InMemorySpanExporter()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    hook = OpenTelemetryHook(tracers)
    second = JobPeriod(job=JobName.IMPORT, every=timedelta(seconds=1))
    vendor.add("acme", jobs=(second,)).place(state="WaitingForShipmentAcceptation")

    @contextmanager
    def opened(account: Account, _variables: Mapping[str, str]) -> Iterator[SalesChannel]:
        with vendor.sellers[account.name].client(hooks=[hook]) as client:
            yield SoapChannel(client)

    options = {**vendor.options(), "open_channel": opened, "hooks": [hook]}
    install(app, lambda: Fleet(vendor.registry, vendor.oms, **options), prefix="whole", queue="whole")
    with app.connection_for_write() as connection:
        queue: Any = connection.SimpleQueue("whole")
        with tracers.get_tracer("beat").start_as_current_span("beat") as beat:
            app.tasks["whole.schedule"].apply_async(connection=connection, queue="whole")
        for name, arguments in (("whole.schedule", ()), ("whole.import", ("acme",))):
            message = queue.get(timeout=5)
            assert message.headers["task"] == name
            assert "first" not in f"{message.headers} {message.body}"
            app.tasks[name].apply(arguments, throw=True, headers={"traceparent": message.headers["traceparent"]})
    finished = spans.get_finished_spans()
    assert {span.context.trace_id for span in finished if span.context} == {beat.get_span_context().trace_id}
    assert "cdiscount import" in {span.name for span in finished}
    assert SpanKind.CLIENT in {span.kind for span in finished}


def test_a_forked_worker_makes_a_fleet_of_its_own(app: Celery, vendor: Vendor) -> None:
    made: list[int] = []

    def make() -> Any:
        made.append(os.getpid())
        return vendor.fleet()

    vendor.add("acme")
    install(app, make)
    task = app.tasks["cdiscount.import"]
    task.apply(("acme",), throw=True)
    child = os.fork()
    if child == 0:
        task.apply(("acme",), throw=True)
        os._exit(0 if made[-1] == os.getpid() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert made == [os.getpid()]


def test_who_runs_one_process_does_not_load_celery() -> None:
    script = "import sys; from cdiscount_marketplace.fleet import AccountRunner; sys.exit('celery' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize("module", ["fleet", "fleet.celery"])
def test_a_missing_extra_is_named(module: str) -> None:
    script = f"import sys; sys.modules['celery'] = None\nfrom cdiscount_marketplace.{module} import install"
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert "pip install 'cdiscount-marketplace[celery]'" in done.stderr
