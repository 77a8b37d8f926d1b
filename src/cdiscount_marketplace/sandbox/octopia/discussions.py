"""Discussions and messages in the REST API's shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from cdiscount_marketplace.octopia.bodies import is_array, is_object
from cdiscount_marketplace.octopia.codec import write_moment
from cdiscount_marketplace.sandbox.discussions import CUSTOMER, SELLER, Discussion, Message
from cdiscount_marketplace.sandbox.exchange import Answer
from cdiscount_marketplace.sandbox.octopia.asked import Asked, Handler, count_answer, page_answer
from cdiscount_marketplace.sandbox.octopia.commands import object_of, read_json
from cdiscount_marketplace.sandbox.octopia.errors import Problem, json_answer
from cdiscount_marketplace.sandbox.octopia.listing import index_page, moment

_SHORTEST, _LONGEST = 13, 5000
_TOPICS: Final = ("broken-product", "late-delivery", "missing-part", "other")


# --- reading ----------------------------------------------------------------------------------------------------------


def _list(asked: Asked) -> Answer:
    page = index_page(_matching(asked), asked.query)
    which = asked.query.get("includeMessages")
    return page_answer(asked, page, [_shown(asked, one, _some(one, which)) for one in page.items])


def _count(asked: Asked) -> Answer:
    return count_answer(asked, len(_matching(asked)))


def _get(asked: Asked) -> Answer:
    discussion = _discussion(asked, asked.parts[0])
    return json_answer(_shown(asked, discussion, discussion.messages))


def _discussion(asked: Asked, discussion_id: object) -> Discussion:
    found = asked.market.discussions.find(discussion_id) if isinstance(discussion_id, str) else None
    if found is None:
        raise Problem(404, "The discussion does not exist.")
    return found


def _matching(asked: Asked) -> list[Discussion]:
    tests = list(_tests(asked))
    return [one for one in asked.market.discussions.all() if one.order and all(test(one) for test in tests)]


def _tests(asked: Asked) -> Iterator[Callable[[Discussion], bool]]:
    query = asked.query
    words: dict[str, Callable[[Discussion], object]] = {
        "discussionId": lambda one: one.id,
        "orderSellerId": lambda one: _order_id(asked, one),
        "salesChannel": lambda one: one.channel,
        "isOpen": lambda one: str(one.open).lower(),
        "processStatus": _status,
        "subTypologyCode": lambda one: one.topic,
        "graduationCode": _graduation,
    }
    for name, member in words.items():
        if query.get(name):
            yield _equal(member, query[name])
    begin, end = moment(query, "updatedAtMin"), moment(query, "updatedAtMax")
    yield lambda one: (begin is None or one.updated_at >= begin) and (end is None or one.updated_at <= end)


def _equal(member: Callable[[Discussion], object], value: str) -> Callable[[Discussion], bool]:
    return lambda one: member(one) == value


def _some(discussion: Discussion, which: str | None) -> tuple[Message, ...]:
    ends = {"FirstMessage": discussion.messages[:1], "LastMessage": discussion.messages[-1:]}
    return ends.get(which or "", ())


def _shown(asked: Asked, one: Discussion, messages: tuple[Message, ...]) -> dict[str, Any]:
    return {
        "discussionId": one.id,
        "subject": one.subject,
        "orderSellerId": _order_id(asked, one),
        "orderReference": one.order,
        "customerId": one.customer,
        "salesChannel": one.channel,
        "typologyCode": "order",
        "subTypologyCode": one.topic,
        "graduation": _graduation(one),
        "isOpen": one.open,
        "status": _status(one),
        "createdAt": write_moment(one.opened_at),
        "updatedAt": write_moment(one.updated_at),
        "messages": [_message(one, message) for message in messages],
    }


def _message(discussion: Discussion, message: Message) -> dict[str, Any]:
    user = discussion.customer if message.author == CUSTOMER else "seller"
    return {
        "messageId": message.id,
        "body": message.body,
        "sender": {"userId": user, "userType": message.author},
        "createdAt": write_moment(message.at),
        "hasRead": message.read,
        "attachments": [{"fileName": name} for name in message.files],
    }


def _order_id(asked: Asked, one: Discussion) -> str:
    return asked.book.get(one.order).order_id if one.order in asked.book else one.order


def _status(one: Discussion) -> str:
    return "ToTreat" if one.waits else "Treated"


def _graduation(one: Discussion) -> str:
    return "Claim" if one.claim else "Discussion"


# --- writing ----------------------------------------------------------------------------------------------------------


def _open(asked: Asked) -> Answer:
    body = object_of(read_json(asked.body))
    order = asked.order(body.get("orderId"))
    message = object_of(body.get("message"))
    subject = _text(body, "subject")
    if body.get("subtypologyCode") not in _TOPICS:
        raise Problem.of_member("subtypologyCode", f"The value must be one of {', '.join(_TOPICS)}.")
    discussion = asked.market.discussions.begin(
        order=order.number,
        customer=order.customer.key or "customer",
        subject=subject,
        body=_words(message),
        author=SELLER,
        topic=str(body["subtypologyCode"]),
        files=_files(message),
    )
    return json_answer({"discussionId": discussion.id}, status=201)


def _write(asked: Asked) -> Answer:
    body = object_of(read_json(asked.body))
    discussion = _discussion(asked, body.get("discussionId"))
    words, files = _words(body), _files(body)
    _ensure_receiver(asked, body, discussion)
    if not discussion.open:
        raise Problem(409, "The discussion is closed.")
    changed = asked.market.discussions.write(discussion.id, words, author=SELLER, files=files)
    return json_answer({"messageId": changed.messages[-1].id}, status=201)


def _ensure_receiver(asked: Asked, body: Mapping[str, Any], discussion: Discussion) -> None:
    if asked.switches.message_form == "receiver":
        if body.get("receiver") != CUSTOMER:
            raise Problem.of_member("receiver", "The value must be Customer.")
        return
    receivers = body.get("receivers")
    named = [one.get("userId") for one in receivers if is_object(one)] if is_array(receivers) else []
    if discussion.customer not in named:
        raise Problem.of_member("receivers", "The customer of the discussion is not named.")


def _patch(asked: Asked) -> Answer:
    discussion = _discussion(asked, asked.parts[0])
    if _replaced(asked, "/isOpen") is not False:
        raise Problem.of_member("[0].value", "The value must be false.")
    asked.market.discussions.close(discussion.id)
    return Answer(status=204, content_type="", ran=True)


def _patch_message(asked: Asked) -> Answer:
    if _replaced(asked, "/hasRead") is not True:
        raise Problem.of_member("[0].value", "The value must be true.")
    if not asked.market.discussions.mark_read(asked.parts[0]):
        raise Problem(404, "The message does not exist.")
    return Answer(status=204, content_type="", ran=True)


def _replaced(asked: Asked, path: str) -> object:
    """Read a JSON Patch of one replacement; `opt` and texts are taken, as one client writes them."""
    steps = read_json(asked.body)
    step = steps[0] if is_array(steps) and len(steps) == 1 else None
    if not is_object(step) or step.get("path") != path or "replace" not in (step.get("op"), step.get("opt")):
        raise Problem.of_member("$", f"The value must be a patch that replaces {path}.")
    value = step.get("value")
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _words(body: Mapping[str, Any]) -> str:
    words = _text(body, "body")
    if not _SHORTEST <= len(words) <= _LONGEST:
        raise Problem.of_member("body", f"The text must have {_SHORTEST} to {_LONGEST} characters.")
    return words


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Problem.of_member(name, "The value must be a text that is not empty.")
    return value


def _files(body: Mapping[str, Any]) -> tuple[str, ...]:
    files = body.get("attachments")
    if files is None:
        return ()
    if not is_array(files) or not all(is_object(one) and isinstance(one.get("fileName"), str) for one in files):
        raise Problem.of_member("attachments", "The value must be a list of files.")
    return tuple(one["fileName"] for one in files)


HANDLERS: Mapping[str, Handler] = {
    "GET /discussions": _list,
    "GET /discussions/count": _count,
    "GET /discussions/{discussionId}": _get,
    "POST /discussions": _open,
    "PATCH /discussions/{discussionId}": _patch,
    "POST /messages": _write,
    "PATCH /messages/{messageId}": _patch_message,
}
