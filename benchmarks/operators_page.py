"""Open every screen of the operator's page: 1,000,000 orders, shipments and decisions, on PostgreSQL and on SQLite.

Run `python benchmarks/operators_page.py [ORDERS] [sqlite|postgresql]…`; the last line is JSON. Milliseconds are of the
whole answer, the statements and the page's text, without the network to the browser. One account has all the orders but
a few; a tenth of a percent of the tasks wait for a person, and a thousand orders are in quarantine. PostgreSQL is left
out, visibly, where there is none.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, create_engine, text
from werkzeug.test import Client

from cdiscount_marketplace.adapters.sql import SqlAccountRegistry, SqlOms
from cdiscount_marketplace.web import operator_app

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from support.postgres import alchemy_url, postgresql_schema, postgresql_server

ORDERS = 1_000_000
ACCOUNTS = 50
QUARANTINED = 1_000
OFFERS = 100_000
ROUNDS = 5
FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
INSERT INTO {table} ({columns}) SELECT {values} FROM n
"""
# One order each half a minute.
MOMENTS = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1750000000 + i * 30, 'unixepoch')",
    "postgresql": "to_timestamp(1750000000 + i * 30)",
}
ACCOUNT = f"CASE WHEN i <= {ACCOUNTS} THEN 'small-' || i ELSE 'shop' END"
# Of a thousand tasks, one needs a person and two are to be sent.
STATE = "CASE WHEN i % 1000 = 0 THEN 'stuck' WHEN i % 1000 <= 2 THEN 'pending' ELSE 'confirmed' END"
STATUS = """CASE WHEN i % 10000 = 0 THEN 'waiting_acceptance' WHEN i % 1000 = 1 THEN 'waiting_shipment'
WHEN i % 20 = 2 THEN 'cancelled' ELSE 'shipped' END"""
TASK = {
    "account": ACCOUNT,
    "key": "'N' || i",
    "state": STATE,
    "version": "2",
    "attempt": "1",
    "created_at": "{moment}",
    "updated_at": "{moment}",
}
OFFER = {
    "account": "'shop'",
    "sku": "'SKU-' || i",
    "price": "'18.50'",
    "quantity": "3",
    "state": "'in_step'",
    "version": "2",
    "changed": "'[]'",
    "sent": "'[]'",
    "attempt": "1",
    "narrowing": "0",
    "due_at": "{moment}",
    "created_at": "{moment}",
    "updated_at": "{moment}",
}
TABLES: Mapping[str, tuple[int, Mapping[str, str]]] = {
    "orders": (
        ORDERS,
        {
            "id": "i",
            "account": ACCOUNT,
            "number": "'N' || i",
            "channel": "'soap'",
            "status": STATUS,
            "currency": "'EUR'",
            "total": "'18.50'",
            "fulfilled_by": "'seller'",
            "dummy": "false",
            "digest": "'a.b.c.d.e.f'",
            "customer": """'{{"last_name":"Martin"}}'""",
            "shipping_address": """'{{"last_name":"Martin","lines":["1 rue X"],"city":"Bordeaux","country":"FR"}}'""",
            "created_at": "{moment}",
            "imported_at": "{moment}",
            "saved_at": "{moment}",
        },
    ),
    "order_identities": (ORDERS, {"account": ACCOUNT, "identity": "'N' || i", "order_id": "i", "position": "0"}),
    "order_lines": (
        ORDERS,
        {
            "order_id": "i",
            "position": "0",
            "line_id": "'L1'",
            "sku": "'SKU'",
            "title": "'A lamp for the desk'",
            "quantity": "1",
            "line_total": "'18.50'",
            "status": "'shipped'",
        },
    ),
    "history": (
        ORDERS,
        {
            "id": "i",
            "account": ACCOUNT,
            "number": "'N' || i",
            "at": "{moment}",
            "subject": "'order'",
            "event": "'imported'",
        },
    ),
    "shipments": (
        ORDERS,
        {**TASK, "parcel": "'6A' || i", "carrier": "'Colissimo'", "tracking_number": "'6A' || i"},
    ),
    "decisions": (ORDERS, {**TASK, "verdict": "'accept'", "refused_lines": "'[]'"}),
    "refunds": (
        ORDERS // 10,
        {**TASK, "reference": "'R' || i", "kind": "'refund'", "reason": "'late_delivery'", "refund_shipping": "false"},
    ),
    "offers": (OFFERS, OFFER),
    "quarantine": (
        QUARANTINED,
        {
            "account": "'shop'",
            "key": "'Q' || i",
            "identities": "'[]'",
            "code": "'unmappable'",
            "reason": "'not in the catalogue'",
            "payload": "'{{}}'",
            "first_seen": "{moment}",
            "last_seen": "{moment}",
            "attempts": "3",
        },
    ),
    "checkpoints": (
        ACCOUNTS + 1,
        {
            "account": ACCOUNT,
            "floor": "{moment}",
            "cursor": "{moment}",
            "version": "1",
            "moved_at": "{moment}",
        },
    ),
}
SCREENS = {
    "accounts": "/",
    "account": "/account?account=shop",
    "orders": "/orders?account=shop",
    "orders_of_common_status": "/orders?account=shop&status=shipped",
    "orders_of_rare_status": "/orders?account=shop&status=waiting_acceptance",
    "orders_of_no_status": "/orders?account=shop&status=refused",
    "orders_deep": "/orders?account=shop&after=N{middle}",
    "orders_of_status_deep": "/orders?account=shop&status=shipped&after=N{middle}",
    "order": "/order?account=shop&number=N{middle}",
    "order_unknown": "/order?account=shop&number=X1",
    "quarantine": "/quarantine?account=shop",
    "shipments": "/tasks?account=shop&kind=shipments",
    "shipments_for_a_person": "/tasks?account=shop&kind=shipments&state=person",
    "shipments_pending": "/tasks?account=shop&kind=shipments&state=pending",
    "shipments_confirmed": "/tasks?account=shop&kind=shipments&state=confirmed",
    "shipments_deep": "/tasks?account=shop&kind=shipments&after=N{middle}&after_part=6A{middle}",
    "confirmed_deep": "/tasks?account=shop&kind=shipments&state=confirmed&after=N{middle}&after_part=6A{middle}",
    "decisions": "/tasks?account=shop&kind=decisions",
    "refunds": "/tasks?account=shop&kind=refunds",
    "offers": "/offers?account=shop",
    "offers_of_state": "/offers?account=shop&state=rejected",
    "offer": "/offers?account=shop&sku=SKU-77",
}


def fill(connection: Connection, orders: int) -> None:
    """Write all rows, a table at a time."""
    moment = MOMENTS[connection.dialect.name]
    for table, (most, columns) in TABLES.items():
        values = ", ".join(columns.values()).format(moment=moment)
        rows = max(min(most, most * orders // ORDERS), ACCOUNTS + 1)
        statement = FILL.format(table=table, columns=", ".join(columns), values=values, rows=rows)
        connection.execute(text(statement))


def time_of(browser: Client, path: str) -> float:
    """Return the fastest of several openings, in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        answer = browser.get(path)
        times.append((time.perf_counter() - begun) * 1000)
        assert answer.status_code in (200, 404), answer.text
    return min(times)


def measure(url: str, orders: int) -> dict[str, float]:
    """Open each screen of a store."""
    with SqlOms(url) as oms, SqlAccountRegistry(url) as registry:
        browser = Client(operator_app(oms, who=lambda _: "anna", may_write=lambda _: True, runs=registry))
        figures = {name: time_of(browser, path.format(middle=orders // 2)) for name, path in SCREENS.items()}
        return {**figures, "entry": time_of(browser, entry_of(browser))}


def entry_of(browser: Client) -> str:
    """Return the link to a quarantined order."""
    found = re.search(r'href="(/entry[^"]+)"', browser.get("/quarantine?account=shop").text)
    assert found is not None
    return unescape(found[1])


@contextmanager
def store(kind: str, folder: str) -> Iterator[str]:
    """Give the URL of an empty store."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/oms.db"
        return
    with postgresql_server() as server, postgresql_schema(server) as url:
        yield url


def measure_filled(kind: str, orders: int) -> dict[str, float]:
    """Make a store, fill it, and open each screen."""
    with TemporaryDirectory() as folder, store(kind, folder) as url:
        with SqlOms(url) as oms:
            oms.ensure_open()
        engine = create_engine(alchemy_url(url), isolation_level="AUTOCOMMIT" if kind == "postgresql" else None)
        with engine.connect() as connection:
            fill(connection, orders)
            connection.commit()
            # What the database does by itself within minutes.
            connection.execute(text("ANALYZE" if kind == "sqlite" else "VACUUM ANALYZE"))
            connection.commit()
        engine.dispose()
        return measure(url, orders)


def main() -> None:
    """Measure, print, and end with one JSON line."""
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    kinds = [word for word in sys.argv[1:] if not word.isdecimal()] or ["postgresql", "sqlite"]
    slowest = {}
    for kind in kinds:
        figures = measure_filled(kind, numbers[0] if numbers else ORDERS)
        for name, value in figures.items():
            print(f"{kind:12} {name:28} {value:8.1f} ms", flush=True)
        slowest[kind] = round(max(figures.values()), 1)
    print(json.dumps(slowest))


if __name__ == "__main__":
    main()
