"""Stock and prices are kept in step: what is put last is what the marketplace shows, or it said why not."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import define, evolve

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.channels.offers import OfferResult
from cdiscount_marketplace.errors import ConnectionLost, InvalidRequest, LeaseBusy
from cdiscount_marketplace.events import OfferMoved, OfferPackageMoved
from cdiscount_marketplace.offers import Offer
from cdiscount_marketplace.oms import Ending, OfferPusher
from cdiscount_marketplace.oms.ports import OfferState, PackageState
from support.model_channel import Crash, ModelChannel, ModelMarket, SteppedClock
from support.offer_market import OfferMarket, OfferModelChannel, whole

MINUTE = timedelta(minutes=1)


@define
class PartialChannel(OfferModelChannel):
    """A channel whose updates change stock and price alone."""

    update_members: frozenset[str] = frozenset({"price", "original_price", "currency", "quantity"})


class Shop:
    """An OMS, its pusher, and a marketplace of offers on one clock."""

    def __init__(self, kind=OfferModelChannel, **limits):
        self.clock = SteppedClock()
        self.market = OfferMarket(self.clock)
        self.faults = {}
        self.channel = kind(ModelMarket(self.clock), fault=self._fault, shop=self.market, **limits)
        self.oms = MemoryOms(clock=self.clock)
        self.events = []
        self.pusher = self.another()

    def another(self, **options):
        return OfferPusher(
            self.channel, self.oms, account="shop", clock=self.clock, hooks=[self.events.append], **options
        )

    def _fault(self, step):
        faults = self.faults.get(step, [])
        return faults.pop(0) if faults else None

    def steps(self):
        calls, self.channel.calls = [call for call, _ in self.channel.calls], []
        return calls

    def row(self, sku="A"):
        (row,) = self.oms.find_offers("shop", [sku])
        return row

    def packages(self):
        return [(package.kind, package.state) for package in self.oms.list_packages("shop")]

    def contents(self):
        return [[offer.sku for offer in package.offers] for package in self.market.packages.values()]

    def keep_up(self, runs=3, step=10):
        """Run until reports are there."""
        for _ in range(runs):
            report = self.pusher.run()
            self.clock.advance(step * MINUTE)
        return report


@pytest.fixture
def shop():
    return Shop()


def test_a_whole_offer_is_made_and_its_report_puts_it_in_step(shop):
    assert shop.pusher.put_many([whole("A")]) == 1
    sent = shop.pusher.run()
    assert (sent.sent, sent.on_the_way, sent.in_step) == (1, 1, 0)
    shop.clock.advance(MINUTE)
    report = shop.pusher.run()
    assert (report.in_step, report.on_the_way, report.ended_by) == (1, 0, Ending.DONE)
    assert shop.row().state == OfferState.IN_STEP
    assert shop.market.shelf == {"A": whole("A")}
    assert shop.packages() == [("upsert", PackageState.REPORTED)]


def test_a_change_of_a_known_offer_states_what_changed_alone(shop):
    shop.pusher.put_many([whole("A")])
    shop.keep_up()
    shop.pusher.put("A", quantity=0)
    shop.keep_up()
    assert list(shop.market.packages.values())[1].offers == [Offer(sku="A", quantity=0)]
    assert shop.market.shelf["A"] == evolve(whole("A"), quantity=0)


def test_a_change_of_the_price_states_the_whole_price(shop):
    shop.pusher.put_many([evolve(whole("A"), original_price=Decimal("19.90"))])
    shop.keep_up()
    shop.pusher.put("A", price=Decimal("8.50"))
    shop.keep_up()
    (offer,) = list(shop.market.packages.values())[1].offers
    assert (offer.price, offer.original_price, offer.taxes) == (Decimal("8.50"), Decimal("19.90"), whole("A").taxes)
    assert offer.quantity is None


def test_the_newest_of_many_states_is_sent_once(shop):
    shop.pusher.put_many([whole("A", quantity=number) for number in range(600)])
    shop.pusher.put("A", quantity=7)
    shop.keep_up()
    assert shop.contents() == [["A"]]
    assert shop.market.shelf["A"].quantity == 7


def test_what_changes_nothing_costs_nothing(shop):
    shop.pusher.put_many([whole("A")])
    shop.keep_up()
    before = shop.row()
    assert shop.pusher.put_many([whole("A")]) == 0
    assert not shop.pusher.put("A", quantity=3)
    assert shop.row() == before
    shop.steps()
    shop.pusher.run()
    assert shop.steps() == []


def test_a_change_while_its_package_is_on_the_way_goes_again_afterwards(shop):
    shop.pusher.put_many([whole("A")])
    shop.pusher.run()
    shop.pusher.put("A", quantity=5)
    shop.pusher.run()
    assert shop.row().state == OfferState.SENT
    assert len(shop.market.packages) == 1
    shop.keep_up()
    assert shop.market.shelf["A"].quantity == 5
    assert shop.row().state == OfferState.IN_STEP


@pytest.fixture
def partial_shop():
    return Shop(kind=PartialChannel)


def test_what_an_update_cannot_change_goes_in_a_whole_offer(partial_shop):
    shop = partial_shop
    shop.pusher.put_many([whole("A")])
    shop.keep_up()
    shop.pusher.put("A", preparation_days=7, quantity=1)
    shop.keep_up()
    assert [kind for kind, _ in shop.packages()] == ["upsert", "upsert"]
    assert (shop.market.shelf["A"].preparation_days, shop.market.shelf["A"].quantity) == (7, 1)
    assert shop.row().state == OfferState.IN_STEP


def test_an_update_leaves_for_later_what_it_cannot_change(partial_shop):
    shop = partial_shop
    shop.market.shelf["A"] = whole("A")
    shop.pusher.put("A", preparation_days=7, quantity=1)
    shop.keep_up()
    assert (shop.market.shelf["A"].preparation_days, shop.market.shelf["A"].quantity) == (2, 1)
    assert (shop.row().state, shop.row().changed) == (OfferState.WAITING, ("preparation_days",))


def test_a_rejected_update_is_not_sent_again_for_what_it_cannot_change(partial_shop):
    shop = partial_shop
    shop.market.shelf["A"] = whole("A")
    shop.market.unwanted["A"] = "19"
    shop.pusher.put("A", preparation_days=7, quantity=1)
    shop.keep_up(runs=6)
    assert (shop.row().state, shop.row().code) == (OfferState.REJECTED, "19")
    assert len(shop.packages()) == 1


def test_a_rejected_offer_is_sent_again_only_once_it_changes(shop):
    shop.market.unwanted["A"] = "1008"
    shop.pusher.put_many([whole("A"), whole("B")])
    report = shop.keep_up()
    assert (shop.row().state, shop.row().message, shop.row("B").state) == ("rejected", "1008", "in_step")
    shop.steps()
    shop.keep_up(runs=3, step=120)
    assert shop.steps() == []
    assert report.problems == ()
    del shop.market.unwanted["A"]
    assert shop.pusher.put_many([whole("A")]) == 0
    shop.pusher.put("A", price=Decimal("9.00"))
    shop.keep_up()
    assert (shop.row().state, shop.row().message) == (OfferState.IN_STEP, None)
    assert shop.market.shelf["A"] == whole("A", price="9.00")


def test_a_rejected_offer_is_reported_with_the_words_of_the_service(shop):
    shop.market.unwanted["A"] = "1008"
    shop.pusher.put_many([whole("A")])
    shop.pusher.run()
    shop.clock.advance(MINUTE)
    (problem,) = shop.pusher.run().problems
    assert (problem.sku, problem.state, problem.code, problem.message) == ("A", "rejected", "1008", "1008")


def test_a_quota_of_the_offer_passes(shop):
    shop.market.unwanted["A"] = "QuotaExceeded"
    shop.pusher.put_many([whole("A")])
    shop.keep_up(runs=2, step=1)
    assert shop.row().state == OfferState.PENDING
    del shop.market.unwanted["A"]
    shop.keep_up()
    assert shop.row().state == OfferState.IN_STEP


def test_an_offer_made_elsewhere_follows_stock_and_price_alone(shop):
    shop.market.shelf["A"] = whole("A")
    shop.pusher.put("A", quantity=9)
    shop.keep_up()
    assert shop.row().state == OfferState.IN_STEP
    assert shop.market.shelf["A"] == whole("A", quantity=9)


def test_an_unknown_offer_waits_for_its_full_data_and_says_so(shop):
    shop.pusher.put("A", quantity=9, price=Decimal("9.90"))
    shop.pusher.run()
    shop.clock.advance(MINUTE)
    report = shop.pusher.run()
    assert (report.waiting, shop.row().state) == (1, OfferState.WAITING)
    assert "say also: gtin, condition, preparation_days, delivery_modes, taxes" in shop.row().message
    shop.pusher.put("A", quantity=8)
    shop.steps()
    shop.keep_up()
    assert (shop.row().state, shop.steps()) == (OfferState.WAITING, [])
    shop.pusher.put_many([evolve(whole("A"), quantity=None, price=None)])
    shop.keep_up()
    assert shop.market.shelf["A"] == whole("A", quantity=8)
    assert shop.row().state == OfferState.IN_STEP


def test_an_offer_that_the_marketplace_lost_is_made_again(shop):
    shop.pusher.put_many([whole("A")])
    shop.keep_up()
    shop.market.shelf.clear()
    shop.pusher.put("A", quantity=1)
    shop.keep_up(runs=5)
    assert shop.market.shelf == {"A": whole("A", quantity=1)}


def test_packages_and_uploads_stay_within_their_limits(shop):
    shop.pusher.put_many([whole(f"A{number:02}") for number in range(20)])
    shop.keep_up()
    assert [len(package.offers) for package in shop.market.packages.values()] == [7, 7, 6]
    assert {len(upload) for package in shop.market.packages.values() for upload in package.uploads} == {3, 1}
    assert len(shop.market.shelf) == 20


def test_a_package_that_digests_its_uploads_is_made_ready_later(shop):
    shop.market.digestion = 5 * MINUTE
    shop.pusher.put_many([whole("A")])
    shop.pusher.run()
    assert shop.packages() == [("upsert", PackageState.FILLED)]
    shop.keep_up()
    assert shop.row().state == OfferState.IN_STEP
    assert len(shop.market.packages) == 1


@pytest.mark.parametrize("fault", ["lost", "lost_after"])
def test_a_lost_upload_is_never_made_ready_and_goes_in_another_package(shop, fault):
    shop.faults["fill"] = [fault]
    shop.pusher.put_many([whole(sku) for sku in "ABCDE"])
    shop.keep_up(runs=5)
    assert set(shop.market.shelf) == set("ABCDE")
    first, *others = shop.market.packages.values()
    assert first.ready_at is None
    assert shop.packages()[0] == ("upsert", PackageState.LAPSED)
    assert sum(len(package.offers) for package in others) == 5


@pytest.mark.parametrize("fault", ["lost", "lost_after"])
def test_a_lost_call_to_make_ready_is_settled_by_reading(shop, fault):
    shop.faults["close"] = [fault]
    shop.pusher.put_many([whole("A")])
    shop.keep_up()
    assert shop.row().state == OfferState.IN_STEP
    assert shop.contents() == [["A"]]


@pytest.mark.parametrize("step", ["create", "fill", "close", "read", "report"])
@pytest.mark.parametrize("fault", ["crash_before", "crash_after", "quota", "broken"])
def test_nothing_is_lost_or_stale_after_trouble_at_any_step(shop, step, fault):
    shop.pusher.put_many([whole(sku) for sku in "ABCDE"])
    shop.faults[step] = [None, fault] if step in ("fill", "report") else [fault]
    for _ in range(3):
        with suppress(Crash, ConnectionLost):
            shop.pusher.run()
        shop.clock.advance(11 * MINUTE)
        shop.pusher.put("A", quantity=9)
    shop.keep_up()
    assert shop.market.shelf == {sku: whole(sku, quantity=9 if sku == "A" else 3) for sku in "ABCDE"}
    assert {shop.row(sku).state for sku in "ABCDE"} == {OfferState.IN_STEP}


def test_a_quota_in_the_middle_of_a_package_loses_no_upload(shop):
    shop.pusher.put_many([whole(f"A{number}") for number in range(7)])
    shop.faults["fill"] = [None, "quota"]
    report = shop.pusher.run()
    assert report.ended_by == Ending.QUOTA
    shop.keep_up()
    assert [len(upload) for upload in shop.market.packages["p1"].uploads] == [3, 3, 1]
    assert len(shop.market.packages) == 1


def test_a_package_left_unfinished_lapses_and_its_offers_go_again(shop):
    shop.pusher.put_many([whole("A")])
    shop.faults["fill"] = ["quota"]
    shop.pusher.run()
    shop.clock.advance(timedelta(hours=7))
    shop.keep_up(runs=4)
    assert shop.row().state == OfferState.IN_STEP
    assert [state for _, state in shop.packages()] == [PackageState.LAPSED, PackageState.REPORTED]


def test_a_package_that_the_marketplace_forgot_is_sent_again(shop):
    shop.pusher.put_many([whole("A")])
    shop.pusher.run()
    shop.market.packages.clear()
    shop.keep_up(runs=4)
    assert shop.market.shelf == {"A": whole("A")}


def test_a_report_that_is_gone_is_no_loss(shop):
    shop.pusher.put_many([whole("A")])
    shop.pusher.run()
    shop.clock.advance(5 * MINUTE)
    shop.market.work()
    shop.clock.advance(timedelta(days=4))
    shop.keep_up(runs=4)
    assert shop.row().state == OfferState.IN_STEP
    assert len(shop.market.packages) == 2


def test_an_offer_that_the_report_leaves_out_goes_again(shop):
    shop.market.silent = {"B"}
    shop.pusher.put_many([whole(sku) for sku in "ABC"])
    shop.keep_up(runs=4)
    assert shop.contents() == [["A", "B", "C"], ["B"]]
    assert shop.row("B").state == OfferState.IN_STEP


@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_refusal_among_several_results_of_an_offer_counts(shop, at):
    shop.pusher.put_many([whole(sku) for sku in "ABC"])
    shop.pusher.run()
    shop.clock.advance(MINUTE)
    shop.market.work()
    (package,) = shop.market.packages.values()
    rows = list(package.results)
    rows.insert(at, OfferResult(sku="A", accepted=False, code="19", message="too low"))
    rows.append(OfferResult(sku="A", accepted=False, code="20"))
    package.results = tuple(rows)
    shop.pusher.run()
    assert (shop.row().state, shop.row().code, shop.row("B").state) == ("rejected", "19", "in_step")


def test_a_package_that_is_never_worked_on_is_given_up_after_a_day(shop):
    shop.market.delay = timedelta(days=9)
    shop.pusher.put_many([whole("A")])
    shop.pusher.run()
    shop.clock.advance(timedelta(hours=25))
    shop.pusher.run()
    assert (shop.row().state, shop.row().code) == (OfferState.PENDING, "unreported")
    assert shop.packages() == [("upsert", PackageState.LAPSED)]


def test_a_package_that_lapses_again_and_again_shrinks_but_rejects_nothing():
    shop = Shop(upload_limit=1000, package_limit=1000)
    shop.market.delay = timedelta(days=900)
    shop.pusher.put_many([whole(f"A{number}") for number in range(1000)])
    sizes = []
    for _ in range(9):
        shop.pusher.run()
        sizes.append(max(map(len, shop.contents())))
        shop.market.packages.clear()
        shop.clock.advance(61 * MINUTE)
        shop.pusher.run()
        shop.market.packages.clear()
        shop.clock.advance(61 * MINUTE)
    assert (sizes[0], sizes[-1]) == (1000, 10)
    assert shop.oms.count_offers("shop", [OfferState.REJECTED]) == 0


def test_one_poisonous_offer_stops_no_other():
    shop = Shop(upload_limit=100, package_limit=100)
    shop.market.poison = {"A42"}
    shop.pusher.put_many([whole(f"A{number}") for number in range(100)])
    shop.keep_up(runs=6)
    assert len(shop.market.shelf) == 99
    assert (shop.row("A42").state, shop.row("A42").message) == (OfferState.REJECTED, "said so")
    assert shop.pusher.run().pending == 0


@pytest.mark.parametrize("answer", ["refused", "invalid"])
def test_an_upload_that_is_refused_finds_out_which_offer_it_is(answer):
    shop = Shop(upload_limit=10, package_limit=10, refused={"A3": answer})
    shop.pusher.put_many([whole(f"A{number}") for number in range(6)])
    shop.keep_up(runs=4)
    assert set(shop.market.shelf) == {"A0", "A1", "A2", "A4", "A5"}
    assert shop.row("A3").state == OfferState.REJECTED
    assert shop.row("A3").code in {"400", "InvalidRequest"}


def test_two_lost_answers_in_a_row_leave_the_rest_for_the_next_run(shop):
    shop.pusher.put_many([whole(f"A{number:02}") for number in range(40)])
    shop.faults["fill"] = ["lost", "lost"]
    shop.pusher.run()
    assert len(shop.market.packages) == 2
    shop.keep_up(runs=6)
    assert len(shop.market.shelf) == 40


def test_another_channel_does_not_read_packages_of_the_first(shop):
    shop.pusher.put_many([whole("A")])
    shop.pusher.run()
    shop.channel.name = "other"
    moved = shop.another()
    shop.clock.advance(5 * MINUTE)
    moved.run()
    assert shop.row().state == OfferState.SENT
    shop.clock.advance(timedelta(hours=25))
    moved.run()
    assert shop.row().state == OfferState.PENDING


def test_one_worker_at_a_time(shop):
    shop.oms.acquire("shop", "offers", "w1", timedelta(hours=1))
    with pytest.raises(LeaseBusy):
        shop.pusher.run()


def test_a_stop_ends_the_run_before_its_next_request(shop):
    shop.pusher.put_many([whole("A")])
    shop.pusher.stop()
    assert shop.pusher.run().ended_by == Ending.STOPPED
    assert shop.steps() == []
    assert shop.row().state == OfferState.PENDING


def test_hooks_see_packages_and_offers_move(shop):
    shop.pusher.put_many([whole("A")])
    shop.keep_up()
    moves = [(event.before, event.after) for event in shop.events if isinstance(event, OfferMoved)]
    assert moves == [("pending", "sent"), ("sent", "in_step")]
    states = [event.after for event in shop.events if isinstance(event, OfferPackageMoved)]
    assert states == ["created", "filled", "ready", "reported"]


@pytest.mark.parametrize(
    ("offer", "match"),
    [
        (Offer(sku=" ", quantity=1), "sku: is required"),
        (Offer(sku="A\x00", quantity=1), "cannot be printed"),
        (Offer(sku="A" * 201, quantity=1), "longer than 200"),
        (Offer(sku="A"), "says nothing about A"),
    ],
)
def test_what_no_store_can_keep_raises_at_once(shop, offer, match):
    with pytest.raises(InvalidRequest, match=match):
        shop.pusher.put_many([offer])


@pytest.mark.parametrize(
    ("members", "match"),
    [
        ({"quantity": -1}, "quantity: must be an integer from 0"),
        ({"quantity": True}, "quantity: must be an integer"),
        ({"price": Decimal(0)}, "price: must be a positive amount"),
        ({"price": 9.9}, "price: must be a Decimal"),
        ({"original_price": Decimal("1.001")}, "whole cents"),
        ({"gtin": "ABC"}, "gtin: must be up to 14 digits"),
        ({"taxes": ["vat"]}, "taxes: must be a list of OfferTax"),
        ({"condition": 6}, "OfferCondition: must be"),
    ],
)
def test_what_cannot_be_right_raises_at_once(shop, members, match):
    with pytest.raises(InvalidRequest, match=match):
        shop.pusher.put("A", **members)


def test_a_channel_without_offers_says_so(shop):
    with pytest.raises(TypeError, match="keeps no offers in step"):
        OfferPusher(ModelChannel(ModelMarket(shop.clock)), shop.oms, account="shop")
    with pytest.raises(TypeError, match="keeps no offers; give outbox="):
        OfferPusher(shop.channel, object(), account="shop")
