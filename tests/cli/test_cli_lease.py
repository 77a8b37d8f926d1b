"""An operator sees who holds a job, and frees one whose worker is dead."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.errors import LeaseLost
from cdiscount_marketplace.oms.ports import Checkpoint, Lease
from cdiscount_marketplace.sandbox import Sandbox
from support.shell import Shell

DAYS = timedelta(days=2)


def held(shell: Shell, job: str = "import", ttl: timedelta = DAYS) -> Lease:
    with SqlOms(shell.store) as oms:
        lease = oms.acquire("my-shop", job, "shop-1:4711:ab", ttl)
    assert lease
    return lease


def test_lease_shows_its_owner_its_fence_and_its_time(shell: Shell) -> None:
    lease = held(shell)
    [row] = shell("lease list --json").document
    assert row["lease"]["owner"] == "shop-1:4711:ab"
    assert row["lease"]["fence"] == lease.fence
    assert datetime.fromisoformat(row["lease"]["expires_at"]) == lease.expires_at
    assert DAYS - timedelta(minutes=5) < timedelta(seconds=row["remaining"]) <= DAYS
    shown = shell("lease list").out
    assert "shop-1:4711:ab" in shown
    assert re.search(r"1 day, 23:5\d:\d\d|2 days, 0:00:00", shown)


def test_status_shows_which_jobs_are_held_and_for_how_long(shell: Shell) -> None:
    held(shell)
    assert re.search(r"running now +import, (1 day, 23:5|2 days)", shell("status").out)


def test_lease_of_a_wrong_clock_is_named_freed_and_taken(shell: Shell, sandbox: Sandbox) -> None:
    lease = held(shell)
    busy = shell("pull")
    assert busy.code == 75
    assert f"until {lease.expires_at:%Y-%m-%d %H:%M:%S} UTC" in busy.err
    assert lease.owner in busy.err
    [command] = re.findall(r"cdiscount-marketplace (lease free .*)\)", busy.err)
    assert shell(command).code == 0
    assert shell("lease list --json").document == []
    assert shell("pull").code == 0


def test_holder_of_a_freed_lease_writes_nothing_more(shell: Shell) -> None:
    lease = held(shell)
    assert shell("lease free import --reason its-clock-is-wrong").code == 0
    moment = datetime.fromisoformat("2026-03-01T00:00:00Z")
    with SqlOms(shell.store) as oms, pytest.raises(LeaseLost):
        oms.swap_checkpoint("my-shop", None, Checkpoint(floor=moment, cursor=moment), lease=lease)


def test_reason_is_kept_in_the_history(shell: Shell) -> None:
    held(shell)
    shell("lease free import --reason wrong-clock")
    with SqlOms(shell.store) as oms:
        [(subject, number, event, before, detail)] = oms_history(oms)
    assert (subject, number, event, before) == ("lease", "import", "freed", "shop-1:4711:ab")
    assert detail == "wrong-clock"


def oms_history(oms: SqlOms) -> list[tuple[str, ...]]:
    with oms._database.reading() as session:
        rows = session.connection.exec_driver_sql("SELECT subject, number, event, before, detail FROM history")
        return [tuple(row) for row in rows]


def test_dry_run_frees_nothing(shell: Shell) -> None:
    lease = held(shell)
    assert shell("lease free import --dry-run --json").document["freed"]["owner"] == lease.owner
    assert len(shell("lease list --json").document) == 1


@pytest.mark.parametrize("line", ["lease free import", "lease free imports", "lease free ship --account other"])
def test_job_that_nobody_runs_needs_a_person_and_names_those_that_run(shell: Shell, line: str) -> None:
    held(shell, "ship")
    ran = shell(line)
    assert ran.code == 1
    assert "ship" in ran.err
    assert len(shell("lease list --json").document) == 1
