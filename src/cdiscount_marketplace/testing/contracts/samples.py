"""Values that the contracts write and read back, and threads that race."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any, TypeVar

from cdiscount_marketplace.models import (
    Address,
    Customer,
    Decision,
    Fee,
    OrderStatus,
    Parcel,
    SalesLine,
    SalesOrder,
    Shipment,
    Verdict,
)
from cdiscount_marketplace.oms.ports import (
    Change,
    ChangeKind,
    Checkpoint,
    DecisionTask,
    QuarantinedOrder,
    RefundTask,
    ShipmentTask,
    Task,
    UnseenOrder,
)
from cdiscount_marketplace.refunds import RefundKind, RefundReason, RefundRequest

T = TypeVar("T")

ACCOUNT = "shop"
OTHER_ACCOUNT = "other-shop"
NOON = datetime(2026, 3, 10, 12, 0, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

ADDRESS = Address(
    civility="MME",
    first_name="Zoé",
    last_name="L'Hôte-Đặng",
    lines=("12 rue de l’Église", "Bât. B"),
    postal_code="01000",
    city="Bourg-en-Bresse",
    country="FR",
    phone="+33100000000",
)
CUSTOMER = Customer(reference="c-1", first_name="Zoé", last_name="L'Hôte-Đặng", email="relay@example.test")


def order(*identities: str, **changes: Any) -> SalesOrder:
    """Return an order with two lines, a fee and customers' data, changed as asked."""
    values: dict[str, Any] = {
        "channel": "soap",
        "identities": identities or ("2603101200A1",),
        "status": OrderStatus.WAITING_SHIPMENT,
        "channel_status": "WaitingForShipmentAcceptation",
        "created_at": NOON - 60 * MINUTE,
        "modified_at": NOON,
        "ship_by": NOON + timedelta(days=2),
        "lines": (_line("1", "19.90"), _line("2", "0.10")),
        "fees": (Fee(code="FRAISTRAITEMENT", amount=Decimal("1.00")),),
        "total": Decimal("21.00"),
        "shipping_total": Decimal("0.00"),
        "unexplained": Decimal("0.00"),
        "customer": CUSTOMER,
        "billing_address": ADDRESS,
        "shipping_address": ADDRESS,
        "business": False,
    }
    return SalesOrder(**(values | changes))


def _line(line_id: str, total: str) -> SalesLine:
    return SalesLine(
        line_id=line_id,
        sku=f"SKU-{line_id}",
        title="Théière",
        quantity=1,
        line_total=Decimal(total),
        unit_price=Decimal(total),
        parcels=(Parcel(tracking_number="6A1", carrier="Colissimo"),),
    )


def change(digest: str = "d1", *, kind: ChangeKind = ChangeKind.IMPORTED, at: datetime = NOON) -> Change:
    """Return what a save means."""
    return Change(kind=kind, at=at, digest=digest)


def checkpoint(version: int = 1, *, cursor: datetime = NOON) -> Checkpoint:
    """Return a checkpoint."""
    return Checkpoint(floor=NOON - timedelta(days=1), cursor=cursor, version=version)


def quarantined(key: str = "Q1", **changes: Any) -> QuarantinedOrder:
    """Return a quarantined order."""
    values: dict[str, Any] = {
        "key": key,
        "identities": (key, f"{key}-bis"),
        "code": "unmappable",
        "reason": "no such SKU: é",
        "payload": '{"a":"é"}',
        "first_seen": NOON,
        "last_seen": NOON,
    }
    return QuarantinedOrder(**(values | changes))


def unseen(key: str = "U1", **changes: Any) -> UnseenOrder:
    """Return an order that passed unseen."""
    values: dict[str, Any] = {
        "key": key,
        "identities": (key,),
        "status": OrderStatus.SHIPPED,
        "created_at": None,
        "seen_at": NOON,
    }
    return UnseenOrder(**(values | changes))


def shipment(key: str = "A1", *, carrier: str = "Colissimo", **task: Any) -> ShipmentTask:
    """Return a shipment in the outbox, its task as asked."""
    parcel = Shipment(key=key, carrier=carrier, tracking_number="6A1", tracking_url=None, lines=("1", "2"))
    return ShipmentTask(shipment=parcel, task=_task(key, task))


def decision(key: str = "A1", *, refused_lines: tuple[str, ...] = ("2",), **task: Any) -> DecisionTask:
    """Return a stored decision, its task as asked."""
    verdict = Decision(key=key, verdict=Verdict.ACCEPT, refused_lines=refused_lines)
    return DecisionTask(decision=verdict, task=_task(key, task))


def refund(key: str = "A1", *, reference: str = "R1", **task: Any) -> RefundTask:
    """Return a refund of two lines, its task as asked."""
    request = RefundRequest(
        key=key,
        kind=RefundKind.REFUND,
        reason=RefundReason("own-code"),
        lines=("1", "2"),
        refund_shipping=False,
        details="reçu cassé",
        reference=reference,
    )
    return RefundTask(refund=request, task=_task(key, task), channel="soap")


def gesture(key: str = "A1", *, reference: str = "G1", **task: Any) -> RefundTask:
    """Return a commercial gesture, its task as asked."""
    request = RefundRequest(
        key=key,
        kind=RefundKind.GESTURE,
        reason=RefundReason.LATE_DELIVERY,
        amount=Decimal("12.50"),
        reference=reference,
    )
    return RefundTask(refund=request, task=_task(key, task))


def _task(key: str, changes: dict[str, Any]) -> Task:
    values: dict[str, Any] = {"key": key, "created_at": NOON, "updated_at": NOON}
    return Task(**(values | changes))


def race(work: Callable[[int], T], *, workers: int = 4) -> Sequence[T]:
    """Do the same in several threads at the same moment; return what each got, or raise what one of them raised."""
    barrier = Barrier(workers)

    def start(number: int) -> T:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(start, range(workers)))
