"""Money goes back once over either API, whatever the service does with a request."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.channels import OctopiaChannel, SoapChannel
from cdiscount_marketplace.models import LineStatus, OrderStatus
from cdiscount_marketplace.refunds import RefundKind, RefundReason, RefundRequest
from cdiscount_marketplace.sandbox.effects import ApplyLater, Effect, HttpStatus, LoseAnswer, Reset, ServerFault
from cdiscount_marketplace.sandbox.orders import Order, Tracking
from cdiscount_marketplace.sandbox.states import State
from support.two_channels import CHANNELS, MINUTE, REFUND_REASONS, Shop

K, R = RefundKind, RefundReason


@pytest.fixture(params=CHANNELS)
def shop(request: pytest.FixtureRequest) -> Shop:
    return Shop(request.param, lambda clock: MemoryOms(clock=clock))


def shipped(shop: Shop, **wishes: Any) -> Order:
    """Place an order, pull it, and let it be shipped."""
    order = shop.place(state=State.WAITING_SHIPMENT, **wishes)
    shop.wait()
    shop.pull()
    shop.sandbox.book.ship(order.number, Tracking(carrier="Colissimo", number="6A1"))
    shop.wait()
    shop.pull()
    return order


def waiting(shop: Shop) -> Order:
    order = shop.place(state=State.WAITING_SHIPMENT)
    shop.wait()
    shop.pull()
    return order


def gesture(order: Order, amount: str = "2.00", **changes: Any) -> RefundRequest:
    values = {"key": order.number, "kind": K.GESTURE, "reason": R.LATE_DELIVERY, "amount": Decimal(amount), **changes}
    return RefundRequest(reference="it", **values)


def refund(order: Order, *lines: str | None, **changes: Any) -> RefundRequest:
    ids = tuple(line for line in lines if line is not None) or None
    values = {"key": order.number, "kind": K.REFUND, "reason": R.DAMAGED_PRODUCT, "lines": ids, **changes}
    return RefundRequest(reference="it", **values)


def cancellation(order: Order, **changes: Any) -> RefundRequest:
    values = {"key": order.number, "kind": K.CANCELLATION, "reason": R.OUT_OF_STOCK, **changes}
    return RefundRequest(reference="it", **values)


def given(shop: Shop, order: Order) -> list[Decimal]:
    """Return the amounts that the marketplace gave back."""
    return [refund.amount for refund in shop.sandbox.book.get(order.number).refunds]


# --- what is given ----------------------------------------------------------------------------------------------------


def test_a_gesture_gives_its_amount(shop: Shop) -> None:
    order = shipped(shop)
    shop.give_back(gesture(order))
    shop.settle_refunds()
    assert shop.refunds() == [("it", "confirmed", None)]
    assert given(shop, order) == [Decimal("2.00")]


def test_a_refund_gives_back_the_lines_that_it_names(shop: Shop) -> None:
    order = shipped(shop, lines=3)
    stored = next(one for one in shop.orders() if one.number == order.number)
    shop.give_back(refund(order, stored.lines[0].line_id, refund_shipping=False))
    shop.settle_refunds()
    assert shop.refunds() == [("it", "confirmed", None)]
    assert given(shop, order) == [order.goods[0].price]


def test_a_refund_without_lines_is_of_the_whole_order(shop: Shop) -> None:
    order = shipped(shop, lines=2)
    shop.give_back(refund(order))
    shop.settle_refunds()
    assert given(shop, order) == [line.price + line.shipping for line in order.goods]


def test_a_cancelled_order_is_never_shipped(shop: Shop) -> None:
    order = waiting(shop)
    shop.give_back(cancellation(order))
    shop.settle_refunds()
    assert shop.refunds() == [("it", "confirmed", None)]
    shop.wait(30)
    shop.pull()
    [stored] = shop.orders()
    assert stored.status in (OrderStatus.CANCELLED, OrderStatus.SHIPMENT_REFUSED)
    assert not shop.sandbox.shipped(order.number)


def test_what_is_refunded_shows_in_the_order(shop: Shop) -> None:
    order = shipped(shop)
    shop.give_back(refund(order))
    shop.settle_refunds()
    reading = shop.channel.find_refunds([refund(order)])[0]
    assert len(reading.found) == 1
    assert not reading.found[0].rejected


# --- what is not ------------------------------------------------------------------------------------------------------


def test_what_was_not_shipped_is_not_refunded_but_cancelled(shop: Shop) -> None:
    order = waiting(shop)
    report = shop.give_back(refund(order))
    [problem] = report.problems
    assert "CANCELLATION" in str(problem.message)
    assert given(shop, order) == []


def test_what_was_shipped_is_not_cancelled_but_refunded(shop: Shop) -> None:
    order = shipped(shop)
    shop.give_back(cancellation(order))
    shop.settle_refunds()
    [(_, state, _)] = shop.refunds()
    assert state == "rejected"
    [row] = shop.oms.list_refunds("shop")
    assert "refund" in str(row.task.message).casefold()
    assert given(shop, order) == []


def test_a_line_that_the_order_has_not_got_is_not_refunded(shop: Shop) -> None:
    order = shipped(shop)
    shop.give_back(refund(order, "no-such-line"))
    shop.settle_refunds(hours=24)
    [row] = shop.oms.list_refunds("shop")
    assert row.task.state == "stuck"
    assert "line" in str(row.task.message)
    assert given(shop, order) == []


def test_a_reason_of_no_marketplace_is_named_with_those_there_are(shop: Shop) -> None:
    order = shipped(shop)
    report = shop.give_back(refund(order, reason=RefundReason("seller-damagd")))
    [problem] = report.problems
    assert "seller-damaged" in str(problem.message) or "ClientClaim" in str(problem.message)
    assert given(shop, order) == []


def test_an_order_that_nobody_has_is_tried_again_and_then_shown(shop: Shop) -> None:
    request = RefundRequest(key="nobody", kind=K.GESTURE, reason=R.OTHER, amount=Decimal(1), reference="it")
    shop.give_back(request)
    shop.settle_refunds(hours=24)
    assert shop.refunds() == [("it", "stuck", "OrderNotFound")]


# --- answers that are lost --------------------------------------------------------------------------------------------

LOST: list[Effect] = [
    LoseAnswer(),
    ApplyLater(3 * MINUTE),
    Reset("during"),
    Reset("after"),
    HttpStatus(500, ran=True),
    ServerFault(ran=True),
    HttpStatus(500),
    HttpStatus(503),
    ServerFault(),
]


@pytest.mark.parametrize("effect", LOST, ids=repr)
@pytest.mark.parametrize("request_of", [gesture, refund])
def test_an_unclear_answer_never_gives_twice(shop: Shop, effect: Effect, request_of: Any) -> None:
    order = shipped(shop)
    expected = [Decimal("2.00")] if request_of is gesture else [order.goods[0].price + order.goods[0].shipping]
    shop.break_refunds(effect, times=1)
    shop.give_back(request_of(order))
    shop.sandbox.faults.clear()
    shop.settle_refunds()
    [(_, state, code)] = shop.refunds()
    money = given(shop, order)
    if state == "confirmed":
        assert money == expected
    else:
        # Over SOAP, what no order shows is left to a person.
        assert (shop.speaks, state, code) == ("soap", "stuck", "unsettled")
        assert money == []


@pytest.mark.parametrize("effect", LOST, ids=repr)
def test_an_unclear_answer_to_a_cancellation_is_settled_by_the_order(shop: Shop, effect: Effect) -> None:
    order = waiting(shop)
    shop.break_refunds(effect, times=1)
    shop.give_back(cancellation(order))
    shop.sandbox.faults.clear()
    shop.settle_refunds()
    assert [row[:2] for row in shop.refunds()] == [("it", "confirmed")]
    assert shop.sandbox.book.get(order.number).state in (State.SHIPMENT_REFUSED, State.CANCELLED)


def test_a_caller_may_trust_what_soap_shows() -> None:
    shop = Shop("soap", lambda clock: MemoryOms(clock=clock))
    shop.channel = SoapChannel(shop.sandbox.client(), trust_refund_lists=True)
    order = shipped(shop)
    shop.break_refunds(HttpStatus(500), times=1)
    shop.give_back(gesture(order))
    shop.sandbox.faults.clear()
    shop.settle_refunds()
    assert shop.refunds() == [("it", "confirmed", None)]
    assert given(shop, order) == [Decimal("2.00")]


# --- what only one API does -------------------------------------------------------------------------------------------


@pytest.fixture
def octopia() -> Shop:
    return Shop("octopia", lambda clock: MemoryOms(clock=clock))


@pytest.fixture
def soap() -> Shop:
    return Shop("soap", lambda clock: MemoryOms(clock=clock))


def test_no_more_is_given_than_octopia_allows(octopia: Shop) -> None:
    order = shipped(octopia)
    total = octopia.sandbox.book.get(order.number).shipped.total
    report = octopia.give_back(gesture(order, str(total)))
    assert report.sent == 1
    octopia.settle_refunds()
    report = octopia.give_back(
        RefundRequest(key=order.number, kind=K.GESTURE, reason=R.OTHER, amount=Decimal("0.01"), reference="more")
    )
    [problem] = report.problems
    assert "at most 0" in str(problem.message)


def test_what_octopia_lists_already_is_not_asked_for_again(octopia: Shop) -> None:
    order = shipped(octopia)
    octopia.channel.refund(refund(order))
    octopia.wait(40)
    report = octopia.give_back(refund(order))
    [note] = report.notes
    assert "not sent again" in str(note.message)
    assert len(octopia.sandbox.book.requests.of(order.number)) == 1


def test_without_trust_in_its_lists_octopias_word_counts() -> None:
    shop = Shop("octopia", lambda clock: MemoryOms(clock=clock))
    shop.channel = OctopiaChannel(
        shop.sandbox.octopia_client(), refund_reasons=REFUND_REASONS, trust_refund_lists=False
    )
    order = shipped(shop)
    report = shop.give_back(gesture(order))
    [note] = report.notes
    assert "taken as request G-" in str(note.message)


@pytest.mark.parametrize("key", ["orderSellerId", "orderId"])
def test_a_cancellation_names_its_order_as_is_set(octopia: Shop, key: Any) -> None:
    octopia.channel = OctopiaChannel(octopia.sandbox.octopia_client(), cancellation_key=key)
    order = waiting(octopia)
    octopia.give_back(cancellation(order))
    octopia.settle_refunds()
    [call] = octopia.sandbox.calls("POST /order-cancellation-requests")
    assert octopia.refunds() == [("it", "confirmed", None)]
    assert f'"{key}"' in call.request


def test_a_gesture_for_a_reason_without_a_code_tells_it_in_words(octopia: Shop) -> None:
    order = shipped(octopia)
    octopia.give_back(gesture(order))
    octopia.settle_refunds()
    [request] = octopia.sandbox.book.requests.of(order.number)
    assert request.reason == "Other"


def test_soap_cancels_no_single_lines(soap: Shop) -> None:
    order = waiting(soap)
    report = soap.give_back(cancellation(order, lines=["L1"]))
    [problem] = report.problems
    assert "rest='refuse'" in str(problem.message)


def test_lines_that_share_a_reference_are_refunded_together(soap: Shop) -> None:
    order = shipped(soap, lines=3, duplicate_reference=True)
    stored = next(one for one in soap.orders() if one.number == order.number)
    twins = [line for line in stored.lines if [other.sku for other in stored.lines].count(line.sku) > 1]
    report = soap.give_back(refund(order, twins[0].line_id))
    [problem] = report.problems
    assert "shares the reference" in str(problem.message)
    soap.give_back(refund(order, *(line.line_id for line in twins)))
    soap.settle_refunds()
    assert len(given(soap, order)) == len(twins)
    soap.wait(30)
    soap.pull()
    stored = next(one for one in soap.orders() if one.number == order.number)
    assert [line.status for line in stored.lines].count(LineStatus.REFUNDED) == len(twins)
