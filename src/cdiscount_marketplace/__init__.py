"""Sell on Cdiscount from your own order management system.

Names are loaded when they are first used; importing this package does no I/O.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cdiscount_marketplace.lazy import lazy

if TYPE_CHECKING:
    from cdiscount_marketplace.calls.http import TimeLimits
    from cdiscount_marketplace.calls.retry import RetryPolicy
    from cdiscount_marketplace.calls.token_cache import FileTokenCache, MemoryTokenCache
    from cdiscount_marketplace.errors import CdiscountError
    from cdiscount_marketplace.octopia.client import OctopiaClient
    from cdiscount_marketplace.soap.client import MarketplaceClient
    from cdiscount_marketplace.soap.common import ResultStatus
    from cdiscount_marketplace.soap.orders.enums import AcceptationState, OrderState, ProductCondition
    from cdiscount_marketplace.soap.orders.models import Order, OrderFilter, OrderLine
    from cdiscount_marketplace.soap.orders.reports import OrderResult, ValidationReport
    from cdiscount_marketplace.soap.orders.validation import ValidateOrder, ValidateOrderLine

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
        "TimeLimits": "cdiscount_marketplace.calls.http",
        "OctopiaClient": "cdiscount_marketplace.octopia.client",
        "RetryPolicy": "cdiscount_marketplace.calls.retry",
        "MarketplaceClient": "cdiscount_marketplace.soap.client",
        "AcceptationState": "cdiscount_marketplace.soap.orders.enums",
        "OrderState": "cdiscount_marketplace.soap.orders.enums",
        "ProductCondition": "cdiscount_marketplace.soap.orders.enums",
        "Order": "cdiscount_marketplace.soap.orders.models",
        "OrderFilter": "cdiscount_marketplace.soap.orders.models",
        "OrderLine": "cdiscount_marketplace.soap.orders.models",
        "OrderResult": "cdiscount_marketplace.soap.orders.reports",
        "ResultStatus": "cdiscount_marketplace.soap.common",
        "ValidationReport": "cdiscount_marketplace.soap.orders.reports",
        "ValidateOrder": "cdiscount_marketplace.soap.orders.validation",
        "ValidateOrderLine": "cdiscount_marketplace.soap.orders.validation",
        "FileTokenCache": "cdiscount_marketplace.calls.token_cache",
        "MemoryTokenCache": "cdiscount_marketplace.calls.token_cache",
    },
)
