"""The generator, the clock and the settings: the same seed gives the same shop, and nonsense is refused."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.sandbox import forms
from cdiscount_marketplace.sandbox.clock import VirtualClock
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.effects import EFFECTS
from cdiscount_marketplace.sandbox.generator import Generator, OrderSpec
from cdiscount_marketplace.sandbox.octopia_settings import OctopiaSettings
from cdiscount_marketplace.sandbox.settings import Settings

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs" / "reference" / "sandbox.md"

specs = st.builds(
    OrderSpec,
    lines=st.integers(1, 5),
    quantity=st.none() | st.integers(1, 9),
    unit_price=st.none() | st.decimals("0.01", "999", places=2),
    relay=st.booleans(),
    business=st.booleans(),
    fee=st.booleans(),
    duplicate_reference=st.booleans(),
    without_reference=st.booleans(),
    dummy=st.booleans(),
)


@settings(max_examples=50)
@given(spec=specs, seed=st.integers(0, 2**32))
def test_a_seed_gives_the_same_order_again_and_its_parts_add_up(spec: OrderSpec, seed: int) -> None:
    order, again = (Generator(seed, PARIS).order(spec, NOW) for _ in range(2))
    assert order == again
    assert re.fullmatch(r"2603020900[A-Z0-9]{5}", order.number)
    assert order.promised.total == sum(line.price + line.shipping for line in order.lines)
    assert len(order.goods) == spec.lines + spec.duplicate_reference
    assert [line.row for line in order.lines] == list(range(len(order.lines)))
    assert all(line.quantity >= 1 and line.commission >= 0 for line in order.lines)


def test_two_sandboxes_with_one_seed_are_the_same_shop() -> None:
    first, second = (Sandbox(seed=5).fill(40) for _ in range(2))
    assert first == second
    assert first != Sandbox(seed=6).fill(40)


def test_a_filled_shop_has_orders_of_many_kinds() -> None:
    orders = Sandbox().fill(300)
    kinds = Counter()
    for order in orders:
        kinds.update(
            relay=bool(order.shipping.relay_id),
            business=order.business,
            fee=any(line.fee for line in order.lines),
            fulfilled=order.fulfilled_by_cdiscount,
            several=len(order.goods) > 1,
        )
    assert all(count > 3 for count in kinds.values())
    assert {"Shipped", "WaitingForSellerAcceptation", "WaitingForShipmentAcceptation"} <= {o.state for o in orders}
    assert len({order.number for order in orders}) == 300


def test_a_virtual_clock_moves_only_when_told() -> None:
    clock: Clock = VirtualClock(NOW)
    assert (clock.now(), clock.monotonic()) == (NOW, 0)
    clock.sleep(90)
    assert clock.now() == NOW + timedelta(seconds=90)
    assert clock.monotonic() == 90
    with pytest.raises(ValueError, match="forward only"):
        VirtualClock().advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="aware"):
        VirtualClock(datetime(2026, 1, 1))


def test_a_live_clock_runs_and_can_be_moved() -> None:
    clock = VirtualClock(NOW, live=True)
    clock.advance(timedelta(days=1))
    clock.sleep(0.001)
    assert NOW + timedelta(days=1) < clock.now() < NOW + timedelta(days=2)


def test_settings_survive_a_trip_through_json() -> None:
    odd = Settings(auto_cancel_after=None, payment_delay=timedelta(seconds=1.5), quiet_states=["Shipped"], zone="UTC")
    other = Settings(octopia=OctopiaSettings(package_answer="body", integration=timedelta(seconds=1)))
    for given_settings in (Settings(), odd, other):
        assert forms.update(Settings(), forms.dump(given_settings)) == given_settings


def test_orders_are_told_as_json_values() -> None:
    told = forms.dump(Sandbox().place(unit_price=Decimal("1.50"), quantity=1))
    assert told["lines"][0]["price"] == "1.50"
    assert told["created_at"] == NOW.isoformat()
    assert told["tracking"] is None


@pytest.mark.parametrize("library", ["werkzeug", "waitress"])
def test_a_missing_extra_is_named(library: str) -> None:
    code = f"import sys; sys.modules['{library}'] = None; from cdiscount_marketplace.sandbox import SandboxServer"
    tried = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "pip install 'cdiscount-marketplace[sandbox]'" in tried.stderr


@pytest.mark.parametrize("name", [field.name for field in attrs.fields(Settings)])
def test_every_switch_is_documented(name: str) -> None:
    assert f"`{name}`" in DOCS.read_text("utf-8")


@pytest.mark.parametrize("name", [field.name for field in attrs.fields(OctopiaSettings)])
def test_every_switch_of_the_rest_half_is_documented(name: str) -> None:
    assert f"`{name}`" in DOCS.read_text("utf-8")


@pytest.mark.parametrize("values", [{"upload_status": 203}, {"counts": "many"}, [], {"integration": "soon"}])
def test_a_switch_takes_only_what_it_knows(values: object) -> None:
    with pytest.raises(forms.BadForm, match="octopia"):
        forms.update(Settings(), {"octopia": values})


@pytest.mark.parametrize("kind", EFFECTS)
def test_every_fault_is_documented(kind: str) -> None:
    assert f"`{kind}`" in DOCS.read_text("utf-8")
