"""Stock in the warehouses, and which products Cdiscount ships."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cdiscount_marketplace.soap.codec.declare import FULFILMENT_DATA, PRODUCT_DATA, element, model
from cdiscount_marketplace.soap.common import ServiceBaseMessage
from cdiscount_marketplace.soap.fulfilment.enums import (
    ActivationAction,
    ReferencementFilter,
    SoldOutFilter,
    StockCondition,
    StockFilter,
    StockListStatus,
    StockState,
)
from cdiscount_marketplace.soap.operations import Operation, Part


@model(name="FulfilmentProductRequest", namespace=PRODUCT_DATA)
class ProductStockFilter:
    """Of which products to read the stock; of all if nothing is set."""

    eans: Sequence[str] = element(default=(), name="BarCodeList", empty="absent")
    """Only those with these EANs."""
    referencement: ReferencementFilter | None = element(default=None, name="FulfilmentReferencement")
    """Only those that Cdiscount ships, or does not."""
    shippable_stock: StockFilter | None = None
    """Only those with, or without, stock that can be shipped."""
    blocked_stock: StockFilter | None = None
    """Only those with, or without, blocked stock."""
    sold_out: SoldOutFilter | None = None
    """Only those that are, or will be, sold out."""


@model(namespace=PRODUCT_DATA)
class ProductStock:
    """A product's stock in one warehouse; numbers are articles, fees are euros."""

    seller_reference: str | None = element(default=None, required=True)
    """The seller's own reference."""
    ean: str | None = element(default=None, required=True)
    """The EAN."""
    sku: str | None = element(default=None, required=True)
    """The marketplace's reference."""
    libelle: str | None = element(default=None, required=True)
    """Name of the product, in French."""
    warehouse: str | None = element(default=None, required=True)
    """Name of the warehouse."""
    warehouse_code: str | None = element(default=None, required=True)
    """Code of the warehouse."""
    condition: StockCondition | None = element(default=None, name="ProductConditionId", required=True)
    """Its condition."""
    state: StockState | None = element(default=None, name="ProductState", required=True)
    """Whether it is new."""
    is_referenced: bool | None = element(default=None, required=True)
    """Whether Cdiscount ships it."""
    stock_category: str | None = element(default=None, required=True)
    """How the warehouse classes it."""
    stock_in_warehouse: int | None = element(default=None, required=True)
    """All that lies in the warehouse."""
    shippable_stock: int | None = element(default=None, required=True)
    """What can be shipped."""
    blocked_stock: int | None = element(default=None, required=True)
    """What is blocked."""
    front_stock: int | None = element(default=None, required=True)
    """What the site shows."""
    fod_stock: int | None = element(default=None, required=True, nillable=True)
    """What is there for fulfilment on demand."""
    incoming_shipment: int | None = element(default=None, required=True)
    """What is on its way."""
    order_in_progress: int | None = element(default=None, required=True)
    """What customers have ordered."""
    damaged_returns: int | None = element(default=None, required=True)
    """What came back damaged."""
    delivery_disputes: int | None = element(default=None, required=True)
    """What deliveries are disputed for."""
    ongoing_recoveries: int | None = element(default=None, required=True)
    """What the seller takes back."""
    current_weekly_sales: int | None = element(default=None, required=True)
    """What was sold this week."""
    average_weekly_sales: int | None = element(default=None, required=True)
    """What is sold in a week on average."""
    forecasting_stock_shortage: int | None = element(default=None, required=True)
    """In how many days it is expected to be sold out."""
    stock_fees: float | None = element(default=None, required=True)
    """Fees for storing."""
    logistic_fees: float | None = element(default=None, required=True)
    """Fees for shipping."""
    overhead_outsize_fees: float | None = element(default=None, required=True)
    """Extra fees for large goods."""


@model(namespace=PRODUCT_DATA)
class ProductStockListMessage(ServiceBaseMessage):
    """The answer of GetProductStockList."""

    status: StockListStatus | None = None
    """Whether the stock could be read."""
    total_product_count: int | None = None
    """How many there are."""
    stocks: tuple[ProductStock, ...] = element(default=(), name="ProductStockList", empty="nil")
    """One per product and warehouse."""


@model(name="ProductActivationData", namespace=FULFILMENT_DATA)
class ProductActivation:
    """A product that Cdiscount should ship, or no longer ship; measures include its packaging."""

    action: ActivationAction | None = element(default=None, required=True)
    """Whether to ship it."""
    product_ean: str | None = element(default=None, required=True)
    """The EAN."""
    seller_product_reference: str | None = None
    """The seller's own reference."""
    length: float | None = element(default=None, required=True)
    """Length."""
    width: float | None = element(default=None, required=True)
    """Width."""
    height: float | None = element(default=None, required=True)
    """Height."""
    weight: float | None = element(default=None, required=True)
    """Weight."""


@model()
class FulfilmentActivationRequest:
    """The products that Cdiscount should ship, or no longer ship."""

    products: Sequence[ProductActivation] = element(default=(), name="ProductList")
    """The products."""


@model()
class FulfilmentActivationMessage(ServiceBaseMessage):
    """The answer of SubmitFulfilmentActivation."""

    deposit_id: int | None = None
    """Number of the deposit, to read its report with."""


@model(name="FulfilmentActivationReportRequest")
class ActivationReportFilter:
    """Which reports on activations to read."""

    deposit_ids: Sequence[int] = element(default=(), name="DepositIdList", empty="absent")
    """Only those of these deposits."""
    begin_date: datetime | None = element(default=None, nillable=True, bound="floor")
    """Made at this time or later (aware)."""
    end_date: datetime | None = element(default=None, nillable=True, bound="ceil")
    """Made at this time or before (aware)."""


@model(name="FulfilmentActivationReportDetails")
class ActivationReportLine:
    """What became of one product of a deposit."""

    product_ean: str | None = None
    """The EAN."""
    product_id: str | None = None
    """The marketplace's reference."""
    seller_product_reference: str | None = None
    """The seller's own reference."""
    action: ActivationAction | None = None
    """What was asked."""
    action_success: bool | None = element(default=None, nillable=True)
    """Whether it was done; None while it was not tried."""
    description: str | None = None
    """The service's words."""
    length: float | None = element(default=None, nillable=True)
    """Length."""
    width: float | None = element(default=None, nillable=True)
    """Width."""
    height: float | None = element(default=None, nillable=True)
    """Height."""
    weight: float | None = element(default=None, nillable=True, xsd="float")
    """Weight."""


@model(name="FulfilmentActivationReport")
class ActivationReport:
    """How far a deposit of products is."""

    deposit_id: int | None = element(default=None, nillable=True)
    """Number of the deposit."""
    report_date: datetime | None = None
    """When the report was made (UTC)."""
    number_of_products: int | None = None
    """How many products it has."""
    number_of_processed_products: int | None = None
    """How many were worked on."""
    number_of_remaining_products_to_process: int | None = None
    """How many are left."""
    number_of_activated_products: int | None = None
    """How many are shipped by Cdiscount now."""
    number_of_deactivated_products: int | None = None
    """How many no longer are."""
    number_of_products_in_error: int | None = None
    """How many were refused."""
    lines: tuple[ActivationReportLine, ...] = element(default=(), name="DetailsList")
    """What became of each."""


@model(name="FulfilmentActivationReportMessage")
class ActivationReportMessage(ServiceBaseMessage):
    """The answer of GetFulfilmentActivationReportList."""

    reports: tuple[ActivationReport, ...] = element(default=(), name="FulfilmentActivationReportList", required=True)
    """One per deposit."""


GET_PRODUCT_STOCK_LIST = Operation(
    name="GetProductStockList",
    parts=(Part("request", ProductStockFilter),),
    result=ProductStockListMessage,
    kind="read",
)
SUBMIT_FULFILMENT_ACTIVATION = Operation(
    name="SubmitFulfilmentActivation",
    parts=(Part("request", FulfilmentActivationRequest),),
    result=FulfilmentActivationMessage,
    kind="write",
)
GET_FULFILMENT_ACTIVATION_REPORT_LIST = Operation(
    name="GetFulfilmentActivationReportList",
    parts=(Part("request", ActivationReportFilter),),
    result=ActivationReportMessage,
    kind="read",
)
