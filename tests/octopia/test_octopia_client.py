"""The client says what the service takes, reads what it answers, and survives what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.events import CallFinished, CallRetried, DriftSeen, Event, TokenRenewed
from cdiscount_marketplace.octopia import OctopiaClient
from cdiscount_marketplace.octopia.codec import Drift, decode
from cdiscount_marketplace.octopia.orders.cancellations import LineCancellation
from cdiscount_marketplace.octopia.orders.gestures import GestureFilter
from cdiscount_marketplace.octopia.orders.models import OrderFilter, OrderParcel, OrderStatus
from cdiscount_marketplace.octopia.sellers import Seller
from cdiscount_marketplace.sandbox import Sandbox, Settings
from cdiscount_marketplace.sandbox.octopia_settings import OctopiaSettings
from support.model_channel import SteppedClock
from support.octopia_bodies import line_body, order_body, page_body
from support.octopia_fake import SECRET, Asked, FakeOctopia, Said, fake_client
from support.redaction import Ear, found, told_by

ORDER = "26030112AAAA"
SHIP = f"/orders/{ORDER}/shipments"
PARCEL = OrderParcel(parcel_number="6A123", carrier_name="Colissimo", order_line_ids=("L1",))
BROKEN = requests.ConnectionError(ConnectionResetError(104, "Connection reset by peer"))


@pytest.fixture
def fake() -> FakeOctopia:
    return FakeOctopia()


@pytest.fixture
def client(fake: FakeOctopia) -> Iterator[OctopiaClient]:
    with fake_client(fake) as client:
        yield client


def recorded_body(recorded: Path, name: str) -> Any:
    return json.loads((recorded / "octopia" / name).read_bytes())


# --- requests as the service takes them -------------------------------------------------------------------------------


def test_every_call_names_seller_sales_channel_and_token(fake: FakeOctopia, client: OctopiaClient) -> None:
    fake.on("GET", f"/orders/{ORDER}", Said(body=order_body(ORDER)))
    assert client.orders.get(ORDER).order_id == ORDER
    headers = fake.asked[-1].headers
    assert headers["Authorization"] == "Bearer bearer-TOKEN-1"
    assert (headers["SellerId"], headers["SalesChannelId"], headers["Accept"]) == (
        "98979",
        "CDISFR",
        "application/json",
    )


def test_the_login_is_the_recorded_one(fake: FakeOctopia, client: OctopiaClient, recorded: Path) -> None:
    fake.on("GET", "/orders/count", Said(body=0))
    client.orders.count()
    token = fake.asked[0]
    form = (recorded / "octopia" / "token-request.http").read_text().splitlines()[-1]
    assert token.body.decode() == form.replace("CLIENT_ID", "shop").replace("CLIENT_SECRET", SECRET)
    assert token.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_recorded_bodies_are_produced_exactly(fake: FakeOctopia, client: OctopiaClient, recorded: Path) -> None:
    fake.on("POST", "/orders/ORDER_ID/approval-status", Said())
    fake.on("POST", "/orders/ORDER_ID/shipments", Said(status=201))
    for path in (
        "/order-cancellation-requests",
        "/order-partial-cancellation-requests",
        "/order-commercial-gesture-requests",
    ):
        fake.on("POST", path, Said(status=201))
    names = (
        "approval-request",
        "shipment-request-official-example",
        "cancellation-request",
        "partial-cancellation-request",
        "commercial-gesture-request",
    )
    wanted = [recorded_body(recorded, f"{name}.json") for name in names]
    _, shipment, _, partial, gesture = wanted
    parcel = OrderParcel(
        parcel_number=shipment["parcelNumber"],
        carrier_name=shipment["carrierName"],
        tracking_url=shipment["trackingUrl"],
        order_line_ids=tuple(shipment["orderLineIds"]),
    )
    [cancelled] = partial["lines"]
    line = LineCancellation(
        line_id=cancelled["lineId"],
        offer_id=cancelled["offerId"],
        reason="seller-out-of-stock",
        shipping_cost_refund=True,
    )
    orders = client.orders
    orders.approve("ORDER_ID")
    orders.ship("ORDER_ID", [parcel], form="object")
    orders.cancel("ORDER_ID", reason="seller-out-of-stock", refund_shipping=True)
    orders.cancel_lines("ORDER_ID", [line])
    details = gesture["reasonDetails"]
    orders.gestures.create("ORDER_ID", amount=Decimal("12.50"), reason="MissingProduct", reason_details=details)
    assert [asked.json for asked in fake.writes()] == wanted


def test_recorded_answers_are_read(fake: FakeOctopia, client: OctopiaClient, recorded: Path) -> None:
    token, count = (recorded_body(recorded, f"{name}-response.json") for name in ("token", "orders-count"))
    status = (recorded / "octopia" / "shipment-response.http").read_text().split()[1]
    fake.on("POST", "/token", Said(body=token)).on("GET", "/orders/count", Said(body=count))
    fake.on("POST", SHIP, Said(status=int(status)))
    assert client.orders.count() == count
    assert client.orders.ship(ORDER, [PARCEL]).status == int(status)
    assert len(fake.calls("POST", "/token")) == 1
    assert {asked.headers["Authorization"] for asked in fake.asked[1:]} == {f"Bearer {token['access_token']}"}


def test_parcels_are_sent_as_an_array_like_every_working_client_does(fake: FakeOctopia, client: OctopiaClient) -> None:
    fake.on("POST", SHIP, Said(status=201))
    assert client.orders.ship(ORDER, [PARCEL]).status == 201
    [asked] = fake.writes()
    assert asked.json == [{"parcelNumber": "6A123", "carrierName": "Colissimo", "orderLineIds": ["L1"]}]


def test_an_order_may_be_cancelled_in_the_other_sources_spelling(fake: FakeOctopia, client: OctopiaClient) -> None:
    fake.on("POST", "/order-cancellation-requests", Said(status=201))
    fake.on("POST", "/order-partial-cancellation-requests", Said(status=201))
    client.orders.cancel(ORDER, reason="r", refund_shipping=False, order_key="orderId")
    line = LineCancellation(line_id="L1", offer_id="O1", reason="r", shipping_cost_refund=True)
    client.orders.cancel_lines(ORDER, [line], order_key="orderId", refund_member="request")
    assert [asked.json for asked in fake.writes()] == [
        {"orderId": ORDER, "reason": "r", "shippingCostRefund": False},
        {
            "orderId": ORDER,
            "lines": [{"lineId": "L1", "offerId": "O1", "reason": "r"}],
            "shippingCostRefund": True,
        },
    ]


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        (OrderFilter(business_order=True), {"businessOrder": "true"}),
        (OrderFilter(more={"isBusinessOrder": "true"}), {"isBusinessOrder": "true"}),
        (OrderFilter(more={"sort": "asc:updatedAt"}), {"sort": "asc:updatedAt"}),
        (OrderFilter(more={"sort": "createdAt"}), {"sort": "createdAt"}),
        (OrderFilter(more={"desc": "updatedAt"}), {"desc": "updatedAt"}),
    ],
    ids=repr,
)
def test_a_filter_leaves_in_the_spelling_that_is_asked_for_with_every_page(
    fake: FakeOctopia, client: OctopiaClient, wanted: OrderFilter, sent: dict[str, str]
) -> None:
    fake.on("GET", "/orders", pages_of([order_body(f"O{n}") for n in range(101)]))
    fake.on("GET", "/orders/count", Said(body=101))
    assert len(client.orders.list(wanted)) == client.orders.count(wanted)
    pages = [{"pageIndex": index, "pageSize": "100"} for index in ("1", "2", "3")]
    assert [asked.query for asked in fake.calls("GET", "/orders")] == [{**sent, **page} for page in pages]
    assert [asked.query for asked in fake.calls("GET", "/orders/count")] == [sent]


def test_another_sales_channel_is_named_wherever_one_is_asked_for(fake: FakeOctopia) -> None:
    configuration = "/sales-channel-commercial-gesture-configurations/ELSEWHERE"
    fake.on("GET", "/cancellation-reasons", Said(body=[])).on("GET", configuration, Said(body={}))
    fake.on("GET", "/order-cancellation-requests", Said(body=page_body()))
    client = fake_client(fake, sales_channel_id="ELSEWHERE")
    client.orders.cancellation_reasons()
    list(client.orders.cancellation_requests(ORDER))
    client.orders.gestures.configuration()
    _, *asked = fake.asked
    assert {call.headers["SalesChannelId"] for call in asked} == {"ELSEWHERE"}
    assert [call.query.get("salesChannel") for call in asked] == ["ELSEWHERE", "ELSEWHERE", None]


def test_ids_are_quoted_in_paths(fake: FakeOctopia, client: OctopiaClient) -> None:
    with pytest.raises(errors.HttpError):
        client.orders.get("../sellers?x=1")
    assert fake.asked[-1].path == "/orders/..%2Fsellers%3Fx%3D1"


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        (lambda c: c.orders.ship(ORDER, []), ["parcels"]),
        (lambda c: c.orders.ship(ORDER, [PARCEL, PARCEL], form="object"), ["parcels"]),
        (
            lambda c: c.orders.ship(ORDER, [OrderParcel()]),
            ["parcels[0].parcel_number", "parcels[0].carrier_name"],
        ),
        (lambda c: c.orders.cancel(ORDER, reason="", refund_shipping=True), ["reason"]),
        (lambda c: c.orders.cancel_lines(ORDER, []), ["reason"]),
        (lambda c: c.orders.gestures.create(ORDER, amount=Decimal("1.005"), reason="r"), ["amount"]),
        (lambda c: c.orders.gestures.create(ORDER, amount=Decimal(0), reason=""), ["amount", "reason"]),
        (lambda c: c.orders.gestures.create(ORDER, amount=Decimal(1), reason="Other"), ["reason_details"]),
        (lambda c: list(c.orders.iter(page_size=101)), ["page_size"]),
    ],
)
def test_bad_input_is_refused_before_any_request(
    fake: FakeOctopia, client: OctopiaClient, call: Any, fields: list[str]
) -> None:
    with pytest.raises(errors.InvalidRequest) as caught:
        call(client)
    assert [problem.field for problem in caught.value.problems] == fields
    assert fake.asked == []


# --- lists ------------------------------------------------------------------------------------------------------------


def pages_of(bodies: list[dict[str, Any]], *, links: bool = False, cap: int = 100) -> Any:
    """Serve a list as the service does, by pageIndex and pageSize."""

    def answer(asked: Asked) -> Said:
        size, index = min(int(asked.query["pageSize"]), cap), int(asked.query["pageIndex"])
        part = bodies[(index - 1) * size : index * size]
        more = links and index * size < len(bodies)
        link = f'<https://elsewhere.example/v2/orders?pageIndex={index + 1}>; rel="next"'
        return Said(body=page_body(*part), headers={"Link": link} if more else {})

    return answer


@pytest.mark.parametrize("links", [False, True])
@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 250])
def test_a_list_is_read_to_its_end_with_and_without_links(
    fake: FakeOctopia, client: OctopiaClient, count: int, links: bool
) -> None:
    fake.on("GET", "/orders", pages_of([order_body(f"O{n}") for n in range(count)], links=links))
    found = client.orders.list(OrderFilter(statuses=(OrderStatus.IN_PREPARATION,)))
    assert [order.order_id for order in found] == [f"O{n}" for n in range(count)]
    assert {asked.query["status"] for asked in fake.calls("GET", "/orders")} == {"InPreparation"}


def test_a_link_is_followed_even_after_a_short_page(fake: FakeOctopia, client: OctopiaClient) -> None:
    bodies = [order_body(f"O{n}") for n in range(7)]
    fake.on("GET", "/orders", pages_of(bodies, links=True, cap=3))
    assert len(client.orders.list()) == 7


def test_pages_that_the_service_caps_without_a_word_are_all_read(fake: FakeOctopia, client: OctopiaClient) -> None:
    fake.on("GET", "/orders", pages_of([order_body(f"O{n}") for n in range(120)], cap=50))
    assert len(client.orders.list()) == 120


def test_a_token_is_never_sent_where_a_link_points(fake: FakeOctopia, client: OctopiaClient) -> None:
    fake.on("GET", "/orders", pages_of([order_body(f"O{n}") for n in range(101)], links=True))
    client.orders.list()
    assert len(fake.calls("GET", "/orders")) == 3


def test_a_page_that_repeats_itself_is_an_error_not_a_loop(fake: FakeOctopia, client: OctopiaClient) -> None:
    fake.on("GET", "/orders", Said(body=page_body(*[order_body(f"O{n}") for n in range(100)])))
    with pytest.raises(errors.UnreadableAnswer, match="nothing that earlier pages did not"):
        client.orders.list()


def test_a_list_that_leads_back_to_an_earlier_page_ends(fake: FakeOctopia, client: OctopiaClient) -> None:
    def page(asked: Asked) -> Said:
        index = int(asked.query["pageIndex"])
        link = f'<https://api.test/orders?pageIndex={index % 3 + 1}>; rel="next"'
        return Said(body=page_body(order_body(f"O{len(fake.asked)}")), headers={"Link": link})

    fake.on("GET", "/orders", page)
    with pytest.raises(errors.UnreadableAnswer, match="leads back"):
        client.orders.list()
    assert len(fake.calls("GET", "/orders")) == 3


def test_a_list_goes_on_behind_a_short_page(fake: FakeOctopia, client: OctopiaClient) -> None:
    bodies = [[order_body("A"), order_body("B")], [order_body("C")], [order_body("D")], []]
    fake.on("GET", "/orders", *(Said(body=page_body(*orders)) for orders in bodies))
    assert [order.order_id for order in client.orders.iter()] == ["A", "B", "C", "D"]


def test_a_list_that_is_not_paged_is_read_once(fake: FakeOctopia, client: OctopiaClient) -> None:
    fake.on("GET", "/orders", Said(body=page_body(order_body("A"), order_body("B"))))
    assert [order.order_id for order in client.orders.iter()] == ["A", "B"]


def test_what_is_called_between_pages_may_end_the_list(fake: FakeOctopia, client: OctopiaClient) -> None:
    def lose_the_lease() -> None:
        raise InterruptedError

    fake.on("GET", "/orders", Said(body=page_body(order_body("A"))), Said(body=page_body()))
    pages = client.orders.pages(between=lose_the_lease)
    assert len(next(pages).orders) == 1
    with pytest.raises(InterruptedError):
        next(pages)
    assert len(fake.calls("GET", "/orders")) == 1


@pytest.mark.parametrize("body", [b"null", {}, {"items": None}, {"items": {}}, {"itemsPerPage": 0}, {"error": "?"}, 0])
@pytest.mark.parametrize(
    ("path", "call"),
    [
        ("/orders", lambda c: c.orders.list()),
        ("/order-cancellation-requests", lambda c: list(c.orders.cancellation_requests(ORDER))),
        ("/order-commercial-gesture-requests", lambda c: list(c.orders.gestures.iter())),
        ("/cancellation-reasons", lambda c: c.orders.cancellation_reasons()),
        ("/sellers/addresses", lambda c: c.sellers.addresses()),
        ("/carriers", lambda c: c.carriers()),
    ],
)
def test_an_answer_without_a_list_is_no_empty_list(
    fake: FakeOctopia, client: OctopiaClient, path: str, call: Any, body: Any
) -> None:
    fake.on("GET", path, Said(body=body))
    with pytest.raises(errors.UnreadableAnswer, match="contains no list") as caught:
        call(client)
    assert (caught.value.operation, caught.value.status) == (f"GET {path}", 200)


@pytest.mark.parametrize("body", [3, {"count": 3}, {"total": 3.0}])
def test_a_count_is_read_bare_or_in_an_object(fake: FakeOctopia, client: OctopiaClient, body: Any) -> None:
    fake.on("GET", "/orders/count", Said(body=body))
    assert client.orders.count() == 3


@pytest.mark.parametrize("body", [True, {}, {"a": 1, "b": 2}, "3"])
def test_a_count_that_is_no_number_is_an_error(fake: FakeOctopia, client: OctopiaClient, body: Any) -> None:
    fake.on("GET", "/orders/count", Said(body=body))
    with pytest.raises(errors.UnreadableAnswer):
        client.orders.count()


@pytest.mark.parametrize("spelling", ["cursor", "Cursor", "body"])
def test_cursors_are_followed_wherever_they_stand(fake: FakeOctopia, client: OctopiaClient, spelling: str) -> None:
    link = {} if spelling == "body" else {"Link": f'</v2/x?{spelling}=abc%3D&limit=9>; rel="next"'}
    first = {"items": [{"requestId": "G1"}], **({"cursor": "abc="} if spelling == "body" else {})}
    fake.on(
        "GET",
        "/order-commercial-gesture-requests",
        Said(body=first, headers=link),
        Said(body={"items": [{"requestId": "G2"}]}),
    )
    assert [g.request_id for g in client.orders.gestures.iter(GestureFilter(order_id=ORDER))] == ["G1", "G2"]
    queries = [asked.query for asked in fake.calls("GET", "/order-commercial-gesture-requests")]
    assert queries == [
        {"orderId": ORDER, "limit": "1000"},
        {"orderId": ORDER, "limit": "1000", "cursor": "abc="},
    ]


# --- the other sections -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [lambda items: items, lambda items: page_body(*items)])
def test_carriers_are_listed_by_label_without_stray_blanks(fake: FakeOctopia, client: OctopiaClient, wrap: Any) -> None:
    listed = [{"code": "pcc", "label": "Colissimo"}, {"code": "x", "label": "YDH "}]
    fake.on("GET", "/carriers", Said(body=wrap(listed)))
    assert [carrier.label for carrier in client.carriers()] == ["Colissimo", "YDH"]


LISTS: list[Any] = [lambda code: [code], lambda code: [{"code": code}], lambda code: {"items": [{"id": code}]}]


@pytest.mark.parametrize("wrap", LISTS)
def test_cancellation_reasons_are_read_in_any_likely_shape(fake: FakeOctopia, client: OctopiaClient, wrap: Any) -> None:
    fake.on("GET", "/cancellation-reasons", Said(body=wrap("seller-out-of-stock")))
    [reason] = client.orders.cancellation_reasons(order_status=OrderStatus.IN_PREPARATION)
    assert reason.code == "seller-out-of-stock"
    assert fake.asked[-1].query == {
        "salesChannel": "CDISFR",
        "userType": "Seller",
        "orderStatus": "InPreparation",
    }


REQUESTS = [
    ("/order-cancellation-requests", lambda orders: orders.cancel(ORDER, reason="r", refund_shipping=True)),
    ("/order-partial-cancellation-requests", lambda orders: orders.cancel_lines(ORDER, [LineCancellation(reason="r")])),
    ("/order-commercial-gesture-requests", lambda orders: orders.gestures.create(ORDER, amount=Decimal(1), reason="r")),
]
NUMBERS = ["requestId", "cancellationRequestId", "partialCancellationRequestId", "id"]


@pytest.mark.parametrize(("path", "ask"), REQUESTS)
@pytest.mark.parametrize("name", NUMBERS)
def test_the_number_of_a_request_is_read_under_any_name(
    fake: FakeOctopia, client: OctopiaClient, path: str, ask: Any, name: str
) -> None:
    fake.on("POST", path, Said(status=201, body={name: "C1"}))
    assert ask(client.orders).request_id == "C1"


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("order", ["orderSellerId", "orderId"])
def test_cancellations_of_an_order_are_listed_whatever_its_members_are_called(
    fake: FakeOctopia, client: OctopiaClient, name: str, order: str
) -> None:
    fake.on("GET", "/order-cancellation-requests", Said(body=page_body({name: "C1", order: ORDER})))
    [found] = client.orders.cancellation_requests(ORDER)
    assert (found.cancellation_request_id, found.order_seller_id) == ("C1", ORDER)
    assert fake.calls("GET", "/order-cancellation-requests")[0].query == {
        "orderSellerId": ORDER, "salesChannel": "CDISFR", "pageIndex": "1", "pageSize": "100"
    }  # fmt: skip


@pytest.mark.parametrize("name", ["requestId", "commercialGestureRequestId", "id"])
@pytest.mark.parametrize("order", ["orderId", "orderSellerId"])
def test_gestures_are_listed_whatever_their_members_are_called(
    fake: FakeOctopia, client: OctopiaClient, name: str, order: str
) -> None:
    fake.on("GET", "/order-commercial-gesture-requests", Said(body={"items": [{name: "G1", order: ORDER}]}))
    [gesture] = client.orders.gestures.iter()
    assert (gesture.request_id, gesture.order_id) == ("G1", ORDER)


def test_gestures_tell_what_is_allowed(fake: FakeOctopia, client: OctopiaClient) -> None:
    fake.on("GET", f"/orders/{ORDER}/commercial-gestures-available-amounts", Said(body={"allowableAmount": 12.5}))
    fake.on("GET", "/sales-channel-commercial-gesture-configurations/CDISFR", Said(body={"reasons": ["Other"]}))
    fake.on("GET", "/order-commercial-gesture-requests/G1", Said(body={"requestId": "G1", "amount": 3}))
    gestures = client.orders.gestures
    assert gestures.available(ORDER).allowable_amount == Decimal("12.5")
    assert gestures.configuration().content == {"reasons": ["Other"]}
    assert gestures.get("G1").amount == Decimal(3)


@pytest.mark.parametrize("wrap", [lambda item: item, lambda item: [item], lambda item: {"items": [item]}])
def test_the_account_is_read_as_an_object_or_in_a_list(fake: FakeOctopia, client: OctopiaClient, wrap: Any) -> None:
    fake.on("GET", "/sellers", Said(body=wrap({"id": 98979, "shopName": "Ma boutique", "login": "jeanne"})))
    seller = client.sellers.information()
    assert (seller.id, seller.shop_name) == ("98979", "Ma boutique")
    assert "jeanne" not in repr(seller)


def test_addresses_and_subscriptions_are_listed(fake: FakeOctopia, client: OctopiaClient) -> None:
    fake.on("GET", "/sellers/addresses", Said(body={"items": [{"type": "Return", "zip": "33000", "city": "Bordeaux"}]}))
    fake.on(
        "GET",
        "/sellers/subscriptions",
        Said(body=[{"subscriptionId": "S1", "salesChannelId": "CDISFR", "currencies": ["EUR"]}]),
    )
    assert [address.postal_code for address in client.sellers.addresses()] == ["33000"]
    [subscription] = client.sellers.subscriptions()
    assert (subscription.sales_channel_id, subscription.currencies) == ("CDISFR", ("EUR",))


@pytest.mark.parametrize(
    "body", [{"claimsRate": 1.5, "detail": {"a": 1}}, [{"name": "claimsRate", "value": 1.5}, {"code": "detail"}]]
)
def test_indicators_are_read_from_an_object_or_a_list(fake: FakeOctopia, client: OctopiaClient, body: Any) -> None:
    fake.on("GET", "/sellers/indicators", Said(body=body))
    found = client.sellers.indicators()
    assert [(one.name, one.value) for one in found] == [("claimsRate", Decimal("1.5")), ("detail", None)]


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_a_refused_token_is_renewed_once_and_the_write_repeated_once(fake: FakeOctopia) -> None:
    clock = SteppedClock()
    fake.on("GET", "/orders/count", Said(body=0)).on("POST", SHIP, Said(status=401), Said(status=201))
    client = fake_client(fake, clock=clock)
    client.orders.count()
    clock.advance(timedelta(minutes=5))
    assert client.orders.ship(ORDER, [PARCEL]).status == 201
    assert len(fake.calls("POST", "/token")) == 2
    assert [asked.headers["Authorization"] for asked in fake.writes()] == [
        "Bearer bearer-TOKEN-1",
        "Bearer bearer-TOKEN-2",
    ]


def test_a_token_that_is_refused_again_is_given_up(fake: FakeOctopia) -> None:
    clock = SteppedClock()
    fake.on("GET", "/orders/count", Said(body=0), Said(status=401))
    client = fake_client(fake, clock=clock)
    client.orders.count()
    clock.advance(timedelta(minutes=5))
    with pytest.raises(errors.TokenRefused):
        client.orders.count()
    assert len(fake.calls("GET", "/orders/count")) == 3
    assert len(fake.calls("POST", "/token")) == 2


def test_a_token_is_renewed_before_its_two_hours_are_over(fake: FakeOctopia) -> None:
    clock, told = SteppedClock(), list[Event]()
    fake.on("GET", "/orders/count", Said(body=0))
    client = fake_client(fake, clock=clock, hooks=[told.append])
    for _ in range(7):
        client.orders.count()
        clock.advance(timedelta(minutes=20))
    assert len(fake.calls("POST", "/token")) == 2
    assert [event.reason for event in told if isinstance(event, TokenRenewed)] == ["missing", "early"]


@pytest.mark.parametrize("life", [{"expires_in": 7200}, {}, {"expires_in": None}])
def test_a_token_that_tells_no_life_lives_two_hours(fake: FakeOctopia, life: dict[str, Any]) -> None:
    clock = SteppedClock()
    fake.on("POST", "/token", Said(body={"access_token": "bearer-TOKEN", **life}))
    fake.on("GET", "/orders/count", Said(body=0))
    client = fake_client(fake, clock=clock)
    asked = []
    for _ in range(5):
        client.orders.count()
        asked.append(len(fake.calls("POST", "/token")))
        clock.advance(timedelta(minutes=31))
    assert asked == [1, 1, 1, 1, 2]


@pytest.mark.parametrize(
    "refusal",
    [
        {"error": "invalid_client", "error_description": "Invalid client or Invalid client credentials"},
        {"type": "about:blank", "title": "Unauthorized", "status": 401},
    ],
)
@pytest.mark.parametrize("status", [400, 401])
def test_a_refused_login_is_remembered_whatever_its_shape(
    fake: FakeOctopia, client: OctopiaClient, refusal: dict[str, Any], status: int
) -> None:
    fake.on("POST", "/token", Said(status=status, body=refusal))
    with pytest.raises(errors.LoginRefused):
        client.orders.count()
    with pytest.raises(errors.LoginBlocked):
        client.orders.count()
    assert len(fake.calls("POST", "/token")) == 1


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Said(status=401, body=b"<html>blocked</html>"), errors.HtmlAnswer),
        (Said(status=200, body={"error": "?"}), errors.UnreadableAnswer),
        (Said(status=200, body={"access_token": "a\nb: c"}), errors.UnreadableAnswer),
        (Said(status=503), errors.HttpError),
        (Said(status=429, headers={"Retry-After": "1800"}), errors.QuotaExceeded),
        (BROKEN, errors.ConnectionLost),
    ],
)
def test_what_is_no_refused_login_blocks_nothing(
    fake: FakeOctopia, client: OctopiaClient, said: Any, error: type[errors.CdiscountError]
) -> None:
    fake.on("POST", "/token", said)
    fake.on("POST", SHIP, Said(status=201))
    with pytest.raises(error) as caught:
        client.orders.ship(ORDER, [PARCEL])
    assert caught.value.retryable
    assert fake.writes() == []


# --- what goes wrong --------------------------------------------------------------------------------------------------

PROBLEM = {
    "type": "https://datatracker.ietf.org/doc/html/rfc9110#name-400-bad-request",
    "title": "Validation Failed",
    "status": 400,
    "traceId": "5f0c9a1b",
    "errors": {"[0].parcelNumber": ["must not be empty"], "state": "Cannot switch to shipped status from Cancelled"},
}


@pytest.mark.parametrize("status", [400, 404, 406, 409, 415, 422])
def test_problem_details_reach_the_exception(fake: FakeOctopia, client: OctopiaClient, status: int) -> None:
    fake.on("POST", SHIP, Said(status=status, body=PROBLEM, headers={"Content-Type": "application/problem+json"}))
    with pytest.raises(errors.HttpError) as caught:
        client.orders.ship(ORDER, [PARCEL])
    error = caught.value
    assert (error.status, error.trace_id, error.order_numbers) == (status, "5f0c9a1b", (ORDER,))
    assert error.fields["[0].parcelNumber"] == ("must not be empty",)
    assert "Cannot switch to shipped status" in str(error)
    assert error.operation == "POST /orders/{orderId}/shipments"
    assert len(fake.writes()) == 1


def test_the_recorded_problem_is_read(fake: FakeOctopia, client: OctopiaClient, recorded: Path) -> None:
    problem = recorded_body(recorded, "error-400-problem.json")
    fake.on("GET", "/orders", Said(status=400, body=problem))
    with pytest.raises(errors.HttpError, match=problem["title"]) as caught:
        client.orders.list()
    assert caught.value.trace_id == problem["traceId"]


@pytest.mark.parametrize("body", [None, b"<html>Bad Request</html>", b"Bad Request", b"\xff\xfe", [], {"errors": [1]}])
def test_an_error_body_of_any_kind_survives(fake: FakeOctopia, client: OctopiaClient, body: Any) -> None:
    fake.on("GET", "/orders", Said(status=500, body=body))
    with pytest.raises(errors.HttpError, match="HTTP 500"):
        client.orders.list()
    fake.on("GET", "/orders", Said(status=422, body=body))
    with pytest.raises((errors.HttpError, errors.HtmlAnswer)) as caught:
        client.orders.list()
    assert caught.value.status == 422


def test_a_seller_who_granted_nothing_is_told_so(fake: FakeOctopia, client: OctopiaClient) -> None:
    fake.on("GET", "/orders", Said(status=403, body={"title": "Forbidden"}))
    with pytest.raises(errors.NotAuthorized, match="not linked"):
        client.orders.list()
    assert len(fake.calls("POST", "/token")) == 1


def test_a_bot_wall_is_no_lack_of_rights(fake: FakeOctopia, client: OctopiaClient) -> None:
    fake.on("GET", "/orders", Said(status=403, body=b"<!DOCTYPE html><title>Access denied</title>"))
    with pytest.raises(errors.HtmlAnswer):
        client.orders.list()


@pytest.mark.parametrize(
    "failure", [Said(status=500), Said(status=503, body=b"<html>"), Said(status=429), Said(body=b'{"ite'), BROKEN]
)
def test_a_read_is_repeated(fake: FakeOctopia, failure: Any) -> None:
    told: list[Event] = []
    fake.on("GET", "/orders", failure, failure, Said(body=page_body(order_body(ORDER))))
    found = fake_client(fake, hooks=[told.append]).orders.list()
    assert [order.order_id for order in found] == [ORDER]
    assert [event.attempt for event in told if isinstance(event, CallRetried)] == [1, 2]
    assert [event.outcome for event in told if isinstance(event, CallFinished)][-1] == "ok"


@pytest.mark.parametrize(("headers", "least"), [({"Retry-After": "17"}, 17), ({}, 0.1)])
def test_too_many_requests_waits_as_told_and_all_the_same_where_nothing_is(
    fake: FakeOctopia, headers: dict[str, str], least: float
) -> None:
    told: list[Event] = []
    fake.on("POST", SHIP, Said(status=429, headers=headers), Said(status=201))
    fake_client(fake, hooks=[told.append]).orders.ship(ORDER, [PARCEL])
    [wait] = [event.wait for event in told if isinstance(event, CallRetried)]
    assert least <= wait < least + 30
    assert len(fake.writes()) == 2


def test_a_wait_longer_than_the_policy_allows_is_a_quota(fake: FakeOctopia) -> None:
    clock = SteppedClock()
    fake.on("GET", "/orders", Said(status=429, headers={"Retry-After": "1800"}))
    with pytest.raises(errors.QuotaExceeded) as caught:
        fake_client(fake, clock=clock).orders.list()
    assert caught.value.retry_at == clock.now() + timedelta(seconds=1800)
    assert len(fake.calls("GET", "/orders")) == 1


@pytest.mark.parametrize(
    "failure",
    [
        Said(status=500),
        Said(status=503, body=b"<html>maintenance</html>"),
        Said(status=504, body=PROBLEM),
        Said(status=408),
        Said(status=200, body=b"<html>proxy</html>"),
        Said(status=201, body=b'{"requestId": "'),
        Said(status=302, headers={"Location": "https://elsewhere.example"}),
        Said(status=403, body=b"<html>bot wall</html>"),
        BROKEN,
        requests.ReadTimeout(),
    ],
)
def test_a_write_that_may_have_run_is_unknown_and_never_repeated(
    fake: FakeOctopia, client: OctopiaClient, failure: Any
) -> None:
    fake.on("POST", SHIP, failure, Said(status=201))
    with pytest.raises(errors.OutcomeUnknown) as caught:
        client.orders.ship(ORDER, [PARCEL])
    assert caught.value.order_numbers == (ORDER,)
    assert isinstance(caught.value.__cause__, errors.CdiscountError)
    assert len(fake.writes()) == 1


def test_a_write_that_could_not_connect_is_repeated(fake: FakeOctopia, client: OctopiaClient) -> None:
    fake.on("POST", SHIP, requests.exceptions.ConnectTimeout(), Said(status=201))
    client.orders.ship(ORDER, [PARCEL])
    assert len(fake.writes()) == 2


@pytest.mark.parametrize("body", [None, b"", b"  ", b"{}", b'"C1"', b"null"])
def test_any_success_of_a_write_is_taken(fake: FakeOctopia, client: OctopiaClient, body: bytes | None) -> None:
    for status in (200, 201, 202) if body else (200, 201, 202, 204):
        fake.on("POST", f"/orders/{ORDER}/approval-status", Said(status=status, body=body))
        assert client.orders.approve(ORDER).status == status


def test_drift_is_told_with_its_place(fake: FakeOctopia) -> None:
    told: list[Event] = []
    fake.on("GET", "/orders", Said(body=page_body(order_body(ORDER, lines=[line_body(newMember="x")]))))
    fake_client(fake, hooks=[told.append]).orders.list()
    assert [event for event in told if isinstance(event, DriftSeen)] == [
        DriftSeen(operation="GET /orders", kind="element", path="OrderLine/newMember")
    ]


def test_a_page_tells_when_the_service_answered(fake: FakeOctopia, client: OctopiaClient) -> None:
    fake.on("GET", "/orders", Said(body=page_body(), headers={"Date": "Fri, 09 Feb 2024 20:19:54 GMT"}))
    [page] = client.orders.pages()
    assert page.answered_at == datetime(2024, 2, 9, 20, 19, 54, tzinfo=UTC)


# --- setting up -------------------------------------------------------------------------------------------------------


def test_the_environment_sets_a_client_up() -> None:
    environ = {
        "OCTOPIA_CLIENT_ID": "id",
        "OCTOPIA_CLIENT_SECRET": SECRET,
        "OCTOPIA_SELLER_ID": "42",
        "OCTOPIA_BASE_URL": "https://other.test/v2/",
    }
    with OctopiaClient.from_env(environ, retry=RetryPolicy.never()) as client:
        assert repr(client) == "OctopiaClient(seller_id='42', sales_channel_id='CDISFR')"


API, REALM = "https://api.octopia-io.net/seller/v2", "/auth/realms/maas/protocol/openid-connect/token"
USUAL, ALIAS = f"https://auth.octopia-io.net{REALM}", f"https://auth.octopia.com{REALM}"


@pytest.mark.parametrize(
    ("environ", "options", "urls"),
    [
        ({}, {}, (USUAL, API)),
        ({}, {"token_url": ALIAS}, (ALIAS, API)),
        ({"OCTOPIA_TOKEN_URL": ALIAS}, {}, (ALIAS, API)),
        ({"OCTOPIA_TOKEN_URL": ALIAS}, {"token_url": USUAL}, (USUAL, API)),
        ({"OCTOPIA_BASE_URL": "https://other.test/seller/v2/"}, {}, (USUAL, "https://other.test/seller/v2")),
        ({}, {"base_url": "https://other.test/seller/v2"}, (USUAL, "https://other.test/seller/v2")),
    ],
)
def test_requests_go_to_the_hosts_that_are_named_and_tokens_may_come_from_the_other_one(
    fake: FakeOctopia, environ: dict[str, str], options: dict[str, str], urls: tuple[str, str]
) -> None:
    login = {"OCTOPIA_CLIENT_ID": "id", "OCTOPIA_CLIENT_SECRET": SECRET, "OCTOPIA_SELLER_ID": "42"}
    fake.on("POST", REALM, Said(body={"access_token": "bearer-TOKEN"})).on("GET", "/orders/count", Said(body=0))
    with OctopiaClient.from_env({**login, **environ}, session=fake.session(), **options) as client:
        client.orders.count()
    token, count = fake.asked
    assert (token.url, count.url) == (urls[0], f"{urls[1]}/orders/count")
    assert (count.headers["Authorization"], count.headers["SellerId"]) == ("Bearer bearer-TOKEN", "42")


@pytest.mark.parametrize("missing", ["OCTOPIA_CLIENT_ID", "OCTOPIA_CLIENT_SECRET", "OCTOPIA_SELLER_ID"])
def test_a_missing_variable_is_named(missing: str) -> None:
    environ = {"OCTOPIA_CLIENT_ID": "a", "OCTOPIA_CLIENT_SECRET": "b", "OCTOPIA_SELLER_ID": "c"}
    del environ[missing]
    with pytest.raises(errors.CredentialsMissing, match=missing):
        OctopiaClient.from_env(environ)


def test_a_secret_from_a_vault_completes_the_environment(fake: FakeOctopia) -> None:
    environ = {"OCTOPIA_CLIENT_ID": "id", "OCTOPIA_SELLER_ID": "42"}
    fake.on("POST", REALM, Said(body={"access_token": "bearer-TOKEN"})).on("GET", "/orders/count", Said(body=0))
    with OctopiaClient.from_env(environ, client_secret=lambda: SECRET, session=fake.session()) as client:
        assert client.orders.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": b"b"},
        {"seller_id": 42},
        {"client_id": None},
        {"hooks": print},
        {"base_url": ""},
        {"base_url": "ftp://x"},
        {"token_url": 5},
        {"token_url": "https://id:b@sts.example/"},
        {"token_url": USUAL.replace("https", "http")},
        {"token_url": ALIAS.replace("https", "http")},
    ],
)
def test_setup_that_cannot_work_is_refused_at_once(wrong: dict[str, Any]) -> None:
    account = {"client_id": "a", "client_secret": "b", "seller_id": "c"}
    with pytest.raises(errors.ConfigurationError):
        OctopiaClient(**(account | wrong))


PERSONAL = {
    "Jeanne",
    "Martin",
    "Lilas",
    "Bordeaux",
    "0601020304",
    "601020304",
    "relais.example",
    SECRET,
    "bearer-TOKEN",
}


@pytest.mark.parametrize(
    "said",
    [
        Said(status=200, body=b'{"items": [' + json.dumps(order_body()).encode()),
        Said(status=500, body=order_body()),
        Said(status=400, body=order_body()),
        Said(status=200, body=b"<html>" + json.dumps(order_body()).encode()),
        Said(status=401, body=order_body()),
        Said(status=403, body={"detail": "Bearer bearer-TOKEN-1 may not see 06 01 02 03 04"}),
        Said(
            status=422, body={"errors": {"k3j4h5@relais.example": ["k3j4h5@relais.example or +33601020304 is wrong"]}}
        ),
        BROKEN,
    ],
)
def test_secrets_and_personal_data_reach_no_log_error_or_hook(fake: FakeOctopia, ear: Ear, said: Any) -> None:
    told: list[Event] = []
    page = Said(body=page_body(order_body()))
    fake.on("GET", "/orders", page, page, said).on("POST", SHIP, said)
    fake.on("GET", "/orders/count", Said(body=[order_body()]))
    client = fake_client(fake, hooks=[told.append])
    orders = client.orders
    # The second list has a page in hand when the next one fails.
    uses = [orders.list, lambda: list(orders.iter(page_size=1)), orders.list, orders.count]
    shown = told_by([*uses, lambda: orders.ship(ORDER, [PARCEL]), lambda: client])
    assert found(PERSONAL, [*shown, *ear.heard, repr(told)]) == set()


def test_an_endless_list_shows_none_of_its_orders(fake: FakeOctopia, client: OctopiaClient, ear: Ear) -> None:
    fake.on("GET", "/orders", Said(body=page_body(order_body())))
    [shown] = told_by([lambda: list(client.orders.iter(page_size=1))])
    assert "shows nothing that earlier pages did not" in shown
    assert found(PERSONAL, [shown, *ear.heard]) == set()


def test_what_the_service_says_is_kept_without_tokens_addresses_and_numbers(
    fake: FakeOctopia, client: OctopiaClient
) -> None:
    said = f"Order {ORDER} of jeanne@relais.example, 0033 6 01 02 03 04:\n{'x' * 3000} cannot be shipped"
    fake.on(
        "GET", "/orders", Said(status=409, body={"detail": said, "traceId": "00-4bf92f3577b34da6a3ce929d0e0e4736-01"})
    )
    with pytest.raises(errors.HttpError) as caught:
        client.orders.list()
    assert f"Order {ORDER} of …, …: …" in str(caught.value)
    assert caught.value.trace_id == "00-4bf92f3577b34da6a3ce929d0e0e4736-01"


@pytest.mark.parametrize("spelling", ["snake_case", "camelCase"])
def test_the_account_is_read_in_either_spelling(spelling: Any) -> None:
    sandbox = Sandbox(settings=Settings(octopia=OctopiaSettings(seller_spelling=spelling)))
    seller = sandbox.octopia_client().sellers.information()
    assert (seller.id, seller.shop_name) == ("98979", "La Boutique du Bac à Sable")


def test_the_recorded_account_is_understood_whole(recorded: Path) -> None:
    drift = Drift()
    seller = decode(Seller, recorded_body(recorded, "sellers-response-snake-case.json"), drift)
    assert [event for event in drift.events("GET /sellers") if event.kind == "element"] == []
    assert (seller.shop_name, seller.account_status, seller.language) == ("Maison Claire", "Activated", "fr-FR")
