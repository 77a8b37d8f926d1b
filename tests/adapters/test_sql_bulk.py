"""A batch that is saved as one ends as if its orders had been saved one by one."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from cdiscount_marketplace.adapters.sql import PlacedOrder, SqlOms
from cdiscount_marketplace.errors import StoreFailed
from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms.ports import SaveRequest
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, change, order
from support.shop import Picky, Shop

NUMBERS = [f"N{number}" for number in range(8)]


class PickyOms(Picky):
    """A mapper for `SqlOms` that refuses some orders."""

    def map(self, order, company):
        super().map(order, company)
        return PlacedOrder(order=order, company=company)


def handled(shop):
    return Counter((event.order_number, event.result) for event in shop.told("OrderHandled"))


@given(
    refused=st.sets(st.sampled_from(NUMBERS), max_size=2),
    changed=st.sets(st.sampled_from(NUMBERS)),
    batch=st.integers(1, 9),
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_batch_ends_as_its_orders_alone(tmp_path_factory, refused, changed, batch):
    alone, together = Shop(batch=batch), Shop(batch=batch)
    with SqlOms(f"sqlite:///{tmp_path_factory.mktemp('bulk') / 'oms.db'}", clock=together.market.clock) as oms:
        together.oms = oms
        for shop, mapper in ((alone, Picky(*refused)), (together, PickyOms(*refused))):
            for number in NUMBERS:
                shop.market.place(number)
            shop.run(mapper=mapper)
            for number in sorted(changed):
                shop.market.move(number, OrderStatus.SHIPPED)
            shop.run(mapper=mapper)
        assert handled(together) == handled(alone)
        assert {one.number for one in oms.list_orders("shop")} == set(alone.numbers()) == set(NUMBERS) - refused
        assert [one.key for one in oms.list_quarantine("shop")] == [
            one.key for one in alone.oms.list_quarantine("shop")
        ]


def test_one_order_that_cannot_be_written_leaves_its_batch_alone(database_url):
    def write(connection, account, mapped, change):
        if mapped == "N3":
            raise ValueError("no such product")

    shop = Shop(mapper=Picky())
    with SqlOms(database_url, write=write, clock=shop.market.clock) as oms:
        shop.oms = oms
        for number in NUMBERS:
            shop.market.place(number)
        report = shop.run()
        assert (report.imported, report.quarantined) == (7, 1)
        assert {one.number for one in oms.list_orders("shop")} == set(NUMBERS) - {"N3"}


def test_an_order_that_another_worker_inserts_meanwhile_is_updated(postgresql_url):
    requests = [SaveRequest(order=order(number), mapped=order(number), change=change("d2")) for number in ("A1", "B1")]
    with SqlOms(postgresql_url) as oms, SqlOms(postgresql_url) as other, oms.unit():
        oms.find_all(ACCOUNT, [["A1"], ["B1"]])
        other.save(ACCOUNT, order("B1"), order("B1"), change("d1"))
        with pytest.raises((IntegrityError, StoreFailed)), oms.unit():
            oms.save_all(ACCOUNT, requests)
        for request in requests:
            oms.save(ACCOUNT, request.order, request.mapped, request.change)
        assert [oms.find(ACCOUNT, [number]).digest for number in ("A1", "B1")] == ["d2", "d2"]
