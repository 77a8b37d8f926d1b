"""Test suites for authors of adapters: inherit one class per port, and provide your store.

```text
class TestMyCheckpoints(CheckpointStoreContract):
    @pytest.fixture
    def store(self):
        return MyStore(...)            # empty, and one that several threads may use
```

Every class takes a fixture `store`. `UnitOfWorkContract` and `FencingContract` need one object that satisfies all
the ports that their docstrings name.
"""

from __future__ import annotations

from cdiscount_marketplace.testing.contracts.accounts import AccountRegistryContract, JobRunStoreContract
from cdiscount_marketplace.testing.contracts.channels import Marketplace, SalesChannelContract
from cdiscount_marketplace.testing.contracts.checkpoints import CheckpointStoreContract
from cdiscount_marketplace.testing.contracts.fencing import FencingContract
from cdiscount_marketplace.testing.contracts.leases import LeaseOverviewContract, LeaseStoreContract
from cdiscount_marketplace.testing.contracts.offer_channels import OfferChannelContract, OfferMarketplace
from cdiscount_marketplace.testing.contracts.offers import OfferOutboxContract, OfferPagesContract
from cdiscount_marketplace.testing.contracts.orders import (
    BulkLookupContract,
    BulkSaveContract,
    OrderArchiveContract,
    OrderRepositoryContract,
)
from cdiscount_marketplace.testing.contracts.overview import OrderOverviewContract
from cdiscount_marketplace.testing.contracts.pages import PagesContract, RefundPagesContract
from cdiscount_marketplace.testing.contracts.quarantine import QuarantineStoreContract, UnseenStoreContract
from cdiscount_marketplace.testing.contracts.tasks import (
    DecisionStoreContract,
    RefundOutboxContract,
    ShipmentOutboxContract,
)
from cdiscount_marketplace.testing.contracts.units import UnitOfWorkContract

__all__ = [
    "AccountRegistryContract",
    "BulkLookupContract",
    "BulkSaveContract",
    "CheckpointStoreContract",
    "DecisionStoreContract",
    "FencingContract",
    "JobRunStoreContract",
    "LeaseOverviewContract",
    "LeaseStoreContract",
    "Marketplace",
    "OfferChannelContract",
    "OfferMarketplace",
    "OfferOutboxContract",
    "OfferPagesContract",
    "OrderArchiveContract",
    "OrderOverviewContract",
    "OrderRepositoryContract",
    "PagesContract",
    "QuarantineStoreContract",
    "RefundOutboxContract",
    "RefundPagesContract",
    "SalesChannelContract",
    "ShipmentOutboxContract",
    "UnitOfWorkContract",
    "UnseenStoreContract",
]
