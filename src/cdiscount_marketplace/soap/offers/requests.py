"""What a package says of offers, and the file that it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from types import MappingProxyType
from typing import Final, cast

from attrs import field, frozen

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.soap import xaml
from cdiscount_marketplace.soap.codec.times import PARIS
from cdiscount_marketplace.soap.codec.values import misfit
from cdiscount_marketplace.soap.common import ProductCondition
from cdiscount_marketplace.soap.offers.enums import DiscountType, PackagingUnit, PriceAlignment
from cdiscount_marketplace.soap.package_files import Layout, Target, checked, named, readable, unreadable, write_file
from cdiscount_marketplace.soap.xaml import attribute, collection, element

# Both forms of the relationship's type circulate: with `www` in files of products, without in files of offers.
LAYOUT: Final = Layout(part="Content/Offers.xml", relationship="http://cdiscount.com/uri/document")

_PIVOT: Final = "clr-namespace:Cdiscount.Service.OfferIntegration.Pivot;assembly=Cdiscount.Service.OfferIntegration"
_CONDITIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        ProductCondition.LIKE_NEW: "1",
        ProductCondition.VERY_GOOD_STATE: "2",
        ProductCondition.GOOD_STATE: "3",
        ProductCondition.AVERAGE_STATE: "4",
        ProductCondition.REFURBISHED: "5",
        ProductCondition.NEW: "6",
    }
)
_DISCOUNTS: Final[Mapping[str, str]] = MappingProxyType(
    {DiscountType.STRIKED_PRICE: "1", DiscountType.FLASH: "2", DiscountType.SALES: "3"}
)
_TYPES: Final[Mapping[str, str]] = MappingProxyType({"Full": "Full", "StockAndPrice": "StockAndPrice"})
_PREPARATION: Final = range(1, 11)
_FLASH: Final = timedelta(hours=72)


class PackageType(OpenEnum):
    """What a package does with its offers: make or replace them, or change stock and price of those that are there."""

    FULL = Member("Full")
    STOCK_AND_PRICE = Member("StockAndPrice")


@frozen(kw_only=True)
class ShippingRequest:
    """What a delivery mode, such as `Standard`, `Tracked` or `Registered`, costs the customer in euros."""

    delivery_mode: str | None = attribute(required=True)
    shipping_charges: Decimal | None = attribute("decimal", cents=True, required=True)
    additional_shipping_charges: Decimal | None = attribute("decimal", cents=True)


@frozen(kw_only=True)
class DiscountRequest:
    """A reduction from one aware time to another; a flash sale lasts 72 hours at most."""

    type: DiscountType | None = attribute(required=True, codes=_DISCOUNTS)
    start_date: datetime | None = attribute("dateTime", required=True)
    end_date: datetime | None = attribute("dateTime", required=True)
    discount_value: Decimal | None = attribute("decimal", cents=True)
    discount_unit: int | None = attribute("int")
    sales_reference_price: Decimal | None = attribute("decimal", cents=True)


@frozen(kw_only=True)
class OfferRequest:
    """One offer of a package; `seller_product_id` is the seller's own reference. Prices are in euros, VAT included.

    A full package needs condition, price and stock at least. `preparation_time` is in working days, from 1 to 10.
    """

    seller_product_id: str | None = attribute(required=True)
    product_ean: str | None = attribute()
    product_condition: ProductCondition | None = attribute(codes=_CONDITIONS)
    price: Decimal | None = attribute("decimal", cents=True, positive=True)
    striked_price: Decimal | None = attribute("decimal", cents=True)
    vat_rate: Decimal | None = attribute("decimal", name="Vat")
    eco_tax: Decimal | None = attribute("decimal", name="EcoPart")
    dea_tax: Decimal | None = attribute("decimal")
    stock: int | None = attribute("int")
    preparation_time: int | None = attribute("int")
    comment: str | None = attribute()
    price_must_be_aligned: PriceAlignment | None = attribute()
    minimum_price_for_price_alignment: Decimal | None = attribute("decimal", cents=True)
    product_packaging_unit: PackagingUnit | None = attribute()
    product_packaging_value: Decimal | None = attribute("decimal")
    is_cdav: bool | None = attribute("boolean", name="IsCDAV")
    bluff_delivery_max: int | None = attribute("int")
    shipping: Sequence[ShippingRequest] = field(default=())
    discounts: Sequence[DiscountRequest] = field(default=())

    def problems(self, package_type: PackageType = PackageType.FULL) -> Iterator[Problem]:
        """Name what the file cannot say, and what a package of this type needs."""
        yield from xaml.problems(self)
        yield from xaml.nested_problems("shipping", self.shipping, ShippingRequest)
        yield from xaml.nested_problems("discounts", self.discounts, DiscountRequest)
        yield from self._further_problems()
        if package_type == PackageType.FULL:
            needed = {"product_condition": self.product_condition, "price": self.price, "stock": self.stock}
            yield from (
                Problem(name, "is required in a full package") for name, value in needed.items() if value is None
            )

    def _further_problems(self) -> Iterator[Problem]:
        if misfit(self.preparation_time, "int") is None and self.preparation_time not in _PREPARATION:
            yield Problem("preparation_time", f"must be from 1 to 10 working days, not {self.preparation_time}")
        discounts = cast("object", self.discounts)
        for index, discount in enumerate(
            cast("Sequence[object]", discounts) if isinstance(discounts, Sequence) else ()
        ):
            if isinstance(discount, DiscountRequest) and _is_long_flash(discount):
                yield Problem(
                    f"discounts[{index}].end_date", "must be at most 72 hours after the start of a flash sale"
                )

    def xml(self, zone: tzinfo) -> str:
        """Write the offer as it stands in the file."""
        shipping = [element("ShippingInformation", each, zone) for each in self.shipping]
        discounts = [element("DiscountComponent", each, zone) for each in self.discounts]
        parts = collection("Offer.ShippingInformationList", "ShippingInformationList", shipping)
        parts += collection("Offer.PriceAndDiscountList", "DiscountComponentList", discounts)
        return element("Offer", self, zone, parts)


def _is_long_flash(discount: DiscountRequest) -> bool:
    begin, end = discount.start_date, discount.end_date
    if discount.type != DiscountType.FLASH or misfit(begin, "dateTime") or misfit(end, "dateTime"):
        return False
    return cast("datetime", end) - cast("datetime", begin) > _FLASH


def _listed(pools: Iterable[int]) -> Sequence[int]:
    # An iterator would be empty when it is written, after the check.
    return tuple(pools) if isinstance(pools, Iterator) else cast("Sequence[int]", pools)


def _readable(offers: Iterable[OfferRequest]) -> Iterable[OfferRequest]:
    return readable(offers, "offers")


@frozen(kw_only=True)
class OfferPackage:
    """Offers to submit together; 200,000 are advised at most.

    `offers` are read while the file is written, and may be an iterator over any number; a package of an iterator is
    written once. `purge_and_replace` takes all other offers off the site. `publication_pools` are the sites where the
    offers are shown: 1 is cdiscount.com, 16 cdiscountpro.com; none means the seller's settings.
    """

    offers: Iterable[OfferRequest] = field(repr=False, converter=_readable)
    package_type: PackageType = attribute(default=PackageType.FULL, required=True, codes=_TYPES)
    purge_and_replace: bool = attribute("boolean", default=False, required=True)
    publication_pools: Sequence[int] = field(default=(), converter=_listed)
    name: str = attribute(default="offers", required=True)

    def write(self, target: Target, *, time_zone: tzinfo = PARIS) -> None:
        """Write the package's zip file to a path, or to a file that is open for writing bytes.

        All offers are checked; raises `InvalidRequest`, which names each offer and member that no file can carry, and
        leaves a file at the path as it was. `time_zone` is that of the times in the file.
        """
        write_file(target, LAYOUT, self._texts(time_zone))

    def _texts(self, zone: tzinfo) -> Iterator[str]:
        problems = list(self._problems())
        if problems:
            raise InvalidRequest(problems, operation="write")
        begin = xaml.start("OfferPackage", self, zone)
        size = f' Capacity="{len(self.offers)}"' if isinstance(self.offers, Sized) else ""
        yield f'{xaml.DECLARATION}{begin} xmlns="{_PIVOT}" xmlns:x="{xaml.LANGUAGE}">'
        yield f"<OfferPackage.Offers><OfferCollection{size}>"
        for offer in checked(self.offers, "offers", self._offer_problems):
            yield offer.xml(zone)
        pools = [f'<PublicationPool Id="{pool}"/>' for pool in self.publication_pools]
        yield "</OfferCollection></OfferPackage.Offers>"
        yield collection("OfferPackage.OfferPublicationList", "OfferPublicationList", pools)
        yield "</OfferPackage>"

    def _problems(self) -> Iterator[Problem]:
        yield from xaml.problems(self)
        if self.purge_and_replace and self.package_type == PackageType.STOCK_AND_PRICE:
            yield Problem("purge_and_replace", "needs a full package: one of stock and prices makes no offers")
        yield from unreadable(self.offers, "offers", OfferRequest)
        pools = cast("object", self.publication_pools)
        if not isinstance(pools, list | tuple):
            yield Problem("publication_pools", f"must be a list of numbers, such as [1], not {type(pools).__name__}")
            return
        for pool in cast("Sequence[object]", pools):
            if misfit(pool, "int") is not None or cast("int", pool) < 1:
                shown = repr(pool)[: xaml.LONGEST_SHOWN]
                yield Problem("publication_pools", f"must be numbers of sites, such as 1, not {shown}")

    def _offer_problems(self, offer: OfferRequest) -> Iterator[Problem]:
        return named(offer, OfferRequest, "seller_product_id", lambda: offer.problems(self.package_type))
