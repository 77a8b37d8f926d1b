"""Who bought, and where the goods go, as the SOAP service shows it."""

from __future__ import annotations

from cdiscount_marketplace import models
from cdiscount_marketplace.countries import country_code
from cdiscount_marketplace.soap.common import Address, Civility
from cdiscount_marketplace.soap.orders.models import Customer, Order

# Delivery to a pick-up point, as a value of `Order.shipping_code`.
_RELAY_MODES = frozenset({"REL", "RCO", "SO1"})
# Where the service has no region.
_NO_COUNTY = "N/A"
# The customer that Cdiscount's warehouses enter for orders that are not real.
_SUPPORT = "SUPPORT C LOGISTIQUE"


def customer(order: Order) -> models.Customer | None:
    """Return the buyer; None if the service shows nothing."""
    buyer = order.customer
    if buyer is None:
        return None
    customer = models.Customer(
        reference=buyer.customer_id or None,
        civility=_civility(buyer.civility),
        first_name=buyer.first_name or None,
        last_name=buyer.last_name or None,
        phone=buyer.phone or None,
        mobile=buyer.mobile_phone or None,
        email=buyer.email or buyer.encrypted_email or None,
    )
    return None if customer == models.Customer() else customer


def billing_address(order: Order) -> models.Address | None:
    """Return where the invoice goes."""
    return None if order.billing_address is None else _address(order.billing_address)


def shipping_address(order: Order) -> models.Address | None:
    """Return where the goods go.

    At a pick-up point the service puts the point's name where the first name belongs; the person who collects is the
    customer's shipping name then.
    """
    address, person = order.shipping_address, order.customer or Customer()
    if address is None:
        return None
    if not _is_pick_up_point(order, address):
        return _address(address)
    return _address(
        address,
        first_name=person.shipping_first_name or person.first_name or None,
        last_name=person.shipping_last_name or address.last_name or person.last_name or None,
        relay_name=address.first_name or None,
    )


def _is_pick_up_point(order: Order, address: Address) -> bool:
    """Tell a pick-up point by its id; without one, by the delivery mode and a receiver whose name is another."""
    if address.relay_id:
        return True
    receiver = (order.customer or Customer()).shipping_first_name
    return order.shipping_code in _RELAY_MODES and bool(receiver) and address.first_name != receiver


def is_support(order: Order) -> bool:
    """Whether the customer is the warehouses' support, not a person."""
    buyer = order.customer or Customer()
    names = (buyer.first_name or "", buyer.last_name or "")
    written = {" ".join(" ".join(pair).split()).upper() for pair in (names, names[::-1])}
    return _SUPPORT in written


def _address(address: Address, **instead: str | None) -> models.Address:
    # From the door outwards, as a label is written.
    street = (
        address.apartment_number,
        address.building,
        address.address1,
        address.address2,
        address.street,
        address.place_name,
    )
    members = {
        "civility": _civility(address.civility),
        "first_name": address.first_name or None,
        "last_name": address.last_name or None,
        "company": address.company_name or None,
        "postal_code": address.zip_code or None,
        "city": address.city or None,
        "region": None if address.county == _NO_COUNTY else address.county or None,
        "country": country_code(address.country),
        "instructions": address.instructions or None,
        "relay_id": address.relay_id or None,
    }
    return models.Address(lines=tuple(line for line in street if line), **(members | instead))


def _civility(civility: Civility | None) -> str | None:
    return None if civility is None or civility == Civility.NONE else str(civility)
