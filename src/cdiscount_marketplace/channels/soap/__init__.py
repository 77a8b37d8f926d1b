"""The sales channel over the SOAP API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cdiscount_marketplace.lazy import lazy

if TYPE_CHECKING:
    from cdiscount_marketplace.channels.soap.channel import SoapChannel

__all__ = [
    "SoapChannel",
]

__getattr__: Callable[[str], object] = lazy(
    __name__,
    {
        "SoapChannel": "cdiscount_marketplace.channels.soap.channel",
    },
)
