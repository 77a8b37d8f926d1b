"""What is known by name only follows the rules of all calls: paging, errors, retries, and no write twice."""

from __future__ import annotations

from typing import Any

import pytest

from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.errors import HttpError, InvalidRequest, NotAuthorized, OutcomeUnknown
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import HttpStatus, LoseAnswer
from cdiscount_marketplace.sandbox.tokens import Account


def test_a_list_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdiscount_marketplace.octopia.open_calls._PAGE_SIZE", 1)
    sandbox = Sandbox()
    operations = list(sandbox.octopia_client().finance.operations({"eventTypes": "Sale"}))
    assert [one["eventType"] for one in operations] == ["Sale", "Commission"]
    assert len(sandbox.calls("GET /operations")) == 2


def test_a_reading_is_repeated_and_a_file_is_bytes() -> None:
    sandbox = Sandbox()
    sandbox.inject(Fault(HttpStatus(503), on="GET /invoices/{id}/documents"))
    assert sandbox.octopia_client().finance.invoice_document("I-1").startswith(b"%PDF")


def test_what_may_have_been_made_is_never_made_twice() -> None:
    sandbox = Sandbox()
    sandbox.inject(Fault(LoseAnswer(), on="POST /outbound-shipments"))
    client = sandbox.octopia_client(retry=RetryPolicy.never())
    with pytest.raises(OutcomeUnknown):
        client.fulfilment.create_outbound_shipment({"reference": "web-1"})
    assert len(sandbox.calls("POST /outbound-shipments")) == 1


def test_a_missing_thing_and_a_missing_right_are_told() -> None:
    denied = Account(login="shop", password="secret", forbidden=frozenset({"GET /payments"}))
    client = Sandbox(accounts=[denied]).octopia_client()
    with pytest.raises(NotAuthorized):
        list(client.finance.payments())
    with pytest.raises(HttpError) as caught:
        client.fulfilment.stock("nothing")
    assert caught.value.status == 404


@pytest.mark.parametrize("wrong", ["", "..", " "])
def test_an_id_never_leads_elsewhere(wrong: Any) -> None:
    with pytest.raises(InvalidRequest):
        Sandbox().octopia_client().fulfilment.stock(wrong)
