"""The operator's page is for staff, and acts for those who may change shipments."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from cdiscount_marketplace.oms import TaskState
from cdiscount_marketplace.testing.contracts.samples import ACCOUNT, change, order, shipment
from orders.store import DjangoOms


@pytest.fixture
def user(store: DjangoOms) -> User:
    """Give a member of the staff, a stored order and its queued shipment."""
    store.save(ACCOUNT, order("A1"), store.map(order("A1"), None), change("d1"))
    store.swap_shipment(ACCOUNT, None, shipment("A1"))
    return User.objects.create_user("anna", password="x", is_staff=True)


def forms(text: str) -> list[dict[str, str]]:
    """Return the hidden members of each form that changes something."""
    return [
        {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
        for form in re.findall(r'<form method="post".*?</form>', text, re.DOTALL)
    ]


def test_strangers_are_sent_to_the_login(user: User) -> None:
    answer = Client().get("/operators/")
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_staff_look_and_do_nothing(user: User) -> None:
    client = Client()
    client.force_login(user)
    assert ACCOUNT in client.get("/operators/").content.decode()
    page = client.get("/operators/tasks", {"account": ACCOUNT, "kind": "shipments"}).content.decode()
    assert "A1" in page
    assert forms(page) == []


def test_who_may_change_shipments_cancels_one_with_a_reason(user: User, store: DjangoOms) -> None:
    user.user_permissions.add(Permission.objects.get(codename="change_shipment"))
    client = Client()
    client.force_login(user)
    [form] = forms(client.get("/operators/tasks", {"account": ACCOUNT, "kind": "shipments"}).content.decode())
    answer = client.post("/operators/do", {**form, "reason": "came back"})
    assert answer.status_code == 303
    assert answer["Location"].startswith("/operators/tasks?")
    [row] = store.find_shipments(ACCOUNT, "A1")
    assert (row.task.state, row.task.message) == (TaskState.CANCELLED, "cancelled by anna: came back")
