"""The ports of `cdiscount_marketplace.oms` on SQLAlchemy's ORM, for SQLite and PostgreSQL."""

from __future__ import annotations

from shop.store.pages import PageStore

__all__ = ["ShopStore"]


class ShopStore(PageStore):
    """An OMS in one database: `ShopStore(Database(connect(address)))`. Thread-safe."""
