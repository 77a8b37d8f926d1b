"""The ports to your order management system: small protocols, of which you implement only what you use.

One object may satisfy several of them (`SqlOms` and `MemoryOms` satisfy all); the jobs take each part from the `oms`
object unless it is given by name. All records are frozen; times are aware UTC. Stores that are used by several
threads must be thread-safe.

Three rules make them safe:

- `UnitOfWork.unit()` is a transaction; entered inside another unit it is a savepoint. What raises inside is undone.
- A `swap_…` replaces only what the caller read (None: creates only if nothing is there), and returns whether it did.
- A `lease` given to a write is checked in the same transaction: `LeaseLost` if another worker took over.
"""

from __future__ import annotations

from cdiscount_marketplace.oms.ports.accounts import (
    DEFAULT_JOBS,
    Account,
    AccountEditor,
    AccountRegistry,
    CredentialSource,
    EnvironmentCredentials,
    FileCredentials,
    JobName,
    JobPeriod,
    JobRun,
    JobRunStore,
    JobStatus,
    NamedCredentials,
    status_after,
)
from cdiscount_marketplace.oms.ports.leases import Lease, LeaseOverview, LeaseStatus, LeaseStore
from cdiscount_marketplace.oms.ports.offers import (
    OfferOutbox,
    OfferPackage,
    OfferPages,
    OfferState,
    OfferSwap,
    OfferTask,
    PackageState,
)
from cdiscount_marketplace.oms.ports.orders import (
    STILL_WAITING,
    Aspect,
    BulkLookup,
    BulkSave,
    Change,
    ChangeKind,
    Company,
    CompanyMapping,
    OrderArchive,
    OrderMapper,
    OrderRepository,
    SaveRequest,
    StoredOrder,
    UnitOfWork,
    WaitingOrders,
    line_addresses,
)
from cdiscount_marketplace.oms.ports.progress import (
    Checkpoint,
    CheckpointStore,
    QuarantinedOrder,
    QuarantinePages,
    QuarantineStore,
    UnseenOrder,
    UnseenStore,
)
from cdiscount_marketplace.oms.ports.tasks import (
    AcceptancePolicy,
    DecisionPages,
    DecisionStore,
    DecisionTask,
    RefundOutbox,
    RefundPages,
    RefundTask,
    ShipmentOutbox,
    ShipmentPages,
    ShipmentTask,
    Task,
    TaskState,
)

__all__ = [
    "DEFAULT_JOBS",
    "STILL_WAITING",
    "AcceptancePolicy",
    "Account",
    "AccountEditor",
    "AccountRegistry",
    "Aspect",
    "BulkLookup",
    "BulkSave",
    "Change",
    "ChangeKind",
    "Checkpoint",
    "CheckpointStore",
    "Company",
    "CompanyMapping",
    "CredentialSource",
    "DecisionPages",
    "DecisionStore",
    "DecisionTask",
    "EnvironmentCredentials",
    "FileCredentials",
    "JobName",
    "JobPeriod",
    "JobRun",
    "JobRunStore",
    "JobStatus",
    "Lease",
    "LeaseOverview",
    "LeaseStatus",
    "LeaseStore",
    "NamedCredentials",
    "OfferOutbox",
    "OfferPackage",
    "OfferPages",
    "OfferState",
    "OfferSwap",
    "OfferTask",
    "OrderArchive",
    "OrderMapper",
    "OrderRepository",
    "PackageState",
    "QuarantinePages",
    "QuarantineStore",
    "QuarantinedOrder",
    "RefundOutbox",
    "RefundPages",
    "RefundTask",
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
    "line_addresses",
    "status_after",
]
