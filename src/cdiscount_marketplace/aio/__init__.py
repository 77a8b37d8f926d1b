"""The clients and jobs for asyncio code: the same names and signatures, awaitable. The work is done in threads."""

from __future__ import annotations

from cdiscount_marketplace.lazy import lazy

__getattr__ = lazy(__name__)
