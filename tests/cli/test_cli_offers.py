"""Commands that keep stock and prices in step."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cdiscount_marketplace.octopia.offers import PackageType
from cdiscount_marketplace.sandbox import Sandbox
from support.octopia_bodies import full_offer
from support.shell import Shell


@pytest.fixture
def known(shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Give a marketplace that knows one offer, LAMP-1."""
    monkeypatch.setenv("CDISCOUNT_CHANNEL", "octopia")
    packages = sandbox.octopia_client().offers.packages
    package_id = packages.create(PackageType.UPSERT)
    packages.add(package_id, [full_offer("LAMP-1")], kind=PackageType.UPSERT)
    sandbox.advance(timedelta(minutes=1))
    packages.ready(package_id)
    sandbox.advance(timedelta(minutes=5))
    return sandbox


def push(shell: Shell, sandbox: Sandbox) -> None:
    for _ in range(3):
        assert shell("offers push").code in (0, 1)
        sandbox.advance(timedelta(minutes=5))


def test_a_change_of_stock_is_followed(shell: Shell, known: Sandbox) -> None:
    assert shell("offers put LAMP-1 --quantity 3 --price 9.90").code == 0
    assert shell("offers push --dry-run --json").document[0]["offer"]["quantity"] == 3
    push(shell, known)
    offer = known.offers.find("LAMP-1", "CDISFR")
    assert offer is not None
    assert (offer.quantity, offer.price) == (3, Decimal("9.9"))
    ran = shell("offers status --json")
    assert (ran.code, ran.document["offers"]["in_step"], ran.document["packages"]) == (0, 1, [])


def test_an_offer_that_is_not_known_waits_for_a_person(shell: Shell, known: Sandbox) -> None:
    shell("offers put NOBODY --quantity 3")
    push(shell, known)
    status = shell("offers status")
    assert (status.code, "does not know this offer" in status.out) == (1, True)
    assert [row["state"] for row in shell("offers list --state waiting --json").document] == ["waiting"]


def test_a_dry_run_stores_nothing_and_saying_nothing_is_wrong_usage(shell: Shell, known: Sandbox) -> None:
    assert shell("offers put LAMP-1 --quantity 3 --dry-run").code == 0
    assert shell("offers list --json").document == []
    assert shell("offers put LAMP-1").code == 2
    assert shell("offers put LAMP-1 --price -1").code == 2


def test_the_first_offer_makes_the_store(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    assert shell(f"offers put A-1 --quantity 3 --dry-run --store sqlite:///{new}").code == 2
    assert not new.exists()
    put = shell(f"offers put A-1 --quantity 3 --store sqlite:///{new}")
    assert (put.code, str(new) in put.err) == (0, True)
    assert "A-1" in shell(f"offers list --store sqlite:///{new}").out


def test_an_offer_without_a_login_makes_no_store(shell: Shell, tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    assert shell(f"offers put A-1 --quantity 3 --store sqlite:///{new}").code == 2
    assert not new.exists()
