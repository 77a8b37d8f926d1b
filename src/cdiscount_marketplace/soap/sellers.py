"""`client.sellers`: what the marketplace knows of the seller (GetSellerInformation, GetSellerIndicators)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from cdiscount_marketplace.enums import Member
from cdiscount_marketplace.soap import common
from cdiscount_marketplace.soap.codec.declare import WireEnum, element, model
from cdiscount_marketplace.soap.common import SOURCE_2020, Address, OfferPool, ServiceBaseMessage
from cdiscount_marketplace.soap.operations import Operation
from cdiscount_marketplace.soap.service import Service


class SellerState(WireEnum, name="SellerStateEnum"):
    """Whether the seller's account is open."""

    ACTIVATED = Member("Activated")
    DEACTIVATED = Member("Deactivated")
    PUT_ON_NOTICE = Member("PutOnNotice")


class SellerSubState(WireEnum, name="SellerSubStateEnum"):
    """Whether the seller sells at the moment."""

    HOLIDAYS = Member("Holidays")
    ACTIVE_SELLER = Member("ActiveSeller")
    BANNED_SELLER = Member("BannedSeller")


class ThresholdType(WireEnum, name="TresholdType"):
    """On which side of its threshold an indicator should be; the service spells the type this way."""

    MIN = Member("ThresholdMin")
    MAX = Member("ThresholdMax")


@model(private=True)
class Seller:
    """The seller."""

    email: str | None = None
    """E-mail address."""
    id: str | None = element(default=None, since=SOURCE_2020)
    """Number of the seller."""
    is_available: SellerSubState | None = None
    """Whether the seller sells at the moment."""
    login: str | None = None
    """Login."""
    mobile_number: str | None = None
    """Mobile phone."""
    phone_number: str | None = None
    """Fixed phone."""
    seller_address: Address | None = None
    """Postal address."""
    shop_name: str | None = None
    """Name of the shop."""
    shop_url: str | None = None
    """Page of the shop."""
    siret_number: str | None = None
    """French company registration number."""
    state: SellerState | None = None
    """Whether the account is open."""


@model()
class SellerMessage(ServiceBaseMessage):
    """The answer of GetSellerInformation."""

    delivery_modes: tuple[common.DeliveryMode, ...] = ()
    """Delivery modes."""
    offer_pools: tuple[OfferPool, ...] = element(default=(), name="OfferPoolList")
    """Sites."""
    seller: Seller | None = None
    """The seller."""


@model()
class SellerIndicator:
    """One measure of the seller's performance."""

    computation_date: datetime | None = element(default=None, nillable=True)
    """When it was computed (UTC)."""
    description: str | None = None
    """Name of the measure, in French."""
    threshold: Decimal | None = element(default=None, nillable=True)
    """The value to keep to."""
    threshold_type: ThresholdType | None = None
    """Whether the threshold is a minimum or a maximum."""
    value_d30: Decimal | None = element(default=None, nillable=True)
    """Value over the last 30 days."""
    value_d60: Decimal | None = element(default=None, nillable=True)
    """Value over the last 60 days."""


@model()
class SellerIndicatorsMessage(ServiceBaseMessage):
    """The answer of GetSellerIndicators."""

    seller_indicators: tuple[SellerIndicator, ...] = ()
    """The measures; empty for a seller without history."""


GET_SELLER_INFORMATION = Operation(name="GetSellerInformation", result=SellerMessage, kind="read")
GET_SELLER_INDICATORS = Operation(name="GetSellerIndicators", result=SellerIndicatorsMessage, kind="read")


@frozen
class Sellers:
    """Read the seller's data and performance. Thread-safe."""

    _service: Service

    def information(self) -> SellerMessage:
        """Read the seller's data, delivery modes and sites; a good way to test a login."""
        return self._service.read(GET_SELLER_INFORMATION).result

    def indicators(self) -> tuple[SellerIndicator, ...]:
        """Read the measures of the seller's performance; empty for a seller without history."""
        return self._service.read(GET_SELLER_INDICATORS).result.seller_indicators
