"""What is sent when an order is accepted, refused or shipped, and what is refused before sending."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdiscount_marketplace.errors import InvalidRequest
from cdiscount_marketplace.soap import (
    AcceptationState,
    Order,
    OrderLine,
    ProductCondition,
    ValidateOrder,
    plan_acceptance,
    plan_refusal,
    plan_shipment,
    plan_shipment_refusal,
)
from cdiscount_marketplace.soap.orders.lines import CLOSED
from cdiscount_marketplace.tracking import Tracking
from support.wire_orders import NUMBER, line, order

TRACKING = Tracking(carrier="Colissimo", number="6A1", url="https://x.example/6A1")
PLANS: dict[str, Callable[[Order], ValidateOrder]] = {
    "accept": plan_acceptance,
    "refuse": plan_refusal,
    "ship": lambda read: plan_shipment(read, TRACKING),
    "refuse_shipment": plan_shipment_refusal,
}
every_plan = pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)


def ship(read: Order, **options: Any) -> ValidateOrder:
    return plan_shipment(read, TRACKING, **options)


def sent(plan: ValidateOrder) -> dict[str | None, str]:
    states = {one.seller_product_id: str(one.acceptation_state) for one in plan.order_lines}
    assert len(states) == len(plan.order_lines), "a reference was sent twice"
    return states


def refusal(plan: Callable[[], object]) -> str:
    with pytest.raises(InvalidRequest) as refused:
        plan()
    assert refused.value.order_numbers == (NUMBER,)
    return refused.value.message


@pytest.mark.parametrize("state", ["AcceptedBySeller", "None", None])
def test_accepted_and_unstated_lines_are_shipped(state: str | None) -> None:
    plan = ship(order(line("A", state)))
    assert sent(plan) == {"A": "ShippedBySeller"}
    assert (plan.order_state, plan.order_number) == ("Shipped", NUMBER)
    assert (plan.carrier_name, plan.tracking_number, plan.tracking_url) == ("Colissimo", "6A1", TRACKING.url)


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_lines_in_a_final_state_are_left_out_or_echoed(state: str) -> None:
    read = order(line("A"), line("B", state))
    assert sent(ship(read)) == {"A": "ShippedBySeller"}
    assert sent(ship(read, closed_lines="echo")) == {"A": "ShippedBySeller", "B": state}


@pytest.mark.parametrize("fee", ["INTERETBCA", "FRAISTRAITEMENT"])
@pytest.mark.parametrize("member", ["seller_product_id", "product_id", "sku"])
@every_plan
def test_fee_lines_are_never_sent(plan: Callable[[Order], ValidateOrder], member: str, fee: str) -> None:
    given: dict[str, Any] = {"seller_product_id": None, member: fee}
    read = order(line("A"), OrderLine(**given))
    assert sent(plan(read)).keys() == {"A"}


@every_plan
def test_line_without_reference_goes_by_its_product_id(plan: Callable[[Order], ValidateOrder]) -> None:
    assert sent(plan(order(line(None, product_id="AUC1")))).keys() == {"AUC1"}


@every_plan
def test_shared_reference_is_sent_once(plan: Callable[[Order], ValidateOrder]) -> None:
    read = order(line("A", product_id="1"), line("A", product_id="2"), line("B"))
    assert sent(plan(read)).keys() == {"A", "B"}


@every_plan
def test_line_that_cannot_be_named_is_refused(plan: Callable[[Order], ValidateOrder]) -> None:
    assert "neither a reference nor a product id" in refusal(lambda: plan(order(line("A"), OrderLine())))


@every_plan
@pytest.mark.parametrize("members", [{"is_clogistique_order": True}, {"mod_ges_log": "MKPFBC"}])
def test_orders_that_cdiscount_fulfils_are_refused(
    plan: Callable[[Order], ValidateOrder], members: dict[str, Any]
) -> None:
    assert "warehouse" in refusal(lambda: plan(order(line("A"), **members)))


@every_plan
def test_order_whose_fulfilment_is_not_told_is_the_sellers(plan: Callable[[Order], ValidateOrder]) -> None:
    assert sent(plan(order(line("A"), mod_ges_log=None, is_clogistique_order=None))).keys() == {"A"}


@every_plan
def test_order_without_open_lines_is_refused(plan: Callable[[Order], ValidateOrder]) -> None:
    assert "no line is left" in refusal(lambda: plan(order(line("A", "ShippedBySeller"))))
    assert "no line is left" in refusal(lambda: plan(order(line("INTERETBCA"))))


@every_plan
def test_line_state_that_nobody_knows_is_refused(plan: Callable[[Order], ValidateOrder]) -> None:
    assert "'OnTheMoon'" in refusal(lambda: plan(order(line("A"), line("B", "OnTheMoon"))))


def test_shipment_waits_for_a_cancellation_request() -> None:
    read = order(line("A"), line("B", "CancellationRequestPending"))
    assert "cancel line 'B'" in refusal(lambda: ship(read))
    assert "cancel line 'B'" in refusal(lambda: ship(read, lines=["A"], rest="refuse"))


def test_cancellation_request_is_granted_by_refusing_its_line_or_the_shipment() -> None:
    read = order(line("A"), line("B", "CancellationRequestPending"))
    assert "cancel line 'B'" in refusal(lambda: plan_acceptance(read))
    assert sent(plan_acceptance(read, refused_lines=["B"]))["B"] == "RefusedBySeller"
    assert sent(plan_shipment_refusal(read))["B"] == "ShipmentRefusedBySeller"


def test_partial_shipment_must_say_that_the_rest_is_refunded() -> None:
    read = order(line("A"), line("B"), line("C"))
    message = refusal(lambda: ship(read, lines=["A"]))
    assert "B, C would be refused and refunded" in message
    assert sent(ship(read, lines=["A"], rest="refuse")) == {
        "A": "ShippedBySeller",
        "B": "ShipmentRefusedBySeller",
        "C": "ShipmentRefusedBySeller",
    }


@pytest.mark.parametrize("options", [{"rest": "forbidden"}, {"rest": None}, {"closed_lines": "repeat"}])
def test_words_that_are_not_known_are_never_taken_for_consent(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        ship(order(line("A"), line("B")), lines=["A"], **options)
    assert [problem.field for problem in refused.value.problems] == list(options)


def test_naming_all_open_lines_is_a_whole_shipment() -> None:
    read = order(line("A"), line("B"), line("C", "RefusedBySeller"))
    assert sent(ship(read, lines=["B", "A"])) == sent(ship(read))


def test_naming_a_closed_or_foreign_line_is_refused() -> None:
    read = order(line("A"), line("B", "RefusedBySeller"))
    message = refusal(lambda: ship(read, lines=["A", "B", "Z"]))
    assert "line 'B' is RefusedBySeller already" in message
    assert "no line 'Z'; it has A, B" in message


@pytest.mark.parametrize(
    "plan",
    [
        lambda read: ship(read, lines="12", rest="refuse"),
        lambda read: plan_acceptance(read, refused_lines="12"),
        lambda read: ship(read, lines=iter(["12"]), rest="refuse"),
        lambda read: plan_acceptance(read, refused_lines=(name for name in ["12"])),
    ],
    ids=["ship, text", "accept, text", "ship, once only", "accept, once only"],
)
def test_what_is_no_list_names_no_lines(plan: Callable[[Order], ValidateOrder]) -> None:
    assert "must be a list" in refusal(lambda: plan(order(line("1"), line("2"), line("12"), line("3"))))


def test_naming_no_line_ships_nothing() -> None:
    assert "no line is left" in refusal(lambda: ship(order(line("A")), lines=[]))


def test_refusing_every_line_is_not_an_acceptance() -> None:
    assert "refuse the order" in refusal(lambda: plan_acceptance(order(line("A")), refused_lines=["A"]))


def test_condition_is_the_lines_own_or_the_chosen_one() -> None:
    used, mute, strange = (ProductCondition(value) for value in ("AverageState", "None", "LikeAntique"))
    read = order(*(line(str(number), product_condition=own) for number, own in enumerate((used, mute, strange, None))))
    chosen = ProductCondition.REFURBISHED
    assert [str(one.product_condition) for one in plan_shipment(read, TRACKING, condition=chosen).order_lines] == [
        "AverageState",
        "Refurbished",
        "Refurbished",
        "Refurbished",
    ]
    assert [str(one.product_condition) for one in ship(read).order_lines][1:] == ["New"] * 3


@pytest.mark.parametrize(
    ("plan", "order_state", "line_state"),
    [
        ("accept", "AcceptedBySeller", "AcceptedBySeller"),
        ("refuse", "RefusedBySeller", "RefusedBySeller"),
        ("ship", "Shipped", "ShippedBySeller"),
        ("refuse_shipment", "ShipmentRefusedBySeller", "ShipmentRefusedBySeller"),
    ],
)
def test_order_and_line_states_of_each_decision(plan: str, order_state: str, line_state: str) -> None:
    planned = PLANS[plan](order(line("A")))
    assert (planned.order_state, sent(planned)) == (order_state, {"A": line_state})
    assert planned.tracking_number == ("6A1" if plan == "ship" else None)


LINES = st.lists(
    st.builds(
        line,
        st.one_of(st.none(), st.sampled_from(["A", "B", "C", "INTERETBCA"])),
        st.one_of(st.none(), st.sampled_from([str(state) for state in AcceptationState.values()])),
        product_id=st.one_of(st.none(), st.sampled_from(["P1", "P2"])),
    ),
    max_size=5,
)


@given(LINES)
def test_whatever_is_shipped_was_open_and_is_named_once(lines: list[OrderLine]) -> None:
    try:
        planned = ship(order(*lines))
    except InvalidRequest:
        return
    states = sent(planned)
    assert states
    assert set(states.values()) == {"ShippedBySeller"}
    open_lines = [one for one in lines if one.acceptation_state in (None, "None", "AcceptedBySeller")]
    assert set(states) <= {one.seller_product_id or one.product_id for one in open_lines}
    assert "INTERETBCA" not in states
