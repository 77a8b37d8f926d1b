"""Offers: what the OMS wants a marketplace to show of its stock and prices."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, TypeVar, cast

from attrs import evolve, field, fields, frozen
from attrs.converters import optional

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.validators import amount, integer, money, text, word

T = TypeVar("T")


class OfferCondition(OpenEnum):
    """The state of what is offered, in words that every channel translates.

    Any other value is taken as the marketplace's own word.
    """

    NEW = Member("new")
    LIKE_NEW = Member("like_new")
    VERY_GOOD = Member("very_good")
    GOOD = Member("good")
    AVERAGE = Member("average")
    REFURBISHED = Member("refurbished")


class OfferTaxKind(OpenEnum):
    """How a tax is given: as a rate in percent, or as an amount in the offer's currency."""

    RATE = Member("rate")
    AMOUNT = Member("amount")


def _condition(value: OfferCondition) -> OfferCondition:
    return word(OfferCondition, value)


def _tax_kind(value: OfferTaxKind) -> OfferTaxKind:
    return word(OfferTaxKind, value)


@frozen(kw_only=True)
class OfferTax:
    """A tax contained in an offer's price, such as `OfferTax(code="vat", value=Decimal(20))`."""

    code: str = field(validator=text)
    value: Decimal = field(validator=money)
    kind: OfferTaxKind = field(default=OfferTaxKind.RATE, converter=_tax_kind)


@frozen(kw_only=True)
class OfferDelivery:
    """A way in which an offer can be delivered: the marketplace's `code`, and what it costs the customer.

    `additional_cost` is for each further article.
    """

    code: str = field(validator=text)
    cost: Decimal = field(validator=money)
    additional_cost: Decimal | None = field(default=None, validator=money)


def _parts(kind: type[T], name: str, values: Iterable[T]) -> tuple[T, ...] | None:
    parts = tuple(values) if isinstance(cast("object", values), Iterable) else None
    if parts is None or not all(isinstance(cast("object", part), kind) for part in parts):
        raise InvalidRequest([Problem(name, f"must be a list of {kind.__name__}")])
    return parts or None


def _deliveries(values: Iterable[OfferDelivery]) -> tuple[OfferDelivery, ...] | None:
    return _parts(OfferDelivery, "delivery_modes", values)


def _taxes(values: Iterable[OfferTax]) -> tuple[OfferTax, ...] | None:
    return _parts(OfferTax, "taxes", values)


def _gtin(_instance: object, attribute: Any, value: Any) -> None:
    text(_instance, attribute, value)
    if value is not None and not (value.isascii() and value.isdigit() and len(value) <= LONGEST_GTIN):
        raise InvalidRequest([Problem("gtin", f"must be up to {LONGEST_GTIN} digits, not {value!r}")])


LONGEST_GTIN: Final = 14


@frozen(kw_only=True)
class Offer:
    """What is said of one offer; `sku` is the seller's own reference, and every member that is None is not said.

    A product is named by its `gtin`, or by `product`, the marketplace's own reference. Prices include VAT and are in
    `currency`, or in the marketplace's where it is not said. `original_price` is the price that is struck through; 0
    takes it away. `preparation_days` are working days. `delivery_modes` and `taxes` are whole lists: a new one replaces
    the one before, and an empty one says nothing. A `quantity` of 0 hides the offer.
    """

    sku: str = field(validator=text)
    gtin: str | None = field(default=None, validator=_gtin)
    product: str | None = field(default=None, validator=text)
    condition: OfferCondition | None = field(default=None, converter=optional(_condition))
    price: Decimal | None = field(default=None, validator=amount)
    original_price: Decimal | None = field(default=None, validator=money)
    currency: str | None = field(default=None, validator=text)
    quantity: int | None = field(default=None, validator=integer)
    preparation_days: int | None = field(default=None, validator=integer)
    delivery_modes: tuple[OfferDelivery, ...] | None = field(default=None, converter=optional(_deliveries))
    taxes: tuple[OfferTax, ...] | None = field(default=None, converter=optional(_taxes))


OFFER_MEMBERS: Final = tuple(item.name for item in fields(Offer) if item.name != "sku")
# A marketplace takes the price as a whole: leaving out the old price or a tax would take it away.
PRICE_MEMBERS: Final = frozenset({"price", "original_price", "currency", "taxes"})
# What an offer is; of an offer that is there, these cannot change.
IDENTITY_MEMBERS: Final = frozenset({"gtin", "product", "condition"})


def said(offer: Offer) -> tuple[str, ...]:
    """Return the names of the members that an offer says."""
    return tuple(name for name in OFFER_MEMBERS if getattr(offer, name) is not None)


def merged(offer: Offer, newer: Offer) -> Offer:
    """Return an offer with all that a newer one says; what that does not say stays."""
    return evolve(offer, **{name: getattr(newer, name) for name in said(newer)})


def only(offer: Offer, names: Iterable[str]) -> Offer:
    """Return an offer that says these members alone; if one of the price is among them, the whole price."""
    wanted = set(names)
    if not wanted.isdisjoint(PRICE_MEMBERS):
        wanted |= PRICE_MEMBERS
    return Offer(sku=offer.sku, **{name: getattr(offer, name) for name in said(offer) if name in wanted})
