"""The shop that the sandbox's account belongs to."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from cdiscount_marketplace.sandbox.tokens import Account
from cdiscount_marketplace.soap.common import Address, Civility, DeliveryMode, OfferPool
from cdiscount_marketplace.soap.refunds import CreateRefundVoucherMessage
from cdiscount_marketplace.soap.sellers import (
    Seller,
    SellerIndicator,
    SellerIndicatorsMessage,
    SellerMessage,
    SellerState,
    SellerSubState,
    ThresholdType,
)

NO_REFUND = CreateRefundVoucherMessage()
_INDICATORS = (
    # One apostrophe is typographic, as in the service.
    ("Taux d’acceptation des commandes", "85.00", ThresholdType.MIN, "98.40"),
    ("Taux d'expédition des commandes", "85.00", ThresholdType.MIN, "97.10"),
    ("Taux de réclamation", "100.00", ThresholdType.MAX, "1.20"),
    ("Taux de remboursement", "5.00", ThresholdType.MAX, "0.80"),
    ("Respect du délai de préparation", "85.00", ThresholdType.MIN, "95.00"),
)


def information(account: Account) -> SellerMessage:
    """Describe the shop."""
    address = Address(
        address1="8 quai des Chartrons",
        city="Bordeaux",
        civility=Civility.MR,
        country="FR",
        zip_code="33000",
    )
    seller = Seller(
        email="boutique@example.com",
        is_available=SellerSubState.ACTIVE_SELLER,
        login=account.login.removesuffix("-api"),
        mobile_number="0600000000",
        phone_number="0500000000",
        seller_address=address,
        shop_name="La Boutique du Bac à Sable",
        siret_number="00000000000000",
        state=SellerState.ACTIVATED,
    )
    return SellerMessage(
        delivery_modes=(DeliveryMode(code="TRK", name="Envoi Suivi"), DeliveryMode(code="REG", name="Recommandé")),
        offer_pools=(OfferPool(description="Cdiscount", id=1),),
        seller=seller,
    )


def indicators(now: datetime) -> SellerIndicatorsMessage:
    """Measure the shop, always equally well, at the last midnight where `now` is."""
    measured = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return SellerIndicatorsMessage(
        seller_indicators=tuple(
            SellerIndicator(
                computation_date=measured,
                description=description,
                threshold=Decimal(threshold),
                threshold_type=kind,
                value_d30=Decimal(value),
                value_d60=Decimal(value),
            )
            for description, threshold, kind, value in _INDICATORS
        )
    )
