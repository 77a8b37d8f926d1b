"""Every channel holds to the contract of the port: both of ours, and the one that the how-to builds."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import field, frozen

from cdiscount_marketplace.channels import OctopiaChannel, SoapChannel
from cdiscount_marketplace.models import OrderStatus
from cdiscount_marketplace.offers import Offer, OfferCondition, OfferDelivery, OfferTax
from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.testing.contracts import OfferChannelContract, SalesChannelContract
from support.pages import pages
from support.shelves import upload_to

STATES = {
    OrderStatus.WAITING_SHIPMENT: "WaitingForShipmentAcceptation",
    OrderStatus.WAITING_ACCEPTANCE: "WaitingForSellerAcceptation",
}


@frozen
class SandboxMarketplace:
    """A channel to a sandbox, and the sandbox."""

    channel: Any
    sandbox: Sandbox = field(repr=False)
    carrier: str = "Colissimo"

    def place(self, status: OrderStatus) -> str:
        if status == OrderStatus.CANCELLED:
            number = self.sandbox.place().number
            self.sandbox.cancel_as_customer(number)
            return number
        return self.sandbox.place(state=STATES[status]).number

    def times_shipped(self, number: str) -> int:
        return len(self.sandbox.shipped(number))


class TestSoapChannel(SalesChannelContract):
    """The SOAP API."""

    @pytest.fixture
    def marketplace(self) -> SandboxMarketplace:
        sandbox = Sandbox()
        return SandboxMarketplace(SoapChannel(sandbox.client()), sandbox)


class TestOctopiaChannel(SalesChannelContract):
    """The REST API."""

    @pytest.fixture
    def marketplace(self) -> SandboxMarketplace:
        sandbox = Sandbox()
        return SandboxMarketplace(OctopiaChannel(sandbox.octopia_client()), sandbox)


class TestChannelOfTheHowTo(SalesChannelContract):
    """The smallest channel there is."""

    @pytest.fixture
    def marketplace(self) -> Any:
        (page,) = [page for page in pages() if page.path.name == "add-a-sales-channel.md"]
        names: dict[str, Any] = {"__name__": "add_a_sales_channel"}
        exec(compile(page.program, str(page.path), "exec", dont_inherit=True), names)
        return names["TestShop"]()


@frozen
class SandboxShelf:
    """A channel to a sandbox that takes offers."""

    channel: Any
    sandbox: Sandbox = field(repr=False)
    delivery: str

    def offer(self, sku: str) -> Offer:
        return Offer(
            sku=sku,
            gtin="3701234567890",
            condition=OfferCondition.NEW,
            price=Decimal("9.90"),
            quantity=3,
            preparation_days=2,
            delivery_modes=(OfferDelivery(code=self.delivery, cost=Decimal("4.99")),),
            taxes=tuple(OfferTax(code=code, value=Decimal(0)) for code in ("vat", "ecotax", "deatax")),
        )

    def work(self) -> None:
        self.sandbox.advance(timedelta(minutes=20))

    def shelf(self) -> dict[str, Any]:
        return {offer.sku: (offer.price, offer.quantity) for offer in self.sandbox.offers.offers()}


class TestOffersOverSoap(OfferChannelContract):
    """Files, and the SOAP API."""

    @pytest.fixture
    def marketplace(self) -> SandboxShelf:
        sandbox = Sandbox()
        return SandboxShelf(SoapChannel(sandbox.client(), upload=upload_to(sandbox)), sandbox, "Tracked")


class TestOffersOverOctopia(OfferChannelContract):
    """The REST API."""

    @pytest.fixture
    def marketplace(self) -> SandboxShelf:
        sandbox = Sandbox()
        return SandboxShelf(OctopiaChannel(sandbox.octopia_client()), sandbox, "THD")
