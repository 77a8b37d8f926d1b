"""What can be done with orders: reading, accepting, shipping, cancelling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Literal, cast

from attrs import frozen

from cdiscount_marketplace.errors import InvalidRequest, Problem, UnreadableAnswer
from cdiscount_marketplace.octopia.api import Api, Reply, Taken, count_of, segment
from cdiscount_marketplace.octopia.codec import encode
from cdiscount_marketplace.octopia.lists import index_pages
from cdiscount_marketplace.octopia.orders.cancellations import (
    CancellationReason,
    CancellationRequest,
    LineCancellation,
    OrderKey,
    RefundMember,
    full_body,
    lines_body,
)
from cdiscount_marketplace.octopia.orders.gestures import Gestures
from cdiscount_marketplace.octopia.orders.models import (
    PAGE_SIZE,
    Approval,
    ApprovalBody,
    Order,
    OrderFilter,
    OrderParcel,
    OrderStatus,
)

ShipmentForm = Literal["array", "object"]
_CANCELLATIONS = "/order-cancellation-requests"
_PARTIAL_CANCELLATIONS = "/order-partial-cancellation-requests"


@frozen(kw_only=True, weakref_slot=False)
class OrderPage:
    """One page of a list; `answered_at` is the answer's Date. No page shows whether another one follows.

    `unreadable` counts entries that are no orders, such as nulls.
    """

    orders: tuple[Order, ...]
    answered_at: datetime | None
    unreadable: int = 0


class Orders:
    """Orders; reached as `client.orders`. Thread-safe.

    Writes are taken, not done: the service answers at once and applies them later, so read the order again.
    They raise `InvalidRequest` before sending, `HttpError` or `NotAuthorized` where the service refuses,
    `QuotaExceeded`, and `OutcomeUnknown` if the outcome is unclear; they are never repeated once they may have run.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self.gestures: Gestures = Gestures(api)

    # --- reading ---

    def pages(
        self,
        filter: OrderFilter | None = None,  # noqa: A002 (reads best at the call)
        *,
        page_size: int = PAGE_SIZE,
        between: Callable[[], None] = lambda: None,
    ) -> Iterator[OrderPage]:
        """List orders page by page (at most 100 each); pages are read as the iterator is used.

        `between` is called before each further request; what it raises ends the list.

        Pages shift when an order leaves the filter in between, and an order is then skipped: see `OctopiaChannel` for
        complete readings. The end is an empty page. A list that leads back to where it was, or shows nothing new, is an
        `UnreadableAnswer`.
        """
        wanted = filter or OrderFilter()
        for answer in index_pages(self._api, "/orders", wanted.parameters(), page_size, between):
            orders = answer.decoded_many(Order)
            unreadable = len(answer.items()) - len(orders)
            if unreadable and not orders:
                raise UnreadableAnswer(
                    "no entry of the list is an order", status=answer.status, operation="GET /orders"
                )
            yield OrderPage(orders=orders, answered_at=answer.answered_at, unreadable=unreadable)

    def iter(self, filter: OrderFilter | None = None, *, page_size: int = PAGE_SIZE) -> Iterator[Order]:  # noqa: A002 (reads best at the call)
        """List orders one by one; see `pages`."""
        for page in self.pages(filter, page_size=page_size):
            if page.unreadable:
                raise UnreadableAnswer("an entry of the list is not an order", operation="GET /orders")
            yield from page.orders

    def list(self, filter: OrderFilter | None = None) -> list[Order]:  # noqa: A002 (reads best at the call)
        """List all orders at once; see `pages`."""
        return list(self.iter(filter))

    def count(self, filter: OrderFilter | None = None) -> int:  # noqa: A002 (reads best at the call)
        """Count orders. The service answers with a bare number; an object with one number is understood too."""
        answer = self._api.read("GET /orders/count", "/orders/count", (filter or OrderFilter()).parameters())
        return count_of(answer)

    def get(self, order_id: str) -> Order:
        """Read one order; raises `HttpError` with status 404 for an unknown one."""
        answer = self._api.read("GET /orders/{orderId}", _order_path(order_id), order_number=order_id)
        order = answer.decoded(Order)
        if order == Order():
            raise UnreadableAnswer("the answer contains no order", status=answer.status, operation=answer.operation)
        return order

    # --- deciding and shipping ---

    def approve(self, order_id: str) -> Taken:
        """Accept an order that is waiting for acceptance; always the whole order."""
        return self._decide(order_id, Approval.ACCEPTED)

    def refuse(self, order_id: str) -> Taken:
        """Refuse an order that is waiting for acceptance; always the whole order."""
        return self._decide(order_id, Approval.REFUSED)

    def ship(self, order_id: str, parcels: Sequence[OrderParcel], *, form: ShipmentForm = "array") -> Taken:
        """Declare the parcels of an order that is in preparation; Cdiscount takes one parcel for the whole order.

        Name the lines of each parcel: without them, a parcel is documented to cover all, which is not proven. A list is
        sent, as every working client does; the documentation prints a lone object: `form="object"` sends that.
        """
        problems = tuple(_shipment_problems(parcels, form))
        if problems:
            raise InvalidRequest(problems, order_numbers=(order_id,))
        bodies = [encode(parcel) for parcel in parcels]
        body = bodies if form == "array" else bodies[0]
        return self._write("POST /orders/{orderId}/shipments", f"{_order_path(order_id)}/shipments", body, order_id)

    # --- cancelling ---

    def cancellation_reasons(self, *, order_status: OrderStatus | None = None) -> tuple[CancellationReason, ...]:
        """List the reasons that a seller may give for an order in the given state."""
        query = {"salesChannel": self._api.sales_channel_id, "userType": "Seller"}
        if order_status is not None:
            query["orderStatus"] = str(order_status)
        answer = self._api.read("GET /cancellation-reasons", "/cancellation-reasons", query)
        return answer.decoded_many(CancellationReason, _as_objects(answer))

    def cancellation_requests(self, order_id: str) -> Iterator[CancellationRequest]:
        """List the cancellations of an order."""
        query = {"orderSellerId": order_id, "salesChannel": self._api.sales_channel_id}
        for answer in index_pages(self._api, _CANCELLATIONS, query):
            yield from answer.decoded_many(CancellationRequest)

    def cancel(
        self, order_id: str, *, reason: str, refund_shipping: bool, order_key: OrderKey = "orderSellerId"
    ) -> Taken:
        """Cancel or refund a whole order.

        The order goes by `orderSellerId`, as in the filters and in partial cancellations; one public client writes
        `orderId`: `order_key` sends that.
        """
        _require_reason([reason], order_id)
        body = full_body(order_id, reason, refund_shipping=refund_shipping, order_key=order_key)
        return self._write(f"POST {_CANCELLATIONS}", _CANCELLATIONS, encode(body), order_id)

    def cancel_lines(
        self,
        order_id: str,
        lines: Sequence[LineCancellation],
        *,
        order_key: OrderKey = "orderSellerId",
        refund_member: RefundMember = "line",
    ) -> Taken:
        """Cancel or refund single lines.

        Whether shipping is refunded stands on each line; one public client writes it once, beside the lines:
        `refund_member="request"` sends that (true if any line has it).
        """
        _require_reason([line.reason for line in lines], order_id)
        body = lines_body(order_id, tuple(lines), order_key=order_key, refund_member=refund_member)
        return self._write(f"POST {_PARTIAL_CANCELLATIONS}", _PARTIAL_CANCELLATIONS, encode(body), order_id)

    # --- helpers ---

    def _decide(self, order_id: str, approval: Approval) -> Taken:
        path = f"{_order_path(order_id)}/approval-status"
        body = encode(ApprovalBody(approval_status=approval))
        return self._write("POST /orders/{orderId}/approval-status", path, body, order_id)

    def _write(self, operation: str, path: str, body: object, order_id: str) -> Taken:
        return self._api.write(operation, path, body, order_id=order_id)


def _order_path(order_id: str) -> str:
    return f"/orders/{segment('order_id', order_id)}"


def _shipment_problems(parcels: Sequence[OrderParcel], form: ShipmentForm) -> Iterator[Problem]:
    if not parcels or not isinstance(cast("object", parcels), Sequence):
        yield Problem("parcels", "give a list of at least one parcel")
        return
    if form == "object" and len(parcels) > 1:
        yield Problem("parcels", 'a single object carries one parcel; use form="array"')
    for index, parcel in enumerate(parcels):
        if not parcel.parcel_number:
            yield Problem(f"parcels[{index}].parcel_number", "give the tracking number")
        if not parcel.carrier_name:
            yield Problem(f"parcels[{index}].carrier_name", "give the carrier's label, as in `client.carriers()`")


def _require_reason(reasons: Sequence[str | None], order_id: str) -> None:
    if not reasons or not all(reasons):
        problem = Problem("reason", "give one of the codes of `orders.cancellation_reasons()`, for every line")
        raise InvalidRequest([problem], order_numbers=(order_id,))


def _as_objects(answer: Reply) -> list[object]:
    return [{"code": item} if isinstance(item, str) else item for item in answer.items()]
