"""Identity: two orders are one only by a number that the marketplace makes unique, and nothing stored is ever lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdiscount_marketplace.adapters.memory import MemoryOms
from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.models import Lookup, OrderStatus, Reading
from cdiscount_marketplace.oms import OrderImporter
from cdiscount_marketplace.oms.identity import Match, apart, match
from cdiscount_marketplace.oms.ports import StoredOrder
from support.model_channel import START, SteppedClock, sales_order

MINUTE = timedelta(minutes=1)


def octopia(reference, order_id, **changes):
    """Build an order as Octopia shows it."""
    order = sales_order("?", START)
    numbers = tuple(number for number in (reference, order_id) if number)
    return evolve(order, channel="octopia", identities=numbers, unique_id=order_id, **changes)


def soap(number, **changes):
    """Build an order as the SOAP API shows it."""
    return evolve(sales_order(number, START), channel="soap", **changes)


def stored(*identities, unique_id=None):
    order = evolve(soap("?"), identities=identities, unique_id=unique_id)
    return StoredOrder.of(order, digest="d")


@pytest.mark.parametrize(
    ("order", "known", "verdict"),
    [
        (octopia("R", "1"), stored("R", "1", unique_id="1"), Match.SAME),
        (octopia("R2", "1"), stored("R", "1", unique_id="1"), Match.SAME),
        (octopia("R", "2"), stored("R", "1", unique_id="1"), Match.OTHER),
        (octopia("R", "1"), stored("R"), Match.SAME),
        (octopia("R", "1"), stored("1"), Match.SAME),
        (octopia("R", "1"), stored("R", "1"), Match.SAME),
        (octopia("R", "2"), stored("R", "1"), Match.EITHER),
        (octopia("R", "2"), stored("2", "shared:R", unique_id="2"), Match.SAME),
        (soap("R"), stored("R"), Match.SAME),
        (soap("R"), stored("R", "1", unique_id="1"), Match.SAME),
        (soap("R"), stored("R", "1"), Match.SAME),
    ],
)
def test_which_order_a_snapshot_is_of(order, known, verdict):
    assert match(order, known) == verdict


def test_an_order_whose_reference_is_taken_is_shown_under_its_own_number():
    order = apart(octopia("R", "2"))
    assert (order.identities, order.number, order.keys) == (("2", "shared:R"), "2", ("2",))


class Feed:
    """A channel that answers with what a test puts in, and knows no order by number."""

    name = "feed"
    settle_gap = write_limit = timedelta(0)
    write_chunk = 1

    def __init__(self):
        self.orders = []

    def fetch(self, query):
        return Reading(tuple(order for order in self.orders if order.status in query.statuses))

    def get(self, keys):
        return Lookup(())


class Account:
    """An account into which snapshots come, reading by reading."""

    def __init__(self, oms):
        self.oms, self.clock, self.feed = oms, SteppedClock(), Feed()

    def read(self, *orders):
        self.clock.advance(5 * MINUTE)
        self.feed.orders = list(orders)
        start = START - timedelta(days=1)
        return OrderImporter(self.feed, self.oms, account="shop", start_from=start, clock=self.clock).run()

    def found(self, *identities):
        return self.oms.find("shop", identities)


@pytest.fixture(params=["memory", "sqlite"])
def account(request, tmp_path):
    """Give an account in each kind of store."""
    yield from _accounts(request.param, tmp_path)


def _accounts(kind, folder):
    if kind == "memory":
        yield Account(MemoryOms())
        return
    with SqlOms(f"sqlite:///{folder / 'oms.db'}") as oms:
        yield Account(oms)


ONE, TWO = octopia("R", "1"), octopia("R", "2")


@pytest.mark.parametrize("readings", [[(ONE, TWO)], [(ONE,), (TWO,)], [(ONE,), (TWO,), (ONE, TWO), (TWO, ONE)]])
def test_two_orders_that_share_a_reference_stay_two(account, readings):
    imported = sum(account.read(*orders).imported for orders in readings)
    assert imported == 2
    assert account.found("1").unique_id == "1"
    assert account.found("2").unique_id == "2"
    assert not account.oms.list_quarantine("shop")


def test_updates_of_orders_that_share_a_reference_reach_their_own_order(account):
    account.read(ONE, TWO)
    later = START + timedelta(hours=1)
    account.read(evolve(TWO, status=OrderStatus.CANCELLED, modified_at=later))
    assert (account.found("1").status, account.found("2").status) == ("waiting_shipment", "cancelled")


def test_orders_without_a_reference_stay_apart(account):
    assert account.read(octopia("", "1"), octopia("", "2")).imported == 2


def test_an_account_that_goes_back_to_soap_asks_a_person_which_order_is_meant(account):
    account.read(ONE, TWO)
    report = account.read(soap("R", status=OrderStatus.CANCELLED))
    assert [entry.code for entry in report.quarantined_orders] == ["which_order"]
    assert account.found("1").status == account.found("2").status == "waiting_shipment"


def test_an_account_that_goes_back_to_soap_knows_its_orders_again(account):
    account.read(octopia("A", "1"))
    assert account.read(soap("A")).imported == 0
    assert account.found("1").unique_id == "1"


def test_an_order_that_came_over_soap_is_known_again_by_its_reference(account):
    account.read(soap("R"))
    assert account.read(ONE).imported == 0
    assert account.read(TWO).imported == 1
    assert account.found("R").unique_id == "1"


def test_two_candidates_for_an_order_that_came_over_soap_go_to_a_person(account):
    account.read(soap("R"))
    report = account.read(ONE, TWO)
    assert report.imported == 0
    assert sorted(entry.code for entry in report.quarantined_orders) == ["which_order"] * 2
    assert account.found("R").unique_id is None


def test_an_entry_in_quarantine_does_not_swallow_another_order_with_the_same_reference(account):
    bare = evolve(ONE, lines=())
    account.read(bare, evolve(TWO, lines=()))
    assert sorted(entry.key for entry in account.oms.list_quarantine("shop")) == ["2", "R"]
    assert account.read(ONE, TWO).imported == 2
    assert not account.oms.list_quarantine("shop")


def test_orders_that_passed_unseen_are_recorded_although_they_share_a_reference(account):
    shipped = [evolve(order, status=OrderStatus.SHIPPED) for order in (ONE, TWO)]
    assert account.read(*shipped).passed_unseen == 2
    assert account.read(*shipped).passed_unseen == 0


REFERENCES = st.sampled_from(["R", "S", "T", ""])
REAL = st.lists(REFERENCES, min_size=1, max_size=5)
STEPS = st.lists(st.tuples(st.lists(st.integers(0, 4), min_size=1, max_size=4), st.booleans()), min_size=1, max_size=8)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@given(references=REAL, steps=STEPS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_order_of_octopia_is_ever_lost_or_merged(kind, references, steps, tmp_path_factory):
    for account in _accounts(kind, tmp_path_factory.mktemp("identity")):
        seen = set()
        for positions, over_soap in steps:
            chosen = sorted({position for position in positions if position < len(references)})
            known = {position for position in chosen if position in seen and references[position]}
            if over_soap:
                account.read(*(_real(references, position, over_soap=True) for position in known))
            else:
                account.read(*(_real(references, position, over_soap=False) for position in chosen))
                seen.update(chosen)
        _ensure_each_once(account, seen)


def _real(references, position, *, over_soap):
    total = Decimal(position + 1)
    if over_soap:
        return soap(references[position], total=total)
    return octopia(references[position], f"id-{position}", total=total)


def _ensure_each_once(account, seen):
    held = {identity for entry in account.oms.list_quarantine("shop") for identity in entry.identities}
    for position in seen:
        order = account.found(f"id-{position}")
        assert order is not None or f"id-{position}" in held
        assert order is None or order.unique_id == f"id-{position}"


def test_an_order_without_its_unique_number_is_saved_over_no_other(account):
    account.feed.unique_numbers = True
    account.read(ONE)
    report = account.read(ONE, evolve(octopia("R", None), lines=()))
    assert (report.updated, report.quarantined) == (0, 1)
    assert account.found("R").unique_id == "1"


def test_a_new_order_is_not_saved_over_a_finished_one_with_its_reference(account):
    account.feed.orders = [soap("R")]
    account.read(soap("R"))
    account.read(soap("R", status=OrderStatus.SHIPPED))
    report = account.read(octopia("R", "2"))
    assert (report.updated, report.imported, report.quarantined) == (0, 0, 1)
    assert account.found("R").status == OrderStatus.SHIPPED


@pytest.mark.parametrize("ahead", [timedelta(days=365), timedelta(days=365 * 7900)])
def test_a_stamp_from_the_future_freezes_no_order(account, ahead):
    account.read(evolve(ONE, modified_at=START + ahead))
    account.clock.advance(timedelta(hours=1))
    cancelled = evolve(ONE, status=OrderStatus.CANCELLED, modified_at=account.clock.now())
    assert account.read(cancelled).updated == 1
    assert account.found("1").status == OrderStatus.CANCELLED
