"""A command loads what it needs itself, and says what is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest


def python(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)


def test_the_sandbox_waits_for_no_database_and_no_other_command() -> None:
    loaded = python(
        "import sys; from cdiscount_marketplace.cli.app import app; app['sandbox'].default_command; print(*sys.modules)"
    ).stdout.split()
    assert "cdiscount_marketplace.cli.local" in loaded
    assert not {"sqlalchemy", "zeep", "cdiscount_marketplace.cli.pull"} & set(loaded)


@pytest.mark.parametrize(
    ("library", "command", "extra"),
    [("sqlalchemy", "status", "sql"), ("sqlalchemy", "pull", "sql"), ("werkzeug", "sandbox", "sandbox")],
)
def test_a_command_without_its_extra_says_which_one(library: str, command: str, extra: str) -> None:
    told = python(
        f"import sys; sys.modules['{library}'] = None; from cdiscount_marketplace.cli import main; main(['{command}'])"
    )
    assert told.returncode == 2
    assert f"pip install 'cdiscount-marketplace[{extra}]'" in told.stderr
    assert "Traceback" not in told.stderr


def test_help_tells_of_every_command_what_it_does() -> None:
    told = python("from cdiscount_marketplace.cli import main; main(['--help'])").stdout
    assert "Import the orders that wait for shipment" in told
    assert "Run a local Cdiscount sandbox" in told
