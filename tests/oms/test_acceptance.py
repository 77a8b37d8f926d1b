"""What the acceptance job promises."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from cdiscount_marketplace.models import Decision, OrderStatus, Verdict
from cdiscount_marketplace.oms.ports import TaskState
from support.model_channel import Crash
from support.shop import AcceptAll, Shop

S = OrderStatus


@pytest.fixture
def shop():
    shop = Shop()
    shop.market.place("one", S.WAITING_ACCEPTANCE)
    return shop


def state(shop):
    return shop.oms.find_decision("shop", "one").task.state


@pytest.mark.parametrize(("verdict", "status"), [(Verdict.ACCEPT, S.ACCEPTED), (Verdict.REFUSE, S.REFUSED)])
def test_the_oms_decides_and_the_marketplace_hears_it_once(shop, verdict, status):
    policy = AcceptAll(verdict)
    report = shop.accept(policy=policy)
    assert (report.waiting, report.decided, report.confirmed) == (1, 1, 1)
    assert shop.accept(policy=policy).waiting == 0
    assert policy.asked == ["one"]
    assert shop.market.book["one"].order.status == status


def test_later_is_asked_again_and_nothing_is_sent(shop):
    policy = AcceptAll(Verdict.LATER)
    assert shop.accept(policy=policy).later == 1
    policy.verdict = Verdict.ACCEPT
    assert shop.accept(policy=policy).confirmed == 1
    assert policy.asked == ["one", "one"]


def test_the_decision_is_stored_before_it_is_sent_and_never_asked_twice(shop):
    policy = AcceptAll()
    shop.faults("crash_before", call="decide")
    with pytest.raises(Crash):
        shop.accept(policy=policy)
    assert shop.oms.find_decision("shop", "one").decision == Decision(key="one", verdict=Verdict.ACCEPT)
    for _ in range(5):
        shop.accept(policy=policy)
    assert policy.asked == ["one"]
    assert len(shop.market.book["one"].decided) == 1


@pytest.mark.parametrize("fault", ["lost", "lost_after", "late"])
def test_a_lost_answer_is_settled_by_reading(shop, fault):
    shop.faults(fault, call="decide")
    assert shop.accept().unknown == 1
    for _ in range(4):
        shop.accept()
    assert state(shop) == TaskState.CONFIRMED
    assert len(shop.market.book["one"].decided) == 1


@pytest.mark.parametrize(
    ("verdict", "status", "expected"),
    [
        (Verdict.ACCEPT, S.WAITING_SHIPMENT, TaskState.CONFIRMED),
        (Verdict.ACCEPT, S.CANCELLED, TaskState.REJECTED),
        (Verdict.REFUSE, S.CANCELLED, TaskState.CONFIRMED),
        (Verdict.REFUSE, S.WAITING_SHIPMENT, TaskState.REJECTED),
    ],
)
def test_somebody_else_decided_first(shop, verdict, status, expected):
    def meanwhile(call):
        if call == "decide":
            shop.market.move("one", status)

    shop.channel.fault = meanwhile
    shop.accept(policy=AcceptAll(verdict))
    assert state(shop) == expected


def test_a_policy_that_fails_leaves_its_order_to_the_next_run(shop):
    class Broken:
        def decide(self, account, order):
            if order.number == "one":
                raise KeyError("Mme Durand")
            return Decision(key=order.number, verdict=Verdict.ACCEPT)

    shop.market.place("two", S.WAITING_ACCEPTANCE)
    report = shop.accept(policy=Broken())
    assert (report.confirmed, len(report.undecided)) == (1, 1)
    assert "KeyError at test_acceptance.py" in report.undecided[0].message
    assert "Durand" not in report.undecided[0].message
    assert shop.accept().confirmed == 1


def test_an_order_that_another_channel_names_otherwise_is_not_asked_about_again(shop):
    shop.faults("lost", call="decide")
    shop.accept()
    shop.market.book["one"].order = evolve(shop.market.book["one"].order, identities=("id-1", "one"))
    policy = AcceptAll()
    shop.accept(policy=policy)
    assert policy.asked == []


@pytest.mark.parametrize(
    "answer", [Decision(key="other", verdict=Verdict.ACCEPT), Decision(key="one", verdict="accept"), "accept", None]
)
def test_an_answer_that_is_no_decision_about_the_order_is_not_sent_and_stops_no_other(shop, answer):
    class Confused:
        def decide(self, account, order):
            return answer if order.number == "one" else Decision(key=order.number, verdict=Verdict.ACCEPT)

    shop.market.place("two", S.WAITING_ACCEPTANCE)
    report = shop.accept(policy=Confused())
    assert [problem.order_number for problem in report.undecided] == ["one"]
    assert report.confirmed == 1
    assert not shop.market.book["one"].decided


def test_an_order_that_waits_too_long_is_told_and_nothing_else(shop):
    policy = AcceptAll(Verdict.LATER)
    options = {"policy": policy, "accept_within": timedelta(hours=1)}
    assert shop.accept(**options).overdue == ()
    shop.market.advance(timedelta(hours=1))
    assert shop.accept(**options).overdue == ("one",)
    assert shop.told("DecisionOverdue")[0].order_number == "one"


def test_a_missing_policy_is_a_type_error(shop):
    with pytest.raises(TypeError, match="policy="):
        shop.acceptor(policy=None)


def test_an_order_without_number_is_told_and_nothing_is_decided(shop):
    shop.market.book["one"].order = evolve(shop.market.book["one"].order, identities=("digest:0123",))
    policy = AcceptAll()
    assert shop.accept(policy=policy).undecided[0].message == "the marketplace gave this order no number"
    assert policy.asked == []
