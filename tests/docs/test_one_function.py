"""The tutorial's functions take the sandbox's orders into an OMS, once, and follow their changes."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import ForeignKeyConstraint, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, sessionmaker

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.oms import OrderImporter
from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.sandbox.settings import Settings
from support.pages import ROOT

FOLDER = ROOT / "examples" / "one_function"
DJANGO = """
import sys, types, django
from django.conf import settings
from django.db import connection, models

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.db"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

class Order(models.Model):
    account, number = models.TextField(), models.TextField()
    status, customer = models.TextField(), models.TextField()
    class Meta:
        app_label = "shop"
        unique_together = [("account", "number")]

class OrderLine(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    line_id, sku = models.TextField(null=True), models.TextField(null=True)
    quantity = models.IntegerField(null=True)
    class Meta:
        app_label = "shop"

with connection.schema_editor() as editor:
    editor.create_model(Order)
    editor.create_model(OrderLine)
shop = types.ModuleType("shop.models")
shop.Order, shop.OrderLine = Order, OrderLine
sys.modules["shop"], sys.modules["shop.models"] = types.ModuleType("shop"), shop

from docs.test_one_function import trade
from with_django import receive

trade(receive, "oms.db")
for order in Order.objects.order_by("number"):
    print(order.number, order.status, order.lines.count())
"""


def trade(receive: Callable[..., None], store: Path) -> list[str]:
    """Let two orders come, and one of them be cancelled; return their numbers."""
    sandbox = Sandbox(seed=5, settings=Settings(paid_cancellation="at_once"))
    numbers = sorted(sandbox.place(state="WaitingForShipmentAcceptation", lines=2).number for _ in range(2))
    start = sandbox.clock.now() - timedelta(days=1)
    with SqlOms(f"sqlite:///{store}", receive=receive, clock=sandbox.clock) as oms:
        channel = SoapChannel(sandbox.client())
        importer = OrderImporter(channel, oms, account="shop", start_from=start, clock=sandbox.clock)
        for step in range(3):
            sandbox.advance(timedelta(minutes=5))
            report = importer.run()
            assert not report.quarantined_orders, report.quarantined_orders
            if step == 0:
                sandbox.cancel_as_customer(numbers[0])
    return numbers


def test_django_has_each_order_once_as_it_is_now(tmp_path: Path) -> None:
    pytest.importorskip("django")
    paths = [str(FOLDER), str(ROOT / "tests"), *sys.path]
    program = f"import sys; sys.path[:0] = {paths!r}\n{DJANGO}"
    told = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    rows = [line.split() for line in told.stdout.splitlines()]
    assert [(status, lines) for _, status, lines in rows] == [("cancelled", "2"), ("waiting_shipment", "2")]


class Base(DeclarativeBase):
    """Tables of a company."""


class Order(Base):
    __tablename__ = "orders"
    account: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    customer: Mapped[str | None]
    lines: Mapped[list[OrderLine]] = relationship()


class OrderLine(Base):
    __tablename__ = "order_lines"
    __table_args__ = (ForeignKeyConstraint(["account", "number"], ["orders.account", "orders.number"]),)
    account: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    line_id: Mapped[str] = mapped_column(primary_key=True)
    sku: Mapped[str | None]


def test_sqlalchemy_has_each_order_once_as_it_is_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    Base.metadata.create_all(engine)
    models: Any = types.ModuleType("shop_models")
    models.Order, models.OrderLine, models.Session = Order, OrderLine, sessionmaker(engine)
    monkeypatch.setitem(sys.modules, "shop_models", models)
    monkeypatch.syspath_prepend(FOLDER)
    import with_sqlalchemy

    numbers = trade(with_sqlalchemy.receive, tmp_path / "oms.db")
    with models.Session() as session:
        kept = session.scalars(select(Order).order_by(Order.number)).all()
        found = [(order.number, order.status, len(order.lines)) for order in kept]
    assert found == list(zip(numbers, ["cancelled", "waiting_shipment"], [2, 2], strict=True))


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Give an address, and what was posted to it; the first post is refused."""
    posts: list[tuple[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            posts.append((self.headers["Idempotency-Key"], body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/orders", posts
        server.shutdown()
        thread.join()


def test_the_webhook_hears_of_each_order_and_each_change(
    webhook: tuple[str, list[tuple[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, posts = webhook
    monkeypatch.setenv("ORDERS_WEBHOOK", address)
    monkeypatch.syspath_prepend(FOLDER)
    import with_webhook

    numbers = trade(with_webhook.receive, tmp_path / "oms.db")
    kinds = sorted((key.split(":")[1], body["kind"]) for key, body in posts)
    assert kinds == [(numbers[0], "imported"), (numbers[0], "updated"), (numbers[1], "imported")]
    assert len({key for key, _ in posts}) == 3
