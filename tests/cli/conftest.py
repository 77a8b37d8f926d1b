"""A shell for the command line's tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.sandbox import Sandbox, SandboxServer
from support.shell import Shell


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Give a shell whose store is new and empty, and that can log in nowhere."""
    for name in os.environ:
        if name.startswith(("CDISCOUNT_", "OCTOPIA_")):
            monkeypatch.delenv(name)
    store = f"sqlite:///{tmp_path / 'oms.db'}"
    monkeypatch.setenv("CDISCOUNT_STORE", store)
    monkeypatch.setenv("CDISCOUNT_ACCOUNT", "my-shop")
    monkeypatch.setenv("CDISCOUNT_TOKEN_CACHE", str(tmp_path / "tokens.json"))
    monkeypatch.setenv("COLUMNS", "200")
    with SqlOms(store) as oms:
        oms.ensure_open()
    return Shell(capsys, store)


@pytest.fixture
def sandbox(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Give the marketplace that the shell is logged in to, served on loopback."""
    sandbox = Sandbox(seed=1, live=True)
    with SandboxServer(sandbox) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("CDISCOUNT_START_FROM", f"{sandbox.clock.now() - timedelta(days=2):%Y-%m-%d}")
        yield sandbox
