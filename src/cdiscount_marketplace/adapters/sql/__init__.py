"""An OMS in an SQL database: SQLite in one file, PostgreSQL for several workers (extra `sql`)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

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


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        home = import_module(f"{__name__}.{_HOMES[name]}")
    except ModuleNotFoundError as error:
        if error.name != "sqlalchemy":
            raise
        message = "SqlOms needs SQLAlchemy: pip install 'cdiscount-marketplace[sql]'"
        raise ModuleNotFoundError(message, name=error.name) from None
    return getattr(home, name)
