"""GetOrderList: what a filter finds, in which order, and what an order shows at each state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdiscount_marketplace.sandbox.book import OrderBook, Selection
from cdiscount_marketplace.sandbox.clock import VirtualClock
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.generator import Generator, OrderSpec
from cdiscount_marketplace.sandbox.index import Span
from cdiscount_marketplace.sandbox.settings import MaskedShape, ResultOrder, Settings, Stamp, SuccessMessage
from cdiscount_marketplace.sandbox.soap.listing import Bounds
from support.envelopes import ALL_LINES, Hand, find_all, local, order_filter, parse, skeleton, states, text

PARIS = ZoneInfo("Europe/Paris")
WAITING = states("WaitingForSellerAcceptation")
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def date(name: str, moment: datetime) -> str:
    return f"<{name}>{moment.astimezone(PARIS).replace(tzinfo=None).isoformat()}</{name}>"


def test_states_choose_and_no_states_mean_all() -> None:
    hand = Hand(Sandbox())
    shipped = hand.sandbox.place(state="Shipped").number
    hand.sandbox.advance(timedelta(seconds=1))
    waiting = hand.sandbox.place().number
    assert hand.numbers(states("Shipped")) == [shipped]
    assert hand.numbers(states("Shipped", "WaitingForSellerAcceptation", "PickedUp")) == [waiting, shipped]
    assert hand.numbers("") == [waiting, shipped]


@pytest.mark.parametrize("kind", ["Creation", "Modification"])
@pytest.mark.parametrize(
    ("begin", "end", "found"), [(-1, 1, True), (0, 0, True), (1, 2, False), (-2, -1, False), (-1, None, True)]
)
def test_bounds_include_their_ends(kind: str, begin: int, end: int | None, found: bool) -> None:
    hand = Hand(Sandbox())
    order = hand.sandbox.place()
    bounds = date(f"Begin{kind}Date", order.created_at + timedelta(seconds=begin))
    if end is not None:
        bounds += date(f"End{kind}Date", order.created_at + timedelta(seconds=end))
    assert (hand.numbers(bounds + WAITING) == [order.number]) is found


def test_dates_without_states_are_ignored() -> None:
    hand = Hand(Sandbox())
    order = hand.sandbox.place()
    never = date("BeginCreationDate", order.created_at + timedelta(days=1))
    assert hand.numbers(never) == [order.number]
    hand.sandbox.settings = Settings(dates_need_states=False)
    assert hand.numbers(never) == []


def test_without_a_beginning_only_the_last_month_is_read() -> None:
    hand = Hand(Sandbox())
    old = hand.sandbox.place(state="Shipped", created_at=hand.sandbox.clock.now() - timedelta(days=31))
    end = date("EndCreationDate", hand.sandbox.clock.now())
    assert hand.numbers(end + states("Shipped")) == []
    begin = date("BeginCreationDate", old.created_at)
    assert hand.numbers(begin + states("Shipped")) == [old.number]
    assert hand.numbers(date("BeginModificationDate", old.created_at) + states("Shipped")) == [old.number]


def test_numbers_exclude_all_other_criteria_and_unknown_ones_are_left_out() -> None:
    hand = Hand(Sandbox())
    old = hand.sandbox.place(state="Shipped", created_at=hand.sandbox.clock.now() - timedelta(days=300)).number
    listed = references(old, "unknown")
    assert hand.numbers(listed + states("PickedUp")) == [old]


@pytest.mark.parametrize(
    ("criterion", "found"),
    [
        ("<CorporationCode>CDSB2C</CorporationCode>", True),
        ("<CorporationCode>CASIFR</CorporationCode>", False),
        ("<Country>France</Country>", True),
        ("<Country>Spain</Country>", False),
        ("<OrderType>None</OrderType>", True),
        ("<OrderType>MKPFBC</OrderType>", False),
        ("<PartnerOrderRef>A-1; B-2</PartnerOrderRef>", True),
        ("<PartnerOrderRef>C-3</PartnerOrderRef>", False),
    ],
)
def test_other_criteria_narrow(criterion: str, found: bool) -> None:
    hand = Hand(Sandbox())
    hand.sandbox.place(partner_reference="B-2")
    assert len(hand.numbers(criterion)) == found


def test_newest_come_first_unless_a_switch_turns_them() -> None:
    hand = Hand(Sandbox())
    placed = [order.number for order in hand.sandbox.fill(5)]
    assert hand.numbers() == placed[::-1]
    hand.sandbox.settings = Settings(result_order=ResultOrder.OLDEST_FIRST)
    assert hand.numbers() == placed


def test_lines_and_parcels_come_only_when_asked_for() -> None:
    hand = Hand(Sandbox())
    hand.sandbox.place(state="Shipped")
    bare = hand.list("")[0]
    assert next(find_all(bare, "OrderLineList"))[:] == []
    full = hand.list("<FetchOrderLines>true</FetchOrderLines><FetchParcels>true</FetchParcels>")[0]
    assert text(full, "ExternalCarrierName") == "Colissimo"
    assert text(full, "CustomerNum") == "6A00000000001"


def test_the_modification_filter_reads_the_stamp_that_a_switch_names() -> None:
    hand = Hand(Sandbox())
    number = hand.sandbox.place().number
    hand.sandbox.book.accept(number)
    hand.sandbox.advance(timedelta(hours=1))
    order = hand.sandbox.order(number)
    assert order.modified_at < order.updated_at
    since = date("BeginModificationDate", order.updated_at) + states("WaitingForShipmentAcceptation")
    assert hand.numbers(since) == [number]
    hand.sandbox.settings = Settings(modification_stamp=Stamp.MODIFIED)
    assert hand.numbers(since) == []


@pytest.mark.parametrize(
    ("state", "visible"),
    [
        ("WaitingForSellerAcceptation", False),
        ("AcceptedBySeller", False),
        ("PaymentInProgress", False),
        ("WaitingForShipmentAcceptation", True),
        ("Shipped", True),
        ("ShipmentRefusedBySeller", True),
        ("RefusedBySeller", False),
        ("CancelledByCustomer", False),
    ],
)
def test_addresses_are_withheld_until_payment_and_again_after_cancellation(state: str, visible: bool) -> None:
    hand = Hand(Sandbox())
    hand.sandbox.place(state=state)
    order = hand.list()[0]
    for name in ("BillingAddress", "ShippingAddress"):
        address = {local(child): child for child in next(find_all(order, name))}
        assert len(address) == 16
        assert address["City"].text
        assert address["County"].text == "N/A"
        assert (address["Street"].get(NIL) is None) is visible
        assert (address["LastName"].get(NIL) is None) is visible
    line = next(find_all(order, "OrderLine"))
    for name in ("ShippingDateMin", "ShippingDateMax"):
        assert (text(line, name) != "0001-01-01T00:00:00") is visible


def test_stamps_are_as_fine_as_the_services_database_and_found_by_what_is_shown() -> None:
    hand = Hand(Sandbox())
    for microseconds in range(0, 20_000, 1_234):
        hand.sandbox.advance(timedelta(microseconds=microseconds))
        number = hand.sandbox.place().number
        hand.sandbox.advance(timedelta(microseconds=4_321))
        hand.sandbox.book.accept(number)
        shown = hand.list(f"<FetchOrderLines>true</FetchOrderLines>{references(number)}")[0]
        for name in ("CreationDate", "LastUpdatedDate", "ModifiedDate"):
            fraction = text(shown, name).partition(".")[2].ljust(3, "0")
            assert len(fraction) == 3
            assert fraction[2] in "037"
        stamp = text(shown, "LastUpdatedDate")
        bounds = f"<BeginModificationDate>{stamp}</BeginModificationDate>"
        ends = f"<EndModificationDate>{stamp}</EndModificationDate>"
        assert number in hand.numbers(f"{bounds}{ends}{states('AcceptedBySeller')}")


def references(*numbers: str) -> str:
    arrays = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"
    items = "".join(f"<b:string>{number}</b:string>" for number in numbers)
    return f'<OrderReferenceList xmlns:b="{arrays}">{items}</OrderReferenceList>'


def test_a_switch_withholds_addresses_whole() -> None:
    hand = Hand(Sandbox(settings=Settings(masked_shape=MaskedShape.NIL)))
    hand.sandbox.place()
    assert next(find_all(hand.list()[0], "BillingAddress")).get(NIL) == "true"


def test_a_pick_up_point_lends_its_name_to_the_address() -> None:
    hand = Hand(Sandbox())
    placed = hand.sandbox.place(state="WaitingForShipmentAcceptation", relay=True)
    order = hand.list()[0]
    address = next(find_all(order, "ShippingAddress"))
    assert text(address, "RelayId") == placed.shipping.relay_id
    assert text(address, "FirstName") == placed.shipping.relay_name
    assert text(order, "ShippingFirstName") == placed.customer.first_name


def test_amounts_move_from_promised_to_validated_to_shipped() -> None:
    hand = Hand(Sandbox())
    order = hand.sandbox.place(references=["A"], quantity=1)

    def shown() -> list[bool]:
        names = ("InitialTotalAmount", "ValidatedTotalAmount", "ShippedTotalAmount")
        return [text(hand.list()[0], name) == str(order.promised.total) for name in names]

    assert shown() == [True, False, False]
    hand.sandbox.book.accept(order.number)
    assert shown() == [True, True, False]
    hand.sandbox.advance(timedelta(hours=1))
    hand.sandbox.book.ship(order.number, order.tracking)
    assert shown() == [True, True, True]


def test_odd_orders_look_odd() -> None:
    hand = Hand(Sandbox())
    hand.sandbox.place(fee=True, lines=1)
    fee = list(find_all(hand.list()[0], "OrderLine"))[-1]
    assert text(fee, "ProductId") in ("INTERETBCA", "FRAISTRAITEMENT")
    assert next(find_all(fee, "SellerProductId")).get(NIL) == "true"
    hand = Hand(Sandbox())
    hand.sandbox.place(dummy=True)
    order = hand.list()[0]
    assert text(order, "LastName") == "SUPPORT" or text(next(find_all(order, "Customer")), "LastName") == "SUPPORT"
    assert (text(order, "IsCLogistiqueOrder"), text(order, "ModGesLog")) == ("true", "MKPFBC")


def test_times_are_naive_and_local_to_the_zone_of_the_switch() -> None:
    moment = datetime(2026, 7, 1, 22, 30, 0, 120_000, tzinfo=UTC)
    for zone, written in (("Europe/Paris", "2026-07-02T00:30:00.12"), ("UTC", "2026-07-01T22:30:00.12")):
        hand = Hand(Sandbox(settings=Settings(zone=zone), clock=VirtualClock(moment)))
        hand.sandbox.place()
        order = hand.list()[0]
        assert text(order, "CreationDate") == written
        assert text(order, "OrderLineList") or text(next(find_all(order, "OrderLine")), "ShippingDateMin").startswith(
            "0001"
        )


@pytest.mark.parametrize("shape", SuccessMessage)
def test_a_message_that_says_nothing_is_empty_or_nil(shape: SuccessMessage) -> None:
    hand = Hand(Sandbox(settings=Settings(success_message=shape)))
    message = next(find_all(parse(hand.call("GetOrderList", order_filter(""))), "ErrorMessage"))
    assert (message.get(NIL), message.text) == (("true", None) if shape is SuccessMessage.NIL else (None, None))


def test_later_elements_come_when_a_switch_says_so() -> None:
    hand = Hand(Sandbox(settings=Settings(later_elements=True)))
    hand.sandbox.place(business=True)
    assert text(hand.list()[0], "BusinessOrder") == "true"
    hand.sandbox.settings = Settings()
    assert list(find_all(hand.list()[0], "BusinessOrder")) == []


def test_text_that_no_xml_can_carry_does_not_break_the_answer() -> None:
    hand = Hand(Sandbox())
    hand.sandbox.place(references=["A\x00<&>\ud800é"])
    assert text(hand.list()[0], "SellerProductId") == "A\ufffd<&>\ufffdé"


def test_orders_at_one_state_have_one_structure() -> None:
    hand = Hand(Sandbox())
    for _ in range(5):
        hand.sandbox.place(state="Shipped", lines=1)
    assert len({skeleton(next(find_all(order, "Customer"))) for order in hand.list(ALL_LINES)}) == 1


minutes = st.integers(min_value=-6 * 60, max_value=6 * 60)
AUTUMN = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
SPRING = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@settings(max_examples=80)
@given(change=st.sampled_from([AUTUMN, SPRING]), at=minutes, begin=minutes, end=minutes)
def test_the_index_never_hides_an_order_whose_written_time_lies_between_the_bounds(
    change: datetime, at: int, begin: int, end: int
) -> None:
    written = (change - timedelta(hours=6)).astimezone(PARIS).replace(tzinfo=None)
    bounds = Bounds(begin=written + timedelta(hours=6, minutes=begin), end=written + timedelta(hours=6, minutes=end))
    moment = change + timedelta(minutes=at)
    if bounds.hold(moment, PARIS):
        assert bounds.span(PARIS).holds(moment)


days = st.integers(min_value=0, max_value=40)


@settings(max_examples=60)
@given(
    placed=st.lists(st.tuples(days, st.sampled_from(["Shipped", "PickedUp", "CancelledByCustomer"])), max_size=12),
    window=st.tuples(days, days),
    chosen=st.sets(st.sampled_from(["Shipped", "PickedUp"])),
)
def test_the_index_finds_what_a_look_at_every_order_finds(
    placed: list[tuple[int, str]], window: tuple[int, int], chosen: set[str]
) -> None:
    clock = VirtualClock()
    book, generator = OrderBook(clock, Settings()), Generator(1, PARIS)
    for day, state in placed:
        order = generator.order(OrderSpec(created_at=clock.now() + timedelta(days=day)), clock.now())
        book.place(order)
        book.force(order.number, state)
    span = Span(begin=clock.now() + timedelta(days=window[0]), end=clock.now() + timedelta(days=window[1]))
    found = book.select(Selection(states=chosen, created=span))
    everything = book.select(Selection())
    assert found == [order for order in everything if order.state in chosen and span.holds(order.created_at)]
