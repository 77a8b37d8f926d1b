"""`client.configurations`: what a sales channel allows. Unverified but for delivery modes: bodies are parsed JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from cdiscount_marketplace.octopia.api import Api
from cdiscount_marketplace.octopia.codec import raw, text
from cdiscount_marketplace.octopia.open_calls import OpenCalls, Query


@frozen(kw_only=True, weakref_slot=False)
class DeliveryMode:
    """A way of delivery that offers may name, such as `THD`."""

    code: str | None = text(also=("deliveryModeCode", "id"))
    label: str | None = text(also=("name",))
    details: object = raw()


class Configurations:
    """Sales channels' settings; reached as `client.configurations`. Thread-safe."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._calls = OpenCalls(api)

    def delivery_modes(self) -> tuple[DeliveryMode, ...]:
        """List the ways of delivery."""
        return self._api.read("GET /delivery-modes", "/delivery-modes").decoded_many(DeliveryMode)

    def typologies(self, query: Query | None = None) -> Iterator[Any]:
        """List what discussions may be about. Unverified."""
        return self._calls.listed("/typologies", query=query)

    def sales_channel(self, sales_channel_id: str | None = None) -> Any:
        """Read what a sales channel (by default the client's) allows. Unverified."""
        channel = sales_channel_id or self._api.sales_channel_id
        return self._calls.one("/sales-channel-configurations/{salesChannelId}", channel)

    def attachments(self, query: Query | None = None) -> Iterator[Any]:
        """List attachments of messages. Unverified."""
        return self._calls.listed("/attachments", query=query)
