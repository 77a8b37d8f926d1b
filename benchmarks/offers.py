"""Keep 200,000 offers in step: how fast they are put, and what a full run holds in memory.

Run `python benchmarks/offers.py [offers]`; the last line is JSON. The marketplace is in this process and takes all that
a package states, so that the time and memory are the job's own and the store's. Memory is the peak of what Python
allocates during the run. PostgreSQL is left out, visibly, where there is none.
"""

from __future__ import annotations

import json
import sys
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import define, field

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels.offers import (
    OfferResult,
    PackageAnswer,
    PackageKind,
    PackageOutcome,
    PackageReading,
    PackageStanding,
    ReportPage,
)
from cdiscount_marketplace.offers import Offer, OfferCondition, OfferDelivery, OfferTax
from cdiscount_marketplace.oms import OfferPusher

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from support.model_channel import ModelChannel, ModelMarket
from support.postgres import postgresql_schema, postgresql_server

OFFERS = 200_000
DELIVERY = (OfferDelivery(code="THD", cost=Decimal("4.90")),)
TAXES = tuple(OfferTax(code=code, value=Decimal(20)) for code in ("vat", "ecotax", "deatax"))


@define
class Taker(ModelChannel):
    """Takes whatever a package states, and reports it."""

    upload_limit: int = 100
    package_limit: int = 1000
    package_life: timedelta = timedelta(hours=6)
    largest: int = 0
    packages: list[list[str]] = field(factory=list)

    def missing_members(self, _offer: Offer) -> Sequence[str]:
        """Want nothing more."""
        return ()

    def create_package(self, _kind: PackageKind) -> str:
        """Open a package."""
        self.packages.append([])
        return str(len(self.packages) - 1)

    def fill_package(self, reference: str, _kind: PackageKind, offers: Sequence[Offer]) -> PackageOutcome:
        """Take an upload."""
        self.largest = max(self.largest, len(offers))
        self.packages[int(reference)] += [offer.sku for offer in offers]
        return PackageOutcome(answer=PackageAnswer.DONE)

    def close_package(self, _reference: str) -> PackageOutcome:
        """Take the package."""
        return PackageOutcome(answer=PackageAnswer.DONE)

    def read_package(self, _reference: str) -> PackageReading:
        """Say that it is done."""
        return PackageReading(standing=PackageStanding.DONE)

    def read_report(self, reference: str, _page: str | None = None) -> ReportPage:
        """Report every offer as taken."""
        skus, self.packages[int(reference)] = self.packages[int(reference)], []
        return ReportPage(results=tuple(OfferResult(sku=sku, accepted=True) for sku in skus))


def feed(count: int, quantity: int) -> Iterator[Offer]:
    """Read a warehouse's feed."""
    for number in range(count):
        yield Offer(
            sku=f"SKU-{number:06d}",
            gtin=f"37{number:011d}",
            condition=OfferCondition.NEW,
            price=Decimal("19.90"),
            quantity=quantity,
            preparation_days=2,
            delivery_modes=DELIVERY,
            taxes=TAXES,
        )


def measure(url: str, count: int) -> dict[str, float]:
    """Put a feed, put it again with other quantities, and run until all is in step."""
    with SqlOms(url) as oms:
        channel = Taker(ModelMarket())
        pusher = OfferPusher(channel, oms, account="shop")
        figures = {"put_per_s": rate(pusher, count, 1), "change_per_s": rate(pusher, count, 2)}
        figures["same_per_s"] = rate(pusher, count, 2)
        tracemalloc.start()
        begun = time.perf_counter()
        report = pusher.run()
        figures["run_per_s"] = count / (time.perf_counter() - begun)
        figures["run_peak_mb"] = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        figures["largest_upload"] = channel.largest
        assert report.in_step == count, report
    return {name: round(value, 1) for name, value in figures.items()}


def rate(pusher: OfferPusher, count: int, quantity: int) -> float:
    """Return how many offers are put in a second."""
    begun = time.perf_counter()
    pusher.put_many(feed(count, quantity))
    return count / (time.perf_counter() - begun)


def main() -> None:
    """Measure both databases, print, and end with one JSON line."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else OFFERS
    results: dict[str, dict[str, float]] = {}
    with TemporaryDirectory() as folder:
        results["sqlite"] = measure(f"sqlite:///{folder}/oms.db", count)
    with postgresql_server() as server, postgresql_schema(server) as url:
        results["postgresql"] = measure(url, count)
    for store, figures in results.items():
        print(store, figures)
    print(json.dumps({"offers": count, **results}))


if __name__ == "__main__":
    main()
