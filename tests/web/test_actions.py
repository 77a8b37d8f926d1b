"""What a person does is done once, with name and reason in the history, and only by those who may."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from cdiscount_marketplace.oms.ports import Task, TaskState
from cdiscount_marketplace.web.kinds import KINDS, TaskRow
from cdiscount_marketplace.web.returning import ACTIONS
from web.conftest import Office, now


def test_a_cancelled_shipment_keeps_who_did_it_and_why(office: Office) -> None:
    number = office.place()
    office.queue(number)
    browser = office.browser()
    form = browser.form("cancel", "/tasks", account="shop", kind="shipments")
    answer = browser.send(form, reason="the parcel came back")
    assert answer.status_code == 303
    assert f"Done: the shipment of {number} is cancelled." in browser.text(answer.location)
    [row] = office.oms.find_shipments("shop", number)
    assert row.task.state == TaskState.CANCELLED
    assert "cancelled by anna: the parcel came back" in browser.text("/order", account="shop", number=number)
    retry = browser.form("retry", "/order", account="shop", number=number)
    assert browser.send(retry).status_code == 303
    [again] = office.oms.find_shipments("shop", number)
    assert again.task.state == TaskState.PENDING


def test_what_a_job_changed_meanwhile_is_not_changed_again(office: Office) -> None:
    number = office.place()
    office.queue(number)
    browser = office.browser()
    form = browser.form("cancel", "/tasks", account="shop", kind="shipments")
    assert browser.send(form).status_code == 303
    late = browser.send(form)
    assert late.status_code == 400
    assert "cancelled" in late.text
    assert 'href="/tasks?account=shop&amp;kind=shipments"' in late.text


def test_an_action_leads_back_to_the_list_with_its_filter_and_place(office: Office) -> None:
    numbers = [office.place() for _ in range(3)]
    for number in numbers:
        office.queue(number)
    browser = office.browser()
    asked = {"account": "shop", "kind": "shipments", "state": "pending", "after": numbers[0]}
    answer = browser.send(browser.form("cancel", "/tasks", **asked))
    assert re.findall(r"(\w+)=([^&]*)", answer.location)[:4] == list(asked.items())
    second = browser.form("cancel", answer.location)
    again = browser.send(second)
    assert again.location.count("done=") == 1
    assert f"Done: the shipment of {second['key']} is cancelled." in browser.text(again.location)


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/tasks",
        "//evil.example/tasks",
        "/\\evil.example",
        "javascript:alert(1)",
        "/do",
        "tasks",
        "/%2f",
        "[",
    ],
)
def test_an_action_leads_to_no_page_but_ours(office: Office, back: str) -> None:
    office.queue(office.place())
    browser = office.browser()
    form = {**browser.form("cancel", "/tasks", account="shop", kind="shipments"), "back": back}
    assert browser.send(form).location.startswith("/account?account=shop&done=")
    assert 'href="/account?account=shop' in browser.send(form).text


def test_an_action_below_a_mount_leads_back_below_it(office: Office) -> None:
    office.queue(office.place())
    browser = office.browser()
    form = browser.form("cancel", "/tasks", account="shop", kind="shipments")
    answer = browser.client.post("/do", data={**form, "reason": "lost"}, base_url="https://oms.example/ops")
    assert answer.location.startswith("/ops/tasks?account=shop&kind=shipments&done=")


def test_every_action_has_its_words() -> None:
    verbs = {f"{kind.name}-{verb}" for kind in KINDS.values() for verb in kind.changes}
    assert set(ACTIONS) == verbs | {"quarantine-retry", "quarantine-discard", "leases-free"}


def test_an_invented_report_is_not_shown(office: Office) -> None:
    office.place()
    assert "Done" not in office.browser().text("/account", account="shop", done="your password has expired")


def test_a_refund_is_cancelled_by_its_reference(office: Office) -> None:
    number = office.place()
    office.give_back(number)
    browser = office.browser()
    form = browser.form("cancel", "/tasks", account="shop", kind="refunds")
    assert form["part"]
    assert browser.send(form).status_code == 303
    [row] = office.oms.find_refunds("shop", number)
    assert row.task.state == TaskState.CANCELLED


def test_a_quarantined_order_is_discarded_or_tried_again(office: Office) -> None:
    number = office.sandbox.place(state="WaitingForShipmentAcceptation").number
    office.refuses.add(number)
    office.pull()
    browser = office.browser()
    assert browser.send(browser.form("retry", "/quarantine", account="shop")).status_code == 303
    assert office.retried == ["shop"]
    [entry] = office.oms.list_quarantine("shop")
    form = browser.form("discard", "/entry", account="shop", key=entry.key, at=entry.first_seen.isoformat())
    discarded = browser.send(form, reason="a test order")
    assert discarded.status_code == 303
    assert office.oms.count_quarantine("shop") == 0
    assert f"Done: the order {number} is discarded" in browser.text(discarded.location)
    assert browser.send(form).status_code == 400


def test_a_retry_that_fails_says_so_without_quoting(office: Office) -> None:
    number = office.sandbox.place(state="WaitingForShipmentAcceptation").number
    office.refuses.add(number)
    office.pull()

    def fail(account: str) -> None:
        raise RuntimeError("hunter2")

    browser = office.browser(retry_quarantine=fail)
    answer = browser.send(browser.form("retry", "/quarantine", account="shop"))
    assert answer.status_code == 500
    assert "raised RuntimeError at test_actions.py" in answer.text
    assert "hunter2" not in answer.text


def test_a_lease_is_freed(office: Office) -> None:
    office.place()
    assert office.oms.acquire("shop", "ship", "worker-7", timedelta(minutes=5))
    browser = office.browser()
    assert browser.send(browser.form("free", "/account", account="shop")).status_code == 303
    assert list(office.oms.list_leases("shop")) == []


def test_nothing_is_done_without_a_reason(office: Office) -> None:
    number = office.place()
    office.queue(number)
    browser = office.browser()
    form = browser.form("cancel", "/tasks", account="shop", kind="shipments")
    for reason in ("", "  ", "x" * 501):
        assert browser.send(form, reason=reason).status_code == 400
    [row] = office.oms.find_shipments("shop", number)
    assert row.task.state == TaskState.PENDING


@pytest.mark.parametrize("change", [{"kind": "orders"}, {"verb": "explode"}, {"verb": "confirm"}, {"key": "unknown"}])
def test_a_form_that_asks_for_nothing_known_changes_nothing(office: Office, change: dict[str, str]) -> None:
    number = office.place()
    office.queue(number)
    browser = office.browser()
    form = browser.form("cancel", "/tasks", account="shop", kind="shipments")
    assert browser.send({**form, **change}).status_code == 400
    [row] = office.oms.find_shipments("shop", number)
    assert row.task.state == TaskState.PENDING


@pytest.mark.parametrize(
    ("code", "message", "shown"),
    [
        ("InvalidRequest", "N1.carrier: give one; N1.tracking: give one", "carrier: give one; tracking: give one"),
        ("OrderStateError", "the order is cancelled", "OrderStateError the order is cancelled"),
        ("StoreFailed", None, "StoreFailed"),
        (None, "cancelled by anna", "cancelled by anna"),
    ],
)
def test_an_answer_names_none_of_our_classes(code: str | None, message: str | None, shown: str) -> None:
    task = Task(key="N1", code=code, message=message, created_at=now(), updated_at=now())
    assert TaskRow(task=task, part=None, content="", actions=()).answer == shown
