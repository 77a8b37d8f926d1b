"""A request as the operations of the SOAP half see it, and what they give back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from cdiscount_marketplace.sandbox.book import OrderBook
from cdiscount_marketplace.sandbox.faults import Effects
from cdiscount_marketplace.sandbox.market import Market
from cdiscount_marketplace.sandbox.soap.requests import Values
from cdiscount_marketplace.sandbox.tokens import Account


@frozen(kw_only=True)
class Asked:
    """A request as an operation sees it."""

    market: Market
    effects: Effects
    account: Account
    parts: Mapping[str, Values] = field(factory=dict[str, Values])

    @property
    def book(self) -> OrderBook:
        """The shop's orders."""
        return self.market.orders

    def part(self, name: str) -> Values:
        """Return a message part, an empty one if it did not come."""
        return self.parts.get(name) or Values()


@frozen
class Reply:
    """What an operation gives: its result without the head, and what the head shall say."""

    result: Any
    message: str = field(default="", kw_only=True)
    code: str = field(default="", kw_only=True)
    success: bool = field(default=True, kw_only=True)
    order_numbers: tuple[str, ...] = field(default=(), kw_only=True)


Handler = Callable[[Asked], Reply]
