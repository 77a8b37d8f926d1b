"""Offers over SOAP: lists, packages that lie on the file shelf, and their reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from cdiscount_marketplace.sandbox import offer_rules
from cdiscount_marketplace.sandbox.offers import Offer, Package, Row
from cdiscount_marketplace.sandbox.soap.asked import Asked, Handler, Reply
from cdiscount_marketplace.sandbox.soap.offer_file import read_offer_file
from cdiscount_marketplace.sandbox.soap.requests import Values
from cdiscount_marketplace.sandbox.soap.zips import Unusable
from cdiscount_marketplace.soap.common import DeliveryMode, OfferPool, ProductCondition
from cdiscount_marketplace.soap.offers.enums import (
    LogisticMode,
    LogisticsManagement,
    OfferState,
    PackagingUnit,
    PriceAlignment,
    SoldOutManagement,
)
from cdiscount_marketplace.soap.offers.models import (
    Offer as WireOffer,
)
from cdiscount_marketplace.soap.offers.models import (
    OfferListMessage,
    OfferListPaginatedMessage,
    OfferShipping,
)
from cdiscount_marketplace.soap.offers.submissions import (
    OfferPackageReport,
    OfferPropertyReport,
    OfferReport,
    OfferStateReportMessage,
)

CHANNEL: Final = "CDISFR"
PAGE_SIZE: Final = 100
_POOL: Final = OfferPool(id=1, description="Cdiscount")
_MODES: Final = {"Standard": "STD", "Tracked": "TRK", "Registered": "REG", "Relay": "REL"}
# The words of the REST half for what the SOAP half calls otherwise.
_CONDITIONS: Final = {"UsedLikeNew": ProductCondition.LIKE_NEW}
_FORBIDDEN: Final = "Vendeur de type CDiscount non autorisé !"


def get_offer_list(asked: Asked) -> Reply:
    """List the offers."""
    return Reply(OfferListMessage(offers=tuple(map(_show, _chosen(asked, asked.part("offerFilter"))))))


def get_offer_list_paginated(asked: Asked) -> Reply:
    """List a page of the offers."""
    values = asked.part("offerFilter")
    number = values.get("PageNumber") or 1
    offers = _sorted(_filtered(_chosen(asked, values), values), values)
    pages = -(-len(offers) // PAGE_SIZE)
    page = offers[(number - 1) * PAGE_SIZE : number * PAGE_SIZE] if number > 0 else []
    shown = tuple(map(_show, page))
    return Reply(OfferListPaginatedMessage(offers=shown, current_page_number=number, number_of_pages=pages))


def _chosen(asked: Asked, values: Values) -> list[Offer]:
    wanted = values.many("SellerProductIdList")
    if values.get("OfferPoolId") not in (None, _POOL.id):
        return []
    return [offer for offer in asked.market.offers.offers(CHANNEL) if not wanted or offer.sku in wanted]


def _filtered(offers: list[Offer], values: Values) -> list[Offer]:
    state, criterion = values.text("OfferStateFilter"), values.text("OfferFilterCriterion")
    if state in ("OnlineOffersOnly", "PublishedOffersOnly"):
        offers = [offer for offer in offers if offer.quantity > 0]
    elif state == "OfflineOffersOnly":
        offers = [offer for offer in offers if offer.quantity == 0]
    if criterion:
        offers = [offer for offer in offers if (offer.condition == "New") == (criterion == "NewOffersOnly")]
    return offers


def _sorted(offers: list[Offer], values: Values) -> list[Offer]:
    match values.text("OfferSortOrder"):
        case "ByPriceAscending":
            return sorted(offers, key=lambda offer: offer.price or Decimal(0))
        case "ByPriceDescending":
            return sorted(offers, key=lambda offer: offer.price or Decimal(0), reverse=True)
        case "ByCreationDateDescending":
            return sorted(offers, key=lambda offer: offer.created_at, reverse=True)
        case _:
            return offers


def _show(offer: Offer) -> WireOffer:
    taxes = {str(tax.get("code")).casefold(): tax.get("value") for tax in offer.taxes}
    modes = tuple(map(_show_mode, offer.delivery))
    charges = [mode.shipping_charges for mode in modes if mode.shipping_charges is not None]
    return WireOffer(
        seller_product_id=offer.sku,
        product_id=f"AUC{offer.gtin}",
        product_ean=offer.gtin,
        product_condition=_CONDITIONS.get(offer.condition or "") or ProductCondition(offer.condition or "None"),
        offer_state=OfferState.ACTIVE if offer.quantity > 0 else OfferState.INACTIVE,
        stock=offer.quantity,
        price=offer.price or Decimal(0),
        integration_price=offer.price or Decimal(0),
        striked_price=offer.original_price or None,
        vat_rate=_amount(taxes.get("vat")),
        eco_tax=_amount(taxes.get("ecotax")),
        dea_tax=_amount(taxes.get("deatax")),
        shipping=modes,
        best_shipping_charges=min(charges, default=Decimal(0)),
        price_must_be_aligned=PriceAlignment.DONT_ALIGN,
        offer_pools=(_POOL,),
        logistic_mode=LogisticMode.MARKETPLACE,
        logistics_management=LogisticsManagement.SELLER_ONLY,
        sold_out_management=SoldOutManagement.NO,
        is_cdav=False,
        product_packaging_unit=PackagingUnit.NONE,
        product_packaging_unit_price=Decimal(0),
        product_packaging_value=Decimal(0),
        creation_date=offer.created_at,
        last_update_date=offer.updated_at,
    )


def _show_mode(mode: Mapping[str, Any]) -> OfferShipping:
    name = str(mode.get("code"))
    return OfferShipping(
        delivery_mode=DeliveryMode(code=_MODES.get(name, name), name=name),
        shipping_charges=_amount(mode.get("cost")),
        additional_shipping_charges=_amount(mode.get("additional")),
        min_lead_time=0,
        max_lead_time=0,
    )


def _amount(value: object) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)


# --- packages ---------------------------------------------------------------------------------------------------------


def submit_offer_package(asked: Asked) -> Reply:
    """Take a package; the file is fetched at once, and worked on later."""
    content = asked.market.files.fetch(asked.part("offerPackageRequest").text("ZipFileFullPath"))
    number = _take(asked, content)
    return Reply(OfferPackageReport(package_id=number, number_of_errors=0))


def _take(asked: Asked, content: bytes | None) -> int:
    offers, settings = asked.market.offers, asked.book.settings
    try:
        file = None if content is None else read_offer_file(content)
    except Unusable:
        file = None
    full = file is not None and file.full
    package = offers.create("Upsert" if full else "Update", CHANNEL, by_file=True)
    changes = () if file is None else file.changes
    if file is not None and file.purge:
        named = {change.sku for change in changes}
        changes = (*changes, *map(offer_rules.withdrawal, _others(asked, named)))
    offers.add(package.id, changes, settings.octopia.digestion)
    if file is not None:
        offers.ready(package.id, settings.octopia.integration)
    return _number(package)


def _others(asked: Asked, named: set[str]) -> list[str]:
    return [offer.sku for offer in asked.market.offers.offers(CHANNEL) if offer.sku not in named]


def _number(package: Package) -> int:
    return int(package.id.removeprefix("PK"))


def get_offer_package_submission_result(asked: Asked) -> Reply:
    """Report on a package; one that there is not looks like one that was not begun."""
    number = asked.part("offerPackageFilter").get("PackageID") or 0
    package = asked.market.offers.package(f"PK{number:06d}")
    if package is None or not package.by_file:
        return Reply(OfferPackageReport(package_id=number, number_of_errors=0))
    if package.ready_at is None:
        return Reply(OfferPackageReport(package_id=number, number_of_errors=1, package_integration_status="Rejected"))
    if package.done_at is None:
        status = "IntegrationPending"
        return Reply(OfferPackageReport(package_id=number, number_of_errors=0, package_integration_status=status))
    return Reply(_finished(package, package.done_at))


def _finished(package: Package, at: datetime) -> OfferPackageReport:
    eans = {change.sku: change.gtin for change in package.changes}
    return OfferPackageReport(
        package_id=_number(package),
        package_integration_status="Integrated",
        number_of_errors=sum(not row.accepted for row in package.rows),
        offers=tuple(_row(row, eans.get(row.sku), at) for row in package.rows),
    )


def _row(row: Row, ean: str | None, at: datetime) -> OfferReport:
    error = OfferPropertyReport(
        name="", property_code="0", property_error=offer_rules.soap_code(row.code), log_message=row.message
    )
    return OfferReport(
        seller_product_id=row.sku,
        product_ean=ean,
        sku=f"AUC{ean}" if ean else None,
        validated=row.accepted,
        offer_integration_status="Integrated" if row.accepted else "Rejected",
        properties=(error,),
        log_date=at,
    )


def submit_offer_state_action(_asked: Asked) -> Reply:
    """Refuse: the shop ships its offers itself."""
    return Reply(OfferStateReportMessage(), message=_FORBIDDEN, code="SellerNotFound", success=False)


HANDLERS: Mapping[str, Handler] = {
    "GetOfferList": get_offer_list,
    "GetOfferListPaginated": get_offer_list_paginated,
    "GetOfferPackageSubmissionResult": get_offer_package_submission_result,
    "SubmitOfferPackage": submit_offer_package,
    "SubmitOfferStateAction": submit_offer_state_action,
}
