"""What the API reads: straight from the tables, in one transaction each."""

from __future__ import annotations

from typing import Any

from attrs import frozen
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.database import Database
from shop.models import Checkpoint, Decision, Order, QuarantinedOrder, Shipment, UnseenOrder
from shop.schemas import Health, OrderDetails, OrderSummary, QueuedTask, Recipient, ShownLine, ShownShipment
from shop.store.orders import find_rows, known
from shop.store.statements import rows


@frozen
class OrderQueries:
    """The readings of one account."""

    database: Database
    account: str

    def list_orders(self, status: str | None, after: int, limit: int) -> list[OrderSummary]:
        """Return the orders that follow one, oldest first."""
        statement = select(Order).where(Order.account == self.account, Order.id > after)
        if status is not None:
            statement = statement.where(Order.status == status)
        with self.database.session() as session:
            return [
                OrderSummary.model_validate(row) for row in rows(session, statement.order_by(Order.id).limit(limit))
            ]

    def show_order(self, number: str) -> OrderDetails | None:
        """Return an order under any of its numbers."""
        with self.database.session() as session:
            (row,) = find_rows(session, self.account, [[number]])
            return None if row is None else self._details(session, row)

    def health(self) -> Health:
        """Return how far the import has come, and what waits for a person."""
        cursor = select(Checkpoint.cursor).where(Checkpoint.account == self.account)
        with self.database.session() as session:
            return Health(
                last_order_pulled=session.scalar(cursor),
                quarantined=self._count(session, QuarantinedOrder),
                unseen=self._count(session, UnseenOrder),
                stuck=sum(self._count(session, table, state="stuck") for table in (Shipment, Decision)),
                unknown=sum(self._count(session, table, state="unknown") for table in (Shipment, Decision)),
            )

    def _count(self, session: Session, table: Any, **wanted: str) -> int:
        statement = select(func.count()).select_from(table).filter_by(account=self.account, **wanted)
        return session.scalar(statement) or 0

    def _details(self, session: Session, row: Order) -> OrderDetails:
        order = known(row)
        shipments = self._of(session, Shipment, order.identities)
        decisions = self._of(session, Decision, order.identities)
        return OrderDetails(
            **OrderSummary.model_validate(row).model_dump(),
            key=row.unique_id or row.number,
            numbers=order.identities,
            recipient=None if order.shipping_address is None else Recipient.model_validate(order.shipping_address),
            lines=[ShownLine.model_validate(line) for line in row.lines],
            shipments=[ShownShipment.model_validate(shipment, from_attributes=True) for shipment in shipments],
            decision=QueuedTask.model_validate(decisions[0], from_attributes=True) if decisions else None,
        )

    def _of(self, session: Session, table: Any, numbers: tuple[str, ...]) -> Any:
        mine = (table.account == self.account) & table.key.in_(numbers)
        return rows(session, select(table).where(mine).order_by(table.created_at))
