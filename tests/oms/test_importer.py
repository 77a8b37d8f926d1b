"""What the import job promises, one promise at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.errors import (
    CallTimeout,
    ConfigurationError,
    ConnectionLost,
    LeaseBusy,
    LeaseLost,
    OversizedAnswer,
    Unmappable,
)
from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms import Ending, OrderImporter
from cdiscount_marketplace.oms.ports import Aspect, ChangeKind
from support.model_channel import START
from support.shop import MINUTE, Picky, Shop

S = OrderStatus


@pytest.fixture
def shop():
    return Shop()


def test_a_waiting_order_is_imported_once_however_often_it_is_read(shop):
    shop.market.place("one")
    assert shop.run().imported == 1
    again = shop.run()
    assert (again.imported, again.unchanged) == (0, 1)
    assert shop.numbers() == ["one"]


def test_an_order_that_becomes_payable_late_is_imported_then(shop):
    shop.market.place("late", S.PROCESSING)
    shop.run()
    assert shop.numbers() == []
    shop.market.move("late", S.WAITING_SHIPMENT)
    assert shop.run().imported == 1


def test_a_transition_that_moves_no_stamp_is_found_by_the_sweep(shop):
    shop.market.place("quiet", S.PROCESSING)
    shop.run()
    shop.market.advance(timedelta(hours=4))
    shop.run()
    shop.market.move("quiet", S.WAITING_SHIPMENT, stamp=False)
    assert shop.run().imported == 0
    shop.market.advance(timedelta(hours=6))
    report = shop.run()
    assert (report.imported, report.sweep_found) == (1, 1)
    assert shop.told("SweepFound")[0].count == 1


def test_a_known_order_is_updated_with_what_changed(shop):
    shop.market.place("one")
    shop.run()
    shop.market.move("one", S.CANCELLED)
    assert shop.run().updated == 1
    change = shop.oms.orders("shop")[0].changes[-1]
    assert change.kind == ChangeKind.UPDATED
    assert change.status_before == S.WAITING_SHIPMENT
    assert change.aspects == (Aspect.STATUS,)


def test_a_masked_address_never_replaces_a_known_one(shop):
    shop.market.place("one")
    shop.run()
    shop.market.move("one", S.CANCELLED)
    shop.run()
    order = shop.oms.orders("shop")[0].order
    assert order.status == S.CANCELLED
    assert order.shipping_address.last_name == "Durand"


def test_an_order_that_came_and_went_between_runs_is_recorded_as_passed(shop):
    shop.run()
    shop.market.place("gone")
    shop.market.move("gone", S.SHIPPED)
    assert shop.run().passed_unseen == 1
    assert shop.run().passed_unseen == 0
    assert [order.key for order in shop.oms.list_unseen("shop")] == ["gone"]


def test_orders_that_passed_are_imported_when_asked_for(shop):
    shop.market.place("gone")
    shop.market.move("gone", S.SHIPPED)
    assert shop.run(import_unseen=True).imported == 1
    assert shop.oms.list_unseen("shop") == ()


def test_orders_created_before_the_floor_are_left_alone(shop):
    shop.market.place("old")
    shop.market.advance(timedelta(hours=1))
    shop.market.place("new")
    shop.market.edit("old", "renamed")
    shop.run(start_from=START + timedelta(minutes=30))
    assert shop.numbers() == ["new"]


def test_a_test_order_of_the_marketplace_is_skipped_and_told(shop):
    shop.market.place("dummy")
    shop.market.book["dummy"].order = evolve(shop.market.book["dummy"].order, dummy=True)
    assert shop.run().imported == 0
    assert shop.told("OrderHandled")[0].result == "skipped"


def test_a_refused_order_waits_in_quarantine_with_the_reason_and_comes_out_when_mended(shop):
    shop.market.place("bad")
    shop.market.place("good")
    mapper = Picky("bad")
    report = shop.run(mapper=mapper)
    assert (report.imported, report.quarantined) == (1, 1)
    [entry] = shop.oms.list_quarantine("shop")
    assert (entry.key, entry.code, entry.reason) == ("bad", "unmappable", "sku A is not in the catalogue; add it")
    assert shop.run(mapper=mapper).quarantined == 1
    assert shop.oms.list_quarantine("shop")[0].attempts == 2
    mapper.refused.clear()
    report = shop.run(mapper=mapper)
    assert (report.imported, report.released) == (1, 1)
    assert shop.oms.list_quarantine("shop") == ()
    assert shop.numbers() == ["good", "bad"]


def test_a_mapper_may_raise_anything_and_its_text_is_not_told(shop):
    shop.market.place("bad")
    shop.run(mapper=Picky("bad", error=KeyError("Mme Durand")))
    [entry] = shop.oms.list_quarantine("shop")
    assert entry.code == "mapper_failed"
    assert "KeyError at shop.py:" in entry.reason
    assert "Durand" not in entry.reason
    assert "Durand" in entry.payload
    assert "Durand" not in repr(entry)


def test_quarantine_can_be_tried_again_on_its_own(shop):
    mapper = Picky("bad")
    shop.market.place("bad")
    shop.run(mapper=mapper)
    shop.market.place("new")
    mapper.refused.clear()
    report = shop.importer(mapper=mapper).retry_quarantine()
    assert (report.released, report.windows) == (1, 0)
    assert shop.numbers() == ["bad"]


def test_an_order_that_was_cancelled_in_quarantine_keeps_its_address(shop):
    shop.market.place("bad")
    shop.run(mapper=Picky("bad"))
    shop.market.move("bad", S.CANCELLED)
    shop.run(mapper=Picky())
    order = shop.oms.orders("shop")[0].order
    assert (order.status, order.shipping_address.last_name) == (S.CANCELLED, "Durand")


def test_an_order_without_number_goes_to_quarantine_and_stops_nothing(shop):
    shop.market.place("odd")
    shop.market.place("good")
    shop.market.book["odd"].order = evolve(shop.market.book["odd"].order, identities=("digest:0123",))
    assert shop.run().imported == 1
    assert shop.oms.list_quarantine("shop")[0].code == "no_number"


def test_a_missing_company_mapping_is_a_reason_to_wait(shop):
    class Nobody:
        def resolve(self, account, order):
            return None

    shop.market.place("one")
    shop.run(companies=Nobody())
    assert shop.oms.list_quarantine("shop")[0].code == "no_company"
    assert shop.run().released == 1


def test_without_quarantine_a_refused_order_ends_the_run_and_nothing_moves(shop):
    class Bare:
        def __init__(self, oms):
            for name in ("find", "save", "unit", "load_checkpoint", "swap_checkpoint"):
                setattr(self, name, getattr(oms, name))

    shop.market.place("bad")
    bare = Bare(shop.oms)
    shop.market.advance(5 * MINUTE)
    importer = OrderImporter(
        shop.channel, bare, account="shop", start_from=START, mapper=Picky("bad"), clock=shop.market.clock
    )
    with pytest.raises(Unmappable, match="catalogue"):
        importer.run()
    assert shop.oms.load_checkpoint("shop").cursor == START


def test_the_first_run_needs_a_start(shop):
    with pytest.raises(ConfigurationError, match="start_from"):
        shop.run(start_from=None)


def test_a_naive_start_is_refused(shop):
    with pytest.raises(ConfigurationError, match="aware"):
        shop.run(start_from=datetime(2026, 1, 1))
    with pytest.raises(ConfigurationError, match="before any order"):
        shop.run(start_from=datetime.min.replace(tzinfo=UTC))


def test_a_start_in_the_future_is_a_slip_and_nothing_is_kept_of_it(shop):
    with pytest.raises(ConfigurationError, match="future"):
        shop.run(start_from=START + timedelta(days=365))
    assert shop.oms.load_checkpoint("shop") is None


def test_the_stored_floor_wins_over_another_start_and_says_so(shop):
    shop.run()
    other = datetime(2020, 1, 1, tzinfo=UTC)
    report = shop.run(start_from=other)
    assert report.checkpoint.floor == START - timedelta(days=1)
    assert shop.told("FloorIgnored")[0].given == other


@pytest.mark.parametrize(("missing", "word"), [("swap_checkpoint", "checkpoints="), ("save", "repository=")])
def test_a_missing_part_is_a_type_error_that_names_it(shop, missing, word):
    class Partial:
        pass

    partial = Partial()
    for name in {"find", "save", "load_checkpoint", "swap_checkpoint"} - {missing}:
        setattr(partial, name, getattr(shop.oms, name))
    with pytest.raises(TypeError, match=word):
        OrderImporter(shop.channel, partial, account="shop")


def test_a_second_worker_is_turned_away(shop):
    held = shop.oms.acquire("shop", "import", "somebody", timedelta(minutes=10))
    with pytest.raises(LeaseBusy, match="lease free import --account shop") as caught:
        shop.run()
    assert (caught.value.owner, caught.value.until) == ("somebody", held.expires_at)


@pytest.mark.parametrize("error", [CallTimeout("no answer"), OversizedAnswer("too much", limit=1)])
def test_a_window_that_cannot_be_answered_is_halved_lower_half_first(shop, error):
    shop.market.place("one")
    spans = []

    def slow(call):
        query = shop.channel.calls[-1][1]
        if call != "fetch" or query.modified_to is None:
            return
        spans.append((query.modified_from, query.modified_to - query.modified_from))
        if spans[-1][1] > timedelta(hours=8):
            raise error

    shop.channel.fault = slow
    report = shop.run()
    assert report.imported == 1
    read = [begin for begin, span in spans if span <= timedelta(hours=8)]
    assert read == sorted(read)
    assert report.checkpoint.cursor == shop.market.clock.time - 2 * MINUTE
    assert shop.told("WindowSplit")[0].reason == type(error).__name__


@pytest.mark.parametrize(("count", "split"), [(12, True), (5, True), (4, False)])
def test_a_reading_that_may_have_been_cut_off_is_split(shop, count, split):
    for minute in range(count):
        shop.market.place(f"order-{minute}")
        shop.market.advance(10 * MINUTE)
    report = shop.run(max_orders_per_reading=5)
    assert report.imported == count
    assert bool(shop.told("WindowSplit")) == split


def test_an_exhausted_quota_ends_the_run_and_keeps_what_was_read(shop):
    shop.market.place("one")
    seen = []

    def exhausted(call):
        seen.append(call)
        return "quota" if len(seen) == 3 else None

    shop.channel.fault = exhausted
    report = shop.run()
    assert report.ended_by == Ending.QUOTA
    assert report.checkpoint.cursor == START - timedelta(days=1)
    shop.channel.fault = lambda call: None
    assert shop.run().ended_by == Ending.DONE
    assert shop.numbers() == ["one"]


@pytest.mark.parametrize("batched", [True, False], ids=["one transaction", "a store apart"])
@pytest.mark.parametrize("status", [OrderStatus.WAITING_SHIPMENT, OrderStatus.SHIPPED])
def test_the_cursor_stays_until_every_order_of_its_window_is_placed(shop, status, batched):
    """Waiting orders are imported, others noted as passed; a store that breaks over either one keeps the cursor."""
    shop.run()
    before = shop.oms.load_checkpoint("shop").cursor
    shop.market.place("one", status)

    def broken(*_, **__):
        raise RuntimeError("disk full")

    class Store:
        unit = shop.oms.unit

        def __getattr__(self, name):
            return broken if name in {"save", "put_quarantine", "put_unseen"} else getattr(shop.oms, name)

    store = Store()
    parts = {"repository": store, "quarantine": store, "unseen": store, "checkpoints": store if batched else shop.oms}
    with pytest.raises(RuntimeError, match="disk full"):
        shop.run(**parts)
    assert shop.oms.load_checkpoint("shop").cursor == before


def test_a_move_back_during_a_run_wins(shop):
    shop.run()
    back = START - timedelta(hours=20)

    def operator(call):
        if call == "fetch" and not moved:
            here = shop.oms.load_checkpoint("shop")
            moved.append(shop.oms.swap_checkpoint("shop", here, evolve(here, cursor=back, version=here.version + 1)))

    moved = []
    shop.channel.fault = operator
    report = shop.run()
    assert report.ended_by == Ending.CHECKPOINT_MOVED
    assert shop.oms.load_checkpoint("shop").cursor == back


def test_a_fast_clock_never_moves_the_cursor_beyond_the_service_time(shop):
    shop.market.clock.skew = timedelta(minutes=10)
    shop.run()
    report = shop.run()
    assert report.checkpoint.cursor == shop.market.clock.time - 2 * MINUTE


def test_a_service_whose_clock_falls_behind_never_moves_the_cursor_back(shop):
    shop.run()
    before = shop.run().checkpoint.cursor
    shop.channel.answered_late = timedelta(minutes=40)
    assert shop.run().checkpoint.cursor == before


def test_a_cursor_in_the_future_comes_back_to_now(shop):
    shop.run()
    here = shop.oms.load_checkpoint("shop")
    ahead = evolve(here, cursor=here.cursor + timedelta(days=3), version=here.version + 1)
    assert shop.oms.swap_checkpoint("shop", here, ahead)
    assert shop.run().checkpoint.cursor == shop.market.clock.time - 2 * MINUTE


def test_a_sweep_finds_what_the_service_stamps_ahead_of_our_clock(shop):
    order = shop.market.place("one")
    ahead = order.created_at + timedelta(hours=1)
    shop.market.book["one"].order = evolve(order, created_at=ahead, modified_at=ahead)
    assert shop.run().imported == 1


def test_a_modification_stamped_before_the_creation_is_read_all_the_same(shop):
    floor = START - timedelta(days=1)
    order = shop.market.place("gone", S.SHIPPED)
    stamps = {"created_at": floor + MINUTE, "modified_at": floor - timedelta(hours=1)}
    shop.market.book["gone"].order = evolve(order, **stamps)
    assert shop.run().passed_unseen == 1


def test_a_move_back_during_a_sweep_wins(shop):
    shop.run()
    shop.market.advance(timedelta(hours=7))
    back = START - timedelta(hours=20)

    def operator(call):
        here = shop.oms.load_checkpoint("shop")
        if call == "fetch" and shop.channel.calls[-1][1].modified_to is None:
            assert shop.oms.swap_checkpoint("shop", here, evolve(here, cursor=back, version=here.version + 1))

    shop.channel.fault = operator
    assert shop.run().ended_by == Ending.CHECKPOINT_MOVED
    assert shop.oms.load_checkpoint("shop").cursor == back


def test_a_sweep_that_is_due_is_made_although_a_window_cannot_be_read(shop):
    shop.run()
    shop.market.advance(timedelta(hours=7))
    shop.market.place("one")

    def broken_windows(call):
        return "lost" if call == "fetch" and shop.channel.calls[-1][1].modified_to else None

    shop.channel.fault = broken_windows
    with pytest.raises(ConnectionLost):
        shop.run()
    assert shop.numbers() == ["one"]


def test_a_sweep_that_seems_to_lie_in_the_future_keeps_no_other_away(shop):
    shop.run()
    here = shop.oms.load_checkpoint("shop")
    ahead = evolve(here, swept_at=here.swept_at + timedelta(days=300), version=here.version + 1)
    assert shop.oms.swap_checkpoint("shop", here, ahead)
    assert shop.run().sweep_found == 0


def test_quarantine_is_tried_as_it_was_kept_when_it_cannot_be_read_again(shop):
    shop.market.place("one")
    shop.run(mapper=Picky("one"))
    shop.faults("lost", call="get")
    report = shop.run()
    assert (report.imported, report.released) == (1, 1)


def test_what_became_of_an_order_in_quarantine_is_known_even_if_it_cannot_be_read_by_number(shop):
    shop.market.place("one")
    shop.run(mapper=Picky("one"))
    shop.market.move("one", S.CANCELLED)
    shop.channel.fault = lambda call: "lost" if call == "get" else None
    shop.run(mapper=Picky("one"))
    shop.market.advance(timedelta(hours=4))
    shop.run(mapper=Picky("one"))
    assert shop.run().released == 1
    order = shop.oms.orders("shop")[0].order
    assert (order.status, order.shipping_address.last_name) == (S.CANCELLED, "Durand")


def test_an_older_snapshot_takes_nothing_back_in_quarantine(shop):
    waiting = shop.market.place("one")
    shop.run(mapper=Picky("one"))
    shop.market.advance(MINUTE)
    shop.market.move("one", S.SHIPPED)
    shop.run(mapper=Picky("one"))
    shop.market.book["one"].order = evolve(waiting, status=S.PROCESSING)
    shop.channel.fault = lambda call: "lost" if call == "get" else None
    shop.run(mapper=Picky("one"))
    shop.market.book.clear()
    shop.run()
    assert shop.oms.orders("shop")[0].order.status == S.SHIPPED


def test_an_order_in_quarantine_did_not_pass_unseen(shop):
    shop.market.place("one")
    shop.run(mapper=Picky("one"))
    shop.market.move("one", S.CANCELLED)
    assert shop.run(mapper=Picky("one")).passed_unseen == 0
    assert not shop.oms.list_unseen("shop")


def test_an_order_that_a_reading_shows_twice_is_imported_once(shop):
    class Bulk(MemoryOms):
        def find_all(self, account, wanted):
            return [self.find(account, identities) for identities in wanted]

    shop.oms = Bulk(clock=shop.market.clock)
    shop.market.place("one")
    shop.market.book["again"] = shop.market.book["one"]
    report = shop.run()
    assert (report.imported, len(shop.oms.orders("shop")[0].changes)) == (1, 1)


def overtaken_during(shop, call, nth=1):
    """Let somebody else take the import over while the nth call of a kind is under way."""
    seen = []

    def take_over(name):
        seen.append(name)
        if name == call and seen.count(call) == nth:
            take_the_lease(shop)

    shop.channel.fault = take_over


def take_the_lease(shop):
    shop.market.advance(11 * MINUTE)
    assert shop.oms.acquire("shop", "import", "somebody", 10 * MINUTE)


def test_an_overtaken_importer_puts_nothing_into_quarantine(shop):
    shop.market.place("one")
    overtaken_during(shop, "fetch")
    with pytest.raises(LeaseLost):
        shop.run(mapper=Picky("one"))
    assert not shop.oms.list_quarantine("shop")


def test_an_overtaken_importer_releases_nothing_from_quarantine(shop):
    shop.market.place("one")
    shop.run(mapper=Picky("one"))
    overtaken_during(shop, "fetch")
    with pytest.raises(LeaseLost):
        shop.run()
    assert [entry.key for entry in shop.oms.list_quarantine("shop")] == ["one"]
    assert shop.numbers() == []


def test_an_overtaken_importer_moves_no_checkpoint(shop):
    before = shop.run().checkpoint
    overtaken_during(shop, "fetch", nth=2)
    with pytest.raises(LeaseLost):
        shop.run()
    assert shop.oms.load_checkpoint("shop") == before


def test_an_overtaken_importer_makes_no_first_checkpoint(shop):
    class Slow(MemoryOms):
        def load_checkpoint(self, account):
            found = super().load_checkpoint(account)
            if found is None and len(self._leases) == 1:
                take_the_lease(shop)
            return found

    shop.oms = Slow(clock=shop.market.clock)
    with pytest.raises(LeaseLost):
        shop.run()
    assert MemoryOms.load_checkpoint(shop.oms, "shop") is None


def test_the_lease_is_renewed_before_each_request(shop):
    def slow(call):
        shop.market.advance(MINUTE)
        assert shop.oms.acquire("shop", "import", "somebody", MINUTE) is None

    shop.channel.fault = slow
    assert shop.run().ended_by == Ending.DONE
    assert len(shop.channel.calls) > 2


def test_the_lease_is_renewed_between_batches(shop):
    class Slow:
        def map(self, order, company):
            shop.market.advance(MINUTE)
            assert shop.oms.acquire("shop", "import", "somebody", MINUTE) is None
            return order

    for number in ("one", "two", "three"):
        shop.market.place(number)
    assert shop.run(mapper=Slow(), batch=1).imported == 3


def test_stop_ends_between_two_orders(shop):
    for number in ("one", "two", "three"):
        shop.market.place(number)

    class Stopping(Picky):
        def map(self, order, company):
            importer.stop()
            return super().map(order, company)

    importer = shop.importer(mapper=Stopping())
    assert importer.run().ended_by == Ending.STOPPED
    assert len(shop.numbers()) == 1
    assert shop.run().imported == 2


def test_a_failing_store_sets_one_order_aside_and_the_rest_goes_on(shop):
    class Failing:
        def __init__(self, oms, failing):
            self.oms, self.failing = oms, failing

        def find(self, account, identities):
            return self.oms.find(account, identities)

        def save(self, account, order, mapped, change):
            self.oms.save(account, order, mapped, change)
            if order.number in self.failing:
                raise OSError("disk")

        def unit(self):
            return self.oms.unit()

    failing = {"one"}
    shop.market.place("one")
    shop.market.place("two")
    shop.run(repository=Failing(shop.oms, failing))
    assert shop.numbers() == ["two"]
    assert shop.oms.list_quarantine("shop")[0].code == "store_failed"
    failing.clear()
    assert shop.run(repository=Failing(shop.oms, failing)).released == 1


def test_an_erp_that_shares_no_transaction_gets_each_order_once(shop):
    class Erp:
        def __init__(self, oms):
            self.find, self.save = oms.find, oms.save

    erp = MemoryOms()
    shop.market.place("one")
    shop.run(repository=Erp(erp))
    shop.run(repository=Erp(erp))
    assert len(erp.orders("shop")) == 1
    assert shop.oms.load_checkpoint("shop").cursor > START


def test_created_cursor_loses_a_late_payment_until_the_sweep(shop):
    options = {"cursor": "created", "lookback": timedelta(minutes=30)}
    shop.market.place("late", S.PROCESSING)
    shop.run(**options)
    shop.market.advance(timedelta(hours=1))
    shop.run(**options)
    shop.market.move("late", S.WAITING_SHIPMENT)
    assert shop.run(**options).imported == 0
    shop.market.advance(timedelta(hours=6))
    assert shop.run(**options).sweep_found == 1
