"""The jobs of a fleet as Celery tasks, and a beat entry that starts them when they are due (extra `celery`).

A message holds the account's name and nothing else. It may be lost, late or doubled: lease, checkpoint and outbox
decide what is done. So tasks are acknowledged late, given back when a worker dies, and never retried by Celery.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from threading import Lock
from types import MappingProxyType
from typing import Any, cast

from cdiscount_marketplace.calls.forks import renew_in_children
from cdiscount_marketplace.errors import ConfigurationError
from cdiscount_marketplace.fleet.jobs import Fleet
from cdiscount_marketplace.fleet.schedule import due_jobs, latest, missed_jobs
from cdiscount_marketplace.lazy import CELERY
from cdiscount_marketplace.oms.ports import Account, JobName, JobPeriod
from cdiscount_marketplace.oms.settings import ensure_durations

with CELERY.needed_by(__name__):
    from celery import Celery
    from celery.signals import beat_init, before_task_publish

# What every trace of a message is under, and where the standard says so.
_TRACE_HEADERS = ("traceparent", "tracestate", "baggage")


def install(
    app: Celery,
    make_fleet: Callable[[], Fleet],
    *,
    prefix: str = "cdiscount",
    queue: str | None = None,
    queues: Mapping[JobName, str] = MappingProxyType({}),
    tick: timedelta = timedelta(seconds=10),
) -> None:
    """Register a task for each job, and the beat entry that starts the jobs of the registry's accounts.

    The tasks are `cdiscount.import`, `.accept`, `.ship`, `.refund` and `.offers`, each called with an account's name,
    and `cdiscount.schedule`, which beat calls every `tick`; it reads the registry each time, so that changes need no
    restart. `make_fleet` is called once in each worker process, at its first task. All go to `queue` (None: the
    app's own default), and single jobs to what `queues` says instead; some worker must listen to each. The beat entry
    stays, whatever is configured later. A second fleet in one app needs its own `prefix`.

    Raises `ConfigurationError` for options that cannot work.
    """
    _ensure_options(make_fleet, prefix, queue, queues, tick)
    fleet = _PerProcess(make_fleet)
    for job in JobName.values():
        _register(app, f"{prefix}.{job}", _runner(fleet, job))
    routes = {f"{prefix}.{job}": queues.get(job, queue) for job in JobName.values()}

    def schedule(task: Any) -> int:
        """Start what became due since the last tick; return how many jobs that were."""
        due = _due(fleet.get(), tick)
        with _trace(task.request):
            for account, period in due:
                name = f"{prefix}.{period.job}"
                app.tasks[name].apply_async((account.name,), **_options(period.every, routes[name]))
        return len(due)

    _register(app, f"{prefix}.schedule", schedule)
    _add_to_beat(app, f"{prefix}.schedule", tick, queue)
    _carry_traces(f"{prefix}.")


def _ensure_options(make_fleet: object, prefix: object, queue: object, queues: object, tick: timedelta) -> None:
    ensure_durations(tick=tick)
    if not tick:
        raise ConfigurationError("tick must be above 0: a message expires after it")
    if not callable(make_fleet):
        message = f"make_fleet must be a function that returns a Fleet, not {type(make_fleet).__name__}"
        raise ConfigurationError(message)
    _ensure_name("prefix", prefix)
    if queue is not None:
        _ensure_name("queue", queue)
    if not isinstance(queues, Mapping):
        raise ConfigurationError(f"queues must be a dict such as {{'offers': 'bulk'}}, not {type(queues).__name__}")
    for job, name in cast("Mapping[object, object]", queues).items():
        if job not in JobName.values():
            raise ConfigurationError(f"queues: {job!r} is no job: it must be one of {', '.join(JobName.values())}")
        _ensure_name(f"queues[{str(job)!r}]", name)


def _ensure_name(option: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{option} must be a name, not {value!r}")


class _PerProcess:
    """Makes the fleet of a worker process, once: connections cannot be shared with the process that forked it."""

    def __init__(self, make: Callable[[], Fleet]) -> None:
        self._make = make
        self.reset_after_fork()
        renew_in_children(self)

    def reset_after_fork(self) -> None:
        self._lock = Lock()
        self._made: Fleet | None = None

    def get(self) -> Fleet:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


def _runner(fleet: _PerProcess, job: JobName) -> Callable[[Any, str], None]:
    def run(task: Any, account: str) -> None:
        with _trace(task.request):
            fleet.get().run(account, job)

    return run


def _due(fleet: Fleet, tick: timedelta) -> list[tuple[Account, JobPeriod]]:
    """Return what became due since the last tick, and what was lost on its way to a worker half a period ago.

    A tick that comes late finds a little more, and doubles cost nothing.
    """
    now = fleet.clock.now()
    since = now - tick * 1.5
    accounts = fleet.registry.list_accounts()
    fleet.keep_channels({account.name for account in accounts})
    return [(account, period) for account in accounts for period in _due_for(fleet, account, now, since)]


def _due_for(fleet: Fleet, account: Account, now: datetime, since: datetime) -> tuple[JobPeriod, ...]:
    due = due_jobs(account, now, since=since)
    # Most accounts have nothing at this moment, and their runs need no look.
    if fleet.runs is None or not (due or missed_jobs(account, now, since=since, runs=())):
        return due
    runs = fleet.runs.list_runs(account.name)
    until = latest(status.retry_at for status in runs)
    if until is not None and now < until:
        return ()
    return (*due, *(each for each in missed_jobs(account, now, since=since, runs=runs) if each not in due))


def _register(app: Celery, name: str, function: Callable[..., Any]) -> None:
    # Celery writes a function of this name as code, and `import` is a keyword.
    function.__name__ = f"run_{name.rpartition('.')[2]}"
    make: Any = app.task
    late = {"acks_late": True, "reject_on_worker_lost": True, "ignore_result": True, "max_retries": 0}
    task: object = make(bind=True, name=name, shared=False, lazy=False, **late)(function)
    # Celery keeps the first task of a name, and drops the second without a word.
    if getattr(type(task), "run", None) is not function:
        raise ConfigurationError(f"the app already has a task {name}", hint="pass another prefix=")


def _add_to_beat(app: Celery, name: str, tick: timedelta, queue: str | None) -> None:
    entry = {"task": name, "schedule": tick.total_seconds(), "options": _options(tick, queue)}
    app.conf.beat_schedule = {**(app.conf.beat_schedule or {}), name: entry}

    def keep(sender: Any, **_: Any) -> None:
        """Put the entry back that a later `config_from_object` or `conf.update` replaced."""
        if sender.app is app and name not in (app.conf.beat_schedule or {}):
            sender.scheduler.update_from_dict({name: entry})

    beat_init.connect(keep, weak=False)


def _options(expires: timedelta, queue: str | None) -> dict[str, Any]:
    """Send to a queue, if one is named, what is of no use after a while."""
    options = {"expires": expires.total_seconds()}
    return options if queue is None else {**options, "queue": queue}


def _carry_traces(prefix: str) -> None:
    """Put the sender's trace into each of our messages, if OpenTelemetry is installed."""

    def note(sender: str | None = None, headers: MutableMapping[str, Any] | None = None, **_: Any) -> None:
        if headers is not None and (sender or "").startswith(prefix):
            _write_trace(headers)

    before_task_publish.connect(note, weak=False, dispatch_uid=f"cdiscount_marketplace:{prefix}")


def _write_trace(headers: MutableMapping[str, Any]) -> None:
    try:
        from cdiscount_marketplace.telemetry.propagation import write_trace
    except ModuleNotFoundError:
        return
    write_trace(headers)


def _trace(request: Any) -> AbstractContextManager[None]:
    # A worker makes headers members of the request; a task that is called in place has them in a mapping.
    given: Mapping[str, Any] = {**vars(request), **(getattr(request, "headers", None) or {})}
    headers = {name: given[name] for name in _TRACE_HEADERS if isinstance(given.get(name), str)}
    if not headers:
        return nullcontext()
    try:
        from cdiscount_marketplace.telemetry.propagation import trace_of
    except ModuleNotFoundError:
        return nullcontext()
    return trace_of(headers)
