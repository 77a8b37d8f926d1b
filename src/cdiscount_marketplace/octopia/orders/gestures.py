"""Commercial gestures: giving a customer a part of the money back after shipment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from attrs import frozen

from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.octopia.api import Api, Taken, segment
from cdiscount_marketplace.octopia.codec import encode, moment, number, raw, text, write_moment
from cdiscount_marketplace.octopia.lists import cursor_pages

_PATH = "/order-commercial-gesture-requests"
_PAGE_SIZE = 1000


@frozen(kw_only=True, weakref_slot=False)
class AvailableAmounts:
    """How much may still be given back on an order; other members are not documented."""

    allowable_amount: Decimal | None = number()


@frozen(kw_only=True, weakref_slot=False)
class Gesture:
    """A commercial gesture: `order_id`, `reason` and `amount` to create one, the rest when read back.

    `reason_details` is needed where the reason is `Other`. Of the read members only the filters' names are documented.
    """

    request_id: str | None = text(also=("id", "commercialGestureRequestId"))
    order_id: str | None = text(also=("orderSellerId",))
    reason: str | None = text()
    reason_details: str | None = text()
    amount: Decimal | None = number()
    status: str | None = text()
    created_at: datetime | None = moment()
    updated_at: datetime | None = moment()


@frozen(kw_only=True, weakref_slot=False)
class GestureConfiguration:
    """What a sales channel allows, as parsed JSON: its shape is not documented."""

    content: object = raw()


@frozen(kw_only=True, weakref_slot=False)
class GestureFilter:
    """Which gestures to list; what is not given is not sent. Times are aware."""

    order_id: str | None = None
    status: str | None = None
    created_at_min: datetime | None = None
    created_at_max: datetime | None = None
    updated_at_min: datetime | None = None
    updated_at_max: datetime | None = None

    def parameters(self) -> dict[str, str]:
        """Return the query parameters, without paging."""
        values = {
            "orderId": self.order_id,
            "status": self.status,
            "createdAtMin": self.created_at_min and write_moment(self.created_at_min),
            "createdAtMax": self.created_at_max and write_moment(self.created_at_max),
            "updatedAtMin": self.updated_at_min and write_moment(self.updated_at_min),
            "updatedAtMax": self.updated_at_max and write_moment(self.updated_at_max),
        }
        return {name: value for name, value in values.items() if value}


class Gestures:
    """Commercial gestures; reached as `client.orders.gestures`. Thread-safe."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def available(self, order_id: str) -> AvailableAmounts:
        """Read how much may be given back on an order."""
        operation = "GET /orders/{orderId}/commercial-gestures-available-amounts"
        path = f"/orders/{segment('order_id', order_id)}/commercial-gestures-available-amounts"
        answer = self._api.read(operation, path)
        return answer.decoded(AvailableAmounts)

    def iter(self, filter: GestureFilter | None = None) -> Iterator[Gesture]:  # noqa: A002 (reads best at the call)
        """List gestures, following the cursor; pages are read as the iterator is used."""
        query = (filter or GestureFilter()).parameters()
        for answer in cursor_pages(self._api, f"GET {_PATH}", _PATH, query, _PAGE_SIZE):
            yield from answer.decoded_many(Gesture)

    def get(self, request_id: str) -> Gesture:
        """Read one gesture; raises `HttpError` with status 404 for an unknown one."""
        answer = self._api.read(f"GET {_PATH}/{{requestId}}", f"{_PATH}/{segment('request_id', request_id)}")
        return answer.decoded(Gesture)

    def create(self, order_id: str, *, amount: Decimal, reason: str, reason_details: str | None = None) -> Taken:
        """Give `amount` back, on a shipped or delivered order; never repeated by itself once it may have run.

        Raises `InvalidRequest` before sending, `HttpError` where the service refuses, and `OutcomeUnknown`.
        """
        problems = tuple(_problems(amount, reason, reason_details))
        if problems:
            raise InvalidRequest(problems)
        gesture = Gesture(order_id=order_id, amount=amount, reason=reason, reason_details=reason_details)
        return self._api.write(f"POST {_PATH}", _PATH, encode(gesture), order_id=order_id)

    def configuration(self, sales_channel_id: str | None = None) -> GestureConfiguration:
        """Read what a sales channel (by default the client's) allows: reasons, limits."""
        root = "/sales-channel-commercial-gesture-configurations"
        channel = sales_channel_id or self._api.sales_channel_id
        answer = self._api.read(f"GET {root}/{{salesChannelId}}", f"{root}/{segment('sales_channel_id', channel)}")
        return GestureConfiguration(content=answer.data)


def _problems(amount: Decimal, reason: str, details: str | None) -> Iterator[Problem]:
    if amount <= 0 or amount != round(amount, 2):
        yield Problem("amount", "give a positive amount in whole cents")
    if not reason:
        yield Problem("reason", "give one of the reasons of `gestures.configuration()`")
    if reason == "Other" and not details:
        yield Problem("reason_details", "give a text: the reason is Other")
