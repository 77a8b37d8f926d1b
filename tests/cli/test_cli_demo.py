"""The demo with its two pages, while orders keep coming."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from cdiscount_marketplace.cli import showcase
from support.shell import Shell

PATIENCE = 90


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "cdiscount_marketplace.cli", "demo", "--web", "--no-browser", "--orders", "4"]
    environment = {**os.environ, "COLUMNS": "200"}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def addresses(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Read what the demo prints up to the two addresses."""
    assert process.stderr is not None
    found: list[str] = []
    for line in process.stderr:
        if line.startswith(("The marketplace", "The operator's page")):
            found += re.findall(r"http://\S+", line)
        if len(found) == 2:
            break
    marketplace, operator = found
    return marketplace, operator


def test_both_pages_are_served_while_orders_arrive_and_are_shipped(running: subprocess.Popen[str]) -> None:
    marketplace, operator = addresses(running)
    assert requests.get(marketplace, timeout=10).status_code == 200
    first = requests.get(operator, timeout=10)
    assert (first.status_code, "demo-" in first.text) == (200, True)
    until = time.monotonic() + PATIENCE
    while requests.get(operator, timeout=10).text == first.text and time.monotonic() < until:
        time.sleep(0.2)
    assert requests.get(operator, timeout=10).text != first.text
    running.send_signal(signal.SIGINT)
    out, _err = running.communicate(timeout=PATIENCE)
    assert running.returncode == 0
    assert "0 lost, 0 doubled" in out


class Desktop(webbrowser.BackgroundBrowser):
    """Note what is opened."""

    def __init__(self) -> None:
        super().__init__("desktop")
        self.opened: list[str] = []

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self.opened.append(url)
        return True


def test_the_pages_open_in_the_browser_of_a_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    desktop = Desktop()
    monkeypatch.setattr(webbrowser, "get", lambda: desktop)
    showcase.open_pages(["http://one/", "http://two/"])
    assert desktop.opened == ["http://one/", "http://two/"]


def test_no_browser_takes_over_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    terminal = webbrowser.GenericBrowser("lynx")
    monkeypatch.setattr(terminal, "open", opened.append)
    monkeypatch.setattr(webbrowser, "get", lambda: terminal)
    monkeypatch.delenv("BROWSER", raising=False)
    showcase.open_pages(["http://one/"])
    assert opened == []


def test_a_machine_without_a_browser_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    def get() -> object:
        raise webbrowser.Error

    monkeypatch.setattr(webbrowser, "get", get)
    showcase.open_pages(["http://one/"])
    assert webbrowser.get is get


def test_the_demo_leaves_the_store_of_real_work_alone(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path(shell.store.removeprefix("sqlite:///"))
    before = real.read_bytes()
    (folder := tmp_path / "empty").mkdir()
    monkeypatch.chdir(folder)
    ran = shell("demo --orders 2 --json")
    assert (ran.code, ran.document["store"]) == (0, "sqlite:///demo.db")
    assert [path.name for path in folder.glob("*.db")] == ["demo.db"]
    assert real.read_bytes() == before
    assert "--store sqlite:///demo.db" in ran.err
