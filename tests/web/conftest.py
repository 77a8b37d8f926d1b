"""A store with something of everything, and a browser that is logged in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from werkzeug.test import Client, TestResponse

from cdiscount_marketplace.adapters.sql import SqlAccountRegistry, SqlOms
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.errors import Unmappable
from cdiscount_marketplace.models import Shipment
from cdiscount_marketplace.oms import OrderImporter, RefundPusher, ShipmentPusher
from cdiscount_marketplace.refunds import RefundKind, RefundReason, RefundRequest
from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.web import operator_app
from support.postgres import postgresql_schema, postgresql_server

WAITING = "WaitingForShipmentAcceptation"


@define
class Office:
    """A shop's store, and the page that its operators use."""

    oms: SqlOms
    registry: SqlAccountRegistry
    sandbox: Sandbox
    refuses: set[str] = field(factory=set)
    retried: list[str] = field(factory=list)

    def pull(self) -> None:
        """Import what is new."""
        self.sandbox.advance(timedelta(minutes=5))
        self.importer().run()

    def importer(self) -> Any:
        """Return the import job."""
        channel = SoapChannel(self.sandbox.client())
        start = self.sandbox.clock.now() - timedelta(days=1)
        return OrderImporter(channel, self.oms, account="shop", start_from=start, clock=self.sandbox.clock)

    def place(self, **how: Any) -> str:
        """Let an order come in, and import it."""
        number: str = self.sandbox.place(state=WAITING, **how).number
        self.pull()
        return number

    def queue(self, number: str) -> None:
        """Queue a shipment of an order."""
        channel = SoapChannel(self.sandbox.client())
        ShipmentPusher(channel, self.oms, account="shop").enqueue(
            Shipment(key=number, carrier="UPS", tracking_number="1Z")
        )

    def give_back(self, number: str) -> None:
        """Queue a refund."""
        channel = SoapChannel(self.sandbox.client())
        RefundPusher(channel, self.oms, account="shop").enqueue(
            RefundRequest(key=number, kind=RefundKind.REFUND, reason=RefundReason.LATE_DELIVERY)
        )

    def browser(self, who: str | None = "anna", *, writes: bool = True, **options: Any) -> Browser:
        """Return the browser of somebody."""
        parts = {"registry": self.registry, "runs": self.registry, "retry_quarantine": self.retried.append, **options}
        app = operator_app(self.oms, who=lambda _environ: who, may_write=lambda _who: writes, **parts)
        return Browser(Client(app))


@define
class Browser:
    """Follows links and sends forms, as a person does."""

    client: Client

    def get(self, path: str = "/", **query: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, query_string=query or None)

    def text(self, path: str = "/", **query: str) -> str:
        """Return what a page that opens well shows."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))

    def forms(self, path: str, **query: str) -> list[dict[str, str]]:
        """Return the hidden members of each form that changes something."""
        page = self.get(path, **query).text
        found = re.findall(r'<form method="post".*?</form>', page, re.DOTALL)
        return [
            {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
            for form in found
        ]

    def form(self, verb: str, path: str, **query: str) -> dict[str, str]:
        """Return the form of one action."""
        return next(form for form in self.forms(path, **query) if form["verb"] == verb)

    def send(self, form: dict[str, str], reason: str = "found it", **headers: str) -> TestResponse:
        """Send a form."""
        return self.client.post("/do", data={**form, "reason": reason}, headers=headers)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Give a PostgreSQL server."""
    with postgresql_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'oms.db'}"
        return
    with postgresql_schema(request.getfixturevalue("server")) as url:
        yield url


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """Give a store with nothing in it."""
    sandbox = Sandbox(seed=4)
    refuses: set[str] = set()

    def receive(_account: str, order: Any, *_: object) -> None:
        if order.number in refuses:
            raise Unmappable("not in the catalogue")

    with SqlOms(database_url, receive=receive) as oms, SqlAccountRegistry(database_url) as registry:
        oms.ensure_open()
        yield Office(oms, registry, sandbox, refuses)


def now() -> datetime:
    """Return the present."""
    return datetime.now(UTC)
