"""The client of the Octopia Seller REST API, the successor of Cdiscount's SOAP API."""

from __future__ import annotations

from cdiscount_marketplace.lazy import lazy

__getattr__ = lazy(__name__)
