"""Measure the sandbox: how fast it starts, and how many GetOrderList of 10 orders it answers while it holds many.

The server runs on one core of its own; what is timed is the caller's wait, decoding excluded. Ends with one JSON line.

    python benchmarks/sandbox.py --orders 100000 --calls 500
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import resource
import subprocess
import sys
import time
from base64 import b64encode
from datetime import timedelta
from urllib.parse import urlsplit

MESSAGES = "http://schemas.datacontract.org/2004/07/Cdiscount.Framework.Core.Communication.Messages"
REQUEST = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetOrderList '
    'xmlns="http://www.cdiscount.com"><headerMessage xmlns:a="{messages}" '
    'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><a:Context><a:SiteID>100</a:SiteID></a:Context>'
    "<a:Localization><a:Country>Fr</a:Country></a:Localization><a:Security><a:DomainRightsList "
    'i:nil="true"/><a:IssuerID i:nil="true"/><a:SessionID i:nil="true"/><a:TokenId>{token}</a:TokenId><a:UserName/>'
    "</a:Security><a:Version>1.0</a:Version></headerMessage><orderFilter><BeginCreationDate>{begin}</BeginCreationDate>"
    "<EndCreationDate>{end}</EndCreationDate><FetchOrderLines>true</FetchOrderLines><States>"
    "<OrderStateEnum>WaitingForShipmentAcceptation</OrderStateEnum></States></orderFilter></GetOrderList></s:Body>"
    "</s:Envelope>"
)
EMPTY = """
from cdiscount_marketplace.sandbox.server import serve
serve(port=0, orders=25, announce=lambda server: print(server.url, flush=True))
"""
WINDOW = 10


def hold(orders: int) -> None:
    """Serve a sandbox with many orders on one core; print its address, the window to ask for, and its size."""
    from cdiscount_marketplace.sandbox import Sandbox, SandboxServer
    from cdiscount_marketplace.sandbox.generator import OrderSpec

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    sandbox = Sandbox()
    begun = time.perf_counter()
    first = sandbox.clock.now() - timedelta(days=30)
    spacing = timedelta(days=30) / orders
    for position in range(orders):
        state = "WaitingForShipmentAcceptation" if position % 2 else "Shipped"
        sandbox.place(OrderSpec(state=state, created_at=first + position * spacing))
    filled = time.perf_counter() - begun
    chosen = sandbox.orders("WaitingForShipmentAcceptation")[orders // 4 :][:WINDOW]
    server = SandboxServer(sandbox)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    bounds = [chosen[0].created_at.isoformat(), chosen[-1].created_at.isoformat()]
    print(json.dumps({"url": server.url, "bounds": bounds, "filled": filled, "memory": memory}), flush=True)
    server.run()


def local(moment: str) -> str:
    """Write a moment as the service does."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.fromisoformat(moment).astimezone(ZoneInfo("Europe/Paris")).replace(tzinfo=None).isoformat()


def log_in(host: str) -> str:
    """Ask for a token."""
    connection = http.client.HTTPConnection(host, timeout=30)
    basic = b64encode(b"sandbox-api:sandbox").decode()
    connection.request("GET", "/users/httpIssue.svc/", headers={"Authorization": f"Basic {basic}"})
    return re.search("[0-9a-f]{32}", connection.getresponse().read().decode())[0]


def measure_calls(orders: int, calls: int) -> dict[str, object]:
    """Ask a full sandbox again and again over one connection."""
    command = [sys.executable, __file__, "--hold", str(orders)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            ready = json.loads(server.stdout.readline())
            host = urlsplit(ready["url"]).netloc
            begin, end = map(local, ready["bounds"])
            body = REQUEST.format(messages=MESSAGES, token=log_in(host), begin=begin, end=end).encode()
            connection = http.client.HTTPConnection(host, timeout=30)
            begun = time.perf_counter()
            for _ in range(calls):
                connection.request("POST", "/MarketplaceAPIService.svc", body, {"Content-Type": "text/xml"})
                answer = connection.getresponse().read()
            seconds = time.perf_counter() - begun
        finally:
            server.terminate()
    assert answer.count(b"<Order>") == WINDOW, answer.count(b"<Order>")
    return {
        "orders_held": orders,
        "orders_per_answer": WINDOW,
        "answer_bytes": len(answer),
        "calls_per_second": round(calls / seconds, 1),
        "filled_seconds": round(ready["filled"], 1),
        "memory_mib": ready["memory"],
    }


def measure_start() -> float:
    """Start `serve` in a fresh interpreter until its first answer."""
    begun = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", EMPTY], stdout=subprocess.PIPE, text=True) as server:
        try:
            log_in(urlsplit(server.stdout.readline().strip()).netloc)
            return time.perf_counter() - begun
        finally:
            server.terminate()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--hold", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.hold:
        hold(options.hold)
        return
    starts = [measure_start() for _ in range(5)]
    found = measure_calls(options.orders, options.calls)
    print(json.dumps({"benchmark": "sandbox", "start_seconds": round(min(starts), 3), **found}))


if __name__ == "__main__":
    main()
