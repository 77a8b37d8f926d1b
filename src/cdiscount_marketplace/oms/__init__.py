"""The OMS side: jobs that bring orders in and shipments out, and the ports through which they reach an OMS."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cdiscount_marketplace.oms.acceptance import OrderAcceptor
    from cdiscount_marketplace.oms.accounts import Job, JobResult, run_accounts, stop_on_signals
    from cdiscount_marketplace.oms.importer import OrderImporter
    from cdiscount_marketplace.oms.reports import (
        AcceptanceReport,
        Ending,
        ImportReport,
        Placement,
        ShipmentReport,
        TaskProblem,
    )
    from cdiscount_marketplace.oms.shipments import ShipmentPusher

__all__ = [
    "AcceptanceReport",
    "Ending",
    "ImportReport",
    "Job",
    "JobResult",
    "OrderAcceptor",
    "OrderImporter",
    "Placement",
    "ShipmentPusher",
    "ShipmentReport",
    "TaskProblem",
    "run_accounts",
    "stop_on_signals",
]

_HOMES = {
    "OrderAcceptor": "acceptance",
    "OrderImporter": "importer",
    "ShipmentPusher": "shipments",
    **dict.fromkeys(("Job", "JobResult", "run_accounts", "stop_on_signals"), "accounts"),
    **dict.fromkeys(
        ("AcceptanceReport", "Ending", "ImportReport", "Placement", "ShipmentReport", "TaskProblem"), "reports"
    ),
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
