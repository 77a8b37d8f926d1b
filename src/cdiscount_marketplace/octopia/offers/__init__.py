"""Offers of the REST API: packages that create and change them, and what the marketplace shows of them."""

from __future__ import annotations

from cdiscount_marketplace.lazy import lazy

__getattr__ = lazy(__name__)
