"""Offers of the REST API: what is requested in packages, what became of it, and what the marketplace shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import frozen

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.errors import Problem
from cdiscount_marketplace.octopia.codec import many, moment, number, one, raw, text, texts, whole, word, write_moment

UPLOAD_SIZE: Final = 100
"""How many offers one upload may carry; a package may have several."""
TAXES: Final = ("VAT", "Ecotax", "Deatax")
"""The codes that Cdiscount wants on every offer, a value of 0 included."""


class PackageType(OpenEnum):
    """What a package does with its offers: make or replace them, change some of their members, delete them."""

    UPSERT = Member("Upsert")
    UPDATE = Member("Update")
    DELETE = Member("Delete")


class PackageState(OpenEnum):
    """Where a package stands.

    It waits for offers and for being set ready, is worked on, and then done; `REJECTED` and `ERROR` as a whole.
    """

    WAITING_FOR_COMPLETION = Member("WaitingForCompletion")
    READY = Member("Ready")
    INTEGRATION_PENDING = Member("IntegrationPending")
    INTEGRATED = Member("Integrated")
    REJECTED = Member("Rejected")
    ERROR = Member("Error")


class OfferState(OpenEnum):
    """Whether an offer is for sale."""

    ACTIVE = Member("Active")
    INACTIVE = Member("Inactive")


@frozen(kw_only=True, weakref_slot=False)
class RequestedProduct:
    """Which product is offered: by its GTIN, or by the marketplace's reference."""

    gtin: str | None = text()
    reference: str | None = text()


@frozen(kw_only=True, weakref_slot=False)
class OfferTax:
    """A tax that the price contains. Sources disagree on `type` ("Rate" with 0.2, "Amount", or none with 20)."""

    code: str | None = text()
    value: Decimal | None = number()
    type: str | None = text()


@frozen(kw_only=True, weakref_slot=False)
class RequestedPrice:
    """A price with VAT; `original_price` is the one that is struck through."""

    price: Decimal | None = number()
    original_price: Decimal | None = number(name="originPrice")
    currency_code: str | None = text()
    taxes: tuple[OfferTax, ...] = many(OfferTax)


@frozen(kw_only=True, weakref_slot=False)
class DeliveryModeCost:
    """A way of delivery, such as `THD` (tracked, to the home), what it costs, and for each further article."""

    code: str | None = text()
    cost: Decimal | None = number()
    additional_cost: Decimal | None = number()


@frozen(kw_only=True, weakref_slot=False)
class OfferRequest:
    """One offer of a package. `seller_external_reference` is the seller's key: one per product, condition and channel.

    An `UPSERT` needs everything but what says otherwise; an `UPDATE` changes the price, quantity, delivery modes (the
    whole list), preparation time and taxes (the whole list) that it has; a `DELETE` has the key alone.
    `preparation_time` is in whole days.
    """

    seller_external_reference: str | None = text()
    product: RequestedProduct | None = one(RequestedProduct)
    condition: str | None = text()
    price: RequestedPrice | None = one(RequestedPrice)
    quantity: int | None = whole()
    preparation_time: int | None = whole()
    delivery_modes: tuple[DeliveryModeCost, ...] = many(DeliveryModeCost)

    def problems(self, kind: PackageType) -> Iterator[Problem]:
        """Name what the marketplace would refuse in a package of this kind."""
        if not (self.seller_external_reference or "").strip():
            yield Problem("seller_external_reference", "is required")
        if kind == PackageType.UPSERT:
            yield from self._missing()
        if kind == PackageType.UPDATE and (self.product is not None or self.condition is not None):
            yield Problem("product", "product and condition of an offer cannot change: remove them, or upsert it")
        yield from self._wrong_values()

    def _missing(self) -> Iterator[Problem]:
        product, price = self.product or RequestedProduct(), self.price or RequestedPrice()
        given: dict[str, object] = {
            "product.gtin": product.gtin or product.reference,
            "condition": self.condition,
            "price.price": price.price,
            "price.taxes": price.taxes,
            "quantity": self.quantity,
            "preparation_time": self.preparation_time,
            "delivery_modes": self.delivery_modes,
        }
        for name, value in given.items():
            if value is None or value in ("", ()):
                yield Problem(name, "is required to create an offer")

    def _wrong_values(self) -> Iterator[Problem]:
        numbers = {"quantity": self.quantity, "preparation_time": self.preparation_time}
        for name, value in numbers.items():
            if value is not None and value < 0:
                yield Problem(name, f"must be at least 0, not {value}")
        amount = self.price.price if self.price else None
        if amount is not None and (not amount.is_finite() or amount <= 0):
            yield Problem("price.price", f"must be a positive amount, not {amount}")


@frozen(kw_only=True, weakref_slot=False)
class PackageOrder:
    """What makes a package."""

    package_type: PackageType | None = word(PackageType)


@frozen(kw_only=True, weakref_slot=False)
class PackageChange:
    """What sets a package ready."""

    state: PackageState | None = word(PackageState)


@frozen(kw_only=True, weakref_slot=False)
class OfferPackage:
    """A package as it stands; what is not documented for every source may be None."""

    package_id: str | None = text(also=("id", "offerPackageId"))
    package_type: PackageType | None = word(PackageType)
    sales_channel_id: str | None = text()
    state: PackageState | None = word(PackageState, also=("status",))
    created_at: datetime | None = moment()
    updated_at: datetime | None = moment()


@frozen(kw_only=True, weakref_slot=False)
class ResultLine:
    """One thing that the marketplace says of an offer request; 8000 means that the offer was created."""

    result_code: str | None = text(also=("code",))
    message: str | None = text()


@frozen(kw_only=True, weakref_slot=False)
class OfferRequestResult:
    """What became of one offer of a package: `integration_status` is `Integrated` or `Rejected`."""

    seller_external_reference: str | None = text()
    integration_status: str | None = text(also=("status",))
    results: tuple[ResultLine, ...] = many(ResultLine)

    @property
    def integrated(self) -> bool:
        """Whether the marketplace took the offer."""
        return (self.integration_status or "").casefold() == "integrated"


@frozen(kw_only=True, weakref_slot=False)
class ShownPrice:
    """A price as it was submitted, or as customers see it."""

    price: Decimal | None = number()
    original_price: Decimal | None = number(name="originPrice")
    currency_code: str | None = text()


@frozen(kw_only=True, weakref_slot=False)
class PublishedOffer:
    """An offer as the marketplace shows it. Members of unknown shape are kept as parsed JSON.

    `integration_price` is the price that was submitted, `facial_price` the one that is shown.
    """

    offer_id: str | None = text()
    seller_external_reference: str | None = text()
    offer_state: OfferState | None = word(OfferState)
    created_at: datetime | None = moment()
    updated_at: datetime | None = moment()
    product: RequestedProduct | None = one(RequestedProduct)
    condition: str | None = text()
    integration_price: ShownPrice | None = one(ShownPrice)
    facial_price: ShownPrice | None = one(ShownPrice)
    quantity: int | None = whole()
    comments: tuple[str, ...] = texts()
    delivery_offers: object = raw()
    offer_competition: object = raw()
    sales_channel_feedback: object = raw()
    sales_channel_acceptance_status: str | None = text()
    is_best_offer: object = raw()
    best_offer: object = raw()


@frozen(kw_only=True)
class OfferFilter:
    """Which offers to list; what is not given is not sent. Times are aware.

    `fields` names the members to answer, such as `quantity`; with them, `feedback` is ignored by the service.
    `feedback` also asks for what Cdiscount says of visibility and competition.
    """

    sales_channel_id: str | None = None
    offer_ids: Sequence[str] = ()
    seller_external_references: Sequence[str] = ()
    gtins: Sequence[str] = ()
    states: Sequence[OfferState] = ()
    updated_at_min: datetime | None = None
    fields: Sequence[str] = ()
    feedback: bool = False

    def parameters(self) -> dict[str, str]:
        """Return the query parameters, without the sales channel and paging."""
        values = {
            "offerIds": ",".join(self.offer_ids),
            "sellerExternalReferences": ",".join(self.seller_external_references),
            "gtins": ",".join(self.gtins),
            "offerStates": ",".join(map(str, self.states)),
            "updatedAtMin": self.updated_at_min and write_moment(self.updated_at_min),
            "fields": ",".join(self.fields),
            "expand": "salesChannelFeedback" if self.feedback else "",
        }
        return {name: value for name, value in values.items() if value}
