"""The client of the Octopia Seller REST API for asyncio code; written by `tests/support/async_twins.py`."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from cdiscount_marketplace.aio.threads import WORKERS, Threads
from cdiscount_marketplace.aio.twins import AsyncClient, Twin
from cdiscount_marketplace.octopia.client import BASE_URL, CDISCOUNT, TOKEN_URL, OctopiaClient
from cdiscount_marketplace.octopia.invoices import MAX_BYTES
from cdiscount_marketplace.octopia.orders.models import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal
    from typing import Any, Self

    import requests

    from cdiscount_marketplace.aio.items import AsyncItems
    from cdiscount_marketplace.calls.credentials import Secret
    from cdiscount_marketplace.calls.http import TimeLimits
    from cdiscount_marketplace.calls.retry import RetryPolicy
    from cdiscount_marketplace.calls.tokens import TokenCache
    from cdiscount_marketplace.clock import Clock
    from cdiscount_marketplace.events.hooks import Hook
    from cdiscount_marketplace.octopia.api import Taken
    from cdiscount_marketplace.octopia.configurations import Configurations, DeliveryMode
    from cdiscount_marketplace.octopia.discussions.models import Attachment, Discussion, DiscussionFilter, ReceiverForm
    from cdiscount_marketplace.octopia.discussions.section import Discussions, Messages
    from cdiscount_marketplace.octopia.finance import Finance
    from cdiscount_marketplace.octopia.fulfilment import Fulfilment
    from cdiscount_marketplace.octopia.invoices import InvoiceDocument, InvoiceImport, Invoices, InvoiceUpload
    from cdiscount_marketplace.octopia.offers.models import (
        OfferFilter,
        OfferPackage,
        OfferRequest,
        OfferRequestResult,
        PackageState,
        PackageType,
        PublishedOffer,
    )
    from cdiscount_marketplace.octopia.offers.packages import OfferPackages, OfferSubmission
    from cdiscount_marketplace.octopia.offers.section import Offers
    from cdiscount_marketplace.octopia.open_calls import Query
    from cdiscount_marketplace.octopia.orders.cancellations import (
        CancellationReason,
        CancellationRequest,
        LineCancellation,
        OrderKey,
        RefundMember,
    )
    from cdiscount_marketplace.octopia.orders.gestures import (
        AvailableAmounts,
        Gesture,
        GestureConfiguration,
        GestureFilter,
        Gestures,
    )
    from cdiscount_marketplace.octopia.orders.models import Order, OrderFilter, OrderParcel, OrderStatus
    from cdiscount_marketplace.octopia.orders.section import OrderPage, Orders, ShipmentForm
    from cdiscount_marketplace.octopia.products.models import (
        Category,
        CategoryProperty,
        Product,
        ProductReport,
        ProductRequest,
    )
    from cdiscount_marketplace.octopia.products.section import Categories, Products
    from cdiscount_marketplace.octopia.products.submission import ProductSubmission
    from cdiscount_marketplace.octopia.sellers import Carrier, Indicator, Seller, SellerAddress, Sellers, Subscription


class AsyncOctopiaClient(AsyncClient[OctopiaClient]):
    """Await the calls of `OctopiaClient`; its options, and the methods of its sections, are the same.

    At most `threads` calls run at once, in threads of the client's own; give `Threads` to share them. A call whose
    caller is cancelled while it runs goes on to its end, for which `aclose()` waits (`async with` does).
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: Secret,
        seller_id: str,
        sales_channel_id: str = CDISCOUNT,
        base_url: str = BASE_URL,
        token_url: str = TOKEN_URL,
        session: requests.Session | None = None,
        timeout: TimeLimits | None = None,
        retry: RetryPolicy | None = None,
        hooks: Sequence[Hook] = (),
        token_cache: TokenCache | None = None,
        clock: Clock | None = None,
        threads: Threads | int = WORKERS,
    ) -> None:
        super().__init__(
            OctopiaClient(
                client_id=client_id,
                client_secret=client_secret,
                seller_id=seller_id,
                sales_channel_id=sales_channel_id,
                base_url=base_url,
                token_url=token_url,
                session=session,
                timeout=timeout,
                retry=retry,
                hooks=hooks,
                token_cache=token_cache,
                clock=clock,
            ),
            threads,
        )

    @classmethod
    def from_env(
        cls, environ: Mapping[str, str] = os.environ, *, threads: Threads | int = WORKERS, **options: Any
    ) -> Self:
        """Read the environment variables that `OctopiaClient.from_env` reads."""
        return cls._around(OctopiaClient.from_env(environ, **options), threads)

    @property
    def sales_channel_id(self) -> str:
        """Where the seller sells, such as CDISFR."""
        return self._sync.sales_channel_id

    @property
    def clock(self) -> Clock:
        """The clock that the client goes by."""
        return self._sync.clock

    @property
    def limits(self) -> TimeLimits:
        """The time limits of single requests."""
        return self._sync.limits

    @property
    def policy(self) -> RetryPolicy:
        """How often and how long calls are repeated."""
        return self._sync.policy

    @property
    def orders(self) -> AsyncOrders:
        """Orders: read them, accept or refuse them, report shipments, give money back."""
        return AsyncOrders(self._sync.orders, self._calls)

    @property
    def sellers(self) -> AsyncSellers:
        """The account: information, addresses, subscriptions, indicators."""
        return AsyncSellers(self._sync.sellers, self._calls)

    @property
    def offers(self) -> AsyncOffers:
        """Offers: read them, and send packages of them."""
        return AsyncOffers(self._sync.offers, self._calls)

    @property
    def discussions(self) -> AsyncDiscussions:
        """Discussions with customers: list, read, open, close."""
        return AsyncDiscussions(self._sync.discussions, self._calls)

    @property
    def messages(self) -> AsyncMessages:
        """Messages to customers: answer, mark as read."""
        return AsyncMessages(self._sync.messages, self._calls)

    @property
    def invoices(self) -> AsyncInvoices:
        """Invoices to customers: upload them, and follow their import."""
        return AsyncInvoices(self._sync.invoices, self._calls)

    @property
    def products(self) -> AsyncProducts:
        """Products: the catalogue, categories and brands, and new ones to submit."""
        return AsyncProducts(self._sync.products, self._calls)

    @property
    def finance(self) -> AsyncFinance:
        """Payments and the marketplace's own invoices; unverified."""
        return AsyncFinance(self._sync.finance, self._calls)

    @property
    def fulfilment(self) -> AsyncFulfilment:
        """Goods that the marketplace stores and ships; unverified."""
        return AsyncFulfilment(self._sync.fulfilment, self._calls)

    @property
    def configurations(self) -> AsyncConfigurations:
        """What a sales channel allows: delivery modes, typologies."""
        return AsyncConfigurations(self._sync.configurations, self._calls)

    async def carriers(self) -> tuple[Carrier, ...]:
        """List the carriers that the marketplace knows; shipments name the label."""
        return await self._calls.run(self._sync.carriers)

    def with_limits(self, retry: RetryPolicy, timeout: TimeLimits) -> Self:
        """Return a client with other limits, which shares this one's tokens and connections."""
        return self._around(self._sync.with_limits(retry, timeout), self._calls.threads)


class AsyncOrders(Twin):
    """Section: await the methods of `octopia.orders.section.Orders`."""

    _sync: Orders

    @property
    def gestures(self) -> AsyncGestures:
        """Return `Orders.gestures`."""
        return AsyncGestures(self._sync.gestures, self._calls)

    def pages(
        self,
        filter: OrderFilter | None = None,
        *,
        page_size: int = PAGE_SIZE,
        between: Callable[[], None] = lambda: None,
    ) -> AsyncItems[OrderPage]:
        """List orders page by page (at most 100 each); pages are read as the iterator is used."""
        return self._items(self._sync.pages, filter, page_size=page_size, between=between)

    def iter(self, filter: OrderFilter | None = None, *, page_size: int = PAGE_SIZE) -> AsyncItems[Order]:
        """List orders one by one; see `pages`."""
        return self._items(self._sync.iter, filter, page_size=page_size)

    async def list(self, filter: OrderFilter | None = None) -> list[Order]:
        """List all orders at once; see `pages`."""
        return await self._calls.run(self._sync.list, filter)

    async def count(self, filter: OrderFilter | None = None) -> int:
        """Count orders. The service answers with a bare number; an object with one number is understood too."""
        return await self._calls.run(self._sync.count, filter)

    async def get(self, order_id: str) -> Order:
        """Read one order; raises `HttpError` with status 404 for an unknown one."""
        return await self._calls.run(self._sync.get, order_id)

    async def approve(self, order_id: str) -> Taken:
        """Accept an order that is waiting for acceptance; always the whole order."""
        return await self._calls.run(self._sync.approve, order_id)

    async def refuse(self, order_id: str) -> Taken:
        """Refuse an order that is waiting for acceptance; always the whole order."""
        return await self._calls.run(self._sync.refuse, order_id)

    async def ship(self, order_id: str, parcels: Sequence[OrderParcel], *, form: ShipmentForm = "array") -> Taken:
        """Declare the parcels of an order that is in preparation; Cdiscount takes one parcel for the whole order."""
        return await self._calls.run(self._sync.ship, order_id, parcels, form=form)

    async def cancellation_reasons(self, *, order_status: OrderStatus | None = None) -> tuple[CancellationReason, ...]:
        """List the reasons that a seller may give for an order in the given state."""
        return await self._calls.run(self._sync.cancellation_reasons, order_status=order_status)

    def cancellation_requests(self, order_id: str) -> AsyncItems[CancellationRequest]:
        """List the cancellations of an order."""
        return self._items(self._sync.cancellation_requests, order_id)

    async def cancel(
        self, order_id: str, *, reason: str, refund_shipping: bool, order_key: OrderKey = "orderSellerId"
    ) -> Taken:
        """Cancel or refund a whole order."""
        return await self._calls.run(
            self._sync.cancel, order_id, reason=reason, refund_shipping=refund_shipping, order_key=order_key
        )

    async def cancel_lines(
        self,
        order_id: str,
        lines: Sequence[LineCancellation],
        *,
        order_key: OrderKey = "orderSellerId",
        refund_member: RefundMember = "line",
    ) -> Taken:
        """Cancel or refund single lines."""
        return await self._calls.run(
            self._sync.cancel_lines, order_id, lines, order_key=order_key, refund_member=refund_member
        )


class AsyncSellers(Twin):
    """Section: await the methods of `octopia.sellers.Sellers`."""

    _sync: Sellers

    async def information(self) -> Seller:
        """Read the account."""
        return await self._calls.run(self._sync.information)

    async def addresses(self) -> tuple[SellerAddress, ...]:
        """List the account's addresses."""
        return await self._calls.run(self._sync.addresses)

    async def subscriptions(self) -> tuple[Subscription, ...]:
        """List the sales channels that the account sells on."""
        return await self._calls.run(self._sync.subscriptions)

    async def indicators(self) -> tuple[Indicator, ...]:
        """List the account's quality indicators."""
        return await self._calls.run(self._sync.indicators)


class AsyncOffers(Twin):
    """Section: await the methods of `octopia.offers.section.Offers`."""

    _sync: Offers

    @property
    def packages(self) -> AsyncOfferPackages:
        """Return `Offers.packages`."""
        return AsyncOfferPackages(self._sync.packages, self._calls)

    def iter(self, filter: OfferFilter | None = None) -> AsyncItems[PublishedOffer]:
        """List offers on a sales channel (by default the client's); pages are read as the iterator is used."""
        return self._items(self._sync.iter, filter)

    async def get(self, seller_external_reference: str) -> PublishedOffer | None:
        """Read one offer by the seller's own key; None where the marketplace has none."""
        return await self._calls.run(self._sync.get, seller_external_reference)


class AsyncDiscussions(Twin):
    """Section: await the methods of `octopia.discussions.section.Discussions`."""

    _sync: Discussions

    def iter(self, filter: DiscussionFilter | None = None) -> AsyncItems[Discussion]:
        """List discussions on the client's sales channel; pages are read as the iterator is used."""
        return self._items(self._sync.iter, filter)

    async def count(self, filter: DiscussionFilter | None = None) -> int:
        """Count discussions by `is_open`, `process_status` and `graduation`; other filters are not sent."""
        return await self._calls.run(self._sync.count, filter)

    async def get(self, discussion_id: str) -> Discussion:
        """Read one discussion with all its messages; raises `HttpError` with status 404 for an unknown one."""
        return await self._calls.run(self._sync.get, discussion_id)

    async def open(
        self,
        order_id: str,
        *,
        subject: str,
        body: str,
        sub_typology_code: str,
        customer_id: str | None = None,
        product_id: str | None = None,
        attachments: Sequence[Attachment] = (),
        form: ReceiverForm = "receiver",
    ) -> str | None:
        """Write to the customer of an order, and return the new discussion's id, if the answer contains it."""
        return await self._calls.run(
            self._sync.open,
            order_id,
            subject=subject,
            body=body,
            sub_typology_code=sub_typology_code,
            customer_id=customer_id,
            product_id=product_id,
            attachments=attachments,
            form=form,
        )

    async def close(self, discussion_id: str) -> None:
        """Close a discussion; closing it twice changes nothing."""
        await self._calls.run(self._sync.close, discussion_id)


class AsyncMessages(Twin):
    """Section: await the methods of `octopia.discussions.section.Messages`."""

    _sync: Messages

    async def answer(
        self,
        discussion: Discussion,
        body: str,
        *,
        attachments: Sequence[Attachment] = (),
        form: ReceiverForm = "receivers",
    ) -> str | None:
        """Answer the customer in a discussion, with 13 to 5,000 characters; return the message's id, if there is
        one.
        """
        return await self._calls.run(self._sync.answer, discussion, body, attachments=attachments, form=form)

    async def mark_read(self, message_id: str) -> None:
        """Mark a message as read; doing it twice changes nothing."""
        await self._calls.run(self._sync.mark_read, message_id)


class AsyncInvoices(Twin):
    """Section: await the methods of `octopia.invoices.Invoices`."""

    _sync: Invoices

    async def upload(
        self, order_id: str, document: bytes, *, max_bytes: int = MAX_BYTES, field: str = "file"
    ) -> AsyncInvoiceUpload:
        """Upload the invoice of one order: a PDF (Factur-X included), or UBL 2.1 XML."""
        return AsyncInvoiceUpload(
            await self._calls.run(self._sync.upload, order_id, document, max_bytes=max_bytes, field=field), self._calls
        )

    async def upload_many(
        self, documents: Mapping[str, bytes], *, max_bytes: int = MAX_BYTES, field: str = "files"
    ) -> AsyncInvoiceUpload:
        """Upload the invoices of several orders in one import; the keys are their orderIds."""
        return AsyncInvoiceUpload(
            await self._calls.run(self._sync.upload_many, documents, max_bytes=max_bytes, field=field), self._calls
        )

    async def upload_zip(
        self, archive: bytes, *, max_bytes: int = MAX_BYTES, field: str = "files"
    ) -> AsyncInvoiceUpload:
        """Upload a ZIP of invoices, each named after its order's orderId, such as `26030112AAAA.pdf`."""
        return AsyncInvoiceUpload(
            await self._calls.run(self._sync.upload_zip, archive, max_bytes=max_bytes, field=field), self._calls
        )

    def imports(self) -> AsyncItems[InvoiceImport]:
        """List imports; pages are read as the iterator is used."""
        return self._items(self._sync.imports)

    async def get_import(self, import_id: str) -> InvoiceImport:
        """Read where an import stands; raises `HttpError` with status 404 for an unknown one."""
        return await self._calls.run(self._sync.get_import, import_id)

    async def documents(self, order_id: str) -> tuple[InvoiceDocument, ...]:
        """List the invoices that the marketplace has of an order."""
        return await self._calls.run(self._sync.documents, order_id)


class AsyncProducts(Twin):
    """Section: await the methods of `octopia.products.section.Products`."""

    _sync: Products

    @property
    def categories(self) -> AsyncCategories:
        """Return `Products.categories`."""
        return AsyncCategories(self._sync.categories, self._calls)

    def iter(self, *, gtin: str | None = None, category_reference: str | None = None) -> AsyncItems[Product]:
        """List products of the catalogue by GTIN or category; pages are read as the iterator is used."""
        return self._items(self._sync.iter, gtin=gtin, category_reference=category_reference)

    async def find(self, gtin: str) -> Product | None:
        """Return the product with a GTIN; None where the catalogue has none."""
        return await self._calls.run(self._sync.find, gtin)

    async def count(self) -> int:
        """Count the products of the catalogue."""
        return await self._calls.run(self._sync.count)

    def brands(self) -> AsyncItems[str]:
        """List the brands that the marketplace knows; pages are read as the iterator is used."""
        return self._items(self._sync.brands)

    async def submit(self, products: Sequence[ProductRequest], *, language: str = "fr-FR") -> AsyncProductSubmission:
        """Submit 1 to 25 new products, and return a handle; `language` is that of the texts (fr-FR, en-US, es-ES)."""
        return AsyncProductSubmission(
            await self._calls.run(self._sync.submit, products, language=language), self._calls
        )

    async def reports(self, *, package_id: str | None = None, gtin: str | None = None) -> tuple[ProductReport, ...]:
        """Read what became of submitted products: of a package, or of one GTIN; at most 25, and some time later."""
        return await self._calls.run(self._sync.reports, package_id=package_id, gtin=gtin)


class AsyncFinance(Twin):
    """Section: await the methods of `octopia.finance.Finance`."""

    _sync: Finance

    def payments(self, query: Query | None = None) -> AsyncItems[Any]:
        """List payments."""
        return self._items(self._sync.payments, query)

    async def payments_count(self, query: Query | None = None) -> int:
        """Count payments."""
        return await self._calls.run(self._sync.payments_count, query)

    def operations(self, query: Query | None = None) -> AsyncItems[Any]:
        """List what is paid or taken: sales, commissions, refunds, subscriptions, fees."""
        return self._items(self._sync.operations, query)

    async def operations_count(self, query: Query | None = None) -> int:
        """Count operations."""
        return await self._calls.run(self._sync.operations_count, query)

    def invoice_documents(self, query: Query | None = None) -> AsyncItems[Any]:
        """List the marketplace's own invoices."""
        return self._items(self._sync.invoice_documents, query)

    async def invoice_document(self, invoice_id: str) -> bytes:
        """Read one of its invoices, a PDF."""
        return await self._calls.run(self._sync.invoice_document, invoice_id)

    def invoice_details(self, invoice_id: str, query: Query | None = None) -> AsyncItems[Any]:
        """List the lines of an invoice."""
        return self._items(self._sync.invoice_details, invoice_id, query)

    async def invoice_details_count(self, invoice_id: str) -> int:
        """Count the lines of an invoice."""
        return await self._calls.run(self._sync.invoice_details_count, invoice_id)

    def reports(self, query: Query | None = None) -> AsyncItems[Any]:
        """List reports for the tax authorities (DAC7)."""
        return self._items(self._sync.reports, query)

    async def report_document(self, report_id: str) -> bytes:
        """Read the document of a report."""
        return await self._calls.run(self._sync.report_document, report_id)


class AsyncFulfilment(Twin):
    """Section: await the methods of `octopia.fulfilment.Fulfilment`."""

    _sync: Fulfilment

    async def declare_product(self, body: object) -> Any:
        """Declare a product's packaging, condition and customs data, before any supply order."""
        return await self._calls.run(self._sync.declare_product, body)

    def inbound_shipments(self, query: Query | None = None) -> AsyncItems[Any]:
        """List supply orders."""
        return self._items(self._sync.inbound_shipments, query)

    async def inbound_shipments_count(self, query: Query | None = None) -> int:
        """Count supply orders."""
        return await self._calls.run(self._sync.inbound_shipments_count, query)

    async def inbound_shipment(self, shipment_id: str) -> Any:
        """Read a supply order."""
        return await self._calls.run(self._sync.inbound_shipment, shipment_id)

    async def create_inbound_shipment(self, body: object) -> Any:
        """Make a supply order, which is checked later."""
        return await self._calls.run(self._sync.create_inbound_shipment, body)

    async def delivery_note(self, shipment_id: str) -> bytes:
        """Read the delivery note of a supply order that was accepted."""
        return await self._calls.run(self._sync.delivery_note, shipment_id)

    def stocks(self, query: Query | None = None) -> AsyncItems[Any]:
        """List stocks by product and country."""
        return self._items(self._sync.stocks, query)

    async def stock(self, stock_id: str) -> Any:
        """Read one stock."""
        return await self._calls.run(self._sync.stock, stock_id)

    def stock_seller_references(self, query: Query | None = None) -> AsyncItems[Any]:
        """List the seller's references of what is in stock."""
        return self._items(self._sync.stock_seller_references, query)

    def outbound_shipments(self, query: Query | None = None) -> AsyncItems[Any]:
        """List orders from elsewhere that the marketplace ships."""
        return self._items(self._sync.outbound_shipments, query)

    async def outbound_shipments_count(self, query: Query | None = None) -> int:
        """Count orders from elsewhere."""
        return await self._calls.run(self._sync.outbound_shipments_count, query)

    async def outbound_shipment(self, shipment_id: str) -> Any:
        """Read an order from elsewhere."""
        return await self._calls.run(self._sync.outbound_shipment, shipment_id)

    async def create_outbound_shipment(self, body: object) -> Any:
        """Have an order from elsewhere shipped."""
        return await self._calls.run(self._sync.create_outbound_shipment, body)

    async def cancel_outbound_shipment(self, body: object) -> Any:
        """Ask to cancel an order from elsewhere before it is shipped."""
        return await self._calls.run(self._sync.cancel_outbound_shipment, body)

    async def outbound_cancellation(self, request_id: str) -> Any:
        """Read what became of such a request."""
        return await self._calls.run(self._sync.outbound_cancellation, request_id)

    def returns(self, query: Query | None = None) -> AsyncItems[Any]:
        """List returns."""
        return self._items(self._sync.returns, query)

    async def returns_count(self, query: Query | None = None) -> int:
        """Count returns."""
        return await self._calls.run(self._sync.returns_count, query)

    async def return_(self, return_id: str) -> Any:
        """Read a return."""
        return await self._calls.run(self._sync.return_, return_id)

    async def create_return(self, body: object) -> Any:
        """Announce a return."""
        return await self._calls.run(self._sync.create_return, body)

    async def return_label(self, return_id: str) -> bytes:
        """Read the label of a return."""
        return await self._calls.run(self._sync.return_label, return_id)


class AsyncConfigurations(Twin):
    """Section: await the methods of `octopia.configurations.Configurations`."""

    _sync: Configurations

    async def delivery_modes(self) -> tuple[DeliveryMode, ...]:
        """List the ways of delivery."""
        return await self._calls.run(self._sync.delivery_modes)

    def typologies(self, query: Query | None = None) -> AsyncItems[Any]:
        """List what discussions may be about. Unverified."""
        return self._items(self._sync.typologies, query)

    async def sales_channel(self, sales_channel_id: str | None = None) -> Any:
        """Read what a sales channel (by default the client's) allows. Unverified."""
        return await self._calls.run(self._sync.sales_channel, sales_channel_id)

    def attachments(self, query: Query | None = None) -> AsyncItems[Any]:
        """List attachments of messages. Unverified."""
        return self._items(self._sync.attachments, query)


class AsyncCategories(Twin):
    """Section: await the methods of `octopia.products.section.Categories`."""

    _sync: Categories

    def iter(self) -> AsyncItems[Category]:
        """List all categories, some 8,000; pages are read as the iterator is used."""
        return self._items(self._sync.iter)

    async def count(self) -> int:
        """Count the categories."""
        return await self._calls.run(self._sync.count)

    async def get(self, reference: str) -> Category:
        """Read one category; raises `HttpError` with status 404 for an unknown one."""
        return await self._calls.run(self._sync.get, reference)

    async def properties(self, reference: str) -> tuple[CategoryProperty, ...]:
        """List what can, or must, be said of a category's products."""
        return await self._calls.run(self._sync.properties, reference)


class AsyncProductSubmission(Twin):
    """Handle: await the methods of `octopia.products.submission.ProductSubmission`."""

    _sync: ProductSubmission

    @property
    def package_id(self) -> str:
        """Return `ProductSubmission.package_id`."""
        return self._sync.package_id

    @property
    def count(self) -> int:
        """Return `ProductSubmission.count`."""
        return self._sync.count

    async def status(self) -> tuple[ProductReport, ...]:
        """Read what the marketplace reports by now; it lags behind."""
        return await self._calls.run(self._sync.status)

    async def wait(
        self, *, timeout: timedelta = timedelta(hours=2), poll: timedelta = timedelta(minutes=1)
    ) -> tuple[ProductReport, ...]:
        """Wait until every product is integrated or refused, and return their reports."""
        return await self._polled(self._sync.wait, timeout=timeout, poll=poll)


class AsyncInvoiceUpload(Twin):
    """Handle: await the methods of `octopia.invoices.InvoiceUpload`."""

    _sync: InvoiceUpload

    @property
    def invoices(self) -> AsyncInvoices:
        """Return `InvoiceUpload.invoices`."""
        return AsyncInvoices(self._sync.invoices, self._calls)

    @property
    def import_id(self) -> str:
        """Return `InvoiceUpload.import_id`."""
        return self._sync.import_id

    async def status(self) -> InvoiceImport:
        """Read where the import stands, file by file."""
        return await self._calls.run(self._sync.status)

    async def wait(
        self, *, timeout: timedelta = timedelta(minutes=10), poll: timedelta = timedelta(seconds=5)
    ) -> InvoiceImport:
        """Wait until the import has ended, well or not, and return it: look at each file."""
        return await self._polled(self._sync.wait, timeout=timeout, poll=poll)


class AsyncOfferPackages(Twin):
    """Section: await the methods of `octopia.offers.packages.OfferPackages`."""

    _sync: OfferPackages

    async def create(self, kind: PackageType, *, sales_channel_id: str | None = None) -> str:
        """Make an empty package and return its id; one that is never set ready lapses after about six hours."""
        return await self._calls.run(self._sync.create, kind, sales_channel_id=sales_channel_id)

    async def add(self, package_id: str, offers: Sequence[OfferRequest], *, kind: PackageType) -> None:
        """Upload 1 to 100 offers into a package that is not ready yet; several uploads fill one package."""
        await self._calls.run(self._sync.add, package_id, offers, kind=kind)

    async def ready(self, package_id: str) -> None:
        """Hand a package over to the marketplace; nothing can be added after."""
        await self._calls.run(self._sync.ready, package_id)

    async def get(self, package_id: str) -> OfferPackage:
        """Read where a package stands; raises `HttpError` with status 404 for an unknown one."""
        return await self._calls.run(self._sync.get, package_id)

    def iter(
        self, *, state: PackageState | None = None, sales_channel_id: str | None = None
    ) -> AsyncItems[OfferPackage]:
        """List packages; pages are read as the iterator is used."""
        return self._items(self._sync.iter, state=state, sales_channel_id=sales_channel_id)

    def results(self, package_id: str) -> AsyncItems[OfferRequestResult]:
        """Read what became of each offer; kept for three days."""
        return self._items(self._sync.results, package_id)

    async def submit(
        self, kind: PackageType, offers: Sequence[OfferRequest], *, sales_channel_id: str | None = None
    ) -> AsyncOfferSubmission:
        """Make a package, upload all offers and return a handle, whose `wait` sets it ready and waits for the
        results.
        """
        return AsyncOfferSubmission(
            await self._calls.run(self._sync.submit, kind, offers, sales_channel_id=sales_channel_id), self._calls
        )


class AsyncOfferSubmission(Twin):
    """Handle: await the methods of `octopia.offers.packages.OfferSubmission`."""

    _sync: OfferSubmission

    @property
    def packages(self) -> AsyncOfferPackages:
        """Return `OfferSubmission.packages`."""
        return AsyncOfferPackages(self._sync.packages, self._calls)

    @property
    def package_id(self) -> str:
        """Return `OfferSubmission.package_id`."""
        return self._sync.package_id

    async def status(self) -> PackageState | None:
        """Read where the package stands."""
        return await self._calls.run(self._sync.status)

    async def wait(
        self, *, timeout: timedelta = timedelta(minutes=30), poll: timedelta = timedelta(seconds=10)
    ) -> list[OfferRequestResult]:
        """Set the package ready once it has digested its uploads, wait until it is integrated, return the results."""
        return await self._polled(self._sync.wait, timeout=timeout, poll=poll)


class AsyncGestures(Twin):
    """Section: await the methods of `octopia.orders.gestures.Gestures`."""

    _sync: Gestures

    async def available(self, order_id: str) -> AvailableAmounts:
        """Read how much may be given back on an order."""
        return await self._calls.run(self._sync.available, order_id)

    def iter(self, filter: GestureFilter | None = None) -> AsyncItems[Gesture]:
        """List gestures, following the cursor; pages are read as the iterator is used."""
        return self._items(self._sync.iter, filter)

    async def get(self, request_id: str) -> Gesture:
        """Read one gesture; raises `HttpError` with status 404 for an unknown one."""
        return await self._calls.run(self._sync.get, request_id)

    async def create(self, order_id: str, *, amount: Decimal, reason: str, reason_details: str | None = None) -> Taken:
        """Give `amount` back, on a shipped or delivered order; never repeated by itself once it may have run."""
        return await self._calls.run(
            self._sync.create, order_id, amount=amount, reason=reason, reason_details=reason_details
        )

    async def configuration(self, sales_channel_id: str | None = None) -> GestureConfiguration:
        """Read what a sales channel (by default the client's) allows: reasons, limits."""
        return await self._calls.run(self._sync.configuration, sales_channel_id)
