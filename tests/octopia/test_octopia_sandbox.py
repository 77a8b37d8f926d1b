"""The sandbox's REST half speaks of the same book as its SOAP half, and behaves as the facts say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.channels.octopia.channel import OctopiaChannel
from cdiscount_marketplace.events import DriftSeen, Event
from cdiscount_marketplace.models import (
    Decision,
    OrderQuery,
    OutcomeStatus,
    Shipment,
    Verdict,
)
from cdiscount_marketplace.models import OrderStatus as Neutral
from cdiscount_marketplace.octopia import OctopiaClient
from cdiscount_marketplace.octopia.orders.cancellations import LineCancellation
from cdiscount_marketplace.octopia.orders.models import LineStatus, OrderFilter, OrderParcel, OrderStatus
from cdiscount_marketplace.sandbox import Fault, Sandbox, Settings
from cdiscount_marketplace.sandbox.effects import (
    ApplyLater,
    Effect,
    ExpireTokens,
    HtmlPage,
    HttpStatus,
    LoseAnswer,
    MissingElements,
    Moment,
    NoOrderNumber,
    QuotaReached,
    RejectOrder,
    Reset,
    Truncate,
    UnknownElements,
    UnknownValues,
)
from cdiscount_marketplace.sandbox.orders import Order
from cdiscount_marketplace.sandbox.states import LineState, State

WAITING = OrderQuery(statuses=(Neutral.WAITING_SHIPMENT,))
SHIPPED = "POST /orders/{orderId}/shipments"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def parcel_of(client: OctopiaClient, order_id: str, **changes: Any) -> OrderParcel:
    lines = tuple(line.order_line_id or "" for line in client.orders.get(order_id).lines)
    given: dict[str, Any] = {"parcel_number": "6A123", "carrier_name": "Colissimo", "order_line_ids": lines}
    return OrderParcel(**{**given, **changes})


def shipment(order: Order) -> Shipment:
    return Shipment(key=order.number, carrier="Colissimo", tracking_number="6A123")


def test_an_order_is_the_same_in_both_halves(sandbox: Sandbox) -> None:
    placed = sandbox.place(state=State.WAITING_SHIPMENT, lines=2, relay=True, fee=True)
    with sandbox.octopia_client() as client:
        [shown] = client.orders.list()
    assert (shown.reference, shown.order_id) == (placed.number, placed.order_id)
    assert [line.quantity for line in shown.lines] == [line.quantity for line in placed.goods]
    assert [fee.amount for fee in shown.service_fees] == [Decimal("1.5")]
    assert shown.total_price is not None
    assert shown.total_price.selling_price == placed.promised.total
    [address] = {line.shipping_address for line in shown.lines}
    assert address is not None
    assert address.pickup_id == placed.shipping.relay_id
    [order] = OctopiaChannel(client).fetch(WAITING)
    assert order.unexplained == Decimal(0)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State.WAITING_ACCEPTANCE, OrderStatus.WAITING_ACCEPTANCE),
        (State.PAYMENT, OrderStatus.ACCEPTED),
        (State.WAITING_SHIPMENT, OrderStatus.IN_PREPARATION),
        (State.SHIPPED, OrderStatus.SHIPPED),
        (State.REFUSED, OrderStatus.REFUSED),
        (State.CANCELLED, OrderStatus.CANCELLED),
        (State.PAYMENT_REFUSED, OrderStatus.CANCELLED),
    ],
)
def test_every_state_has_its_word_and_is_found_by_it(sandbox: Sandbox, state: State, status: OrderStatus) -> None:
    placed = sandbox.place()
    sandbox.book.force(placed.number, state)
    sandbox.settings = Settings(payment="manual", auto_cancel_after=None)
    with sandbox.octopia_client() as client:
        [found] = client.orders.list(OrderFilter(statuses=(status,)))
        assert found.status == status
        others = tuple(other for other in OrderStatus.values() if other != status)
        assert client.orders.count(OrderFilter(statuses=others)) == 0
    visible = state in (State.WAITING_SHIPMENT, State.SHIPPED)
    assert all((line.shipping_address is not None) == visible for line in found.lines)


def test_a_line_whose_cancellation_is_asked_for_says_so(sandbox: Sandbox) -> None:
    placed = sandbox.place(state=State.WAITING_SHIPMENT, lines=2)
    sandbox.cancel_as_customer(placed.number, [0])
    with sandbox.octopia_client() as client:
        lines = client.orders.get(placed.order_id).lines
        assert [line.status for line in lines] == [LineStatus.CANCEL_REQUEST, LineStatus.IN_PREPARATION]
        [outcome] = OctopiaChannel(client).ship([shipment(placed)])
    assert (outcome.status, outcome.code) == (OutcomeStatus.REJECTED, "CancellationRequestPending")


def test_filters_find_what_they_say(sandbox: Sandbox) -> None:
    plain = sandbox.place(state=State.WAITING_SHIPMENT)
    business = sandbox.place(state=State.WAITING_SHIPMENT, business=True)
    stocked = sandbox.place(state=State.WAITING_SHIPMENT, fulfilled_by_cdiscount=True)
    with sandbox.octopia_client() as client:

        def found(**wanted: Any) -> set[str | None]:
            return {order.reference for order in client.orders.list(OrderFilter(**wanted))}

        assert found(reference=plain.number) == {plain.number}
        assert found(business_order=True) == {business.number}
        assert found(supply_mode="Fulfillment") == {stocked.number}
        assert found(sales_channel_id="ELSEWHERE") == set()
        assert found(shipping_country="BE") == set()
        assert found(created_at_min=sandbox.clock.now() + timedelta(days=1)) == set()
        assert found(created_at_max=sandbox.clock.now()) == {plain.number, business.number, stocked.number}


def test_pages_hold_at_most_a_hundred_and_link_to_the_next(sandbox: Sandbox) -> None:
    sandbox.fill(230, over=timedelta(days=1))
    with sandbox.octopia_client() as client:
        sizes = [len(page.orders) for page in client.orders.pages()]
    assert sizes == [100, 100, 30]


@pytest.mark.parametrize("query", [{"status": "Bogus"}, {"createdAtMin": "yesterday"}, {"shippedAtMax": "x"}])
def test_a_bad_parameter_is_named(sandbox: Sandbox, query: dict[str, str]) -> None:
    with sandbox.octopia_client() as client, pytest.raises(errors.HttpError) as caught:
        client.orders.count(OrderFilter(more=query))
    assert caught.value.status == 400
    assert set(caught.value.fields) == set(query)


def test_a_write_is_taken_at_once_and_applied_a_moment_later(sandbox: Sandbox) -> None:
    placed = sandbox.place(state=State.WAITING_SHIPMENT, lines=2)
    with sandbox.octopia_client() as client:
        assert client.orders.ship(placed.order_id, [parcel_of(client, placed.order_id)]).status == 201
        assert client.orders.get(placed.order_id).status == OrderStatus.IN_PREPARATION
        sandbox.advance(timedelta(seconds=3))
        after = client.orders.get(placed.order_id)
    assert after.status == OrderStatus.SHIPPED
    assert [[parcel.parcel_number for parcel in line.parcels] for line in after.lines] == [["6A123"], ["6A123"]]
    assert len(sandbox.shipped(placed.number)) == 1


def test_two_writes_taken_in_a_row_ship_once(sandbox: Sandbox) -> None:
    placed = sandbox.place(state=State.WAITING_SHIPMENT)
    with sandbox.octopia_client() as client:
        parcel = parcel_of(client, placed.order_id)
        assert [client.orders.ship(placed.order_id, [parcel]).status for _ in range(2)] == [201, 201]
    sandbox.advance(timedelta(seconds=3))
    assert len(sandbox.shipped(placed.number)) == 1


def test_the_documented_lone_parcel_is_taken_too(sandbox: Sandbox) -> None:
    placed = sandbox.place(state=State.WAITING_SHIPMENT)
    with sandbox.octopia_client() as client:
        client.orders.ship(placed.order_id, [parcel_of(client, placed.order_id, order_line_ids=())], form="object")
    sandbox.advance(timedelta(seconds=3))
    assert len(sandbox.shipped(placed.number)) == 1


@pytest.mark.parametrize(
    ("state", "changes", "status"),
    [
        (State.WAITING_ACCEPTANCE, {}, 409),
        (State.SHIPPED, {}, 409),
        (State.WAITING_SHIPMENT, {"parcel_number": "6A 123"}, 400),
        (State.WAITING_SHIPMENT, {"order_line_ids": ("UNKNOWN",)}, 422),
    ],
)
def test_a_shipment_that_the_rules_forbid_is_refused(
    sandbox: Sandbox, state: State, changes: dict[str, Any], status: int
) -> None:
    placed = sandbox.place(state=state)
    with sandbox.octopia_client() as client, pytest.raises(errors.HttpError) as caught:
        client.orders.ship(placed.order_id, [parcel_of(client, placed.order_id, **changes)])
    assert caught.value.status == status


def test_cdiscount_takes_one_parcel_for_the_whole_order(sandbox: Sandbox) -> None:
    placed = sandbox.place(state=State.WAITING_SHIPMENT, lines=2)
    with sandbox.octopia_client() as client:
        parcel = parcel_of(client, placed.order_id)
        for parcels in (
            [parcel, parcel],
            [parcel_of(client, placed.order_id, order_line_ids=parcel.order_line_ids[:1])],
        ):
            with pytest.raises(errors.HttpError) as caught:
                client.orders.ship(placed.order_id, parcels)
            assert caught.value.status == 422


def test_the_channel_ships_and_confirms_by_reading_back(sandbox: Sandbox) -> None:
    placed = sandbox.place(state=State.WAITING_SHIPMENT, lines=3, fee=True)
    with sandbox.octopia_client() as client:
        channel = OctopiaChannel(client)
        [outcome] = channel.ship([shipment(placed)])
        assert outcome.status == OutcomeStatus.CONFIRMED
        assert channel.ship([shipment(placed)])[0].status == OutcomeStatus.CONFIRMED
    assert len(sandbox.shipped(placed.number)) == 1
    assert len(sandbox.calls(SHIPPED)) == 1


@pytest.mark.parametrize(
    ("verdict", "expected"), [(Verdict.ACCEPT, Neutral.ACCEPTED), (Verdict.REFUSE, Neutral.REFUSED)]
)
def test_the_channel_decides_and_confirms_by_reading_back(
    sandbox: Sandbox, verdict: Verdict, expected: Neutral
) -> None:
    placed = sandbox.place(lines=2)
    with sandbox.octopia_client() as client:
        channel = OctopiaChannel(client)
        [outcome] = channel.decide([Decision(key=placed.number, verdict=verdict)])
        assert outcome.status == OutcomeStatus.CONFIRMED
        assert channel.get([placed.number])[0].status == expected


@pytest.mark.parametrize(
    "effect",
    [
        LoseAnswer(),
        Reset(Moment.AFTER),
        Reset(Moment.BEFORE),
        HttpStatus(503),
        HttpStatus(500, ran=True),
        HtmlPage(ran=True),
        ApplyLater(timedelta(minutes=5)),
    ],
)
def test_a_lost_shipment_is_settled_by_reading_and_applied_once(sandbox: Sandbox, effect: Effect) -> None:
    placed = sandbox.place(state=State.WAITING_SHIPMENT)
    sandbox.inject(Fault(effect, on=SHIPPED))
    with sandbox.octopia_client() as client:
        channel = OctopiaChannel(client)
        [outcome] = channel.ship([shipment(placed)])
        assert outcome.status in (OutcomeStatus.CONFIRMED, OutcomeStatus.UNKNOWN)
        assert len(sandbox.calls(SHIPPED)) == 1
        sandbox.advance(channel.settle_gap)
        assert channel.ship([shipment(placed)])[0].status == OutcomeStatus.CONFIRMED
    assert len(sandbox.shipped(placed.number)) == 1


def test_an_expired_token_is_renewed_in_the_middle(sandbox: Sandbox) -> None:
    placed = sandbox.place(state=State.WAITING_SHIPMENT)
    with sandbox.octopia_client() as client:
        client.orders.count()
        sandbox.advance(timedelta(minutes=2))
        sandbox.inject(Fault(ExpireTokens(), on=SHIPPED))
        assert OctopiaChannel(client).ship([shipment(placed)])[0].status == OutcomeStatus.CONFIRMED
    assert len(sandbox.calls("Token")) == 2


def test_a_token_lives_two_hours(sandbox: Sandbox) -> None:
    with sandbox.octopia_client() as client:
        client.orders.count()
        sandbox.advance(timedelta(hours=2, minutes=1))
        client.orders.count()
    assert len(sandbox.calls("Token")) == 2


def test_a_wrong_secret_is_refused_in_keycloaks_words(sandbox: Sandbox) -> None:
    with (
        sandbox.octopia_client(client_secret="wrong") as client,
        pytest.raises(errors.LoginRefused, match="invalid_cl"),
    ):
        client.orders.count()


def test_another_sellers_orders_are_forbidden(sandbox: Sandbox) -> None:
    with sandbox.octopia_client(seller_id="1") as client, pytest.raises(errors.NotAuthorized):
        client.orders.count()


def test_a_quota_says_when_it_renews(sandbox: Sandbox) -> None:
    sandbox.inject(Fault(QuotaReached(), on="GET /orders"))
    with sandbox.octopia_client() as client, pytest.raises(errors.QuotaExceeded) as caught:
        client.orders.list()
    assert caught.value.retry_at is not None
    assert caught.value.retry_at - sandbox.clock.now() == timedelta(hours=1)


@pytest.mark.parametrize("effect", [UnknownElements(), UnknownValues(), MissingElements(), NoOrderNumber(), Truncate()])
def test_drift_and_truncation_lose_no_order(sandbox: Sandbox, effect: Effect) -> None:
    for _ in range(3):
        sandbox.place(state=State.WAITING_SHIPMENT)
    told: list[Event] = []
    sandbox.inject(Fault(effect, on="GET /orders"))
    with sandbox.octopia_client(hooks=[told.append]) as client:
        assert len(client.orders.list()) == 3
    drifted = isinstance(effect, UnknownElements | UnknownValues)
    assert any(isinstance(event, DriftSeen) for event in told) == drifted


def test_orders_that_drift_are_still_found_by_the_channel(sandbox: Sandbox) -> None:
    placed = sandbox.place(state=State.WAITING_SHIPMENT)
    sandbox.inject(Fault(UnknownValues(), on="GET /orders"))
    with sandbox.octopia_client() as client:
        [order] = OctopiaChannel(client).fetch(OrderQuery(statuses=(Neutral.OTHER,)))
    assert (order.number, order.channel_status) == (placed.number, "Teleported")


@pytest.mark.parametrize("inclusive", [True, False])
def test_an_order_on_a_windows_bound_is_read_under_either_reading(inclusive: bool) -> None:
    sandbox = Sandbox(settings=Settings(octopia_bounds_inclusive=inclusive))
    placed = sandbox.place(state=State.WAITING_SHIPMENT)
    with sandbox.octopia_client() as client:
        at = client.orders.get(placed.order_id).updated_at
        for bounds in ({"modified_from": at}, {"modified_to": at}):
            query = OrderQuery(statuses=(Neutral.WAITING_SHIPMENT,), **bounds)
            assert len(OctopiaChannel(client).fetch(query)) == 1


def test_shipped_orders_are_refunded_and_gestures_given(sandbox: Sandbox) -> None:
    placed = sandbox.place(state=State.SHIPPED, lines=2)
    with sandbox.octopia_client() as client:
        orders = client.orders
        lines = orders.get(placed.order_id).lines
        before = orders.gestures.available(placed.order_id).allowable_amount
        assert orders.gestures.create(placed.order_id, amount=Decimal("1.5"), reason="LateDelivery").request_id
        cancelled = LineCancellation(
            line_id=lines[0].order_line_id,
            offer_id=lines[0].offer.id if lines[0].offer else None,
            reason=orders.cancellation_reasons()[0].code,
            shipping_cost_refund=True,
        )
        assert orders.cancel_lines(placed.order_id, [cancelled]).request_id
        sandbox.advance(timedelta(seconds=3))
        [gesture] = orders.gestures.iter()
        assert gesture.amount == Decimal("1.5")
        assert orders.gestures.get(gesture.request_id or "").order_id == placed.order_id
        assert len(list(orders.cancellation_requests(placed.order_id))) == 1
        after = orders.gestures.available(placed.order_id).allowable_amount
    assert before is not None
    assert after is not None
    assert after < before
    assert sandbox.order(placed.number).lines[0].state == LineState.REFUNDED


def test_an_order_to_be_shipped_is_cancelled_whole(sandbox: Sandbox) -> None:
    placed = sandbox.place(state=State.WAITING_SHIPMENT)
    with sandbox.octopia_client() as client:
        client.orders.cancel(placed.order_id, reason="seller-out-of-stock", refund_shipping=True)
    sandbox.advance(timedelta(seconds=3))
    assert sandbox.order(placed.number).state == State.SHIPMENT_REFUSED


def test_the_account_is_described(sandbox: Sandbox) -> None:
    with sandbox.octopia_client() as client:
        assert client.sellers.information().id == "98979"
        assert [subscription.sales_channel_id for subscription in client.sellers.subscriptions()] == ["CDISFR"]
        assert client.sellers.addresses()
        assert all(indicator.value is not None for indicator in client.sellers.indicators())
        labels = OctopiaChannel(client).carriers()
        assert {"Colissimo", "autre"} <= set(labels)
        assert all(label == label.strip() for label in labels)
        assert client.orders.gestures.configuration().content


def test_secrets_never_enter_the_traffic_log(sandbox: Sandbox) -> None:
    with sandbox.octopia_client(client_secret="sandbox", retry=RetryPolicy.never()) as client:
        client.orders.count()
    [login] = sandbox.calls("Token")
    assert "client_secret=(token)" in login.request
    assert '"access_token": "(token)"' in login.response


def test_a_late_shipment_takes_effect_at_its_own_time(sandbox: Sandbox) -> None:
    placed = sandbox.place(state=State.WAITING_SHIPMENT)
    sandbox.inject(Fault(ApplyLater(timedelta(minutes=5)), on=SHIPPED))
    with sandbox.octopia_client() as client:
        sent = OctopiaChannel(client).ship([shipment(placed)])[0]
        began = sandbox.calls(SHIPPED)[0].at
        sandbox.advance(timedelta(hours=3))
    assert sent.status == OutcomeStatus.UNKNOWN
    assert [move.at - began for move in sandbox.shipped(placed.number)] == [timedelta(minutes=5, seconds=2)]


def test_a_break_during_an_answer_without_a_body_is_a_break(sandbox: Sandbox) -> None:
    placed = sandbox.place(state=State.WAITING_SHIPMENT)
    sandbox.inject(Fault(Reset("during"), on=SHIPPED))
    parcel = OrderParcel(carrier_name="Colissimo", parcel_number="6A1")
    with sandbox.octopia_client() as client, pytest.raises(errors.OutcomeUnknown):
        client.orders.ship(placed.order_id, [parcel])
    sandbox.advance(timedelta(minutes=1))
    assert len(sandbox.shipped(placed.number)) == 1


def test_a_rejection_named_for_one_order_spares_the_others(sandbox: Sandbox) -> None:
    good, bad = sandbox.place(state=State.WAITING_SHIPMENT), sandbox.place(state=State.WAITING_SHIPMENT)
    sandbox.inject(Fault(RejectOrder(number=bad.number), on=SHIPPED, times=None))
    with sandbox.octopia_client() as client:
        outcomes = OctopiaChannel(client).ship([shipment(good), shipment(bad)])
    assert [outcome.status for outcome in outcomes] == [OutcomeStatus.CONFIRMED, OutcomeStatus.REJECTED]


def test_a_channel_repeats_no_more_than_its_client_allows() -> None:
    sandbox = Sandbox()
    order = sandbox.place(state="WaitingForShipmentAcceptation")
    sandbox.inject(Fault(HttpStatus(status=503), on="*", skip=1, times=None))
    channel = OctopiaChannel(sandbox.octopia_client(retry=RetryPolicy.never()))
    with pytest.raises(errors.CdiscountError):
        channel.ship([Shipment(key=order.number, carrier="Colissimo", tracking_number="6A1")])
    assert max(Counter(call.operation for call in sandbox.calls()).values()) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda orders: orders.count(OrderFilter(created_at_min="2026-01-01")),
        lambda orders: orders.count(OrderFilter(statuses=None)),
        lambda orders: orders.get(5),
        lambda orders: orders.approve(b"x"),
        lambda orders: orders.ship("a", None),
        lambda orders: orders.ship("a", [OrderParcel(parcel_number="\ud800", carrier_name="UPS")]),
    ],
)
def test_what_cannot_be_sent_is_refused_before_it_is_sent(call: Callable[[Any], object]) -> None:
    sandbox = Sandbox()
    with pytest.raises(errors.InvalidRequest) as caught:
        call(sandbox.octopia_client().orders)
    assert str(caught.value)
    assert sandbox.calls() == ()
