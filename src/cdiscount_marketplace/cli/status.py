"""The command `status`: an account at a glance."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from rich.table import Table

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.adapters.sql.overview import Count
from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.options import Place
from cdiscount_marketplace.cli.outbox import NEEDING_A_PERSON, task_table
from cdiscount_marketplace.cli.output import Output, cell, facts, table
from cdiscount_marketplace.cli.quarantine import entry_table
from cdiscount_marketplace.cli.store import open_store
from cdiscount_marketplace.oms.ports import DecisionTask, QuarantinedOrder, ShipmentTask


@frozen(kw_only=True)
class Problems:
    """What waits for a person."""

    quarantine: tuple[QuarantinedOrder, ...]
    shipments: tuple[ShipmentTask, ...]
    decisions: tuple[DecisionTask, ...]

    def __bool__(self) -> bool:
        return bool(self.quarantine or self.shipments or self.decisions)


def status(*, place: Place = Place(), out: Output = Output()) -> Exit:
    """Show the last pull, orders by status, quarantine with reasons, and the outbox."""
    with open_store(place) as oms:
        overview = oms.overview(place.account)
        problems = _problems(oms, place.account)
        leases = oms.list_leases(place.account)
    about = [
        ("last pull", overview.pulled_at or "never"),
        ("read up to", overview.checkpoint and overview.checkpoint.cursor),
        ("orders", _counted(overview.orders)),
        ("passed unseen", _counted(overview.unseen)),
        ("quarantine", _counted(overview.quarantine)),
        ("outbox", _counted(overview.shipments)),
        ("decisions", _counted(overview.decisions)),
        ("running now", tuple(f"{each.lease.job}, {cell(each.remaining)} left" for each in leases)),
    ]
    out.show({"overview": overview, "problems": problems}, facts(place.account, about), *_tables(problems))
    return Exit.NEEDS_PERSON if problems else Exit.DONE


def _problems(oms: SqlOms, account: str) -> Problems:
    return Problems(
        quarantine=tuple(oms.list_quarantine(account)),
        shipments=tuple(oms.list_shipments(account, NEEDING_A_PERSON)),
        decisions=tuple(oms.list_decisions(account, NEEDING_A_PERSON)),
    )


def _tables(problems: Problems) -> list[Table]:
    tables: list[Table] = []
    if problems.quarantine:
        tables.append(entry_table(problems.quarantine))
    if problems.shipments:
        tables.append(task_table(problems.shipments))
    if problems.decisions:
        tables.append(decision_table(problems.decisions))
    return tables


def decision_table(tasks: Sequence[DecisionTask]) -> Table:
    """Lay out decisions."""
    rows = (
        (each.decision.key, each.decision.verdict, each.task.state, each.task.updated_at, each.task.message)
        for each in tasks
    )
    return table(f"Decisions: {len(tasks)}", ("Order", "Decision", "State", "Updated", "What was said"), rows)


def _counted(counts: Sequence[Count]) -> tuple[str, ...]:
    return tuple(f"{each.count} {each.value}" for each in counts)
