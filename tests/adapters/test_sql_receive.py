"""One function connects an OMS that has tables of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import define, field

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels import OctopiaChannel, SoapChannel
from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.errors import ConfigurationError
from cdiscount_marketplace.models import OrderStatus, SalesOrder
from cdiscount_marketplace.oms import OrderImporter
from cdiscount_marketplace.oms.ports import Change, Company
from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.sandbox.settings import Settings

WAITING = "WaitingForShipmentAcceptation"
MINUTES = timedelta(minutes=5)


@define
class OwnOms:
    """An OMS that hears of orders, and refuses some."""

    heard: list[tuple[str, str, str, str]] = field(factory=list)
    orders: list[SalesOrder] = field(factory=list)
    refuses: set[str] = field(factory=set)

    def receive(self, account: str, order: SalesOrder, change: Change, company: Company | None) -> None:
        """Hear of an order."""
        if order.number in self.refuses:
            raise ValueError("not in the catalogue")
        assert company is not None
        self.heard.append((account, order.number, str(change.kind), company.retailer))
        self.orders.append(order)


@pytest.fixture(params=["soap", "octopia"])
def shop(request: pytest.FixtureRequest) -> tuple[Sandbox, SalesChannel]:
    sandbox = Sandbox(seed=2, settings=Settings(paid_cancellation="at_once"))
    if request.param == "soap":
        return sandbox, SoapChannel(sandbox.client())
    return sandbox, OctopiaChannel(sandbox.octopia_client())


def importer(sandbox: Sandbox, channel: SalesChannel, oms: SqlOms) -> Any:
    start = sandbox.clock.now() - timedelta(days=1)
    return OrderImporter(channel, oms, account="shop", start_from=start, clock=sandbox.clock)


def test_each_order_is_received_once_and_each_change_of_it(
    database_url: str, shop: tuple[Sandbox, SalesChannel]
) -> None:
    sandbox, channel = shop
    own = OwnOms()
    numbers = {sandbox.place(state=WAITING).number for _ in range(3)}
    with SqlOms(database_url, receive=own.receive, clock=sandbox.clock) as oms:
        job = importer(sandbox, channel, oms)
        for _ in range(3):
            sandbox.advance(MINUTES)
            job.run()
        assert {number for _, number, kind, _ in own.heard if kind == "imported"} == numbers
        assert len(own.heard) == 3
        sandbox.cancel_as_customer(min(numbers))
        sandbox.advance(MINUTES)
        job.run()
    assert own.heard[3:] == [("shop", min(numbers), "updated", "shop")]
    assert own.orders[-1].status == OrderStatus.CANCELLED


def test_an_order_that_is_refused_waits_alone_until_it_is_taken(
    database_url: str, shop: tuple[Sandbox, SalesChannel]
) -> None:
    sandbox, channel = shop
    numbers = [sandbox.place(state=WAITING).number for _ in range(3)]
    own = OwnOms(refuses={numbers[1]})
    with SqlOms(database_url, receive=own.receive, clock=sandbox.clock) as oms:
        job = importer(sandbox, channel, oms)
        sandbox.advance(MINUTES)
        report = job.run()
        assert (report.imported, report.quarantined) == (2, 1)
        assert oms.find("shop", [numbers[1]]) is None
        own.refuses.clear()
        sandbox.advance(MINUTES)
        assert job.run().released == 1
        assert oms.find("shop", [numbers[1]]) is not None
    # The two others of its batch may have been heard of before it was refused, and were undone with it.
    assert {number for _, number, _, _ in own.heard} == set(numbers)


def test_both_functions_are_called_in_one_unit(database_url: str, shop: tuple[Sandbox, SalesChannel]) -> None:
    sandbox, channel = shop
    sandbox.place(state=WAITING)
    called: list[str] = []
    own = OwnOms()
    with SqlOms(
        database_url,
        write=lambda *_: called.append("write"),
        receive=lambda *told: (called.append("receive"), own.receive(*told))[1],
        clock=sandbox.clock,
    ) as oms:
        sandbox.advance(MINUTES)
        importer(sandbox, channel, oms).run()
    assert called == ["write", "receive"]
    assert len(own.heard) == 1


def test_a_coroutine_function_is_refused_before_it_loses_an_order(database_url: str) -> None:
    async def receive(*_: object) -> None: ...

    with pytest.raises(ConfigurationError, match="coroutine"):
        SqlOms(database_url, receive=receive)  # type: ignore[arg-type]


def test_an_awaitable_that_nothing_awaits_is_a_failure(database_url: str, shop: tuple[Sandbox, SalesChannel]) -> None:
    sandbox, channel = shop
    sandbox.place(state=WAITING)

    async def later(*_: object) -> None: ...

    with SqlOms(database_url, receive=lambda *told: later(*told), clock=sandbox.clock) as oms:  # type: ignore[arg-type,return-value]  # a caller's error
        sandbox.advance(MINUTES)
        report = importer(sandbox, channel, oms).run()
    assert (report.imported, report.quarantined) == (0, 1)
