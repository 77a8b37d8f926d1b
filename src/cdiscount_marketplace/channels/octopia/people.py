"""Who bought, and where the goods go, as the REST API shows it."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import asdict

from cdiscount_marketplace.countries import country_code
from cdiscount_marketplace.models import Address, Customer
from cdiscount_marketplace.octopia.orders import models as octopia


def customer(order: octopia.Order) -> Customer | None:
    """Put the buyer together: the key from the order, the name from the bill, phone and e-mail from the parcel.

    Without a billing address the name is the recipient's.
    """
    bill, delivery = order.billing_address or octopia.Address(), shipping(order) or octopia.Address()
    named = bill if bill.last_name or bill.first_name else delivery
    buyer = Customer(
        reference=order.customer.reference if order.customer else None,
        civility=named.civility,
        first_name=named.first_name,
        last_name=named.last_name,
        phone=delivery.phone or bill.phone,
        email=delivery.email or bill.email,
    )
    return None if buyer == Customer() else buyer


def billing_address(order: octopia.Order) -> Address | None:
    """Return where the invoice goes."""
    return _address(order.billing_address)


def shipping_address(order: octopia.Order) -> Address | None:
    """Return where the goods go, or most of them: see `line_address`."""
    return _address(shipping(order))


def shipping(order: octopia.Order) -> octopia.Address | None:
    """Return the first address of the lines that shows something, else the order's own, which one source has seen."""
    addresses = [line.shipping_address for line in order.lines] + [order.shipping_address]
    known = [address for address in addresses if address is not None]
    return next((address for address in known if not _translated(address).masked), known[0] if known else None)


def line_address(line: octopia.OrderLine, usual: Address | None) -> Address | None:
    """Return where a line goes, if that is shown and is not the order's own address."""
    own = _address(line.shipping_address)
    if own is None or usual is None or own.masked:
        return None
    return own if any(_differences(own, usual)) else None


def _differences(one: Address, other: Address) -> Iterator[str]:
    """Name the members that both addresses show, and show differently."""
    mine, theirs = asdict(one), asdict(other)
    return (name for name, value in mine.items() if value and theirs[name] and value != theirs[name])


def _address(address: octopia.Address | None) -> Address | None:
    return None if address is None else _translated(address)


def _translated(address: octopia.Address) -> Address:
    street = (address.address_line1, address.address_line2, address.address_line3)
    return Address(
        civility=address.civility,
        first_name=address.first_name,
        last_name=address.last_name,
        company=address.company_name,
        vat_number=address.company_vat_number,
        lines=tuple(line for line in street if line),
        postal_code=address.postal_code,
        city=address.city,
        region=address.state_or_region,
        country=country_code(address.country_code),
        relay_id=address.pickup_id,
        relay_name=address.pickup_name,
        phone=address.phone,
        email=address.email,
    )
