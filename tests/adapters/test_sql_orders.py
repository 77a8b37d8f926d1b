"""Orders in SQL: whole, exact, one row each, and never half written."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, text

from cdiscount_marketplace.adapters.sql import PlacedOrder, SqlOms
from cdiscount_marketplace.errors import ConfigurationError, StoreFailed
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
from cdiscount_marketplace.oms.ports import Aspect, ChangeKind, Company
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, MINUTE, NOON, change, order
from support.postgres import alchemy_url

# What XML can carry; PostgreSQL stores no NUL.
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
maybe = st.none() | words
money = st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9)
moments = st.none() | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))
addresses = st.none() | st.builds(Address, last_name=maybe, lines=st.lists(words, max_size=3).map(tuple), city=maybe)
parcels = st.lists(st.builds(Parcel, tracking_number=maybe, carrier=maybe), max_size=2).map(tuple)
lines = st.builds(
    SalesLine,
    line_id=maybe,
    sku=maybe,
    title=maybe,
    quantity=st.integers(0, 10**6),
    line_total=money,
    unit_price=money,
    status=st.sampled_from(LineStatus.values()) | words.map(LineStatus),
    ship_by=moments,
    parcels=parcels,
)
orders = st.builds(
    SalesOrder,
    channel=words,
    identities=st.just(("H1",)),
    status=st.sampled_from(OrderStatus.values()) | words.map(OrderStatus),
    channel_status=maybe,
    created_at=moments,
    modified_at=moments,
    ship_by=moments,
    currency=words,
    lines=st.lists(lines, max_size=3).map(tuple),
    fees=st.lists(st.builds(Fee, code=words, amount=money), max_size=2).map(tuple),
    total=money,
    unexplained=money,
    customer=st.none() | st.builds(Customer, last_name=maybe, email=maybe),
    billing_address=addresses,
    shipping_address=addresses,
    business=st.none() | st.booleans(),
    fulfilled_by=st.sampled_from(Fulfiller.values()),
    dummy=st.booleans(),
)


@given(order=orders)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_order_comes_back_as_it_was(oms: SqlOms, order: SalesOrder) -> None:
    oms.save(ACCOUNT, order, order, change(kind=ChangeKind.UPDATED))
    record = oms.show_order(ACCOUNT, "H1")
    assert record is not None
    # An order without lines keeps those of the example before.
    order = order if order.lines else evolve(order, lines=record.order.lines)
    assert record.order == order
    assert [str(line.line_total) for line in record.order.lines] == [str(line.line_total) for line in order.lines]


def test_an_amount_is_never_a_float(oms: SqlOms) -> None:
    exact = Decimal("0.1") + Decimal("123456789012345678.10")
    oms.save(ACCOUNT, order("A1", total=exact), order("A1"), change())
    summary = oms.list_orders(ACCOUNT)[0]
    assert str(summary.total) == "123456789012345678.20"


def test_times_sort_in_the_database(oms: SqlOms) -> None:
    moments = [NOON, NOON.replace(microsecond=0), NOON + MINUTE, NOON.replace(year=2019)]
    for number, moment in enumerate(moments):
        oms.save(ACCOUNT, order(f"A{number}", created_at=moment), order(f"A{number}"), change())
    listed = [summary.created_at for summary in oms.list_orders(ACCOUNT)]
    assert listed == sorted(moments, reverse=True)


def test_nothing_stored_is_deleted_when_two_orders_turn_out_to_share_a_number(oms: SqlOms) -> None:
    for number in ("A1", "B1"):
        oms.save(ACCOUNT, order(number), order(number), change())
    oms.save(ACCOUNT, order("B1", "A1"), order("B1"), change("d2", kind=ChangeKind.UPDATED))
    assert sorted(summary.number for summary in oms.list_orders(ACCOUNT)) == ["A1", "B1"]


def test_an_order_that_comes_without_its_lines_keeps_those_that_are_known(oms: SqlOms) -> None:
    oms.save(ACCOUNT, order("A1"), order("A1"), change())
    oms.save(ACCOUNT, order("A1", lines=()), order("A1"), change("d2", kind=ChangeKind.UPDATED))
    record = oms.show_order(ACCOUNT, "A1")
    assert record is not None
    assert record.order.lines == order("A1").lines


def test_history_tells_what_happened_from_which_state_to_which(oms: SqlOms) -> None:
    oms.save(ACCOUNT, order("A1"), order("A1"), change())
    cancelled = order("A1", "A1-bis", status=OrderStatus.CANCELLED)
    update = evolve(
        change("d2", kind=ChangeKind.UPDATED, at=NOON + MINUTE),
        aspects=(Aspect.STATUS, Aspect.LINES),
        status_before=OrderStatus.WAITING_SHIPMENT,
    )
    oms.save(ACCOUNT, cancelled, cancelled, update)
    record = oms.show_order(ACCOUNT, "A1-bis")
    assert record is not None
    assert [(entry.at, entry.event, entry.before, entry.after, entry.detail) for entry in record.history] == [
        (NOON, "imported", None, "waiting_shipment", None),
        (NOON + MINUTE, "updated", "waiting_shipment", "cancelled", "status, lines"),
    ]


def test_the_companies_of_a_mapped_order_are_kept(oms: SqlOms) -> None:
    company = Company(retailer="Shop SAS", supplier="Warehouse SARL")
    oms.save(ACCOUNT, order("A1"), oms.map(order("A1"), company), change())
    record = oms.show_order(ACCOUNT, "A1")
    assert record is not None
    assert record.company == company


def test_a_mapped_order_that_nobody_writes_is_refused(oms: SqlOms) -> None:
    with pytest.raises(ConfigurationError, match="write="):
        oms.save(ACCOUNT, order("A1"), {"my": "order"}, change())
    assert oms.find(ACCOUNT, ["A1"]) is None


def _write_total(connection: Connection, account: str, mapped: object, _change: object) -> None:
    assert isinstance(mapped, dict)
    connection.execute(text("CREATE TABLE IF NOT EXISTS mine (account TEXT, total TEXT NOT NULL)"))
    connection.execute(text("INSERT INTO mine VALUES (:account, :total)"), {"account": account, **mapped})


def test_own_tables_are_written_in_the_same_transaction(database_url: str) -> None:
    with SqlOms(database_url, write=_write_total) as oms:
        oms.save(ACCOUNT, order("A1"), {"total": "21.00"}, change())
        with pytest.raises(StoreFailed):
            oms.save(ACCOUNT, order("A2"), {"total": None}, change())
        assert oms.find(ACCOUNT, ["A2"]) is None
    engine = create_engine(alchemy_url(database_url))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT * FROM mine")).all() == [(ACCOUNT, "21.00")]
    engine.dispose()


def test_no_error_quotes_what_was_to_be_stored(database_url: str) -> None:
    def write(connection: Connection, *_: object) -> None:
        connection.execute(text("CREATE TABLE mine (name TEXT, total TEXT NOT NULL)"))
        connection.execute(text("INSERT INTO mine VALUES (:name, NULL)"), {"name": "Jeanne Secrète"})

    with SqlOms(database_url, write=write) as oms, pytest.raises(StoreFailed) as caught:
        oms.save(ACCOUNT, order("A1"), order("A1"), change())
    assert "Secr" not in f"{caught.value} {caught.value!r} {vars(caught.value)}"
    assert caught.value.__suppress_context__
    assert not caught.value.retryable


def _broken_write(connection: Connection, *_: object) -> None:
    raise ZeroDivisionError


def test_half_a_write_is_never_kept(database_url: str) -> None:
    with SqlOms(database_url, write=_broken_write) as oms:

        def swallow() -> None:
            with oms.unit(), pytest.raises(ZeroDivisionError):
                oms.save(ACCOUNT, order("A1"), order("A1"), change())

        with pytest.raises(StoreFailed, match="earlier in this unit"):
            swallow()
        assert oms.find(ACCOUNT, ["A1"]) is None


def test_a_write_that_failed_in_an_inner_unit_spoils_only_that(database_url: str) -> None:
    with SqlOms(database_url, write=_broken_write) as oms:

        def save() -> None:
            with oms.unit():
                oms.save(ACCOUNT, order("A1"), order("A1"), change())

        with oms.unit():
            with pytest.raises(ZeroDivisionError):
                save()
            oms.put_company(ACCOUNT, Company(retailer="r", supplier="s"))
        assert oms.find(ACCOUNT, ["A1"]) is None
        assert oms.list_companies() == [(ACCOUNT, Company(retailer="r", supplier="s"))]


@pytest.mark.parametrize(("minutes", "kept"), [(-1, "theirs"), (1, "ours")])
def test_of_two_workers_that_insert_at_once_the_newer_snapshot_stays(
    postgresql_url: str, minutes: int, kept: str
) -> None:
    with SqlOms(postgresql_url) as ours, SqlOms(postgresql_url) as theirs:
        with ours.unit():
            assert ours.find(ACCOUNT, ["A1"]) is None
            theirs.save(ACCOUNT, order("A1"), order("A1"), change("theirs"))
            mine = order("A1", "A1-bis", modified_at=NOON + minutes * MINUTE)
            ours.save(ACCOUNT, mine, mine, change("ours"))
        found = ours.find(ACCOUNT, ["A1"])
        assert found is not None
        assert found.digest == kept
        assert len(ours.list_orders(ACCOUNT)) == 1


def test_a_mapping_that_is_dropped_again_is_off_again(oms: SqlOms) -> None:
    oms.put_company("other", Company(retailer="r", supplier="s"))
    assert oms.drop_company("other")
    assert not oms.drop_company("other")
    assert oms.resolve(ACCOUNT, order()) == Company(retailer=ACCOUNT, supplier=ACCOUNT)


def test_a_required_mapping_is_missed_from_the_start(sqlite_url: str) -> None:
    with SqlOms(sqlite_url, require_mapping=True) as oms:
        assert oms.resolve(ACCOUNT, order()) is None


def test_a_mapping_that_is_set_within_a_unit_counts_at_once(oms: SqlOms) -> None:
    company = Company(retailer="r", supplier="s")
    with oms.unit():
        oms.resolve(ACCOUNT, order())
        oms.put_company(ACCOUNT, company)
        assert oms.resolve(ACCOUNT, order()) == company


def test_what_sqloms_maps_to_holds_the_order_itself(oms: SqlOms) -> None:
    assert oms.map(order(), None) == PlacedOrder(order=order(), company=None)


def test_what_was_looked_up_in_a_unit_is_not_saved_over_another_order(oms: SqlOms) -> None:
    for number in ("A1", "B1"):
        oms.save(ACCOUNT, order(number), order(number), change())
    with oms.unit():
        oms.find_all(ACCOUNT, [("A1", "B1"), ("B1",)])
        oms.save(ACCOUNT, order("A1", "B1"), order("A1", "B1"), change("d2"))
        oms.save(ACCOUNT, order("B1"), order("B1"), change("d3"))
    digests = [found.digest for number in ("A1", "B1") if (found := oms.find(ACCOUNT, [number]))]
    assert digests == ["d2", "d3"]
