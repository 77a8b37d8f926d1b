"""A model of a marketplace's offers and of the channel to them: it applies what packages state, in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from attrs import define, field

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
from cdiscount_marketplace.errors import ConnectionLost, InvalidRequest, Problem, QuotaExceeded
from cdiscount_marketplace.offers import OFFER_MEMBERS, Offer, OfferDelivery, OfferTax, merged
from support.model_channel import Crash, ModelChannel, SteppedClock

NEEDED = ("gtin", "condition", "price", "quantity", "preparation_days", "delivery_modes", "taxes")
STEPS = ("create", "fill", "close", "read", "report")


def whole(sku: str, quantity: int = 3, price: str = "9.90") -> Offer:
    """Return an offer that says everything."""
    return Offer(
        sku=sku,
        gtin="4006381333931",
        condition="new",  # type: ignore[arg-type]
        price=Decimal(price),
        quantity=quantity,
        preparation_days=2,
        delivery_modes=(OfferDelivery(code="THD", cost=Decimal("4.99")),),
        taxes=(OfferTax(code="vat", value=Decimal(20)),),
    )


@define
class ModelPackage:
    """A package as the marketplace has it."""

    kind: PackageKind
    created_at: datetime
    uploads: list[tuple[Offer, ...]] = field(factory=list)
    ready_at: datetime | None = None
    refused: bool = False
    results: tuple[OfferResult, ...] | None = None
    integrated_at: datetime | None = None

    @property
    def offers(self) -> list[Offer]:
        return [offer for upload in self.uploads for offer in upload]


@define
class OfferMarket:
    """The marketplace's offers. Each package is worked on `delay` after it was made ready.

    `unwanted` are skus that it rejects, with the code; `poison` those for which it refuses a whole package; `silent`
    those that its reports leave out, once.
    """

    clock: SteppedClock = field(factory=SteppedClock)
    delay: timedelta = timedelta(minutes=1)
    digestion: timedelta = timedelta(0)
    shelf: dict[str, Offer] = field(factory=dict)
    packages: dict[str, ModelPackage] = field(factory=dict)
    unwanted: dict[str, str] = field(factory=dict)
    poison: set[str] = field(factory=set)
    silent: set[str] = field(factory=set)
    busy_until: dict[str, datetime] = field(factory=dict)

    def work(self) -> None:
        """Integrate what is due."""
        for package in self.packages.values():
            due = package.ready_at is not None and package.ready_at + self.delay <= self.clock.time
            if due and package.results is None and not package.refused:
                self._integrate(package)

    def _integrate(self, package: ModelPackage) -> None:
        if any(offer.sku in self.poison for offer in package.offers):
            package.refused = True
            return
        results = [self._taken(package.kind, offer) for offer in package.offers]
        package.results = tuple(result for result in results if result.sku not in self.silent)
        package.integrated_at = self.clock.time
        self.silent -= {offer.sku for offer in package.offers}

    def _taken(self, kind: PackageKind, offer: Offer) -> OfferResult:
        code = self.unwanted.get(offer.sku)
        if code is not None:
            return OfferResult(sku=offer.sku, accepted=False, code=code, message=code, passing=code == "QuotaExceeded")
        if kind == PackageKind.UPDATE and offer.sku not in self.shelf:
            return OfferResult(sku=offer.sku, accepted=False, code="36", message="no such offer", unknown_offer=True)
        before = self.shelf.get(offer.sku)
        self.shelf[offer.sku] = offer if before is None or kind == PackageKind.UPSERT else merged(before, offer)
        return OfferResult(sku=offer.sku, accepted=True, code="8000")

    def standing(self, reference: str) -> PackageStanding:
        self.work()
        package = self.packages.get(reference)
        if package is None:
            return PackageStanding.GONE
        if package.refused:
            return PackageStanding.REFUSED
        if package.results is not None:
            return PackageStanding.DONE
        if package.ready_at is not None or self.busy_until.get(reference, self.clock.time) > self.clock.time:
            return PackageStanding.BUSY
        lapsed = self.clock.time - package.created_at > timedelta(hours=6)
        return PackageStanding.GONE if lapsed else PackageStanding.OPEN


@define
class OfferModelChannel(ModelChannel):
    """The channel to a model of offers, which asks `fault` before each step what goes wrong.

    Answers of `fault`: None, "quota" and "broken" (raised, nothing done), "lost" and "lost_after" (a write that was
    not answered), "refused", "crash_before", "crash_after". `refused` are skus whose uploads are refused, or "invalid".
    """

    shop: OfferMarket = field(factory=OfferMarket)
    upload_limit: int = 3
    package_limit: int = 7
    page: int = 2
    refused: dict[str, str] = field(factory=dict)
    package_life: timedelta = timedelta(hours=6)

    def missing_members(self, offer: Offer) -> Sequence[str]:
        return [name for name in NEEDED if getattr(offer, name) is None]

    def create_package(self, kind: PackageKind) -> str:
        def create() -> str:
            reference = f"p{len(self.shop.packages) + 1}"
            self.shop.packages[reference] = ModelPackage(kind, self.shop.clock.time)
            return reference

        return self._ask("create", create)

    def fill_package(self, reference: str, kind: PackageKind, offers: Sequence[Offer]) -> PackageOutcome:
        assert 0 < len(offers) <= self.upload_limit
        answers = {self.refused[offer.sku] for offer in offers if offer.sku in self.refused}
        if "invalid" in answers:
            raise InvalidRequest([Problem("gtin", "cannot be sent")])

        def fill() -> PackageOutcome:
            package = self.shop.packages[reference]
            assert package.kind == kind
            if answers:
                return PackageOutcome(answer=PackageAnswer.REFUSED, code="400", message="cannot be read")
            if self.shop.standing(reference) not in (PackageStanding.OPEN, PackageStanding.BUSY) or package.ready_at:
                return PackageOutcome(answer=PackageAnswer.REFUSED, code="state")
            package.uploads.append(tuple(offers))
            assert len(package.offers) <= self.package_limit
            assert len({offer.sku for offer in package.offers}) == len(package.offers)
            self.shop.busy_until[reference] = self.shop.clock.time + self.shop.digestion
            return PackageOutcome(answer=PackageAnswer.DONE)

        return self._change("fill", fill)

    def close_package(self, reference: str) -> PackageOutcome:
        def close() -> PackageOutcome:
            if self.shop.standing(reference) != PackageStanding.OPEN:
                return PackageOutcome(answer=PackageAnswer.REFUSED, code="state", message="not open")
            self.shop.packages[reference].ready_at = self.shop.clock.time
            return PackageOutcome(answer=PackageAnswer.DONE)

        return self._change("close", close)

    def read_package(self, reference: str) -> PackageReading:
        return self._ask("read", lambda: PackageReading(standing=self.shop.standing(reference), message="said so"))

    def read_report(self, reference: str, page: str | None = None) -> ReportPage:
        def report() -> ReportPage:
            package = self.shop.packages[reference]
            if package.results is None or package.integrated_at is None:
                return ReportPage(standing=ReportStanding.NOT_YET)
            if self.shop.clock.time - package.integrated_at > timedelta(days=3):
                return ReportPage(standing=ReportStanding.GONE)
            begin = int(page or 0)
            more = begin + self.page < len(package.results)
            return ReportPage(
                results=package.results[begin : begin + self.page], next_page=str(begin + self.page) if more else None
            )

        return self._ask("report", report)

    def _ask(self, step: str, work: Callable):
        fault = self._begin(step)
        answer = work()
        if fault in {"lost", "lost_after", "refused"}:
            raise ConnectionLost("no answer")
        if fault == "crash_after":
            raise Crash(step)
        return answer

    def _change(self, step: str, work: Callable) -> PackageOutcome:
        fault = self._begin(step)
        if fault == "refused":
            return PackageOutcome(answer=PackageAnswer.REFUSED, code="400", message="not so")
        if fault == "lost":
            return PackageOutcome(answer=PackageAnswer.UNKNOWN, message="no answer")
        answer = work()
        if fault == "crash_after":
            raise Crash(step)
        return PackageOutcome(answer=PackageAnswer.UNKNOWN, message="no answer") if fault == "lost_after" else answer

    def _begin(self, step: str) -> str | None:
        self.calls.append((step, None))
        fault = self.fault(step)
        if fault == "quota":
            raise QuotaExceeded("too many calls", method=step, retry_at=None)
        if fault == "broken":
            raise ConnectionLost("broken")
        if fault == "crash_before":
            raise Crash(step)
        return fault


def shown(offer: Offer) -> dict[str, object]:
    """Return what is said of an offer."""
    return {name: getattr(offer, name) for name in OFFER_MEMBERS if getattr(offer, name) is not None}
