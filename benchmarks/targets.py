"""Run every benchmark and compare it with what we aim at: `python benchmarks/targets.py [NAME…]`.

Each script runs three times, and its median counts. The table says what is measured, the aim and what must be reached
at least; the exit code is 1 if that is missed. Figures are ratios of times of the same run, or per second of one core.
"""

from __future__ import annotations

import json
import math
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen

ROUNDS = 3
FOLDER = Path(__file__).resolve().parent
Figures = Mapping[str, float]


@frozen
class Target:
    """One line of the table; figures of `script` are reached by `read`. `more` is true where more is better."""

    script: str
    what: str
    read: Callable[[Figures], float]
    aim: float
    least: float
    more: bool = False

    def is_met(self, value: float) -> bool:
        """Return whether a value reaches the least."""
        return value >= self.least if self.more else value <= self.least


TARGETS = (
    Target(
        "startup",
        "first answer of a new process ÷ zeep's on loopback",
        lambda f: f["first_answer_ms"] / f["zeep_first_answer_ms"],
        0.75,
        0.85,
    ),
    Target("startup", "importing the package, ms over a bare interpreter", lambda f: f["import_ms"], 15, 20),
    Target("decode", "decode GetOrderList ÷ lxml.fromstring", lambda f: f["times_of_lxml"], 3.0, 3.5),
    Target(
        "decode",
        "decode GetProductList, times faster than zeep",
        lambda f: f["products_faster_than_zeep"],
        15,
        8,
        more=True,
    ),
    Target("octopia", "decode Octopia orders ÷ json.loads", lambda f: f["ratio"], 2.5, 3.0),
    Target("import", "first import ÷ decoding, SQLite", lambda f: f["first_processor_ratio"], 2.5, 3.0),
    Target("import", "second import ÷ decoding, SQLite", lambda f: f["second_processor_ratio"], 1.3, 1.5),
    Target("polls", "polls in vain per second, memory store", lambda f: f["memory_store"], 400, 300, more=True),
    Target("polls", "the same, SQLite", lambda f: f["sqlite"], 180, 120, more=True),
    Target("polls", "the same, PostgreSQL", lambda f: f["postgresql"], 130, 85, more=True),
    Target("polls", "the same, a new client each time, memory store", lambda f: f["new_clients"], 250, 200, more=True),
    Target("polls", "memory per further client, KB", lambda f: f["client_kb"], 10, 20),
    Target("packages", "a package of 200,000 offers, MB of the process", lambda f: f["peak_mb"], 60, 200),
    Target(
        "packages", "offers written and uploaded per second", lambda f: f["offers_per_s"], 20_000, 10_000, more=True
    ),
    Target("sandbox", "lists per second, 100,000 orders held", lambda f: f["calls_per_second"], 500, 350, more=True),
    Target("stores", "status with 1,000,000 orders and shipments, s", lambda f: f["status_s"], 0.1, 0.3),
    Target("stores", "one stored order, the same store, s", lambda f: f["order_s"], 0.1, 0.3),
    Target("stores", "a push that finds nothing, the same store, s", lambda f: f["empty_push_s"], 0.005, 0.02),
    Target("stores", "first page of the outbox, the same store, s", lambda f: f["outbox_page_s"], 0.1, 0.3),
    Target("operators_page", "slowest screen, 1,000,000 orders, PostgreSQL, ms", lambda f: f["postgresql"], 150, 300),
    Target("operators_page", "the same, SQLite, ms", lambda f: f["sqlite"], 150, 300),
)


def figures_of(script: str) -> Figures:
    """Run a script once, and return its last line."""
    command = [sys.executable, str(FOLDER / f"{script}.py")]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found: Figures = json.loads(output.splitlines()[-1])
    return found


def rows(names: Sequence[str]) -> Iterator[tuple[Target, float]]:
    """Measure the targets of the named scripts (none given: all)."""
    for script in dict.fromkeys(target.script for target in TARGETS):
        if names and script not in names:
            continue
        runs = [figures_of(script) for _ in range(ROUNDS)]
        for target in TARGETS:
            if target.script == script:
                yield target, median(target, runs)


def median(target: Target, runs: Sequence[Figures]) -> float:
    """Return the median of a target's figures; nan if the script left it out, as zeep's without its contract."""
    try:
        return statistics.median(target.read(figures) for figures in runs)
    except KeyError:
        return math.nan


def processor() -> str:
    """Return the processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def main(names: Sequence[str]) -> int:
    """Print the table, and return 1 if a target is missed."""
    missed = 0
    print(f"{'what':52} {'measured':>10} {'aim':>8} {'at least':>9}")
    for target, value in rows(names):
        met = math.isnan(value) or target.is_met(value)
        missed += not met
        mark = "" if met else "  MISSED"
        print(f"{target.what:52} {value:>10.4g} {target.aim:>8g} {target.least:>9g}{mark}", flush=True)
    print(processor())
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
