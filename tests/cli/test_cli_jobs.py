"""The commands that talk to the marketplace, against a sandbox over HTTP."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import Reset
from cdiscount_marketplace.sandbox.orders import Order
from support.shell import Shell

PAID = "WaitingForShipmentAcceptation"
PARCEL = "--carrier Colissimo --tracking-number 6A123"


@contextmanager
def unreachable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the marketplace out of reach, without the pauses between attempts."""
    with monkeypatch.context() as away:
        away.setenv("CDISCOUNT_TOKEN_URL", "http://127.0.0.1:1/token")
        away.setattr("cdiscount_marketplace.clock.SystemClock.sleep", lambda *_: None)
        yield


def paid(sandbox: Sandbox) -> Order:
    return sandbox.place(state=PAID)


# --- the login


def test_token_check_logs_in(shell: Shell, sandbox: Sandbox) -> None:
    ran = shell("token check --json")
    assert ran.code == 0
    assert ran.document["accepted"] is True


def test_refused_login_is_tried_once_however_often_the_command_runs(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDISCOUNT_PASSWORD", "wrong-s3cret")
    first, second = shell("token check"), shell("pull")
    assert (first.code, second.code) == (3, 3)
    assert len(sandbox.calls("Token")) == 1
    assert "s3cret" not in first.err + second.err
    assert "Traceback" not in first.err + second.err


def test_password_can_come_from_standard_input(shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CDISCOUNT_PASSWORD")
    monkeypatch.setattr("sys.stdin", io.StringIO(sandbox.accounts[0].password + "\n"))
    assert shell("token check --secret-stdin").code == 0


def test_no_credentials_is_wrong_usage_and_says_what_to_set(shell: Shell) -> None:
    ran = shell("token check")
    assert ran.code == 2
    assert "CDISCOUNT_USERNAME" in ran.err


def test_unreachable_marketplace_has_its_own_exit_code(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unreachable(monkeypatch):
        ran = shell("pull")
    assert ran.code == 4
    assert "Traceback" not in ran.err


# --- reading


def test_orders_are_listed_by_status(shell: Shell, sandbox: Sandbox) -> None:
    waiting, ready = sandbox.place(), paid(sandbox)
    listed = {order["identities"][0]: order["status"] for order in shell("orders list --json").document}
    assert listed == {waiting.number: "waiting_acceptance", ready.number: "waiting_shipment"}
    assert len(shell("orders list --status waiting_shipment --json").document) == 1


def test_list_shows_no_customer_and_show_does(shell: Shell, sandbox: Sandbox) -> None:
    order = paid(sandbox)
    assert order.customer.last_name not in shell("orders list").out
    assert order.customer.last_name in shell(f"orders show {order.number}").out


def test_unknown_number_needs_a_person(shell: Shell, sandbox: Sandbox) -> None:
    ran = shell("orders show 1904241200ZZZZZ")
    assert ran.code == 1
    assert "1904241200ZZZZZ" in ran.err


def test_carriers_are_named_as_the_marketplace_writes_them(shell: Shell, sandbox: Sandbox) -> None:
    assert "Colissimo" in shell("carriers --json").document


# --- pulling


def test_first_pull_needs_to_know_where_to_begin(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CDISCOUNT_START_FROM")
    ran = shell("pull")
    assert ran.code == 2
    assert "start" in ran.err


def test_pull_imports_what_waits_once(shell: Shell, sandbox: Sandbox) -> None:
    order = paid(sandbox)
    assert shell("pull --json").document["imported"] == 1
    assert shell("pull --json").document["imported"] == 0
    with SqlOms(shell.store) as oms:
        assert [stored.number for stored in oms.list_orders("my-shop")] == [order.number]


def test_dry_run_pulls_nothing(shell: Shell, sandbox: Sandbox) -> None:
    order = paid(sandbox)
    assert shell("pull --dry-run --json").document == {"would_import": [order.number], "known": []}
    assert shell("checkpoint show --json").document is None


def test_quarantined_order_needs_a_person_until_its_cause_is_gone(shell: Shell, sandbox: Sandbox) -> None:
    paid(sandbox)
    shell("mapping set --retailer Shop --supplier Depot --account other")
    assert shell("pull").code == 1
    assert shell("status").code == 1
    shell("mapping set --retailer Shop --supplier Depot")
    ran = shell("quarantine retry --json")
    assert (ran.code, ran.document["released"]) == (0, 1)
    assert shell("status").code == 0


def test_running_job_keeps_a_second_one_out(shell: Shell, sandbox: Sandbox) -> None:
    with SqlOms(shell.store) as oms:
        oms.acquire("my-shop", "import", "another worker", timedelta(minutes=10))
    assert shell("pull").code == 75


# --- deciding


def test_accept_decides_on_the_named_orders_only(shell: Shell, sandbox: Sandbox) -> None:
    one, other = sandbox.place(), sandbox.place()
    assert shell(f"accept {one.number} --json").document["confirmed"] == 1
    assert len(sandbox.applied(one.number)) == 1
    assert sandbox.applied(other.number) == ()


def test_accept_all_and_refuse(shell: Shell, sandbox: Sandbox) -> None:
    unwanted, wanted = sandbox.place(), sandbox.place()
    assert shell(f"refuse {unwanted.number}").code == 0
    assert shell("accept --all").code == 0
    assert str(sandbox.order(unwanted.number).state) == "RefusedBySeller"
    assert len(sandbox.applied(wanted.number)) == 1


def test_deciding_on_an_order_that_does_not_wait_needs_a_person(shell: Shell, sandbox: Sandbox) -> None:
    order = paid(sandbox)
    ran = shell(f"accept {order.number}")
    assert ran.code == 1
    assert order.number in ran.err


@pytest.mark.parametrize("line", ["accept", "accept 1 --all", "accept 1 2 --without-line A", "refuse"])
def test_deciding_on_nothing_or_on_too_much_is_wrong_usage(shell: Shell, line: str) -> None:
    assert shell(line).code == 2


@pytest.mark.parametrize("before", [(), ("pull",)], ids=["first", "later"])
def test_dry_run_names_no_order_that_a_pull_would_leave_alone(
    shell: Shell, sandbox: Sandbox, before: tuple[str, ...]
) -> None:
    sandbox.place(state="WaitingForShipmentAcceptation", created_at=sandbox.clock.now() - timedelta(days=9))
    for command in before:
        assert shell(command).code == 0
    assert shell("pull --dry-run --json").document == {"would_import": [], "known": []}


def test_dry_run_decides_nothing(shell: Shell, sandbox: Sandbox) -> None:
    order = sandbox.place()
    assert shell("accept --all --dry-run").code == 0
    assert sandbox.applied(order.number) == ()


# --- shipping


def test_ship_queues_and_pushes(shell: Shell, sandbox: Sandbox) -> None:
    order = paid(sandbox)
    assert shell(f"ship {order.number} {PARCEL}").code == 0
    assert len(sandbox.shipped(order.number)) == 1
    [task] = shell("outbox list --json").document
    assert task["task"]["state"] == "confirmed"


@pytest.mark.parametrize("named", ["--lines L1 L2", "--lines L1 --lines L2", "--line L1 --line L2"])
def test_lines_and_parcel_are_queued_as_they_are_named(shell: Shell, sandbox: Sandbox, named: str) -> None:
    ran = shell(f"ship N1 {PARCEL} {named} --parcel box-1 --complete --dry-run --json")
    shipment = ran.document["shipment"]["shipment"]
    assert (shipment["lines"], shipment["parcel"], shipment["complete"]) == (["L1", "L2"], "box-1", True)
    whole = shell(f"ship N1 {PARCEL} --dry-run --json").document["shipment"]["shipment"]
    assert (whole["lines"], whole["parcel"], whole["complete"]) == (None, "6A123", False)


def test_shipping_again_is_not_shipping_twice(shell: Shell, sandbox: Sandbox) -> None:
    order = paid(sandbox)
    shell(f"ship {order.number} {PARCEL}")
    assert shell(f"ship {order.number} {PARCEL}").code == 0
    assert shell(f"ship {order.number} --carrier Chronopost --tracking-number 7B").code == 1
    assert len(sandbox.shipped(order.number)) == 1


@pytest.mark.parametrize(
    ("given", "missing"),
    [("", "carrier"), ("--carrier Colissimo", "--tracking-number"), ("--tracking-number 6A", "carrier")],
)
def test_incomplete_shipment_is_refused_before_any_request(
    shell: Shell, sandbox: Sandbox, given: str, missing: str
) -> None:
    order = paid(sandbox)
    ran = shell(f"ship {order.number} {given}")
    assert ran.code == 2
    assert missing in ran.err
    assert sandbox.calls() == ()
    assert shell("outbox list --json").document == []


def test_shipment_survives_an_unreachable_marketplace(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = paid(sandbox)
    with unreachable(monkeypatch):
        assert shell(f"ship {order.number} {PARCEL}").code == 4
    assert shell("push").code == 0
    assert len(sandbox.shipped(order.number)) == 1


def test_unanswered_shipment_is_left_to_a_later_push_and_says_so(shell: Shell, sandbox: Sandbox) -> None:
    order = paid(sandbox)
    sandbox.inject(Fault(Reset(), on="ValidateOrderList"))
    for _ in range(2):
        ran = shell(f"ship {order.number} {PARCEL} --json")
        assert (ran.code, ran.document["shipment"]["task"]["state"]) == (1, "unknown")
        assert "later push" in ran.err
    assert len(sandbox.shipped(order.number)) == len(sandbox.calls("ValidateOrderList")) == 1


@pytest.mark.parametrize(("terminal", "told"), [("1", True), ("", False)])
def test_progress_is_shown_on_a_terminal_only_and_never_in_the_result(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, terminal: str, told: bool
) -> None:
    paid(sandbox)
    # How `rich` is told that a stream is a terminal.
    monkeypatch.setenv("FORCE_COLOR", terminal)
    ran = shell("pull --json")
    assert ran.document["imported"] == 1
    # Which texts a spinner gets to show depends on its timing; that it moves the cursor does not.
    assert ("\x1b[?25l" in ran.err) is told
    assert told or not ran.err


def test_dry_run_ships_nothing_and_queues_nothing(shell: Shell, sandbox: Sandbox) -> None:
    order = paid(sandbox)
    assert shell(f"ship {order.number} {PARCEL} --dry-run").code == 0
    assert shell("outbox list --json").document == []
    assert sandbox.calls("ValidateOrderList") == ()


def test_dry_push_lists_what_would_be_sent(shell: Shell, sandbox: Sandbox) -> None:
    assert shell("push --dry-run --json").document == []


# --- the whole of it


def test_demo_loses_and_doubles_nothing(shell: Shell) -> None:
    ran = shell(f"demo --orders 6 --store {shell.store} --json")
    assert ran.code == 0
    tally = json.loads(ran.out)["tally"]
    assert len(tally["fates"]) == 6
    assert tally["lost"] == []


def test_sigterm_ends_a_long_pull_between_two_orders(shell: Shell, sandbox: Sandbox) -> None:
    order = paid(sandbox)
    command = [sys.executable, "-m", "cdiscount_marketplace.cli", "pull", "--start-from", "2000-01-01", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        with SqlOms(shell.store) as oms:
            while not ((checkpoint := oms.load_checkpoint("my-shop")) and checkpoint.version > 2):
                assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert json.loads(out)["ended_by"] == "stopped"
    with SqlOms(shell.store) as oms:
        assert oms.find("my-shop", [order.number]) is not None


def test_octopia_does_the_same_job(shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDISCOUNT_CHANNEL", "octopia")
    order, waiting = paid(sandbox), sandbox.place()
    assert shell("token check --json").document["channel"] == "octopia"
    assert shell("pull --json").document["imported"] == 1
    shell("accept --all")
    shell(f"ship {order.number} {PARCEL}")
    sandbox.advance(timedelta(hours=1))
    assert len(sandbox.applied(waiting.number)) == 1
    assert len(sandbox.shipped(order.number)) == 1


def test_changing_the_channel_imports_nothing_again(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(sandbox)
    assert shell("pull --channel soap --json").document["imported"] == 1
    assert shell("pull --channel octopia --json").document["imported"] == 0
