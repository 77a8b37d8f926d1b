"""Made-up answers of GetOrderList and GetProductList in the service's own shape, with values as varied as real ones."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from cdiscount_marketplace.soap.common import Address
from cdiscount_marketplace.soap.messages import write_answer
from cdiscount_marketplace.soap.orders.models import (
    GET_ORDER_LIST,
    Corporation,
    Customer,
    Order,
    OrderLine,
    OrderListMessage,
)
from cdiscount_marketplace.soap.products.catalogue import GET_PRODUCT_LIST, Product, ProductListMessage

START = datetime(2024, 3, 1, 8, tzinfo=UTC)
FIRST = ("Camille", "Noé", "Inès", "Théo", "Maëlys", "Louis", "Zoé", "Hugo", "Chloé", "Léa")
LAST = ("Martin", "Lefèvre", "Garnier", "Dubois", "Nguyen", "Benoît", "Faure", "Petit")
STREETS = ("rue des Lilas", "avenue de l'Église", "chemin du Moulin", "boulevard Gambetta")
TOWNS = (("33000", "Bordeaux"), ("75011", "Paris"), ("69003", "Lyon"), ("13006", "Marseille"), ("59000", "Lille"))
GOODS = ("Lampe", "Table", "Coque", "Câble", "Tapis")
STATES = ("WaitingForShipmentAcceptation", "Shipped", "WaitingForSellerAcceptation", "CancelledByCustomer")
LINE_STATES = ("AcceptedBySeller", "ShippedBySeller", "None", "CancelledBeforePaymentByCustomer")


def get_order_list_body(orders: int, seed: int = 7) -> bytes:
    """Return the body of an answer with so many orders, always the same one for the same arguments."""
    dice = random.Random(seed)
    made = tuple(_order(dice, number) for number in range(orders))
    message = OrderListMessage(error_message="", operation_success=True, seller_login="shop-api", orders=made)
    return write_answer(GET_ORDER_LIST, message, token="0" * 32)


def get_product_list_body(products: int, seed: int = 7) -> bytes:
    """Return the body of an answer with so many products, always the same one for the same arguments."""
    dice = random.Random(seed)
    made = tuple(_product(dice) for _ in range(products))
    message = ProductListMessage(error_message="", operation_success=True, seller_login="shop-api", products=made)
    return write_answer(GET_PRODUCT_LIST, message, token="0" * 32)


def _product(dice: random.Random) -> Product:
    brand = dice.choice(LAST).upper()
    return Product(
        brand_name=brand,
        eans=(f"{dice.randrange(10**13):013d}",),
        isbn="",
        name=f"{brand} {dice.choice(GOODS)} modèle {dice.randrange(10**6)} & accessoires, coloris gris",
        product_type="Standard",
        sku=f"{dice.randrange(10**10):010d}",
    )


def _order(dice: random.Random, number: int) -> Order:
    created = START + timedelta(minutes=number * 7, milliseconds=dice.randrange(60_000))
    kind = dice.randrange(len(STATES))
    lines = tuple(_line(dice, row, created, LINE_STATES[kind]) for row in range(dice.choice((1, 1, 1, 2, 3))))
    goods = sum((line.purchase_price or Decimal(0) for line in lines), Decimal(0))
    shipping = Decimal(dice.randrange(0, 900)) / 100
    commission = (goods * Decimal("0.15")).quantize(Decimal("0.01"))
    address = _address(dice)
    return Order(
        archive_parcels=False,
        billing_address=address,
        corporation=Corporation(
            business_unit_id=1,
            corporation_code="CDSB2C",
            corporation_id=1,
            corporation_name="Cdiscount",
            is_market_place_active=True,
        ),
        creation_date=created,
        customer=_customer(dice, address),
        has_claims=False,
        initial_total_amount=goods + shipping,
        initial_total_shipping_charges_amount=shipping,
        is_clogistique_order=False,
        last_updated_date=created + timedelta(seconds=dice.randrange(90_000)),
        mod_ges_log="MKPCDS",
        modified_date=created + timedelta(seconds=dice.randrange(90_000)),
        order_lines=lines,
        order_number=f"{created:%y%m%d%H%M}{''.join(dice.choices('ABCDEFGHJKLMNPQRSTUVWXYZ0123456789', k=5))}",
        order_state=STATES[kind],
        shipped_total_amount=Decimal(0),
        shipped_total_shipping_charges=Decimal(0),
        shipping_address=address if dice.random() < 0.8 else _address(dice),
        shipping_code=dice.choice(("STD", "TRK", "REG", "REL")),
        shipping_date_max=created + timedelta(days=2),
        shipping_date_min=created + timedelta(days=1),
        site_commission_promised_amount=commission,
        site_commission_shipped_amount=Decimal(0),
        site_commission_validated_amount=commission,
        status="Validated",
        validated_total_amount=goods + shipping,
        validated_total_shipping_charges=shipping,
        validation_status="None",
        visa_cegid=dice.choice((98, 230, 240)),
    )


def _line(dice: random.Random, row: int, created: datetime, state: str) -> OrderLine:
    product = f"AUC{dice.randrange(10**13):013d}"
    quantity = dice.choice((1, 1, 1, 2, 4))
    return OrderLine(
        acceptation_state=state,
        category_code=f"0E0A{dice.randrange(10_000):04d}",
        delivery_date_max=created + timedelta(days=6),
        delivery_date_min=created + timedelta(days=3),
        has_claim=False,
        is_cdav=False,
        is_product_ean_generated=False,
        name=f"{dice.choice(GOODS)} modèle {dice.randrange(10**6)} – coloris gris",
        product_condition="New",
        product_ean=f"{dice.randrange(10**13):013d}",
        product_id=product,
        purchase_price=quantity * Decimal(dice.randrange(100, 20_000)) / 100,
        quantity=quantity,
        row_id=row,
        seller_product_id=f"REF-{dice.randrange(100_000)}",
        shipping_date_max=created + timedelta(days=2),
        shipping_date_min=created + timedelta(days=1),
        sku=product,
        unit_additional_shipping_charges=Decimal(0),
        unit_shipping_charges=Decimal(dice.randrange(0, 900)) / 100,
    )


def _address(dice: random.Random) -> Address:
    zip_code, city = dice.choice(TOWNS)
    return Address(
        apartment_number="",
        building=f"Bât. {dice.choice('ABCD')}" if dice.random() < 0.3 else None,
        city=city,
        civility="MR",
        company_name="",
        country="FR",
        county="N/A",
        first_name=dice.choice(FIRST),
        instructions="",
        last_name=f"{dice.choice(LAST)}-{dice.randrange(1000)}",
        place_name="",
        street=f"{dice.randrange(1, 200)} {dice.choice(STREETS)}",
        zip_code=zip_code,
    )


def _customer(dice: random.Random, address: Address) -> Customer:
    key = f"{dice.getrandbits(128):032x}"
    return Customer(
        civility="MR",
        customer_id=key,
        encrypted_email=f"c.{dice.getrandbits(128):032x}@relay.example",
        first_name=address.first_name,
        last_name=address.last_name,
        mobile_phone=f"06{dice.randrange(10**8):08d}",
        phone="",
        shipping_first_name=address.first_name,
        shipping_last_name=address.last_name,
    )
