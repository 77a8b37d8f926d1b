"""Decode GetOrderList and GetProductList answers: time beside lxml and zeep, and memory of a fresh process.

Run `python benchmarks/decode.py`; the last line is JSON. Times are wall time, best of several, in milliseconds.
Memory is the growth of the peak resident set over what the process had just before it decoded, and counts everything
that it kept.
"""

from __future__ import annotations

import gc
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests
import zeep
import zeep.helpers
from lxml import etree
from soap_bodies import get_order_list_body, get_product_list_body

from cdiscount_marketplace.soap.answers import Answer, decode_answer
from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.contract import render
from cdiscount_marketplace.soap.operations import Operation
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST
from cdiscount_marketplace.soap.products.catalogue import GET_PRODUCT_LIST

TIMED_ORDERS = 1_000
KEPT_ORDERS = 4_000
# As many as the recorded answer has.
TIMED_PRODUCTS = 376

MEASURE_MEMORY = """
import re, sys
from pathlib import Path
from cdiscount_marketplace.soap.answers import decode_answer
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST

def status(name):
    return int(re.search(rf"^{name}:\\s+(\\d+) kB", Path("/proc/self/status").read_text(), re.M)[1]) * 1024

small, large = (Path(name).read_bytes() for name in sys.argv[1:])
decode_answer(GET_ORDER_LIST, small)
before = status("VmRSS")
answer = decode_answer(GET_ORDER_LIST, large)
print(status("VmHWM") - before, len(answer.result.orders))
"""


def best(*works: Callable[[], object], times: int) -> list[float]:
    """Return the shortest run of each, in milliseconds; they take turns, so that all meet the same machine.

    Each runs twice in a row, and the second run counts: the C library tidies the memory that one run freed in the next
    one, so that a run after another's would pay for that one.
    """
    shortest = [float("inf")] * len(works)
    for _ in range(times):
        for index, work in enumerate(works):
            work()
            gc.collect()
            start = time.perf_counter()
            work()
            shortest[index] = min(shortest[index], time.perf_counter() - start)
    return [seconds * 1000 for seconds in shortest]


def zeep_reply(operation: Operation[Any], body: bytes) -> Callable[[], object]:
    """Return zeep's own way from a reply to plain values, with the settings that survive an unknown element."""
    settings = zeep.Settings(strict=False, xsd_ignore_sequence_order=True, xml_huge_tree=True)
    client = zeep.Client(io.BytesIO(render(OPERATIONS)), settings=settings)
    binding = client.service._binding  # noqa: SLF001 - zeep's way to its own reply processing
    known = binding.get(operation.name)
    response = requests.Response()
    response.status_code = 200
    response.headers["Content-Type"] = "text/xml; charset=utf-8"
    response._content = body  # noqa: SLF001 - how requests itself fills a response
    return lambda: zeep.helpers.serialize_object(binding.process_reply(client, known, response))


def memory(body: bytes, small: bytes) -> tuple[int, int]:
    """Return by how many bytes a fresh process grows when it decodes a body and keeps the orders, and their number."""
    with TemporaryDirectory() as folder:
        names = [Path(folder, name) for name in ("small.xml", "large.xml")]
        for name, content in zip(names, (small, body), strict=True):
            name.write_bytes(content)
        told = subprocess.run(
            [sys.executable, "-c", MEASURE_MEMORY, *map(str, names)], check=True, capture_output=True, text=True
        )
    grown, orders = map(int, told.stdout.split())
    return grown, orders


def product_times() -> tuple[float, float]:
    """Return how long an answer of GetProductList takes us, and zeep, in milliseconds."""
    body = get_product_list_body(TIMED_PRODUCTS)
    answer = decode_answer(GET_PRODUCT_LIST, body)
    assert isinstance(answer, Answer)
    assert len(answer.result.products) == TIMED_PRODUCTS
    assert not answer.drift
    del answer
    ours, theirs = best(lambda: decode_answer(GET_PRODUCT_LIST, body), zeep_reply(GET_PRODUCT_LIST, body), times=10)
    return ours, theirs


def main() -> None:
    """Measure all, tell all, and end with one JSON line."""
    body, large = get_order_list_body(TIMED_ORDERS), get_order_list_body(KEPT_ORDERS)
    answer = decode_answer(GET_ORDER_LIST, body)
    assert isinstance(answer, Answer)
    assert len(answer.result.orders or ()) == TIMED_ORDERS
    assert not answer.drift
    # Objects that are kept would be walked by every collection of garbage in what is timed.
    del answer
    parse, ours = best(lambda: etree.fromstring(body), lambda: decode_answer(GET_ORDER_LIST, body), times=30)
    (theirs,) = best(zeep_reply(GET_ORDER_LIST, body), times=3)
    products, zeep_products = product_times()
    grown, kept = memory(large, get_order_list_body(20))
    assert kept == KEPT_ORDERS
    figures = {
        "orders": TIMED_ORDERS,
        "body_bytes": len(body),
        "lxml_fromstring_ms": round(parse, 1),
        "decode_ms": round(ours, 1),
        "zeep_ms": round(theirs, 1),
        "times_of_lxml": round(ours / parse, 2),
        "faster_than_zeep": round(theirs / ours, 1),
        "products": TIMED_PRODUCTS,
        "products_ms": round(products, 2),
        "zeep_products_ms": round(zeep_products, 1),
        "products_faster_than_zeep": round(zeep_products / products, 1),
        "kept_orders": kept,
        "kept_body_bytes": len(large),
        "memory_growth_bytes": grown,
        "memory_growth_of_body": round(grown / len(large), 2),
    }
    for name, value in figures.items():
        print(f"{name:24} {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
