"""`client.discussions` and `client.messages`: read what customers write, answer, close."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import evolve

from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.octopia.api import Api, Body, Reply, count_of, json_body, segment
from cdiscount_marketplace.octopia.bodies import is_object, member
from cdiscount_marketplace.octopia.codec import encode
from cdiscount_marketplace.octopia.discussions.models import (
    Attachment,
    Discussion,
    DiscussionFilter,
    DiscussionRequest,
    MessageRequest,
    ReceiverForm,
    body_problems,
    message_to,
)
from cdiscount_marketplace.octopia.lists import index_pages

_PATH: Final = "/discussions"
_MESSAGES: Final = "/messages"


class Discussions:
    """Discussions with customers; reached as `client.discussions`. Thread-safe."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def iter(self, filter: DiscussionFilter | None = None) -> Iterator[Discussion]:  # noqa: A002 (reads best at the call)
        """List discussions on the client's sales channel; pages are read as the iterator is used.

        Messages come only as the filter asks for them: read a discussion alone for all of them.
        """
        query = (filter or DiscussionFilter()).parameters(self._api.sales_channel_id)
        for reply in index_pages(self._api, _PATH, query):
            yield from reply.decoded_many(Discussion)

    def count(self, filter: DiscussionFilter | None = None) -> int:  # noqa: A002 (reads best at the call)
        """Count discussions by `is_open`, `process_status` and `graduation`; other filters are not sent."""
        query = (filter or DiscussionFilter()).count_parameters(self._api.sales_channel_id)
        return count_of(self._api.read(f"GET {_PATH}/count", f"{_PATH}/count", query))

    def get(self, discussion_id: str) -> Discussion:
        """Read one discussion with all its messages; raises `HttpError` with status 404 for an unknown one."""
        return self._api.read(f"GET {_PATH}/{{discussionId}}", self._path(discussion_id)).decoded(Discussion)

    def open(
        self,
        order_id: str,
        *,
        subject: str,
        body: str,
        sub_typology_code: str,
        customer_id: str | None = None,
        product_id: str | None = None,
        attachments: Sequence[Attachment] = (),
        form: ReceiverForm = "receiver",
    ) -> str | None:
        """Write to the customer of an order, and return the new discussion's id, if the answer contains it.

        Never repeated by itself once it may have run: `OutcomeUnknown` means to look before writing again.
        """
        _ensure(body, {"subject": subject, "sub_typology_code": sub_typology_code, "order_id": order_id})
        request = DiscussionRequest(
            subject=subject,
            order_id=order_id,
            sales_channel=self._api.sales_channel_id,
            sub_typology_code=sub_typology_code,
            product_id=product_id,
            message=message_to(customer_id, body, tuple(attachments), form),
        )
        return _id_in(self._api.send(f"POST {_PATH}", _PATH, json_body(encode(request))), "discussionId")

    def close(self, discussion_id: str) -> None:
        """Close a discussion; closing it twice changes nothing."""
        operation = f"PATCH {_PATH}/{{discussionId}}"
        self._api.state(operation, self._path(discussion_id), _replacing("/isOpen", value=False), method="PATCH")

    def _path(self, discussion_id: str) -> str:
        return f"{_PATH}/{segment('discussion_id', discussion_id)}"


class Messages:
    """Messages in discussions; reached as `client.messages`. Thread-safe."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def answer(
        self,
        discussion: Discussion,
        body: str,
        *,
        attachments: Sequence[Attachment] = (),
        form: ReceiverForm = "receivers",
    ) -> str | None:
        """Answer the customer in a discussion, with 13 to 5,000 characters; return the message's id, if there is one.

        The customer is named in a list of receivers; one public client writes the one word `receiver`:
        `form="receiver"` sends that. Raises `InvalidRequest` before sending, and `OutcomeUnknown`: look at the
        discussion before writing again.
        """
        _ensure(body, {"discussion_id": discussion.discussion_id or ""})
        if form == "receivers" and not discussion.customer_id:
            raise InvalidRequest(
                [Problem("discussion", "does not name its customer: read it again, or use 'receiver'")]
            )
        request: MessageRequest = evolve(
            message_to(discussion.customer_id, body, tuple(attachments), form),
            discussion_id=discussion.discussion_id,
            sales_channel=discussion.sales_channel or self._api.sales_channel_id,
        )
        return _id_in(self._api.send(f"POST {_MESSAGES}", _MESSAGES, json_body(encode(request))), "messageId")

    def mark_read(self, message_id: str) -> None:
        """Mark a message as read; doing it twice changes nothing."""
        path = f"{_MESSAGES}/{segment('message_id', message_id)}"
        operation = f"PATCH {_MESSAGES}/{{messageId}}"
        self._api.state(operation, path, _replacing("/hasRead", value=True), method="PATCH")


def _replacing(path: str, *, value: bool) -> Body:
    # Clients that work send it as any other JSON.
    return json_body([{"op": "replace", "path": path, "value": value}])


def _ensure(body: str, needed: dict[str, str]) -> None:
    problems = [Problem(name, "is required") for name, value in needed.items() if not value.strip()]
    problems += body_problems(body)
    if problems:
        raise InvalidRequest(problems)


def _id_in(reply: Reply, name: str) -> str | None:
    data = reply.data
    value = member(data, name) or member(data, "id") if is_object(data) else data
    return value if isinstance(value, str) else None
