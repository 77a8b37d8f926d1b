"""Orders: found by any of their numbers, saved once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from typing import Any

from attrs import evolve, frozen
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session, selectinload

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
from shop.database import Database, insert_if_absent
from shop.mapping import MappedOrder, ShopMapper
from shop.models import Order, OrderLine, OrderNumber
from shop.store.statements import changed, rows
from shop.types import storable

# Databases limit how many values one statement carries.
_CHUNK = 500


class OrderStore(ShopMapper):
    """The ports `OrderRepository`, `BulkLookup`, `OrderArchive`, `WaitingOrders` and `UnitOfWork`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Begin a transaction, or inside another unit a savepoint; leave it by committing, or undo it by raising."""
        with self._database.session():
            yield

    def find(self, account: str, identities: Sequence[str]) -> StoredOrder | None:
        """Return the order that has the first of these numbers that any order has."""
        return self.find_all(account, [identities])[0]

    def find_all(self, account: str, wanted: Sequence[Sequence[str]]) -> Sequence[StoredOrder | None]:
        """Return for each tuple of numbers what `find` would, in the same order."""
        with self._database.session() as session:
            return [None if row is None else _stored(row) for row in find_rows(session, account, wanted, hold=True)]

    def save(self, account: str, order: SalesOrder, mapped: MappedOrder, change: Change) -> None:
        """Insert the order, or update the one that has the first of its `keys` that any has."""
        with self._database.session() as session:
            saving = _Saving(session, account, order, mapped, change)
            if (row := saving.find()) is None and saving.insert():
                return
            # Another worker was faster.
            if (row := row or saving.find()) is None:
                raise StoreFailed("the order was removed while it was saved", retryable=True)
            saving.update(row)

    def load_order(self, account: str, identity: str) -> SalesOrder | None:
        """Return the order as it was last saved; None where it is not stored."""
        with self._database.session() as session:
            (row,) = find_rows(session, account, [[identity]])
            return None if row is None else known(row)

    def list_waiting(self, account: str) -> Sequence[tuple[str, ...]]:
        """Return the numbers of each order that still waits, oldest first."""
        waiting = select(Order).where(Order.account == account, Order.status.in_(STILL_WAITING)).order_by(Order.id)
        with self._database.session() as session:
            return [_identities(row) for row in rows(session, waiting.options(selectinload(Order.numbers)))]


@frozen
class _Saving:
    """One save: what is written, for whom, and why."""

    session: Session
    account: str
    order: SalesOrder
    mapped: MappedOrder
    change: Change

    def find(self) -> Order | None:
        return find_rows(self.session, self.account, [self.order.keys], hold=True)[0]

    def insert(self) -> bool:
        """Insert the order; False, and nothing left behind, if another order has one of its keys by now."""
        row = Order(
            account=self.account,
            number=self.order.number,
            imported_at=self.change.at,
            snapshot=order_to_json(self.order),
            **self._columns(),
        )
        with suppress(_NumberTaken), self.session.begin_nested():
            self.session.add(row)
            self.session.flush()
            numbers = dict.fromkeys((*self.order.identities, *self.order.keys))
            if not set(self.order.keys) <= self._claim_numbers(row.id, numbers):
                raise _NumberTaken
            self._write_lines(row.id)
            return True
        return False

    def update(self, row: Order) -> None:
        """Update an order, unless another worker stored a newer snapshot while this one was taken for new."""
        ensure_same_order(self.order, row.unique_id)
        before = known(row)
        fresh = [number for number in self.order.identities if storable(number) not in before.identities]
        self._claim_numbers(row.id, fresh, start=len(before.identities))
        if self._is_overtaken_by(row):
            return
        # Some services list no lines of a cancelled order: what was in it is not forgotten for that.
        order = self.order if self.order.lines else evolve(self.order, lines=before.lines)
        values = {"snapshot": order_to_json(order), **self._columns()}
        changed(self.session, update(Order).where(Order.id == row.id).values(values))
        if self.order.lines:
            changed(self.session, delete(OrderLine).where(OrderLine.order_id == row.id))
            self._write_lines(row.id)

    def _columns(self) -> dict[str, Any]:
        own = {"unique_id": self.order.unique_id, "digest": self.change.digest, "saved_at": self.change.at}
        if self.change.kind != ChangeKind.UPDATED:
            own["stage"] = self.change.kind
        return self.mapped.columns | own

    def _claim_numbers(self, order_id: int, numbers: Iterable[str], start: int = 0) -> set[str]:
        """Remember an order's numbers, and return those that were free: another order's stays with that one."""
        claim = {"account": self.account, "order_id": order_id}
        return {
            number
            for position, number in enumerate(numbers, start)
            if insert_if_absent(self.session, OrderNumber, {**claim, "identity": number, "position": position})
        }

    def _write_lines(self, order_id: int) -> None:
        if self.mapped.lines:
            self.session.execute(insert(OrderLine), [{"order_id": order_id, **line} for line in self.mapped.lines])

    def _is_overtaken_by(self, row: Order) -> bool:
        ours, theirs = self.order.modified_at, row.modified_at
        return self.change.kind == ChangeKind.IMPORTED and bool(ours and theirs and ours < theirs)


class _NumberTaken(Exception):
    """Another worker has inserted an order with one of these numbers."""


def find_rows(
    session: Session, account: str, wanted: Sequence[Sequence[str]], *, hold: bool = False
) -> list[Order | None]:
    """Return for each tuple of numbers the order that has the first of them; `hold` it until the unit ends."""
    owners: dict[str, int] = {}
    numbers = list(dict.fromkeys(map(storable, chain.from_iterable(wanted))))
    for start in range(0, len(numbers), _CHUNK):
        mine = (OrderNumber.account == account) & OrderNumber.identity.in_(numbers[start : start + _CHUNK])
        owners |= {row.identity: row.order_id for row in rows(session, select(OrderNumber).where(mine))}
    statement = (
        select(Order).where(Order.id.in_(set(owners.values()))).order_by(Order.id).options(selectinload(Order.numbers))
    )
    by_id = {row.id: row for row in rows(session, statement.with_for_update() if hold else statement)}
    hits = (next((owners[number] for number in map(storable, each) if number in owners), None) for each in wanted)
    return [None if hit is None else by_id[hit] for hit in hits]


def known(row: Order) -> SalesOrder:
    """Return the order as last saved; only what the columns say, if its snapshot was erased."""
    bare = SalesOrder(
        channel=row.channel,
        identities=(row.number,),
        unique_id=row.unique_id,
        status=OrderStatus(row.status),
        modified_at=row.modified_at,
    )
    return evolve(order_from_json(row.snapshot) or bare, identities=_identities(row))


def _identities(row: Order) -> tuple[str, ...]:
    return tuple(number.identity for number in row.numbers)


def _stored(row: Order) -> StoredOrder:
    return StoredOrder.of(known(row), digest=row.digest, stage=ChangeKind(row.stage))
