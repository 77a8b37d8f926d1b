"""Logins of a whole client, against the sandbox: how many there are, whose they are, and what they never do twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cdiscount_marketplace import (
    FileTokenCache,
    MarketplaceClient,
    OrderFilter,
    OrderState,
    RetryPolicy,
    ValidateOrder,
    errors,
)
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import ExpireTokens, HtmlPage, HttpStatus, Reset, ServerFault
from cdiscount_marketplace.sandbox.tokens import Account
from support.hand_clock import HandClock

WAITING = OrderFilter(states=[OrderState.WAITING_FOR_SHIPMENT_ACCEPTATION])
ACCOUNTS = [
    Account(login="shop-api", password="secret"),
    Account(login="other-api", password="hush"),
    Account(login="reader-api", password="look", forbidden=frozenset({"ValidateOrderList"})),
]
Make = Callable[..., MarketplaceClient]


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(accounts=ACCOUNTS)


@pytest.fixture
def make(sandbox: Sandbox) -> Make:
    def client(login: str = "shop-api", password: str = "secret", **options: Any) -> MarketplaceClient:
        given: dict[str, Any] = {
            "session": sandbox.session(),
            "service_url": sandbox.service_url,
            "token_url": sandbox.token_url,
            "clock": sandbox.clock,
        }
        return MarketplaceClient(username=login, password=password, **(given | options))

    return client


def logins(sandbox: Sandbox) -> int:
    return len(sandbox.calls("Token"))


def ship(client: MarketplaceClient, number: str) -> object:
    return client.orders.ship(number, carrier="Colissimo", tracking_number="6A12345678901")


def test_fifty_threads_log_in_once(sandbox: Sandbox, make: Make) -> None:
    client, barrier = make(), threading.Barrier(50)

    def work(_: int) -> int:
        barrier.wait()
        return len(client.orders.list(WAITING))

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(work, range(50))) == [0] * 50
    assert (logins(sandbox), len(sandbox.calls("GetOrderList"))) == (1, 50)


def test_tokens_of_two_accounts_never_cross(sandbox: Sandbox, make: Make, tmp_path: Path) -> None:
    shared: dict[str, Any] = {"session": sandbox.session(), "token_cache": FileTokenCache(tmp_path / "tokens.json")}
    shops = [make("shop-api", "secret", **shared), make("other-api", "hush", **shared)]
    for _ in range(2):
        assert [shop.sellers.information().seller_login for shop in shops] == ["shop-api", "other-api"]
    assert logins(sandbox) == 2


def test_expiry_between_two_calls_costs_one_login_and_one_repetition(sandbox: Sandbox, make: Make) -> None:
    client = make()
    client.orders.list(WAITING)
    sandbox.advance(timedelta(hours=1))
    sandbox.expire_tokens()
    client.orders.list(WAITING)
    client.orders.list(WAITING)
    assert (logins(sandbox), len(sandbox.calls("GetOrderList"))) == (2, 4)


def test_expiry_before_a_write_ships_once(sandbox: Sandbox, make: Make) -> None:
    client = make()
    order = sandbox.place(state="WaitingForShipmentAcceptation")
    client.orders.get(order.number)
    sandbox.advance(timedelta(hours=1))
    sandbox.inject(Fault(ExpireTokens(), on="ValidateOrderList"))
    ship(client, order.number)
    assert [call.ran for call in sandbox.calls("ValidateOrderList")] == [False, True]
    assert logins(sandbox) == 2


def test_long_running_client_never_meets_an_expired_token(sandbox: Sandbox, make: Make) -> None:
    client = make()
    for _ in range(100):
        client.orders.list(WAITING)
        sandbox.advance(timedelta(hours=3))
    assert len(sandbox.calls("GetOrderList")) == 100
    assert logins(sandbox) < 10


def test_missing_right_costs_no_login(sandbox: Sandbox, make: Make) -> None:
    client = make("reader-api", "look")
    order = sandbox.place(state="WaitingForShipmentAcceptation")
    for _ in range(3):
        with pytest.raises(errors.NotAuthorized):
            ship(client, order.number)
    assert logins(sandbox) == 1


def test_fault_after_a_write_never_writes_twice(sandbox: Sandbox, make: Make) -> None:
    order = sandbox.place(state="WaitingForShipmentAcceptation")
    sandbox.inject(Fault(ServerFault(ran=True), on="ValidateOrderList"))
    with pytest.raises(errors.OutcomeUnknown) as caught:
        ship(make(), order.number)
    assert caught.value.order_numbers == (order.number,)
    assert len(sandbox.calls("ValidateOrderList")) == 1
    assert logins(sandbox) == 1


def test_wrong_password_is_tried_once_however_many_calls_follow(sandbox: Sandbox, make: Make, tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    with pytest.raises(errors.LoginRefused):
        make(password="wrong", token_cache=FileTokenCache(path)).orders.list(WAITING)
    for _ in range(3):
        with pytest.raises(errors.LoginBlocked):
            make(password="wrong", token_cache=FileTokenCache(path)).orders.list(WAITING)
    assert logins(sandbox) == 1
    assert make(token_cache=FileTokenCache(path)).orders.list(WAITING) == ()


@pytest.mark.parametrize(
    "effect", [HtmlPage(), HtmlPage(status=503), HttpStatus(500), Reset("before"), Reset("during")]
)
def test_token_service_that_fails_blocks_nobody_and_proves_that_no_write_ran(
    sandbox: Sandbox, make: Make, effect: Any
) -> None:
    client = make(retry=RetryPolicy.never())
    sandbox.inject(Fault(effect, on="Token"))
    with pytest.raises(errors.CdiscountError) as caught:
        client.orders.list(WAITING)
    assert caught.value.retryable
    assert caught.value.operation == "GetToken"
    assert client.orders.list(WAITING) == ()


@pytest.mark.parametrize("effect", [HttpStatus(500), Reset("before"), HtmlPage()])
def test_write_whose_login_fails_did_not_run(sandbox: Sandbox, make: Make, effect: Any) -> None:
    order = sandbox.place(state="WaitingForShipmentAcceptation")
    shipped = ValidateOrder(order_number=order.number, order_state=OrderState.SHIPPED)
    client = make(retry=RetryPolicy.never())
    sandbox.inject(Fault(effect, on="Token"))
    with pytest.raises((errors.TransportError, errors.HttpError)) as caught:
        client.orders.validate([shipped])
    assert caught.value.retryable
    assert sandbox.calls("ValidateOrderList") == ()
    client.orders.validate([shipped])
    assert [call.ran for call in sandbox.calls("ValidateOrderList")] == [True]


def test_supplied_token_is_replaced_and_the_call_repeated(sandbox: Sandbox, make: Make) -> None:
    client = make(token="0" * 32)
    assert client.orders.list(WAITING) == ()
    assert (logins(sandbox), len(sandbox.calls("GetOrderList"))) == (1, 2)


def test_token_service_of_another_address_is_asked(make: Make) -> None:
    with pytest.raises(errors.ConfigurationError, match="token_url"):
        make(service_url="https://own.invalid/M.svc", token_url=None)


def test_clock_of_a_client_is_its_own(make: Make) -> None:
    clock = HandClock()
    assert make(clock=clock).clock is clock
