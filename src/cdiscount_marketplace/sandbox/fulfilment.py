"""What lies in the marketplace's warehouses, what is brought there, and orders of other sites: protocol-neutral."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, frozen

# How long a supply is on its way, and how long an order of another site is looked at.
_TRANSIT: Final = timedelta(days=2)
_INTAKE: Final = timedelta(minutes=10)


@frozen(kw_only=True)
class Goods:
    """A product that the marketplace ships for the seller; `active` is whether it does so now."""

    ean: str
    reference: str | None
    size: tuple[float, float, float, float]
    active: bool
    stock: int = 0


@frozen(kw_only=True)
class Wish:
    """A product of a deposit: shipped by the marketplace from now on, or no longer."""

    ean: str
    reference: str | None
    active: bool
    size: tuple[float, float, float, float]


@frozen(kw_only=True)
class Activation:
    """A deposit of wishes."""

    id: int
    at: datetime
    wishes: tuple[Wish, ...]


@frozen(kw_only=True)
class Supply:
    """A product on its way to a warehouse; `order` is the customer's order that demands it."""

    number: str
    deposit: int
    at: datetime
    ean: str
    quantity: int
    warehouse: str
    reference: str | None = None
    own_number: str | None = None
    order: str | None = None
    received_at: datetime | None = None


class FulfilmentBook:
    """Goods, supplies and orders of other sites of one shop. Thread-safe."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.RLock()
        self._deposits = 0
        self._goods: dict[str, Goods] = {}
        self._activations: list[Activation] = []
        self._supplies: list[Supply] = []
        self._external: dict[str, datetime] = {}

    def goods(self) -> list[Goods]:
        """Return all products, by EAN."""
        with self._lock:
            self._receive()
            return [goods for _, goods in sorted(self._goods.items())]

    def activate(self, wishes: Sequence[Wish]) -> int:
        """Take a deposit of wishes, carry it out, and return its number."""
        with self._lock:
            deposit = Activation(id=self._next(), at=self._now(), wishes=tuple(wishes))
            self._activations.append(deposit)
            for wish in wishes:
                new = Goods(ean=wish.ean, reference=wish.reference, size=wish.size, active=wish.active)
                known = self._goods.get(wish.ean)
                self._goods[wish.ean] = evolve(known, active=wish.active, size=wish.size) if known else new
            return deposit.id

    def activations(self) -> list[Activation]:
        """Return all deposits of wishes, oldest first."""
        with self._lock:
            return list(self._activations)

    def supply(self, supplies: Sequence[Supply]) -> int:
        """Take a deposit of supplies, number them, and return the deposit's number."""
        with self._lock:
            deposit, now = self._next(), self._now()
            for supply in supplies:
                number = f"SO{len(self._supplies) + 1:06d}"
                self._supplies.append(evolve(supply, number=number, deposit=deposit, at=now))
            return deposit

    def supplies(self) -> list[Supply]:
        """Return all supplies, oldest first."""
        with self._lock:
            self._receive()
            return list(self._supplies)

    def take_external(self, number: str) -> bool:
        """Take an order of another site; return whether it is new."""
        with self._lock:
            if number in self._external:
                return False
            self._external[number] = self._now()
            return True

    def external(self, number: str) -> bool | None:
        """Return whether an order of another site was taken by now; None if there is none."""
        with self._lock:
            placed = self._external.get(number)
            return None if placed is None else self._now() - placed >= _INTAKE

    def _next(self) -> int:
        self._deposits += 1
        return self._deposits

    def _receive(self) -> None:
        now = self._now()
        for position, supply in enumerate(self._supplies):
            if supply.received_at is None and now - supply.at >= _TRANSIT:
                self._supplies[position] = evolve(supply, received_at=supply.at + _TRANSIT)
                goods = self._goods.get(supply.ean)
                # What a customer's order demands goes on to the customer.
                if goods and supply.order is None:
                    self._goods[supply.ean] = evolve(goods, stock=goods.stock + supply.quantity)
