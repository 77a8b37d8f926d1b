"""Questions and complaints over SOAP: none is passed over, and what was not answered is not taken for done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cdiscount_marketplace.errors import InvalidRequest, OperationFailed, OutcomeUnknown, UnreadableAnswer
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.soap import (
    CloseDiscussionResultMessage,
    CloseResult,
    CloseStatus,
    DiscussionMail,
    DiscussionMailListMessage,
    DiscussionMessage,
    DiscussionState,
    DiscussionStateFilter,
    MailGuidMessage,
    MailStatus,
    OfferQuestionFilter,
    OrderClaimFilter,
    OrderQuestion,
    OrderQuestionFilter,
)
from cdiscount_marketplace.soap.answers import Answer, decode_answer
from cdiscount_marketplace.soap.discussions.models import (
    GET_OFFER_QUESTION_LIST,
    GET_ORDER_CLAIM_LIST,
    GET_ORDER_QUESTION_LIST,
)
from cdiscount_marketplace.soap.operations import Operation
from support.scripted import Scripted, always, answering


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def number(discussion_id: str) -> int:
    return int(discussion_id.removeprefix("D"))


# --- reading


@pytest.mark.parametrize("listed", ["<{0}/>", '<{0} i:nil="true"/>', ""], ids=["empty", "nil", "absent"])
@pytest.mark.parametrize(
    ("operation", "member"),
    [
        (GET_OFFER_QUESTION_LIST, "OfferQuestionList"),
        (GET_ORDER_QUESTION_LIST, "OrderQuestionList"),
        (GET_ORDER_CLAIM_LIST, "OrderClaimList"),
    ],
)
def test_no_list_of_discussions_is_an_empty_one(operation: Operation[Any], member: str, listed: str) -> None:
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<{operation.name}Response xmlns="http://www.cdiscount.com"><{operation.name}Result '
        f'xmlns:i="http://www.w3.org/2001/XMLSchema-instance">{listed.format(member)}</{operation.name}Result>'
        f"</{operation.name}Response></s:Body></s:Envelope>"
    )
    answer = decode_answer(operation, body.encode())
    assert isinstance(answer, Answer)
    assert getattr(answer.result, "claims" if operation is GET_ORDER_CLAIM_LIST else "questions") == ()
    assert answer.drift == ()


def test_questions_and_complaints_are_kept_apart(sandbox: Sandbox) -> None:
    order = sandbox.place()
    question = sandbox.ask_as_customer(order.number, "Quand ?\nMerci")
    claim = sandbox.ask_as_customer(order.number, "Cassé", claim=True)
    about_offer = sandbox.ask_about_offer("MUG", "Quelle taille ?", ean="3700000000011")
    discussions = sandbox.client().discussions
    [asked], [claimed], [wondered] = discussions.order_questions(), discussions.claims(), discussions.offer_questions()
    assert [asked.id, claimed.id, wondered.id] == [number(one.id) for one in (question, claim, about_offer)]
    assert (asked.order_number, claimed.order_number) == (order.number, order.number)
    assert (wondered.product_seller_reference, wondered.product_ean) == ("MUG", "3700000000011")
    assert asked.messages[0].content == "Quand ?\r\nMerci"
    assert asked.creation_date == question.opened_at
    assert str(claimed.claim_type) == "ProductNotWorking"


def test_filters_choose_discussions(sandbox: Sandbox) -> None:
    first, second = sandbox.place(), sandbox.place()
    old = sandbox.ask_as_customer(first.number, "a")
    sandbox.advance(timedelta(days=2))
    new = sandbox.ask_as_customer(second.number, "b")
    discussions = sandbox.client().discussions
    discussions.close(number(old.id))

    def ids(wanted: OrderQuestionFilter) -> list[int | None]:
        return [question.id for question in discussions.order_questions(wanted)]

    assert ids(OrderQuestionFilter()) == [number(new.id), number(old.id)]
    assert ids(OrderQuestionFilter(order_numbers=[first.number])) == [number(old.id)]
    assert ids(OrderQuestionFilter(states=[DiscussionStateFilter.OPEN])) == [number(new.id)]
    assert ids(OrderQuestionFilter(states=[DiscussionStateFilter.ALL])) == [number(new.id), number(old.id)]
    assert ids(OrderQuestionFilter(created_to=new.opened_at - timedelta(hours=1))) == [number(old.id)]
    assert ids(OrderQuestionFilter(modified_from=new.opened_at)) == [number(new.id), number(old.id)]
    sandbox.ask_about_offer("MUG", "?")
    assert len(discussions.offer_questions(OfferQuestionFilter(seller_references=["MUG"]))) == 1
    assert discussions.offer_questions(OfferQuestionFilter(eans=["1"])) == ()
    assert discussions.claims(OrderClaimFilter(from_customer_service=True)) == ()


def test_question_about_an_offer_is_no_discussion_of_the_other_api(sandbox: Sandbox) -> None:
    sandbox.ask_about_offer("MUG", "?")
    assert list(sandbox.octopia_client().discussions.iter()) == []


def test_what_customers_write_is_in_no_repr() -> None:
    message = DiscussionMessage(content="SECRET-TEXT", sender="SECRET-NAME")
    mail = DiscussionMail(mail_address="SECRET-ADDRESS")
    question = OrderQuestion(subject="SECRET-SUBJECT", messages=(message,))
    assert "SECRET" not in f"{question!r} {mail!r} {MailGuidMessage(mail_guid='SECRET')!r}"


# --- closing


def test_each_discussion_has_its_own_result_in_the_order_given(sandbox: Sandbox) -> None:
    one = number(sandbox.ask_as_customer(sandbox.place().number, "?").id)
    discussions = sandbox.client().discussions
    assert [str(result.status) for result in discussions.close(-2, one, one)] == [
        "DiscussionNotFound",
        "DiscussionClosed",
        "DiscussionClosed",
    ]
    assert discussions.close(one)[0].status == CloseStatus.ALREADY_CLOSED
    [closed] = discussions.order_questions()
    assert (closed.status, closed.close_date) == (DiscussionState.CLOSED, closed.last_updated_date)


def test_nothing_is_asked_about_no_discussion() -> None:
    service = always(500, b"")
    discussions = service.client().discussions
    assert (discussions.close(), discussions.mail_addresses()) == ((), ())
    assert service.requests == []


def closed(*results: CloseResult) -> Scripted:
    return answering(CloseDiscussionResultMessage(operation_success=True, results=results))


@pytest.mark.parametrize(
    "service",
    [
        closed(CloseResult(discussion_id=1, status=CloseStatus.CLOSED)),
        closed(CloseResult(discussion_id=1, status=CloseStatus.CLOSED), CloseResult(discussion_id=2)),
        closed(CloseResult(discussion_id=1, status=CloseStatus.CLOSED), CloseResult(status=CloseStatus.CLOSED)),
    ],
)
def test_discussion_without_a_result_is_unknown(service: Scripted) -> None:
    with pytest.raises(OutcomeUnknown, match="discussions 2 were"):
        service.client().discussions.close(1, 2)


@pytest.mark.parametrize(
    "service", [always(500, b"<html>"), answering(CloseDiscussionResultMessage(operation_success=False))]
)
def test_unclear_answer_to_closing_is_unknown(service: Scripted) -> None:
    with pytest.raises(OutcomeUnknown):
        service.client().discussions.close(1)


# --- addresses


def test_address_is_given_for_closed_discussions_too(sandbox: Sandbox) -> None:
    one = number(sandbox.ask_as_customer(sandbox.place().number, "?").id)
    discussions = sandbox.client().discussions
    discussions.close(one)
    known, unknown = discussions.mail_addresses(one, 99)
    assert (known.status, unknown.status) == (MailStatus.CLOSED, MailStatus.UNKNOWN_ERROR)
    assert known.mail_address
    assert unknown.mail_address is None


def test_answer_that_leaves_out_an_address_is_not_taken() -> None:
    service = answering(DiscussionMailListMessage(operation_success=True, mails=(DiscussionMail(discussion_id=1),)))
    with pytest.raises(UnreadableAnswer, match="discussions 2"):
        service.client().discussions.mail_addresses(1, 2)


def test_address_of_an_order_is_the_one_that_it_bears(sandbox: Sandbox) -> None:
    order = sandbox.place()
    assert sandbox.client().discussions.mail_address(order.number) == order.encrypted_email


def test_unknown_order_is_a_clear_failure(sandbox: Sandbox) -> None:
    with pytest.raises(OperationFailed, match="does not know the order") as caught:
        sandbox.client().discussions.mail_address("2604011200ABCDE")
    assert caught.value.order_numbers == ("2604011200ABCDE",)


def test_order_shipped_long_ago_has_no_address_any_more(sandbox: Sandbox) -> None:
    order = sandbox.place(state="Shipped")
    sandbox.advance(timedelta(weeks=5))
    with pytest.raises(OperationFailed, match="4 semaines"):
        sandbox.client().discussions.mail_address(order.number)


def test_success_without_an_address_is_a_failure() -> None:
    with pytest.raises(OperationFailed, match="no address"):
        answering(MailGuidMessage(operation_success=True)).client().discussions.mail_address("A1")


def test_blank_order_number_is_refused_before_any_request() -> None:
    service = always(500, b"")
    with pytest.raises(InvalidRequest):
        service.client().discussions.mail_address(" ")
    assert service.requests == []
