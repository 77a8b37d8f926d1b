"""The Octopia channel reads completely, sends once, and says what it knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
from attrs import evolve
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cdiscount_marketplace import errors
from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.calls.http import TimeLimits
from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.channels.octopia.channel import OctopiaChannel
from cdiscount_marketplace.channels.octopia.orders import identities, sales_order
from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.models import (
    Decision,
    Fee,
    Fulfiller,
    LineStatus,
    OrderQuery,
    OrderStatus,
    OutcomeStatus,
    Parcel,
    Shipment,
    Verdict,
)
from cdiscount_marketplace.octopia.bodies import parse
from cdiscount_marketplace.octopia.codec import Drift, decode
from cdiscount_marketplace.octopia.orders.models import Order
from cdiscount_marketplace.oms import OrderImporter, ShipmentPusher
from support.model_channel import ModelChannel, ModelMarket, SteppedClock
from support.octopia_bodies import ADDRESS, SHIPPING_ADDRESS, line_body, order_body, page_body
from support.octopia_fake import Asked, FakeOctopia, Said, fake_client

ID, REFERENCE = "26030112AAAA", "REF-26030112AAAA"
SHIP, APPROVE = f"/orders/{ID}/shipments", f"/orders/{ID}/approval-status"
SHIPMENT = Shipment(key=REFERENCE, carrier="colissimo ", tracking_number="6A123")
WAITING = OrderQuery(statuses=(OrderStatus.WAITING_SHIPMENT,))
BROKEN = requests.ConnectionError(ConnectionResetError(104, "Connection reset by peer"))
PARCEL = {"parcelNumber": "6A123", "carrierName": "Colissimo", "trackingUrl": None}


class Market(FakeOctopia):
    """A scripted API with orders: lists them as they stand, in pages, and answers writes as it is told."""

    def __init__(self, *orders: dict[str, Any]) -> None:
        super().__init__()
        self.orders = {order["orderId"]: order for order in orders}
        self.between_pages: Callable[[], object] = lambda: None
        self.exclusive = False
        self.on("GET", "/orders", self._list)
        self.on("GET", "/carriers", Said(body=[{"code": "pcc", "label": "Colissimo"}, {"code": "x", "label": "autre"}]))
        for order_id in self.orders:
            self.on("GET", f"/orders/{order_id}", lambda _asked, order_id=order_id: Said(body=self.orders[order_id]))

    def change(self, order_id: str = ID, **changes: Any) -> None:
        self.orders[order_id] = {**self.orders[order_id], **changes}

    def shipped(self, _asked: Asked) -> Said:
        """Take a shipment and apply it at once."""
        self.change(status="Shipped", lines=[line_body(status="Shipped", parcels=[PARCEL])])
        return Said(status=201)

    def _list(self, asked: Asked) -> Said:
        size, index = int(asked.query["pageSize"]), int(asked.query["pageIndex"])
        matching = [order for order in self.orders.values() if self._matches(order, asked.query)]
        page = matching[(index - 1) * size : index * size]
        self.between_pages()
        return Said(body=page_body(*page))

    def _matches(self, order: dict[str, Any], query: dict[str, str]) -> bool:
        stamp = order["updatedAt"].replace("+00:00", "Z")
        begin, end = query.get("updatedAtMin", "0"), query.get("updatedAtMax", "9")
        return (
            order["status"] in query.get("status", order["status"]).split(",")
            and order["reference"] == query.get("reference", order["reference"])
            and (begin < stamp < end if self.exclusive else begin <= stamp <= end)
        )


def channel(market: FakeOctopia, **options: Any) -> OctopiaChannel:
    return OctopiaChannel(fake_client(market), **options)


def read(body: dict[str, Any]) -> Order:
    return decode(Order, body, Drift())


def translated(**changes: Any) -> Any:
    return sales_order(read(parse(json.dumps(order_body(**changes)).encode())))


# --- what an order means ----------------------------------------------------------------------------------------------


def test_it_is_a_sales_channel() -> None:
    market = channel(Market())
    assert isinstance(market, SalesChannel)
    assert (market.name, market.write_chunk, market.settle_gap) == ("octopia", 1, timedelta(minutes=30))
    assert timedelta(minutes=1) < market.write_limit < timedelta(minutes=15)


def test_a_write_takes_no_longer_than_its_clients_patience_allows() -> None:
    patience: dict[str, Any] = {
        "timeout": TimeLimits(connect=1, read=1, write=1, token=1),
        "retry": RetryPolicy(total=1),
    }
    market = OctopiaChannel(fake_client(Market(), **patience), read_backs=[])
    # Four readings and the write, of which each may begin as patience ends, and two tokens.
    assert market.write_limit == timedelta(seconds=(4 + 1 + 2) * 2)


def test_an_order_is_told_in_the_oms_sides_words() -> None:
    order = translated()
    assert (order.channel, order.identities, order.number) == ("octopia", (REFERENCE, ID), REFERENCE)
    assert (order.status, order.channel_status) == (OrderStatus.WAITING_SHIPMENT, "InPreparation")
    assert (order.total, order.shipping_total, order.commission, order.unexplained) == (
        Decimal("53.89"),
        Decimal("3.99"),
        Decimal("6.47"),
        Decimal(0),
    )
    [line] = order.lines
    assert (line.line_id, line.sku, line.ean) == ("L1", "SKU-L1", "3701234567890")
    assert (line.quantity, line.line_total, line.unit_price) == (2, Decimal("49.90"), Decimal("24.95"))
    assert line.status == LineStatus.ACCEPTED
    assert order.delivery_mode == "TrackedHomeDelivery"
    assert order.business is False
    assert order.ship_by == datetime(2026, 3, 2, 22, 59, 59, tzinfo=UTC)
    assert order.customer is not None
    assert (order.customer.reference, order.customer.last_name, order.customer.email) == (
        "CUST-1",
        "Martin",
        "k3j4h5@relais.example",
    )
    assert order.shipping_address is not None
    assert order.shipping_address.lines == ("12 rue des Lilas", "Bâtiment C")


@pytest.mark.parametrize(("created", "hour"), [("2026-03-01T10:00:00Z", 10), (None, 9)])
def test_an_order_without_a_date_of_creation_takes_that_of_the_purchase(created: str | None, hour: int) -> None:
    order = translated(createdAt=created, purchasedAt="2026-03-01T09:00:00Z")
    assert order.created_at == datetime(2026, 3, 1, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Processing", OrderStatus.PROCESSING),
        ("WaitingAcceptance", OrderStatus.WAITING_ACCEPTANCE),
        ("Accepted", OrderStatus.ACCEPTED),
        ("InPreparation", OrderStatus.WAITING_SHIPMENT),
        ("Shipped", OrderStatus.SHIPPED),
        ("Delivered", OrderStatus.DELIVERED),
        ("Refused", OrderStatus.REFUSED),
        ("Cancelled", OrderStatus.CANCELLED),
        ("Rejected", OrderStatus.CANCELLED),
        ("Teleported", OrderStatus.OTHER),
        (None, OrderStatus.OTHER),
    ],
)
def test_every_status_has_a_meaning(status: str | None, expected: OrderStatus) -> None:
    assert translated(status=status).status == expected
    assert translated(status=status).channel_status == status


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("CancelRequest", LineStatus.CANCELLATION_REQUESTED),
        ("Cancelled", LineStatus.CANCELLED),
        ("Shipped", LineStatus.SHIPPED),
        ("Teleported", LineStatus.UNKNOWN),
        (None, LineStatus.UNKNOWN),
    ],
)
def test_every_line_status_has_a_meaning(status: str | None, expected: LineStatus) -> None:
    assert translated(lines=[line_body(status=status)]).lines[0].status == expected


@pytest.mark.parametrize(
    ("order_id", "reference", "expected"),
    [
        ("A", "B", ("B", "A")),
        ("A", None, ("A",)),
        ("A", "A", ("A",)),
        (None, "B", ("B",)),
        ("A", "", ("A",)),
        ("A", "B\ufffd", ("A",)),
        ("A\ufffd", "B", ("B",)),
    ],
)
def test_identities_hold_each_number_once(
    order_id: str | None, reference: str | None, expected: tuple[str, ...]
) -> None:
    assert identities(read({"orderId": order_id, "reference": reference})) == expected


def test_an_order_without_a_number_keeps_its_digest_when_it_moves_on() -> None:
    nameless = order_body(orderId=None, reference=None)
    [digest] = identities(read(nameless))
    assert digest.startswith("digest:")
    assert identities(read({**nameless, "status": "Shipped", "updatedAt": "2026-03-09T00:00:00Z"})) == (digest,)
    assert identities(read({**nameless, "customer": {"reference": "CUST-2"}})) != (digest,)


def test_two_prices_are_told_apart_and_the_customers_counts() -> None:
    line = line_body(
        sellingPrice={"unitSalesPrice": 30, "shippingCost": 5}, offerPrice={"unitSalesPrice": 28, "shippingCost": 4}
    )
    order = translated(lines=[line], totalPrice={"sellingPrice": 65, "offerPrice": 60})
    assert (order.lines[0].line_total, order.shipping_total, order.unexplained) == (Decimal(60), Decimal(5), Decimal(0))


def test_a_line_without_a_unit_price_takes_its_total_without_shipping() -> None:
    line = line_body(sellingPrice={"shippingCost": 3.99}, totalPrice={"sellingPrice": 53.89})
    found = translated(lines=[line]).lines[0]
    assert (found.line_total, found.unit_price) == (Decimal("49.9"), Decimal("24.95"))
    assert translated(lines=[line_body(quantity=0)]).lines[0].unit_price is None


def test_fees_are_amounts_and_the_rest_is_unexplained() -> None:
    order = translated(serviceFees=[{"label": "Handling", "amount": 2.5}], totalPrice={"sellingPrice": 57})
    assert order.fees == (Fee(code="Handling", amount=Decimal("2.5")),)
    assert order.unexplained == Decimal("0.61")


def test_cancelled_lines_do_not_count_in_what_must_add_up() -> None:
    lines = [line_body("L1"), line_body("L2", status="Cancelled")]
    assert translated(lines=lines).unexplained == Decimal(0)
    assert translated(lines=[line_body(status="Cancelled")], status="Cancelled").unexplained == Decimal(0)


@pytest.mark.parametrize(
    ("on_lines", "on_order", "expected"),
    [
        ([None, SHIPPING_ADDRESS], None, "Martin"),
        ([{"countryCode": "FR"}, SHIPPING_ADDRESS], None, "Martin"),
        ([None, None], {**ADDRESS, "lastName": "Order"}, "Order"),
        ([{"countryCode": "FR"}], {**ADDRESS, "lastName": "Order"}, "Order"),
        ([None], None, None),
    ],
)
def test_the_shipping_address_is_the_first_filled_one(on_lines: list[Any], on_order: Any, expected: str | None) -> None:
    lines = [line_body(f"L{n}", shippingAddress=address) for n, address in enumerate(on_lines)]
    address = translated(lines=lines, shippingAddress=on_order).shipping_address
    assert (address and address.last_name) == expected


def test_a_withheld_address_is_masked() -> None:
    order = translated(lines=[line_body(shippingAddress={"countryCode": "FR", "lastName": ""})])
    assert order.shipping_address is not None
    assert order.shipping_address.masked


def test_a_pick_up_point_is_told() -> None:
    address = {**SHIPPING_ADDRESS, "pickupId": "FR12345", "pickupName": "Tabac du Centre"}
    found = translated(lines=[line_body(shippingAddress=address)]).shipping_address
    assert (found.relay_id, found.relay_name) == ("FR12345", "Tabac du Centre")


def mode(value: str | None, line_id: str = "L1", **changes: Any) -> dict[str, Any]:
    return line_body(line_id, offer={"supplyMode": value, "sellerProductId": "S"}, **changes)


@pytest.mark.parametrize(
    ("lines", "on_order", "expected"),
    [
        ([mode("Seller")], None, Fulfiller.SELLER),
        ([mode("Fulfillment")], None, Fulfiller.MARKETPLACE),
        ([mode("Xdock")], None, Fulfiller.MARKETPLACE),
        ([mode("Fulfillment"), mode("Seller", "L2")], None, Fulfiller.SELLER),
        ([mode(None)], None, Fulfiller.SELLER),
        ([mode(None)], "Fulfillment", Fulfiller.MARKETPLACE),
        ([], "Fulfillment", Fulfiller.MARKETPLACE),
        ([], None, Fulfiller.SELLER),
    ],
)
def test_who_ships_is_read_from_the_lines_else_from_the_order(
    lines: list[Any], on_order: str | None, expected: Fulfiller
) -> None:
    assert translated(lines=lines, supplyMode=on_order).fulfilled_by == expected


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_query_is_asked_with_bounds_moved_out_by_a_second() -> None:
    market = Market(order_body())
    at = datetime(2026, 3, 1, 11, 30, tzinfo=UTC)
    query = OrderQuery(
        statuses=(OrderStatus.WAITING_SHIPMENT,), created_from=at - timedelta(days=1), modified_from=at, modified_to=at
    )
    assert [order.number for order in channel(market).fetch(query)] == [REFERENCE]
    asked = market.calls("GET", "/orders")[0].query
    assert asked == {
        "status": "InPreparation",
        "createdAtMin": "2026-02-28T11:29:59Z",
        "updatedAtMin": "2026-03-01T11:29:59Z",
        "updatedAtMax": "2026-03-01T11:30:01Z",
        "pageIndex": "1",
        "pageSize": "100",
    }


@pytest.mark.parametrize("exclusive", [False, True])
def test_an_order_on_the_bound_is_read_whether_bounds_are_inclusive_or_not(exclusive: bool) -> None:
    market = Market(order_body(updatedAt="2026-03-01T11:30:00Z"))
    market.exclusive = exclusive
    at = datetime(2026, 3, 1, 11, 30, tzinfo=UTC)
    for bounds in ({"modified_from": at}, {"modified_to": at}):
        query = OrderQuery(statuses=(OrderStatus.WAITING_SHIPMENT,), **bounds)
        assert len(channel(market).fetch(query)) == 1


def test_states_that_this_sdk_does_not_know_are_found_under_other() -> None:
    market = Market(order_body("A", status="Teleported"), order_body("B"), order_body("C", status="Shipped"))
    query = OrderQuery(statuses=(OrderStatus.SHIPPED, OrderStatus.OTHER))
    found = channel(market).fetch(query)
    assert [order.channel_status for order in found] == ["Teleported", "Shipped"]
    assert "status" not in market.calls("GET", "/orders")[0].query


def test_states_that_the_api_does_not_have_are_not_asked_for() -> None:
    market = Market(order_body())
    assert len(channel(market).fetch(OrderQuery(statuses=(OrderStatus.READY_FOR_PICKUP,)))) == 0
    assert market.asked == []


@pytest.mark.parametrize(
    ("named", "read"), [(None, "ABC"), (["CDISFR"], "BC"), (["OTHER"], "AC"), (["OTHER", "CDISFR"], "ABC")]
)
def test_the_sales_channels_that_are_named_are_read(named: list[str] | None, read: str) -> None:
    market = Market(order_body("A", salesChannel={"id": "OTHER"}), order_body("B"), order_body("C", salesChannel=None))
    orders = channel(market, sales_channels=named).fetch(WAITING)
    assert [order.unique_id for order in orders] == list(read)
    assert [order.sales_channel for order in orders if order.unique_id == "A"] == ["OTHER"] * ("A" in read)
    assert orders.notices == ()


@pytest.mark.parametrize("named", [["CDISFRR"], ["CDISFRR", "CDISFR"]])
def test_a_misspelt_sales_channel_is_reported_once_with_those_that_exist(named: list[str]) -> None:
    octopia = channel(Market(order_body("A"), order_body("B")), sales_channels=named)
    [notice] = octopia.fetch(WAITING).notices
    assert notice.code == "unknown_sales_channel"
    assert "CDISFRR" in notice.message
    assert "CDISFR:" in notice.message
    assert octopia.fetch(WAITING).notices == ()


def test_a_seller_without_any_order_may_begin_on_any_sales_channel() -> None:
    assert channel(Market(), sales_channels=["NEWONE"]).fetch(WAITING).notices == ()


@pytest.mark.parametrize("named", ["CDISFR", [], [""]])
def test_sales_channels_are_a_list_of_ids(named: Any) -> None:
    with pytest.raises(errors.ConfigurationError):
        channel(Market(), sales_channels=named)


def test_orders_that_share_a_reference_are_told_apart_by_their_own_number() -> None:
    market = Market(order_body("A", reference="SHARED"), order_body("B", reference="SHARED"))
    found = channel(market).fetch(WAITING)
    assert [(order.number, order.unique_id) for order in found] == [("SHARED", "A"), ("SHARED", "B")]


def test_a_number_that_means_several_orders_keeps_no_other_from_being_read() -> None:
    market = Market(order_body("A", reference="SHARED"), order_body("B", reference="SHARED"), order_body("C"))
    lookup = channel(market).get(["SHARED", "C"])
    assert [order.unique_id for order in lookup] == ["C"]
    assert list(lookup.failures) == ["SHARED"]
    assert "A, B" in lookup.failures["SHARED"]


@pytest.mark.parametrize("status", [401, 403])
def test_an_order_that_the_service_refuses_holds_up_no_other(status: int) -> None:
    market = Market(order_body("A"), order_body("B"), order_body("C"))
    octopia = channel(market)
    octopia.fetch(WAITING)
    market.on("GET", "/orders/B", Said(status=status, body={"detail": "not yours"}))
    lookup = octopia.get(["A", "B", "C"])
    assert [order.unique_id for order in lookup] == ["A", "C"]
    assert list(lookup.failures) == ["B"]
    assert octopia.get(["A"]).failures == {}


def test_an_account_that_is_refused_altogether_is_an_error() -> None:
    market = Market(order_body("A"))
    octopia = channel(market)
    octopia.fetch(WAITING)
    for path in ("/orders", "/orders/A"):
        market.on("GET", path, Said(status=403, body={}))
    with pytest.raises(errors.NotAuthorized):
        octopia.get(["A"])


@pytest.mark.parametrize("said", [Said(status=500), Said(body=b"null"), Said(body=b"<html>")])
def test_one_unreadable_order_holds_up_no_other(said: Said) -> None:
    market = Market(order_body("A"), order_body("B"))
    octopia = channel(market)
    octopia.fetch(WAITING)
    market.on("GET", "/orders/A", said)
    lookup = octopia.get(["A", "B"])
    assert ([order.unique_id for order in lookup], list(lookup.failures)) == (["B"], ["A"])


def test_a_reading_tells_when_the_service_answered() -> None:
    market = Market().on("GET", "/orders", Said(body=page_body(), headers={"Date": "Fri, 09 Feb 2024 20:19:54 GMT"}))
    assert channel(market).fetch(WAITING).answered_at == datetime(2024, 2, 9, 20, 19, 54, tzinfo=UTC)


@pytest.mark.parametrize(("orders", "requests"), [(0, 1), (99, 2), (100, 4)])
def test_one_page_is_read_once_and_an_empty_one_ends_the_list(orders: int, requests: int) -> None:
    market = Market(*(order_body(f"O{n:03}") for n in range(orders)))
    assert len(channel(market).fetch(WAITING)) == orders
    assert len(market.calls("GET", "/orders")) == requests


@example(count=101, departures=[(0, 0)])
@settings(max_examples=25)
@given(
    count=st.integers(95, 320),
    departures=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 319)), max_size=4),
)
def test_no_order_is_skipped_when_others_leave_between_two_pages(count: int, departures: list[tuple[int, int]]) -> None:
    market = Market(*(order_body(f"O{n:03}") for n in range(count)))
    read_so_far = 0

    def leave() -> None:
        nonlocal read_so_far
        for when, number in departures:
            if when == read_so_far and number < count:
                market.change(f"O{number:03}", status="Shipped")
        read_so_far += 1

    market.between_pages = leave
    # Giving up is allowed, an answer that lacks an order is not.
    try:
        found = {order.identities[-1] for order in channel(market).fetch(WAITING)}
    except errors.CallTimeout:
        assert len(departures) > 1
        return
    staying = {order_id for order_id, order in market.orders.items() if order["status"] == "InPreparation"}
    assert staying <= found


def test_a_list_that_never_stands_still_is_given_up_for_a_shorter_period() -> None:
    market = Market(*(order_body(f"O{n:03}") for n in range(250)))
    market.between_pages = lambda: market.change(
        next(key for key, order in market.orders.items() if order["status"] == "InPreparation"), status="Shipped"
    )
    with pytest.raises(errors.CallTimeout, match="changed each"):
        channel(market).fetch(WAITING)


@pytest.mark.parametrize("key", [REFERENCE, ID])
def test_an_order_is_found_by_any_of_its_numbers(key: str) -> None:
    market = Market(order_body())
    assert [order.identities for order in channel(market).get([key, "UNKNOWN"])] == [(REFERENCE, ID)]


@pytest.mark.parametrize("items", [None, {}, ["O1"], [None]])
def test_an_answer_without_a_list_of_orders_moves_no_cursor(items: Any) -> None:
    market, clock = Market(), SteppedClock()
    oms = MemoryOms(clock=clock)
    importer = OrderImporter(
        channel(market), oms, account="shop", clock=clock, start_from=clock.now() - timedelta(days=1)
    )
    importer.run()
    before = oms.load_checkpoint("shop")
    clock.advance(timedelta(hours=1))
    market.on("GET", "/orders", Said(body={"itemsPerPage": 0, "items": items}))
    with pytest.raises(errors.UnreadableAnswer):
        importer.run()
    assert oms.load_checkpoint("shop") == before


def test_a_known_id_is_read_at_once_and_a_reference_is_looked_up_each_time() -> None:
    market = Market(order_body())
    octopia = channel(market)
    octopia.fetch(WAITING)
    asked = len(market.asked)
    assert len(octopia.get([ID, REFERENCE])) == 2
    assert [call.path for call in market.asked[asked:]] == [f"/orders/{ID}", "/orders"]


def test_a_service_that_ignores_the_reference_brings_no_stranger() -> None:
    market = Market(order_body())
    market.on("GET", "/orders", Said(body=page_body(order_body("X"), order_body("Y"))))
    assert len(channel(market).get(["REF-Z"])) == 0


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Said(status=500), errors.HttpError),
        *((Said(body=body), errors.UnreadableAnswer) for body in (b"null", {}, [], {"error": "?"})),
    ],
)
def test_an_unreadable_order_is_named_and_in_an_outage_an_error(said: Said, error: type[errors.CdiscountError]) -> None:
    market = Market(order_body()).on("GET", f"/orders/{ID}", said)
    assert list(channel(market).get([ID]).failures) == [ID]
    market.on("GET", "/orders", Said(status=500))
    with pytest.raises((error, errors.HttpError)):
        channel(market).get([ID])


# --- shipping ---------------------------------------------------------------------------------------------------------


def test_a_shipment_names_the_lines_and_the_carriers_label() -> None:
    market = Market(order_body(lines=[line_body("L1"), line_body("L2", status="Cancelled"), mode("Xdock", "L3")]))
    market.on("POST", SHIP, market.shipped)
    [outcome] = channel(market).ship([SHIPMENT])
    assert outcome.status == OutcomeStatus.CONFIRMED
    assert [line.line_id for line in outcome.lines] == ["L1"]
    [asked] = market.writes()
    assert asked.json == [{"parcelNumber": "6A123", "carrierName": "Colissimo", "orderLineIds": ["L1"]}]


def test_other_is_the_catch_all() -> None:
    market = Market(order_body())
    market.on("POST", SHIP, market.shipped)
    channel(market).ship([Shipment(key=ID, carrier="Other", tracking_number="6A123")])
    assert market.writes()[0].json[0]["carrierName"] == "autre"


def test_what_is_taken_and_not_yet_shown_is_unknown() -> None:
    market = Market(order_body()).on("POST", SHIP, Said(status=201))
    [outcome] = channel(market).ship([SHIPMENT])
    assert (outcome.status, outcome.code, outcome.retryable) == (OutcomeStatus.UNKNOWN, "Taken", False)
    assert len(market.writes()) == 1


def test_a_parcel_shown_in_any_state_confirms() -> None:
    market = Market(order_body())

    def parcel_only(_asked: Asked) -> Said:
        market.change(lines=[line_body(parcels=[PARCEL])])
        return Said(status=201)

    market.on("POST", SHIP, parcel_only)
    assert channel(market).ship([SHIPMENT])[0].status == OutcomeStatus.CONFIRMED


@pytest.mark.parametrize(
    "failure", [BROKEN, Said(status=500), Said(status=503, body=b"<html>"), requests.ReadTimeout()]
)
@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_answer_never_ships_twice(failure: Any, applied: bool) -> None:
    market = Market(order_body())

    def lose(asked: Asked) -> Said:
        if applied:
            market.shipped(asked)
        if isinstance(failure, Exception):
            raise failure
        return failure

    market.on("POST", SHIP, lose)
    octopia = channel(market)
    [outcome] = octopia.ship([SHIPMENT])
    assert outcome.status == (OutcomeStatus.CONFIRMED if applied else OutcomeStatus.UNKNOWN)
    assert not outcome.retryable
    if applied:
        assert octopia.ship([SHIPMENT])[0].status == OutcomeStatus.CONFIRMED
    assert len(market.writes()) == 1


@pytest.mark.parametrize(
    ("now", "status", "code"),
    [
        ({"status": "Shipped"}, OutcomeStatus.CONFIRMED, None),
        ({"status": "Cancelled"}, OutcomeStatus.REJECTED, "409"),
        ({"status": "Accepted"}, OutcomeStatus.REJECTED, "409"),
        ({}, OutcomeStatus.UNKNOWN, "Busy"),
    ],
)
def test_a_conflict_is_decided_by_reading_again(now: dict[str, Any], status: OutcomeStatus, code: str | None) -> None:
    market = Market(order_body())

    def conflict(_asked: Asked) -> Said:
        market.change(**now)
        return Said(status=409, body={"title": "Conflict"})

    market.on("POST", SHIP, conflict)
    [outcome] = channel(market).ship([SHIPMENT])
    assert (outcome.status, outcome.code) == (status, code)
    assert len(market.writes()) == 1


def test_a_conflict_that_cannot_be_read_again_stays_unknown() -> None:
    market = Market(order_body()).on("POST", SHIP, Said(status=409))
    market.on("GET", f"/orders/{ID}", Said(body=order_body()), Said(status=500))
    [outcome] = channel(market).ship([Shipment(key=ID, carrier="Colissimo", tracking_number="6A123")])
    assert (outcome.status, outcome.code) == (OutcomeStatus.UNKNOWN, "Busy")


@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_says_why(status: int) -> None:
    problem = {"title": "Validation Failed", "errors": {"state": ["Cannot switch to shipped status"]}}
    market = Market(order_body()).on("POST", SHIP, Said(status=status, body=problem))
    [outcome] = channel(market).ship([SHIPMENT])
    assert (outcome.status, outcome.code, outcome.retryable) == (OutcomeStatus.REJECTED, str(status), False)
    assert outcome.message is not None
    assert "Cannot switch to shipped status" in outcome.message


@pytest.mark.parametrize(
    ("body", "status", "code", "message"),
    [
        (order_body(status="Shipped"), OutcomeStatus.CONFIRMED, None, None),
        (order_body(status="Cancelled"), OutcomeStatus.REJECTED, "409", "Cancelled"),
        (order_body(status="Accepted"), OutcomeStatus.REJECTED, "409", "Accepted"),
        (order_body(lines=[mode("Fulfillment")]), OutcomeStatus.REJECTED, "InvalidRequest", "supplies"),
        (order_body(lines=[line_body(status="Cancelled")]), OutcomeStatus.REJECTED, "InvalidRequest", "no line"),
        (
            order_body(lines=[line_body(status="CancelRequest"), line_body("L2")]),
            OutcomeStatus.REJECTED,
            "CancellationRequestPending",
            "L1",
        ),
    ],
)
def test_what_reading_shows_to_be_done_or_impossible_is_not_sent(
    body: dict[str, Any], status: OutcomeStatus, code: str | None, message: str | None
) -> None:
    market = Market(body)
    [outcome] = channel(market).ship([SHIPMENT])
    assert (outcome.status, outcome.code) == (status, code)
    assert message is None or message in str(outcome.message)
    assert market.writes() == []


def test_lines_that_a_customer_wants_cancelled_are_shipped_when_told_to() -> None:
    market = Market(order_body(lines=[line_body(status="CancelRequest"), line_body("L2")]))
    market.on("POST", SHIP, market.shipped)
    channel(market, ship_cancel_requested=True).ship([SHIPMENT])
    assert market.writes()[0].json[0]["orderLineIds"] == ["L1", "L2"]


def test_named_lines_are_shipped_and_closed_ones_refused() -> None:
    lines = [line_body("L1"), line_body("L2"), line_body("L3", status="Cancelled")]
    market = Market(order_body(lines=lines))
    market.on("POST", SHIP, market.shipped)
    shipment = {"key": ID, "carrier": "Colissimo", "tracking_number": "6A123"}
    [refused] = channel(market).ship([Shipment(**shipment, lines=("L2", "L3"))])
    assert (refused.code, market.writes()) == ("InvalidRequest", [])
    channel(market).ship([Shipment(**shipment, lines=("L2",))])
    assert market.writes()[0].json[0]["orderLineIds"] == ["L2"]


@pytest.mark.parametrize(
    ("carrier", "number", "url", "field"),
    [
        ("Pigeon Post", "6A123", None, "carrier"),
        ("", "6A123", None, "carrier"),
        ("Colissimo", "", None, "tracking_number"),
        ("Colissimo", "6A 123", None, "tracking_number"),
        ("Colissimo", "6A123", "ftp://x", "tracking_url"),
    ],
)
def test_a_shipment_that_cannot_be_right_touches_no_order(
    carrier: str, number: str, url: str | None, field: str
) -> None:
    market = Market(order_body())
    with pytest.raises(errors.InvalidRequest) as caught:
        channel(market).ship([Shipment(key=ID, carrier=carrier, tracking_number=number, tracking_url=url)])
    assert [problem.field for problem in caught.value.problems] == [f"{ID}.{field}"]
    assert {asked.path for asked in market.asked} <= {"/token", "/carriers"}


@pytest.mark.parametrize(("given", "sent"), [("DHLX", "DHL Express"), ("colissimo", "Colissimo"), ("pcc", None)])
def test_a_carriers_code_stands_for_its_label_where_no_other_has_it(given: str, sent: str | None) -> None:
    carriers = [("pcc", "Colissimo"), ("pcc", "Chronopost"), ("dhlx", "DHL Express")]
    body = [{"code": code, "label": label} for code, label in carriers]
    market = Market(order_body()).on("GET", "/carriers", Said(body=body))
    shipment = Shipment(key=ID, carrier=given, tracking_number="6A123")
    if sent is None:
        with pytest.raises(errors.InvalidRequest, match="Colissimo, Chronopost"):
            channel(market).ship([shipment])
        assert not market.writes()
    else:
        channel(market).ship([shipment])
        assert market.writes()[0].json[0]["carrierName"] == sent


def test_a_carrier_list_that_cannot_be_read_refuses_nobody_and_is_not_asked_for_each_time() -> None:
    market = Market(order_body()).on("GET", "/carriers", Said(status=404))
    market.on("POST", SHIP, market.shipped)
    octopia = channel(market)
    pigeon = Shipment(key=ID, carrier="Pigeon Post", tracking_number="6A123")
    assert [octopia.ship([pigeon])[0].status for _ in range(2)] == [OutcomeStatus.CONFIRMED] * 2
    assert len(market.calls("GET", "/carriers")) == 1


def test_an_unknown_order_is_not_shipped_and_may_be_tried_again() -> None:
    [outcome] = channel(Market()).ship([SHIPMENT])
    assert (outcome.status, outcome.code, outcome.retryable) == (OutcomeStatus.REJECTED, "OrderNotFound", True)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Said(status=429, headers={"Retry-After": "3600"}), errors.QuotaExceeded),
        (requests.exceptions.ConnectTimeout(), errors.ConnectFailed),
    ],
)
def test_what_stops_the_first_order_is_raised_and_the_others_did_not_run(
    said: Any, error: type[errors.CdiscountError]
) -> None:
    market = Market(order_body("A"), order_body("B"), order_body("C"))
    market.on("POST", "/orders/A/shipments", said)
    shipments = [Shipment(key=key, carrier="Colissimo", tracking_number="6A123") for key in "ABC"]
    with pytest.raises(error) as caught:
        channel(market).ship(shipments)
    assert caught.value.retryable
    market.change("C", status="Shipped")
    first, *rest = channel(market).ship([shipments[2], *shipments[:2]])
    assert first.status == OutcomeStatus.CONFIRMED
    assert [(one.key, one.status, one.retryable) for one in rest] == [
        ("A", OutcomeStatus.REJECTED, True),
        ("B", OutcomeStatus.REJECTED, True),
    ]


@pytest.mark.parametrize("status", [401, 403])
def test_an_order_that_may_not_be_shipped_holds_up_no_other(status: int) -> None:
    market = Market(order_body("A"), order_body("B"))
    market.on("POST", "/orders/A/shipments", Said(status=status, body={}))
    market.on("POST", "/orders/B/shipments", Said(status=201))
    shipments = [Shipment(key=key, carrier="Colissimo", tracking_number="6A123") for key in "AB"]
    first, second = channel(market).ship(shipments)
    assert (first.status, first.code, first.retryable) == (OutcomeStatus.REJECTED, "OrderForbidden", True)
    assert second.status == OutcomeStatus.UNKNOWN


@pytest.mark.parametrize(
    ("said", "raised"),
    [(Said(status=500), False), (Said(status=400), False), (Said(body=b"<html>"), False), (Said(status=503), True)],
)
def test_an_order_that_cannot_be_read_holds_up_no_other_but_an_outage_does(said: Said, raised: bool) -> None:
    market = Market(order_body("A"), order_body("B", status="Shipped")).on("GET", "/orders/A", said)
    market.on("GET", "/orders", Said(body=page_body()))
    shipments = [Shipment(key=key, carrier="Colissimo", tracking_number="6A123") for key in "AB"]
    if raised:
        with pytest.raises(errors.HttpError) as caught:
            channel(market).ship(shipments)
        assert caught.value.retryable
        return
    first, second = channel(market).ship(shipments)
    assert (first.status, first.retryable) == (OutcomeStatus.REJECTED, True)
    assert second.status == OutcomeStatus.CONFIRMED


def test_an_order_whose_number_means_several_is_refused() -> None:
    market = Market(order_body("A", reference="SHARED"), order_body("B", reference="SHARED"))
    [outcome] = channel(market).ship([Shipment(key="SHARED", carrier="Colissimo", tracking_number="6A123")])
    assert (outcome.status, outcome.code, outcome.retryable) == (OutcomeStatus.REJECTED, "OperationFailed", False)


@pytest.mark.parametrize("soap_number", [REFERENCE, ID])
def test_an_order_that_soap_imported_is_known_again_whichever_number_it_had_there(soap_number: str) -> None:
    before = ModelMarket()
    before.place(soap_number)
    oms = MemoryOms(clock=before.clock)
    common: dict[str, Any] = {"account": "shop", "clock": before.clock}
    OrderImporter(ModelChannel(before), oms, start_from=before.clock.now() - timedelta(days=1), **common).run()
    ShipmentPusher(ModelChannel(before), oms, **common).enqueue(evolve(SHIPMENT, key=soap_number))
    market = Market(order_body(updatedAt="2026-03-02T09:00:00Z"))
    market.on("POST", SHIP, market.shipped)
    before.advance(timedelta(hours=2))
    report = OrderImporter(channel(market), oms, **common).run()
    assert (report.imported, report.updated) == (0, 1)
    assert ShipmentPusher(channel(market), oms, **common).run().confirmed == 1
    assert len(oms.orders("shop")) == len(market.writes()) == 1


# --- deciding ---------------------------------------------------------------------------------------------------------

ACCEPT = Decision(key=REFERENCE, verdict=Verdict.ACCEPT)
REFUSE = Decision(key=REFERENCE, verdict=Verdict.REFUSE)


@pytest.mark.parametrize(
    ("decision", "word", "after"), [(ACCEPT, "Accepted", "Accepted"), (REFUSE, "Refused", "Refused")]
)
@pytest.mark.parametrize("applied", [True, False])
def test_a_decision_is_sent_and_read_back(decision: Decision, word: str, after: str, applied: bool) -> None:
    market = Market(order_body(status="WaitingAcceptance"))

    def take(_asked: Asked) -> Said:
        if applied:
            market.change(status=after)
        return Said(status=204)

    market.on("POST", APPROVE, take)
    [outcome] = channel(market).decide([decision])
    assert outcome.status == (OutcomeStatus.CONFIRMED if applied else OutcomeStatus.UNKNOWN)
    assert [asked.json for asked in market.writes()] == [{"approval_status": word}]


@pytest.mark.parametrize(
    ("decision", "status", "expected"),
    [
        (ACCEPT, "InPreparation", OutcomeStatus.CONFIRMED),
        (ACCEPT, "Shipped", OutcomeStatus.CONFIRMED),
        (ACCEPT, "Refused", OutcomeStatus.REJECTED),
        (ACCEPT, "Cancelled", OutcomeStatus.REJECTED),
        (REFUSE, "Refused", OutcomeStatus.CONFIRMED),
        (REFUSE, "Accepted", OutcomeStatus.REJECTED),
        (ACCEPT, "Processing", OutcomeStatus.REJECTED),
    ],
)
def test_a_decision_that_is_taken_already_is_not_sent(decision: Decision, status: str, expected: OutcomeStatus) -> None:
    market = Market(order_body(status=status))
    assert channel(market).decide([decision])[0].status == expected
    assert market.writes() == []


@pytest.mark.parametrize(
    ("now", "status", "code"),
    [
        ("Accepted", OutcomeStatus.CONFIRMED, None),
        ("InPreparation", OutcomeStatus.CONFIRMED, None),
        ("Refused", OutcomeStatus.REJECTED, "409"),
        ("Processing", OutcomeStatus.REJECTED, "409"),
        ("WaitingAcceptance", OutcomeStatus.UNKNOWN, "Busy"),
        ("Teleported", OutcomeStatus.UNKNOWN, "Busy"),
    ],
)
def test_a_conflict_over_a_decision_is_decided_by_reading_again(
    now: str, status: OutcomeStatus, code: str | None
) -> None:
    market = Market(order_body(status="WaitingAcceptance"))

    def conflict(_asked: Asked) -> Said:
        market.change(status=now)
        return Said(status=409, body={"title": "Conflict"})

    market.on("POST", APPROVE, conflict)
    [outcome] = channel(market).decide([ACCEPT])
    assert (outcome.status, outcome.code) == (status, code)
    assert len(market.writes()) == 1


@pytest.mark.parametrize(
    ("decision", "field"),
    [
        (Decision(key="A", verdict=Verdict.ACCEPT, refused_lines=("L1",)), "A.refused_lines"),
        (Decision(key="A", verdict=Verdict.LATER), "A.verdict"),
    ],
)
def test_a_decision_that_the_api_does_not_take_is_refused_before_any_request(decision: Decision, field: str) -> None:
    market = Market(order_body(status="WaitingAcceptance"))
    with pytest.raises(errors.InvalidRequest) as caught:
        channel(market).decide([ACCEPT, decision])
    assert [problem.field for problem in caught.value.problems] == [field]
    assert market.asked == []


def test_parcels_are_told_each_once() -> None:
    parcels = [PARCEL]
    order = translated(lines=[line_body("L1", parcels=parcels), line_body("L2", parcels=parcels)])
    assert order.parcels == (Parcel(tracking_number="6A123", carrier="Colissimo"),)


def test_the_carriers_are_labels_each_once() -> None:
    market = Market().on("GET", "/carriers", Said(body=[{"label": "DHL"}, {"label": "DHL "}, {"label": "TNT"}]))
    assert channel(market).carriers() == ("DHL", "TNT")


# --- odd lists and odd orders -----------------------------------------------------------------------------------------


def test_a_list_goes_on_behind_an_empty_page_that_names_the_next_one() -> None:
    market = Market()
    pages = [page_body(order_body("A")), page_body(), page_body(order_body("B"))]

    def answer(asked: Asked) -> Said:
        index = int(asked.query["pageIndex"])
        link = {"Link": f'<https://x/v2/orders?pageIndex={index + 1}>; rel="next"'} if index < len(pages) else {}
        return Said(body=pages[index - 1] if index <= len(pages) else page_body(), headers=link)

    market.on("GET", "/orders", answer)
    assert [order.unique_id for order in channel(market).fetch(WAITING)] == ["A", "B"]


def test_empty_pages_without_end_are_an_error() -> None:
    market = Market()

    def answer(asked: Asked) -> Said:
        following = int(asked.query["pageIndex"]) + 1
        return Said(body=page_body(), headers={"Link": f'<https://x/v2/orders?pageIndex={following}>; rel="next"'})

    market.on("GET", "/orders", answer)
    with pytest.raises(errors.UnreadableAnswer):
        channel(market).fetch(WAITING)
    assert len(market.calls("GET", "/orders")) < 30


@pytest.mark.parametrize("beyond", [Said(status=404), Said(status=416), Said(body=b"null"), Said(body={})])
def test_what_a_service_says_of_a_page_that_nothing_announced_ends_the_list(beyond: Said) -> None:
    market = Market()
    market.on("GET", "/orders", lambda asked: beyond if asked.query["pageIndex"] > "1" else Said(body=page_body(ONE)))
    assert len(channel(market).fetch(WAITING)) == 1


ONE = order_body("A")


@pytest.mark.parametrize("spelled", ["cdisfr", "CdisFr", " CDISFR ", "", None])
def test_a_sales_channel_in_another_spelling_hides_no_order(spelled: str | None) -> None:
    market = Market(order_body("A", salesChannel={"id": spelled}))
    (order,) = channel(market, sales_channels=["CDISFR"]).fetch(WAITING)
    assert (order.sales_channel, order.currency) == ("CDISFR" if (spelled or "").strip() else None, "EUR")


def test_a_line_that_did_not_leave_is_shipped_though_the_order_says_shipped() -> None:
    left = line_body("L1", status="Shipped", parcels=[PARCEL])
    market = Market(order_body(status="Shipped", salesChannel={"id": "ALLEPL"}, lines=[left, line_body("L2")]))
    market.on("POST", SHIP, Said(status=201))
    second = Shipment(key=REFERENCE, carrier="Colissimo", tracking_number="6A999", lines=("L2",))
    channel(market, read_backs=()).ship([second])
    assert [asked.body for asked in market.calls("POST", SHIP)] != []


def test_a_reference_is_found_where_the_service_ignores_that_filter() -> None:
    market = Market(*(order_body(f"O{number:03}", reference=f"R{number:03}") for number in range(130)))
    market.on("GET", "/orders", lambda asked: market._list(evolve(asked, query=without(asked.query, "reference"))))
    (order,) = channel(market).get(["R129"])
    assert order.unique_id == "O129"


def without(query: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in query.items() if key != name}


def test_a_line_id_that_lost_a_character_is_not_sent() -> None:
    market = Market(order_body(lines=[line_body("L\ufffd")]))
    (outcome,) = channel(market).ship([SHIPMENT])
    assert (outcome.code, outcome.retryable) == ("Unreadable", True)
    assert market.calls("POST", SHIP) == []


def test_parcels_of_one_order_leave_each_under_its_own_number() -> None:
    lines = [line_body("L1"), line_body("L2")]
    market = Market(order_body(salesChannel={"id": "ALLEPL"}, lines=lines)).on("POST", SHIP, Said(status=201))
    parcels = [
        Shipment(key=REFERENCE, carrier="Colissimo", tracking_number=number, lines=(line,))
        for number, line in (("6A1", "L1"), ("6A2", "L2"))
    ]
    channel(market, read_backs=()).ship(parcels)
    sent = [parcel for asked in market.calls("POST", SHIP) for parcel in asked.json]
    assert [(parcel["parcelNumber"], parcel["orderLineIds"]) for parcel in sent] == [("6A1", ["L1"]), ("6A2", ["L2"])]


def test_an_order_that_took_too_long_to_find_is_not_written_about() -> None:
    market = Market(order_body())
    clock = SteppedClock()

    def slow(_asked: Asked) -> Said:
        clock.advance(timedelta(minutes=5))
        return Said(body=page_body(order_body()))

    market.on("GET", "/orders", slow)
    octopia = OctopiaChannel(fake_client(market, clock=clock))
    with pytest.raises(errors.CallTimeout) as caught:
        octopia.ship([SHIPMENT])
    assert caught.value.retryable
    assert market.calls("POST", SHIP) == []


@pytest.mark.parametrize("odd", [None, "order", 7, []])
def test_an_entry_that_is_no_order_keeps_no_other_out_and_is_reported(odd: Any) -> None:
    market = Market()
    pages = {"1": page_body(order_body("A"), odd, order_body("B"))}
    market.on("GET", "/orders", lambda asked: Said(body=pages.get(asked.query["pageIndex"], page_body())))
    reading = channel(market).fetch(WAITING)
    assert [order.unique_id for order in reading] == ["A", "B"]
    assert [notice.code for notice in reading.notices][:1] == ["unreadable_entries"]
    with pytest.raises(errors.UnreadableAnswer):
        fake_client(market).orders.list()
