"""The client of the Cdiscount Marketplace SOAP API for asyncio code; written by `tests/support/async_twins.py`."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Generic

from cdiscount_marketplace.aio.threads import WORKERS, Threads
from cdiscount_marketplace.aio.twins import AsyncClient, Twin
from cdiscount_marketplace.soap.client import MarketplaceClient
from cdiscount_marketplace.soap.codec.times import PARIS
from cdiscount_marketplace.soap.common import ProductCondition
from cdiscount_marketplace.soap.packages import P, is_finished

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import tzinfo
    from typing import Any, Self

    import requests

    from cdiscount_marketplace.aio.items import AsyncItems
    from cdiscount_marketplace.calls.credentials import Secret
    from cdiscount_marketplace.calls.http import TimeLimits
    from cdiscount_marketplace.calls.retry import RetryPolicy
    from cdiscount_marketplace.calls.tokens import TokenCache
    from cdiscount_marketplace.clock import Clock
    from cdiscount_marketplace.events.hooks import Hook
    from cdiscount_marketplace.soap.carriers import Carrier
    from cdiscount_marketplace.soap.discussions.models import (
        OfferQuestion,
        OfferQuestionFilter,
        OrderClaim,
        OrderClaimFilter,
        OrderQuestion,
        OrderQuestionFilter,
    )
    from cdiscount_marketplace.soap.discussions.replies import CloseResult, DiscussionMail
    from cdiscount_marketplace.soap.discussions.section import Discussions
    from cdiscount_marketplace.soap.fulfilment.enums import ExternalOrderStatus
    from cdiscount_marketplace.soap.fulfilment.external import ExternalOrder
    from cdiscount_marketplace.soap.fulfilment.section import Fulfilment
    from cdiscount_marketplace.soap.fulfilment.stock import (
        ActivationReport,
        ActivationReportFilter,
        ProductActivation,
        ProductStock,
        ProductStockFilter,
    )
    from cdiscount_marketplace.soap.fulfilment.supplies import (
        OrderLineSupply,
        OrderLineToSupply,
        OrderLineToSupplyFilter,
        ProductSupply,
        SupplyOrderFilter,
        SupplyOrderLine,
        SupplyReport,
        SupplyReportFilter,
    )
    from cdiscount_marketplace.soap.header import HeaderMessage
    from cdiscount_marketplace.soap.offers.models import (
        Offer,
        OfferFilter,
        OfferFilterPaginated,
        OfferListPaginatedMessage,
    )
    from cdiscount_marketplace.soap.offers.requests import OfferPackage
    from cdiscount_marketplace.soap.offers.section import Offers
    from cdiscount_marketplace.soap.offers.submissions import OfferPackageReport
    from cdiscount_marketplace.soap.orders.investigations import ParcelActionResult, ParcelRequest
    from cdiscount_marketplace.soap.orders.models import Order, OrderFilter
    from cdiscount_marketplace.soap.orders.reports import ValidationReport
    from cdiscount_marketplace.soap.orders.section import OrderReading, Orders
    from cdiscount_marketplace.soap.orders.services import ServiceOrder
    from cdiscount_marketplace.soap.orders.shipping import ClosedLines, Rest
    from cdiscount_marketplace.soap.orders.validation import ValidateOrder
    from cdiscount_marketplace.soap.package_files import Upload
    from cdiscount_marketplace.soap.packages import PackageReport, SubmittedPackage
    from cdiscount_marketplace.soap.products.catalogue import (
        Brand,
        CategoryTree,
        Product,
        ProductByIdentifier,
        ProductModel,
    )
    from cdiscount_marketplace.soap.products.requests import ProductPackage
    from cdiscount_marketplace.soap.products.section import Products
    from cdiscount_marketplace.soap.products.submissions import ProductMatching, ProductPackageReport
    from cdiscount_marketplace.soap.refunds import (
        CreateRefundVoucherRequest,
        RefundReport,
        Refunds,
        SellerRefundRequest,
    )
    from cdiscount_marketplace.soap.relays import ParcelShop, Relays, RelaysFileReport
    from cdiscount_marketplace.soap.sellers import SellerIndicator, SellerMessage, Sellers
    from cdiscount_marketplace.tracking import Tracking


class AsyncMarketplaceClient(AsyncClient[MarketplaceClient]):
    """Await the calls of `MarketplaceClient`; its options, and the methods of its sections, are the same.

    At most `threads` calls run at once, in threads of the client's own; give `Threads` to share them. A call whose
    caller is cancelled while it runs goes on to its end, for which `aclose()` waits (`async with` does).
    """

    def __init__(
        self,
        *,
        username: str | None = None,
        password: Secret | None = None,
        token: str | None = None,
        service_url: str | None = None,
        token_url: str | None = None,
        session: requests.Session | None = None,
        timeout: TimeLimits | None = None,
        retry: RetryPolicy | None = None,
        hooks: Sequence[Hook] = (),
        token_cache: TokenCache | None = None,
        clock: Clock | None = None,
        header: HeaderMessage | None = None,
        time_zone: tzinfo = PARIS,
        validation_chunk: int = 25,
        product_condition: ProductCondition = ProductCondition.NEW,
        threads: Threads | int = WORKERS,
    ) -> None:
        super().__init__(
            MarketplaceClient(
                username=username,
                password=password,
                token=token,
                service_url=service_url,
                token_url=token_url,
                session=session,
                timeout=timeout,
                retry=retry,
                hooks=hooks,
                token_cache=token_cache,
                clock=clock,
                header=header,
                time_zone=time_zone,
                validation_chunk=validation_chunk,
                product_condition=product_condition,
            ),
            threads,
        )

    @classmethod
    def from_env(
        cls, environ: Mapping[str, str] = os.environ, *, threads: Threads | int = WORKERS, **options: Any
    ) -> Self:
        """Read the environment variables that `MarketplaceClient.from_env` reads."""
        return cls._around(MarketplaceClient.from_env(environ, **options), threads)

    @property
    def validation_chunk(self) -> int:
        """Return `MarketplaceClient.validation_chunk`."""
        return self._sync.validation_chunk

    @property
    def orders(self) -> AsyncOrders:
        """Orders: read them, accept or refuse them, report shipments."""
        return AsyncOrders(self._sync.orders, self._calls)

    @property
    def sellers(self) -> AsyncSellers:
        """The seller: information, and indicators of quality."""
        return AsyncSellers(self._sync.sellers, self._calls)

    @property
    def offers(self) -> AsyncOffers:
        """Offers: read them, submit packages of them, publish single ones."""
        return AsyncOffers(self._sync.offers, self._calls)

    @property
    def discussions(self) -> AsyncDiscussions:
        """Questions and complaints of customers: read and close them, find out where to answer."""
        return AsyncDiscussions(self._sync.discussions, self._calls)

    @property
    def products(self) -> AsyncProducts:
        """Products: read the catalogue, propose new ones in packages."""
        return AsyncProducts(self._sync.products, self._calls)

    @property
    def fulfilment(self) -> AsyncFulfilment:
        """Fulfilment by Cdiscount: stock, supplies, and orders of other sites."""
        return AsyncFulfilment(self._sync.fulfilment, self._calls)

    @property
    def refunds(self) -> AsyncRefunds:
        """Refunds of shipped orders, and commercial gestures."""
        return AsyncRefunds(self._sync.refunds, self._calls)

    @property
    def relays(self) -> AsyncRelays:
        """The seller's own pick-up points."""
        return AsyncRelays(self._sync.relays, self._calls)

    @property
    def account(self) -> str:
        """The API account's login; "token" where only a token is known."""
        return self._sync.account

    @property
    def clock(self) -> Clock:
        """The clock that the client goes by."""
        return self._sync.clock

    @property
    def limits(self) -> TimeLimits:
        """The time limits of single requests."""
        return self._sync.limits

    @property
    def write_limit(self) -> timedelta:
        """The longest that one request that changes something can take, logging in and repetitions included."""
        return self._sync.write_limit

    async def carriers(self) -> tuple[Carrier, ...]:
        """List the carriers that the marketplace knows, read once a day; shipments name them as listed here."""
        return await self._calls.run(self._sync.carriers)

    async def carrier_names(self) -> tuple[str, ...]:
        """List the carriers' names as `carriers` does; the last ones known, or none, where they cannot be read."""
        return await self._calls.run(self._sync.carrier_names)


class AsyncOrders(Twin):
    """Section: await the methods of `soap.orders.section.Orders`."""

    _sync: Orders

    @property
    def condition(self) -> ProductCondition:
        """Return `Orders.condition`."""
        return self._sync.condition

    def without_timeout_retries(self) -> AsyncOrders:
        """Return the same section for callers who would rather ask for less than wait: no read repeats a timeout."""
        return AsyncOrders(self._sync.without_timeout_retries(), self._calls)

    async def list(self, order_filter: OrderFilter) -> tuple[Order, ...]:
        """Read all orders that match, or raise; never a part of them."""
        return await self._calls.run(self._sync.list, order_filter)

    async def read(self, order_filter: OrderFilter) -> OrderReading:
        """Read as `list` does, and return when the service answered."""
        return await self._calls.run(self._sync.read, order_filter)

    async def get(self, *order_numbers: str, parcels: bool = False) -> tuple[Order, ...]:
        """Read orders with their lines by number, in the order given; unknown numbers are left out."""
        return await self._calls.run(self._sync.get, *order_numbers, parcels=parcels)

    async def validate(self, orders: Sequence[ValidateOrder]) -> ValidationReport:
        """Send decisions as they are, in chunks, and return what became of each order and line."""
        return await self._calls.run(self._sync.validate, orders)

    async def accept(self, *order_numbers: str, refused_lines: Collection[str] = ()) -> ValidationReport:
        """Accept orders; `refused_lines` are references of lines of a single order that is accepted without them."""
        return await self._calls.run(self._sync.accept, *order_numbers, refused_lines=refused_lines)

    async def refuse(self, *order_numbers: str) -> ValidationReport:
        """Refuse orders that wait for acceptance; raises as `accept` does."""
        return await self._calls.run(self._sync.refuse, *order_numbers)

    async def refuse_shipment(self, *order_numbers: str) -> ValidationReport:
        """Refuse to ship accepted orders: their customers are refunded. Raises as `accept` does."""
        return await self._calls.run(self._sync.refuse_shipment, *order_numbers)

    async def ship(
        self,
        order_number: str,
        *,
        carrier: str,
        tracking_number: str,
        tracking_url: str | None = None,
        lines: Collection[str] | None = None,
        rest: Rest = "forbid",
        closed_lines: ClosedLines = "omit",
    ) -> ValidationReport:
        """Report that an order left: all its open lines, or those whose references are in `lines`."""
        return await self._calls.run(
            self._sync.ship,
            order_number,
            carrier=carrier,
            tracking_number=tracking_number,
            tracking_url=tracking_url,
            lines=lines,
            rest=rest,
            closed_lines=closed_lines,
        )

    async def list_services(self, order_filter: OrderFilter) -> tuple[ServiceOrder, ...]:
        """Read all orders of services that match, as `list` reads those of products (GetServiceOrderList)."""
        return await self._calls.run(self._sync.list_services, order_filter)

    async def ask_about_parcels(self, order_number: str, *parcels: ParcelRequest) -> tuple[ParcelActionResult, ...]:
        """Have the carrier investigate parcels or certify their delivery (ManageParcel); may not be repeated."""
        return await self._calls.run(self._sync.ask_about_parcels, order_number, *parcels)

    async def checked(self, tracking: Tracking, order_number: str) -> Tracking:
        """Return a tracking with the carrier as it is listed; raises `InvalidRequest` for what would be refused."""
        return await self._calls.run(self._sync.checked, tracking, order_number)


class AsyncSellers(Twin):
    """Section: await the methods of `soap.sellers.Sellers`."""

    _sync: Sellers

    async def information(self) -> SellerMessage:
        """Read the seller's data, delivery modes and sites; a good way to test a login."""
        return await self._calls.run(self._sync.information)

    async def indicators(self) -> tuple[SellerIndicator, ...]:
        """Read the measures of the seller's performance; empty for a seller without history."""
        return await self._calls.run(self._sync.indicators)


class AsyncOffers(Twin):
    """Section: await the methods of `soap.offers.section.Offers`."""

    _sync: Offers

    def without_timeout_retries(self) -> AsyncOffers:
        """Return the same section for callers who would rather ask again later: no read repeats a timeout."""
        return AsyncOffers(self._sync.without_timeout_retries(), self._calls)

    async def list(self, offer_filter: OfferFilter | None = None) -> tuple[Offer, ...]:
        """Read all matching offers in one answer (GetOfferList); may be repeated."""
        return await self._calls.run(self._sync.list, offer_filter)

    def iter(self, offer_filter: OfferFilterPaginated | None = None) -> AsyncItems[Offer]:
        """Read matching offers page by page while they are taken (GetOfferListPaginated); may be repeated."""
        return self._items(self._sync.iter, offer_filter)

    async def page(self, offer_filter: OfferFilterPaginated) -> OfferListPaginatedMessage:
        """Read one page of offers (GetOfferListPaginated); may be repeated."""
        return await self._calls.run(self._sync.page, offer_filter)

    async def submit(self, url: str) -> AsyncSubmittedPackage[OfferPackageReport]:
        """Submit the package that lies at a URL (SubmitOfferPackage), and return what to wait with."""
        return AsyncSubmittedPackage(await self._calls.run(self._sync.submit, url), self._calls)

    async def submit_package(
        self, package: OfferPackage, *, upload: Upload
    ) -> AsyncSubmittedPackage[OfferPackageReport]:
        """Write a package's file, give it to `upload`, and submit it from the URL that this returns."""
        return AsyncSubmittedPackage(
            await self._calls.run(self._sync.submit_package, package, upload=upload), self._calls
        )

    async def package(self, package_id: int) -> AsyncSubmittedPackage[OfferPackageReport]:
        """Return a package that was submitted earlier, by its number; makes no request."""
        return AsyncSubmittedPackage(await self._calls.run(self._sync.package, package_id), self._calls)

    async def publish(self, seller_product_id: str) -> None:
        """Publish an offer that Cdiscount ships (SubmitOfferStateAction); may be repeated."""
        await self._calls.run(self._sync.publish, seller_product_id)

    async def unpublish(self, seller_product_id: str) -> None:
        """Take an offer that Cdiscount ships off the site (SubmitOfferStateAction); may be repeated."""
        await self._calls.run(self._sync.unpublish, seller_product_id)


class AsyncDiscussions(Twin):
    """Section: await the methods of `soap.discussions.section.Discussions`."""

    _sync: Discussions

    async def offer_questions(self, question_filter: OfferQuestionFilter | None = None) -> tuple[OfferQuestion, ...]:
        """Read questions about products (GetOfferQuestionList); may be repeated."""
        return await self._calls.run(self._sync.offer_questions, question_filter)

    async def order_questions(self, question_filter: OrderQuestionFilter | None = None) -> tuple[OrderQuestion, ...]:
        """Read questions about orders (GetOrderQuestionList); may be repeated."""
        return await self._calls.run(self._sync.order_questions, question_filter)

    async def claims(self, claim_filter: OrderClaimFilter | None = None) -> tuple[OrderClaim, ...]:
        """Read complaints about orders (GetOrderClaimList); may be repeated."""
        return await self._calls.run(self._sync.claims, claim_filter)

    async def close(self, *ids: int) -> tuple[CloseResult, ...]:
        """Close discussions and return what became of each, in the order given (CloseDiscussionList)."""
        return await self._calls.run(self._sync.close, *ids)

    async def mail_addresses(self, *ids: int) -> tuple[DiscussionMail, ...]:
        """Read where to answer discussions, in the order given (GetDiscussionMailList); may be repeated."""
        return await self._calls.run(self._sync.mail_addresses, *ids)

    async def mail_address(self, order_number: str) -> str:
        """Read the address of an order's customer (GenerateDiscussionMailGuid); may be repeated."""
        return await self._calls.run(self._sync.mail_address, order_number)


class AsyncProducts(Twin):
    """Section: await the methods of `soap.products.section.Products`."""

    _sync: Products

    async def categories(self) -> CategoryTree:
        """Read the categories that the seller may sell in (GetAllowedCategoryTree); may be repeated."""
        return await self._calls.run(self._sync.categories)

    async def all_categories(self) -> CategoryTree:
        """Read all categories of the marketplace (GetAllAllowedCategoryTree); may be repeated."""
        return await self._calls.run(self._sync.all_categories)

    async def models(self, *category_codes: str) -> tuple[ProductModel, ...]:
        """Read the models of categories (GetModelList); may be repeated."""
        return await self._calls.run(self._sync.models, *category_codes)

    async def all_models(self) -> tuple[ProductModel, ...]:
        """Read the models of all categories (GetAllModelList); may be repeated."""
        return await self._calls.run(self._sync.all_models)

    async def brands(self) -> tuple[Brand, ...]:
        """Read all brands (GetBrandList); may be repeated."""
        return await self._calls.run(self._sync.brands)

    async def list(self, category_code: str) -> tuple[Product, ...]:
        """Read all products of a category in one answer, which may be huge (GetProductList); may be repeated."""
        return await self._calls.run(self._sync.list, category_code)

    async def find(self, *eans: str) -> tuple[ProductByIdentifier, ...]:
        """Look products up by their EANs (GetProductListByIdentifier); may be repeated."""
        return await self._calls.run(self._sync.find, *eans)

    async def submit(self, url: str) -> AsyncSubmittedPackage[ProductPackageReport]:
        """Submit the package that lies at a URL (SubmitProductPackage), and return what to wait with."""
        return AsyncSubmittedPackage(await self._calls.run(self._sync.submit, url), self._calls)

    async def submit_package(
        self, package: ProductPackage, *, upload: Upload
    ) -> AsyncSubmittedPackage[ProductPackageReport]:
        """Write a package's file, give it to `upload`, and submit it from the URL that this returns."""
        return AsyncSubmittedPackage(
            await self._calls.run(self._sync.submit_package, package, upload=upload), self._calls
        )

    async def package(self, package_id: int) -> AsyncSubmittedPackage[ProductPackageReport]:
        """Return a package that was submitted earlier, by its number; makes no request."""
        return AsyncSubmittedPackage(await self._calls.run(self._sync.package, package_id), self._calls)

    async def matchings(self, package_id: int) -> tuple[ProductMatching, ...]:
        """Read with which products a package's were matched (GetProductPackageProductMatchingFileData)."""
        return await self._calls.run(self._sync.matchings, package_id)


class AsyncFulfilment(Twin):
    """Section: await the methods of `soap.fulfilment.section.Fulfilment`."""

    _sync: Fulfilment

    async def stock(self, stock_filter: ProductStockFilter | None = None) -> tuple[ProductStock, ...]:
        """Read the stock per product and warehouse (GetProductStockList); may be repeated."""
        return await self._calls.run(self._sync.stock, stock_filter)

    async def activate(self, products: Sequence[ProductActivation]) -> int:
        """Have products shipped by Cdiscount, or no longer, and return the deposit's number."""
        return await self._calls.run(self._sync.activate, products)

    async def activation_reports(
        self, report_filter: ActivationReportFilter | None = None
    ) -> tuple[ActivationReport, ...]:
        """Read what became of activations (GetFulfilmentActivationReportList); may be repeated."""
        return await self._calls.run(self._sync.activation_reports, report_filter)

    async def lines_to_supply(
        self, line_filter: OrderLineToSupplyFilter | None = None
    ) -> tuple[OrderLineToSupply, ...]:
        """Read the lines of customers' orders that wait for a supply (GetFulfilmentOrderListToSupply)."""
        return await self._calls.run(self._sync.lines_to_supply, line_filter)

    async def supply(self, products: Sequence[ProductSupply]) -> int:
        """Announce products and return the deposit's number (SubmitFulfilmentSupplyOrder); may not be repeated."""
        return await self._calls.run(self._sync.supply, products)

    async def supply_on_demand(self, order_lines: Sequence[OrderLineSupply]) -> int:
        """Announce the goods of customers' orders and return the deposit's number; may not be repeated."""
        return await self._calls.run(self._sync.supply_on_demand, order_lines)

    def supply_reports(self, report_filter: SupplyReportFilter | None = None) -> AsyncItems[SupplyReport]:
        """Read page by page what became of supplies (GetFulfilmentSupplyOrderReportList); may be repeated."""
        return self._items(self._sync.supply_reports, report_filter)

    def supply_orders(self, order_filter: SupplyOrderFilter | None = None) -> AsyncItems[SupplyOrderLine]:
        """Read page by page the products of supply orders (GetFulfilmentSupplyOrder); may be repeated."""
        return self._items(self._sync.supply_orders, order_filter)

    async def delivery_document(self, deposit_id: int) -> bytes:
        """Read the PDF to put on a supply's parcels (GetFulfilmentDeliveryDocument); may be repeated."""
        return await self._calls.run(self._sync.delivery_document, deposit_id)

    async def create_external_order(self, order: ExternalOrder) -> None:
        """Have an order of another site shipped (CreateExternalOrder); may not be repeated."""
        await self._calls.run(self._sync.create_external_order, order)

    async def external_order_status(
        self, customer_order_number: str, corporation: str | None = None
    ) -> ExternalOrderStatus | None:
        """Read whether an order of another site was taken (GetExternalOrderStatus); may be repeated."""
        return await self._calls.run(self._sync.external_order_status, customer_order_number, corporation)


class AsyncRefunds(Twin):
    """Section: await the methods of `soap.refunds.Refunds`."""

    _sync: Refunds

    async def create(self, request: CreateRefundVoucherRequest) -> RefundReport:
        """Refund lines and make gestures on one order, and return what became of each."""
        return await self._calls.run(self._sync.create, request)

    async def create_after_shipment(self, order_number: str, refunds: Sequence[SellerRefundRequest]) -> RefundReport:
        """Refund lines of one shipped order by the older operation (CreateRefundVoucherAfterShipment)."""
        return await self._calls.run(self._sync.create_after_shipment, order_number, refunds)


class AsyncRelays(Twin):
    """Section: await the methods of `soap.relays.Relays`."""

    _sync: Relays

    async def shops(self) -> tuple[ParcelShop, ...]:
        """Read the pick-up points (GetParcelShopList); may be repeated."""
        return await self._calls.run(self._sync.shops)

    async def submit(self, url: str) -> int:
        """Submit the file that lies at a URL, and return its number (SubmitRelaysFile)."""
        return await self._calls.run(self._sync.submit, url)

    async def report(self, relays_file_id: int) -> RelaysFileReport:
        """Read how far a file is (GetRelaysFileSubmissionResult); may be repeated."""
        return await self._calls.run(self._sync.report, relays_file_id)


class AsyncSubmittedPackage(Twin, Generic[P]):
    """Handle: await the methods of `soap.packages.SubmittedPackage`."""

    _sync: SubmittedPackage[P]

    @property
    def id(self) -> int:
        """Return `SubmittedPackage.id`."""
        return self._sync.id

    @property
    def operation(self) -> str:
        """Return `SubmittedPackage.operation`."""
        return self._sync.operation

    async def status(self) -> P:
        """Read the package's report as it is now; may be repeated."""
        return await self._calls.run(self._sync.status)

    async def wait(
        self,
        *,
        timeout: timedelta = timedelta(hours=1),
        poll: timedelta = timedelta(minutes=1),
        progress: Callable[[P], None] | None = None,
        finished: Callable[[PackageReport], bool] = is_finished,
    ) -> P:
        """Read the report every `poll` until the package is `finished`, and return it; `progress` hears each
        reading.
        """
        return await self._polled(self._sync.wait, timeout=timeout, poll=poll, progress=progress, finished=finished)
