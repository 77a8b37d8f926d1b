"""The shop that the sandbox's account belongs to, in the REST API's shape."""

from __future__ import annotations

from typing import Any, Literal

from cdiscount_marketplace.sandbox.carriers import CARRIERS


def information(seller_id: str, spelling: Literal["snake_case", "camelCase"]) -> dict[str, Any]:
    """Describe the shop, in the spelling of a source."""
    if spelling == "snake_case":
        return {
            "seller_id": seller_id,
            "shop_name": "La Boutique du Bac à Sable",
            "shop_url": "https://boutique.example.com",
            "seller_state": "Activated",
            "seller_sub_state": None,
            "subscription_step": "Done",
            "language": "fr-FR",
        }
    return {
        "id": seller_id,
        "login": "sandbox",
        "shopName": "La Boutique du Bac à Sable",
        "accountStatus": "Active",
        "contact": {"email": "boutique@example.com"},
    }


def addresses() -> list[dict[str, str]]:
    """List the shop's addresses."""
    return [{"type": "Return", "address": "8 quai des Chartrons", "zip": "33000", "city": "Bordeaux", "country": "FR"}]


def subscriptions() -> list[dict[str, Any]]:
    """List where the shop sells."""
    return [{"subscriptionId": "S-1", "salesChannelId": "CDISFR", "status": "Active", "currencies": ["EUR"]}]


def indicators() -> dict[str, float]:
    """Measure the shop, always equally well."""
    return {"orderAcceptationRate": 98.4, "productShippedRate": 97.1, "claimsRate": 1.2, "refundRate": 0.8}


def carriers() -> list[dict[str, str]]:
    """List the carriers by label; the catch-all is last."""
    labels = [carrier.name for carrier in CARRIERS]
    return [{"code": label.strip().lower()[:5], "label": label} for label in (*labels, "autre")]
