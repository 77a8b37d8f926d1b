"""What remains over SOAP: service orders, requests about parcels, refunds of old, and pick-up points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cdiscount_marketplace.sandbox.rules import Refused
from cdiscount_marketplace.sandbox.soap.asked import Asked, Handler, Reply
from cdiscount_marketplace.sandbox.soap.refunding import refund
from cdiscount_marketplace.sandbox.soap.requests import Values
from cdiscount_marketplace.soap.orders.investigations import (
    ManageParcelResultMessage,
    ParcelAction,
    ParcelActionResult,
)
from cdiscount_marketplace.soap.orders.services import ServiceOrderListMessage
from cdiscount_marketplace.soap.refunds import SellerRefundResultMessage
from cdiscount_marketplace.soap.relays import ParcelShopListMessage, RelaysFileDepositMessage, RelaysFileReport

_NO_REFUND: Final = "Demande de remboursement invalide"
_NO_PARCELS: Final = "Le champ ParcelInfo du message est manquant !"
# The service forgets to fill in the number.
_NO_ORDER: Final = "La commande {0} n'a pas été trouvée !"
_NO_FILE: Final = "Invalid filter object"


def get_service_order_list(_asked: Asked) -> Reply:
    """List no orders: the shop sells no services."""
    return Reply(ServiceOrderListMessage(orders=()))


def manage_parcel(asked: Asked) -> Reply:
    """Ask the carrier about parcels."""
    values = asked.part("manageParcelRequest")
    parcels, number = values.many("ParcelActionsList"), values.text("ScopusId")
    if not parcels:
        return Reply(ManageParcelResultMessage(), message=_NO_PARCELS, code="UnexpectedException", success=False)
    try:
        asked.book.reach(number)
    except Refused:
        return Reply(ManageParcelResultMessage(), message=_NO_ORDER, success=False)
    return Reply(ManageParcelResultMessage(results=tuple(map(_asked_for, parcels))), order_numbers=(number,))


def _asked_for(parcel: Values) -> ParcelActionResult:
    return ParcelActionResult(
        action_type=ParcelAction(parcel.text("ManageParcel")),
        parcel_number=parcel.get("ParcelNumber"),
        is_action_created=True,
        error_message="",
        operation_success=True,
    )


def create_refund_voucher_after_shipment(asked: Asked) -> Reply:
    """Give money back for lines of shipped orders."""
    values = asked.part("request")
    number = values.text("OrderNumber")
    result = refund(
        Values({"OrderNumber": number, "SellerRefundList": values.many("SellerRefundRequestList")}), asked.book
    )
    if result is None:
        return Reply(SellerRefundResultMessage(), message=_NO_REFUND, success=False)
    answered = SellerRefundResultMessage(order_number=number, seller_refunds=result.seller_refunds)
    return Reply(answered, order_numbers=(number,))


def get_parcel_shop_list(_asked: Asked) -> Reply:
    """List no pick-up points: the shop has none."""
    return Reply(ParcelShopListMessage())


def submit_relays_file(asked: Asked) -> Reply:
    """Take a file of pick-up points."""
    return Reply(RelaysFileDepositMessage(relays_file_id=asked.market.relays.submit()))


def get_relays_file_submission_result(asked: Asked) -> Reply:
    """Report on a file of pick-up points."""
    number = asked.part("relaysFileFilter").get("RelaysFileId") or 0
    submitted = asked.market.relays.submitted_at(number)
    if submitted is None:
        return Reply(RelaysFileReport(relays_file_id=0, number_of_errors=0), message=_NO_FILE, success=False)
    is_done = asked.book.now() - submitted >= asked.book.settings.octopia.integration
    status = "Integrated" if is_done else "IntegrationPending"
    report = RelaysFileReport(relays_file_id=number, number_of_errors=0, relays_file_integration_status=status)
    return Reply(report)


HANDLERS: Mapping[str, Handler] = {
    "CreateRefundVoucherAfterShipment": create_refund_voucher_after_shipment,
    "GetParcelShopList": get_parcel_shop_list,
    "GetRelaysFileSubmissionResult": get_relays_file_submission_result,
    "GetServiceOrderList": get_service_order_list,
    "ManageParcel": manage_parcel,
    "SubmitRelaysFile": submit_relays_file,
}
