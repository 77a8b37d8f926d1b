"""`migrate check` tells what moving to the other API would mean."""

from __future__ import annotations

from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.sandbox.states import State
from support.shell import Shell


def test_a_store_filled_through_soap_is_safe_to_move(shell: Shell, sandbox: Sandbox) -> None:
    numbers = [sandbox.place(state=State.WAITING_SHIPMENT).number for _ in range(3)]
    assert shell("pull").code == 0
    ran = shell("migrate check --json")
    assert ran.code == 0, ran.err
    report = ran.document
    assert (report["compared"], report["stored"], report["new_to_store"]) == (3, 3, [])
    assert "safe to switch" in shell("migrate check").out
    assert shell("pull --channel octopia --json").document["imported"] == 0
    assert len(numbers) == 3


def test_an_empty_period_needs_a_person(shell: Shell, sandbox: Sandbox) -> None:
    assert shell("migrate check --created-from 2020-01-01 --created-to 2020-01-02").code == 1
