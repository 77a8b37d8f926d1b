"""What sellers ask for: checked at once, applied to the book a moment later, as the service does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

from attrs import frozen

from cdiscount_marketplace.octopia.bodies import is_array, is_object
from cdiscount_marketplace.sandbox import rules
from cdiscount_marketplace.sandbox.book import OrderBook
from cdiscount_marketplace.sandbox.carriers import tracking_problem
from cdiscount_marketplace.sandbox.effects import KeepStamps, RejectOrder
from cdiscount_marketplace.sandbox.faults import Effects
from cdiscount_marketplace.sandbox.octopia.errors import Problem
from cdiscount_marketplace.sandbox.octopia.responses import line_id
from cdiscount_marketplace.sandbox.octopia.statuses import order_status
from cdiscount_marketplace.sandbox.orders import ZERO, Line, Order, Refund, Tracking
from cdiscount_marketplace.sandbox.requests import MoneyRequest
from cdiscount_marketplace.sandbox.rules import Reason, Refused, Wish
from cdiscount_marketplace.sandbox.settings import Settings
from cdiscount_marketplace.sandbox.states import ACCEPT, REFUSE, LineState, State

REASONS = ("seller-out-of-stock", "seller-damaged", "customer-changed-mind")
GESTURE_REASONS = ("MissingProduct", "LateDelivery", "DamagedProduct", "Other")
_CONFLICTS = (Reason.FORBIDDEN_STATE, Reason.LINE_STATE, Reason.LINE_CANCELLED)


@frozen(kw_only=True)
class Writing:
    """A write about one order, and the effects that act inside it."""

    book: OrderBook
    order: Order
    effects: Effects

    def decide(self, body: Any) -> None:
        """Accept or refuse the whole order."""
        status = object_of(body).get("approval_status")
        move = {"Accepted": ACCEPT, "Refused": REFUSE}.get(status) if isinstance(status, str) else None
        if move is None:
            raise Problem.of_member("approval_status", "The value must be Accepted or Refused.")
        self._take(rules.take_everything(self.order, move))

    def ship(self, body: Any) -> None:
        """Declare the order's one parcel: an array of it, or as the documentation prints it, a lone object."""
        parcels = body if is_array(body) else [body]
        if len(parcels) != 1:
            raise Problem(422, "Cdiscount takes one parcel per order.")
        parcel = object_of(parcels[0])
        tracking = Tracking(
            carrier=_text(parcel, "carrierName"),
            number=_text(parcel, "parcelNumber"),
            url=_text(parcel, "trackingUrl", required=False),
        )
        problem = tracking_problem(tracking, strict=False)
        if problem:
            raise Problem.of_member("[0]", problem)
        rows = {line.row for line in self._lines_in(parcel)}
        self._take(Wish(target=State.SHIPPED, lines=dict.fromkeys(rows, LineState.SHIPPED), tracking=tracking))

    def cancel(self, body: Mapping[str, Any], lines: Sequence[Line] | None = None) -> MoneyRequest:
        """Cancel what is to be shipped, or refund what has been; returns the request as it stands in the list."""
        if order_status(self.order.state) == "Shipped":
            chosen = [line for line in lines or self.order.goods if line.state == LineState.SHIPPED]
            request = self._listed(body, lines)
            self._give_back(request, lambda: self.book.refund(self.order.number, _refunds(self.book, chosen, body)))
            return request
        if lines is not None and len(lines) < len([line for line in self.order.goods if not line.closed]):
            raise Problem(409, "Lines of an order that is not shipped can only be cancelled together.")
        if self.order.state not in (State.WAITING_ACCEPTANCE, State.WAITING_SHIPMENT):
            raise Problem(409, f"The order is {order_status(self.order.state)}.")
        request = self._listed(body, lines)
        self._give_back(request, self._withdraw)
        return request

    def give(self, body: Mapping[str, Any]) -> MoneyRequest:
        """Give a part of the money back; returns the request as it stands in the list."""
        amount, most = body.get("amount"), allowable(self.order)
        if not isinstance(amount, (int, Decimal)) or isinstance(amount, bool) or not 0 < amount <= most:
            raise Problem.of_member("amount", f"The amount must be between 0 and {most}.", status=422)
        if body.get("reason") not in GESTURE_REASONS:
            raise Problem.of_member("reason", "The reason is not valid.")
        if body.get("reason") == "Other" and not body.get("reasonDetails"):
            raise Problem.of_member("reasonDetails", "The details are needed.")
        gesture = Refund(at=self.book.now(), amount=Decimal(amount), motive=str(body["reason"]))
        request = self.book.requests.add(self.order.number, gesture.motive, self.book.now(), amount=gesture.amount)
        self._give_back(request, lambda: self.book.refund(self.order.number, [gesture]))
        return request

    def lines(self, ids: Sequence[object]) -> list[Line]:
        """Return the lines with these numbers; raises `Problem` for one that is not the order's."""
        known = {line_id(self.order, line): line for line in self.order.goods}
        if any(not isinstance(one, str) or one not in known for one in ids):
            raise Problem.of_member("orderLineIds", "A line is not one of the order's.", status=422)
        return [known[str(one)] for one in ids]

    def _lines_in(self, parcel: Mapping[str, Any]) -> list[Line]:
        ids = parcel.get("orderLineIds")
        if ids is None or ids == []:
            return [line for line in self.order.goods if not line.closed]
        if not is_array(ids):
            raise Problem.of_member("[0].orderLineIds", "The value must be a list.")
        return self.lines(ids)

    def _take(self, wish: Wish) -> None:
        """Check a wish by the present state, and grant it later, if the rules still allow it then."""
        rejected = self.effects.find(RejectOrder)
        if rejected and rejected.number in (None, self.order.number):
            raise Problem(422, rejected.message)
        try:
            rules.check(self.order, wish, self.book.settings)
        except Refused as refused:
            raise _problem_of(refused, self.order, wish) from refused
        self._later(lambda settings: self.book.apply(self.order.number, wish, settings=settings))

    def _listed(self, body: Mapping[str, Any], lines: Sequence[Line] | None) -> MoneyRequest:
        return self.book.requests.add(
            self.order.number,
            str(body.get("reason")),
            self.book.now(),
            lines=None if lines is None else tuple(line.row for line in lines),
            shipping=body.get("shippingCostRefund") is True,
        )

    def _give_back(self, request: MoneyRequest, change: Callable[[], object]) -> None:
        """Apply a request later; one that the order does not allow any more is turned down."""

        def apply(_settings: Settings) -> None:
            before = self.book.get(self.order.number).version
            with suppress(Refused):
                change()
            after = self.book.get(self.order.number).version
            self.book.requests.close(request, self.book.now(), applied=after != before)

        self._later(apply)

    def _withdraw(self) -> object:
        number = self.order.number
        waits = self.book.get(number).state == State.WAITING_ACCEPTANCE
        return self.book.refuse(number) if waits else self.book.refuse_shipment(number)

    def _later(self, change: Callable[[Settings], object]) -> None:
        def apply(_at: object) -> None:
            # The order may have moved on since the write was taken: then nothing happens, and nobody hears of it.
            with suppress(Refused):
                change(self._settings())

        self.book.later(self.book.settings.octopia_write_delay, apply)

    def _settings(self) -> Settings:
        settings = self.book.settings
        return settings.quietly() if self.effects.has(KeepStamps) else settings


def allowable(order: Order) -> Decimal:
    """Return how much may still be given back on an order: nothing before it is shipped."""
    refunded = sum((refund.amount for refund in order.refunds), ZERO)
    return max(order.shipped.total - refunded, ZERO)


def read_json(body: bytes) -> Any:
    """Read a request's body; raises `Problem` for what is no JSON."""
    try:
        return json.loads(body, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        raise Problem.of_member("$", "The body is not valid JSON.") from None


def object_of(value: object) -> dict[str, Any]:
    """Return a JSON object; raises `Problem` for anything else."""
    if not is_object(value):
        raise Problem.of_member("$", "The value must be an object.")
    return value


def _text(values: Mapping[str, Any], name: str, *, required: bool = True) -> str | None:
    value = values.get(name)
    if value is None and not required:
        return None
    if not isinstance(value, str) or not value.strip():
        raise Problem.of_member(f"[0].{name}", "The value must be a text that is not empty.")
    return value


def _refunds(book: OrderBook, lines: Sequence[Line], body: Mapping[str, Any]) -> list[Refund]:
    with_shipping = body.get("shippingCostRefund") is True
    return [
        Refund(
            at=book.now(),
            amount=line.price + (line.shipping if with_shipping else ZERO),
            motive=str(body.get("reason")),
            row=line.row,
        )
        for line in lines
    ]


def _problem_of(refused: Refused, order: Order, wish: Wish) -> Problem:
    if refused.reason in _CONFLICTS:
        word = {State.SHIPPED: "shipped", State.ACCEPTED: "accepted"}.get(wish.target, "refused")
        return Problem(409, f"Cannot switch to {word} status: the order is {order_status(order.state)}.")
    return Problem(422, f"The order cannot be changed ({refused.reason}).")
