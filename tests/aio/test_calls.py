"""Calls from asyncio code: never in the loop's way, at most so many at once, and never cut in two."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
from contextlib import suppress
from contextvars import ContextVar
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from cdiscount_marketplace import OrderFilter, OrderState, RetryPolicy
from cdiscount_marketplace.aio import AbandonedCall, AsyncMarketplaceClient, AsyncOctopiaClient, Threads
from cdiscount_marketplace.errors import CallTimeout, ConfigurationError, OutcomeUnknown
from cdiscount_marketplace.events import CallStarted, Event
from cdiscount_marketplace.octopia.offers import PackageState, PackageType
from cdiscount_marketplace.sandbox import Fault, Sandbox, SandboxServer
from cdiscount_marketplace.sandbox.effects import Delay, Reset
from cdiscount_marketplace.soap import (
    OfferPackage,
    OfferPackageReport,
    OfferRequest,
    ProductCondition,
    ShippingRequest,
)
from cdiscount_marketplace.telemetry import OpenTelemetryHook
from support.gate import Gate
from support.octopia_bodies import full_offer
from support.redaction import Ear
from support.shelves import upload_to

WAITING = "WaitingForSellerAcceptation"
EVERY = OrderFilter(states=[OrderState.WAITING_FOR_SELLER_ACCEPTATION])


def soap(server: SandboxServer, **options: Any) -> AsyncMarketplaceClient:
    return AsyncMarketplaceClient.from_env(server.environment, retry=RetryPolicy.never(), **options)


def octopia(server: SandboxServer, **options: Any) -> AsyncOctopiaClient:
    return AsyncOctopiaClient.from_env(
        server.environment, retry=RetryPolicy.never(), clock=server.sandbox.clock, **options
    )


async def until(reached: threading.Event) -> None:
    assert await asyncio.to_thread(reached.wait, 60)


async def cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# --- calls ------------------------------------------------------------------------------------------------------------


def test_orders_are_read_and_accepted(sandbox: Sandbox, server: SandboxServer) -> None:
    number = sandbox.place(state=WAITING).number

    async def main() -> None:
        async with soap(server) as client:
            (order,) = await client.orders.list(EVERY)
            assert order.order_number == number
            report = await client.orders.accept(number)
            report.raise_for_failures()

    asyncio.run(main())
    assert sandbox.order(number).state != WAITING


def test_errors_are_those_of_the_synchronous_client(sandbox: Sandbox, server: SandboxServer) -> None:
    number = sandbox.place(state=WAITING).number
    sandbox.inject(Fault(Reset("after"), on="ValidateOrderList"))

    async def main() -> None:
        async with soap(server) as client:
            await client.orders.accept(number)

    with pytest.raises(OutcomeUnknown) as raised:
        asyncio.run(main())
    assert raised.value.order_numbers == (number,)


def test_the_loop_is_never_blocked(sandbox: Sandbox, server: SandboxServer) -> None:
    async def main() -> int:
        ticks, ended = 0, asyncio.Event()

        async def tick() -> None:
            nonlocal ticks
            while not ended.is_set():
                ticks += 1
                await asyncio.sleep(0.01)

        async with soap(server) as client:
            # A section is imported when it is first used.
            await client.orders.list(EVERY)
            sandbox.inject(Fault(Delay(1.0), on="GetOrderList"))
            ticker = asyncio.create_task(tick())
            await client.orders.list(EVERY)
            ended.set()
            await ticker
        return ticks

    assert asyncio.run(main()) > 10


def test_at_most_so_many_calls_run_at_once(server: SandboxServer) -> None:
    running, most, lock = 0, 0, threading.Lock()

    class Count:
        def __call__(self, event: Event, /) -> Any:
            return self if isinstance(event, CallStarted) and event.operation == "GetOrderList" else None

        def __enter__(self) -> None:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.02)

        def __exit__(self, *_: object) -> None:
            nonlocal running
            with lock:
                running -= 1

    async def main() -> None:
        async with soap(server, threads=3, hooks=[Count()]) as client:
            await asyncio.gather(*(client.orders.list(EVERY) for _ in range(20)))

    asyncio.run(main())
    assert most == 3


def test_a_client_outlives_its_event_loop(sandbox: Sandbox, server: SandboxServer) -> None:
    sandbox.place(state=WAITING)
    client = soap(server)
    assert [len(asyncio.run(client.orders.list(EVERY))) for _ in range(2)] == [1, 1]
    asyncio.run(client.aclose())


def test_context_variables_carry_into_the_threads(server: SandboxServer) -> None:
    trace: ContextVar[str] = ContextVar("trace", default="none")
    heard: set[str] = set()

    def hook(event: Event, /) -> None:
        heard.add(trace.get())

    async def main() -> None:
        async with soap(server, hooks=[hook]) as client:
            trace.set("of the caller")
            await client.orders.list(EVERY)

    asyncio.run(main())
    assert heard == {"of the caller"}


def test_a_trace_goes_on_in_the_threads(sandbox: Sandbox, server: SandboxServer) -> None:
    sandbox.fill(3)
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    tracer = provider.get_tracer("test")

    async def main() -> None:
        async with octopia(server, hooks=[OpenTelemetryHook(provider)]) as client:
            with tracer.start_as_current_span("request"):
                assert len([page async for page in client.orders.pages(page_size=2)]) == 2

    asyncio.run(main())
    finished = spans.get_finished_spans()
    (root,) = (span for span in finished if span.parent is None)
    assert root.name == "request"
    reads = [span for span in finished if span.name == "GET /orders"]
    assert {span.parent.span_id for span in reads if span.parent} == {root.context.span_id}
    assert len({span.context.trace_id for span in finished}) == 1


@pytest.mark.parametrize("threads", [0, -1, True, "8"])
def test_threads_are_counted(threads: Any) -> None:
    with pytest.raises(ConfigurationError, match="threads"):
        AsyncMarketplaceClient(token="0" * 32, threads=threads)


# --- cancellation -----------------------------------------------------------------------------------------------------


def test_a_cancelled_write_is_finished_and_waited_for(
    sandbox: Sandbox, server: SandboxServer, gate: Gate, ear: Ear
) -> None:
    number = sandbox.place(state=WAITING).number
    outcomes: list[AbandonedCall] = []

    async def main() -> None:
        async with (
            Threads(2, on_abandoned=outcomes.append) as threads,
            soap(server, threads=threads, hooks=[gate]) as client,
        ):
            await client.orders.get(number)
            gate.close()
            write = asyncio.create_task(client.orders.accept(number))
            await until(gate.entered)
            await cancelled(write)
            assert sandbox.order(number).state == WAITING
            gate.open()
        assert sandbox.order(number).state != WAITING

    asyncio.run(main())
    (outcome,) = outcomes
    report: Any = outcome.result
    assert (outcome.name, outcome.error, report.results[0].order_number) == ("Orders.accept", None, number)
    assert any("Orders.accept ran to its end" in text for text in ear.heard)


@pytest.mark.parametrize(
    ("channel", "handle"), [("soap", "SubmittedPackage 1"), ("octopia", "OfferSubmission PK000001")]
)
def test_a_package_whose_submitter_is_cancelled_is_known_by_its_number(
    sandbox: Sandbox, server: SandboxServer, gate: Gate, ear: Ear, channel: str, handle: str
) -> None:
    offer = OfferRequest(
        seller_product_id="X",
        product_ean="3701234567890",
        product_condition=ProductCondition.NEW,
        price=Decimal(1),
        stock=1,
        preparation_time=1,
        shipping=[ShippingRequest(delivery_mode="Standard", shipping_charges=Decimal(1))],
    )

    async def main() -> None:
        client: Any = soap(server, hooks=[gate]) if channel == "soap" else octopia(server, hooks=[gate])
        async with client:
            gate.close()
            if channel == "soap":
                submission = client.offers.submit_package(OfferPackage(offers=[offer]), upload=upload_to(sandbox))
            else:
                submission = client.offers.packages.submit(PackageType.UPSERT, [full_offer("A")])
            write = asyncio.create_task(submission)
            await until(gate.entered)
            await cancelled(write)
            gate.open()

    asyncio.run(main())
    [line] = [text for text in ear.heard if "ran to its end" in text]
    assert f"and returned {handle} " in line


def test_a_slow_write_that_times_out_for_its_caller_is_done_once(sandbox: Sandbox, server: SandboxServer) -> None:
    number = sandbox.place(state=WAITING).number
    sandbox.inject(Fault(Delay(1.0), on="ValidateOrderList"))

    async def main() -> None:
        async with soap(server) as client:
            await client.orders.get(number)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.orders.accept(number), 0.3)

    asyncio.run(main())
    assert len(sandbox.calls("ValidateOrderList")) == 1
    assert sandbox.order(number).state != WAITING


def test_the_error_of_an_abandoned_write_names_its_orders(
    sandbox: Sandbox, server: SandboxServer, gate: Gate, ear: Ear
) -> None:
    number = sandbox.place(state=WAITING).number
    sandbox.inject(Fault(Reset("after"), on="ValidateOrderList"))

    async def main() -> None:
        async with soap(server, hooks=[gate]) as client:
            await client.orders.get(number)
            gate.close()
            write = asyncio.create_task(client.orders.accept(number))
            await until(gate.entered)
            await cancelled(write)
            gate.open()

    asyncio.run(main())
    (told,) = (text for text in ear.heard if "Orders.accept failed" in text)
    assert "OutcomeUnknown ValidateOrderList" in told
    assert number in told


def test_a_call_that_waits_for_a_thread_is_withdrawn(sandbox: Sandbox, server: SandboxServer, gate: Gate) -> None:
    numbers = [sandbox.place(state=WAITING).number for _ in range(2)]

    async def main() -> None:
        async with soap(server, threads=1, hooks=[gate]) as client:
            gate.close()
            first = asyncio.create_task(client.orders.accept(numbers[0]))
            await until(gate.entered)
            second = asyncio.create_task(client.orders.accept(numbers[1]))
            await asyncio.sleep(0)
            await cancelled(second)
            gate.open()
            await first

    asyncio.run(main())
    assert [sandbox.order(number).state == WAITING for number in numbers] == [False, True]


def test_no_outcome_is_lost_whenever_callers_are_cancelled(sandbox: Sandbox, server: SandboxServer) -> None:
    numbers = [sandbox.place(state=WAITING).number for _ in range(24)]
    outcomes: list[AbandonedCall] = []
    answered: list[object] = []

    async def accept(client: AsyncMarketplaceClient, number: str, patience: float) -> None:
        with suppress(TimeoutError):
            answered.append(await asyncio.wait_for(client.orders.accept(number), patience))

    async def main() -> None:
        async with Threads(3, on_abandoned=outcomes.append) as threads, soap(server, threads=threads) as client:
            await client.orders.get(numbers[0])
            await asyncio.gather(*(accept(client, number, 0.01 * n) for n, number in enumerate(numbers)))

    asyncio.run(main())
    accepted = [number for number in numbers if sandbox.order(number).state != WAITING]
    assert [call.error for call in outcomes] == [None] * len(outcomes)
    assert len(accepted) == len(outcomes) + len(answered) == len(sandbox.calls("ValidateOrderList"))


def test_closing_waits_though_it_is_cancelled_itself(sandbox: Sandbox, server: SandboxServer, gate: Gate) -> None:
    number = sandbox.place(state=WAITING).number

    async def main() -> None:
        client = soap(server, hooks=[gate])
        await client.orders.get(number)
        gate.close()
        write = asyncio.create_task(client.orders.accept(number))
        await until(gate.entered)
        closing = asyncio.create_task(client.aclose())
        await asyncio.sleep(0)
        await cancelled(closing)
        gate.open()
        (await write).raise_for_failures()
        await client.aclose()
        with pytest.raises(RuntimeError, match="closed"):
            await client.orders.get(number)

    asyncio.run(main())


def test_a_listener_that_fails_does_no_harm(server: SandboxServer, gate: Gate) -> None:
    def fail(call: AbandonedCall) -> None:
        raise ValueError(call.name)

    async def main() -> None:
        async with Threads(1, on_abandoned=fail) as threads, soap(server, threads=threads, hooks=[gate]) as client:
            gate.close()
            read = asyncio.create_task(client.orders.list(EVERY))
            await until(gate.entered)
            await cancelled(read)
            gate.open()

    asyncio.run(main())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_forked_child_has_threads_of_its_own(sandbox: Sandbox, server: SandboxServer) -> None:
    sandbox.place(state=WAITING)
    client = soap(server)
    assert len(asyncio.run(client.orders.list(EVERY))) == 1
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if len(asyncio.run(client.orders.list(EVERY))) == 1 else 2
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    asyncio.run(client.aclose())


# --- lists ------------------------------------------------------------------------------------------------------------


def test_lists_are_read_page_by_page(sandbox: Sandbox, server: SandboxServer) -> None:
    sandbox.fill(5)

    async def main() -> list[int]:
        async with octopia(server) as client:
            return [len(page.orders) async for page in client.orders.pages(page_size=2)]

    assert asyncio.run(main()) == [2, 2, 1]


def test_a_list_that_is_left_early_reads_no_further(sandbox: Sandbox, server: SandboxServer) -> None:
    sandbox.fill(5)

    async def main() -> None:
        async with octopia(server) as client:
            items = client.orders.iter(page_size=2)
            async for _ in items:
                break
            await items.aclose()
            assert [order async for order in items] == []

    asyncio.run(main())
    assert len(sandbox.calls("GET /orders")) == 1


def test_a_step_whose_reader_is_cancelled_is_not_lost(sandbox: Sandbox, server: SandboxServer, gate: Gate) -> None:
    sandbox.fill(3)

    async def main() -> None:
        async with octopia(server, hooks=[gate]) as client:
            whole = [order.order_id for order in await client.orders.list()]
            gate.close()
            items = client.orders.iter()
            step = asyncio.create_task(anext(items))
            await until(gate.entered)
            await cancelled(step)
            gate.open()
            assert [order.order_id async for order in items] == whole

    asyncio.run(main())


def test_closing_a_list_waits_for_its_step(sandbox: Sandbox, server: SandboxServer, gate: Gate) -> None:
    sandbox.fill(3)

    async def main() -> None:
        async with octopia(server, hooks=[gate]) as client:
            gate.close()
            items = client.orders.iter()
            step = asyncio.create_task(anext(items))
            await until(gate.entered)
            await cancelled(step)
            closing = asyncio.create_task(items.aclose())
            await asyncio.sleep(0.05)
            assert not closing.done()
            gate.open()
            await closing
            with pytest.raises(StopAsyncIteration):
                await anext(items)

    asyncio.run(main())


def test_an_error_ends_a_list(sandbox: Sandbox, server: SandboxServer) -> None:
    sandbox.fill(3)
    sandbox.inject(Fault(Reset("before"), on="GET /orders"))

    async def main() -> None:
        async with octopia(server) as client:
            items = client.orders.iter()
            with pytest.raises(Exception, match="GET /orders"):
                await anext(items)
            assert [order async for order in items] == []

    asyncio.run(main())


def test_lists_that_are_forgotten_warn_of_nothing(sandbox: Sandbox, server: SandboxServer, ear: Ear) -> None:
    sandbox.fill(3)

    async def main() -> None:
        async with octopia(server) as client:
            async for _ in client.orders.iter():
                break
            client.orders.iter()
            gc.collect()

    asyncio.run(main())
    assert [text for text in ear.heard if "never" in text] == []


# --- handles ----------------------------------------------------------------------------------------------------------


def test_waiting_for_a_package_takes_no_thread(sandbox: Sandbox, server: SandboxServer) -> None:
    async def main() -> None:
        async with octopia(server, threads=1) as client:
            handle = await client.offers.packages.submit(PackageType.UPSERT, [full_offer("A")])
            waiting = asyncio.create_task(handle.wait(timeout=timedelta(minutes=1), poll=timedelta(milliseconds=10)))
            while not waiting.done():
                assert await client.orders.count() == 0
                sandbox.advance(timedelta(minutes=1))
            (result,) = await waiting
            assert result.seller_external_reference == "A"
            assert await handle.status() == PackageState.INTEGRATED

    asyncio.run(main())


def test_waiting_ends_with_its_time_limit(sandbox: Sandbox, server: SandboxServer) -> None:
    async def main() -> None:
        async with octopia(server) as client:
            handle = await client.offers.packages.submit(PackageType.UPSERT, [full_offer("A")])
            with pytest.raises(CallTimeout, match=handle.package_id):
                await handle.wait(timeout=timedelta(milliseconds=50), poll=timedelta(milliseconds=20))

    asyncio.run(main())


def test_a_client_with_other_limits_shares_the_threads(sandbox: Sandbox, server: SandboxServer) -> None:
    async def main() -> None:
        async with octopia(server) as client:
            other = client.with_limits(RetryPolicy.never(), evolve(client.limits, read=1.5))
            assert (other.limits.read, await other.orders.count()) == (1.5, 0)
            assert isinstance(other, AsyncOctopiaClient)

    asyncio.run(main())


# --- packages over SOAP -----------------------------------------------------------------------------------------------


def test_a_package_is_submitted_and_waited_for(sandbox: Sandbox, server: SandboxServer) -> None:
    offer = OfferRequest(
        seller_product_id="A",
        product_ean="3700000000011",
        product_condition=ProductCondition.NEW,
        price=Decimal("9.90"),
        stock=3,
        preparation_time=1,
        shipping=[ShippingRequest(delivery_mode="Tracked", shipping_charges=Decimal("4.90"))],
    )
    heard: list[str | None] = []

    def note(report: OfferPackageReport) -> None:
        heard.append(report.package_integration_status)
        sandbox.advance(timedelta(minutes=20))

    async def main() -> OfferPackageReport:
        async with soap(server) as client:
            package = await client.offers.submit_package(OfferPackage(offers=[offer]), upload=upload_to(sandbox))
            with pytest.raises(CallTimeout):
                await package.wait(timeout=timedelta(0))
            again = await client.offers.package(package.id)
            assert (await again.status()).package_integration_status == "IntegrationPending"
            return await again.wait(timeout=timedelta(minutes=1), poll=timedelta(milliseconds=10), progress=note)

    report = asyncio.run(main())
    assert heard == ["IntegrationPending", "Integrated"]
    assert [row.integrated for row in report.offers] == [True]
