"""What an order of the SOAP service means to the OMS side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from cdiscount_marketplace.channels.soap.orders import line_ids, sales_order
from cdiscount_marketplace.channels.soap.states import line_status, order_states, order_status
from cdiscount_marketplace.models import Fulfiller, LineStatus, OrderStatus
from cdiscount_marketplace.soap import (
    AcceptationState,
    Address,
    Civility,
    Customer,
    Order,
    OrderState,
    Parcel,
    ParcelItem,
)
from support.wire_orders import NUMBER, line, order

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MASKED = Address(city="LYON", zip_code="69001", county="N/A", civility=Civility.MR)


def test_every_documented_state_is_found_by_the_status_it_means() -> None:
    found = [state for status in OrderStatus.values() for state in order_states([status])]
    assert sorted(found) == sorted(OrderState.values())
    assert len(found) == 34


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("WaitingForSellerAcceptation", "waiting_acceptance"),
        ("AcceptedBySeller", "accepted"),
        ("PaymentInProgress", "accepted"),
        ("WaitingForShipmentAcceptation", "waiting_shipment"),
        ("AvailableOnStore", "ready_for_pickup"),
        ("Shipped", "shipped"),
        ("PickedUp", "delivered"),
        ("RefusedBySeller", "refused"),
        ("ShipmentRefusedBySeller", "shipment_refused"),
        ("CancelledByCustomer", "cancelled"),
        ("PaymentRefused", "cancelled"),
        ("None", "processing"),
        ("BlockedFraudSuspicion", "other"),
        ("Filled", "other"),
        ("", "other"),
    ],
)
def test_status_of_an_order(state: str, status: str) -> None:
    told = sales_order(order(line(), state=state))
    assert (told.status, told.channel_status) == (status, state)


def test_unknown_states_and_line_states_are_never_asked_for() -> None:
    asked = order_states(OrderStatus.values())
    assert all(state.known for state in asked)
    assert "ShippedBySeller" not in asked
    assert order_states([OrderStatus("martian")]) == ()


def test_missing_state_is_other() -> None:
    assert order_status(None) == OrderStatus.OTHER
    assert sales_order(Order(order_number=NUMBER)).channel_status is None


def test_every_line_state_but_none_says_something() -> None:
    told = {str(state): line_status(state) for state in AcceptationState.values()}
    assert [state for state, status in told.items() if status == LineStatus.UNKNOWN] == ["None"]


def test_line_total_is_authoritative_and_unit_price_is_rounded() -> None:
    told = sales_order(order(line(purchase_price=Decimal("10.00"), quantity=3))).lines[0]
    assert (told.line_total, told.unit_price) == (Decimal("10.00"), Decimal("3.33"))


def test_refunded_line_without_pieces_has_no_unit_price() -> None:
    told = sales_order(order(line(quantity=0))).lines[0]
    assert (told.line_total, told.unit_price, told.shipping) == (Decimal(10), None, None)


def test_shipping_of_a_line_is_the_first_piece_and_each_further_one() -> None:
    charges = {"unit_shipping_charges": Decimal("4.90"), "unit_additional_shipping_charges": Decimal("1.10")}
    assert sales_order(order(line(quantity=3, **charges))).lines[0].shipping == Decimal("7.10")


@pytest.mark.parametrize("validated", [None, Decimal(0)])
def test_amounts_before_acceptance_are_the_initial_ones(validated: Decimal | None) -> None:
    told = sales_order(
        order(
            line("A"),
            line("B"),
            line("INTERETBCA", purchase_price=Decimal("1.50")),
            initial_total_amount=Decimal("26.40"),
            initial_total_shipping_charges_amount=Decimal("4.90"),
            validated_total_amount=validated,
            site_commission_promised_amount=Decimal("3.10"),
        )
    )
    assert (told.total, told.shipping_total, told.commission) == (Decimal("26.40"), Decimal("4.90"), Decimal("3.10"))
    assert told.unexplained == 0
    assert [(fee.code, fee.amount) for fee in told.fees] == [("INTERETBCA", Decimal("1.50"))]
    assert [one.line_id for one in told.lines] == ["A", "B"]


def test_amounts_after_acceptance_leave_refused_lines_out() -> None:
    told = sales_order(
        order(
            line("A"),
            line("B", "RefusedBySeller"),
            initial_total_amount=Decimal(20),
            validated_total_amount=Decimal(12),
            validated_total_shipping_charges=Decimal(2),
            site_commission_validated_amount=Decimal(1),
        )
    )
    assert (told.total, told.shipping_total, told.commission, told.unexplained) == (12, 2, 1, 0)


def test_what_does_not_add_up_is_told() -> None:
    assert sales_order(order(line(), initial_total_amount=Decimal("13.37"))).unexplained == Decimal("3.37")
    assert sales_order(order(line())).unexplained is None


def test_currency_is_euro_unless_told() -> None:
    assert sales_order(order()).currency == "EUR"
    assert sales_order(order(currency_code="COP")).currency == "COP"


def test_deadline_is_the_earliest_of_the_lines() -> None:
    read = order(
        line(shipping_date_max=NOW + timedelta(days=2)),
        line(shipping_date_max=NOW + timedelta(days=1)),
        line(shipping_date_max=None),
        shipping_date_max=NOW + timedelta(days=9),
    )
    assert sales_order(read).ship_by == NOW + timedelta(days=1)
    assert sales_order(order(line(), shipping_date_max=NOW)).ship_by is None


def test_last_update_is_the_modification_and_the_obsolete_stamp_its_stand_in() -> None:
    read = order(modified_date=NOW, last_updated_date=NOW + timedelta(hours=1))
    assert sales_order(read).modified_at == NOW + timedelta(hours=1)
    assert sales_order(evolve(read, last_updated_date=None)).modified_at == NOW


def test_masked_address_shows_as_masked() -> None:
    told = sales_order(order(shipping_address=MASKED, billing_address=MASKED))
    assert told.shipping_address is not None
    assert told.shipping_address.masked
    assert (told.shipping_address.city, told.shipping_address.region) == ("LYON", None)
    assert sales_order(order()).shipping_address is None


def test_street_lines_go_from_the_door_outwards() -> None:
    given = Address(apartment_number="Apt 3", building="B", street="1 rue X", place_name="Le Bourg", company_name="")
    told = sales_order(order(billing_address=given)).billing_address
    assert told is not None
    assert (told.lines, told.company) == (("Apt 3", "B", "1 rue X", "Le Bourg"), None)


def test_pick_up_point_has_its_own_name_and_the_person_keeps_theirs() -> None:
    read = order(
        shipping_address=Address(relay_id="R1", first_name="TABAC DU PORT", last_name="", street="1 quai Y"),
        customer=Customer(first_name="Ann", last_name="B", shipping_first_name="Cleo", shipping_last_name="D"),
    )
    told = sales_order(read).shipping_address
    assert told is not None
    assert (told.relay_id, told.relay_name) == ("R1", "TABAC DU PORT")
    assert (told.first_name, told.last_name) == ("Cleo", "D")


def test_customer_is_written_to_through_the_relay_address() -> None:
    buyer = Customer(customer_id="7", encrypted_email="c.1@x.example", phone="", civility=Civility.NONE)
    told = sales_order(order(customer=buyer)).customer
    assert told is not None
    assert (told.reference, told.email, told.phone, told.civility) == ("7", "c.1@x.example", None, None)


@pytest.mark.parametrize("buyer", [None, Customer(), Customer(first_name="", civility=Civility.NONE)])
def test_customer_of_whom_nothing_is_told_is_none(buyer: Customer | None) -> None:
    assert sales_order(order(customer=buyer)).customer is None


@pytest.mark.parametrize(
    ("members", "fulfiller"),
    [
        ({}, Fulfiller.SELLER),
        ({"mod_ges_log": None, "is_clogistique_order": None}, Fulfiller.SELLER),
        ({"is_clogistique_order": True}, Fulfiller.MARKETPLACE),
        ({"mod_ges_log": "MKPFBC"}, Fulfiller.MARKETPLACE),
    ],
)
def test_who_fulfils(members: dict[str, object], fulfiller: Fulfiller) -> None:
    assert sales_order(order(**members)).fulfilled_by == fulfiller


def support_order(**members: object) -> Order:
    return order(
        line(quantity=3, purchase_price=Decimal(3)),
        customer=Customer(first_name="C Logistique", last_name="SUPPORT"),
        **members,
    )


def test_orders_that_the_warehouses_enter_for_themselves_are_dummies() -> None:
    assert sales_order(support_order()).dummy
    priced = evolve(support_order(), order_lines=(line(quantity=3),))
    assert not sales_order(priced).dummy
    assert not sales_order(evolve(support_order(), customer=Customer(last_name="SUPPORT"))).dummy
    assert not sales_order(evolve(support_order(), order_lines=())).dummy


def test_lines_of_one_reference_can_be_told_apart() -> None:
    read = order(line("A", product_id="1"), line("A", product_id="2"), line("A#2"), line(None, product_id="P"))
    assert line_ids(read) == ("A", "A#2", "A#2#2", "P")


@given(st.lists(st.sampled_from(["A", "A#2", "A#3", "B", "INTERETBCA"]), max_size=6))
def test_line_ids_are_unique(references: list[str]) -> None:
    ids = line_ids(order(*map(line, references)))
    assert len(set(ids)) == len(ids)


def test_line_that_cannot_be_named_has_no_id() -> None:
    assert line_ids(order(line(None, product_id=None))) == (None,)


def test_order_without_number_is_known_by_its_content() -> None:
    read = order(line("A"), line("B"), order_number=None, creation_date=NOW, initial_total_amount=Decimal(20))
    (identity,) = sales_order(read).identities
    assert identity.startswith("digest:")
    later = evolve(
        read,
        order_state=OrderState.SHIPPED,
        customer=Customer(last_name="B"),
        order_lines=read.order_lines[::-1],
        validated_total_amount=Decimal(20),
    )
    assert sales_order(later).identities == (identity,)
    assert sales_order(evolve(read, creation_date=NOW + timedelta(seconds=1))).identities != (identity,)


@pytest.mark.parametrize("number", [None, "", " "])
def test_a_number_that_says_nothing_makes_no_two_orders_one(number: str | None) -> None:
    first, second = (order(order_number=number, initial_total_amount=Decimal(total)) for total in (10, 20))
    assert sales_order(first).identities != sales_order(second).identities
    assert sales_order(first).number.startswith("digest:")


def test_empty_order_translates() -> None:
    told = sales_order(Order())
    assert told.number.startswith("digest:")
    assert (told.lines, told.total, told.customer) == ((), None, None)


def test_parcel_belongs_to_the_lines_that_it_holds() -> None:
    read = order(
        line("A", sku="S1"),
        line("B", sku="S2"),
        parcels=(
            Parcel(customer_num="P1", external_carrier_name="UPS", parcel_items=(ParcelItem(sku="S1"),)),
            Parcel(customer_num="P2"),
            Parcel(customer_num="P3", is_customer_return=True),
        ),
    )
    first, second = sales_order(read).lines
    assert [parcel.tracking_number for parcel in first.parcels] == ["P1", "P2"]
    assert [parcel.tracking_number for parcel in second.parcels] == ["P2"]


def test_source_is_the_order_itself_and_stays_out_of_repr() -> None:
    read = order(line(), customer=Customer(last_name="Sentinel"))
    assert sales_order(read).source is read
    assert "Sentinel" not in repr(sales_order(read))
