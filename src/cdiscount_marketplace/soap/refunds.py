"""`client.refunds`: refund lines and make commercial gestures (CreateRefundVoucher)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

from attrs import frozen

from cdiscount_marketplace.enums import Member
from cdiscount_marketplace.errors import CdiscountError, DecisionsRefused, OutcomeUnknown
from cdiscount_marketplace.failures import names_timeout, write_outcome
from cdiscount_marketplace.soap.codec.declare import WireEnum, element, model
from cdiscount_marketplace.soap.common import RefundInformation, ResultStatus, ServiceBaseMessage, ServiceMessage
from cdiscount_marketplace.soap.operations import Operation, Part
from cdiscount_marketplace.soap.service import Service, failure_of

R = TypeVar("R", bound=ServiceMessage)


class RefundMotive(WireEnum, name="RefundMotive"):
    """Why a line is refunded."""

    VENDOR_REJECTION = Member("VendorRejection")
    CLIENT_CANCELLATION = Member("ClientCancellation")
    VENDOR_REJECTION_AND_CLIENT_CANCELLATION = Member("VendorRejectionAndClientCancellation")
    CLIENT_CLAIM = Member("ClientClaim")
    VENDOR_INITIATED_REFUND = Member("VendorInitiatedRefund")
    CLIENT_RETRACTION = Member("ClientRetraction")
    NO_CLIENT_WITHDRAWAL = Member("NoClientWithDrawal")
    PRODUCT_STOCK_UNAVAILABLE = Member("ProductStockUnavailable")


class RefundMode(WireEnum, name="SellerRefundRequestMode"):
    """What a refund follows from."""

    CLAIM = Member("Claim")
    RETRACTION = Member("Retraction")


@model()
class SellerRefundOrderLine:
    """The line to refund."""

    ean: str | None = None
    """Its EAN."""
    refund_shipping_charges: bool | None = element(default=None, nillable=True)
    """Whether shipping is refunded too."""
    seller_product_id: str | None = element(default=None, required=True)
    """The seller's reference, which names the line."""


@model()
class SellerRefundRequest:
    """A refund of one line."""

    mode: RefundMode | None = None
    """What it follows from."""
    motive: RefundMotive | None = None
    """Why."""
    refund_order_line: SellerRefundOrderLine | None = element(default=None, required=True)
    """Which line."""


@model()
class CreateRefundVoucherRequest:
    """Refunds and gestures for one order; gestures also before shipping, refunds only after."""

    commercial_gestures: Sequence[RefundInformation] = element(default=(), name="CommercialGestureList")
    """Gestures."""
    order_number: str | None = element(default=None, required=True)
    """The order."""
    seller_refunds: Sequence[SellerRefundRequest] = element(default=(), name="SellerRefundList")
    """Refunds of lines."""


@model()
class RefundInformationMessage(ServiceMessage):
    """What became of a gesture, with a message and its own success flag."""

    amount: Decimal | None = element(default=None, required=True)
    """Amount in euros."""
    motive_id: int | None = element(default=None, required=True)
    """Number of the motive."""


@model()
class SellerRefundResult(ServiceMessage):
    """What became of a refund, with a message and its own success flag."""

    ean: str | None = element(default=None, required=True)
    """EAN of the line."""
    motive: RefundMotive | None = element(default=None, required=True)
    """Why it was refunded."""
    seller_product_id: str | None = element(default=None, required=True)
    """The seller's reference."""
    value: Decimal | None = element(default=None, required=True)
    """What was refunded, in euros."""


@model()
class CreateRefundVoucherMessage(ServiceBaseMessage):
    """The answer of CreateRefundVoucher; each item has its own success."""

    commercial_gestures: tuple[RefundInformationMessage, ...] = element(
        default=(), name="CommercialGestureList", required=True
    )
    """One per gesture."""
    order_number: str | None = element(default=None, required=True)
    """The order; None when the request was refused as a whole."""
    seller_refunds: tuple[SellerRefundResult, ...] = element(default=(), name="SellerRefundList", required=True)
    """One per refund."""


CREATE_REFUND_VOUCHER = Operation(
    name="CreateRefundVoucher",
    parts=(Part("request", CreateRefundVoucherRequest),),
    result=CreateRefundVoucherMessage,
    kind="write",
)


@model()
class SellerRefundRequestMessage:
    """The ancestor of `CreateRefundVoucherRequest`: refunds alone, of a shipped order."""

    order_number: str | None = element(default=None, required=True)
    """The order."""
    seller_refunds: Sequence[SellerRefundRequest] = element(default=(), name="SellerRefundRequestList", required=True)
    """Refunds of lines."""


@model()
class SellerRefundResultMessage(ServiceMessage):
    """The answer of CreateRefundVoucherAfterShipment, the only one without a list of errors."""

    order_number: str | None = element(default=None, required=True)
    """The order."""
    seller_refunds: tuple[SellerRefundResult, ...] = element(default=(), name="SellerRefundResultList", required=True)
    """One per refund."""


CREATE_REFUND_VOUCHER_AFTER_SHIPMENT = Operation(
    name="CreateRefundVoucherAfterShipment",
    parts=(Part("request", SellerRefundRequestMessage),),
    result=SellerRefundResultMessage,
    kind="write",
)


@frozen(kw_only=True)
class RefundResult:
    """What became of one refund or gesture; `item` is what was asked, `amount` what was refunded."""

    item: SellerRefundRequest | RefundInformation
    status: ResultStatus
    amount: Decimal | None = None
    message: str | None = None


@frozen(kw_only=True)
class RefundReport:
    """One result per refund, then one per gesture, in the order in which they were given."""

    order_number: str
    results: tuple[RefundResult, ...] = ()

    def raise_for_failures(self) -> None:
        """Raise `OutcomeUnknown` if it is unknown of any, else `DecisionsRefused` if any was refused."""
        if any(result.status == ResultStatus.UNKNOWN for result in self.results):
            raise _unknown(self.order_number, self)
        refused = [result for result in self.results if result.status != ResultStatus.CONFIRMED]
        if refused:
            summary = f"{len(refused)} of {len(self.results)} not refunded"
            raise DecisionsRefused(summary, report=self, order_numbers=(self.order_number,))


@frozen
class Refunds:
    """Refund lines of shipped orders and make commercial gestures. Thread-safe."""

    _service: Service

    def create(self, request: CreateRefundVoucherRequest) -> RefundReport:
        """Refund lines and make gestures on one order, and return what became of each.

        Raises `OperationFailed` if the service refused the request as a whole, and `OutcomeUnknown` when it is not
        known whether something was refunded: look at the order's vouchers before repeating it.
        """
        answered = self._send(CREATE_REFUND_VOUCHER, request, request.order_number)
        return self._report(CREATE_REFUND_VOUCHER, request, answered)

    def create_after_shipment(self, order_number: str, refunds: Sequence[SellerRefundRequest]) -> RefundReport:
        """Refund lines of one shipped order by the older operation (CreateRefundVoucherAfterShipment).

        `create` does the same and more. Raises as it does; may not be repeated.
        """
        asked = SellerRefundRequestMessage(order_number=order_number, seller_refunds=refunds)
        answered = self._send(CREATE_REFUND_VOUCHER_AFTER_SHIPMENT, asked, order_number)
        request = CreateRefundVoucherRequest(order_number=order_number, seller_refunds=refunds)
        return self._report(
            CREATE_REFUND_VOUCHER_AFTER_SHIPMENT,
            request,
            CreateRefundVoucherMessage(
                error_message=answered.error_message,
                operation_success=answered.operation_success,
                order_number=answered.order_number,
                seller_refunds=answered.seller_refunds,
            ),
        )

    def _send(self, operation: Operation[R], request: object, order_number: str | None) -> R:
        try:
            return self._service.write(operation, request).result
        except CdiscountError as error:
            if write_outcome(error) == "not_run":
                raise
            raise _unknown(order_number, None, operation) from error

    def _report(
        self, operation: Operation[Any], request: CreateRefundVoucherRequest, answered: CreateRefundVoucherMessage
    ) -> RefundReport:
        failure = failure_of(operation, answered, self._service.writes.clock.now())
        has_reason = bool((answered.error_message or "").strip() or answered.errors)
        clear = has_reason and answered.operation_success is False
        # A service that ran out of time may have refunded before.
        clear = clear and failure is not None and not names_timeout(failure.message)
        if failure is not None and clear and not answered.seller_refunds and not answered.commercial_gestures:
            raise failure.about(order_numbers=_numbers(request.order_number))
        report = RefundReport(order_number=request.order_number or "", results=tuple(_results(request, answered)))
        if any(result.status == ResultStatus.UNKNOWN for result in report.results):
            raise _unknown(request.order_number, report, operation)
        return report


def _unknown(
    order_number: str | None, report: RefundReport | None, operation: Operation[Any] = CREATE_REFUND_VOUCHER
) -> OutcomeUnknown:
    return OutcomeUnknown(
        "it is not known whether this was refunded",
        report=report,
        operation=operation.name,
        order_numbers=_numbers(order_number),
        hint="read the order and look at its vouchers before repeating anything",
    )


def _numbers(order_number: str | None) -> tuple[str, ...]:
    return (order_number,) if order_number else ()


def _results(request: CreateRefundVoucherRequest, answered: CreateRefundVoucherMessage) -> list[RefundResult]:
    refunds, gestures = list(answered.seller_refunds), list(answered.commercial_gestures)
    results = [_refund_result(item, refunds) for item in request.seller_refunds]
    return results + [_gesture_result(item, gestures) for item in request.commercial_gestures]


def _refund_result(item: SellerRefundRequest, answered: list[SellerRefundResult]) -> RefundResult:
    line = item.refund_order_line
    wanted = (line.seller_product_id if line else None, item.motive)
    for result in answered:
        if (result.seller_product_id, result.motive) == wanted:
            answered.remove(result)
            return _result(item, result, result.value)
    return _unmentioned(item)


def _gesture_result(item: RefundInformation, answered: list[RefundInformationMessage]) -> RefundResult:
    for result in answered:
        if (result.amount, result.motive_id) == (item.amount, item.motive_id):
            answered.remove(result)
            return _result(item, result, result.amount)
    return _unmentioned(item)


def _unmentioned(item: SellerRefundRequest | RefundInformation) -> RefundResult:
    return RefundResult(item=item, status=ResultStatus.UNKNOWN, message="the answer does not mention it")


def _result(
    item: SellerRefundRequest | RefundInformation, answered: ServiceMessage, amount: Decimal | None
) -> RefundResult:
    message = (answered.error_message or "").strip() or None
    if answered.operation_success is True and message is None:
        return RefundResult(item=item, status=ResultStatus.CONFIRMED, amount=amount)
    # A success with an error beside it, or a failure without a reason, proves nothing.
    clear = answered.operation_success is False and message is not None and not names_timeout(message)
    status = ResultStatus.REJECTED if clear else ResultStatus.UNKNOWN
    return RefundResult(item=item, status=status, message=message)
