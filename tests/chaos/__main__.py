"""`python -m chaos --runs N --kills K --seed S`: put the whole system under fire, and fail on any loss or doubling."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from _pytest.outcomes import Skipped

from chaos.ledger import Ledger
from chaos.processes import fight_once
from chaos.virtual import live_once
from support.postgres import postgresql_server

APIS = ("soap", "octopia")


def main() -> int:
    """Run both kinds, print a table of each, and return 1 if anything is wrong."""
    options = _options()
    spoken = " + ".join(options.apis)
    totals = {f"in one process, on the virtual clock ({spoken})": _virtual(options)} if options.runs else {}
    if options.processes:
        totals[f"real processes, SQLite ({spoken})"] = _fights(options, None)
        with ExitStack() as stack:
            try:
                server = stack.enter_context(postgresql_server())
            except Skipped as skipped:
                print(f"real processes, PostgreSQL: {skipped}")
            else:
                totals[f"real processes, PostgreSQL ({spoken})"] = _fights(options, server)
    for title, ledger in totals.items():
        print(f"\n{title}\n{ledger.table()}")
    return 1 if any(ledger.wrongs for ledger in totals.values()) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chaos")
    parser.add_argument("--runs", type=int, default=100, help="runs in one process")
    parser.add_argument("--processes", type=int, default=5, help="runs with real processes, per database")
    parser.add_argument("--kills", type=int, default=3, help="kills per run with real processes")
    parser.add_argument("--parallel", type=int, default=2, help="runs with real processes at a time")
    parser.add_argument("--apis", nargs="+", choices=APIS, default=["soap"], help="spoken, in turns where several")
    parser.add_argument("--seed", type=int, default=0, help="the first run's seed")
    return parser.parse_args()


def _virtual(options: argparse.Namespace) -> Ledger:
    def live(seed: int) -> Ledger:
        return live_once(seed, tuple(options.apis))

    return _sum(map(_labelled(live), _seeds(options, options.runs)))


def _fights(options: argparse.Namespace, server: str | None) -> Ledger:
    def fight(seed: int) -> Ledger:
        return fight_once(seed, server, options.kills, tuple(options.apis))

    with ThreadPoolExecutor(options.parallel) as pool:
        return _sum(pool.map(_labelled(fight), _seeds(options, options.processes)))


def _seeds(options: argparse.Namespace, runs: int) -> range:
    return range(options.seed, options.seed + runs)


def _labelled(run: Callable[[int], Ledger]) -> Callable[[int], tuple[str, Ledger]]:
    def labelled(seed: int) -> tuple[str, Ledger]:
        try:
            return f"seed {seed}", run(seed)
        # A run that breaks is a finding like any other.
        except Exception as error:  # noqa: BLE001
            return f"seed {seed}", Ledger(wrongs=[f"{type(error).__name__}: {error}"])

    return labelled


def _sum(runs: Iterable[tuple[str, Ledger]]) -> Ledger:
    total = Ledger()
    for label, ledger in runs:
        total.add(ledger, label)
    return total


if __name__ == "__main__":
    sys.exit(main())
