"""What the service says is read, whatever shape it comes in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from cdiscount_marketplace.errors import (
    CdiscountError,
    EmptyAnswer,
    ForbiddenMarkup,
    HtmlAnswer,
    TruncatedAnswer,
    UnreadableAnswer,
)
from cdiscount_marketplace.events import DriftSeen
from cdiscount_marketplace.octopia.bodies import parse
from cdiscount_marketplace.octopia.codec import Drift, decode, decode_many, encode
from cdiscount_marketplace.octopia.orders.models import (
    Commission,
    LineStatus,
    Order,
    OrderFilter,
    OrderStatus,
    SupplyMode,
)
from support.octopia_bodies import line_body, order_body, page_body

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def read(body: Any) -> tuple[Order, list[DriftSeen]]:
    drift = Drift()
    order = decode(Order, parse(json.dumps(body).encode()), drift)
    return order, list(drift.events("GET /orders"))


def places(drift: list[DriftSeen]) -> set[tuple[str, str]]:
    return {(event.kind, event.path) for event in drift}


def paths_of(body: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the place of every member of a body, at any depth."""
    members = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [place for key, value in members for place in [(*path, key), *paths_of(value, (*path, key))]]


def replaced(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of the body with another value at one place."""
    copied = json.loads(json.dumps(body))
    inner = copied
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copied


def test_an_order_is_read_completely_and_nothing_is_unknown() -> None:
    order, drift = read(order_body())
    assert drift == []
    assert (order.status, order.status.known) == (OrderStatus.IN_PREPARATION, True)
    assert order.created_at == datetime(2026, 3, 1, 11, 2, 3, 250000, UTC)
    assert order.updated_at == datetime(2026, 3, 1, 11, 30, tzinfo=UTC)
    [line] = order.lines
    assert line.offer_price.commission == Commission(
        amount_with_vat=Decimal("6.47"), amount_without_vat=Decimal("5.39"), rate=Decimal(12)
    )
    assert line.offer.supply_mode is SupplyMode.SELLER
    assert str(line.selling_price.unit_sales_price) == "24.95"


def test_what_is_written_is_what_was_read() -> None:
    body = order_body()
    order, _ = read(body)
    again, drift = read(encode(order))
    assert (again, drift) == (order, [])


def test_the_recorded_empty_page_holds_no_orders(recorded: Path) -> None:
    page = parse((recorded / "octopia" / "orders-page-empty.json").read_bytes())
    assert decode_many(Order, page["items"], Drift()) == ()


@pytest.mark.parametrize(
    "commission", [{"amountWithVat": 6.47, "amountWithoutVat": 5.39}, {"amountWithTax": 6.47, "amountWithoutTax": 5.39}]
)
def test_the_commission_is_read_in_the_spelling_of_either_source(commission: dict[str, Any]) -> None:
    order, drift = read(order_body(lines=[line_body(offerPrice={"commission": commission})]))
    found = order.lines[0].offer_price.commission
    assert (found.amount_with_vat, found.amount_without_vat) == (Decimal("6.47"), Decimal("5.39"))
    assert drift == []


@pytest.mark.parametrize("name", ["businessOrder", "isBusinessOrder"])
def test_business_orders_are_told_in_the_spelling_of_either_source(name: str) -> None:
    body = {**order_body(), name: True}
    if name != "businessOrder":
        del body["businessOrder"]
    assert read(body)[0].business_order is True


@pytest.mark.parametrize("place", ["order", "line"])
def test_status_events_are_kept_wherever_they_stand(place: str) -> None:
    events = [{"status": "Shipped", "at": "2026-03-02T10:00:00Z"}]
    body = order_body(statusEvents=events) if place == "order" else order_body(lines=[line_body(statusEvents=events)])
    order, drift = read(body)
    holder = order if place == "order" else order.lines[0]
    assert (holder.status_events, drift) == (events, [])


def test_shapes_that_no_source_documents_are_kept_as_they_came() -> None:
    details, attributes = {"by": "customer"}, [{"name": "colour"}]
    order, drift = read(order_body(cancellationDetails=details, lines=[line_body(productAttributes=attributes)]))
    assert (order.cancellation_details, order.lines[0].product_attributes, drift) == (details, attributes, [])


def test_unknown_members_and_values_are_told_without_the_unknown_members_text() -> None:
    body = {**order_body(status="Teleported"), "customerName": "Jeanne Martin"}
    order, drift = read(body)
    assert (str(order.status), order.status.known) == ("Teleported", False)
    assert places(drift) == {("element", "Order/customerName"), ("value", "Order/status")}
    assert "Jeanne" not in repr(drift)


def test_a_wrongly_typed_member_costs_only_itself() -> None:
    body = order_body(reference=12345, updatedAt="tomorrow", lines=[line_body(quantity="2", delivery=[])])
    order, drift = read(body)
    assert (order.reference, order.updated_at, order.lines[0].quantity) == ("12345", None, 2)
    assert order.lines[0].offer is not None
    assert places(drift) == {
        ("format", path) for path in ("Order/reference", "Order/updatedAt", "OrderLine/quantity", "OrderLine/delivery")
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-03-22T19:35:35.384Z", datetime(2025, 3, 22, 19, 35, 35, 384000, UTC)),
        ("2025-03-22T19:35:35", datetime(2025, 3, 22, 19, 35, 35, tzinfo=UTC)),
        ("2025-03-22T20:35:35+01:00", datetime(2025, 3, 22, 19, 35, 35, tzinfo=UTC)),
        ("2025-03-22T19:35:35.1234567Z", datetime(2025, 3, 22, 19, 35, 35, 123456, UTC)),
        ("0001-01-01T00:00:00", None),
        ("9999-12-31T23:59:59-05:00", None),
    ],
)
def test_times_are_aware_and_utc_however_they_are_written(text: str, expected: datetime | None) -> None:
    order, _ = read(order_body(createdAt=text))
    assert order.created_at == expected


def test_one_object_where_a_list_belongs_is_a_list_of_one() -> None:
    order, drift = read(order_body(lines=line_body("L9")))
    assert [line.order_line_id for line in order.lines] == ["L9"]
    assert places(drift) == {("format", "Order/lines")}


@settings(max_examples=100)
@given(place=st.sampled_from(paths_of(order_body())), value=JSON)
def test_no_value_anywhere_stops_the_rest_from_being_read(place: tuple[Any, ...], value: Any) -> None:
    order, _ = read(replaced(order_body(), place, value))
    if place[0] != "orderId":
        assert order.order_id == "26030112AAAA"
    if place[0] != "lines":
        assert order.lines[0].status is LineStatus.IN_PREPARATION
    assert hash(order) == hash(evolve(order))


@settings(max_examples=50)
@given(body=JSON)
def test_an_answer_of_any_shape_is_read_as_what_can_be_understood(body: Any) -> None:
    assert isinstance(decode(Order, parse(json.dumps(body).encode()), Drift()), Order)
    assert all(isinstance(order, Order) for order in decode_many(Order, body, Drift()))


@settings(max_examples=50)
@given(amount=st.decimals(min_value=0, max_value=10**9, places=2))
def test_amounts_keep_their_digits(amount: Decimal) -> None:
    order, _ = read(order_body())
    assert order.total_price is not None
    price = evolve(order.total_price, selling_price=amount)
    again, _ = read(encode(evolve(order, total_price=price)))
    assert again.total_price is not None
    assert again.total_price.selling_price == amount


def test_personal_data_is_in_no_repr() -> None:
    order, _ = read(order_body(cancellationDetails={"comment": "call 0601020304"}))
    shown = repr(order)
    for secret in ("Jeanne", "Martin", "Lilas", "Bordeaux", "33000", "0601020304", "relais.example"):
        assert secret not in shown
    assert "26030112AAAA" in shown


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", EmptyAnswer),
        (b" \r\n", EmptyAnswer),
        (b"\xef\xbb\xbf", EmptyAnswer),
        (b"<!DOCTYPE html><html>Request rejected</html>", HtmlAnswer),
        (b'{"items": [', TruncatedAnswer),
        (b"pong", TruncatedAnswer),
        (b'[1e99999999999999999999, "x', TruncatedAnswer),
        (b"[" + b"9" * 5000 + b", ", TruncatedAnswer),
        (b"[" * 100_000, ForbiddenMarkup),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, ForbiddenMarkup),
    ],
)
def test_an_unreadable_body_is_a_typed_error(body: bytes, error: type[CdiscountError]) -> None:
    with pytest.raises(error) as caught:
        parse(body)
    assert type(caught.value) is error
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize(
    ("body", "read"),
    [(b'["caf\xe9", "b"]', ["caf\ufffd", "b"]), (b'["a\x08\x0b\x00", "b\n"]', ["a\ufffd\ufffd\ufffd", "b\n"])],
)
def test_bytes_that_no_json_may_hold_spoil_only_the_text_that_holds_them(body: bytes, read: object) -> None:
    assert parse(body) == read


def test_every_beginning_of_an_answer_is_seen_to_be_one() -> None:
    whole = json.dumps(page_body(order_body())).encode()
    for length in range(len(whole)):
        with pytest.raises(UnreadableAnswer):
            parse(whole[:length])


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "9" * 5000, "1e" + "9" * 30, "1e999999", "1E-999999"])
def test_numbers_beyond_measure_are_harmless(number: str) -> None:
    body = json.dumps(order_body()).replace("24.95", number).encode()
    order = decode(Order, parse(body), Drift())
    assert order.lines[0].selling_price is not None
    assert order.lines[0].selling_price.unit_sales_price is None
    assert order.lines[0].quantity == 2


def test_of_a_member_given_twice_the_last_one_counts() -> None:
    assert decode(Order, parse(b'{"orderId": "A", "orderId": "B"}'), Drift()).order_id == "B"


def test_text_that_cannot_be_stored_is_made_storable() -> None:
    order = decode(Order, parse(rb'{"orderId": "A\ud800B"}'), Drift())
    assert order.order_id == "A?B"


def test_a_filter_is_sent_as_the_service_takes_it() -> None:
    paris = timezone(timedelta(hours=1))
    wanted = OrderFilter(
        statuses=(OrderStatus.WAITING_ACCEPTANCE, OrderStatus.IN_PREPARATION),
        business_order=False,
        supply_mode=SupplyMode.SELLER,
        updated_at_min=datetime(2026, 3, 1, 9, 30, tzinfo=paris),
        created_at_max=datetime(2026, 3, 1, 9, 30, 0, 5000, UTC),
        more={"sort": "createdAt"},
    )
    assert wanted.parameters() == {
        "status": "WaitingAcceptance,InPreparation",
        "businessOrder": "false",
        "supplyMode": "Seller",
        "updatedAtMin": "2026-03-01T08:30:00Z",
        "createdAtMax": "2026-03-01T09:30:00.005Z",
        "sort": "createdAt",
    }
    assert OrderFilter().parameters() == {}
