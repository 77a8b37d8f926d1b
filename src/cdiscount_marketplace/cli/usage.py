"""What to answer to arguments that no command takes: what is wrong, and the nearest right one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import cyclopts

from cdiscount_marketplace.cli.words import nearest

# By what the parser calls the type; the first that fits counts.
_KINDS: Final[dict[str, str]] = {
    "dict[str, timedelta]": "names no job; give one with its period, such as --every.import 5m",
    "timedelta": "is not a duration, such as 5m or 400d",
    "datetime": "is not a date, such as 2026-11-20",
    "Decimal": "is not an amount, such as 12.50",
    "int": "is not a whole number",
}
_MOST = 4
# What no command declares.
_ALWAYS: Final = ("--version", "--help")


def usage_line(error: cyclopts.CycloptsError) -> str:
    """Write an error of the parser on one line."""
    if isinstance(error, cyclopts.UnknownCommandError) and error.unused_tokens:
        return _unknown_command(error, error.unused_tokens[0])
    if isinstance(error, cyclopts.UnknownOptionError):
        return _unknown_option(error)
    if isinstance(error, cyclopts.UnusedCliTokensError):
        return f"too many arguments: {' '.join(error.unused_tokens or ())}"
    if isinstance(error, cyclopts.MissingArgumentError):
        return _missing(error)
    if isinstance(error, cyclopts.CoercionError):
        return _unreadable(error)
    if isinstance(error, cyclopts.ValidationError) and error.argument is not None:
        return f"{_named(error.argument)}: {error.exception_message}"
    return str(error)


def _unknown_command(error: cyclopts.CycloptsError, word: str) -> str:
    """Offer the nearest command; a command of a group that was typed without its group is near, too."""
    before = error.command_chain or ()
    typed = " ".join((*before, word))
    if word.startswith("-"):
        return f"no such option {word!r}: {_offered(word, _ALWAYS) or '--help lists the commands'}"
    known = [" ".join((*before, path)) for path in paths(error.app)] if error.app is not None else []
    homes = [path for path in known if path.endswith(f" {word}")][:_MOST]
    offered = f"did you mean {', '.join(map(repr, homes))}?" if homes else nearest(typed, known)
    return f"no such command {typed!r}: {offered or '--help lists the commands'}"


def _unknown_option(error: cyclopts.UnknownOptionError) -> str:
    word = (error.token.keyword or error.token.value).partition("=")[0]
    names = [name for argument in error.argument_collection for name in argument.names if name.startswith("-")]
    names += _ALWAYS
    command = f" of {' '.join(error.command_chain)}" if error.command_chain else ""
    return f"no such option {word!r}{command}: {_offered(word, names) or '--help lists the options'}"


def _offered(word: str, names: Sequence[str]) -> str | None:
    """Offer the option that begins with what was typed, the first that the command lists; else the nearest."""
    letters = word.lstrip("-")
    begun = next((name for name in names if letters and name.startswith(f"--{letters}")), None)
    return f"did you mean {begun!r}?" if begun else nearest(word, names)


def _missing(error: cyclopts.MissingArgumentError) -> str:
    command = " ".join(error.command_chain or ())
    if error.argument is None:
        return str(error)
    name = _named(error.argument)
    what = "needs a value" if name in (error.root_input_tokens or ()) else "is missing"
    return f"{command}: {name} {what}; {command} --help shows an example"


def _unreadable(error: cyclopts.CoercionError) -> str:
    text = str(error)
    kind = next((meaning for kind, meaning in _KINDS.items() if f"into {kind}" in text), None)
    if kind is None or error.argument is None or error.token is None:
        return text
    return f"{_named(error.argument, error.token.keyword)}: {error.token.value!r} {kind}"


def _named(argument: cyclopts.Argument, keyword: str | None = None) -> str:
    return keyword or (argument.name if argument.field_info.is_keyword_only else argument.name.lstrip("-").upper())


def paths(parent: cyclopts.App, before: tuple[str, ...] = ()) -> Iterator[str]:
    """Return the name of every command and group, such as "orders list"."""
    for name in parent:
        if not name.startswith("-"):
            path = (*before, name)
            yield " ".join(path)
            yield from paths(parent[name], path)
