"""Order bodies of the REST API, written by hand: no public recording of an order exists, so they are unproven."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from cdiscount_marketplace.octopia.offers import (
    DeliveryModeCost,
    OfferRequest,
    OfferTax,
    RequestedPrice,
    RequestedProduct,
)
from cdiscount_marketplace.octopia.offers.models import TAXES
from cdiscount_marketplace.octopia.products import Picture, ProductAttribute, ProductRequest

ADDRESS: dict[str, Any] = {
    "civility": "Mrs",
    "firstName": "Jeanne",
    "lastName": "Martin",
    "companyName": None,
    "addressLine1": "12 rue des Lilas",
    "addressLine2": "Bâtiment C",
    "postalCode": "33000",
    "city": "Bordeaux",
    "countryCode": "FR",
}
SHIPPING_ADDRESS: dict[str, Any] = {
    **ADDRESS,
    "phone": "0601020304",
    "email": "k3j4h5@relais.example",
    "pickupId": None,
    "pickupName": None,
}


def line_body(line_id: str = "L1", **changes: Any) -> dict[str, Any]:
    """Return a line that is to be shipped by the seller: 2 × 24.95, shipping 3.99."""
    body: dict[str, Any] = {
        "orderLineId": line_id,
        "status": "InPreparation",
        "quantity": 2,
        "totalPrice": {"offerPrice": 53.89, "sellingPrice": 53.89},
        "offerPrice": {
            "unitSalesPrice": 24.95,
            "shippingCost": 3.99,
            "commission": {"amountWithVat": 6.47, "amountWithoutVat": 5.39, "rate": 12},
            "taxes": [{"code": "VAT", "target": "Product", "amount": 8.32, "rate": 20}],
        },
        "sellingPrice": {"unitSalesPrice": 24.95, "shippingCost": 3.99, "taxes": []},
        "offer": {
            "id": f"OFFER-{line_id}",
            "sellerProductId": f"SKU-{line_id}",
            "supplyMode": "Seller",
            "productId": "AUC1234567890",
            "productTitle": "Lampe de bureau",
            "productGtin": "3701234567890",
            "condition": "New",
        },
        "delivery": {
            "mode": "TrackedHomeDelivery",
            "promisedAtMin": "2026-03-03T08:00:00Z",
            "promisedAtMax": "2026-03-05T18:00:00Z",
            "shippedAtMax": "2026-03-02T22:59:59Z",
        },
        "shippingAddress": dict(SHIPPING_ADDRESS),
        "parcels": [],
    }
    return {**copy.deepcopy(body), **changes}


def order_body(order_id: str = "26030112AAAA", **changes: Any) -> dict[str, Any]:
    """Return an order in preparation, with one line, whose amounts add up."""
    body: dict[str, Any] = {
        "orderId": order_id,
        "reference": f"REF-{order_id}",
        "businessOrder": False,
        "salesChannel": {"id": "CDISFR", "name": "Cdiscount"},
        "seller": {"id": "98979"},
        "customer": {"reference": "CUST-1"},
        "purchasedAt": "2026-03-01T11:00:00Z",
        "createdAt": "2026-03-01T11:02:03.250Z",
        "updatedAt": "2026-03-01T11:30:00+00:00",
        "shippedAtMax": "2026-03-02T22:59:59Z",
        "status": "InPreparation",
        "payment": {"method": "CreditCard"},
        "currencyCode": "EUR",
        "billingAddress": dict(ADDRESS),
        "totalPrice": {"offerPrice": 53.89, "sellingPrice": 53.89},
        "serviceFees": [],
        "lines": [line_body()],
    }
    return {**copy.deepcopy(body), **changes}


def page_body(*orders: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a list."""
    return {"itemsPerPage": len(orders), "items": list(orders)}


def full_offer(sku: str, **changes: Any) -> OfferRequest:
    """Return an offer with everything that a new one needs."""
    values: dict[str, Any] = {
        "seller_external_reference": sku,
        "product": RequestedProduct(gtin="3701234567890", reference=sku),
        "condition": "New",
        "price": RequestedPrice(
            price=Decimal("11.00"),
            original_price=Decimal("12.50"),
            taxes=tuple(OfferTax(code=code, value=Decimal(0)) for code in TAXES),
        ),
        "quantity": 5,
        "preparation_time": 2,
        "delivery_modes": (DeliveryModeCost(code="THD", cost=Decimal("4.90"), additional_cost=Decimal("1.50")),),
    }
    return OfferRequest(**(values | changes))


def new_product(gtin: str, **changes: Any) -> ProductRequest:
    """Return a product with everything that the sandbox wants of a new one."""
    values: dict[str, Any] = {
        "gtin": gtin,
        "seller_product_reference": f"REF-{gtin}",
        "title": "Lampe de bureau LED",
        "description": "Bras articulé, 450 lumens.",
        "rich_marketing_description": "<p>Une lampe.</p>",
        "brand": "Maison Claire",
        "seller_picture_urls": (Picture(index=1, url="https://images.example/lamp.jpg"),),
        "category_code": "0E040K",
        "color": "Blanc",
        "attributes": (ProductAttribute(property_reference="3263", values=("Blanc",)),),
    }
    return ProductRequest(**(values | changes))
