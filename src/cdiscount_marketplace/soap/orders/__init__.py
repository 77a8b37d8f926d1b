"""Orders: their models, the plans for what can be done to them, and `client.orders`."""

from __future__ import annotations

from cdiscount_marketplace.lazy import lazy

__getattr__ = lazy(__name__)
