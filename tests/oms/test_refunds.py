"""What the refund job promises: money goes back once, whatever happens on the way."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.channels import RefundChannel, SalesChannel
from cdiscount_marketplace.errors import ConnectionLost, InvalidRequest, LeaseBusy, NotRecorded, RefundConflict
from cdiscount_marketplace.events import TaskMoved
from cdiscount_marketplace.oms import RefundPusher, cancel_refund, confirm_refund, retry_refund
from cdiscount_marketplace.oms.ports import Change, ChangeKind, RefundTask, TaskState
from cdiscount_marketplace.oms.refund_proof import CLOCK_DISORDER
from cdiscount_marketplace.refunds import RefundKind, RefundReason, RefundRequest
from support.model_channel import START, Crash, SteppedClock, sales_order
from support.refund_desk import MINUTE, RefundDesk

K, R = RefundKind, RefundReason
OPEN = (TaskState.PENDING, TaskState.SENDING, TaskState.UNKNOWN)


class Office:
    """An OMS in memory that gives money back at a desk."""

    def __init__(self, **desk: Any) -> None:
        self.clock = SteppedClock()
        self.desk = RefundDesk(self.clock, **desk)
        self.oms = MemoryOms(clock=self.clock)
        self.events: list[Any] = []

    def pusher(self, **options: Any) -> RefundPusher:
        return RefundPusher(
            self.desk, self.oms, account="shop", clock=self.clock, hooks=[self.events.append], **options
        )

    def push(self, minutes: float = 5) -> Any:
        self.clock.advance(minutes * MINUTE)
        return self.pusher().run()

    def enqueue(self, *requests: RefundRequest) -> None:
        for request in requests:
            self.pusher().enqueue(request)

    def row(self, reference: str) -> RefundTask:
        rows = [row for row in self.oms.list_refunds("shop") if row.refund.reference == reference]
        [row] = rows
        return row

    def state(self, reference: str) -> TaskState:
        return self.row(reference).task.state

    def settle(self) -> None:
        for _ in range(60):
            if not self.oms.list_refunds("shop", OPEN):
                return
            with suppress(Crash, ConnectionLost):
                self.push(10)


def gesture(amount: str = "5.00", **changes: Any) -> RefundRequest:
    values = {"key": "A1", "kind": K.GESTURE, "reason": R.LATE_DELIVERY, "amount": Decimal(amount), **changes}
    return RefundRequest(**values)


def refund(*lines: str, **changes: Any) -> RefundRequest:
    values = {"key": "A1", "kind": K.REFUND, "reason": R.DAMAGED_PRODUCT, "lines": lines or None, **changes}
    return RefundRequest(**values)


# --- what is queued ---------------------------------------------------------------------------------------------------


def test_what_is_enqueued_is_given_once() -> None:
    office = Office()
    office.enqueue(gesture(reference="G"), refund("L1", reference="L"))
    assert office.desk.calls == 0
    report = office.push()
    assert (report.sent, report.confirmed, report.pending) == (2, 2, 0)
    assert office.push().sent == 0
    assert (office.desk.given("G"), office.desk.given("L")) == (1, 1)


def test_the_same_request_again_is_no_news() -> None:
    office = Office()
    office.enqueue(gesture(), gesture())
    office.push()
    office.enqueue(gesture())
    assert office.push().sent == 0
    assert len(office.desk.entries) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (gesture("2"), gesture("2.00")),
        (gesture("2", reason="late-delivery"), gesture("2")),
        (refund("L1", "L2"), refund("L2", "L1", "L2")),
    ],
)
def test_the_same_content_has_the_same_name_however_it_is_written(one: RefundRequest, other: RefundRequest) -> None:
    assert one.reference == other.reference


def test_a_second_gesture_needs_a_reference_of_its_own() -> None:
    office = Office()
    office.enqueue(gesture(reference="first"), gesture(reference="second"))
    assert office.push().confirmed == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (refund("L1"), refund("L1", "L2")),
        (refund(), refund("L1")),
        (refund("L1"), refund()),
        (refund("L1"), refund("L1", kind=K.CANCELLATION)),
        (gesture(reference="G"), gesture("6.00", reference="G")),
        (refund("L1", reference="L"), refund("L2", reference="L")),
    ],
)
def test_no_line_and_no_reference_is_in_two_refunds(first: RefundRequest, second: RefundRequest) -> None:
    office = Office()
    office.enqueue(first)
    with pytest.raises(RefundConflict, match="pending") as caught:
        office.enqueue(second)
    assert caught.value.order_numbers == ("A1",)
    assert len(office.oms.list_refunds("shop")) == 1


def test_a_rejected_refund_can_be_replaced() -> None:
    office = Office(plan=["rejected"])
    office.enqueue(refund("L1", reference="L"))
    report = office.push()
    [problem] = report.problems
    assert (problem.reference, problem.state, problem.message) == ("L", TaskState.REJECTED, "not on this order")
    office.enqueue(refund("L1", "L2", reference="L"))
    assert office.push().confirmed == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": None}, "amount"),
        ({"lines": ["L1"]}, "lines"),
        ({"kind": K.REFUND}, "amount"),
        ({"kind": K.REFUND, "amount": None, "lines": []}, "lines"),
        ({"kind": RefundKind("rebate"), "amount": None}, "kind"),
        ({"reason": RefundReason("")}, "reason"),
        ({"key": " "}, "key"),
        ({"reference": "a\x00b"}, "reference"),
        ({"reference": "x" * 2000}, "reference"),
    ],
)
def test_what_cannot_be_right_is_not_stored(changes: dict[str, Any], field: str) -> None:
    office = Office()
    with pytest.raises(InvalidRequest) as caught:
        office.enqueue(evolve(gesture(reference="r"), **changes))
    assert [problem.field for problem in caught.value.problems] == [field]
    assert office.oms.list_refunds("shop") == ()


@pytest.mark.parametrize(
    "amount", [5, 5.0, "5", Decimal(0), Decimal(-1), Decimal("0.001"), Decimal("NaN"), Decimal("Infinity")]
)
def test_an_amount_is_a_positive_number_of_cents(amount: object) -> None:
    with pytest.raises(InvalidRequest, match="amount"):
        RefundRequest(key="A1", kind=K.GESTURE, reason=R.OTHER, amount=amount)  # type: ignore[arg-type]


def test_a_kind_and_a_reason_are_words_in_any_spelling() -> None:
    request = RefundRequest(key="A1", kind="Refund", reason="damaged-product")  # type: ignore[arg-type]
    assert (request.kind, request.reason) == (K.REFUND, R.DAMAGED_PRODUCT)
    assert not RefundRequest(key="A1", kind=K.REFUND, reason=RefundReason("own-code")).reason.known
    with pytest.raises(InvalidRequest, match="RefundKind"):
        RefundRequest(key="A1", kind=None, reason=R.OTHER)  # type: ignore[arg-type]


def test_nobody_gives_more_than_the_order_cost() -> None:
    office = Office()
    order = evolve(sales_order("A1", START), total=Decimal("18.50"))
    office.oms.save("shop", order, None, Change(kind=ChangeKind.IMPORTED, at=START, digest="d"))
    with pytest.raises(InvalidRequest, match=r"18\.50"):
        office.enqueue(gesture("18.51"))
    office.enqueue(gesture("18.50"))


def test_two_numbers_of_one_order_share_their_lines() -> None:
    office = Office()
    order = evolve(sales_order("A1", START), identities=("A1", "OCT-1"))
    office.oms.save("shop", order, None, Change(kind=ChangeKind.IMPORTED, at=START, digest="d"))
    office.enqueue(refund("L1"))
    with pytest.raises(RefundConflict):
        office.enqueue(refund("L1", key="OCT-1", reference="other"))
    office.enqueue(refund("L1", key="OCT-1"))
    assert len(office.oms.list_refunds("shop")) == 1


def test_a_channel_that_gives_nothing_back_is_refused() -> None:
    class NoRefunds:
        name = "model"

    with pytest.raises(TypeError, match="cannot give money back"):
        RefundPusher(NoRefunds(), MemoryOms(), account="shop")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="keeps no refunds"):
        RefundPusher(RefundDesk(SteppedClock()), object(), account="shop")


def test_the_desk_is_a_channel() -> None:
    desk = RefundDesk(SteppedClock())
    assert isinstance(desk, SalesChannel)
    assert isinstance(desk, RefundChannel)


# --- answers that are lost --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fate", ["lost", "crash after"])
def test_a_lost_answer_never_gives_twice(fate: str) -> None:
    office = Office(plan=[fate])
    office.enqueue(gesture(reference="G"))
    with suppress(Crash):
        office.push()
    assert office.state("G") in (TaskState.UNKNOWN, TaskState.SENDING)
    office.settle()
    assert office.state("G") == TaskState.CONFIRMED
    assert office.desk.given("G") == 1


@pytest.mark.parametrize("fate", ["lost before", "crash before"])
def test_what_was_not_made_is_made_after_two_readings(fate: str) -> None:
    office = Office(plan=[fate])
    office.enqueue(gesture(reference="G"))
    with suppress(Crash):
        office.push()
    office.push(10)
    assert office.desk.given("G") == 0
    office.settle()
    assert (office.state("G"), office.desk.given("G")) == (TaskState.CONFIRMED, 1)


@pytest.mark.parametrize("fate", ["lost before", "lost"])
def test_a_list_that_is_not_complete_leaves_what_it_does_not_show_to_a_person(fate: str) -> None:
    office = Office(plan=[fate], complete=False, late=timedelta(days=1))
    office.enqueue(gesture(reference="G"))
    office.settle()
    row = office.row("G")
    assert (row.task.state, row.task.code) == (TaskState.STUCK, "unsettled")
    assert office.desk.calls == 1


def test_a_list_that_cannot_be_read_settles_nothing() -> None:
    office = Office(plan=["lost"], unreadable=True)
    office.enqueue(gesture(reference="G"))
    for _ in range(5):
        office.push(30)
    assert office.state("G") == TaskState.UNKNOWN
    office.desk.unreadable = False
    office.push()
    assert (office.state("G"), office.desk.given("G")) == (TaskState.CONFIRMED, 1)


def test_an_older_refund_of_the_same_content_is_not_taken_for_this_one() -> None:
    office = Office(plan=["given", "lost before"])
    office.enqueue(gesture(reference="first"))
    office.push()
    office.clock.advance(CLOCK_DISORDER + 10 * MINUTE)
    office.enqueue(gesture(reference="second"))
    office.settle()
    assert (office.desk.given("first"), office.desk.given("second")) == (1, 1)


def test_two_that_may_be_ours_go_to_a_person() -> None:
    office = Office(plan=["given", "lost"])
    office.enqueue(gesture(reference="first"), gesture(reference="second"))
    office.settle()
    assert office.state("second") == TaskState.STUCK
    assert "2 refunds" in str(office.row("second").task.message)
    assert office.desk.calls == 2


def test_one_entry_confirms_one_refund_only() -> None:
    office = Office(plan=["lost", "lost before"])
    office.enqueue(gesture(reference="first"), gesture(reference="second"))
    office.settle()
    states = {office.state("first"), office.state("second")}
    assert states == {TaskState.STUCK}
    assert office.desk.calls == 2


def test_what_the_marketplace_turned_down_later_is_rejected() -> None:
    office = Office(plan=["lost"])
    office.enqueue(gesture(reference="G"))
    office.push()
    office.desk.entries[0].rejected = True
    office.settle()
    assert office.state("G") == TaskState.REJECTED


def test_a_marketplace_whose_clock_is_late_is_understood() -> None:
    office = Office(plan=["lost"], skew=-10 * MINUTE)
    office.enqueue(gesture(reference="G"))
    office.settle()
    assert (office.state("G"), office.desk.given("G")) == (TaskState.CONFIRMED, 1)


def test_a_request_that_did_not_leave_is_no_attempt() -> None:
    office = Office(plan=["not run"])
    office.enqueue(gesture(reference="G"))
    with pytest.raises(ConnectionLost):
        office.push()
    assert (office.state("G"), office.row("G").task.attempt) == (TaskState.PENDING, 0)
    assert office.push().confirmed == 1


@given(
    plan=st.lists(
        st.sampled_from(["given", "lost", "lost before", "crash before", "crash after", "not run", "rejected"]),
        max_size=8,
    ),
    late=st.integers(0, 90),
    skew=st.integers(-10, 10),
)
def test_no_amount_is_given_twice(plan: list[str], late: int, skew: int) -> None:
    office = Office(plan=list(plan), late=timedelta(seconds=late), skew=skew * MINUTE)
    office.enqueue(gesture("5.00", reference="a"), gesture("6.00", reference="b"), refund("L1", reference="c"))
    office.settle()
    for reference in "abc":
        given, state = office.desk.given(reference), office.state(reference)
        assert given <= 1
        assert state in (TaskState.CONFIRMED, TaskState.REJECTED, TaskState.STUCK)
        assert given == 1 if state == TaskState.CONFIRMED else given == 0 or state == TaskState.STUCK


def test_what_went_through_another_channel_is_not_given_again_for_its_silence() -> None:
    office = Office(plan=["lost before"])
    office.enqueue(gesture(reference="G"))
    office.push()
    office.desk.name = "successor"
    office.settle()
    assert (office.state("G"), office.row("G").channel) == (TaskState.STUCK, "model")
    assert office.desk.calls == 1


# --- several workers, and persons -------------------------------------------------------------------------------------


def test_one_worker_gives_money_back_at_a_time() -> None:
    office = Office()
    office.enqueue(gesture())
    office.oms.acquire("shop", "refund", "other", 10 * MINUTE)
    with pytest.raises(LeaseBusy):
        office.pusher().run()
    assert office.desk.calls == 0


def test_a_person_tries_withdraws_or_confirms_what_is_stuck() -> None:
    office = Office(plan=["lost before"] * 3, complete=False)
    office.enqueue(*(gesture(reference=name) for name in ("again", "never", "done")))
    for _ in range(3):
        office.push(30)
    assert {office.state(name) for name in ("again", "never", "done")} == {TaskState.STUCK}
    now = office.clock.now()
    retry_refund(office.oms, "shop", "A1", "again", now=now)
    cancel_refund(office.oms, "shop", "A1", "never", now=now)
    confirm_refund(office.oms, "shop", "A1", "done", now=now)
    office.push()
    assert [office.state(name) for name in ("again", "never", "done")] == ["confirmed", "cancelled", "confirmed"]
    assert [office.desk.given(name) for name in ("again", "never", "done")] == [1, 0, 0]


def test_a_person_says_which_of_several_refunds_is_meant() -> None:
    office = Office()
    office.enqueue(gesture(reference="a"), gesture(reference="b"))
    with pytest.raises(InvalidRequest, match="a, b"):
        cancel_refund(office.oms, "shop", "A1", now=office.clock.now())
    with pytest.raises(NotRecorded):
        cancel_refund(office.oms, "shop", "A2", now=office.clock.now())


def test_what_is_under_way_is_not_confirmed_by_hand() -> None:
    office = Office(plan=["lost"])
    office.enqueue(gesture(reference="G"))
    office.push()
    with pytest.raises(InvalidRequest, match="under way"):
        confirm_refund(office.oms, "shop", "A1", now=office.clock.now())


def test_a_withdrawn_refund_is_not_queued_again_beside_another_of_its_lines() -> None:
    office = Office()
    office.enqueue(refund("L1", reference="old"))
    cancel_refund(office.oms, "shop", "A1", now=office.clock.now())
    office.enqueue(refund("L1", reference="new"))
    with pytest.raises(InvalidRequest, match="new gives back"):
        retry_refund(office.oms, "shop", "A1", "old", now=office.clock.now())


def test_every_move_is_told_with_its_reference() -> None:
    office = Office()
    office.enqueue(gesture(reference="G"))
    office.push()
    told = [event for event in office.events if isinstance(event, TaskMoved)]
    moves = [(event.job, event.reference, event.before, event.after) for event in told]
    assert moves == [("refund", "G", "pending", "sending"), ("refund", "G", "sending", "confirmed")]
