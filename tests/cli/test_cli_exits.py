"""Exit codes tell a scheduler what to do."""

from __future__ import annotations

import pytest

from cdiscount_marketplace import errors
from cdiscount_marketplace.cli.exits import Exit, exit_code

EXAMPLES = [
    (errors.LoginRefused("x"), Exit.LOGIN),
    (errors.TokenRefused("x"), Exit.LOGIN),
    (errors.NotAuthorized("x"), Exit.LOGIN),
    (errors.CredentialsMissing("x"), Exit.USAGE),
    (errors.InvalidRequest([]), Exit.USAGE),
    (errors.ConnectFailed("x"), Exit.UNREACHABLE),
    (errors.CallTimeout("x"), Exit.UNREACHABLE),
    (errors.HtmlAnswer("x"), Exit.UNREACHABLE),
    (errors.HttpError("x", status=503), Exit.UNREACHABLE),
    (errors.QuotaExceeded("x", method="GetOrderList", retry_at=None), Exit.UNREACHABLE),
    (errors.HttpError("x", status=400), Exit.NEEDS_PERSON),
    (errors.OperationFailed("x"), Exit.NEEDS_PERSON),
    (errors.OutcomeUnknown("x"), Exit.NEEDS_PERSON),
    (errors.ShipmentConflict("x"), Exit.NEEDS_PERSON),
    (errors.NotRecorded([]), Exit.NEEDS_PERSON),
    (errors.StoreFailed("x"), Exit.NEEDS_PERSON),
    (errors.StoreFailed("x", code="disk_full"), Exit.NEEDS_PERSON),
    (errors.StoreFailed("x", code="missing"), Exit.USAGE),
    (errors.StoreFailed("x", code="not_a_store"), Exit.USAGE),
    (errors.StoreFailed("x", code="locked", retryable=True), Exit.UNREACHABLE),
    (errors.UnknownSchema("x", found=2, expected=1), Exit.NEEDS_PERSON),
    (errors.LeaseBusy("x", account="a", job="import", until=None), Exit.BUSY),
    (errors.LeaseLost("x"), Exit.BUSY),
    (errors.CheckpointConflict("x"), Exit.BUSY),
]


@pytest.mark.parametrize(("error", "code"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_error_has_its_exit_code(error: errors.CdiscountError, code: Exit) -> None:
    assert exit_code(error) is code


def test_exit_codes_are_the_documented_ones() -> None:
    assert {code.name: int(code) for code in Exit} == {
        "DONE": 0,
        "NEEDS_PERSON": 1,
        "USAGE": 2,
        "LOGIN": 3,
        "UNREACHABLE": 4,
        "BUSY": 75,
    }
