"""The kinds of tasks that leave the OMS, as the page shows and changes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

from attrs import frozen

from cdiscount_marketplace import errors
from cdiscount_marketplace.oms import operator, tasks
from cdiscount_marketplace.oms.ports import (
    DecisionPages,
    DecisionStore,
    DecisionTask,
    RefundOutbox,
    RefundPages,
    RefundTask,
    ShipmentOutbox,
    ShipmentPages,
    ShipmentTask,
    Task,
    TaskState,
)

AnyTask: TypeAlias = ShipmentTask | DecisionTask | RefundTask

_WHEN: Mapping[str, Sequence[TaskState]] = {
    "retry": tasks.RETRYABLE,
    "cancel": tasks.CANCELLABLE,
    "confirm": tasks.CONFIRMABLE,
    "complete": (TaskState.PENDING,),
}
Change: TypeAlias = Callable[[Any, str, str, str | None, datetime, str], object]


@frozen(kw_only=True)
class TaskRow:
    """A task on the page: `part` names it within its order, `actions` are what a person may do now."""

    task: Task
    part: str | None
    content: str
    actions: tuple[str, ...]

    @property
    def answer(self) -> str:
        """What became of it, without the names of our own classes and the order's number."""
        code, message = self.task.code or "", (self.task.message or "").replace(f"{self.task.key}.", "")
        return message if message and hasattr(errors, code) else f"{code} {message}".strip()


@frozen(kw_only=True)
class Kind:
    """One kind: the ports that a store needs for it, how to read its rows, what a row holds, what each action does."""

    name: str
    ports: tuple[type[Any], ...]
    count: Callable[[Any], Callable[..., int]]
    page: Callable[[Any], Callable[..., Sequence[Any]]]
    find: Callable[[Any, str, str], Sequence[Any]]
    part: Callable[[Any], str | None]
    content: Callable[[Any], str]
    changes: Mapping[str, Change]

    def is_kept_by(self, oms: object) -> bool:
        """Return whether a store has this kind."""
        return all(isinstance(oms, port) for port in self.ports)

    def row(self, each: AnyTask) -> TaskRow:
        """Return what the page shows of a task."""
        allowed = tuple(verb for verb in self.changes if _allows(verb, each.task))
        return TaskRow(task=each.task, part=self.part(each), content=self.content(each), actions=allowed)


def _allows(verb: str, task: Task) -> bool:
    return task.state in _WHEN[verb] and (verb != "complete" or task.code == tasks.WAITING_CODE)


def _of_part(change: Callable[..., object]) -> Change:
    def run(oms: Any, account: str, key: str, part: str | None, now: datetime, note: str) -> object:
        return change(oms, account, key, part, now=now, note=note)

    return run


def _of_order(change: Callable[..., object]) -> Change:
    def run(oms: Any, account: str, key: str, _part: str | None, now: datetime, note: str) -> object:
        return change(oms, account, key, now=now, note=note)

    return run


def _shipment(row: ShipmentTask) -> str:
    lines = "all lines" if row.shipment.lines is None else f"lines {', '.join(row.shipment.lines)}"
    return f"{row.shipment.carrier} {row.shipment.tracking_number}, {lines}"


def _refund(row: RefundTask) -> str:
    refund = row.refund
    what = f"{refund.amount}" if refund.amount is not None else "all lines"
    lines = what if refund.lines is None else f"lines {', '.join(refund.lines)}"
    return f"{refund.kind}, {refund.reason}: {lines}"


def _decision(row: DecisionTask) -> str:
    refused = ", ".join(row.decision.refused_lines)
    return f"{row.decision.verdict} without lines {refused}" if refused else str(row.decision.verdict)


def _find_decision(oms: Any, account: str, key: str) -> Sequence[DecisionTask]:
    found = oms.find_decision(account, key)
    return () if found is None else (found,)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="shipments",
            ports=(ShipmentOutbox, ShipmentPages),
            count=lambda oms: oms.count_shipments,
            page=lambda oms: oms.page_shipments,
            find=lambda oms, account, key: oms.find_shipments(account, key),
            part=lambda row: row.shipment.parcel,
            content=_shipment,
            changes={
                "retry": _of_part(operator.retry_shipment),
                "cancel": _of_part(operator.cancel_shipment),
                "complete": _of_part(operator.complete_shipment),
            },
        ),
        Kind(
            name="decisions",
            ports=(DecisionStore, DecisionPages),
            count=lambda oms: oms.count_decisions,
            page=lambda oms: oms.page_decisions,
            find=_find_decision,
            part=lambda _row: None,
            content=_decision,
            changes={"retry": _of_order(operator.retry_decision), "cancel": _of_order(operator.cancel_decision)},
        ),
        Kind(
            name="refunds",
            ports=(RefundOutbox, RefundPages),
            count=lambda oms: oms.count_refunds,
            page=lambda oms: oms.page_refunds,
            find=lambda oms, account, key: oms.find_refunds(account, key),
            part=lambda row: row.refund.reference,
            content=_refund,
            changes={
                "retry": _of_part(operator.retry_refund),
                "cancel": _of_part(operator.cancel_refund),
                "confirm": _of_part(operator.confirm_refund),
            },
        ),
    )
}


def changes_of(kind: str, verb: str) -> Change | None:
    """Return what an action does; None for one that there is not."""
    return KINDS[kind].changes.get(verb) if kind in KINDS else None


def kinds_of(oms: object) -> tuple[str, ...]:
    """Return the kinds that a store has."""
    return tuple(name for name, kind in KINDS.items() if kind.is_kept_by(oms))


def find_row(oms: Any, kind: Kind, account: str, key: str, part: str | None) -> AnyTask | None:
    """Return the task that a link names, if it is still there."""
    rows: Sequence[AnyTask] = kind.find(oms, account, key)
    return next((row for row in rows if kind.part(row) == part), None)


def rows_of_order(oms: Any, account: str, keys: Sequence[str]) -> Mapping[str, Sequence[TaskRow]]:
    """Return the tasks of an order, by kind, under any of its numbers."""
    find = partial(_found, oms, account, keys)
    kinds = [KINDS[name] for name in kinds_of(oms)]
    return {kind.name: rows for kind in kinds if (rows := [kind.row(row) for row in find(kind)])}


def _found(oms: Any, account: str, keys: Sequence[str], kind: Kind) -> Sequence[AnyTask]:
    return [row for key in keys for row in kind.find(oms, account, key)]
