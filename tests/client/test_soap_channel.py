"""The SOAP channel against the sandbox: what it reads, sends, and says of what became of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cdiscount_marketplace import MarketplaceClient
from cdiscount_marketplace.calls.http import TimeLimits
from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.channels import SalesChannel, SoapChannel
from cdiscount_marketplace.channels.soap.orders import sales_order
from cdiscount_marketplace.errors import CallTimeout, CdiscountError, HttpError, InvalidRequest, NotAuthorized
from cdiscount_marketplace.models import Decision, OrderQuery, OrderStatus, Outcome, Shipment, Verdict
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import (
    Delay,
    Effect,
    HttpStatus,
    LeaveLine,
    LoseAnswer,
    NoOrderNumber,
    RejectOrder,
    ServerFault,
    UnknownElements,
    UnknownValues,
)
from cdiscount_marketplace.sandbox.tokens import Account
from cdiscount_marketplace.soap import Customer, Order, OrderLine, plan_shipment
from cdiscount_marketplace.tracking import Tracking
from support.till import LOGIN, PASSWORD, client_of

WAITING = "WaitingForShipmentAcceptation"
READ, WRITE = "GetOrderList", "ValidateOrderList"
NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def channel_on(sandbox: Sandbox, *, client: MarketplaceClient | None = None, **options: Any) -> SoapChannel:
    return SoapChannel(client or client_of(sandbox, retry=RetryPolicy.never()), **options)


@pytest.fixture
def channel(sandbox: Sandbox) -> SoapChannel:
    return channel_on(sandbox)


def shipment(key: str, **members: Any) -> Shipment:
    return Shipment(**({"key": key, "carrier": "UPS", "tracking_number": "1Z"} | members))


def bounds(sandbox: Sandbox) -> dict[str, str]:
    (call,) = sandbox.calls(READ)
    return dict(re.findall(r"((?:Begin|End)\w+Date)>([^<]+)<", call.request))


def told(outcomes: Any) -> list[tuple[str, str | None, bool]]:
    return [(str(outcome.status), outcome.code, outcome.retryable) for outcome in outcomes]


def test_it_is_a_sales_channel(channel: SoapChannel) -> None:
    assert isinstance(channel, SalesChannel)
    assert (channel.name, channel.settle_gap, channel.write_chunk) == ("soap", timedelta(minutes=2), 25)


def test_write_limit_covers_reading_logging_in_and_both_tries(sandbox: Sandbox) -> None:
    short = client_of(sandbox, timeout=TimeLimits(write=5, token=3), retry=RetryPolicy(total=10))
    assert channel_on(sandbox, client=short).write_limit == timedelta(seconds=5 + 2 * (10 + 5 + 10 + 3) + 5)


# --- reading


def test_fetch_reads_the_orders_in_the_statuses_asked_for(sandbox: Sandbox, channel: SoapChannel) -> None:
    wanted = sandbox.place(state=WAITING)
    sandbox.place()
    reading = channel.fetch(OrderQuery(statuses=(OrderStatus.WAITING_SHIPMENT,)))
    assert [order.number for order in reading] == [wanted.number]
    assert reading[0].lines
    assert reading.answered_at == sandbox.clock.now()


def test_status_that_soap_has_no_state_for_asks_nothing(sandbox: Sandbox, channel: SoapChannel) -> None:
    assert len(channel.fetch(OrderQuery(statuses=(OrderStatus("martian"),)))) == 0
    assert sandbox.calls() == ()


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (
            {"created_from": NOON},
            {
                "BeginCreationDate": "2026-03-02T12:00:00",
                "BeginModificationDate": "2026-03-02T12:00:00",
                "EndCreationDate": "2077-01-01T01:00:00",
                "EndModificationDate": "2077-01-01T01:00:00",
            },
        ),
        (
            {"modified_to": NOON},
            {
                "BeginCreationDate": "2000-01-01T01:00:00",
                "BeginModificationDate": "2000-01-01T01:00:00",
                "EndCreationDate": "2026-03-02T12:00:00",
                "EndModificationDate": "2026-03-02T12:00:00",
            },
        ),
        (
            {"modified_from": NOON, "created_to": NOON},
            {
                "BeginCreationDate": "2000-01-01T01:00:00",
                "BeginModificationDate": "2026-03-02T12:00:00",
                "EndCreationDate": "2026-03-02T12:00:00",
                "EndModificationDate": "2077-01-01T01:00:00",
            },
        ),
    ],
)
def test_all_four_bounds_are_sent_and_filled_in_the_sound_direction_only(
    sandbox: Sandbox, channel: SoapChannel, given: dict[str, datetime], sent: dict[str, str]
) -> None:
    channel.fetch(OrderQuery(statuses=(OrderStatus.SHIPPED,), **given))
    assert bounds(sandbox) == sent


def test_order_modified_after_the_creation_window_is_found(sandbox: Sandbox, channel: SoapChannel) -> None:
    placed = sandbox.place()
    end = sandbox.advance(timedelta(hours=1))
    channel.decide([Decision(key=placed.number, verdict=Verdict.ACCEPT)])
    sandbox.advance(timedelta(hours=1))
    query = OrderQuery(statuses=OrderStatus.values(), created_from=end - timedelta(hours=2), created_to=end)
    assert [order.number for order in channel.fetch(query)] == [placed.number]


def test_reading_that_times_out_is_not_repeated(sandbox: Sandbox) -> None:
    patient = client_of(sandbox, timeout=TimeLimits(read=10))
    sandbox.inject(Fault(Delay(60), on=READ, times=None))
    with pytest.raises(CallTimeout):
        channel_on(sandbox, client=patient).fetch(OrderQuery(statuses=(OrderStatus.SHIPPED,)))
    assert len(sandbox.calls(READ)) == 1


@pytest.mark.parametrize("drift", [UnknownElements(), UnknownValues(), NoOrderNumber()], ids=repr)
def test_strange_answers_are_data(sandbox: Sandbox, channel: SoapChannel, drift: Effect) -> None:
    placed = [sandbox.place(state=WAITING).number for _ in range(2)]
    sandbox.inject(Fault(drift, on=READ))
    numbers = [order.number for order in channel.fetch(OrderQuery(statuses=(OrderStatus.WAITING_SHIPMENT,)))]
    assert len(numbers) == 2
    if isinstance(drift, NoOrderNumber):
        assert sorted(number.startswith("digest:") for number in numbers) == [False, True]
    else:
        assert sorted(numbers) == sorted(placed)


def test_get_leaves_out_what_is_unknown_and_what_has_no_number(sandbox: Sandbox, channel: SoapChannel) -> None:
    placed = sandbox.place()
    found = channel.get([placed.number, "1904241200ABCDE", "digest:0123"])
    assert [order.number for order in found] == [placed.number]
    assert "digest" not in sandbox.calls(READ)[0].request
    assert list(channel.get([])) == []


def test_carriers_are_named_as_listed(channel: SoapChannel) -> None:
    assert "Colissimo" in channel.carriers()


# --- shipping


def test_shipments_of_a_chunk_cost_one_reading_and_one_write(sandbox: Sandbox, channel: SoapChannel) -> None:
    numbers = [sandbox.place(state=WAITING, lines=2, fee=True).number for _ in range(3)]
    assert told(channel.ship([shipment(number) for number in numbers])) == [("confirmed", None, False)] * 3
    assert [len(sandbox.shipped(number)) for number in numbers] == [1, 1, 1]
    assert [len(sandbox.calls(name)) for name in (READ, WRITE)] == [1, 1]


def test_outcomes_come_in_the_order_of_the_shipments(sandbox: Sandbox, channel: SoapChannel) -> None:
    shipped = sandbox.place(state="Shipped").number
    cancelled = sandbox.place().number
    sandbox.cancel_as_customer(cancelled)
    ready, foreign = (
        sandbox.place(state=WAITING).number,
        sandbox.place(state=WAITING, fulfilled_by_cdiscount=True).number,
    )
    keys = [shipped, "1904241200ABCDE", ready, foreign, cancelled]
    outcomes = channel.ship([shipment(key) for key in keys])
    assert [outcome.key for outcome in outcomes] == keys
    assert told(outcomes) == [
        ("rejected", "OrderStateIncoherent", False),
        ("rejected", "OrderNotFound", True),
        ("confirmed", None, False),
        ("rejected", "InvalidRequest", False),
        ("rejected", "OrderStateIncoherent", False),
    ]
    assert [call.order_numbers for call in sandbox.calls(WRITE)] == [(ready,)]


def test_shipment_without_carrier_and_number_makes_no_request(sandbox: Sandbox, channel: SoapChannel) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        channel.ship([shipment("A", carrier=""), shipment("B", tracking_number=" ")])
    assert [problem.field for problem in refusal.value.problems] == ["A.carrier", "B.tracking_number"]
    assert refusal.value.order_numbers == ("A", "B")
    assert sandbox.calls() == ()


def test_unlisted_carrier_is_refused_with_the_nearest_names(sandbox: Sandbox, channel: SoapChannel) -> None:
    with pytest.raises(InvalidRequest, match="'Chronopost'"):
        channel.ship([shipment(sandbox.place(state=WAITING).number, carrier="Chrono-Post")])
    assert sandbox.calls(READ) == ()


def test_unreadable_carrier_list_refuses_nothing(sandbox: Sandbox, channel: SoapChannel) -> None:
    order = sandbox.place(state=WAITING)
    sandbox.inject(Fault(HttpStatus(500), on="GetGlobalConfiguration", times=None))
    assert told(channel.ship([shipment(order.number, carrier="Anyone")])) == [("confirmed", None, False)]
    channel.ship([shipment(sandbox.place(state=WAITING).number)])
    assert len(sandbox.calls("GetGlobalConfiguration")) == 1


def test_carriers_are_read_once_a_day(sandbox: Sandbox, channel: SoapChannel) -> None:
    for _ in range(2):
        channel.ship([shipment(sandbox.place(state=WAITING).number)])
    sandbox.advance(timedelta(days=1))
    channel.ship([shipment(sandbox.place(state=WAITING).number)])
    assert len(sandbox.calls("GetGlobalConfiguration")) == 2


@pytest.mark.parametrize("effect", [LoseAnswer(), HttpStatus(503, ran=True), ServerFault(), LeaveLine()], ids=repr)
def test_unanswered_shipment_is_an_outcome(sandbox: Sandbox, channel: SoapChannel, effect: Effect) -> None:
    order = sandbox.place(state=WAITING, lines=2)
    sandbox.inject(Fault(effect, on=WRITE))
    (outcome,) = channel.ship([shipment(order.number)])
    assert (outcome.status, outcome.retryable) == ("unknown", False)
    assert outcome.message


def test_rejected_shipment_says_why(sandbox: Sandbox, channel: SoapChannel) -> None:
    order = sandbox.place(state=WAITING)
    sandbox.inject(Fault(RejectOrder(error_type="OrderTrackingInformationError"), on=WRITE))
    assert told(channel.ship([shipment(order.number)])) == [("rejected", "OrderTrackingInformationError", False)]


def test_shipment_that_did_not_run_may_be_sent_again(sandbox: Sandbox, channel: SoapChannel) -> None:
    order = sandbox.place(state=WAITING)
    sandbox.inject(Fault(HttpStatus(413), on=WRITE))
    assert told(channel.ship([shipment(order.number)])) == [("rejected", "HttpError", True)]
    assert told(channel.ship([shipment(order.number)])) == [("confirmed", None, False)]


def test_service_that_is_gone_uses_up_no_attempt(sandbox: Sandbox, channel: SoapChannel) -> None:
    order = sandbox.place(state=WAITING)
    sandbox.inject(Fault(HttpStatus(404), on=WRITE))
    with pytest.raises(HttpError) as failure:
        channel.ship([shipment(order.number)])
    assert failure.value.retryable


def test_failed_reading_says_that_nothing_was_done(sandbox: Sandbox, channel: SoapChannel) -> None:
    order = sandbox.place(state=WAITING)
    sandbox.inject(Fault(HttpStatus(500), on=READ))
    with pytest.raises(HttpError) as failure:
        channel.ship([shipment(order.number)])
    assert failure.value.retryable
    assert sandbox.calls(WRITE) == ()


def test_reading_that_took_too_long_is_not_followed_by_a_write(sandbox: Sandbox, channel: SoapChannel) -> None:
    order = sandbox.place(state=WAITING)
    sandbox.inject(Fault(Delay(150), on=READ))
    with pytest.raises(CallTimeout) as failure:
        channel.ship([shipment(order.number)])
    assert failure.value.retryable
    assert sandbox.calls(WRITE) == ()


def test_missing_right_is_raised() -> None:
    sandbox = Sandbox(accounts=[Account(login=LOGIN, password=PASSWORD, forbidden=frozenset({WRITE}))])
    order = sandbox.place(state=WAITING)
    with pytest.raises(NotAuthorized):
        channel_on(sandbox).ship([shipment(order.number)])


def test_cancellation_request_holds_the_shipment_back_for_now(sandbox: Sandbox, channel: SoapChannel) -> None:
    order = sandbox.place(state=WAITING)
    sandbox.cancel_as_customer(order.number)
    assert told(channel.ship([shipment(order.number)])) == [("rejected", "CancellationRequestPending", True)]


def test_some_lines_are_shipped_only_where_the_channel_may_refuse_the_rest(sandbox: Sandbox) -> None:
    order = sandbox.place(state=WAITING, lines=2)
    first = shipment(order.number, lines=(str(order.lines[0].reference),))
    (outcome,) = channel_on(sandbox).ship([first])
    assert (outcome.code, "refunded" in str(outcome.message)) == ("InvalidRequest", True)
    assert told(channel_on(sandbox, rest="refuse").ship([first])) == [("confirmed", None, False)]
    assert len(sandbox.shipped(order.number)) == 1


def test_lines_that_share_a_reference_go_together(sandbox: Sandbox, channel: SoapChannel) -> None:
    order = sandbox.place(state=WAITING, lines=1, duplicate_reference=True)
    (read,) = channel.get([order.number])
    first, second = (str(line.line_id) for line in read.lines)
    assert first != second
    (outcome,) = channel.ship([shipment(order.number, lines=(first,))])
    assert "shares the reference" in str(outcome.message)
    assert told(channel.ship([shipment(order.number, lines=(first, second))])) == [("confirmed", None, False)]


# --- deciding


def decide(channel: SoapChannel, key: str, verdict: Verdict = Verdict.ACCEPT, *refused: str) -> Outcome:
    (outcome,) = channel.decide([Decision(key=key, verdict=verdict, refused_lines=refused)])
    return outcome


def test_orders_are_accepted_and_refused_in_one_go(sandbox: Sandbox, channel: SoapChannel) -> None:
    good, bad = sandbox.place().number, sandbox.place().number
    decisions = [Decision(key=good, verdict=Verdict.ACCEPT), Decision(key=bad, verdict=Verdict.REFUSE)]
    assert told(channel.decide(decisions)) == [("confirmed", None, False)] * 2
    assert [sandbox.order(number).state for number in (good, bad)] == ["AcceptedBySeller", "RefusedBySeller"]
    assert len(sandbox.calls(WRITE)) == 1


def test_order_is_accepted_without_some_lines(sandbox: Sandbox, channel: SoapChannel) -> None:
    order = sandbox.place(lines=2)
    refused = str(order.lines[0].reference)
    assert decide(channel, order.number, Verdict.ACCEPT, refused).status == "confirmed"
    (read,) = channel.get([order.number])
    assert {line.line_id: str(line.status) for line in read.lines}[refused] == "refused"


def test_decision_that_came_too_late_is_settled_by_reading(sandbox: Sandbox, channel: SoapChannel) -> None:
    order = sandbox.place()
    decide(channel, order.number)
    again = decide(channel, order.number, Verdict.REFUSE)
    assert (again.status, again.code) == ("rejected", "OrderStateIncoherent")
    assert len(sandbox.calls(WRITE)) == 1


def test_a_decision_that_refuses_all_and_some_is_sent_to_nobody(sandbox: Sandbox, channel: SoapChannel) -> None:
    order = sandbox.place(lines=2)
    with pytest.raises(InvalidRequest, match="refuses the whole order and single lines"):
        decide(channel, order.number, Verdict.REFUSE, str(order.lines[0].reference))
    assert sandbox.calls() == ()


def test_an_order_that_is_named_twice_is_asked_about_once(sandbox: Sandbox, channel: SoapChannel) -> None:
    number = sandbox.place(state=WAITING).number
    with pytest.raises(InvalidRequest, match="named twice"):
        channel.ship([shipment(number), shipment(number, lines=("NOPE",))])
    with pytest.raises(InvalidRequest, match="named twice"):
        channel.decide([Decision(key=number, verdict=verdict) for verdict in (Verdict.ACCEPT, Verdict.REFUSE)])
    assert sandbox.calls() == ()


def test_line_ids_are_a_list_in_any_form_and_never_a_text() -> None:
    assert shipment("1", lines=iter(["A", "B"])).lines == ("A", "B")
    assert shipment("1", lines=["A"]) == shipment("1", lines=("A",))
    with pytest.raises(InvalidRequest, match="list of line ids"):
        shipment("1", lines="AB")
    with pytest.raises(InvalidRequest, match="list of line ids"):
        Decision(key="1", verdict=Verdict.ACCEPT, refused_lines="AB")


def test_deciding_later_is_no_decision_to_send(sandbox: Sandbox, channel: SoapChannel) -> None:
    with pytest.raises(InvalidRequest):
        decide(channel, "1904241200ABCDE", Verdict.LATER)
    assert sandbox.calls() == ()


def test_unanswered_decision_is_an_outcome(sandbox: Sandbox, channel: SoapChannel) -> None:
    order = sandbox.place()
    sandbox.inject(Fault(LoseAnswer(), on=WRITE))
    assert decide(channel, order.number).status == "unknown"
    assert len(sandbox.applied(order.number)) == 1


def test_every_error_of_the_channel_is_one_of_ours(sandbox: Sandbox, channel: SoapChannel) -> None:
    sandbox.inject(Fault(HttpStatus(500), on=READ, times=None))
    with pytest.raises(CdiscountError):
        decide(channel, "1904241200ABCDE")


# --- one order and the others


@pytest.mark.parametrize("act", ["ship", "decide", "get"])
def test_an_order_for_whose_sake_the_service_fails_is_named_even_alone(sandbox: Sandbox, act: str) -> None:
    channel = channel_on(sandbox)
    number = sandbox.place(state=WAITING, quirks=["forbidden"]).number
    if act == "get":
        assert list(channel.get([number]).failures) == [number]
        return
    if act == "ship":
        (outcome,) = channel.ship([shipment(number)])
    else:
        (outcome,) = channel.decide([Decision(key=number, verdict=Verdict.ACCEPT)])
    assert (outcome.code, outcome.retryable) == ("Unreadable", True)


def test_a_service_that_answers_nothing_is_an_outage_even_for_one_order(sandbox: Sandbox, channel: SoapChannel) -> None:
    number = sandbox.place(state=WAITING).number
    sandbox.inject(Fault(ServerFault(), on=READ, times=50))
    with pytest.raises(CdiscountError):
        channel.get([number])


def test_a_line_in_a_state_that_nobody_knows_is_shipped(sandbox: Sandbox, channel: SoapChannel) -> None:
    order = sandbox.place(state=WAITING)
    sandbox.inject(Fault(UnknownValues(), on=READ))
    (outcome,) = channel.ship([shipment(order.number)])
    assert outcome.status == "confirmed"


@pytest.mark.parametrize("number", ["shared:A1", "digest:A1", "A\ufffd1"])
def test_a_number_that_looks_like_a_mark_is_no_number(number: str) -> None:
    assert sales_order(Order(order_number=number)).number.startswith("digest:")


def test_orders_without_a_number_are_told_apart_by_their_customers() -> None:
    ann, bob = (sales_order(Order(customer=Customer(customer_id=who))).number for who in ("ann", "bob"))
    assert ann != bob


def test_a_line_that_lost_a_character_is_not_named_to_the_service() -> None:
    order = Order(
        order_number="A1",
        order_state="WaitingForShipmentAcceptation",
        order_lines=(OrderLine(seller_product_id="SKU\ufffd", quantity=1),),
    )
    with pytest.raises(InvalidRequest, match="lost"):
        plan_shipment(order, Tracking(carrier="UPS", number="1Z"))
