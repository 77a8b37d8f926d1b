"""How a client is made, and what it holds on to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from cdiscount_marketplace import MarketplaceClient, ProductCondition, RetryPolicy
from cdiscount_marketplace.errors import ConfigurationError, CredentialsMissing, UnsafeSession
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import HttpStatus
from cdiscount_marketplace.soap.header import Country, HeaderMessage, LocalizationMessage, SecurityContext

ELSEWHERE = "https://shop.example/MarketplaceAPIService.svc"


def test_environment_makes_a_client() -> None:
    environ = {
        "CDISCOUNT_USERNAME": "shop-api",
        "CDISCOUNT_PASSWORD": "secret",
        "CDISCOUNT_SERVICE_URL": ELSEWHERE,
        "CDISCOUNT_TOKEN_URL": "https://shop.example/token",
    }
    client = MarketplaceClient.from_env(environ, validation_chunk=5)
    assert repr(client) == f"MarketplaceClient(account='shop-api', service_url='{ELSEWHERE}')"
    assert (client.account, client.validation_chunk) == ("shop-api", 5)


def test_options_complete_and_override_the_environment() -> None:
    environ = {"CDISCOUNT_TOKEN": "0" * 32, "CDISCOUNT_SERVICE_URL": ELSEWHERE}
    client = MarketplaceClient.from_env(environ, token_url="https://shop.example/token", username="a", password="b")
    assert client.account == "a"


@pytest.mark.parametrize("environ", [{}, {"CDISCOUNT_USERNAME": "a"}, {"CDISCOUNT_PASSWORD": "b"}])
def test_environment_without_an_account_says_what_is_missing(environ: dict[str, str]) -> None:
    with pytest.raises(CredentialsMissing, match="CDISCOUNT_USERNAME"):
        MarketplaceClient.from_env(environ)


@pytest.mark.parametrize(
    "options",
    [
        {"validation_chunk": 0},
        {"service_url": "ftp://x"},
        {"service_url": ELSEWHERE},
        {"service_url": "http://[::1"},
        {"token_url": "https://sts.example:99999/"},
        {"timeout": 30},
        {"timeout": 0},
        {"timeout": (3, 30)},
        {"retry": 0},
        {"token": "a\0b"},
        {"token": b"a"},
        {"hooks": print},
        {"hooks": [None]},
        {"time_zone": "Europe/Paris"},
        {"token_cache": "tokens.json"},
        {"session": "https"},
        {"validation_chunk": "25"},
        {"product_condition": "Nwe"},  # codespell:ignore nwe
        {"header": HeaderMessage(localization=LocalizationMessage(country=Country("XX")))},
        {"header": HeaderMessage(security=SecurityContext(user_name="a\x01"))},
        {"header": HeaderMessage(version=1)},
        {"header": "Fr"},
        {"service_url": 5},
    ],
)
def test_setup_that_cannot_work_is_refused_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        MarketplaceClient(username="a", password="b", **options)


@pytest.mark.parametrize("account", [{"username": 5, "password": "b"}, {"username": "a", "password": b"sesame"}])
def test_credentials_that_are_no_text_are_refused_at_once_and_not_told(account: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="must be a text") as refused:
        MarketplaceClient(**account)
    assert "sesame" not in str(refused.value)


def test_password_from_a_vault_completes_the_environment() -> None:
    client = MarketplaceClient.from_env({"CDISCOUNT_USERNAME": "shop-api"}, password=lambda: "secret")
    assert client.account == "shop-api"


@pytest.mark.parametrize("name", ["username", "password", "token"])
@pytest.mark.parametrize("wrap", [str, lambda text: lambda: text], ids=["text", "callable"])
def test_undecodable_credentials_are_refused_and_not_told(name: str, wrap: Callable[[str], Any]) -> None:
    value = wrap("sesame\udcff") if name == "password" else "sesame\udcff"
    with pytest.raises(ConfigurationError) as refused:
        Sandbox().client(**{name: value}).carriers()
    assert refused.value.__cause__ is refused.value.__context__ is None
    assert "sesame" not in str(refused.value)


def test_session_that_repeats_writes_is_refused() -> None:
    session = requests.Session()
    session.mount("https://", HTTPAdapter(max_retries=Retry(3, allowed_methods=None)))
    with pytest.raises(UnsafeSession):
        MarketplaceClient(username="a", password="b", session=session)


def test_given_session_is_not_closed() -> None:
    sandbox = Sandbox()
    session = sandbox.session()
    with sandbox.client(session=session) as client:
        client.carriers()
    assert sandbox.client(session=session).carriers()


def test_condition_of_lines_that_tell_none_can_be_chosen() -> None:
    client = MarketplaceClient(username="a", password="b", product_condition=ProductCondition.REFURBISHED)
    assert client.orders.condition == "Refurbished"


def test_carriers_are_read_once() -> None:
    sandbox = Sandbox()
    client = sandbox.client()
    assert client.carriers() is client.carriers()
    assert client.carrier_names() == tuple(carrier.name for carrier in client.carriers())
    assert len(sandbox.calls("GetGlobalConfiguration")) == 1


def test_carriers_that_cannot_be_read_are_asked_for_once_however_many_threads_want_them() -> None:
    sandbox, barrier = Sandbox(), threading.Barrier(8)
    sandbox.inject(Fault(HttpStatus(500), on="GetGlobalConfiguration", times=None))
    # The first one fails when all the others wait for it.
    client = sandbox.client(retry=RetryPolicy.never(), hooks=[lambda _: time.sleep(0.1)])

    def names(_: int) -> tuple[str, ...]:
        barrier.wait()
        return client.carrier_names()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(names, range(8))) == [()] * 8
    assert len(sandbox.calls("GetGlobalConfiguration")) == 1
