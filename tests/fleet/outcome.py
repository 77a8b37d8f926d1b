"""What a trial of the fleet comes to."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from attrs import asdict, frozen
from sqlalchemy import create_engine, select

from cdiscount_marketplace.adapters.sql import SqlAccountRegistry
from cdiscount_marketplace.adapters.sql.schema import history
from cdiscount_marketplace.fleet.schedule import latest_slot
from cdiscount_marketplace.oms.ports import JobName, JobPeriod
from cdiscount_marketplace.sandbox import Sandbox
from fleet.sentinels import secrets_in
from support.postgres import alchemy_url

if TYPE_CHECKING:
    from fleet.trial import Rest, Trial

POLL = "GetOrderList"
SHIP = "ValidateOrderList"


@frozen
class Outcome:
    """What happened; times are in periods."""

    accounts: int
    placed: int
    imported: int
    shipped: int
    lost: int
    doubled: int
    shipped_twice: int
    kills: int
    orders_per_minute: int
    polls_per_second: float
    share_in_time: float
    longest_wait: float
    without_success: int
    polls_of_resting: int
    secrets_seen: int

    def wrongs(self) -> tuple[str, ...]:
        """Return which figures say that work was lost or doubled, or a secret told."""
        none = ("lost", "doubled", "shipped_twice", "without_success", "polls_of_resting", "secrets_seen")
        return tuple(name for name in none if getattr(self, name))

    def figures(self) -> dict[str, Any]:
        """Return the figures by their names."""
        return asdict(self)

    def table(self) -> str:
        """Return the figures for a person."""
        return "\n".join(f"{name:20} {value}" for name, value in self.figures().items())


def reckon(trial: Trial, registry: SqlAccountRegistry, begun: datetime, ended: datetime) -> Outcome:
    """Compare what customers ordered with what was imported and shipped, and the polls with the schedule."""
    imports, placed = _imports(trial.database), trial.placed.keys()
    shipped = {
        order.number for world in trial.sandboxes.values() for order in world.orders() if order.state == "Shipped"
    }
    steady = trial.sandboxes.keys() - trial.held_up
    late = [share for name in steady for share in _lateness(trial, name, begun, ended)]
    seconds = (ended - begun).total_seconds()
    polls = sum(len(world.calls(POLL)) for world in trial.sandboxes.values())
    runs = [status for name in trial.sellers for status in registry.list_runs(name)]
    return Outcome(
        accounts=len(trial.sellers),
        placed=len(placed),
        imported=len(placed & imports.keys()),
        shipped=len(shipped & placed),
        lost=len(placed - imports.keys()) + len(placed - shipped),
        doubled=sum(count > 1 for count in imports.values()),
        shipped_twice=sum(count > 1 for world in trial.sandboxes.values() for count in _shipments(world).values()),
        kills=trial.kills,
        orders_per_minute=round(len(imports) / seconds * 60),
        polls_per_second=round(polls / seconds, 1),
        share_in_time=round(sum(each <= 1 for each in late) / len(late), 3) if late else 1.0,
        longest_wait=round(max(late, default=0.0), 2),
        without_success=len(set(trial.sellers) - {run.account for run in runs if run.succeeded_at is not None}),
        polls_of_resting=sum(_polls_while(trial, rest) for rest in trial.rests),
        secrets_seen=len(secrets_in([trial.output(), *trial.broker.heard], trial.sandboxes.values())),
    )


def _imports(database: str) -> Counter[str]:
    engine = create_engine(alchemy_url(database))
    with engine.connect() as connection:
        statement = select(history.c.number).where(history.c.subject == "order", history.c.event == "imported")
        found = Counter(connection.execute(statement).scalars())
    engine.dispose()
    return found


def _shipments(world: Sandbox) -> Counter[str]:
    """Count the writes that were done for each order."""
    return Counter(number for call in world.calls(SHIP) if call.ran for number in call.order_numbers)


def _polls_while(trial: Trial, rest: Rest) -> int:
    """Count the polls of an account that was taken out of work, from when that must be in force."""
    polls = [call.at for call in trial.sandboxes[rest.account].calls(POLL)]
    return sum(rest.begun + trial.effect < poll < (rest.ended or poll + trial.effect) for poll in polls)


def _lateness(trial: Trial, name: str, begun: datetime, ended: datetime) -> Iterator[float]:
    """Give how long after it was due each poll of an account came, in periods."""
    polls = [call.at for call in trial.sandboxes[name].calls(POLL)]
    for slot in _slots(name, trial.period, begun, ended):
        place = bisect_left(polls, slot)
        came = polls[place] if place < len(polls) else ended + trial.period
        yield (came - slot) / trial.period


def _slots(name: str, period: timedelta, begun: datetime, ended: datetime) -> Iterator[datetime]:
    slot = latest_slot(name, JobPeriod(job=JobName.IMPORT, every=period), ended)
    while slot > begun:
        yield slot
        slot -= period
