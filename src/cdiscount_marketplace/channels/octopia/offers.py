"""Offers through the REST API: JSON packages, their states and their reports."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Final, Literal, cast

from attrs import field, frozen

from cdiscount_marketplace import errors
from cdiscount_marketplace.channels.offers import (
    OfferResult,
    PackageAnswer,
    PackageKind,
    PackageOutcome,
    PackageReading,
    PackageStanding,
    ReportPage,
    ReportStanding,
)
from cdiscount_marketplace.errors import ConfigurationError, InvalidRequest, Problem
from cdiscount_marketplace.failures import is_account_wide
from cdiscount_marketplace.octopia.client import OctopiaClient
from cdiscount_marketplace.octopia.offers.models import (
    DeliveryModeCost,
    OfferRequest,
    OfferRequestResult,
    PackageState,
    PackageType,
    RequestedPrice,
    RequestedProduct,
)
from cdiscount_marketplace.octopia.offers.models import OfferTax as RequestedTax
from cdiscount_marketplace.offers import Offer, OfferCondition, OfferTax, OfferTaxKind

PACKAGE_LIFE: Final = timedelta(hours=6)
PACKAGE_SIZE: Final = 1000

_NEEDED: Final = ("condition", "price", "quantity", "preparation_days", "delivery_modes", "taxes")
_TYPES: Final = {PackageKind.UPSERT: PackageType.UPSERT, PackageKind.UPDATE: PackageType.UPDATE}
_STANDINGS: Final = {
    PackageState.WAITING_FOR_COMPLETION: PackageStanding.OPEN,
    PackageState.INTEGRATED: PackageStanding.DONE,
    PackageState.REJECTED: PackageStanding.REFUSED,
    PackageState.ERROR: PackageStanding.REFUSED,
}
# Every other word is the marketplace's own, or unknown: see `OfferSettings.conditions`.
_CONDITIONS: Final = {OfferCondition.NEW: "New", OfferCondition.LIKE_NEW: "UsedLikeNew"}
_TAXES: Final = {
    "plain": {"vat": "VAT", "ecotax": "Ecotax", "deatax": "Deatax"},
    "typed": {"vat": "vat", "ecotax": "ecoTax", "deatax": "deaTax"},
}
# What was uploaded cannot be read: it would not be the next time, either.
_UNREADABLE: Final = frozenset({400, 413, 415, 422})
_GONE: Final = frozenset({404, 410})
# No code for an unknown offer is public; its words are.
_UNKNOWN_OFFER: Final = re.compile(
    r"(offre|offer)\b.{0,20}(inexistante|inconnue|introuvable|not\ found|unknown|does\ not\ exist)|unknown\ offer",
    re.IGNORECASE | re.VERBOSE,
)
_PASSING: Final = re.compile(r"quota", re.IGNORECASE)


@frozen(kw_only=True)
class OfferSettings:
    """How offers are written where sources disagree, and how large packages are.

    `taxes` is the form of taxes: "plain" (`VAT` 20, without a type), or "typed" (`vat` 0.2 of type `Rate`).
    `conditions` are the marketplace's words for conditions, such as `{"good": "its-word"}`: those for `new` and
    `like_new` are public. No limit of `package_size` is documented, but that an upload has 100 offers at most.
    """

    taxes: Literal["plain", "typed"] = "plain"
    conditions: Mapping[str, str] = field(default=MappingProxyType({}))
    package_size: int = PACKAGE_SIZE

    def __attrs_post_init__(self) -> None:
        if self.taxes not in _TAXES:
            raise ConfigurationError(f"taxes must be one of {', '.join(map(repr, _TAXES))}, not {self.taxes!r}")
        if not isinstance(cast("object", self.package_size), int) or self.package_size < 1:
            raise ConfigurationError(f"package_size must be an integer of at least 1, not {self.package_size!r}")


@frozen(kw_only=True)
class OfferPackager:
    """Sends offers of one account in packages, and reads what became of them. Thread-safe."""

    client: OctopiaClient
    settings: OfferSettings

    def create(self, kind: PackageKind) -> str:
        """Open a package and return its id."""
        return self.client.offers.packages.create(_TYPES[kind])

    def fill(self, reference: str, kind: PackageKind, offers: Sequence[Offer]) -> PackageOutcome:
        """Upload offers into a package."""
        requests = [self._request(offer) for offer in offers]
        return _outcome(lambda: self.client.offers.packages.add(reference, requests, kind=_TYPES[kind]))

    def close(self, reference: str) -> PackageOutcome:
        """Set a package ready."""
        return _outcome(lambda: self.client.offers.packages.ready(reference))

    def read(self, reference: str) -> PackageReading:
        """Read where a package stands; a state that is not known is one more that it goes through."""
        try:
            state = self.client.offers.packages.get(reference).state
        except errors.HttpError as error:
            if error.status in _GONE:
                return PackageReading(standing=PackageStanding.GONE)
            raise
        if state is None:
            return PackageReading(standing=PackageStanding.BUSY)
        standing = _STANDINGS.get(state, PackageStanding.BUSY)
        refused = standing == PackageStanding.REFUSED
        message = "the marketplace refused the whole package" if refused else None
        return PackageReading(standing=standing, code=str(state) if refused else None, message=message)

    def report(self, reference: str) -> ReportPage:
        """Read a package's report, whole: it has no more rows than the package has offers."""
        try:
            results = tuple(filter(None, map(_result, self.client.offers.packages.results(reference))))
        except errors.NotReady:
            return ReportPage(standing=ReportStanding.NOT_YET)
        except errors.HttpError as error:
            if error.status in _GONE:
                return ReportPage(standing=ReportStanding.GONE)
            raise
        # Some answer an empty list while there is no report, or no longer.
        return ReportPage(standing=ReportStanding.READY if results else ReportStanding.NOT_YET, results=results)

    def _request(self, offer: Offer) -> OfferRequest:
        product = RequestedProduct(gtin=offer.gtin, reference=offer.product) if offer.gtin or offer.product else None
        return OfferRequest(
            seller_external_reference=offer.sku,
            product=product,
            condition=self._condition(offer),
            price=self._price(offer),
            quantity=offer.quantity,
            preparation_time=offer.preparation_days,
            delivery_modes=tuple(
                DeliveryModeCost(code=mode.code, cost=mode.cost, additional_cost=mode.additional_cost)
                for mode in offer.delivery_modes or ()
            ),
        )

    def _condition(self, offer: Offer) -> str | None:
        condition = offer.condition
        if condition is None:
            return None
        word = self.settings.conditions.get(condition) or _CONDITIONS.get(condition)
        if word is None and condition.known:
            hint = f"no word of the marketplace for {condition} is known; give OfferSettings(conditions=…) one"
            raise InvalidRequest([Problem("condition", hint)], operation="fill")
        return word or str(condition)

    def _price(self, offer: Offer) -> RequestedPrice | None:
        if offer.price is None and not offer.taxes:
            return None
        return RequestedPrice(
            price=offer.price,
            # 0 takes the price away that is struck through, and leaving it out does.
            original_price=offer.original_price or None,
            currency_code=offer.currency,
            taxes=tuple(map(self._tax, offer.taxes or ())),
        )

    def _tax(self, tax: OfferTax) -> RequestedTax:
        form, folded = self.settings.taxes, tax.code.casefold()
        code = _TAXES[form].get(folded, tax.code)
        if form == "plain":
            return RequestedTax(code=code, value=tax.value)
        if tax.kind == OfferTaxKind.RATE:
            return RequestedTax(code=code, value=tax.value / 100, type="Rate")
        return RequestedTax(code=code, value=tax.value, type="Amount")


def missing_members(offer: Offer) -> Sequence[str]:
    """Return what an offer lacks to be made."""
    missing = [name for name in _NEEDED if getattr(offer, name) is None]
    return missing if offer.gtin or offer.product else ["gtin", *missing]


def _outcome(step: Callable[[], object]) -> PackageOutcome:
    """Do a step of a package; raises only what concerns the account, and proves that nothing was done."""
    try:
        step()
    except InvalidRequest:
        raise
    except errors.NotReady as error:
        return PackageOutcome(answer=PackageAnswer.REFUSED, code="NotReady", message=error.message)
    except errors.CdiscountError as error:
        if is_account_wide(error):
            raise
        refused = isinstance(error, errors.HttpError) and error.status in _UNREADABLE
        code = str(error.status) if isinstance(error, errors.HttpError) else type(error).__name__
        answer = PackageAnswer.REFUSED if refused else PackageAnswer.UNKNOWN
        return PackageOutcome(answer=answer, code=code, message=error.message)
    return PackageOutcome(answer=PackageAnswer.DONE)


def _result(row: OfferRequestResult) -> OfferResult | None:
    """Read a row of a report; None for one that does not say what became of which offer."""
    if row.seller_external_reference is None or row.integration_status is None:
        return None
    codes = [line.result_code for line in row.results if line.result_code]
    words = "; ".join(_words(row)) or None
    refused = not row.integrated
    return OfferResult(
        sku=row.seller_external_reference,
        accepted=row.integrated,
        code=codes[0] if codes else None,
        message=words,
        unknown_offer=refused and _UNKNOWN_OFFER.search(words or "") is not None,
        passing=refused and _PASSING.search(" ".join([*codes, words or ""])) is not None,
    )


def _words(row: OfferRequestResult) -> Iterator[str]:
    for line in row.results:
        both = [part for part in (line.result_code, line.message) if part]
        if both:
            yield ": ".join(both)
