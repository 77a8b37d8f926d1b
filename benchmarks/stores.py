"""Read a big store: 1,000,000 orders and as many finished shipments in one SQLite file, after ANALYZE.

Run `python benchmarks/stores.py [ORDERS]`; the last line is JSON. Seconds are of the calls that the commands `status`,
`orders show --stored`, `outbox list` and `push` make, starting a process not counted; a push finds nothing to do.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, text

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.oms import ShipmentPusher
from cdiscount_marketplace.sandbox import Sandbox

ORDERS = 1_000_000
PAGE = 50
ROUNDS = 5
ACCOUNT = "shop"
FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :orders)
INSERT INTO {table} ({columns}) SELECT {values} FROM n
"""
MOMENT = "'2026-03-10T12:00:00.000000Z'"
TABLES = {
    "orders": {
        "id": "i",
        "account": "'shop'",
        "number": "'N' || i",
        "channel": "'soap'",
        "status": "CASE i % 10 WHEN 0 THEN 'cancelled' ELSE 'shipped' END",
        "currency": "'EUR'",
        "total": "'18.50'",
        "fulfilled_by": "'seller'",
        "dummy": "0",
        "digest": "'a.b.c.d.e.f'",
        "created_at": MOMENT,
        "imported_at": MOMENT,
        "saved_at": MOMENT,
    },
    "order_identities": {"account": "'shop'", "identity": "'N' || i", "order_id": "i", "position": "0"},
    "order_lines": {
        "order_id": "i",
        "position": "0",
        "line_id": "'L1'",
        "sku": "'SKU'",
        "quantity": "1",
        "line_total": "'18.50'",
        "status": "'shipped'",
    },
    "history": {
        "id": "i",
        "account": "'shop'",
        "number": "'N' || i",
        "at": MOMENT,
        "subject": "'order'",
        "event": "'imported'",
    },
    "shipments": {
        "account": "'shop'",
        "key": "'N' || i",
        "parcel": "'6A' || i",
        "carrier": "'Colissimo'",
        "tracking_number": "'6A' || i",
        "state": "'confirmed'",
        "version": "2",
        "attempt": "1",
        "created_at": MOMENT,
        "updated_at": MOMENT,
    },
}


def fill(path: Path, orders: int) -> None:
    """Write the rows of many finished orders at once."""
    with SqlOms(f"sqlite:///{path}") as oms:
        oms.ensure_open()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for table, columns in TABLES.items():
            statement = FILL.format(table=table, columns=", ".join(columns), values=", ".join(columns.values()))
            connection.execute(text(statement), {"orders": orders})
        connection.execute(text("ANALYZE"))
    engine.dispose()


def best(work: Callable[[], object]) -> float:
    """Return the fastest of several rounds in seconds."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def measure(path: Path, orders: int) -> dict[str, float]:
    """Time each reading on a store."""
    sandbox = Sandbox()
    with SqlOms(f"sqlite:///{path}") as oms, sandbox.client() as client:
        pusher = ShipmentPusher(SoapChannel(client), oms, account=ACCOUNT)
        assert oms.count_shipments(ACCOUNT) == orders
        return {
            "status_s": best(lambda: oms.overview(ACCOUNT)),
            "order_s": best(lambda: oms.show_order(ACCOUNT, f"N{orders // 2}")),
            "outbox_page_s": best(lambda: (oms.count_shipments(ACCOUNT), oms.page_shipments(ACCOUNT, limit=PAGE))),
            "empty_push_s": best(pusher.run),
        }


def main() -> None:
    """Measure, print, and end with one JSON line."""
    orders = int(sys.argv[1]) if sys.argv[1:] else ORDERS
    with TemporaryDirectory() as folder:
        path = Path(folder) / "oms.db"
        fill(path, orders)
        figures = measure(path, orders)
    for name, value in figures.items():
        print(f"{name:14} {value:10.4f}")
    print(json.dumps({"orders": orders, **{name: round(value, 5) for name, value in figures.items()}}))


if __name__ == "__main__":
    main()
