"""The jobs for asyncio code; written by `tests/support/async_twins.py`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cdiscount_marketplace.aio.threads import WORKERS, Threads
from cdiscount_marketplace.aio.twins import AsyncJob
from cdiscount_marketplace.oms.acceptance import OrderAcceptor
from cdiscount_marketplace.oms.fetching import MAX_REQUESTS
from cdiscount_marketplace.oms.importer import OrderImporter
from cdiscount_marketplace.oms.leases import DEFAULT_TTL
from cdiscount_marketplace.oms.offers import GIVE_UP_AFTER, OfferPusher
from cdiscount_marketplace.oms.refunds import RefundPusher
from cdiscount_marketplace.oms.shipments import ShipmentPusher

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from cdiscount_marketplace.channels.port import SalesChannel
    from cdiscount_marketplace.clock import Clock
    from cdiscount_marketplace.events.hooks import Hook
    from cdiscount_marketplace.models import Shipment
    from cdiscount_marketplace.offers import Offer, OfferCondition, OfferDelivery, OfferTax
    from cdiscount_marketplace.oms.import_run import CursorKind
    from cdiscount_marketplace.oms.importer import T
    from cdiscount_marketplace.oms.ports import (
        AcceptancePolicy,
        CheckpointStore,
        CompanyMapping,
        DecisionStore,
        LeaseStore,
        OfferOutbox,
        OrderMapper,
        OrderRepository,
        QuarantineStore,
        RefundOutbox,
        RefundTask,
        ShipmentOutbox,
        ShipmentTask,
        UnseenStore,
    )
    from cdiscount_marketplace.oms.reports import (
        AcceptanceReport,
        ImportReport,
        OfferPushReport,
        RefundPushReport,
        ShipmentReport,
    )
    from cdiscount_marketplace.refunds import RefundRequest


class AsyncOrderImporter(AsyncJob[OrderImporter]):
    """Await the runs of `OrderImporter`; its options are the same.

    A run whose caller is cancelled stops between two orders and is waited for, then the cancellation goes on; the job
    can be run again. At most `threads` calls run at once, in threads of the job's own; give `Threads` to share them.
    """

    def __init__(
        self,
        channel: SalesChannel,
        oms: object,
        *,
        account: str,
        start_from: datetime | None = None,
        repository: OrderRepository[T] | None = None,
        mapper: OrderMapper[T] | None = None,
        companies: CompanyMapping | None = None,
        checkpoints: CheckpointStore | None = None,
        quarantine: QuarantineStore | None = None,
        lease: LeaseStore | None = None,
        unseen: UnseenStore | None = None,
        hooks: Sequence[Hook] = (),
        clock: Clock | None = None,
        owner: str | None = None,
        import_unseen: bool = False,
        import_unpaid: bool = False,
        cursor: CursorKind = "modified",
        lookback: timedelta = timedelta(days=1),
        overlap: timedelta = timedelta(hours=3),
        settle: timedelta = timedelta(minutes=2),
        sweep_every: timedelta = timedelta(hours=6),
        max_orders_per_reading: int = 500,
        batch: int = 100,
        quarantine_budget: int = 50,
        reread: int = 100,
        max_requests: int = MAX_REQUESTS,
        lease_ttl: timedelta = DEFAULT_TTL,
        threads: Threads | int = WORKERS,
    ) -> None:
        super().__init__(
            lambda: OrderImporter(
                channel,
                oms,
                account=account,
                start_from=start_from,
                repository=repository,
                mapper=mapper,
                companies=companies,
                checkpoints=checkpoints,
                quarantine=quarantine,
                lease=lease,
                unseen=unseen,
                hooks=hooks,
                clock=clock,
                owner=owner,
                import_unseen=import_unseen,
                import_unpaid=import_unpaid,
                cursor=cursor,
                lookback=lookback,
                overlap=overlap,
                settle=settle,
                sweep_every=sweep_every,
                max_orders_per_reading=max_orders_per_reading,
                batch=batch,
                quarantine_budget=quarantine_budget,
                reread=reread,
                max_requests=max_requests,
                lease_ttl=lease_ttl,
            ),
            threads,
        )

    async def run(self) -> ImportReport:
        """Read what is new, store it, and say what was done."""
        return await self._run(self._sync.run)

    async def retry_quarantine(self) -> ImportReport:
        """Only try all quarantined orders again; each `run()` tries some at its end. Raises as `run()` does."""
        return await self._run(self._sync.retry_quarantine)


class AsyncOrderAcceptor(AsyncJob[OrderAcceptor]):
    """Await the runs of `OrderAcceptor`; its options are the same.

    A run whose caller is cancelled stops between two orders and is waited for, then the cancellation goes on; the job
    can be run again. At most `threads` calls run at once, in threads of the job's own; give `Threads` to share them.
    """

    def __init__(
        self,
        channel: SalesChannel,
        oms: object,
        *,
        account: str,
        policy: AcceptancePolicy | None = None,
        decisions: DecisionStore | None = None,
        lease: LeaseStore | None = None,
        accept_within: timedelta | None = None,
        lookback: timedelta = timedelta(days=30),
        max_orders_per_reading: int = 500,
        hooks: Sequence[Hook] = (),
        clock: Clock | None = None,
        owner: str | None = None,
        lease_ttl: timedelta = DEFAULT_TTL,
        threads: Threads | int = WORKERS,
    ) -> None:
        super().__init__(
            lambda: OrderAcceptor(
                channel,
                oms,
                account=account,
                policy=policy,
                decisions=decisions,
                lease=lease,
                accept_within=accept_within,
                lookback=lookback,
                max_orders_per_reading=max_orders_per_reading,
                hooks=hooks,
                clock=clock,
                owner=owner,
                lease_ttl=lease_ttl,
            ),
            threads,
        )

    async def run(self) -> AcceptanceReport:
        """Settle what is unknown, ask the policy about new orders, send its decisions, and say what became of them."""
        return await self._run(self._sync.run)


class AsyncShipmentPusher(AsyncJob[ShipmentPusher]):
    """Await the runs of `ShipmentPusher`; its options are the same.

    A run whose caller is cancelled stops between two orders and is waited for, then the cancellation goes on; the job
    can be run again. At most `threads` calls run at once, in threads of the job's own; give `Threads` to share them.
    """

    def __init__(
        self,
        channel: SalesChannel,
        oms: object,
        *,
        account: str,
        outbox: ShipmentOutbox | None = None,
        lease: LeaseStore | None = None,
        hooks: Sequence[Hook] = (),
        clock: Clock | None = None,
        owner: str | None = None,
        lease_ttl: timedelta = DEFAULT_TTL,
        threads: Threads | int = WORKERS,
    ) -> None:
        super().__init__(
            lambda: ShipmentPusher(
                channel,
                oms,
                account=account,
                outbox=outbox,
                lease=lease,
                hooks=hooks,
                clock=clock,
                owner=owner,
                lease_ttl=lease_ttl,
            ),
            threads,
        )

    async def enqueue(self, shipment: Shipment) -> ShipmentTask:
        """Store a shipment to report; nothing is sent, and the same one again changes nothing."""
        return await self._calls.run(self._sync.enqueue, shipment)

    async def run(self) -> ShipmentReport:
        """Settle what is unknown, send what is pending, and say what became of it."""
        return await self._run(self._sync.run)


class AsyncRefundPusher(AsyncJob[RefundPusher]):
    """Await the runs of `RefundPusher`; its options are the same.

    A run whose caller is cancelled stops between two orders and is waited for, then the cancellation goes on; the job
    can be run again. At most `threads` calls run at once, in threads of the job's own; give `Threads` to share them.
    """

    def __init__(
        self,
        channel: SalesChannel,
        oms: object,
        *,
        account: str,
        outbox: RefundOutbox | None = None,
        lease: LeaseStore | None = None,
        hooks: Sequence[Hook] = (),
        clock: Clock | None = None,
        owner: str | None = None,
        lease_ttl: timedelta = DEFAULT_TTL,
        threads: Threads | int = WORKERS,
    ) -> None:
        super().__init__(
            lambda: RefundPusher(
                channel,
                oms,
                account=account,
                outbox=outbox,
                lease=lease,
                hooks=hooks,
                clock=clock,
                owner=owner,
                lease_ttl=lease_ttl,
            ),
            threads,
        )

    async def enqueue(self, request: RefundRequest) -> RefundTask:
        """Store what is to be given back; nothing is sent, and the same request again changes nothing."""
        return await self._calls.run(self._sync.enqueue, request)

    async def run(self) -> RefundPushReport:
        """Settle what is unknown, send what is pending, and say what became of it."""
        return await self._run(self._sync.run)


class AsyncOfferPusher(AsyncJob[OfferPusher]):
    """Await the runs of `OfferPusher`; its options are the same.

    A run whose caller is cancelled stops between two orders and is waited for, then the cancellation goes on; the job
    can be run again. At most `threads` calls run at once, in threads of the job's own; give `Threads` to share them.
    """

    def __init__(
        self,
        channel: SalesChannel,
        oms: object,
        *,
        account: str,
        outbox: OfferOutbox | None = None,
        lease: LeaseStore | None = None,
        hooks: Sequence[Hook] = (),
        clock: Clock | None = None,
        owner: str | None = None,
        lease_ttl: timedelta = DEFAULT_TTL,
        give_up_after: timedelta = GIVE_UP_AFTER,
        threads: Threads | int = WORKERS,
    ) -> None:
        super().__init__(
            lambda: OfferPusher(
                channel,
                oms,
                account=account,
                outbox=outbox,
                lease=lease,
                hooks=hooks,
                clock=clock,
                owner=owner,
                lease_ttl=lease_ttl,
                give_up_after=give_up_after,
            ),
            threads,
        )

    async def put(
        self,
        sku: str,
        *,
        quantity: int | None = None,
        price: Decimal | None = None,
        original_price: Decimal | None = None,
        currency: str | None = None,
        gtin: str | None = None,
        product: str | None = None,
        condition: OfferCondition | None = None,
        preparation_days: int | None = None,
        delivery_modes: Sequence[OfferDelivery] | None = None,
        taxes: Sequence[OfferTax] | None = None,
    ) -> bool:
        """Store what is said of an offer, see `Offer`; nothing is sent. Returns whether that changed anything."""
        return await self._calls.run(
            self._sync.put,
            sku,
            quantity=quantity,
            price=price,
            original_price=original_price,
            currency=currency,
            gtin=gtin,
            product=product,
            condition=condition,
            preparation_days=preparation_days,
            delivery_modes=delivery_modes,
            taxes=taxes,
        )

    async def put_many(self, offers: Iterable[Offer]) -> int:
        """Store what is said of many offers, such as a warehouse's feed; later ones of the same sku win."""
        return await self._calls.run(self._sync.put_many, offers)

    async def run(self) -> OfferPushReport:
        """Read the packages that are on their way, send what changed, and say where the offers stand."""
        return await self._run(self._sync.run)
