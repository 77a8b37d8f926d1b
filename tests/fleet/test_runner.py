"""One process for many accounts: none waits for another, and each change is followed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cdiscount_marketplace.errors import ConfigurationError, ConnectFailed, LeaseBusy, LoginRefused, StoreFailed
from cdiscount_marketplace.fleet import AccountRunner
from cdiscount_marketplace.oms.ports import Account, JobName, JobPeriod
from cdiscount_marketplace.oms.reports import ImportReport
from fleet.conftest import Vendor

MINUTE = timedelta(minutes=1)
IMPORT = (JobPeriod(job=JobName.IMPORT, every=5 * MINUTE),)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so; the test's own time limit ends a wait in vain."""
    while not condition():
        time.sleep(0.01)


class Scripted:
    """Jobs that do what the test says, and note who ran."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.fault: Callable[[str], None] = lambda account: None
        self.stopped = threading.Event()

    def __call__(self, job: JobName, account: Account, channel: object) -> Any:
        script = self

        class Job:
            def run(self) -> str:
                script.ran.append(f"{account.name}:{job}")
                script.fault(account.name)
                return "done"

            def stop(self) -> None:
                script.stopped.set()

        return Job()


@pytest.fixture
def script() -> Scripted:
    """Give jobs without a marketplace."""
    return Scripted()


def test_what_is_due_runs_once_and_again_in_the_next_period(vendor: Vendor, script: Scripted) -> None:
    for name in ("a", "b", "c"):
        vendor.add(name, jobs=IMPORT)
    runner = vendor.runner(make_job=script)
    assert len(runner.run_once()) == 3
    assert runner.run_once() == ()
    vendor.clock.advance(5 * MINUTE)
    runner.run_once()
    assert sorted(script.ran) == ["a:import", "a:import", "b:import", "b:import", "c:import", "c:import"]


def test_orders_come_in(vendor: Vendor) -> None:
    for name in ("a", "b"):
        vendor.add(name, jobs=IMPORT).place(state="WaitingForShipmentAcceptation")
    vendor.clock.advance(10 * MINUTE)
    reports = [result.report for result in vendor.runner().run_once()]
    assert [report.imported for report in reports if isinstance(report, ImportReport)] == [1, 1]


def test_one_account_that_fails_disturbs_no_other(vendor: Vendor, script: Scripted) -> None:
    for name in ("a", "b", "c"):
        vendor.add(name)

    def fail(account: str) -> None:
        if account == "b":
            raise ConnectFailed("no route")

    script.fault = fail
    results = vendor.runner(make_job=script).run_once()
    assert sorted((result.account, result.error is None) for result in results) == [
        ("a", True), ("a", True), ("b", False), ("b", False), ("c", True), ("c", True),
    ]  # fmt: skip


def test_an_account_whose_login_is_refused_rests_until_it_is_changed(vendor: Vendor, script: Scripted) -> None:
    vendor.add("a", jobs=IMPORT)
    vendor.add("b", jobs=IMPORT)

    def refuse(account: str) -> None:
        if account == "a":
            raise LoginRefused("no")

    script.fault = refuse
    runner = vendor.runner(make_job=script)
    runner.run_once()
    vendor.clock.advance(10 * MINUTE)
    runner.run_once()
    assert sorted(script.ran) == ["a:import", "b:import", "b:import"]
    vendor.change("a", seller_id="4711")
    vendor.clock.advance(MINUTE)
    runner.run_once()
    assert script.ran.count("a:import") == 2


def test_changes_of_the_registry_need_no_restart(vendor: Vendor, script: Scripted) -> None:
    vendor.add("a", jobs=IMPORT)
    runner = vendor.runner(make_job=script)
    runner.run_once()
    vendor.add("b", jobs=IMPORT)
    vendor.change("a", enabled=False)
    vendor.clock.advance(5 * MINUTE)
    runner.run_once()
    assert script.ran == ["a:import", "b:import"]


def test_a_restart_runs_nothing_before_its_time(vendor: Vendor, script: Scripted) -> None:
    vendor.add("a", jobs=IMPORT)
    vendor.runner(make_job=script).run_once()
    assert vendor.runner(make_job=script).run_once() == ()
    vendor.clock.advance(5 * MINUTE)
    assert len(vendor.runner(make_job=script).run_once()) == 1


def test_a_registry_that_is_away_stops_nobody(vendor: Vendor, script: Scripted, monkeypatch: Any) -> None:
    vendor.add("a", jobs=IMPORT)
    runner = vendor.runner(make_job=script)
    runner.run_once()

    def away() -> None:
        raise OSError("away")

    monkeypatch.setattr(vendor.registry, "list_accounts", away)
    vendor.clock.advance(5 * MINUTE)
    assert len(runner.run_once()) == 1


def test_a_slow_account_holds_up_no_other(vendor: Vendor, script: Scripted) -> None:
    vendor.add("slow", jobs=IMPORT)
    vendor.add("quick", jobs=IMPORT)
    release = threading.Event()
    script.fault = lambda account: None if account == "quick" else bool(release.wait()) and None
    runner = vendor.runner(make_job=script, workers=2, tick=timedelta(milliseconds=5))
    thread = threading.Thread(target=runner.run)
    thread.start()
    try:
        wait_for(lambda: len(script.ran) == 2)
        vendor.clock.advance(5 * MINUTE)
        wait_for(lambda: script.ran.count("quick:import") == 2)
        assert script.ran.count("slow:import") == 1
    finally:
        release.set()
        runner.stop()
        thread.join()


def test_stopping_ends_the_jobs_that_run(vendor: Vendor, script: Scripted) -> None:
    vendor.add("a", jobs=IMPORT)
    script.fault = lambda account: bool(script.stopped.wait()) and None
    runner = vendor.runner(make_job=script, tick=timedelta(milliseconds=5))
    thread = threading.Thread(target=runner.run)
    thread.start()
    wait_for(lambda: bool(script.ran))
    runner.stop()
    thread.join()
    assert vendor.closed == ["a"]


def test_the_health_file_says_how_it_goes(vendor: Vendor, script: Scripted, tmp_path: Path) -> None:
    vendor.add("a", jobs=IMPORT)
    vendor.add("b", jobs=IMPORT)

    def refuse(account: str) -> None:
        if account == "a":
            raise LoginRefused("no")

    script.fault = refuse
    path = tmp_path / "health.json"
    runner = vendor.runner(make_job=script, health_file=path)
    runner.run_once()
    runner.run_once()
    health = json.loads(path.read_text())
    assert datetime.fromisoformat(health.pop("at")).astimezone(UTC) == vendor.clock.now().replace(microsecond=0)
    assert health == {"accounts": 2, "running": 0, "resting": 1, "failing": 1}


def test_the_health_file_forgets_what_is_gone(vendor: Vendor, script: Scripted, tmp_path: Path) -> None:
    both = (*IMPORT, JobPeriod(job=JobName.SHIP, every=5 * MINUTE))
    for name in ("gone", "disabled", "dropped"):
        vendor.add(name, jobs=both)

    def fail(account: str) -> None:
        raise ConnectFailed("no route")

    script.fault = fail
    path = tmp_path / "health.json"
    runner = vendor.runner(make_job=script, health_file=path)
    runner.run_once()
    vendor.registry.remove_account("gone")
    vendor.change("disabled", enabled=False)
    vendor.change("dropped", jobs=IMPORT)
    vendor.clock.advance(MINUTE)
    runner.run_once()
    health = json.loads(path.read_text())
    assert (health["accounts"], health["failing"]) == (2, 1)


def test_a_disk_that_fails_stops_nobody(vendor: Vendor, script: Scripted, tmp_path: Path) -> None:
    vendor.add("a", jobs=IMPORT)
    folder = tmp_path / "away"
    folder.mkdir()
    runner = vendor.runner(make_job=script, health_file=folder / "health.json")
    (folder / "health.json").unlink()
    folder.rmdir()
    assert len(runner.run_once()) == 1


@pytest.mark.parametrize("place", ["", "missing/health.json"], ids=["folder", "missing folder"])
def test_a_health_file_that_cannot_be_is_refused_at_once(vendor: Vendor, tmp_path: Path, place: str) -> None:
    with pytest.raises(ConfigurationError, match="health file"):
        vendor.runner(health_file=tmp_path / place)


def test_two_runners_share_a_health_file(vendor: Vendor, script: Scripted, tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    for _ in range(2):
        vendor.runner(make_job=script, health_file=path).run_once()
    assert [each.name for each in tmp_path.iterdir()] == ["health.json"]


def test_runs_that_cannot_be_read_stop_nobody(vendor: Vendor, script: Scripted, monkeypatch: Any) -> None:
    vendor.add("a", jobs=IMPORT)

    def away(account: str) -> None:
        raise OSError("away")

    monkeypatch.setattr(vendor.registry, "list_runs", away)
    assert len(vendor.runner(make_job=script).run_once()) == 1


@pytest.mark.parametrize("steps", [[{}], [{"enabled": False}, {"enabled": True}]], ids=["saved again", "enabled again"])
def test_saving_an_account_ends_its_rest(vendor: Vendor, script: Scripted, steps: list[dict[str, bool]]) -> None:
    vendor.add("a", jobs=IMPORT)

    def refuse(account: str) -> None:
        raise LoginRefused("no")

    script.fault = refuse
    runner = vendor.runner(make_job=script)
    runner.run_once()
    vendor.clock.advance(6 * MINUTE)
    assert runner.run_once() == ()
    for step in steps:
        vendor.change("a", **step)
    vendor.clock.advance(MINUTE)
    assert len(runner.run_once()) == 1


def test_a_resolver_that_exits_ends_no_other_account(vendor: Vendor, script: Scripted) -> None:
    for name in ("a", "b"):
        vendor.add(name, jobs=IMPORT)

    def resolve(name: str) -> dict[str, str]:
        if name == "a":
            raise SystemExit("vault: hunter2")
        return vendor.secrets[name]

    options = {**vendor.options(), "resolver": resolve}
    results = AccountRunner(vendor.registry, vendor.oms, make_job=script, **options).run_once()
    assert {result.account: result.error is None for result in results} == {"a": False, "b": True}


def test_an_account_added_again_while_its_job_runs_never_runs_twice_at_once(vendor: Vendor, script: Scripted) -> None:
    vendor.add("a", jobs=IMPORT)
    release = threading.Event()
    script.fault = lambda account: bool(release.wait()) and None
    runner = vendor.runner(make_job=script, workers=2, tick=timedelta(milliseconds=5), refresh=timedelta(0))
    thread = threading.Thread(target=runner.run)
    thread.start()
    try:
        wait_for(lambda: len(script.ran) == 1)
        places = runner._places
        vendor.registry.remove_account("a")
        wait_for(lambda: [place.gone for place in places] == [True])
        vendor.add("a", jobs=IMPORT)
        vendor.clock.advance(5 * MINUTE)
        wait_for(lambda: [place.gone for place in places] == [False])
        vendor.add("b", jobs=IMPORT)
        wait_for(lambda: "b:import" in script.ran)
        assert script.ran.count("a:import") == 1
        release.set()
        wait_for(lambda: script.ran.count("a:import") == 2)
    finally:
        release.set()
        runner.stop()
        thread.join()


def test_a_job_left_to_another_worker_is_still_failing(vendor: Vendor, script: Scripted, tmp_path: Path) -> None:
    vendor.add("a", jobs=IMPORT)
    faults: list[Exception | None] = [
        ConnectFailed("no route"),
        LeaseBusy("busy", account="a", job="import", until=None),
        None,
    ]

    def fail(account: str) -> None:
        if (fault := faults.pop(0)) is not None:
            raise fault

    script.fault = fail
    path = tmp_path / "health.json"
    runner = vendor.runner(make_job=script, health_file=path)
    failing = []
    for _ in range(3):
        runner.run_once()
        runner.run_once()
        failing.append(json.loads(path.read_text())["failing"])
        vendor.clock.advance(5 * MINUTE)
    assert failing == [1, 1, 0]


def test_the_channel_of_an_account_that_is_gone_is_closed(vendor: Vendor, script: Scripted) -> None:
    for name in ("gone", "stays"):
        vendor.add(name, jobs=IMPORT)
    runner = vendor.runner(make_job=script)
    with runner._fleet, ThreadPoolExecutor() as pool:
        for future in runner._look(pool):
            future.result()
        vendor.registry.remove_account("gone")
        vendor.clock.advance(MINUTE)
        runner._look(pool)
        assert vendor.closed == ["gone"]
    assert vendor.closed == ["gone", "stays"]


@pytest.mark.parametrize(
    ("error", "defect"), [(StoreFailed("away", code="unreachable"), False), (OSError("away"), True)]
)
def test_only_a_defect_of_the_registry_is_logged_with_a_traceback(
    vendor: Vendor, error: Exception, defect: bool, monkeypatch: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> None:
        raise error

    monkeypatch.setattr(vendor.registry, "list_accounts", away)
    vendor.runner().run_once()
    [record] = caplog.records
    assert "the registry of accounts cannot be read: " in record.getMessage()
    assert bool(record.exc_info) is defect


@pytest.mark.parametrize("where", ["job", "maker", "opener"])
def test_code_that_exits_is_a_failed_job_and_ends_no_other(
    vendor: Vendor, script: Scripted, tmp_path: Path, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("a", "b"):
        vendor.add(name, jobs=IMPORT)

    def leave(account: str, at: str) -> None:
        if (account, at) == ("a", where):
            raise SystemExit("hunter2")

    def make(job: JobName, account: Account, channel: object) -> Any:
        leave(account.name, "maker")
        return script(job, account, channel)

    def open_channel(account: Account, variables: dict[str, str]) -> Any:
        leave(account.name, "opener")
        return vendor.open(account, variables)

    script.fault = lambda account: leave(account, "job")
    options: Any = {**vendor.options(), "open_channel": open_channel}
    path = tmp_path / "health.json"
    runner = AccountRunner(vendor.registry, vendor.oms, make_job=make, health_file=path, **options)
    assert {each.account: each.error is None for each in runner.run_once()} == {"a": False, "b": True}
    runner.run_once()
    assert json.loads(path.read_text())["failing"] == 1
    [status] = vendor.registry.list_runs("a")
    assert (status.failures, status.succeeded_at) == (1, None)
    assert "import of a failed" in caplog.text
    assert "raised SystemExit at test_runner.py" in caplog.text
    assert "hunter2" not in caplog.text


def test_settings_that_cannot_work_are_refused(vendor: Vendor) -> None:
    for wrong in ({"workers": 0}, {"tick": 5}):
        with pytest.raises(ConfigurationError):
            AccountRunner(vendor.registry, vendor.oms, **wrong)  # type: ignore[arg-type]
