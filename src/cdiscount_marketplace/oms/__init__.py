"""The OMS side: jobs that bring orders in and shipments out, and the ports through which they reach an OMS."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cdiscount_marketplace.lazy import lazy

if TYPE_CHECKING:
    from cdiscount_marketplace.oms.acceptance import (
        OrderAcceptor,
    )
    from cdiscount_marketplace.oms.accounts import (
        Job,
        JobResult,
        run_accounts,
        stop_on_signals,
    )
    from cdiscount_marketplace.oms.identity import (
        ensure_same_order,
    )
    from cdiscount_marketplace.oms.importer import (
        OrderImporter,
    )
    from cdiscount_marketplace.oms.migration import (
        MigrationReport,
        compare_channels,
    )
    from cdiscount_marketplace.oms.operator import (
        cancel_decision,
        cancel_shipment,
        complete_shipment,
        free_lease,
        retry_decision,
        retry_shipment,
    )
    from cdiscount_marketplace.oms.payloads import (
        order_from_json,
        order_to_json,
    )
    from cdiscount_marketplace.oms.ports import (
        AcceptancePolicy,
        Aspect,
        BulkLookup,
        BulkSave,
        Change,
        ChangeKind,
        Checkpoint,
        CheckpointStore,
        Company,
        CompanyMapping,
        DecisionPages,
        DecisionStore,
        DecisionTask,
        Lease,
        LeaseOverview,
        LeaseStatus,
        LeaseStore,
        OrderArchive,
        OrderMapper,
        OrderRepository,
        QuarantinedOrder,
        QuarantinePages,
        QuarantineStore,
        SaveRequest,
        ShipmentOutbox,
        ShipmentPages,
        ShipmentTask,
        StoredOrder,
        Task,
        TaskState,
        UnitOfWork,
        UnseenOrder,
        UnseenStore,
        WaitingOrders,
    )
    from cdiscount_marketplace.oms.reports import (
        AcceptanceReport,
        Ending,
        ImportReport,
        Placement,
        ShipmentReport,
        TaskProblem,
    )
    from cdiscount_marketplace.oms.shipments import (
        ShipmentPusher,
    )

__all__ = [
    "AcceptancePolicy",
    "AcceptanceReport",
    "Aspect",
    "BulkLookup",
    "BulkSave",
    "Change",
    "ChangeKind",
    "Checkpoint",
    "CheckpointStore",
    "Company",
    "CompanyMapping",
    "DecisionPages",
    "DecisionStore",
    "DecisionTask",
    "Ending",
    "ImportReport",
    "Job",
    "JobResult",
    "Lease",
    "LeaseOverview",
    "LeaseStatus",
    "LeaseStore",
    "MigrationReport",
    "OrderAcceptor",
    "OrderArchive",
    "OrderImporter",
    "OrderMapper",
    "OrderRepository",
    "Placement",
    "QuarantinePages",
    "QuarantineStore",
    "QuarantinedOrder",
    "SaveRequest",
    "ShipmentOutbox",
    "ShipmentPages",
    "ShipmentPusher",
    "ShipmentReport",
    "ShipmentTask",
    "StoredOrder",
    "Task",
    "TaskProblem",
    "TaskState",
    "UnitOfWork",
    "UnseenOrder",
    "UnseenStore",
    "WaitingOrders",
    "cancel_decision",
    "cancel_shipment",
    "compare_channels",
    "complete_shipment",
    "ensure_same_order",
    "free_lease",
    "order_from_json",
    "order_to_json",
    "retry_decision",
    "retry_shipment",
    "run_accounts",
    "stop_on_signals",
]

_HOMES = {
    **dict.fromkeys(
        ("cancel_decision", "cancel_shipment", "complete_shipment", "free_lease", "retry_decision", "retry_shipment"),
        "operator",
    ),
    "OrderAcceptor": "acceptance",
    **dict.fromkeys(
        (
            "Job",
            "JobResult",
            "run_accounts",
            "stop_on_signals",
        ),
        "accounts",
    ),
    "OrderImporter": "importer",
    "ensure_same_order": "identity",
    **dict.fromkeys(("MigrationReport", "compare_channels"), "migration"),
    **dict.fromkeys(
        (
            "order_from_json",
            "order_to_json",
        ),
        "payloads",
    ),
    **dict.fromkeys(
        (
            "AcceptancePolicy",
            "Aspect",
            "BulkLookup",
            "BulkSave",
            "Change",
            "ChangeKind",
            "Checkpoint",
            "CheckpointStore",
            "Company",
            "CompanyMapping",
            "DecisionPages",
            "DecisionStore",
            "DecisionTask",
            "LeaseStatus",
            "Lease",
            "LeaseOverview",
            "LeaseStore",
            "OrderArchive",
            "OrderMapper",
            "OrderRepository",
            "QuarantinePages",
            "QuarantineStore",
            "QuarantinedOrder",
            "SaveRequest",
            "ShipmentOutbox",
            "ShipmentPages",
            "ShipmentTask",
            "StoredOrder",
            "Task",
            "TaskState",
            "UnitOfWork",
            "UnseenOrder",
            "UnseenStore",
            "WaitingOrders",
        ),
        "ports",
    ),
    **dict.fromkeys(
        (
            "AcceptanceReport",
            "Ending",
            "ImportReport",
            "Placement",
            "ShipmentReport",
            "TaskProblem",
        ),
        "reports",
    ),
    "ShipmentPusher": "shipments",
}


__getattr__: Callable[[str], object] = lazy(__name__, {name: f".{home}" for name, home in _HOMES.items()})
