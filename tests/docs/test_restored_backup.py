"""What the page on restoring a backup promises: an old copy of the store loses no order and doubles no shipment."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.errors import LeaseBusy, StoreFailed
from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.oms import cancel_shipment, free_lease
from cdiscount_marketplace.oms.ports import Company, TaskState
from cdiscount_marketplace.sandbox.orders import Order
from cdiscount_marketplace.sandbox.states import State
from support.two_channels import ACCOUNT, CHANNELS, Shop

HOUR = 60


class Day(Shop):
    """A shop's day on an SQLite file, on the virtual clock, with a copy that can be put back."""

    def __init__(self, channel: str, folder: Path) -> None:
        self.file, self.copy = folder / "oms.db", folder / "backup.db"
        super().__init__(channel, self._open)

    def _open(self, clock: Any) -> SqlOms:
        self._engine = _on_clock(f"sqlite:///{self.file}", clock.now)
        return SqlOms(self._engine, clock=clock)

    def back_up(self) -> None:
        with closing(sqlite3.connect(self.file)) as source, closing(sqlite3.connect(self.copy)) as target:
            source.backup(target)

    def restore(self) -> None:
        """Stop, put the copy in the place of the file, and start."""
        self._engine.dispose()
        for name in ("oms.db", "oms.db-wal", "oms.db-shm"):
            self.file.with_name(name).unlink(missing_ok=True)
        self.copy.rename(self.file)
        self.oms = self._open(self.sandbox.clock)

    def waiting(self) -> Order:
        return self.place(state=State.WAITING_SHIPMENT)

    def states(self) -> dict[str, str]:
        return dict(self.outbox())

    def stored(self) -> dict[str, str]:
        return {order.number: str(order.status) for order in self.orders()}


class CopiedWhile:
    """A channel during whose first call of a kind the store is copied, before the request leaves."""

    def __init__(self, channel: Any, call: str, copy: Callable[[], None]) -> None:
        self._channel, self._call, self._copy = channel, call, copy

    def __getattr__(self, name: str) -> Any:
        if name == self._call:
            self._call = ""
            self._copy()
        return getattr(self._channel, name)


def _on_clock(url: str, now: Callable[[], datetime]) -> Engine:
    def strftime(_form: str, _moment: str, *modifiers: str) -> str:
        at = now() + timedelta(seconds=sum(float(modifier.split()[0]) for modifier in modifiers))
        return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    engine = create_engine(url)
    event.listen(engine, "connect", lambda connection, _: connection.create_function("strftime", -1, strftime))
    return engine


@pytest.fixture(params=CHANNELS)
def day(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Day]:
    day = Day(request.param, tmp_path)
    yield day
    day.oms.close()


# --- shipments


def test_shipment_confirmed_after_the_backup_is_settled_and_not_shipped_twice(day: Day) -> None:
    order = day.waiting()
    day.pull()
    day.ship(order)
    day.back_up()
    day.push()
    assert day.states() == {order.number: "confirmed"}
    day.wait(8 * HOUR)
    day.restore()
    assert day.states() == {order.number: "pending"}
    day.settle()
    assert day.states() == {order.number: "confirmed"}
    assert day.applied() == {order.number: 1}


def test_shipment_that_was_being_sent_is_read_before_anything_is_sent(day: Day) -> None:
    order = day.waiting()
    day.pull()
    day.ship(order)
    day.channel = CopiedWhile(day.channel, "ship", day.back_up)
    day.push()
    day.restore()
    assert day.states() == {order.number: "sending"}
    day.settle()
    assert day.states() == {order.number: "confirmed"}
    assert day.applied() == {order.number: 1}


def test_shipment_queued_after_the_backup_is_missing_until_it_is_queued_again(day: Day) -> None:
    order = day.waiting()
    day.pull()
    day.back_up()
    day.ship(order)
    day.push()
    day.wait(HOUR)
    day.restore()
    assert day.states() == {}
    day.ship(order)
    day.settle()
    assert day.states() == {order.number: "confirmed"}
    assert day.applied() == {order.number: 1}


def test_shipment_not_sent_yet_goes_out_once(day: Day) -> None:
    order = day.waiting()
    day.pull()
    day.ship(order)
    day.back_up()
    day.restore()
    day.settle()
    assert day.states() == {order.number: "confirmed"}
    assert day.applied() == {order.number: 1}


def test_shipment_that_a_person_cancelled_after_the_backup_is_pending_again(day: Day) -> None:
    order = day.waiting()
    day.pull()
    day.ship(order)
    day.back_up()
    cancel_shipment(day.oms, ACCOUNT, order.number, now=day.sandbox.clock.now())
    day.restore()
    assert day.states() == {order.number: "pending"}
    cancel_shipment(day.oms, ACCOUNT, order.number, now=day.sandbox.clock.now())
    day.settle()
    assert day.applied() == {order.number: 0}


# --- orders


def test_order_imported_after_the_backup_that_still_waits_comes_in_again_once(day: Day) -> None:
    before = day.waiting()
    day.pull()
    day.back_up()
    after = day.waiting()
    day.wait(HOUR)
    day.pull()
    day.wait(8 * HOUR)
    day.restore()
    assert set(day.stored()) == {before.number}
    report = day.pull()
    assert report.imported == 1
    assert set(day.stored()) == {before.number, after.number}
    assert day.pull().imported == 0


@pytest.mark.parametrize("import_unseen", [False, True])
def test_order_imported_and_shipped_after_the_backup_is_recorded_or_imported_as_one_wants(
    day: Day, import_unseen: bool
) -> None:
    day.pull()
    day.back_up()
    order = day.waiting()
    day.wait(HOUR)
    day.pull()
    day.ship(order)
    day.push()
    day.wait(8 * HOUR)
    day.restore()
    report = day.pull(import_unseen=import_unseen)
    assert (report.imported, report.passed_unseen) == ((1, 0) if import_unseen else (0, 1))
    assert list(day.stored()) == ([order.number] if import_unseen else [])
    assert len(day.oms.list_unseen(ACCOUNT)) == (0 if import_unseen else 1)
    assert day.applied() == {order.number: 1}


def test_order_that_moved_on_after_the_backup_is_updated(day: Day) -> None:
    order = day.waiting()
    day.pull()
    day.back_up()
    day.ship(order)
    day.push()
    day.wait(8 * HOUR)
    day.restore()
    assert day.stored() == {order.number: str(OrderStatus.WAITING_SHIPMENT)}
    day.pull()
    assert day.stored() == {order.number: str(OrderStatus.SHIPPED)}


def test_own_tables_in_the_same_database_go_back_with_the_store(day: Day) -> None:
    order = day.waiting()
    day.pull()
    with closing(sqlite3.connect(day.file)) as own:
        own.execute("CREATE TABLE picking (number TEXT PRIMARY KEY)")
    day.back_up()
    with closing(sqlite3.connect(day.file)) as own, own:
        own.execute("INSERT INTO picking VALUES (?)", [order.number])
    day.restore()
    with closing(sqlite3.connect(day.file)) as own:
        assert own.execute("SELECT count(*) FROM picking").fetchone() == (0,)


def test_windows_since_the_backup_are_read_again(day: Day) -> None:
    day.pull()
    day.back_up()
    then = day.oms.load_checkpoint(ACCOUNT)
    day.wait(8 * HOUR)
    day.pull()
    now = day.oms.load_checkpoint(ACCOUNT)
    day.restore()
    assert day.oms.load_checkpoint(ACCOUNT) == then
    day.pull()
    again = day.oms.load_checkpoint(ACCOUNT)
    assert then
    assert now
    assert again
    assert again.cursor >= now.cursor > then.cursor


# --- decisions


def test_order_accepted_after_the_backup_is_accepted_once(day: Day) -> None:
    order = day.place()
    day.back_up()
    day.accept()
    day.wait(8 * HOUR)
    day.restore()
    for _ in range(8):
        day.accept()
        day.wait(30)
    assert len(day.sandbox.applied(order.number)) == 1


def test_decision_that_was_being_sent_is_settled(day: Day) -> None:
    order = day.place()
    channel, day.channel = day.channel, CopiedWhile(day.channel, "decide", day.back_up)
    day.accept()
    day.restore()
    day.channel = channel
    for _ in range(8):
        day.wait(30)
        day.accept()
    [row] = day.oms.list_decisions(ACCOUNT)
    assert row.task.state == TaskState.CONFIRMED
    assert len(day.sandbox.applied(order.number)) == 1


# --- leases, people, and what else is old


def test_lease_in_the_copy_ends_by_itself_or_is_freed(day: Day) -> None:
    assert day.oms.acquire(ACCOUNT, "import", "somebody", timedelta(minutes=10))
    day.back_up()
    day.restore()
    with pytest.raises(LeaseBusy):
        day.pull()
    free_lease(day.oms, ACCOUNT, "import")
    day.pull()


def test_job_that_was_not_stopped_writes_into_no_file(day: Day, tmp_path: Path) -> None:
    running = day.oms
    day.pull()
    day.back_up()
    day.file.unlink()
    day.copy.rename(day.file)
    with pytest.raises(StoreFailed) as caught:
        running.put_company(ACCOUNT, Company(retailer="Shop", supplier="Depot"))
    assert caught.value.code == "moved"


def test_customer_forgotten_after_the_backup_is_back_until_forgotten_again(day: Day) -> None:
    order = day.waiting()
    day.pull()
    day.back_up()
    day.oms.forget_customer(ACCOUNT, order.number)
    day.restore()
    [stored] = day.orders()
    assert stored.customer is not None
    day.oms.forget_customer(ACCOUNT, order.number)
    [stored] = day.orders()
    assert stored.customer is None
