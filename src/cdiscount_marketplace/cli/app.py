"""The tree of commands."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

import cyclopts

from cdiscount_marketplace.cli import streams
from cdiscount_marketplace.cli.examples import show_example
from cdiscount_marketplace.cli.exits import Exit, exit_code
from cdiscount_marketplace.cli.output import cell, tell
from cdiscount_marketplace.cli.usage import usage_line
from cdiscount_marketplace.cli.words import Vocabulary, error_line
from cdiscount_marketplace.errors import CdiscountError, ConfigurationError, InvalidRequest, Problem


def _default(value: object) -> str | None:
    """Write an option's default in its help; that a flag is off, or a list empty, goes without saying."""
    return None if value is None or value is False or value in ("", ()) else cell(value)


app: cyclopts.App = cyclopts.App(
    name="cdiscount-marketplace",
    help="Sell on Cdiscount from your own order management system.",
    help_format="plaintext",
    default_parameter=cyclopts.Parameter(show_default=_default),
    version=lambda: version("cdiscount-marketplace"),
)

# Imported when they are called: most need the database and both clients, and take long to load.
_COMMANDS = {
    "token": "orders:token_app",
    "orders": "orders:orders_app",
    "outbox": "outbox:app",
    "refunds": "refunds:app",
    "messages": "messages:app",
    "offers": "offers:app",
    "packages": "packages:app",
    "discussions": "discussions:app",
    "products": "products:app",
    # Where its last command is: a pull of the quarantined orders only.
    "quarantine": "pull:quarantine_app",
    "lease": "lease:app",
    "checkpoint": "checkpoint:app",
    "mapping": "mapping:app",
    "migrate": "migrate:app",
    "accounts": "accounts:app",
    "carriers": "orders:carriers",
    "pull": "pull:pull",
    "accept": "decide:accept",
    "refuse": "decide:refuse",
    "ship": "push:ship",
    "push": "push:push",
    "run": "run:run",
    "purge": "purge:purge",
    "status": "status:status",
    "doctor": "doctor:doctor",
    "store": "upgrade:app",
    "web": "web:web",
    "sandbox": "local:sandbox",
    "demo": "demo:demo",
}
for _name, _home in _COMMANDS.items():
    app.command(f"{__package__}.{_home}", name=_name)

# With so many words, a command may show its help without being asked to.
_GROUP: Final = 1
_RESULT: Final = "return_int_as_exit_code_else_zero"
# The packages that need one of these say in their error which extra brings it.
_EXTRA_LIBRARIES = {"jinja2", "werkzeug", "waitress", "psycopg", "sqlalchemy", "alembic", "celery"}


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; expected errors are one line, without a traceback."""
    streams.accept_any_text()
    if arguments[:1] == ["help"]:
        arguments = [*arguments[1:], "--help"]
    try:
        return _run(arguments)
    except BrokenPipeError:
        streams.reader_left()
        return Exit.DONE
    except (cyclopts.CycloptsError, CdiscountError, ImportError, OSError) as error:
        explained = _explained(error, arguments)
        if explained is None:
            raise
        message, code = explained
        tell(" ".join(message.split()))
        return code


def _run(arguments: Sequence[str]) -> int:
    _ensure_text(arguments)
    if not _COMMANDS.keys() & set(arguments[:1]):
        _load_all()
    if {"--help", "-h"} & set(arguments) or len(arguments) <= _GROUP:
        show_example(app, arguments)
    code = int(app(list(arguments), exit_on_error=False, print_error=False, result_action=_RESULT))
    # What is still in the buffer may fail as well.
    streams.write(())
    return code


def _explained(error: Exception, arguments: Sequence[str]) -> tuple[str, Exit] | None:
    """Return the message of an expected error and its exit code; None for a defect."""
    if isinstance(error, CdiscountError):
        _chain, apps, _rest = app.parse_commands([word for word in arguments if not word.startswith("-")])
        return error_line(error, Vocabulary.of(apps[-1])), exit_code(error)
    if isinstance(error, ImportError):
        missing = _missing_extra(error)
        return None if missing is None else (f"{ConfigurationError.__name__}: {missing}", Exit.USAGE)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{type(error).__name__}: {where}{error.strerror or error}", Exit.NEEDS_PERSON
    said = usage_line(error) if isinstance(error, cyclopts.CycloptsError) else str(error)
    return f"{InvalidRequest.__name__}: {said}", Exit.USAGE


def _ensure_text(arguments: Sequence[str]) -> None:
    """Reject arguments and settings that are not UTF-8: no store and no service accepts them."""
    settings = (f"{name}={value}" for name, value in os.environ.items() if name.startswith(("CDISCOUNT_", "OCTOPIA_")))
    for text in (*arguments, *settings):
        try:
            text.encode()
        except UnicodeEncodeError:
            raise InvalidRequest([Problem(text.partition("=")[0], "contains bytes that are not UTF-8")]) from None


def _missing_extra(error: ImportError) -> str | None:
    """Return the message of an import that failed because an extra is missing."""
    links = [link for link in (error, error.__cause__) if isinstance(link, ModuleNotFoundError)]
    return next((str(link) for link in links if str(link.name).partition(".")[0] in _EXTRA_LIBRARIES), None)


def _load_all() -> None:
    """Import every command, for the help page that lists them all."""
    for name in _COMMANDS:
        _ = app[name]
