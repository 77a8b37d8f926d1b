"""Orders: found by any of their numbers, saved once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from itertools import chain
from typing import Any

from attrs import evolve, frozen
from django.db import connection, transaction

from cdiscount_marketplace.errors import StoreFailed
from cdiscount_marketplace.models import OrderStatus, SalesOrder
from cdiscount_marketplace.oms import (
    Change,
    ChangeKind,
    StoredOrder,
    ensure_same_order,
    order_from_json,
    order_to_json,
)
from cdiscount_marketplace.oms.ports import STILL_WAITING
from orders.fields import storable
from orders.mapping import MappedOrder, ShopMapper
from orders.models import Order, OrderLine, OrderNumber
from orders.store.transactions import store_errors, unit

# Databases limit how many values one statement carries.
_CHUNK = 500


class OrderStore(ShopMapper):
    """The ports `OrderRepository`, `BulkLookup`, `OrderArchive`, `WaitingOrders` and `UnitOfWork`."""

    def unit(self) -> AbstractContextManager[None]:
        """Begin a transaction, or inside another unit a savepoint; leave it by committing, or undo it by raising."""
        return unit()

    def find(self, account: str, identities: Sequence[str]) -> StoredOrder | None:
        """Return the order that has the first of these numbers that any order has."""
        return self.find_all(account, [identities])[0]

    def find_all(self, account: str, wanted: Sequence[Sequence[str]]) -> Sequence[StoredOrder | None]:
        """Return for each tuple of numbers what `find` would, in the same order."""
        with store_errors():
            return [None if row is None else _stored(row) for row in _rows(account, wanted)]

    def save(self, account: str, order: SalesOrder, mapped: MappedOrder, change: Change) -> None:
        """Insert the order, or update the one that has the first of its `keys` that any has."""
        saving = _Saving(account, order, mapped, change)
        with unit():
            if (row := saving.find()) is None and saving.insert():
                return
            # Another worker was faster.
            if (row := row or saving.find()) is None:
                raise StoreFailed("the order was removed while it was saved", retryable=True)
            saving.update(row)

    def load_order(self, account: str, identity: str) -> SalesOrder | None:
        """Return the order as it was last saved; None where it is not stored."""
        with store_errors():
            (row,) = _rows(account, [[identity]])
            return None if row is None else _known(row)

    def list_waiting(self, account: str) -> Sequence[tuple[str, ...]]:
        """Return the numbers of each order that still waits, oldest first."""
        waiting = Order.objects.filter(account=account, status__in=STILL_WAITING).order_by("pk")
        with store_errors():
            return [_identities(row) for row in waiting.prefetch_related("numbers")]


@frozen
class _Saving:
    """One save: what is written, for whom, and why."""

    account: str
    order: SalesOrder
    mapped: MappedOrder
    change: Change

    def find(self) -> Order | None:
        return _rows(self.account, [self.order.keys])[0]

    def insert(self) -> bool:
        """Insert the order; False, and nothing left behind, if another order has one of its keys by now."""
        with suppress(_NumberTaken), transaction.atomic():
            row = Order.objects.create(
                account=self.account,
                number=self.order.number,
                imported_at=self.change.at,
                snapshot=order_to_json(self.order),
                **self._columns(),
            )
            self._claim_numbers(row, (*self.order.identities, *self.order.keys))
            if not {storable(key) for key in self.order.keys} <= set(_identities(row)):
                raise _NumberTaken
            self._write_lines(row)
            return True
        return False

    def update(self, row: Order) -> None:
        """Update an order, unless another worker stored a newer snapshot while this one was taken for new."""
        ensure_same_order(self.order, row.unique_id)
        known = _known(row)
        self._claim_numbers(row, self.order.identities, start=len(known.identities))
        if self._is_overtaken_by(row):
            return
        # Some services list no lines of a cancelled order: what was in it is not forgotten for that.
        order = self.order if self.order.lines else evolve(self.order, lines=known.lines)
        Order.objects.filter(pk=row.pk).update(snapshot=order_to_json(order), **self._columns())
        if self.order.lines:
            row.lines.all().delete()
            self._write_lines(row)

    def _columns(self) -> dict[str, Any]:
        own = {"unique_id": self.order.unique_id, "digest": self.change.digest, "saved_at": self.change.at}
        if self.change.kind != ChangeKind.UPDATED:
            own["stage"] = self.change.kind
        return self.mapped.columns | own

    def _claim_numbers(self, row: Order, identities: Iterable[str], start: int = 0) -> None:
        """Remember the order's numbers; one that another order has stays with that one."""
        numbers = [
            OrderNumber(account=self.account, identity=identity, order=row, position=position)
            for position, identity in enumerate(dict.fromkeys(identities), start)
        ]
        OrderNumber.objects.bulk_create(numbers, ignore_conflicts=True)

    def _write_lines(self, row: Order) -> None:
        for line in self.mapped.lines:
            line.pk, line.order = None, row
        OrderLine.objects.bulk_create(self.mapped.lines)

    def _is_overtaken_by(self, row: Order) -> bool:
        ours, theirs = self.order.modified_at, row.modified_at
        return self.change.kind == ChangeKind.IMPORTED and bool(ours and theirs and ours < theirs)


class _NumberTaken(Exception):
    """Another worker has inserted an order with one of these numbers."""


def _rows(account: str, wanted: Sequence[Sequence[str]]) -> list[Order | None]:
    """Return for each tuple of numbers the order that has the first of them; inside a unit, it is held."""
    owners: dict[str, int] = {}
    keys = list(dict.fromkeys(map(storable, chain.from_iterable(wanted))))
    for start in range(0, len(keys), _CHUNK):
        numbers = OrderNumber.objects.filter(account=account, identity__in=keys[start : start + _CHUNK])
        owners.update(numbers.values_list("identity", "order_id"))
    orders = Order.objects.filter(pk__in=set(owners.values())).order_by("pk").prefetch_related("numbers")
    if connection.in_atomic_block:
        orders = orders.select_for_update()
    by_pk = {row.pk: row for row in orders}
    hits = (next((owners[key] for key in map(storable, each) if key in owners), None) for each in wanted)
    return [None if pk is None else by_pk[pk] for pk in hits]


def _identities(row: Order) -> tuple[str, ...]:
    return tuple(number.identity for number in row.numbers.all())


def _known(row: Order) -> SalesOrder:
    """Return the order as last saved; only what the columns say, if its snapshot was erased."""
    bare = SalesOrder(
        channel=row.channel,
        identities=(row.number,),
        unique_id=row.unique_id,
        status=OrderStatus(row.status),
        modified_at=row.modified_at,
    )
    return evolve(order_from_json(row.snapshot) or bare, identities=_identities(row))


def _stored(row: Order) -> StoredOrder:
    return StoredOrder.of(_known(row), digest=row.digest, stage=ChangeKind(row.stage))
