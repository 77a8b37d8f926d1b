"""Many accounts: their channels, when each job is due, and what runs them, in one process or on Celery."""

from __future__ import annotations

from cdiscount_marketplace.lazy import CELERY, lazy

__getattr__ = lazy(__name__, needs=CELERY)
