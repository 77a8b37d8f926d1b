"""The command line's words for what the library names in Python: --username or CDISCOUNT_USERNAME for `username`."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from difflib import get_close_matches
from typing import Any, Final

from attrs import Factory, frozen
from cyclopts import App

from cdiscount_marketplace.calls.credentials import OCTOPIA_VARIABLES, SOAP_VARIABLES
from cdiscount_marketplace.errors import CdiscountError, ConfigurationError, CredentialsMissing, InvalidRequest

_VARIABLES: Final[dict[str, str]] = {**SOAP_VARIABLES, **OCTOPIA_VARIABLES}
# A flag would show in the shell's history; this one reads standard input.
_SECRETS: Final[tuple[str, ...]] = ("password", "client_secret")
# What a command's parameter is called where the library has another name for it.
_PARAMETERS: Final[dict[str, str]] = {"key": "number", "body": "text", "refund_shipping": "shipping"}
_PYTHON_NAME: Final = re.compile(r"(?<![\w.'\"/-])([a-z]\w*)(=(?![\w='\"(\[{])|\b)")


@frozen
class Vocabulary:
    """The flags and environment variables of one command, by the names of the library's parameters."""

    flags: Mapping[str, str] = Factory(dict[str, str])
    variables: Mapping[str, str] = Factory(lambda: _VARIABLES)

    @classmethod
    def of(cls, command: App) -> Vocabulary:
        """Read the words of a command from its parameters."""
        flags: dict[str, str] = {}
        variables = dict(_VARIABLES)
        for argument in command.assemble_argument_collection():
            name = argument.field_info.name
            if argument.name.startswith("*"):
                continue
            flags[name] = argument.name if argument.field_info.is_keyword_only else name.upper()
            if argument.parameter.env_var:
                variables[name] = next(iter(argument.parameter.env_var))
        flags = {ours: flags[theirs] for ours, theirs in _PARAMETERS.items() if theirs in flags} | flags
        if "secret_stdin" in flags:
            flags.update(dict.fromkeys(_SECRETS, flags["secret_stdin"]))
        return cls(flags, variables)

    def word(self, name: str) -> str:
        """Return the shortest word for a parameter; its own name where the command does not know it."""
        return next(iter(self._words(name)), name)

    def choice(self, name: str) -> str:
        """Return every way to give a parameter, such as "--username or CDISCOUNT_USERNAME"."""
        return " or ".join(self._words(name)) or name

    def place(self, field: str) -> str:
        """Return the words for where a problem is: the last part of `field` is a parameter's name."""
        before, dot, name = field.rpartition(".")
        word = self.word(name)
        return field if word == name else f"{before}: {word}" if dot else word

    def text(self, text: str, *, subject: bool = False) -> str:
        """Put the words in place of Python's: `name=`, names with an underscore, and the `subject` at the beginning."""

        def word(match: re.Match[str]) -> str:
            name, sign = match.groups()
            plain = not sign and "_" not in name and not (subject and match.start() == 0)
            return match[0] if plain or self.word(name) == name else self.word(name)

        return _PYTHON_NAME.sub(word, text)

    def reworded(self, error: CdiscountError) -> CdiscountError:
        """Return a copy of the error in these words; only what the caller gave has other names in the library."""
        said = copy(error)
        if isinstance(error, InvalidRequest):
            # A method of the library, of which the caller typed nothing.
            said.operation = None
            said.message = "; ".join(f"{self.place(each.field)}: {self.text(each.message)}" for each in error.problems)
        elif isinstance(error, ConfigurationError):
            said.message = self.text(error.message, subject=True)
            said.hint = error.hint and self.text(error.hint)
        if isinstance(error, CredentialsMissing) and error.options:
            ways = (", and ".join(map(self.choice, together)) for together in error.options)
            said.hint = f"give {'; or '.join(ways)}"
        return said

    def _words(self, name: str) -> Sequence[str]:
        words = [self.flags.get(name), self.variables.get(name)]
        return [word for word in (reversed(words) if name in _SECRETS else words) if word]


def error_line(error: Exception, vocabulary: Vocabulary | None = None) -> str:
    """Write an error on one line, with its kind, in the words of a command."""
    said = (vocabulary or Vocabulary()).reworded(error) if isinstance(error, CdiscountError) else error
    return f"{type(error).__name__}: {said}"


@contextmanager
def renamed(names: Mapping[str, str]) -> Generator[None]:
    """Let errors name the command's parameter where the library's has another name, such as `base_url`."""
    try:
        yield
    except ConfigurationError as error:
        error.message = Vocabulary(names, {}).text(error.message, subject=True)
        if error.hint is not None:
            error.hint = Vocabulary(names, {}).text(error.hint)
        raise


def nearest(word: str, choices: Iterable[Any]) -> str | None:
    """Return a question that offers the choice that a mistyped word comes nearest to."""
    by_folded = {str(each).casefold(): str(each) for each in choices}
    close = get_close_matches(word.casefold(), by_folded, n=1)
    return f"did you mean {by_folded[close[0]]!r}?" if close else None
