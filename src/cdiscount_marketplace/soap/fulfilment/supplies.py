"""Supplies: what the seller sends to the warehouses, by itself or on demand of customers' orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cdiscount_marketplace.soap.codec.declare import ARRAYS, FULFILMENT_DATA, element, model
from cdiscount_marketplace.soap.common import ServiceBaseMessage
from cdiscount_marketplace.soap.fulfilment.enums import SupplyStatus, Warehouse
from cdiscount_marketplace.soap.operations import Operation, Part

PAGE_SIZE = 100

# --- what is to be supplied -------------------------------------------------------------------------------------------


@model(name="FulfilmentOnDemandOrderLineFilter")
class OrderLineToSupplyFilter:
    """Which lines of customers' orders to read; all if nothing is set."""

    order_reference: str | None = None
    """Only those of this order."""
    product_ean: str | None = None
    """Only those of this product."""
    warehouse: Warehouse | None = element(default=None, nillable=True)
    """Only those that go to this warehouse."""


@model(name="FulfilmentOrderLine")
class OrderLineToSupply:
    """A line of a customer's order that the seller has to bring to a warehouse."""

    order_reference: str | None = None
    """Number of the order."""
    order_date: datetime | None = None
    """When it was placed (UTC)."""
    product_ean: str | None = None
    """The EAN."""
    product_name: str | None = None
    """Name of the product."""
    seller_product_reference: str | None = None
    """The seller's own reference."""
    quantity: int | None = None
    """How many."""
    warehouse: Warehouse | None = element(default=None, nillable=True)
    """Where to bring it."""
    latest_warehouse_delivery_date: datetime | None = None
    """Until when (UTC)."""
    expected_customer_delivery_min: datetime | None = None
    """Earliest promised delivery to the customer (UTC)."""
    expected_customer_delivery_max: datetime | None = None
    """Latest promised delivery to the customer (UTC)."""


@model(name="FulfilmentOrderLineListToSupplyMessage")
class OrderLinesToSupplyMessage(ServiceBaseMessage):
    """The answer of GetFulfilmentOrderListToSupply."""

    order_lines: tuple[OrderLineToSupply, ...] = element(default=(), name="OrderLineList")
    """The lines."""


# --- submitting -------------------------------------------------------------------------------------------------------


@model(name="FulfilmentProductDescription")
class ProductSupply:
    """A product that the seller wants to bring to a warehouse."""

    product_ean: str | None = element(default=None, required=True)
    """The EAN."""
    seller_product_reference: str | None = None
    """The seller's own reference."""
    quantity: int | None = element(default=None, required=True)
    """How many."""
    warehouse: Warehouse | None = element(default=None, required=True)
    """Where to."""
    warehouse_reception_min_date: datetime | None = element(default=None, nillable=True)
    """Not before this time (aware)."""
    external_supply_order_id: str | None = None
    """The seller's own number of the supply."""


@model()
class FulfilmentSupplyOrderRequest:
    """What the seller wants to bring to warehouses."""

    products: Sequence[ProductSupply] = element(default=(), name="ProductList", required=True)
    """The products."""


@model(name="FulfilmentOrderLineRequest")
class OrderLineSupply:
    """A line of a customer's order that the seller brings to a warehouse."""

    order_reference: str | None = element(default=None, required=True)
    """Number of the order."""
    product_ean: str | None = element(default=None, required=True)
    """The EAN."""


@model()
class FulfilmentOnDemandSupplyOrderRequest:
    """The lines of customers' orders that the seller brings to warehouses."""

    order_lines: Sequence[OrderLineSupply] = element(default=(), name="OrderLineList", required=True)
    """The lines."""


@model(name="SupplyOrderReportMessage")
class SupplyDepositMessage(ServiceBaseMessage):
    """The answer of both submissions."""

    deposit_id: int | None = element(default=None, required=True)
    """Number of the deposit, to read its report with."""


# --- reports ----------------------------------------------------------------------------------------------------------


@model(name="SupplyOrderReportRequest")
class SupplyReportFilter:
    """Which reports on supplies to read."""

    deposit_ids: Sequence[int] = element(default=(), name="DepositIdList", empty="absent")
    """Only those of these deposits."""
    created_from: datetime | None = element(default=None, name="BeginCreationDate", nillable=True, bound="floor")
    """Made at this time or later (aware)."""
    created_to: datetime | None = element(default=None, name="EndCreationDate", nillable=True, bound="ceil")
    """Made at this time or before (aware)."""
    page_number: int | None = 1
    """The page to begin at."""
    page_size: int | None = element(default=PAGE_SIZE, required=True)
    """How many there are on a page."""


@model(name="KeyValueOfintstring", namespace=ARRAYS, inline=True)
class SupplyError:
    """Something that is wrong with a supply."""

    key: int | None = element(default=None, required=True)
    """Its code."""
    value: str | None = element(default=None, required=True)
    """The service's words."""


@model(name="SupplyOrderReportLine")
class SupplyReportLine:
    """What became of one product of a deposit."""

    supply_order_number: str | None = element(default=None, required=True)
    """Number of the supply order that was made."""
    seller_supply_order_number: str | None = None
    """The seller's own number of the supply."""
    product_ean: str | None = element(default=None, required=True)
    """The EAN."""
    seller_product_reference: str | None = None
    """The seller's own reference."""
    ordered_quantity: int | None = element(default=None, required=True)
    """How many."""
    warehouse: Warehouse | None = element(default=None, required=True, nillable=True)
    """Where to."""
    warehouse_reception_min_date: datetime | None = element(default=None, nillable=True)
    """Not before this time (UTC)."""
    seller_id: int | None = element(default=None, xsd="long")
    """Number of the seller."""
    errors: tuple[SupplyError, ...] = element(default=(), name="ErrorDetails")
    """What is wrong."""


@model(name="SupplyOrderReport")
class SupplyReport:
    """What became of a deposit."""

    deposit_id: int | None = element(default=None, required=True)
    """Number of the deposit."""
    lines: tuple[SupplyReportLine, ...] = element(default=(), name="ReportLineList", required=True)
    """What became of each product."""


@model(name="SupplyOrderReportListMessage")
class SupplyReportMessage(ServiceBaseMessage):
    """The answer of GetFulfilmentSupplyOrderReportList: one page."""

    current_page_number: int | None = element(default=None, required=True)
    """Which page it is."""
    number_of_pages: int | None = element(default=None, required=True)
    """How many there are."""
    reports: tuple[SupplyReport, ...] = element(default=(), name="ReportList", required=True)
    """One per deposit."""


# --- supply orders ----------------------------------------------------------------------------------------------------


@model(name="SupplyOrderRequest")
class SupplyOrderFilter:
    """Which supply orders to read."""

    supply_order_numbers: Sequence[str] = element(default=(), name="SupplyOrderNumberList", empty="absent")
    """Only these."""
    modified_from: datetime | None = element(default=None, name="BeginModificationDate", nillable=True, bound="floor")
    """Changed at this time or later (aware)."""
    modified_to: datetime | None = element(default=None, name="EndModificationDate", nillable=True, bound="ceil")
    """Changed at this time or before (aware)."""
    page_number: int | None = element(default=1, nillable=True)
    """The page to begin at."""
    page_size: int | None = element(default=PAGE_SIZE, nillable=True)
    """How many there are on a page."""


@model()
class SupplyOrderLine:
    """A product of a supply order."""

    supply_order_number: str | None = None
    """Number of the supply order."""
    seller_supply_order_number: str | None = None
    """The seller's own number of it."""
    status: SupplyStatus | None = element(default=None, nillable=True)
    """Where it stands."""
    product_ean: str | None = None
    """The EAN."""
    seller_product_reference: str | None = None
    """The seller's own reference."""
    ordered_quantity: int | None = None
    """How many were announced."""
    received_quantity: int | None = element(default=None, nillable=True)
    """How many came."""
    undelivered_quantity: int | None = None
    """How many are missing."""
    warehouse: Warehouse | None = element(default=None, nillable=True)
    """Where to."""
    warehouse_reception_min_date: datetime | None = element(default=None, nillable=True)
    """Not before this time (UTC)."""
    is_fod: bool | None = None
    """Whether it is on demand of customers' orders."""
    order_references: tuple[str, ...] = element(default=(), name="OrderReferenceList")
    """Numbers of those orders."""


@model()
class SupplyOrderMessage(ServiceBaseMessage):
    """The answer of GetFulfilmentSupplyOrder: one page."""

    current_page_number: int | None = None
    """Which page it is."""
    number_of_pages: int | None = None
    """How many there are."""
    lines: tuple[SupplyOrderLine, ...] = element(default=(), name="SupplyOrderLineList")
    """The products."""


@model()
class FulfilmentDeliveryDocumentRequest:
    """Of which deposit to read the delivery document."""

    deposit_id: int | None = None
    """Number of the deposit."""


@model(name="FulfilmentDeliveryDocumentMessage", namespace=FULFILMENT_DATA)
class DeliveryDocumentMessage(ServiceBaseMessage):
    """The answer of GetFulfilmentDeliveryDocument."""

    pdf_document: str | None = element(default=None, private=True)
    """A PDF file in base 64."""


GET_FULFILMENT_ORDER_LIST_TO_SUPPLY = Operation(
    name="GetFulfilmentOrderListToSupply",
    parts=(Part("request", OrderLineToSupplyFilter),),
    result=OrderLinesToSupplyMessage,
    kind="read",
)
SUBMIT_FULFILMENT_SUPPLY_ORDER = Operation(
    name="SubmitFulfilmentSupplyOrder",
    parts=(Part("request", FulfilmentSupplyOrderRequest),),
    result=SupplyDepositMessage,
    kind="write",
)
SUBMIT_FULFILMENT_ON_DEMAND_SUPPLY_ORDER = Operation(
    name="SubmitFulfilmentOnDemandSupplyOrder",
    parts=(Part("request", FulfilmentOnDemandSupplyOrderRequest),),
    result=SupplyDepositMessage,
    kind="write",
)
GET_FULFILMENT_SUPPLY_ORDER_REPORT_LIST = Operation(
    name="GetFulfilmentSupplyOrderReportList",
    parts=(Part("request", SupplyReportFilter),),
    result=SupplyReportMessage,
    kind="read",
)
GET_FULFILMENT_SUPPLY_ORDER = Operation(
    name="GetFulfilmentSupplyOrder",
    parts=(Part("request", SupplyOrderFilter),),
    result=SupplyOrderMessage,
    kind="read",
)
GET_FULFILMENT_DELIVERY_DOCUMENT = Operation(
    name="GetFulfilmentDeliveryDocument",
    parts=(Part("request", FulfilmentDeliveryDocumentRequest),),
    result=DeliveryDocumentMessage,
    kind="read",
)
