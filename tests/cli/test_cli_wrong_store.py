"""A store that is mistyped, something else, or in trouble: one line that names it, an exit code, and nothing made."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.models import OrderQuery, SalesOrder
from cdiscount_marketplace.sandbox import Sandbox
from support.shell import Ran, Shell

PARCEL = "--carrier Colissimo --tracking-number 6A1"
COMMANDS = [
    "status",
    "push",
    "push --dry-run",
    "accept --all",
    "refuse N1",
    f"ship N1 {PARCEL}",
    f"ship N1 {PARCEL} --dry-run",
    "orders show --stored N1",
    "outbox list",
    "outbox retry N1",
    "outbox cancel N1",
    "quarantine list",
    "quarantine retry",
    "quarantine retry --dry-run",
    "quarantine discard N1",
    "checkpoint show",
    "checkpoint set 2026-03-01",
    "lease list",
    "lease free import",
    "mapping list",
    "mapping set --retailer Shop --supplier Depot",
    "purge --older-than 1d",
    "purge --order N1",
    "migrate check",
]


def is_one_line(ran: Ran, *names: object) -> bool:
    """Tell whether an error is one line that names these."""
    return ran.out == "" and ran.err.count("\n") == 1 and all(str(name) in ran.err for name in names)


@pytest.mark.parametrize("command", COMMANDS)
def test_mistyped_store_is_named_and_not_made(shell: Shell, sandbox: Sandbox, tmp_path: Path, command: str) -> None:
    slip = tmp_path / "omz.db"
    ran = shell(f"{command} --store sqlite:///{slip}")
    assert ran.code == 2
    assert is_one_line(ran, slip, "pull")
    assert not slip.exists()
    assert sandbox.calls() == ()


@pytest.mark.parametrize("command", ["status", "pull", "demo"])
def test_mistyped_directory_is_named_and_not_made(shell: Shell, sandbox: Sandbox, tmp_path: Path, command: str) -> None:
    slip = tmp_path / "shopp" / "oms.db"
    ran = shell(f"{command} --store sqlite:///{slip}")
    assert ran.code == 2
    assert is_one_line(ran, slip, "directory")
    assert not slip.parent.exists()


@pytest.mark.parametrize("command", ["status", "pull", "push"])
@pytest.mark.parametrize("content", [None, b"number;total\n" * 90, b"\x00"], ids=["directory", "text", "a byte"])
def test_what_is_no_store_is_left_alone(
    shell: Shell, sandbox: Sandbox, tmp_path: Path, command: str, content: bytes | None
) -> None:
    other = tmp_path / "orders.csv"
    if content is None:
        other.mkdir()
    else:
        other.write_bytes(content)
    ran = shell(f"{command} --store sqlite:///{other}")
    assert ran.code == 2
    assert is_one_line(ran, other)
    assert content is None or other.read_bytes() == content


def test_only_a_pull_makes_a_store_and_says_so_once(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    first, second = (shell(f"pull --store sqlite:///{new}") for _ in range(2))
    assert (first.code, second.code) == (0, 0)
    assert str(new) in first.err
    assert second.err == ""


def test_a_pull_that_starts_in_the_future_leaves_no_store_behind(
    shell: Shell, sandbox: Sandbox, tmp_path: Path
) -> None:
    new = tmp_path / "new.db"
    ran = shell(f"pull --start-from 2099-01-01 --store sqlite:///{new}")
    assert (ran.code, new.exists()) == (2, False)
    assert "--start-from lies in the future" in ran.err


def test_dry_pull_makes_no_store(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    order, new = sandbox.place(state="WaitingForShipmentAcceptation"), tmp_path / "new.db"
    ran = shell(f"pull --dry-run --json --store sqlite:///{new}")
    assert (ran.code, ran.document["would_import"]) == (0, [order.number])
    assert str(new) in ran.err
    assert not new.exists()


def test_demo_says_which_store_it_makes(shell: Shell, tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    ran = shell(f"demo --orders 0 --store sqlite:///{new}")
    assert ran.code == 0
    assert f"Made a new store: {new}" in ran.err


def test_store_that_may_only_be_read_is_shown_and_not_written(shell: Shell, tmp_path: Path) -> None:
    read_only = f"sqlite:///file:{tmp_path / 'oms.db'}?mode=ro&uri=true"
    assert shell(f"status --store {read_only}").code == 0
    ran = shell(f"mapping set --retailer Shop --supplier Depot --store {read_only}")
    assert ran.code == 1
    assert is_one_line(ran, tmp_path / "oms.db", "writable")


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files, even of root")
@pytest.mark.parametrize("command", ["pull", "demo"])
def test_store_that_cannot_be_made_needs_a_person(shell: Shell, sandbox: Sandbox, command: str) -> None:
    ran = shell(f"{command} --store sqlite:////proc/oms.db")
    assert ran.code == 1
    assert is_one_line(ran, "/proc/oms.db")


def test_locked_store_can_be_tried_again_later(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdiscount_marketplace.adapters.sql.connections.BUSY_SECONDS", 0.01)
    with SqlOms(shell.store) as other, other.unit():
        ran = shell("mapping set --retailer Shop --supplier Depot")
    assert ran.code == 4
    assert is_one_line(ran, tmp_path / "oms.db", "locked")


@pytest.mark.parametrize("away", [Path.unlink, lambda path: path.rename(path.with_name("old.db"))])
def test_store_that_goes_away_during_a_pull_is_named_and_nothing_is_made_in_its_place(
    shell: Shell, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, away: Callable[[Path], object]
) -> None:
    store, fetch = tmp_path / "oms.db", SoapChannel.fetch
    sandbox.place(state="WaitingForShipmentAcceptation")

    def fetch_while_it_goes(channel: SoapChannel, query: OrderQuery) -> Sequence[SalesOrder]:
        if store.exists():
            away(store)
        return fetch(channel, query)

    monkeypatch.setattr(SoapChannel, "fetch", fetch_while_it_goes)
    ran = shell("pull")
    assert ran.code == 1
    assert is_one_line(ran, store, "moved, deleted or replaced")
    assert not store.exists()


_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000,) * 2)
from cdiscount_marketplace.cli import main
main(sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
def test_pull_onto_a_full_disk_is_one_line_and_goes_on_later(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    for _ in range(120):
        sandbox.place(state="WaitingForShipmentAcceptation")
    command = [sys.executable, "-c", _LIMITED, "pull"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 1
    assert is_one_line(Ran(1, done.stdout, done.stderr), tmp_path / "oms.db", "space")
    with SqlOms(shell.store) as oms:
        before = len(oms.list_orders("my-shop"))
        assert not oms.list_quarantine("my-shop")
    assert shell("pull --json").document["imported"] == 120 - before
    assert sqlite3.connect(tmp_path / "oms.db").execute("PRAGMA integrity_check").fetchone() == ("ok",)
