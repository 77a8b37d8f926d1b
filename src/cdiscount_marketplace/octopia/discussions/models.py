"""Discussions and their messages, as the REST API shows and takes them.

The filters and the main members are documented; how an attachment looks is known from one client only.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal

from attrs import frozen

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.errors import Problem
from cdiscount_marketplace.octopia.codec import (
    flag,
    many,
    moment,
    one,
    private_text,
    text,
    word,
    write_moment,
)

ReceiverForm = Literal["receivers", "receiver"]
SHORTEST: Final = 13
LONGEST: Final = 5000


class Graduation(OpenEnum):
    """How serious a discussion is."""

    DISCUSSION = Member("Discussion")
    CLAIM = Member("Claim")
    LEVEL_1 = Member("Level_1")


class ProcessStatus(OpenEnum):
    """Whether a discussion waits for the seller."""

    TO_TREAT = Member("ToTreat")
    TREATED = Member("Treated")


@frozen(kw_only=True, weakref_slot=False)
class Sender:
    """Who wrote a message: `user_type` is Customer, Seller or GrcOperator (Cdiscount's customer service)."""

    user_id: str | None = text()
    user_type: str | None = text()


@frozen(kw_only=True, weakref_slot=False)
class Receiver:
    """Who gets a message; for the customer, `user_id` is the discussion's `customer_id`."""

    user_id: str | None = text()
    user_type: str | None = text()


@frozen(kw_only=True, weakref_slot=False)
class Attachment:
    """A file of a message; `content` is base64. Members that no source documents are not sent."""

    file_name: str | None = text(also=("name",))
    content_type: str | None = text(also=("mimeType",))
    content: str | None = private_text()
    url: str | None = text()

    @classmethod
    def of(cls, file_name: str, data: bytes, content_type: str = "application/octet-stream") -> Attachment:
        """Make an attachment of a file's bytes."""
        return cls(file_name=file_name, content_type=content_type, content=base64.b64encode(data).decode())

    @property
    def data(self) -> bytes | None:
        """The file's bytes; None where the answer has only a link to them."""
        return None if self.content is None else base64.b64decode(self.content)


@frozen(kw_only=True, weakref_slot=False)
class Message:
    """One message; its text is personal data and never shown in a repr."""

    message_id: str | None = text(also=("id",))
    body: str | None = private_text()
    sender: Sender | None = one(Sender)
    receivers: tuple[Receiver, ...] = many(Receiver)
    created_at: datetime | None = moment()
    has_read: bool | None = flag()
    attachments: tuple[Attachment, ...] = many(Attachment)


@frozen(kw_only=True, weakref_slot=False)
class Discussion:
    """A discussion with a customer; its messages are all there when it is read alone, in a list as was asked for.

    `order_seller_id` is the order's orderId, `order_reference` its shown number. `is_open` is whether it can be
    answered, `status` whether it waits for the seller.
    """

    discussion_id: str | None = text(also=("id",))
    subject: str | None = private_text()
    order_seller_id: str | None = text(also=("orderId",))
    order_reference: str | None = text()
    product_id: str | None = text()
    offer_id: str | None = text()
    customer_id: str | None = text()
    sales_channel: str | None = text(also=("salesChannelId",))
    typology_code: str | None = text()
    sub_typology_code: str | None = text(also=("subtypologyCode",))
    graduation: Graduation | None = word(Graduation, also=("graduationCode",))
    is_open: bool | None = flag()
    status: ProcessStatus | None = word(ProcessStatus, also=("processStatus",))
    created_at: datetime | None = moment()
    updated_at: datetime | None = moment()
    messages: tuple[Message, ...] = many(Message)


@frozen(kw_only=True, weakref_slot=False)
class MessageRequest:
    """A message to send; `message_to` fills it in the spelling of a source."""

    discussion_id: str | None = text()
    sales_channel: str | None = text()
    body: str | None = private_text()
    receivers: tuple[Receiver, ...] = many(Receiver)
    receiver: str | None = text()
    attachments: tuple[Attachment, ...] = many(Attachment)


@frozen(kw_only=True, weakref_slot=False)
class DiscussionRequest:
    """What opens a discussion about an order."""

    subject: str | None = private_text()
    order_id: str | None = text()
    sales_channel: str | None = text()
    sub_typology_code: str | None = text(name="subtypologyCode")
    product_id: str | None = text()
    message: MessageRequest | None = one(MessageRequest)


@frozen(kw_only=True, weakref_slot=False)
class DiscussionFilter:
    """Which discussions to list; what is not given is not sent. Times are aware.

    `include_messages` adds the `FirstMessage` or the `LastMessage` of each.
    """

    discussion_id: str | None = None
    order_seller_id: str | None = None
    is_open: bool | None = None
    process_status: ProcessStatus | None = None
    typology_code: str | None = None
    sub_typology_code: str | None = None
    graduation: Graduation | None = None
    updated_at_min: datetime | None = None
    updated_at_max: datetime | None = None
    include_messages: Literal["FirstMessage", "LastMessage"] | None = None
    sort: str | None = None

    def parameters(self, sales_channel: str) -> dict[str, str]:
        """Return the query parameters of a list, without paging."""
        values = {
            **self._shared(sales_channel),
            "discussionId": self.discussion_id,
            "orderSellerId": self.order_seller_id,
            "typologyCode": self.typology_code,
            "subTypologyCode": self.sub_typology_code,
            "updatedAtMin": self.updated_at_min and write_moment(self.updated_at_min),
            "updatedAtMax": self.updated_at_max and write_moment(self.updated_at_max),
            "includeMessages": self.include_messages,
            "sort": self.sort,
        }
        return {name: str(value) for name, value in values.items() if value}

    def count_parameters(self, sales_channel: str) -> dict[str, str]:
        """Return the query parameters of a count, which knows fewer filters."""
        values = {**self._shared(sales_channel), "graduationCode": self.graduation}
        return {name: str(value) for name, value in values.items() if value}

    def _shared(self, sales_channel: str) -> dict[str, str | None]:
        return {
            "salesChannel": sales_channel,
            "isOpen": None if self.is_open is None else str(self.is_open).lower(),
            "processStatus": self.process_status,
        }


def message_to(
    customer: str | None, body: str, attachments: tuple[Attachment, ...], form: ReceiverForm
) -> MessageRequest:
    """Compose a message to the customer, in the spelling of a source."""
    if form == "receiver":
        return MessageRequest(body=body, receiver="Customer", attachments=attachments)
    to = Receiver(user_id=customer, user_type="Customer")
    return MessageRequest(body=body, receivers=(to,), attachments=attachments)


def body_problems(body: str) -> Iterator[Problem]:
    """Name what the service would refuse of a message's text."""
    length = len(body.strip())
    if not SHORTEST <= length <= LONGEST:
        yield Problem("body", f"has {length} characters: write {SHORTEST} to {LONGEST}")
