"""The client's method for each SOAP operation, called with plausible values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from cdiscount_marketplace import MarketplaceClient
from cdiscount_marketplace.soap import (
    ActivationAction,
    CreateRefundVoucherRequest,
    ExternalCustomer,
    ExternalOrder,
    ExternalOrderLine,
    OfferFilterPaginated,
    OrderFilter,
    OrderLineSupply,
    OrderState,
    ParcelAction,
    ParcelRequest,
    ProductActivation,
    ProductSupply,
    RefundInformation,
    RefundMotive,
    SellerRefundOrderLine,
    SellerRefundRequest,
    ValidateOrder,
    Warehouse,
)

EAN, NUMBER, URL = "3700000000011", "2603020900ABCDE", "https://shop.example.com/file"
_EVERYTHING = OrderFilter(states=[OrderState.SHIPPED])
_PRODUCT = ProductActivation(
    action=ActivationAction.ACTIVATION, product_ean=EAN, length=10.0, width=20.0, height=5.5, weight=0.4
)
_BUYER = ExternalCustomer(
    first_name="Ann", last_name="Lee", address="1 rue Neuve", postal_code="33000", city="Bordeaux", country="FR"
)
_ORDER = ExternalOrder(
    customer_order_number="X-1",
    corporation="OTHER",
    shipping_mode="Domicile standard",
    customer=_BUYER,
    order_lines=[ExternalOrderLine(product_ean=EAN, quantity=1)],
)
_REFUND = SellerRefundRequest(
    motive=RefundMotive.CLIENT_CLAIM, refund_order_line=SellerRefundOrderLine(seller_product_id="REF")
)
_GESTURE = RefundInformation(amount=Decimal("1.50"), motive_id=131)
_PARCEL = ParcelRequest(action=ParcelAction.INVESTIGATION, parcel_number="P1", sku="AUC1")
_SUPPLY = ProductSupply(product_ean=EAN, quantity=12, warehouse=Warehouse.CEM)

Call = Callable[[MarketplaceClient], object]

CALLS: Mapping[str, Call] = {
    "CloseDiscussionList": lambda client: client.discussions.close(1),
    "CreateExternalOrder": lambda client: client.fulfilment.create_external_order(_ORDER),
    "CreateRefundVoucher": lambda client: client.refunds.create(
        CreateRefundVoucherRequest(order_number=NUMBER, seller_refunds=[_REFUND], commercial_gestures=[_GESTURE])
    ),
    "CreateRefundVoucherAfterShipment": lambda client: client.refunds.create_after_shipment(NUMBER, [_REFUND]),
    "GenerateDiscussionMailGuid": lambda client: client.discussions.mail_address(NUMBER),
    "GetAllAllowedCategoryTree": lambda client: client.products.all_categories(),
    "GetAllModelList": lambda client: client.products.all_models(),
    "GetAllowedCategoryTree": lambda client: client.products.categories(),
    "GetBrandList": lambda client: client.products.brands(),
    "GetDiscussionMailList": lambda client: client.discussions.mail_addresses(1),
    "GetExternalOrderStatus": lambda client: client.fulfilment.external_order_status("X-1"),
    "GetFulfilmentActivationReportList": lambda client: client.fulfilment.activation_reports(),
    "GetFulfilmentDeliveryDocument": lambda client: client.fulfilment.delivery_document(1),
    "GetFulfilmentOrderListToSupply": lambda client: client.fulfilment.lines_to_supply(),
    "GetFulfilmentSupplyOrder": lambda client: list(client.fulfilment.supply_orders()),
    "GetFulfilmentSupplyOrderReportList": lambda client: list(client.fulfilment.supply_reports()),
    "GetGlobalConfiguration": lambda client: client.carriers(),
    "GetModelList": lambda client: client.products.models("0E040K"),
    "GetOfferList": lambda client: client.offers.list(),
    "GetOfferListPaginated": lambda client: client.offers.page(OfferFilterPaginated()),
    "GetOfferPackageSubmissionResult": lambda client: client.offers.package(1).status(),
    "GetOfferQuestionList": lambda client: client.discussions.offer_questions(),
    "GetOrderClaimList": lambda client: client.discussions.claims(),
    "GetOrderList": lambda client: client.orders.list(_EVERYTHING),
    "GetOrderQuestionList": lambda client: client.discussions.order_questions(),
    "GetParcelShopList": lambda client: client.relays.shops(),
    "GetProductList": lambda client: client.products.list("0E040K"),
    "GetProductListByIdentifier": lambda client: client.products.find(EAN),
    "GetProductPackageProductMatchingFileData": lambda client: client.products.matchings(1),
    "GetProductPackageSubmissionResult": lambda client: client.products.package(1).status(),
    "GetProductStockList": lambda client: client.fulfilment.stock(),
    "GetRelaysFileSubmissionResult": lambda client: client.relays.report(1),
    "GetSellerIndicators": lambda client: client.sellers.indicators(),
    "GetSellerInformation": lambda client: client.sellers.information(),
    "GetServiceOrderList": lambda client: client.orders.list_services(_EVERYTHING),
    "ManageParcel": lambda client: client.orders.ask_about_parcels(NUMBER, _PARCEL),
    "SubmitFulfilmentActivation": lambda client: client.fulfilment.activate([_PRODUCT]),
    "SubmitFulfilmentOnDemandSupplyOrder": lambda client: client.fulfilment.supply_on_demand(
        [OrderLineSupply(order_reference=NUMBER, product_ean=EAN)]
    ),
    "SubmitFulfilmentSupplyOrder": lambda client: client.fulfilment.supply([_SUPPLY]),
    "SubmitOfferPackage": lambda client: client.offers.submit(URL).id,
    "SubmitOfferStateAction": lambda client: client.offers.publish("REF"),
    "SubmitProductPackage": lambda client: client.products.submit(URL).id,
    "SubmitRelaysFile": lambda client: client.relays.submit(URL),
    "ValidateOrderList": lambda client: client.orders.validate(
        [ValidateOrder(order_number=NUMBER, order_state=OrderState.SHIPPED)]
    ),
}
