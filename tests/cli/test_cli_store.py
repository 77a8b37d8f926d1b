"""Commands that work on the store alone."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.models import Address, Customer, OrderStatus, SalesOrder, Shipment
from cdiscount_marketplace.oms.ports import (
    Change,
    ChangeKind,
    Checkpoint,
    QuarantinedOrder,
    ShipmentTask,
    Task,
    TaskState,
)
from support.shell import Shell

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def quarantined(shell: Shell) -> Shell:
    with SqlOms(shell.store) as oms:
        for key in ("A", "B"):
            entry = QuarantinedOrder(
                key=key,
                identities=(key,),
                code="unmappable",
                reason="map the SKU",
                payload='{"customer": "Jeanne"}',
                first_seen=NOON,
                last_seen=NOON,
            )
            oms.put_quarantine("my-shop", entry)
    return shell


def test_empty_quarantine_needs_nobody(shell: Shell) -> None:
    assert shell("quarantine list").code == 0


def test_quarantine_needs_a_person_and_tells_what_to_do(quarantined: Shell) -> None:
    ran = quarantined("quarantine list")
    assert ran.code == 1
    assert "map the SKU" in ran.out
    assert "Jeanne" not in ran.out


def test_payload_is_shown_when_asked_for(quarantined: Shell) -> None:
    assert "Jeanne" in quarantined("quarantine list --payload --json").document["payloads"]["A"]


def test_discard_drops_what_is_named_and_says_what_is_not_there(quarantined: Shell) -> None:
    ran = quarantined("quarantine discard A C")
    assert ran.code == 1
    assert "C" in ran.err
    assert [entry["key"] for entry in quarantined("quarantine list --json").document["orders"]] == ["B"]


def test_dry_run_discards_nothing(quarantined: Shell) -> None:
    assert quarantined("quarantine discard A --dry-run --json").document == {"discarded": ["A"], "dry_run": True}
    assert len(quarantined("quarantine list --json").document["orders"]) == 2


def test_checkpoint_is_null_before_the_first_pull(shell: Shell) -> None:
    assert shell("checkpoint show --json").document is None


def test_checkpoint_moves_back_and_sweeps_again(shell: Shell) -> None:
    with SqlOms(shell.store) as oms:
        oms.swap_checkpoint(
            "my-shop", None, Checkpoint(floor=datetime(2026, 1, 1, tzinfo=UTC), cursor=NOON, swept_at=NOON)
        )
    assert shell("checkpoint set 2026-02-01T01:00:00+0100").code == 0
    moved = shell("checkpoint show --json").document
    assert (moved["cursor"], moved["floor"]) == ("2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z")
    assert (moved["version"], moved["swept_at"]) == (2, None)


def test_checkpoint_before_the_floor_is_refused_with_what_to_do(shell: Shell) -> None:
    shell("checkpoint set 2026-02-01")
    ran = shell("checkpoint set 2026-01-01")
    assert ran.code == 2
    assert "--floor" in ran.err
    assert shell("checkpoint set 2026-01-01 --floor 2026-01-01").code == 0


def test_dry_run_moves_no_checkpoint(shell: Shell) -> None:
    assert shell("checkpoint set 2026-02-01 --dry-run").code == 0
    assert shell("checkpoint show --json").document is None


@pytest.mark.parametrize(
    "line",
    [
        "checkpoint set not-a-date",
        "checkpoint set",
        "nonsense",
        "quarantine list --nonsense",
        "checkpoint show --store mysql://x/y",
        "checkpoint show --store no-address",
        "checkpoint set 2999-01-01",
        "checkpoint set 0226-03-01",
        "checkpoint set 0001-01-01T00:00:00+1400",
        "checkpoint set 9999-12-31T23:59:59-1400",
        "checkpoint set 2026-03-01 --floor 0001-01-01",
        "pull --start-from 0001-01-01",
        "pull --start-from 9999-12-31 --dry-run",
        "orders list --created-from 0001-01-01",
        "migrate check --created-to 0001-01-03",
        "orders show",
        "orders list --status shiped",  # codespell:ignore shiped
        "orders list --created-from 2026-03-02 --created-to 2026-03-01",
        "orders list --modified-from 2026-03-02 --modified-to 2026-03-01",
        "outbox list --state send",
        "outbox retry",
        "outbox retry --",
        "outbox cancel",
        "quarantine retry 1",
        "sandbox --port 65536",
        "sandbox --port x",
        "demo --orders -1",
        "quarantine discard",
        "mapping set --retailer= --supplier Depot",
        "purge",
        "purge --older-than 1d --order A",
        "purge --older-than 9999999d",
        "purge --older-than=-1d",
    ],
)
def test_wrong_usage_is_told_without_a_traceback(shell: Shell, line: str) -> None:
    ran = shell(line)
    assert ran.code == 2
    assert ran.err.strip()
    assert "Traceback" not in ran.err


def test_unreachable_store_can_be_tried_again_later(shell: Shell) -> None:
    ran = shell("checkpoint show --store postgresql://nobody:s3cret@127.0.0.1:1/none")
    assert ran.code == 4
    assert "Traceback" not in ran.err
    assert "s3cret" not in ran.err


def shipment(key: str, state: TaskState) -> ShipmentTask:
    task = Task(key=key, state=state, created_at=NOON, updated_at=NOON, message="refused by the marketplace")
    return ShipmentTask(shipment=Shipment(key=key, carrier="Colissimo", tracking_number="6A1"), task=task)


@pytest.fixture
def shipping(shell: Shell) -> Shell:
    with SqlOms(shell.store) as oms:
        for key, state in (("P", TaskState.PENDING), ("R", TaskState.REJECTED), ("C", TaskState.CONFIRMED)):
            oms.swap_shipment("my-shop", None, shipment(key, state))
    return shell


def states(shell: Shell) -> dict[str, str]:
    return {each["shipment"]["key"]: each["task"]["state"] for each in shell("outbox list --json").document}


def test_outbox_lists_every_shipment_or_those_in_a_state(shipping: Shell) -> None:
    assert states(shipping) == {"P": "pending", "R": "rejected", "C": "confirmed"}
    assert [each["shipment"]["key"] for each in shipping("outbox list --state pending --json").document] == ["P"]


def test_outbox_retry_and_cancel(shipping: Shell) -> None:
    assert shipping("outbox retry R").code == 0
    assert shipping("outbox cancel P").code == 0
    assert states(shipping) == {"P": "cancelled", "R": "pending", "C": "confirmed"}


@pytest.mark.parametrize(
    ("line", "code"),
    [("outbox retry R C", 2), ("outbox cancel P C", 2), ("outbox retry R nothing", 1), ("outbox cancel P nothing", 1)],
)
def test_outbox_changes_all_or_nothing(shipping: Shell, line: str, code: int) -> None:
    before = states(shipping)
    assert shipping(line).code == code
    assert states(shipping) == before


def test_dry_run_shows_the_change_and_keeps_none(shipping: Shell) -> None:
    assert shipping("outbox retry R --dry-run --json").document[0]["task"]["state"] == "pending"
    assert states(shipping)["R"] == "rejected"


def test_mapping_is_listed_once_set(shell: Shell) -> None:
    assert shell("mapping set --retailer Shop --supplier Depot --dry-run").code == 0
    assert shell("mapping list --json").document == []
    assert shell("mapping set --retailer Shop --supplier Depot").code == 0
    assert shell("mapping list --json").document == [{"account": "my-shop", "retailer": "Shop", "supplier": "Depot"}]


def test_status_of_an_idle_account_needs_nobody(shell: Shell) -> None:
    ran = shell("status")
    assert ran.code == 0
    assert "never" in ran.out


def test_status_of_a_mistyped_account_names_those_that_there_are(shipping: Shell) -> None:
    assert "my-shop" in shipping("status --account my-shpo").err
    assert shipping("status").err == ""


def test_status_shows_what_needs_a_person(shipping: Shell, quarantined: Shell) -> None:
    ran = shipping("status")
    assert ran.code == 1
    assert "map the SKU" in ran.out
    assert "refused by the marketplace" in ran.out
    assert shipping("status --json").document["overview"]["shipments"] == [
        {"value": "confirmed", "count": 1},
        {"value": "pending", "count": 1},
        {"value": "rejected", "count": 1},
    ]


def test_purge_forgets_customers_unless_it_is_a_dry_run(quarantined: Shell) -> None:
    assert quarantined("purge --older-than 1d --dry-run --json").document["purged"]["quarantine"] == 2
    assert "Jeanne" in quarantined("quarantine list --payload").out
    assert quarantined("purge --older-than 1d").code == 0
    assert "Jeanne" not in quarantined("quarantine list --payload").out


@pytest.fixture
def stored(shell: Shell) -> Shell:
    order = SalesOrder(
        channel="soap",
        identities=("N1", "ref-1"),
        status=OrderStatus.WAITING_SHIPMENT,
        modified_at=NOON,
        customer=Customer(last_name="Martin"),
        shipping_address=Address(last_name="Martin", city="Lyon"),
    )
    with SqlOms(shell.store) as oms:
        oms.save("my-shop", order, order, Change(kind=ChangeKind.IMPORTED, at=NOON, digest="…"))
        oms.swap_shipment("my-shop", None, shipment("N1", TaskState.PENDING))
    return shell


def test_stored_order_is_shown_with_its_history_and_without_a_marketplace(stored: Shell) -> None:
    ran = stored("orders show --stored N1")
    assert ran.code == 0
    assert "Martin" in ran.out
    assert "Lyon" in ran.out
    (record,) = stored("orders show --stored ref-1 --json").document
    assert record["order"]["identities"] == ["N1", "ref-1"]
    assert [(each["subject"], each["event"]) for each in record["history"]] == [
        ("order", "imported"),
        ("shipment", "queued"),
    ]


def test_order_that_is_not_in_the_store_needs_a_person(stored: Shell) -> None:
    ran = stored("orders show --stored N1 N2")
    assert ran.code == 1
    assert "N2" in ran.err
    assert "Martin" in ran.out


def test_one_customer_is_forgotten_at_once_and_the_order_stays(stored: Shell) -> None:
    assert stored("purge --order ref-1 --dry-run --json").document["purged"]["orders"] == 1
    assert "Martin" in stored("orders show --stored N1").out
    assert stored("purge --order ref-1").code == 0
    left = stored("orders show --stored N1")
    assert left.code == 0
    assert "Martin" not in left.out
    assert "customer forgotten" in left.out


def test_forgetting_an_order_that_is_not_there_needs_a_person(stored: Shell) -> None:
    ran = stored("purge --order N2")
    assert ran.code == 1
    assert "N2" in ran.err


def test_reader_that_stops_early_is_no_error(quarantined: Shell) -> None:
    command = f"{sys.executable} -m cdiscount_marketplace.cli quarantine list --json | head -c 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("{", "")
