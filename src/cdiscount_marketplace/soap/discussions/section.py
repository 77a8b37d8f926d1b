"""`client.discussions`: questions and complaints of customers. Answers are e-mails: the API only says where to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from attrs import frozen

from cdiscount_marketplace.errors import InvalidRequest, OperationFailed, OutcomeUnknown, Problem, UnreadableAnswer
from cdiscount_marketplace.soap.discussions.models import (
    GET_OFFER_QUESTION_LIST,
    GET_ORDER_CLAIM_LIST,
    GET_ORDER_QUESTION_LIST,
    OfferQuestion,
    OfferQuestionFilter,
    OrderClaim,
    OrderClaimFilter,
    OrderQuestion,
    OrderQuestionFilter,
)
from cdiscount_marketplace.soap.discussions.replies import (
    CLOSE_DISCUSSION_LIST,
    GENERATE_DISCUSSION_MAIL_GUID,
    GET_DISCUSSION_MAIL_LIST,
    CloseDiscussionRequest,
    CloseResult,
    DiscussionMail,
    GetDiscussionMailListRequest,
    MailGuidRequest,
)
from cdiscount_marketplace.soap.service import NO_REASON, Service

T = TypeVar("T")


@frozen
class Discussions:
    """Read questions and complaints, close them, find out where to answer. Thread-safe."""

    _service: Service

    def offer_questions(self, question_filter: OfferQuestionFilter | None = None) -> tuple[OfferQuestion, ...]:
        """Read questions about products (GetOfferQuestionList); may be repeated."""
        return self._service.read(GET_OFFER_QUESTION_LIST, question_filter or OfferQuestionFilter()).result.questions

    def order_questions(self, question_filter: OrderQuestionFilter | None = None) -> tuple[OrderQuestion, ...]:
        """Read questions about orders (GetOrderQuestionList); may be repeated."""
        return self._service.read(GET_ORDER_QUESTION_LIST, question_filter or OrderQuestionFilter()).result.questions

    def claims(self, claim_filter: OrderClaimFilter | None = None) -> tuple[OrderClaim, ...]:
        """Read complaints about orders (GetOrderClaimList); may be repeated."""
        return self._service.read(GET_ORDER_CLAIM_LIST, claim_filter or OrderClaimFilter()).result.claims

    def close(self, *ids: int) -> tuple[CloseResult, ...]:
        """Close discussions and return what became of each, in the order given (CloseDiscussionList).

        May be repeated: one that is closed is then `CloseStatus.ALREADY_CLOSED`. Raises `OutcomeUnknown` when no clear
        answer came, or none for one of them.
        """
        if not ids:
            return ()
        answered = self._service.submit(CLOSE_DISCUSSION_LIST, CloseDiscussionRequest(ids=tuple(dict.fromkeys(ids))))
        results = {result.discussion_id: result for result in answered.results if result.status is not None}
        missing = _missing(ids, results)
        if missing:
            raise OutcomeUnknown(
                f"it is not known whether discussions {missing} were closed",
                operation=CLOSE_DISCUSSION_LIST.name,
                hint="read them, or close them again: that does no harm",
            )
        return tuple(results[discussion_id] for discussion_id in ids)

    def mail_addresses(self, *ids: int) -> tuple[DiscussionMail, ...]:
        """Read where to answer discussions, in the order given (GetDiscussionMailList); may be repeated.

        Raises `UnreadableAnswer` if the answer leaves one out.
        """
        if not ids:
            return ()
        request = GetDiscussionMailListRequest(ids=tuple(dict.fromkeys(ids)))
        mails = {
            mail.discussion_id: mail for mail in self._service.read(GET_DISCUSSION_MAIL_LIST, request).result.mails
        }
        missing = _missing(ids, mails)
        if missing:
            message = f"the answer leaves out discussions {missing}"
            raise UnreadableAnswer(message, operation=GET_DISCUSSION_MAIL_LIST.name)
        return tuple(mails[discussion_id] for discussion_id in ids)

    def mail_address(self, order_number: str) -> str:
        """Read the address of an order's customer (GenerateDiscussionMailGuid); may be repeated.

        It is the order's `customer.encrypted_email`, where that is known. Raises `OperationFailed` for an order that
        the service does not know, and for one that was shipped more than four weeks ago.
        """
        if not order_number.strip():
            problem = Problem("order_number", "must not be empty")
            raise InvalidRequest([problem], operation=GENERATE_DISCUSSION_MAIL_GUID.name)
        try:
            answered = self._service.read(GENERATE_DISCUSSION_MAIL_GUID, MailGuidRequest(order_number=order_number))
        except OperationFailed as error:
            raise _explained(error, order_number) from None
        if not answered.result.mail_guid:
            raise _no_address(order_number)
        return answered.result.mail_guid


def _missing(ids: Iterable[int], answered: Mapping[int | None, T]) -> str:
    return ", ".join(str(discussion_id) for discussion_id in dict.fromkeys(ids) if discussion_id not in answered)


def _explained(error: OperationFailed, order_number: str) -> OperationFailed:
    # For an order that it does not know, the service reports a failure and says nothing more.
    if error.message == NO_REASON:
        return _no_address(order_number)
    return error.about(order_numbers=(order_number,))


def _no_address(order_number: str) -> OperationFailed:
    return OperationFailed(
        "the service gives no address: it does not know the order, or the order is not this account's",
        operation=GENERATE_DISCUSSION_MAIL_GUID.name,
        order_numbers=(order_number,),
    )
