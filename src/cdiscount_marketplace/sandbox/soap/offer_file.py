"""Read the zip file of a package of offers into what it wants changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from attrs import frozen

from cdiscount_marketplace.sandbox.offers import Change
from cdiscount_marketplace.sandbox.soap.envelope import Node
from cdiscount_marketplace.sandbox.soap.zips import read_part_of

_PART: Final = "Content/Offers.xml"
_PIVOT: Final = "clr-namespace:Cdiscount.Service.OfferIntegration.Pivot;assembly=Cdiscount.Service.OfferIntegration"
CONDITIONS: Final = {
    "1": "LikeNew",
    "2": "VeryGoodState",
    "3": "GoodState",
    "4": "AverageState",
    "5": "Refurbished",
    "6": "New",
}
_TAXES: Final = (("Vat", "vat"), ("EcoPart", "ecotax"), ("DeaTax", "deatax"))


@frozen(kw_only=True)
class OfferFile:
    """What a file says: `full` makes and replaces offers, otherwise stock and prices change; `purge` hides the rest."""

    full: bool
    purge: bool
    changes: tuple[Change, ...]


def read_offer_file(content: bytes) -> OfferFile:
    """Read a package's file; raises `Unusable`."""
    root = read_part_of(content, _PART, f"{{{_PIVOT}}}OfferPackage")
    return OfferFile(
        full=root.attributes.get("PackageType") != "StockAndPrice",
        purge=root.attributes.get("PurgeAndReplace", "").casefold() == "true",
        changes=tuple(map(_change, _offers(root))),
    )


def _offers(root: Node) -> Iterator[Node]:
    found = root.walk("OfferPackage.Offers", "OfferCollection")
    return (node for node in (found.children if found else ()) if node.local == "Offer")


def _change(node: Node) -> Change:
    said = node.attributes
    return Change(
        sku=said.get("SellerProductId", ""),
        gtin=said.get("ProductEan"),
        condition=CONDITIONS.get(said.get("ProductCondition", "")),
        price=_decimal(said.get("Price")),
        original_price=_decimal(said.get("StrikedPrice")),
        quantity=_integer(said.get("Stock")),
        preparation_days=_integer(said.get("PreparationTime")),
        delivery=_delivery(node),
        taxes=tuple({"code": code, "value": said[name]} for name, code in _TAXES if name in said) or None,
    )


def _delivery(node: Node) -> tuple[Mapping[str, Any], ...] | None:
    found = node.walk("Offer.ShippingInformationList", "ShippingInformationList")
    modes = (
        {
            "code": mode.attributes.get("DeliveryMode"),
            "cost": mode.attributes.get("ShippingCharges"),
            "additional": mode.attributes.get("AdditionalShippingCharges"),
        }
        for mode in (found.children if found else ())
    )
    return tuple(modes) or None


def _decimal(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None


def _integer(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
