"""The client of the Octopia Seller REST API, the successor of Cdiscount's SOAP API."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cdiscount_marketplace.octopia.client import OctopiaClient
    from cdiscount_marketplace.octopia.orders import (
        Order,
        OrderFilter,
        OrderLine,
        OrderParcel,
        OrderStatus,
        SupplyMode,
    )

__all__ = ["OctopiaClient", "Order", "OrderFilter", "OrderLine", "OrderParcel", "OrderStatus", "SupplyMode"]

_HOMES: Final = {"OctopiaClient": "client"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'orders')}"), name)
