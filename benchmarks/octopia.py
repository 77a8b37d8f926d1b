"""Measure what decoding a page of 100 orders costs, in units of parsing the same bytes with `json.loads`.

The last line is JSON: seconds of each, their ratio, and the bytes.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cdiscount_marketplace.octopia.bodies import parse
from cdiscount_marketplace.octopia.codec import Drift, decode_many
from cdiscount_marketplace.octopia.orders.models import Order

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from support.octopia_bodies import line_body, order_body, page_body

ORDERS = 100
ROUNDS = 40
LIMIT = 6.0


def page(count: int = ORDERS) -> bytes:
    """Build a page of orders, every third with two lines."""
    orders = (
        order_body(f"2603{number:08}", lines=[line_body("L1"), line_body("L2")][: 1 + (number % 3 == 0)])
        for number in range(count)
    )
    return json.dumps(page_body(*orders), ensure_ascii=False).encode()


def decode(body: bytes) -> tuple[Order, ...]:
    """Do what the client does with the bytes of an answer."""
    return decode_many(Order, parse(body)["items"], Drift())


def seconds(work: Callable[[bytes], object], body: bytes) -> float:
    """Time one run."""
    begin = time.perf_counter()
    work(body)
    return time.perf_counter() - begin


def main() -> None:
    """Measure both alternately, so that a busy machine slows both."""
    body = page()
    assert len(decode(body)) == ORDERS
    pairs = [(seconds(json.loads, body), seconds(decode, body)) for _ in range(ROUNDS)]
    parsing, decoding = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"json.loads {parsing * 1e3:.2f} ms, decoded {decoding * 1e3:.2f} ms for {ORDERS} orders, {len(body)} bytes")
    ratio = decoding / parsing
    figures = {"loads_s": parsing, "decode_s": decoding, "ratio": round(ratio, 2), "limit": LIMIT, "bytes": len(body)}
    print(json.dumps(figures))
    sys.exit(ratio > LIMIT)


if __name__ == "__main__":
    main()
