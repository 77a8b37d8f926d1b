"""The words of discussions."""

from __future__ import annotations

from cdiscount_marketplace.enums import Member
from cdiscount_marketplace.soap.codec.declare import WireEnum


class DiscussionState(WireEnum, name="DiscussionState"):
    """Where a discussion stands."""

    OPEN = Member("Open")
    NOT_PROCESSED = Member("NotProcessed")
    CLOSED = Member("Closed")


class DiscussionStateFilter(WireEnum, name="DiscussionStateFilter"):
    """Which discussions to read."""

    ALL = Member("All")
    OPEN = Member("Open")
    NOT_PROCESSED = Member("NotProcessed")
    CLOSED = Member("Closed")


class ClaimType(WireEnum, name="ClaimType"):
    """What a customer complains about."""

    ORDER_NOT_SHIPPED = Member("OrderNotShipped")
    PACKAGE_NOT_RECEIVED = Member("PackageNotReceived")
    INCOMPLETE_PACKAGE = Member("IncompletePackage")
    MISSING_ACCESSORIES = Member("MissingAccessories")
    DAMAGED_PRODUCT = Member("DamagedProduct")
    PRODUCT_NOT_WORKING = Member("ProductNotWorking")
    WRONG_PRODUCT_REFERENCE = Member("WrongProductReference")
    PRODUCT_CANCELING = Member("ProductCanceling")
    ORDER_CANCELING = Member("OrderCanceling")
    WISH_TO_WITHDRAW = Member("WishToWithdraw")
    REFUND_NOT_RECEIVED = Member("RefundNotReceived")
    WRONG_REFUND_AMOUNT = Member("WrongRefundAmount")
    OTHER = Member("Other")


class CloseStatus(WireEnum, name="CloseDiscussionStatus"):
    """What became of closing a discussion."""

    CLOSED = Member("DiscussionClosed")
    ALREADY_CLOSED = Member("AlreadyClosed")
    NOT_FOUND = Member("DiscussionNotFound")
    CANCELLATION_PENDING = Member("UnauthorizedCancelPending")
    LAST_ANSWER = Member("UnauthorizedLastAnswer")


class MailStatus(WireEnum, name="DiscussionMailStatusEnum"):
    """Whether there is an address to answer to; an unknown discussion has been seen as `UnknownError`."""

    SUCCESS = Member("Success")
    CLOSED = Member("DiscussionClosed")
    NOT_FOUND = Member("DiscussionNotFound")
    UNKNOWN_ERROR = Member("UnknownError")
