"""The import job: orders that wait for shipment land in the OMS exactly once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import datetime, timedelta
from threading import Event as Flag
from typing import Any, TypeVar, cast

from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.clock import Clock, SystemClock
from cdiscount_marketplace.errors import ConfigurationError
from cdiscount_marketplace.events.hooks import Hook
from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.oms.fetching import MAX_REQUESTS
from cdiscount_marketplace.oms.import_run import CursorKind, ImportRun, Plan
from cdiscount_marketplace.oms.job_runs import reported
from cdiscount_marketplace.oms.leases import DEFAULT_TTL, HeldLease, new_owner
from cdiscount_marketplace.oms.ports import (
    CheckpointStore,
    Company,
    CompanyMapping,
    LeaseStore,
    OrderMapper,
    OrderRepository,
    QuarantineStore,
    UnseenStore,
)
from cdiscount_marketplace.oms.reports import ImportReport
from cdiscount_marketplace.oms.settings import (
    ensure_account,
    ensure_durations,
    ensure_lifetime,
    ensure_moment,
    ensure_numbers,
    ensure_word,
)
from cdiscount_marketplace.oms.sink import OrderSink

T = TypeVar("T")

# Periods before the first ones that any marketplace had would leave what dates can hold.
_FIRST_YEAR = 1990


class OrderImporter:
    """Import the orders of one account; `run()` is meant to be called every few minutes, for years.

    Each part not given is taken from `oms` if that satisfies its protocol. Without a mapper the `SalesOrder` itself is
    saved; without quarantine an order that cannot be stored ends the run with its error; without a lease nothing keeps
    two workers apart. `start_from` is the creation time of the oldest order wanted: the first run needs it, and what
    was stored then wins ever after.

    `cursor="created"` follows creation dates instead of modification dates: an order that becomes payable later than
    `lookback` after its creation is then found by the next sweep only. `import_unpaid` also brings orders that are not
    payable yet, as `ANNOUNCED`. A run tries `quarantine_budget` quarantined orders again, each sweep reads `reread`
    stored orders again that wait and are not listed as waiting any more, and a run makes `max_requests` readings at
    most. Use one importer from one thread; `stop()` may be called from any.
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
    ) -> None:
        ensure_account(account)
        _ensure_start(start_from)
        ensure_word("cursor", cursor, CursorKind)
        ensure_numbers(1, batch=batch, max_orders_per_reading=max_orders_per_reading, max_requests=max_requests)
        ensure_numbers(0, quarantine_budget=quarantine_budget, reread=reread)
        ensure_durations(lookback=lookback, overlap=overlap, settle=settle, sweep_every=sweep_every)
        ensure_lifetime(lease_ttl)
        self.account = account
        self._leases = lease or (oms if isinstance(oms, LeaseStore) else None)
        self._owner = owner or new_owner()
        self._ttl = lease_ttl
        self._stop = Flag()
        self._plan = Plan[Any](
            account=account,
            channel=channel,
            start_from=start_from,
            sink=OrderSink[Any](
                account=account,
                repository=repository or _repository(oms),
                mapper=mapper or _mapper(oms),
                companies=companies or (oms if isinstance(oms, CompanyMapping) else None),
                quarantine=quarantine or (oms if isinstance(oms, QuarantineStore) else None),
                unseen=unseen or (oms if isinstance(oms, UnseenStore) else None),
            ),
            checkpoints=checkpoints or _checkpoints(oms),
            hooks=tuple(hooks),
            clock=clock or SystemClock(),
            stop=self._stop,
            cursor=cursor,
            reach=overlap if cursor == "modified" else lookback,
            settle=settle,
            sweep_every=sweep_every,
            max_orders=max_orders_per_reading,
            import_unseen=import_unseen,
            import_unpaid=import_unpaid,
            batch=batch,
            quarantine_budget=quarantine_budget,
            reread=reread,
            max_requests=max_requests,
        )

    def run(self) -> ImportReport:
        """Read what is new, store it, and say what was done.

        Raises `LeaseBusy`, `ConfigurationError` on a first run without `start_from`, and whatever the channel or the
        stores raise; the next run goes on where this one ended.
        """
        return self._reported(ImportRun[Any].execute)

    def retry_quarantine(self) -> ImportReport:
        """Only try all quarantined orders again; each `run()` tries some at its end. Raises as `run()` does."""
        return self._reported(ImportRun[Any].retry_quarantine)

    def _reported(self, work: Callable[[ImportRun[Any]], ImportReport]) -> ImportReport:
        def run() -> ImportReport:
            with self._begun() as begun:
                return work(begun)

        return reported(self._plan.hooks, self.account, "import", run)

    def stop(self) -> None:
        """Ask the run to end between two orders; its report shows that it was stopped."""
        self._stop.set()

    @contextmanager
    def _begun(self) -> Generator[ImportRun[Any]]:
        """Take the lease and read where the last run ended: one transaction, if one store keeps both."""
        plan = self._plan
        holding = HeldLease(self._leases, self.account, "import", self._owner, self._ttl, plan.clock)
        together = plan.one_transaction and self._leases is cast("object", plan.sink.repository)
        with ExitStack() as held:
            with plan.sink.unit() if together else nullcontext():
                held.enter_context(holding)
                run = ImportRun(plan, holding)
            yield run


def _ensure_start(start_from: datetime | None) -> None:
    if start_from is None:
        return
    ensure_moment("start_from", start_from)
    if start_from.year < _FIRST_YEAR:
        raise ConfigurationError(
            f"start_from is {start_from.isoformat()}, before any order", hint="give the day of your first order"
        )


class _AsItIs:
    def map(self, order: SalesOrder, company: Company | None) -> Any:  # noqa: ARG002 -- the protocol's signature
        return order


def _repository(oms: object) -> OrderRepository[Any]:
    repository: Any = oms
    if isinstance(oms, OrderRepository):
        return cast("OrderRepository[Any]", repository)
    raise TypeError(f"{type(oms).__name__} has no find() and save(); give repository=")


def _mapper(oms: object) -> OrderMapper[Any]:
    mapper: Any = oms
    return cast("OrderMapper[Any]", mapper) if isinstance(oms, OrderMapper) else _AsItIs()


def _checkpoints(oms: object) -> CheckpointStore:
    if isinstance(oms, CheckpointStore):
        return oms
    raise TypeError(f"{type(oms).__name__} has no load_checkpoint() and swap_checkpoint(); give checkpoints=")
