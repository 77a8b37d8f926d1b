"""The client of the Octopia Seller REST API, the successor of Cdiscount's SOAP API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cdiscount_marketplace.lazy import lazy

if TYPE_CHECKING:
    from cdiscount_marketplace.octopia.api import (
        Taken,
    )
    from cdiscount_marketplace.octopia.cancellations import (
        CancellationBody,
        CancellationReason,
        CancellationRequest,
        LineCancellation,
    )
    from cdiscount_marketplace.octopia.client import (
        OctopiaClient,
    )
    from cdiscount_marketplace.octopia.gestures import (
        AvailableAmounts,
        Gesture,
        GestureConfiguration,
        GestureFilter,
        Gestures,
    )
    from cdiscount_marketplace.octopia.order_calls import (
        OrderPage,
        Orders,
    )
    from cdiscount_marketplace.octopia.orders import (
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
    from cdiscount_marketplace.octopia.sellers import (
        Carrier,
        Indicator,
        Seller,
        SellerAddress,
        Sellers,
        Subscription,
    )

__all__ = [
    "Address",
    "Approval",
    "ApprovalBody",
    "AvailableAmounts",
    "CancellationBody",
    "CancellationReason",
    "CancellationRequest",
    "Carrier",
    "Commission",
    "Delivery",
    "Gesture",
    "GestureConfiguration",
    "GestureFilter",
    "Gestures",
    "Indicator",
    "LineCancellation",
    "LineStatus",
    "Named",
    "OctopiaClient",
    "Offer",
    "OfferPrice",
    "Order",
    "OrderCustomer",
    "OrderFilter",
    "OrderLine",
    "OrderPage",
    "OrderParcel",
    "OrderStatus",
    "Orders",
    "Payment",
    "Seller",
    "SellerAddress",
    "Sellers",
    "SellingPrice",
    "ServiceFee",
    "Subscription",
    "SupplyMode",
    "Taken",
    "Tax",
    "TotalPrice",
]

__getattr__: Callable[[str], object] = lazy(
    __name__,
    {
        "Taken": "cdiscount_marketplace.octopia.api",
        "CancellationBody": "cdiscount_marketplace.octopia.cancellations",
        "CancellationReason": "cdiscount_marketplace.octopia.cancellations",
        "CancellationRequest": "cdiscount_marketplace.octopia.cancellations",
        "LineCancellation": "cdiscount_marketplace.octopia.cancellations",
        "OctopiaClient": "cdiscount_marketplace.octopia.client",
        "AvailableAmounts": "cdiscount_marketplace.octopia.gestures",
        "Gesture": "cdiscount_marketplace.octopia.gestures",
        "GestureConfiguration": "cdiscount_marketplace.octopia.gestures",
        "GestureFilter": "cdiscount_marketplace.octopia.gestures",
        "Gestures": "cdiscount_marketplace.octopia.gestures",
        "OrderPage": "cdiscount_marketplace.octopia.order_calls",
        "Orders": "cdiscount_marketplace.octopia.order_calls",
        "Address": "cdiscount_marketplace.octopia.orders",
        "Approval": "cdiscount_marketplace.octopia.orders",
        "ApprovalBody": "cdiscount_marketplace.octopia.orders",
        "Commission": "cdiscount_marketplace.octopia.orders",
        "Delivery": "cdiscount_marketplace.octopia.orders",
        "LineStatus": "cdiscount_marketplace.octopia.orders",
        "Named": "cdiscount_marketplace.octopia.orders",
        "Offer": "cdiscount_marketplace.octopia.orders",
        "OfferPrice": "cdiscount_marketplace.octopia.orders",
        "Order": "cdiscount_marketplace.octopia.orders",
        "OrderCustomer": "cdiscount_marketplace.octopia.orders",
        "OrderFilter": "cdiscount_marketplace.octopia.orders",
        "OrderLine": "cdiscount_marketplace.octopia.orders",
        "OrderParcel": "cdiscount_marketplace.octopia.orders",
        "OrderStatus": "cdiscount_marketplace.octopia.orders",
        "Payment": "cdiscount_marketplace.octopia.orders",
        "SellingPrice": "cdiscount_marketplace.octopia.orders",
        "ServiceFee": "cdiscount_marketplace.octopia.orders",
        "SupplyMode": "cdiscount_marketplace.octopia.orders",
        "Tax": "cdiscount_marketplace.octopia.orders",
        "TotalPrice": "cdiscount_marketplace.octopia.orders",
        "Carrier": "cdiscount_marketplace.octopia.sellers",
        "Indicator": "cdiscount_marketplace.octopia.sellers",
        "Seller": "cdiscount_marketplace.octopia.sellers",
        "SellerAddress": "cdiscount_marketplace.octopia.sellers",
        "Sellers": "cdiscount_marketplace.octopia.sellers",
        "Subscription": "cdiscount_marketplace.octopia.sellers",
    },
)
