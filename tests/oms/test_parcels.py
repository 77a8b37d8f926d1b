"""Parcels: proof is per line, whole orders leave as one, and no line is shipped twice or under another's proof."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels import OctopiaChannel, SoapChannel
from cdiscount_marketplace.errors import InvalidRequest, ShipmentConflict
from cdiscount_marketplace.models import Fulfiller, LineStatus, OrderStatus, Parcel, SalesLine, Shipment
from cdiscount_marketplace.oms import (
    Change,
    ChangeKind,
    OrderImporter,
    ShipmentPusher,
    cancel_shipment,
    complete_shipment,
    retry_shipment,
)
from cdiscount_marketplace.oms.parcels import by_lines, proof_of, translated, uncovered
from cdiscount_marketplace.oms.ports import ShipmentTask, TaskState
from cdiscount_marketplace.oms.tasks import MAX_ATTEMPTS, Seen, new_task
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import DuplicateReference, MissingElements, UnknownValues
from support.model_channel import START, sales_order

FIRST, SECOND = "6A11111111111", "6A22222222222"
HOUR = timedelta(hours=1)


def line(line_id, status=LineStatus.ACCEPTED, *numbers, **more):
    parcels = tuple(Parcel(tracking_number=number) for number in numbers)
    return SalesLine(line_id=line_id, sku=f"SKU-{line_id}", quantity=1, status=status, parcels=parcels, **more)


def order(*lines, status=OrderStatus.WAITING_SHIPMENT):
    return evolve(sales_order("one", START), lines=lines, status=status)


def row(number=FIRST, lines=None, state=TaskState.PENDING):
    shipment = Shipment(key="one", carrier="Colissimo", tracking_number=number, lines=lines)
    return ShipmentTask(shipment=shipment, task=evolve(new_task("one", START), state=state))


A, B = line("A"), line("B")
SHIPPED_A = line("A", LineStatus.SHIPPED, FIRST)
REFUNDED_A = line("A", LineStatus.REFUNDED)


@pytest.mark.parametrize(
    ("shipment", "others", "shown", "seen", "noted"),
    [
        (row(), (), order(A, B), Seen.OPEN, None),
        (row(), (), order(SHIPPED_A, B), Seen.OPEN, None),
        (row(lines=["A"]), (), order(SHIPPED_A, B), Seen.DONE, None),
        (row(lines=["A", "gone"]), (), order(SHIPPED_A, B), Seen.OPEN, None),
        (row(lines=["gone"]), (), order(SHIPPED_A, status=OrderStatus.SHIPPED), Seen.DONE, "not show line gone"),
        (row(SECOND, ["B"]), (row(lines=["A"]),), order(SHIPPED_A, B), Seen.OPEN, None),
        (row(SECOND), (row(lines=["A"]),), order(SHIPPED_A, B), Seen.OPEN, None),
        (row(SECOND), (row(lines=["A"]),), order(A, line("B", LineStatus.SHIPPED, SECOND)), Seen.DONE, None),
        (row(), (), order(line("A", LineStatus.ACCEPTED, FIRST.lower()), status=OrderStatus.OTHER), Seen.DONE, None),
        (row(), (), order(line("A", LineStatus.UNKNOWN), status=OrderStatus.SHIPPED), Seen.DONE, None),
        (row(), (), order(line("A", LineStatus.SHIPPED, "OTHER")), Seen.DONE, "OTHER"),
        (row(), (), order(SHIPPED_A, line("B", LineStatus.CANCELLED)), Seen.DONE, "B was cancelled"),
        (row(), (), order(line("A", LineStatus.CANCELLED)), Seen.CLOSED, None),
        (row(), (), order(A, status=OrderStatus.CANCELLED), Seen.CLOSED, None),
        (row(), (), order(REFUNDED_A, status=OrderStatus.SHIPMENT_REFUSED), Seen.CLOSED, None),
        (row(), (), order(REFUNDED_A, status=OrderStatus.DELIVERED), Seen.DONE, None),
        (row(lines=["A"]), (), order(REFUNDED_A, B), Seen.CLOSED, None),
        (row(lines=["A"]), (), order(line("A", LineStatus.REFUNDED, FIRST), B), Seen.DONE, None),
        (row(), (), order(A, status=OrderStatus.ACCEPTED), Seen.NOT_YET, None),
        (row(), (), order(A, status=OrderStatus.OTHER), Seen.ABSENT, None),
        (row(), (), order(A, status=OrderStatus("never_seen")), Seen.ABSENT, None),
        (row(), (), order(SHIPPED_A, line("W", fulfilled_by=Fulfiller.MARKETPLACE)), Seen.DONE, None),
        (row(), (), order(status=OrderStatus.SHIPPED), Seen.DONE, None),
    ],
)
def test_a_shipment_is_judged_by_its_own_lines(shipment, others, shown, seen, noted):
    proof = proof_of(shipment, shown, others)
    assert proof.seen == seen
    assert noted is None or noted in (proof.note or "")


@pytest.mark.parametrize(
    ("named", "ids"),
    [
        (["A"], ("A",)),
        (["SKU-A", "B"], ("A", "B")),
        (["P", "P#2"], ("C", "D")),
        (["P#3"], None),
        (["gone"], None),
    ],
)
def test_lines_of_another_channel_are_known_by_their_references(named, ids):
    twins = [evolve(line(name), product_id="P") for name in "CD"]
    assert translated(named, order(A, B, *twins)) == ids


def test_what_parcels_leave_out_is_named():
    shown = order(A, B, line("C", LineStatus.CANCELLED), line("W", fulfilled_by=Fulfiller.MARKETPLACE))
    assert uncovered([row(lines=["A"])], shown) == ("B",)
    assert uncovered([row(lines=["A"]), row(SECOND)], shown) == ()


# --- the job ----------------------------------------------------------------------------------------------------------


class Warehouse:
    """An order of two lines on a marketplace of one's own, imported, and a pusher."""

    def __init__(self, channel, oms, sandbox):
        self.sandbox, self.oms, self.events = sandbox, oms, []
        self.placed = sandbox.place(state="WaitingForShipmentAcceptation", lines=2)
        start = sandbox.clock.now() - timedelta(days=1)
        self.channel = channel
        OrderImporter(channel, oms, account="shop", start_from=start, clock=sandbox.clock).run()
        self.ids = [line.line_id for line in channel.get([self.number])[0].lines]

    @property
    def number(self):
        return self.placed.number

    def pusher(self):
        return ShipmentPusher(
            self.channel, self.oms, account="shop", clock=self.sandbox.clock, hooks=[self.events.append]
        )

    def queue(self, number, *lines, **more):
        shipment = Shipment(key=self.number, carrier="Colissimo", tracking_number=number, lines=lines or None, **more)
        return self.pusher().enqueue(shipment)

    def push(self, times=1):
        for _ in range(times):
            report = self.pusher().run()
            self.sandbox.advance(HOUR)
        return report

    def states(self):
        return [str(row.task.state) for row in self.oms.find_shipments("shop", self.number)]

    def shipped(self):
        return len(self.sandbox.shipped(self.number))


@pytest.fixture(params=["soap", "octopia"])
def channel_of(request):
    if request.param == "soap":
        return lambda sandbox, **options: SoapChannel(sandbox.client(), **options)
    return lambda sandbox, **_options: OctopiaChannel(sandbox.octopia_client())


@pytest.fixture
def sandbox():
    return Sandbox()


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path, sandbox):
    if request.param == "memory":
        yield MemoryOms(clock=sandbox.clock)
        return
    with SqlOms(f"sqlite:///{tmp_path / 'oms.db'}", clock=sandbox.clock) as oms:
        yield oms


@pytest.fixture
def warehouse(channel_of, store, sandbox):
    return Warehouse(channel_of(sandbox), store, sandbox)


def test_a_parcel_waits_for_the_others_and_says_for_which(warehouse):
    first, second = warehouse.ids
    warehouse.queue(FIRST, first)
    assert warehouse.push(2).pending == 1
    [row] = warehouse.oms.list_shipments("shop")
    assert (row.task.state, row.task.attempt) == ("pending", 0)
    assert second in row.task.message
    assert warehouse.shipped() == 0


def test_parcels_that_cover_the_order_leave_as_one(warehouse):
    first, second = warehouse.ids
    warehouse.queue(FIRST, first)
    warehouse.push()
    warehouse.queue(SECOND, second)
    warehouse.push(3)
    assert warehouse.states() == ["confirmed", "confirmed"]
    assert warehouse.shipped() == 1
    noted = warehouse.oms.find_shipments("shop", warehouse.number)[1]
    assert FIRST in noted.task.message or noted.task.message.startswith("settled")


def test_the_rest_goes_with_a_parcel_that_names_its_lines(warehouse):
    warehouse.queue(FIRST, warehouse.ids[0])
    warehouse.queue(SECOND)
    warehouse.push(3)
    assert (warehouse.states(), warehouse.shipped()) == (["confirmed", "confirmed"], 1)


def test_an_operator_sends_an_incomplete_order_by_the_rule_of_the_channel(store, sandbox):
    warehouse = Warehouse(SoapChannel(sandbox.client(), rest="refuse"), store, sandbox)
    warehouse.queue(FIRST, warehouse.ids[0])
    warehouse.push()
    complete_shipment(store, "shop", warehouse.number, now=sandbox.clock.now())
    warehouse.push(2)
    assert (warehouse.states(), warehouse.shipped()) == (["confirmed"], 1)


def test_the_same_parcel_again_changes_nothing(warehouse):
    first = warehouse.queue(FIRST, warehouse.ids[0])
    assert warehouse.queue(FIRST, warehouse.ids[0]) == first
    assert len(warehouse.oms.list_shipments("shop")) == 1


@pytest.mark.parametrize("name", ["key", "carrier", "tracking_number", "parcel"])
@pytest.mark.parametrize("text", ["x" * 201, "6A\0", "6A\n", "6A\ud800"])
def test_what_no_store_can_keep_is_refused_before_it_is_queued(store, sandbox, name, text):
    shipment = Shipment(**{"key": "one", "carrier": "Colissimo", "tracking_number": FIRST, name: text})
    with pytest.raises(InvalidRequest) as refused:
        ShipmentPusher(SoapChannel(sandbox.client()), store, account="shop").enqueue(shipment)
    assert name in [problem.field for problem in refused.value.problems]
    assert not store.list_shipments("shop")


@pytest.mark.parametrize(("before", "after"), [([0], [0]), ([0, 1], [1]), ([], []), ([0], [0, 1])])
def test_lines_go_into_one_parcel_only(warehouse, before, after):
    warehouse.queue(FIRST, *(warehouse.ids[position] for position in before))
    with pytest.raises(ShipmentConflict):
        warehouse.queue(SECOND, *(warehouse.ids[position] for position in after))


def test_the_lines_of_a_cancelled_parcel_are_free_again(warehouse):
    warehouse.queue(FIRST, warehouse.ids[0])
    now = warehouse.sandbox.clock.now()
    cancel_shipment(warehouse.oms, "shop", warehouse.number, now=now)
    warehouse.queue(SECOND, *warehouse.ids)
    with pytest.raises(InvalidRequest, match="some of these lines"):
        retry_shipment(warehouse.oms, "shop", warehouse.number, FIRST, now=now)
    warehouse.push(2)
    assert (warehouse.states(), warehouse.shipped()) == (["cancelled", "confirmed"], 1)


def test_an_operator_says_which_of_several_parcels_is_meant(warehouse):
    warehouse.queue(FIRST, warehouse.ids[0])
    warehouse.queue(SECOND, warehouse.ids[1])
    now = warehouse.sandbox.clock.now()
    with pytest.raises(InvalidRequest, match="name one of them"):
        cancel_shipment(warehouse.oms, "shop", warehouse.number, now=now)
    cancel_shipment(warehouse.oms, "shop", warehouse.number, SECOND, now=now)
    assert warehouse.states() == ["pending", "cancelled"]


@pytest.mark.parametrize("named", [False, True], ids=["whole", "by lines"])
def test_a_shipment_under_another_number_ends_and_says_so(sandbox, named):
    warehouse = Warehouse(OctopiaChannel(sandbox.octopia_client()), MemoryOms(clock=sandbox.clock), sandbox)
    warehouse.queue(FIRST, *(warehouse.ids if named else ()))
    sandbox.client().orders.ship(warehouse.number, carrier="Colissimo", tracking_number=SECOND)
    report = warehouse.push()
    assert warehouse.states() == ["confirmed"]
    assert SECOND in report.notes[0].message
    assert [event.note for event in warehouse.events if type(event).__name__ == "ShipmentNoted"]
    assert warehouse.shipped() == 1


def test_a_row_of_the_old_channel_goes_out_on_the_new_one(store, sandbox):
    warehouse = Warehouse(SoapChannel(sandbox.client()), store, sandbox)
    warehouse.queue(FIRST, *warehouse.ids)
    warehouse.channel = OctopiaChannel(sandbox.octopia_client())
    warehouse.push(2)
    assert (warehouse.states(), warehouse.shipped()) == (["confirmed"], 1)


def test_lines_that_nobody_knows_any_more_are_kept_for_a_person(channel_of, sandbox):
    warehouse = Warehouse(channel_of(sandbox), MemoryOms(clock=sandbox.clock), sandbox)
    warehouse.queue(FIRST, "gone")
    report = warehouse.push(MAX_ATTEMPTS)
    assert [(problem.state, problem.code) for problem in report.problems] == [("stuck", "lines_unknown")]
    assert warehouse.shipped() == 0


def test_one_answer_that_shows_other_lines_asks_nobody(sandbox):
    warehouse = Warehouse(SoapChannel(sandbox.client()), MemoryOms(clock=sandbox.clock), sandbox)
    warehouse.queue(FIRST, warehouse.ids[0])
    warehouse.queue(SECOND, warehouse.ids[1])
    sandbox.inject(Fault(DuplicateReference(), on="GetOrderList"))
    warehouse.push(3)
    assert (warehouse.states(), warehouse.shipped()) == (["confirmed", "confirmed"], 1)


@pytest.mark.parametrize("damage", [UnknownValues(), MissingElements()], ids=lambda damage: type(damage).__name__)
def test_a_shipment_outlives_an_answer_in_which_its_lines_cannot_be_read(channel_of, sandbox, damage):
    warehouse = Warehouse(channel_of(sandbox), MemoryOms(clock=sandbox.clock), sandbox)
    warehouse.queue(FIRST)
    operation = "GET /orders" if isinstance(warehouse.channel, OctopiaChannel) else "GetOrderList"
    sandbox.inject(Fault(damage, on=operation, times=2))
    warehouse.push(4)
    assert (warehouse.states(), warehouse.shipped()) == (["confirmed"], 1)


def test_a_number_that_several_orders_bear_is_refused_with_their_own_numbers(store, sandbox):
    warehouse = Warehouse(OctopiaChannel(sandbox.octopia_client()), store, sandbox)
    known = store.find("shop", [warehouse.number])
    twin = evolve(sales_order("twin", START), identities=("id-2", f"shared:{warehouse.number}"), unique_id="id-2")
    store.save("shop", twin, twin, _change())
    with pytest.raises(InvalidRequest, match="id-2") as caught:
        warehouse.queue(FIRST)
    assert known.unique_id in str(caught.value)


def _change():
    return Change(kind=ChangeKind.IMPORTED, at=START, digest="d")


def test_a_shipment_refused_for_its_reference_is_queued_again_under_the_orders_own_number(store, sandbox):
    pusher = Warehouse(OctopiaChannel(sandbox.octopia_client()), store, sandbox).pusher()
    number = sandbox.orders()[0].number
    pusher.enqueue(Shipment(key=number, carrier="Colissimo", tracking_number=FIRST))
    (refused,) = store.list_shipments("shop")
    rejected = evolve(refused, task=evolve(refused.task, state=TaskState.REJECTED, version=2))
    assert store.swap_shipment("shop", refused, rejected)
    own = store.find("shop", [number]).unique_id
    for parcel in (FIRST, SECOND):
        queued = pusher.enqueue(Shipment(key=own, carrier="Colissimo", tracking_number=parcel, lines=(parcel,)))
        assert (queued.task.key, queued.task.state) == (own, "pending")


def test_an_open_line_of_an_order_that_says_shipped_is_open_where_parcels_leave_one_by_one():
    shown = by_lines(order(SHIPPED_A, B, status=OrderStatus.SHIPPED))
    assert proof_of(row(SECOND, lines=["B"]), shown, ()).seen == Seen.OPEN
    assert by_lines(order(A, B, status=OrderStatus.SHIPPED)).status == OrderStatus.SHIPPED


@pytest.mark.parametrize("number", ["A\0B", "A\nB", "..", "A\ud800", "\u2028"])
def test_a_number_that_no_request_can_carry_keeps_no_other_order_from_being_read(channel_of, sandbox, number):
    placed = sandbox.place(state="WaitingForShipmentAcceptation")
    shown = channel_of(sandbox).get([number, placed.number])
    assert [order.identities[0] for order in shown] == [placed.number]
