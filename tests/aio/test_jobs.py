"""Jobs from asyncio code: awaited, stopped between two orders when their caller is cancelled, and run again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.aio import (
    AbandonedCall,
    AsyncOctopiaClient,
    AsyncOfferPusher,
    AsyncOrderAcceptor,
    AsyncOrderImporter,
    AsyncRefundPusher,
    AsyncShipmentPusher,
    Threads,
)
from cdiscount_marketplace.channels import OctopiaChannel, SoapChannel
from cdiscount_marketplace.errors import ConfigurationError, InvalidRequest
from cdiscount_marketplace.models import Decision, SalesOrder, Shipment, Verdict
from cdiscount_marketplace.offers import Offer
from cdiscount_marketplace.oms import Ending
from cdiscount_marketplace.refunds import RefundKind, RefundReason, RefundRequest
from cdiscount_marketplace.sandbox import SandboxServer
from support.gate import Gate
from support.redaction import Ear

ACCOUNT = "shop"
TO_SHIP = "WaitingForShipmentAcceptation"
TO_ACCEPT = "WaitingForSellerAcceptation"


class Office(MemoryOms):
    """An OMS that accepts every order."""

    def decide(self, account: str, order: SalesOrder) -> Decision:
        return Decision(key=order.number, verdict=Verdict.ACCEPT)


class Shop:
    """A sandbox, a channel to it over HTTP, and an OMS in memory."""

    def __init__(self, server: SandboxServer, gate: Gate) -> None:
        self.sandbox = server.sandbox
        self.channel = SoapChannel(server.client(hooks=[gate]))
        self.oms = Office(clock=self.sandbox.clock)

    def place(self, count: int, state: str) -> list[str]:
        numbers = [self.sandbox.place(state=state).number for _ in range(count)]
        self.sandbox.advance(timedelta(minutes=10))
        return numbers

    def importer(self, **options: Threads) -> AsyncOrderImporter:
        start, clock = self.sandbox.clock.now() - timedelta(days=1), self.sandbox.clock
        return AsyncOrderImporter(self.channel, self.oms, account=ACCOUNT, start_from=start, clock=clock, **options)

    def pusher(self) -> AsyncShipmentPusher:
        return AsyncShipmentPusher(self.channel, self.oms, account=ACCOUNT, clock=self.sandbox.clock)

    def shipped(self, numbers: list[str]) -> list[int]:
        return [len(self.sandbox.shipped(number)) for number in numbers]


@pytest.fixture
def shop(server: SandboxServer, gate: Gate) -> Shop:
    return Shop(server, gate)


def shipment(number: str) -> Shipment:
    return Shipment(key=number, carrier="UPS", tracking_number=f"1Z{number}")


async def until(reached: threading.Event) -> None:
    assert await asyncio.to_thread(reached.wait, 60)


def test_orders_are_imported(shop: Shop) -> None:
    numbers = shop.place(2, TO_SHIP)

    async def main() -> int:
        async with shop.importer() as importer:
            assert importer.account == ACCOUNT
            assert (await importer.retry_quarantine()).imported == 0
            return (await importer.run()).imported

    assert asyncio.run(main()) == 2
    assert sorted(order.order.number for order in shop.oms.orders(ACCOUNT)) == sorted(numbers)


def test_orders_are_accepted(shop: Shop) -> None:
    (number,) = shop.place(1, TO_ACCEPT)

    async def main() -> None:
        async with AsyncOrderAcceptor(shop.channel, shop.oms, account=ACCOUNT, clock=shop.sandbox.clock) as acceptor:
            await acceptor.run()

    asyncio.run(main())
    assert shop.sandbox.order(number).state != TO_ACCEPT


def test_what_is_enqueued_is_shipped_once(shop: Shop) -> None:
    numbers = shop.place(2, TO_SHIP)

    async def main() -> None:
        async with shop.pusher() as pusher:
            for number in numbers:
                await pusher.enqueue(shipment(number))
            assert (await pusher.run()).confirmed == 2
            assert (await pusher.run()).confirmed == 0

    asyncio.run(main())
    assert shop.shipped(numbers) == [1, 1]


def test_offers_and_refunds_are_stored_before_they_are_sent(server: SandboxServer) -> None:
    async def main() -> None:
        sandbox, oms = server.sandbox, MemoryOms(clock=server.sandbox.clock)
        async with AsyncOctopiaClient.from_env(server.environment, clock=sandbox.clock) as client:
            channel = OctopiaChannel(client.sync)
            async with AsyncOfferPusher(channel, oms, account=ACCOUNT, clock=sandbox.clock) as offers:
                assert await offers.put("A", quantity=3, price=Decimal("9.90")) is True
                assert await offers.put("A", quantity=3, price=Decimal("9.90")) is False
            async with AsyncRefundPusher(channel, oms, account=ACCOUNT, clock=sandbox.clock) as refunds:
                with pytest.raises(InvalidRequest):
                    await refunds.enqueue(
                        RefundRequest(key="1", kind=RefundKind.GESTURE, reason=RefundReason.OTHER, amount=Decimal(-1))
                    )
                assert (await refunds.run()).ended_by == Ending.DONE

    asyncio.run(main())


def test_what_a_foreign_error_says_is_not_logged(server: SandboxServer, gate: Gate, ear: Ear) -> None:
    def feed() -> Iterator[Offer]:
        gate.pass_through()
        raise ValueError("a customer's name")
        yield

    async def main() -> None:
        channel, oms = OctopiaChannel(server.octopia_client()), MemoryOms()
        async with AsyncOfferPusher(channel, oms, account=ACCOUNT) as offers:
            gate.close()
            put = asyncio.create_task(offers.put_many(feed()))
            await until(gate.entered)
            put.cancel()
            with pytest.raises(asyncio.CancelledError):
                await put
            gate.open()

    asyncio.run(main())
    (told,) = (text for text in ear.heard if "OfferPusher.put_many failed" in text)
    assert "ValueError" in told
    assert "customer" not in told


def test_a_cancelled_run_stops_between_two_orders_and_is_waited_for(shop: Shop, gate: Gate) -> None:
    numbers = shop.place(30, TO_SHIP)

    async def main() -> None:
        async with shop.pusher() as pusher:
            for number in numbers:
                await pusher.enqueue(shipment(number))
            gate.close()
            run = asyncio.create_task(pusher.run())
            await until(gate.entered)
            run.cancel()
            await asyncio.sleep(0.05)
            assert not run.done()
            gate.open()
            with pytest.raises(asyncio.CancelledError):
                await run
            assert 0 <= sum(shop.shipped(numbers)) < 30
            while (await pusher.run()).confirmed:
                pass

    asyncio.run(main())
    assert shop.shipped(numbers) == [1] * 30


def test_the_report_of_a_cancelled_run_is_kept(shop: Shop, gate: Gate) -> None:
    shop.place(3, TO_SHIP)
    outcomes: list[AbandonedCall] = []

    async def main() -> None:
        async with Threads(2, on_abandoned=outcomes.append) as threads, shop.importer(threads=threads) as importer:
            gate.close()
            run = asyncio.create_task(importer.run())
            await until(gate.entered)
            run.cancel()
            await asyncio.sleep(0)
            gate.open()
            with pytest.raises(asyncio.CancelledError):
                await run
            assert (await importer.run()).ended_by == Ending.DONE

    asyncio.run(main())
    (outcome,) = outcomes
    assert outcome.name == "OrderImporter.run"
    assert getattr(outcome.result, "ended_by", None) == Ending.STOPPED
    assert len(shop.oms.orders(ACCOUNT)) == 3


def test_a_second_cancellation_waits_no_longer_and_closing_does(shop: Shop, gate: Gate) -> None:
    (number,) = shop.place(1, TO_SHIP)

    async def main() -> None:
        async with shop.pusher() as pusher:
            await pusher.enqueue(shipment(number))
            gate.close()
            run = asyncio.create_task(pusher.run())
            await until(gate.entered)
            run.cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
            with pytest.raises(RuntimeError, match="running already"):
                await pusher.run()
            gate.open()

    asyncio.run(main())
    assert shop.oms.list_shipments(ACCOUNT)[0].task.state != "sending"


def test_a_run_ends_by_stop_and_reports_it(shop: Shop, gate: Gate) -> None:
    shop.place(1, TO_SHIP)

    async def main() -> None:
        async with shop.importer() as importer:
            gate.close()
            run = asyncio.create_task(importer.run())
            await until(gate.entered)
            importer.stop()
            gate.open()
            assert (await run).ended_by == Ending.STOPPED

    asyncio.run(main())


def test_closing_a_job_stops_its_run_and_waits_for_it(shop: Shop, gate: Gate) -> None:
    shop.place(1, TO_SHIP)

    async def main() -> None:
        importer = shop.importer()
        gate.close()
        run = asyncio.create_task(importer.run())
        await until(gate.entered)
        closing = asyncio.create_task(importer.aclose())
        await asyncio.sleep(0.05)
        assert not closing.done()
        gate.open()
        await closing
        assert (await run).ended_by == Ending.STOPPED

    asyncio.run(main())


def test_one_job_runs_once_at_a_time(shop: Shop, gate: Gate) -> None:
    async def main() -> None:
        async with shop.importer() as importer:
            gate.close()
            run = asyncio.create_task(importer.run())
            await until(gate.entered)
            with pytest.raises(RuntimeError, match=ACCOUNT):
                await importer.run()
            gate.open()
            await run

    asyncio.run(main())


def test_options_are_checked_as_ever(shop: Shop) -> None:
    with pytest.raises(ConfigurationError):
        AsyncShipmentPusher(shop.channel, shop.oms, account="")
