"""The sales channel over the Octopia REST API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cdiscount_marketplace.lazy import lazy

if TYPE_CHECKING:
    from cdiscount_marketplace.channels.octopia.channel import OctopiaChannel

__all__ = [
    "OctopiaChannel",
]

__getattr__: Callable[[str], object] = lazy(
    __name__,
    {
        "OctopiaChannel": "cdiscount_marketplace.channels.octopia.channel",
    },
)
