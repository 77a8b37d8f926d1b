"""The OMS side: jobs that bring orders in and shipments out, and the ports through which they reach an OMS."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cdiscount_marketplace.oms.importer import OrderImporter
    from cdiscount_marketplace.oms.reports import Ending, ImportReport, Placement

__all__ = ["Ending", "ImportReport", "OrderImporter", "Placement"]

_HOMES = {
    "Ending": "reports",
    "ImportReport": "reports",
    "OrderImporter": "importer",
    "Placement": "reports",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
