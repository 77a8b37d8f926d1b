"""`client.sellers`: what the marketplace knows of the seller."""

from __future__ import annotations

from attrs import frozen

from cdiscount_marketplace.soap.sellers import (
    GET_SELLER_INDICATORS,
    GET_SELLER_INFORMATION,
    SellerIndicator,
    SellerMessage,
)
from cdiscount_marketplace.soap.service import Service


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
