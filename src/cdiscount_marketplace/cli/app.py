"""The tree of commands."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import cyclopts

from cdiscount_marketplace.cli import checkpoint, mapping, outbox, quarantine
from cdiscount_marketplace.cli.exits import Exit, exit_code
from cdiscount_marketplace.cli.output import tell
from cdiscount_marketplace.cli.purge import purge
from cdiscount_marketplace.cli.status import status
from cdiscount_marketplace.errors import CdiscountError

app: cyclopts.App = cyclopts.App(
    name="cdiscount-marketplace",
    help="Sell on Cdiscount from your own order management system.",
    version=lambda: version("cdiscount-marketplace"),
)

for command in (outbox.app, quarantine.app, checkpoint.app, mapping.app, purge, status):
    app.command(command)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; expected errors are told without a traceback."""
    try:
        return int(app(list(arguments), exit_on_error=False, result_action="return_int_as_exit_code_else_zero"))
    except cyclopts.CycloptsError:
        return Exit.USAGE
    except CdiscountError as error:
        tell(f"{type(error).__name__}: {error}")
        return exit_code(error)
