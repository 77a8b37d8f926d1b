"""One run of a job, as hooks hear of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import attrs

from cdiscount_marketplace.events.hooks import Hook, during, emit
from cdiscount_marketplace.events.jobs import JobFinished, JobStarted
from cdiscount_marketplace.oms.reports import Ending


class _Report(attrs.AttrsInstance, Protocol):
    @property
    def ended_by(self) -> Ending: ...


ReportT = TypeVar("ReportT", bound=_Report)


def reported(hooks: tuple[Hook, ...], account: str, job: str, run: Callable[[], ReportT]) -> ReportT:
    """Run a job once between its `JobStarted` and its `JobFinished`, however it ends."""
    with during(hooks, JobStarted(account=account, job=job)):
        try:
            report = run()
        except BaseException as error:
            emit(hooks, JobFinished(account=account, job=job, outcome=type(error).__name__))
            raise
        if hooks:
            emit(hooks, _finished(account, job, report))
        return report


def _finished(account: str, job: str, report: _Report) -> JobFinished:
    values = {name: getattr(report, name) for name in attrs.fields_dict(type(report))}
    return JobFinished(
        account=account,
        job=job,
        outcome=str(report.ended_by),
        counts={name: value for name, value in values.items() if isinstance(value, int)}
        | {name: len(value) for name, value in values.items() if name == "quarantined_orders"},
        unknown_since=values.get("unknown_since"),
    )
