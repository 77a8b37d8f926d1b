"""Fulfilment over SOAP: stock, activations, supplies, and orders of other sites."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from cdiscount_marketplace.sandbox.book import Selection
from cdiscount_marketplace.sandbox.fulfilment import Activation, Goods, Supply, Wish
from cdiscount_marketplace.sandbox.orders import Line, Order
from cdiscount_marketplace.sandbox.soap.asked import Asked, Handler, Reply
from cdiscount_marketplace.sandbox.soap.listing import Bounds
from cdiscount_marketplace.sandbox.soap.requests import Values
from cdiscount_marketplace.sandbox.states import State
from cdiscount_marketplace.soap.fulfilment.enums import (
    ActivationAction,
    ExternalOrderStatus,
    StockCondition,
    StockListStatus,
    StockState,
    SupplyStatus,
    Warehouse,
)
from cdiscount_marketplace.soap.fulfilment.external import OrderIntegrationMessage, OrderStatusMessage
from cdiscount_marketplace.soap.fulfilment.stock import (
    ActivationReport,
    ActivationReportLine,
    ActivationReportMessage,
    FulfilmentActivationMessage,
    ProductStock,
    ProductStockListMessage,
)
from cdiscount_marketplace.soap.fulfilment.supplies import (
    DeliveryDocumentMessage,
    OrderLinesToSupplyMessage,
    OrderLineToSupply,
    SupplyDepositMessage,
    SupplyOrderLine,
    SupplyOrderMessage,
    SupplyReport,
    SupplyReportLine,
    SupplyReportMessage,
)

T = TypeVar("T")

_WAREHOUSE: Final = Warehouse.CEM
_PDF: Final = "%PDF-1.4\n%%{deposit}\n%%EOF\n"
_MISSING: Final = "La liste de produits est vide."
_UNKNOWN: Final = "Commande inconnue"
_DOUBLE: Final = "La commande existe déjà."
_SIZES: Final = ("Length", "Width", "Height", "Weight")


def get_product_stock_list(asked: Asked) -> Reply:
    """Show the stock."""
    values = asked.part("request")
    eans = values.many("BarCodeList")
    tests = list(_stock_tests(values))
    goods = [
        one
        for one in asked.market.fulfilment.goods()
        if (not eans or one.ean in eans) and all(test(one) for test in tests)
    ]
    status = StockListStatus.OK if goods else StockListStatus.NO_DATA
    stocks = tuple(map(_stock, goods))
    return Reply(ProductStockListMessage(stocks=stocks, status=status, total_product_count=len(goods)))


def _stock_tests(values: Values) -> list[Callable[[Goods], bool]]:
    tests: dict[tuple[str, str], Callable[[Goods], bool]] = {
        ("FulfilmentReferencement", "OnlyReferenced"): lambda one: one.active,
        ("FulfilmentReferencement", "OnlyNotReferenced"): lambda one: not one.active,
        ("ShippableStock", "WithStock"): lambda one: one.stock > 0,
        ("ShippableStock", "WithoutStock"): lambda one: one.stock == 0,
        # Nothing is ever blocked here.
        ("BlockedStock", "WithStock"): lambda _one: False,
        ("SoldOut", "InSoldOut"): lambda one: one.stock == 0,
    }
    return [test for (name, value), test in tests.items() if values.text(name) == value]


def _stock(goods: Goods) -> ProductStock:
    nothing: dict[str, Any] = dict.fromkeys(
        (
            "average_weekly_sales",
            "blocked_stock",
            "current_weekly_sales",
            "damaged_returns",
            "delivery_disputes",
            "fod_stock",
            "forecasting_stock_shortage",
            "incoming_shipment",
            "ongoing_recoveries",
            "order_in_progress",
        ),
        0,
    )
    return ProductStock(
        **nothing,
        seller_reference=goods.reference or "",
        ean=goods.ean,
        sku=f"AUC{goods.ean}",
        libelle=f"Produit {goods.ean}",
        warehouse="Cestas",
        warehouse_code=str(_WAREHOUSE),
        condition=StockCondition.NEW,
        state=StockState.NEW,
        is_referenced=goods.active,
        stock_category="A",
        stock_in_warehouse=goods.stock,
        shippable_stock=goods.stock,
        front_stock=goods.stock,
        stock_fees=0.0,
        logistic_fees=0.0,
        overhead_outsize_fees=0.0,
    )


# --- activations ------------------------------------------------------------------------------------------------------


def submit_fulfilment_activation(asked: Asked) -> Reply:
    """Take products that the marketplace should ship, or no longer."""
    products = asked.part("request").many("ProductList")
    if not products:
        return Reply(FulfilmentActivationMessage(deposit_id=0), message=_MISSING, code="MissingField", success=False)
    deposit = asked.market.fulfilment.activate([_wish(item) for item in products])
    return Reply(FulfilmentActivationMessage(deposit_id=deposit))


def _wish(item: Values) -> Wish:
    length, width, height, weight = (float(item.get(name) or 0) for name in _SIZES)
    return Wish(
        ean=item.text("ProductEan"),
        reference=item.get("SellerProductReference"),
        active=item.text("Action") == "Activation",
        size=(length, width, height, weight),
    )


def get_fulfilment_activation_report_list(asked: Asked) -> Reply:
    """Report on activations."""
    values = asked.part("request")
    deposits = values.many("DepositIdList")
    bounds, zone = Bounds(begin=values.get("BeginDate"), end=values.get("EndDate")), _zone(asked)
    found = [
        one
        for one in asked.market.fulfilment.activations()
        if (not deposits or one.id in deposits) and bounds.hold(one.at, zone)
    ]
    return Reply(ActivationReportMessage(reports=tuple(map(_activation, found))))


def _activation(deposit: Activation) -> ActivationReport:
    count, active = len(deposit.wishes), sum(wish.active for wish in deposit.wishes)
    return ActivationReport(
        deposit_id=deposit.id,
        report_date=deposit.at,
        number_of_products=count,
        number_of_processed_products=count,
        number_of_remaining_products_to_process=0,
        number_of_activated_products=active,
        number_of_deactivated_products=count - active,
        number_of_products_in_error=0,
        lines=tuple(map(_activation_line, deposit.wishes)),
    )


def _activation_line(wish: Wish) -> ActivationReportLine:
    length, width, height, weight = wish.size
    return ActivationReportLine(
        product_ean=wish.ean,
        product_id=f"AUC{wish.ean}",
        seller_product_reference=wish.reference,
        action=ActivationAction.ACTIVATION if wish.active else ActivationAction.DEACTIVATION,
        action_success=True,
        length=length,
        width=width,
        height=height,
        weight=weight,
    )


# --- supplies ---------------------------------------------------------------------------------------------------------


def get_fulfilment_order_list_to_supply(asked: Asked) -> Reply:
    """List the lines of paid orders that the marketplace ships, and that nobody has supplied."""
    values = asked.part("request")
    supplied = {(one.order, one.ean) for one in asked.market.fulfilment.supplies()}
    found = [
        (order, line)
        for order, line in _on_demand(asked)
        if (order.number, line.ean) not in supplied
        and values.get("OrderReference") in (None, order.number)
        and values.get("ProductEan") in (None, line.ean)
        and values.get("Warehouse") in (None, _WAREHOUSE)
    ]
    return Reply(OrderLinesToSupplyMessage(order_lines=tuple(_to_supply(order, line) for order, line in found)))


def _on_demand(asked: Asked) -> list[tuple[Order, Line]]:
    waiting = asked.book.select(Selection(states=(str(State.WAITING_SHIPMENT),)))
    return [(order, line) for order in waiting if order.fulfilled_by_cdiscount for line in order.goods]


def _to_supply(order: Order, line: Line) -> OrderLineToSupply:
    return OrderLineToSupply(
        order_reference=order.number,
        order_date=order.created_at,
        product_ean=line.ean,
        product_name=line.name,
        seller_product_reference=line.reference,
        quantity=line.quantity,
        warehouse=_WAREHOUSE,
        latest_warehouse_delivery_date=order.created_at + timedelta(days=3),
        expected_customer_delivery_min=order.deliver_from or order.created_at,
        expected_customer_delivery_max=order.deliver_by or order.created_at,
    )


def submit_fulfilment_supply_order(asked: Asked) -> Reply:
    """Take products that the seller brings."""
    at = asked.book.now()
    supplies = [
        Supply(
            number="",
            deposit=0,
            at=at,
            ean=item.text("ProductEan"),
            quantity=item.get("Quantity") or 0,
            warehouse=item.text("Warehouse"),
            reference=item.get("SellerProductReference"),
            own_number=item.get("ExternalSupplyOrderId"),
        )
        for item in asked.part("request").many("ProductList")
    ]
    return _deposit(asked, supplies)


def submit_fulfilment_on_demand_supply_order(asked: Asked) -> Reply:
    """Take the goods of customers' orders."""
    at, lines = asked.book.now(), {(order.number, line.ean): line for order, line in _on_demand(asked)}
    wanted = [
        (item.text("OrderReference"), item.text("ProductEan")) for item in asked.part("request").many("OrderLineList")
    ]
    if any(key not in lines for key in wanted):
        return Reply(SupplyDepositMessage(deposit_id=0), message=_UNKNOWN, code="OrderNotFound", success=False)
    supplies = [
        Supply(
            number="",
            deposit=0,
            at=at,
            ean=ean,
            quantity=lines[number, ean].quantity,
            warehouse=str(_WAREHOUSE),
            reference=lines[number, ean].reference,
            order=number,
        )
        for number, ean in wanted
    ]
    return _deposit(asked, supplies)


def _deposit(asked: Asked, supplies: Sequence[Supply]) -> Reply:
    if not supplies:
        return Reply(SupplyDepositMessage(deposit_id=0), message=_MISSING, code="MissingField", success=False)
    return Reply(SupplyDepositMessage(deposit_id=asked.market.fulfilment.supply(supplies)))


def get_fulfilment_supply_order_report_list(asked: Asked) -> Reply:
    """Report on deposits of supplies."""
    values = asked.part("request")
    bounds = Bounds(begin=values.get("BeginCreationDate"), end=values.get("EndCreationDate"))
    wanted, zone = values.many("DepositIdList"), _zone(asked)
    by_deposit: dict[int, list[Supply]] = {}
    for one in asked.market.fulfilment.supplies():
        if (not wanted or one.deposit in wanted) and bounds.hold(one.at, zone):
            by_deposit.setdefault(one.deposit, []).append(one)
    items, number, count = _page(list(by_deposit.items()), values)
    reports = tuple(SupplyReport(deposit_id=key, lines=tuple(map(_report_line, lines))) for key, lines in items)
    return Reply(SupplyReportMessage(reports=reports, current_page_number=number, number_of_pages=count))


def _report_line(one: Supply) -> SupplyReportLine:
    return SupplyReportLine(
        supply_order_number=one.number,
        seller_supply_order_number=one.own_number,
        product_ean=one.ean,
        seller_product_reference=one.reference,
        ordered_quantity=one.quantity,
        warehouse=Warehouse(one.warehouse),
        seller_id=1,
    )


def get_fulfilment_supply_order(asked: Asked) -> Reply:
    """List the products of supply orders."""
    values = asked.part("request")
    bounds = Bounds(begin=values.get("BeginModificationDate"), end=values.get("EndModificationDate"))
    wanted, zone = values.many("SupplyOrderNumberList"), _zone(asked)
    found = [
        one
        for one in asked.market.fulfilment.supplies()
        if (not wanted or one.number in wanted) and bounds.hold(one.received_at or one.at, zone)
    ]
    items, number, count = _page(found, values)
    lines = tuple(map(_supply_line, items))
    return Reply(SupplyOrderMessage(lines=lines, current_page_number=number, number_of_pages=count))


def _supply_line(one: Supply) -> SupplyOrderLine:
    received = one.received_at is not None
    return SupplyOrderLine(
        supply_order_number=one.number,
        seller_supply_order_number=one.own_number,
        status=SupplyStatus.SUPPLYING_DONE if received else SupplyStatus.REGISTERED,
        product_ean=one.ean,
        seller_product_reference=one.reference,
        ordered_quantity=one.quantity,
        received_quantity=one.quantity if received else None,
        undelivered_quantity=0 if received else one.quantity,
        warehouse=Warehouse(one.warehouse),
        is_fod=one.order is not None,
        order_references=(one.order,) if one.order else (),
    )


def _page(items: list[T], values: Values) -> tuple[list[T], int, int]:
    number, size = max(values.get("PageNumber") or 1, 1), max(values.get("PageSize") or 100, 1)
    return items[(number - 1) * size : number * size], number, -(-len(items) // size)


def get_fulfilment_delivery_document(asked: Asked) -> Reply:
    """Give the document to put on a supply's parcels."""
    deposit = asked.part("request").get("DepositId") or 0
    if not any(one.deposit == deposit for one in asked.market.fulfilment.supplies()):
        return Reply(DeliveryDocumentMessage(), message=_UNKNOWN, code="NoDataError", success=False)
    return Reply(DeliveryDocumentMessage(pdf_document=b64encode(_PDF.format(deposit=deposit).encode()).decode()))


# --- orders of other sites --------------------------------------------------------------------------------------------


def create_external_order(asked: Asked) -> Reply:
    """Take an order of another site."""
    number = asked.part("request").one("Order").text("CustomerOrderNumber")
    if asked.market.fulfilment.take_external(number):
        return Reply(OrderIntegrationMessage(), order_numbers=(number,))
    return Reply(OrderIntegrationMessage(), message=_DOUBLE, code="InvalidRequest", success=False)


def get_external_order_status(asked: Asked) -> Reply:
    """Say whether an order of another site was taken."""
    taken = asked.market.fulfilment.external(asked.part("request").text("CustomerOrderNumber"))
    if taken is None:
        return Reply(OrderStatusMessage(status=ExternalOrderStatus.KO), message=_UNKNOWN, success=False)
    return Reply(OrderStatusMessage(status=ExternalOrderStatus.OK if taken else ExternalOrderStatus.PENDING))


def _zone(asked: Asked) -> ZoneInfo:
    return ZoneInfo(asked.book.settings.zone)


HANDLERS: Mapping[str, Handler] = {
    "CreateExternalOrder": create_external_order,
    "GetExternalOrderStatus": get_external_order_status,
    "GetFulfilmentActivationReportList": get_fulfilment_activation_report_list,
    "GetFulfilmentDeliveryDocument": get_fulfilment_delivery_document,
    "GetFulfilmentOrderListToSupply": get_fulfilment_order_list_to_supply,
    "GetFulfilmentSupplyOrder": get_fulfilment_supply_order,
    "GetFulfilmentSupplyOrderReportList": get_fulfilment_supply_order_report_list,
    "GetProductStockList": get_product_stock_list,
    "SubmitFulfilmentActivation": submit_fulfilment_activation,
    "SubmitFulfilmentOnDemandSupplyOrder": submit_fulfilment_on_demand_supply_order,
    "SubmitFulfilmentSupplyOrder": submit_fulfilment_supply_order,
}
