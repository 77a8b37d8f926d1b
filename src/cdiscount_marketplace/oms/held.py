"""The orders that wait in quarantine, to be found by any of their numbers."""

from __future__ import annotations

from collections.abc import Iterable

from cdiscount_marketplace.models import SalesOrder
from cdiscount_marketplace.oms.identity import Match, is_numberless, match_numbers
from cdiscount_marketplace.oms.ports import QuarantinedOrder


class HeldOrders:
    """What an account has in quarantine, for one run: read once, then kept as the run changes it."""

    def __init__(self, entries: Iterable[QuarantinedOrder]) -> None:
        self._entries: dict[str, QuarantinedOrder] = {}
        self._keys: dict[str, list[str]] = {}
        for entry in entries:
            self.put(entry)

    def put(self, entry: QuarantinedOrder) -> None:
        """Add an entry, or replace the one with the same key."""
        self._entries[entry.key] = entry
        for identity in entry.identities:
            keys = self._keys.setdefault(identity, [])
            if entry.key not in keys:
                keys.append(entry.key)

    def drop(self, key: str) -> None:
        """Forget an entry."""
        for identity in self._entries.pop(key).identities:
            self._keys[identity].remove(key)

    def find(self, order: SalesOrder) -> QuarantinedOrder | None:
        """Return the entry of an order; one that only shares a number with it is another order's."""
        if not self._entries:
            return None
        return next((entry for entry in self._candidates(order) if _is_of(entry, order)), None)

    def key_for(self, order: SalesOrder) -> str:
        """Return a key that no other order's entry has."""
        taken = self._entries.get(order.number)
        free = taken is None or _is_of(taken, order)
        return order.number if free else order.unique_id or order.number

    def numbered(self) -> list[QuarantinedOrder]:
        """List the entries that can be read again by number, the longest untried first."""
        entries = [entry for entry in self._entries.values() if not is_numberless(entry.identities)]
        return sorted(entries, key=lambda entry: entry.last_seen)

    def _candidates(self, order: SalesOrder) -> Iterable[QuarantinedOrder]:
        keys = (key for number in order.keys for key in self._keys.get(number, ()))
        return [self._entries[key] for key in dict.fromkeys(keys)]


def _is_of(entry: QuarantinedOrder, order: SalesOrder) -> bool:
    return match_numbers(order, entry.identities) == Match.SAME
