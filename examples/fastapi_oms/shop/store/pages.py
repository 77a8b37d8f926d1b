"""What the operator's page shows: lists page by page, and accounts at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, select, tuple_, union
from sqlalchemy.orm import InstrumentedAttribute, Session

from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms import DecisionTask, QuarantinedOrder, ShipmentTask, TaskState
from cdiscount_marketplace.oms.ports import Count, OrderRecord, OrderSummary, Overview
from shop.models import Checkpoint, Decision, Order, OrderLine, OrderNumber, Shipment, UnseenOrder, listed_at
from shop.models import QuarantinedOrder as Quarantined
from shop.store.leases import LeaseStore
from shop.store.orders import OrderStore, find_rows, known
from shop.store.progress import ProgressStore
from shop.store.tasks import TaskStore, in_states

_TABLES: tuple[Any, ...] = (Checkpoint, Order, Quarantined, Shipment, Decision)
# Without the snapshot, which is long and has the customer's data.
_LISTED = (
    Order.number,
    Order.status,
    Order.created_at,
    Order.ship_by,
    Order.total,
    Order.currency,
    Order.imported_at,
    Order.saved_at,
)


class PageStore(OrderStore, ProgressStore, TaskStore, LeaseStore):
    """The ports `OrderOverview`, `ShipmentPages`, `DecisionPages` and `QuarantinePages`."""

    def accounts(self) -> Sequence[str]:
        """Return every account that the tables know of."""
        named = union(*(select(table.account).distinct() for table in _TABLES))
        with self._database.session() as session:
            return sorted(session.scalars(named))

    def overview(self, account: str) -> Overview:
        """Return an account at a glance; this shop keeps no refunds, no offers, and not when a checkpoint moved."""
        with self._database.session() as session:
            return Overview(
                account=account,
                checkpoint=self.load_checkpoint(account),
                pulled_at=None,
                orders=_counts(session, Order.status, Order.account == account),
                quarantine=_counts(session, Quarantined.code, Quarantined.account == account),
                unseen=_counts(session, UnseenOrder.status, UnseenOrder.account == account),
                decisions=_counts(session, Decision.state, Decision.account == account),
                shipments=_counts(session, Shipment.state, Shipment.account == account),
                refunds=(),
                offers=(),
                leases=tuple(held.lease for held in self.list_leases(account)),
            )

    def list_orders(
        self,
        account: str,
        statuses: Sequence[OrderStatus] = (),
        *,
        limit: int | None = None,
        after: str | None = None,
    ) -> Sequence[OrderSummary]:
        """Return the account's orders, newest first, after that of a number; none after a number that no order has."""
        lines = select(func.count()).where(OrderLine.order_id == Order.id).scalar_subquery()
        statement = select(*_LISTED, lines.label("lines")).where(Order.account == account)
        if statuses:
            statement = statement.where(Order.status.in_(statuses))
        with self._database.session() as session:
            if after is not None:
                place = session.execute(_place(account, after)).one_or_none()
                if place is None:
                    return []
                statement = statement.where(tuple_(listed_at, Order.id) < tuple(place))
            found = session.execute(statement.order_by(listed_at.desc(), Order.id.desc()).limit(limit))
            return [_summary(row) for row in found.mappings()]

    def show_order(self, account: str, identity: str) -> OrderRecord | None:
        """Return an order, whole; this shop keeps no history."""
        with self._database.session() as session:
            (row,) = find_rows(session, account, [[identity]])
            if row is None:
                return None
            return OrderRecord(
                order=known(row),
                company=None,
                imported_at=row.imported_at,
                saved_at=row.saved_at,
                purged_at=None,
                history=(),
            )

    def count_quarantine(self, account: str) -> int:
        """Return how many orders are in quarantine."""
        return self._count(Quarantined.account == account)

    def page_quarantine(
        self, account: str, *, limit: int, after: QuarantinedOrder | None = None
    ) -> Sequence[QuarantinedOrder]:
        """Return the first quarantined orders, or those that follow `after`."""
        rest = (
            [] if after is None else [tuple_(Quarantined.first_seen, Quarantined.key) > (after.first_seen, after.key)]
        )
        return self._quarantine(Quarantined.account == account, *rest, limit=limit)

    def count_shipments(self, account: str, states: Sequence[TaskState] = ()) -> int:
        """Return how many shipments are in any of `states`."""
        return self._count(Shipment.account == account, *in_states(Shipment, states))

    def page_shipments(
        self, account: str, states: Sequence[TaskState] = (), *, limit: int, after: ShipmentTask | None = None
    ) -> Sequence[ShipmentTask]:
        """Return the first shipments, or those that follow `after`."""
        wanted = [Shipment.account == account, *in_states(Shipment, states)]
        if after is not None:
            place = (after.task.created_at, after.task.key, after.shipment.parcel)
            wanted.append(tuple_(Shipment.created_at, Shipment.key, Shipment.parcel) > place)
        return self._shipments(*wanted, limit=limit)

    def count_decisions(self, account: str, states: Sequence[TaskState] = ()) -> int:
        """Return how many decisions are in any of `states`."""
        return self._count(Decision.account == account, *in_states(Decision, states))

    def page_decisions(
        self, account: str, states: Sequence[TaskState] = (), *, limit: int, after: DecisionTask | None = None
    ) -> Sequence[DecisionTask]:
        """Return the first decisions, or those that follow `after`."""
        wanted = [Decision.account == account, *in_states(Decision, states)]
        if after is not None:
            wanted.append(tuple_(Decision.created_at, Decision.key) > (after.task.created_at, after.task.key))
        return self._decisions(*wanted, limit=limit)

    def _count(self, *wanted: ColumnElement[bool]) -> int:
        with self._database.session() as session:
            return session.scalar(select(func.count()).where(*wanted)) or 0


def _place(account: str, number: str) -> Any:
    """Select where the order of a number stands in the list."""
    numbered = select(listed_at, Order.id).join(OrderNumber, OrderNumber.order_id == Order.id)
    return numbered.where(OrderNumber.account == account, OrderNumber.identity == number)


def _counts(session: Session, member: InstrumentedAttribute[str], wanted: ColumnElement[bool]) -> tuple[Count, ...]:
    statement = select(member, func.count()).where(wanted).group_by(member).order_by(member)
    return tuple(Count(value=value, count=count) for value, count in session.execute(statement))


def _summary(row: RowMapping) -> OrderSummary:
    values = {**row, "status": OrderStatus(row["status"])}
    return OrderSummary(channel_status=None, retailer=None, supplier=None, **values)
