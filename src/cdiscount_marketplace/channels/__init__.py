"""Sales channels: one port, and its implementation over each API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cdiscount_marketplace.lazy import lazy

if TYPE_CHECKING:
    from cdiscount_marketplace.channels.octopia.channel import OctopiaChannel
    from cdiscount_marketplace.channels.port import SalesChannel
    from cdiscount_marketplace.channels.soap.channel import SoapChannel

__all__ = [
    "OctopiaChannel",
    "SalesChannel",
    "SoapChannel",
]

__getattr__: Callable[[str], object] = lazy(
    __name__,
    {
        "OctopiaChannel": "cdiscount_marketplace.channels.octopia.channel",
        "SalesChannel": "cdiscount_marketplace.channels.port",
        "SoapChannel": "cdiscount_marketplace.channels.soap.channel",
    },
)
