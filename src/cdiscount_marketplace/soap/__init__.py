"""Everything that knows the Cdiscount Marketplace SOAP API. Names are loaded when they are first used."""

from __future__ import annotations

from cdiscount_marketplace.lazy import lazy

__getattr__ = lazy(__name__)
