"""An OMS in an SQL database: SQLite in one file, PostgreSQL for several workers (extra `sql`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cdiscount_marketplace.lazy import Extra, lazy

if TYPE_CHECKING:
    from cdiscount_marketplace.adapters.sql.history import Entry
    from cdiscount_marketplace.adapters.sql.overview import Count, OrderRecord, OrderSummary, Overview
    from cdiscount_marketplace.adapters.sql.purge import PurgeReport
    from cdiscount_marketplace.adapters.sql.schema import SCHEMA_VERSION
    from cdiscount_marketplace.adapters.sql.store import OrderWriter, PlacedOrder, SqlOms

__all__ = [
    "SCHEMA_VERSION",
    "Count",
    "Entry",
    "OrderRecord",
    "OrderSummary",
    "OrderWriter",
    "Overview",
    "PlacedOrder",
    "PurgeReport",
    "SqlOms",
]

_HOMES = {
    "SCHEMA_VERSION": "schema",
    "Count": "overview",
    "Entry": "history",
    "OrderRecord": "overview",
    "OrderSummary": "overview",
    "OrderWriter": "store",
    "Overview": "overview",
    "PlacedOrder": "store",
    "PurgeReport": "purge",
    "SqlOms": "store",
}


__getattr__: Callable[[str], object] = lazy(
    __name__,
    {name: f".{home}" for name, home in _HOMES.items()},
    needs=Extra("sql", frozenset({"sqlalchemy"})),
)
