"""The ports of `cdiscount_marketplace.oms` on Django's ORM, for SQLite and PostgreSQL."""

from __future__ import annotations

from orders.store.pages import PageStore
from orders.store.tasks import TaskStore

__all__ = ["DjangoOms"]


class DjangoOms(PageStore, TaskStore):
    """An OMS in Django's default database. Thread-safe; it keeps no state."""
