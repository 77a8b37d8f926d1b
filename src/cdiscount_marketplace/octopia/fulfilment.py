"""`client.fulfilment`: goods that the marketplace stores and ships for the seller. Unverified: bodies are parsed JSON.

It does not serve Cdiscount's French warehouse.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cdiscount_marketplace.octopia.api import Api
from cdiscount_marketplace.octopia.open_calls import OpenCalls, Query


class Fulfilment:
    """Supply orders, stocks, external orders and returns; reached as `client.fulfilment`. Thread-safe. Unverified.

    `query` has the service's own filters. What is made with a POST is never made twice by itself: `OutcomeUnknown`
    means to look before making it again.
    """

    def __init__(self, api: Api) -> None:
        self._calls = OpenCalls(api)

    def declare_product(self, body: object) -> Any:
        """Declare a product's packaging, condition and customs data, before any supply order."""
        return self._calls.made("/fulfillment-products", body)

    def inbound_shipments(self, query: Query | None = None) -> Iterator[Any]:
        """List supply orders."""
        return self._calls.listed("/inbound-shipments", query=query)

    def inbound_shipments_count(self, query: Query | None = None) -> int:
        """Count supply orders."""
        return self._calls.count("/inbound-shipments/count", query=query)

    def inbound_shipment(self, shipment_id: str) -> Any:
        """Read a supply order."""
        return self._calls.one("/inbound-shipments/{id}", shipment_id)

    def create_inbound_shipment(self, body: object) -> Any:
        """Make a supply order, which is checked later."""
        return self._calls.made("/inbound-shipments", body)

    def delivery_note(self, shipment_id: str) -> bytes:
        """Read the delivery note of a supply order that was accepted."""
        return self._calls.file("/inbound-shipments/{id}/delivery-notes", shipment_id)

    def stocks(self, query: Query | None = None) -> Iterator[Any]:
        """List stocks by product and country."""
        return self._calls.listed("/stocks", query=query)

    def stock(self, stock_id: str) -> Any:
        """Read one stock."""
        return self._calls.one("/stocks/{id}", stock_id)

    def stock_seller_references(self, query: Query | None = None) -> Iterator[Any]:
        """List the seller's references of what is in stock."""
        return self._calls.listed("/stock-seller-references", query=query)

    def outbound_shipments(self, query: Query | None = None) -> Iterator[Any]:
        """List orders from elsewhere that the marketplace ships."""
        return self._calls.listed("/outbound-shipments", query=query)

    def outbound_shipments_count(self, query: Query | None = None) -> int:
        """Count orders from elsewhere."""
        return self._calls.count("/outbound-shipments/count", query=query)

    def outbound_shipment(self, shipment_id: str) -> Any:
        """Read an order from elsewhere."""
        return self._calls.one("/outbound-shipments/{id}", shipment_id)

    def create_outbound_shipment(self, body: object) -> Any:
        """Have an order from elsewhere shipped."""
        return self._calls.made("/outbound-shipments", body)

    def cancel_outbound_shipment(self, body: object) -> Any:
        """Ask to cancel an order from elsewhere before it is shipped."""
        return self._calls.made("/outbound-cancellation-requests", body)

    def outbound_cancellation(self, request_id: str) -> Any:
        """Read what became of such a request."""
        return self._calls.one("/outbound-cancellation-requests/{id}", request_id)

    def returns(self, query: Query | None = None) -> Iterator[Any]:
        """List returns."""
        return self._calls.listed("/returns", query=query)

    def returns_count(self, query: Query | None = None) -> int:
        """Count returns."""
        return self._calls.count("/returns/count", query=query)

    def return_(self, return_id: str) -> Any:
        """Read a return."""
        return self._calls.one("/returns/{id}", return_id)

    def create_return(self, body: object) -> Any:
        """Announce a return."""
        return self._calls.made("/returns", body)

    def return_label(self, return_id: str) -> bytes:
        """Read the label of a return."""
        return self._calls.file("/returns/{id}/labels", return_id)
