"""The words of fulfilment."""

from __future__ import annotations

from cdiscount_marketplace.enums import Member
from cdiscount_marketplace.soap.codec.declare import PRODUCT_DATA, WireEnum


class Warehouse(WireEnum, name="WarehouseType", later={"GPN", "GPS", "PP"}):
    """A warehouse of Cdiscount."""

    ANZ = Member("ANZ")
    CEM = Member("CEM")
    SMD = Member("SMD")
    GPN = Member("GPN")
    GPS = Member("GPS")
    PP = Member("PP")


class ActivationAction(WireEnum, name="FulfilmentProductActionType"):
    """Whether Cdiscount should ship a product."""

    ACTIVATION = Member("Activation")
    DEACTIVATION = Member("Deactivation")


class SupplyStatus(WireEnum, name="SupplyOrderStatusType"):
    """Where a supply order stands."""

    REGISTERED = Member("Registered")
    VALIDATED = Member("Validated")
    APPOINTMENT_SCHEDULED = Member("AppointmentScheduled")
    SUPPLYING_IN_PROGRESS = Member("SupplyingInProgress")
    SUPPLYING_DONE = Member("SupplyingDone")
    PARTIALLY_RECEIVED = Member("PartiallyReceived")
    REJECTED = Member("Rejected")
    CANCELLED = Member("Cancelled")


class StockFilter(WireEnum, name="StockFilter"):
    """Whether products with or without a kind of stock are wanted."""

    ALL = Member("All")
    WITH_STOCK = Member("WithStock")
    WITHOUT_STOCK = Member("WithoutStock")


class ReferencementFilter(WireEnum, name="FbcReferencementFilter"):
    """Whether products that Cdiscount ships, or does not ship, are wanted."""

    ALL = Member("All")
    ONLY_REFERENCED = Member("OnlyReferenced")
    ONLY_NOT_REFERENCED = Member("OnlyNotReferenced")


class SoldOutFilter(WireEnum, name="SoldOut"):
    """Which products that are, or will be, sold out are wanted."""

    NONE = Member("None")
    ALL = Member("All")
    SOLD_OUT = Member("InSoldOut")
    WITHIN_FIVE_DAYS = Member("InSoldOutFiveDays")
    WITHIN_FIFTEEN_DAYS = Member("InSoldOutFifteenDays")
    AFTER_FIFTEEN_DAYS = Member("InSoldOutAfterFifteenDays")


class StockListStatus(WireEnum, name="FulfilmentProductListStatus"):
    """Whether the stock could be read."""

    OK = Member("Ok")
    NO_DATA = Member("NoData")
    KO = Member("KO")


class StockCondition(WireEnum, name="ProductCondition", namespace=PRODUCT_DATA):
    """Condition of what lies in a warehouse; one word is spelled as the service does."""

    NEW = Member("NewNew")
    REFURBISHED = Member("NewRefurbished")
    USED_LIKE_NEW = Member("UsedLikeNew")
    USED_VERY_GOOD = Member("UsedVeryGoodCondition")
    USED_GOOD = Member("UsedGoodCondition")
    USED_SATISFACTORY = Member("UsedSatisfactoryCondtion")


class StockState(WireEnum, name="ProductState", namespace=PRODUCT_DATA, later={"Refurbished"}):
    """Whether what lies in a warehouse is new."""

    NEW = Member("New")
    USED = Member("Used")
    REFURBISHED = Member("Refurbished")


class ExternalOrderStatus(WireEnum, name="ExternalOrderStatus"):
    """Whether an order of another site was taken."""

    OK = Member("Ok")
    PENDING = Member("Pending")
    KO = Member("Ko")
