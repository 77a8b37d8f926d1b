"""Commands that give money back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import HttpStatus
from cdiscount_marketplace.sandbox.orders import Order, Tracking
from cdiscount_marketplace.sandbox.states import State
from support.shell import Shell


@pytest.fixture
def shipped(shell: Shell, sandbox: Sandbox) -> Order:
    """Give an order that was pulled and shipped."""
    order = sandbox.place(state=State.WAITING_SHIPMENT)
    sandbox.advance(timedelta(minutes=10))
    assert shell("pull").code == 0
    return sandbox.book.ship(order.number, Tracking(carrier="Colissimo", number="6A1"))


def test_a_gesture_is_given_and_shown(shell: Shell, shipped: Order, sandbox: Sandbox) -> None:
    ran = shell(f"refunds give {shipped.number} --kind gesture --amount 2.50 --reason late_delivery --json")
    assert (ran.code, ran.document["refund"]["task"]["state"]) == (0, "confirmed")
    assert [str(refund.amount) for refund in sandbox.book.get(shipped.number).refunds] == ["2.50"]
    assert [row["refund"]["amount"] for row in shell("refunds list --json").document] == ["2.50"]
    assert "late_delivery" in shell("refunds list").out


def test_a_dry_run_gives_nothing(shell: Shell, shipped: Order, sandbox: Sandbox) -> None:
    assert shell(f"refunds give {shipped.number} --reason damaged_product --dry-run").code == 0
    assert shell("refunds list --json").document == []
    assert not sandbox.calls("CreateRefundVoucher")


def test_what_cannot_be_right_is_a_usage_error(shell: Shell, shipped: Order) -> None:
    ran = shell(f"refunds give {shipped.number} --kind gesture --reason other")
    assert (ran.code, "amount" in ran.err) == (2, True)
    ran = shell(f"refunds give {shipped.number} --kind rebate --reason other")
    assert (ran.code, "cancellation" in ran.err) == (2, True)


def test_an_unanswered_refund_is_left_to_a_person_who_settles_it(
    shell: Shell, shipped: Order, sandbox: Sandbox
) -> None:
    sandbox.inject(Fault(HttpStatus(500), on="CreateRefundVoucher"))
    ran = shell(f"refunds give {shipped.number} --kind gesture --amount 1 --reason other --reference mine")
    assert ran.code == 1
    assert "refunds push" in ran.err
    assert shell(f"refunds confirm {shipped.number}").code == 2
    assert shell("refunds push --dry-run --json").document[0]["task"]["state"] == "unknown"


def test_a_rejected_refund_stands_in_the_status_until_it_is_withdrawn(shell: Shell, sandbox: Sandbox) -> None:
    order = sandbox.place(state=State.WAITING_SHIPMENT)
    sandbox.advance(timedelta(minutes=10))
    shell("pull")
    ran = shell(f"refunds give {order.number} --reason damaged_product")
    assert (ran.code, "CANCELLATION" in ran.out) == (1, True)
    status = shell("status --json")
    assert [row["task"]["state"] for row in status.document["problems"]["refunds"]] == ["rejected"]
    assert shell(f"refunds cancel {order.number} --dry-run").code == 0
    assert shell("status").code == 1
    assert shell(f"refunds cancel {order.number}").code == 0
    assert shell("status").code == 0
    assert shell(f"refunds retry {order.number} --json").document[0]["task"]["state"] == "pending"
    assert shell("refunds push").code == 1


def test_a_whole_order_is_cancelled(shell: Shell, sandbox: Sandbox) -> None:
    order = sandbox.place(state=State.WAITING_SHIPMENT)
    sandbox.advance(timedelta(minutes=10))
    shell("pull")
    assert shell(f"refunds give {order.number} --kind cancellation --reason out_of_stock").code == 0
    assert sandbox.book.get(order.number).state == State.SHIPMENT_REFUSED
