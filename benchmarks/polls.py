"""Poll in vain: import runs that find nothing new, and what another client costs.

Run `python benchmarks/polls.py`; the last line is JSON. The service is an adapter of `requests` that answers every call
with the same empty list, so that the processor time is the client's own: building and decoding two calls, the job, the
store. A new client for each poll is what a process pays that keeps none. Memory is what twenty more clients hold after
their first call. PostgreSQL is left out, visibly, where there is none.
"""

from __future__ import annotations

import gc
import io
import json
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from cdiscount_marketplace import MarketplaceClient
from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.oms import OrderImporter
from cdiscount_marketplace.sandbox import VirtualClock
from cdiscount_marketplace.soap.messages import write_answer
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST, OrderListMessage

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from support.postgres import postgresql_schema, postgresql_server

POLLS = 300
ROUNDS = 3
CLIENTS = 20
PERIOD = timedelta(minutes=5)
# Sweeps are rare, and cost a run of their own.
NEVER = timedelta(days=3650)
URLS = {"service_url": "https://service.invalid/service.svc", "token_url": "https://service.invalid/token"}
TOKEN = "0123456789abcdef0123456789abcdef"


class EmptyShop(HTTPAdapter):
    """Answers every call with an empty list."""

    def __init__(self) -> None:
        super().__init__()
        message = OrderListMessage(operation_success=True, error_message="", orders=())
        self.body = write_answer(GET_ORDER_LIST, message)

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        """Answer at once."""
        raw = HTTPResponse(
            io.BytesIO(self.body), HTTPHeaderDict({"Content-Type": "text/xml"}), status=200, preload_content=False
        )
        return self.build_response(request, raw)


def client(clock: VirtualClock) -> MarketplaceClient:
    """Make a client of the empty shop."""
    session = requests.Session()
    session.mount("https://", SHOP)
    return MarketplaceClient(token=TOKEN, session=session, clock=clock, **URLS)


SHOP = EmptyShop()


def poll(kept: MarketplaceClient | None, clock: VirtualClock, oms: object) -> Callable[[], None]:
    """Return a function that imports when nothing is new, with the kept client or a new one."""
    start = clock.now() - timedelta(hours=1)

    def once() -> None:
        clock.advance(PERIOD)
        channel = SoapChannel(kept or client(clock))
        OrderImporter(channel, oms, account="shop", start_from=start, clock=clock, sweep_every=NEVER).run()

    once()
    return once


def per_second(work: Callable[[], object]) -> float:
    """Return how often a core does it in a second of processor time, in the best of several rounds."""
    fastest = float("inf")
    for _ in range(ROUNDS):
        gc.collect()
        begun = time.process_time()
        for _ in range(POLLS):
            work()
        fastest = min(fastest, time.process_time() - begun)
    return POLLS / fastest


def kept_polls(oms: object, clock: VirtualClock) -> float:
    """Return the polls per second with one client for all."""
    with client(clock) as kept:
        return per_second(poll(kept, clock, oms))


def kb_per_client(clock: VirtualClock) -> float:
    """Return how many KB another client holds after its first call."""

    def used() -> MarketplaceClient:
        made = client(clock)
        made.orders.get("1")
        return made

    kept = [used()]
    tracemalloc.start()
    begun = tracemalloc.get_traced_memory()[0]
    kept += [used() for _ in range(CLIENTS)]
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - begun
    tracemalloc.stop()
    return grown / CLIENTS / 1024


def main() -> None:
    """Measure, print, and end with one JSON line."""
    clock = VirtualClock()
    figures = {
        "memory_store": kept_polls(MemoryOms(clock=clock), clock),
        "new_clients": per_second(poll(None, clock, MemoryOms(clock=clock))),
        "client_kb": kb_per_client(clock),
    }
    with TemporaryDirectory() as folder, SqlOms(f"sqlite:///{folder}/oms.db", clock=clock) as oms:
        figures["sqlite"] = kept_polls(oms, clock)
    with postgresql_server() as server, postgresql_schema(server) as url, SqlOms(url, clock=clock) as oms:
        figures["postgresql"] = kept_polls(oms, clock)
    for name, value in figures.items():
        print(f"{name:14} {value:10.1f}")
    print(json.dumps({name: round(value, 1) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
