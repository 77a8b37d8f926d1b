"""A job is run by two names; what it finds, keeps and notes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from cdiscount_marketplace.errors import ConfigurationError, CredentialsMissing, LoginRefused
from cdiscount_marketplace.fleet import Fleet, open_channel
from cdiscount_marketplace.models import Decision
from cdiscount_marketplace.oms.ports import Account, JobName, JobPeriod
from cdiscount_marketplace.oms.reports import Ending
from fleet.conftest import Vendor

MINUTE = timedelta(minutes=1)
ALL_JOBS = tuple(JobPeriod(job=job, every=5 * MINUTE) for job in JobName.values())


class AcceptAll:
    """Accept whatever waits."""

    def decide(self, account: str, order: Any) -> Any:
        """Accept."""
        return Decision.accept(order.number)


def placed(vendor: Vendor, name: str, state: str = "WaitingForShipmentAcceptation") -> str:
    """Let a customer order, and let the order settle."""
    number = vendor.sellers[name].place(state=state).number
    vendor.clock.advance(10 * MINUTE)
    return number


@pytest.mark.parametrize("channel", ["soap", "octopia"])
def test_a_job_runs_by_the_names_of_account_and_job(vendor: Vendor, channel: str) -> None:
    vendor.add("acme", channel)
    number = placed(vendor, "acme")
    with vendor.fleet() as fleet:
        report: Any = fleet.run("acme", "import")
    assert report.imported == 1
    assert vendor.oms.find("acme", [number]) is not None


@pytest.mark.parametrize("job", list(JobName.values()))
def test_every_job_runs_with_its_defaults(vendor: Vendor, job: JobName) -> None:
    vendor.add("acme", "octopia", jobs=ALL_JOBS)
    with vendor.fleet(policy=AcceptAll()) as fleet:
        report: Any = fleet.run("acme", job)
    assert report.ended_by == Ending.DONE


@pytest.mark.parametrize("settings", [{"enabled": False}, {"jobs": ()}], ids=["disabled", "without the job"])
def test_a_message_that_came_too_late_does_nothing(vendor: Vendor, settings: dict[str, Any]) -> None:
    vendor.add("acme", **settings)
    with vendor.fleet() as fleet:
        assert fleet.run("acme", "import") is None
        assert fleet.run("nobody", "import") is None
    assert vendor.opened == []


def test_another_workers_run_is_no_failure(vendor: Vendor) -> None:
    vendor.add("acme")
    vendor.oms.acquire("acme", "import", "another", MINUTE)
    with vendor.fleet() as fleet:
        assert fleet.run("acme", "import") is None
    assert list(vendor.registry.list_runs("acme")) == []


def test_a_channel_is_kept_until_the_account_or_its_secret_changes(vendor: Vendor) -> None:
    vendor.add("acme")
    with vendor.fleet() as fleet:
        for _ in range(3):
            fleet.run("acme", "import")
        vendor.change("acme", jobs=(JobPeriod(job=JobName.IMPORT, every=MINUTE),))
        fleet.run("acme", "import")
        assert (vendor.opened, vendor.closed) == (["acme:first"], [])
        vendor.secrets["acme"]["CDISCOUNT_PASSWORD"] = "second"
        fleet.run("acme", "import")
        assert (vendor.opened, vendor.closed) == (["acme:first", "acme:second"], ["acme"])
        vendor.change("acme", seller_id="4711")
        fleet.run("acme", "import")
    assert vendor.closed == ["acme"] * 3


def test_the_settings_page_shows_how_runs_ended(vendor: Vendor) -> None:
    vendor.add("acme")

    def open_nothing(account: Account, variables: Mapping[str, str]) -> Any:
        raise KeyError("hunter2")

    with vendor.fleet() as fleet:
        fleet.run("acme", "import")
    broken = {**vendor.options(), "open_channel": open_nothing}
    with Fleet(vendor.registry, vendor.oms, **broken) as fleet, pytest.raises(KeyError):
        fleet.run("acme", "import")
    [status] = vendor.registry.list_runs("acme")
    assert status.succeeded_at == status.failed_at == vendor.clock.now()
    # The error of somebody else's code may quote anything.
    assert status.error == "KeyError (see the log)"


def test_a_refused_login_lets_the_account_rest(vendor: Vendor) -> None:
    vendor.add("acme")

    class Refused:
        def __init__(self, *_: Any) -> None:
            raise LoginRefused("the password is wrong")

    with vendor.fleet(make_job=Refused) as fleet, pytest.raises(LoginRefused):
        fleet.run("acme", "import")
    [status] = vendor.registry.list_runs("acme")
    assert status.error is not None
    assert status.error.startswith("LoginRefused: the password is wrong")
    assert status.retry_at == vendor.clock.now() + 15 * MINUTE


def test_who_stopped_starts_nothing(vendor: Vendor) -> None:
    vendor.add("acme")
    with vendor.fleet() as fleet:
        fleet.stop()
        assert fleet.run("acme", "import") is None


def test_a_store_of_runs_that_fails_hides_neither_report_nor_error(vendor: Vendor) -> None:
    class Away:
        def record_run(self, run: object) -> None:
            raise OSError("away")

        def list_runs(self, account: str) -> tuple[()]:
            return ()

    vendor.add("acme")
    with vendor.fleet(runs=Away()) as fleet:
        assert fleet.run("acme", "import") is not None
        vendor.secrets.clear()
        with pytest.raises(CredentialsMissing):
            fleet.run("acme", "import")


def test_ctrl_c_in_a_job_is_no_failure_of_the_account(vendor: Vendor) -> None:
    def interrupted(*_: object) -> Any:
        raise KeyboardInterrupt

    vendor.add("acme")
    with vendor.fleet(make_job=interrupted) as fleet, pytest.raises(KeyboardInterrupt):
        fleet.run("acme", "import")


def test_a_channel_of_your_own_needs_an_opener() -> None:
    with (
        pytest.raises(ConfigurationError, match="abebooks"),
        open_channel(Account(name="a", channel="abebooks"), {}),
    ):
        pass


@pytest.mark.parametrize("channel", ["soap", "octopia"])
def test_the_usual_opener_needs_credentials(channel: str) -> None:
    with pytest.raises(CredentialsMissing), open_channel(Account(name="a", channel=channel), {}):
        pass
