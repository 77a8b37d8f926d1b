"""ValidateOrderList: verdicts per order and per line, in the service's error types."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.orders import Order
from cdiscount_marketplace.sandbox.settings import LineErrors, PendingCancellation, Settings, UnlistedLine
from cdiscount_marketplace.sandbox.states import State
from support.envelopes import Hand, codes, decision, find_all, parse, shipment, text

PAID = "WaitingForShipmentAcceptation"


def shop(**switches: object) -> Hand:
    return Hand(Sandbox(settings=Settings(**switches)))


def references(order: Order) -> list[str]:
    return [line.reference or line.product_id for line in order.goods]


def line_results(verdict: object) -> list[tuple[str, str]]:
    results = find_all(verdict, "ValidateOrderLineResult")
    return [(text(line, "SellerProductId"), text(line, "Updated")) for line in results]


def test_a_shipment_says_success_for_the_order_and_each_line() -> None:
    hand = shop()
    order = hand.sandbox.place(state=PAID, lines=2)
    verdict = hand.validate(shipment(order.number, *references(order)))[0]
    assert text(verdict, "Validated") == "true"
    assert codes(verdict) == []
    assert line_results(verdict) == [(reference, "true") for reference in references(order)]
    applied = hand.sandbox.shipped(order.number)
    assert [move.rows for move in applied] == [(0, 1)]
    assert applied[0].tracking.number == "6A123"


def test_a_second_shipment_is_answered_as_recorded_and_changes_nothing() -> None:
    hand = shop()
    order = hand.sandbox.place(state=PAID)
    hand.validate(shipment(order.number, *references(order)))
    parts = shipment(order.number, *references(order))
    answer = parse(
        hand.call(
            "ValidateOrderList",
            f"<validateOrderListMessage><OrderList>{parts}</OrderList></validateOrderListMessage>",
        )
    )
    said = f'Le passage à l\'état Shipped est impossible à ce stade de la commande "{order.number}".'
    assert text(answer, "OperationSuccess") == "true"
    assert text(answer, "ErrorMessage") == f"{order.number} error: {said}"
    assert text(answer, "Message") == said
    assert line_results(answer) == []
    assert len(hand.sandbox.shipped(order.number)) == 1


def test_one_refused_order_stops_no_other_and_messages_are_joined() -> None:
    hand = shop(message_join=" | ")
    good = hand.sandbox.place(state=PAID)
    body = "".join((shipment("nobody", "A"), shipment(good.number, *references(good)), shipment("", "A")))
    answer = parse(
        hand.call(
            "ValidateOrderList", f"<validateOrderListMessage><OrderList>{body}</OrderList></validateOrderListMessage>"
        )
    )
    verdicts = list(find_all(answer, "ValidateOrderResult"))
    assert [text(verdict, "Validated") for verdict in verdicts] == ["false", "true", "false"]
    assert codes(verdicts[0]) == ["OrderNotFound"]
    assert text(answer, "ErrorMessage").count(" | ") == 1
    assert hand.sandbox.order(good.number).state == State.SHIPPED


@pytest.mark.parametrize(
    ("carrier", "number", "strict", "verdict"),
    [
        ("Colissimo", "6A1", False, []),
        ("Asendia HK", "6A1", True, []),
        ("Other", "DEMAT", True, []),
        ("", "6A1", False, ["OrderTrackingInformationError"]),
        ("Colissimo", "", False, ["OrderTrackingInformationError"]),
        ("Colissimo", "6A 1", False, ["OrderTrackingInformationError"]),
        ("Colissimo", "6" * 51, False, ["OrderTrackingInformationError"]),
        ("Pigeon", "6A1", True, ["OrderTrackingInformationError"]),
        ("Pigeon", "6A1", False, []),
    ],
)
def test_a_parcel_without_usable_tracking_is_refused(
    carrier: str, number: str, strict: bool, verdict: list[str]
) -> None:
    hand = shop(strict_tracking=strict)
    order = hand.sandbox.place(state=PAID)
    lines = dict.fromkeys(references(order), "ShippedBySeller")
    answered = hand.validate(decision(order.number, "Shipped", lines, tracking=number, carrier=carrier))[0]
    assert codes(answered) == verdict
    assert len(hand.sandbox.shipped(order.number)) == (not verdict)
    warnings = next(find_all(answered, "Warnings"))
    assert bool(list(warnings)) is (carrier == "Pigeon" and not strict)


def test_an_unknown_reference_refuses_the_order_and_names_the_line() -> None:
    hand = shop()
    order = hand.sandbox.place(state=PAID)
    verdict = hand.validate(shipment(order.number, *references(order), "STRANGER"))[0]
    assert codes(verdict) == ["OrderLineNotFound"]
    assert line_results(verdict) == [(references(order)[0], "false"), ("STRANGER", "false")]
    assert hand.sandbox.order(order.number).state == PAID


def test_a_switch_skips_lines_that_cannot_change_and_ships_the_rest() -> None:
    hand = shop(line_errors=LineErrors.SKIP_LINE)
    order = hand.sandbox.place(state=PAID)
    verdict = hand.validate(shipment(order.number, *references(order), "STRANGER"))[0]
    assert text(verdict, "Validated") == "true"
    assert line_results(verdict) == [(references(order)[0], "true"), ("STRANGER", "false")]
    assert hand.sandbox.order(order.number).state == State.SHIPPED


@pytest.mark.parametrize(
    ("policy", "verdict", "states"),
    [
        (UnlistedLine.REJECT, ["OrderLineIncoherentState"], ["AcceptedBySeller", "AcceptedBySeller"]),
        (UnlistedLine.IGNORE, [], ["ShippedBySeller", "AcceptedBySeller"]),
        (UnlistedLine.FOLLOW, [], ["ShippedBySeller", "ShippedBySeller"]),
    ],
)
def test_a_line_that_is_not_listed(policy: UnlistedLine, verdict: list[str], states: list[str]) -> None:
    hand = shop(unlisted_line=policy)
    order = hand.sandbox.place(state=PAID, lines=2)
    assert codes(hand.validate(shipment(order.number, references(order)[0]))[0]) == verdict
    assert [line.state for line in hand.sandbox.order(order.number).lines] == states


def test_fee_lines_need_not_be_listed_and_may_be() -> None:
    hand = shop()
    for listed in ((), ("INTERETBCA",)):
        order = hand.sandbox.place(state=PAID, fee=True, lines=1)
        assert codes(hand.validate(shipment(order.number, *references(order), *listed))[0]) == []
        assert {line.state for line in hand.sandbox.order(order.number).lines} == {"ShippedBySeller"}


def test_a_closed_line_may_be_echoed_or_left_out_and_not_shipped() -> None:
    hand = shop()
    order = hand.sandbox.place(lines=2)
    first, second = references(order)
    hand.validate(decision(order.number, "AcceptedBySeller", {first: "AcceptedBySeller", second: "RefusedBySeller"}))
    hand.sandbox.advance(timedelta(hours=1))
    assert codes(hand.validate(shipment(order.number, first, second))[0]) == ["OrderLineIncoherentState"]
    echoed = {first: "ShippedBySeller", second: "RefusedBySeller"}
    assert codes(hand.validate(decision(order.number, "Shipped", echoed, tracking="1", carrier="DPD"))[0]) == []
    after = hand.sandbox.order(order.number)
    assert [line.state for line in after.lines] == ["ShippedBySeller", "RefusedBySeller"]
    assert after.shipped.total == order.lines[0].price + order.lines[0].shipping


def test_a_cancelled_line_is_not_accepted() -> None:
    hand = shop()
    order = hand.sandbox.place(lines=2)
    hand.sandbox.cancel_as_customer(order.number, [1])
    lines = dict.fromkeys(references(order), "AcceptedBySeller")
    verdict = hand.validate(decision(order.number, "AcceptedBySeller", lines))[0]
    assert codes(verdict) == ["OrderLineCancelledAcceptedConflict"]


def test_a_switch_ships_lines_whose_cancellation_is_asked_for() -> None:
    hand = shop(pending_cancellation=PendingCancellation.SHIP)
    order = hand.sandbox.place(state=PAID)
    hand.sandbox.cancel_as_customer(order.number)
    assert codes(hand.validate(shipment(order.number, *references(order)))[0]) == []


@pytest.mark.parametrize(
    ("target", "line_state", "code"),
    [
        ("AcceptedBySeller", "RefusedBySeller", "OrderLineError"),
        ("AcceptedBySeller", "ShippedBySeller", "OrderLineIncoherentState"),
        ("RefusedBySeller", "AcceptedBySeller", "OrderLineIncoherentState"),
    ],
)
def test_states_of_lines_must_go_with_the_state_of_the_order(target: str, line_state: str, code: str) -> None:
    hand = shop()
    order = hand.sandbox.place()
    verdict = hand.validate(decision(order.number, target, {references(order)[0]: line_state}))[0]
    assert codes(verdict) == [code]


def test_a_shared_reference_sent_once_means_all_its_lines_and_sent_twice_each() -> None:
    hand = shop()
    once = hand.sandbox.place(state=PAID, duplicate_reference=True, lines=1)
    assert codes(hand.validate(shipment(once.number, references(once)[0]))[0]) == []
    assert hand.sandbox.shipped(once.number)[0].rows == (0, 1)
    twice = hand.sandbox.place(state=PAID, duplicate_reference=True, lines=1)
    written = (
        decision(
            twice.number,
            "Shipped",
            {"X": "ShippedBySeller", "Y": "ShipmentRefusedBySeller"},
            tracking="1",
            carrier="DPD",
        )
        .replace(">X<", f">{references(twice)[0]}<")
        .replace(">Y<", f">{references(twice)[0]}<")
    )
    hand.validate(written)
    assert hand.sandbox.shipped(twice.number)[0].rows == (0,)


def test_a_line_without_reference_is_meant_by_its_product() -> None:
    hand = shop()
    order = hand.sandbox.place(state=PAID, without_reference=True)
    assert codes(hand.validate(shipment(order.number, order.lines[0].product_id))[0]) == []


def test_what_is_shown_afterwards_is_as_recorded() -> None:
    hand = shop()
    refused, unshipped = hand.sandbox.place(), hand.sandbox.place(state=PAID)
    hand.validate(decision(refused.number, "RefusedBySeller", {references(refused)[0]: "RefusedBySeller"}))
    lines = {references(unshipped)[0]: "ShipmentRefusedBySeller"}
    hand.validate(decision(unshipped.number, "ShipmentRefusedBySeller", lines))
    shown = {text(order, "OrderNumber"): order for order in hand.list()}
    assert text(shown[refused.number], "AcceptationState") == "CancelledBeforePaymentByCustomer"
    assert text(shown[refused.number], "VisaCegid") == "240"
    assert text(shown[unshipped.number], "AcceptationState") == "RefundedAfterShipmentRefused"
    assert text(shown[unshipped.number], "Quantity") == "0"
    assert text(shown[unshipped.number], "VisaCegid") == "243"
    assert text(shown[unshipped.number], "ValidatedTotalAmount") == str(unshipped.promised.total)
    assert text(shown[unshipped.number], "ShippedTotalAmount") == "0"


def test_a_switch_shows_lines_of_shipped_orders_without_a_state() -> None:
    hand = shop(shipped_line_state="None")
    order = hand.sandbox.place(state=PAID)
    hand.validate(shipment(order.number, *references(order)))
    assert text(hand.list()[0], "AcceptationState") == "None"


def test_refunds_have_a_success_of_their_own() -> None:
    hand = shop()
    order = hand.sandbox.place(state="Shipped")
    reference = references(order)[0]
    parts = (
        "<request><CommercialGestureList><RefundInformation><Amount>2.5</Amount><MotiveId>135</MotiveId>"
        "</RefundInformation><RefundInformation><Amount>2.5</Amount><MotiveId>1</MotiveId></RefundInformation>"
        f"</CommercialGestureList><OrderNumber>{order.number}</OrderNumber><SellerRefundList><SellerRefundRequest>"
        "<Mode>Claim</Mode><Motive>ClientClaim</Motive><RefundOrderLine><Ean/>"
        f"<SellerProductId>{reference}</SellerProductId></RefundOrderLine></SellerRefundRequest></SellerRefundList></request>"
    )
    answer = parse(hand.call("CreateRefundVoucher", parts))
    gestures = [text(item, "OperationSuccess") for item in find_all(answer, "RefundInformationMessage")]
    assert gestures == ["true", "false"]
    assert text(next(find_all(answer, "SellerRefundResult")), "Value") == str(order.lines[0].price)
    after = hand.sandbox.order(order.number)
    assert after.lines[0].state == "RefundedAfterShipping"
    assert [refund.row for refund in after.refunds] == [None, 0]


def test_a_line_is_refunded_once_however_often_it_is_asked_for() -> None:
    hand = shop()
    order = hand.sandbox.place(state="Shipped", lines=1, duplicate_reference=True)
    alone = hand.sandbox.place(state="Shipped", lines=1)
    assert refunded(hand, order, 1) == ["true"]
    assert refunded(hand, order, 3) == ["true", "false", "false"]
    assert refunded(hand, alone, 2) == ["true", "false"]
    after = hand.sandbox.order(order.number)
    assert {line.state for line in after.lines} == {"RefundedAfterShipping"}
    assert [refund.row for refund in after.refunds] == [0, 1]
    assert [refund.row for refund in hand.sandbox.order(alone.number).refunds] == [0]


def refunded(hand: Hand, order: Order, times: int) -> list[str]:
    line = f"<RefundOrderLine><Ean/><SellerProductId>{references(order)[0]}</SellerProductId></RefundOrderLine>"
    request = f"<SellerRefundRequest><Mode>Claim</Mode><Motive>ClientClaim</Motive>{line}</SellerRefundRequest>"
    parts = f"<request><OrderNumber>{order.number}</OrderNumber><SellerRefundList>{request * times}</SellerRefundList>"
    answer = parse(hand.call("CreateRefundVoucher", f"{parts}</request>"))
    return [text(item, "OperationSuccess") for item in find_all(answer, "SellerRefundResult")]
