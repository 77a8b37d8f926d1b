"""Orders: their models and `client.orders`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cdiscount_marketplace.lazy import lazy

if TYPE_CHECKING:
    from cdiscount_marketplace.octopia.orders.models import (
        PAGE_SIZE,
        Address,
        Approval,
        ApprovalBody,
        Commission,
        Delivery,
        LineStatus,
        Named,
        Offer,
        OfferPrice,
        Order,
        OrderCustomer,
        OrderFilter,
        OrderLine,
        OrderParcel,
        OrderStatus,
        Payment,
        SellingPrice,
        ServiceFee,
        SupplyMode,
        Tax,
        TotalPrice,
    )

__all__ = [
    "PAGE_SIZE",
    "Address",
    "Approval",
    "ApprovalBody",
    "Commission",
    "Delivery",
    "LineStatus",
    "Named",
    "Offer",
    "OfferPrice",
    "Order",
    "OrderCustomer",
    "OrderFilter",
    "OrderLine",
    "OrderParcel",
    "OrderStatus",
    "Payment",
    "SellingPrice",
    "ServiceFee",
    "SupplyMode",
    "Tax",
    "TotalPrice",
]

__getattr__: Callable[[str], object] = lazy(
    __name__,
    {
        "Address": "cdiscount_marketplace.octopia.orders.models",
        "Approval": "cdiscount_marketplace.octopia.orders.models",
        "ApprovalBody": "cdiscount_marketplace.octopia.orders.models",
        "Commission": "cdiscount_marketplace.octopia.orders.models",
        "Delivery": "cdiscount_marketplace.octopia.orders.models",
        "LineStatus": "cdiscount_marketplace.octopia.orders.models",
        "Named": "cdiscount_marketplace.octopia.orders.models",
        "Offer": "cdiscount_marketplace.octopia.orders.models",
        "OfferPrice": "cdiscount_marketplace.octopia.orders.models",
        "Order": "cdiscount_marketplace.octopia.orders.models",
        "OrderCustomer": "cdiscount_marketplace.octopia.orders.models",
        "OrderFilter": "cdiscount_marketplace.octopia.orders.models",
        "OrderLine": "cdiscount_marketplace.octopia.orders.models",
        "OrderParcel": "cdiscount_marketplace.octopia.orders.models",
        "OrderStatus": "cdiscount_marketplace.octopia.orders.models",
        "PAGE_SIZE": "cdiscount_marketplace.octopia.orders.models",
        "Payment": "cdiscount_marketplace.octopia.orders.models",
        "SellingPrice": "cdiscount_marketplace.octopia.orders.models",
        "ServiceFee": "cdiscount_marketplace.octopia.orders.models",
        "SupplyMode": "cdiscount_marketplace.octopia.orders.models",
        "Tax": "cdiscount_marketplace.octopia.orders.models",
        "TotalPrice": "cdiscount_marketplace.octopia.orders.models",
    },
)
