"""What an answer that is no result means: status, fault code and text decide, and nothing secret is repeated."""

from __future__ import annotations

import pytest

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.http import Answer
from cdiscount_marketplace.failures import write_outcome
from cdiscount_marketplace.soap.endpoints import PREPRODUCTION, PRODUCTION
from cdiscount_marketplace.soap.faults import (
    CLOSING,
    TOKEN_FAULT,
    Fault,
    ensure_success,
    explain_unreachable,
    fault_error,
    scrub,
)

TOKEN = "0123456789abcdef0123456789abcdef"
GUID = "01234567-89ab-cdef-0123-456789abcdef"
CUSTOMER = "Zinédine"

TOKEN_FAULTS = [
    ("Token id is not correctly formatted.", errors.TokenRefused),
    ("Your token does not exist, please renew your token id.", errors.TokenRefused),
    (f"Your token '{TOKEN}' has expired", errors.TokenRefused),
    ("Quelque chose de nouveau", errors.TokenRefused),
    ("", errors.TokenRefused),
    (
        f"User is not authorized to access to this resource (Token used: '{GUID}', Resource: (Service: 'x')).",
        errors.NotAuthorized,
    ),
]


@pytest.mark.parametrize(("text", "error"), TOKEN_FAULTS)
def test_one_fault_code_covers_tokens_and_rights(text: str, error: type[errors.CdiscountError]) -> None:
    found = fault_error(Fault(code=TOKEN_FAULT, text=text), 500)
    assert type(found) is error
    assert TOKEN not in str(found)
    assert GUID not in str(found)
    assert write_outcome(found) == "not_run"


BAD_VALUE = (
    "The formatter threw an exception while trying to deserialize the message: There was an error while trying to "
    "deserialize parameter http://www.cdiscount.com:validateOrderListMessage. The InnerException message was 'There "
    f"was an error deserializing the object of type X.Y. The value '{CUSTOMER}' cannot be parsed as the type "
    "'Int32'.'.  Please see InnerException for more details."
)
BAD_ENUM = BAD_VALUE.replace(
    f"The value '{CUSTOMER}' cannot be parsed as the type 'Int32'",
    f"Invalid enum value '{CUSTOMER}' cannot be deserialized into type 'Cdiscount.Contract.OrderStateEnum'",
)


@pytest.mark.parametrize(("text", "kind"), [(BAD_VALUE, "Int32"), (BAD_ENUM, "OrderStateEnum")])
def test_refused_value_is_named_by_place_and_type_only(text: str, kind: str) -> None:
    error = fault_error(Fault(code="DeserializationFailed", text=text), 500)
    assert isinstance(error, errors.ServiceFault)
    assert error.fault_code == "DeserializationFailed"
    assert "validateOrderListMessage" in str(error)
    assert kind in str(error)
    assert CUSTOMER not in str(error)
    assert write_outcome(error) == "not_run"


def test_refused_value_of_an_unknown_wording_is_still_told() -> None:
    error = fault_error(Fault(code="DeserializationFailed", text="?"), 500)
    assert "does not accept a value" in str(error)


@pytest.mark.parametrize(
    ("code", "outcome"), [("InternalServiceFault", "unknown"), ("ActionNotSupported", "not_run"), ("New", "unknown")]
)
def test_other_faults_keep_their_code(code: str, outcome: str) -> None:
    error = fault_error(Fault(code=code, text=f"Order of '{CUSTOMER}' failed"), 500)
    assert isinstance(error, errors.ServiceFault)
    assert (error.fault_code, error.status) == (code, 500)
    assert CUSTOMER not in str(error)
    assert write_outcome(error) == outcome


HTML = b"<!DOCTYPE html><html></html>"
ANSWERS: list[tuple[int, bytes, type[errors.CdiscountError], str]] = [
    (200, HTML, errors.HtmlAnswer, "unknown"),
    (200, b"", errors.EmptyAnswer, "unknown"),
    (202, b"", errors.EmptyAnswer, "unknown"),
    (400, b"<x/>", errors.HttpError, "unknown"),
    (401, HTML, errors.HttpError, "not_run"),
    (403, HTML, errors.HtmlAnswer, "unknown"),
    (403, b"<x/>", errors.HttpError, "unknown"),
    (404, HTML, errors.HttpError, "not_run"),
    (410, HTML, errors.HttpError, "unknown"),
    (413, HTML, errors.HttpError, "not_run"),
    (429, b"", errors.HttpError, "not_run"),
    (500, b"<x/>", errors.HttpError, "unknown"),
    (500, b"", errors.HttpError, "unknown"),
    (503, HTML, errors.HtmlAnswer, "unknown"),
]


@pytest.mark.parametrize(("status", "body", "error", "outcome"), ANSWERS)
def test_answer_without_a_fault_is_judged_by_its_status(
    status: int, body: bytes, error: type[errors.CdiscountError], outcome: str
) -> None:
    answer = Answer(status=status, headers={"Retry-After": "9"}, body=body)
    with pytest.raises(errors.CdiscountError) as caught:
        ensure_success(answer, None)
    assert type(caught.value) is error
    assert write_outcome(caught.value) == outcome
    assert getattr(caught.value, "status", None) == status
    assert getattr(caught.value, "retry_after", None) == 9


def test_result_passes() -> None:
    ensure_success(Answer(status=200, headers={}, body=b"<s:Envelope/>"), None)


@pytest.mark.parametrize("status", [200, 500])
def test_fault_counts_whatever_the_status(status: int) -> None:
    with pytest.raises(errors.TokenRefused):
        ensure_success(Answer(status=status, headers={}, body=b"<x/>"), Fault(code=TOKEN_FAULT))


@pytest.mark.parametrize("status", [404, 410])
def test_missing_service_says_where_to_go(status: int) -> None:
    with pytest.raises(errors.HttpError, match="Octopia"):
        ensure_success(Answer(status=status, headers={}, body=b""), None)


def test_unreachable_service_says_where_to_go() -> None:
    for address in (PRODUCTION, PREPRODUCTION):
        assert explain_unreachable(errors.ConnectFailed("no connection"), address).hint == CLOSING
    assert explain_unreachable(errors.CallTimeout("slow"), PRODUCTION).hint is None


def test_unreachable_sandbox_is_not_said_to_be_closed() -> None:
    address = "http://127.0.0.1:8080/MarketplaceAPIService.svc"
    assert explain_unreachable(errors.ConnectFailed("no connection"), address).hint is None


def test_long_texts_of_the_service_are_cut() -> None:
    assert len(scrub("x " * 1000)) <= 300
    assert scrub(f"  a\n {TOKEN} {GUID}  ") == "a … …"
