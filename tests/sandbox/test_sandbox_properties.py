"""What holds whatever is done: the book under any sequence of moves, the SOAP half under any bytes, many threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.events import DriftSeen, Event
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.exchange import Incoming
from cdiscount_marketplace.sandbox.faults import Effects
from cdiscount_marketplace.sandbox.orders import ZERO, Tracking
from cdiscount_marketplace.sandbox.quota import Quota
from cdiscount_marketplace.sandbox.rules import Refused
from cdiscount_marketplace.sandbox.soap.endpoint import SoapEndpoint
from cdiscount_marketplace.sandbox.states import FINAL, State
from cdiscount_marketplace.soap.orders.enums import OrderState
from cdiscount_marketplace.soap.orders.models import OrderFilter
from support.envelopes import ACTION, ALL_LINES, Hand, envelope, order_filter, shipment, states
from support.soap_calls import CALLS

TRACKING = Tracking(carrier="DPD", number="1")


class Market(RuleBasedStateMachine):
    """Customers, sellers and time do anything, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = Sandbox()
        self.ended: dict[str, State] = {}

    @rule(lines=st.integers(1, 3), fee=st.booleans(), fails=st.booleans())
    def place(self, lines: int, fee: bool, fails: bool) -> None:
        self.sandbox.place(lines=lines, fee=fee, debit_fails=fails)

    @rule(
        verb=st.sampled_from(["accept", "refuse", "ship", "refuse_shipment", "cancel", "pay"]),
        which=st.integers(0, 20),
        row=st.none() | st.integers(0, 2),
    )
    def act(self, verb: str, which: int, row: int | None) -> None:
        orders = self.sandbox.orders()
        if not orders:
            return
        number, book, rows = orders[which % len(orders)].number, self.sandbox.book, [] if row is None else [row]
        acts = {
            "accept": lambda: book.accept(number, refused=rows),
            "refuse": lambda: book.refuse(number),
            "ship": lambda: book.ship(number, TRACKING, unshipped=rows),
            "refuse_shipment": lambda: book.refuse_shipment(number),
            "cancel": lambda: book.cancel_as_customer(number, rows or None),
            "pay": lambda: book.pay(number),
        }
        before = book.get(number)
        try:
            acts[verb]()
        except Refused:
            assert book.get(number) == before

    @rule(minutes=st.sampled_from([1, 3, 25, 60 * 49]))
    def advance(self, minutes: int) -> None:
        self.sandbox.advance(timedelta(minutes=minutes))

    @invariant()
    def every_order_is_sound(self) -> None:
        for order in self.sandbox.orders():
            assert ZERO <= order.shipped.total <= order.validated.total <= order.promised.total
            assert len(self.sandbox.shipped(order.number)) == (order.state == State.SHIPPED)
            assert order.history[-1].at <= self.sandbox.clock.now()
            assert [event.at for event in order.history] == sorted(event.at for event in order.history)
            assert order.created_at <= order.modified_at <= order.updated_at == order.history[-1].at

    @invariant()
    def what_is_over_stays_over(self) -> None:
        for order in self.sandbox.orders():
            if order.number in self.ended:
                assert order.state == self.ended[order.number]
            if order.state in FINAL:
                self.ended[order.number] = order.state

    @invariant()
    def the_index_knows_every_order_at_its_state(self) -> None:
        orders = self.sandbox.orders()
        assert len(orders) == len(self.sandbox.book)
        for state in {order.state for order in orders}:
            found = self.sandbox.orders(state)
            assert list(found) == [order for order in orders if order.state == state]


Market.TestCase.settings = settings(max_examples=25, stateful_step_count=25)
TestMarket = Market.TestCase


SANDBOX = Sandbox()
CALLER = Hand(SANDBOX)
CALLER.login()
WHOLE = envelope("GetOrderList", CALLER.token, order_filter(ALL_LINES + states("Shipped")))


@settings(max_examples=100)
@given(
    at=st.integers(0, len(WHOLE)),
    cut=st.integers(0, 60),
    put=st.binary(max_size=12) | st.sampled_from([b"<", b">", b"/", b"&lt;", b"<a>", b"</s:Body>", b'i:nil="true"']),
    action=st.sampled_from(["", ACTION + "GetOrderList", ACTION + "ValidateOrderList", "?"]),
)
def test_any_bytes_get_an_answer(at: int, cut: int, put: bytes, action: str) -> None:
    endpoint = SoapEndpoint(market=SANDBOX.market, tokens=SANDBOX.tokens, quota=Quota())
    body = WHOLE[:at] + put + WHOLE[at + cut :]
    request = Incoming(method="POST", path="/", headers={"soapaction": action}, body=body)
    assert endpoint.name(request)
    assert endpoint.answer(request, Effects()).status in (200, 400, 500)


def test_one_of_many_threads_ships_an_order() -> None:
    sandbox = Sandbox()
    orders = [sandbox.place(state="WaitingForShipmentAcceptation") for _ in range(10)]
    calls = [(order.number, order.lines[0].reference or "") for order in orders] * 4

    def ship(number: str, reference: str) -> None:
        Hand(sandbox).validate(shipment(number, reference))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda call: ship(*call), calls))
    assert [len(sandbox.shipped(order.number)) for order in orders] == [1] * 10
    assert len(sandbox.calls("ValidateOrderList")) == 40


def test_our_own_client_understands_every_answer_without_a_doubt() -> None:
    events: list[Event] = []
    sandbox = Sandbox()
    sandbox.fill(200)
    with sandbox.client(hooks=[events.append]) as client:
        begin = sandbox.clock.now() - timedelta(days=20)
        orders = client.orders.list(OrderFilter(states=OrderState.values(), created_from=begin))
        client.sellers.information()
        client.sellers.indicators()
        client.carriers()
    assert len(orders) == 200
    assert [event for event in events if isinstance(event, DriftSeen)] == []


def test_our_own_client_understands_the_answer_of_every_operation() -> None:
    events: list[Event] = []
    sandbox = Sandbox()
    with sandbox.client(hooks=[events.append]) as client:
        for call in CALLS.values():
            # Some ask for what this shop has not got.
            with suppress(CdiscountError):
                call(client)
    assert {call.operation for call in sandbox.calls()} >= CALLS.keys()
    assert [event for event in events if isinstance(event, DriftSeen)] == []
