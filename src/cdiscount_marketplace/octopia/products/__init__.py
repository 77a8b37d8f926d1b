"""Products: the catalogue, categories and brands, and new products that are submitted."""

from __future__ import annotations

from cdiscount_marketplace.lazy import lazy

__getattr__ = lazy(__name__)
