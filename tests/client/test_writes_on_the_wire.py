"""A shipment over a real socket that fails in every way: how often it is sent, and what is said of it."""

from __future__ import annotations

import pytest

from cdiscount_marketplace import MarketplaceClient, ValidateOrder
from cdiscount_marketplace.calls.http import TimeLimits
from cdiscount_marketplace.errors import CdiscountError, OutcomeUnknown
from cdiscount_marketplace.soap import ValidateOrderResult, ValidationResultMessage
from cdiscount_marketplace.soap.answers import Fault
from cdiscount_marketplace.soap.messages import write_answer, write_fault
from cdiscount_marketplace.soap.orders.validation import VALIDATE_ORDER_LIST
from support import faulty_server as bad
from support.faulty_server import Behaviour, FaultyServer
from support.hand_clock import HandClock

NUMBER = "2603020900ABCDE"
DONE = write_answer(
    VALIDATE_ORDER_LIST,
    ValidationResultMessage(
        operation_success=True,
        validate_order_results=(ValidateOrderResult(order_number=NUMBER, validated=True),),
    ),
)


def fault(code: str) -> Behaviour:
    return bad.answer(write_fault(Fault(code=code, text="Your token does not exist")), 500)


TABLE: list[tuple[str, Behaviour, str, int]] = [
    ("whole answer", bad.answer(DONE), "confirmed", 1),
    ("whole answer, then reset", bad.reset_after_answer(DONE), "confirmed", 1),
    ("reset before reading", bad.reset_before_reading(), "unknown", 0),
    ("reset before the answer", bad.reset_before_answer(), "unknown", 1),
    ("reset during the answer", bad.reset_during_answer(), "unknown", 1),
    ("closed before the answer", bad.close_before_answer(), "unknown", 1),
    ("half an answer", bad.half_answer(), "unknown", 1),
    ("cut but complete by length", bad.answer(DONE[:-9]), "unknown", 1),
    ("no answer in time", bad.hang(), "unknown", 1),
    ("answer of another operation", bad.answer(DONE.replace(b"ValidateOrderList", b"GetOrderList")), "unknown", 1),
    ("web page", bad.html(200), "unknown", 1),
    ("web page with 503", bad.html(503), "unknown", 1),
    ("empty answer", bad.answer(b""), "unknown", 1),
    ("500", bad.answer(b"", 500), "unknown", 1),
    ("503", bad.answer(b"", 503, Retry_After="0"), "unknown", 1),
    ("504", bad.answer(b"", 504), "unknown", 1),
    ("redirect", bad.redirect("/elsewhere"), "unknown", 1),
    ("server fault", fault("InternalServiceFault"), "unknown", 1),
    ("unknown fault", fault("SomethingNew"), "unknown", 1),
    ("deserialization fault", fault("DeserializationFailed"), "not run", 1),
    ("unsupported action", fault("ActionNotSupported"), "not run", 1),
    ("refused token that cannot be replaced", fault("RequestTokenValidationError"), "not run", 1),
    ("401", bad.answer(b"", 401), "not run", 1),
    ("404", bad.answer(b"", 404), "not run", 1),
    ("413", bad.answer(b"", 413), "not run", 1),
    ("429 with a long wait", bad.answer(b"", 429, Retry_After="7200"), "not run", 1),
]


@pytest.mark.parametrize(
    ("behaviour", "outcome", "requests"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_shipment_is_sent_once_and_its_outcome_is_told(behaviour: Behaviour, outcome: str, requests: int) -> None:
    with FaultyServer(behaviour, bad.answer(DONE)) as server:
        client = MarketplaceClient(
            token="0" * 32,
            service_url=f"{server.url}/MarketplaceAPIService.svc",
            token_url=f"{server.url}/token",
            timeout=TimeLimits(connect=2, write=0.5),
            clock=HandClock(),
        )
        with client:
            assert told(client) == (outcome if outcome == "confirmed" else f"{outcome} {(NUMBER,)}")
        assert len(server.seen) == requests


def test_429_with_a_short_wait_is_sent_again() -> None:
    with FaultyServer(bad.answer(b"", 429, Retry_After="1"), bad.answer(DONE)) as server:
        with MarketplaceClient(
            token="0" * 32, service_url=f"{server.url}/svc", token_url=f"{server.url}/token", clock=HandClock()
        ) as client:
            assert told(client) == "confirmed"
        assert len(server.seen) == 2


def told(client: MarketplaceClient) -> str:
    try:
        return str(client.orders.validate([ValidateOrder(order_number=NUMBER)]).of(NUMBER).status)
    except OutcomeUnknown as unknown:
        return f"unknown {unknown.order_numbers}"
    except CdiscountError as error:
        return f"not run {error.order_numbers}"
