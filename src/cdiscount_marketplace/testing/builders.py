"""Orders to test with: for the sandbox (`OrderSpec`, given to `place`), and for a mapper alone (`sales_order`).

```python
order = sandbox.place(builders.waiting_for_shipment(lines=2))
order = sandbox.place(builders.relay(state="Shipped"))
```
Every builder takes any field of `OrderSpec` by name; what is left open is drawn by the sandbox's generator.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import evolve

from cdiscount_marketplace.models import Address, Customer, Fulfiller, LineStatus, OrderStatus, SalesLine, SalesOrder
from cdiscount_marketplace.sandbox.generator import OrderSpec
from cdiscount_marketplace.sandbox.states import State

CREATED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def in_state(state: str, **wishes: Any) -> OrderSpec:
    """Describe an order in any state, also in one that no contract knows."""
    return OrderSpec(state=State(state), **wishes)


def waiting_for_acceptance(**wishes: Any) -> OrderSpec:
    """Describe an order that waits for the seller's decision."""
    return in_state(State.WAITING_ACCEPTANCE, **wishes)


def accepted(**wishes: Any) -> OrderSpec:
    """Describe an order that was accepted a moment ago."""
    return in_state(State.ACCEPTED, **wishes)


def payment_in_progress(**wishes: Any) -> OrderSpec:
    """Describe an order whose debit runs."""
    return in_state(State.PAYMENT, **wishes)


def payment_refused(**wishes: Any) -> OrderSpec:
    """Describe an order whose debit failed."""
    return in_state(State.PAYMENT_REFUSED, **wishes)


def waiting_for_shipment(**wishes: Any) -> OrderSpec:
    """Describe a paid order, ready to be shipped."""
    return in_state(State.WAITING_SHIPMENT, **wishes)


def shipped(**wishes: Any) -> OrderSpec:
    """Describe a shipped order."""
    return in_state(State.SHIPPED, **wishes)


def refused(**wishes: Any) -> OrderSpec:
    """Describe an order that the seller refused."""
    return in_state(State.REFUSED, **wishes)


def shipment_refused(**wishes: Any) -> OrderSpec:
    """Describe a paid order that the seller refused to ship."""
    return in_state(State.SHIPMENT_REFUSED, **wishes)


def cancelled_by_customer(**wishes: Any) -> OrderSpec:
    """Describe an order that its customer cancelled before payment."""
    return in_state(State.CANCELLED, **wishes)


def cancelled_automatically(**wishes: Any) -> OrderSpec:
    """Describe an order that nobody accepted in time."""
    return in_state(State.AUTO_CANCELLED, **wishes)


def relay(**wishes: Any) -> OrderSpec:
    """Describe an order that goes to a pick-up point."""
    return evolve(OrderSpec(relay=True), **wishes)


def business(**wishes: Any) -> OrderSpec:
    """Describe an order of a company."""
    return evolve(OrderSpec(business=True), **wishes)


def with_fee(**wishes: Any) -> OrderSpec:
    """Describe an order with a line that is not goods."""
    return evolve(OrderSpec(fee=True), **wishes)


def with_duplicate_reference(**wishes: Any) -> OrderSpec:
    """Describe an order of which two lines share the seller's reference."""
    return evolve(OrderSpec(duplicate_reference=True), **wishes)


def without_reference(**wishes: Any) -> OrderSpec:
    """Describe an order with a line that has no seller's reference."""
    return evolve(OrderSpec(without_reference=True), **wishes)


def fulfilled_by_cdiscount(**wishes: Any) -> OrderSpec:
    """Describe an order that Cdiscount's warehouse ships."""
    return evolve(OrderSpec(fulfilled_by_cdiscount=True), **wishes)


def dummy(**wishes: Any) -> OrderSpec:
    """Describe one of the marketplace's own test orders, which an OMS must not import."""
    return evolve(OrderSpec(dummy=True), **wishes)


def sales_order(number: str = "2603020900ABCDE", **fields: Any) -> SalesOrder:
    """Make a paid order as an `OrderMapper` gets it, without any sandbox; `fields` are those of `SalesOrder`."""
    line = SalesLine(
        line_id="MUG-BLEU-01",
        sku="MUG-BLEU-01",
        product_id="AUC3700000000011",
        ean="3700000000011",
        title="Mug en grès bleu 30 cl",
        condition="New",
        quantity=2,
        line_total=Decimal("19.80"),
        unit_price=Decimal("9.90"),
        shipping=Decimal("4.90"),
        commission=Decimal("2.97"),
        status=LineStatus.ACCEPTED,
        channel_status="AcceptedBySeller",
    )
    home = Address(
        civility="MRS",
        first_name="Chloé",
        last_name="Garnier",
        lines=("12 rue des Lilas",),
        postal_code="69003",
        city="Lyon",
        country="FR",
    )
    paid = SalesOrder(
        channel="soap",
        identities=(number,),
        status=OrderStatus.WAITING_SHIPMENT,
        channel_status="WaitingForShipmentAcceptation",
        created_at=CREATED,
        modified_at=CREATED + timedelta(minutes=30),
        ship_by=CREATED + timedelta(days=3),
        lines=(line,),
        total=Decimal("24.70"),
        shipping_total=Decimal("4.90"),
        commission=Decimal("2.97"),
        unexplained=Decimal(0),
        customer=Customer(reference="c1", civility="MRS", first_name="Chloé", last_name="Garnier"),
        billing_address=home,
        shipping_address=home,
        delivery_mode="TRK",
        fulfilled_by=Fulfiller.SELLER,
    )
    return evolve(paid, **fields)
