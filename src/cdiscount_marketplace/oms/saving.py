"""Looking orders up and saving them, one by one or in bulk."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Generic, TypeVar

from cdiscount_marketplace.errors import LeaseLost
from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.oms.ports import Change, SaveRequest, StoredOrder
from cdiscount_marketplace.oms.quarantining import refusing
from cdiscount_marketplace.oms.sink import OrderSink

T = TypeVar("T")


class OrderSaver(Generic[T]):
    """Reads and writes the repository of a sink; inside `in_bulk()`, saves wait and are written together."""

    def __init__(self, sink: OrderSink[T]) -> None:
        self._sink = sink
        # None outside `in_bulk()`.
        self._waiting: list[SaveRequest[T]] | None = None

    @property
    def is_bulk(self) -> bool:
        """Whether saves wait now: an order that is refused then undoes the whole batch."""
        return self._waiting is not None

    def unit(self) -> AbstractContextManager[None]:
        """Return a unit of work for one order; in bulk, the batch's unit is the only one."""
        return nullcontext() if self.is_bulk else self._sink.unit()

    @contextmanager
    def in_bulk(self) -> Generator[None]:
        """Save all orders of a batch together, in one savepoint: any exception undoes them all."""
        self._waiting = []
        try:
            with self._sink.unit():
                yield
                self._flush()
        finally:
            self._waiting = None

    def find_all(self, orders: Sequence[SalesOrder]) -> Sequence[StoredOrder | None] | None:
        """Look all orders up at once; None if the repository cannot, or fails for one of them."""
        if self._sink.lookup is None or not orders:
            return None
        try:
            with self._sink.unit():
                return self._sink.lookup.find_all(self._sink.account, [order.keys for order in orders])
        except LeaseLost:
            raise
        except Exception:  # noqa: BLE001 -- any store's own errors; looking up one by one finds out which order it is
            return None

    def find(self, identities: Sequence[str]) -> StoredOrder | None:
        """Look one order up."""
        self._flush()
        with refusing("store_failed", "the repository"), self._sink.unit():
            return self._sink.repository.find(self._sink.account, identities)

    def load(self, number: str) -> SalesOrder | None:
        """Load a stored order as a whole, if the repository has an archive."""
        if self._sink.archive is None:
            return None
        self._flush()
        with refusing("store_failed", "the repository"):
            return self._sink.archive.load_order(self._sink.account, number)

    def save(self, order: SalesOrder, mapped: T, change: Change) -> None:
        """Save one order now, or with the batch."""
        if self._waiting is not None:
            self._waiting.append(SaveRequest(order=order, mapped=mapped, change=change))
            return
        with refusing("store_failed", "the repository"):
            self._sink.repository.save(self._sink.account, order, mapped, change)

    def _flush(self) -> None:
        if self._waiting and self._sink.bulk is not None:
            self._sink.bulk.save_all(self._sink.account, self._waiting)
            self._waiting.clear()
