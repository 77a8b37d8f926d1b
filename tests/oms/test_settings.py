"""Settings and numbers of the wrong kind: a clear error before anything is read, stored or sent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.channels import OctopiaChannel, SoapChannel
from cdiscount_marketplace.errors import ConfigurationError, InvalidRequest
from cdiscount_marketplace.models import Decision, Shipment, Verdict
from cdiscount_marketplace.oms import OrderAcceptor, OrderImporter, ShipmentPusher, run_accounts
from cdiscount_marketplace.sandbox import Sandbox


@pytest.mark.parametrize("job", [OrderImporter, OrderAcceptor, ShipmentPusher])
@pytest.mark.parametrize("account", ["", "  ", None, 5])
def test_a_job_needs_the_name_of_its_account(job: Any, account: Any) -> None:
    with pytest.raises(ConfigurationError, match="account"):
        job(SoapChannel(Sandbox().client()), MemoryOms(), account=account)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("batch", 0),
        ("batch", -1),
        ("batch", 2.5),
        ("max_orders_per_reading", 0),
        ("max_requests", 0),
        ("quarantine_budget", -1),
        ("reread", True),
        ("cursor", "created_at"),
        ("overlap", timedelta(seconds=-1)),
        ("settle", 120),
        ("lookback", None),
        ("sweep_every", timedelta(hours=-6)),
        ("lease_ttl", timedelta(0)),
        ("start_from", "2026-01-01"),
        ("start_from", date(2026, 1, 1)),
    ],
)
def test_an_importer_refuses_settings_that_cannot_work(setting: str, value: object) -> None:
    options: dict[str, Any] = {setting: value}
    with pytest.raises(ConfigurationError, match=setting):
        OrderImporter(SoapChannel(Sandbox().client()), MemoryOms(), account="shop", **options)


def test_accounts_need_a_worker() -> None:
    with pytest.raises(ConfigurationError, match="workers"):
        run_accounts([], workers=0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": None},
        {"key": 2603021000},
        {"carrier": b"Colissimo"},
        {"tracking_number": 68012345},
        {"tracking_url": 5},
        {"parcel": 1},
        {"lines": [5]},
        {"lines": [None]},
        {"lines": b"x"},
        {"lines": 5},
    ],
)
def test_a_shipment_is_made_of_texts(wrong: dict[str, Any]) -> None:
    values: dict[str, Any] = {"key": "A1", "carrier": "Colissimo", "tracking_number": "6A1"}
    with pytest.raises(InvalidRequest) as caught:
        Shipment(**(values | wrong))
    assert [problem.field for problem in caught.value.problems] == list(wrong)
    assert str(caught.value)


def test_a_decision_names_lines_by_texts() -> None:
    with pytest.raises(InvalidRequest):
        Decision(key="A1", verdict=Verdict.ACCEPT, refused_lines=[5])  # type: ignore[arg-type,list-item]


@pytest.mark.parametrize("numbers", [5, "A1", [5], [None]])
def test_a_channel_reads_by_texts(numbers: Any) -> None:
    for channel in (SoapChannel(Sandbox().client()), OctopiaChannel(Sandbox().octopia_client())):
        with pytest.raises(InvalidRequest, match="list of order numbers"):
            channel.get(numbers)


def test_a_mapper_that_returns_nothing_loses_no_order() -> None:
    class Forgetful:
        def map(self, *_: object) -> None:
            """Forget the return."""

    sandbox = Sandbox()
    oms = MemoryOms(clock=sandbox.clock)
    order = sandbox.place(state="WaitingForShipmentAcceptation")
    sandbox.advance(timedelta(hours=1))
    start = sandbox.clock.now() - timedelta(days=1)
    channel = SoapChannel(sandbox.client())
    importer = OrderImporter(channel, oms, account="shop", start_from=start, clock=sandbox.clock, mapper=Forgetful())
    report = importer.run()
    assert [(entry.key, entry.code) for entry in report.quarantined_orders] == [(order.number, "mapper_failed")]
