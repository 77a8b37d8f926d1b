"""The seller's account: information, addresses, subscriptions, indicators, and the carriers the marketplace knows.

The documentation names the members, and no recording shows them: spellings that are likely are all understood.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from attrs import evolve, frozen

from cdiscount_marketplace.octopia.api import Api, list_in
from cdiscount_marketplace.octopia.bodies import is_object
from cdiscount_marketplace.octopia.codec import number, private_text, raw, text, texts


@frozen(kw_only=True, weakref_slot=False)
class Seller:
    """The seller's account. `contact` and `addresses` are kept as parsed JSON, and never shown.

    A client of 2026 shows the answer in snake_case, with a state and a sub-state.
    """

    id: str | None = text(also=("sellerId",))
    login: str | None = private_text()
    shop_name: str | None = text(also=("shop",))
    shop_url: str | None = text()
    account_status: str | None = text(also=("status", "state", "sellerState"))
    sub_state: str | None = text(also=("sellerSubState",))
    subscription_step: str | None = text()
    language: str | None = text()
    contact: object = raw()
    addresses: object = raw()


@frozen(kw_only=True, weakref_slot=False)
class SellerAddress:
    """One of the seller's addresses; `type` is its purpose."""

    type: str | None = text()
    address: str | None = private_text()
    postal_code: str | None = text(also=("zip", "zipCode"))
    city: str | None = private_text()
    country: str | None = text(also=("countryCode",))


@frozen(kw_only=True, weakref_slot=False)
class Subscription:
    """A sales channel that the account sells on, such as CDISFR."""

    subscription_id: str | None = text(also=("id",))
    sales_channel_id: str | None = text()
    status: str | None = text()
    action: str | None = text()
    currencies: tuple[str, ...] = texts()


@frozen(kw_only=True, weakref_slot=False)
class Indicator:
    """A measure of the seller's quality, such as the share of orders shipped in time.

    The answer's shape is not documented: each member of an object is one indicator, as is each object of a list.
    `value` is None where it is no number; `details` then holds the parsed JSON.
    """

    name: str | None = text(also=("code", "label", "type"))
    value: Decimal | None = number(also=("rate", "percentage"))
    details: object = raw()


@frozen(kw_only=True, weakref_slot=False)
class Carrier:
    """A carrier; several share one `code`, so that shipments name the `label`.

    `additional_parameters` are what the carrier wants to know besides, as parsed JSON: their shape is not documented.
    """

    code: str | None = text()
    label: str | None = text()
    additional_parameters: object = raw(also=("additionalParametersRequired", "additionalParameter"))


class Sellers:
    """What the account is and how it does; reached as `client.sellers`. Thread-safe."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def information(self) -> Seller:
        """Read the account."""
        answer = self._api.read("GET /sellers", "/sellers")
        sellers = list_in(answer.data)
        return answer.decoded(Seller, sellers[0] if sellers else answer.data)

    def addresses(self) -> tuple[SellerAddress, ...]:
        """List the account's addresses."""
        answer = self._api.read("GET /sellers/addresses", "/sellers/addresses")
        return answer.decoded_many(SellerAddress)

    def subscriptions(self) -> tuple[Subscription, ...]:
        """List the sales channels that the account sells on."""
        answer = self._api.read("GET /sellers/subscriptions", "/sellers/subscriptions")
        return answer.decoded_many(Subscription)

    def indicators(self) -> tuple[Indicator, ...]:
        """List the account's quality indicators."""
        answer = self._api.read("GET /sellers/indicators", "/sellers/indicators")
        return answer.decoded_many(Indicator, list(_indicators(answer.data)))


def read_carriers(api: Api) -> tuple[Carrier, ...]:
    """List the carriers; labels come with stray blanks."""
    carriers = api.read("GET /carriers", "/carriers").decoded_many(Carrier)
    return tuple(evolve(carrier, label=carrier.label and carrier.label.strip()) for carrier in carriers)


def _indicators(data: object) -> Iterator[dict[str, Any]]:
    """Bring both likely shapes into one: objects with a name and a value."""
    if is_object(data) and "items" not in data:
        for name, value in data.items():
            yield {"name": name, "value": value if isinstance(value, int | Decimal) else None, "details": value}
        return
    for item in list_in(data) or ():
        yield {**item, "details": item} if is_object(item) else {"details": item}
