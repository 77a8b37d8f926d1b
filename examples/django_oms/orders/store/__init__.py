"""The ports of `cdiscount_marketplace.oms` on Django's ORM, for SQLite and PostgreSQL."""

from __future__ import annotations

from orders.store.leases import LeaseStore
from orders.store.orders import OrderStore
from orders.store.progress import ProgressStore
from orders.store.tasks import TaskStore

__all__ = ["DjangoOms"]


class DjangoOms(OrderStore, ProgressStore, TaskStore, LeaseStore):
    """An OMS in Django's default database. Thread-safe; it has no state of its own."""
