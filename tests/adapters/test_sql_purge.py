"""Forgetting customers: nothing that names a person stays, and nothing that the books need goes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

from cdiscount_marketplace.adapters.sql import OrderRecord, PurgeReport, SqlOms
from cdiscount_marketplace.models import OrderStatus, SalesOrder
from cdiscount_marketplace.oms.ports import ChangeKind, PackageState, TaskState
from cdiscount_marketplace.testing.contracts.offers import offer_package
from cdiscount_marketplace.testing.contracts.samples import (
    ACCOUNT,
    MINUTE,
    NOON,
    change,
    decision,
    order,
    quarantined,
    shipment,
)

LATER = NOON + timedelta(days=400)
NOTHING = PurgeReport(orders=0, quarantine=0, history=0)


def _save(oms: SqlOms, saved: SalesOrder, digest: str = "d1") -> None:
    oms.save(ACCOUNT, saved, saved, change(digest, kind=ChangeKind.UPDATED))


def _record(oms: SqlOms, number: str) -> OrderRecord:
    record = oms.show_order(ACCOUNT, number)
    assert record is not None
    return record


@pytest.mark.parametrize(
    "status",
    [
        OrderStatus.SHIPPED,
        OrderStatus.DELIVERED,
        OrderStatus.REFUSED,
        OrderStatus.SHIPMENT_REFUSED,
        OrderStatus.CANCELLED,
    ],
)
def test_a_finished_order_loses_its_customer_and_keeps_its_numbers(oms: SqlOms, status: OrderStatus) -> None:
    _save(oms, order("A1", status=status))
    assert oms.purge(LATER) == PurgeReport(orders=1, quarantine=0, history=0)
    record = _record(oms, "A1")
    expected = order("A1", status=status, customer=None, billing_address=None, shipping_address=None)
    assert record.order == expected
    assert record.order.total == Decimal("21.00")
    assert record.purged_at is not None


@pytest.mark.parametrize("status", [OrderStatus.WAITING_SHIPMENT, OrderStatus.ACCEPTED, OrderStatus("never_seen")])
def test_an_unfinished_order_keeps_its_customer(oms: SqlOms, status: OrderStatus) -> None:
    _save(oms, order("A1", status=status))
    assert oms.purge(LATER) == NOTHING
    assert _record(oms, "A1").order.customer is not None


@pytest.mark.parametrize(("older_than", "emptied"), [(NOON, 0), (NOON + MINUTE, 1)])
def test_age_counts_from_the_last_change(oms: SqlOms, older_than: object, emptied: int) -> None:
    _save(oms, order("A1", status=OrderStatus.SHIPPED, created_at=NOON - timedelta(days=900), modified_at=NOON))
    assert oms.purge(older_than).orders == emptied  # type: ignore[arg-type]


def test_purging_again_finds_nothing(oms: SqlOms) -> None:
    _save(oms, order("A1", status=OrderStatus.SHIPPED))
    oms.put_quarantine(ACCOUNT, quarantined())
    oms.purge(LATER)
    assert oms.purge(LATER) == NOTHING


def test_an_order_that_changes_after_its_purge_is_whole_until_the_next(oms: SqlOms) -> None:
    shipped = order("A1", status=OrderStatus.SHIPPED)
    _save(oms, shipped)
    oms.purge(LATER)
    _save(oms, evolve(shipped, status=OrderStatus.DELIVERED), "d2")
    assert _record(oms, "A1").order.customer is not None
    assert _record(oms, "A1").purged_at is None
    assert oms.purge(LATER).orders == 1


def test_a_quarantined_order_that_no_run_tries_any_more_loses_its_payload(oms: SqlOms) -> None:
    oms.put_quarantine(ACCOUNT, quarantined("old"))
    oms.put_quarantine(ACCOUNT, quarantined("young", last_seen=LATER))
    assert oms.purge(LATER).quarantine == 1
    old, young = oms.list_quarantine(ACCOUNT)
    assert (old.key, old.payload, old.code) == ("old", "", "unmappable")
    assert young == quarantined("young", last_seen=LATER)


def test_history_keeps_what_happened_and_forgets_what_was_said(oms: SqlOms) -> None:
    _save(oms, order("A1", status=OrderStatus.SHIPPED))
    oms.swap_shipment(ACCOUNT, None, shipment())
    oms.swap_shipment(
        ACCOUNT, shipment(), shipment(version=2, state=TaskState.REJECTED, code="E", message="M. Dupont refuse")
    )
    assert oms.purge(LATER).history == 1
    told = [(entry.subject, entry.after, entry.detail) for entry in _record(oms, "A1").history]
    assert told == [("order", "shipped", None), ("shipment", "pending", None), ("shipment", "rejected", None)]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (TaskState.REJECTED, None),
        (TaskState.CONFIRMED, None),
        (TaskState.CANCELLED, None),
        (TaskState.STUCK, "M. Dupont refuse"),
        (TaskState.UNKNOWN, "M. Dupont refuse"),
    ],
)
def test_what_was_said_of_a_row_that_has_ended_is_forgotten(oms: SqlOms, state: TaskState, said: str | None) -> None:
    oms.swap_shipment(ACCOUNT, None, shipment(state=state, code="E", message="M. Dupont refuse"))
    oms.swap_decision(ACCOUNT, None, decision(state=state, code="E", message="M. Dupont refuse"))
    oms.purge(NOON - MINUTE)
    assert [row.task.message for row in oms.list_shipments(ACCOUNT)] == ["M. Dupont refuse"]
    oms.purge(LATER)
    tasks = [oms.list_shipments(ACCOUNT)[0].task, oms.list_decisions(ACCOUNT)[0].task]
    assert [(task.state, task.code, task.message) for task in tasks] == [(state, "E", said)] * 2


def test_one_customers_answers_are_forgotten_in_any_state(oms: SqlOms) -> None:
    _save(oms, order("A1", "A1-bis"))
    for key in ("A1", "B1"):
        oms.swap_shipment(ACCOUNT, None, shipment(key, state=TaskState.STUCK, message="M. Dupont refuse"))
    oms.forget_customer(ACCOUNT, "A1-bis")
    assert [row.task.message for row in oms.list_shipments(ACCOUNT)] == [None, "M. Dupont refuse"]


def test_one_customer_is_forgotten_at_once_and_nobody_else(oms: SqlOms) -> None:
    for number in ("A1", "B1"):
        _save(oms, order(number, f"{number}-bis"))
        oms.put_quarantine(ACCOUNT, quarantined(number))
    assert oms.forget_customer(ACCOUNT, "A1-bis") == PurgeReport(orders=1, quarantine=1, history=0)
    assert _record(oms, "A1").order.customer is None
    assert _record(oms, "B1").order.customer is not None
    assert [bool(entry.payload) for entry in oms.list_quarantine(ACCOUNT)] == [False, True]


def test_an_order_that_is_only_in_quarantine_is_forgotten_too(oms: SqlOms) -> None:
    oms.put_quarantine(ACCOUNT, quarantined("Q1"))
    assert oms.forget_customer(ACCOUNT, "Q1") == PurgeReport(orders=0, quarantine=1, history=0)


def test_nothing_of_a_purged_customer_is_left_in_the_file(sqlite_url: str, tmp_path: Path) -> None:
    with SqlOms(sqlite_url) as oms:
        _save(oms, order("A1", status=OrderStatus.SHIPPED))
        oms.put_quarantine(ACCOUNT, quarantined(payload='{"name": "Hôte-Đặng"}'))
        assert "Hôte-Đặng".encode() in _bytes(tmp_path)
        oms.purge(LATER)
        assert "Hôte-Đặng".encode() not in _bytes(tmp_path)


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_a_customer_is_forgotten_by_any_number_of_an_order_that_is_in_quarantine_only(oms: SqlOms) -> None:
    entry = quarantined("R1", identities=("R1", "id-1"), payload='{"name": "Durand"}')
    oms.put_quarantine(ACCOUNT, entry)
    assert oms.forget_customer(ACCOUNT, "id-1").quarantine == 1
    assert [kept.payload for kept in oms.list_quarantine(ACCOUNT)] == [""]


def test_finished_packages_of_offers_go_and_open_ones_stay(oms: SqlOms) -> None:
    for state in PackageState.values():
        oms.swap_package(ACCOUNT, None, offer_package(state, state=state))
    assert oms.purge(NOON).packages == 0
    assert oms.purge(LATER).packages == 2
    assert {package.state for package in oms.list_packages(ACCOUNT)} == {"created", "filled", "ready"}
