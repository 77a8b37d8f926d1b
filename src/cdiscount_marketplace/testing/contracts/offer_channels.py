"""What an `OfferChannel` must hold to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Protocol

import pytest
from attrs import evolve

from cdiscount_marketplace.channels.offers import (
    OfferChannel,
    OfferResult,
    PackageAnswer,
    PackageKind,
    PackageStanding,
)
from cdiscount_marketplace.offers import Offer, only


class OfferMarketplace(Protocol):
    """Your channel, and a test marketplace behind it that takes offers."""

    @property
    def channel(self) -> OfferChannel:
        """The channel under test."""
        ...

    def offer(self, sku: str) -> Offer:
        """Return an offer that says all that a new one needs."""
        ...

    def work(self) -> None:
        """Let the marketplace do all that it has to do."""
        ...

    def shelf(self) -> Mapping[str, tuple[Decimal | None, int]]:
        """Return price and quantity of the offers that the marketplace has, by their sku."""
        ...


class OfferChannelContract:
    """Inherit this and give a fixture `marketplace`: an `OfferMarketplace` without offers."""

    def test_it_says_how_it_is_used(self, marketplace: OfferMarketplace) -> None:
        channel = marketplace.channel
        assert isinstance(channel, OfferChannel)
        assert 1 <= channel.upload_limit <= channel.package_limit
        assert channel.package_life > timedelta(0)

    def test_what_a_new_offer_lacks_is_named(self, marketplace: OfferMarketplace) -> None:
        channel = marketplace.channel
        assert list(channel.missing_members(marketplace.offer("A"))) == []
        assert {"price", "quantity"} <= set(channel.missing_members(Offer(sku="A")))

    def test_offers_are_made_and_reported_one_by_one(self, marketplace: OfferMarketplace) -> None:
        offers = [marketplace.offer("A"), marketplace.offer("B & <é>")]
        results = self._send(marketplace, PackageKind.UPSERT, offers)
        assert {sku: result.accepted for sku, result in results.items()} == {"A": True, "B & <é>": True}
        assert marketplace.shelf() == {offer.sku: (offer.price, offer.quantity) for offer in offers}

    def test_an_update_changes_what_it_says_alone(self, marketplace: OfferMarketplace) -> None:
        offer = marketplace.offer("A")
        self._send(marketplace, PackageKind.UPSERT, [offer])
        changed = evolve(offer, quantity=77)
        assert self._send(marketplace, PackageKind.UPDATE, [only(changed, ["quantity"])])["A"].accepted
        assert marketplace.shelf() == {"A": (offer.price, 77)}

    def test_an_update_of_an_offer_that_there_is_not_says_so(self, marketplace: OfferMarketplace) -> None:
        result = self._send(marketplace, PackageKind.UPDATE, [only(marketplace.offer("A"), ["price", "quantity"])])["A"]
        assert (result.accepted, result.unknown_offer) == (False, True)
        assert marketplace.shelf() == {}

    def test_the_same_package_again_changes_nothing_more(self, marketplace: OfferMarketplace) -> None:
        offer = marketplace.offer("A")
        for _ in range(2):
            assert self._send(marketplace, PackageKind.UPSERT, [offer])["A"].accepted
        assert marketplace.shelf() == {"A": (offer.price, offer.quantity)}

    def test_nothing_is_done_of_a_package_that_was_not_made_ready(self, marketplace: OfferMarketplace) -> None:
        channel = marketplace.channel
        reference = channel.create_package(PackageKind.UPSERT)
        filled = channel.fill_package(reference, PackageKind.UPSERT, [marketplace.offer("A")])
        assert filled.answer == PackageAnswer.DONE
        marketplace.work()
        assert channel.read_package(reference).standing == PackageStanding.OPEN
        assert marketplace.shelf() == {}

    @pytest.mark.parametrize("reference", ["999999999", "no-such-package"])
    def test_a_package_that_there_is_not_is_never_done(self, marketplace: OfferMarketplace, reference: str) -> None:
        standing = marketplace.channel.read_package(reference).standing
        assert standing in (PackageStanding.GONE, PackageStanding.BUSY)

    def _send(
        self, marketplace: OfferMarketplace, kind: PackageKind, offers: Sequence[Offer]
    ) -> dict[str, OfferResult]:
        """Send a package, as the offers job does, and return its report."""
        channel = marketplace.channel
        reference = channel.create_package(kind)
        assert channel.fill_package(reference, kind, offers).answer == PackageAnswer.DONE
        marketplace.work()
        closed = channel.close_package(reference)
        assert closed.answer == PackageAnswer.DONE
        reference = closed.reference or reference
        marketplace.work()
        assert channel.read_package(reference).standing == PackageStanding.DONE
        results: dict[str, OfferResult] = {}
        page: str | None = None
        while True:
            report = channel.read_report(reference, page)
            results |= {result.sku: result for result in report.results}
            page = report.next_page
            if page is None:
                return results
