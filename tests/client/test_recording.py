"""A cassette replays what was seen, offline and in order, and holds nothing secret or personal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from cdiscount_marketplace import MarketplaceClient, OrderFilter, OrderState
from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.errors import (
    ConfigurationError,
    HtmlAnswer,
    LoginRefused,
    NotAuthorized,
    OutcomeUnknown,
    UnsafeSession,
)
from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import HtmlPage, OmitResult
from cdiscount_marketplace.sandbox.tokens import Account
from cdiscount_marketplace.soap import Order
from cdiscount_marketplace.testing.cassettes import kept_elements
from cdiscount_marketplace.testing.recording import CassetteMismatch, Recorder, Replayer
from support.till import LOGIN, PASSWORD, client_of

WAITING = "WaitingForShipmentAcceptation"
STATES = OrderFilter(states=(OrderState.WAITING_FOR_SHIPMENT_ACCEPTATION,))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cassette.json"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


def recording(sandbox: Sandbox, path: Path) -> MarketplaceClient:
    session = Recorder(path, through=sandbox.session()).session()
    return client_of(sandbox, session=session, retry=RetryPolicy.never())


def replaying(path: Path) -> tuple[MarketplaceClient, Replayer]:
    replayer = Replayer(path)
    client = MarketplaceClient(username="any", password="any", session=replayer.session(), retry=RetryPolicy.never())
    return client, replayer


def public(order: Order) -> tuple[object, ...]:
    lines = [(line.seller_product_id, line.quantity, line.purchase_price) for line in order.order_lines]
    return order.order_number, order.order_state, order.creation_date, order.initial_total_amount, lines


def test_replayed_client_sees_what_the_recorded_one_saw(sandbox: Sandbox, path: Path) -> None:
    placed = [sandbox.place(state=WAITING, lines=2, relay=True) for _ in range(3)]

    def work(client: MarketplaceClient) -> list[object]:
        seen: list[object] = [public(order) for order in client.orders.list(STATES)]
        report = client.orders.ship(placed[0].number, carrier="UPS", tracking_number="1Z")
        refused = client.orders.refuse(placed[1].number)
        return [*seen, report, [(one.order_number, str(one.status), one.codes) for one in refused.results]]

    recorded = work(recording(sandbox, path))
    replayed_client, replayer = replaying(path)
    assert work(replayed_client) == recorded
    assert replayer.remaining == 0


def test_cassette_holds_nothing_secret_or_personal(sandbox: Sandbox, path: Path) -> None:
    sandbox.place(state=WAITING, relay=True)
    order = sandbox.place(state=WAITING)
    client = recording(sandbox, path)
    orders = client.orders.list(STATES)
    client.orders.ship(order.number, carrier="UPS", tracking_number="1Z", tracking_url="https://x.example/?zip=69001")
    client.sellers.information()
    told = path.read_text(encoding="utf-8")
    personal = {PASSWORD, LOGIN, "zip=69001", "Basic "}
    for read in orders:
        for person in (read.customer, read.billing_address, read.shipping_address):
            members = [getattr(person, name) for name in person.__slots__ if not name.startswith("__")]
            personal |= {str(value) for value in members if value and len(str(value)) > 2}
    assert len(personal) > 15
    assert [value for value in sorted(personal) if value in told and value != "N/A"] == []
    assert order.number in told


def test_asking_something_else_is_a_mismatch(sandbox: Sandbox, path: Path) -> None:
    first, second = sandbox.place().number, sandbox.place().number
    recording(sandbox, path).orders.get(first)
    client, replayer = replaying(path)
    with pytest.raises(CassetteMismatch, match="GetOrderList was sent with other content"):
        client.orders.get(second)
    with pytest.raises(CassetteMismatch, match="GetSellerIndicators was sent, but the cassette has GetOrderList"):
        client.sellers.indicators()
    assert replayer.remaining == 1


def test_asking_more_than_was_recorded_is_a_mismatch(sandbox: Sandbox, path: Path) -> None:
    recording(sandbox, path).carriers()
    client, _ = replaying(path)
    client.carriers()
    with pytest.raises(CassetteMismatch, match="no exchange left"):
        client.sellers.indicators()


def test_missing_right_is_replayed(path: Path) -> None:
    sandbox = Sandbox(accounts=[Account(login=LOGIN, password=PASSWORD, forbidden=frozenset({"GetOrderList"}))])
    for client in (recording(sandbox, path), None):
        asked = client or replaying(path)[0]
        with pytest.raises(NotAuthorized):
            asked.orders.list(STATES)


def test_web_page_is_replayed_as_one(sandbox: Sandbox, path: Path) -> None:
    sandbox.inject(Fault(HtmlPage(), on="GetOrderList"))
    for client in (recording(sandbox, path), None):
        asked = client or replaying(path)[0]
        with pytest.raises(HtmlAnswer):
            asked.orders.list(STATES)


def test_refused_login_is_replayed_as_one_also_where_a_page_comes_with_it(path: Path) -> None:
    class Gate(requests.adapters.BaseAdapter):
        def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
            response = requests.Response()
            response.status_code, response.request = 401, request
            response.headers.update({"Content-Type": "text/html", "WWW-Authenticate": 'Basic realm="Sentinel"'})
            response._content = b"<html>Sentinel</html>"
            return response

        def close(self) -> None:
            pass

    through = requests.Session()
    through.mount("https://", Gate())
    for session in (Recorder(path, through=through).session(), None):
        client = MarketplaceClient(username="any", password="any", session=session or Replayer(path).session())
        with pytest.raises(LoginRefused):
            client.orders.list(STATES)
    assert "Sentinel" not in path.read_text(encoding="utf-8")


def test_session_that_repeats_writes_is_not_recorded_through(path: Path) -> None:
    through = requests.Session()
    through.mount("https://", HTTPAdapter(max_retries=Retry(3, allowed_methods=None)))
    with pytest.raises(UnsafeSession):
        Recorder(path, through=through)


def test_folder_of_a_cassette_is_made(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "cassettes" / "carriers.json"
    recording(sandbox, path).carriers()
    assert path.exists()


def test_unknown_outcome_is_replayed(sandbox: Sandbox, path: Path) -> None:
    order = sandbox.place()
    sandbox.inject(Fault(OmitResult(), on="ValidateOrderList"))
    for client in (recording(sandbox, path), None):
        asked = client or replaying(path)[0]
        with pytest.raises(OutcomeUnknown):
            asked.orders.accept(order.number)


def test_unreadable_bodies_are_kept_as_their_kind_only(tmp_path: Path, path: Path) -> None:
    class Babbler(requests.adapters.BaseAdapter):
        def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
            response = requests.Response()
            response.status_code, response.request = 200, request
            response._content = b"name=Sentinel&token=Sentinel"
            return response

        def close(self) -> None:
            pass

    through = requests.Session()
    through.mount("https://", Babbler())
    session = Recorder(path, through=through).session()
    session.post("https://x.example/svc?key=Sentinel", data="token=Sentinel", headers={"X-Key": "Sentinel"})
    assert "Sentinel" not in path.read_text(encoding="utf-8")
    assert Replayer(path).session().post("https://x.example/svc", data="token=Other").text == "scrubbed"


def test_cassette_is_replaced_whole(sandbox: Sandbox, path: Path) -> None:
    recording(sandbox, path).carriers()
    recording(sandbox, path).carriers()
    assert len(json.loads(path.read_text(encoding="utf-8"))["exchanges"]) == 2
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"version": 9, "exchanges": []}', '{"version": 1, "exchanges": [{}]}']
)
def test_what_is_no_cassette_is_refused(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="cassette"):
        Replayer(path)


def test_list_of_what_is_kept_names_nobody() -> None:
    kept = {name for _, name in kept_elements()}
    private = {"FirstName", "LastName", "Street", "City", "ZipCode", "Phone", "MobilePhone", "Email", "EncryptedEmail"}
    hidden = {"TokenId", "UserName", "SellerLogin", "Login", "CustomerId", "TrackingUrl", "SiretNumber", "RelayId"}
    assert kept.isdisjoint(private | hidden)
    assert {"OrderNumber", "OrderState", "SellerProductId", "Quantity", "PurchasePrice", "TrackingNumber"} <= kept
