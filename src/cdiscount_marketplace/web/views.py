"""The screens: each reads what it shows, and names the template that shows it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import frozen
from werkzeug.exceptions import NotFound

from cdiscount_marketplace.models import OrderStatus, SalesOrder
from cdiscount_marketplace.oms import order_from_json
from cdiscount_marketplace.oms.ports import (
    Account,
    AccountRegistry,
    AccountSummary,
    BoundedOverview,
    JobRunStore,
    JobStatus,
    LeaseOverview,
    OfferOutbox,
    OfferPages,
    OfferState,
    OrderArchive,
    OrderOverview,
    Overview,
    QuarantinedOrder,
    QuarantinePages,
    TaskState,
)
from cdiscount_marketplace.oms.ports.tasks import NEEDS_PERSON
from cdiscount_marketplace.web.kinds import KINDS, find_row, rows_of_order
from cdiscount_marketplace.web.numbers import spellings
from cdiscount_marketplace.web.personal import hidden

ROWS = 100
ACCOUNTS = 25
# A page says "or more" from here on: an exact count of millions takes longer than opening it may.
COUNTED = 50_000
FINISHED = frozenset({TaskState.CONFIRMED, TaskState.CANCELLED})


@frozen(kw_only=True)
class Asked:
    """What a request asks for: its query, and whether this person is shown customers' data."""

    query: Mapping[str, str]
    personal: bool = False

    @property
    def account(self) -> str:
        """The account, which every screen but the first one has."""
        return self.query.get("account", "")


@frozen
class Screen:
    """A template and what it shows."""

    template: str
    shown: Mapping[str, Any]
    status: int = 200


@frozen(kw_only=True)
class AccountRow:
    """An account in the list: what waits for a person, and the jobs whose last run failed."""

    summary: AccountSummary
    disabled: bool
    failing: Sequence[JobStatus]


@frozen(kw_only=True)
class Views:
    """The screens of one store."""

    oms: OrderOverview
    registry: AccountRegistry | None
    runs: JobRunStore | None

    def accounts(self, asked: Asked) -> Screen:
        """List accounts by name, and what waits for a person; `q` is a part of the name."""
        wanted, after = asked.query.get("q", "").casefold(), asked.query.get("after", "")
        registered = self._registered()
        known = sorted({*self.oms.accounts(), *registered})
        names = [name for name in known if wanted in name.casefold() and name > after]
        rows = [self._account_row(each, registered.get(each.account)) for each in self._summaries(names[:ACCOUNTS])]
        more = names[ACCOUNTS - 1] if len(names) > ACCOUNTS else None
        return Screen("accounts.html", {"rows": rows, "more": more, "q": wanted, "has_runs": self.runs is not None})

    def account(self, asked: Asked) -> Screen:
        """Show one account at a glance: orders, tasks, quarantine, runs, leases."""
        self._ensure_known(asked.account)
        leases = self.oms.list_leases(asked.account) if isinstance(self.oms, LeaseOverview) else ()
        shown = {"overview": self._overview(asked.account), "runs": self._runs(asked.account), "leases": leases}
        return Screen("account.html", {**shown, "most": COUNTED if isinstance(self.oms, BoundedOverview) else None})

    def _registered(self) -> Mapping[str, Account]:
        return {} if self.registry is None else {each.name: each for each in self.registry.list_accounts()}

    def _runs(self, account: str) -> Sequence[JobStatus]:
        return self.runs.list_runs(account) if self.runs is not None else ()

    def _overview(self, account: str) -> Overview:
        if isinstance(self.oms, BoundedOverview):
            return self.oms.bounded_overview(account, most=COUNTED)
        return self.oms.overview(account)

    def _summaries(self, accounts: Sequence[str]) -> Sequence[AccountSummary]:
        if isinstance(self.oms, BoundedOverview):
            return self.oms.summarize_accounts(accounts)
        return [_summary(self.oms.overview(account)) for account in accounts]

    def _account_row(self, summary: AccountSummary, registered: Account | None) -> AccountRow:
        return AccountRow(
            summary=summary,
            disabled=registered is not None and not registered.enabled,
            failing=[run for run in self._runs(summary.account) if run.failures],
        )

    def orders(self, asked: Asked) -> Screen:
        """List orders, newest first."""
        status = asked.query.get("status", "")
        statuses = (OrderStatus(status),) if status else ()
        after = asked.query.get("after")
        rows = self.oms.list_orders(asked.account, statuses, limit=ROWS + 1, after=after)
        if not rows:
            # A store may hold a status that this version does not know.
            _ensure_one_of(OrderStatus.values(), status, "status")
            self._ensure_place(asked.account, after)
        shown = {"rows": rows[:ROWS], "more": _last(rows), "status": status}
        return Screen("orders.html", {**shown, "statuses": OrderStatus.values()})

    def order(self, asked: Asked) -> Screen:
        """Show an order: its lines, what is sent for it, and its history."""
        number = asked.query.get("number", "")
        record = next(filter(None, (self.oms.show_order(asked.account, each) for each in spellings(number))), None)
        if record is None:
            return Screen("unknown.html", {"number": number}, status=404)
        tasks = rows_of_order(self.oms, asked.account, record.order.keys)
        return Screen("order.html", {"record": record, "order": _shown(record.order, asked), "tasks": tasks})

    def quarantine(self, asked: Asked) -> Screen:
        """List quarantined orders, oldest first."""
        after = _entry_at(asked.query.get("after"), asked.query.get("after_at"))
        rows = self._entries.page_quarantine(asked.account, limit=ROWS + 1, after=after)
        total = self._entries.count_quarantine(asked.account)
        return Screen("quarantine.html", {"rows": rows[:ROWS], "more": _last(rows), "total": total})

    def entry(self, asked: Asked) -> Screen:
        """Show a quarantined order: why it waits, and what it holds."""
        before = _entry_at("", asked.query.get("at"))
        rows = self._entries.page_quarantine(asked.account, limit=ROWS, after=before)
        entry = next((row for row in rows if row.key == asked.query.get("key")), None)
        if entry is None:
            raise NotFound("this order has left the quarantine")
        order = order_from_json(entry.payload)
        payload = entry.payload if asked.personal else None
        return Screen("entry.html", {"entry": entry, "order": order and _shown(order, asked), "payload": payload})

    def tasks(self, asked: Asked) -> Screen:
        """List shipments, decisions or refunds, oldest first."""
        kind = KINDS.get(asked.query.get("kind", ""))
        if kind is None or not kind.is_kept_by(self.oms):
            raise NotFound("the store keeps no tasks of this kind")
        state = asked.query.get("state", "")
        _ensure_one_of(["person", *TaskState.values()], state, "state")
        states = _states(state)
        key, part = asked.query.get("after"), asked.query.get("after_part") or None
        after = find_row(self.oms, kind, asked.account, key, part) if key else None
        rows = kind.page(self.oms)(asked.account, states, limit=ROWS + 1, after=after)
        found = [kind.row(row) for row in rows]
        # Finished tasks are all that there ever was: counting them takes longer than this page may.
        total = kind.count(self.oms)(asked.account, states) if states and FINISHED.isdisjoint(states) else None
        shown = {"rows": found[:ROWS], "more": _last(found), "total": total, "state": state, "kind": kind.name}
        unknown = self._unknown(asked.account, {row.task.key for row in found[:ROWS]})
        return Screen("tasks.html", {**shown, "states": ["person", *TaskState.values()], "unknown": unknown})

    def offers(self, asked: Asked) -> Screen:
        """List the offers of a state by SKU, or find one."""
        if not (isinstance(self.oms, OfferPages) and isinstance(self.oms, OfferOutbox)):
            raise NotFound("the store keeps no offers")
        state, sku = asked.query.get("state", ""), asked.query.get("sku", "")
        _ensure_one_of(OfferState.values(), state, "state")
        states = (OfferState(state),) if state else ()
        if sku:
            rows = self.oms.find_offers(asked.account, [sku])
        else:
            after = next(iter(self.oms.find_offers(asked.account, [asked.query.get("after", "")])), None)
            rows = self.oms.page_offers(asked.account, states, limit=ROWS + 1, after=after)
        counts = {each: self.oms.count_offers(asked.account, (each,)) for each in OfferState.values()}
        shown = {"rows": rows[:ROWS], "more": _last(rows), "counts": counts, "state": state, "sku": sku}
        return Screen("offers.html", shown)

    @property
    def _entries(self) -> QuarantinePages:
        if not isinstance(self.oms, QuarantinePages):
            raise NotFound("the store keeps no quarantine")
        return self.oms

    def _unknown(self, account: str, numbers: Collection[str]) -> Collection[str]:
        find = self.oms.load_order if isinstance(self.oms, OrderArchive) else self.oms.show_order
        return {number for number in numbers if find(account, number) is None}

    def _ensure_place(self, account: str, after: str | None) -> None:
        if after and self.oms.show_order(account, after) is None:
            raise NotFound("the list cannot go on from there: no order has this number")

    def _ensure_known(self, account: str) -> None:
        if account not in self.oms.accounts() and account not in self._registered():
            raise NotFound("there is no account of this name")


def tabs_of(oms: object) -> tuple[tuple[str, str], ...]:
    """Return the screens of an account that a store can show, each with the kind of tasks on it."""
    tasks = [("tasks", name) for name, kind in KINDS.items() if kind.is_kept_by(oms)]
    quarantine = [("quarantine", "")] if isinstance(oms, QuarantinePages) else []
    offers = [("offers", "")] if isinstance(oms, OfferPages) else []
    return ("account", ""), ("orders", ""), *quarantine, *tasks, *offers


SCREENS: Mapping[str, Callable[[Views, Asked], Screen]] = {
    "": Views.accounts,
    "account": Views.account,
    "orders": Views.orders,
    "order": Views.order,
    "quarantine": Views.quarantine,
    "entry": Views.entry,
    "tasks": Views.tasks,
    "offers": Views.offers,
}


def _shown(order: SalesOrder, asked: Asked) -> SalesOrder:
    return order if asked.personal else hidden(order)


def _ensure_one_of(values: Collection[str], value: str, name: str) -> None:
    if value and value not in values:
        raise NotFound(f"there is no such {name}")


def _states(state: str) -> Sequence[TaskState]:
    if state == "person":
        return NEEDS_PERSON
    return (TaskState(state),) if state else ()


def _last(rows: Sequence[Any]) -> Any:
    """Return the last row of a full page, from which the next one goes on."""
    return rows[ROWS - 1] if len(rows) > ROWS else None


def _entry_at(key: str | None, at: str | None) -> QuarantinedOrder | None:
    moment = _moment(at)
    if key is None or moment is None:
        return None
    return QuarantinedOrder(key=key, identities=(), code="", reason="", payload="", first_seen=moment, last_seen=moment)


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _summary(overview: Overview) -> AccountSummary:
    listed = (overview.shipments, overview.decisions, overview.refunds)
    return AccountSummary(
        account=overview.account,
        cursor=None if overview.checkpoint is None else overview.checkpoint.cursor,
        pulled_at=overview.pulled_at,
        quarantined=sum(each.count for each in overview.quarantine),
        waiting=sum(each.count for counts in listed for each in counts if each.value in NEEDS_PERSON),
        jobs=tuple(lease.job for lease in overview.leases),
    )
