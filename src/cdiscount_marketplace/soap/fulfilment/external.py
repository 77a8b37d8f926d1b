"""Orders of other sites that Cdiscount ships from its warehouses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cdiscount_marketplace.soap.codec.declare import DATA, ORDER_DATA, element, model
from cdiscount_marketplace.soap.common import SOURCE_2020, ServiceBaseMessage
from cdiscount_marketplace.soap.fulfilment.enums import ExternalOrderStatus
from cdiscount_marketplace.soap.operations import Operation, Part


@model(namespace=ORDER_DATA, private=True)
class ExternalCustomer:
    """Who gets the goods."""

    civility: str | None = element(default=None, required=True)
    """How the person is addressed."""
    first_name: str | None = element(default=None, name="CustomerFirstName", required=True)
    """First name."""
    last_name: str | None = element(default=None, name="CustomerLastName", required=True)
    """Last name."""
    email: str | None = element(default=None, name="CustomerEmailAddress", required=True)
    """E-mail address."""
    landline_phone: str | None = element(default=None, name="LandlinePhoneNumber", required=True)
    """Fixed phone."""
    cell_phone: str | None = element(default=None, name="CellPhoneNumber")
    """Mobile phone."""
    address_title: str | None = element(default=None, name="ShippingAddressTitle")
    """A name for the address."""
    address: str | None = element(default=None, name="ShippingAddress", required=True)
    """Number and street."""
    additional_address: str | None = element(default=None, name="AdditionalShippingAddress")
    """Further line of the address."""
    locality: str | None = None
    """Place within the town."""
    postal_code: str | None = element(default=None, name="ShippingPostalCode", required=True)
    """Postal code."""
    city: str | None = element(default=None, name="ShippingCity", required=True)
    """Town."""
    country: str | None = element(default=None, name="ShippingCountry", required=True)
    """Country."""
    relay_id: str | None = element(default=None, since=SOURCE_2020)
    """The pick-up point, where the goods go to one."""


@model(namespace=ORDER_DATA)
class ExternalOrderLine:
    """A product of the order."""

    product_ean: str | None = element(default=None, required=True)
    """The EAN."""
    product_reference: str | None = None
    """The seller's own reference."""
    quantity: int | None = element(default=None, required=True)
    """How many."""


@model(namespace=ORDER_DATA)
class ExternalOrder:
    """An order of another site."""

    customer_order_number: str | None = element(default=None, required=True)
    """Number of the order on that site."""
    corporation: str | None = element(default=None, required=True)
    """Name of that site."""
    shipping_mode: str | None = element(default=None, required=True)
    """How to ship: `Domicile standard`, `Domicile express` or `Mondial Relay Standard`."""
    order_date: datetime | None = element(default=None, nillable=True)
    """When it was placed (aware)."""
    customer: ExternalCustomer | None = element(default=None, required=True)
    """Who gets the goods."""
    order_lines: Sequence[ExternalOrderLine] = element(default=(), name="OrderLineList", required=True)
    """The products."""
    shipping_date_from_seller: datetime | None = element(default=None, nillable=True, since=SOURCE_2020)
    """When the seller's goods leave (aware); known by its name only."""
    comments: str | None = element(default=None, private=True)
    """A comment."""


@model(namespace=ORDER_DATA)
class OrderIntegrationRequest:
    """The order to ship."""

    order: ExternalOrder | None = element(default=None, required=True)
    """The order."""


@model(namespace=DATA)
class OrderIntegrationMessage(ServiceBaseMessage):
    """The answer of CreateExternalOrder, which is its head alone."""


@model(namespace=ORDER_DATA)
class OrderStatusRequest:
    """Of which order to read the status."""

    customer_order_number: str | None = element(default=None, required=True)
    """Number of the order on the other site."""
    corporation: str | None = None
    """Name of that site."""


@model(namespace=ORDER_DATA)
class OrderStatusMessage(ServiceBaseMessage):
    """The answer of GetExternalOrderStatus."""

    status: ExternalOrderStatus | None = None
    """Whether the order was taken."""


CREATE_EXTERNAL_ORDER = Operation(
    name="CreateExternalOrder",
    parts=(Part("request", OrderIntegrationRequest),),
    result=OrderIntegrationMessage,
    kind="write",
)
GET_EXTERNAL_ORDER_STATUS = Operation(
    name="GetExternalOrderStatus",
    parts=(Part("request", OrderStatusRequest),),
    result=OrderStatusMessage,
    kind="read",
)
