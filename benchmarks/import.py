"""Import 10 000 orders from prepared answers into a SQLite file, beside the bare decoding of the same answers.

Run `python benchmarks/import.py`; the last line is JSON. Every order comes in one answer and once per import: forty
windows of a day with 250 orders each, all of them waiting for shipment. The second import reads the same answers and
finds nothing new. Times are the best of several rounds, in seconds, writes to the disk included; the ratios of
processor time tell the same story where other work disturbs the clock. Memory is the peak of a fresh process that
imports ten windows, and of one that imports forty.
"""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve, frozen
from soap_bodies import get_order_list_body

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels.soap.orders import sales_order
from cdiscount_marketplace.models import OrderQuery, OrderStatus, Reading
from cdiscount_marketplace.oms import OrderImporter
from cdiscount_marketplace.oms.ports import Checkpoint
from cdiscount_marketplace.soap.answers import Answer, decode_answer
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST, OrderListMessage

WINDOWS = 40
FEW_WINDOWS = 10
ORDERS_PER_WINDOW = 250
ROUNDS = 3
LIMITS = {"first": 6.0, "second": 3.0, "memory": 1.1}

ACCOUNT = "shop"
BEGIN = datetime(2024, 3, 1, tzinfo=UTC)
OVERLAP = timedelta(hours=3)
OTHER_STATES = (b"Shipped", b"WaitingForSellerAcceptation", b"CancelledByCustomer")


@frozen
class StoppedClock:
    """A clock at the end of the imported period."""

    time: datetime

    def now(self) -> datetime:
        """Return the end."""
        return self.time

    def monotonic(self) -> float:
        """Return real seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Never wait here."""


@frozen
class PreparedChannel:
    """A channel whose answers lie ready in files: one per day for the orders that wait, an empty one for all else."""

    days: Sequence[Path]
    nothing: Path
    name: str = "soap"
    settle_gap: timedelta = timedelta(minutes=2)
    write_limit: timedelta = timedelta(minutes=2)
    write_chunk: int = 20

    def fetch(self, query: OrderQuery) -> Reading:
        """Decode the answer of the query's day."""
        answer = decode(self._body(query))
        return Reading(tuple(sales_order(order) for order in answer.result.orders or ()))

    def _body(self, query: OrderQuery) -> Path:
        begin = query.modified_from
        if query.statuses != (OrderStatus.WAITING_SHIPMENT,) or begin is None:
            return self.nothing
        return self.days[(begin - BEGIN).days]


def decode(body: Path) -> Answer[OrderListMessage]:
    """Decode one answer."""
    answer = decode_answer(GET_ORDER_LIST, body.read_bytes())
    assert isinstance(answer, Answer)
    return answer


def prepare(folder: Path) -> None:
    """Write the answers, all of orders that wait for shipment."""
    (folder / "nothing.xml").write_bytes(get_order_list_body(0))
    for day in range(WINDOWS):
        body = get_order_list_body(ORDERS_PER_WINDOW, seed=day)
        for state in OTHER_STATES:
            body = body.replace(b"<OrderState>" + state, b"<OrderState>WaitingForShipmentAcceptation")
        (folder / f"day-{day:02}.xml").write_bytes(body)


def prepared(folder: Path, windows: int) -> PreparedChannel:
    """Return the channel of so many days."""
    return PreparedChannel(sorted(folder.glob("day-*.xml"))[:windows], folder / "nothing.xml")


def importer(channel: PreparedChannel, oms: SqlOms) -> OrderImporter:
    """Return an importer that begins at the period's first day, with no sweep due."""
    end = BEGIN + timedelta(days=len(channel.days))
    # A run begins to read so long before its cursor.
    start = Checkpoint(floor=BEGIN, cursor=BEGIN + OVERLAP, swept_at=end)
    before = oms.load_checkpoint(ACCOUNT)
    assert oms.swap_checkpoint(ACCOUNT, before, evolve(start, version=before.version + 1) if before else start)
    return OrderImporter(channel, oms, account=ACCOUNT, clock=StoppedClock(end), overlap=OVERLAP, settle=timedelta(0))


def run(channel: PreparedChannel, oms: SqlOms) -> dict[str, int]:
    """Import once, and return what was done."""
    report = importer(channel, oms).run()
    return {name: getattr(report, name) for name in ("imported", "unchanged", "quarantined", "windows")}


@frozen
class Cost:
    """What some work took, in seconds."""

    clock: float
    processor: float


def cost(work: Callable[[], object]) -> Cost:
    """Measure some work."""
    gc.collect()
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - clock, time.process_time() - processor)


def one_round(channel: PreparedChannel) -> tuple[Cost, Cost, Cost]:
    """Return the cost of decoding, of the first and of the second import."""
    orders = WINDOWS * ORDERS_PER_WINDOW
    done: list[dict[str, int]] = []
    with TemporaryDirectory() as folder, SqlOms(f"sqlite:///{Path(folder, 'oms.db')}") as oms:
        decoding = cost(lambda: [decode(body) for body in channel.days])
        first = cost(lambda: done.append(run(channel, oms)))
        second = cost(lambda: done.append(run(channel, oms)))
    assert [one["imported"] for one in done] == [orders, 0], done
    assert done[1]["unchanged"] == orders, done
    return decoding, first, second


def peak_kib(folder: Path, windows: int) -> int:
    """Return the peak memory of a fresh process that imports so many windows."""
    command = [sys.executable, __file__, "--memory", str(folder), str(windows)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(told.stdout)


def measure_memory(folder: Path, windows: int) -> None:
    """Import so many windows, and print this process's peak."""
    with TemporaryDirectory() as place, SqlOms(f"sqlite:///{Path(place, 'oms.db')}") as oms:
        run(prepared(folder, windows), oms)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main(folder: Path) -> None:
    """Measure all, tell all, and end with one JSON line."""
    prepare(folder)
    rounds = [one_round(prepared(folder, WINDOWS)) for _ in range(ROUNDS)]
    decoding, first, second = (min(each.clock for each in costs) for costs in zip(*rounds, strict=True))
    busy, busy_first, busy_second = (min(each.processor for each in costs) for costs in zip(*rounds, strict=True))
    few, many = peak_kib(folder, FEW_WINDOWS), peak_kib(folder, WINDOWS)
    ratios = {"first": first / decoding, "second": second / decoding, "memory": many / few}
    figures = {
        "orders": WINDOWS * ORDERS_PER_WINDOW,
        "windows": WINDOWS,
        "decoding_s": round(decoding, 2),
        "first_import_s": round(first, 2),
        "second_import_s": round(second, 2),
        "first_processor_ratio": round(busy_first / busy, 2),
        "second_processor_ratio": round(busy_second / busy, 2),
        "peak_kib_of_10_windows": few,
        "peak_kib_of_40_windows": many,
        **{f"{name}_ratio": round(value, 2) for name, value in ratios.items()},
        "within_limits": all(ratios[name] <= limit for name, limit in LIMITS.items()),
    }
    for name, value in figures.items():
        print(f"{name:24} {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        measure_memory(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        with TemporaryDirectory() as place:
            main(Path(place))
