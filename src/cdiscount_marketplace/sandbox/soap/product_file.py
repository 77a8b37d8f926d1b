"""Read the zip file of a package of products."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cdiscount_marketplace.sandbox.products import CATEGORIES
from cdiscount_marketplace.sandbox.soap.envelope import Node
from cdiscount_marketplace.sandbox.soap.zips import read_part_of

_PART: Final = "Content/Products.xml"
_PIVOT: Final = "clr-namespace:Cdiscount.Service.ProductIntegration.Pivot;assembly=Cdiscount.Service.ProductIntegration"
_KEY: Final = "{http://schemas.microsoft.com/winfx/2006/xaml}Key"


def read_product_file(content: bytes) -> list[Mapping[str, Any]]:
    """Read a package's products, as the catalogue takes them; raises `Unusable`."""
    root = read_part_of(content, _PART, f"{{{_PIVOT}}}ProductPackage")
    holder = root.child("ProductPackage.Products")
    nodes = list(holder.children) if holder else []
    # Files with and without the collection around the products have been seen.
    products = [node for node in nodes if node.local == "Product"]
    products += [product for node in nodes if node.local == "ProductCollection" for product in node.children]
    return [_product(node) for node in products]


def _product(node: Node) -> Mapping[str, Any]:
    said = node.attributes
    ean = node.walk("Product.EanList", "ProductEan")
    return {
        "gtin": ean.attributes.get("Ean") if ean else None,
        "title": said.get("LongLabel"),
        "categoryCode": said.get("CategoryCode"),
        "brand": said.get("BrandName"),
        "description": said.get("Description"),
        "sellerExternalReference": said.get("SellerProductId"),
        "attributes": _properties(node, said.get("CategoryCode")),
    }


def _properties(node: Node, category_code: str | None) -> list[Mapping[str, Any]]:
    category = next((one for one in CATEGORIES if one.reference == category_code), None)
    references = {one.label: one.reference for one in (category.properties if category else ())}
    holder = node.child("Product.ModelProperties")
    return [
        {"propertyReference": references.get(item.attributes.get(_KEY, "")), "values": [item.text]}
        for item in (holder.children if holder else ())
    ]
