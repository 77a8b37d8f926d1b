"""Settling packages: each is read, and its report moves its offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from cdiscount_marketplace.channels.offers import (
    OfferResult,
    PackageReading,
    PackageStanding,
    ReportPage,
    ReportStanding,
)
from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.oms import offer_rows
from cdiscount_marketplace.oms.offer_run import FAILED, UNANSWERED, OfferRun
from cdiscount_marketplace.oms.offer_sending import OfferSender
from cdiscount_marketplace.oms.ports import OfferPackage, OfferState, OfferTask, PackageState

OPEN_PACKAGES = (PackageState.CREATED, PackageState.FILLED, PackageState.READY)
# A report has fewer pages than offers; a few more may come empty.
SPARE_PAGES = 10


class OfferSettler:
    """Settles the packages of one run."""

    def __init__(self, run: OfferRun, sender: OfferSender, give_up_after: timedelta) -> None:
        self._run = run
        self._sender = sender
        self._give_up_after = give_up_after

    def settle(self) -> None:
        """Read each package that is on its way, and do what is next for it."""
        for package in self._run.outbox.list_packages(self._run.account, OPEN_PACKAGES):
            if package.name in self._run.left:
                continue
            if package.channel != self._run.name:
                self._settle_foreign(package)
            elif package.state == PackageState.CREATED:
                self._resume(package)
            else:
                self._try(package)

    def _settle_foreign(self, package: OfferPackage) -> None:
        if self._is_older(package, self._give_up_after):
            self._lapse(package, f"it went through {package.channel}, which is not read any more")

    def _resume(self, package: OfferPackage) -> None:
        """Go on filling a package if it is known what it has; else abandon it: it was not made ready."""
        if package.filled is None:
            self._lapse(package, "an upload was interrupted")
        elif self._is_older(package, self._run.channel.package_life / 2):
            self._lapse(package, "it was left unfinished for too long")
        else:
            self._sender.fill(package, self._run.outbox.list_package(self._run.account, package.name))

    def _try(self, package: OfferPackage) -> None:
        try:
            self._read(package)
        except CdiscountError as error:
            self._run.endure(package, error)

    def _read(self, package: OfferPackage) -> None:
        self._run.before_request()
        reading = self._run.channel.read_package(package.reference)
        if reading.standing == PackageStanding.DONE:
            self._report(package)
        elif reading.standing == PackageStanding.REFUSED:
            self._refuse(package, reading)
        elif reading.standing == PackageStanding.GONE:
            self._lapse(package, reading.message or "the marketplace does not have it any more")
        elif self._is_older(package, self._give_up_after):
            self._lapse(package, f"it was not worked on within {self._give_up_after}")
        elif reading.standing == PackageStanding.OPEN:
            self._close(package)

    def _close(self, package: OfferPackage) -> None:
        """Make a package ready again, after a pause if it may have been; abandon it for newer states."""
        run = self._run
        if package.code in (FAILED, UNANSWERED) and any(
            row.changed for row in run.outbox.list_package(run.account, package.name)
        ):
            self._overtake(package)
        elif package.code != UNANSWERED or run.now() >= package.updated_at + offer_rows.pause_after(package):
            self._sender.close(package)

    def _overtake(self, package: OfferPackage) -> None:
        run, message = self._run, "newer states of its offers are stored"

        def back(row: OfferTask) -> OfferTask:
            later = run.now() < package.updated_at + offer_rows.pause(row.attempt)
            return offer_rows.returned(row, run.now(), f"its package was abandoned: {message}", later=later)

        self._sender.release(package, back)
        said = message if package.message is None else f"{message}; before: {package.message}"
        run.change_package(package, state=PackageState.LAPSED, message=said)

    def _report(self, package: OfferPackage) -> None:
        results: list[OfferResult] = []
        for page in self._pages(package):
            results += page.results
            if page.standing != ReportStanding.READY:
                self._settle_rows(package, results)
            if page.standing == ReportStanding.NOT_YET:
                if self._is_older(package, self._give_up_after):
                    self._lapse(package, f"there was no report within {self._give_up_after}")
                return
            if page.standing == ReportStanding.GONE:
                self._lapse(package, "its report is gone")
                return
        self._settle_rows(package, results)
        self._sender.release(package, self._unreported)
        self._run.change_package(package, state=PackageState.REPORTED, code=None, message=None)

    def _pages(self, package: OfferPackage) -> Iterator[ReportPage]:
        """Read a report to its end; one that goes in circles ends where it begins again."""
        cursor: str | None = None
        seen: set[str] = set()
        for _ in range(package.offers + SPARE_PAGES):
            self._run.before_request()
            page = self._run.channel.read_report(package.reference, cursor)
            yield page
            cursor = page.next_page
            if cursor is None or cursor in seen:
                return
            seen.add(cursor)

    def _settle_rows(self, package: OfferPackage, results: Sequence[OfferResult]) -> None:
        # Of several results of one offer a refusal counts, the first of them.
        by_sku = {result.sku: result for result in reversed(results) if result.accepted}
        by_sku |= {result.sku: result for result in reversed(results) if not result.accepted}
        if not by_sku:
            return
        run = self._run

        def settled(row: OfferTask) -> OfferTask | None:
            if row.state != OfferState.SENT or row.package != package.name:
                return None
            missing = run.channel.missing_members(row.offer)
            result, updatable = by_sku[row.offer.sku], run.updatable(row)
            return offer_rows.settled(row, package.kind, result, missing, run.now(), updatable)

        run.move(run.outbox.find_offers(run.account, list(by_sku)), settled)

    def _unreported(self, row: OfferTask) -> OfferTask:
        return offer_rows.returned(row, self._run.now(), "the report of its package does not mention it")

    def _refuse(self, package: OfferPackage, reading: PackageReading) -> None:
        run = self._run
        alone = len(run.outbox.list_package(run.account, package.name, limit=2)) == 1

        def refused(row: OfferTask) -> OfferTask:
            return offer_rows.refused_together(row, run.now(), reading.code, reading.message, alone=alone)

        self._sender.release(package, refused)
        run.change_package(package, state=PackageState.REPORTED, code=reading.code, message=reading.message)

    def _lapse(self, package: OfferPackage, message: str) -> None:
        """Give a package up: what it states is stated again."""
        run = self._run
        self._sender.release(package, lambda row: offer_rows.lapsed(row, run.now(), f"its package lapsed: {message}"))
        run.change_package(package, state=PackageState.LAPSED, message=message)

    def _is_older(self, package: OfferPackage, age: timedelta) -> bool:
        return self._run.now() - package.created_at > age
