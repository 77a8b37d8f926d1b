"""Orders in their tables: found by any identity, saved as one row each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from attrs import frozen
from sqlalchemy import bindparam, delete, insert, select, update

from cdiscount_marketplace.adapters.sql import history
from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.rows import line_rows, order_row, unpack, unpack_addresses
from cdiscount_marketplace.adapters.sql.schema import order_identities, order_lines, orders
from cdiscount_marketplace.errors import StoreFailed
from cdiscount_marketplace.models import Address, Customer, OrderStatus, SalesOrder
from cdiscount_marketplace.oms.identity import ensure_same_order
from cdiscount_marketplace.oms.ports import (
    STILL_WAITING,
    Change,
    ChangeKind,
    Company,
    Entry,
    StoredOrder,
)

# Both databases limit how many values one statement carries.
_CHUNK = 1000

_KNOWN = (
    orders.c.id,
    orders.c.number,
    orders.c.unique_id,
    orders.c.status,
    orders.c.modified_at,
    orders.c.digest,
    orders.c.customer,
    orders.c.billing_address,
    orders.c.shipping_address,
    orders.c.line_addresses,
    orders.c.stage,
)
_same = order_identities.alias("same")
_HITS = select(_same.c.order_id).where(
    _same.c.account == bindparam("account"), _same.c.identity.in_(bindparam("identities", expanding=True))
)
_FIND = (
    select(*_KNOWN, order_identities.c.identity)
    .join_from(order_identities, orders, orders.c.id == order_identities.c.order_id)
    .where(order_identities.c.order_id.in_(_HITS))
    .order_by(orders.c.id, order_identities.c.position)
)
# PostgreSQL: hold the row between reading and saving it. SQLite ignores this, its writers are alone anyway.
_FIND_AND_HOLD = _FIND.with_for_update(of=orders)

_WAITING = (
    select(orders.c.id, order_identities.c.identity)
    .join_from(orders, order_identities, orders.c.id == order_identities.c.order_id)
    .where(orders.c.account == bindparam("account"), orders.c.status.in_([str(one) for one in STILL_WAITING]))
    .order_by(orders.c.id, order_identities.c.position)
)

_INSERT = insert(orders)
_INSERT_ALL = insert(orders).returning(orders.c.id, sort_by_parameter_order=True)
_CLAIM_ALL = insert(order_identities)
_UPDATE = update(orders).where(orders.c.id == bindparam("old_id"))
_INSERT_LINES = insert(order_lines)
_DELETE_LINES = delete(order_lines).where(order_lines.c.order_id == bindparam("old_id"))
_DELETE_IDENTITIES = delete(order_identities).where(order_identities.c.order_id == bindparam("old_id"))
_DELETE = delete(orders).where(orders.c.id == bindparam("old_id"))


def find(session: Session, account: str, identities: Sequence[str]) -> StoredOrder | None:
    """Return the order that has any of these identities; within a unit it stays as it is until the unit ends."""
    return find_all(session, account, [identities])[0]


def find_all(session: Session, account: str, wanted: Sequence[Sequence[str]]) -> Sequence[StoredOrder | None]:
    """Return for each tuple of identities what `find` would."""
    keys = [tuple(identities) for identities in wanted]
    groups = _read(session, account, keys)
    return [_stored(rows) for rows in groups]


def list_waiting(session: Session, account: str) -> Sequence[tuple[str, ...]]:
    """Return the identities of each order that still waits, oldest first."""
    by_order: dict[int, list[str]] = {}
    for row in session.connection.execute(_WAITING, {"account": account}):
        by_order.setdefault(row.id, []).append(row.identity)
    return [tuple(identities) for identities in by_order.values()]


def _stored(rows: Sequence[Any]) -> StoredOrder | None:
    if not rows:
        return None
    first = rows[0]
    return StoredOrder(
        identities=tuple(row.identity for row in rows),
        unique_id=first.unique_id,
        status=OrderStatus(first.status),
        modified_at=first.modified_at,
        digest=first.digest,
        customer=unpack(Customer, first.customer),
        billing_address=unpack(Address, first.billing_address),
        shipping_address=unpack(Address, first.shipping_address),
        line_addresses=unpack_addresses(first.line_addresses),
        stage=ChangeKind(first.stage),
    )


@frozen(kw_only=True)
class Saving:
    """One save: what is written, for whom, and why."""

    account: str
    order: SalesOrder
    company: Company | None
    change: Change

    def columns(self) -> dict[str, Any]:
        """Return what an insert and an update have in common."""
        columns = order_row(self.order)
        columns["retailer"] = self.company.retailer if self.company else None
        columns["supplier"] = self.company.supplier if self.company else None
        columns["digest"] = self.change.digest
        columns["saved_at"] = self.change.at
        columns["purged_at"] = None
        if self.change.kind != ChangeKind.UPDATED:
            columns["stage"] = str(self.change.kind)
        return columns

    def new_row(self) -> dict[str, Any]:
        """Return the row of an order that is not stored yet."""
        at = self.change.at
        return {**self.columns(), "account": self.account, "number": self.order.number, "imported_at": at}

    def numbers(self) -> tuple[str, ...]:
        """Return the numbers under which a new order is found."""
        return tuple(dict.fromkeys((*self.order.identities, *self.order.keys)))

    def overtaken_by(self, row: Any) -> bool:
        """Return whether another worker has inserted a newer snapshot while this one was taken for new."""
        ours, theirs = self.order.modified_at, row.modified_at
        return self.change.kind == ChangeKind.IMPORTED and bool(ours and theirs and ours < theirs)


def save(session: Session, saving: Saving) -> None:
    """Insert the order, or update the one that has the first of its `keys` that any has; no other row is touched."""
    rows = session.found.pop((saving.account, saving.order.keys), None)
    if rows is None:
        rows = _read_one(session, saving)
    if not rows:
        if _insert(session, saving):
            return
        rows = _read_one(session, saving)
        if not rows:
            raise StoreFailed("the order was removed while it was saved", retryable=True)
    _update(session, saving, rows)


def save_all(session: Session, savings: Sequence[Saving]) -> None:
    """Do for each what `save` does, those together that were looked up in this unit and not found.

    Raises the database's own error if another worker has inserted one of them since.
    """
    new = [saving for saving in savings if _is_new(session, saving)]
    if new:
        _insert_all(session, new)
    for saving in savings:
        if saving not in new:
            save(session, saving)


def _is_new(session: Session, saving: Saving) -> bool:
    return saving.change.kind != ChangeKind.UPDATED and not session.found.get((saving.account, saving.order.keys), (1,))


def _read(session: Session, account: str, keys: Sequence[tuple[str, ...]]) -> Sequence[Sequence[Any]]:
    """Read for each tuple of identities the order that has the first of them that any has: one row per identity.

    What was read is remembered for the `save` that follows in the same unit.
    """
    statement = _FIND_AND_HOLD if session.lasting else _FIND
    by_order: dict[int, list[Any]] = {}
    for some in _chunks(list(dict.fromkeys(chain.from_iterable(keys)))):
        for row in session.connection.execute(statement, {"account": account, "identities": some}):
            by_order.setdefault(row.id, []).append(row)
    owner = {row.identity: order_id for order_id, rows in by_order.items() for row in rows}
    groups = [by_order[owner[hit]] if (hit := _first(key, owner)) else () for key in keys]
    session.found.update(((account, key), rows) for key, rows in zip(keys, groups, strict=True))
    return groups


def _first(key: tuple[str, ...], owner: dict[str, int]) -> str | None:
    """Return the first of an order's numbers that a row has: the strongest stands first."""
    return next((identity for identity in key if identity in owner), None)


def _read_one(session: Session, saving: Saving) -> Sequence[Any]:
    rows = _read(session, saving.account, [saving.order.keys])[0]
    session.found.clear()
    return rows


def _chunks(identities: list[str]) -> Iterator[list[str]]:
    return (identities[start : start + _CHUNK] for start in range(0, len(identities), _CHUNK))


def _insert(session: Session, saving: Saving) -> bool:
    """Insert the order; False, and nothing left behind, if somebody else has one of its numbers."""
    order = saving.order
    order_id = _only(session.connection.execute(_INSERT, saving.new_row()).inserted_primary_key)
    if not set(order.keys) <= _claim(session, saving.account, order_id, saving.numbers()):
        session.change(_DELETE_IDENTITIES, {"old_id": order_id})
        session.change(_DELETE, {"old_id": order_id})
        return False
    _insert_lines(session, order_id, order)
    _tell(session, saving, order.number)
    return True


def _insert_all(session: Session, savings: Sequence[Saving]) -> None:
    run = session.connection.execute
    ids = run(_INSERT_ALL, [saving.new_row() for saving in savings]).scalars().all()
    numbered = list(zip(ids, savings, strict=True))
    run(_CLAIM_ALL, [row for order_id, saving in numbered for row in _identity_rows(order_id, saving)])
    lines = [row for order_id, saving in numbered for row in line_rows(order_id, saving.order.lines)]
    if lines:
        run(_INSERT_LINES, lines)
    for saving in savings:
        session.found.pop((saving.account, saving.order.keys))
        _tell(session, saving, saving.order.number)


def _identity_rows(order_id: int, saving: Saving) -> list[dict[str, Any]]:
    return [
        {"account": saving.account, "identity": identity, "order_id": order_id, "position": position}
        for position, identity in enumerate(saving.numbers())
    ]


def _update(session: Session, saving: Saving, rows: Sequence[Any]) -> None:
    first, order = rows[0], saving.order
    ensure_same_order(order, first.unique_id)
    known = {row.identity for row in rows}
    fresh = [identity for identity in order.identities if identity not in known]
    _claim(session, saving.account, first.id, fresh, start=len(known))
    if saving.overtaken_by(first):
        return
    session.change(_UPDATE, {**saving.columns(), "old_id": first.id})
    if order.lines:
        # Some services list no lines of a cancelled order: what was in it is not forgotten for that.
        session.change(_DELETE_LINES, {"old_id": first.id})
        _insert_lines(session, first.id, order)
    _tell(session, saving, first.number)


def _claim(session: Session, account: str, order_id: int, identities: Sequence[str], *, start: int = 0) -> set[str]:
    """Take identities for an order; return those that were free. A concurrent insert is waited for."""
    claimed: set[str] = set()
    for position, identity in enumerate(identities, start):
        row = {"account": account, "identity": identity, "order_id": order_id, "position": position}
        if session.change(session.add_if_absent(order_identities), row):
            claimed.add(identity)
    return claimed


def _insert_lines(session: Session, order_id: int, order: SalesOrder) -> None:
    if order.lines:
        session.connection.execute(_INSERT_LINES, line_rows(order_id, order.lines))


def _tell(session: Session, saving: Saving, number: str) -> None:
    change = saving.change
    entry = Entry(
        account=saving.account,
        number=number,
        at=change.at,
        subject="order",
        event=str(change.kind),
        before=change.status_before,
        after=saving.order.status,
        detail=", ".join(change.aspects) or None,
    )
    history.append(session, entry)


def _only(key: Any) -> int:
    return int(key[0])
