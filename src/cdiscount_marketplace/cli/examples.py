"""An example of every command, as its help shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from inspect import getdoc
from typing import Final

from cyclopts import App

EXAMPLES: Final[dict[str, str]] = {
    "token check": "token check",
    "orders list": "orders list --status waiting_shipment --created-from 2026-11-01",
    "orders show": "orders show 2611281200ABCDE",
    "carriers": "carriers",
    "pull": "pull --start-from 2026-11-01",
    "accept": "accept 2611281200ABCDE",
    "refuse": "refuse 2611281200ABCDE --dry-run",
    "ship": "ship 2611281200ABCDE --carrier Colissimo --tracking-number 6A12345678901",
    "push": "push",
    "outbox list": "outbox list --state rejected --state stuck",
    "outbox retry": "outbox retry 2611281200ABCDE",
    "outbox cancel": "outbox cancel 2611281200ABCDE",
    "outbox complete": "outbox complete 2611281200ABCDE",
    "refunds give": "refunds give 2611281200ABCDE --reason customer_returned",
    "refunds push": "refunds push",
    "refunds list": "refunds list --state rejected",
    "refunds retry": "refunds retry 2611281200ABCDE",
    "refunds cancel": "refunds cancel 2611281200ABCDE",
    "refunds confirm": "refunds confirm 2611281200ABCDE",
    "offers put": "offers put LAMP-1 --quantity 3 --price 24.90",
    "offers push": "offers push",
    "offers list": "offers list --state rejected",
    "offers status": "offers status",
    "offers export": "offers export",
    "packages submit": "packages submit offers.zip --upload company.files:put",
    "packages status": "packages status 23456",
    "products search": "products search 3700000000011",
    "discussions list": "discussions list --closed",
    "discussions close": "discussions close 4711 --dry-run",
    "messages list": "messages list --closed",
    "messages show": "messages show 4711",
    "messages answer": "messages answer 4711 'We send a new lamp tomorrow.' --close",
    "quarantine list": "quarantine list",
    "quarantine retry": "quarantine retry",
    "quarantine discard": "quarantine discard 2611281200ABCDE",
    "lease list": "lease list",
    "lease free": "lease free import --reason 'the machine is gone'",
    "checkpoint show": "checkpoint show",
    "checkpoint set": "checkpoint set 2026-11-01 --dry-run",
    "mapping list": "mapping list",
    "mapping set": "mapping set --retailer 'Acme SAS' --supplier 'Acme Logistics'",
    "migrate check": "migrate check --created-from 2026-11-01",
    "accounts add": "accounts add acme --channel soap --environment-prefix ACME_ --start-from 2026-11-01",
    "accounts list": "accounts list",
    "accounts show": "accounts show acme",
    "accounts enable": "accounts enable acme",
    "accounts disable": "accounts disable acme",
    "accounts remove": "accounts remove acme --dry-run",
    "accounts check": "accounts check acme",
    "run": "run --workers 8 --health-file /run/cdiscount/health.json",
    "purge": "purge --older-than 400d --dry-run",
    "store upgrade": "store upgrade",
    "status": "status",
    "doctor": "doctor",
    "web": "web --port 8078",
    "sandbox": "sandbox --orders 100",
    "demo": "demo --web",
}
_LINE_END: Final = re.compile(r"(?<!\n)\n(?!\n)")
_WIDTH: Final = 76
_FIRST: Final = ("demo", "doctor", "orders list")


def show_example(app: App, arguments: Sequence[str]) -> None:
    """Let the help of the command in `arguments` end with its example; that of a group, with one of each command."""
    chain, apps, _rest = app.parse_commands([word for word in arguments if not word.startswith("-")])
    path, command = " ".join(chain), apps[-1]
    if path in EXAMPLES:
        # Help is plain text, in which a docstring's own line ends would show.
        command.help = _LINE_END.sub(" ", getdoc(command.default_command) or "")
    lines = [EXAMPLES[path]] if path in EXAMPLES else _of_group(path)
    if lines:
        title = "Example" if len(lines) == 1 else "Examples"
        shown = "".join(f"\n  {_folded(f'{app.name[0]} {line}')}" for line in lines)
        command.help_epilogue = f"{title}:{shown}"


def _of_group(path: str) -> list[str]:
    if not path:
        return [EXAMPLES[name] for name in _FIRST]
    return [line for name, line in EXAMPLES.items() if name.startswith(f"{path} ")]


def _folded(line: str) -> str:
    """Break a line that a terminal would break so that it can be pasted all the same."""
    if len(line) <= _WIDTH:
        return line
    first, *options = line.split(" --")
    lines = [first]
    for option in options:
        longer = f"{lines[-1]} --{option}"
        lines[-1:] = [longer] if len(longer) <= _WIDTH else [f"{lines[-1]} \\", f"      --{option}"]
    return "\n".join(lines)
