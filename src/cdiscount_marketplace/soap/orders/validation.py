"""ValidateOrderList: what sellers say about orders, and what the service answers, per order and per line."""

from __future__ import annotations

from collections.abc import Sequence

from cdiscount_marketplace.soap.codec.declare import element, model
from cdiscount_marketplace.soap.common import SOURCE_DOCS, Error, ProductCondition, ServiceBaseMessage
from cdiscount_marketplace.soap.operations import Operation, Part
from cdiscount_marketplace.soap.orders.enums import AcceptationState, OrderState, TypeOfReturn


@model()
class ValidateOrderLine:
    """A decision about one line."""

    acceptation_state: AcceptationState | None = None
    """What becomes of the line."""
    product_condition: ProductCondition | None = None
    """New or used, as on the order's line."""
    seller_product_id: str | None = None
    """The seller's reference, which names the line; the product id where the line has no reference."""
    sku: str | None = element(default=None, since=SOURCE_DOCS)
    """The marketplace's product id, to tell lines of one reference apart."""
    type_of_return: TypeOfReturn | None = element(default=None, nillable=True)
    """What to ask of the warehouse, for lines that it fulfils."""


@model()
class ValidateOrder:
    """A decision about one order. Carrier and tracking belong to `Shipped` only, one parcel number per order."""

    carrier_name: str | None = None
    """Carrier, as the service lists it."""
    order_lines: Sequence[ValidateOrderLine] = element(default=(), name="OrderLineList")
    """A decision for every line."""
    order_number: str | None = None
    """The order."""
    order_state: OrderState | None = None
    """The state that the order shall take."""
    tracking_number: str | None = None
    """Parcel number: at most 50 characters."""
    tracking_url: str | None = element(default=None, private=True)
    """Where the parcel can be followed: http or https, at most 255 characters."""


@model()
class ValidateOrderListMessage:
    """The decisions of one call."""

    orders: Sequence[ValidateOrder] = element(default=(), name="OrderList")
    """One per order."""


@model()
class ValidateOrderLineResult:
    """What became of a decision about a line."""

    errors: tuple[Error, ...] = ()
    """Why it was not applied."""
    seller_product_id: str | None = None
    """The reference that the decision named."""
    updated: bool | None = None
    """Whether it was applied."""


@model()
class ValidateOrderResult:
    """What became of a decision about an order."""

    errors: tuple[Error, ...] = ()
    """Why it was not applied."""
    order_number: str | None = None
    """The order."""
    validate_order_line_results: tuple[ValidateOrderLineResult, ...] = ()
    """The lines; empty when the order as a whole was refused."""
    validated: bool | None = None
    """Whether it was applied."""
    warnings: tuple[Error, ...] = ()
    """What else there is to say."""


@model()
class ValidationResultMessage(ServiceBaseMessage):
    """The answer of ValidateOrderList; `operation_success` is True even beside refused orders."""

    validate_order_results: tuple[ValidateOrderResult, ...] = ()
    """One per order, in no promised sequence."""


VALIDATE_ORDER_LIST = Operation(
    name="ValidateOrderList",
    parts=(Part("validateOrderListMessage", ValidateOrderListMessage),),
    result=ValidationResultMessage,
    kind="write",
)
