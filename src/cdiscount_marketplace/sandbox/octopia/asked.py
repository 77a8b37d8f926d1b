"""A request to the seller API that was routed and allowed, and what its handlers need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from attrs import evolve, frozen

from cdiscount_marketplace.sandbox.book import OrderBook
from cdiscount_marketplace.sandbox.effects import PagesInCircle
from cdiscount_marketplace.sandbox.exchange import Answer
from cdiscount_marketplace.sandbox.faults import Effects
from cdiscount_marketplace.sandbox.market import Market
from cdiscount_marketplace.sandbox.octopia.commands import Writing
from cdiscount_marketplace.sandbox.octopia.errors import Problem, json_answer
from cdiscount_marketplace.sandbox.octopia.listing import Page, Query
from cdiscount_marketplace.sandbox.octopia_settings import OctopiaSettings
from cdiscount_marketplace.sandbox.orders import Order
from cdiscount_marketplace.sandbox.rules import Reason, Refused


@frozen(kw_only=True)
class Asked:
    """A request that was routed and allowed: `parts` are the variable parts of its path."""

    market: Market
    effects: Effects
    path: str
    query: Query
    parts: tuple[str, ...]
    headers: Mapping[str, str]
    body: bytes

    @property
    def book(self) -> OrderBook:
        """The order book."""
        return self.market.orders

    @property
    def switches(self) -> OctopiaSettings:
        """The switches of the REST half."""
        return self.book.settings.octopia

    def order(self, order_id: object) -> Order:
        """Return the order with this orderId; raises `Problem` 404, or 403 where it is hidden."""
        number = self.book.number_of(order_id) if isinstance(order_id, str) else None
        try:
            return self.book.reach(number or "")
        except Refused as refused:
            if refused.reason == Reason.HIDDEN_ORDER:
                raise Problem(403, "The order is not linked to this seller.") from None
            raise Problem(404, "The order does not exist.") from None

    def writing(self, order_id: object) -> Writing:
        """Begin a write about an order."""
        return Writing(book=self.book, order=self.order(order_id), effects=self.effects)


Handler = Callable[[Asked], Answer]


def page_answer(asked: Asked, page: Page, items: list[Any]) -> Answer:
    """Answer with a page, and a link to the next one."""
    answer = json_answer({"itemsPerPage": len(items), "items": items})
    first = {"cursor": "0"} if "limit" in asked.query else {"pageIndex": "1"}
    following = {**asked.query, **first} if asked.effects.has(PagesInCircle) else page.next
    if following is None or not asked.book.settings.octopia_links:
        return answer
    renamed = {asked.switches.cursor_name if name == "cursor" else name: value for name, value in following.items()}
    return evolve(answer, headers=(("Link", f'<{asked.path}?{urlencode(renamed)}>; rel="next"'),))


def count_answer(asked: Asked, count: int) -> Answer:
    """Answer with a count, in the form that is switched on."""
    return json_answer(count if asked.switches.counts == "bare" else {"count": count})
