"""The command `run`: the jobs of all accounts, in the foreground."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, cast

from attrs import frozen
from cyclopts import Parameter
from cyclopts.validators import Number

from cdiscount_marketplace.adapters.sql import SqlAccountRegistry
from cdiscount_marketplace.cli.accounts import account_words
from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.options import DEFAULT_STORE, Place, StoreAddress, counted, not_negative
from cdiscount_marketplace.cli.output import Output, table, tell
from cdiscount_marketplace.cli.resolving import ResolverOption, UploadOption, load_resolver, load_upload
from cdiscount_marketplace.cli.store import open_store
from cdiscount_marketplace.cli.words import error_line
from cdiscount_marketplace.fleet import AccountRunner, open_channel
from cdiscount_marketplace.fleet.runner import FleetJob
from cdiscount_marketplace.models import Decision, SalesOrder, Verdict
from cdiscount_marketplace.oms import JobResult, stop_on_signals

_BUSY = "busy: another worker runs it"


@frozen
class AcceptAll:
    """Accept every order."""

    def decide(self, account: str, order: SalesOrder) -> Decision:  # noqa: ARG002 (an `AcceptancePolicy`)
        """Answer ACCEPT."""
        return Decision(key=order.number, verdict=Verdict.ACCEPT)


def run(
    *,
    workers: Annotated[int, Parameter(help="How many accounts work at a time.", validator=Number(gte=1))] = 4,
    once: Annotated[bool, Parameter(negative="", help="Run what is due, and end.")] = False,
    accept_all: Annotated[bool, Parameter(negative="", help="The job `accept` accepts every order.")] = False,
    health_file: Annotated[
        Path | None,
        Parameter(env_var="CDISCOUNT_HEALTH_FILE", help="Write the state of all accounts here, as JSON."),
    ] = None,
    refresh: Annotated[
        timedelta, Parameter(help="How often to read the accounts again.", validator=not_negative)
    ] = timedelta(seconds=10),
    resolver: ResolverOption = None,
    upload: UploadOption = None,
    store: StoreAddress = DEFAULT_STORE,
    out: Output = Output(),
) -> Exit:
    """Run the jobs of all accounts when they are due.

    Until SIGTERM or Ctrl-C, which end them between two orders.
    """
    with open_store(Place(store=store)) as oms, SqlAccountRegistry(store, create=False) as registry:
        runner = AccountRunner(
            registry,
            oms,
            workers=workers,
            refresh=refresh,
            health_file=health_file,
            policy=AcceptAll() if accept_all else None,
            resolver=load_resolver(resolver),
            open_channel=partial(open_channel, upload=load_upload(upload)),
        )
        with stop_on_signals([runner]):
            if once:
                return _report(runner.run_once(), out)
            # One line per run, for the log of the process supervisor.
            logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
            tell(f"Working for {counted(len(registry.list_accounts()), 'account')} (press Ctrl-C to stop).")
            runner.run()
    return Exit.DONE


def _report(results: tuple[JobResult, ...], out: Output) -> Exit:
    values = [_ending(result) for result in results]
    rows = [(each["account"], each["job"], each["error"] or each["result"]) for each in values]
    out.show(values, table(counted(len(rows), "run"), ("Account", "Job", "Result"), rows))
    if any(result.error for result in results):
        return Exit.NEEDS_PERSON
    return Exit.BUSY if results and all(each["result"] == _BUSY for each in values) else Exit.DONE


def _ending(result: JobResult) -> dict[str, str | None]:
    error = None if result.error is None else error_line(result.error, account_words())
    # A job without a report did not run: the fleet answers so where another worker holds the lease.
    ending = "failed" if error else "done" if result.report is not None else _BUSY
    return {"account": result.account, "job": cast("FleetJob", result.job).name, "result": ending, "error": error}
