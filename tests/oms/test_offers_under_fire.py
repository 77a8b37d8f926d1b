"""A few offers, many runs, every kind of trouble: in the end the marketplace shows the newest state of each."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.offers import OFFER_MEMBERS, Offer, merged, only, said
from cdiscount_marketplace.oms import OfferPusher
from cdiscount_marketplace.oms.ports import OfferState
from support.io_points import OFFERS, STORE, Fuse, crashing
from support.model_channel import Crash, ModelMarket, SteppedClock
from support.offer_market import STEPS, OfferMarket, OfferModelChannel, whole
from support.shop import SkewedClock

pytestmark = pytest.mark.slow

MINUTE = timedelta(minutes=1)
FAULTS = ("lost", "lost_after", "refused", "quota", "broken", "crash_before", "crash_after")
SKUS = ("A", "B", "C", "D", "E")

WHAT = ("whole", "quantity", "price")
puts = st.tuples(st.just("put"), st.sampled_from(SKUS), st.sampled_from(WHAT), st.integers(1, 9))
faults = st.dictionaries(st.sampled_from(STEPS), st.tuples(st.integers(0, 2), st.sampled_from(FAULTS)), max_size=2)
runs = st.tuples(
    st.just("run"),
    st.sampled_from((0, 1, 3, 11, 61, 400)),
    st.integers(0, 1),
    faults,
    st.none() | st.integers(0, 60),
)
moods = st.tuples(st.just("mood"), st.sampled_from(SKUS), st.sampled_from(("36", "QuotaExceeded", "silent", "lost")))


class Fire:
    """Two workers with clocks apart, one market of offers, one outbox; `wanted` is what was put last."""

    def __init__(self, skews=(0, 0)):
        self.clock = SteppedClock()
        self.market = OfferMarket(self.clock, digestion=MINUTE)
        self.faults = {}
        self.channel = OfferModelChannel(
            ModelMarket(self.clock), fault=self._fault, shop=self.market, upload_limit=2, package_limit=3
        )
        self.fuse = Fuse()
        self.store = MemoryOms(clock=self.clock)
        self.clocks = [SkewedClock(self.clock, skew * MINUTE) for skew in skews]
        self.wanted = {}

    def _fault(self, step):
        skip, fault = self.faults.get(step, (0, None))
        if skip:
            self.faults[step] = (skip - 1, fault)
            return None
        self.faults.pop(step, None)
        return fault

    def pusher(self, worker=0):
        channel = crashing(self.channel, OFFERS, self.fuse)
        store = crashing(self.store, STORE, self.fuse)
        return OfferPusher(channel, store, account="shop", clock=self.clocks[worker])

    def put(self, sku, what, number):
        offer = {
            "whole": whole(sku, number, str(number)),
            "quantity": Offer(sku=sku, quantity=number),
            "price": Offer(sku=sku, price=Decimal(number)),
        }[what]
        self.wanted[sku] = merged(self.wanted[sku], offer) if sku in self.wanted else offer
        self.pusher().put_many([offer])

    def mood(self, sku, mood):
        if mood == "silent":
            self.market.silent.add(sku)
        elif mood == "lost":
            self.market.shelf.pop(sku, None)
        else:
            self.market.unwanted[sku] = mood

    def run(self, pause, worker, trouble, crash):
        self.clock.advance(pause * MINUTE)
        self.faults, self.fuse.left = dict(trouble), crash
        with suppress(Crash, CdiscountError):
            self.pusher(worker).run()
        self.faults, self.fuse.left = {}, None

    def finish(self):
        """Let all trouble end, and every offer be put once more, whole and with another stock."""
        self.market.unwanted.clear()
        self.market.silent.clear()
        for _ in range(3):
            self.rest()
        for sku in SKUS:
            self.put(sku, "whole" if sku not in self.wanted else "quantity", 10)
            self.complete(sku)
        for _ in range(8):
            self.rest()

    def complete(self, sku):
        """Say what is not said yet."""
        lacking = only(whole(sku), [name for name in OFFER_MEMBERS if getattr(self.wanted[sku], name) is None])
        lacking = evolve(lacking, price=None if self.wanted[sku].price else lacking.price)
        self.wanted[sku] = merged(self.wanted[sku], lacking)
        self.pusher().put_many([lacking] if said(lacking) else [])

    def rest(self):
        self.clock.advance(61 * MINUTE)
        self.pusher().run()

    def reckon(self):
        rows = {row.offer.sku: row for row in self.store.page_offers("shop", limit=99)}
        assert {sku: row.offer for sku, row in rows.items()} == self.wanted
        assert {row.state for row in rows.values()} == {OfferState.IN_STEP}
        assert self.market.shelf == self.wanted
        assert not [row for row in rows.values() if row.package or row.changed or row.sent]


@settings(max_examples=150, deadline=None)
@given(
    st.tuples(st.integers(-5, 5), st.integers(-5, 5)), st.booleans(), st.lists(puts | runs | runs | moods, max_size=25)
)
def test_the_newest_state_wins_and_none_is_lost(skews, known, steps):
    fire = Fire(skews)
    if known:
        _day(fire)
    for name, *how in steps:
        getattr(fire, name)(*how)
    fire.finish()
    fire.reckon()


def _day(fire):
    """Make offers, change some while they are on their way, and settle all."""
    for sku in SKUS:
        fire.put(sku, "whole", 1)
    fire.pusher().run()
    fire.put("A", "quantity", 2)
    fire.clock.advance(5 * MINUTE)
    fire.pusher().run()
    fire.clock.advance(5 * MINUTE)
    fire.pusher().run()


def _points():
    fire = Fire()
    _day(fire)
    return fire.fuse.points


@pytest.mark.parametrize("offset", range(5))
def test_a_crash_at_any_point_of_input_or_output_loses_nothing(offset):
    points = _points()
    assert points > 100
    for point in range(offset, points, 5):
        fire = Fire()
        fire.fuse.left = point
        with pytest.raises(Crash):
            _day(fire)
        # Who crashed while putting puts again.
        fire.pusher().put_many([fire.wanted.get(sku, whole(sku, 1, "1")) for sku in SKUS])
        fire.wanted = {sku: whole(sku, 1, "1") for sku in SKUS} | fire.wanted
        for _ in range(9):
            fire.rest()
        fire.reckon()
