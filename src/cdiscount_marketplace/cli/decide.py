"""The commands that decide on orders that wait for acceptance: `accept` and `refuse`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from attrs import Factory, define
from cyclopts import Parameter

from cdiscount_marketplace.cli.exits import Exit, ending_code
from cdiscount_marketplace.cli.listing import Paging
from cdiscount_marketplace.cli.marketplace import open_channel
from cdiscount_marketplace.cli.options import DryRun, Marketplace, OrderNumber, Place
from cdiscount_marketplace.cli.orders import order_listing
from cdiscount_marketplace.cli.output import Output, Part, facts, tell
from cdiscount_marketplace.cli.progress import progress
from cdiscount_marketplace.cli.push import problem_parts, sending_facts
from cdiscount_marketplace.cli.store import open_store
from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.models import Decision, OrderQuery, OrderStatus, SalesOrder, Verdict
from cdiscount_marketplace.oms import AcceptanceReport, OrderAcceptor, stop_on_signals


@define
class Chosen:
    """Decide about the orders that a person named (None: all), and leave the others for later."""

    verdict: Verdict
    numbers: frozenset[str] | None = None
    refused_lines: tuple[str, ...] = ()
    met: set[str] = Factory(set[str])

    def decide(self, account: str, order: SalesOrder) -> Decision:  # noqa: ARG002 (an `AcceptancePolicy`)
        """Answer LATER for orders that were not named."""
        if not self.covers(order):
            return Decision(key=order.number, verdict=Verdict.LATER)
        self.met.update(order.identities)
        return Decision(key=order.number, verdict=self.verdict, refused_lines=self.refused_lines)

    def covers(self, order: SalesOrder) -> bool:
        """Return whether an order was named."""
        return self.numbers is None or not self.numbers.isdisjoint(order.identities)


def accept(
    *numbers: OrderNumber,
    all_waiting: Annotated[bool, Parameter(name="--all", negative="", help="Every order that waits.")] = False,
    without_line: Annotated[
        tuple[str, ...], Parameter(negative="", help="Refuse this line of the order; repeat for several.")
    ] = (),
    dry_run: DryRun = False,
    at: Marketplace = Marketplace(),
    place: Place = Place(),
    out: Output = Output(),
) -> Exit:
    """Accept orders that wait for acceptance."""
    if numbers and all_waiting:
        raise InvalidRequest([Problem("numbers", "give either order numbers or --all, not both")])
    if not numbers and not all_waiting:
        raise InvalidRequest([Problem("numbers", "name the orders to accept, or use --all")])
    if without_line and len(numbers) != 1:
        raise InvalidRequest([Problem("without_line", "name exactly one order with it")])
    chosen = Chosen(Verdict.ACCEPT, frozenset(numbers) or None, without_line)
    return _decide(chosen, at=at, place=place, out=out, dry_run=dry_run)


def refuse(
    *numbers: OrderNumber,
    dry_run: DryRun = False,
    at: Marketplace = Marketplace(),
    place: Place = Place(),
    out: Output = Output(),
) -> Exit:
    """Refuse whole orders that wait for acceptance."""
    if not numbers:
        raise InvalidRequest([Problem("numbers", "name the orders to refuse")])
    return _decide(Chosen(Verdict.REFUSE, frozenset(numbers)), at=at, place=place, out=out, dry_run=dry_run)


def _decide(chosen: Chosen, *, at: Marketplace, place: Place, out: Output, dry_run: bool) -> Exit:
    with open_store(place) as oms, progress("deciding") as hook, open_channel(at, [hook]) as channel:
        if dry_run:
            waiting = channel.fetch(OrderQuery(statuses=(OrderStatus.WAITING_ACCEPTANCE,)))
            orders = [order for order in waiting if chosen.covers(order)]
            out.show(orders, lambda: order_listing(orders).parts(Paging(), more="--json prints every one"))
            return Exit.DONE
        acceptor = OrderAcceptor(channel, oms, account=place.account, policy=chosen, hooks=[hook])
        with stop_on_signals([acceptor]):
            report = acceptor.run()
    out.show(report, lambda: decision_parts(report))
    missing = sorted((chosen.numbers or frozenset()) - chosen.met)
    if missing:
        tell(f"not waiting for a decision, or decided already: {', '.join(missing)}")
    return ending_code(report.ended_by, needs_person=bool(report.problems or report.undecided or missing))


def decision_parts(report: AcceptanceReport) -> Iterator[Part]:
    """Lay out what a run of acceptance did."""
    about = [("waiting", report.waiting), ("decided now", report.decided), *sending_facts(report)]
    problems = (*report.problems, *report.undecided)
    yield facts(f"Decisions of {report.account}", about)
    if problems:
        yield from problem_parts(problems)
