"""Orders: their models, the plans for what can be done to them, and `client.orders`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cdiscount_marketplace.lazy import lazy

if TYPE_CHECKING:
    from cdiscount_marketplace.soap.orders.models import (
        GET_ORDER_LIST,
        Corporation,
        Customer,
        Order,
        OrderFilter,
        OrderLine,
        OrderListMessage,
        OrderOffer,
        Voucher,
    )

__all__ = [
    "GET_ORDER_LIST",
    "Corporation",
    "Customer",
    "Order",
    "OrderFilter",
    "OrderLine",
    "OrderListMessage",
    "OrderOffer",
    "Voucher",
]

__getattr__: Callable[[str], object] = lazy(
    __name__,
    {
        "Corporation": "cdiscount_marketplace.soap.orders.models",
        "Customer": "cdiscount_marketplace.soap.orders.models",
        "GET_ORDER_LIST": "cdiscount_marketplace.soap.orders.models",
        "Order": "cdiscount_marketplace.soap.orders.models",
        "OrderFilter": "cdiscount_marketplace.soap.orders.models",
        "OrderLine": "cdiscount_marketplace.soap.orders.models",
        "OrderListMessage": "cdiscount_marketplace.soap.orders.models",
        "OrderOffer": "cdiscount_marketplace.soap.orders.models",
        "Voucher": "cdiscount_marketplace.soap.orders.models",
    },
)
