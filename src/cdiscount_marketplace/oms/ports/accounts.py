"""The accounts that a fleet works for: where to log in, which jobs to run how often, and how the last runs ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias, runtime_checkable

from attrs import evolve, field, frozen

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.errors import ConfigurationError
from cdiscount_marketplace.oms.settings import ensure_account, ensure_moment

_LONGEST_NAME = 200


class JobName(OpenEnum):
    """A job, by the name that its lease has."""

    IMPORT = Member("import")
    ACCEPT = Member("accept")
    SHIP = Member("ship")
    REFUND = Member("refund")
    OFFERS = Member("offers")


@frozen(kw_only=True)
class EnvironmentCredentials:
    """The credentials are in environment variables: with the prefix `ACME_`, in `ACME_CDISCOUNT_USERNAME` and so on."""

    prefix: str = ""


@frozen(kw_only=True)
class FileCredentials:
    """The credentials are in a file with a line such as `CDISCOUNT_USERNAME=…` for each variable."""

    path: str


@frozen(kw_only=True)
class NamedCredentials:
    """The credentials are kept elsewhere under a name, which your resolver is given."""

    name: str


CredentialSource: TypeAlias = EnvironmentCredentials | FileCredentials | NamedCredentials


@frozen(kw_only=True)
class JobPeriod:
    """How often to run a job."""

    job: JobName
    every: timedelta

    def __attrs_post_init__(self) -> None:
        if not self.job.known:
            hint = f"jobs are {', '.join(JobName.values())}"
            raise ConfigurationError(f"there is no job {str(self.job)!r}", hint=hint)
        if self.every < timedelta(seconds=1):
            every = f"{self.every.total_seconds():g} s"
            raise ConfigurationError(f"the period of {self.job} is {every}; give 1 s or more")


DEFAULT_JOBS: tuple[JobPeriod, ...] = (
    JobPeriod(job=JobName.IMPORT, every=timedelta(minutes=5)),
    JobPeriod(job=JobName.SHIP, every=timedelta(minutes=5)),
)


@frozen(kw_only=True)
class Account:
    """A seller's account on a marketplace, as the OMS's settings page shows it; never with a secret in it.

    `channel` is `soap`, `octopia`, or the name of a channel of your own. `service_url` and `token_url` replace the
    API's own addresses. `start_from` is the first "Last Order Pulled" date, an aware datetime; it counts until the
    first import. Raises `ConfigurationError` for what cannot be meant.
    """

    name: str
    channel: str
    credentials: CredentialSource = field(factory=EnvironmentCredentials)
    enabled: bool = True
    seller_id: str | None = None
    sales_channels: tuple[str, ...] = ()
    service_url: str | None = None
    token_url: str | None = None
    start_from: datetime | None = None
    jobs: tuple[JobPeriod, ...] = DEFAULT_JOBS

    def __attrs_post_init__(self) -> None:
        ensure_account(self.name)
        if len(self.name) > _LONGEST_NAME or not self.name.isprintable():
            hint = f"use up to {_LONGEST_NAME} printable characters"
            raise ConfigurationError(f"{self.name[:_LONGEST_NAME]!r} is no name for an account", hint=hint)
        if not self.channel.strip():
            raise ConfigurationError("channel is empty", hint="it is soap or octopia")
        if self.start_from is not None:
            ensure_moment("start_from", self.start_from)
        if len({period.job for period in self.jobs}) < len(self.jobs):
            raise ConfigurationError(f"account {self.name} has a job twice", hint="give each job one period")


@runtime_checkable
class AccountRegistry(Protocol):
    """Say which accounts there are; a change shows at the next call."""

    def list_accounts(self) -> Sequence[Account]:
        """Return all accounts by name, those that are not enabled included."""
        ...

    def find_account(self, name: str) -> Account | None:
        """Return an account, or None if there is none of this name."""
        ...


@runtime_checkable
class AccountEditor(Protocol):
    """Change the accounts; optional, for the command line and a settings page."""

    def save_account(self, account: Account) -> None:
        """Add the account, or replace the one of its name; its jobs rest no longer (no run has a `retry_at`)."""
        ...

    def remove_account(self, name: str) -> bool:
        """Remove an account and what is known of its runs, and return whether it was there; its orders stay."""
        ...


@frozen(kw_only=True)
class JobRun:
    """How a run of a job ended. `error` is None after a success; `retry_at` says from when on to try again."""

    account: str
    job: JobName
    started_at: datetime
    ended_at: datetime
    error: str | None = None
    retry_at: datetime | None = None


@frozen(kw_only=True)
class JobStatus:
    """What is known of a job's runs: the last one, the last success, the last failure.

    `failures` counts the runs that failed since the last success. `error` belongs to `failed_at`, and stays when
    later runs succeed.
    """

    account: str
    job: JobName
    started_at: datetime
    ended_at: datetime
    succeeded_at: datetime | None = None
    failed_at: datetime | None = None
    error: str | None = None
    failures: int = 0
    retry_at: datetime | None = None


def status_after(before: JobStatus | None, run: JobRun) -> JobStatus:
    """Return what is known of a job after one more run."""
    status = before or JobStatus(account=run.account, job=run.job, started_at=run.started_at, ended_at=run.ended_at)
    status = evolve(status, started_at=run.started_at, ended_at=run.ended_at, retry_at=run.retry_at)
    if run.error is None:
        return evolve(status, succeeded_at=run.ended_at, failures=0)
    return evolve(status, failed_at=run.ended_at, error=run.error, failures=status.failures + 1)


@runtime_checkable
class JobRunStore(Protocol):
    """Keep how the last runs of each job ended."""

    def record_run(self, run: JobRun) -> None:
        """Note a run; `status_after` says what it changes."""
        ...

    def list_runs(self, account: str) -> Sequence[JobStatus]:
        """Return what is known of each job of the account that ever ran, by the job's name."""
        ...
