"""Every fault acts as it is named, on the calls that it is meant for, and the same under a seed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests

from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.effects import (
    EFFECTS,
    ApplyLater,
    Contradict,
    Delay,
    DuplicateReference,
    Effect,
    ExpireTokens,
    HtmlPage,
    HttpStatus,
    KeepStamps,
    LeaveLine,
    LoseAnswer,
    MissingElements,
    Moment,
    NoOrderNumber,
    OmitResult,
    QuotaReached,
    RejectOrder,
    Reset,
    ServerFault,
    SkewDate,
    Truncate,
    UnknownElements,
    UnknownValues,
)
from cdiscount_marketplace.sandbox.faults import Fault, read_fault
from cdiscount_marketplace.sandbox.forms import BadForm
from cdiscount_marketplace.sandbox.orders import Order
from cdiscount_marketplace.sandbox.settings import Settings
from cdiscount_marketplace.sandbox.states import State
from support.envelopes import ALL_LINES, Hand, codes, decision, find_all, order_filter, parse, shipment, text

PAID = "WaitingForShipmentAcceptation"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


@pytest.fixture
def hand() -> Hand:
    return Hand(Sandbox())


def strike(hand: Hand, effect: Effect, on: str = "ValidateOrderList", **targeting: int) -> Order:
    hand.login()
    order = hand.sandbox.place(state=PAID, lines=2)
    hand.sandbox.inject(Fault(effect, on=on, **targeting))
    return order


def ship(hand: Hand, order: Order) -> requests.Response:
    parts = shipment(order.number, *(line.reference or "" for line in order.lines))
    return hand.call(
        "ValidateOrderList", f"<validateOrderListMessage><OrderList>{parts}</OrderList></validateOrderListMessage>"
    )


def read(hand: Hand) -> requests.Response:
    return hand.call("GetOrderList", order_filter(ALL_LINES))


@pytest.mark.parametrize(
    ("effect", "error", "applied"),
    [
        (Reset(Moment.BEFORE), requests.ConnectionError, 0),
        (Reset(Moment.DURING), requests.exceptions.ChunkedEncodingError, 1),
        (Reset(Moment.AFTER), requests.ConnectionError, 1),
        (LoseAnswer(), requests.ReadTimeout, 1),
        (ApplyLater(), requests.ReadTimeout, 0),
        (Delay(31), requests.ReadTimeout, 1),
    ],
)
def test_a_connection_breaks_before_or_after_the_write_took_effect(
    hand: Hand, effect: Effect, error: type[Exception], applied: int
) -> None:
    order = strike(hand, effect)
    with pytest.raises(error):
        ship(hand, order)
    assert len(hand.sandbox.shipped(order.number)) == applied
    assert hand.sandbox.calls("ValidateOrderList")[-1].faults


def test_a_write_takes_effect_minutes_after_its_answer_was_given_up(hand: Hand) -> None:
    order = strike(hand, ApplyLater(timedelta(minutes=7)))
    sent = hand.sandbox.clock.now()
    with pytest.raises(requests.ReadTimeout):
        ship(hand, order)
    hand.sandbox.advance(timedelta(minutes=6))
    assert not hand.sandbox.shipped(order.number)
    hand.sandbox.advance(timedelta(minutes=1))
    assert [move.at - sent for move in hand.sandbox.shipped(order.number)] == [timedelta(minutes=7)]


def test_a_delay_within_the_time_limit_costs_only_time(hand: Hand) -> None:
    order = strike(hand, Delay(20))
    before = hand.sandbox.clock.now()
    assert ship(hand, order).ok
    assert hand.sandbox.clock.now() - before == timedelta(seconds=20)


@pytest.mark.parametrize(
    ("effect", "status", "applied"),
    [
        (HttpStatus(500), 500, 0),
        (HttpStatus(503, retry_after=7), 503, 0),
        (HttpStatus(429, ran=True), 429, 1),
        (HtmlPage(), 200, 0),
        (HtmlPage(status=403, ran=True), 403, 1),
        (ServerFault(), 500, 0),
        (ServerFault(ran=True), 500, 1),
        (Truncate(0.3), 200, 1),
        (Truncate(0), 200, 1),
    ],
)
def test_a_foreign_answer_hides_whether_the_write_took_effect(
    hand: Hand, effect: Effect, status: int, applied: int
) -> None:
    order = strike(hand, effect)
    answer = ship(hand, order)
    assert answer.status_code == status
    assert b"<Validated>true</Validated>" not in answer.content
    assert len(hand.sandbox.shipped(order.number)) == applied
    if isinstance(effect, HttpStatus) and effect.retry_after:
        assert answer.headers["Retry-After"] == "7"
    if isinstance(effect, ServerFault):
        assert "InternalServiceFault" in answer.text


def test_tokens_expire_at_any_call(hand: Hand) -> None:
    order = strike(hand, ExpireTokens())
    answer = ship(hand, order)
    assert answer.status_code == 500
    assert "has expired" in answer.text
    assert not hand.sandbox.shipped(order.number)


def test_one_order_of_many_is_rejected(hand: Hand) -> None:
    good, bad = hand.sandbox.place(state=PAID), hand.sandbox.place(state=PAID)
    hand.sandbox.inject(Fault(RejectOrder(number=bad.number, error_type="OrderLineError"), on="ValidateOrderList"))
    verdicts = hand.validate(*(shipment(order.number, order.lines[0].reference or "") for order in (good, bad)))
    assert [codes(verdict) for verdict in verdicts] == [[], ["OrderLineError"]]
    assert [len(hand.sandbox.shipped(order.number)) for order in (good, bad)] == [1, 0]


def test_a_line_is_left_out_of_a_validated_order(hand: Hand) -> None:
    order = strike(hand, LeaveLine())
    answer = parse(ship(hand, order))
    assert text(answer, "Validated") == "true"
    assert [text(line, "Updated") for line in find_all(answer, "ValidateOrderLineResult")] == ["false", "true"]
    assert [line.state for line in hand.sandbox.order(order.number).lines] == ["AcceptedBySeller", "ShippedBySeller"]


@pytest.mark.parametrize(
    ("references", "code"), [((), "OrderLineIncoherentState"), (("STRANGER",), "OrderLineNotFound")]
)
def test_a_request_without_a_line_of_the_order_is_answered_as_ever(
    hand: Hand, references: tuple[str, ...], code: str
) -> None:
    order = strike(hand, LeaveLine())
    assert codes(hand.validate(shipment(order.number, *references))[0]) == [code]
    assert hand.sandbox.shipped(order.number) == ()


def test_an_order_is_changed_and_not_mentioned(hand: Hand) -> None:
    order = strike(hand, OmitResult())
    assert list(find_all(parse(ship(hand, order)), "ValidateOrderResult")) == []
    assert len(hand.sandbox.shipped(order.number)) == 1


def test_an_answer_contradicts_what_happened(hand: Hand) -> None:
    order = strike(hand, Contradict(success=False))
    answer = parse(ship(hand, order))
    assert text(answer, "OperationSuccess") == "false"
    assert text(answer, "ErrorMessage") == ""
    assert len(hand.sandbox.shipped(order.number)) == 1


@pytest.mark.parametrize(("shown", "applied"), [(HttpStatus(429), 0), (HttpStatus(500, ran=True), 1)], ids=repr)
def test_the_answer_that_is_shown_says_whether_the_call_took_effect(hand: Hand, shown: Effect, applied: int) -> None:
    order = strike(hand, shown)
    hand.sandbox.inject(Fault(ServerFault(ran=not applied), on="ValidateOrderList"))
    assert ship(hand, order).status_code == shown.status
    assert len(hand.sandbox.shipped(order.number)) == applied


def test_what_a_call_changes_moves_no_stamp(hand: Hand) -> None:
    order = strike(hand, KeepStamps())
    hand.sandbox.advance(timedelta(minutes=1))
    ship(hand, order)
    after = hand.sandbox.order(order.number)
    assert after.state == State.SHIPPED
    assert (after.updated_at, after.modified_at) == (order.updated_at, order.modified_at)


def test_a_quota_ends_calls_by_fault_and_by_switch(hand: Hand) -> None:
    strike(hand, QuotaReached(), on="GetOrderList")
    answer = parse(read(hand))
    assert (text(answer, "OperationSuccess"), text(answer, "ErrorType")) == ("false", "Quota")
    hand.sandbox.settings = Settings(quota_per_hour=3)
    assert [text(parse(read(hand)), "OperationSuccess") for _ in range(3)] == ["true", "true", "false"]
    hand.sandbox.advance(timedelta(hours=1))
    assert text(parse(read(hand)), "OperationSuccess") == "true"


def test_the_clock_of_the_server_is_off(hand: Hand) -> None:
    strike(hand, SkewDate(timedelta(minutes=-5)), on="GetOrderList")
    assert read(hand).headers["Date"] == "Mon, 02 Mar 2026 07:55:00 GMT"
    hand.sandbox.settings = Settings(clock_skew=timedelta(hours=1))
    assert read(hand).headers["Date"] == "Mon, 02 Mar 2026 09:00:00 GMT"


def test_the_schema_grows_in_the_middle(hand: Hand) -> None:
    strike(hand, UnknownElements(), on="GetOrderList")
    order = next(find_all(parse(read(hand)), "Order"))
    names = [child.tag.rpartition("}")[2] for child in order]
    assert names[1] == "NouveauChamp"
    assert names[-1] == "VoucherList"


def test_unknown_states_are_told(hand: Hand) -> None:
    strike(hand, UnknownValues(), on="GetOrderList")
    assert text(parse(read(hand)), "OrderState") == "StateOfTomorrow"


def test_elements_that_may_be_missing_are_missing(hand: Hand) -> None:
    strike(hand, MissingElements(), on="GetOrderList")
    answer = parse(read(hand))
    assert not [element for element in answer.iter() if element.get(NIL)]
    assert list(find_all(answer, "Offer")) == []
    assert text(answer, "OrderNumber")


def test_lines_share_a_reference_and_an_order_has_no_number(hand: Hand) -> None:
    order = strike(hand, DuplicateReference(), on="GetOrderList")
    hand.sandbox.inject(Fault(NoOrderNumber(), on="GetOrderList"))
    answer = parse(read(hand))
    assert {element.text for element in find_all(answer, "SellerProductId")} == {order.lines[0].reference}
    assert next(find_all(answer, "OrderNumber")).get(NIL) == "true"
    assert text(answer, "OrderState") == "Filled"
    assert text(parse(read(hand)), "OrderNumber") == order.number


def test_a_fault_waits_for_its_calls_and_counts_them(hand: Hand) -> None:
    strike(hand, HttpStatus(503), on="GetOrderList", skip=1, times=2)
    assert [read(hand).status_code for _ in range(5)] == [200, 503, 503, 200, 200]
    assert [strike.kind for strike in hand.sandbox.faults.log] == ["http_status", "http_status"]
    assert hand.sandbox.faults.armed == ()
    hand.sandbox.inject(Fault(HttpStatus(503), times=None))
    assert {read(hand).status_code for _ in range(5)} == {503}
    assert hand.login().status_code == 503
    hand.sandbox.faults.clear()
    assert hand.login().status_code == 200


def test_chance_falls_the_same_under_a_seed() -> None:
    def outcomes(seed: int) -> list[int]:
        caller = Hand(Sandbox(seed=seed))
        caller.login()
        caller.sandbox.inject(Fault(HttpStatus(503), on="GetOrderList", times=None, chance=0.5))
        return [read(caller).status_code for _ in range(30)]

    assert outcomes(7) == outcomes(7)
    assert outcomes(7) != outcomes(8)
    assert set(outcomes(7)) == {200, 503}


@pytest.mark.parametrize("kind", EFFECTS)
def test_every_effect_is_read_from_json_by_its_name(kind: str) -> None:
    assert read_fault({"kind": kind, "on": "GetOrderList", "times": None}) == Fault(
        EFFECTS[kind](), on="GetOrderList", times=None
    )


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"kind": "flood"},
        {"kind": "delay", "seconds": -1},
        {"kind": "delay", "seconds": True},
        {"kind": "delay", "minutes": 1},
        {"kind": "reset", "when": "later"},
        {"kind": "reset", "skip": -1},
        {"kind": "reset", "chance": 0},
        {"kind": "truncate", "keep": 2},
        {"kind": "reset", "times": 0},
        {"kind": "delay", "seconds": float("inf")},
        {"kind": "lose_answer", "hold": 1e300},
        {"kind": "apply_later", "after": -1},
        {"kind": "apply_later", "after": 1e12},
        {"kind": "skew_date", "by": -1e12},
        {"kind": "html_page", "status": 99999},
        {"kind": "html_page", "status": 204},
        {"kind": "http_status", "retry_after": 10**30},
    ],
)
def test_a_fault_that_cannot_be_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(BadForm):
        read_fault(values)


@pytest.mark.parametrize("name", ["getOrderList", "GetOfferLists", "/orders", "?", ""])
def test_a_fault_of_an_operation_that_there_is_not_is_refused_and_not_armed(name: str) -> None:
    sandbox = Sandbox()
    with pytest.raises(ValueError, match=r"GET /orders, .*Token, ValidateOrderList"):
        sandbox.inject(Fault(HtmlPage(), on=name))
    assert sandbox.faults.armed == ()


@pytest.mark.parametrize(
    ("effect", "on"),
    [
        (NoOrderNumber(), "ValidateOrderList"),
        (LeaveLine(), "POST /orders/{orderId}/shipments"),
        (RejectOrder(), "GetOrderList"),
        (Contradict(), "GET /orders"),
        (ExpireTokens(), "Token"),
    ],
    ids=repr,
)
def test_a_fault_that_could_never_show_is_refused_and_says_where_it_can(effect: Effect, on: str) -> None:
    sandbox = Sandbox()
    with pytest.raises(ValueError, match=r"can strike \* or one of \w+"):
        sandbox.inject(Fault(effect, on=on))
    assert sandbox.faults.armed == ()


def test_a_fault_meant_for_any_call_waits_for_one_where_it_shows(hand: Hand) -> None:
    order = hand.sandbox.place(state=PAID, lines=2)
    hand.sandbox.inject(Fault(OmitResult()))
    hand.login()
    read(hand)
    assert hand.sandbox.faults.log == ()
    assert list(find_all(parse(ship(hand, order)), "ValidateOrderResult")) == []
    assert [strike.operation for strike in hand.sandbox.faults.log] == ["ValidateOrderList"]


def test_a_late_write_meets_the_order_as_it_stood_then() -> None:
    hand = Hand(Sandbox(settings=Settings(auto_cancel_after=timedelta(minutes=5))))
    order = hand.sandbox.place()
    hand.sandbox.inject(Fault(ApplyLater(timedelta(minutes=3)), on="ValidateOrderList"))
    with pytest.raises(requests.ReadTimeout):
        hand.validate(
            decision(
                order.number, "AcceptedBySeller", {line.reference or "": "AcceptedBySeller" for line in order.lines}
            )
        )
    hand.sandbox.advance(timedelta(hours=1))
    assert [event.state for event in hand.sandbox.order(order.number).history[:2]] == [
        "WaitingForSellerAcceptation",
        "AcceptedBySeller",
    ]


def test_a_late_write_outlives_its_token(hand: Hand) -> None:
    order = strike(hand, ApplyLater(timedelta(minutes=3)))
    with pytest.raises(requests.ReadTimeout):
        ship(hand, order)
    hand.sandbox.expire_tokens()
    hand.sandbox.advance(timedelta(minutes=3))
    assert len(hand.sandbox.shipped(order.number)) == 1


def test_a_late_write_with_a_dead_token_never_takes_effect(hand: Hand) -> None:
    order = strike(hand, ApplyLater(timedelta(minutes=3)))
    hand.sandbox.expire_tokens()
    with pytest.raises(requests.ReadTimeout):
        ship(hand, order)
    hand.sandbox.advance(timedelta(hours=1))
    assert not hand.sandbox.shipped(order.number)
