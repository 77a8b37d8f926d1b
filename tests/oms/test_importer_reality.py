"""What marketplaces really send: unpaid orders, quiet changes, slow answers, odd states, endless lists."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from cdiscount_marketplace import errors
from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.failures import is_too_slow
from cdiscount_marketplace.models import Lookup, Notice, OrderStatus, Reading, Refund
from cdiscount_marketplace.oms import ChangeKind, Ending
from cdiscount_marketplace.oms.quarantining import LONGEST_KEY
from support.model_channel import START
from support.shop import Picky, Shop

S = OrderStatus
HOUR = timedelta(hours=1)


class LooseChannel:
    """The model channel, whose readings a test may replace."""

    def __init__(self, inner):
        for name in ("name", "settle_gap", "write_limit", "write_chunk", "fetch", "get", "decide", "ship", "carriers"):
            setattr(self, name, getattr(inner, name))


def open_shop(**options):
    shop = Shop(**options)
    shop.channel = LooseChannel(shop.channel)
    return shop


@pytest.fixture
def shop():
    return open_shop()


def kinds(shop, number):
    return [change.kind for kept in shop.oms.orders("shop") if kept.order.number == number for change in kept.changes]


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["26\x001", "26\ud800", "26\n1", "X" * 12_000])
def test_an_order_with_an_impossible_number_goes_to_quarantine(shop, number):
    shop.market.place(number, S.WAITING_SHIPMENT)
    shop.market.place("one", S.WAITING_SHIPMENT)
    report = shop.run()
    assert (report.imported, report.quarantined) == (1, 1)
    assert [entry.code for entry in shop.oms.list_quarantine("shop")] == ["number_unusable"]


# --- before payment ---------------------------------------------------------------------------------------------------


def test_an_unpaid_order_is_announced_and_then_imported():
    shop = open_shop(import_unpaid=True)
    shop.market.place("one", S.PROCESSING)
    report = shop.run()
    assert (report.announced, report.imported) == (1, 0)
    shop.market.move("one", S.WAITING_SHIPMENT)
    assert shop.run().imported == 1
    assert kinds(shop, "one") == [ChangeKind.ANNOUNCED, ChangeKind.IMPORTED]


@pytest.mark.parametrize("status", [S.CANCELLED, S.REFUSED])
def test_an_unpaid_order_that_never_waits_is_withdrawn_once(status):
    shop = open_shop(import_unpaid=True)
    shop.market.place("one", S.WAITING_ACCEPTANCE)
    shop.run()
    shop.market.move("one", status)
    assert [shop.run().withdrawn, shop.run().withdrawn] == [1, 0]
    assert kinds(shop, "one")[-1] == ChangeKind.WITHDRAWN


def test_unpaid_orders_are_left_alone_unless_asked_for(shop):
    shop.market.place("one", S.PROCESSING)
    assert (shop.run().announced, shop.numbers()) == (0, [])


def test_an_announced_order_that_was_shipped_meanwhile_is_imported():
    shop = open_shop(import_unpaid=True)
    shop.market.place("one", S.PROCESSING)
    shop.run()
    shop.market.move("one", S.SHIPPED)
    shop.run()
    assert kinds(shop, "one") == [ChangeKind.ANNOUNCED, ChangeKind.IMPORTED]


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_store_keeps_at_what_stage_an_order_is(kind, tmp_path):
    shop = open_shop(import_unpaid=True)
    with SqlOms(f"sqlite:///{tmp_path / kind}") as shop.oms:
        shop.market.place("one", S.PROCESSING)
        shop.run()
        assert shop.oms.find("shop", ["one"]).stage == ChangeKind.ANNOUNCED
        shop.market.move("one", S.WAITING_SHIPMENT)
        assert shop.run().imported == 1
        assert shop.oms.find("shop", ["one"]).stage == ChangeKind.IMPORTED


# --- quiet changes ----------------------------------------------------------------------------------------------------


def hide(shop, *numbers):
    """Let no list by date show these orders, as if nothing had moved their stamps."""
    fetch = shop.channel.fetch

    def fetch_without(query):
        reading = fetch(query)
        return Reading(tuple(order for order in reading if order.number not in numbers), reading.answered_at)

    shop.channel.fetch = fetch_without


def test_a_cancellation_that_moved_no_stamp_is_found_within_one_sweep(shop):
    shop.market.place("one")
    shop.market.place("two")
    shop.run()
    shop.market.move("one", S.CANCELLED, stamp=False)
    hide(shop, "one")
    shop.market.advance(6 * HOUR)
    assert shop.run().updated == 1
    assert shop.oms.find("shop", ["one"]).status == S.CANCELLED


def test_each_stored_order_has_its_turn_at_one_of_the_sweeps():
    shop = open_shop(reread=2)
    numbers = [str(number) for number in range(7)]
    for number in numbers:
        shop.market.place(number)
    shop.run()
    for number in numbers:
        shop.market.move(number, S.CANCELLED, stamp=False)
    hide(shop, *numbers)
    for _ in range(8):
        shop.market.advance(6 * HOUR)
        shop.run()
    assert {shop.oms.find("shop", [number]).status for number in numbers} == {S.CANCELLED}


# --- quarantine -------------------------------------------------------------------------------------------------------


def test_new_orders_come_in_before_the_quarantine_is_tried(shop):
    shop.market.place("old")
    shop.run(mapper=Picky("old"))
    shop.market.advance(12 * HOUR)
    shop.market.place("new")
    calls = []
    get, fetch = shop.channel.get, shop.channel.fetch
    shop.channel.get = lambda keys: calls.append("get") or get(keys)
    shop.channel.fetch = lambda query: calls.append("fetch") or fetch(query)
    hide(shop, "old")
    shop.run(mapper=Picky("old"))
    assert calls.index("get") > max(place for place, call in enumerate(calls) if call == "fetch")


def test_the_quarantine_has_a_budget_and_the_longest_untried_goes_first():
    shop = open_shop(quarantine_budget=2)
    numbers = [str(number) for number in range(5)]
    for number in numbers:
        shop.market.place(number)
    shop.run(mapper=Picky(*numbers))
    hide(shop, *numbers)
    asked = []
    get = shop.channel.get
    shop.channel.get = lambda keys: asked.append(list(keys)) or get(keys)
    for _ in range(3):
        shop.run(mapper=Picky(*numbers))
    assert [len(keys) for keys in asked] == [2, 2, 2]
    assert sorted(set(asked[0] + asked[1] + asked[2])) == numbers


def test_an_order_that_may_not_be_read_stays_in_quarantine_and_says_why(shop):
    for number in ("one", "two"):
        shop.market.place(number)
    shop.run(mapper=Picky("one", "two"))
    hide(shop, "one", "two")
    get = shop.channel.get
    shop.channel.get = lambda keys: Lookup(tuple(get([key for key in keys if key != "one"])), {"one": "forbidden"})
    assert shop.run().released == 1
    [entry] = shop.oms.list_quarantine("shop")
    assert (entry.key, entry.attempts) == ("one", 2)
    assert "forbidden" in entry.reason


def test_an_order_without_lines_comes_in_with_them(shop):
    order = shop.market.place("one")
    shop.market.book["one"].order = evolve(order, lines=())
    report = shop.run()
    assert (report.imported, [entry.code for entry in report.quarantined_orders]) == (0, ["lines_missing"])
    shop.market.book["one"].order = evolve(order, modified_at=shop.market.clock.time)
    assert shop.run().imported == 1
    assert not shop.oms.list_quarantine("shop")


def test_a_quantity_that_is_not_said_is_not_packed(shop):
    order = shop.market.place("one")
    shop.market.book["one"].order = evolve(order, lines=(evolve(order.lines[0], quantity=None), order.lines[1]))
    report = shop.run()
    assert [entry.code for entry in report.quarantined_orders] == ["quantity_unknown"]
    assert "A" in report.quarantined_orders[0].reason


def test_a_cancelled_order_without_lines_keeps_those_that_are_known(shop):
    shop.market.place("one")
    shop.run()
    shop.market.move("one", S.CANCELLED)
    shop.market.book["one"].order = evolve(shop.market.book["one"].order, lines=())
    assert shop.run().updated == 1
    assert len(shop.oms.orders("shop")[0].order.lines) == 2


def test_an_order_that_no_store_can_hold_is_set_aside_without_its_content(shop):
    shop.market.place("good")
    odd = "x" * (LONGEST_KEY + 50) + "\0"
    shop.market.book["odd"] = shop.market.book["good"]
    shop.market.place(odd)
    put = shop.oms.put_quarantine

    def put_what_fits(account, entry, *, lease=None):
        if "\0" in entry.key + entry.payload or len(entry.key) > LONGEST_KEY * 2:
            raise ValueError("this store takes no NUL")
        put(account, entry, lease=lease)

    shop.oms.put_quarantine = put_what_fits
    report = shop.run(mapper=Picky(odd))
    assert report.imported == 1
    assert len(shop.oms.list_quarantine("shop")) == 1


# --- states, refunds, stamps ------------------------------------------------------------------------------------------


def test_an_order_in_a_state_that_nobody_knows_is_recorded_and_imported_once_it_waits(shop):
    shop.market.place("one", S.OTHER)
    assert shop.run().passed_unseen == 1
    assert [order.identities for order in shop.oms.list_unseen("shop")] == [("one",)]
    shop.market.move("one", S.WAITING_SHIPMENT)
    assert shop.run().imported == 1


def test_money_given_back_is_an_update_with_its_amount(shop):
    order = shop.market.place("one")
    shop.run()
    refund = Refund(amount=order.total, reason="132")
    shop.market.book["one"].order = evolve(order, refunds=(refund,), modified_at=shop.market.clock.time)
    assert shop.run().updated == 1
    assert shop.oms.orders("shop")[0].order.refunds == (refund,)


def test_an_earlier_stamp_hides_no_cancellation(shop):
    order = shop.market.place("one")
    shop.run()
    earlier = evolve(order, status=S.CANCELLED, modified_at=START - HOUR)
    shop.market.book["one"].order = earlier
    shop.channel.fetch = lambda query: Reading((earlier,) if earlier.status in query.statuses else ())
    assert shop.run().updated == 1


def test_a_notice_of_a_reading_is_reported_once(shop):
    notice = Notice("unknown_sales_channel", "no order was sold on CDISFRR")
    fetch = shop.channel.fetch
    shop.channel.fetch = lambda query: Reading(tuple(fetch(query)), None, (notice,))
    assert shop.run().notices == (notice,)
    assert len(shop.told("ReadingNoted")) == 1


# --- slow, large, endless ---------------------------------------------------------------------------------------------

SLOW = [
    errors.CallTimeout("no answer"),
    errors.OversizedAnswer("too large", limit=1),
    *(errors.HttpError("x", status=status) for status in (408, 413, 502, 503, 504)),
    errors.HtmlAnswer("a web page", status=504),
    errors.ServiceFault("Execution Timeout Expired. The timeout period elapsed", fault_code="InternalServiceFault"),
    errors.OperationFailed("The operation has timed out."),
    errors.OperationFailed("Le délai d'attente a expiré"),
    errors.OperationFailed("Transaction was deadlocked on lock resources"),
    errors.ServiceFault("The maximum message size quota has been exceeded", fault_code="s"),
]
OTHERWISE = [
    errors.HttpError("x", status=500),
    errors.HttpError("x", status=429),
    errors.OperationFailed("SellerNotActive"),
    errors.ServiceFault("Object reference not set", fault_code="InternalServiceFault"),
    errors.ConnectionLost("x"),
    errors.NotAuthorized("x"),
    errors.QuotaExceeded("time out of quota", method="m", retry_at=START),
]


@pytest.mark.parametrize("error", SLOW, ids=repr)
def test_too_slow_or_too_large_is_asked_for_in_smaller_pieces_however_it_is_said(shop, error):
    shop.market.place("one")
    limit = timedelta(hours=2)
    fetch = shop.channel.fetch

    def fetch_little(query):
        by_creation = (query.created_from, query.created_to)
        begin, end = by_creation if query.created_to else (query.modified_from, query.modified_to)
        if end - begin > limit:
            raise error
        return fetch(query)

    shop.channel.fetch = fetch_little
    assert is_too_slow(error)
    assert shop.run().imported == 1


@pytest.mark.parametrize("error", OTHERWISE, ids=repr)
def test_another_failure_is_not_taken_for_too_much(error):
    assert not is_too_slow(error)


def test_a_service_that_ignores_its_dates_ends_in_one_error_after_few_requests(shop):
    orders = tuple(evolve(shop.market.place(str(number)), status=S.WAITING_SHIPMENT) for number in range(600))
    asked = []

    def fetch(query):
        asked.append(query)
        return Reading(tuple(order for order in orders if order.status in query.statuses))

    shop.channel.fetch = fetch
    shop.market.advance(timedelta(days=40))
    with pytest.raises(errors.OperationFailed, match="ignores the dates"):
        shop.run()
    assert len(asked) < 60


def test_a_run_makes_a_bounded_number_of_requests_and_the_next_goes_on():
    shop = open_shop(max_requests=10)
    shop.market.place("one")
    shop.market.advance(timedelta(days=20))
    shop.market.place("two")
    ends = [shop.run().ended_by for _ in range(10)]
    assert ends[0] == Ending.LIMIT
    assert ends[-1] == Ending.DONE
    assert sorted(shop.numbers()) == ["one", "two"]
