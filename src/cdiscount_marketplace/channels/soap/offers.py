"""Offers through the SOAP API: files that the caller puts where the marketplace fetches them, and their reports."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from attrs import evolve, frozen

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
from cdiscount_marketplace.channels.soap.open_files import OpenFile, OpenFiles
from cdiscount_marketplace.errors import ConfigurationError, InvalidRequest, Problem
from cdiscount_marketplace.failures import is_account_wide
from cdiscount_marketplace.offers import Offer, OfferCondition, OfferDelivery, OfferTax, OfferTaxKind
from cdiscount_marketplace.soap.client import MarketplaceClient
from cdiscount_marketplace.soap.common import ErrorType, ProductCondition
from cdiscount_marketplace.soap.offers.requests import OfferPackage, OfferRequest, PackageType, ShippingRequest
from cdiscount_marketplace.soap.offers.submissions import OfferPackageReport, OfferReport
from cdiscount_marketplace.soap.package_files import Upload, guarded
from cdiscount_marketplace.soap.packages import is_finished, is_turned_down

_CURRENCY: Final = "EUR"
_CONDITIONS: Final[Mapping[str, ProductCondition]] = MappingProxyType(
    {
        OfferCondition.NEW: ProductCondition.NEW,
        OfferCondition.LIKE_NEW: ProductCondition.LIKE_NEW,
        OfferCondition.VERY_GOOD: ProductCondition.VERY_GOOD_STATE,
        OfferCondition.GOOD: ProductCondition.GOOD_STATE,
        OfferCondition.AVERAGE: ProductCondition.AVERAGE_STATE,
        OfferCondition.REFURBISHED: ProductCondition.REFURBISHED,
    }
)
_TAXES: Final[Mapping[str, str]] = MappingProxyType({"vat": "vat_rate", "ecotax": "eco_tax", "deatax": "dea_tax"})
# These are about the file; every other refusal is about the account, or passes.
_FILE_ERRORS: Final = frozenset(
    {
        ErrorType.INVALID_FILE_FORMAT,
        ErrorType.TOO_MANY_PRODUCTS_IN_PACKAGE_ERROR,
        ErrorType.PRODUCT_NUMBER_LIMIT_EXCEEDED_EXCEPTION,
    }
)
# A code of reports: there is no such offer to change.
_UNKNOWN_OFFER: Final = "36"
# Another: the offer was submitted already, and is being worked on.
_SUBMITTED: Final = "28"
_PASSING: Final = re.compile(r"quota", re.IGNORECASE)


@frozen(kw_only=True)
class OfferPackager:
    """Sends offers of one account in packages, and reads what became of them. Thread-safe."""

    client: MarketplaceClient
    upload: Upload | None
    files: OpenFiles

    def create(self, kind: PackageKind) -> str:
        """Begin a package and return a reference that is good until it is submitted; makes no request."""
        self._ensure_upload()
        reference = f"file-{uuid.uuid4().hex}"
        self.files.put(reference, OpenFile(kind))
        return reference

    def fill(self, reference: str, kind: PackageKind, offers: Sequence[Offer]) -> PackageOutcome:
        """Put all offers of a package into it, which need not be open any more; makes no request."""
        requests = [_request(offer, kind) for offer in offers]
        problems = [
            Problem(f"{offer.sku}: {problem.field}", problem.message)
            for offer, request in zip(offers, requests, strict=True)
            for problem in request.problems(_package_type(kind))
        ]
        if problems:
            raise InvalidRequest(problems, operation="fill")
        self.files.put(reference, OpenFile(kind, tuple(requests)))
        return PackageOutcome(answer=PackageAnswer.DONE)

    def close(self, reference: str) -> PackageOutcome:
        """Upload a package's file and submit it; the outcome has the number that the marketplace gave it."""
        file = self.files.find(reference)
        if file is None:
            return PackageOutcome(answer=PackageAnswer.REFUSED, message="it is not open in this process")
        try:
            number = self._submit(file)
        except InvalidRequest as error:
            # The offers were checked when they came: it is the URL.
            raise ConfigurationError(f"upload: {error.message}") from error
        except errors.OutcomeUnknown as error:
            return PackageOutcome(answer=PackageAnswer.UNKNOWN, message=error.message)
        except errors.CdiscountError as error:
            if is_account_wide(error) or isinstance(error, ConfigurationError):
                raise
            return _refused(file, error)
        self.files.drop(reference)
        return PackageOutcome(answer=PackageAnswer.DONE, reference=str(number))

    def read(self, reference: str) -> PackageReading:
        """Read where a package stands."""
        if not reference.isdecimal():
            file = self.files.find(reference)
            if file is None:
                return PackageReading(standing=PackageStanding.GONE, message="it was not submitted before a restart")
            return file.refusal or PackageReading(standing=PackageStanding.OPEN)
        try:
            report = self._report(reference)
        except errors.OperationFailed as error:
            return _unreported(error)
        except errors.UnreadableAnswer as error:
            _ensure_foreign(error)
            return PackageReading(standing=PackageStanding.BUSY, message=error.message)
        if not is_finished(report):
            return PackageReading(standing=PackageStanding.BUSY)
        return _turned_down(report) or PackageReading(standing=PackageStanding.DONE)

    def report(self, reference: str) -> ReportPage:
        """Read a package's report, whole: it has no more rows than the package has offers."""
        try:
            report = self._report(reference)
        except errors.OperationFailed:
            return ReportPage(standing=ReportStanding.NOT_YET)
        except errors.UnreadableAnswer as error:
            _ensure_foreign(error)
            return ReportPage(standing=ReportStanding.NOT_YET)
        if not is_finished(report):
            return ReportPage(standing=ReportStanding.NOT_YET)
        return ReportPage(results=tuple(result for row in report.offers if (result := _result(row)) is not None))

    def _submit(self, file: OpenFile) -> int:
        package = OfferPackage(offers=file.offers, package_type=_package_type(file.kind))
        return self.client.offers.submit_package(package, upload=guarded(self._ensure_upload())).id

    def _ensure_upload(self) -> Upload:
        if self.upload is None:
            hint = "give SoapChannel(upload=…) a callable that puts a file at a URL, and returns it"
            raise ConfigurationError("offers cannot be sent: the marketplace fetches them from a URL", hint=hint)
        return self.upload

    def _report(self, reference: str) -> OfferPackageReport:
        return self.client.offers.without_timeout_retries().package(int(reference)).status()


def _package_type(kind: PackageKind) -> PackageType:
    return PackageType.FULL if kind == PackageKind.UPSERT else PackageType.STOCK_AND_PRICE


def _request(offer: Offer, kind: PackageKind) -> OfferRequest:
    problems = list(_problems(offer))
    if problems:
        raise InvalidRequest(problems, operation="fill")
    request = OfferRequest(
        seller_product_id=offer.sku,
        price=offer.price,
        # 0 takes the price away that is struck through: a whole offer does not say it any more.
        striked_price=offer.original_price or None,
        stock=offer.quantity,
    )
    if kind != PackageKind.UPSERT:
        return request
    taxes: dict[str, Any] = {_TAXES[tax.code.casefold()]: tax.value for tax in offer.taxes or ()}
    return evolve(
        request,
        product_ean=offer.gtin,
        product_condition=_condition(offer),
        preparation_time=offer.preparation_days,
        shipping=tuple(map(_shipping, offer.delivery_modes or ())),
        **taxes,
    )


def _problems(offer: Offer) -> Iterator[Problem]:
    if offer.currency not in (None, _CURRENCY):
        yield Problem(f"{offer.sku}: currency", f"must be {_CURRENCY}, not {offer.currency}")
    for tax in offer.taxes or ():
        wrong = _tax_problem(tax)
        if wrong is not None:
            yield Problem(f"{offer.sku}: taxes", wrong)


def _tax_problem(tax: OfferTax) -> str | None:
    name = tax.code.casefold()
    if name not in _TAXES:
        return f"{tax.code} is unknown; give {', '.join(_TAXES)}"
    wanted = OfferTaxKind.RATE if name == "vat" else OfferTaxKind.AMOUNT
    return f"{tax.code} must be given as {wanted}" if tax.value and tax.kind != wanted else None


def _condition(offer: Offer) -> ProductCondition | None:
    if offer.condition is None:
        return None
    return _CONDITIONS.get(offer.condition) or ProductCondition(str(offer.condition))


def _shipping(mode: OfferDelivery) -> ShippingRequest:
    return ShippingRequest(
        delivery_mode=mode.code, shipping_charges=mode.cost, additional_shipping_charges=mode.additional_cost
    )


def _refused(file: OpenFile, error: errors.CdiscountError) -> PackageOutcome:
    """Say that a submission was refused; the reading of the package shows whether the file is to blame."""
    code = error.codes[0] if error.codes else type(error).__name__
    if _FILE_ERRORS & set(error.codes):
        file.refusal = PackageReading(standing=PackageStanding.REFUSED, code=code, message=error.message)
    return PackageOutcome(answer=PackageAnswer.REFUSED, code=code, message=error.message)


def _ensure_foreign(error: errors.UnreadableAnswer) -> None:
    """Raise an error that concerns the service; the report of another package is no trouble but of this one."""
    if type(error) is not errors.UnreadableAnswer or error.status is not None:
        raise error


def _unreported(error: errors.OperationFailed) -> PackageReading:
    """Return what it means that a package's report cannot be read, which must not stop other packages."""
    standing = PackageStanding.BUSY
    if _FILE_ERRORS & set(error.codes):
        standing = PackageStanding.REFUSED
    elif ErrorType.FILE_DOWNLOAD_EXCEPTION in error.codes:
        # No offer is to blame for where its file lay: it is uploaded again.
        standing = PackageStanding.GONE
    return PackageReading(standing=standing, code=next(iter(error.codes), None), message=error.message)


def _turned_down(report: OfferPackageReport) -> PackageReading | None:
    """Return how a package was turned down as a whole; None where its offers were worked on."""
    status = str(report.package_integration_status)
    if report.offers or not is_turned_down(status):
        return None
    # A file that could not be fetched looks the same: that proves nothing against the offers, which are sent again.
    message = f"the marketplace refused the whole package ({status}), without a word on its offers"
    return PackageReading(standing=PackageStanding.GONE, code=status, message=message)


def _result(row: OfferReport) -> OfferResult | None:
    """Read a row of a report; None for one that does not say what became of which offer."""
    if row.seller_product_id is None or row.validated is None:
        return None
    codes = [error.property_error for error in row.errors if error.property_error]
    words = "; ".join(
        ": ".join(part for part in (error.name, error.property_error, error.log_message) if part)
        for error in row.errors
    )
    refused = not row.integrated
    return OfferResult(
        sku=row.seller_product_id,
        accepted=row.integrated,
        code=codes[0] if codes else None,
        message=words or None,
        unknown_offer=refused and _UNKNOWN_OFFER in codes,
        passing=refused and (_SUBMITTED in codes or _PASSING.search(words) is not None),
    )
