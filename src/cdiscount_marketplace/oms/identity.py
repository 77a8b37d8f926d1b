"""Which stored order a snapshot is of: pure functions.

Marketplaces make one number of an order unique (Octopia: the orderId), while two orders may share another (Octopia: the
reference). A store keeps each number once per account. So the second order with a reference is stored under its
unique number and the mark `shared:<reference>`: who knows the reference only can find out that it means several
orders.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from attrs import evolve

from cdiscount_marketplace.channels.port import DIGEST
from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.errors import StoreFailed
from cdiscount_marketplace.models import SHARED, SalesOrder
from cdiscount_marketplace.oms.ports import StoredOrder


class Match(OpenEnum):
    """Whether two orders that share a number are one: yes, no, or undecidable."""

    SAME = Member("same")
    OTHER = Member("other")
    EITHER = Member("either")


def is_numberless(identities: Sequence[str]) -> bool:
    """Tell an order to which the marketplace gave no number."""
    return identities[0].startswith(DIGEST)


def shared_mark(number: str) -> str:
    """Return the identity that marks a number of several orders."""
    return SHARED + number


def is_mark(identity: str) -> bool:
    """Tell a mark from a number of the marketplace."""
    return identity.startswith(SHARED)


def match(order: SalesOrder, stored: StoredOrder) -> Match:
    """Judge a snapshot and a stored order that share a number."""
    if order.unique_id is not None and stored.unique_id is not None:
        return Match.SAME if order.unique_id == stored.unique_id else Match.OTHER
    if order.unique_id is None and stored.unique_id is not None:
        # Back on a channel that knows the reference only; a shared one is found out by its mark.
        return Match.SAME
    return match_numbers(order, stored.identities)


def match_numbers(order: SalesOrder, numbers: Collection[str]) -> Match:
    """Judge by numbers alone: an order that has one which the other lacks may be another order."""
    theirs = {number for number in numbers if not is_mark(number)}
    if order.unique_id in theirs or theirs <= set(order.identities):
        return Match.SAME
    if order.unique_id is None and set(order.identities) <= theirs:
        return Match.SAME
    return Match.EITHER


def ensure_same_order(order: SalesOrder, unique_id: str | None) -> None:
    """Raise `StoreFailed` if a store is about to save an order over another one that shares a number with it."""
    if order.unique_id is not None and unique_id is not None and order.unique_id != unique_id:
        raise StoreFailed(
            f"another order is stored under one of these numbers; its own is {unique_id}",
            order_numbers=[order.number],
            retryable=True,
            hint="save it under its unique number, as the next run does",
        )


def apart(order: SalesOrder) -> SalesOrder:
    """Return an order whose other numbers are another order's: its unique one is shown, the others are marked."""
    if order.unique_id is None:
        return order
    marks = (shared_mark(number) for number in order.identities if number != order.unique_id and not is_mark(number))
    return evolve(order, identities=(order.unique_id, *marks))


def as_stored(order: SalesOrder, stored: StoredOrder) -> SalesOrder:
    """Return the snapshot under the numbers that the stored order may claim; its unique number stays known."""
    if order.unique_id is None and stored.unique_id is not None:
        order = evolve(order, unique_id=stored.unique_id)
    marked = any(shared_mark(number) in stored.identities for number in order.identities)
    return apart(order) if marked else order


def shared_numbers(orders: Sequence[SalesOrder]) -> set[str]:
    """Return the numbers that several of these orders have."""
    owners: dict[str, set[str]] = {}
    for order in orders:
        if order.unique_id is not None:
            for number in order.identities:
                owners.setdefault(number, set()).add(order.unique_id)
    return {number for number, unique_ids in owners.items() if len(unique_ids) > 1}
