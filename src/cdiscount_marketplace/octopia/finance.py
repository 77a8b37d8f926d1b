"""`client.finance`: what the marketplace pays, and its own invoices. Unverified: bodies are parsed JSON.

The data of an order is there the day after its acceptance, commission invoices on the 9th, 19th and 29th, payments on
the 1st, 11th and 21st: more calls bring nothing new.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cdiscount_marketplace.octopia.api import Api
from cdiscount_marketplace.octopia.open_calls import OpenCalls, Query


class Finance:
    """Payments, operations, invoices and reports; reached as `client.finance`. Thread-safe. Unverified.

    `query` has the service's own filters, such as `{"paymentState": "Paid"}`.
    """

    def __init__(self, api: Api) -> None:
        self._calls = OpenCalls(api)

    def payments(self, query: Query | None = None) -> Iterator[Any]:
        """List payments."""
        return self._calls.listed("/payments", query=query)

    def payments_count(self, query: Query | None = None) -> int:
        """Count payments."""
        return self._calls.count("/payments/count", query=query)

    def operations(self, query: Query | None = None) -> Iterator[Any]:
        """List what is paid or taken: sales, commissions, refunds, subscriptions, fees."""
        return self._calls.listed("/operations", query=query)

    def operations_count(self, query: Query | None = None) -> int:
        """Count operations."""
        return self._calls.count("/operations/count", query=query)

    def invoice_documents(self, query: Query | None = None) -> Iterator[Any]:
        """List the marketplace's own invoices."""
        return self._calls.listed("/invoice-documents", query=query)

    def invoice_document(self, invoice_id: str) -> bytes:
        """Read one of its invoices, a PDF."""
        return self._calls.file("/invoices/{id}/documents", invoice_id)

    def invoice_details(self, invoice_id: str, query: Query | None = None) -> Iterator[Any]:
        """List the lines of an invoice."""
        return self._calls.listed("/invoices/{id}/details", invoice_id, query=query)

    def invoice_details_count(self, invoice_id: str) -> int:
        """Count the lines of an invoice."""
        return self._calls.count("/invoices/{id}/details/count", invoice_id)

    def reports(self, query: Query | None = None) -> Iterator[Any]:
        """List reports for the tax authorities (DAC7)."""
        return self._calls.listed("/reports", query=query)

    def report_document(self, report_id: str) -> bytes:
        """Read the document of a report."""
        return self._calls.file("/reports/{id}/report-documents", report_id)
