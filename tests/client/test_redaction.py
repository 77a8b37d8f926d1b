"""Secrets and customers' data never reach a log, a repr, an exception, a hook or a pickle, at any level."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cdiscount_marketplace import MarketplaceClient, OrderFilter, OrderState
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.credentials import Credentials
from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.events import Event
from cdiscount_marketplace.http import TimeLimits
from cdiscount_marketplace.models import OrderQuery, OrderStatus, Shipment
from cdiscount_marketplace.retry import RetryPolicy
from cdiscount_marketplace.sandbox import Fault, Sandbox, SandboxServer
from cdiscount_marketplace.sandbox.effects import (
    Delay,
    Effect,
    ExpireTokens,
    HtmlPage,
    HttpStatus,
    LeaveLine,
    NoOrderNumber,
    OmitResult,
    QuotaReached,
    RejectOrder,
    Reset,
    ServerFault,
    Truncate,
    UnknownElements,
    UnknownValues,
)
from cdiscount_marketplace.sandbox.tokens import Account
from cdiscount_marketplace.tokencache import CachedLogin, MemoryTokenCache, TokenKey
from support.till import LOGIN

PASSWORD = "s3ntinel-pa$$word"
WAITING = "WaitingForShipmentAcceptation"
EFFECTS: list[Effect | None] = [
    None,
    Delay(60),
    ExpireTokens(),
    HtmlPage(),
    HtmlPage(status=503),
    HttpStatus(500),
    HttpStatus(401),
    HttpStatus(429, retry_after=7200),
    LeaveLine(),
    NoOrderNumber(),
    OmitResult(),
    QuotaReached(),
    RejectOrder(),
    Reset(),
    Reset("during"),
    ServerFault(),
    Truncate(),
    Truncate(0.9),
    UnknownElements(),
    UnknownValues(),
]


class Ear(logging.Handler):
    """Hears every logger at every level, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(f"{record.name} {self.format(record)} {record.args!r}")


@pytest.fixture
def ear() -> Iterator[Ear]:
    root, ear = logging.getLogger(), Ear()
    levels = {name: logger.level for name, logger in _loggers()}
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    for _, logger in _loggers():
        logger.setLevel(logging.DEBUG)
    yield ear
    root.removeHandler(ear)
    for name, logger in _loggers():
        logger.setLevel(levels.get(name, logging.NOTSET))


def _loggers() -> Iterator[tuple[str, logging.Logger]]:
    yield "", logging.getLogger()
    for name, logger in logging.root.manager.loggerDict.items():
        if isinstance(logger, logging.Logger):
            yield name, logger


class Purse(MemoryTokenCache):
    """Remembers every token that was issued."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens: set[str] = set()

    def store(self, key: TokenKey, login: CachedLogin) -> None:
        self.tokens |= {login.token.value} if login.token else set()
        super().store(key, login)


def secrets_of(sandbox: Sandbox, purse: Purse) -> set[str]:
    """Return the password, every token in both its forms, and what the orders tell of their customers."""
    assert purse.tokens
    dashed = {f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}" for one in purse.tokens}
    people = [order.customer for order in sandbox.orders()]
    personal = {text for one in people for text in (one.last_name, one.mobile, one.home.street)}
    emails = {order.encrypted_email for order in sandbox.orders()}
    return {PASSWORD, *purse.tokens, *dashed, *personal, *emails}


def everything_about(error: BaseException) -> str:
    """Return all that an error shows or carries: text, repr, fields, pickle, and its chain's traceback with locals."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None:
        chain.append(link)
        link = link.__cause__ or link.__context__
    shown = [f"{one!s} {one!r} {vars(one)!r} {one.args!r}" for one in chain]
    pickled = [pickle.dumps(one).decode("latin-1") for one in chain if isinstance(one, CdiscountError)]
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join([*shown, *pickled, *frames.format()])


def uses(client: MarketplaceClient, keys: list[str]) -> list[Callable[[], Any]]:
    channel = SoapChannel(client, parcels=True)
    waiting = OrderFilter(states=(OrderState.WAITING_FOR_SHIPMENT_ACCEPTATION,))
    url = "https://x.example/6A"
    return [
        lambda: client.orders.list(waiting),
        lambda: client.orders.get(*keys),
        lambda: channel.fetch(OrderQuery(statuses=(OrderStatus.WAITING_SHIPMENT,))),
        lambda: client.orders.ship(keys[0], carrier="UPS", tracking_number="1Z", tracking_url=url),
        lambda: channel.ship([Shipment(key=key, carrier="UPS", tracking_number="1Z") for key in keys]),
        lambda: client.orders.refuse(*keys).raise_for_failures(),
        client.sellers.information,
        client.carriers,
    ]


def told(client: MarketplaceClient, keys: list[str]) -> list[str]:
    """Use the client in every way, and return all that results and errors show."""
    shown = [repr(client), repr(SoapChannel(client))]
    for use in uses(client, keys):
        try:
            shown.append(repr(use()))
        except CdiscountError as error:
            shown.append(everything_about(error))
    return shown


def found(secrets: set[str], texts: list[str]) -> set[str]:
    everything = "\n".join(texts)
    return {secret for secret in secrets if secret in everything}


@pytest.mark.parametrize("effect", EFFECTS, ids=repr)
def test_nothing_leaks_whatever_goes_wrong(ear: Ear, effect: Effect | None) -> None:
    sandbox = Sandbox(accounts=[Account(login=LOGIN, password=PASSWORD)])
    keys = [sandbox.place(state=WAITING, relay=bool(n)).number for n in range(2)]
    for operation in ("GetOrderList", "ValidateOrderList", "GetSellerInformation") if effect else ():
        sandbox.inject(Fault(effect, on=operation, times=2))
    events: list[Event] = []
    purse = Purse()
    client = sandbox.client(
        timeout=TimeLimits(read=20, write=20), hooks=[events.append], retry=RetryPolicy(attempts=2), token_cache=purse
    )
    shown = told(client, keys)
    secrets = secrets_of(sandbox, purse)
    assert found(secrets, [*shown, *ear.heard, *map(repr, events)]) == set()
    assert events


def test_nothing_leaks_over_a_socket(ear: Ear) -> None:
    sandbox = Sandbox(accounts=[Account(login=LOGIN, password=PASSWORD)])
    keys = [sandbox.place(state=WAITING).number for _ in range(2)]
    purse = Purse()
    with SandboxServer(sandbox) as server, server.client(token_cache=purse) as client:
        shown = told(client, keys)
    assert any("urllib3" in line for line in ear.heard)
    assert found(secrets_of(sandbox, purse), [*shown, *ear.heard]) == set()


@pytest.mark.parametrize("supplied", [None, "f" * 32])
def test_failed_login_tells_no_password(ear: Ear, supplied: str | None) -> None:
    sandbox = Sandbox(accounts=[Account(login=LOGIN, password="another")])
    client = sandbox.client(password=PASSWORD, token=supplied)
    shown = told(client, ["1904241200ABCDE"])
    assert found({PASSWORD, "f" * 32}, [*shown, *ear.heard]) == set()


def test_credentials_never_show() -> None:
    shown = repr(Credentials(username=LOGIN, password=PASSWORD, token="f" * 32))
    assert PASSWORD not in shown
    assert "f" * 32 not in shown


def test_zeep_is_never_given_a_chance_to_log_an_envelope(ear: Ear) -> None:
    sandbox = Sandbox(accounts=[Account(login=LOGIN, password=PASSWORD)])
    sandbox.client().sellers.indicators()
    assert not any("Envelope" in line for line in ear.heard)
