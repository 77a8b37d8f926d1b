"""The command `doctor`: what is missing or wrong here, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from cdiscount_marketplace.cli.checks import Check, Patient, local_checks, network_checks
from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.marketplace import channel_of, variables_of
from cdiscount_marketplace.cli.options import Marketplace, Place, counted
from cdiscount_marketplace.cli.output import Output, table
from cdiscount_marketplace.cli.progress import waiting
from cdiscount_marketplace.cli.words import Vocabulary
from cdiscount_marketplace.errors import CdiscountError


def doctor(
    *,
    offline: Annotated[bool, Parameter(negative="", help="Leave out what needs the network.")] = False,
    at: Marketplace = Marketplace(),
    place: Place = Place(),
    out: Output = Output(),
) -> Exit:
    """Check this machine, the store and the login.

    Looks at Python, extras, the store, credentials, hosts, the clock and the login, and says what to do about each
    failure. Shows no secret, and changes nothing.
    """
    patient = _patient(at, place)
    with waiting("checking"):
        checks = list(local_checks(patient))
        if not offline:
            checks += network_checks(patient)
    failures = sum(check.state == "failed" for check in checks)
    out.show({"healthy": not failures, "checks": checks}, _table(checks), _summary(failures))
    return Exit.NEEDS_PERSON if failures else Exit.DONE


def _patient(at: Marketplace, place: Place) -> Patient:
    channel: str | None = None
    variables: Mapping[str, str] = {}
    with suppress(CdiscountError):
        # What is wrong with it is found again, and shown.
        channel = channel_of(at)
        variables = variables_of(at, channel)
    return Patient(at=at, place=place, channel=channel, variables=variables, vocabulary=_words())


def _words() -> Vocabulary:
    command = App()
    command.default(doctor)
    return Vocabulary.of(command)


def _summary(failures: int) -> str:
    return f"{counted(failures, 'problem')} to fix." if failures else "Nothing to fix."


_MARKS = {"ok": "ok", "failed": "FAILED", "skipped": "skipped"}


def _table(checks: list[Check]) -> Table:
    rows = ((_MARKS[each.state], each.name, each.found, each.advice) for each in checks)
    return table(counted(len(checks), "check"), ("", "What", "Found", "What to do"), rows)
