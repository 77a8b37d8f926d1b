"""Which offers the marketplace takes."""

from __future__ import annotations

from typing import Final

from cdiscount_marketplace.sandbox.octopia_settings import OctopiaSettings
from cdiscount_marketplace.sandbox.offers import CHANGED, CREATED, UNKNOWN_OFFER, Change

_TAXES: Final = frozenset({"vat", "ecotax", "deatax"})
_TRACKED: Final = frozenset({"THD", "SHD", "PPMR"})
_MISSING, _TAX, _DELIVERY = "1001", "1008", "1012"
_NEEDED: Final = ("gtin", "condition", "price", "quantity", "preparation_days")


def refusal(kind: str, change: Change, settings: OctopiaSettings) -> tuple[str, str] | None:
    """Return the code and the words with which an offer of a package is refused; None where it is taken."""
    full = kind == "Upsert"
    missing = [name for name in _NEEDED if full and getattr(change, name) is None]
    if missing:
        return _MISSING, f"{missing[0]} is mandatory"
    if change.taxes is not None or full:
        wrong = _tax_refusal(change, settings)
        if wrong:
            return _TAX, wrong
    modes = {str(mode.get("code")) for mode in change.delivery or ()}
    if (change.delivery is not None or full) and not modes & _TRACKED:
        return _DELIVERY, "a tracked delivery mode is mandatory"
    return None


def _tax_refusal(change: Change, settings: OctopiaSettings) -> str | None:
    taxes = change.taxes or ()
    lacking = sorted(_TAXES - {str(tax.get("code")).casefold() for tax in taxes})
    if settings.strict_taxes and lacking:
        return f"{lacking[0]} is mandatory"
    untyped = [tax for tax in taxes if settings.tax_types and not tax.get("type")]
    return "the type of a tax is mandatory" if untyped else None


# What files of offers over SOAP must say of a new offer, and the codes of their reports.
_FILE_NEEDED: Final = ("gtin", "condition", "price", "quantity", "preparation_days", "delivery")
_FILE_MISSING, _FILE_PRICE = "10", "19"
_FILE_CODES: Final = {CREATED: "80", CHANGED: "90", UNKNOWN_OFFER: "36"}


def file_refusal(kind: str, change: Change) -> tuple[str, str] | None:
    """Return the code and the words with which an offer of a file is refused; None where it is taken."""
    missing = [name for name in _FILE_NEEDED if kind == "Upsert" and getattr(change, name) is None]
    is_withdrawal = change == withdrawal(change.sku)
    if not change.sku or (missing and not is_withdrawal):
        return _FILE_MISSING, f"Le champ {missing[0] if missing else 'SellerProductId'} est obligatoire"
    if change.price is not None and change.price <= 0:
        return _FILE_PRICE, "Le prix doit être supérieur à 0"
    return None


def withdrawal(sku: str) -> Change:
    """Return the change that takes an offer off the site."""
    return Change(sku=sku, quantity=0)


def soap_code(code: str) -> str:
    """Return a row's code as the reports over SOAP write it."""
    return _FILE_CODES.get(code, code)
