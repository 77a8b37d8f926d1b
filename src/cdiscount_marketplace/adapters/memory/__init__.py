"""An OMS and its registry of accounts in memory, for tests and first steps."""

from __future__ import annotations

from cdiscount_marketplace.lazy import lazy

__getattr__ = lazy(__name__)
