"""The page and the admin API take no command from another site, and survive the end of time and odd numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests

from cdiscount_marketplace.sandbox import Sandbox, SandboxServer
from cdiscount_marketplace.sandbox.clock import LAST


@pytest.fixture(scope="module")
def server():
    with SandboxServer(Sandbox(allowed_hosts=["sandbox"]), port=0) as running:
        yield running


def command(server, **headers):
    return requests.post(f"{server.url}/admin/orders", json={}, headers=headers, timeout=10).status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_command_from_another_site_is_refused(server, headers):
    before = len(server.sandbox.orders())
    assert command(server, **headers) == 403
    assert len(server.sandbox.orders()) == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost:8077"},
        {"Host": "sandbox:8077"},
        {"Host": "[::1]:8077"},
        {"Host": "192.0.2.7"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
def test_ones_own_command_is_taken(server, headers):
    assert command(server, **headers) == 200


def test_a_page_of_ones_own_may_command(server):
    assert command(server, Origin=server.url) == 200


def test_a_foreign_name_is_shown_nothing(server):
    for path in ("/", "/admin/orders"):
        assert requests.get(server.url + path, headers={"Host": "evil.example"}, timeout=10).status_code == 403


def test_the_clock_stops_before_the_end_of_time():
    sandbox = Sandbox()
    sandbox.place(state="WaitingForShipmentAcceptation")
    session, url = sandbox.session(), "https://sandbox.invalid/admin/clock"
    years = [session.post(url, json={"seconds": 3650 * 86400}).status_code for _ in range(830)]
    assert set(years) == {200, 400}
    assert years[-1] == 400
    before = sandbox.clock.now()
    with pytest.raises(ValueError, match="9990"):
        sandbox.advance(LAST - before + timedelta(seconds=1))
    assert sandbox.clock.now() == before
    assert session.get("https://sandbox.invalid/").status_code == 200
    assert len(sandbox.client().orders.get(sandbox.orders()[0].number)) == 1


@pytest.mark.parametrize("number", ["A/B", "A/pay", "A?b", "A#b", "A%2Fb", "Ä b"])
def test_an_order_of_any_number_can_be_commanded(number):
    sandbox = Sandbox()
    sandbox.place(number=number, state="AcceptedBySeller")
    session, path = sandbox.session(), requests.utils.quote(number, safe="")
    url = f"https://sandbox.invalid/admin/orders/{path}"
    assert session.get(url).json()["number"] == number
    assert session.get(f"{url}/applied").status_code == 200
    assert session.post(f"{url}/pay").json()["number"] == number
