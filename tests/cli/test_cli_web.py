"""The operator's page from the command line."""

from __future__ import annotations

import getpass
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import pytest
import requests

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.cli.web import operator_name
from cdiscount_marketplace.models import Shipment
from cdiscount_marketplace.oms import ShipmentPusher
from cdiscount_marketplace.oms.ports import TaskState
from cdiscount_marketplace.sandbox import Sandbox
from support.shell import Shell

WAITING = "WaitingForShipmentAcceptation"


@contextmanager
def page(*options: str) -> Iterator[str]:
    """Serve the page, and give its address."""
    command = [sys.executable, "-m", "cdiscount_marketplace.cli", "web", "--port", "0", *options]
    with subprocess.Popen(command, env={**os.environ}, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        try:
            found = re.search(r"http://[^ ]+/", running.stderr.readline())
            assert found is not None
            yield found[0]
        finally:
            running.send_signal(signal.SIGTERM)
            assert running.wait(timeout=30) == 0


@pytest.fixture
def number(shell: Shell, sandbox: Sandbox) -> str:
    """Give the number of an order whose shipment is queued."""
    placed = sandbox.place(state=WAITING)
    assert shell("pull").code == 0
    with SqlOms(shell.store) as oms:
        pusher = ShipmentPusher(SoapChannel(sandbox.client()), oms, account="my-shop")
        pusher.enqueue(Shipment(key=placed.number, carrier="UPS", tracking_number="1Z"))
    return str(placed.number)


def forms(text: str) -> list[dict[str, str]]:
    return [
        {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
        for form in re.findall(r'<form method="post".*?</form>', text, re.DOTALL)
    ]


def test_the_page_shows_the_store_and_acts_on_it(shell: Shell, number: str) -> None:
    with page() as url:
        assert "my-shop" in requests.get(url, timeout=10).text
        shown = requests.get(f"{url}tasks?account=my-shop&kind=shipments", timeout=10).text
        [form] = forms(shown)
        done = requests.post(f"{url}do", data={**form, "reason": "customer called"}, timeout=10)
        assert "Done: the shipment of" in done.text
        assert requests.get(url, headers={"Host": "evil.example"}, timeout=10).status_code == 403
    with SqlOms(shell.store) as oms:
        [row] = oms.find_shipments("my-shop", number)
        assert row.task.state == TaskState.CANCELLED


def test_quarantined_orders_are_tried_again_with_the_shells_login(shell: Shell, number: str) -> None:
    from cdiscount_marketplace.oms import order_to_json
    from cdiscount_marketplace.oms.ports import QuarantinedOrder

    with SqlOms(shell.store) as oms:
        record = oms.show_order("my-shop", number)
        assert record is not None
        entry = QuarantinedOrder(
            key=number,
            identities=(number,),
            code="unmappable",
            reason="none",
            payload=order_to_json(record.order),
            first_seen=record.saved_at,
            last_seen=record.saved_at,
        )
        oms.put_quarantine("my-shop", entry)
    with page() as url:
        [form] = forms(requests.get(f"{url}quarantine?account=my-shop", timeout=10).text)
        assert (
            "the quarantined orders were tried again"
            in requests.post(f"{url}do", data={**form, "reason": "fixed"}, timeout=30).text
        )
    with SqlOms(shell.store) as oms:
        assert oms.count_quarantine("my-shop") == 0


def test_a_read_only_page_offers_no_action(number: str) -> None:
    with page("--read-only") as url:
        text = requests.get(f"{url}tasks?account=my-shop&kind=shipments", timeout=10).text
    assert number in text
    assert forms(text) == []


def test_a_user_without_a_name_is_an_operator_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def getuser() -> str:
        raise KeyError("getpwuid(): uid not found: 10001")

    monkeypatch.setattr(getpass, "getuser", getuser)
    assert operator_name() == "operator"


def test_a_port_that_is_taken_is_a_typing_error(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = shell(f"web --port {taken.getsockname()[1]}")
    assert refused.code == 2
    assert "cannot listen at '127.0.0.1'" in refused.err
    assert "port 0 takes a free one" in refused.err


def test_without_a_store_there_is_no_page(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDISCOUNT_STORE", "sqlite:///nowhere.db")
    refused = shell("web")
    assert refused.code == 2
    assert "nowhere.db" in refused.err
