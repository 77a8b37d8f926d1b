"""Whatever an order holds, every store takes it or sends it to quarantine, and takes the orders beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.models import OrderStatus, SalesOrder
from cdiscount_marketplace.oms import Ending, OrderImporter
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, NOON, order

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
TEXT = st.text(max_size=8) | st.sampled_from(
    ["\0", "a\0b", "\ud800", "\U0001f6d2", "\u202e", "é" * 3000, "X" * 12_000, " "]
)
TIMES = st.sampled_from([EARLIEST, LATEST]) | st.datetimes(timezones=st.just(UTC))


class Market:
    """Shows these orders, whatever is asked."""

    name = "market"
    settle_gap = timedelta(minutes=3)
    write_chunk = 10
    write_limit = timedelta(minutes=2)

    def __init__(self, *orders: SalesOrder) -> None:
        self.orders = orders

    def fetch(self, _query: object) -> tuple[SalesOrder, ...]:
        return self.orders

    def get(self, keys: Any) -> tuple[SalesOrder, ...]:
        return tuple(one for one in self.orders if set(keys) & set(one.identities))


@pytest.fixture(params=["memory", "sqlite", "postgresql", "postgresql in Tokyo"])
def store(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "memory":
        yield MemoryOms()
        return
    kind, _, zone = request.param.partition(" in ")
    url = str(request.getfixturevalue(f"{kind}_url"))
    if zone:
        url = url.replace("options=", "options=-cTimeZone%3DAsia/Tokyo%20")
    with SqlOms(url) as oms:
        yield oms


def bring_in(store: Any, *orders: SalesOrder) -> Any:
    importer = OrderImporter(Market(*orders), store, account=ACCOUNT, start_from=NOON - timedelta(days=1))
    return importer.run()


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(number=TEXT, text=TEXT, created=TIMES, modified=TIMES, data=st.data())
def test_no_content_stops_the_orders_beside_it(
    store: Any, number: str, text: str, created: datetime, modified: datetime, data: Any
) -> None:
    plain = f"plain-{data.draw(st.uuids())}"
    odd = order(number or "empty", status=OrderStatus.WAITING_SHIPMENT)
    lines = tuple(evolve(line, title=text, sku=text, line_id=text) for line in odd.lines)
    odd = evolve(odd, created_at=created, modified_at=modified, lines=lines, channel_status=text)
    report = bring_in(store, odd, order(plain, status=OrderStatus.WAITING_SHIPMENT))
    assert report.ended_by == Ending.DONE
    assert store.find(ACCOUNT, [plain])
    assert store.find(ACCOUNT, [odd.number]) or report.quarantined or created < NOON - timedelta(days=1)


@pytest.mark.parametrize("moment", [EARLIEST, LATEST, LATEST - timedelta(hours=9)])
def test_the_ends_of_the_calendar_are_read_back(store: Any, moment: datetime) -> None:
    kept = evolve(order("one", status=OrderStatus.WAITING_SHIPMENT), modified_at=moment, ship_by=moment)
    bring_in(store, kept)
    assert store.find(ACCOUNT, ["one"])
    bring_in(store, evolve(kept, channel_status="later"))
    assert store.find(ACCOUNT, ["one"])
