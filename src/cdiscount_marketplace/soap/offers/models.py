"""What offers are, and what the operations on them take and give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from cdiscount_marketplace.soap import common
from cdiscount_marketplace.soap.codec.declare import element, model
from cdiscount_marketplace.soap.common import OfferPool, ProductCondition, ServiceBaseMessage
from cdiscount_marketplace.soap.offers.enums import (
    DiscountType,
    LogisticMode,
    LogisticsManagement,
    OfferCriterion,
    OfferSortOrder,
    OfferState,
    OfferStateFilter,
    PackagingUnit,
    PriceAlignment,
    ProductState,
    SoldOutManagement,
)
from cdiscount_marketplace.soap.operations import Operation, Part


@model(name="ShippingInformation")
class OfferShipping:
    """What one delivery mode costs the customer, and how long it takes."""

    # By its module: the documentation would find the REST half's class of the same name, too.
    delivery_mode: common.DeliveryMode | None = None
    """The delivery mode."""
    shipping_charges: Decimal | None = None
    """Charges for the first article, in euros."""
    additional_shipping_charges: Decimal | None = None
    """Charges for each further article, in euros."""
    min_lead_time: int | None = None
    """Shortest time until delivery, in days."""
    max_lead_time: int | None = None
    """Longest time until delivery, in days."""


@model(name="DiscountComponent")
class OfferDiscount:
    """A reduction for a limited time."""

    type: DiscountType | None = None
    """What kind of reduction."""
    price: Decimal | None = None
    """The reduced price in euros."""
    discount_value: Decimal | None = None
    """How much is taken off."""
    start_date: datetime | None = None
    """From when on (UTC)."""
    end_date: datetime | None = None
    """Until when (UTC)."""


@model(name="OfferPriceBenchMark")
class PriceBenchmark:
    """The best offer of any seller for the same product."""

    is_best_offer_price: bool | None = None
    """Whether the own offer is the best."""
    best_offer_id: int | None = element(default=None, xsd="long")
    """Number of the best offer."""
    best_offer_price: Decimal | None = None
    """Price of the best offer, in euros."""
    shipping_charges: Decimal | None = None
    """Shipping charges of the best offer, in euros."""
    product_condition: ProductCondition | None = None
    """Condition of what the best offer sells."""
    product_state: ProductState | None = None
    """Whether the best offer sells it new or used."""


@model()
class Offer:
    """An offer as the marketplace knows it."""

    seller_product_id: str | None = None
    """The seller's own reference."""
    product_id: str | None = None
    """The marketplace's reference of the product (SKU)."""
    parent_product_id: str | None = None
    """The product that this one is a variant of."""
    product_ean: str | None = None
    """The product's EAN."""
    product_condition: ProductCondition | None = None
    """Condition of the product."""
    offer_state: OfferState | None = None
    """Where the offer stands."""
    stock: int | None = None
    """Articles on stock."""
    price: Decimal | None = None
    """Price in euros, VAT included."""
    striked_price: Decimal | None = element(default=None, nillable=True)
    """The price that is struck through, if any."""
    integration_price: Decimal | None = None
    """The price as it was submitted."""
    vat_rate: Decimal | None = None
    """VAT in percent."""
    eco_tax: Decimal | None = None
    """Eco-participation in euros."""
    dea_tax: Decimal | None = None
    """Tax on furniture (DEA) in euros."""
    shipping: tuple[OfferShipping, ...] = element(default=(), name="ShippingInformationList")
    """What each delivery mode costs."""
    best_shipping_charges: Decimal | None = None
    """The lowest shipping charges, in euros."""
    discounts: tuple[OfferDiscount, ...] = element(default=(), name="DiscountList")
    """Reductions for a limited time."""
    price_must_be_aligned: PriceAlignment | None = None
    """Whether the marketplace may lower the price to that of the best offer."""
    minimum_price_for_price_alignment: Decimal | None = element(default=None, nillable=True)
    """The lowest price that it may be lowered to."""
    benchmark: PriceBenchmark | None = element(default=None, name="OfferBenchMark")
    """The best offer of any seller for the same product."""
    offer_pools: tuple[OfferPool, ...] = element(default=(), name="OfferPoolList")
    """The sites on which it is shown."""
    logistic_mode: LogisticMode | None = None
    """Who ships it."""
    logistics_management: LogisticsManagement | None = None
    """Who decides who ships it."""
    sold_out_management: SoldOutManagement | None = None
    """Whether it goes on when the warehouse is sold out."""
    is_cdav: bool | None = element(default=None, name="IsCDAV")
    """Whether it is sold with delivery by appointment."""
    product_packaging_unit: PackagingUnit | None = None
    """The unit of the price per unit."""
    product_packaging_unit_price: Decimal | None = None
    """The price per unit, in euros."""
    product_packaging_value: Decimal | None = None
    """How many units an article contains."""
    comments: str | None = None
    """The seller's comment."""
    creation_date: datetime | None = None
    """When it was created (UTC)."""
    last_update_date: datetime | None = None
    """When it last changed (UTC)."""


@model()
class OfferFilter:
    """Which offers to read in one answer."""

    offer_pool_id: int | None = element(default=None, nillable=True)
    """Only those on this site: 1 is cdiscount.com, 16 cdiscountpro.com."""
    seller_references: Sequence[str] = element(default=(), name="SellerProductIdList", empty="absent")
    """Only these, by the seller's own references; all if empty."""


@model()
class OfferFilterPaginated:
    """Which offers to read page by page."""

    page_number: int | None = element(default=1, required=True)
    """The page to begin at, from 1 on."""
    offer_pool_id: int | None = element(default=None, nillable=True)
    """Only those on this site: 1 is cdiscount.com, 16 cdiscountpro.com."""
    seller_references: Sequence[str] = element(default=(), name="SellerProductIdList", empty="absent")
    """Only these, by the seller's own references; all if empty."""
    state: OfferStateFilter | None = element(default=None, name="OfferStateFilter", nillable=True)
    """Only those that are shown, or are not."""
    criterion: OfferCriterion | None = element(default=None, name="OfferFilterCriterion", nillable=True)
    """Only new or only used goods."""
    sort_order: OfferSortOrder | None = element(default=None, name="OfferSortOrder", nillable=True)
    """In which order."""


@model()
class OfferListMessage(ServiceBaseMessage):
    """The answer of GetOfferList."""

    offers: tuple[Offer, ...] | None = element(default=None, name="OfferList")
    """The offers; None where the service gave no list."""


@model()
class OfferListPaginatedMessage(OfferListMessage):
    """The answer of GetOfferListPaginated: one page."""

    current_page_number: int | None = None
    """Which page it is."""
    number_of_pages: int | None = None
    """How many there are; has been 0 where none matched, and on pages beyond the last."""


GET_OFFER_LIST = Operation(
    name="GetOfferList", parts=(Part("offerFilter", OfferFilter),), result=OfferListMessage, kind="read"
)
GET_OFFER_LIST_PAGINATED = Operation(
    name="GetOfferListPaginated",
    parts=(Part("offerFilter", OfferFilterPaginated),),
    result=OfferListPaginatedMessage,
    kind="read",
)
