"""The help of every command ends with an example that the command takes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import cyclopts
import pytest

from cdiscount_marketplace.cli.app import app
from cdiscount_marketplace.cli.examples import EXAMPLES
from cdiscount_marketplace.cli.usage import paths
from support.shell import Shell

PROGRAM = "cdiscount-marketplace"


def leaves() -> Iterator[str]:
    known = list(paths(app))
    return (path for path in known if not any(other.startswith(f"{path} ") for other in known))


def test_every_command_has_an_example_and_every_example_a_command() -> None:
    assert set(EXAMPLES) == set(leaves())


@pytest.mark.parametrize("path", EXAMPLES)
def test_an_example_is_one_of_its_command_and_parses(path: str) -> None:
    words = shlex.split(EXAMPLES[path])
    assert words[: len(path.split())] == path.split()
    command, bound, _ignored = app.parse_args(words, print_error=False, exit_on_error=False)
    assert command is resolved(path).default_command
    assert bound is not None


def resolved(path: str) -> cyclopts.App:
    command = app
    for name in path.split():
        command = command[name]
    return command


@pytest.mark.parametrize("path", ["", *paths(app)])
def test_help_ends_with_examples_that_can_be_pasted(shell: Shell, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = shell(f"{path} --help")
    assert shown.code == 0
    _help, title, examples = shown.out.replace(" \\\n", " ").rpartition("\nExample")
    assert title
    lines = [" ".join(line.split()) for line in examples.splitlines()[1:] if line.strip()]
    wanted = [f"{PROGRAM} {line}" for name, line in EXAMPLES.items() if f"{name} ".startswith(f"{path} ".lstrip())]
    assert lines
    assert set(lines) <= set(wanted)


@pytest.mark.parametrize("path", list(leaves()))
def test_every_option_says_what_it_is_for(path: str) -> None:
    arguments = [each for each in resolved(path).assemble_argument_collection() if not each.name.startswith("*")]
    assert [each.name for each in arguments if not each.parameter.help] == []


def test_paragraphs_of_help_are_not_broken_where_the_source_is(shell: Shell) -> None:
    shown = shell("outbox retry --help").out
    assert "may have been applied already: look at the order" in " ".join(shown.split())
    assert "already:\nlook" not in shown


@pytest.mark.parametrize(("asked", "same"), [("help", "--help"), ("help orders list", "orders list --help")])
def test_help_is_also_a_word(shell: Shell, asked: str, same: str) -> None:
    assert shell(asked) == shell(same)


def test_a_group_without_a_command_shows_its_examples(shell: Shell) -> None:
    assert f"  {PROGRAM} orders list" in shell("orders").out
