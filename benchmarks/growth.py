"""How costs grow with size: each at 1×, 10× and 100×, with the exponent of a power law through the ends.

Run `python benchmarks/growth.py`; the last line is JSON, and the exit code is 1 if anything grows clearly faster than
n·log n. What does not depend on a size, such as a poll of a store with many orders, has an exponent near 0. With
`--plot FILE.svg` it draws the times against the number of orders; that needs matplotlib.
"""

from __future__ import annotations

import gc
import json
import math
import sys
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen
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


@frozen
class Curve:
    """The seconds that some work takes at each size; one unit of size is so many orders."""

    label: str
    orders: int
    seconds: tuple[float, ...]

    @property
    def exponent(self) -> float:
        """How the time grows, as the power of the size."""
        return math.log(self.seconds[-1] / self.seconds[0]) / math.log(FACTORS[-1])


def measure(folder: Path) -> dict[str, Curve]:
    """Measure each cost at every size, and print it."""
    costs: dict[str, tuple[str, int, Callable[[int], float]]] = {
        "decode_soap": ("decode (SOAP)", 20, decoding),
        "decode_octopia": ("decode (Octopia)", 10, octopia_decoding),
        "import": ("import", 5, importing),
        "poll": ("poll in vain, so many orders stored", 1000, partial(polling, folder=folder)),
    }
    curves = {}
    for name, (label, orders, cost) in costs.items():
        curve = curves[name] = Curve(label, orders, tuple(cost(size) for size in FACTORS))
        shown = "  ".join(f"{1000 * each:10.2f} ms" for each in curve.seconds)
        print(f"{name:18} {shown}   exponent {curve.exponent:5.2f}")
    return curves


def plot(curves: Iterable[Curve], path: Path) -> None:
    """Draw times against sizes, both on logarithmic scales."""
    import matplotlib as mpl
    from matplotlib import pyplot

    # The same figures give the same file.
    mpl.rcParams.update({"svg.hashsalt": "growth", "svg.fonttype": "none", "font.family": "sans-serif"})
    figure, axes = pyplot.subplots(figsize=(7.5, 4.2), layout="constrained")
    for curve in curves:
        sizes = [curve.orders * factor for factor in FACTORS]
        axes.loglog(sizes, [1000 * each for each in curve.seconds], marker="o", label=curve.label)
    axes.set(xlabel="orders", ylabel="processor time, ms")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


def main(arguments: list[str]) -> int:
    """Measure, print, draw if a file is named, and end with one JSON line."""
    with TemporaryDirectory() as folder:
        curves = measure(Path(folder))
    if arguments[:1] == ["--plot"]:
        plot(curves.values(), Path(arguments[1]))
    print(json.dumps({name: round(curve.exponent, 2) for name, curve in curves.items()}))
    return 1 if any(curve.exponent > MOST for curve in curves.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
