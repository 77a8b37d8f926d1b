"""The words of offers."""

from __future__ import annotations

from cdiscount_marketplace.enums import Member
from cdiscount_marketplace.soap.codec.declare import FULFILMENT_DATA, WireEnum


class OfferState(WireEnum, name="OfferStateEnum"):
    """Where an offer stands."""

    ACTIVE = Member("Active")
    INACTIVE = Member("Inactive")
    WAITING_FOR_PRODUCT_ACTIVATION = Member("WaitingForProductActivation")
    FULFILLMENT = Member("Fulfillment")
    OBSOLETE = Member("Obsolete")


class OfferStateFilter(WireEnum, name="OfferStateFilter"):
    """Which offers a paged reading should return."""

    ALL = Member("AllOffersOnly")
    ONLINE = Member("OnlineOffersOnly")
    OFFLINE = Member("OfflineOffersOnly")
    PUBLISHED = Member("PublishedOffersOnly")


class OfferCriterion(WireEnum, name="OfferFilterCriterion"):
    """Whether a paged reading should return new or used goods."""

    NEW = Member("NewOffersOnly")
    USED = Member("UsedOffersOnly")


class OfferSortOrder(WireEnum, name="OfferSortOrder"):
    """In which order a paged reading should return offers."""

    CREATED_DESCENDING = Member("ByCreationDateDescending")
    PRICE_ASCENDING = Member("ByPriceAscending")
    PRICE_DESCENDING = Member("ByPriceDescending")
    SOLD_QUANTITY_DESCENDING = Member("BySoldQuantityDescending")


class OfferAction(WireEnum, name="OfferStateActionType", namespace=FULFILMENT_DATA):
    """What to do with one offer."""

    PUBLISH = Member("Publish")
    UNPUBLISH = Member("Unpublish")


class PriceAlignment(WireEnum, name="PriceAlignmentAction"):
    """Whether the marketplace may lower the price to that of the best offer."""

    ALIGN = Member("Align")
    DONT_ALIGN = Member("DontAlign")
    EMPTY = Member("Empty")
    UNKNOWN = Member("Unknown")


class DiscountType(WireEnum, name="DiscountType"):
    """What kind of reduction it is; a flash sale lasts 72 hours at most."""

    STRIKED_PRICE = Member("StrikedPrice")
    FLASH = Member("Flash")
    SALES = Member("Sales")


class LogisticMode(WireEnum, name="LogisticMode"):
    """Who ships the offer."""

    MARKETPLACE = Member("Marketplace")
    FULFILMENT = Member("Fulfilment")
    FULFILMENT_ON_DEMAND = Member("Fulfilment on demand")


class LogisticsManagement(WireEnum, name="LogisticsManagement"):
    """Who decides who ships the offer."""

    AUTOMATIC = Member("Automatic")
    SELLER_ONLY = Member("Seller only")
    FULFILMENT_ON_DEMAND = Member("Fulfilment on demand")


class SoldOutManagement(WireEnum, name="SoldOutManagement"):
    """Whether the offer goes on when the warehouse is sold out."""

    NO = Member("No")
    YES = Member("Yes")


class PackagingUnit(WireEnum, name="ProductPackagingUnit", later={"Piece"}):
    """The unit that a price per unit refers to."""

    NONE = Member("None")
    LITER = Member("Liter")
    KILOGRAM = Member("Kilogram")
    SQUARE_METER = Member("SquareMeter")
    CUBIC_METER = Member("CubicMeter")
    PIECE = Member("Piece")


class ProductState(WireEnum, name="ProductStateEnum", later={"Refurbished"}):
    """New or used."""

    NEW = Member("New")
    USED = Member("Used")
    REFURBISHED = Member("Refurbished")
