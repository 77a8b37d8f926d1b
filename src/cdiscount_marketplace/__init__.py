"""Sell on Cdiscount from your own order management system.

Names are loaded when they are first used; importing this package does no I/O.
"""

from __future__ import annotations

from cdiscount_marketplace.lazy import lazy

__getattr__ = lazy(__name__)
