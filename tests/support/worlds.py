"""What the jobs are driven over, whichever order comes next: a model market, or a sandbox through the real channels."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from attrs import frozen

from cdiscount_marketplace.channels.soap.states import order_status
from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.sandbox import Fault, Sandbox, effects
from cdiscount_marketplace.sandbox.orders import Tracking
from cdiscount_marketplace.sandbox.rules import Refused
from cdiscount_marketplace.sandbox.states import State
from cdiscount_marketplace.soap.orders.enums import OrderState
from support.io_points import CHANNEL, crashing, fused_session
from support.model_channel import DEPARTED, START, ModelChannel, ModelMarket
from support.two_channels import READ_CALLS, WRITE_CALLS, real_channels

S = OrderStatus
MINUTE = timedelta(minutes=1)
MODEL_MOVES = {
    S.WAITING_ACCEPTANCE: (S.ACCEPTED, S.CANCELLED),
    S.ACCEPTED: (S.PROCESSING,),
    S.PROCESSING: (S.WAITING_SHIPMENT, S.CANCELLED),
    S.WAITING_SHIPMENT: (S.SHIPPED, S.CANCELLED, S.SHIPMENT_REFUSED),
    S.SHIPPED: (S.DELIVERED,),
}
PLACED = {
    S.WAITING_ACCEPTANCE: State.WAITING_ACCEPTANCE,
    S.PROCESSING: State.PAYMENT,
    S.WAITING_SHIPMENT: State.WAITING_SHIPMENT,
}
MOVES = {
    State.WAITING_ACCEPTANCE: ("cancel",),
    State.ACCEPTED: ("pay", "refuse_payment"),
    State.PAYMENT: ("pay", "cancel"),
    State.WAITING_SHIPMENT: ("ship", "cancel", "refuse_shipment"),
}
# What the model's faults are on the wire.
READS = {"timeout": effects.LoseAnswer(), "lost": effects.Reset("during"), "quota": effects.QuotaReached()}
WRITES = {
    "lost": effects.HttpStatus(500),
    "lost_after": effects.LoseAnswer(),
    "retryable": effects.HttpStatus(429),
    "quota": effects.QuotaReached(),
}


@frozen
class Fact:
    """What is true of an order; `passed` says that it left the queue, and that its stamp moved when it did."""

    number: str
    status: OrderStatus
    passed: bool
    shipped: int
    decided: int


class ModelWorld:
    """The model market and its channel, of which any call may go wrong."""

    def __init__(self, fuse, *, dates_answers):
        self.market = ModelMarket()
        self.clock, self.start = self.market.clock, START
        self.faults = {"read": [], "write": []}
        raw = ModelChannel(self.market, dates_answers=dates_answers, fault=self._fault)
        self.channel = crashing(raw, CHANNEL, fuse)

    def _fault(self, call):
        waiting = self.faults["read" if call in {"fetch", "get"} else "write"]
        return waiting.pop(0) if waiting else None

    def arm(self, reads, writes):
        """Let the next calls go wrong, one after the other; what is still to come is forgotten."""
        self.faults = {"read": [*reads], "write": [*writes]}

    def place(self, status):
        self.market.place(f"order-{len(self.market.book)}", status)

    def moves(self, number):
        return MODEL_MOVES.get(self.market.book[number].order.status, ())

    def move(self, number, onward, *, stamp):
        self.market.move(number, onward, stamp=stamp)

    def edit(self, number, *, stamp):
        self.market.edit(number, f"title at {self.clock.now()}", stamp=stamp)

    def pass_minute(self):
        self.market.advance(MINUTE)

    def facts(self):
        return [
            Fact(number, kept.order.status, kept.passed_with_stamp, len(kept.shipped), len(kept.decided))
            for number, kept in self.market.book.items()
        ]


class SandboxWorld:
    """A sandbox, and one of the real channels to it; any request may go wrong."""

    def __init__(self, fuse, *, speaks, settings):
        self.sandbox = Sandbox(settings=settings)
        self.clock, self.start = self.sandbox.clock, self.sandbox.clock.now()
        self.channels = real_channels(self.sandbox, session=fused_session(self.sandbox, fuse))
        self.speaks = speaks
        self._left_quietly = set()

    @property
    def channel(self):
        return self.channels[self.speaks]

    def arm(self, reads, writes):
        """Let the next calls go wrong, one after the other; what is still to come is forgotten."""
        self.sandbox.faults.clear()
        # As late as can be: the request is given up after two minutes, and settling begins then.
        late = effects.ApplyLater(self.channel.settle_gap + timedelta(seconds=119))
        self._inject(READ_CALLS, [READS[fault] for fault in reads])
        self._inject(WRITE_CALLS, [{**WRITES, "late": late}[fault] for fault in writes])

    def _inject(self, calls, faults):
        for operation in calls[self.speaks]:
            for turn, effect in enumerate(faults):
                self.sandbox.inject(Fault(effect, on=operation, skip=turn))

    def place(self, status):
        self.sandbox.place(state=PLACED[status], lines=2)

    def moves(self, number):
        return MOVES.get(self.sandbox.order(number).state, ())

    def move(self, number, onward, *, stamp):
        """Let the customer, the seller by hand, or the bank do something."""
        book = self.sandbox.book
        verbs = {
            "cancel": book.cancel_as_customer,
            "pay": book.pay,
            "refuse_payment": book.refuse_payment,
            "refuse_shipment": book.refuse_shipment,
            "ship": lambda number: book.ship(number, Tracking(carrier="Colissimo", number="6A-BY-HAND")),
        }
        self._change(lambda: verbs[onward](number), stamp=stamp)
        if not stamp and self._status(self.sandbox.order(number)) in DEPARTED:
            self._left_quietly.add(number)

    def edit(self, number, *, stamp):
        """Let the customer cancel one line."""
        self._change(lambda: self.sandbox.cancel_as_customer(number, [0]), stamp=stamp)

    def _change(self, change, *, stamp):
        usual = self.sandbox.settings
        # What is due by itself is none of this change.
        self.sandbox.book.catch_up()
        self.sandbox.settings = usual if stamp else usual.quietly()
        with suppress(Refused):
            change()
        self.sandbox.settings = usual

    def pass_minute(self):
        self.sandbox.advance(MINUTE)

    def facts(self):
        return [
            Fact(
                order.number,
                self._status(order),
                self._has_passed(order),
                sum(move.target == State.SHIPPED for move in order.applied),
                sum(move.target in (State.ACCEPTED, State.REFUSED) for move in order.applied),
            )
            for order in self.sandbox.orders()
        ]

    def _has_passed(self, order):
        waited = any(event.state == State.WAITING_SHIPMENT for event in order.history)
        return waited and self._status(order) in DEPARTED and order.number not in self._left_quietly

    @staticmethod
    def _status(order):
        return order_status(OrderState(str(order.state)))
