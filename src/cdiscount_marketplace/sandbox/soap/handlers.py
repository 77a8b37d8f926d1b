"""What each operation does: one small function per operation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from zoneinfo import ZoneInfo

from cdiscount_marketplace.sandbox import carriers
from cdiscount_marketplace.sandbox.soap import after_sales, cataloguing, discussing, listing, offering, shop, supplying
from cdiscount_marketplace.sandbox.soap.asked import Asked, Handler, Reply
from cdiscount_marketplace.sandbox.soap.refunding import refund
from cdiscount_marketplace.sandbox.soap.responses import show
from cdiscount_marketplace.sandbox.soap.validation import OrderProcessor, message, read_requests
from cdiscount_marketplace.soap.carriers import Carrier, GlobalConfigurationMessage
from cdiscount_marketplace.soap.orders.models import OrderListMessage
from cdiscount_marketplace.soap.orders.validation import ValidationResultMessage


def get_order_list(asked: Asked) -> Reply:
    """Read orders."""
    values, settings = asked.part("orderFilter"), asked.book.settings
    orders = listing.distort(listing.select(values, asked.book, settings), asked.effects)
    detail = listing.detail(values)
    shown = tuple(show(order, detail, settings) for order in orders)
    return Reply(OrderListMessage(orders=shown), order_numbers=tuple(values.many("OrderReferenceList")))


def validate_order_list(asked: Asked) -> Reply:
    """Accept, refuse and ship."""
    values, settings = asked.part("validateOrderListMessage"), asked.book.settings
    results = OrderProcessor(book=asked.book, settings=settings, effects=asked.effects).validate(values)
    return Reply(
        ValidationResultMessage(validate_order_results=results),
        message=message(results, settings.message_join),
        order_numbers=tuple(request.number for request in read_requests(values)),
    )


def get_global_configuration(_asked: Asked) -> Reply:
    """List the carriers."""
    listed = tuple(
        Carrier(carrier_id=carrier.number, default_url=carrier.url, name=carrier.name) for carrier in carriers.CARRIERS
    )
    return Reply(GlobalConfigurationMessage(carriers=listed))


def get_seller_information(asked: Asked) -> Reply:
    """Tell who the seller is."""
    return Reply(shop.information(asked.account))


def get_seller_indicators(asked: Asked) -> Reply:
    """Tell how well the seller does."""
    return Reply(shop.indicators(asked.book.now().astimezone(ZoneInfo(asked.book.settings.zone))))


def create_refund_voucher(asked: Asked) -> Reply:
    """Give money back."""
    values = asked.part("request")
    result = refund(values, asked.book)
    number = values.text("OrderNumber")
    if result is None:
        return Reply(shop.NO_REFUND, message="Demande de remboursement invalide", success=False)
    return Reply(result, order_numbers=(number,))


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "CreateRefundVoucher": create_refund_voucher,
        "GetGlobalConfiguration": get_global_configuration,
        "GetOrderList": get_order_list,
        "GetSellerIndicators": get_seller_indicators,
        "GetSellerInformation": get_seller_information,
        "ValidateOrderList": validate_order_list,
        **after_sales.HANDLERS,
        **cataloguing.HANDLERS,
        **discussing.HANDLERS,
        **offering.HANDLERS,
        **supplying.HANDLERS,
    }
)
