"""The parts of an OMS that the importer writes to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Generic, TypeVar

from attrs import Factory, field, frozen

from cdiscount_marketplace.oms.ports import (
    BulkLookup,
    BulkSave,
    CompanyMapping,
    OrderArchive,
    OrderMapper,
    OrderRepository,
    QuarantineStore,
    UnitOfWork,
    UnseenStore,
)

T = TypeVar("T")


@frozen(kw_only=True)
class OrderSink(Generic[T]):
    """Where an account's orders go. Optional ports that the repository does not have are None."""

    account: str
    repository: OrderRepository[T]
    mapper: OrderMapper[T]
    companies: CompanyMapping | None
    quarantine: QuarantineStore | None
    unseen: UnseenStore | None
    # Resolved once: checking an object against a protocol costs as much as a savepoint, and each order has one.
    unit: Callable[[], AbstractContextManager[None]] = field(
        init=False, default=Factory(lambda self: _units_of(self.repository), takes_self=True)
    )
    archive: OrderArchive | None = field(
        init=False, default=Factory(lambda self: _archive_of(self.repository), takes_self=True)
    )
    lookup: BulkLookup | None = field(
        init=False, default=Factory(lambda self: _lookup_of(self.repository), takes_self=True)
    )
    bulk: BulkSave[T] | None = field(
        init=False, default=Factory(lambda self: _bulk_of(self.repository), takes_self=True)
    )


def _units_of(repository: object) -> Callable[[], AbstractContextManager[None]]:
    return repository.unit if isinstance(repository, UnitOfWork) else nullcontext


def _archive_of(repository: object) -> OrderArchive | None:
    return repository if isinstance(repository, OrderArchive) else None


def _lookup_of(repository: object) -> BulkLookup | None:
    return repository if isinstance(repository, BulkLookup) else None


def _bulk_of(repository: OrderRepository[T]) -> BulkSave[T] | None:
    # Without units, a bulk save that fails halfway could not be undone.
    return repository if isinstance(repository, BulkSave) and isinstance(repository, UnitOfWork) else None
