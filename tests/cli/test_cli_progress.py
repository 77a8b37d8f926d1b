"""Long work shows how far it is, on a terminal only."""

from __future__ import annotations

import io
import sys

import pytest

from cdiscount_marketplace.cli import marketplace
from cdiscount_marketplace.cli.progress import Watcher
from cdiscount_marketplace.events.calls import CallFinished, CallRetried
from cdiscount_marketplace.events.hooks import Event
from cdiscount_marketplace.sandbox import Sandbox
from support.shell import Shell

HIDE_CURSOR = "\x1b[?25l"
CALL = CallFinished(operation="GetOrderList", attempt=1, seconds=0.1, outcome="ok")


def shown(*events: Event) -> str:
    texts: list[str] = []
    watcher = Watcher("reading", texts.append)
    for event in events:
        watcher(event)
    return texts[-1]


def test_calls_are_counted_and_a_wait_says_why() -> None:
    assert shown(CALL, CALL) == "reading: 2 calls"
    retried = CallRetried(operation="GetOrderList", attempt=1, wait=8.0, reason="HttpError")
    assert shown(CALL, retried) == "reading: 1 calls, waiting 8 s after HttpError"


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize(
    "line",
    [
        "orders list",
        "pull",
        "push",
        "offers push --channel octopia",
        "quarantine retry",
        "migrate check",
        "accounts check",
        "purge --older-than 400d",
        "store upgrade",
        "doctor --offline",
    ],
)
def test_long_work_shows_progress_on_a_terminal_only(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, line: str, terminal: bool
) -> None:
    shell("accounts add acme --channel soap --start-from 2026-01-01")
    shell("pull")
    # How `rich` is told that a stream is a terminal.
    monkeypatch.setenv("FORCE_COLOR", "1" if terminal else "")
    ran = shell(f"{line} --json")
    # Two services without an order in common are nothing to rely on.
    assert ran.code == (1 if line == "migrate check" else 0), ran.err
    assert (HIDE_CURSOR in ran.err) is terminal


def test_a_secret_is_read_once_from_standard_input(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = sandbox.accounts[0].password
    monkeypatch.delenv("CDISCOUNT_PASSWORD")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    ran = shell("pull --secret-stdin --json")
    assert ran.code == 0, ran.err


def test_a_secret_is_asked_for_once_and_while_nothing_else_is_on_the_terminal(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return str(sandbox.accounts[0].password)

    monkeypatch.delenv("CDISCOUNT_PASSWORD")
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(marketplace, "getpass", ask)
    for line in ("pull --json", "push --json"):
        asked.clear()
        ran = shell(line)
        assert (ran.code, asked) == (0, ["CDISCOUNT_PASSWORD: "]), ran.err
