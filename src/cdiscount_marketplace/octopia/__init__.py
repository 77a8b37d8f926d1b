"""The client of the Octopia Seller REST API, the successor of Cdiscount's SOAP API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cdiscount_marketplace.lazy import lazy

if TYPE_CHECKING:
    from cdiscount_marketplace.octopia.api import (
        Taken,
    )
    from cdiscount_marketplace.octopia.client import (
        OctopiaClient,
    )
    from cdiscount_marketplace.octopia.orders.cancellations import (
        CancellationBody,
        CancellationReason,
        CancellationRequest,
        LineCancellation,
    )
    from cdiscount_marketplace.octopia.orders.gestures import (
        AvailableAmounts,
        Gesture,
        GestureConfiguration,
        GestureFilter,
        Gestures,
    )
    from cdiscount_marketplace.octopia.orders.models import (
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
    from cdiscount_marketplace.octopia.orders.section import (
        OrderPage,
        Orders,
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
        "CancellationBody": "cdiscount_marketplace.octopia.orders.cancellations",
        "CancellationReason": "cdiscount_marketplace.octopia.orders.cancellations",
        "CancellationRequest": "cdiscount_marketplace.octopia.orders.cancellations",
        "LineCancellation": "cdiscount_marketplace.octopia.orders.cancellations",
        "OctopiaClient": "cdiscount_marketplace.octopia.client",
        "AvailableAmounts": "cdiscount_marketplace.octopia.orders.gestures",
        "Gesture": "cdiscount_marketplace.octopia.orders.gestures",
        "GestureConfiguration": "cdiscount_marketplace.octopia.orders.gestures",
        "GestureFilter": "cdiscount_marketplace.octopia.orders.gestures",
        "Gestures": "cdiscount_marketplace.octopia.orders.gestures",
        "OrderPage": "cdiscount_marketplace.octopia.orders.section",
        "Orders": "cdiscount_marketplace.octopia.orders.section",
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
        "Payment": "cdiscount_marketplace.octopia.orders.models",
        "SellingPrice": "cdiscount_marketplace.octopia.orders.models",
        "ServiceFee": "cdiscount_marketplace.octopia.orders.models",
        "SupplyMode": "cdiscount_marketplace.octopia.orders.models",
        "Tax": "cdiscount_marketplace.octopia.orders.models",
        "TotalPrice": "cdiscount_marketplace.octopia.orders.models",
        "Carrier": "cdiscount_marketplace.octopia.sellers",
        "Indicator": "cdiscount_marketplace.octopia.sellers",
        "Seller": "cdiscount_marketplace.octopia.sellers",
        "SellerAddress": "cdiscount_marketplace.octopia.sellers",
        "Sellers": "cdiscount_marketplace.octopia.sellers",
        "Subscription": "cdiscount_marketplace.octopia.sellers",
    },
)
