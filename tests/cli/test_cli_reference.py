"""The reference page names every command."""

from __future__ import annotations

from collections.abc import Iterator

import cyclopts

from cdiscount_marketplace.cli.app import app
from support.pages import ROOT

PAGE = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")


def commands(parent: cyclopts.App, path: tuple[str, ...] = ()) -> Iterator[str]:
    for name in parent:
        if not name.startswith("-"):
            child = parent[name]
            inner = list(commands(child, (*path, name)))
            yield from inner or [" ".join((*path, name))]


def test_reference_names_every_command() -> None:
    assert [name for name in commands(app) if f"`{name}" not in PAGE] == []


def test_reference_names_no_command_that_is_not_there() -> None:
    rows = [line.split("`")[1].split(" ") for line in PAGE.splitlines() if line.startswith("| `")]
    known = {name for command in commands(app) for name in (command, command.split(" ", maxsplit=1)[0])}
    named = {row[0] for row in rows if row[0].isalpha()}
    assert named <= known


def helps(parent: cyclopts.App, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    for name in parent:
        if not name.startswith("-"):
            child = parent[name]
            words = (*path, name)
            text = child.help or (child.default_command.__doc__ if child.default_command else None) or ""
            yield " ".join(words), text.strip().partition("\n")[0]
            yield from helps(child, words)


def test_help_of_every_command_is_one_short_sentence() -> None:
    lines = dict(helps(app))
    assert len(lines) > len(list(app))
    assert {name: line for name, line in lines.items() if not (0 < len(line) < 60 and line.endswith("."))} == {}
    assert [name for name, line in lines.items() if not line[0].isupper() or line.split()[0] in ("The", "How")] == []
