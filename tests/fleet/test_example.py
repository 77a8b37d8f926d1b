"""The example of a fleet on Celery: its app, and the compose file that starts it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cdiscount_marketplace.sandbox import Sandbox, SandboxServer
from cdiscount_marketplace.sandbox.core import LOGIN, PASSWORD
from support.pages import ROOT
from support.shell import Shell

EXAMPLE = ROOT / "examples" / "celery"
COMPOSE = (EXAMPLE / "compose.yaml").read_text(encoding="utf-8")


def test_the_app_has_a_task_for_each_job(tmp_path: Path) -> None:
    environment = {**os.environ, "BROKER_URL": "memory://", "CDISCOUNT_STORE": f"sqlite:///{tmp_path / 'oms.db'}"}
    program = "from app import app; print(*sorted(name for name in app.tasks if name.startswith('cdiscount.')))"
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=EXAMPLE, env=environment, capture_output=True, text=True, check=True
    )
    names = ("accept", "import", "offers", "refund", "schedule", "ship")
    assert told.stdout.split() == [f"cdiscount.{name}" for name in names]


def test_the_compose_file_adds_an_account_that_can_log_in(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = re.search(r"command: >-\n\s+cdiscount-marketplace (accounts add.*?)\n  worker-1", COMPOSE, re.DOTALL)
    assert found is not None
    monkeypatch.setenv("DEMO_CDISCOUNT_USERNAME", LOGIN)
    monkeypatch.setenv("DEMO_CDISCOUNT_PASSWORD", PASSWORD)
    assert f"DEMO_CDISCOUNT_USERNAME: {LOGIN}" in COMPOSE
    assert f"DEMO_CDISCOUNT_PASSWORD: {PASSWORD}" in COMPOSE
    store = f"sqlite:///{tmp_path / 'oms.db'}"
    shell = Shell(capsys, store)
    with SandboxServer(Sandbox(live=True)) as server:
        command = shlex.join(shlex.split(found[1])).replace("http://sandbox:8077", server.url)
        added = shell(f"{command} --store {store}")
        assert added.code == 0, added.err
        checked = shell(f"accounts check demo --store {store}")
        assert checked.code == 0, checked.out
