"""What `client.discussions` and `client.messages` promise: customers are read, answered once, and not shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.errors import HttpError, InvalidRequest, OutcomeUnknown
from cdiscount_marketplace.octopia import OctopiaClient
from cdiscount_marketplace.octopia.codec import Drift, decode_many, encode
from cdiscount_marketplace.octopia.discussions import (
    Attachment,
    Discussion,
    DiscussionFilter,
    Graduation,
    ProcessStatus,
)
from cdiscount_marketplace.octopia.discussions.models import MessageRequest
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import LoseAnswer
from cdiscount_marketplace.sandbox.octopia_settings import OctopiaSettings
from cdiscount_marketplace.sandbox.orders import Order
from cdiscount_marketplace.sandbox.states import State

BROKEN = "La lampe est arrivée cassée."
SORRY = "Nous vous en renvoyons une demain."


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[OctopiaClient]:
    with sandbox.octopia_client(retry=RetryPolicy.never()) as client:
        yield client


@pytest.fixture
def order(sandbox: Sandbox) -> Order:
    return sandbox.place(state=State.SHIPPED)


def only(client: OctopiaClient) -> Discussion:
    [discussion] = client.discussions.iter()
    return discussion


def test_a_claim_is_read_answered_and_closed(sandbox: Sandbox, client: OctopiaClient, order: Order) -> None:
    sandbox.ask_as_customer(order.number, BROKEN, claim=True)
    waiting = DiscussionFilter(process_status=ProcessStatus.TO_TREAT, graduation=Graduation.CLAIM)
    assert client.discussions.count(waiting) == 1
    discussion = only(client)
    assert (discussion.order_seller_id, discussion.order_reference) == (order.order_id, order.number)
    assert client.messages.answer(discussion, SORRY)
    assert client.discussions.count(waiting) == 0
    whole = client.discussions.get(discussion.discussion_id or "")
    assert [message.body for message in whole.messages] == [BROKEN, SORRY]
    client.discussions.close(discussion.discussion_id or "")
    assert [one.is_open for one in client.discussions.iter(DiscussionFilter(is_open=False))] == [False]


def test_a_list_brings_the_messages_that_are_asked_for(sandbox: Sandbox, client: OctopiaClient, order: Order) -> None:
    sandbox.ask_as_customer(order.number, BROKEN)
    client.messages.answer(only(client), SORRY)
    assert only(client).messages == ()
    [last] = client.discussions.iter(DiscussionFilter(include_messages="LastMessage"))
    assert [message.body for message in last.messages] == [SORRY]


def test_the_seller_writes_first(sandbox: Sandbox, client: OctopiaClient, order: Order) -> None:
    opened = client.discussions.open(
        order.order_id, subject="Votre colis", body=SORRY, sub_typology_code="late-delivery"
    )
    assert opened == only(client).discussion_id


def test_files_are_carried_as_base64(sandbox: Sandbox, client: OctopiaClient, order: Order) -> None:
    sandbox.ask_as_customer(order.number, BROKEN)
    photo = Attachment.of("photo.jpg", b"\xff\xd8photo", "image/jpeg")
    assert photo.data == b"\xff\xd8photo"
    client.messages.answer(only(client), SORRY, attachments=[photo])
    [_, answer] = client.discussions.get(only(client).discussion_id or "").messages
    assert [one.file_name for one in answer.attachments] == ["photo.jpg"]


def test_a_message_is_marked_as_read(sandbox: Sandbox, client: OctopiaClient, order: Order) -> None:
    asked = sandbox.ask_as_customer(order.number, BROKEN)
    [message] = client.discussions.get(asked.id).messages
    client.messages.mark_read(message.message_id or "")
    client.messages.mark_read(message.message_id or "")
    assert client.discussions.get(asked.id).messages[0].has_read is True


def test_many_discussions_are_read_page_by_page(sandbox: Sandbox, client: OctopiaClient, order: Order) -> None:
    for number in range(250):
        sandbox.ask_as_customer(order.number, f"{BROKEN} {number}")
    assert len(list(client.discussions.iter())) == 250


@pytest.mark.parametrize("body", ["trop court", " " * 40, "x" * 5001])
def test_what_would_be_refused_is_never_sent(sandbox: Sandbox, client: OctopiaClient, order: Order, body: str) -> None:
    sandbox.ask_as_customer(order.number, BROKEN)
    discussion = only(client)
    with pytest.raises(InvalidRequest, match="13 to 5000"):
        client.messages.answer(discussion, body)
    assert not sandbox.calls("POST /messages")


def test_a_discussion_without_its_customer_says_what_to_do(client: OctopiaClient) -> None:
    with pytest.raises(InvalidRequest, match="read it again"):
        client.messages.answer(Discussion(discussion_id="D1"), SORRY)


@pytest.mark.parametrize("form", ["receivers", "receiver"])
def test_either_way_of_naming_the_customer_is_sent(
    sandbox: Sandbox, client: OctopiaClient, order: Order, form: Any
) -> None:
    sandbox.settings = evolve(sandbox.settings, octopia=OctopiaSettings(message_form=form))
    sandbox.ask_as_customer(order.number, BROKEN)
    client.messages.answer(only(client), SORRY, form=form)
    other = "receiver" if form == "receivers" else "receivers"
    with pytest.raises(HttpError):
        client.messages.answer(only(client), SORRY, form=other)


@pytest.mark.parametrize("operation", ["POST /messages", "POST /discussions"])
def test_a_lost_answer_never_writes_twice(
    sandbox: Sandbox, client: OctopiaClient, order: Order, operation: str
) -> None:
    sandbox.ask_as_customer(order.number, BROKEN)
    discussion = only(client)
    sandbox.inject(Fault(LoseAnswer(), on=operation))
    writes = {
        "POST /messages": lambda: client.messages.answer(discussion, SORRY),
        "POST /discussions": lambda: client.discussions.open(
            order.order_id, subject="Colis", body=SORRY, sub_typology_code="other"
        ),
    }
    with pytest.raises(OutcomeUnknown):
        writes[operation]()
    assert len(sandbox.calls(operation)) == 1


def test_an_answer_to_a_closed_discussion_is_refused(sandbox: Sandbox, client: OctopiaClient, order: Order) -> None:
    asked = sandbox.ask_as_customer(order.number, BROKEN)
    client.discussions.close(asked.id)
    client.discussions.close(asked.id)
    with pytest.raises(HttpError) as caught:
        client.messages.answer(client.discussions.get(asked.id), SORRY)
    assert caught.value.status == 409


def test_what_customers_write_is_never_shown(sandbox: Sandbox, client: OctopiaClient, order: Order) -> None:
    asked = sandbox.ask_as_customer(order.number, BROKEN, subject="Secret-sujet")
    shown = repr(client.discussions.get(asked.id))
    assert "cassée" not in shown
    assert "Secret-sujet" not in shown


@pytest.mark.parametrize("form", ["bare", "object"])
def test_counts_are_understood_in_either_form(sandbox: Sandbox, client: OctopiaClient, order: Order, form: Any) -> None:
    sandbox.settings = evolve(sandbox.settings, octopia=OctopiaSettings(counts=form))
    sandbox.ask_as_customer(order.number, BROKEN)
    assert (client.discussions.count(), client.orders.count()) == (1, 1)


# --- the recorded samples ---------------------------------------------------------------------------------------------


def test_recorded_discussions_are_understood_whole(recorded: Path) -> None:
    data, drift = json.loads((recorded / "octopia" / "discussions-response.json").read_bytes()), Drift()
    [discussion] = decode_many(Discussion, data["items"], drift)
    assert list(drift.events("GET /discussions")) == []
    assert (discussion.graduation, discussion.status) == (Graduation.CLAIM, ProcessStatus.TO_TREAT)


@pytest.mark.parametrize("name", ["message-request", "message-request-receivers"])
def test_recorded_messages_are_written_alike(recorded: Path, name: str) -> None:
    data, drift = json.loads((recorded / "octopia" / f"{name}.json").read_bytes()), Drift()
    [request] = decode_many(MessageRequest, [data], drift)
    assert encode(request) == data


def test_the_recorded_way_of_closing_is_ours(recorded: Path, sandbox: Sandbox, order: Order) -> None:
    asked = sandbox.ask_as_customer(order.number, BROKEN)
    data = json.loads((recorded / "octopia" / "discussion-close-request.json").read_bytes())
    assert data == [{"op": "replace", "path": "/isOpen", "value": False}]
    with sandbox.octopia_client() as client:
        client.discussions.close(asked.id)
    assert sandbox.discussions.all()[0].open is False
