"""`client.offers`: read offers, submit packages of them, publish single ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from attrs import evolve, frozen

from cdiscount_marketplace.errors import OperationFailed
from cdiscount_marketplace.soap.offers.enums import OfferAction
from cdiscount_marketplace.soap.offers.models import (
    GET_OFFER_LIST,
    GET_OFFER_LIST_PAGINATED,
    Offer,
    OfferFilter,
    OfferFilterPaginated,
    OfferListMessage,
    OfferListPaginatedMessage,
)
from cdiscount_marketplace.soap.offers.requests import OfferPackage
from cdiscount_marketplace.soap.offers.submissions import (
    GET_OFFER_PACKAGE_SUBMISSION_RESULT,
    SUBMIT_OFFER_PACKAGE,
    SUBMIT_OFFER_STATE_ACTION,
    OfferPackageReport,
    OfferPackageRequest,
    OfferStateActionRequest,
)
from cdiscount_marketplace.soap.package_files import Upload, ensure_package, upload_file
from cdiscount_marketplace.soap.packages import PackageFilter, SubmittedPackage, ensure_number, ensure_url, number_of
from cdiscount_marketplace.soap.paging import Page, read_pages
from cdiscount_marketplace.soap.service import Service


@frozen
class Offers:
    """Read the seller's offers, submit packages of them, publish single ones. Thread-safe."""

    _service: Service

    def without_timeout_retries(self) -> Offers:
        """Return the same section for callers who would rather ask again later: no read repeats a timeout."""
        return evolve(self, service=self._service.without_timeout_retries())

    def list(self, offer_filter: OfferFilter | None = None) -> tuple[Offer, ...]:
        """Read all matching offers in one answer (GetOfferList); may be repeated.

        For large shops the service times out: use `iter`.
        """
        return _listed(self._service.read(GET_OFFER_LIST, offer_filter or OfferFilter()).result, GET_OFFER_LIST.name)

    def iter(self, offer_filter: OfferFilterPaginated | None = None) -> Iterator[Offer]:
        """Read matching offers page by page while they are taken (GetOfferListPaginated); may be repeated.

        It ends at the last page that the service counts, or at an empty one. Raises `UnreadableAnswer` for a page that
        is not the one that was asked for, that repeats an earlier one, that is empty before the last, or that counts
        fewer pages than one before it.
        """
        asked: Any = offer_filter or OfferFilterPaginated()

        def read(number: int) -> Page[Offer]:
            page = self.page(evolve(asked, page_number=number))
            offers = _listed(page, GET_OFFER_LIST_PAGINATED.name)
            return Page(offers, page.current_page_number, page.number_of_pages)

        return read_pages(read, GET_OFFER_LIST_PAGINATED.name, first=asked.page_number or 1)

    def page(self, offer_filter: OfferFilterPaginated) -> OfferListPaginatedMessage:
        """Read one page of offers (GetOfferListPaginated); may be repeated."""
        return self._service.read(GET_OFFER_LIST_PAGINATED, offer_filter).result

    def submit(self, url: str) -> SubmittedPackage[OfferPackageReport]:
        """Submit the package that lies at a URL (SubmitOfferPackage), and return what to wait with.

        The marketplace fetches the file later: a URL that does not work shows in the report only. May be repeated, for
        a package states facts; raises `OutcomeUnknown` when no clear answer came.
        """
        ensure_url(url, SUBMIT_OFFER_PACKAGE.name)
        report = self._service.submit(SUBMIT_OFFER_PACKAGE, OfferPackageRequest(url=url))
        return self.package(number_of(report.package_id, "package", SUBMIT_OFFER_PACKAGE.name))

    def submit_package(self, package: OfferPackage, *, upload: Upload) -> SubmittedPackage[OfferPackageReport]:
        """Write a package's file, give it to `upload`, and submit it from the URL that this returns.

        Raises `InvalidRequest`, before anything is uploaded or sent, for offers that no file can carry, and what
        `upload` raises; see `submit` for the rest.
        """
        ensure_package(package, OfferPackage)
        url = upload_file(partial(package.write, time_zone=self._service.zone), "offers", upload)
        return self.submit(url)

    def package(self, package_id: int) -> SubmittedPackage[OfferPackageReport]:
        """Return a package that was submitted earlier, by its number; makes no request."""
        ensure_number(package_id, GET_OFFER_PACKAGE_SUBMISSION_RESULT.name)
        operation, clock = GET_OFFER_PACKAGE_SUBMISSION_RESULT.name, self._service.reads.clock
        return SubmittedPackage(package_id, operation, self._report, clock)

    def publish(self, seller_product_id: str) -> None:
        """Publish an offer that Cdiscount ships (SubmitOfferStateAction); may be repeated.

        Sellers who ship themselves are refused with `OperationFailed`.
        """
        self._act(OfferAction.PUBLISH, seller_product_id)

    def unpublish(self, seller_product_id: str) -> None:
        """Take an offer that Cdiscount ships off the site (SubmitOfferStateAction); may be repeated.

        Sellers who ship themselves are refused with `OperationFailed`.
        """
        self._act(OfferAction.UNPUBLISH, seller_product_id)

    def _report(self, package_id: int) -> OfferPackageReport:
        return self._service.read(GET_OFFER_PACKAGE_SUBMISSION_RESULT, PackageFilter(package_id=package_id)).result

    def _act(self, action: OfferAction, seller_product_id: str) -> None:
        request = OfferStateActionRequest(action=action, seller_product_id=seller_product_id)
        self._service.submit(SUBMIT_OFFER_STATE_ACTION, request)


def _listed(answered: OfferListMessage, operation: str) -> tuple[Offer, ...]:
    if answered.offers is None:
        raise OperationFailed("the answer contains no list of offers: nothing was read", operation=operation)
    return answered.offers
