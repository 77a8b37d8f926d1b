"""Questions and complaints, and how they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cdiscount_marketplace.soap.codec.declare import element, model
from cdiscount_marketplace.soap.common import SOURCE_2020, ServiceBaseMessage
from cdiscount_marketplace.soap.discussions.enums import ClaimType, DiscussionState, DiscussionStateFilter
from cdiscount_marketplace.soap.operations import Operation, Part


@model(name="Message")
class DiscussionMessage:
    """One message of a discussion."""

    sender: str | None = element(default=None, private=True)
    """Who wrote it, as shown."""
    sender_type: str | None = element(default=None, since=SOURCE_2020)
    """What kind of sender it is: Customer, Seller, Automatic or GrcOperator."""
    timestamp: datetime | None = None
    """When it was written (UTC)."""
    content: str | None = element(default=None, private=True)
    """What it says; lines end in carriage return and line feed."""


@model(name="DiscussionThreadBase")
class DiscussionThread:
    """What all discussions have."""

    id: int | None = element(default=None, xsd="long")
    """Number of the discussion."""
    status: DiscussionState | None = None
    """Where it stands."""
    subject: str | None = element(default=None, private=True)
    """Its subject, in French."""
    messages: tuple[DiscussionMessage, ...] = ()
    """What was written, oldest first."""
    creation_date: datetime | None = None
    """When it was opened (UTC)."""
    last_updated_date: datetime | None = element(default=None, nillable=True)
    """When it last changed (UTC)."""
    close_date: datetime | None = element(default=None, nillable=True)
    """When it was closed (UTC)."""


@model()
class OfferQuestion(DiscussionThread):
    """A question about a product that the seller offers."""

    product_seller_reference: str | None = None
    """The seller's own reference of the product."""
    product_ean: str | None = element(default=None, name="ProductEAN")
    """The product's EAN."""


@model()
class OrderQuestion(DiscussionThread):
    """A question about an order."""

    order_number: str | None = None
    """The order."""


@model()
class OrderClaim(OrderQuestion):
    """A complaint about an order."""

    claim_type: ClaimType | None = None
    """What the customer complains about."""


@model(name="DiscussionFilterBase")
class DiscussionFilter:
    """When discussions began or changed, and where they stand; all if nothing is set."""

    created_from: datetime | None = element(default=None, name="BeginCreationDate", nillable=True, bound="floor")
    """Opened at this time or later (aware)."""
    created_to: datetime | None = element(default=None, name="EndCreationDate", nillable=True, bound="ceil")
    """Opened at this time or before (aware)."""
    modified_from: datetime | None = element(default=None, name="BeginModificationDate", nillable=True, bound="floor")
    """Changed at this time or later (aware)."""
    modified_to: datetime | None = element(default=None, name="EndModificationDate", nillable=True, bound="ceil")
    """Changed at this time or before (aware)."""
    states: Sequence[DiscussionStateFilter] = element(default=(), name="StatusList", empty="absent")
    """In one of these states."""


@model()
class OfferQuestionFilter(DiscussionFilter):
    """Which questions about products to read."""

    seller_references: Sequence[str] = element(default=(), name="ProductSellerReferenceList", empty="absent")
    """Only about these, by the seller's own references."""
    eans: Sequence[str] = element(default=(), name="ProductEANList", empty="absent")
    """Only about products with these EANs."""


@model()
class OrderQuestionFilter(DiscussionFilter):
    """Which questions about orders to read."""

    order_numbers: Sequence[str] = element(default=(), name="OrderNumberList", empty="absent")
    """Only about these orders."""


@model()
class OrderClaimFilter(OrderQuestionFilter):
    """Which complaints to read. Give a date: without any, the service has been seen to break down."""

    from_customer_service: bool | None = element(
        default=None, name="OnlyWithMessageFromCdsCustomerService", nillable=True
    )
    """Whether only those that the marketplace's customer service wrote in."""


# A list that is nil has been seen where nothing matched: it is empty, as an absent one is.


@model()
class OfferQuestionListMessage(ServiceBaseMessage):
    """The answer of GetOfferQuestionList."""

    questions: tuple[OfferQuestion, ...] = element(default=(), name="OfferQuestionList")
    """The questions."""


@model()
class OrderQuestionListMessage(ServiceBaseMessage):
    """The answer of GetOrderQuestionList."""

    questions: tuple[OrderQuestion, ...] = element(default=(), name="OrderQuestionList")
    """The questions."""


@model()
class OrderClaimListMessage(ServiceBaseMessage):
    """The answer of GetOrderClaimList."""

    claims: tuple[OrderClaim, ...] = element(default=(), name="OrderClaimList", empty="nil")
    """The complaints."""


GET_OFFER_QUESTION_LIST = Operation(
    name="GetOfferQuestionList",
    parts=(Part("offerQuestionFilter", OfferQuestionFilter),),
    result=OfferQuestionListMessage,
    kind="read",
)
GET_ORDER_QUESTION_LIST = Operation(
    name="GetOrderQuestionList",
    parts=(Part("orderQuestionFilter", OrderQuestionFilter),),
    result=OrderQuestionListMessage,
    kind="read",
)
GET_ORDER_CLAIM_LIST = Operation(
    name="GetOrderClaimList",
    parts=(Part("orderClaimFilter", OrderClaimFilter),),
    result=OrderClaimListMessage,
    kind="read",
)
