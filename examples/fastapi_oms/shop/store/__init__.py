"""The ports of `cdiscount_marketplace.oms` on SQLAlchemy's ORM, for SQLite and PostgreSQL."""

from __future__ import annotations

from shop.store.leases import LeaseStore
from shop.store.orders import OrderStore
from shop.store.progress import ProgressStore
from shop.store.tasks import TaskStore

__all__ = ["ShopStore"]


class ShopStore(OrderStore, ProgressStore, TaskStore, LeaseStore):
    """An OMS in one database: `ShopStore(Database(connect(address)))`. Thread-safe."""
