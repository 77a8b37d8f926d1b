"""What the shipment job promises."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from attrs import evolve

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.errors import (
    CdiscountError,
    ConfigurationError,
    InvalidRequest,
    LeaseBusy,
    LeaseLost,
    NotAuthorized,
    Problem,
    ShipmentConflict,
)
from cdiscount_marketplace.models import LineOutcome, OrderStatus, Outcome, OutcomeStatus, Shipment
from cdiscount_marketplace.oms import Ending, ShipmentPusher, free_lease
from cdiscount_marketplace.oms.ports import TaskState
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import ServerFault
from support.model_channel import Crash
from support.shop import MINUTE, Shop, SkewedClock, parcel

S = OrderStatus
STATE_CODE = "OrderLineIncoherentState"


@pytest.fixture
def shop():
    shop = Shop()
    for number in ("one", "two", "three", "four"):
        shop.market.place(number)
    return shop


def enqueue(shop, *numbers):
    for number in numbers:
        shop.pusher().enqueue(parcel(number))
        shop.market.advance(timedelta(seconds=1))


def writes(shop):
    return [[item.key for item in items] for call, items in shop.channel.calls if call == "ship"]


def test_what_is_enqueued_is_shipped_once(shop):
    enqueue(shop, "one", "two", "three", "four")
    report = shop.push()
    assert (report.sent, report.confirmed, report.pending) == (4, 4, 0)
    assert shop.push().sent == 0
    assert writes(shop) == [["one", "two", "three"], ["four"]]


def test_enqueue_sends_nothing(shop):
    enqueue(shop, "one")
    assert shop.channel.calls == []


def test_the_same_shipment_again_is_no_news(shop):
    enqueue(shop, "one", "one")
    shop.push()
    enqueue(shop, "one")
    assert shop.push().sent == 0
    assert len(shop.shipped("one")) == 1


def test_another_shipment_for_the_same_order_is_refused(shop):
    enqueue(shop, "one")
    with pytest.raises(ShipmentConflict, match="pending"):
        shop.pusher().enqueue(parcel("one", "other"))


def test_a_shipment_that_was_sent_is_not_said_to_be_replaceable(shop):
    enqueue(shop, "one")
    shop.push()
    with pytest.raises(ShipmentConflict, match="seller account") as caught:
        shop.pusher().enqueue(parcel("one", "other"))
    assert "cancel" not in str(caught.value)


def test_a_rejected_shipment_can_be_replaced(shop):
    shop.pusher().enqueue(parcel("nowhere"))
    report = shop.push()
    assert [(problem.order_number, problem.code) for problem in report.problems] == [("nowhere", "OrderNotFound")]
    shop.market.place("nowhere")
    shop.pusher().enqueue(parcel("nowhere", "other"))
    assert shop.push().confirmed == 1


@pytest.mark.parametrize("missing", ["carrier", "tracking_number"])
def test_carrier_and_tracking_number_are_required_before_any_request(shop, missing):
    with pytest.raises(InvalidRequest, match=missing):
        shop.pusher().enqueue(evolve(parcel("one"), **{missing: " "}))
    assert shop.oms.find_shipments("shop", "one") == ()


def test_another_number_of_the_same_order_means_the_same_shipment(shop):
    shop.market.book["one"].order = evolve(shop.market.book["one"].order, identities=("one", "id-1"))
    shop.run()
    enqueue(shop, "one")
    assert shop.pusher().enqueue(parcel("id-1")).task.key == "one"
    with pytest.raises(ShipmentConflict):
        shop.pusher().enqueue(parcel("id-1", "other"))


@pytest.mark.parametrize("fault", ["lost", "lost_after", "late"])
def test_a_lost_answer_never_ships_twice(shop, fault):
    enqueue(shop, "one")
    shop.faults(fault)
    assert shop.push().unknown == 1
    for _ in range(4):
        shop.push()
    assert shop.state("one") == TaskState.CONFIRMED
    assert len(shop.shipped("one")) == 1


def test_an_unanswered_shipment_is_not_even_read_before_its_sender_has_given_up(shop):
    enqueue(shop, "one")
    shop.faults("lost")
    shop.push()
    shop.pusher().run()
    assert [call for call, _ in shop.channel.calls] == ["ship"]


def test_one_reading_proves_nothing(shop):
    enqueue(shop, "one")
    shop.faults("lost")
    shop.push()
    shop.push()
    shop.market.advance(MINUTE)
    shop.pusher().run()
    assert len(writes(shop)) == 1
    shop.market.advance(MINUTE)
    shop.pusher().run()
    assert len(writes(shop)) == 2


def test_each_attempt_needs_two_readings_of_its_own(shop):
    enqueue(shop, "one")
    shop.faults("lost", "lost")
    sent = []
    for _ in range(5):
        shop.push()
        sent.append(len(writes(shop)))
    assert sent == [1, 1, 2, 2, 3]


def test_a_slow_reading_counts_from_when_it_was_asked(shop):
    enqueue(shop, "one")
    shop.faults("lost")
    shop.push()
    shop.push()
    shop.channel.fault = lambda call: shop.market.advance(3 * MINUTE) if call == "get" else None
    shop.market.advance(MINUTE)
    shop.pusher().run()
    assert len(writes(shop)) == 1


def test_readings_of_workers_whose_clocks_differ_are_timed_by_the_store(shop):
    enqueue(shop, "one")
    shop.faults("lost")
    shop.push()
    shop.push()
    ahead = SkewedClock(shop.market.clock, 10 * MINUTE)
    ShipmentPusher(shop.channel, shop.oms, account="shop", clock=ahead).run()
    assert len(writes(shop)) == 1


def test_a_line_whose_state_forbids_the_shipment_is_settled_by_reading(shop):
    class Forbidding:
        def __init__(self, inner):
            self.inner = inner

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def ship(self, shipments):
            line = LineOutcome(line_id="A", updated=False, code="OrderLineIncoherentState")
            return [Outcome(key=one.key, status=OutcomeStatus.REJECTED, lines=(line,)) for one in shipments]

    enqueue(shop, "one")
    shop.market.move("one", S.SHIPPED)
    channel = Forbidding(shop.channel)
    assert ShipmentPusher(channel, shop.oms, account="shop", clock=shop.market.clock).run().confirmed == 1


def test_a_doubtful_answer_with_a_state_code_still_takes_two_readings(shop):
    enqueue(shop, "one")
    sent = []

    class Doubtful(Refusing):
        def ship(self, shipments):
            sent.append([shipment.key for shipment in shipments])
            return [Outcome(key=each.key, status=OutcomeStatus.UNKNOWN, code=STATE_CODE) for each in shipments]

    pusher = ShipmentPusher(Doubtful(shop.channel, None), shop.oms, account="shop", clock=shop.market.clock)
    for _ in range(2):
        pusher.run()
        shop.market.advance(5 * MINUTE)
    assert len(sent) == 1
    assert shop.state("one") == TaskState.UNKNOWN
    assert STATE_CODE in shop.oms.find_shipments("shop", "one")[0].task.message


@pytest.mark.parametrize("applied", [True, False])
def test_a_service_that_broke_over_an_order_is_believed_by_reading_only(shop, applied):
    enqueue(shop, "one")

    class Breaking(Refusing):
        def ship(self, shipments):
            if applied:
                shop.channel.ship(shipments)
            return [
                Outcome(key=each.key, status=OutcomeStatus.REJECTED, code="UnexpectedException") for each in shipments
            ]

    ShipmentPusher(Breaking(shop.channel, None), shop.oms, account="shop", clock=shop.market.clock).run()
    assert shop.state("one") == TaskState.UNKNOWN
    for _ in range(6):
        shop.push()
    assert shop.state("one") == TaskState.CONFIRMED
    assert len(shop.shipped("one")) == 1


def test_an_order_that_cannot_be_read_stays_unknown(shop):
    enqueue(shop, "one")
    shop.faults("lost")
    shop.push()
    del shop.market.book["one"]
    for _ in range(3):
        assert shop.push().unknown == 1


@pytest.mark.parametrize("fault", ["crash_before", "crash_after"])
def test_a_crash_around_the_request_never_ships_twice(shop, fault):
    enqueue(shop, "one")
    shop.faults(fault)
    with pytest.raises(Crash):
        shop.push()
    for _ in range(6):
        shop.push()
    assert shop.state("one") == TaskState.CONFIRMED
    assert len(shop.shipped("one")) == 1


def test_a_shipment_that_is_too_early_waits_and_does_not_get_stuck(shop):
    shop.market.move("one", S.PROCESSING)
    enqueue(shop, "one")
    for _ in range(12):
        assert shop.push().pending == 1
    shop.market.move("one", S.WAITING_SHIPMENT)
    shop.push()
    assert shop.state("one") == TaskState.CONFIRMED


@pytest.mark.parametrize("status", [S.SHIPPED, S.DELIVERED])
def test_an_order_shipped_by_hand_counts_as_shipped(shop, status):
    enqueue(shop, "one")
    shop.market.move("one", status)
    report = shop.push()
    assert report.confirmed == 1
    assert shop.shipped("one") == []


def test_an_order_that_waits_in_the_sellers_shop_is_not_taken_for_shipped():
    sandbox = Sandbox()
    number = sandbox.place(state="AvailableOnStore").number
    channel = SoapChannel(sandbox.client(retry=RetryPolicy.never()))
    pusher = ShipmentPusher(channel, MemoryOms(clock=sandbox.clock), account="shop", clock=sandbox.clock)
    pusher.enqueue(Shipment(key=number, carrier="UPS", tracking_number="1Z"))
    sandbox.inject(Fault(ServerFault(), on="ValidateOrderList"))
    with suppress(CdiscountError):
        pusher.run()
    for _ in range(6):
        sandbox.advance(timedelta(hours=1))
        pusher.run()
    assert len(sandbox.shipped(number)) == 1


def test_a_cancelled_order_rejects_its_shipment(shop):
    enqueue(shop, "one")
    shop.market.move("one", S.CANCELLED)
    report = shop.push()
    assert (report.rejected, report.problems[0].message) == (1, "the marketplace shows the order as cancelled")


def test_what_failed_together_is_sent_again_one_by_one(shop):
    enqueue(shop, "one", "two", "three")
    shop.faults("retryable")
    assert shop.push().pending == 3
    assert shop.push().confirmed == 3
    assert writes(shop) == [["one", "two", "three"], ["one"], ["two"], ["three"]]


def test_a_failed_attempt_pauses_before_the_next(shop):
    enqueue(shop, "one")
    shop.faults("retryable", "retryable", "retryable")
    shop.push()
    shop.pusher().run()
    assert len(writes(shop)) == 1
    shop.push()
    shop.market.advance(-MINUTE * 2)
    shop.push()
    assert len(writes(shop)) == 2


def test_after_five_attempts_a_person_is_asked(shop):
    enqueue(shop, "one")
    shop.faults(*["retryable"] * 9)
    for _ in range(30):
        report = shop.push()
        if report.stuck:
            break
    assert len(writes(shop)) == 5
    assert shop.state("one") == TaskState.STUCK
    assert report.problems[0].code == "DeserializationFailed"


def test_an_exhausted_quota_ends_the_run_and_leaves_all_as_it_was(shop):
    enqueue(shop, "one")
    shop.faults("quota")
    assert shop.push().ended_by == Ending.QUOTA
    task = shop.oms.find_shipments("shop", "one")[0].task
    assert (task.state, task.attempt) == (TaskState.PENDING, 0)


class Refusing:
    """A channel in front of another, whose `ship` fails as told."""

    def __init__(self, inner, fail):
        self.inner, self.fail = inner, fail

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def ship(self, shipments):
        self.fail(shipments)
        return self.inner.ship(shipments)


def pusher_over(shop, fail, **options):
    return ShipmentPusher(Refusing(shop.channel, fail), shop.oms, account="shop", clock=shop.market.clock, **options)


def test_one_shipment_that_cannot_be_sent_does_not_hold_the_others_back(shop):
    def fail(shipments):
        if any(shipment.key == "two" for shipment in shipments):
            raise InvalidRequest([Problem("carrier", "is not one that Cdiscount lists")])

    enqueue(shop, "one", "two", "three")
    report = pusher_over(shop, fail).run()
    assert (report.confirmed, report.rejected) == (2, 1)
    assert report.problems[0].message == "carrier: is not one that Cdiscount lists"


def test_a_refused_permission_is_raised_and_nothing_counts_as_sent(shop):
    def fail(shipments):
        raise NotAuthorized("no")

    enqueue(shop, "one")
    with pytest.raises(NotAuthorized):
        pusher_over(shop, fail).run()
    assert shop.state("one") == TaskState.PENDING


def test_an_unforeseen_error_leaves_the_outcome_unknown(shop):
    def fail(shipments):
        raise RuntimeError("bug")

    enqueue(shop, "one")
    with pytest.raises(RuntimeError):
        pusher_over(shop, fail).run()
    assert shop.state("one") == TaskState.UNKNOWN


def test_an_answer_that_forgets_an_order_leaves_it_unknown(shop):
    class Forgetful(Refusing):
        def ship(self, shipments):
            return [Outcome(key="else", status=OutcomeStatus.CONFIRMED)]

    enqueue(shop, "one")
    channel = Forgetful(shop.channel, None)
    assert ShipmentPusher(channel, shop.oms, account="shop", clock=shop.market.clock).run().unknown == 1


def test_a_worker_that_lost_its_lease_does_not_send(shop):
    enqueue(shop, "one", "two", "three", "four")

    def somebody_takes_over(shipments):
        shop.market.advance(timedelta(minutes=11))
        assert shop.oms.acquire("shop", "ship", "somebody", timedelta(minutes=10))

    with pytest.raises(LeaseLost):
        pusher_over(shop, somebody_takes_over).run()
    assert writes(shop) == [["one", "two", "three"]]
    # What it knows to have happened is written down all the same.
    assert [shop.state(number) for number in ("one", "two", "three")] == [TaskState.CONFIRMED] * 3
    assert shop.state("four") == TaskState.PENDING


def test_the_lease_is_renewed_before_each_request(shop):
    def slow(shipments):
        shop.market.advance(MINUTE)
        assert shop.oms.acquire("shop", "ship", "somebody", MINUTE) is None

    enqueue(shop, "one", "two", "three", "four")
    assert pusher_over(shop, slow).run().confirmed == 4


def test_confirmed_absorbs_what_somebody_else_recorded_meanwhile(shop):
    def somebody_gives_up(shipments):
        [row] = shop.oms.find_shipments("shop", "one")
        task = evolve(row.task, state=TaskState.UNKNOWN, version=row.task.version + 1)
        assert shop.oms.swap_shipment("shop", row, evolve(row, task=task))

    enqueue(shop, "one")
    pusher_over(shop, somebody_gives_up).run()
    assert shop.state("one") == TaskState.CONFIRMED


def test_a_second_worker_is_turned_away(shop):
    shop.oms.acquire("shop", "ship", "somebody", timedelta(minutes=10))
    with pytest.raises(LeaseBusy) as caught:
        shop.push()
    assert (caught.value.account, caught.value.job) == ("shop", "ship")


def test_a_store_that_cannot_list_its_leases_turns_a_second_worker_away_all_the_same(shop):
    class Bare:
        acquire, renew, release = shop.oms.acquire, shop.oms.renew, shop.oms.release

    shop.oms.acquire("shop", "ship", "somebody", timedelta(minutes=10))
    with pytest.raises(LeaseBusy) as caught:
        shop.pusher(lease=Bare()).run()
    assert (caught.value.owner, caught.value.until) == (None, None)


def test_a_worker_whose_lease_was_freed_sends_nothing_more(shop):
    enqueue(shop, "one", "two", "three", "four")

    def somebody_frees_it(shipments):
        free_lease(shop.oms, "shop", "ship")

    with pytest.raises(LeaseLost):
        pusher_over(shop, somebody_frees_it).run()
    assert writes(shop) == [["one", "two", "three"]]
    assert shop.state("four") == TaskState.PENDING


def test_a_lease_must_live(shop):
    with pytest.raises(ConfigurationError, match="lease_ttl"):
        shop.pusher(lease_ttl=timedelta(0))


def test_a_slow_store_never_makes_a_request_outlive_its_claim(shop):
    class Slow:
        def __init__(self, oms, clock):
            self.oms, self.clock = oms, clock

        def __getattr__(self, name):
            return getattr(self.oms, name)

        def swap_shipment(self, account, before, after, *, lease=None):
            done = self.oms.swap_shipment(account, before, after, lease=lease)
            if after.task.state == TaskState.SENDING:
                self.clock.advance(timedelta(minutes=2))
            return done

    enqueue(shop, "one")
    report = shop.push(outbox=Slow(shop.oms, shop.market.clock))
    assert (report.sent, report.pending) == (0, 1)
    assert writes(shop) == []


def test_every_step_is_told(shop):
    enqueue(shop, "one")
    shop.push()
    assert [(told.before, told.after) for told in shop.told("TaskMoved")] == [
        ("pending", "sending"),
        ("sending", "confirmed"),
    ]
