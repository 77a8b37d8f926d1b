"""The state machine: every move that the marketplace allows works, every other is answered as recorded."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.orders import Refund, Tracking
from cdiscount_marketplace.sandbox.rules import Refused
from cdiscount_marketplace.sandbox.settings import PaidCancellation, Payment, Settings
from cdiscount_marketplace.sandbox.states import FINAL, State
from support.envelopes import Hand, codes, decision, shipment, text

LINE_STATES = {
    "AcceptedBySeller": "AcceptedBySeller",
    "RefusedBySeller": "RefusedBySeller",
    "Shipped": "ShippedBySeller",
    "ShipmentRefusedBySeller": "ShipmentRefusedBySeller",
    "AvailableOnStore": "AcceptedBySeller",
    "PickedUp": "ShippedBySeller",
    "CancelledByCustomer": "CancelledBeforePaymentByCustomer",
    "WaitingForShipmentAcceptation": "AcceptedBySeller",
}
ALLOWED = {
    ("WaitingForSellerAcceptation", "AcceptedBySeller"),
    ("WaitingForSellerAcceptation", "RefusedBySeller"),
    ("WaitingForShipmentAcceptation", "Shipped"),
    ("WaitingForShipmentAcceptation", "ShipmentRefusedBySeller"),
    ("WaitingForShipmentAcceptation", "AvailableOnStore"),
    ("AvailableOnStore", "Shipped"),
}
BLOCKED = ("BlockedFraudSuspicion", "BeingCancelled", "Filled")


@pytest.fixture(scope="module")
def shop() -> Hand:
    return Hand(Sandbox())


@pytest.mark.parametrize("target", LINE_STATES)
@pytest.mark.parametrize("state", [*map(str, State.values()), *BLOCKED])
def test_a_seller_moves_an_order_only_where_the_marketplace_allows_it(shop: Hand, state: str, target: str) -> None:
    order = shop.sandbox.place(state=state, shipping_code="MAG")
    lines = {order.lines[0].reference or "": LINE_STATES[target]}
    verdict = shop.validate(decision(order.number, target, lines, tracking="1", carrier="DPD"))[0]
    after = shop.sandbox.order(order.number)
    if (state, target) in ALLOWED:
        assert text(verdict, "Validated") == "true"
        assert after.state == target
        assert shop.sandbox.applied(order.number)[-1].target == target
        return
    assert codes(verdict) == ["OrderStateIncoherent"]
    assert text(verdict, "Message") == (
        f'Le passage à l\'état {target} est impossible à ce stade de la commande "{order.number}".'
    )
    assert after == order


def test_an_order_is_made_available_only_for_click_and_collect(shop: Hand) -> None:
    order = shop.sandbox.place(state="WaitingForShipmentAcceptation", shipping_code="TRK")
    verdict = shop.validate(decision(order.number, "AvailableOnStore", {order.lines[0].reference: "AcceptedBySeller"}))
    assert codes(verdict[0]) == ["OrderStateIncoherent"]


def test_an_accepted_order_is_debited_and_then_waits_for_shipment() -> None:
    sandbox = Sandbox()
    number = sandbox.place().number
    sandbox.book.accept(number)
    seen = []
    for minutes in (1, 1, 19, 1):
        sandbox.advance(timedelta(minutes=minutes))
        seen.append(sandbox.order(number).state)
    assert seen == ["AcceptedBySeller", "PaymentInProgress", "PaymentInProgress", "WaitingForShipmentAcceptation"]


def test_what_is_due_happens_at_its_own_time_however_late_it_is_looked_at() -> None:
    sandbox = Sandbox()
    order = sandbox.place()
    sandbox.book.accept(order.number)
    sandbox.advance(timedelta(days=1))
    history = sandbox.order(order.number).history
    assert [event.at - order.created_at for event in history[2:]] == [timedelta(minutes=2), timedelta(minutes=22)]


def test_a_debit_that_fails_ends_the_order() -> None:
    sandbox = Sandbox()
    number = sandbox.place(debit_fails=True).number
    sandbox.book.accept(number)
    sandbox.advance(timedelta(hours=1))
    order = sandbox.order(number)
    assert order.state == State.PAYMENT_REFUSED
    assert {line.state for line in order.lines} == {"PaymentRefused"}


def test_nobody_accepts_so_the_order_is_cancelled_in_the_end() -> None:
    sandbox = Sandbox(settings=Settings(auto_cancel_after=timedelta(hours=5)))
    number = sandbox.place().number
    sandbox.advance(timedelta(hours=4, minutes=59))
    assert sandbox.order(number).state == State.WAITING_ACCEPTANCE
    sandbox.advance(timedelta(minutes=1))
    assert sandbox.order(number).state == State.AUTO_CANCELLED


def test_switches_move_orders_by_themselves_or_stop_them() -> None:
    own = Sandbox(settings=Settings(auto_accept=True, cancel_unshipped_after=timedelta(days=5)))
    number = own.place().number
    own.advance(timedelta(hours=1))
    assert own.order(number).state == State.WAITING_SHIPMENT
    own.advance(timedelta(days=5))
    assert own.order(number).state == State.NEVER_SHIPPED
    assert [(line.state, line.quantity) for line in own.order(number).lines] == [("RefundedAfterShipmentRefused", 0)]
    manual = Sandbox(settings=Settings(payment=Payment.MANUAL))
    number = manual.place(state="PaymentInProgress").number
    manual.advance(timedelta(days=9))
    assert manual.order(number).state == State.PAYMENT
    assert manual.pay(number).state == State.WAITING_SHIPMENT


def test_switches_that_are_turned_later_count_for_orders_that_were_there_before() -> None:
    sandbox = Sandbox()
    waiting, accepted = sandbox.place().number, sandbox.place(state="AcceptedBySeller", lines=2).number
    sandbox.advance(timedelta(minutes=1))
    # What happens to an order where it stands does not begin its term anew.
    sandbox.cancel_as_customer(accepted, [0])
    sandbox.settings = Settings(auto_cancel_after=None, payment=Payment.MANUAL, payment_delay=timedelta(minutes=5))
    sandbox.advance(timedelta(minutes=3))
    assert sandbox.order(accepted).state == State.ACCEPTED
    sandbox.advance(timedelta(minutes=1))
    assert sandbox.order(accepted).state == State.PAYMENT
    sandbox.advance(timedelta(days=9))
    assert sandbox.order(waiting).state == State.WAITING_ACCEPTANCE
    assert sandbox.order(accepted).state == State.PAYMENT
    sandbox.settings = Settings(auto_cancel_after=timedelta(hours=1))
    ended = sandbox.order(waiting)
    assert (ended.state, ended.updated_at) == (State.AUTO_CANCELLED, sandbox.clock.now())
    assert sandbox.order(accepted).state == State.WAITING_SHIPMENT


def test_payments_are_for_orders_that_wait_for_them() -> None:
    sandbox = Sandbox()
    shipped = sandbox.place(state="Shipped").number
    with pytest.raises(Refused, match="does not wait for its payment"):
        sandbox.pay(shipped)
    with pytest.raises(Refused, match="there is no order"):
        sandbox.pay("nobody")
    for early in ("None", "ValidatedFianet", "WaitingForSellerAcceptation"):
        number = sandbox.place(state=early).number
        with pytest.raises(Refused, match="does not wait for its payment"):
            sandbox.pay(number)
    accepted = sandbox.place(state="AcceptedBySeller").number
    assert sandbox.refuse_payment(accepted).state == State.PAYMENT_REFUSED


@pytest.mark.parametrize("state", ["None", "WaitingForSellerAcceptation", "AcceptedBySeller", "PaymentInProgress"])
def test_before_payment_a_customer_cancels_at_once(state: str) -> None:
    sandbox = Sandbox()
    number = sandbox.place(state=state).number
    order = sandbox.cancel_as_customer(number)
    assert order.state == State.CANCELLED
    assert {line.state for line in order.lines} == {"CancelledBeforePaymentByCustomer"}
    assert order.validated.total == 0


def test_after_payment_a_customer_asks_and_the_seller_answers() -> None:
    sandbox = Sandbox()
    order = sandbox.place(state="WaitingForShipmentAcceptation", lines=2)
    asked = sandbox.cancel_as_customer(order.number, [0])
    assert asked.state == State.WAITING_SHIPMENT
    assert [line.state for line in asked.lines] == ["CancellationRequestPending", "AcceptedBySeller"]
    hand = Hand(sandbox)
    references = [line.reference or "" for line in order.lines]
    assert codes(hand.validate(shipment(order.number, *references))[0]) == ["OrderLineCancelledAcceptedConflict"]
    states = {references[0]: "ShipmentRefusedBySeller", references[1]: "ShippedBySeller"}
    hand.validate(decision(order.number, "Shipped", states, tracking="1", carrier="DPD"))
    after = sandbox.order(order.number)
    assert after.state == State.SHIPPED
    assert [(line.state, line.quantity > 0) for line in after.lines] == [
        ("RefundedAfterCustomerCancellation", False),
        ("ShippedBySeller", True),
    ]
    assert after.shipped.total == order.lines[1].price + order.lines[1].shipping


def test_fees_go_with_the_last_of_the_goods_that_a_customer_cancels() -> None:
    sandbox = Sandbox()
    number = sandbox.place(state="AcceptedBySeller", lines=2, fee=True).number
    left = sandbox.cancel_as_customer(number, [0])
    assert [line.closed for line in left.lines] == [True, False, False]
    gone = sandbox.cancel_as_customer(number, [1])
    assert gone.state == State.CANCELLED
    assert {line.state for line in gone.lines} == {"CancelledBeforePaymentByCustomer"}
    assert gone.validated.total == 0


def test_a_switch_lets_customers_cancel_paid_orders_at_once() -> None:
    sandbox = Sandbox(settings=Settings(paid_cancellation=PaidCancellation.AT_ONCE))
    order = sandbox.cancel_as_customer(sandbox.place(state="WaitingForShipmentAcceptation").number)
    assert order.state == State.CANCELLED
    assert {line.state for line in order.lines} == {"CancelledAfterPaymentByCustomer"}


@pytest.mark.parametrize("state", sorted(FINAL))
def test_nobody_cancels_what_is_over(state: str) -> None:
    sandbox = Sandbox()
    number = sandbox.place(state=state, shipping_code="MAG").number
    with pytest.raises(Refused):
        sandbox.cancel_as_customer(number)


def test_a_part_of_an_order_is_accepted_and_amounts_follow() -> None:
    sandbox = Sandbox()
    order = sandbox.place(lines=2, fee=True)
    kept, left = order.lines[0], order.lines[1]
    after = sandbox.book.accept(order.number, refused=[left.row])
    fee = order.lines[2]
    assert [line.state for line in after.lines] == ["AcceptedBySeller", "RefusedBySeller", "AcceptedBySeller"]
    assert after.validated.total == kept.price + kept.shipping + fee.price
    assert after.promised == order.promised


def test_orders_fulfilled_by_cdiscount_go_their_own_way_and_take_no_orders_from_sellers() -> None:
    sandbox = Sandbox()
    waiting = sandbox.place(state="WaitingForShipmentAcceptation", fulfilled_by_cdiscount=True)
    verdict = Hand(sandbox).validate(shipment(waiting.number, waiting.lines[0].reference or ""))[0]
    assert codes(verdict) == ["OrderUpdateNotAuthorized"]
    fresh = sandbox.place(fulfilled_by_cdiscount=True)
    sandbox.advance(timedelta(days=2))
    assert sandbox.order(fresh.number).state == State.SHIPPED


def test_click_and_collect_goes_by_the_shop() -> None:
    sandbox = Sandbox()
    number = sandbox.place(state="WaitingForShipmentAcceptation", shipping_code="MAG").number
    assert sandbox.book.make_available(number).state == State.AVAILABLE_ON_STORE
    assert sandbox.book.ship(number, Tracking(carrier="Other", number="DEMAT")).state == State.SHIPPED


@pytest.mark.parametrize("state", ["AvailableOnStore", "PickedUp", "NonPickedUpByCustomer"])
def test_what_lies_or_lay_in_the_shop_was_paid_for_and_made_available_there(state: str) -> None:
    order = Sandbox().place(state=state)
    assert order.shipping_code == "MAG"
    assert [move.target for move in order.applied] == ["AcceptedBySeller", "AvailableOnStore"]
    assert order.validated == order.promised


def test_a_click_and_collect_address_is_visible_in_the_shop(shop: Hand) -> None:
    placed = shop.sandbox.place(state="AvailableOnStore", shipping_code="MAG")
    order = next(order for order in shop.list() if text(order, "OrderNumber") == placed.number)
    assert text(order, "Street") == placed.billing.street


def test_quiet_states_are_entered_without_a_trace_on_the_stamps() -> None:
    sandbox = Sandbox(settings=Settings(quiet_states=["WaitingForShipmentAcceptation"]))
    number = sandbox.place().number
    sandbox.book.accept(number)
    sandbox.advance(timedelta(minutes=5))
    debited = sandbox.order(number)
    sandbox.advance(timedelta(minutes=30))
    waiting = sandbox.order(number)
    assert waiting.state == State.WAITING_SHIPMENT
    assert waiting.updated_at == debited.updated_at


def test_two_refunds_that_were_asked_for_at_the_same_time_repay_a_line_once() -> None:
    sandbox = Sandbox()
    order = sandbox.place(state="Shipped")
    refund = Refund(at=sandbox.clock.now(), amount=order.lines[0].price, motive="ClientClaim", row=0)
    refunded = sandbox.book.refund(order.number, [refund])
    assert refunded.refunds == (refund,)
    assert sandbox.book.refund(order.number, [refund]) == refunded
