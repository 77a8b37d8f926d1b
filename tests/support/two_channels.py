"""One shop on a sandbox, sold through either API into any store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import frozen

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.channels import OctopiaChannel, SoapChannel
from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.oms import OrderAcceptor, OrderImporter, RefundPusher, ShipmentPusher
from cdiscount_marketplace.oms.ports import TaskState
from cdiscount_marketplace.refunds import RefundReason, RefundRequest
from cdiscount_marketplace.sandbox import Fault, Sandbox, Settings
from cdiscount_marketplace.sandbox.effects import Effect
from cdiscount_marketplace.sandbox.orders import Order
from support.shop import AcceptAll, parcel

ACCOUNT = "shop"
CHANNELS = ("soap", "octopia")
MINUTE = timedelta(minutes=1)
_OPEN = (TaskState.PENDING, TaskState.SENDING, TaskState.UNKNOWN)
# Which operations of the sandbox read orders and change them, by the API that is spoken.
READ_CALLS = {"soap": ("GetOrderList",), "octopia": ("GET /orders", "GET /orders/{orderId}")}
WRITE_CALLS = {
    "soap": ("ValidateOrderList",),
    "octopia": ("POST /orders/{orderId}/shipments", "POST /orders/{orderId}/approval-status"),
}
# Which operations give money back; a cancellation over SOAP is a decision.
REFUND_CALLS = {
    "soap": ("CreateRefundVoucher", "ValidateOrderList"),
    "octopia": (
        "POST /order-cancellation-requests",
        "POST /order-partial-cancellation-requests",
        "POST /order-commercial-gesture-requests",
    ),
}
OFFER_CALLS = (
    "POST /offer-packages",
    "POST /offer-packages/{packageId}/offer-requests",
    "PATCH /offer-packages/{packageId}",
    "GET /offer-packages/{packageId}",
    "GET /offer-packages/{packageId}/offer-requests-results",
)
# The sandbox's codes for what no public source names.
REFUND_REASONS = {
    RefundReason.DAMAGED_PRODUCT: "seller-damaged",
    RefundReason.CUSTOMER_RETURNED: "customer-changed-mind",
}


def real_channels(sandbox: Sandbox, **options: Any) -> dict[str, Any]:
    """Return the channel of each API to one sandbox; `options` are the clients'."""
    return {
        "soap": SoapChannel(sandbox.client(**options)),
        "octopia": OctopiaChannel(sandbox.octopia_client(**options), refund_reasons=REFUND_REASONS),
    }


@frozen
class OneLine:
    """What a line is, whichever API told it."""

    sku: str | None
    product_id: str | None
    quantity: int
    amounts: tuple[Any, ...]


class Shop:
    """A shop whose jobs speak one API at a time; both have the same world before them."""

    def __init__(self, channel: str, new_store: Any, **settings: Any) -> None:
        self.sandbox = Sandbox(seed=7, settings=Settings(later_elements=True, **settings))
        self._channels = real_channels(self.sandbox)
        self.oms = new_store(self.sandbox.clock)
        self.start = self.sandbox.clock.now()
        self.use(channel)

    def use(self, channel: str) -> None:
        """Speak this API from now on: the one line that an OMS changes."""
        self.speaks = channel
        self.channel: Any = self._channels[channel]

    def place(self, **wishes: Any) -> Order:
        return self.sandbox.place(**wishes)

    def pull(self, **options: Any) -> Any:
        options = {"start_from": self.start - timedelta(days=1), **options}
        return OrderImporter(self.channel, self.oms, **self._common(), **options).run()

    def accept(self, **options: Any) -> Any:
        given = {"policy": AcceptAll(), **options}
        return OrderAcceptor(self.channel, self.oms, **self._common(), **given).run()

    def pusher(self) -> ShipmentPusher:
        return ShipmentPusher(self.channel, self.oms, **self._common())

    def ship(self, order: Order) -> None:
        self.pusher().enqueue(parcel(order.number, tracking=f"6A{order.number[-5:]}"))

    def push(self) -> Any:
        return self.pusher().run()

    def refunder(self) -> RefundPusher:
        return RefundPusher(self.channel, self.oms, **self._common())

    def give_back(self, *requests: RefundRequest) -> Any:
        for request in requests:
            self.refunder().enqueue(request)
        return self.refunder().run()

    def settle_refunds(self, hours: int = 6) -> None:
        """Let the job run until no refund is open any more."""
        for _ in range(hours * 4):
            if not self.oms.list_refunds(ACCOUNT, _OPEN):
                return
            self.wait(15)
            self.refunder().run()

    def refunds(self) -> list[tuple[str, str, str | None]]:
        """Return where each refund stands."""
        rows = self.oms.list_refunds(ACCOUNT)
        return sorted((row.refund.reference, str(row.task.state), row.task.code) for row in rows)

    def settle(self, hours: int = 6) -> None:
        """Let the jobs run until nothing is open any more, and read once more what came of it."""
        for _ in range(hours * 4):
            self.wait(15)
            self.push()
            if not self.oms.list_shipments(ACCOUNT, _OPEN):
                break
        for _ in range(2):
            self.pull()
            self.wait(15)

    def wait(self, minutes: float = 5) -> None:
        self.sandbox.advance(minutes * MINUTE)

    def break_writes(self, effect: Effect, **when: Any) -> None:
        for operation in WRITE_CALLS[self.speaks]:
            self.sandbox.inject(Fault(effect, on=operation, **when))

    def break_refunds(self, effect: Effect, **when: Any) -> None:
        for operation in REFUND_CALLS[self.speaks]:
            self.sandbox.inject(Fault(effect, on=operation, **when))

    def break_lists(self, effect: Effect, **when: Any) -> None:
        self.sandbox.inject(Fault(effect, on=READ_CALLS[self.speaks][0], **when))

    def orders(self) -> list[SalesOrder]:
        """Return what the store has, oldest number first."""
        if isinstance(self.oms, MemoryOms):
            found = [kept.order for kept in self.oms.orders(ACCOUNT)]
        else:
            summaries = self.oms.list_orders(ACCOUNT)
            found = [self.oms.show_order(ACCOUNT, summary.number).order for summary in summaries]
        return sorted(found, key=lambda order: order.number)

    def contents(self) -> list[tuple[Any, ...]]:
        """Return what the store has in words that do not depend on the API."""
        return [_content(order) for order in self.orders()]

    def outbox(self) -> list[tuple[str, str]]:
        """Return where each shipment stands."""
        rows = self.oms.list_shipments(ACCOUNT)
        return sorted((row.task.key, str(row.task.state)) for row in rows)

    def applied(self) -> dict[str, int]:
        """Return how often each order was shipped on the marketplace."""
        return {order.number: len(self.sandbox.shipped(order.number)) for order in self.sandbox.orders()}

    def _common(self) -> dict[str, Any]:
        return {"account": ACCOUNT, "clock": self.sandbox.clock}


def _content(order: SalesOrder) -> tuple[Any, ...]:
    lines = tuple(
        OneLine(line.sku, line.product_id, line.quantity, (line.line_total, line.unit_price, line.shipping))
        for line in order.lines
    )
    shipping, billing = order.shipping_address, order.billing_address
    return (
        order.number,
        str(order.status),
        lines,
        tuple(fee.amount for fee in order.fees),
        (order.total, order.shipping_total, order.unexplained, order.currency),
        shipping and (shipping.first_name, shipping.last_name, shipping.lines, shipping.postal_code, shipping.city),
        shipping and (shipping.relay_id, shipping.company),
        billing and (billing.last_name, billing.lines, billing.postal_code),
        order.customer and (order.customer.first_name, order.customer.last_name, order.customer.email),
        (order.business, str(order.fulfilled_by), order.created_at),
    )
