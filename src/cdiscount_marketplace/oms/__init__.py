"""The OMS side: jobs that bring orders in and shipments out, and the ports through which they reach an OMS."""

from __future__ import annotations

from cdiscount_marketplace.lazy import lazy

__getattr__ = lazy(__name__)
