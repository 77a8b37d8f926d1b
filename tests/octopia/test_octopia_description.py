"""Client, sandbox and description of the REST API say the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from openapi_core.validation.request.exceptions import RequestValidationError
from openapi_core.validation.schemas import oas31_schema_validators_factory
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cdiscount_marketplace.channels.octopia.channel import OctopiaChannel
from cdiscount_marketplace.models import Decision, OrderQuery, OrderStatus, OutcomeStatus, Shipment, Verdict
from cdiscount_marketplace.octopia import OctopiaClient, codec, invoices, offers, products
from cdiscount_marketplace.octopia.discussions import Attachment, DiscussionFilter, Graduation, ProcessStatus
from cdiscount_marketplace.octopia.discussions import models as discussions
from cdiscount_marketplace.octopia.invoices import ImportStatus
from cdiscount_marketplace.octopia.offers import OfferFilter, OfferState, PackageState, PackageType
from cdiscount_marketplace.octopia.orders import models as orders
from cdiscount_marketplace.octopia.orders.cancellations import LineCancellation
from cdiscount_marketplace.octopia.orders.gestures import GestureFilter
from cdiscount_marketplace.octopia.orders.models import LineStatus, OrderFilter, OrderParcel, SupplyMode
from cdiscount_marketplace.octopia.orders.models import OrderStatus as Wire
from cdiscount_marketplace.octopia.products import ReportStatus
from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.sandbox.octopia.commands import REASONS
from cdiscount_marketplace.sandbox.octopia.handlers import HANDLERS, SELLER_ID
from cdiscount_marketplace.sandbox.states import State
from support.octopia_bodies import full_offer, new_product, order_body
from support.octopia_contract import DESCRIPTION, CheckedAdapter, description

pytestmark = pytest.mark.slow

PDF = b"%PDF-1.7 invoice"

DOCUMENT = yaml.safe_load(DESCRIPTION.read_text())
OPERATIONS = {f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods}


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def checked(sandbox: Sandbox) -> Iterator[OctopiaClient]:
    session = sandbox.session()
    inner = session.get_adapter("https://")
    session.mount("https://", CheckedAdapter(inner, sandbox.octopia_base_url))
    with sandbox.octopia_client(session=session) as client:
        yield client


def test_the_sandbox_answers_what_is_described_and_nothing_else() -> None:
    assert set(HANDLERS) == OPERATIONS


@pytest.mark.parametrize(
    ("name", "enum"), [("OrderStatus", Wire), ("LineStatus", LineStatus), ("SupplyMode", SupplyMode)]
)
def test_the_enumerations_are_the_described_ones(name: str, enum: type[Wire | LineStatus | SupplyMode]) -> None:
    assert [str(value) for value in enum.values()] == DOCUMENT["components"]["schemas"][name]["enum"]


SHAPES = (
    (orders.Order, "Order"),
    (orders.OrderLine, "OrderLine"),
    (orders.Address, "Address"),
    (orders.Offer, "Offer"),
    (orders.Delivery, "Delivery"),
    (orders.OfferPrice, "OfferPrice"),
    (orders.SellingPrice, "SellingPrice"),
    (orders.TotalPrice, "TotalPrice"),
    (orders.Commission, "Commission"),
    (orders.Tax, "Tax"),
    (orders.Named, "Named"),
    (orders.OrderParcel, "ParcelDeclaration"),
    (orders.ApprovalBody, "Approval"),
    (LineCancellation, "PartialCancellation.lines.items"),
    (offers.OfferRequest, "OfferRequest"),
    (offers.RequestedPrice, "RequestedPrice"),
    (offers.RequestedProduct, "OfferRequest.product"),
    (offers.OfferTax, "OfferTax"),
    (offers.DeliveryModeCost, "DeliveryModeCost"),
    (offers.OfferPackage, "OfferPackage"),
    (offers.OfferRequestResult, "OfferResult"),
    (offers.ResultLine, "OfferResult.results.items"),
    (offers.PublishedOffer, "PublishedOffer"),
    (offers.ShownPrice, "ShownPrice"),
    (invoices.InvoiceImport, "InvoiceImport"),
    (invoices.ImportedFile, "ImportedFile"),
    (invoices.InvoiceDocument, "InvoiceDocument"),
    (products.Category, "Category"),
    (products.CategoryProperty, "CategoryProperty"),
    (products.Product, "Product"),
    (products.ProductRequest, "ProductRequest"),
    (products.ProductReport, "ProductReport"),
    (products.ReportError, "ProductReport.errors.items"),
    (products.Picture, "ProductRequest.sellerPictureUrls.items"),
    (products.ProductAttribute, "ProductRequest.attributes.items"),
    (discussions.Message, "Message"),
    (discussions.Sender, "User"),
    (discussions.Receiver, "User"),
    (discussions.Attachment, "Attachment"),
    (discussions.MessageRequest, "MessageRequest"),
    (discussions.DiscussionRequest, "DiscussionRequest"),
)


@pytest.mark.parametrize(("model", "place"), SHAPES)
def test_models_and_description_have_the_same_members(model: type, place: str) -> None:
    name, *path = place.split(".")
    schema = DOCUMENT["components"]["schemas"][name]
    for step in path:
        schema = schema["items"] if step == "items" else schema["properties"][step]
    assert {name for _, name, _ in codec._layout(model)} == set(schema["properties"])


def test_the_hand_written_order_is_as_described() -> None:
    order = description().spec / "components" / "schemas" / "Order"
    validator = oas31_schema_validators_factory.create(description().spec, order)
    validator.validate(order_body())


def test_everything_that_the_client_sends_is_as_described(sandbox: Sandbox, checked: OctopiaClient) -> None:
    waiting, paid = sandbox.place(), sandbox.place(state=State.WAITING_SHIPMENT, lines=2)
    gone, other = sandbox.place(state=State.SHIPPED), sandbox.place(state=State.WAITING_SHIPMENT)
    orders, now = checked.orders, sandbox.clock.now()
    everything = OrderFilter(
        statuses=(Wire.IN_PREPARATION, Wire.SHIPPED),
        reference=paid.number,
        sales_channel_id="CDISFR",
        supply_mode=SupplyMode.SELLER,
        business_order=False,
        shipping_country="FR",
        created_at_min=now - timedelta(days=1),
        created_at_max=now,
        updated_at_min=now - timedelta(days=1, microseconds=1),
        updated_at_max=now,
    )
    assert len(orders.list(everything)) == orders.count(everything) == 1
    assert orders.list(OrderFilter(shipped_at_min=now - timedelta(days=1), shipped_at_max=now))
    channel = OctopiaChannel(checked)
    assert len(channel.fetch(OrderQuery(statuses=OrderStatus.values()))) == 4
    accepted = channel.decide([Decision(key=waiting.number, verdict=Verdict.ACCEPT)])
    shipped = channel.ship([Shipment(key=paid.number, carrier="Colissimo", tracking_number="6A123")])
    assert {outcome.status for outcome in (*accepted, *shipped)} == {OutcomeStatus.CONFIRMED}
    assert list(orders.cancellation_requests(gone.order_id)) == []
    reason = orders.cancellation_reasons(order_status=Wire.SHIPPED)[0].code
    orders.cancel(other.order_id, reason=reason or "", refund_shipping=True)
    line = orders.get(gone.order_id).lines[0]
    cancelled = LineCancellation(line_id=line.order_line_id, reason=reason, shipping_cost_refund=False)
    orders.gestures.create(gone.order_id, amount=Decimal("0.5"), reason="Other", reason_details="late")
    orders.cancel_lines(gone.order_id, [cancelled])
    sandbox.advance(timedelta(seconds=3))
    [gesture] = orders.gestures.iter(GestureFilter(order_id=gone.order_id, created_at_min=now))
    orders.gestures.get(gesture.request_id or "")
    orders.gestures.available(gone.order_id)
    orders.gestures.configuration()
    use_offers(sandbox, checked)
    use_discussions(sandbox, checked)
    use_invoices(sandbox, checked)
    use_products(sandbox, checked)
    use_open_calls(checked)
    checked.sellers.information()
    checked.sellers.addresses()
    checked.sellers.subscriptions()
    checked.sellers.indicators()
    assert {call.operation for call in sandbox.calls()} - {"Token"} == OPERATIONS


def use_offers(sandbox: Sandbox, checked: OctopiaClient) -> None:
    """Call every operation of the offers, with every member."""
    packages = checked.offers.packages
    package_id = packages.create(PackageType.UPSERT)
    packages.add(package_id, [full_offer("SKU-1")], kind=PackageType.UPSERT)
    sandbox.advance(timedelta(minutes=1))
    packages.ready(package_id)
    sandbox.advance(timedelta(minutes=5))
    assert packages.get(package_id).state == PackageState.INTEGRATED
    assert [one.package_id for one in packages.iter(state=PackageState.INTEGRATED, sales_channel_id="CDISFR")] == [
        package_id
    ]
    assert [one.integrated for one in packages.results(package_id)] == [True]
    everything = OfferFilter(
        seller_external_references=["SKU-1"],
        gtins=["3701234567890"],
        states=[OfferState.ACTIVE],
        updated_at_min=sandbox.clock.now() - timedelta(days=1),
        fields=["quantity"],
    )
    assert [offer.quantity for offer in checked.offers.iter(everything)] == [5]
    assert list(checked.offers.iter(OfferFilter(feedback=True, offer_ids=["98979_3701234567890_New_CDISFR"])))


def use_discussions(sandbox: Sandbox, checked: OctopiaClient) -> None:
    """Call every operation of discussions and messages, with every member."""
    order = sandbox.place(state=State.SHIPPED)
    asked = sandbox.ask_as_customer(order.number, "Le colis est arrivé cassé.", claim=True)
    now = sandbox.clock.now()
    wanted = DiscussionFilter(
        discussion_id=asked.id,
        order_seller_id=order.order_id,
        is_open=True,
        process_status=ProcessStatus.TO_TREAT,
        sub_typology_code="broken-product",
        updated_at_min=now - timedelta(days=1),
        updated_at_max=now + timedelta(days=1),
        include_messages="LastMessage",
    )
    [discussion] = checked.discussions.iter(wanted)
    assert checked.discussions.count(DiscussionFilter(graduation=Graduation.CLAIM, is_open=True)) == 1
    photo = Attachment.of("photo.txt", b"a photo", "text/plain")
    checked.messages.answer(discussion, "Nous vous renvoyons le produit.", attachments=[photo])
    checked.messages.mark_read(discussion.messages[0].message_id or "")
    checked.discussions.open(
        order.order_id, subject="Votre colis", body="Il part demain matin.", sub_typology_code="late-delivery"
    )
    checked.discussions.close(asked.id)
    assert checked.discussions.get(asked.id).is_open is False


def use_invoices(sandbox: Sandbox, checked: OctopiaClient) -> None:
    """Call every operation of the invoices."""
    order = sandbox.place(state=State.SHIPPED)
    assert checked.invoices.upload(order.order_id, PDF).wait().status == ImportStatus.SUCCESS
    checked.invoices.upload_many({order.order_id: PDF, "nobody": PDF}).wait()
    assert [one.status for one in checked.invoices.imports()] == [ImportStatus.SUCCESS, ImportStatus.PARTIAL_SUCCESS]
    assert len(checked.invoices.documents(order.order_id)) == 1


def use_products(sandbox: Sandbox, checked: OctopiaClient) -> None:
    """Call every operation of the products, with every member of a new one."""
    wares = checked.products
    lamp = next(one for one in wares.categories.iter() if one.level == 3)
    reference = lamp.category_reference or ""
    assert wares.categories.count() > len(wares.categories.properties(reference)) > 0
    assert wares.categories.get(reference).label == lamp.label
    assert list(wares.brands())
    assert [one.gtin for one in wares.iter(gtin="3701234567890", category_reference=reference)] == ["3701234567890"]
    handle = wares.submit([new_product("3709999999999")], language="fr-FR")
    assert [report.status for report in handle.wait()] == [ReportStatus.INTEGRATED]
    assert len(wares.reports(gtin="3709999999999")) == 1
    assert wares.count() == 3


def use_open_calls(checked: OctopiaClient) -> None:
    """Call every operation that is known by name only."""
    money, goods, channel = checked.finance, checked.fulfilment, checked.configurations
    lists = (
        money.payments, money.operations, money.invoice_documents, money.reports, goods.inbound_shipments, goods.stocks,
        goods.stock_seller_references, goods.outbound_shipments, goods.returns, channel.typologies, channel.attachments,
    )  # fmt: skip
    assert all(list(call()) for call in lists)
    assert list(money.invoice_details("I-1"))
    counts = (
        money.payments_count, money.operations_count, goods.inbound_shipments_count, goods.outbound_shipments_count,
        goods.returns_count,
    )  # fmt: skip
    assert all(call() for call in counts)
    assert money.invoice_details_count("I-1") == 1
    files = (money.invoice_document, money.report_document, goods.delivery_note, goods.return_label)
    assert all(call("I-1").startswith(b"%PDF") for call in files)
    assert goods.inbound_shipment("IN-1")["storageCountry"] == "DE"
    assert goods.stock("S-1")["available"] == 12
    assert goods.outbound_shipment("OUT-1")["reference"] == "web-1"
    assert goods.return_("RET-1")["status"] == "Created"
    makers = (
        goods.declare_product, goods.create_inbound_shipment, goods.create_outbound_shipment,
        goods.cancel_outbound_shipment, goods.create_return,
    )  # fmt: skip
    assert all(call({"reference": "mine"})["reference"] == "mine" for call in makers)
    assert goods.outbound_cancellation("C-1")["status"] == "Accepted"
    assert channel.sales_channel()["salesChannelId"] == "CDISFR"
    assert "THD" in {mode.code for mode in channel.delivery_modes()}


def test_what_other_sources_spell_otherwise_is_described_too(sandbox: Sandbox, checked: OctopiaClient) -> None:
    shipped, cancelled = sandbox.place(state=State.WAITING_SHIPMENT), sandbox.place(state=State.WAITING_SHIPMENT)
    refunded, calls = sandbox.place(state=State.SHIPPED, lines=2), checked.orders
    for more in ({"isBusinessOrder": "false"}, {"sort": "asc:updatedAt"}, {"sort": "createdAt"}, {"desc": "updatedAt"}):
        assert len(calls.list(OrderFilter(more=more))) == 3
    calls.ship(shipped.order_id, [OrderParcel(parcel_number="6A123", carrier_name="Colissimo")], form="object")
    calls.cancel(cancelled.order_id, reason=REASONS[0], refund_shipping=True, order_key="orderId")
    line = LineCancellation(
        line_id=calls.get(refunded.order_id).lines[0].order_line_id, reason=REASONS[0], shipping_cost_refund=True
    )
    calls.cancel_lines(refunded.order_id, [line], order_key="orderId", refund_member="request")
    sandbox.advance(timedelta(seconds=3))
    states = [sandbox.order(order.number).state for order in (shipped, cancelled)]
    assert states == [State.SHIPPED, State.SHIPMENT_REFUSED]
    assert len(sandbox.order(refunded.number).refunds) == 1


def test_a_request_that_is_not_as_described_is_noticed(sandbox: Sandbox, checked: OctopiaClient) -> None:
    with pytest.raises(RequestValidationError):
        checked.orders.list(OrderFilter(statuses=(Wire("Bogus"),)))


SEEDED = Sandbox()
SEEDED.fill(5, over=timedelta(hours=1))
ANSWERS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
api = schemathesis.openapi.from_path(DESCRIPTION)


@api.parametrize()
@settings(max_examples=15, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_sandbox_answers_anything_as_described(case: schemathesis.Case) -> None:
    account = SEEDED.accounts[0]
    token = SEEDED.tokens.issue(account.login, account.password)
    headers = {"Authorization": f"Bearer {token}", "SellerId": SELLER_ID}
    orders_placed = SEEDED.orders()
    drawn = str(case.path_parameters.get("orderId", ""))
    if len(drawn) % 2:
        case.path_parameters["orderId"] = orders_placed[len(drawn) % len(orders_placed)].order_id
    response = case.call(base_url=SEEDED.octopia_base_url, session=SEEDED.session(), headers=headers)
    case.validate_response(response, checks=ANSWERS)
