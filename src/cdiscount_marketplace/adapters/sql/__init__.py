"""An OMS in an SQL database: SQLite in one file, PostgreSQL for several workers (extra `sql`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cdiscount_marketplace.adapters.sql.store import SqlOms

__all__ = ["SqlOms"]


def __getattr__(name: str) -> object:
    if name != "SqlOms":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from cdiscount_marketplace.adapters.sql.store import SqlOms
    except ModuleNotFoundError as error:
        if error.name != "sqlalchemy":
            raise
        message = "SqlOms needs SQLAlchemy: pip install 'cdiscount-marketplace[sql]'"
        raise ModuleNotFoundError(message, name=error.name) from None
    return SqlOms
