"""The whole client over sockets: reads recover, writes are repeated, rejected or unknown, as the log proves."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
import requests
from attrs import frozen

from cdiscount_marketplace import (
    MarketplaceClient,
    OrderFilter,
    OrderState,
    ResultStatus,
    RetryPolicy,
    TimeLimits,
    ValidateOrder,
    errors,
)
from cdiscount_marketplace.events import Event
from support import faulty_server as bad
from support.faulty_server import Behaviour, FaultyServer, answer
from support.hand_clock import HandClock

TOKENS = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"]
PASSWORD = "s3ntinel-s3cret"
CUSTOMER = "Zinedine-Sentinel"
WCF = "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher"
NUMBER = "2603020900TEST1"
WAITING = OrderFilter(states=[OrderState.WAITING_FOR_SHIPMENT_ACCEPTATION])
SHIPPED = ValidateOrder(order_number=NUMBER, order_state=OrderState.SHIPPED, tracking_number=CUSTOMER)


def envelope(content: str, status: int = 200) -> Behaviour:
    soap = f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{content}</s:Body></s:Envelope>'
    return answer(soap.encode(), status)


def result(operation: str, content: str, *, success: bool = True, message: str = "") -> Behaviour:
    messages = "http://schemas.datacontract.org/2004/07/Cdiscount.Framework.Core.Communication.Messages"
    head = (
        f'<ErrorMessage xmlns="{messages}">{message}</ErrorMessage>'
        f'<OperationSuccess xmlns="{messages}">{str(success).lower()}</OperationSuccess><ErrorList/>'
        f"<SellerLogin>shop-api</SellerLogin><TokenId>{TOKENS[0]}</TokenId>"
    )
    inner = f"<{operation}Result>{head}{content}</{operation}Result>"
    return envelope(f'<{operation}Response xmlns="http://www.cdiscount.com">{inner}</{operation}Response>')


def fault(code: str, text: str, namespace: str = WCF) -> Behaviour:
    content = f'<faultcode xmlns:a="{namespace}">a:{code}</faultcode><faultstring xml:lang="fr-FR">{text}</faultstring>'
    return envelope(f"<s:Fault>{content}</s:Fault>", 500)


def token_fault(text: str) -> Behaviour:
    return fault("RequestTokenValidationError", text, "http://schemas.xmlsoap.org/soap/envelope/")


def token(value: str) -> Behaviour:
    text = f'<string xmlns="http://schemas.microsoft.com/2003/10/Serialization/">{value}</string>'
    return answer(text.encode(), Content_Type="text/plain")


def validated(answered: str) -> str:
    return (
        f"<ValidateOrderResults><ValidateOrderResult><Errors/><OrderNumber>{NUMBER}</OrderNumber>"
        f"<ValidateOrderLineResults/><Validated>{answered}</Validated><Warnings/></ValidateOrderResult>"
        "</ValidateOrderResults>"
    )


REFUSED = validated("false").replace(
    "<Errors/>", "<Errors><Error><ErrorType>OrderStateIncoherent</ErrorType><Message>x</Message></Error></Errors>"
)
ORDERS = result("GetOrderList", "<OrderList/>")
DONE = result("ValidateOrderList", validated("true"))


@frozen
class World:
    """A client between a good token service and a service that the test chooses."""

    tokens: FaultyServer
    client: Callable[..., MarketplaceClient]
    told: list[Event]


@pytest.fixture
def world() -> Iterator[World]:
    told: list[Event] = []
    with FaultyServer(token(TOKENS[0]), token(TOKENS[1])) as tokens:

        def client(server: FaultyServer, case: str = "") -> MarketplaceClient:
            clock, limit = HandClock(), bad.limit_for(case)
            made = MarketplaceClient(
                username="shop-api",
                password=PASSWORD,
                service_url=server.url + "/MarketplaceAPIService.svc",
                token_url=tokens.url + "/users/",
                timeout=TimeLimits(read=limit, write=limit),
                retry=RetryPolicy(attempts=2),
                hooks=[told.append],
                clock=clock,
            )
            # The token is there already, and old enough for its refusal to be its age.
            made._service.reads.tokens.current()
            clock.advance(hours=1)
            return made

        yield World(tokens, client, told)


Outcome = Literal["confirmed", "rejected", "not_run", "unknown"]

# What comes first (then all is well): reads made, whether reading recovers; writes made, what is known; logins.
TABLE: list[tuple[str, Behaviour, int, bool, int, Outcome, int]] = [
    ("hangs", bad.hang(), 2, True, 1, "unknown", 1),
    ("drips", bad.drip_body(), 2, True, 1, "unknown", 1),
    ("resets unread", bad.reset_before_reading(), 1, True, 0, "unknown", 1),
    ("resets before the answer", bad.reset_before_answer(), 2, True, 1, "unknown", 1),
    ("resets during the answer", bad.reset_during_answer(), 2, True, 1, "unknown", 1),
    ("half an answer", bad.half_answer(), 2, True, 1, "unknown", 1),
    ("HTTP 500", answer(b"<x/>", 500), 2, True, 1, "unknown", 1),
    ("HTTP 503", answer(b"", 503), 2, True, 1, "unknown", 1),
    ("HTTP 429", answer(b"", 429), 2, True, 2, "confirmed", 1),
    ("HTTP 404", answer(b"", 404), 1, False, 1, "not_run", 1),
    ("HTTP 413", answer(b"", 413), 1, False, 1, "not_run", 1),
    ("HTML 200", bad.html(200), 1, False, 1, "unknown", 1),
    ("HTML 503", bad.html(503), 2, True, 1, "unknown", 1),
    ("empty 200", answer(b""), 2, True, 1, "unknown", 1),
    ("empty 202", answer(b"", 202), 2, True, 1, "unknown", 1),
    ("redirect", bad.redirect("/"), 1, False, 1, "unknown", 1),
    ("another document", answer(b"<x/>"), 1, False, 1, "unknown", 1),
    # What is not well-formed may be the beginning of something, so that a read tries again.
    ("half an element", answer("<x>é</".encode()), 2, True, 1, "unknown", 1),
    ("wrong charset", answer("<x>\u00e9</x>".encode("latin-1")), 1, False, 1, "unknown", 1),
    (
        "wide characters",
        answer('<?xml version="1.0" encoding="utf-16"?><x/>'.encode("utf-16")),
        1,
        False,
        1,
        "unknown",
        1,
    ),
    ("a DTD", answer(b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), 1, False, 1, "unknown", 1),
    ("a bomb", bad.gzip_bomb(65), 1, False, 1, "unknown", 1),
    ("expired token", token_fault(f"Your token '{TOKENS[0]}' has expired"), 2, True, 2, "confirmed", 2),
    (
        "unknown token",
        token_fault("Your token does not exist, please renew your token id."),
        2,
        True,
        2,
        "confirmed",
        2,
    ),
    ("malformed token", token_fault("Token id is not correctly formatted."), 2, True, 2, "confirmed", 2),
    ("strange token fault", token_fault("?"), 2, True, 2, "confirmed", 2),
    ("missing right", token_fault(f"User is not authorized (Token used: '{TOKENS[0]}')"), 1, False, 1, "not_run", 1),
    ("bad value", fault("DeserializationFailed", f"The value '{CUSTOMER}'"), 1, False, 1, "not_run", 1),
    ("unknown action", fault("ActionNotSupported", ""), 1, False, 1, "not_run", 1),
    ("internal fault", fault("InternalServiceFault", f"at '{CUSTOMER}'"), 2, True, 1, "unknown", 1),
]
rows = pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
Row = tuple[str, Behaviour, int, bool, int, Outcome, int]


def write(client: MarketplaceClient) -> tuple[Outcome, errors.CdiscountError | None]:
    try:
        (found,) = client.orders.validate([SHIPPED]).results
    except errors.CdiscountError as error:
        return ("unknown" if isinstance(error, errors.OutcomeUnknown) else "not_run"), error
    return ("confirmed" if found.status == ResultStatus.CONFIRMED else "rejected"), None


@rows
def test_read_recovers_within_its_limits(row: Row, world: World) -> None:
    with FaultyServer(row[1], ORDERS) as server:
        try:
            recovered = world.client(server, row[0]).orders.list(WAITING) == ()
        except errors.CdiscountError:
            recovered = False
    assert (recovered, len(server.seen), len(world.tokens.seen)) == (row[3], row[2], row[6])


@rows
def test_write_is_repeated_rejected_or_unknown(row: Row, world: World) -> None:
    with FaultyServer(row[1], DONE) as server:
        outcome, error = write(world.client(server, row[0]))
    assert error is None or error.order_numbers == (NUMBER,)
    assert (outcome, len(server.seen), len(world.tokens.seen)) == (row[5], row[4], row[6])


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        (DONE, "confirmed"),
        (result("ValidateOrderList", REFUSED), "rejected"),
        (result("ValidateOrderList", "<ValidateOrderResults/>"), "unknown"),
        (result("ValidateOrderList", "", success=False), "unknown"),
        (result("GetOrderList", "<OrderList/>"), "unknown"),
        (bad.reset_after_answer(b"<x/>"), "unknown"),
    ],
)
def test_whole_answer_decides_by_what_it_says_of_the_order(
    behaviour: Behaviour, outcome: Outcome, world: World
) -> None:
    with FaultyServer(behaviour) as server:
        assert write(world.client(server))[0] == outcome
    assert len(server.seen) == 1


@rows
def test_nothing_secret_is_told_by_anything(
    row: Row, world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    with FaultyServer(row[1]) as server:
        client = world.client(server, row[0])
        _, error = write(client)
    shown = repr((client, client.orders, world.told)) + caplog.text + "".join(capsys.readouterr())
    if error is not None:
        shown += "".join(traceback.format_exception(error)) + repr(vars(error))
        shown += repr(pickle.dumps(error))
    for secret in (PASSWORD, *TOKENS, CUSTOMER):
        assert secret not in shown


def test_cdiscount_that_cannot_be_reached_says_where_to_go() -> None:
    with FaultyServer(ORDERS) as gone:
        session = requests.Session()
        session.proxies = {"https": gone.url}
    client = MarketplaceClient(token=TOKENS[0], session=session, retry=RetryPolicy.never())
    with client, pytest.raises(errors.ConnectFailed, match="move-to-octopia"):
        client.orders.list(WAITING)


def test_service_of_ones_own_that_cannot_be_reached_is_not_said_to_be_closed(world: World) -> None:
    with FaultyServer(ORDERS) as server:
        client = world.client(server)
    with pytest.raises(errors.ConnectFailed) as failed:
        client.orders.list(WAITING)
    assert failed.value.hint is None
    outcome, error = write(client)
    assert (outcome, isinstance(error, errors.ConnectFailed)) == ("not_run", True)
