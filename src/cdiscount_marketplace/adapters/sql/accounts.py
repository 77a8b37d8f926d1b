"""Accounts as rows and back, and what is known of the runs of their jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from attrs import asdict, evolve, fields
from sqlalchemy import delete, select, update

from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.schema import accounts, job_runs
from cdiscount_marketplace.oms.ports import (
    Account,
    CredentialSource,
    EnvironmentCredentials,
    FileCredentials,
    JobName,
    JobPeriod,
    JobRun,
    JobStatus,
    NamedCredentials,
    status_after,
)

_SOURCES: Mapping[str, type[CredentialSource]] = {
    "environment": EnvironmentCredentials,
    "file": FileCredentials,
    "name": NamedCredentials,
}
_KINDS = {source: kind for kind, source in _SOURCES.items()}
_PLAIN = ("name", "channel", "enabled", "seller_id", "service_url", "token_url", "start_from")
_STATUS = tuple(member.name for member in fields(JobStatus))


def all_of(session: Session) -> Sequence[Account]:
    """Return all accounts by name, in the order of Python's texts in either database."""
    found = [_account(row) for row in session.rows(select(accounts))]
    return sorted(found, key=lambda account: account.name)


def find(session: Session, name: str) -> Account | None:
    """Return an account."""
    row = session.row(select(accounts).where(accounts.c.name == name))
    return None if row is None else _account(row)


def save(session: Session, account: Account) -> None:
    """Add or replace an account, and let it rest no longer."""
    row = _row(account)
    if session.change(session.add_if_absent(accounts), row):
        return
    session.change(update(accounts).where(accounts.c.name == account.name).values(row))
    session.change(update(job_runs).where(job_runs.c.account == account.name).values(retry_at=None))


def remove(session: Session, name: str) -> bool:
    """Remove an account and its runs."""
    session.change(delete(job_runs).where(job_runs.c.account == name))
    return session.change(delete(accounts).where(accounts.c.name == name)) == 1


def record(session: Session, run: JobRun) -> None:
    """Note a run; two at once wait for each other."""
    if session.change(session.add_if_absent(job_runs), _status_row(status_after(None, run))):
        return
    place = (job_runs.c.account == run.account) & (job_runs.c.job == run.job)
    [row] = session.rows(select(job_runs).where(place).with_for_update())
    session.change(update(job_runs).where(place).values(_status_row(status_after(_status(row), run))))


def runs(session: Session, account: str) -> Sequence[JobStatus]:
    """Return what is known of each job that ever ran."""
    found = [_status(row) for row in session.rows(select(job_runs).where(job_runs.c.account == account))]
    return sorted(found, key=lambda status: status.job)


def _row(account: Account) -> dict[str, Any]:
    row = {name: getattr(account, name) for name in _PLAIN}
    row["credentials"] = {"in": _KINDS[type(account.credentials)], **asdict(account.credentials)}
    row["sales_channels"] = list(account.sales_channels)
    row["jobs"] = [[str(period.job), period.every.total_seconds()] for period in account.jobs]
    return row


def _account(row: Mapping[str, Any]) -> Account:
    return Account(
        **{name: row[name] for name in _PLAIN},
        credentials=_source(row["credentials"]),
        sales_channels=tuple(row["sales_channels"]),
        jobs=tuple(JobPeriod(job=JobName(job), every=timedelta(seconds=every)) for job, every in row["jobs"]),
    )


def _source(packed: Mapping[str, str]) -> CredentialSource:
    values = dict(packed)
    return _SOURCES[values.pop("in")](**values)


def _status_row(status: JobStatus) -> dict[str, Any]:
    return {**asdict(status), "job": str(status.job)}


def _status(row: Mapping[str, Any]) -> JobStatus:
    status = JobStatus(**{name: row[name] for name in _STATUS})
    return evolve(status, job=JobName(status.job))
