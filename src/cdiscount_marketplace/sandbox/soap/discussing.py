"""Discussions over SOAP: lists of questions and complaints, closing them, and addresses to answer to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import md5
from typing import Any, Final
from zoneinfo import ZoneInfo

from cdiscount_marketplace.sandbox.discussions import CUSTOMER, Discussion
from cdiscount_marketplace.sandbox.rules import Refused
from cdiscount_marketplace.sandbox.soap.asked import Asked, Handler, Reply
from cdiscount_marketplace.sandbox.soap.listing import Bounds
from cdiscount_marketplace.sandbox.soap.requests import Values
from cdiscount_marketplace.sandbox.states import State
from cdiscount_marketplace.soap.discussions.enums import ClaimType, CloseStatus, DiscussionState, MailStatus
from cdiscount_marketplace.soap.discussions.models import (
    DiscussionMessage,
    OfferQuestion,
    OfferQuestionListMessage,
    OrderClaim,
    OrderClaimListMessage,
    OrderQuestion,
    OrderQuestionListMessage,
)
from cdiscount_marketplace.soap.discussions.replies import (
    CloseDiscussionResultMessage,
    CloseResult,
    DiscussionMail,
    DiscussionMailListMessage,
    MailGuidMessage,
)

_CLAIMS: Final = {"broken-product": ClaimType.PRODUCT_NOT_WORKING}
_ALIAS_LIFE: Final = timedelta(weeks=4)
_TOO_OLD: Final = "Vous ne pouvez obtenir les alias de clients dont la commande est expédiée depuis plus de 4 semaines"
_NO_REQUEST: Final = "Demande de création de discussion invalide"


def get_offer_question_list(asked: Asked) -> Reply:
    """List the questions about products."""
    values = asked.part("offerQuestionFilter")
    references, eans = values.many("ProductSellerReferenceList"), values.many("ProductEANList")
    found = [
        one
        for one in _select(asked, values, lambda one: not one.order)
        if (not references or one.reference in references) and (not eans or one.ean in eans)
    ]
    shown = tuple(
        OfferQuestion(**_thread(one), product_seller_reference=one.reference, product_ean=one.ean) for one in found
    )
    return Reply(OfferQuestionListMessage(questions=shown))


def get_order_question_list(asked: Asked) -> Reply:
    """List the questions about orders."""
    found = _of_orders(asked, "orderQuestionFilter", claims=False)
    return Reply(
        OrderQuestionListMessage(
            questions=tuple(OrderQuestion(**_thread(one), order_number=one.order) for one in found)
        )
    )


def get_order_claim_list(asked: Asked) -> Reply:
    """List the complaints about orders."""
    found = _of_orders(asked, "orderClaimFilter", claims=True)
    # Nobody from the marketplace's customer service writes here.
    if asked.part("orderClaimFilter").truth("OnlyWithMessageFromCdsCustomerService"):
        found = []
    shown = tuple(
        OrderClaim(**_thread(one), order_number=one.order, claim_type=_CLAIMS.get(one.topic, ClaimType.OTHER))
        for one in found
    )
    return Reply(OrderClaimListMessage(claims=shown))


def close_discussion_list(asked: Asked) -> Reply:
    """Close discussions."""
    ids = asked.part("closeDiscussionRequest").many("DiscussionIds")
    results = tuple(CloseResult(discussion_id=number, status=_close(asked, number)) for number in ids)
    return Reply(CloseDiscussionResultMessage(results=results))


def get_discussion_mail_list(asked: Asked) -> Reply:
    """Say where to answer discussions."""
    ids = asked.part("request").many("DiscussionIds")
    return Reply(DiscussionMailListMessage(mails=tuple(_mail(asked, number) for number in ids)))


def generate_discussion_mail_guid(asked: Asked) -> Reply:
    """Say where to write to the customer of an order."""
    number = asked.part("request").text("ScopusId")
    if not number:
        return Reply(MailGuidMessage(), message=_NO_REQUEST, code="UnexpectedException", success=False)
    try:
        order = asked.book.reach(number)
    except Refused:
        return Reply(MailGuidMessage(), success=False)
    if order.state == State.SHIPPED and asked.book.now() - order.entered_at > _ALIAS_LIFE:
        return Reply(MailGuidMessage(), message=_TOO_OLD, success=False)
    return Reply(MailGuidMessage(mail_guid=order.encrypted_email), order_numbers=(number,))


def _of_orders(asked: Asked, part: str, *, claims: bool) -> list[Discussion]:
    values = asked.part(part)
    numbers = values.many("OrderNumberList")
    found = _select(asked, values, lambda one: bool(one.order) and one.claim == claims)
    return [one for one in found if not numbers or one.order in numbers]


def _select(asked: Asked, values: Values, is_wanted: Callable[[Discussion], bool]) -> list[Discussion]:
    zone, states = ZoneInfo(asked.book.settings.zone), values.many("StatusList")
    created = Bounds(begin=values.get("BeginCreationDate"), end=values.get("EndCreationDate"))
    modified = Bounds(begin=values.get("BeginModificationDate"), end=values.get("EndModificationDate"))
    return [
        one
        for one in reversed(asked.market.discussions.all())
        if is_wanted(one)
        and (not states or "All" in states or str(_state(one)) in states)
        and created.hold(one.opened_at, zone)
        and modified.hold(one.updated_at, zone)
    ]


def _thread(one: Discussion) -> dict[str, Any]:
    return {
        "id": _number(one),
        "status": _state(one),
        "subject": one.subject,
        "messages": tuple(
            DiscussionMessage(
                content=message.body.replace("\r\n", "\n").replace("\n", "\r\n"),
                sender="Client" if message.author == CUSTOMER else "Vendeur",
                timestamp=message.at,
            )
            for message in one.messages
        ),
        "creation_date": one.opened_at,
        "last_updated_date": one.updated_at,
        "close_date": None if one.open else one.updated_at,
    }


def _state(one: Discussion) -> DiscussionState:
    return DiscussionState.OPEN if one.open else DiscussionState.CLOSED


def _number(one: Discussion) -> int:
    return int(one.id.removeprefix("D"))


def _find(asked: Asked, number: int) -> Discussion | None:
    return asked.market.discussions.find(f"D{number:06d}")


def _close(asked: Asked, number: int) -> CloseStatus:
    one = _find(asked, number)
    if one is None:
        return CloseStatus.NOT_FOUND
    if not one.open:
        return CloseStatus.ALREADY_CLOSED
    asked.market.discussions.close(one.id)
    return CloseStatus.CLOSED


def _mail(asked: Asked, number: int) -> DiscussionMail:
    one = _find(asked, number)
    if one is None:
        return DiscussionMail(discussion_id=number, status=MailStatus.UNKNOWN_ERROR)
    alias = md5(one.id.encode(), usedforsecurity=False).hexdigest()
    status = MailStatus.SUCCESS if one.open else MailStatus.CLOSED
    return DiscussionMail(discussion_id=number, mail_address=f"c.{alias}@example.com", status=status)


HANDLERS: Mapping[str, Handler] = {
    "CloseDiscussionList": close_discussion_list,
    "GenerateDiscussionMailGuid": generate_discussion_mail_guid,
    "GetDiscussionMailList": get_discussion_mail_list,
    "GetOfferQuestionList": get_offer_question_list,
    "GetOrderClaimList": get_order_claim_list,
    "GetOrderQuestionList": get_order_question_list,
}
