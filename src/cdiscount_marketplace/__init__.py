"""Sell on Cdiscount from your own order management system.

Names are loaded when they are first used; importing this package does no I/O.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cdiscount_marketplace.lazy import lazy

if TYPE_CHECKING:
    from cdiscount_marketplace.errors import CdiscountError
    from cdiscount_marketplace.http import TimeLimits
    from cdiscount_marketplace.octopia.client import OctopiaClient
    from cdiscount_marketplace.retry import RetryPolicy
    from cdiscount_marketplace.soap.client import MarketplaceClient
    from cdiscount_marketplace.soap.order_enums import AcceptationState, OrderState, ProductCondition
    from cdiscount_marketplace.soap.orders import Order, OrderFilter, OrderLine
    from cdiscount_marketplace.soap.reports import OrderResult, ResultStatus, ValidationReport
    from cdiscount_marketplace.soap.validation import ValidateOrder, ValidateOrderLine
    from cdiscount_marketplace.tokencache import FileTokenCache, MemoryTokenCache

__all__ = [
    "AcceptationState",
    "CdiscountError",
    "FileTokenCache",
    "MarketplaceClient",
    "MemoryTokenCache",
    "OctopiaClient",
    "Order",
    "OrderFilter",
    "OrderLine",
    "OrderResult",
    "OrderState",
    "ProductCondition",
    "ResultStatus",
    "RetryPolicy",
    "TimeLimits",
    "ValidateOrder",
    "ValidateOrderLine",
    "ValidationReport",
]

__getattr__: Callable[[str], object] = lazy(
    __name__,
    {
        "CdiscountError": "cdiscount_marketplace.errors",
        "TimeLimits": "cdiscount_marketplace.http",
        "OctopiaClient": "cdiscount_marketplace.octopia.client",
        "RetryPolicy": "cdiscount_marketplace.retry",
        "MarketplaceClient": "cdiscount_marketplace.soap.client",
        "AcceptationState": "cdiscount_marketplace.soap.order_enums",
        "OrderState": "cdiscount_marketplace.soap.order_enums",
        "ProductCondition": "cdiscount_marketplace.soap.order_enums",
        "Order": "cdiscount_marketplace.soap.orders",
        "OrderFilter": "cdiscount_marketplace.soap.orders",
        "OrderLine": "cdiscount_marketplace.soap.orders",
        "OrderResult": "cdiscount_marketplace.soap.reports",
        "ResultStatus": "cdiscount_marketplace.soap.reports",
        "ValidationReport": "cdiscount_marketplace.soap.reports",
        "ValidateOrder": "cdiscount_marketplace.soap.validation",
        "ValidateOrderLine": "cdiscount_marketplace.soap.validation",
        "FileTokenCache": "cdiscount_marketplace.tokencache",
        "MemoryTokenCache": "cdiscount_marketplace.tokencache",
    },
)
