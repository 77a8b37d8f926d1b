"""Storing one order: what it is, what it lacks, whether it is new, and where it goes."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import Generic, TypeVar

from attrs import evolve, frozen

from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.models import OrderStatus, SalesOrder
from cdiscount_marketplace.oms.admission import PASSED, ensure_complete, kind_of, unfit_for
from cdiscount_marketplace.oms.gaps import has_gaps, without_gaps
from cdiscount_marketplace.oms.identity import Match, apart, as_stored, is_mark, is_numberless, match, shared_mark
from cdiscount_marketplace.oms.placements import PlacementLog
from cdiscount_marketplace.oms.ports import Change, Company, StoredOrder, UnseenOrder, UnseenStore
from cdiscount_marketplace.oms.quarantining import Quarantine, Refusal, refusing
from cdiscount_marketplace.oms.reports import Placement
from cdiscount_marketplace.oms.saving import OrderSaver
from cdiscount_marketplace.oms.sink import OrderSink
from cdiscount_marketplace.oms.snapshots import Freshness, changed_aspects, digest_of, is_ahead, judge, precedes
from cdiscount_marketplace.oms.withheld import merge, without_placeholders

T = TypeVar("T")

_NOTHING_NEW = {Freshness.UNCHANGED: Placement.UNCHANGED, Freshness.STALE: Placement.STALE}


@frozen(kw_only=True)
class StoringRules:
    """Which orders come in. `wanted` are the states besides waiting for shipment in which a new order does."""

    floor: datetime
    wanted: Set[OrderStatus]
    unique_numbers: bool


class OrderStorer(Generic[T]):
    """Stores single orders; raises `Refusal` for one that must be set aside."""

    def __init__(
        self,
        sink: OrderSink[T],
        saver: OrderSaver[T],
        quarantine: Quarantine,
        rules: StoringRules,
        log: PlacementLog,
        clock: Clock,
    ) -> None:
        # Numbers that several orders of this run's readings have.
        self.shared_numbers: set[str] = set()
        self._sink = sink
        self._saver = saver
        self._quarantine = quarantine
        self._rules = rules
        self._log = log
        self._clock = clock

    def store_listed_as_waiting(self, order: SalesOrder, stored: StoredOrder | None) -> None:
        """Import an order of the waiting list, unless its own state is another one."""
        store = self.import_order if order.status == OrderStatus.WAITING_SHIPMENT else self.store_other
        store(order, stored)

    def import_order(self, order: SalesOrder, stored: StoredOrder | None) -> None:
        """Store an order that waits for shipment or was in quarantine, unless it failed in this run."""
        if self._quarantine.has_failed(order):
            return
        order, stored = self._identified(order, stored)
        unfit = None if stored else unfit_for(order, self._rules.floor)
        if unfit:
            self._log.note(order, Placement.SKIPPED, unfit)
            return
        self._store(order, stored)

    def store_other(self, order: SalesOrder, stored: StoredOrder | None) -> None:
        """Update an order that the OMS has; import or record one that it does not have."""
        held = self._quarantine.find(order)
        if held is not None:
            self._quarantine.keep_current(held, order)
            return
        order, stored = self._identified(order, stored)
        if stored or is_numberless(order.identities):
            self._store(order, stored)
        elif unfit_for(order, self._rules.floor) is None:
            self._first_seen_elsewhere(order)

    def _first_seen_elsewhere(self, order: SalesOrder) -> None:
        """Treat an order that the OMS does not have and that does not wait for shipment."""
        if order.status in self._rules.wanted:
            self._store(order, None)
        elif order.status in PASSED or order.status == OrderStatus.OTHER or not order.status.known:
            self._record_unseen(order)

    def _identified(self, order: SalesOrder, stored: StoredOrder | None) -> tuple[SalesOrder, StoredOrder | None]:
        """Return the order under the numbers that are its own, and the stored order that it is."""
        if stored is None:
            return order, None
        if is_ahead(stored.modified_at, self._clock.now()):
            stored = evolve(stored, modified_at=None)
        if self._rules.unique_numbers and order.unique_id is None and stored.unique_id is not None:
            raise Refusal("which_order", _which_order(order, stored))
        verdict = match(order, stored)
        if verdict == Match.OTHER:
            return apart(order), None
        if verdict == Match.EITHER or self._is_in_doubt(order, stored):
            raise Refusal("which_order", _which_order(order, stored))
        return as_stored(order, stored), stored

    def _is_in_doubt(self, order: SalesOrder, stored: StoredOrder) -> bool:
        """Return whether the only number that both orders have may be a third order's too."""
        if order.unique_id is not None:
            by_number_only = stored.unique_id is None and order.unique_id not in stored.identities
            # An order does not go back from its end; another one may begin with its reference.
            goes_back = precedes(order.status, stored.status)
            return by_number_only and (goes_back or not self.shared_numbers.isdisjoint(order.identities))
        if stored.unique_id is None:
            return False
        return any(self._saver.find([shared_mark(number)]) is not None for number in order.identities)

    def _store(self, order: SalesOrder, stored: StoredOrder | None) -> None:
        if is_numberless(order.identities):
            raise Refusal("no_number", "this order has no number; look it up in your seller account")
        whole, digest = self._completed(order, stored)
        freshness = judge(whole, digest, stored)
        if freshness in _NOTHING_NEW:
            released = self._quarantine.release(order)
            self._log.note(order, Placement.RELEASED if released else _NOTHING_NEW[freshness])
            return
        change = self._change(whole, digest, stored)
        ensure_complete(whole, change)
        released = self._save(whole, change)
        self._log.note(order, Placement(change.kind))
        if released:
            self._log.note(order, Placement.RELEASED)

    def _completed(self, order: SalesOrder, stored: StoredOrder | None) -> tuple[SalesOrder, str]:
        """Return the order with what is known of it and of its customer, without placeholders, and its digest."""
        if stored is None:
            whole = without_placeholders(order)
            return whole, digest_of(whole)
        digest = digest_of(order)
        # Most of what is read is what is stored: then nothing in it is masked, and nothing is missing.
        if digest == stored.digest:
            return order, digest
        whole = self._filled(merge(without_placeholders(order), stored), stored)
        return whole, digest_of(whole)

    def _filled(self, order: SalesOrder, stored: StoredOrder) -> SalesOrder:
        if not has_gaps(order):
            return order
        known = self._saver.load(stored.identities[0])
        return order if known is None else without_gaps(order, known)

    def _change(self, order: SalesOrder, digest: str, stored: StoredOrder | None) -> Change:
        now = self._clock.now()
        if stored is None:
            return Change(kind=kind_of(order, None), at=now, digest=digest)
        aspects = changed_aspects(stored.digest, digest)
        kind = kind_of(order, stored)
        return Change(kind=kind, at=now, digest=digest, aspects=aspects, status_before=stored.status)

    def _company(self, order: SalesOrder) -> Company | None:
        companies = self._sink.companies
        if companies is None:
            return None
        with refusing("mapping_failed", "the company mapping"):
            company = companies.resolve(self._sink.account, order)
        if company is None:
            raise Refusal("no_company", f"no company mapping fits this order of {self._sink.account}; add one")
        return company

    def _mapped(self, order: SalesOrder) -> T:
        company = self._company(order)
        with refusing("mapper_failed", "the mapper"):
            mapped = self._sink.mapper.map(order, company)
        if mapped is None:
            raise Refusal("mapper_failed", "the mapper returned None; return the OMS's order, or raise Unmappable")
        return mapped

    def _save(self, order: SalesOrder, change: Change) -> bool:
        """Map and save an order; return whether it was in quarantine."""
        with self._saver.unit():
            self._saver.save(order, self._mapped(order), change)
            return self._quarantine.release(order)

    def _record_unseen(self, order: SalesOrder) -> None:
        passed = UnseenOrder(
            key=order.unique_id or order.number,
            identities=order.identities,
            status=order.status,
            created_at=order.created_at,
            seen_at=self._clock.now(),
        )
        if self._sink.unseen is None or self._put_unseen(self._sink.unseen, passed):
            self._log.note(order, Placement.PASSED_UNSEEN, order.channel_status or str(order.status))

    def _put_unseen(self, store: UnseenStore, passed: UnseenOrder) -> bool:
        with refusing("store_failed", "the record of unseen orders"), self._sink.unit():
            return store.put_unseen(self._sink.account, passed)


def _which_order(order: SalesOrder, stored: StoredOrder) -> str:
    mine = ", ".join(order.identities)
    theirs = ", ".join(number for number in stored.identities if not is_mark(number))
    return (
        f"this order ({mine}) and a stored one ({theirs}) share a number, and may be one order or two; "
        "compare them in your seller account"
    )
