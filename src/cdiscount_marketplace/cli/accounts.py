"""Commands on the registry of accounts: `accounts add | list | show | enable | disable | remove | check`."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from shlex import quote
from typing import Annotated, Literal

from attrs import evolve
from cyclopts import App, Parameter
from rich.table import Table

from cdiscount_marketplace.adapters.sql import SqlAccountRegistry, SqlOms
from cdiscount_marketplace.cli.account_input import AccountCredentials, described, place_of
from cdiscount_marketplace.cli.exits import Exit, exit_code
from cdiscount_marketplace.cli.options import DEFAULT_STORE, AccountName, DryRun, StoreAddress, counted, in_utc, named
from cdiscount_marketplace.cli.output import Output, facts, table, tell
from cdiscount_marketplace.cli.progress import stepping
from cdiscount_marketplace.cli.resolving import ResolverOption, load_resolver
from cdiscount_marketplace.cli.store import make_store
from cdiscount_marketplace.cli.words import Vocabulary, error_line, nearest
from cdiscount_marketplace.errors import CdiscountError, ConfigurationError
from cdiscount_marketplace.fleet import CredentialResolver, find_credentials, open_channel
from cdiscount_marketplace.oms.ports import (
    Account,
    JobName,
    JobPeriod,
    JobStatus,
)
from cdiscount_marketplace.oms.ports.accounts import DEFAULT_JOBS

app: App = App(name="accounts", help="Keep the accounts that `run` and Celery work for.")


@app.command
def add(
    name: AccountName,
    /,
    *,
    channel: Annotated[Literal["soap", "octopia"], Parameter(help="Which of the two APIs to use.")],
    credentials: AccountCredentials = AccountCredentials(),
    seller_id: Annotated[str | None, Parameter(help="Octopia: seller id.")] = None,
    sales_channel: Annotated[
        tuple[str, ...], Parameter(negative="", help="Octopia: a marketplace, such as CDISFR; repeat it.")
    ] = (),
    service_url: Annotated[str | None, Parameter(help="Another address of the API.")] = None,
    token_url: Annotated[str | None, Parameter(help="Another token address.")] = None,
    start_from: Annotated[
        datetime | None, Parameter(help="Import orders created since; without an offset, UTC.")
    ] = None,
    every: Annotated[
        dict[str, timedelta] | None,
        Parameter(help="A job and its period, such as --every.import 5m; default: import and ship, every 5 minutes."),
    ] = None,
    disabled: Annotated[bool, Parameter(negative="", help="Let it rest until it is enabled.")] = False,
    replace: Annotated[bool, Parameter(negative="", help="Replace an account of this name.")] = False,
    dry_run: DryRun = False,
    store: StoreAddress = DEFAULT_STORE,
    out: Output = Output(),
) -> None:
    """Add an account, or change one with --replace."""
    account = described(
        name=name,
        channel=channel,
        credentials=credentials.source,
        enabled=not disabled,
        seller_id=seller_id,
        sales_channels=sales_channel,
        service_url=service_url,
        token_url=token_url,
        start_from=None if start_from is None else in_utc("--start-from", start_from),
        jobs=DEFAULT_JOBS if every is None else _periods(every),
    )
    make_store(store)
    with _registry(store) as registry:
        before = registry.find_account(name)
        if before is not None and not replace:
            raise ConfigurationError(f"there is an account {name!r} already", hint="change it with --replace")
        if not dry_run:
            registry.save_account(account)
    verb = "would be" if dry_run else "is"
    done = f"{name} {verb} {'added' if before is None else 'replaced'}. Log in with: accounts check {quote(name)}"
    out.show({"account": account, "before": before, "dry_run": dry_run}, done)
    _mention_start(account, store)


@app.command(name="list")
def list_accounts(*, store: StoreAddress = DEFAULT_STORE, out: Output = Output()) -> None:
    """List the accounts, and how their last runs ended."""
    with _registry(store) as registry:
        found = [(account, registry.list_runs(account.name)) for account in registry.list_accounts()]
    columns = ("Account", "Channel", "Enabled", "Jobs", "Last success", "Fails since", "Last error")
    rows = ((account.name, account.channel, account.enabled, _jobs(account), *_health(runs)) for account, runs in found)
    title = counted(len(found), "account")
    out.show([{"account": account, "runs": runs} for account, runs in found], table(title, columns, rows))


@app.command
def show(name: AccountName, /, *, store: StoreAddress = DEFAULT_STORE, out: Output = Output()) -> None:
    """Show an account and how its runs ended.

    With its Last Order Pulled date.
    """
    with _registry(store) as registry, SqlOms(store, create=False) as oms:
        account, runs, checkpoint = _existing(registry, name), registry.list_runs(name), oms.load_checkpoint(name)
    pulled = None if checkpoint is None else checkpoint.cursor
    out.show({"account": account, "last_order_pulled": pulled, "runs": runs}, _facts(account, pulled), _run_table(runs))


@app.command
def enable(
    *names: AccountName, dry_run: DryRun = False, store: StoreAddress = DEFAULT_STORE, out: Output = Output()
) -> None:
    """Let accounts work.

    One that rests after a refused login tries again at once.
    """
    _switch(names, store, out, enabled=True, dry_run=dry_run)


@app.command
def disable(
    *names: AccountName, dry_run: DryRun = False, store: StoreAddress = DEFAULT_STORE, out: Output = Output()
) -> None:
    """Let accounts rest.

    What runs now goes on to its end.
    """
    _switch(names, store, out, enabled=False, dry_run=dry_run)


@app.command
def remove(
    *names: AccountName, dry_run: DryRun = False, store: StoreAddress = DEFAULT_STORE, out: Output = Output()
) -> None:
    """Remove accounts from the registry.

    Their orders stay in the store.
    """
    named(names, "accounts")
    with _registry(store) as registry:
        accounts = [_existing(registry, name) for name in names]
        for account in () if dry_run else accounts:
            registry.remove_account(account.name)
    done = f"{_subject(names, dry_run=dry_run)} removed; the orders stay."
    out.show({"removed": accounts, "dry_run": dry_run}, done)


@app.command
def check(
    *names: AccountName, resolver: ResolverOption = None, store: StoreAddress = DEFAULT_STORE, out: Output = Output()
) -> Exit:
    """Log in to accounts, and say what is wrong.

    One harmless call each; without names, to all that are enabled.
    """
    with _registry(store) as registry:
        accounts = [_existing(registry, name) for name in names] or [
            account for account in registry.list_accounts() if account.enabled
        ]
    find = load_resolver(resolver)
    failures = [_failure(account, find) for account in stepping("checking", accounts, lambda account: account.name)]
    words = account_words()
    results = [
        {"account": account.name, "accepted": failure is None, "error": failure and error_line(failure, words)}
        for account, failure in zip(accounts, failures, strict=True)
    ]
    rows = [(each["account"], "yes" if each["accepted"] else "no", each["error"]) for each in results]
    out.show(results, table(counted(len(accounts), "account"), ("Account", "Login accepted", "What is wrong"), rows))
    return max((_code(failure) for failure in failures if failure is not None), default=Exit.DONE)


def account_words() -> Vocabulary:
    """Return the words in which an account is described: those of `accounts add`."""
    return Vocabulary.of(app["add"])


@contextmanager
def _registry(store: str) -> Generator[SqlAccountRegistry]:
    # A mistyped address must not become a new store.
    with SqlAccountRegistry(store, create=False) as registry:
        yield registry


def _existing(registry: SqlAccountRegistry, name: str) -> Account:
    account = registry.find_account(name)
    if account is None:
        others = [each.name for each in registry.list_accounts()]
        hint = nearest(name, others) or "accounts list shows them"
        raise ConfigurationError(f"there is no account {name!r}", hint=hint)
    return account


def _switch(names: Sequence[str], store: str, out: Output, *, enabled: bool, dry_run: bool) -> None:
    named(names, "accounts")
    with _registry(store) as registry:
        accounts = [evolve(_existing(registry, name), enabled=enabled) for name in names]
        for account in () if dry_run else accounts:
            registry.save_account(account)
    state = "enabled" if enabled else "disabled"
    done = f"{_subject(names, dry_run=dry_run)} {state}."
    out.show({state: [account.name for account in accounts], "dry_run": dry_run}, done)


def _subject(names: Sequence[str], *, dry_run: bool) -> str:
    """Name the accounts, with the verb that fits their number."""
    verb = "would be" if dry_run else "is" if len(names) == 1 else "are"
    return f"{', '.join(names)} {verb}"


def _mention_start(account: Account, store: str) -> None:
    """Warn of an account that cannot import yet: its first run needs a start."""
    if account.start_from is not None or JobName.IMPORT not in [period.job for period in account.jobs]:
        return
    with SqlOms(store, create=False) as oms:
        if oms.load_checkpoint(account.name) is None:
            tell(f"{account.name} cannot import yet: say with --start-from since when, and --replace the account.")


def _periods(every: dict[str, timedelta]) -> tuple[JobPeriod, ...]:
    return tuple(JobPeriod(job=JobName(job), every=period) for job, period in every.items())


def _failure(account: Account, resolver: CredentialResolver | None) -> Exception | None:
    try:
        variables = find_credentials(account, resolver=resolver)
        with open_channel(account, variables) as channel:
            channel.carriers()
    except Exception as error:  # noqa: BLE001 - a resolver is somebody else's code, and may fail in any way
        return error
    return None


def _code(error: Exception) -> Exit:
    return exit_code(error) if isinstance(error, CdiscountError) else Exit.NEEDS_PERSON


def _jobs(account: Account) -> str:
    return ", ".join(f"{period.job} every {period.every}" for period in account.jobs)


def _health(runs: Sequence[JobStatus]) -> tuple[object, object, object]:
    """Return the last success of any job, since when one fails, and why."""
    failing = [run for run in runs if run.failures]
    succeeded = max((run.succeeded_at for run in runs if run.succeeded_at is not None), default=None)
    last = max(failing, key=lambda run: run.ended_at, default=None)
    return succeeded, last and last.failed_at, last and f"{last.job}: {last.error}"


def _facts(account: Account, pulled: datetime | None) -> Table:
    pairs = [
        ("channel", account.channel),
        ("enabled", account.enabled),
        ("credentials", place_of(account.credentials)),
        ("seller id", account.seller_id),
        ("sales channels", account.sales_channels),
        ("service URL", account.service_url),
        ("token URL", account.token_url),
        ("start from", account.start_from),
        ("last order pulled", pulled or "never"),
        ("jobs", _jobs(account)),
    ]
    return facts(f"Account {account.name}", pairs)


def _run_table(runs: Sequence[JobStatus]) -> Table:
    columns = ("Job", "Last run", "Last success", "Last failure", "Failures since", "Rests until", "Last error")
    rows = (
        (run.job, run.ended_at, run.succeeded_at, run.failed_at, run.failures, run.retry_at, run.error) for run in runs
    )
    return table("Runs", columns, rows)
