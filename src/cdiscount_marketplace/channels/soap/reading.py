"""Reading orders of the SOAP service: all that match a query, or those that are named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from attrs import frozen

from cdiscount_marketplace.channels.port import DIGEST
from cdiscount_marketplace.channels.soap.isolation import isolated
from cdiscount_marketplace.channels.soap.states import order_states
from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.models import OrderQuery, OrderStatus
from cdiscount_marketplace.soap.client import MarketplaceClient
from cdiscount_marketplace.soap.orders.models import Order, OrderFilter
from cdiscount_marketplace.soap.orders.section import OrderReading

# Without a beginning the service looks back about a month only; these bounds leave nothing out.
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_NEVER = datetime(2077, 1, 1, tzinfo=UTC)


@frozen(kw_only=True)
class OrderReader:
    """Reads one account's orders; `parcels` asks for the parcels of each order, too. Thread-safe."""

    client: MarketplaceClient
    parcels: bool

    def fetch(self, query: OrderQuery) -> OrderReading:
        """Read all orders that match, or raise; never a part of them.

        All four bounds are sent, because the service treats a missing beginning as about a month ago. A missing one is
        taken from its sound neighbour, as no order is modified before it is created, or leaves nothing out.
        """
        states = order_states(query.statuses)
        if not states:
            return OrderReading(orders=())
        wanted = OrderFilter(
            states=states,
            created_from=query.created_from or _EVER,
            modified_from=query.modified_from or query.created_from or _EVER,
            created_to=query.created_to or query.modified_to or _NEVER,
            modified_to=query.modified_to or _NEVER,
            fetch_parcels=self.parcels or None,
        )
        return self.client.orders.without_timeout_retries().read(wanted)

    def look_up(self, keys: Sequence[str]) -> tuple[list[Order], dict[str, str]]:
        """Read orders by number, and return why others cannot be read; an outage is raised."""
        known = [key for key in keys if key.strip() and not key.startswith(DIGEST)]
        unusable = {key: "no request can carry this number" for key in known if not key.isprintable()}
        numbers = [key for key in known if key not in unusable]
        orders, failures = isolated(numbers, self._read, self._answers) if numbers else ([], {})
        return orders, unusable | failures

    def _read(self, numbers: Sequence[str]) -> Sequence[Order]:
        return self.client.orders.without_timeout_retries().get(*numbers, parcels=self.parcels)

    def _answers(self) -> bool:
        """Return whether the service answers a list that holds no order that is older than a moment."""
        now = self.client.clock.now()
        just_now = OrderFilter(states=order_states(OrderStatus.values()), created_from=now, created_to=now)
        try:
            self.client.orders.without_timeout_retries().read(just_now)
        except CdiscountError:
            return False
        return True
