"""How costs grow with size: each at 1×, 10× and 100×, with the exponent of a power law through the ends.

Run `python benchmarks/growth.py`; the last line is JSON, and the exit code is 1 if anything grows clearly faster than
n·log n. What does not depend on a size, such as a poll of a store with many orders, has an exponent near 0.
"""

from __future__ import annotations

import gc
import json
import math
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from polls import kept_polls
from soap_bodies import get_order_list_body
from stores import ACCOUNT, fill

import octopia
from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.oms import OrderImporter
from cdiscount_marketplace.sandbox import Sandbox, VirtualClock
from cdiscount_marketplace.soap.answers import decode_answer
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST

FACTORS = (1, 10, 100)
ROUNDS = 3
# n·log n over these sizes, and the noise of a shared machine.
MOST = 1.3


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of the best of several rounds."""
    times = []
    for _ in range(ROUNDS):
        gc.collect()
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def decoding(size: int) -> float:
    """Decode a SOAP answer with 20 orders for each unit of size."""
    body = get_order_list_body(20 * size)
    return seconds(lambda: decode_answer(GET_ORDER_LIST, body))


def octopia_decoding(size: int) -> float:
    """Decode an Octopia page with 10 orders for each unit of size."""
    body = octopia.page(10 * size)
    return seconds(lambda: octopia.decode(body))


def importing(size: int) -> float:
    """Import 5 orders for each unit of size into memory, the sandbox's own work included."""
    sandbox = Sandbox()
    for _ in range(5 * size):
        sandbox.place(state="WaitingForShipmentAcceptation")
    sandbox.advance(timedelta(minutes=5))
    start = sandbox.clock.now() - timedelta(days=1)

    def work() -> None:
        with sandbox.client() as client:
            OrderImporter(
                SoapChannel(client),
                MemoryOms(clock=sandbox.clock),
                account=ACCOUNT,
                start_from=start,
                clock=sandbox.clock,
                max_orders_per_reading=1_000_000,
            ).run()

    return seconds(work)


def polling(size: int, folder: Path) -> float:
    """Poll in vain on a store with 1,000 finished orders and shipments for each unit of size."""
    path = folder / f"{size}.db"
    fill(path, 1000 * size)
    clock = VirtualClock()
    with SqlOms(f"sqlite:///{path}", clock=clock) as oms:
        return 1 / kept_polls(oms, clock)


def exponents(costs: Mapping[str, Callable[[int], float]]) -> dict[str, float]:
    """Measure each cost at every size, print the times, and return how they grow."""
    found = {}
    for name, cost in costs.items():
        times = [cost(size) for size in FACTORS]
        found[name] = math.log(times[-1] / times[0]) / math.log(FACTORS[-1])
        shown = "  ".join(f"{1000 * each:10.2f} ms" for each in times)
        print(f"{name:18} {shown}   exponent {found[name]:5.2f}")
    return found


def main() -> int:
    """Measure, print, and end with one JSON line."""
    with TemporaryDirectory() as folder:
        costs: dict[str, Callable[[int], float]] = {
            "decode_soap": decoding,
            "decode_octopia": octopia_decoding,
            "import": importing,
            "poll": partial(polling, folder=Path(folder)),
        }
        found = exponents(costs)
    print(json.dumps({name: round(value, 2) for name, value in found.items()}))
    return 1 if any(value > MOST for value in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
