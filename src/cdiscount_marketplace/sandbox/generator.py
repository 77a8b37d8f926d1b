"""Make orders that look like a shop's: deterministic under a seed."""

from __future__ import annotations

import random
import string
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from cdiscount_marketplace.sandbox import catalogue
from cdiscount_marketplace.sandbox.catalogue import Product
from cdiscount_marketplace.sandbox.orders import Line, Order, Person, Place, as_stored, sum_up
from cdiscount_marketplace.sandbox.quirks import Quirk, read_quirks
from cdiscount_marketplace.sandbox.states import PICKUP, State, check_states

_COMMISSION = Decimal("0.15")
_CENT = Decimal("0.01")
_CUSTOMERS = 400
_A_DAY = timedelta(days=1)
_FRESH = (*[State.WAITING_ACCEPTANCE] * 5, *[State.WAITING_SHIPMENT] * 4, State.CANCELLED)
_OLD = (*[State.SHIPPED] * 15, State.WAITING_SHIPMENT, State.CANCELLED, State.REFUSED, State.SHIPMENT_REFUSED)
_ALPHABET = string.ascii_uppercase + string.digits
MOST_LINES = 1000
MOST_PIECES = 10_000
HIGHEST_PRICE = Decimal(1_000_000)
FEE_CODES = ("INTERETBCA", "FRAISTRAITEMENT")


@frozen(kw_only=True)
class OrderSpec:
    """What an order should be like; what is left open is drawn by the generator.

    `lines` counts lines of goods; left out, there is one for each of `references`.
    `state` is where the order shall stand: it is taken there by the marketplace's own
    rules, step by step. `created_at` None means now. `duplicate_reference` lets two lines share a reference,
    `without_reference` leaves a line with the marketplace's only, `fee` adds a line that is not goods. `debit_fails`
    lets the payment fail after acceptance. `sales_channel` and `currency` are for orders from elsewhere.
    `quirks` are what is odd in the answers about the order.
    """

    number: str | None = None
    state: State = field(default=State.WAITING_ACCEPTANCE, converter=State)
    created_at: datetime | None = None
    lines: int = 1
    quantity: int | None = None
    unit_price: Decimal | None = None
    references: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    shipping_code: str | None = None
    relay: bool = False
    business: bool = False
    fee: bool = False
    duplicate_reference: bool = False
    without_reference: bool = False
    fulfilled_by_cdiscount: bool = False
    dummy: bool = False
    debit_fails: bool = False
    partner_reference: str | None = None
    country: str | None = None
    vat_number: str | None = None
    sales_channel: str | None = None
    currency: str = "EUR"
    quirks: frozenset[Quirk] = field(default=frozenset[Quirk](), converter=read_quirks)

    def __attrs_post_init__(self) -> None:
        check_states([self.state])
        if self.lines < 1 or (self.quantity is not None and self.quantity < 1):
            raise ValueError("an order has at least one line of at least one piece")
        if max(self.lines, len(self.references)) > MOST_LINES:
            raise ValueError(f"lines: an order has {MOST_LINES} lines at most")
        if 1 < self.lines < len(self.references):
            raise ValueError(f"lines: an order of {self.lines} lines has no room for {len(self.references)} references")
        if self.quantity is not None and self.quantity > MOST_PIECES:
            raise ValueError(f"quantity: give {MOST_PIECES} at most")
        if self.unit_price is not None and not 0 <= self.unit_price <= HIGHEST_PRICE:
            raise ValueError(f"unit_price: give 0 to {HIGHEST_PRICE}")
        _check_created(self.created_at)


def _check_created(moment: datetime | None) -> None:
    if moment is None:
        return
    if moment.tzinfo is None:
        raise ValueError("created_at must be an aware datetime")
    # An order number contains its year as two digits.
    if not 2000 <= moment.year < 2100:
        raise ValueError("created_at: give a moment of this century")


class Generator:
    """Draws orders; the same seed and the same wishes give the same orders. Not thread-safe."""

    def __init__(self, seed: int, zone: ZoneInfo) -> None:
        self._random = random.Random(seed)  # noqa: S311 - invented shoppers, nothing secret
        self._zone = zone
        self._customers = tuple(self._person() for _ in range(_CUSTOMERS))

    def variety(self, age: timedelta) -> OrderSpec:
        """Draw what an ordinary day brings, mostly plain orders and now and then an odd one, where it stands by now."""
        chance = self._random.random
        return OrderSpec(
            state=self._random.choice(_FRESH if age < _A_DAY else _OLD),
            lines=self._random.choice((1, 1, 1, 2, 3)),
            relay=chance() < 0.15,
            business=chance() < 0.08,
            fee=chance() < 0.1,
            duplicate_reference=chance() < 0.05,
            fulfilled_by_cdiscount=chance() < 0.04,
        )

    def order(self, spec: OrderSpec, now: datetime) -> Order:
        """Make an order that was just placed."""
        created = as_stored(spec.created_at or now)
        customer = self._customer(spec)
        lines = tuple(self._with_commission(line) for line in self._lines(spec))
        return Order(
            number=spec.number or self.number(created),
            order_id=self._hex(24),
            created_at=created,
            updated_at=created,
            modified_at=created,
            customer=customer,
            billing=customer.home,
            shipping=self._destination(spec, customer),
            encrypted_email=f"c.{self._hex(32)}@clemarche.com",
            lines=lines,
            state=State.WAITING_ACCEPTANCE,
            shipping_code=self._shipping_code(spec),
            deliver_from=created + timedelta(days=5),
            deliver_by=created + timedelta(days=9),
            promised=sum_up(lines),
            fulfilled_by_cdiscount=spec.fulfilled_by_cdiscount or spec.dummy,
            business=spec.business,
            debit_fails=spec.debit_fails,
            partner_reference=spec.partner_reference,
            sales_channel=spec.sales_channel,
            currency=spec.currency,
            vat_number=spec.vat_number,
            quirks=spec.quirks,
        )

    def number(self, created: datetime) -> str:
        """Draw an order number: the local minute of creation and five characters."""
        tail = "".join(self._random.choices(_ALPHABET, k=5))
        return f"{created.astimezone(self._zone):%y%m%d%H%M}{tail}"

    def _hex(self, digits: int) -> str:
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"

    def _person(self) -> Person:
        civility, names = self._random.choice((("MRS", catalogue.WOMEN), ("MR", catalogue.MEN)))
        return Person(
            key=self._hex(32),
            civility=civility,
            first_name=self._random.choice(names),
            last_name=self._random.choice(catalogue.SURNAMES),
            mobile=f"06{self._random.randrange(10**8):08d}",
            home=self._home(),
        )

    def _home(self) -> Place:
        town = self._random.choice(catalogue.TOWNS)
        street = f"{self._random.randint(1, 120)} {self._random.choice(catalogue.STREETS)}"
        building = self._random.choice(catalogue.BUILDINGS)
        return Place(street=street, zip_code=town.zip_code, city=town.name, building=building)

    def _customer(self, spec: OrderSpec) -> Person:
        person = self._random.choice(self._customers)
        if spec.dummy:
            return evolve(person, first_name="C LOGISTIQUE", last_name="SUPPORT")
        if spec.business:
            return evolve(person, home=evolve(person.home, company=self._random.choice(catalogue.COMPANIES)))
        return person

    def _destination(self, spec: OrderSpec, customer: Person) -> Place:
        if not spec.relay:
            return evolve(customer.home, country=spec.country or customer.home.country)
        relay_id = f"{self._random.randrange(10**6):06d}"
        name = self._random.choice(catalogue.RELAY_NAMES)
        return evolve(self._home(), building=None, relay_id=relay_id, relay_name=name)

    def _shipping_code(self, spec: OrderSpec) -> str:
        drawn = self._random.choice(catalogue.RELAY_CODES if spec.relay else catalogue.HOME_CODES)
        return spec.shipping_code or ("MAG" if spec.state in PICKUP else drawn)

    def _lines(self, spec: OrderSpec) -> list[Line]:
        count = max(spec.lines, len(spec.references))
        products = [catalogue.PRODUCTS[(start + row) % len(catalogue.PRODUCTS)] for row, start in self._starts(count)]
        lines = [self._line(row, product, spec) for row, product in enumerate(products)]
        for row, reference in enumerate(spec.references):
            lines[row] = evolve(lines[row], reference=reference)
        if spec.without_reference:
            lines[0] = evolve(lines[0], reference=None)
        if spec.duplicate_reference:
            lines.append(self._twin(lines[0], row=len(lines)))
        if spec.fee:
            lines.append(self._fee(row=len(lines)))
        return lines

    def _starts(self, count: int) -> list[tuple[int, int]]:
        start = self._random.randrange(len(catalogue.PRODUCTS))
        return [(row, start) for row in range(count)]

    def _line(self, row: int, product: Product, spec: OrderSpec) -> Line:
        quantity = spec.quantity or self._random.choice((1, 1, 1, 2, 3))
        unit = spec.unit_price if spec.unit_price is not None else product.price
        return Line(
            row=row,
            reference=product.reference,
            product_id=product.product_id,
            ean=product.ean,
            name=product.name,
            category=product.category,
            condition=self._random.choice(catalogue.CONDITIONS),
            quantity=quantity,
            price=(Decimal(1) if spec.dummy else unit) * quantity,
            unit_shipping=product.shipping,
            additional_shipping=product.shipping / 2,
        )

    def _twin(self, line: Line, *, row: int) -> Line:
        return evolve(line, row=row, product_id=f"{line.product_id}B", condition="LikeNew", ean=None)

    def _fee(self, *, row: int) -> Line:
        code = self._random.choice(FEE_CODES)
        return Line(row=row, reference=None, product_id=code, name=code, price=Decimal("1.5"), fee=True)

    def _with_commission(self, line: Line) -> Line:
        share = Decimal(0) if line.fee else line.price * _COMMISSION
        return evolve(line, commission=share.quantize(_CENT, ROUND_HALF_UP))
