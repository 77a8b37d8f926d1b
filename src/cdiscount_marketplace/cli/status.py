"""The command `status`: an account at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.listing import Listing, Paging, in_pages
from cdiscount_marketplace.cli.options import Place
from cdiscount_marketplace.cli.outbox import NEEDING_A_PERSON, shipment_listing
from cdiscount_marketplace.cli.output import Output, Part, cell, facts, tell
from cdiscount_marketplace.cli.quarantine import entry_listing
from cdiscount_marketplace.cli.refunds import refund_listing
from cdiscount_marketplace.cli.store import open_store
from cdiscount_marketplace.oms.ports import Count, DecisionTask, LeaseStatus, Overview


def status(*, place: Place = Place(), out: Output = Output()) -> Exit:
    """Show pulls, orders, quarantine and outbox at a glance."""
    with open_store(place) as oms:
        overview, leases = oms.overview(place.account), oms.list_leases(place.account)
        problems = _problems(oms, place.account)
        _mention_others(oms, overview)
        values = {name: listing.values(Paging()) for name, listing in problems.items()}
        out.show({"overview": overview, "problems": values}, lambda: _parts(overview, leases, problems))
    return Exit.NEEDS_PERSON if any(listing.total for listing in problems.values()) else Exit.DONE


def _mention_others(oms: SqlOms, overview: Overview) -> None:
    """Name the accounts that there are, if this one has left no trace: its name may be a slip."""
    if (
        overview.checkpoint
        or overview.orders
        or overview.quarantine
        or overview.shipments
        or overview.decisions
        or overview.refunds
        or overview.offers
    ):
        return
    others = [name for name in oms.accounts() if name != overview.account]
    if others:
        tell(f"the store has nothing for account {overview.account}; it has: {', '.join(others)}")


def _problems(oms: SqlOms, account: str) -> dict[str, Listing[Any]]:
    """List what waits for a person."""
    return {
        "quarantine": entry_listing(oms, account),
        "shipments": shipment_listing(oms, account, NEEDING_A_PERSON),
        "decisions": _decision_listing(oms, account),
        "refunds": refund_listing(oms, account, NEEDING_A_PERSON),
    }


def _parts(overview: Overview, leases: Sequence[LeaseStatus], problems: dict[str, Listing[Any]]) -> Iterator[Part]:
    about = [
        ("last pull", overview.pulled_at or "never"),
        ("read up to", overview.checkpoint and overview.checkpoint.cursor),
        ("orders", _counted(overview.orders)),
        ("passed unseen", _counted(overview.unseen)),
        ("quarantine", _counted(overview.quarantine)),
        ("outbox", _counted(overview.shipments)),
        ("decisions", _counted(overview.decisions)),
        ("refunds", _counted(overview.refunds)),
        ("offers", _counted(overview.offers)),
        ("running now", tuple(f"{each.lease.job}, {cell(each.remaining)} left" for each in leases)),
    ]
    yield facts(overview.account, about)
    for name, listing in problems.items():
        if listing.total:
            yield from listing.parts(Paging(), more=_MORE[name])


_MORE = {
    "quarantine": "`quarantine list --all` shows every one",
    "shipments": "`outbox list --state rejected --state stuck --all` shows every one",
    "decisions": "--json prints every one",
    "refunds": "`refunds list --state rejected --state stuck --all` shows every one",
}


def _decision_listing(oms: SqlOms, account: str) -> Listing[DecisionTask]:
    total = oms.count_decisions(account, NEEDING_A_PERSON)
    return Listing(
        title=f"Decisions: {total}",
        columns=("Order", "Decision", "State", "Updated", "Answer"),
        row=_decision,
        total=total,
        read=partial(in_pages, partial(oms.page_decisions, account, NEEDING_A_PERSON)),
    )


def _decision(each: DecisionTask) -> Sequence[object]:
    return each.decision.key, each.decision.verdict, each.task.state, each.task.updated_at, each.task.message


def _counted(counts: Sequence[Count]) -> tuple[str, ...]:
    return tuple(f"{each.count} {each.value}" for each in counts)
