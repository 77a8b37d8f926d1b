"""Orders in, decisions and shipments out, as the commands and the page do it, against a local Cdiscount over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from pytest_django import Settings

from cdiscount_marketplace.sandbox import Fault, Sandbox
from cdiscount_marketplace.sandbox.effects import LoseAnswer
from orders.models import Decision, Order, OrderLine, QuarantinedOrder, Shipment
from orders.store import DjangoOms

WAITING = "WaitingForShipmentAcceptation"
PARCEL = {"carrier": "Colissimo", "tracking_number": "6A12345678901"}


@pytest.fixture(params=["soap", "octopia"])
def channel(request: pytest.FixtureRequest, settings: Settings) -> str:
    """Run a test through each of the two APIs."""
    settings.CDISCOUNT_CHANNEL = request.param
    return str(request.param)


def _import(marketplace: Sandbox) -> None:
    start = marketplace.clock.now() - timedelta(days=1)
    call_command("import_orders", "--start-from", start.isoformat())


@pytest.mark.usefixtures("channel")
def test_an_order_is_accepted_imported_and_shipped_once(marketplace: Sandbox, admin_client: Client) -> None:
    placed = marketplace.place(references=("LAMP-1",), quantity=2)
    call_command("accept_orders")
    marketplace.advance(timedelta(hours=1))
    for _ in range(2):
        _import(marketplace)
    order = Order.objects.get(status="waiting_shipment")
    assert [(line.sku, line.quantity) for line in OrderLine.objects.all()] == [("LAMP-1", 2)]

    for _ in range(2):
        response = admin_client.post(reverse("ship", args=[order.pk]), PARCEL)
        assert response.status_code == 302
        call_command("push_shipments")
    assert [one.tracking and one.tracking.number for one in marketplace.shipped(placed.number)] == [
        PARCEL["tracking_number"]
    ]
    assert Decision.objects.get().state == Shipment.objects.get().state == "confirmed"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("permissions", "code"),
    [
        (["view_order"], 403),
        (["view_order", "change_order", "change_shipment"], 403),
        (["view_order", "add_shipment"], 302),
    ],
    ids=["looks", "changes", "ships"],
)
def test_only_staff_who_may_add_shipments_ship(
    marketplace: Sandbox, client: Client, permissions: list[str], code: int
) -> None:
    marketplace.place(state=WAITING)
    _import(marketplace)
    user = User.objects.create_user("anna", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    page = reverse("ship", args=[Order.objects.get().pk])
    ships = code == 302
    assert (page in client.get(reverse("admin:orders_order_changelist")).content.decode()) is ships
    assert client.get(page).status_code == (200 if ships else 403)
    assert client.post(page, PARCEL).status_code == code
    assert Shipment.objects.count() == ships


def test_a_lost_answer_never_ships_twice(marketplace: Sandbox, admin_client: Client) -> None:
    placed = marketplace.place(state=WAITING)
    _import(marketplace)
    admin_client.post(reverse("ship", args=[Order.objects.get().pk]), PARCEL)
    marketplace.inject(Fault(LoseAnswer(hold=0), on="ValidateOrderList"))
    for _ in range(2):
        call_command("push_shipments")
    assert Shipment.objects.get().state == "unknown"
    assert len(marketplace.shipped(placed.number)) == 1

    # A later run reads what became of it, once the request can no longer be under way.
    Shipment.objects.update(give_up_at=now())
    call_command("push_shipments")
    assert Shipment.objects.get().state == "confirmed"
    assert len(marketplace.shipped(placed.number)) == 1


@pytest.mark.parametrize("missing", PARCEL)
def test_a_shipment_without_carrier_or_number_is_not_queued(
    marketplace: Sandbox, admin_client: Client, missing: str
) -> None:
    marketplace.place(state=WAITING)
    _import(marketplace)
    response = admin_client.post(reverse("ship", args=[Order.objects.get().pk]), PARCEL | {missing: " "})
    assert response.status_code == 200
    assert "This field is required" in response.content.decode()
    assert not Shipment.objects.exists()


def test_another_parcel_for_the_same_lines_is_refused(marketplace: Sandbox, admin_client: Client) -> None:
    marketplace.place(state=WAITING)
    _import(marketplace)
    page = reverse("ship", args=[Order.objects.get().pk])
    admin_client.post(page, PARCEL)
    response = admin_client.post(page, PARCEL | {"tracking_number": "6A2"})
    assert "another shipment is recorded" in response.content.decode()
    assert [row.tracking_number for row in Shipment.objects.all()] == [PARCEL["tracking_number"]]


def test_a_line_that_nobody_could_pick_keeps_only_its_order_out(marketplace: Sandbox) -> None:
    marketplace.place(state=WAITING, without_reference=True)
    good = marketplace.place(state=WAITING)
    _import(marketplace)
    assert [order.number for order in Order.objects.all()] == [good.number]
    assert QuarantinedOrder.objects.get().code == "unmappable"


def test_a_second_run_on_the_same_account_leaves_at_once(
    marketplace: Sandbox, store: DjangoOms, capsys: pytest.CaptureFixture[str]
) -> None:
    marketplace.place(state=WAITING)
    assert store.acquire("my-shop", "import", "another worker", timedelta(minutes=1))
    _import(marketplace)
    assert "another worker" in capsys.readouterr().out
    assert not Order.objects.exists()


@pytest.mark.usefixtures("marketplace")
def test_the_first_import_must_know_where_to_begin() -> None:
    with pytest.raises(CommandError, match="start_from"):
        call_command("import_orders")


@pytest.mark.parametrize(
    "model", ["order", "shipment", "decision", "quarantinedorder", "unseenorder", "checkpoint", "lease"]
)
def test_the_admin_shows_what_the_jobs_did(marketplace: Sandbox, admin_client: Client, model: str) -> None:
    marketplace.place(state=WAITING)
    _import(marketplace)
    assert admin_client.get(reverse(f"admin:orders_{model}_changelist")).status_code == 200
