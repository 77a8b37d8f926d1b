"""Every store that the package brings holds to every contract that it gives to others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cdiscount_marketplace.adapters.memory import MemoryAccountRegistry, MemoryOms
from cdiscount_marketplace.adapters.sql import SqlAccountRegistry, SqlOms
from cdiscount_marketplace.oms.ports import Company
from cdiscount_marketplace.testing.contracts import (
    AccountRegistryContract,
    BulkLookupContract,
    BulkSaveContract,
    CheckpointStoreContract,
    DecisionStoreContract,
    FencingContract,
    JobRunStoreContract,
    LeaseOverviewContract,
    LeaseStoreContract,
    OfferOutboxContract,
    OfferPagesContract,
    OrderArchiveContract,
    OrderOverviewContract,
    OrderRepositoryContract,
    PagesContract,
    QuarantineStoreContract,
    RefundOutboxContract,
    RefundPagesContract,
    ShipmentOutboxContract,
    UnitOfWorkContract,
    UnseenStoreContract,
)
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, OTHER_ACCOUNT, order


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[MemoryOms | SqlOms]:
    """Give an empty store of each kind."""
    if request.param == "memory":
        yield MemoryOms()
        return
    with SqlOms(request.getfixturevalue(f"{request.param}_url")) as oms:
        yield oms


class Registries:
    """An empty registry of each kind."""

    @pytest.fixture(params=["memory", "sqlite", "postgresql"])
    def store(self, request: pytest.FixtureRequest) -> Iterator[MemoryAccountRegistry | SqlAccountRegistry]:
        """Give an empty registry of each kind."""
        if request.param == "memory":
            yield MemoryAccountRegistry()
            return
        with SqlAccountRegistry(request.getfixturevalue(f"{request.param}_url")) as registry:
            yield registry


class TestAccounts(Registries, AccountRegistryContract):
    """Accounts."""


class TestJobRuns(Registries, JobRunStoreContract):
    """Runs of their jobs."""


class TestCheckpoints(CheckpointStoreContract):
    """Checkpoints."""


class TestLeases(LeaseStoreContract):
    """Leases."""


class TestLeaseOverview(LeaseOverviewContract):
    """Leases that are listed and freed."""


class TestOrders(OrderRepositoryContract):
    """Orders."""


class TestQuarantine(QuarantineStoreContract):
    """Quarantine."""


class TestUnseen(UnseenStoreContract):
    """Orders that passed unseen."""


class TestArchive(OrderArchiveContract):
    """Orders, whole."""


class TestUnits(UnitOfWorkContract):
    """Units of work."""


class TestShipments(ShipmentOutboxContract):
    """Shipments."""


class TestDecisions(DecisionStoreContract):
    """Decisions."""


class TestRefunds(RefundOutboxContract):
    """Refunds."""


class TestRefundPages(RefundPagesContract):
    """Many refunds, page by page."""


class TestOffers(OfferOutboxContract):
    """Offers."""


class TestOfferPages(OfferPagesContract):
    """Many offers, page by page."""


class TestPages(PagesContract):
    """Long lists, page by page."""


class TestFencing(FencingContract):
    """Writes under a lease."""


class TestBulk(BulkLookupContract, BulkSaveContract):
    """Looking up and saving many at once, in the stores for which that pays."""

    @pytest.fixture(params=["sqlite", "postgresql"])
    def store(self, request: pytest.FixtureRequest) -> Iterator[SqlOms]:
        """Give an empty database of each kind."""
        with SqlOms(request.getfixturevalue(f"{request.param}_url")) as oms:
            yield oms


def test_a_company_mapping_is_off_until_there_is_one(store: MemoryOms | SqlOms) -> None:
    mapped = Company(retailer="Shop SAS", supplier="Warehouse SARL")
    assert store.resolve(ACCOUNT, order()) == Company(retailer=ACCOUNT, supplier=ACCOUNT)
    store.put_company(OTHER_ACCOUNT, mapped)
    assert store.resolve(OTHER_ACCOUNT, order()) == mapped
    assert store.resolve(ACCOUNT, order()) is None


class TestOverview(OrderOverviewContract):
    """Orders as a person sees them, in the stores that show them."""

    @pytest.fixture(params=["sqlite", "postgresql"])
    def store(self, request: pytest.FixtureRequest) -> Iterator[SqlOms]:
        """Give an empty database of each kind."""
        with SqlOms(request.getfixturevalue(f"{request.param}_url")) as oms:
            yield oms
