"""When a snapshot is news, and keeping an order as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from cdiscount_marketplace.models import (
    Address,
    Customer,
    Fee,
    Fulfiller,
    LineStatus,
    OrderStatus,
    Parcel,
    SalesLine,
    SalesOrder,
)
from cdiscount_marketplace.oms.payloads import order_from_json, order_to_json
from cdiscount_marketplace.oms.ports import Aspect, StoredOrder
from cdiscount_marketplace.oms.snapshots import Freshness, changed_aspects, digest_of, judge
from cdiscount_marketplace.oms.withheld import merge
from support.model_channel import sales_order

T0 = datetime(2026, 3, 2, 8, tzinfo=UTC)
ORDER = sales_order("one", T0)

texts = st.none() | st.text(max_size=12)
moments = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
amounts = st.none() | st.decimals(-1000, 1000, places=2)
addresses = st.builds(Address, last_name=texts, lines=st.tuples(st.text()), city=texts, relay_id=texts)
lines = st.builds(
    SalesLine,
    line_id=texts,
    sku=texts,
    quantity=st.integers(0, 9),
    line_total=amounts,
    status=st.sampled_from(LineStatus.values()) | st.builds(LineStatus, st.text(min_size=1)),
    ship_by=moments,
    parcels=st.tuples(st.builds(Parcel, tracking_number=texts)),
)
orders = st.builds(
    SalesOrder,
    channel=st.just("soap"),
    identities=st.tuples(st.text(min_size=1)),
    status=st.sampled_from(OrderStatus.values()),
    created_at=moments,
    modified_at=moments,
    lines=st.tuples(lines),
    fees=st.tuples(st.builds(Fee, code=st.text(), amount=amounts)),
    total=amounts,
    customer=st.none() | st.builds(Customer, last_name=texts, reference=texts),
    shipping_address=st.none() | addresses,
    business=st.none() | st.booleans(),
    fulfilled_by=st.sampled_from(Fulfiller.values()),
)


def stored(order):
    return StoredOrder.of(order, digest=digest_of(order))


@given(orders)
def test_an_order_survives_as_text(order):
    again = order_from_json(order_to_json(order))
    assert again == order
    assert digest_of(again) == digest_of(order)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"channel": 1, "lines": 3}', "purged", '{"identities":"x"}'])
def test_what_is_no_order_restores_to_nothing(text):
    assert order_from_json(text) is None


@pytest.mark.parametrize(
    ("change", "aspects"),
    [
        ({"status": OrderStatus.SHIPPED}, {Aspect.STATUS}),
        ({"lines": (evolve(ORDER.lines[0], title="new"), ORDER.lines[1])}, {Aspect.LINES}),
        ({"lines": ORDER.lines[:1]}, {Aspect.LINES, Aspect.AMOUNTS}),
        ({"lines": (evolve(ORDER.lines[0], line_total=Decimal(9)), ORDER.lines[1])}, {Aspect.AMOUNTS}),
        ({"fees": (Fee(code="INTERETBCA", amount=Decimal(1)),)}, {Aspect.AMOUNTS}),
        ({"shipping_address": Address(last_name="Martin")}, {Aspect.ADDRESSES}),
        ({"customer": Customer(reference="other")}, {Aspect.CUSTOMER}),
        ({"ship_by": T0}, {Aspect.OTHER}),
        ({"modified_at": T0 + timedelta(1), "channel": "octopia", "identities": ("one", "id")}, set()),
        ({"total": Decimal("18.5")}, set()),
    ],
)
def test_a_change_is_told_by_its_aspects(change, aspects):
    assert set(changed_aspects(digest_of(ORDER), digest_of(evolve(ORDER, **change)))) == aspects


def test_a_digest_of_another_making_means_that_all_may_have_changed():
    assert set(changed_aspects("v0", digest_of(ORDER))) == set(Aspect.values())


LATER, EARLIER = T0 + timedelta(minutes=1), T0 - timedelta(minutes=1)
MUCH_LATER, MUCH_EARLIER = T0 + timedelta(hours=1), T0 - timedelta(hours=1)


@pytest.mark.parametrize(
    ("stamp", "status", "news"),
    [
        (T0, OrderStatus.WAITING_SHIPMENT, Freshness.UNCHANGED),
        (T0, OrderStatus.SHIPPED, Freshness.CHANGED),
        (LATER, OrderStatus.WAITING_SHIPMENT, Freshness.UNCHANGED),
        (LATER, OrderStatus.SHIPPED, Freshness.CHANGED),
        (EARLIER, OrderStatus.WAITING_SHIPMENT, Freshness.UNCHANGED),
        (EARLIER, OrderStatus.ACCEPTED, Freshness.STALE),
        (LATER, OrderStatus.ACCEPTED, Freshness.STALE),
        (T0, OrderStatus.ACCEPTED, Freshness.STALE),
        (MUCH_EARLIER, OrderStatus.WAITING_SHIPMENT, Freshness.STALE),
        (MUCH_EARLIER, OrderStatus.SHIPPED, Freshness.CHANGED),
        (MUCH_EARLIER, OrderStatus.CANCELLED, Freshness.CHANGED),
        (MUCH_LATER, OrderStatus.ACCEPTED, Freshness.CHANGED),
        (None, OrderStatus.SHIPPED, Freshness.CHANGED),
        (None, OrderStatus.WAITING_SHIPMENT, Freshness.UNCHANGED),
    ],
)
def test_a_stamp_decides_unless_it_is_too_close_or_the_state_can_only_be_later(stamp, status, news):
    order = evolve(ORDER, modified_at=stamp, status=status)
    assert judge(order, digest_of(order), stored(ORDER)) == news


@given(known=st.datetimes(timezones=st.just(UTC)), seen=st.datetimes(timezones=st.just(UTC)))
@example(known=datetime.max.replace(tzinfo=UTC), seen=datetime.max.replace(tzinfo=UTC) - timedelta(minutes=30))
@example(known=datetime.min.replace(tzinfo=UTC), seen=datetime.min.replace(tzinfo=UTC) + timedelta(minutes=30))
def test_stamps_from_any_time_of_the_calendar_are_compared(known, seen):
    news = judge(evolve(ORDER, modified_at=seen, total=Decimal(1)), "d2", stored(evolve(ORDER, modified_at=known)))
    assert news in {Freshness.CHANGED, Freshness.STALE}
    assert news == Freshness.CHANGED or seen < known


def test_a_new_number_for_a_known_order_is_news():
    order = evolve(ORDER, identities=("one", "id-1"))
    assert judge(order, digest_of(order), stored(ORDER)) == Freshness.CHANGED


@pytest.mark.parametrize("customer", [None, Customer(civility="Mme"), Customer(reference="key", email="a@b.example")])
@pytest.mark.parametrize("withheld", [None, Address(city="Bordeaux")])
def test_what_is_withheld_never_replaces_what_is_known(withheld, customer):
    order = evolve(ORDER, shipping_address=withheld, billing_address=withheld, customer=customer)
    merged = merge(order, stored(ORDER))
    assert (merged.shipping_address, merged.billing_address) == (ORDER.shipping_address, ORDER.billing_address)
    assert merged.customer.last_name == ORDER.customer.last_name


def test_what_is_shown_replaces_what_is_known():
    moved = Address(last_name="Durand", city="Paris")
    assert merge(evolve(ORDER, shipping_address=moved), stored(ORDER)).shipping_address == moved
