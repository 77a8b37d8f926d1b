"""The tree of commands."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import cyclopts

from cdiscount_marketplace.cli import checkpoint, mapping, migrate, orders, outbox, quarantine
from cdiscount_marketplace.cli.decide import accept, refuse
from cdiscount_marketplace.cli.demo import demo
from cdiscount_marketplace.cli.exits import Exit, exit_code
from cdiscount_marketplace.cli.local import sandbox
from cdiscount_marketplace.cli.output import tell
from cdiscount_marketplace.cli.pull import pull, retry
from cdiscount_marketplace.cli.purge import purge
from cdiscount_marketplace.cli.push import push, ship
from cdiscount_marketplace.cli.status import status
from cdiscount_marketplace.errors import CdiscountError

app: cyclopts.App = cyclopts.App(
    name="cdiscount-marketplace",
    help="Sell on Cdiscount from your own order management system.",
    version=lambda: version("cdiscount-marketplace"),
)

quarantine.app.command(retry)
for _group in (
    orders.token_app,
    orders.orders_app,
    outbox.app,
    quarantine.app,
    checkpoint.app,
    mapping.app,
    migrate.app,
):
    app.command(_group)
for _command in (orders.carriers, pull, accept, refuse, ship, push, purge, status, sandbox, demo):
    app.command(_command)

# The packages that need one of these say in their error which extra brings it.
_EXTRA_LIBRARIES = {"werkzeug", "waitress", "psycopg", "sqlalchemy"}


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; expected errors are told without a traceback."""
    try:
        return int(app(list(arguments), exit_on_error=False, result_action="return_int_as_exit_code_else_zero"))
    except cyclopts.CycloptsError:
        return Exit.USAGE
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA_LIBRARIES:
            raise
        tell(str(error))
        return Exit.USAGE
    except CdiscountError as error:
        tell(f"{type(error).__name__}: {error}")
        return exit_code(error)
