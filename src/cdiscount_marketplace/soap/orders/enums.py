"""The words that orders and lines are described with. All are open: an unknown value is data."""

from __future__ import annotations

from cdiscount_marketplace.enums import Member
from cdiscount_marketplace.soap.codec.declare import WireEnum


class OrderState(WireEnum, name="OrderStateEnum"):
    """Where an order stands.

    A seller may set ACCEPTED_BY_SELLER, REFUSED_BY_SELLER, SHIPPED, SHIPMENT_REFUSED_BY_SELLER and AVAILABLE_ON_STORE.
    """

    CANCELLED_BY_CUSTOMER = Member("CancelledByCustomer")
    WAITING_FOR_SELLER_ACCEPTATION = Member("WaitingForSellerAcceptation")
    ACCEPTED_BY_SELLER = Member("AcceptedBySeller")
    PAYMENT_IN_PROGRESS = Member("PaymentInProgress")
    WAITING_FOR_SHIPMENT_ACCEPTATION = Member("WaitingForShipmentAcceptation")
    SHIPPED = Member("Shipped")
    REFUSED_BY_SELLER = Member("RefusedBySeller")
    AUTOMATIC_CANCELLATION = Member("AutomaticCancellation")
    PAYMENT_REFUSED = Member("PaymentRefused")
    SHIPMENT_REFUSED_BY_SELLER = Member("ShipmentRefusedBySeller")
    NONE = Member("None")
    VALIDATED_FIANET = Member("ValidatedFianet")
    REFUSED_NO_SHIPMENT = Member("RefusedNoShipment")
    AVAILABLE_ON_STORE = Member("AvailableOnStore")
    NON_PICKED_UP_BY_CUSTOMER = Member("NonPickedUpByCustomer")
    PICKED_UP = Member("PickedUp")
    SERVICE_CANCELED = Member("ServiceCanceled")
    PENDING_SHIPMENT_FOR_ASSOCIATED_PRODUCT = Member("PendingShipmentForAssociatedProduct")
    BLOCKED_WAITING_FOR_TREATMENT = Member("BlockedWaitingForTreatment")
    BLOCKED_WAITING_FOR_PROOF = Member("BlockedWaitingForProof")
    BLOCKED_REPEATED_LITIGATION_SUSPICION = Member("BlockedRepeatedLitigationSuspicion")
    BLOCKED_FRAUD_SUSPICION = Member("BlockedFraudSuspicion")
    BLOCKED_CONFIRMED = Member("BlockedConfirmed")
    FINISHED_GENERIX_UPDATE = Member("FinishedGenerixUpdate")
    BLOCKED_REPEATED_LITIGATION_SUSPICION_CONFIRMATION = Member("BlockedRepeatedLitigationSuspicionConfirmation")
    BLOCKED_FRAUD_SUSPICION_CONFIRMATION = Member("BlockedFraudSuspicionConfirmation")
    CEGID_DOWN = Member("CegidDown")
    BLOCKED_AUTOMATIC_CDS = Member("BlockedAutomaticCds")
    BEING_CANCELLED = Member("BeingCancelled")
    BEING_MODIFIED = Member("BeingModified")
    REQUEST_GOING_TO_GNX = Member("RequestGoingToGnx")
    PARTIAL_IN_GNX = Member("PartialInGnx")
    BEING_VALIDATED_FIANET = Member("BeingValidatedFianet")
    BLOCKED_MARKETPLACE_SERVICE = Member("BlockedMarketplaceService")


class AcceptationState(WireEnum, name="AcceptationStateEnum"):
    """Where a line stands. A seller may set the two acceptances, SHIPPED_BY_SELLER and SHIPMENT_REFUSED_BY_SELLER."""

    NONE = Member("None")
    ACCEPTED_BY_SELLER = Member("AcceptedBySeller")
    REFUSED_BY_SELLER = Member("RefusedBySeller")
    SHIPPED_BY_SELLER = Member("ShippedBySeller")
    REFUNDED_AFTER_SHIPPING = Member("RefundedAfterShipping")
    SHIPMENT_REFUSED_BY_SELLER = Member("ShipmentRefusedBySeller")
    REFUNDED_AFTER_SHIPMENT_REFUSED = Member("RefundedAfterShipmentRefused")
    CANCELLED_BEFORE_NOTIFICATION_BY_CUSTOMER = Member("CancelledBeforeNotificationByCustomer")
    CANCELLED_BEFORE_PAYMENT_BY_CUSTOMER = Member("CancelledBeforePaymentByCustomer")
    CANCELLATION_REQUEST_PENDING = Member("CancellationRequestPending")
    CANCELLED_AFTER_PAYMENT_BY_CUSTOMER = Member("CancelledAfterPaymentByCustomer")
    REFUNDED_AFTER_CUSTOMER_CANCELLATION = Member("RefundedAfterCustomerCancellation")
    PAYMENT_REFUSED = Member("PaymentRefused")


class OrderStatusType(WireEnum, name="OrderStatusType"):
    """The coarse status of an order at the site."""

    NON_VALIDATED = Member("NonValidated")
    NO_PAYMENT_ATTEMPT = Member("NoPaymentAttempt")
    CANCELLED = Member("Cancelled")
    VALIDATED = Member("Validated")
    WAITING = Member("Waiting")
    COMPLETED = Member("Completed")


class ValidationStatus(WireEnum, name="ValidationStatusType"):
    """Where the fraud check of an order stands."""

    VALIDATING_FIANET = Member("ValidatingFianet")
    PRE_ACCEPTED = Member("PreAccepted")
    NONE = Member("None")


class OrderType(WireEnum, name="OrderTypeEnum"):
    """Kinds of fulfilment to filter by; NONE does not restrict."""

    IS_FULFILLMENT = Member("IsFulfillment")
    MKPFBC = Member("MKPFBC")
    EXTFBC = Member("EXTFBC")
    NONE = Member("None")


class FilterCountry(WireEnum, name="CountryEnum"):
    """Countries to filter orders by."""

    ALL = Member("All")
    BELGIUM = Member("Belgium")
    FRANCE = Member("France")
    GERMANY = Member("Germany")
    SPAIN = Member("Spain")
    ITALY = Member("Italy")
    LUXEMBOURG = Member("Luxembourg")


class VoucherSource(WireEnum, name="VoucherSourceActor"):
    """Who made a refund or a gesture."""

    CUSTOMER = Member("Customer")
    CDISCOUNT = Member("CDiscount")
    SELLER = Member("Seller")


class ParcelStatus(WireEnum, name="ParcelStatus"):
    """Where a parcel is."""

    DELIVERED = Member("Delivered")
    NOT_DELIVERED_BACK_TRANSPORTER = Member("Not Delivered - Back Transporter")
    NOT_DELIVERED_LOST_OR_BROKEN = Member("Not Delivered - Lost Or Broken")
    COMMITTED_THE_TRANSPORTER = Member("Committed The Transporter")
    ON_GOING_DELIVERY = Member("On Going Delivery")
    IN_POINT_RELAY = Member("In Point Relay")
    OTHER = Member("Other")
    PREPARED = Member("Prepared")


class TypeOfReturn(WireEnum, name="AskingForReturnType"):
    """What a seller asks of the warehouse for a line that it fulfils."""

    ASKING_FOR_RETURN = Member("AskingForReturn")
    ASKING_FOR_RETURN_AND_REMOVAL = Member("AskingForReturnAndRemoval")
