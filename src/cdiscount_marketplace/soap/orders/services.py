"""Service orders: services that customers ordered with a product, such as its installation."""

from __future__ import annotations

from datetime import datetime

from cdiscount_marketplace.errors import OperationFailed
from cdiscount_marketplace.soap import common
from cdiscount_marketplace.soap.codec.declare import element, model
from cdiscount_marketplace.soap.common import ServiceBaseMessage
from cdiscount_marketplace.soap.operations import Operation, Part
from cdiscount_marketplace.soap.orders.enums import OrderState
from cdiscount_marketplace.soap.orders.models import Order, OrderFilter
from cdiscount_marketplace.soap.service import Service


# Member by member: what a private model has is scrubbed from recordings by its name, and orders have a number, too.
@model()
class AssociatedOrderInfo:
    """The product order that a service belongs to."""

    order_number: str | None = None
    """Number of the product order."""
    service_order_number: str | None = None
    """Number of the service order."""
    order_state: OrderState | None = element(default=None, nillable=True)
    """Where the product order stands."""
    sku: str | None = None
    """The marketplace's reference of the service."""
    associated_sku: str | None = None
    """The marketplace's reference of the product."""
    product_sheet_url: str | None = None
    """The product's page."""
    real_delivery_date: datetime | None = element(default=None, nillable=True)
    """When the product was delivered (UTC)."""
    customer_mail: str | None = element(default=None, private=True)
    """The customer's e-mail address."""
    customer_phone: str | None = element(default=None, private=True)
    """The customer's phone."""
    shipping_address: common.Address | None = None
    """Where the product went."""


@model()
class ServiceOrder(Order):
    """An order of a service."""

    associated_orders: tuple[AssociatedOrderInfo, ...] = element(default=(), name="AssociatedOrderInfoList")
    """The product orders that it belongs to."""


@model()
class ServiceOrderListMessage(ServiceBaseMessage):
    """The answer of GetServiceOrderList. `orders` None (nil or absent) is not the same as no orders."""

    orders: tuple[ServiceOrder, ...] | None = element(default=None, name="ServiceOrderList")
    """The orders."""


GET_SERVICE_ORDER_LIST = Operation(
    name="GetServiceOrderList", parts=(Part("orderFilter", OrderFilter),), result=ServiceOrderListMessage, kind="read"
)


def read_service_orders(service: Service, order_filter: OrderFilter) -> tuple[ServiceOrder, ...]:
    """Read all service orders that match, or raise."""
    orders = service.read(GET_SERVICE_ORDER_LIST, order_filter).result.orders
    if orders is None:
        message = "the answer contains no list of orders: nothing was read"
        raise OperationFailed(message, operation=GET_SERVICE_ORDER_LIST.name)
    return orders
