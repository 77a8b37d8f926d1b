"""`client.fulfilment`: stock in Cdiscount's warehouses, supplies, and orders of other sites that it ships."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Sequence
from typing import Any

from attrs import evolve, frozen

from cdiscount_marketplace.errors import OperationFailed, UnreadableAnswer
from cdiscount_marketplace.soap.fulfilment.enums import ExternalOrderStatus, StockListStatus
from cdiscount_marketplace.soap.fulfilment.external import (
    CREATE_EXTERNAL_ORDER,
    GET_EXTERNAL_ORDER_STATUS,
    ExternalOrder,
    OrderIntegrationRequest,
    OrderStatusRequest,
)
from cdiscount_marketplace.soap.fulfilment.stock import (
    GET_FULFILMENT_ACTIVATION_REPORT_LIST,
    GET_PRODUCT_STOCK_LIST,
    SUBMIT_FULFILMENT_ACTIVATION,
    ActivationReport,
    ActivationReportFilter,
    FulfilmentActivationRequest,
    ProductActivation,
    ProductStock,
    ProductStockFilter,
)
from cdiscount_marketplace.soap.fulfilment.supplies import (
    GET_FULFILMENT_DELIVERY_DOCUMENT,
    GET_FULFILMENT_ORDER_LIST_TO_SUPPLY,
    GET_FULFILMENT_SUPPLY_ORDER,
    GET_FULFILMENT_SUPPLY_ORDER_REPORT_LIST,
    SUBMIT_FULFILMENT_ON_DEMAND_SUPPLY_ORDER,
    SUBMIT_FULFILMENT_SUPPLY_ORDER,
    FulfilmentDeliveryDocumentRequest,
    FulfilmentOnDemandSupplyOrderRequest,
    FulfilmentSupplyOrderRequest,
    OrderLineSupply,
    OrderLineToSupply,
    OrderLineToSupplyFilter,
    ProductSupply,
    SupplyOrderFilter,
    SupplyOrderLine,
    SupplyReport,
    SupplyReportFilter,
)
from cdiscount_marketplace.soap.packages import number_of
from cdiscount_marketplace.soap.paging import Page, read_pages
from cdiscount_marketplace.soap.service import Service


@frozen
class Fulfilment:
    """Read stock in Cdiscount's warehouses, announce supplies, have orders of other sites shipped. Thread-safe.

    Accounts without the right get `NotAuthorized`. Submissions may not be repeated: when no clear answer came they
    raise `OutcomeUnknown`, and the reports show whether they arrived.
    """

    _service: Service

    # --- stock

    def stock(self, stock_filter: ProductStockFilter | None = None) -> tuple[ProductStock, ...]:
        """Read the stock per product and warehouse (GetProductStockList); may be repeated."""
        answered = self._service.read(GET_PRODUCT_STOCK_LIST, stock_filter or ProductStockFilter()).result
        if answered.status == StockListStatus.KO:
            raise OperationFailed("the stock could not be read", operation=GET_PRODUCT_STOCK_LIST.name)
        return answered.stocks

    def activate(self, products: Sequence[ProductActivation]) -> int:
        """Have products shipped by Cdiscount, or no longer, and return the deposit's number.

        (SubmitFulfilmentActivation.) May be repeated: it states what is wanted, and makes another deposit.
        """
        request = FulfilmentActivationRequest(products=products)
        deposit = self._service.submit(SUBMIT_FULFILMENT_ACTIVATION, request).deposit_id
        return number_of(deposit, "deposit", SUBMIT_FULFILMENT_ACTIVATION.name)

    def activation_reports(self, report_filter: ActivationReportFilter | None = None) -> tuple[ActivationReport, ...]:
        """Read what became of activations (GetFulfilmentActivationReportList); may be repeated."""
        asked = report_filter or ActivationReportFilter()
        return self._service.read(GET_FULFILMENT_ACTIVATION_REPORT_LIST, asked).result.reports

    # --- supplies

    def lines_to_supply(self, line_filter: OrderLineToSupplyFilter | None = None) -> tuple[OrderLineToSupply, ...]:
        """Read the lines of customers' orders that wait for a supply (GetFulfilmentOrderListToSupply).

        May be repeated.
        """
        asked = line_filter or OrderLineToSupplyFilter()
        return self._service.read(GET_FULFILMENT_ORDER_LIST_TO_SUPPLY, asked).result.order_lines

    def supply(self, products: Sequence[ProductSupply]) -> int:
        """Announce products and return the deposit's number (SubmitFulfilmentSupplyOrder); may not be repeated."""
        request = FulfilmentSupplyOrderRequest(products=products)
        deposit = self._service.submit(SUBMIT_FULFILMENT_SUPPLY_ORDER, request).deposit_id
        return number_of(deposit, "deposit", SUBMIT_FULFILMENT_SUPPLY_ORDER.name)

    def supply_on_demand(self, order_lines: Sequence[OrderLineSupply]) -> int:
        """Announce the goods of customers' orders and return the deposit's number; may not be repeated.

        (SubmitFulfilmentOnDemandSupplyOrder.)
        """
        request = FulfilmentOnDemandSupplyOrderRequest(order_lines=order_lines)
        deposit = self._service.submit(SUBMIT_FULFILMENT_ON_DEMAND_SUPPLY_ORDER, request).deposit_id
        return number_of(deposit, "deposit", SUBMIT_FULFILMENT_ON_DEMAND_SUPPLY_ORDER.name)

    def supply_reports(self, report_filter: SupplyReportFilter | None = None) -> Iterator[SupplyReport]:
        """Read page by page what became of supplies (GetFulfilmentSupplyOrderReportList); may be repeated."""
        asked: Any = report_filter or SupplyReportFilter()

        def read(number: int) -> Page[SupplyReport]:
            changed: SupplyReportFilter = evolve(asked, page_number=number)
            page = self._service.read(GET_FULFILMENT_SUPPLY_ORDER_REPORT_LIST, changed).result
            return Page(page.reports, page.current_page_number, page.number_of_pages)

        return read_pages(read, GET_FULFILMENT_SUPPLY_ORDER_REPORT_LIST.name, first=asked.page_number or 1)

    def supply_orders(self, order_filter: SupplyOrderFilter | None = None) -> Iterator[SupplyOrderLine]:
        """Read page by page the products of supply orders (GetFulfilmentSupplyOrder); may be repeated."""
        asked: Any = order_filter or SupplyOrderFilter()

        def read(number: int) -> Page[SupplyOrderLine]:
            changed: SupplyOrderFilter = evolve(asked, page_number=number)
            page = self._service.read(GET_FULFILMENT_SUPPLY_ORDER, changed).result
            return Page(page.lines, page.current_page_number, page.number_of_pages)

        return read_pages(read, GET_FULFILMENT_SUPPLY_ORDER.name, first=asked.page_number or 1)

    def delivery_document(self, deposit_id: int) -> bytes:
        """Read the PDF to put on a supply's parcels (GetFulfilmentDeliveryDocument); may be repeated."""
        operation = GET_FULFILMENT_DELIVERY_DOCUMENT
        answered = self._service.read(operation, FulfilmentDeliveryDocumentRequest(deposit_id=deposit_id)).result
        if not answered.pdf_document:
            raise OperationFailed("the answer contains no document", operation=operation.name)
        try:
            return b64decode("".join(answered.pdf_document.split()), validate=True)
        except ValueError:
            raise UnreadableAnswer("the document is not base 64", operation=operation.name) from None

    # --- orders of other sites

    def create_external_order(self, order: ExternalOrder) -> None:
        """Have an order of another site shipped (CreateExternalOrder); may not be repeated.

        Raises `OutcomeUnknown` when no clear answer came: read `external_order_status` before repeating it.
        """
        self._service.submit(CREATE_EXTERNAL_ORDER, OrderIntegrationRequest(order=order))

    def external_order_status(
        self, customer_order_number: str, corporation: str | None = None
    ) -> ExternalOrderStatus | None:
        """Read whether an order of another site was taken (GetExternalOrderStatus); may be repeated."""
        asked = OrderStatusRequest(customer_order_number=customer_order_number, corporation=corporation)
        return self._service.read(GET_EXTERNAL_ORDER_STATUS, asked).result.status
