"""Closing discussions, and the addresses that answers are mailed to."""

from __future__ import annotations

from collections.abc import Sequence

from cdiscount_marketplace.soap.codec.declare import MAIL_DATA, element, model
from cdiscount_marketplace.soap.common import ServiceBaseMessage
from cdiscount_marketplace.soap.discussions.enums import CloseStatus, MailStatus
from cdiscount_marketplace.soap.operations import Operation, Part


@model()
class CloseDiscussionRequest:
    """Which discussions to close."""

    ids: Sequence[int] = element(default=(), name="DiscussionIds", xsd="long")
    """Their numbers."""


@model(name="CloseDiscussionResult")
class CloseResult:
    """What became of closing one discussion."""

    discussion_id: int | None = element(default=None, xsd="long")
    """Number of the discussion."""
    status: CloseStatus | None = element(default=None, name="OperationStatus")
    """What became of it."""


@model()
class CloseDiscussionResultMessage(ServiceBaseMessage):
    """The answer of CloseDiscussionList."""

    results: tuple[CloseResult, ...] = element(default=(), name="CloseDiscussionResultList")
    """One per discussion."""


@model()
class GetDiscussionMailListRequest:
    """Which discussions to answer."""

    ids: Sequence[int] = element(default=(), name="DiscussionIds", xsd="long")
    """Their numbers."""


@model()
class DiscussionMail:
    """Where to answer one discussion."""

    discussion_id: int | None = element(default=None, xsd="long")
    """Number of the discussion."""
    mail_address: str | None = element(default=None, private=True)
    """The address to write to; given for a closed discussion, too."""
    status: MailStatus | None = element(default=None, name="OperationStatus")
    """Whether there is one."""


@model()
class DiscussionMailListMessage(ServiceBaseMessage):
    """The answer of GetDiscussionMailList."""

    mails: tuple[DiscussionMail, ...] = element(default=(), name="DiscussionMailList")
    """One per discussion."""


@model(name="DiscussionMailGuidCreationRequestMessage", namespace=MAIL_DATA)
class MailGuidRequest:
    """Whose customer to write to."""

    order_number: str | None = element(default=None, name="ScopusId")
    """The order."""


@model(name="DiscussionMailGuidCreationResultMessage", namespace=MAIL_DATA)
class MailGuidMessage(ServiceBaseMessage):
    """The answer of GenerateDiscussionMailGuid."""

    mail_guid: str | None = element(default=None, private=True)
    """The whole address, not only an identifier."""


CLOSE_DISCUSSION_LIST = Operation(
    name="CloseDiscussionList",
    parts=(Part("closeDiscussionRequest", CloseDiscussionRequest),),
    result=CloseDiscussionResultMessage,
    kind="write",
)
GET_DISCUSSION_MAIL_LIST = Operation(
    name="GetDiscussionMailList",
    parts=(Part("request", GetDiscussionMailListRequest),),
    result=DiscussionMailListMessage,
    kind="read",
)
# It has answered the address that the order bears already, so that asking twice changes nothing.
GENERATE_DISCUSSION_MAIL_GUID = Operation(
    name="GenerateDiscussionMailGuid",
    parts=(Part("request", MailGuidRequest),),
    result=MailGuidMessage,
    kind="read",
)
