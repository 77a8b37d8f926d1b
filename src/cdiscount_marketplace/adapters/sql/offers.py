"""Stored offers and their packages: rows with a state, replaced by compare-and-set, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from attrs import asdict, fields
from sqlalchemy import ColumnElement, Select, TextClause, bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from cdiscount_marketplace.adapters.sql.database import Session
from cdiscount_marketplace.adapters.sql.pages import following
from cdiscount_marketplace.adapters.sql.schema import DUE_OFFERS, OPEN_PACKAGES, offer_packages, offers
from cdiscount_marketplace.adapters.sql.types import Words
from cdiscount_marketplace.offers import OFFER_MEMBERS, Offer, OfferCondition, OfferDelivery, OfferTax, OfferTaxKind
from cdiscount_marketplace.oms.ports import OfferPackage, OfferState, OfferSwap, OfferTask, PackageState

_c = offers.c
_MEMBERS = attrgetter(*OFFER_MEMBERS)
_TASK_NAMES = tuple(item.name for item in fields(OfferTask) if item.name != "offer")
_TASK = attrgetter(*_TASK_NAMES)
# A bound value may not have the name of a column.
_NEW = "new_"
_REPLACE = (
    update(offers)
    .where(_c.account == bindparam(f"{_NEW}account"), _c.sku == bindparam(f"{_NEW}sku"))
    .values({column.name: bindparam(f"{_NEW}{column.name}") for column in _c if not column.primary_key})
)
# The states that `OPEN_PACKAGES` leaves out.
_FINISHED = frozenset({PackageState.REPORTED, PackageState.LAPSED})


def find(session: Session, account: str, skus: Sequence[str]) -> Sequence[OfferTask]:
    """Return those of these offers that are stored."""
    return _tasks(session, select(offers).where(_named(session, account, skus)))


def list_due(session: Session, account: str, now: datetime, limit: int, after: OfferTask | None) -> Sequence[OfferTask]:
    """Return the first pending offers whose turn has come, or those that follow `after`, oldest first."""
    statement = select(offers).where(_c.account == account, DUE_OFFERS, _c.due_at <= now)
    if after is not None:
        last = {"due_at": after.due_at, "sku": after.offer.sku}
        statement = statement.where(following([_c.due_at, _c.sku], last))
    return _tasks(session, statement.order_by(_c.due_at, _c.sku).limit(limit))


def list_package(session: Session, account: str, package: str, limit: int | None) -> Sequence[OfferTask]:
    """Return the first offers that are on their way in a package, by sku."""
    mine = (_c.account == account) & (_c.package == package)
    return _tasks(session, select(offers).where(mine).order_by(_c.sku).limit(limit))


def count(session: Session, account: str, states: Sequence[OfferState]) -> int:
    """Return how many offers are in any of `states`."""
    return session.connection.scalar(select(func.count()).select_from(offers).where(_in(account, states))) or 0


def page(
    session: Session, account: str, states: Sequence[OfferState], limit: int, after: OfferTask | None
) -> Sequence[OfferTask]:
    """Return the first `limit` offers in any of `states` by sku, or those that follow `after`."""
    statement = select(offers).where(_in(account, states))
    if after is not None:
        statement = statement.where(following([_c.sku], {"sku": after.offer.sku}))
    return _tasks(session, statement.order_by(_c.sku).limit(limit))


def swap(session: Session, account: str, swaps: Sequence[OfferSwap]) -> Sequence[bool]:
    """Replace each row whose `before` still has the stored version; return which were replaced."""
    by_sku = {swap.after.offer.sku: swap for swap in swaps}
    versions = _locked_versions(session, account, list(by_sku))
    unchanged = {sku for sku, one in by_sku.items() if one.before and versions.get(sku) == one.before.version}
    missing = {sku for sku, one in by_sku.items() if one.before is None and sku not in versions}
    done = unchanged | _added(session, [_row(account, by_sku[sku].after) for sku in sorted(missing)])
    if unchanged:
        rows = [_row(account, by_sku[sku].after) for sku in sorted(unchanged)]
        session.connection.execute(_REPLACE, [{f"{_NEW}{name}": value for name, value in row.items()} for row in rows])
    return [swap.after.offer.sku in done for swap in swaps]


def _locked_versions(session: Session, account: str, skus: Sequence[str]) -> dict[str, int]:
    """Hold the rows until the transaction ends, always in the same order, so that no two wait for each other."""
    mine = select(_c.sku, _c.version).where(_named(session, account, skus)).order_by(_c.sku)
    return {row.sku: row.version for row in session.connection.execute(mine.with_for_update())}


def _added(session: Session, rows: Sequence[dict[str, Any]]) -> set[str]:
    """Add rows; return which of them nobody else added meanwhile."""
    if not rows:
        return set()
    return set(session.connection.scalars(session.add_if_absent(offers).returning(_c.sku), rows))


def list_packages(session: Session, account: str, states: Sequence[PackageState]) -> Sequence[OfferPackage]:
    """Return the account's packages in any of `states`, oldest first."""
    c = offer_packages.c
    wanted: list[ColumnElement[bool] | TextClause] = [c.account == account]
    if states:
        wanted.append(c.state.in_([str(state) for state in states]))
    if states and _FINISHED.isdisjoint(states):
        wanted.append(OPEN_PACKAGES)
    columns = [column for column in c if column.name != "account"]
    return [_package(**row) for row in session.rows(select(*columns).where(*wanted).order_by(c.created_at, c.name))]


def swap_package(session: Session, account: str, before: OfferPackage | None, after: OfferPackage) -> bool:
    """Replace `before` by `after` if it is still there."""
    row = {**asdict(after), "account": account, "state": str(after.state)}
    if before is None:
        return session.change(session.add_if_absent(offer_packages), row) == 1
    c = offer_packages.c
    same = (c.account == account) & (c.name == before.name) & (c.version == before.version)
    return session.change(update(offer_packages).where(same).values(row)) == 1


def _named(session: Session, account: str, skus: Sequence[str]) -> ColumnElement[bool]:
    mine = _c.account == account
    if session.connection.dialect.name == "sqlite":
        return mine & _c.sku.in_(skus)
    # With a list of values, a table that was never analysed is scanned and compared with each of them.
    return mine & _c.sku.in_(select(func.unnest(literal(skus, ARRAY(Words, dimensions=1)))))


def _in(account: str, states: Sequence[OfferState]) -> ColumnElement[bool]:
    mine = _c.account == account
    return mine & _c.state.in_([str(state) for state in states]) if states else mine


def _tasks(session: Session, statement: Select[Any]) -> Sequence[OfferTask]:
    return [_task(row) for row in session.connection.execute(statement).mappings()]


def _row(account: str, task: OfferTask) -> dict[str, Any]:
    offer = task.offer
    row: dict[str, Any] = {"account": account, "sku": offer.sku}
    row.update(zip(OFFER_MEMBERS, _MEMBERS(offer), strict=True))
    row.update(zip(_TASK_NAMES, _TASK(task), strict=True))
    row["state"] = str(task.state)
    row["condition"] = None if offer.condition is None else str(offer.condition)
    row["delivery_modes"] = [
        [each.code, str(each.cost), _text(each.additional_cost)] for each in offer.delivery_modes or ()
    ] or None
    row["taxes"] = [[each.code, str(each.value), str(each.kind)] for each in offer.taxes or ()] or None
    return row


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _task(row: Mapping[Any, Any]) -> OfferTask:
    values: dict[str, Any] = {name: row[name] for name in _TASK_NAMES}
    values |= {"state": OfferState(row["state"]), "changed": tuple(row["changed"]), "sent": tuple(row["sent"])}
    return OfferTask(offer=_offer(row), **values)


def _offer(row: Mapping[Any, Any]) -> Offer:
    values: dict[str, Any] = {name: row[name] for name in OFFER_MEMBERS}
    if row["condition"] is not None:
        values["condition"] = OfferCondition(row["condition"])
    if row["delivery_modes"] is not None:
        values["delivery_modes"] = tuple(
            OfferDelivery(
                code=code, cost=Decimal(cost), additional_cost=None if additional is None else Decimal(additional)
            )
            for code, cost, additional in row["delivery_modes"]
        )
    if row["taxes"] is not None:
        values["taxes"] = tuple(
            OfferTax(code=code, value=Decimal(value), kind=OfferTaxKind(kind)) for code, value, kind in row["taxes"]
        )
    return Offer(sku=row["sku"], **values)


def _package(*, state: str, **rest: Any) -> OfferPackage:
    return OfferPackage(state=PackageState(state), **rest)
