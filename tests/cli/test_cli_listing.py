"""Long lists are cut to a screen, say how much more there is, and are whole where that is asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.models import Decision, Shipment, Verdict
from cdiscount_marketplace.oms.ports import DecisionTask, QuarantinedOrder, ShipmentTask, Task, TaskState
from cdiscount_marketplace.sandbox import Sandbox
from support.shell import Shell

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# More than one page of the store.
MANY = 2300


@pytest.fixture
def long(shell: Shell) -> Shell:
    """Give a shell with a long outbox and quarantine, and many decisions; a third of the shipments is rejected."""
    with SqlOms(shell.store) as oms, oms.unit():
        for number in range(MANY):
            key = f"N{number:05d}"
            at = NOON + timedelta(seconds=number // 7)
            state = TaskState.REJECTED if number % 3 == 0 else TaskState.PENDING
            task = Task(key=key, state=state, created_at=at, updated_at=at)
            shipment = Shipment(key=key, carrier="Colissimo", tracking_number=f"6A{number}")
            oms.swap_shipment("my-shop", None, ShipmentTask(shipment=shipment, task=task))
            oms.swap_decision(
                "my-shop", None, DecisionTask(decision=Decision(key=key, verdict=Verdict.ACCEPT), task=task)
            )
            oms.put_quarantine("my-shop", _entry(key, at))
    return shell


def _entry(key: str, at: datetime) -> QuarantinedOrder:
    return QuarantinedOrder(
        key=key, identities=(key,), code="unmappable", reason="map", payload="{}", first_seen=at, last_seen=at
    )


def numbers(printed: str) -> list[str]:
    return [word for line in printed.splitlines() for word in line.split()[:1] if word.startswith("N0")]


EVERY = [f"N{number:05d}" for number in range(MANY)]


@pytest.mark.parametrize("command", ["outbox list", "quarantine list"])
def test_screen_shows_the_first_rows_and_how_many_more_there_are(long: Shell, command: str) -> None:
    shown = long(command).out
    assert numbers(shown) == EVERY[:50]
    assert f"{MANY} " in shown
    assert f"{MANY - 50} more: --all" in shown


@pytest.mark.parametrize("command", ["outbox list", "quarantine list"])
def test_limit_shows_so_many(long: Shell, command: str) -> None:
    shown = long(f"{command} --limit 3").out
    assert numbers(shown) == EVERY[:3]
    assert f"{MANY - 3} more" in shown
    whole = long(f"{command} --limit {MANY}").out
    assert numbers(whole) == EVERY
    assert "more" not in whole


@pytest.mark.parametrize("command", ["outbox list", "quarantine list"])
def test_all_shows_each_row_once_on_a_line(long: Shell, command: str) -> None:
    assert numbers(long(f"{command} --all").out) == EVERY


def test_json_holds_every_row_unless_fewer_are_wanted(long: Shell) -> None:
    assert [row["shipment"]["key"] for row in long("outbox list --json").document] == EVERY
    assert len(long("outbox list --json --limit 4").document) == 4
    assert [row["key"] for row in long("quarantine list --json").document["orders"]] == EVERY
    assert len(long("quarantine list --json --payload --limit 4").document["payloads"]) == 4


def test_states_are_counted_by_themselves(long: Shell) -> None:
    rejected = EVERY[::3]
    shown = long("outbox list --state rejected").out
    assert numbers(shown) == rejected[:50]
    assert f"{len(rejected) - 50} more" in shown
    assert numbers(long("outbox list --state rejected --all").out) == rejected


def test_status_is_a_screen_and_its_json_whole(long: Shell) -> None:
    ran = long("status")
    assert ran.code == 1
    assert ran.out.count("\n") < 200
    assert ran.out.count(" more: ") == 3
    problems = long("status --json").document["problems"]
    assert {name: len(rows) for name, rows in problems.items()} == {
        "quarantine": MANY,
        "shipments": len(EVERY[::3]),
        "decisions": len(EVERY[::3]),
        "refunds": 0,
    }


def test_dry_push_is_a_screen_and_its_json_whole(long: Shell) -> None:
    pending = [key for number, key in enumerate(EVERY) if number % 3]
    assert numbers(long("push --dry-run").out) == pending[:50]
    assert len(long("push --dry-run --json").document) == len(pending)


def test_orders_of_the_marketplace_are_cut_as_well(shell: Shell, sandbox: Sandbox) -> None:
    for _ in range(60):
        sandbox.place()
    assert "10 more: --all" in shell("orders list --status waiting_acceptance").out
    assert len(shell("orders list --json").document) == 60
    assert len(shell("orders list --json --limit 7").document) == 7


def test_outbox_shows_the_parcel_and_its_lines(shell: Shell) -> None:
    task = Task(key="N1", created_at=NOON, updated_at=NOON)
    shipment = Shipment(key="N1", carrier="Colissimo", tracking_number="6A1", parcel="box-1", lines=("L1", "L2"))
    with SqlOms(shell.store) as oms:
        oms.swap_shipment("my-shop", None, ShipmentTask(shipment=shipment, task=task))
    shown = shell("outbox list").out
    assert "box-1" in shown
    assert "L1, L2" in shown


def test_each_record_is_a_line_of_the_document(long: Shell) -> None:
    lines = long("outbox list --json").out.splitlines()
    assert json.loads(lines[1].rstrip(","))["shipment"]["key"] == "N00000"
    assert len(lines) == MANY + 2


@pytest.mark.parametrize("options", ["--limit 0", "--limit -3", "--limit x", "--limit 5 --all"])
@pytest.mark.parametrize("command", ["outbox list", "quarantine list", "orders list"])
def test_limit_that_is_no_number_of_rows_is_wrong_usage(shell: Shell, command: str, options: str) -> None:
    ran = shell(f"{command} {options}")
    assert (ran.code, ran.out) == (2, "")
    assert "limit" in ran.err
