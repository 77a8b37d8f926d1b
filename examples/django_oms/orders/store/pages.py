"""What the operator's page shows: lists page by page, and accounts at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count as Counted
from django.db.models import Q
from django.db.models.functions import Coalesce

from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms import DecisionTask, QuarantinedOrder, ShipmentTask, TaskState
from cdiscount_marketplace.oms.ports import Count, OrderRecord, OrderSummary, Overview
from orders import models
from orders.store.leases import LeaseStore
from orders.store.orders import OrderStore
from orders.store.progress import ProgressStore, quarantined
from orders.store.tasks import decision_task, shipment_task, wanted
from orders.store.transactions import store_errors

_TABLES: tuple[type[Any], ...] = (
    models.Checkpoint,
    models.Order,
    models.QuarantinedOrder,
    models.Shipment,
    models.Decision,
)


class PageStore(OrderStore, ProgressStore, LeaseStore):
    """The ports `OrderOverview`, `ShipmentPages`, `DecisionPages` and `QuarantinePages`."""

    def accounts(self) -> Sequence[str]:
        """Return every account that the tables know of."""
        with store_errors():
            return sorted(
                {name for table in _TABLES for name in table.objects.values_list("account", flat=True).distinct()}
            )

    def overview(self, account: str) -> Overview:
        """Return an account at a glance; this shop keeps no refunds, no offers, and not when a checkpoint moved."""
        return Overview(
            account=account,
            checkpoint=self.load_checkpoint(account),
            pulled_at=None,
            orders=_counts(models.Order, "status", account),
            quarantine=_counts(models.QuarantinedOrder, "code", account),
            unseen=_counts(models.UnseenOrder, "status", account),
            decisions=_counts(models.Decision, "state", account),
            shipments=_counts(models.Shipment, "state", account),
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
        """Return the account's orders, newest first, after that of a number; none after a number that no order has.

        An order without a date is where it was imported.
        """
        orders = models.Order.objects.annotate(listed_at=Coalesce("created_at", "imported_at")).filter(account=account)
        rows = orders.order_by("-listed_at", "-pk")
        if statuses:
            rows = rows.filter(status__in=statuses)
        with store_errors():
            if after is not None:
                last = orders.filter(numbers__identity=after).first()
                if last is None:
                    return []
                rows = rows.filter(Q(listed_at__lt=last.listed_at) | Q(listed_at=last.listed_at, pk__lt=last.pk))
            return [_summary(row) for row in rows.annotate(line_count=Counted("lines"))[:limit]]

    def show_order(self, account: str, identity: str) -> OrderRecord | None:
        """Return an order, whole; this shop keeps no history."""
        order = self.load_order(account, identity)
        if order is None:
            return None
        row = models.Order.objects.get(account=account, numbers__identity=order.identities[0])
        return OrderRecord(
            order=order,
            company=None,
            imported_at=row.imported_at,
            saved_at=row.saved_at,
            purged_at=None,
            history=(),
        )

    def count_quarantine(self, account: str) -> int:
        """Return how many orders are in quarantine."""
        with store_errors():
            return models.QuarantinedOrder.objects.filter(account=account).count()

    def page_quarantine(
        self, account: str, *, limit: int, after: QuarantinedOrder | None = None
    ) -> Sequence[QuarantinedOrder]:
        """Return the first quarantined orders, or those that follow `after`."""
        rows = models.QuarantinedOrder.objects.filter(account=account)
        if after is not None:
            rows = rows.filter(_follows(first_seen=after.first_seen, key=after.key))
        with store_errors():
            return [quarantined(row) for row in rows[:limit]]

    def count_shipments(self, account: str, states: Sequence[TaskState] = ()) -> int:
        """Return how many shipments are in any of `states`."""
        with store_errors():
            return models.Shipment.objects.filter(**wanted(account, states)).count()

    def page_shipments(
        self, account: str, states: Sequence[TaskState] = (), *, limit: int, after: ShipmentTask | None = None
    ) -> Sequence[ShipmentTask]:
        """Return the first shipments, or those that follow `after`."""
        rows = models.Shipment.objects.filter(**wanted(account, states))
        if after is not None:
            place = {"created_at": after.task.created_at, "key": after.task.key, "parcel": after.shipment.parcel}
            rows = rows.filter(_follows(**place))
        with store_errors():
            return [shipment_task(row) for row in rows[:limit]]

    def count_decisions(self, account: str, states: Sequence[TaskState] = ()) -> int:
        """Return how many decisions are in any of `states`."""
        with store_errors():
            return models.Decision.objects.filter(**wanted(account, states)).count()

    def page_decisions(
        self, account: str, states: Sequence[TaskState] = (), *, limit: int, after: DecisionTask | None = None
    ) -> Sequence[DecisionTask]:
        """Return the first decisions, or those that follow `after`."""
        rows = models.Decision.objects.filter(**wanted(account, states))
        if after is not None:
            rows = rows.filter(_follows(created_at=after.task.created_at, key=after.task.key))
        with store_errors():
            return [decision_task(row) for row in rows[:limit]]


def _follows(**place: object) -> Q:
    """Select the rows that stand after a place in the order of its members."""
    following, same = Q(pk__in=[]), Q()
    for name, value in place.items():
        following |= same & Q(**{f"{name}__gt": value})
        same &= Q(**{name: value})
    return following


def _counts(table: type[Any], member: str, account: str) -> tuple[Count, ...]:
    with store_errors():
        found = table.objects.filter(account=account).order_by().values_list(member).annotate(Counted("pk"))
        return tuple(Count(value=value, count=count) for value, count in sorted(found))


def _summary(row: Any) -> OrderSummary:
    return OrderSummary(
        number=row.number,
        status=OrderStatus(row.status),
        channel_status=None,
        created_at=row.created_at,
        ship_by=row.ship_by,
        total=row.total,
        currency=row.currency,
        lines=row.line_count,
        retailer=None,
        supplier=None,
        imported_at=row.imported_at,
        saved_at=row.saved_at,
    )
