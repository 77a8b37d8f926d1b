"""What a later answer leaves out stays as it was told."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.models import Parcel, Tax
from cdiscount_marketplace.oms.gaps import without_gaps
from support.model_channel import START, sales_order
from support.shop import Shop

LINE = {
    "sku": "A",
    "product_id": "P",
    "ean": "1234567890123",
    "title": "Lampe",
    "condition": "New",
    "quantity": 2,
    "line_total": Decimal(10),
    "unit_price": Decimal(5),
    "shipping": Decimal(3),
    "commission": Decimal(1),
    "ship_by": START,
    "parcels": (Parcel(tracking_number="6A1"),),
    "taxes": (Tax(amount=Decimal(2)),),
}
ORDER = {
    "created_at": START,
    "ship_by": START,
    "total": Decimal(20),
    "shipping_total": Decimal(3),
    "commission": Decimal(1),
    "unexplained": Decimal(0),
    "delivery_mode": "STD",
    "business": False,
    "sales_channel": "CDISFR",
    "currency": "PLN",
}


def whole():
    order = evolve(sales_order("one", START), **ORDER)
    first, second = order.lines
    return evolve(order, lines=(evolve(first, **LINE), evolve(second, sku="B")))


def gone(name):
    return {"parcels": (), "taxes": (), "currency": "XXX"}.get(name)


@given(of_order=st.sets(st.sampled_from(sorted(ORDER))), of_line=st.sets(st.sampled_from(sorted(LINE))))
def test_nothing_that_is_left_out_is_lost(of_order, of_line):
    known = whole()
    first, second = known.lines
    # What an order's total does not explain is worked out from the rest.
    left_out = of_order - {"unexplained"}
    changes = {name: gone(name) for name in left_out}
    lines = (evolve(first, **{name: gone(name) for name in of_line}), second)
    assert without_gaps(evolve(known, **changes, lines=lines), known) == known


def test_what_is_told_counts():
    known = whole()
    changed = evolve(known, total=Decimal(19), lines=(evolve(known.lines[0], quantity=3), known.lines[1]))
    assert without_gaps(changed, known) == changed


def test_a_line_without_its_price_keeps_its_amounts():
    known = whole()
    odd = evolve(known.lines[0], unit_price=Decimal("6.5"), line_total=Decimal(13), shipping=None)
    assert without_gaps(evolve(known, lines=(odd, known.lines[1])), known) == known


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_quantity_that_an_answer_leaves_out_is_still_stored(kind, tmp_path):
    shop = Shop()
    if kind == "sqlite":
        shop.oms = SqlOms(f"sqlite:///{tmp_path / 'oms.db'}", clock=shop.market.clock)
    shop.market.place("one")
    shop.run()
    kept = shop.market.book["one"]
    lines = tuple(evolve(line, quantity=None, line_total=None) for line in kept.order.lines)
    kept.order = evolve(kept.order, lines=lines, total=None, currency="XXX", modified_at=shop.market.clock.time)
    report = shop.run()
    assert (report.updated, report.quarantined) == (0, 0)
    stored = shop.oms.load_order("shop", "one")
    assert [line.quantity for line in stored.lines] == [1, 2]
    assert (stored.total, stored.currency) == (Decimal("18.50"), "EUR")


def test_without_an_archive_a_missing_quantity_is_asked_about(monkeypatch):
    shop = Shop()
    shop.market.place("one")
    shop.run()
    kept = shop.market.book["one"]
    kept.order = evolve(kept.order, lines=tuple(evolve(line, quantity=None) for line in kept.order.lines))
    monkeypatch.delattr("cdiscount_marketplace.adapters.memory.MemoryOms.load_order")
    assert shop.run().quarantined == 1
    assert [line.quantity for line in shop.oms.orders("shop")[0].order.lines] == [1, 2]
